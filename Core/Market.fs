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

/// How long the book channels of an instrument may say nothing before its data counts as lost.
[<RequireQualifiedAccess>]
module Silence =
    /// With whole books or levels, and with best quotes alone.
    let limit (hasDepth: bool) : Duration =
        Duration.OfMs(if hasDepth then 2_000L else 5_000L)

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
    /// Arrival of the last best quote, and its venue instant.
    member val BboAt: Instant = Instant.Of 0L with get, private set
    member val BboVenueAt: Instant = Instant.Of 0L with get, private set
    /// Arrival of the last level or whole book, and its venue instant.
    member val DepthAt: Instant = Instant.Of 0L with get, private set
    member val DepthVenueAt: Instant = Instant.Of 0L with get, private set
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
    /// Both, in one number.
    member internal m.Silenced = (m.Lost <<< 8) ||| m.Awaited
    /// Some channel is lost, or a book channel that came back has said nothing yet.
    member m.IsLost = m.Lost <> 0 || m.Awaited <> 0
    /// The book channels have been silent for longer than their limit.
    member val InGap = false with get, private set
    /// Bid plus ask when the grid last saw both sides uncrossed; 0 before.
    member val LastMidTwice = 0L with get, private set
    member val Era = 0 with get, private set
    member val Feature: Feature voption = ValueNone with get, private set
    /// The latest blocks of the instrument's venue.
    member val Blocks: BlockLog = BlockLog.Empty with get, private set

    static member Of(rules: Instrument) = Market rules

    /// Arrival of the last record of a book channel (levels, whole books, best quotes).
    member m.BookAt: Instant = if m.BboAt.Ns > m.DepthAt.Ns then m.BboAt else m.DepthAt

    /// The bbo channel has the newer word of the two, or both speak of one venue instant.
    member private m.IsByBbo =
        m.HasBbo && (not m.HasDepth || m.DepthVenueAt.Ns <= m.BboVenueAt.Ns)

    /// The best quotes: of the bbo channel where there is one (D0-034), else of the book. A book of a newer venue instant, which
    /// has the best quotes merged in, stands for a bbo channel that fell silent.
    member m.Touch: Touch = if m.IsByBbo then m.Bbo else m.Book.Touch

    /// Arrival of the last record of the channel that the touch comes from.
    member m.TouchAt: Instant = if m.IsByBbo then m.BboAt else m.DepthAt

    /// How long the book channels may be silent before it is a gap: 2 s, best quotes alone 5 s.
    member m.GapLimit: Duration = Silence.limit m.HasDepth

    /// The mark price, or the mid where no context was ever seen; with a side missing or crossed the last mid of the grid, 0
    /// before the first.
    member m.MarkOrMid: Px =
        if m.Mark.Raw > 0L then
            m.Mark
        else
            let touch = m.Touch

            if touch.IsSound then
                Px.Of(touch.MidTwice / 2L)
            else
                Px.Of(m.LastMidTwice / 2L)

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

    /// Before a record of a book channel is taken in: a silence that no grid instant saw was a gap too.
    member private m.BookHeard(at: Instant, channel: Channel) =
        m.Awaited <- m.Awaited &&& ~~~(1 <<< int channel)

        if m.IsSeen && not m.InGap then
            let silence: Duration = at - m.BookAt

            if silence.Ns > m.GapLimit.Ns then
                m.Era <- m.Era + 1
                m.Feature <- ValueNone

        m.RecordAt <- at
        m.IsSeen <- true
        m.InGap <- false

    member private m.DepthHeard(input: inref<Stamped>) =
        m.BookHeard(input.At, input.Event.Channel)
        m.HasDepth <- true
        m.DepthAt <- input.At
        m.DepthVenueAt <- input.Event.VenueAt

    /// A side without size, or without a price, is empty: neither its price nor its size stands.
    static member private Side(px: Px, sz: Sz) : struct (Px * Sz) =
        if px.Raw > 0L && sz.Raw > 0L then
            struct (px, sz)
        else
            struct (Px.Of 0L, Sz.Of 0L)

    member private m.Quote(event: inref<Event>) =
        let was = m.Bbo
        let struct (bidPx, bidSz) = Market.Side(event.BidPx, event.BidSz)
        let struct (askPx, askSz) = Market.Side(event.AskPx, event.AskSz)

        m.Bbo <-
            {
                BidPx = if event.HasBid then bidPx else was.BidPx
                BidSz = if event.HasBid then bidSz else was.BidSz
                AskPx = if event.HasAsk then askPx else was.AskPx
                AskSz = if event.HasAsk then askSz else was.AskSz
            }

        m.HasBbo <- true

    /// The market after one market event. Events of other kinds change nothing.
    member m.Apply(by: Owner, input: inref<Stamped>) : Market =
        let event = &input.Event

        match event.Kind with
        | EventKind.LevelMoved ->
            let next = m.Next by
            next.Keep(next.Book.WithLevel(by, event.Side, event.Px, event.Sz, event.VenueAt))
            next.DepthHeard &input
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
            next.BookHeard(input.At, event.Channel)
            next.BboAt <- input.At
            next.BboVenueAt <- event.VenueAt
            next
        | EventKind.BookMoved ->
            match event.Depth with
            | null -> m
            | depth ->
                let next = m.Next by
                next.Keep(next.Book.WithDepth(by, depth, event.VenueAt))
                next.DepthHeard &input
                next
        | EventKind.ContextMoved ->
            let next = m.Next by
            next.Mark <- event.Mark
            next.Oracle <- event.Oracle
            next.FundingRate <- event.FundingRate
            next.RecordAt <- input.At
            next
        | _ -> m

    /// The market after a block of its venue; a block that states no time has that of its arrival.
    member m.WithBlock(by: Owner, input: inref<Stamped>) : Market =
        let event = &input.Event
        let next = m.Next by
        let time = if event.VenueAt.IsNone then input.At else event.VenueAt

        next.Blocks <-
            m.Blocks.With(
                by,
                {
                    Height = event.Height
                    Ms = time.Ns / 1_000_000L
                    Proposer = event.Proposer
                }
            )

        next

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
            let touch = m.Touch

            if touch.IsSound then
                next.LastMidTwice <- touch.MidTwice

            if silence.Ns > m.GapLimit.Ns then
                if not m.InGap then
                    next.InGap <- true
                    next.Era <- m.Era + 1

                next.Feature <- ValueNone
            else if touch.IsSound then
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
