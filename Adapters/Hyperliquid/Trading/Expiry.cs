using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>
/// Until when the venue takes an action. The core proves by an order's <see cref="NewOrder.Expires"/> that it never arrived, so no action
/// outlives the least of them; what opens lives no longer than it is wanted (decision 0013).
/// </summary>
public static class Expiry
{
    /// <summary>Beyond the time for which a quote is wanted.</summary>
    public static readonly Duration Grace = Duration.OfMs(2_000);

    private static readonly Instant Never = Instant.Of(long.MaxValue);

    /// <summary>The least expiry of orders, in whole ms; null where none has one.</summary>
    public static ulong? LeastOf(IEnumerable<NewOrder> orders)
    {
        var least = orders.Where(o => !o.Expires.IsNone).Select(o => o.Expires.Ns).DefaultIfEmpty(Never.Ns).Min();
        return least == Never.Ns ? null : (ulong)Math.Max(0, least / 1_000_000);
    }

    /// <summary>Of an action with orders that open, at the venue's time <paramref name="venue"/>.</summary>
    public static ulong OfOpening(IEnumerable<NewOrder> orders, Instant venue, Duration ttl)
    {
        var wanted = (ulong)Math.Max(0, (venue.Ns + ttl.Ns + Grace.Ns) / 1_000_000);
        return LeastOf(orders) is { } least && least < wanted ? least : wanted;
    }

    /// <summary>
    /// Of an action that only reduces. None where the venue's clock is known to be so far ahead that it would arrive expired: an exit
    /// passes, whatever the clocks say.
    /// </summary>
    public static ulong? OfReducing(IEnumerable<NewOrder> orders, Instant? venueAtMost)
    {
        var least = LeastOf(orders);
        var isTooSoon = venueAtMost is { } venue && least is { } ms && (Int128)ms * 1_000_000 < venue.Ns + Grace.Ns;
        return isTooSoon ? null : least;
    }
}
