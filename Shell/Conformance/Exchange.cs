using System.Text.Json;

namespace Vrlg.Shell.Conformance;

/// <summary>Parts of an answer of <c>/exchange</c>, as texts; empty where the part is not there.</summary>
internal static class Exchange
{
    /// <summary>Why a whole action was refused, without the prefix that some venues write.</summary>
    public static string Refusal(JsonElement reply)
    {
        const string prefix = "L1 error: ";
        var text =
            Member(reply, "status") is { ValueKind: JsonValueKind.String } status && status.GetString() == "err"
                ? Text(Member(reply, "response"))
                : reply.GetRawText();
        return text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
    }

    /// <summary>The first status: its word, its error, or the name of what became of it.</summary>
    public static string First(JsonElement reply)
    {
        if (
            Member(Member(Member(reply, "response"), "data"), "statuses") is not { ValueKind: JsonValueKind.Array } all
            || all.GetArrayLength() == 0
        )
            return Refusal(reply);
        var first = all[0];
        if (first.ValueKind == JsonValueKind.String)
            return first.GetString()!;
        if (Member(first, "error") is { ValueKind: JsonValueKind.String } error)
            return error.GetString()!;
        return first.ValueKind == JsonValueKind.Object
            ? string.Join(' ', first.EnumerateObject().Select(m => m.Name))
            : first.GetRawText();
    }

    /// <summary>The venue's number of the first order; 0 where there is none.</summary>
    public static long FirstOid(JsonElement reply) =>
        Member(Member(Member(reply, "response"), "data"), "statuses") is { ValueKind: JsonValueKind.Array } all
        && all.GetArrayLength() > 0
        && Member(Member(all[0], "resting"), "oid") is { ValueKind: JsonValueKind.Number } oid
        && oid.TryGetInt64(out var number)
            ? number
            : 0;

    /// <summary>The kind of a response: <c>order</c>, <c>cancel</c>, <c>default</c>.</summary>
    public static string Type(JsonElement reply) => Text(Member(Member(reply, "response"), "type"));

    /// <summary>A member; an undefined value where there is none.</summary>
    public static JsonElement Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : default;

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
