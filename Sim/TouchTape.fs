namespace Vrlg.Sim

open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// Trades and displayed best quotes of one instrument, and the blocks of its venue, as packed columns: what Tier 1 is fed with. Columns are read
/// only.
[<NoComparison; NoEquality>]
type TouchTape =
    {
        /// Venue instants, nanoseconds, rising.
        At: int64[]
        /// 0 a best quote, 1 a print whose buyer was the aggressor, 2 one whose seller was, 3 a block, 4 their feed is lost, 5 back.
        Kind: byte[]
        /// Bid price of a quote, price of a print, 1e-8; height of a block.
        A: int64[]
        /// Bid size, size of the print, proposer of the block.
        B: int64[]
        /// Ask price and size of a quote.
        C: int64[]
        D: int64[]
        Instrument: InstrumentId
    }

    member t.Count = t.At.Length
    /// Row `i` is one of the book's: blocks are seen and do nothing.
    member t.IsOfBook(i: int) = t.Kind[i] < 3uy

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
        | 2uy -> Event.Traded(t.Instrument, Side.Sell, Px.Of t.A[i], Sz.Of t.B[i], int64 i, at)
        | 3uy -> Event.BlockSealed(VenueId.Of(int t.C[i]), t.A[i], int t.B[i], at)
        | 4uy -> Event.FeedLost(VenueId.Of(int t.C[i]), Channel.Blocks, ValueNone)
        | _ -> Event.FeedBack(VenueId.Of(int t.C[i]), Channel.Blocks, ValueNone)

[<RequireQualifiedAccess>]
module TouchTape =
    /// What is displayed after a record. Prints do not touch it.
    let private shown (book: Book) (by: Owner) (event: inref<Event>) : Book =
        match event.Kind with
        | EventKind.LevelMoved -> book.WithLevel(by, event.Side, event.Px, event.Sz, event.VenueAt)
        | EventKind.BboMoved -> book.WithBbo(by, &event)
        | EventKind.BookMoved ->
            match event.Depth with
            | null -> book
            | depth -> book.WithDepth(by, depth, event.VenueAt)
        | _ -> book

    /// Packs one instrument of a tape: every print, and the best quotes wherever they changed.
    let pack (instrument: InstrumentId) (tape: Tape) : TouchTape =
        let by = Owner()
        let mutable book = Book.Empty
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

            match event.Kind with
            | EventKind.BlockSealed ->
                let venue = event.BlockVenue
                add (tape.VenueAt i) 3uy (struct (event.A, int64 event.Proposer, int64 venue.Index, 0L))
            | EventKind.FeedLost
            | EventKind.FeedBack when event.Channel = Channel.Blocks ->
                let k = if event.Kind = EventKind.FeedLost then 4uy else 5uy
                let venue = event.Venue
                add (tape.VenueAt i) k (struct (0L, 0L, int64 venue.Index, 0L))
            | _ -> ()

            if event.Instrument.Index = instrument.Index then
                if event.Kind = EventKind.Traded then
                    add
                        (tape.VenueAt i)
                        (if event.Side = Side.Buy then 1uy else 2uy)
                        (struct (event.A, event.B, 0L, 0L))
                else
                    book <- shown book by &event

                    let now =
                        struct (book.Bids.BestPx, book.Bids.BestSz, book.Asks.BestPx, book.Asks.BestSz)

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
