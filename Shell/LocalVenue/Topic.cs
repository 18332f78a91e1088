using Vrlg.Core;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>One subscription that somebody has, with those who have it and what they were last shown.</summary>
internal sealed class Topic(Subscription subscription)
{
    /// <summary>Milliseconds between two whole books, of 20 levels and of 5.</summary>
    private const long BookMs = 5_000;
    private const long FastBookMs = 500;

    /// <summary>Milliseconds between two pictures of anything else that has no cadence of its own.</summary>
    private const long PictureMs = 1_000;

    private long last;
    private (long, long, int, long, long, int) best;
    private Candle bar;
    private readonly FastMarks marks = new();

    /// <summary>What is subscribed to.</summary>
    public Subscription Subscription => subscription;

    /// <summary>The last frame that was shown, where faults may want it again.</summary>
    public byte[]? Shown { get; set; }

    /// <summary>Who listens.</summary>
    public HashSet<VenueSocket> Listeners { get; } = [];

    /// <summary>The frame that a block brings; null when it brings none.</summary>
    public byte[]? Next(VenueState s, BlockOutput output)
    {
        var t = subscription;
        return t.Type switch
        {
            "trades" => Trades(output),
            "bbo" => Best(s),
            "candle" => Bar(s),
            "fastAssetCtxs" => marks.Changes(s) is { } packed ? Frames.Marks(packed) : null,
            "l2Book" => Due(s, t.IsFast ? FastBookMs : BookMs),
            "explorerBlock" => JsonBytes.Of(json =>
            {
                json.WriteStartArray();
                ChainJson.Block(json, output.Block.Value);
                json.WriteEndArray();
            }),
            "explorerTxs" => JsonBytes.Of(json =>
            {
                json.WriteStartArray();
                foreach (var tx in output.Block.Value.Txs)
                    ChainJson.Tx(json, output.Block.Value, tx);
                json.WriteEndArray();
            }),
            _ when t.User is not null => OfAccount(s, output, InfoReplies.Find(s, t.User)),
            _ => Due(s, PictureMs),
        };
    }

    private byte[]? OfAccount(VenueState s, BlockOutput output, VenueAccount? a)
    {
        var t = subscription;
        var index = a?.Index ?? -1;
        switch (t.Type)
        {
            case "orderUpdates":
            {
                var rows = Mine(output.Updates, index);
                return rows.Count == 0
                    ? null
                    : Frames.Channel(
                        "orderUpdates",
                        json =>
                        {
                            json.WriteStartArray();
                            foreach (var row in rows)
                                OrderJson.Historical(json, row, isFull: false);
                            json.WriteEndArray();
                        }
                    );
            }

            case "userHistoricalOrders":
            {
                var rows = Mine(output.Updates, index);
                return rows.Count == 0
                    ? null
                    : Frames.Rows(t, "orderHistory", rows, (j, r) => OrderJson.Historical(j, r, true));
            }

            case "userFills":
            {
                var rows = Mine(output.Fills, index);
                if (rows.Count == 0)
                    return null;
                return Frames.Rows(t, "fills", t.Merges ? VenueFills.merged(rows) : rows, OrderJson.Fill);
            }

            case "userFundings":
            {
                var rows = Mine(output.Fundings, index);
                return rows.Count == 0
                    ? null
                    : Frames.Rows(t, "fundings", rows, (j, f) => OrderJson.Funding(j, f, false));
            }

            case "userNonFundingLedgerUpdates":
            {
                var rows = Mine(output.Ledger, index);
                return rows.Count == 0 ? null : Frames.Rows(t, "nonFundingLedgerUpdates", rows, LedgerJson.Write);
            }

            case "userTwapSliceFills":
            {
                var rows = TwapJson.Slices(Mine(output.Fills, index));
                return rows.Count == 0 ? null : Frames.Rows(t, "twapSliceFills", rows, TwapJson.Slice);
            }

            case "userTwapHistory":
            {
                var rows = Mine(output.Twaps, index);
                return rows.Count == 0 ? null : Frames.Rows(t, "history", rows, (j, r) => TwapJson.Row(j, s, r));
            }

            case "userEvents"
            or "notification":
                return null;
            default:
                return Due(s, PictureMs);
        }
    }

