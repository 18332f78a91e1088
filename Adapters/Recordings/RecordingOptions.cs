using Vrlg.Core;

namespace Vrlg.Adapters.Recordings;

/// <summary>What to read of a recording.</summary>
/// <param name="SkipBad">Leave bad rows out and count them; else the first one is refused.</param>
/// <param name="From">First venue instant to keep; null from the beginning.</param>
/// <param name="To">First venue instant to leave out; null to the end.</param>
public sealed record RecordingOptions(bool SkipBad = false, Instant? From = null, Instant? To = null);
