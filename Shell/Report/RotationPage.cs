namespace Vrlg.Shell.Report;

/// <summary>
/// The page of a look at a rotation: one HTML file that holds its style, its program and its figures, asks for nothing
/// and so opens anywhere. It is a function of the figures alone.
/// </summary>
public static class RotationPage
{
    /// <summary>The page of a run whose figures are this JSON text.</summary>
    public static string Render(string title, string json)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = Figure.Safe(title),
            // Inside a script element only "</" and "<!--" could end it early.
            ["data"] = json.Replace("<", "\\u003c", StringComparison.Ordinal),
            ["uplot_css"] = PageParts.Resource("report/uplot.css"),
            ["uplot_js"] = PageParts.Resource("report/uplot.js"),
            ["uplot_license"] = Figure.Safe(PageParts.Resource("report/uplot.license")),
            ["page_css"] = PageParts.Resource("report/page.css"),
            ["rotation_js"] = PageParts.Resource("rotation/rotation.js"),
        };
        return PageParts.Fill("rotation/rotation.html", parts);
    }
}
