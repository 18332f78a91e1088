using Vrlg.Adapters;

namespace Vrlg.Shell.Report;

/// <summary>
/// The report of a run: one HTML file that holds its style, its program and its data, asks for nothing and so opens
/// anywhere. It is a function of the run folder alone: the same folder gives the same bytes.
/// </summary>
public static class ReportPage
{
    /// <summary>The name of the file in the run folder.</summary>
    public const string FileName = "report.html";

    /// <summary>
    /// Reads the run folder and writes report.html into it, whole or not at all. Returns the path of the page.
    /// Throws <see cref="ReportException"/> with a sentence when a file is missing or cannot be understood, or when
    /// the page cannot be written.
    /// </summary>
    public static string Write(string runFolder)
    {
        var page = Render(RunFiles.Read(runFolder));
        var path = Path.Combine(runFolder, FileName);
        try
        {
            WholeFile.Write(path, page);
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new ReportException($"{path}: the report cannot be written: {FileTrouble.Words(e)}.", e);
        }

        return path;
    }

    /// <summary>The page as text.</summary>
    public static string Render(RunFiles run)
    {
        var s = run.Summary;
        var byReason = Totals.ByReason(run.Trades);
        var bySide = Totals.BySide(run.Trades);
        var ends = run
            .Orders.GroupBy(o => Meaning.Ending(o.End, o.Reason), StringComparer.Ordinal)
            .Select(g => (Name: g.Key, Count: (decimal)g.Count()))
            .OrderByDescending(g => g.Count)
            .ThenBy(g => g.Name, StringComparer.Ordinal);
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = Figure.Safe($"{s.Text("coin") ?? "Run"}: {s.Text("strategy") ?? "report"}"),
            ["span"] = Figure.Safe(SpanWords(s)),
            ["banner"] = Sections.Banner(s),
            ["warnings"] = Sections.Warnings(s),
            ["headline"] = Sections.Headline(s),
            ["silence"] = Silence.Words(run),
            ["conditions"] = Sections.Conditions(s),
            ["results"] = Sections.Results(s),
            ["queue_interval"] = Measures.QueueInterval(s),
            ["measures"] = Measures.All(s),
            ["markout_table"] = Measures.MarkoutTable(s),
            ["exit_table"] = Sections.TradeTable("Closed trades by reason to exit", byReason),
            ["side_table"] = Sections.TradeTable("Closed trades by side of the entry", bySide),
            ["skip_table"] = Sections.CountTable(
                "Decisions left out, by reason",
                s.Skipped,
                "ticks",
                s.Number("ticks")
            ),
            ["gate_table"] =
                GateTable.Of(s)
                + Sections.CountTable("What was said of the rules of risk", s.Numbers("remarks"), "", null)
                + Sections.CountTable("Fills by reason", s.Numbers("fills_by_reason"), "fills", s.Number("fills")),
            ["order_table"] = Sections.CountTable("How the orders ended", ends, "orders", run.Orders.Length),
            ["orders_none"] = run.Orders.IsEmpty ? "<p class=\"empty\">No order was sent.</p>" : "",
            ["config"] = Figure.Safe(run.ConfigText),
            ["coin"] = Figure.Safe(s.Text("coin") ?? "coin"),
            ["data"] = ChartData.Json(run),
            ["page_css"] = PageParts.Resource("report/page.css"),
            ["page_js"] = PageParts.Resource("report/page.js"),
            ["lines_js"] = PageParts.Resource("report/lines.js"),
            ["fills_js"] = PageParts.Resource("report/fills.js"),
            ["bars_js"] = PageParts.Resource("report/bars.js"),
            ["markout_js"] = PageParts.Resource("report/markout.js"),
            ["start_js"] = PageParts.Resource("report/start.js"),
            ["uplot_css"] = PageParts.Resource("report/uplot.css"),
            ["uplot_js"] = PageParts.Resource("report/uplot.js"),
            ["uplot_license"] = Figure.Safe(PageParts.Resource("report/uplot.license")),
        };
        return PageParts.Fill("report/page.html", parts);
    }

    private static string SpanWords(RunSummary s) =>
        (s.FromNs, s.ToNs) switch
        {
            ({ } from, { } to) => $"{Figure.Utc(from)} to {Figure.Utc(to)}",
            _ => "span not known",
        };
}
