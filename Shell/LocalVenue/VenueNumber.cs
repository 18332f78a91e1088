using System.Text.Json;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Counts of 1e-8 as the venue writes them: a decimal text with one decimal at least and no idle zeros after it.</summary>
internal static class VenueNumber
{
    private const ulong One = 100_000_000;

    /// <summary>The text of <paramref name="raw"/>.</summary>
    public static string Text(long raw)
    {
        Span<char> text = stackalloc char[24];
        return new string(text[..Write(raw, text)]);
    }

    /// <summary>Writes a member whose value is such a text.</summary>
    public static void WriteAmount(this Utf8JsonWriter json, string name, long raw)
    {
        Span<char> text = stackalloc char[24];
        json.WriteString(name, text[..Write(raw, text)]);
    }

    /// <summary>Writes such a text where a value may come.</summary>
    public static void WriteAmountValue(this Utf8JsonWriter json, long raw)
    {
        Span<char> text = stackalloc char[24];
        json.WriteStringValue(text[..Write(raw, text)]);
    }

    /// <summary>Writes a rate counted in 1e-<paramref name="digits"/>, as long as it is.</summary>
    public static void WriteRate(this Utf8JsonWriter json, string name, long raw, int digits)
    {
        var scale = 1m;
        for (var i = 0; i < digits; i++)
            scale *= 10;
        var text = (raw / scale).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (text.Contains('.', StringComparison.Ordinal))
            text = text.TrimEnd('0').TrimEnd('.');
        json.WriteString(name, text.Contains('.', StringComparison.Ordinal) ? text : text + ".0");
    }

    private static int Write(long raw, Span<char> into)
    {
        var length = 0;
        if (raw < 0)
            into[length++] = '-';
        var size = raw < 0 ? unchecked((ulong)-raw) : (ulong)raw;
        (size / One).TryFormat(into[length..], out var digits);
        length += digits;
        into[length++] = '.';
        var part = size % One;
        var scale = One / 10;
        do
        {
            into[length++] = (char)('0' + part / scale);
            part %= scale;
            scale /= 10;
        } while (part > 0);
        return length;
    }
}
