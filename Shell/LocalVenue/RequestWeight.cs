using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Net;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What a request weighs against an IP address's minute (protocol 7.1), by the table that the client keeps as well.</summary>
internal static class RequestWeight
{
    /// <summary>Before it is answered.</summary>
    public static int Of(string path, JsonElement body) =>
        path switch
        {
            "/exchange" => Weights.OfAction(Batch(body)),
            "/explorer" => Weights.Explorer,
            _ => Weights.OfInfo(Type(body)),
        };

    /// <summary>What the rows of its answer weigh beside it.</summary>
    public static int OfRows(string path, JsonElement body, ReadOnlySpan<byte> answer) =>
        path == "/info" ? Weights.OfAnswer(Type(body), answer) : 0;

    /// <summary>
    /// How many orders, cancels or changes an action holds; 0 where it holds no list of them. Of several lists the longest counts:
    /// one that the action does not know hides none that it does.
    /// </summary>
    public static int Batch(JsonElement body)
    {
        if (
            body.ValueKind != JsonValueKind.Object
            || !body.TryGetProperty("action", out var action)
            || action.ValueKind != JsonValueKind.Object
        )
            return 0;
        var longest = 0;
        foreach (var name in (ReadOnlySpan<string>)["orders", "cancels", "modifies"])
        {
            if (action.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array)
                longest = Math.Max(longest, list.GetArrayLength());
        }

        return longest;
    }

    private static string Type(JsonElement body) => Asked.TryText(body, "type", out var type) ? type : "";
}
