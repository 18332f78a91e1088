using System.Collections.Immutable;
using System.Text;
using Vrlg.Adapters.Hyperliquid.Frames;
using Vrlg.Adapters.Hyperliquid.Net;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>Orders of earlier runs that still stand at the venue: cancelled before a run begins.</summary>
public static class Leftovers
{
    private const int Tries = 5;

    // The first of 2024: no run of ours is older.
    private const long OldestRunMs = 1_704_067_200_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Whether a client's number is one of ours: a run is named by a nonce of its start, ms, and its orders count up from 1.
    /// </summary>
    public static bool IsOurs(Cloid cloid, long nowMs) =>
        cloid.Run >= OldestRunMs && cloid.Run <= nowMs && cloid.N is > 0 and < int.MaxValue;

    /// <summary>
    /// Cancels them until the venue lists none. How many there were; below 0 and a sentence when some are still there, or it cannot be
    /// known.
    /// </summary>
    public static async Task<(int Cancelled, string Why)> CancelAsync(
        IVenueRest rest,
        DirectActions actions,
        Address user,
        TradedAssets assets,
        long nowMs,
        TimeProvider clock,
        CancellationToken stop
    )
    {
        var first = -1;
        var why = "";
        for (var i = 0; i < Tries; i++)
        {
            (var open, why) = await rest.AskRowsAsync(Info.OpenOrders, Question.Of("openOrders", user), stop)
                .ConfigureAwait(false);
            if (open is not { } listed)
                continue;
            var ours = Ours(listed, assets, nowMs);
            first = Math.Max(first, ours.Length);
            if (ours.IsEmpty)
                return (first, "");
            foreach (var kind in ours.GroupBy(c => c.Asset >= 10_000))
            {
                var cancel = new TradingAction.CancelByCloid([.. kind]);
                (_, _, why) = await actions.SendAsync(cancel, null, stop).ConfigureAwait(false);
            }

            await Task.Delay(Pause, clock, stop).ConfigureAwait(false);
        }

        return (-1, why.Length > 0 ? why : $"{first} orders of an earlier run stand at the venue and do not go");
    }

    private static ImmutableArray<CancelByCloidRequest> Ours(
        Rows<Wire.ListedOrder> open,
        TradedAssets assets,
        long nowMs
    )
    {
        var ours = ImmutableArray.CreateBuilder<CancelByCloidRequest>();
        foreach (var order in open)
        {
            var asset = assets.All.FirstOrDefault(a => a.Coin == order.Coin);
            if (
                asset is not null
                && order.Cloid is { } text
                && AccountCoins.TryCloid(Encoding.UTF8.GetBytes(text), out var cloid)
                && IsOurs(cloid, nowMs)
            )
                ours.Add(new CancelByCloidRequest(asset.Asset, cloid));
        }

        return ours.ToImmutable();
    }
}
