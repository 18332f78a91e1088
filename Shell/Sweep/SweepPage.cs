using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Vrlg.Shell.Report;

namespace Vrlg.Shell.Sweep;

/// <summary>
/// The report of a sweep: one HTML file that holds its style, its program and its results, asks for nothing and so
/// opens anywhere. It is a function of the results alone.
/// </summary>
public static partial class SweepPage
{
    /// <summary>The page of a sweep whose results are this JSON text.</summary>
    public static string Render(string title, string json)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = Figure.Safe(title),
            // Inside a script element only "</" and "<!--" could end it early.
            ["data"] = json.Replace("<", "\\u003c", StringComparison.Ordinal),
            ["page_css"] = Resource("report/page.css"),
            ["sweep_css"] = Resource("sweep/sweep.css"),
            ["sweep_js"] = Resource("sweep/sweep.js"),
            ["charts_js"] = Resource("sweep/charts.js"),
        };
        return Placeholder().Replace(Resource("sweep/sweep.html"), m => parts[m.Groups[1].Value]);
    }

    private static string Resource(string name)
    {
        using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new ReportException($"This build lacks the page's part {name}. Build again.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{([a-z_]+)\}\}")]
    private static partial Regex Placeholder();
}
