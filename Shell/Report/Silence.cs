using System.Text;

namespace Vrlg.Shell.Report;

/// <summary>
/// Says in words what the figures do not: why a run closed no trade, what kept it out and which fees it faced; or why it lost.
/// </summary>
internal static class Silence
{
    private const int ReasonsNamed = 5;

    /// <summary>A paragraph for a run without a closed trade or with a loss; empty for any other.</summary>
    public static string Words(RunFiles run)
    {
        if (run.Trades.Length > 0 || run.Summary.Number("trades") is > 0)
            return Loss(run);
        var text = new StringBuilder("<p class=\"silence\"><strong>")
            .Append(run.Fills.IsEmpty ? "No trade was made." : "No round trip was closed.")
            .Append("</strong> ")
            .Append(Gates(run.Summary))
            .Append(Fees(run));
        return text.Append("</p>").ToString();
    }

    private static string Loss(RunFiles run)
    {
        var (gross, fees) = (run.Trades.Sum(t => t.GrossUsd), run.Trades.Sum(t => t.FeeUsd));
        if (gross - fees >= 0)
            return "";
        var trips = run.Trades.Length == 1 ? "round trip" : "round trips";
        var count = Figure.Count(run.Trades.Length);
        var why =
            gross >= 0
                ? $"Its {count} {trips} gained {Figure.Usd(gross)} from the market and paid {Figure.Usd(fees)} of fees: "
                    + "the fees made the loss. "
                : $"Its {count} {trips} lost {Figure.Usd(-gross)} to the market and paid {Figure.Usd(fees)} of fees on top. ";
        return "<p class=\"silence\"><strong>The run lost money.</strong> " + why + Fees(run) + "</p>";
    }

    private static string Gates(RunSummary s)
    {
        var counts = s.Skipped.Where(x => x.Count > 0).ToArray();
        if (counts.Length == 0)
            return "The run counted no decision that was left out. ";
        var whole = s.Number("ticks") is > 0 and { } ticks ? ticks : (decimal?)null;
        var named = counts
            .Take(ReasonsNamed)
            .Select(x =>
            {
                var part = whole is { } w ? $" ({Figure.Percent(x.Count / w)})" : "";
                return $"<b>{Figure.Safe(Meaning.Of(x.Reason))}</b> {Figure.Count(x.Count)} times{part}";
            });
        var opening = whole is { } all
            ? $"At {Figure.Count(all)} decision ticks it was kept out by "
            : "It was kept out by ";
        var rest = counts.Length > ReasonsNamed ? $", and {counts.Length - ReasonsNamed} more reasons below" : "";
        return opening + string.Join(", ", named) + rest + ". ";
    }

    private static string Fees(RunFiles run)
    {
        if ((run.Summary.Number("maker_bps"), run.Summary.Number("taker_bps")) is not ({ } maker, { } taker))
            return "";
        var resting = 2 * maker;
        var crossing = maker + taker;
        var text =
            $"To earn its fees a round trip must move by {Figure.With(resting, "bps")} when both sides rest "
            + $"and by {Figure.With(crossing, "bps")} when the exit takes";
        if (Median(run.Series.Mid) is { } mid)
            text +=
                $" ({Money(mid * resting)} and {Money(mid * crossing)} per coin "
                + $"at the median mid of {Figure.Rough(mid)})";
        if (Median(run.Series.SpreadTicks) is { } spread)
            text += $"; the median spread was {Figure.With(spread, spread == 1 ? "tick" : "ticks")}";
        return text + ".";
    }

    private static string Money(decimal midTimesBps) => Figure.Rough(midTimesBps / 10_000);

    private static decimal? Median(double[] values)
    {
        var known = values.Where(v => double.IsFinite(v) && Math.Abs(v) < 1e15).Order().ToArray();
        return known.Length == 0 ? null : (decimal)known[known.Length / 2];
    }
}
