using Vrlg.Shell.Report;

namespace Vrlg.Shell.Sweep;

/// <summary>
/// The report of a sweep: one HTML file that holds its style, its program and its results, asks for nothing and so
/// opens anywhere. It is a function of the results alone.
/// </summary>
public static class SweepPage
{
    /// <summary>The page of a sweep whose results are this JSON text.</summary>
    public static string Render(string title, string json)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = Figure.Safe(title),
            // Inside a script element only "</" and "<!--" could end it early.
            ["data"] = json.Replace("<", "\\u003c", StringComparison.Ordinal),
            ["page_css"] = PageParts.Resource("report/page.css"),
            ["sweep_css"] = PageParts.Resource("sweep/sweep.css"),
            ["sweep_js"] = PageParts.Resource("sweep/sweep.js"),
            ["charts_js"] = PageParts.Resource("sweep/charts.js"),
        };
        return PageParts.Fill("sweep/sweep.html", parts);
    }
}
