using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>
/// The venue's time, from the block times of messages and from questions for it. Safe from any thread.
/// </summary>
public sealed class VenueClock(RunClock clock) : IVenueTimes
{
    /// <summary>With a venue that may be farther from our clock nothing opens (F13).</summary>
    public static readonly Duration MostSkew = Duration.OfMs(1_000);

    // What lies farther ahead is no clock but an error: the core's own measure.
    private const long NoClockNs = 60_000_000_000;
    private const long MostMs = 9_000_000_000_000;

    private readonly Lock gate = new();
    private VenueBounds bounds;
    private long heardNs;
    private long heardAtNs;

    /// <summary>The newest block time that was heard; none before the first. The venue's chain has certainly come so far.</summary>
    public Instant LastHeard => Instant.Of(Interlocked.Read(ref heardNs));

    /// <summary>How long ago a newer one was heard.</summary>
    public Duration Silence
    {
        get
        {
            lock (gate)
                return heardAtNs == 0 ? Duration.Of(long.MaxValue) : clock.Now - Instant.Of(heardAtNs);
        }
    }

    /// <inheritdoc/>
    public void Heard(long venueMs)
    {
        if (venueMs is <= 0 or > MostMs)
            return;
        var now = clock.Now;
        var venue = Instant.OfMs(venueMs);
        if (venue.Ns - now.Ns > NoClockNs)
            return;
        lock (gate)
        {
            bounds = bounds.Heard(venue, now);
            Keep(venue.Ns, now.Ns);
        }
    }

    /// <summary>An answer that has just come, to a question sent at <paramref name="sent"/>, states this time.</summary>
    public void Asked(Instant sent, long venueMs)
    {
        if (venueMs is <= 0 or > MostMs)
            return;
        var now = clock.Now;
        lock (gate)
        {
            bounds = bounds.Asked(Instant.OfMs(venueMs), sent, now);
            Keep(venueMs * 1_000_000, now.Ns);
        }
    }

    /// <summary>The venue's time now, give or take <paramref name="error"/>; false while it is not known.</summary>
    public bool TryNow(out Instant venue, out Duration error)
    {
        var now = clock.Now;
        bool isKnown;
        Duration least,
            most;
        lock (gate)
            isKnown = bounds.TryAt(now, out least, out most);
        // The upper half where it is odd.
        error = Duration.Of((most.Ns - least.Ns + 1) / 2);
        venue = Instant.Of(now.Ns + least.Ns + error.Ns);
        return isKnown;
    }

    /// <summary>Why nothing may open by the clocks, in a sentence; null when it may.</summary>
    public string? Refusal()
    {
        var now = clock.Now;
        bool isKnown;
        Duration least,
            most;
        lock (gate)
            isKnown = bounds.TryAt(now, out least, out most);
        if (!isKnown)
            return "the venue's time is not known: nothing opens before it was told";
        if (least.Ns > MostSkew.Ns)
            return $"the venue's clock is at least {Show(least.Ns)} s ahead of ours: nothing opens beyond 1 s; set the clock";
        if (most.Ns < -MostSkew.Ns)
            return $"the venue's clock is at least {Show(-most.Ns)} s behind ours: nothing opens beyond 1 s; its chain stands, or set the clock";
        return least.Ns < -MostSkew.Ns || most.Ns > MostSkew.Ns
            ? $"the venue's clock is between {Show(least.Ns)} and {Show(most.Ns)} s from ours: nothing opens while that may be more than 1 s"
            : null;
    }

    private void Keep(long venueNs, long nowNs)
    {
        if (venueNs <= heardNs)
            return;
        Interlocked.Exchange(ref heardNs, venueNs);
        heardAtNs = nowNs;
    }

    private static string Show(long ns) =>
        (ns / 1e9).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
}
