using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Vrlg.Shell.Report;

/// <summary>What the pages are put together from: parts that this build holds, and a template with names in it.</summary>
internal static partial class PageParts
{
    /// <summary>A part by its name, such as <c>report/page.css</c>.</summary>
    public static string Resource(string name)
    {
        using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new ReportException(
                $"This build lacks the page's part {name}. Run build/web.sh, then build again."
            );
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The template with every <c>{{name}}</c> in it replaced by its part.</summary>
    public static string Fill(string template, IReadOnlyDictionary<string, string> parts) =>
        Placeholder().Replace(Resource(template), m => parts[m.Groups[1].Value]);

    [GeneratedRegex(@"\{\{([a-z_]+)\}\}")]
    private static partial Regex Placeholder();
}
