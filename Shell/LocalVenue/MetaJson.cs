using System.Text.Json;
using Vrlg.Core;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What is listed, and its prices (protocol 2.1).</summary>
internal static class MetaJson
{
    private static readonly (int MaxLeverage, long Bound, int Then)[] Tiers =
    [
        (40, 150_000_000, 20),
        (25, 100_000_000, 15),
    ];

    /// <summary>Meta.</summary>
    public static void Meta(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("universe");
        for (var i = 0; i < Listing.perps.Length; i++)
        {
            var m = Listing.perps[i];
            json.WriteStartObject();
            json.WriteString("name", m.Coin);
            json.WriteNumber("szDecimals", m.Rules.SzDecimals);
            json.WriteNumber("maxLeverage", m.Rules.MaxLeverage);
            json.WriteNumber("marginTableId", Table(m.Rules.MaxLeverage));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("marginTables");
        foreach (var tier in Tiers)
        {
            json.WriteStartArray();
            json.WriteNumberValue(Table(tier.MaxLeverage));
            MarginTable(json, tier.MaxLeverage);
            json.WriteEndArray();
        }

        json.WriteStartArray();
        json.WriteNumberValue(10);
        MarginTable(json, 10);
        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteNumber("collateralToken", 0);
        json.WriteEndObject();
    }

    /// <summary>A margin table; null for one that is not there.</summary>
    public static void MarginTable(Utf8JsonWriter json, long leverageOrId)
    {
        var leverage = leverageOrId >= 50 ? leverageOrId - 50 : leverageOrId;
        if (leverage is < 1 or >= 50)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("description", leverageOrId >= 50 ? $"tiered {leverage}x" : "");
        json.WriteStartArray("marginTiers");
        Tier(json, 0, leverage);
        foreach (var tier in Tiers)
        {
            if (tier.MaxLeverage == leverage)
                Tier(json, tier.Bound, tier.Then);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>SpotMeta.</summary>
    public static void SpotMeta(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("universe");
        for (var i = 0; i < Listing.spots.Length; i++)
        {
            var m = Listing.spots[i];
            json.WriteStartObject();
            json.WriteStartArray("tokens");
            json.WriteNumberValue(m.Base);
            json.WriteNumberValue(0);
            json.WriteEndArray();
            json.WriteString("name", m.Coin);
            json.WriteNumber("index", m.Asset - 10_000);
            json.WriteBoolean("isCanonical", i == 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("tokens");
        foreach (var t in Listing.tokens)
        {
            json.WriteStartObject();
            json.WriteString("name", t.Name);
            json.WriteNumber("szDecimals", t.SzDecimals);
            json.WriteNumber("weiDecimals", t.WeiDecimals);
            json.WriteNumber("index", t.Index);
            json.WriteString("tokenId", t.TokenId);
            json.WriteBoolean("isCanonical", t.Index < 2);
            json.WriteNull("evmContract");
            json.WriteString("fullName", t.FullName);
            json.WriteString("deployerTradingFeeShare", "0.0");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>PerpAssetCtx.</summary>
    public static void PerpContext(Utf8JsonWriter json, VenueState s, Listed m)
    {
        var state = s.Markets[m.Id];
        var premium = Engine.premium(s, m);
        var (day, worth) = Engine.dayVolume(s, m);
        json.WriteStartObject();
        json.WriteRate("funding", state.FundingRate, 12);
        json.WriteAmount("openInterest", Engine.openInterest(s, m));
        json.WriteAmount("prevDayPx", Engine.prevDay(s, m));
        json.WriteAmount("dayNtlVlm", worth);
        if (premium.IsNone)
            json.WriteNull("premium");
        else
            json.WriteRate("premium", premium.Value, 12);
        json.WriteAmount("oraclePx", state.Oracle);
        json.WriteAmount("markPx", state.Mark);
        Middle(json, s, m);
        if (premium.IsNone)
        {
            json.WriteNull("impactPxs");
        }
        else
        {
            json.WriteStartArray("impactPxs");
            json.WriteAmountValue(Engine.impactPx(s, m, Side.Buy));
            json.WriteAmountValue(Engine.impactPx(s, m, Side.Sell));
            json.WriteEndArray();
        }

        json.WriteAmount("dayBaseVlm", day);
        json.WriteEndObject();
    }

    /// <summary>SpotAssetCtx.</summary>
    public static void SpotContext(Utf8JsonWriter json, VenueState s, Listed m)
    {
        var (day, worth) = Engine.dayVolume(s, m);
        json.WriteStartObject();
        json.WriteAmount("prevDayPx", Engine.prevDay(s, m));
        json.WriteAmount("dayNtlVlm", worth);
        json.WriteAmount("markPx", s.Markets[m.Id].Mark);
        Middle(json, s, m);
        json.WriteString("circulatingSupply", "1000000000.0");
        json.WriteString("coin", m.Coin);
        json.WriteString("totalSupply", "1000000000.0");
        json.WriteAmount("dayBaseVlm", day);
        json.WriteEndObject();
    }

    /// <summary>The context that fits a market's kind.</summary>
    public static void Context(Utf8JsonWriter json, VenueState s, Listed m)
    {
        if (m.IsSpot)
            SpotContext(json, s, m);
        else
            PerpContext(json, s, m);
    }

    /// <summary>Contexts of many markets.</summary>
    public static void Contexts(Utf8JsonWriter json, VenueState s, Listed[] markets)
    {
        json.WriteStartArray();
        foreach (var m in markets)
            Context(json, s, m);
        json.WriteEndArray();
    }

    /// <summary>Middles by coin.</summary>
    public static void Mids(Utf8JsonWriter json, VenueState s)
    {
        json.WriteStartObject();
        foreach (var m in Listing.markets)
            json.WriteAmount(m.Coin, Engine.mid(s, m));
        json.WriteEndObject();
    }

    private static void Middle(Utf8JsonWriter json, VenueState s, Listed m)
    {
        var mid = s.Mid(m);
        if (mid == 0)
            json.WriteNull("midPx");
        else
            json.WriteAmount("midPx", mid);
    }

    private static void Tier(Utf8JsonWriter json, long bound, long leverage)
    {
        json.WriteStartObject();
        json.WriteString("lowerBound", $"{bound}.0");
        json.WriteNumber("maxLeverage", leverage);
        json.WriteEndObject();
    }

    private static int Table(int leverage) => leverage >= 25 ? 50 + leverage : leverage;
}
