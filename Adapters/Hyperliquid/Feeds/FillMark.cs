using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>
/// Up to which block time fills were told: a look asks for those from a little before it on. One fill of an absurd time must not
/// hide those that come later, so no time is believed that is later than now or than the venue's own at a look.
/// </summary>
/// <param name="from">Fills from before it are of no concern.</param>
/// <param name="clock">Of the run.</param>
internal sealed class FillMark(Instant from, TimeProvider clock)
{
    // More than two clocks may differ by before the venue's is taken for an error.
    private const long OverlapMs = 60_000;

    private readonly long fromMs = from.Ns / 1_000_000;
    private long newestMs = from.Ns / 1_000_000;

    /// <summary>Fills from this block time on are asked for, ms.</summary>
    public long AskFromMs => newestMs - OverlapMs;

    /// <summary>These were told.</summary>
    public void Heard(ReadOnlySpan<FillNews> fills)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (ref readonly var fill in fills)
            newestMs = Math.Max(newestMs, Math.Min(fill.At.Ns / 1_000_000, now));
    }

    /// <summary>A look told everything up to this instant of the venue's.</summary>
    public void Looked(Instant at) => newestMs = Math.Max(fromMs, Math.Min(newestMs, at.Ns / 1_000_000));
}
