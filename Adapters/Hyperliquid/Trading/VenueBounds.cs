using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>
/// Between which bounds the venue's clock is ahead of ours. A message states a block time that was over when it arrived: a bound
/// from below. The answer to a question states the last one between sending and receiving: both bounds, the upper one with the
/// time until the next block. Old bounds widen, since clocks drift, and are forgotten after a minute. A value; times in nanoseconds.
/// </summary>
public readonly record struct VenueBounds
{
    /// <summary>So much two clocks drift apart at most, in parts of a million.</summary>
    public const long DriftPpm = 200;

    /// <summary>
    /// The venue's time is that of its last block; all but very few follow sooner than this. After a longer pause the bounds contradict
    /// each other until the next question.
    /// </summary>
    public static readonly Duration BlockGap = Duration.OfMs(250);

    /// <summary>Older bounds say nothing.</summary>
    public static readonly Duration Lifetime = Duration.OfMs(60_000);

    private Bound Least { get; init; }
    private Bound Most { get; init; }

    /// <summary>A message that arrived at <paramref name="at"/> states the venue's time <paramref name="venue"/>.</summary>
    public VenueBounds Heard(Instant venue, Instant at)
    {
        var ahead = new Bound(venue.Ns - at.Ns, at.Ns);
        if (Least.TryAt(at.Ns, -1, out var least) && least > ahead.Ns)
            return this;
        // Beyond the bound from above: one of the two is wrong, and only a question tells which.
        var isOver = Most.TryAt(at.Ns, 1, out var most) && most < ahead.Ns;
        return new VenueBounds { Least = ahead, Most = isOver ? default : Most };
    }

    /// <summary>A question sent at <paramref name="sent"/> was answered by <paramref name="received"/> with the venue's time.</summary>
    public VenueBounds Asked(Instant venue, Instant sent, Instant received)
    {
        var least = new Bound(venue.Ns - received.Ns, received.Ns);
        var most = new Bound(venue.Ns - sent.Ns + BlockGap.Ns, received.Ns);
        if (Least.TryAt(received.Ns, -1, out var known) && known > least.Ns && known <= most.Ns)
            least = Least;
        if (Most.TryAt(received.Ns, 1, out known) && known < most.Ns && known >= least.Ns)
            most = Most;
        return new VenueBounds { Least = least, Most = most };
    }

    /// <summary>The bounds at <paramref name="now"/>; false while one of them is not known.</summary>
    public bool TryAt(Instant now, out Duration least, out Duration most)
    {
        var isKnown = Least.TryAt(now.Ns, -1, out var from) & Most.TryAt(now.Ns, 1, out var to);
        least = Duration.Of(from);
        most = Duration.Of(to);
        return isKnown;
    }

    private readonly record struct Bound(long Ns, long At)
    {
        public bool TryAt(long now, int sign, out long ns)
        {
            var age = Math.Max(0, now - At);
            ns = Ns + sign * (age / 1_000_000 * DriftPpm + age % 1_000_000 * DriftPpm / 1_000_000);
            return At != 0 && age <= Lifetime.Ns;
        }
    }
}
