using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Trading;

/// <summary>The venue's texts of refused orders as the words of order statuses (protocol 1.5), matched by their beginning.</summary>
public static class RefusalWords
{
    private static readonly (string Prefix, string Word)[] Known =
    [
        ("Price must be divisible by tick size", "tickRejected"),
        ("Order must have minimum value", "minTradeNtlRejected"),
        ("Insufficient margin to place order", "perpMarginRejected"),
        ("Reduce only order would increase position", "reduceOnlyRejected"),
        ("Post only order would have immediately matched", "badAloPxRejected"),
        ("Order could not immediately match", "iocCancelRejected"),
        ("Invalid TP/SL price", "badTriggerPxRejected"),
        ("No liquidity available for market order", "marketOrderNoLiquidityRejected"),
        ("Insufficient spot balance", "insufficientSpotBalanceRejected"),
        ("Order has insufficient spot balance", "insufficientSpotBalanceRejected"),
        ("Price too far from oracle", "oracleRejected"),
        ("Order price too far from oracle", "oracleRejected"),
        ("Order price cannot be more than", "oracleRejected"),
        ("Order would increase open interest while", "positionIncreaseAtOpenInterestCapRejected"),
        ("Order rejected due to price more aggressive", "tooAggressiveAtOpenInterestCapRejected"),
        ("Order would increase open interest too quickly", "openInterestIncreaseRejected"),
        ("Order would cause position to exceed margin tier", "perpMaxPositionRejected"),
        ("Too many open orders", "tooManyOpenOrdersRejected"),
    ];

    /// <summary>The status of an order that was refused with this text; <c>rejected</c> where it is not known.</summary>
    public static OrderStatus Of(string text)
    {
        foreach (var (prefix, word) in Known)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                return OrderStatus.NewRejected(word);
        }

        return OrderStatus.NewRejected("rejected");
    }

    /// <summary>The status of an order that never left: the sentence says why.</summary>
    public static OrderStatus NotSent(string why) => OrderStatus.NewRejected("not sent: " + why);
}
