namespace Vrlg.Core

open System
open System.Collections.Immutable

/// The local book of one instrument: what is displayed less what traded since, by simulation.md 5 and 9. A level feed keeps
/// every level; whole books bring the best ones and leave the rest as it was.
[<Sealed>]
type Book private () =
    member val private Maker: Owner = null with get, set
    member val Bids: Ladder = Ladder.Empty Side.Buy with get, private set
    member val Asks: Ladder = Ladder.Empty Side.Sell with get, private set
    /// Levels dropped from view because the feed showed a locked or crossed book.
    member val Repairs = 0L with get, private set

    static member Empty = Book()

    member private b.Next(by: Owner) : Book =
        if not (isNull by) && obj.ReferenceEquals(b.Maker, by) then
            b
        else
            let copy = b.MemberwiseClone() :?> Book
            copy.Maker <- by
            copy

    member b.On(side: Side) : Ladder =
        if side = Side.Buy then b.Bids else b.Asks

    /// The best quotes in view; a side without levels has price and size 0.
    member b.Touch: Touch =
        {
            BidPx = Px.Of b.Bids.BestPx
            BidSz = Sz.Of b.Bids.BestSz
            AskPx = Px.Of b.Asks.BestPx
            AskSz = Sz.Of b.Asks.BestSz
        }

    /// What others have resting at a price.
    member b.SizeAt(side: Side, px: Px) : Sz =
        let ladder = b.On side

        match ladder.IndexOf px.Raw with
        | -1 -> Sz.Of 0L
        | i -> Sz.Of(ladder.Eff i)

    /// The best `n` levels in view of a side, best first. A copy.
    member b.Best(side: Side, n: int) : ImmutableArray<PxSz> =
        let ladder = b.On side
        let levels = ImmutableArray.CreateBuilder<PxSz>()
        let mutable rank = ladder.BestRank

        while rank >= 0 && levels.Count < n do
            let i = ladder.Place rank
            let left = ladder.Eff i

            if left > 0L && not (ladder.IsDropped i) then
                let px = ladder.Item(i).Px
                levels.Add { Px = Px.Of px; Sz = Sz.Of left }

            rank <- rank - 1

        levels.ToImmutable()

    /// In place, on a book that is ours: one level, then the repair of the other side if this one locks or crosses it.
    member private b.Put(by: Owner, side: Side, px: int64, sz: int64, at: int64) =
        if side = Side.Buy then
            let bids = b.Bids.Set(by, px, sz, at)

            // Owned, the ladder is the same object: nothing to store.
            if not (obj.ReferenceEquals(bids, b.Bids)) then
                b.Bids <- bids

            if sz > 0L && b.Bids.BestPx >= px && b.Asks.BestRank >= 0 && b.Asks.BestPx <= px then
                let struct (asks, n) = b.Asks.DropCrossed(by, px)
                b.Asks <- asks
                b.Repairs <- b.Repairs + int64 n
        else
            let asks = b.Asks.Set(by, px, sz, at)

            if not (obj.ReferenceEquals(asks, b.Asks)) then
                b.Asks <- asks

            if sz > 0L && b.Asks.BestRank >= 0 && b.Asks.BestPx <= px && b.Bids.BestPx >= px then
                let struct (bids, n) = b.Bids.DropCrossed(by, px)
                b.Bids <- bids
                b.Repairs <- b.Repairs + int64 n

    /// The absolute size at one level; 0 removes it.
    member b.WithLevel(by: Owner, side: Side, px: Px, sz: Sz, venueAt: Instant) : Book =
        let next = b.Next by
        next.Put(by, side, px.Raw, sz.Raw, venueAt.Ns)
        next

    /// A trade: what rests at its price on the side it hit is less by its size, unless a record of that level already
    /// counts it in (trades stand before the records of their own venue instant).
    member b.WithTrade(by: Owner, aggressor: Side, px: Px, sz: Sz, venueAt: Instant) : Book =
        let hit = if aggressor = Side.Buy then b.Asks else b.Bids

        match hit.IndexOf px.Raw with
        | -1 -> b
        | i ->
            let level = &hit.Item i

            if level.At >= venueAt.Ns || level.V = 0L then
                b
            else
                let next = b.Next by

                if aggressor = Side.Buy then
                    next.Asks <- next.Asks.Trade(by, px.Raw, sz.Raw)
                else
                    next.Bids <- next.Bids.Trade(by, px.Raw, sz.Raw)

                next

    /// The worst price that a side of a whole book shows; 0 when it shows everything.
    static member WorstOf(levels: ImmutableArray<PxSz>, limit: int) : int64 =
        if levels.Length >= limit && limit > 0 then
            levels[levels.Length - 1].Px.Raw
        else
            0L

    /// A whole book of the best levels: known levels in its visible range that it lacks are gone, all removals first.
    member b.WithDepth(by: Owner, depth: Depth, venueAt: Instant) : Book =
        let next = b.Next by
        let at = venueAt.Ns
        let worstBid = Book.WorstOf(depth.Bids, depth.Limit)
        let worstAsk = Book.WorstOf(depth.Asks, depth.Limit)

        for px in next.Bids.Absent(depth.Bids, worstBid, at) do
            next.Put(by, Side.Buy, px, 0L, at)

        for px in next.Asks.Absent(depth.Asks, worstAsk, at) do
            next.Put(by, Side.Sell, px, 0L, at)

        for level in depth.Bids do
            next.Put(by, Side.Buy, level.Px.Raw, level.Sz.Raw, at)

        for level in depth.Asks do
            next.Put(by, Side.Sell, level.Px.Raw, level.Sz.Raw, at)

        if worstBid > 0L then
            next.Bids <- next.Bids.MarkUnknown(by, worstBid)

        if worstAsk > 0L then
            next.Asks <- next.Asks.MarkUnknown(by, worstAsk)

        next

    member private b.QuoteSide(by: Owner, side: Side, px: int64, sz: int64, at: int64) =
        let isEmpty = px = 0L || sz = 0L

        for better in (b.On side).Better((if isEmpty then 0L else px), at) do
            b.Put(by, side, better, 0L, at)

        if not isEmpty then
            b.Put(by, side, px, sz, at)

    /// A best quote: better levels of its side are gone, the best is as stated. A missing side says nothing.
    member b.WithBbo(by: Owner, event: inref<Event>) : Book =
        let next = b.Next by
        let at = event.VenueAt.Ns

        if event.HasBid then
            next.QuoteSide(by, Side.Buy, event.BidPx.Raw, event.BidSz.Raw, at)

        if event.HasAsk then
            next.QuoteSide(by, Side.Sell, event.AskPx.Raw, event.AskSz.Raw, at)

        next