    /// <summary>One frame a kind of event that the account had.</summary>
    public void Events(VenueState s, BlockOutput output, List<byte[]> into)
    {
        if (subscription.Type != "userEvents" || InfoReplies.Find(s, subscription.User!) is not { } a)
            return;
        var fills = Mine(output.Fills, a.Index);
        if (fills.Count > 0)
            into.Add(Frames.Channel("user", json => Wrapped(json, "fills", fills, OrderJson.Fill)));
        var cancels = Mine(output.NonUserCancels, a.Index);
        if (cancels.Count > 0)
            into.Add(Frames.Channel("user", json => Wrapped(json, "nonUserCancel", cancels, Cancelled)));
        var slices = TwapJson.Slices(fills);
        if (slices.Count > 0)
            into.Add(Frames.Channel("user", json => Wrapped(json, "twapSliceFills", slices, TwapJson.Slice)));
        var twaps = Mine(output.Twaps, a.Index);
        if (twaps.Count > 0)
            into.Add(
                Frames.Channel("user", json => Wrapped(json, "twapHistory", twaps, (j, r) => TwapJson.Row(j, s, r)))
            );
        foreach (var funding in Mine(output.Fundings, a.Index))
        {
            into.Add(
                Frames.Channel(
                    "user",
                    json =>
                    {
                        json.WriteStartObject();
                        json.WritePropertyName("funding");
                        OrderJson.Funding(json, funding, false);
                        json.WriteEndObject();
                    }
                )
            );
        }
    }

    private static void Wrapped<T>(
        System.Text.Json.Utf8JsonWriter json,
        string name,
        List<T> rows,
        Action<System.Text.Json.Utf8JsonWriter, T> write
    )
    {
        json.WriteStartObject();
        json.WriteStartArray(name);
        foreach (var row in rows)
            write(json, row);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Cancelled(System.Text.Json.Utf8JsonWriter json, OrderRow row)
    {
        json.WriteStartObject();
        json.WriteString("coin", row.Order!.Market.Coin);
        json.WriteNumber("oid", row.Order!.Oid);
        json.WriteEndObject();
    }

    private static List<T> Mine<T>(List<(int, T)> rows, int index)
    {
        var mine = new List<T>();
        foreach (var (account, row) in rows)
        {
            if (account == index)
                mine.Add(row);
        }

        return mine;
    }

    private byte[]? Due(VenueState s, long every)
    {
        if (last != 0 && s.Time - last < every)
            return null;
        last = s.Time;
        return Frames.Full(s, subscription);
    }

    private byte[]? Trades(BlockOutput output)
    {
        var rows = output.Trades.FindAll(t => t.Market.Id == subscription.Market!.Id);
        return rows.Count == 0
            ? null
            : Frames.Channel(
                "trades",
                json =>
                {
                    json.WriteStartArray();
                    foreach (var row in rows)
                        BookJson.Trade(json, row);
                    json.WriteEndArray();
                }
            );
    }

    private byte[]? Best(VenueState s)
    {
        var bid = Engine.levels(s, subscription.Market!, Side.Buy, 1);
        var ask = Engine.levels(s, subscription.Market!, Side.Sell, 1);
        var (bidPx, bidSz, bidN) = bid.Length > 0 ? bid[0] : default;
        var (askPx, askSz, askN) = ask.Length > 0 ? ask[0] : default;
        var now = (bidPx, bidSz, bidN, askPx, askSz, askN);
        if (now == best)
            return null;
        best = now;
        return Frames.Full(s, subscription);
    }

    private byte[]? Bar(VenueState s)
    {
        var now = s.Candles.At(subscription.Market!, subscription.Interval, s.Time);
        if (now.Time == bar.Time && now.Trades == bar.Trades)
            return null;
        bar = now;
        return Frames.Full(s, subscription);
    }
}
