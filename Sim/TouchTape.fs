namespace Vrlg.Sim

open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// Trades and displayed best quotes of one instrument as packed columns: what Tier 1 is fed with. Columns are read
/// only.
[<NoComparison; NoEquality>]
type TouchTape =
    {
        /// Venue instants, nanoseconds, rising.
        At: int64[]
        /// 0 a best quote, 1 a print whose buyer was the aggressor, 2 one whose seller was.
        Kind: byte[]
        /// Bid price of a quote, price of a print; 1e-8.
        A: int64[]
        /// Bid size, or size of the print.
        B: int64[]
        /// Ask price and size of a quote.
        C: int64[]
        D: int64[]
        Instrument: InstrumentId
    }

    member t.Count = t.At.Length

    /// The displayed best quotes of row `i`, a quote.
    member t.Touch(i: int) : Touch =
        {
            BidPx = Px.Of t.A[i]
            BidSz = Sz.Of t.B[i]
            AskPx = Px.Of t.C[i]
            AskSz = Sz.Of t.D[i]
        }

    /// Row `i` as the engine is shown it.
    member t.Event(i: int) : Event =
        let at = Instant.Of t.At[i]

        let side px sz : PxSz = { Px = Px.Of px; Sz = Sz.Of sz }

        match t.Kind[i] with
        | 0uy -> Event.BboMoved(t.Instrument, ValueSome(side t.A[i] t.B[i]), ValueSome(side t.C[i] t.D[i]), at)
        | 1uy -> Event.Traded(t.Instrument, Side.Buy, Px.Of t.A[i], Sz.Of t.B[i], int64 i, at)
        | _ -> Event.Traded(t.Instrument, Side.Sell, Px.Of t.A[i], Sz.Of t.B[i], int64 i, at)

/// One displayed side: sizes by price, the best first. Prints do not touch it.
[<Sealed>]
type private Shown(side: Side) =
    let sign = if side = Side.Buy then -1L else 1L
    // By signed price, so that the first is the best of either side.
    let levels = SortedDictionary<int64, int64>()

    member _.Best: struct (int64 * int64) =
        let mutable all = levels.GetEnumerator()

        if all.MoveNext() then
            struct (sign * all.Current.Key, all.Current.Value)
        else
            struct (0L, 0L)

    member _.Set(px: int64, sz: int64) =
        if sz > 0L then
            levels[sign * px] <- sz
        else
            levels.Remove(sign * px) |> ignore<bool>

    /// Drops every level that `gone` names by its signed price.
    member private _.Drop(gone: int64 -> bool) =
        let dead = levels.Keys |> Seq.filter gone |> Seq.toArray

        for key in dead do
            levels.Remove key |> ignore<bool>

    /// Levels better than `px` are gone; 0 means every level.
    member s.DropBetter(px: int64) =
        s.Drop(fun key -> px = 0L || key < sign * px)

    /// Levels that a newer level of the other side locks or crosses leave the view.
    member s.DropCrossed(px: int64) = s.Drop(fun key -> key <= sign * px)

    /// A whole book states its levels down to the worst of them, or everything when it has fewer than its limit.
    member s.Whole(rows: ImmutableArray<PxSz>, limit: int) =
        let worst = Book.WorstOf(rows, limit)
        s.Drop(fun key -> worst = 0L || key <= sign * worst)

        for row in rows do
            s.Set(row.Px.Raw, row.Sz.Raw)

[<RequireQualifiedAccess>]
module TouchTape =
    /// What the market shows while a tape is packed.
    [<Sealed>]
    type private Board() =
        member val Bids = Shown Side.Buy
        member val Asks = Shown Side.Sell

        member b.Side(side: Side) =
            if side = Side.Buy then b.Bids else b.Asks

        member b.Level(side: Side, px: int64, sz: int64) =
            (b.Side side).Set(px, sz)

            if sz > 0L then
                (b.Side(if side = Side.Buy then Side.Sell else Side.Buy)).DropCrossed px

        member b.Quote(side: Side, px: int64, sz: int64) =
            if px > 0L && sz > 0L then
                (b.Side side).DropBetter px
                b.Level(side, px, sz)
            else
                (b.Side side).DropBetter 0L

        /// The board after one record; true when quotes may have moved.
        member b.Take(event: inref<Event>) =
            match event.Kind with
            | EventKind.LevelMoved ->
                b.Level(event.Side, event.A, event.B)
                true
            | EventKind.BboMoved ->
                if event.HasBid then
                    b.Quote(Side.Buy, event.A, event.B)

                if event.HasAsk then
                    b.Quote(Side.Sell, event.C, event.D)

                true
            | EventKind.BookMoved ->
                match event.Depth with
                | null -> false
                | depth ->
                    b.Bids.Whole(depth.Bids, depth.Limit)
                    b.Asks.Whole(depth.Asks, depth.Limit)
                    true
            | _ -> false

    /// Packs one instrument of a tape: every print, and the best quotes wherever they changed.
    let pack (instrument: InstrumentId) (tape: Tape) : TouchTape =
        let board = Board()
        let at = List<int64>()
        let kind = List<byte>()
        let cells = List<struct (int64 * int64 * int64 * int64)>()
        let mutable last = struct (0L, 0L, 0L, 0L)

        let add t k row =
            at.Add t
            kind.Add k
            cells.Add row

        for i in 0 .. tape.Count - 1 do
            let event = tape.Event i

            if event.Instrument.Index = instrument.Index then
                if event.Kind = EventKind.Traded then
                    add
                        (tape.VenueAt i)
                        (if event.Side = Side.Buy then 1uy else 2uy)
                        (struct (event.A, event.B, 0L, 0L))
                elif board.Take &event then
                    let struct (bid, bidSz) = board.Bids.Best
                    let struct (ask, askSz) = board.Asks.Best
                    let now = struct (bid, bidSz, ask, askSz)

                    if now <> last then
                        last <- now
                        add (tape.VenueAt i) 0uy now

        let column pick =
            Array.init cells.Count (fun i -> pick cells[i])

        {
            At = at.ToArray()
            Kind = kind.ToArray()
            A = column (fun struct (a, _, _, _) -> a)
            B = column (fun struct (_, b, _, _) -> b)
            C = column (fun struct (_, _, c, _) -> c)
            D = column (fun struct (_, _, _, d) -> d)
            Instrument = instrument
        }
