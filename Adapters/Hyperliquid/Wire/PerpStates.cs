using System.Text.Json;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>Sums over positions.</summary>
/// <param name="AccountValue">Equity.</param>
/// <param name="TotalNtlPos">Sum of the positions' values, all above 0.</param>
/// <param name="TotalRawUsd">Cash; may be below 0.</param>
/// <param name="TotalMarginUsed">Initial margin of positions.</param>
public sealed record MarginSummary(
    Numeral AccountValue,
    Numeral TotalNtlPos,
    Numeral TotalRawUsd,
    Numeral TotalMarginUsed
)
{
    internal static MarginSummary Read(JsonElement of, WireReader read) =>
        new(
            read.Numeral(of, "accountValue"),
            read.Numeral(of, "totalNtlPos"),
            read.Numeral(of, "totalRawUsd"),
            read.Numeral(of, "totalMarginUsed")
        );

    internal static void Write(MarginSummary sum, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("accountValue", sum.AccountValue);
        json.Put("totalNtlPos", sum.TotalNtlPos);
        json.Put("totalRawUsd", sum.TotalRawUsd);
        json.Put("totalMarginUsed", sum.TotalMarginUsed);
        json.WriteEndObject();
    }
}

/// <summary>Funding of a position so far; above 0 when the account paid.</summary>
public sealed record PaidFunding(Numeral AllTime, Numeral SinceOpen, Numeral SinceChange)
{
    internal static PaidFunding Read(JsonElement of, WireReader read) =>
        new(read.Numeral(of, "allTime"), read.Numeral(of, "sinceOpen"), read.Numeral(of, "sinceChange"));

    internal static void Write(PaidFunding paid, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("allTime", paid.AllTime);
        json.Put("sinceOpen", paid.SinceOpen);
        json.Put("sinceChange", paid.SinceChange);
        json.WriteEndObject();
    }
}

/// <summary>A position.</summary>
/// <param name="Coin">Of which perpetual.</param>
/// <param name="Size">Signed.</param>
/// <param name="Leverage">As set; with the cash of an isolated position.</param>
/// <param name="EntryPx">Average price.</param>
/// <param name="Value">At the mark, above 0.</param>
/// <param name="UnrealizedPnl">At the mark.</param>
/// <param name="ReturnOnEquity">A fraction.</param>
/// <param name="LiquidationPx">None where no price liquidates it.</param>
/// <param name="MarginUsed">Initial margin.</param>
/// <param name="MaxLeverage">Of the perpetual; none in messages of 2023.</param>
/// <param name="Funding">None in messages of 2023.</param>
public sealed record PerpPosition(
    string Coin,
    Sz Size,
    Leverage Leverage,
    Numeral EntryPx,
    Numeral Value,
    Numeral UnrealizedPnl,
    Numeral ReturnOnEquity,
    Numeral? LiquidationPx,
    Numeral MarginUsed,
    int? MaxLeverage,
    PaidFunding? Funding
)
{
    internal static PerpPosition Read(JsonElement of, WireReader read)
    {
        var position = read.Member(of, "position");
        var leverage = Leverage.Read(read.Member(position, "leverage"), read);
        if (!leverage.IsCross && leverage.IsolatedUsd is null)
            throw read.Fault("rawUsd", "is missing");
        return new(
            read.Text(position, "coin"),
            read.Signed(position, "szi"),
            leverage,
            read.Numeral(position, "entryPx"),
            read.Numeral(position, "positionValue"),
            read.Numeral(position, "unrealizedPnl"),
            read.Numeral(position, "returnOnEquity"),
            read.OptionalNumeral(position, "liquidationPx"),
            read.Numeral(position, "marginUsed"),
            read.OptionalCount(position, "maxLeverage"),
            read.OptionalObject(position, "cumFunding", PaidFunding.Read)
        );
    }

    internal static void Write(PerpPosition position, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("type", "oneWay");
        json.WriteStartObject("position");
        json.Put("coin", position.Coin);
        json.Put("szi", position.Size);
        json.WritePropertyName("leverage");
        Leverage.Write(position.Leverage, json);
        json.Put("entryPx", position.EntryPx);
        json.Put("positionValue", position.Value);
        json.Put("unrealizedPnl", position.UnrealizedPnl);
        json.Put("returnOnEquity", position.ReturnOnEquity);
        json.PutOrNull("liquidationPx", position.LiquidationPx);
        json.Put("marginUsed", position.MarginUsed);
        json.PutAny("maxLeverage", position.MaxLeverage);
        if (position.Funding is { } funding)
        {
            json.WritePropertyName("cumFunding");
            PaidFunding.Write(funding, json);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}

/// <summary>
/// A perp account on one dex. Money needs all of it: a message of 2023, which has no time and no maintenance margin, is refused.
/// </summary>
public sealed record PerpState(
    MarginSummary Margin,
    MarginSummary CrossMargin,
    Numeral CrossMaintenanceMargin,
    Numeral Withdrawable,
    Rows<PerpPosition> Positions,
    long TimeMs
)
{
    internal static PerpState Read(JsonElement of, WireReader read) =>
        new(
            MarginSummary.Read(read.Member(of, "marginSummary"), read),
            MarginSummary.Read(read.Member(of, "crossMarginSummary"), read),
            read.Numeral(of, "crossMaintenanceMarginUsed"),
            read.Numeral(of, "withdrawable"),
            read.Rows(of, "assetPositions", PerpPosition.Read),
            read.Time(of, "time")
        );

    internal static void Write(PerpState state, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("marginSummary");
        MarginSummary.Write(state.Margin, json);
        json.WritePropertyName("crossMarginSummary");
        MarginSummary.Write(state.CrossMargin, json);
        json.Put("crossMaintenanceMarginUsed", state.CrossMaintenanceMargin);
        json.Put("withdrawable", state.Withdrawable);
        json.PutRows("assetPositions", state.Positions, PerpPosition.Write);
        json.Put("time", state.TimeMs);
        json.WriteEndObject();
    }
}
