using System.Text;
using System.Text.Json;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Frames that the venue sends (protocol 6).</summary>
internal static class Frames
{
    private const int MostRows = 2_000;

    /// <summary>The answer to a ping.</summary>
    public static byte[] Pong { get; } = """{"channel":"pong"}"""u8.ToArray();

    /// <summary>The channel of a frame of ours; of the explorer's bare lists the name of their subscription.</summary>
    public static string ChannelOf(ReadOnlySpan<byte> frame)
    {
        var begin = "{\"channel\":\""u8;
        if (!frame.StartsWith(begin))
            return frame.StartsWith("[{\"blockTime\""u8) ? "explorerBlock" : "explorerTxs";
        var name = frame[begin.Length..];
        return Encoding.UTF8.GetString(name[..name.IndexOf((byte)'"')]);
    }

    /// <summary>Something went wrong.</summary>
    public static byte[] Error(string text) =>
        JsonBytes.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("channel", "error");
            json.WriteString("data", text);
            json.WriteEndObject();
        });

    /// <summary>A subscription began or ended.</summary>
    public static byte[] Acknowledged(string method, string echo) =>
        Channel(
            "subscriptionResponse",
            json =>
            {
                json.WriteStartObject();
                json.WriteString("method", method);
                json.WritePropertyName("subscription");
                json.WriteRawValue(echo, skipInputValidation: true);
                json.WriteEndObject();
            }
        );

    /// <summary>A frame of a channel.</summary>
    public static byte[] Channel(string channel, Action<Utf8JsonWriter> data) =>
        JsonBytes.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("channel", channel);
            json.WritePropertyName("data");
            data(json);
            json.WriteEndObject();
        });

    /// <summary>The answer to a <c>post</c>.</summary>
    public static byte[] Posted(long id, string type, JsonElement payload, PostAnswer answer) =>
        Channel(
            "post",
            json =>
            {
                json.WriteStartObject();
                json.WriteNumber("id", id);
                json.WriteStartObject("response");
                json.WriteString("type", answer.Bytes is null ? "error" : type);
                json.WritePropertyName("payload");
                if (answer.Bytes is not { } bytes)
                {
                    json.WriteStringValue(answer.Refusal);
                }
                else if (type == "action")
                {
                    json.WriteRawValue(bytes, skipInputValidation: true);
                }
                else
                {
                    _ = Asked.TryText(payload, "type", out var name);
                    json.WriteStartObject();
                    json.WriteString("type", name);
                    json.WritePropertyName("data");
                    json.WriteRawValue(bytes, skipInputValidation: true);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }
        );

    /// <summary>What a listener is shown first; null where it waits for the first event.</summary>
    public static byte[]? First(VenueState s, Subscription t)
    {
        var a = t.User is { } user ? InfoReplies.Find(s, user) : null;
        return t.Type switch
        {
            "trades" => Channel("trades", json => Backlog(json, s, t.Market!)),
            "userFills" => Snapshot(
                t,
                "fills",
                json => InfoReplies.Newest(json, InfoReplies.Fills(a, t.Merges), MostRows, OrderJson.Fill)
            ),
            "userFundings" => Snapshot(
                t,
                "fundings",
                json => InfoReplies.Newest(json, a?.Fundings, MostRows, (j, f) => OrderJson.Funding(j, f, false))
            ),
            "userNonFundingLedgerUpdates" => Snapshot(
                t,
                "nonFundingLedgerUpdates",
                json => InfoReplies.Newest(json, a?.Ledger, MostRows, LedgerJson.Write)
            ),
            "userHistoricalOrders" => Snapshot(
                t,
                "orderHistory",
                json =>
                    InfoReplies.Newest(
                        json,
                        a?.Orders,
                        MostRows,
                        (j, o) => OrderJson.Historical(j, OrderRow.Of(o), true)
                    )
            ),
            "userTwapSliceFills" => Snapshot(
                t,
                "twapSliceFills",
                json => InfoReplies.Newest(json, TwapJson.Slices(a?.Fills), MostRows, TwapJson.Slice)
            ),
            "userTwapHistory" => Snapshot(
                t,
                "history",
                json => InfoReplies.Newest(json, a?.TwapHistory, MostRows, (j, r) => TwapJson.Row(j, s, r))
            ),
            "explorerBlock" => JsonBytes.Of(json =>
            {
                json.WriteStartArray();
                foreach (var block in s.Blocks.TakeLast(10))
                    ChainJson.Block(json, block);
                json.WriteEndArray();
            }),
            "explorerTxs" => JsonBytes.Of(json =>
            {
                json.WriteStartArray();
                foreach (var block in s.Blocks.TakeLast(10))
                {
                    foreach (var tx in block.Txs)
                        ChainJson.Tx(json, block, tx);
                }

                json.WriteEndArray();
            }),
            _ => Full(s, t),
        };
    }

    /// <summary>The whole picture of a topic that has one; null for streams of events.</summary>
    public static byte[]? Full(VenueState s, Subscription t)
    {
        var a = t.User is { } user ? InfoReplies.Find(s, user) : null;
        return t.Type switch
        {
            "allMids" => Channel("allMids", json => Mids(json, s, t)),
            "l2Book" => Channel("l2Book", json => BookJson.Book(json, s, t.Market!, t.Shape, t.IsFast)),
            "bbo" => Channel("bbo", json => BookJson.Best(json, s, t.Market!)),
            "candle" => Channel("candle", json => Bar(json, s, t)),
            "activeAssetCtx" => Channel(
                t.Market!.IsSpot ? "activeSpotAssetCtx" : "activeAssetCtx",
                json =>
                {
                    json.WriteStartObject();
                    json.WriteString("coin", t.Market.Coin);
                    json.WritePropertyName("ctx");
                    MetaJson.Context(json, s, t.Market);
                    json.WriteEndObject();
                }
            ),
            "activeAssetData" => Channel("activeAssetData", json => AccountJson.Active(json, s, t.User!, a, t.Market!)),
            "assetCtxs" => Channel(
                "assetCtxs",
                json =>
                {
                    json.WriteStartObject();
                    json.WriteString("dex", "");
                    json.WritePropertyName("ctxs");
                    MetaJson.Contexts(json, s, Listing.perps);
                    json.WriteEndObject();
                }
            ),
            "allDexsAssetCtxs" => Channel(
                "allDexsAssetCtxs",
                json => Nested(json, "ctxs", j => MetaJson.Contexts(j, s, Listing.perps), null)
            ),
            "fastAssetCtxs" => Marks(FastMarks.All(s)),
            "spotAssetCtxs" => Channel("spotAssetCtxs", json => MetaJson.Contexts(json, s, Listing.spots)),
            "clearinghouseState" => Account(t, "clearinghouseState", true, j => AccountJson.Clearinghouse(j, s, a)),
            "openOrders" => Account(t, "orders", true, j => OpenOrders.Write(j, a, OrderJson.Full)),
            "twapStates" => Account(t, "states", true, json => TwapJson.States(json, s, a)),
            "spotState" => Account(t, "spotState", false, j => AccountJson.Spot(j, s, a)),
            "allDexsClearinghouseState" => Channel(
                "allDexsClearinghouseState",
                json => Nested(json, "clearinghouseStates", j => AccountJson.Clearinghouse(j, s, a), t.User)
            ),
            "webData2" => Channel("webData2", json => WebJson.Data2(json, s, t.User!, a)),
            "webData3" => Channel("webData3", json => WebJson.Data3(json, s, t.User!, a)),
            _ => null,
        };
    }

    /// <summary>Marks and middles, packed.</summary>
    public static byte[] Marks(string packed) => Channel("fastAssetCtxs", json => json.WriteStringValue(packed));

    /// <summary>Rows of an account's stream, with who it is.</summary>
    public static byte[] Rows<T>(Subscription t, string name, IEnumerable<T> rows, Action<Utf8JsonWriter, T> write) =>
        Channel(
            t.Type,
            json =>
            {
                json.WriteStartObject();
                json.WriteString("user", t.User);
                json.WriteStartArray(name);
                foreach (var row in rows)
                    write(json, row);
                json.WriteEndArray();
                json.WriteEndObject();
            }
        );

    private static byte[] Snapshot(Subscription t, string name, Action<Utf8JsonWriter> rows) =>
        Channel(
            t.Type,
            json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("isSnapshot", true);
                json.WriteString("user", t.User);
                json.WritePropertyName(name);
                rows(json);
                json.WriteEndObject();
            }
        );

    private static byte[] Account(Subscription t, string name, bool hasDex, Action<Utf8JsonWriter> state) =>
        Channel(
            t.Type,
            json =>
            {
                json.WriteStartObject();
                if (hasDex)
                    json.WriteString("dex", "");
                json.WriteString("user", t.User);
                json.WritePropertyName(name);
                state(json);
                json.WriteEndObject();
            }
        );

    private static void Nested(Utf8JsonWriter json, string name, Action<Utf8JsonWriter> one, string? user)
    {
        json.WriteStartObject();
        if (user is not null)
            json.WriteString("user", user);
        json.WriteStartArray(name);
        json.WriteStartArray();
        json.WriteStringValue("");
        one(json);
        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Backlog(Utf8JsonWriter json, VenueState s, Listed m)
    {
        json.WriteStartArray();
        foreach (var trade in s.Markets[m.Id].Trades.TakeLast(30))
            BookJson.Trade(json, trade);
        json.WriteEndArray();
    }

    private static void Mids(Utf8JsonWriter json, VenueState s, Subscription t)
    {
        json.WriteStartObject();
        json.WritePropertyName("mids");
        MetaJson.Mids(json, s);
        if (t.HasDex)
            json.WriteString("dex", "");
        json.WriteEndObject();
    }

    private static void Bar(Utf8JsonWriter json, VenueState s, Subscription t) =>
        BookJson.Bar(json, t.Market!, t.Interval, s.Candles.At(t.Market!, t.Interval, s.Time));
}
