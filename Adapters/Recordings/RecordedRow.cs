using Vrlg.Core;

namespace Vrlg.Adapters.Recordings;

/// <summary>One record with its place in the order of a recording.</summary>
internal readonly record struct RecordedRow(long At, long Order, long Received, Event Event);
