namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// What an event is. The numbers stand in journals: never reused, never changed.
type EventKind =
    | None = 0uy
    | LevelMoved = 1uy
    | BookMoved = 2uy
    | BboMoved = 3uy
    | Traded = 4uy
    | ContextMoved = 5uy
    | BlockSealed = 6uy
    | Ticked = 7uy
    | FeedLost = 8uy
    | FeedBack = 9uy
    | Replied = 10uy
    | Filled = 11uy
    | FundingPaid = 12uy
    | AccountSeen = 13uy
    | Predicted = 14uy
    | Operator = 15uy
    | RunStarted = 16uy
    /// Made inside a step for the desk that owns the slot; never on a tape.
    | SlotMoved = 17uy
    /// The connection to a venue answered: a silence of its channels is the venue's own. Never on a tape.
    | Alive = 18uy

/// A channel of market data, whose age is watched by itself.
type Channel =
    | Book = 0uy
    | Bbo = 1uy
    | Trades = 2uy
    | Context = 3uy
    | Blocks = 4uy
    | Account = 5uy

/// One level of a book, as displayed.
[<Struct; IsReadOnly; NoComparison>]
type PxSz = { Px: Px; Sz: Sz }

/// The best bid and the best ask; a side without orders has price 0 and size 0.
[<Struct; IsReadOnly; NoComparison>]
type Touch =
    {
        BidPx: Px
        BidSz: Sz
        AskPx: Px
        AskSz: Sz
    }

    /// Both sides are there.
    member t.IsWhole = t.BidPx.Raw > 0L && t.AskPx.Raw > 0L
    /// Both sides are there, and neither locks nor crosses the other.
    member t.IsSound = t.BidPx.Raw > 0L && t.AskPx.Raw > t.BidPx.Raw
    /// The middle in 1e-8, doubled so that it is exact.
    member t.MidTwice = t.BidPx.Raw + t.AskPx.Raw

    static member Empty: Touch =
        {
            BidPx = { Raw = 0L }
            BidSz = { Raw = 0L }
            AskPx = { Raw = 0L }
            AskSz = { Raw = 0L }
        }

/// A whole book of the best `Limit` levels a side, best first. A side with fewer levels than `Limit` shows everything.
[<Sealed>]
type Depth(limit: int, bids: ImmutableArray<PxSz>, asks: ImmutableArray<PxSz>) =
    // A side that was never made is a side without levels.
    let bids = if bids.IsDefault then ImmutableArray.Empty else bids
    let asks = if asks.IsDefault then ImmutableArray.Empty else asks
    member _.Limit = limit
    member _.Bids = bids
    member _.Asks = asks

