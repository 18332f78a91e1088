using System.Text;

namespace Vrlg.Shell.Report;

/// <summary>The parts of the page that are text and tables. They can be read without the charts.</summary>
internal static class Sections
{
    /// <summary>A banner when the run did not reach its end, else nothing.</summary>
    public static string Banner(RunSummary s) =>
        s.Complete
            ? ""
            : "<p class=\"banner\" role=\"alert\"><strong>Incomplete run.</strong> The run did not reach its end: "
                + "every figure below covers only the part that was done.</p>";

    /// <summary>Sentences of the run that must be read before its figures.</summary>
    public static string Warnings(RunSummary s)
    {
        if (s.Warnings.IsEmpty)
            return "";
        var text = new StringBuilder(
            "<section class=\"warnings\" aria-labelledby=\"h-warn\"><h2 id=\"h-warn\">Read first</h2><ul>"
        );
        foreach (var warning in s.Warnings)
            text.Append("<li>").Append(Figure.Safe(warning)).Append("</li>");
        return text.Append("</ul></section>").ToString();
    }

    /// <summary>The four figures that matter most.</summary>
    public static string Headline(RunSummary s)
    {
        var net = s.Number("net_usd");
        var tone = net switch
        {
            null or 0 => "",
            < 0 => "loss",
            _ => "gain",
        };
        return "<dl class=\"tiles\">"
            + Tile("Net result", Or(net, Figure.Usd), tone)
            + Tile("Closed trades", Or(s.Number("trades"), Figure.Count), "")
            + Tile("Hit rate", Or(s.Number("hit_rate"), Figure.Percent), "")
            + Tile("Largest drawdown", Or(s.Number("max_drawdown_usd"), Figure.Usd), "")
            + "</dl>";
    }

    /// <summary>Under which conditions the figures came about.</summary>
    public static string Conditions(RunSummary s)
    {
        var text = new StringBuilder("<table class=\"facts\"><tbody>");
        Row(text, "Coin", s.Text("coin"));
        Row(text, "Strategy", s.Text("strategy"));
        Row(text, "From", s.FromNs is { } from ? Figure.Utc(from) : null);
        Row(text, "To", s.ToNs is { } to ? Figure.Utc(to) : null);
        Row(text, "Active time", s.ActiveMinutes is { } m ? Figure.With(decimal.Round(m, 2), "min") : null);
        Row(text, "Gaps in the data", GapWords(s));
        Row(text, "Block clock", BlockClockWords(s));
        Row(text, "Data tier", s.Text("data_tier_label") ?? TierWords(s.Text("data_tier")));
        Row(text, "Events", Or(s.Number("events"), Figure.Count));
        Row(text, "Decision ticks", Or(s.Number("ticks"), Figure.Count));
        Row(text, "Fees", FeeWords(s));
        Row(text, "Can they be paid?", s.Text("feasibility", "verdict"));
        Row(text, "Least equity for an entry", Or(s.Number("feasibility", "least_equity_usd"), Figure.Usd));
        Row(text, "Rotation", RotationWords(s));
        if (s.Has("paused"))
            Row(text, "Entries paused", s.Text("paused", "text"));
        if (s.Text("halted") is { } halted)
            Row(text, "Halted", halted);
        Row(text, "Latency", s.Text("latency"));
        Row(text, "Queue rule", s.Text("queue"));
        Row(text, "Starting equity", Or(s.Number("equity_usd"), Figure.Usd));
        Row(text, "Seed", s.Text("seed"));
        Row(text, "Run", s.Text("run"));
        Row(text, "Hash of the settings (SHA-256)", s.Text("config_sha256"), "hash");
        Row(text, "Hash of the journal (SHA-256)", s.Text("journal_sha256"), "hash");
        return text.Append("</tbody></table>").ToString() + GapList(s);
    }

