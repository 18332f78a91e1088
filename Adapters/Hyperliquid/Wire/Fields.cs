using System.Globalization;
using System.Text.Json;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>Members of the venue's messages, by kind. What may be absent or null says so in its name.</summary>
internal static class Fields
{
    public static Px Px(this WireReader read, JsonElement of, string name) => Core.Px.Of(read.Amount(of, name));

    public static Sz Sz(this WireReader read, JsonElement of, string name) => Core.Sz.Of(read.Amount(of, name));

    /// <summary>A size that may be below 0: a position.</summary>
    public static Sz Signed(this WireReader read, JsonElement of, string name) => Core.Sz.Of(read.Number(of, name));

    public static Numeral Numeral(this WireReader read, JsonElement of, string name) =>
        read.NumeralOf(read.Member(of, name), name);

    public static Numeral NumeralOf(this WireReader read, JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw read.Fault(name, "is no text");
        return Wire.Numeral.TryParse(value.GetString(), out var number)
            ? number
            : throw read.Fault(name, "is no plain decimal number of at most 36 digits");
    }

    /// <summary>A share or a limit that the venue writes as a number, exponents and all; exact all the same.</summary>
    public static Numeral PlainNumber(this WireReader read, JsonElement of, string name)
    {
        var value = read.Member(of, name);
        if (value.ValueKind != JsonValueKind.Number)
            throw read.Fault(name, "is no number");
        var text = value.GetRawText();
        if (Wire.Numeral.TryParse(text, out var plain))
            return plain;
        return
            decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var wide)
            && Wire.Numeral.TryParse(wide.ToString(CultureInfo.InvariantCulture), out plain)
            ? plain
            : throw read.Fault(name, "is no number of at most 28 digits");
    }

    public static int Count(this WireReader read, JsonElement of, string name) =>
        read.Natural(of, name) is var number and <= int.MaxValue ? (int)number : throw read.Fault(name, "is too large");

    /// <summary>A number that is written as one; above 0 or not.</summary>
    public static long Whole(this WireReader read, JsonElement of, string name) =>
        read.WholeOf(read.Member(of, name), name);

    public static long WholeOf(this WireReader read, JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : throw read.Fault(name, "is no whole number");

    public static int CountOf(this WireReader read, JsonElement value, string name) =>
        read.WholeOf(value, name) is var number and >= 0 and <= int.MaxValue
            ? (int)number
            : throw read.Fault(name, "is no count");

    public static string TextOf(this WireReader read, JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw read.Fault(name, "is no text");

    public static Numeral? OptionalNumeral(this WireReader read, JsonElement of, string name) =>
        WireReader.TryMember(of, name, out var value) ? read.NumeralOf(value, name) : null;

    public static Sz? OptionalSz(this WireReader read, JsonElement of, string name) =>
        WireReader.TryMember(of, name, out _) ? read.Sz(of, name) : null;

    public static string? OptionalText(this WireReader read, JsonElement of, string name) =>
        WireReader.TryMember(of, name, out _) ? read.Text(of, name) : null;

    public static long? OptionalNatural(this WireReader read, JsonElement of, string name) =>
        WireReader.TryMember(of, name, out _) ? read.Natural(of, name) : null;

    public static int? OptionalCount(this WireReader read, JsonElement of, string name) =>
        WireReader.TryMember(of, name, out _) ? read.Count(of, name) : null;

    /// <summary>False where it is absent or null.</summary>
    public static bool OptionalFlag(this WireReader read, JsonElement of, string name) =>
        WireReader.TryMember(of, name, out _) && read.Flag(of, name);

    public static T? OptionalObject<T>(
        this WireReader read,
        JsonElement of,
        string name,
        Func<JsonElement, WireReader, T> item
    )
        where T : class => WireReader.TryMember(of, name, out var value) ? item(value, read) : null;

    public static Rows<T> Rows<T>(
        this WireReader read,
        JsonElement of,
        string name,
        Func<JsonElement, WireReader, T> item
    ) => read.RowsOf(read.Member(of, name), name, item);

    public static Rows<T> OptionalRows<T>(
        this WireReader read,
        JsonElement of,
        string name,
        Func<JsonElement, WireReader, T> item
    ) => WireReader.TryMember(of, name, out var value) ? read.RowsOf(value, name, item) : [];

    public static Rows<T> RowsOf<T>(
        this WireReader read,
        JsonElement value,
        string name,
        Func<JsonElement, WireReader, T> item
    )
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw read.Fault(name, "is no list");
        var rows = new List<T>(value.GetArrayLength());
        foreach (var element in value.EnumerateArray())
            rows.Add(item(element, read));
        return Wire.Rows.From(rows);
    }

    /// <summary>A list of exactly two: a pair, as the venue writes maps.</summary>
    public static (JsonElement First, JsonElement Second) PairOf(
        this WireReader read,
        JsonElement value,
        string name
    ) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2
            ? (value[0], value[1])
            : throw read.Fault(name, "is no pair");

    /// <summary>An object.</summary>
    public static JsonElement ObjectOf(this WireReader read, JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object ? value : throw read.Fault(name, "is no object");
}

/// <summary>The same members, written.</summary>
internal static class Puts
{
    public static void Put(this Utf8JsonWriter json, string name, Px px) => json.Put(name, Numeral.Of(px));

    public static void Put(this Utf8JsonWriter json, string name, Sz sz) => json.Put(name, Numeral.Of(sz));

    public static void Put(this Utf8JsonWriter json, string name, Numeral number) =>
        json.WriteString(name, number.ToString());

    /// <summary>As a number, not as a text.</summary>
    public static void PutPlain(this Utf8JsonWriter json, string name, Numeral number)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(number.ToString());
    }

    public static void Put(this Utf8JsonWriter json, string name, string text) => json.WriteString(name, text);

    public static void Put(this Utf8JsonWriter json, string name, long number) => json.WriteNumber(name, number);

    public static void Put(this Utf8JsonWriter json, string name, bool flag) => json.WriteBoolean(name, flag);

    public static void Put(this Utf8JsonWriter json, string name, Side side) =>
        json.WriteString(name, side == Side.Buy ? "B"u8 : "A"u8);

    /// <summary>Left out where there is none.</summary>
    public static void PutAny(this Utf8JsonWriter json, string name, Numeral? number)
    {
        if (number is { } there)
            json.Put(name, there);
    }

    public static void PutAny(this Utf8JsonWriter json, string name, Sz? sz)
    {
        if (sz is { } there)
            json.Put(name, there);
    }

    public static void PutAny(this Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.Put(name, text);
    }

    public static void PutAny(this Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } there)
            json.Put(name, there);
    }

    /// <summary>Left out where it is false.</summary>
    public static void PutAny(this Utf8JsonWriter json, string name, bool flag)
    {
        if (flag)
            json.Put(name, flag);
    }

    /// <summary>Null where there is none.</summary>
    public static void PutOrNull(this Utf8JsonWriter json, string name, string? text) => json.WriteString(name, text);

    public static void PutOrNull(this Utf8JsonWriter json, string name, Numeral? number) =>
        json.WriteString(name, number?.ToString());

    public static void PutOrNull(this Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } there)
            json.Put(name, there);
        else
            json.WriteNull(name);
    }

    public static void PutRows<T>(this Utf8JsonWriter json, string name, Rows<T> rows, Action<T, Utf8JsonWriter> item)
    {
        json.WritePropertyName(name);
        json.PutRows(rows, item);
    }

    public static void PutRows<T>(this Utf8JsonWriter json, Rows<T> rows, Action<T, Utf8JsonWriter> item)
    {
        json.WriteStartArray();
        foreach (var row in rows)
            item(row, json);
        json.WriteEndArray();
    }
}
