using System.Text.Json;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What a request weighs against an IP address's minute (protocol 7.1).</summary>
internal static class Weights
{
    private const int Usual = 20;

    /// <summary>Before it is answered.</summary>
    public static int Of(string path, JsonElement body) =>
        path switch
        {
            "/exchange" => 1 + Batch(body) / 40,
            "/explorer" => 40,
            _ => Asked.TryText(body, "type", out var type) ? OfInfo(type) : Usual,
        };

    /// <summary>What the rows of its answer weigh beside it.</summary>
    public static int OfRows(string path, JsonElement body, ReadOnlySpan<byte> answer)
    {
        if (path != "/info" || !Asked.TryText(body, "type", out var type))
            return 0;
        var rowsEach = type switch
        {
            "candleSnapshot" => 60,
            "recentTrades"
            or "historicalOrders"
            or "userFills"
            or "userFillsByTime"
            or "fundingHistory"
            or "userFunding"
            or "userNonFundingLedgerUpdates"
            or "twapHistory"
            or "userTwapSliceFills"
            or "userTwapSliceFillsByTime"
            or "delegatorHistory"
            or "delegatorRewards"
            or "validatorSummaries" => 20,
            _ => 0,
        };
        return rowsEach == 0 ? 0 : Rows(answer) / rowsEach;
    }

    private static int OfInfo(string type) =>
        type switch
        {
            "l2Book"
            or "allMids"
            or "clearinghouseState"
            or "orderStatus"
            or "spotClearinghouseState"
            or "exchangeStatus" => 2,
            "userRole" => 60,
            _ => Usual,
        };

    /// <summary>How many orders, cancels or changes an action holds; 0 where it holds no list of them.</summary>
    public static int Batch(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("action", out var action))
            return 0;
        foreach (var name in (ReadOnlySpan<string>)["orders", "cancels", "modifies"])
        {
            if (
                action.ValueKind == JsonValueKind.Object
                && action.TryGetProperty(name, out var list)
                && list.ValueKind == JsonValueKind.Array
            )
                return list.GetArrayLength();
        }

        return 0;
    }

    /// <summary>Items of a list; 0 of anything else.</summary>
    private static int Rows(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return 0;
        var rows = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            rows++;
            reader.Skip();
        }

        return rows;
    }
}
