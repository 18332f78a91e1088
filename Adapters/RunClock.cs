using Vrlg.Core;

namespace Vrlg.Adapters;

/// <summary>
/// The clock of a run: the machine's time when it began, from then on only the steady clock. It never jumps and never goes back,
/// whatever is done to the machine's time; how far it is from the venue's is measured. Everything of a run is given this one.
/// </summary>
public sealed class RunClock(TimeProvider machine) : TimeProvider
{
    private readonly DateTimeOffset began = machine.GetUtcNow();
    private readonly long start = machine.GetTimestamp();

    /// <summary>Now.</summary>
    public Instant Now => Instant.Of((GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);

    /// <inheritdoc/>
    public override long TimestampFrequency => machine.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => began + machine.GetElapsedTime(start);

    /// <inheritdoc/>
    public override long GetTimestamp() => machine.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);
}
