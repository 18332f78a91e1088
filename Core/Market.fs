namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// What the 100 ms grid says of one instrument (D0-034..038): taken at a grid instant from the best quotes then known.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type Feature =
    {
        Grid: Instant
        /// Bid plus ask, in 1e-8: twice the mid, so that it is exact.
        MidTwice: int64
        /// Ask less bid in effective ticks at the bid.
        SpreadTicks: int
        /// Bid size plus ask size at the touch, in base units.
        Dob: float
        /// (bid size - ask size) / max(sum, 1e-9), in [-1, 1].
        Obi: float
        /// Counts the gaps before it: a rolling window restarts when the era changes.
        Era: int
    }

/// One instrument's live picture: book, best quotes, trades, context, the latest features; its silence too.
///
/// Owned it changes in place, shared it answers with a copy (see `Owner`).
[<Sealed>]
type Market private (rules: Instrument) =
    member val private Maker: Owner = null with get, set
    member _.Rules = rules
    member val Book: Book = Book.Empty with get, private set
    /// The latest best quotes of the bbo channel; empty before the first.
    member val Bbo: Touch = Touch.Empty with get, private set
    member val HasBbo = false with get, private set
    /// A whole book or a level was seen: the silence limit of a full feed applies.
    member val HasDepth = false with get, private set
    /// Arrival of the last record of a book channel (levels, whole books, best quotes).
    member val BookAt: Instant = Instant.Of 0L with get, private set
    /// Arrival of the last record of any market channel.
    member val RecordAt: Instant = Instant.Of 0L with get, private set
    member val LastTrade: Px = Px.Of 0L with get, private set
    member val Mark: Px = Px.Of 0L with get, private set
    member val Oracle: Px = Px.Of 0L with get, private set
    /// The running hourly funding rate in 1e-12.
    member val FundingRate = 0L with get, private set
    /// Some book channel was heard of.
    member val IsSeen = false with get, private set
    /// Channels that are lost, a bit each.
    member val private Lost = 0 with get, set
    /// Book channels that came back and have said nothing since: what they said before is old.
    member val private Awaited = 0 with get, set
    /// Some channel is lost, or a book channel that came back has said nothing yet.
    member m.IsLost = m.Lost <> 0 || m.Awaited <> 0
    /// The book channels have been silent for longer than their limit.
    member val InGap = false with get, private set
    member val Era = 0 with get, private set
    member val Feature: Feature voption = ValueNone with get, private set

    static member Of(rules: Instrument) = Market rules

    /// The best quotes: of the bbo channel where there is one (D0-034), else of the book.
    member m.Touch: Touch = if m.HasBbo then m.Bbo else m.Book.Touch

    /// How long the book channels may be silent before it is a gap: 2 s, best quotes alone 5 s.
    member m.GapLimit: Duration = Duration.OfMs(if m.HasDepth then 2_000L else 5_000L)

    /// The mark price, or the mid where no context was ever seen; 0 before the first quotes.
    member m.MarkOrMid: Px =
        if m.Mark.Raw > 0L then
            m.Mark
        else
            let touch = m.Touch

            if touch.IsWhole then
                Px.Of(touch.MidTwice / 2L)
            else
                Px.Of 0L

    member private m.Next(by: Owner) : Market =
        if not (isNull by) && obj.ReferenceEquals(m.Maker, by) then
            m
        else
            let copy = m.MemberwiseClone() :?> Market
            copy.Maker <- by
            copy

    /// Owned, the book is the same object: nothing to store.
    member private m.Keep(book: Book) =
        if not (obj.ReferenceEquals(book, m.Book)) then
            m.Book <- book

    member private m.BookSeen(at: Instant, channel: Channel) =
        m.Awaited <- m.Awaited &&& ~~~(1 <<< int channel)
        m.BookAt <- at
        m.RecordAt <- at
        m.IsSeen <- true
        m.InGap <- false

    member private m.Quote(event: inref<Event>) =
        let was = m.Bbo

        m.Bbo <-
            {
                BidPx = if event.HasBid then event.BidPx else was.BidPx
                BidSz = if event.HasBid then event.BidSz else was.BidSz
                AskPx = if event.HasAsk then event.AskPx else was.AskPx
                AskSz = if event.HasAsk then event.AskSz else was.AskSz
            }

        m.HasBbo <- true

    /// The market after one market event. Events of other kinds change nothing.
    member m.Apply(by: Owner, input: inref<Stamped>) : Market =
        let event = &input.Event

        match event.Kind with
        | EventKind.LevelMoved ->
            let next = m.Next by
            next.Keep(next.Book.WithLevel(by, event.Side, event.Px, event.Sz, event.VenueAt))
            next.HasDepth <- true
            next.BookSeen(input.At, event.Channel)
            next
        | EventKind.Traded ->
            let next = m.Next by
            next.Keep(next.Book.WithTrade(by, event.Side, event.Px, event.Sz, event.VenueAt))
            next.LastTrade <- event.Px
            next.RecordAt <- input.At
            next
        | EventKind.BboMoved ->
            let next = m.Next by
            next.Quote &event
            next.Keep(next.Book.WithBbo(by, &event))
            next.BookSeen(input.At, event.Channel)
            next
        | EventKind.BookMoved ->
            match event.Depth with
            | null -> m
            | depth ->
                let next = m.Next by
                next.Keep(next.Book.WithDepth(by, depth, event.VenueAt))
                next.HasDepth <- true
                next.BookSeen(input.At, event.Channel)
                next
        | EventKind.ContextMoved ->
            let next = m.Next by
            next.Mark <- event.Mark
            next.Oracle <- event.Oracle
            next.FundingRate <- event.FundingRate
            next.RecordAt <- input.At
            next
        | _ -> m

    /// The market after a channel was lost, or came back; each channel counts by itself.
    member m.WithLost(by: Owner, channel: Channel, lost: bool) : Market =
        let bit = 1 <<< int channel

        if (m.Lost &&& bit <> 0) = lost then
            m
        else
            let next = m.Next by
            next.Lost <- m.Lost ^^^ bit

            if not lost && (channel = Channel.Book || channel = Channel.Bbo) then
                next.Awaited <- m.Awaited ||| bit

            next

    /// The market at one instant of the 100 ms grid: features, or none inside a gap and before the first whole quotes.
    /// A gap begins when the silence passes its limit, never earlier.
    member m.Tick(by: Owner, grid: Instant) : Market =
        if not m.IsSeen then
            m
        else
            let next = m.Next by
            let silence: Duration = grid - m.BookAt

            if silence.Ns > m.GapLimit.Ns then
                if not m.InGap then
                    next.InGap <- true
                    next.Era <- m.Era + 1

                next.Feature <- ValueNone
            else
                let touch = m.Touch

                if touch.IsWhole && touch.AskPx.Raw > touch.BidPx.Raw then
                    let bid = float touch.BidSz.Raw / 1e8
                    let ask = float touch.AskSz.Raw / 1e8
                    let tick = Instrument.tickAt rules touch.BidPx

                    next.Feature <-
                        ValueSome
                            {
                                Grid = grid
                                MidTwice = touch.MidTwice
                                SpreadTicks = int ((touch.AskPx.Raw - touch.BidPx.Raw) / tick)
                                Dob = bid + ask
                                Obi = (bid - ask) / max (bid + ask) 1e-9
                                Era = m.Era
                            }
                else
                    next.Feature <- ValueNone

            next
