using System.Buffers;
using System.Text;
using System.Text.Json;
using static Vrlg.Adapters.Hyperliquid.Signing.ActionShape;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// An action as it was received, written again in the form that is hashed (protocol 4.5): members in the order of their shape,
/// decimals without idle zeros, hex in lower case, flags that are false and nulls of optional members left out, what is unknown
/// ignored.
/// </summary>
internal static class CanonicalAction
{
    private static readonly SearchValues<char> Decimals = SearchValues.Create("0123456789.-");

    /// <summary>
    /// Writes <paramref name="action"/> into <paramref name="sink"/>. False, with the path of the member that is missing or of
    /// the wrong kind, when it is not an L1 action.
    /// </summary>
    public static bool TryWrite<TSink>(JsonElement action, TSink sink, out string trouble)
        where TSink : IWireSink
    {
        trouble = "type";
        try
        {
            return action.ValueKind == JsonValueKind.Object
                && action.TryGetProperty("type", out var type)
                && type.ValueKind == JsonValueKind.String
                && ActionShapes.Find(type.GetString()!) is { } shape
                && TryMap(action, shape, sink, "", ref trouble);
        }
        catch (InvalidOperationException)
        {
            // A text whose escapes or bytes are no characters.
            return false;
        }
    }

    /// <summary>A decimal text without idle zeros; the text itself where it is no plain decimal.</summary>
    public static string Trimmed(string number)
    {
        var point = number.IndexOf('.', StringComparison.Ordinal);
        if (number.Length == 0 || number.AsSpan().ContainsAnyExcept(Decimals))
            return number;
        var kept = point < 0 ? number : number.TrimEnd('0').TrimEnd('.');
        return kept is "" or "-" or "-0" ? "0" : kept;
    }

    private static bool TryMap<TSink>(JsonElement value, Map shape, TSink sink, string path, ref string trouble)
        where TSink : IWireSink
    {
        if (value.ValueKind != JsonValueKind.Object)
            return false;
        var count = 0;
        foreach (var field in shape.Members)
            count += IsSaid(value, field) ? 1 : 0;
        sink.Map(count);
        foreach (var field in shape.Members)
        {
            var there = path.Length == 0 ? field.Name : path + "." + field.Name;
            trouble = there;
            if (!IsSaid(value, field))
            {
                if (field.Presence == Presence.Required)
                    return false;
                continue;
            }

            sink.Key(field.Utf8);
            if (!TryValue(value.GetProperty(field.Name), field.Form, sink, there, ref trouble))
                return false;
        }

        sink.EndMap();
        return true;
    }

    private static bool IsSaid(JsonElement map, ActionField field) =>
        map.TryGetProperty(field.Name, out var value)
        && field.Presence switch
        {
            Presence.Required => true,
            Presence.Optional => value.ValueKind != JsonValueKind.Null,
            _ => value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False),
        };

    private static bool TryValue<TSink>(
        JsonElement value,
        ActionShape shape,
        TSink sink,
        string path,
        ref string trouble
    )
        where TSink : IWireSink =>
        shape switch
        {
            Text => TryText(value, sink, s => s),
            Number => TryText(value, sink, Trimmed),
            HexText => TryText(value, sink, Lower),
            Whole => TryWhole(value, sink),
            Flag => TryFlag(value, sink),
            OrderId => value.ValueKind == JsonValueKind.Number ? TryWhole(value, sink) : TryText(value, sink, Lower),
            TextOr or => value.ValueKind == JsonValueKind.String
                ? TryText(value, sink, s => s)
                : TryMap(value, or.Otherwise, sink, path, ref trouble),
            OrNull of => value.ValueKind == JsonValueKind.Null
                ? SayNull(sink)
                : TryValue(value, of.Of, sink, path, ref trouble),
            List of => TryList(value, of.Of, sink, path, ref trouble),
            Map map => TryMap(value, map, sink, path, ref trouble),
            _ => false,
        };

    private static bool TryList<TSink>(JsonElement value, ActionShape of, TSink sink, string path, ref string trouble)
        where TSink : IWireSink
    {
        if (value.ValueKind != JsonValueKind.Array)
            return false;
        sink.Array(value.GetArrayLength());
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var there = $"{path}[{index++}]";
            trouble = there;
            if (!TryValue(item, of, sink, there, ref trouble))
                return false;
        }

        sink.EndArray();
        return true;
    }

    private static bool TryText<TSink>(JsonElement value, TSink sink, Func<string, string> normal)
        where TSink : IWireSink
    {
        if (value.ValueKind != JsonValueKind.String)
            return false;
        sink.Text(Encoding.UTF8.GetBytes(normal(value.GetString()!)));
        return true;
    }

    private static bool TryWhole<TSink>(JsonElement value, TSink sink)
        where TSink : IWireSink
    {
        if (value.ValueKind != JsonValueKind.Number)
            return false;
        if (value.TryGetInt64(out var signed))
            sink.Whole(signed);
        else if (value.TryGetUInt64(out var natural))
            sink.Whole(natural);
        else
            return false;
        return true;
    }

    private static bool TryFlag<TSink>(JsonElement value, TSink sink)
        where TSink : IWireSink
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            return false;
        sink.Flag(value.ValueKind == JsonValueKind.True);
        return true;
    }

    private static bool SayNull<TSink>(TSink sink)
        where TSink : IWireSink
    {
        sink.Null();
        return true;
    }

    private static string Lower(string text) => text.ToLowerInvariant();
}