    /// <summary>Every figure of the run with its unit.</summary>
    public static string Results(RunSummary s)
    {
        var text = new StringBuilder("<table class=\"figures\"><thead><tr><th scope=\"col\">Figure</th>").Append(
            "<th scope=\"col\" class=\"n\">Value</th></tr></thead><tbody>"
        );
        Row(text, "Closed trades", Or(s.Number("trades"), Figure.Count), "n");
        Row(text, "Hit rate", Or(s.Number("hit_rate"), Figure.Percent), "n");
        Row(text, "Gross", Or(s.Number("gross_usd"), Figure.Usd), "n");
        Row(text, "Fees", Or(s.Number("fees_usd"), Figure.Usd), "n");
        Row(text, "Net", Or(s.Number("net_usd"), Figure.Usd), "n strong");
        Row(text, "Average per trade, net", Or(s.Number("avg_pnl_bps"), v => Figure.With(v, "bps")), "n");
        Row(text, "Slippage against the mid", Or(s.Number("slippage_ticks"), v => Figure.With(v, "ticks")), "n");
        Row(text, "Holding time, mean", Or(s.Number("holding_ms"), v => Figure.With(v, "ms")), "n");
        Row(text, "Trades per active minute", Or(s.Number("trades_per_min"), v => Figure.With(v, "/min")), "n");
        Row(text, "Largest drawdown", Or(s.Number("max_drawdown_usd"), Figure.Usd), "n");
        Row(text, "Position left open", OpenWords(s), "n");
        Row(text, "Orders sent", Or(s.Number("orders"), Figure.Count), "n");
        Row(text, "Fills", Or(s.Number("fills"), Figure.Count), "n");
        return text.Append("</tbody></table>").ToString();
    }

    /// <summary>Round trips added up by a name.</summary>
    public static string TradeTable(string caption, IReadOnlyCollection<Total> totals)
    {
        if (totals.Count == 0)
            return "";
        var text = Head($"{caption}, money in USD", ["Name", "Trades", "Won", "Net", "Gross", "Fees"]);
        foreach (var t in totals)
        {
            text.Append("<tr><th scope=\"row\">").Append(Meaning.Cell(t.Name)).Append("</th>");
            string[] cells =
            [
                Figure.Count(t.Trades),
                Figure.Count(t.Won),
                Figure.Money(t.NetUsd),
                Figure.Money(t.GrossUsd),
                Figure.Money(t.FeeUsd),
            ];
            foreach (var cell in cells)
                text.Append("<td class=\"n\">").Append(cell).Append("</td>");
            text.Append("</tr>");
        }

        return text.Append("</tbody></table></div>").ToString();
    }

    /// <summary>Named counts, with their part of a whole when the whole is known.</summary>
    public static string CountTable(
        string caption,
        IEnumerable<(string Name, decimal Count)> rows,
        string ofWhat,
        decimal? whole
    )
    {
        var list = rows.ToArray();
        if (list.Length == 0)
            return "";
        var shown = whole is > 0;
        var text = Head(caption, shown ? ["Reason", "Count", $"Part of {ofWhat}"] : ["Reason", "Count"]);
        foreach (var (name, count) in list)
        {
            text.Append("<tr><th scope=\"row\">").Append(Meaning.Cell(name)).Append("</th><td class=\"n\">");
            text.Append(Figure.Count(count)).Append("</td>");
            text.Append(shown ? $"<td class=\"n\">{Figure.Percent(count / whole!.Value)}</td>" : "").Append("</tr>");
        }

        return text.Append("</tbody></table></div>").ToString();
    }

    /// <summary>The opening of a table that may be scrolled sideways; all but its first column are figures.</summary>
    internal static StringBuilder Head(string caption, string[] names)
    {
        var safe = Figure.Safe(caption);
        var text = new StringBuilder(
            $"<div class=\"wide\" role=\"region\" aria-label=\"{safe}\" tabindex=\"0\"><table><caption>{safe}</caption>"
        ).Append("<thead><tr>");
        for (var i = 0; i < names.Length; i++)
            text.Append(i == 0 ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"n\">")
                .Append(names[i])
                .Append("</th>");
        return text.Append("</tr></thead><tbody>");
    }

    private static string Tile(string name, string? value, string tone) =>
        $"<div><dt>{name}</dt><dd class=\"{tone}\">{Figure.Safe(value ?? Figure.Undefined)}</dd></div>";

