using System.Globalization;
using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Signing;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Members of a request, each read or refused; a request whose member cannot be read is answered with 422.</summary>
internal static class Asked
{
    /// <summary>What a body is answered with that is JSON but no request.</summary>
    public const string Unreadable = "Failed to deserialize the JSON body into the target type";

    private const decimal One = 100_000_000m;

    /// <summary>A text.</summary>
    public static bool TryText(JsonElement from, string name, out string text)
    {
        text = "";
        if (
            from.ValueKind != JsonValueKind.Object
            || !from.TryGetProperty(name, out var value)
            || value.ValueKind != JsonValueKind.String
            || !IsText(value)
        )
            return false;
        text = value.GetString()!;
        return true;
    }

    /// <summary>
    /// Whether all texts and names within a request are texts: bytes that are no UTF-8 and half characters pass for JSON until
    /// somebody looks at them.
    /// </summary>
    public static bool IsReadable(JsonElement from)
    {
        switch (from.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in from.EnumerateObject())
                {
                    if (!IsName(member) || !IsReadable(member.Value))
                        return false;
                }

                return true;
            case JsonValueKind.Array:
                foreach (var item in from.EnumerateArray())
                {
                    if (!IsReadable(item))
                        return false;
                }

                return true;
            case JsonValueKind.String:
                return IsText(from);
            default:
                return true;
        }
    }

    /// <summary>A text, empty where it is absent or null.</summary>
    public static bool TryOptionalText(JsonElement from, string name, out string text)
    {
        text = "";
        return IsAbsent(from, name) || TryText(from, name, out text);
    }

    /// <summary>An address, in lower case.</summary>
    public static bool TryAddress(JsonElement from, string name, out string address)
    {
        if (!TryText(from, name, out address) || !Address.TryParse(address, out var parsed))
            return false;
        address = parsed.ToString();
        return true;
    }

    /// <summary>A whole number.</summary>
    public static bool TryWhole(JsonElement from, string name, out long whole)
    {
        whole = 0;
        return from.ValueKind == JsonValueKind.Object
            && from.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out whole);
    }

    /// <summary>A whole number, <paramref name="otherwise"/> where it is absent or null.</summary>
    public static bool TryOptionalWhole(JsonElement from, string name, long otherwise, out long whole)
    {
        whole = otherwise;
        return IsAbsent(from, name) || TryWhole(from, name, out whole);
    }

    /// <summary>True or false.</summary>
    public static bool TryFlag(JsonElement from, string name, out bool flag)
    {
        flag = false;
        if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out var value))
            return false;
        flag = value.ValueKind == JsonValueKind.True;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }

    /// <summary>True or false, false where it is absent or null.</summary>
    public static bool TryOptionalFlag(JsonElement from, string name, out bool flag)
    {
        flag = false;
        return IsAbsent(from, name) || TryFlag(from, name, out flag);
    }

    /// <summary>Whether a member is absent or null.</summary>
    public static bool IsAbsent(JsonElement from, string name) =>
        from.ValueKind != JsonValueKind.Object
        || !from.TryGetProperty(name, out var value)
        || value.ValueKind == JsonValueKind.Null;

    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsName(JsonProperty member)
    {
        try
        {
            return member.Name is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>
    /// A decimal text as a count of 1e-8: -1 when it is no number or too large, -2 when it is finer than that or below 0.
    /// </summary>
    public static long Amount(string text)
    {
        if (
            text.Length is 0 or > 30
            || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value > long.MaxValue / One
        )
            return -1;
        var raw = value * One;
        return raw == decimal.Truncate(raw) ? (long)raw : -2;
    }
}
