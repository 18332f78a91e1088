using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.FSharp.Core;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>
/// The same frames by a JSON reader: members in any order, unknown ones ignored, missing ones named. The way for whatever
/// <see cref="MarketFrames"/> does not know, and its oracle in the tests.
/// </summary>
public sealed class MarketCodec(CoinTable coins)
{
    private const int FullLimit = 20;
    private const int FastLimit = 5;

    /// <summary>
    /// The events of <paramref name="frame"/>. <see cref="FrameOutcome.Other"/> without an error: another channel; with one: it
    /// is not what the protocol says, and nothing of it is believed.
    /// </summary>
    public FrameOutcome Read(ReadOnlyMemory<byte> frame, EventBatch into, out WireError? error)
    {
        into.Clear();
        error = null;
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(frame);
        }
        catch (JsonException e)
        {
            error = new WireError("?", $"byte {e.BytePositionInLine}", "is no JSON");
            return FrameOutcome.Other;
        }

        using (json)
        {
            var read = new WireReader("?");
            try
            {
                var channel = ChannelOf(json.RootElement);
                if (channel is not ("bbo" or "l2Book" or "trades"))
                    return FrameOutcome.Other;
                read = new WireReader(channel);
                var data = read.Member(json.RootElement, "data");
                switch (channel)
                {
                    case "bbo":
                        Bbo(data, read, into);
                        break;
                    case "l2Book":
                        Book(data, read, into);
                        break;
                    default:
                        Trades(data, read, into);
                        break;
                }

                return FrameOutcome.Decoded;
            }
            catch (WireException e)
            {
                into.Clear();
                error = e.Wrong;
                return FrameOutcome.Other;
            }
            catch (InvalidOperationException)
            {
                // A text whose escapes or bytes are no characters.
                into.Clear();
                error = new WireError(read.Channel, "a text", "is no Unicode");
                return FrameOutcome.Other;
            }
        }
    }

    private static string ChannelOf(JsonElement frame) =>
        frame.ValueKind == JsonValueKind.Object
        && frame.TryGetProperty("channel", out var named)
        && named.ValueKind == JsonValueKind.String
            ? named.GetString()!
            : "";

    private void Bbo(JsonElement data, WireReader read, EventBatch into)
    {
        var coin = read.Text(data, "coin");
        var at = Instant.OfMs(read.Time(data, "time"));
        var sides = read.List(data, "bbo");
        if (sides.Count != 2)
            throw read.Fault("bbo", $"has {sides.Count} sides");
        var bid = SideOf(sides[0], read);
        var ask = SideOf(sides[1], read);
        if (Find(coin, out var id))
            into.Add(Event.BboMoved(id, FSharpValueOption<PxSz>.Some(bid), FSharpValueOption<PxSz>.Some(ask), at));
    }

    private static PxSz SideOf(JsonElement side, WireReader read) =>
        side.ValueKind == JsonValueKind.Null ? default : LevelOf(side, read);

    private static PxSz LevelOf(JsonElement level, WireReader read) =>
        new(Px.Of(read.Amount(level, "px")), Sz.Of(read.Amount(level, "sz")));

    private void Book(JsonElement data, WireReader read, EventBatch into)
    {
        var coin = read.Text(data, "coin");
        var at = Instant.OfMs(read.Time(data, "time"));
        var sides = read.List(data, "levels");
        if (sides.Count != 2)
            throw read.Fault("levels", $"has {sides.Count} sides");
        var bids = LevelsOf(sides[0], read);
        var asks = LevelsOf(sides[1], read);
        var isFast = data.TryGetProperty("fast", out var fast) && fast.ValueKind == JsonValueKind.True;
        if (Find(coin, out var id))
            into.Add(Event.BookMoved(id, new Depth(isFast ? FastLimit : FullLimit, bids, asks), at));
    }

    private static ImmutableArray<PxSz> LevelsOf(JsonElement side, WireReader read)
    {
        if (side.ValueKind != JsonValueKind.Array)
            throw read.Fault("levels", "is no list of two lists");
        return [.. side.EnumerateArray().Select(level => LevelOf(level, read))];
    }

    private void Trades(JsonElement data, WireReader read, EventBatch into)
    {
        if (data.ValueKind != JsonValueKind.Array)
            throw read.Fault("data", "is no list");
        foreach (var trade in data.EnumerateArray())
        {
            var coin = read.Text(trade, "coin");
            var side = read.SideOf(trade, "side");
            var px = Px.Of(read.Amount(trade, "px"));
            var sz = Sz.Of(read.Amount(trade, "sz"));
            var tid = read.Natural(trade, "tid");
            var at = Instant.OfMs(read.Time(trade, "time"));
            if (Find(coin, out var id))
                into.Add(Event.Traded(id, side, px, sz, tid, at));
        }
    }

    private bool Find(string coin, out InstrumentId id) => coins.TryFind(Encoding.UTF8.GetBytes(coin), out id);
}
