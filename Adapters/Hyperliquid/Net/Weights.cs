using System.Collections.Frozen;
using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>
/// What requests cost of the venue's allowance per IP address (protocol 7.1), as data. The allowance of actions per account is
/// another limit and the core's.
/// </summary>
public static class Weights
{
    /// <summary>The allowance of one minute.</summary>
    public const int PerMinute = 1_200;

    private const int Usual = 20;
    private const int RowsPerWeight = 20;
    private const int CandlesPerWeight = 60;
    private const int OrdersPerWeight = 40;

    private static readonly FrozenDictionary<string, int> Info = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["l2Book"] = 2,
        ["allMids"] = 2,
        ["clearinghouseState"] = 2,
        ["orderStatus"] = 2,
        ["spotClearinghouseState"] = 2,
        ["exchangeStatus"] = 2,
        ["userRole"] = 60,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> ByRows = new[]
    {
        "recentTrades",
        "historicalOrders",
        "userFills",
        "userFillsByTime",
        "fundingHistory",
        "userFunding",
        "userNonFundingLedgerUpdates",
        "twapHistory",
        "userTwapSliceFills",
        "userTwapSliceFillsByTime",
        "delegatorHistory",
        "delegatorRewards",
        "validatorSummaries",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>An info request before its answer is known.</summary>
    public static int OfInfo(string type) => Info.GetValueOrDefault(type, Usual);

    /// <summary>What the rows of its answer add.</summary>
    public static int OfRows(string type, int rows) =>
        type == "candleSnapshot" ? rows / CandlesPerWeight
        : ByRows.Contains(type) ? rows / RowsPerWeight
        : 0;

    /// <summary>What an answer, a list, adds; nothing where it is no list or its rows are free.</summary>
    public static int OfAnswer(string type, ReadOnlySpan<byte> body)
    {
        // As many rows as there can be: those that are free need not be counted.
        if (OfRows(type, body.Length) == 0)
            return 0;
        var json = new Utf8JsonReader(body);
        var rows = 0;
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartArray)
                return 0;
            for (; json.Read() && json.TokenType != JsonTokenType.EndArray; rows++)
                json.Skip();
        }
        catch (JsonException)
        {
            // What came before the damage was sent, and is paid for.
        }

        return OfRows(type, rows);
    }

    /// <summary>An action with so many orders or cancels.</summary>
    public static int OfAction(int batch) => 1 + batch / OrdersPerWeight;

    /// <summary>An explorer request.</summary>
    public const int Explorer = 40;
}
