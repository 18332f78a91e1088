using System.Text;
using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What a connection listens to, read and brought to its normal form (protocol 6.1, 6.3).</summary>
internal sealed class Subscription
{
    private Subscription(string type, string echo)
    {
        Type = type;
        Echo = echo;
    }

    /// <summary>Its <c>type</c>.</summary>
    public string Type { get; }

    /// <summary>Its normal form as JSON, by which two are told apart.</summary>
    public string Echo { get; }

    /// <summary>The market; null where it names none.</summary>
    public Listed? Market { get; private init; }

    /// <summary>The address in lower case; null where it names none.</summary>
    public string? User { get; private init; }

    /// <summary>Of <c>candle</c>.</summary>
    public int Interval { get; private init; }

    /// <summary>Of <c>l2Book</c>.</summary>
    public BookShape Shape { get; private init; }

    /// <summary>Of <c>l2Book</c>.</summary>
    public bool IsFast { get; private init; }

    /// <summary>Of <c>userFills</c>: fills of one taker and block are one.</summary>
    public bool Merges { get; private init; }

    /// <summary>The dex was named, if only as nothing.</summary>
    public bool HasDex { get; private init; }

    /// <summary>Reads one; null when it is none that the venue has.</summary>
    public static Subscription? Read(JsonElement from)
    {
        if (!Asked.TryText(from, "type", out var type))
            return null;
        switch (type)
        {
            case "allMids" or "assetCtxs":
                return Of(from, type, [], hasDex: true);
            case "spotAssetCtxs"
            or "explorerBlock"
            or "explorerTxs"
            or "allDexsAssetCtxs"
            or "fastAssetCtxs"
            or "outcomeMetaUpdates":
                return Of(from, type, []);
            case "l2Book" or "bbo" or "trades" or "activeAssetCtx" or "candle":
                return OfMarket(from, type);
            case "orderUpdates"
            or "userEvents"
            or "userFills"
            or "userFundings"
            or "userNonFundingLedgerUpdates"
            or "userHistoricalOrders"
            or "userTwapSliceFills"
            or "userTwapHistory"
            or "spotState"
            or "webData2"
            or "webData3"
            or "notification"
            or "allDexsClearinghouseState":
                return OfUser(from, type, hasDex: false);
            case "clearinghouseState" or "openOrders" or "twapStates":
                return OfUser(from, type, hasDex: true);
            case "activeAssetData":
                return OfMarket(from, type);
            default:
                return null;
        }
    }

    private static Subscription? OfMarket(JsonElement from, string type)
    {
        if (!Asked.TryText(from, "coin", out var coin) || Listing.ofCoin(coin) is var found && found.IsNone)
            return null;
        switch (type)
        {
            case "candle":
                if (
                    !Asked.TryText(from, "interval", out var name)
                    || Sim.LocalVenue.Interval.find(name) is var i && i < 0
                )
                    return null;
                return new Subscription(type, Text(type, ("coin", coin), ("interval", name)))
                {
                    Market = found.Value,
                    Interval = i,
                };
            case "l2Book":
                return OfBook(from, coin, found.Value);
            case "activeAssetData":
                if (!Asked.TryAddress(from, "user", out var user) || found.Value.IsSpot)
                    return null;
                return new Subscription(type, Text(type, ("user", user), ("coin", coin)))
                {
                    Market = found.Value,
                    User = user,
                };
            default:
                return new Subscription(type, Text(type, ("coin", coin))) { Market = found.Value };
        }
    }

    private static Subscription? OfBook(JsonElement from, string coin, Listed market)
    {
        if (!BookShape.TryRead(from, out var shape) || !Asked.TryOptionalFlag(from, "fast", out var isFast))
            return null;
        var echo = Bytes(json =>
        {
            json.WriteString("type", "l2Book");
            json.WriteString("coin", coin);
            if (shape.SigFigs == 0)
                json.WriteNull("nSigFigs");
            else
                json.WriteNumber("nSigFigs", shape.SigFigs);
            if (Asked.IsAbsent(from, "mantissa"))
                json.WriteNull("mantissa");
            else
                json.WriteNumber("mantissa", shape.Mantissa);
            if (!Asked.IsAbsent(from, "fast"))
                json.WriteBoolean("fast", isFast);
        });
        return new Subscription("l2Book", echo)
        {
            Market = market,
            Shape = shape with { Depth = isFast ? 5 : 20 },
            IsFast = isFast,
        };
    }

    private static Subscription? OfUser(JsonElement from, string type, bool hasDex)
    {
        if (!Asked.TryAddress(from, "user", out var user))
            return null;
        return Of(from, type, [("user", user)], hasDex, user);
    }

    private static Subscription? Of(
        JsonElement from,
        string type,
        (string, string)[] members,
        bool hasDex = false,
        string? user = null
    )
    {
        if (!Asked.TryOptionalText(from, "dex", out var dex) || (hasDex && dex.Length > 0))
            return null;
        if (!Asked.TryOptionalFlag(from, "aggregateByTime", out var aggregates))
            return null;
        if (!Asked.TryOptionalFlag(from, "ignorePortfolioMargin", out var ignores))
            return null;
        var says = hasDex && !Asked.IsAbsent(from, "dex");
        var echo = Bytes(json =>
        {
            json.WriteString("type", type);
            foreach (var (name, value) in members)
                json.WriteString(name, value);
            if (type == "userFills")
                json.WriteBoolean("aggregateByTime", aggregates);
            if (says)
                json.WriteString("dex", dex);
            if (type == "spotState" && !Asked.IsAbsent(from, "ignorePortfolioMargin"))
                json.WriteBoolean("ignorePortfolioMargin", ignores);
        });
        return new Subscription(type, echo)
        {
            User = user,
            HasDex = says,
            Merges = aggregates,
        };
    }

    private static string Text(string type, params (string, string)[] members) =>
        Bytes(json =>
        {
            json.WriteString("type", type);
            foreach (var (name, value) in members)
                json.WriteString(name, value);
        });

    private static string Bytes(Action<Utf8JsonWriter> write) =>
        Encoding.UTF8.GetString(
            JsonBytes.Of(json =>
            {
                json.WriteStartObject();
                write(json);
                json.WriteEndObject();
            })
        );
}
