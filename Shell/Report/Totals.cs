using System.Collections.Immutable;

namespace Vrlg.Shell.Report;

/// <summary>The closed round trips that share a name, with their money added up exactly, in USD.</summary>
internal sealed record Total(string Name, int Trades, int Won, decimal GrossUsd, decimal FeeUsd, decimal NetUsd);

/// <summary>Sums over round trips, in a fixed order, so that the same run gives the same page.</summary>
internal static class Totals
{
    /// <summary>By reason to exit, the most frequent first.</summary>
    public static ImmutableArray<Total> ByReason(ImmutableArray<TradeRow> trades) =>
        [.. By(trades, t => t.Reason).OrderByDescending(t => t.Trades).ThenBy(t => t.Name, StringComparer.Ordinal)];

    /// <summary>By side of the entry, in the order of the names.</summary>
    public static ImmutableArray<Total> BySide(ImmutableArray<TradeRow> trades) =>
        [.. By(trades, t => t.Side).OrderBy(t => t.Name, StringComparer.Ordinal)];

    private static IEnumerable<Total> By(ImmutableArray<TradeRow> trades, Func<TradeRow, string> name) =>
        trades
            .GroupBy(name, StringComparer.Ordinal)
            .Select(g => new Total(
                g.Key.Length == 0 ? "(none given)" : g.Key,
                g.Count(),
                g.Count(t => t.NetUsd > 0),
                g.Sum(t => t.GrossUsd),
                g.Sum(t => t.FeeUsd),
                g.Sum(t => t.NetUsd)
            ));
}
