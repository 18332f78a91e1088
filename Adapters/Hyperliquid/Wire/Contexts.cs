using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>The running numbers of a perpetual.</summary>
/// <param name="Funding">Hourly rate.</param>
/// <param name="OpenInterest">In base units.</param>
/// <param name="PrevDayPx">Mark of 24 hours ago.</param>
/// <param name="DayNtlVlm">Volume of 24 hours in USD.</param>
/// <param name="Premium">None without a book.</param>
/// <param name="OraclePx">Oracle price.</param>
/// <param name="MarkPx">Mark price.</param>
/// <param name="MidPx">None when a side of the book is empty.</param>
/// <param name="ImpactPxs">Bid and ask for the impact notional; empty without them.</param>
/// <param name="DayBaseVlm">Volume in base units; none in old messages.</param>
public sealed record PerpContext(
    Numeral Funding,
    Numeral OpenInterest,
    Numeral PrevDayPx,
    Numeral DayNtlVlm,
    Numeral? Premium,
    Numeral OraclePx,
    Numeral MarkPx,
    Numeral? MidPx,
    Rows<Numeral> ImpactPxs,
    Numeral? DayBaseVlm
)
{
    internal static PerpContext Read(JsonElement of, WireReader read) =>
        new(
            read.Numeral(of, "funding"),
            read.Numeral(of, "openInterest"),
            read.Numeral(of, "prevDayPx"),
            read.Numeral(of, "dayNtlVlm"),
            read.OptionalNumeral(of, "premium"),
            read.Numeral(of, "oraclePx"),
            read.Numeral(of, "markPx"),
            read.OptionalNumeral(of, "midPx"),
            read.OptionalRows(of, "impactPxs", static (value, r) => r.NumeralOf(value, "impactPxs")),
            read.OptionalNumeral(of, "dayBaseVlm")
        );

    internal static void Write(PerpContext context, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("funding", context.Funding);
        json.Put("openInterest", context.OpenInterest);
        json.Put("prevDayPx", context.PrevDayPx);
        json.Put("dayNtlVlm", context.DayNtlVlm);
        json.PutOrNull("premium", context.Premium);
        json.Put("oraclePx", context.OraclePx);
        json.Put("markPx", context.MarkPx);
        json.PutOrNull("midPx", context.MidPx);
        if (context.ImpactPxs.Count == 0)
            json.WriteNull("impactPxs");
        else
            json.PutRows("impactPxs", context.ImpactPxs, static (px, j) => j.WriteStringValue(px.ToString()));
        json.PutAny("dayBaseVlm", context.DayBaseVlm);
        json.WriteEndObject();
    }
}

/// <summary>The running numbers of a spot pair.</summary>
/// <param name="Coin">The pair's name.</param>
/// <param name="PrevDayPx">Price of 24 hours ago.</param>
/// <param name="DayNtlVlm">Volume of 24 hours in the quote token.</param>
/// <param name="MarkPx">Mark price.</param>
/// <param name="MidPx">None when a side of the book is empty.</param>
/// <param name="CirculatingSupply">Of the base token.</param>
/// <param name="TotalSupply">Of the base token; none in old messages.</param>
/// <param name="DayBaseVlm">Volume in base units; none in old messages.</param>
public sealed record SpotContext(
    string Coin,
    Numeral PrevDayPx,
    Numeral DayNtlVlm,
    Numeral MarkPx,
    Numeral? MidPx,
    Numeral CirculatingSupply,
    Numeral? TotalSupply,
    Numeral? DayBaseVlm
)
{
    internal static SpotContext Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "coin"),
            read.Numeral(of, "prevDayPx"),
            read.Numeral(of, "dayNtlVlm"),
            read.Numeral(of, "markPx"),
            read.OptionalNumeral(of, "midPx"),
            read.Numeral(of, "circulatingSupply"),
            read.OptionalNumeral(of, "totalSupply"),
            read.OptionalNumeral(of, "dayBaseVlm")
        );

    internal static void Write(SpotContext context, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("prevDayPx", context.PrevDayPx);
        json.Put("dayNtlVlm", context.DayNtlVlm);
        json.Put("markPx", context.MarkPx);
        json.PutOrNull("midPx", context.MidPx);
        json.Put("circulatingSupply", context.CirculatingSupply);
        json.Put("coin", context.Coin);
        json.PutAny("totalSupply", context.TotalSupply);
        json.PutAny("dayBaseVlm", context.DayBaseVlm);
        json.WriteEndObject();
    }
}

/// <summary>The perpetuals of a dex with their running numbers, in the same order.</summary>
public sealed record MetaAndContexts(Meta Meta, Rows<PerpContext> Contexts)
{
    internal static MetaAndContexts Read(JsonElement of, WireReader read)
    {
        var (meta, contexts) = read.PairOf(of, "reply");
        return new(Meta.Read(meta, read), read.RowsOf(contexts, "contexts", PerpContext.Read));
    }

    internal static void Write(MetaAndContexts both, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        Meta.Write(both.Meta, json);
        json.PutRows(both.Contexts, PerpContext.Write);
        json.WriteEndArray();
    }
}

/// <summary>Spot pairs and tokens with the pairs' running numbers.</summary>
public sealed record SpotMetaAndContexts(SpotMeta Meta, Rows<SpotContext> Contexts)
{
    internal static SpotMetaAndContexts Read(JsonElement of, WireReader read)
    {
        var (meta, contexts) = read.PairOf(of, "reply");
        return new(SpotMeta.Read(meta, read), read.RowsOf(contexts, "contexts", SpotContext.Read));
    }

    internal static void Write(SpotMetaAndContexts both, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        SpotMeta.Write(both.Meta, json);
        json.PutRows(both.Contexts, SpotContext.Write);
        json.WriteEndArray();
    }
}

/// <summary>The running numbers of every perpetual of a dex.</summary>
public sealed record DexContexts(string Dex, Rows<PerpContext> Contexts)
{
    internal static DexContexts Read(JsonElement of, WireReader read)
    {
        var (dex, contexts) = read.PairOf(of, "ctxs");
        return new(read.TextOf(dex, "ctxs"), read.RowsOf(contexts, "ctxs", PerpContext.Read));
    }

    internal static void Write(DexContexts dex, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteStringValue(dex.Dex);
        json.PutRows(dex.Contexts, PerpContext.Write);
        json.WriteEndArray();
    }
}