/// One thing that happened: a tag and shared fields. Read it through the typed members; make it by the static ones.
[<Struct; IsReadOnly; NoEquality; NoComparison>]
type Event =
    val Kind: EventKind
    val Side: Side
    /// Bits: 1 part of a message, 2 has bid, 4 has ask, 8 an instrument is named (feed events), 16 funding is settled.
    val Flags: byte
    val Channel: Channel
    val Instrument: InstrumentId
    /// The venue's own instant; 0 where it states none.
    val VenueAt: Instant
    val A: int64
    val B: int64
    val C: int64
    val D: int64
    val E: int64
    val Body: obj | null

    new
        (
            kind: EventKind,
            side: Side,
            flags: byte,
            channel: Channel,
            instrument: InstrumentId,
            venueAt: Instant,
            a: int64,
            b: int64,
            c: int64,
            d: int64,
            e: int64,
            body: obj | null
        ) =
        {
            Kind = kind
            Side = side
            Flags = flags
            Channel = channel
            Instrument = instrument
            VenueAt = venueAt
            A = a
            B = b
            C = c
            D = d
            E = e
            Body = body
        }

    // -- what is in it --

    /// More of the same message follows: facts are learned, no desk is asked.
    member e.IsPart = e.Flags &&& 1uy <> 0uy
    member e.HasBid = e.Flags &&& 2uy <> 0uy
    member e.HasAsk = e.Flags &&& 4uy <> 0uy
    /// ContextMoved: the stated funding rate is paid at this instant, on the stated oracle price.
    member e.IsSettlement = e.Flags &&& 16uy <> 0uy
    /// LevelMoved, Traded: the price.
    member e.Px: Px = { Raw = e.A }
    /// LevelMoved: the absolute size at the level, 0 removes it. Traded: the traded size.
    member e.Sz: Sz = { Raw = e.B }
    member e.TradeId = e.C
    member e.BidPx: Px = { Raw = e.A }
    member e.BidSz: Sz = { Raw = e.B }
    member e.AskPx: Px = { Raw = e.C }
    member e.AskSz: Sz = { Raw = e.D }
    member e.Mark: Px = { Raw = e.A }
    member e.Oracle: Px = { Raw = e.B }
    /// ContextMoved: the running hourly funding rate in 1e-12.
    member e.FundingRate = e.C
    /// ContextMoved: open interest.
    member e.OpenInterest: Sz = { Raw = e.D }
    /// BlockSealed: its height, its venue, and who proposed it: a place in a table that the boundary keeps, -1 unknown.
    member e.Height = e.A
    member e.BlockVenue: VenueId = { Index = int e.B }
    member e.Proposer = int e.C
    /// Ticked: the grid instant, which may lie before the arrival.
    member e.Grid: Instant = { Ns = e.A }
    member e.Venue: VenueId = { Index = int e.A }
    /// FeedLost, FeedBack: one instrument, or all of the venue's.
    member e.IsForAll = e.Flags &&& 8uy = 0uy

    member e.Slot: Slot =
        {
            Instrument = e.Instrument
            Side = e.Side
            Name = int e.A
        }

    /// BookMoved: the levels; null for every other kind.
    member e.Depth: Depth | null =
        match e.Body with
        | :? Depth as d -> d
        | _ -> null

    member e.Rare: RareEvent voption =
        match e.Body with
        | :? RareEvent as r -> ValueSome r
        | _ -> ValueNone

    // -- making one --

    static member private Plain(kind, side, flags, instrument, venueAt, a, b, c, d, e) =
        Event(kind, side, flags, Channel.Book, instrument, venueAt, a, b, c, d, e, null)

    /// The absolute size at one level; 0 removes it.
    static member LevelMoved(instrument: InstrumentId, side: Side, px: Px, sz: Sz, venueAt: Instant) =
        Event.Plain(EventKind.LevelMoved, side, 0uy, instrument, venueAt, px.Raw, sz.Raw, 0L, 0L, 0L)

    static member BookMoved(instrument: InstrumentId, depth: Depth, venueAt: Instant) =
        Event(EventKind.BookMoved, Side.Buy, 0uy, Channel.Book, instrument, venueAt, 0L, 0L, 0L, 0L, 0L, depth)

    /// The best quote after a block. A missing side keeps its value; a side with size 0 is empty.
    static member BboMoved(instrument: InstrumentId, bid: PxSz voption, ask: PxSz voption, venueAt: Instant) =
        let flags = (if bid.IsSome then 2uy else 0uy) ||| (if ask.IsSome then 4uy else 0uy)

        let b = ValueOption.defaultValue { Px = { Raw = 0L }; Sz = { Raw = 0L } } bid
        let a = ValueOption.defaultValue { Px = { Raw = 0L }; Sz = { Raw = 0L } } ask

        Event(
            EventKind.BboMoved,
            Side.Buy,
            flags,
            Channel.Bbo,
            instrument,
            venueAt,
            b.Px.Raw,
            b.Sz.Raw,
            a.Px.Raw,
            a.Sz.Raw,
            0L,
            null
        )

    /// One match of a taker with one maker. `aggressor` is the taker's side.
    static member Traded(instrument: InstrumentId, aggressor: Side, px: Px, sz: Sz, tradeId: int64, venueAt: Instant) =
        Event(
            EventKind.Traded,
            aggressor,
            0uy,
            Channel.Trades,
            instrument,
            venueAt,
            px.Raw,
            sz.Raw,
            tradeId,
            0L,
            0L,
            null
        )

    static member ContextMoved
        (instrument: InstrumentId, mark: Px, oracle: Px, fundingRate: int64, openInterest: Sz, venueAt: Instant)
        =
        Event(
            EventKind.ContextMoved,
            Side.Buy,
            0uy,
            Channel.Context,
            instrument,
            venueAt,
            mark.Raw,
            oracle.Raw,
            fundingRate,
            openInterest.Raw,
            0L,
            null
        )

    static member BlockSealed(venue: VenueId, height: int64, proposer: int, venueAt: Instant) =
        Event(
            EventKind.BlockSealed,
            Side.Buy,
            0uy,
            Channel.Blocks,
            InstrumentId.Of -1,
            venueAt,
            height,
            int64 venue.Index,
            int64 proposer,
            0L,
            0L,
            null
        )

    /// The heartbeat's word for one instant of the 100 ms grid.
    static member Ticked(grid: Instant) =
        Event.Plain(EventKind.Ticked, Side.Buy, 0uy, InstrumentId.Of(-1), grid, grid.Ns, 0L, 0L, 0L, 0L)

    static member FeedLost(venue: VenueId, channel: Channel, instrument: InstrumentId voption) =
        Event.Feed(EventKind.FeedLost, venue, channel, instrument)

    static member FeedBack(venue: VenueId, channel: Channel, instrument: InstrumentId voption) =
        Event.Feed(EventKind.FeedBack, venue, channel, instrument)

    /// The connection to a venue lives: it answered a ping. Told at least once a second where silence shall count.
    static member Alive(venue: VenueId) =
        Event.Feed(EventKind.Alive, venue, Channel.Account, ValueNone)

    static member private Feed(kind, venue: VenueId, channel, instrument: InstrumentId voption) =
        let flags = if instrument.IsSome then 8uy else 0uy
        let id = ValueOption.defaultValue (InstrumentId.Of -1) instrument
        Event(kind, Side.Buy, flags, channel, id, { Ns = 0L }, int64 venue.Index, 0L, 0L, 0L, 0L, null)

    /// Lists that were never made are empty ones.
    static member private Whole(rare: RareEvent) =
        match rare with
        | RareEvent.AccountSeen a when a.Positions.IsDefault || a.Open.IsDefault ->
            RareEvent.AccountSeen
                { a with
                    Positions =
                        if a.Positions.IsDefault then
                            ImmutableArray.Empty
                        else
                            a.Positions
                    Open = if a.Open.IsDefault then ImmutableArray.Empty else a.Open
                }
        | _ -> rare

    /// A rare event; its instrument is the body's, or -1.
    static member Of(rare: RareEvent, venueAt: Instant) =
        let struct (kind, instrument: InstrumentId) =
            match rare with
            | RareEvent.Replied r -> struct (EventKind.Replied, r.Instrument)
            | RareEvent.Filled f -> struct (EventKind.Filled, f.Instrument)
            | RareEvent.FundingPaid f -> struct (EventKind.FundingPaid, f.Instrument)
            | RareEvent.AccountSeen _ -> struct (EventKind.AccountSeen, InstrumentId.Of -1)
            | RareEvent.Predicted p -> struct (EventKind.Predicted, p.Instrument)
            | RareEvent.Operator _ -> struct (EventKind.Operator, InstrumentId.Of -1)
            | RareEvent.RunStarted _ -> struct (EventKind.RunStarted, InstrumentId.Of -1)

        Event(kind, Side.Buy, 0uy, Channel.Account, instrument, venueAt, 0L, 0L, 0L, 0L, 0L, box (Event.Whole rare))

    /// Told to a desk when an order in one of its slots changed; the facts are in the view.
    static member SlotMoved(slot: Slot) =
        Event.Plain(EventKind.SlotMoved, slot.Side, 0uy, slot.Instrument, { Ns = 0L }, int64 slot.Name, 0L, 0L, 0L, 0L)

    member private e.Marked(flag: byte) =
        Event(e.Kind, e.Side, e.Flags ||| flag, e.Channel, e.Instrument, e.VenueAt, e.A, e.B, e.C, e.D, e.E, e.Body)

    /// The same event, marked as a part of a message that goes on.
    member e.AsPart() = e.Marked 1uy

    /// A context whose funding rate is paid at its instant.
    member e.AsSettlement() = e.Marked 16uy

/// An event with its sequence number and the instant it reached us: the only clock of the core.
[<Struct; IsReadOnly; NoEquality; NoComparison>]
type Stamped =
    val Seq: int64
    val At: Instant
    val Event: Event

    new(seq: int64, at: Instant, event: Event) = { Seq = seq; At = at; Event = event }