    internal static void Row(StringBuilder text, string name, string? value, string kind = "") =>
        text.Append("<tr><th scope=\"row\">")
            .Append(Figure.Safe(name))
            .Append("</th><td class=\"")
            .Append(kind)
            .Append(value is null ? " none" : "")
            .Append("\">")
            .Append(Figure.Safe(value ?? Figure.Undefined))
            .Append("</td></tr>");

    internal static string? Or(decimal? value, Func<decimal, string> write) => value is { } v ? write(v) : null;

    private static decimal Seconds(GapRow gap) => (gap.ToNs - gap.FromNs) / 1_000_000_000m;

    private static string GapWords(RunSummary s) =>
        s.Gaps.IsEmpty ? "none" : $"{Figure.Count(s.Gaps.Length)}, {Figure.Span(s.Gaps.Sum(Seconds))} in all";

    private static string? BlockClockWords(RunSummary s) =>
        s.Text("block_clock", "text") is { } text ? text
        : s.Text("block_clock", "source") is { } source
            ? Or(s.Number("block_clock", "longest_s"), v => $"{source}, longest interval {Figure.With(v, "s")}")
                ?? source
        : null;

    private static string GapList(RunSummary s)
    {
        if (s.Gaps.IsEmpty)
            return "";
        const int most = 500;
        var text = new StringBuilder(
            "<details><summary>The gaps</summary>"
                + "<div class=\"wide\" role=\"region\" aria-label=\"Gaps\" tabindex=\"0\">"
                + "<table><thead><tr>"
        ).Append(
            "<th scope=\"col\">From</th><th scope=\"col\">To</th>"
                + "<th scope=\"col\" class=\"n\">Length</th></tr></thead><tbody>"
        );
        foreach (var gap in s.Gaps.Take(most))
        {
            text.Append("<tr><td>").Append(Figure.Utc(gap.FromNs)).Append("</td><td>").Append(Figure.Utc(gap.ToNs));
            text.Append("</td><td class=\"n\">").Append(Figure.Span(Seconds(gap))).Append("</td></tr>");
        }

        text.Append("</tbody></table></div>");
        if (s.Gaps.Length > most)
            text.Append($"<p>The first {most} of {Figure.Count(s.Gaps.Length)} gaps; summary.json holds all.</p>");
        return text.Append("</details>").ToString();
    }

    private static string? TierWords(string? tier) =>
        tier switch
        {
            "Q1" => "Q1: book snapshots, no trades; nothing is said about queue position or fill ratio",
            "Q2" => "Q2: book, best bid and offer, and trades; the place in the queue is a model",
            "Q3" => "Q3: as Q2, with every trade of a block",
            "Q4" => "Q4: order by order",
            _ => tier,
        };

    private static string? RotationWords(RunSummary s)
    {
        if (!s.Has("rotation"))
            return null;
        var detector = $"{s.Text("rotation", "detector")} detector: ";
        if (s.Number("rotation", "median_period_active_s") is not { } period)
            return detector + "never ACTIVE" + EvidenceWords(s);
        var share = Or(s.Number("rotation", "active_share"), Figure.Percent);
        var p = Or(s.Number("rotation", "p_value"), Figure.Plain);
        return $"{detector}period {Figure.With(period, "s")}, ACTIVE {share} of the time, p {p} at the end";
    }

    private static string EvidenceWords(RunSummary s) =>
        (s.Number("rotation", "largest_evidence"), s.Number("rotation", "evidence_needed")) is ({ } largest, { } needed)
            ? $", largest E {Figure.Plain(largest)} of {Figure.Plain(needed)}; it observes until E reaches that"
            : "";

    private static string? FeeWords(RunSummary s) =>
        (s.Number("maker_bps"), s.Number("taker_bps")) switch
        {
            ({ } maker, { } taker) => $"maker {Figure.With(maker, "bps")}, taker {Figure.With(taker, "bps")}",
            _ => null,
        };

    private static string? OpenWords(RunSummary s) =>
        s.Number("open_position") is { } open
            ? open == 0
                ? "none"
                : $"{Figure.Plain(open)} {s.Text("coin")}, valued at the mid"
            : s.Text("open_position");
}
