using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>The leverage of an account on a perpetual.</summary>
/// <param name="IsCross">Its margin is the account's; isolated otherwise.</param>
/// <param name="Value">Set leverage.</param>
/// <param name="IsolatedUsd">Cash of an isolated position.</param>
public sealed record Leverage(bool IsCross, int Value, Numeral? IsolatedUsd)
{
    internal static Leverage Read(JsonElement of, WireReader read)
    {
        var kind = read.Text(of, "type");
        if (kind is not ("cross" or "isolated"))
            throw read.Fault("leverage", "is neither cross nor isolated");
        return new(kind == "cross", read.Count(of, "value"), read.OptionalNumeral(of, "rawUsd"));
    }

    internal static void Write(Leverage leverage, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("type", leverage.IsCross ? "cross" : "isolated");
        json.Put("value", leverage.Value);
        json.PutAny("rawUsd", leverage.IsolatedUsd);
        json.WriteEndObject();
    }
}

/// <summary>What an account may trade of a perpetual.</summary>
/// <param name="User">The account.</param>
/// <param name="Coin">Of which perpetual.</param>
/// <param name="Leverage">As set.</param>
/// <param name="MostBuy">Largest size that it can buy.</param>
/// <param name="MostSell">Largest size that it can sell.</param>
/// <param name="AvailableToBuy">Margin for that, in USD.</param>
/// <param name="AvailableToSell">Margin for that, in USD.</param>
/// <param name="MarkPx">Mark price.</param>
public sealed record AssetData(
    string User,
    string Coin,
    Leverage Leverage,
    Numeral MostBuy,
    Numeral MostSell,
    Numeral AvailableToBuy,
    Numeral AvailableToSell,
    Numeral MarkPx
)
{
    internal static AssetData Read(JsonElement of, WireReader read)
    {
        var (mostBuy, mostSell) = read.PairOf(read.Member(of, "maxTradeSzs"), "maxTradeSzs");
        var (buy, sell) = read.PairOf(read.Member(of, "availableToTrade"), "availableToTrade");
        return new(
            read.Text(of, "user"),
            read.Text(of, "coin"),
            Leverage.Read(read.Member(of, "leverage"), read),
            read.NumeralOf(mostBuy, "maxTradeSzs"),
            read.NumeralOf(mostSell, "maxTradeSzs"),
            read.NumeralOf(buy, "availableToTrade"),
            read.NumeralOf(sell, "availableToTrade"),
            read.Numeral(of, "markPx")
        );
    }

    internal static void Write(AssetData data, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("user", data.User);
        json.Put("coin", data.Coin);
        json.WritePropertyName("leverage");
        Leverage.Write(data.Leverage, json);
        Pair("maxTradeSzs", data.MostBuy, data.MostSell, json);
        Pair("availableToTrade", data.AvailableToBuy, data.AvailableToSell, json);
        json.Put("markPx", data.MarkPx);
        json.WriteEndObject();
    }

    private static void Pair(string name, Numeral first, Numeral second, Utf8JsonWriter json)
    {
        json.WriteStartArray(name);
        json.WriteStringValue(first.ToString());
        json.WriteStringValue(second.ToString());
        json.WriteEndArray();
    }
}
