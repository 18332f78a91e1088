using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>What a signed request costs of the venue's allowance, and whether it may take of the reserve.</summary>
/// <param name="Batch">Its orders, cancels or changes.</param>
/// <param name="IsExit">It can only leave the market: cancels, orders that only reduce, and what settles a doubt.</param>
public readonly record struct ActionCost(int Batch, bool IsExit)
{
    /// <summary>Read from a request body; one that cannot be read is a batch of one that opens.</summary>
    public static ActionCost Of(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return
                json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("action", out var action)
                && action.ValueKind == JsonValueKind.Object
                && action.TryGetProperty("type", out var type)
                && type.ValueKind == JsonValueKind.String
                ? Of(type.GetString()!, action)
                : new(1, false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new(1, false);
        }
    }

    private static ActionCost Of(string type, JsonElement action) =>
        type switch
        {
            "cancel" or "cancelByCloid" => new(Rows(action, "cancels"), true),
            "scheduleCancel" or "noop" => new(1, true),
            "order" => new(Rows(action, "orders"), Reduces(action)),
            "batchModify" => new(Rows(action, "modifies"), false),
            _ => new(1, false),
        };

    private static int Rows(JsonElement action, string name) =>
        action.TryGetProperty(name, out var rows) && rows.ValueKind == JsonValueKind.Array
            ? Math.Max(1, rows.GetArrayLength())
            : 1;

    private static bool Reduces(JsonElement action) =>
        action.TryGetProperty("orders", out var rows)
        && rows.ValueKind == JsonValueKind.Array
        && rows.GetArrayLength() > 0
        && rows.EnumerateArray()
            .All(o =>
                o.ValueKind == JsonValueKind.Object
                && o.TryGetProperty("r", out var r)
                && r.ValueKind == JsonValueKind.True
            );
}
