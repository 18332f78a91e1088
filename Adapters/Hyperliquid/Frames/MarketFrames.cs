using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>What became of a frame.</summary>
public enum FrameOutcome
{
    /// <summary>Its events are in the batch; none where it is about a coin that the run does not have.</summary>
    Decoded,

    /// <summary>It belongs to another channel, or is laid out otherwise: for the general codec.</summary>
    Other,
}

/// <summary>
/// Books, best quotes and trades from the frames of the venue (protocol 6.3), by scanners for the layout that the venue writes.
/// One for a connection: it reuses its memory.
/// </summary>
public sealed class MarketFrames(CoinTable coins)
{
    /// <summary>Levels a side of a book.</summary>
    internal const int FullLimit = 20;

    /// <summary>The same of a fast one.</summary>
    internal const int FastLimit = 5;

    private const int MostLevels = 100;

    private readonly PxSz[] levels = new PxSz[MostLevels];

    /// <summary>The events of <paramref name="frame"/> into <paramref name="into"/>, which is emptied first.</summary>
    public FrameOutcome Read(ReadOnlySpan<byte> frame, EventBatch into)
    {
        into.Clear();
        var scan = new FrameScanner(frame);
        if (!scan.Skip("{\"channel\":\""u8))
            return FrameOutcome.Other;
        var isRead =
            scan.Skip("bbo\",\"data\":{\"coin\":\""u8) ? Bbo(ref scan, into)
            : scan.Skip("l2Book\",\"data\":{\"coin\":\""u8) ? Book(ref scan, into)
            : scan.Skip("trades\",\"data\":["u8) && Trades(ref scan, into);
        if (isRead)
            return FrameOutcome.Decoded;
        into.Clear();
        return FrameOutcome.Other;
    }

    private bool Bbo(ref FrameScanner scan, EventBatch into)
    {
        if (
            !scan.Text(out var coin)
            || !scan.Skip(",\"time\":"u8)
            || !scan.Time(out var time)
            || !scan.Skip(",\"bbo\":["u8)
            || !Side(ref scan, out var bid)
            || !scan.Skip(","u8)
            || !Side(ref scan, out var ask)
            || !scan.Skip("]}}"u8)
            || !scan.IsAtEnd
        )
            return false;
        if (coins.TryFind(coin, out var id))
            into.Add(
                Event.BboMoved(
                    id,
                    Microsoft.FSharp.Core.FSharpValueOption<PxSz>.Some(bid),
                    Microsoft.FSharp.Core.FSharpValueOption<PxSz>.Some(ask),
                    Instant.OfMs(time)
                )
            );
        return true;
    }

    // A side without orders is null on the wire and has size 0 here.
    private static bool Side(ref FrameScanner scan, out PxSz side)
    {
        side = default;
        return scan.Skip("null"u8) || Level(ref scan, out side);
    }

    private static bool Level(ref FrameScanner scan, out PxSz level)
    {
        level = default;
        if (
            !scan.Skip("{\"px\":\""u8)
            || !scan.Decimal(out var px)
            || !scan.Skip(",\"sz\":\""u8)
            || !scan.Decimal(out var sz)
        )
            return false;
        if (scan.Skip(",\"n\":"u8) && !(scan.Whole(out var orders) && orders <= int.MaxValue))
            return false;
        level = new PxSz(Px.Of(px), Sz.Of(sz));
        return scan.Skip("}"u8);
    }

    private bool Book(ref FrameScanner scan, EventBatch into)
    {
        if (
            !scan.Text(out var coin)
            || !scan.Skip(",\"time\":"u8)
            || !scan.Time(out var time)
            || !scan.Skip(",\"levels\":[["u8)
            || !Levels(ref scan, out var bids)
            || !scan.Skip(",["u8)
            || !Levels(ref scan, out var asks)
            || !scan.Skip("]"u8)
        )
            return false;
        var isFast = scan.Skip(",\"fast\":true"u8);
        if (!scan.Skip("}}"u8) || !scan.IsAtEnd)
            return false;
        if (coins.TryFind(coin, out var id))
            into.Add(Event.BookMoved(id, new Depth(isFast ? FastLimit : FullLimit, bids, asks), Instant.OfMs(time)));
        return true;
    }

    private bool Levels(ref FrameScanner scan, out ImmutableArray<PxSz> side)
    {
        side = [];
        var count = 0;
        if (scan.Skip("]"u8))
            return true;
        do
        {
            if (count == levels.Length || !Level(ref scan, out levels[count++]))
                return false;
        } while (scan.Skip(","u8));
        side = ImmutableCollectionsMarshal.AsImmutableArray(levels.AsSpan(0, count).ToArray());
        return scan.Skip("]"u8);
    }

    private bool Trades(ref FrameScanner scan, EventBatch into)
    {
        if (scan.Skip("]}"u8))
            return scan.IsAtEnd;
        do
        {
            if (!Trade(ref scan, into))
                return false;
        } while (scan.Skip(","u8));
        return scan.Skip("]}"u8) && scan.IsAtEnd;
    }

    private bool Trade(ref FrameScanner scan, EventBatch into)
    {
        if (
            !scan.Skip("{\"coin\":\""u8)
            || !scan.Text(out var coin)
            || !scan.Skip(",\"side\":\""u8)
            || !scan.SideOf(out var side)
            || !scan.Skip(",\"px\":\""u8)
            || !scan.Decimal(out var px)
            || !scan.Skip(",\"sz\":\""u8)
            || !scan.Decimal(out var sz)
            || !scan.Skip(",\"time\":"u8)
            || !scan.Time(out var time)
            || !scan.Skip(",\"hash\":\""u8)
            || !scan.Text(out _)
            || !scan.Skip(",\"tid\":"u8)
            || !scan.Whole(out var tid)
        )
            return false;
        if (
            scan.Skip(",\"users\":[\""u8)
            && !(scan.Text(out _) && scan.Skip(",\""u8) && scan.Text(out _) && scan.Skip("]"u8))
        )
            return false;
        if (!scan.Skip("}"u8))
            return false;
        if (coins.TryFind(coin, out var id))
            into.Add(Event.Traded(id, side, Px.Of(px), Sz.Of(sz), tid, Instant.OfMs(time)));
        return true;
    }
}
