using System.Collections.Immutable;
using System.Text;
using Microsoft.FSharp.Core;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;
using Book = Vrlg.Adapters.Hyperliquid.Wire.Book;
using Level = Vrlg.Adapters.Hyperliquid.Wire.Level;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>
/// The same frames by the general reader: any order of members, unknown ones ignored, missing ones named. The way for whatever
/// <see cref="MarketFrames"/> does not know, and its oracle in the tests.
/// </summary>
public sealed class MarketCodec(CoinTable coins)
{
    /// <summary>
    /// The events of <paramref name="frame"/>. <see cref="FrameOutcome.Other"/> without an error: another channel; with one: it
    /// is not what the protocol says, and nothing of it is believed.
    /// </summary>
    public FrameOutcome Read(ReadOnlyMemory<byte> frame, EventBatch into, out WireError? error)
    {
        into.Clear();
        if (!Streams.TryRead(frame, out var message, out error))
        {
            // What another channel says wrongly, or a frame that names none, is for whoever reads that one.
            if (error.Channel is not ("?" or "bbo" or "l2Book" or "trades") || error.Field == "channel")
                error = null;
            return FrameOutcome.Other;
        }

        switch (message)
        {
            case StreamMessage.BboMoved moved:
                Bbo(moved.Bbo, into);
                return FrameOutcome.Decoded;
            case StreamMessage.BookMoved moved:
                Book(moved.Book, into);
                return FrameOutcome.Decoded;
            case StreamMessage.Traded traded:
                error = Trades(traded.Trades, into);
                return error is null ? FrameOutcome.Decoded : FrameOutcome.Other;
            default:
                return FrameOutcome.Other;
        }
    }

    private void Bbo(Bbo bbo, EventBatch into)
    {
        if (Find(bbo.Coin, out var id))
            into.Add(Event.BboMoved(id, SideOf(bbo.Bid), SideOf(bbo.Ask), Instant.OfMs(bbo.TimeMs)));
    }

    // A side without orders has size 0.
    private static FSharpValueOption<PxSz> SideOf(Level? side) =>
        FSharpValueOption<PxSz>.Some(side is null ? default : LevelOf(side));

    private static PxSz LevelOf(Level level) => new(level.Px, level.Sz);

    private void Book(Book book, EventBatch into)
    {
        if (!Find(book.Coin, out var id))
            return;
        var limit = book.IsFast ? MarketFrames.FastLimit : MarketFrames.FullLimit;
        var depth = new Depth(limit, LevelsOf(book.Bids), LevelsOf(book.Asks));
        into.Add(Event.BookMoved(id, depth, Instant.OfMs(book.TimeMs)));
    }

    private static ImmutableArray<PxSz> LevelsOf(Rows<Level> side) => [.. side.Select(LevelOf)];

    // Dust is finer than we count, and never of a coin of ours: only what is ours must fit.
    private WireError? Trades(Rows<Trade> trades, EventBatch into)
    {
        foreach (var trade in trades)
        {
            if (!Find(trade.Coin, out var id))
                continue;
            if (!trade.Sz.TryRaw(out var sz) || sz < 0)
            {
                into.Clear();
                return new WireError("trades", "sz", $"is no size that we count: {trade.Sz}");
            }

            into.Add(Event.Traded(id, trade.Side, trade.Px, Sz.Of(sz), trade.Tid, Instant.OfMs(trade.TimeMs)));
        }

        return null;
    }

    private bool Find(string coin, out InstrumentId id) => coins.TryFind(Encoding.UTF8.GetBytes(coin), out id);
}
