using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Vrlg.Shell.Report;

/// <summary>Figures and words as the page writes them: independent of the machine's language, units behind.</summary>
internal static class Figure
{
    /// <summary>What stands where a figure is not defined.</summary>
    public const string Undefined = "not defined";

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Text made safe for an element or an attribute.</summary>
    public static string Safe(string text) => Encoder.Encode(text);

    /// <summary>A decimal with what digits it has, no grouping.</summary>
    public static string Plain(decimal value) => value.ToString("0.############", CultureInfo.InvariantCulture);

    /// <summary>A count with its thousands grouped.</summary>
    public static string Count(decimal value) => Grouped(value, "#,##0.####");

    /// <summary>Money with at least two and at most six decimals.</summary>
    public static string Usd(decimal value) => Grouped(value, "#,##0.00####") + " USD";

    /// <summary>Money for a column whose head names the unit: four decimals, so that the points line up.</summary>
    public static string Money(decimal value) => Grouped(value, "#,##0.0000");

    /// <summary>A price-like amount in USD with five significant digits, for coins of any price.</summary>
    public static string Rough(decimal value)
    {
        var decimals = 4;
        for (var size = Math.Abs(value); size >= 10 && decimals > 0; size /= 10)
            decimals--;
        for (var size = Math.Abs(value); size is > 0 and < 1 && decimals < 12; size *= 10)
            decimals++;
        return Grouped(decimal.Round(value, decimals), "#,##0.############") + " USD";
    }

    /// <summary>A figure with at most four decimals and its unit.</summary>
    public static string With(decimal value, string unit) => Grouped(value, "#,##0.####") + " " + unit;

    /// <summary>A part of one as a percentage with one decimal.</summary>
    public static string Percent(decimal part) => Grouped(part * 100, "#,##0.0") + " %";

    /// <summary>An instant in UTC to the millisecond.</summary>
    public static string Utc(long ns) =>
        DateTime.UnixEpoch.AddTicks(ns / 100).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)
        + " UTC";

    /// <summary>A length of time in the unit that suits it.</summary>
    public static string Span(decimal seconds) =>
        seconds switch
        {
            < 120 => With(decimal.Round(seconds, 1), "s"),
            < 7_200 => With(decimal.Round(seconds / 60, 1), "min"),
            _ => With(decimal.Round(seconds / 3_600, 1), "h"),
        };

    private static string Grouped(decimal value, string format) =>
        Unsigned(value.ToString(format, CultureInfo.InvariantCulture)).Replace('-', '\u2212');

    /// <summary>What rounds to zero has no sign.</summary>
    private static string Unsigned(string text) =>
        text.AsSpan().ContainsAnyInRange('1', '9') ? text : text.TrimStart('-');
}
