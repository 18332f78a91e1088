using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A spot balance.</summary>
/// <param name="Coin">Token name; of an outcome <c>+</c> and its number.</param>
/// <param name="Token">Token number; an outcome may have none.</param>
/// <param name="Total">All of it.</param>
/// <param name="Hold">Held by open orders.</param>
/// <param name="EntryNtl">What was paid for it, in USD.</param>
/// <param name="Ltv">Of portfolio-margin accounts.</param>
/// <param name="Borrowed">Of portfolio-margin accounts.</param>
/// <param name="Supplied">Of portfolio-margin accounts.</param>
public sealed record SpotBalance(
    string Coin,
    int? Token,
    Numeral Total,
    Numeral Hold,
    Numeral EntryNtl,
    Numeral? Ltv,
    Numeral? Borrowed,
    Numeral? Supplied
)
{
    internal static SpotBalance Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "coin"),
            read.OptionalCount(of, "token"),
            read.Numeral(of, "total"),
            read.Numeral(of, "hold"),
            read.Numeral(of, "entryNtl"),
            read.OptionalNumeral(of, "ltv"),
            read.OptionalNumeral(of, "borrowed"),
            read.OptionalNumeral(of, "supplied")
        );

    internal static void Write(SpotBalance balance, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("coin", balance.Coin);
        json.PutAny("token", balance.Token);
        json.Put("total", balance.Total);
        json.Put("hold", balance.Hold);
        json.Put("entryNtl", balance.EntryNtl);
        json.PutAny("ltv", balance.Ltv);
        json.PutAny("borrowed", balance.Borrowed);
        json.PutAny("supplied", balance.Supplied);
        json.WriteEndObject();
    }
}

/// <summary>The spot balances of an account.</summary>
/// <param name="Balances">By token.</param>
/// <param name="IsPortfolioMargin">Its spot tokens are margin.</param>
/// <param name="PortfolioMarginRatio">Only of such accounts.</param>
public sealed record SpotState(Rows<SpotBalance> Balances, bool IsPortfolioMargin, Numeral? PortfolioMarginRatio)
{
    internal static SpotState Read(JsonElement of, WireReader read) =>
        new(
            read.Rows(of, "balances", SpotBalance.Read),
            read.OptionalFlag(of, "portfolioMarginEnabled"),
            read.OptionalNumeral(of, "portfolioMarginRatio")
        );

    internal static void Write(SpotState state, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.PutRows("balances", state.Balances, SpotBalance.Write);
        json.PutAny("portfolioMarginEnabled", state.IsPortfolioMargin);
        json.PutAny("portfolioMarginRatio", state.PortfolioMarginRatio);
        json.WriteEndObject();
    }
}
