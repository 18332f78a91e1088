/// An engine driven by whatever may happen: markets, heartbeats, answers in any order, fills of orders that live, accounts seen
/// again. The desk wants something new all the time.
module Vrlg.Properties.Hostile

open System.Collections.Immutable
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Draws

/// What happens next; `pick` chooses among the live orders.
type Happening =
    | Level of side: Side * price: int64 * size: int64
    | Print of side: Side * price: int64 * size: int64
    | Beat
    | Told of pick: int * kind: int
    | Got of pick: int * size: int64
    /// The last fill is told once more.
    | Again
    | Best of bid: int64 * ask: int64
    /// The venue's word about the account, which is ours.
    | Seen
    | Lost of isLost: bool
    /// A block so many heights behind the newest.
    | Sealed of back: int64
    /// The connection answered.
    | Alive
    | BlocksLost of isLost: bool
    | Order of OperatorOrder

let happening: Gen<Happening> =
    let level =
        gen {
            let! s = side
            let! offset = Gen.choose64 (0L, 6L)
            let! size = Gen.choose64 (0L, 20L)
            return Level(s, (if s = Side.Buy then 99L - offset else 101L + offset), size)
        }

    Gen.frequency
        [
            6, level
            2, Gen.map2 (fun s n -> Print(s, 100L, n)) side (Gen.choose64 (1L, 9L))
            6, Gen.constant Beat
            8, Gen.map2 (fun p k -> Told(p, k)) (Gen.choose (0, 9)) (Gen.choose (0, 8))
            5, Gen.map2 (fun p n -> Got(p, n)) (Gen.choose (0, 9)) (Gen.choose64 (1L, 6L))
            1, Gen.map Lost (Gen.elements [ true; false ])
            1, Gen.constant Again
            1, Gen.map2 (fun b a -> Best(b, a)) (Gen.choose64 (97L, 99L)) (Gen.choose64 (100L, 102L))
            2, Gen.constant Seen
            2, Gen.map Sealed (Gen.choose64 (0L, 3L))
            1, Gen.constant Alive
            1, Gen.map BlocksLost (Gen.elements [ true; false; false ])
        ]

let happenings: Arbitrary<Happening list> =
    Arb.fromGen (Gen.resize 120 (Gen.listOf happening))

let private id = InstrumentId.Of 0

let slots =
    [|
        for name in 0..2 do
            for s in [ Side.Buy; Side.Sell ] do
                {
                    Instrument = id
                    Side = s
                    Name = name
                }
    |]

/// A desk that changes its mind at every heartbeat, by a counter: quotes, pulls, crosses, guards, in every slot.
[<Sealed; AllowNullLiteral>]
type private Mood(n: int64) =
    member _.N = n

let private restless (reduces: bool) : IStrategy =
    let decide =
        Decide<Mood>(fun mood view event ->
            if event.Kind = EventKind.Ticked || event.Kind = EventKind.SlotMoved then
                let n = mood.N
                let slot = slots[int (n * 7L % int64 slots.Length)]
                let held = view.Position id

                let intent =
                    match n % 5L with
                    | 0L
                    | 1L ->
                        let price = if slot.Side = Side.Buy then 95L + n % 5L else 101L + n % 5L

                        let terms =
                            { QuoteTerms.UntilPulled with
                                Display = sz (n % 3L)
                            }

                        Quote(slot, px price, sz (1L + n % 7L), terms)
                    | 2L -> Pull slot
                    | 3L ->
                        Take(
                            slot,
                            sz (1L + n % 9L),
                            px (if slot.Side = Side.Buy then 105L else 95L),
                            reduces && n % 2L = 0L
                        )
                    | _ when not reduces -> Pull slot
                    | _ ->
                        let stop = if held.Raw > 0L then px 98L else px 102L
                        Guard(slot, stop)

                struct (Mood(n + 1L), ImmutableArray.Create<Intent> intent)
            else
                struct (mood, ImmutableArray.Empty))

    Strategy.Make("restless", Mood 1L, decide)

let cap = 20L

let plan: PlanConfig =
    {
        Account = AccountId.Of 0
        Limits =
            {
                MaxPosition = sz cap
                MaxOrder = Usd.Of(1_000_000L * lot)
                MaxOpenOrders = 4
                BandBps = 2_000
                AllowsMarketEntries = true
            }
        Health = HealthConfig.Default
        RetryRefused = true
        BackstopBps = 0
        ToleranceBps = 200
    }

let config: Config =
    {
        Instruments = ImmutableArray.Create<Instrument>(instrument 0)
        Accounts = ImmutableArray.Create<VenueId>(VenueId.Of 0)
        Health = HealthConfig.Default
        Budget = Budget.Unlimited
        MaxLoss = Usd.Of 0L
        Hedge = HedgeConfig.Off
        // Longer than any of these runs: it is kept in every state, and halts none.
        Stall =
            {
                Limit = Duration.OfMs 1_000_000L
                Expects = false
            }
    }

/// The same with a block clock that trips after 15 happenings without a block.
let watched (expects: bool) : Config =
    { config with
        Stall =
            {
                Limit = Duration.OfMs 600L
                Expects = expects
            }
    }

let private desksOf (reduces: bool) : Desk[] =
    [|
        {
            Name = "restless"
            Instruments = ImmutableArray.Create<InstrumentId> id
            Strategy = restless reduces
            Plan = plan
        }
    |]

let desks = desksOf true

/// A desk that never reduces: every order of it can open.
let openingDesks = desksOf false

/// What a venue says that agrees with us.
let private accountOf (state: State) : AccountFacts =
    let held = state.Facts.Ledger.Position(AccountId.Of 0, id)

    {
        Account = AccountId.Of 0
        Cash = Usd.Of(10_000L * lot)
        Positions =
            ImmutableArray.Create<HeldPosition>(
                {
                    Instrument = id
                    Position = held.Size
                    AvgPx = held.AvgPx
                }
            )
        Open =
            ImmutableArray.CreateRange
                [
                    for o in state.Facts.Orders.LiveOrders.ToArray() do
                        if Order.isResting o then
                            { Instrument = id; Cloid = o.New.Cloid }
                ]
    }

/// A happening as an event, given what is live; none when it has nothing to be about.
let private eventOf
    (state: State)
    (lastFill: Event voption)
    (trade: int64)
    (now: Instant)
    (h: Happening)
    : Event voption =
    let live = state.Facts.Orders.LiveOrders.ToArray()

    let chosen pick =
        if live.Length = 0 then
            ValueNone
        else
            ValueSome live[pick % live.Length]

    let reply (o: Order) answer =
        RareEvent.Replied
            {
                Account = o.New.Account
                Instrument = o.New.Instrument
                Cloid = o.New.Cloid
                Answer = answer
            }

    match h with
    | Level(s, price, size) -> ValueSome(Event.LevelMoved(id, s, px price, sz size, now))
    | Print(s, price, size) -> ValueSome(Event.Traded(id, s, px price, sz size, trade, now))
    | Beat -> ValueSome(Event.Ticked now)
    | Lost true -> ValueSome(Event.FeedLost(VenueId.Of 0, Channel.Book, ValueNone))
    | Lost false -> ValueSome(Event.FeedBack(VenueId.Of 0, Channel.Book, ValueNone))
    | Sealed back -> ValueSome(Event.BlockSealed(VenueId.Of 0, trade - back, int (trade % 5L), now))
    | Alive -> ValueSome(Event.Alive(VenueId.Of 0))
    | BlocksLost true -> ValueSome(Event.FeedLost(VenueId.Of 0, Channel.Blocks, ValueNone))
    | BlocksLost false -> ValueSome(Event.FeedBack(VenueId.Of 0, Channel.Blocks, ValueNone))
    | Order order -> ValueSome(Event.Of(RareEvent.Operator order, now))
    | Again -> lastFill
    | Best(bid, ask) ->
        let quote p : PxSz = { Px = px p; Sz = sz 5L }
        ValueSome(Event.BboMoved(id, ValueSome(quote bid), ValueSome(quote ask), now))
    | Seen -> ValueSome(Event.Of(RareEvent.AccountSeen(accountOf state), now))
    | Told(pick, kind) ->
        match chosen pick with
        | ValueNone -> ValueNone
        | ValueSome o ->
            let answer =
                match kind with
                | 0
                | 1
                | 2 -> Answer.Accepted o.New.Cloid.N
                | 3 -> Answer.Refused(OrderStatus.Rejected "badAloPxRejected")
                | 4 -> Answer.Ended(OrderStatus.Cancelled "canceled", ValueSome o.Filled)
                | 5 -> Answer.CancelRefused(OrderStatus.Rejected "MissingOrder")
                | 6 -> Answer.Ended(OrderStatus.Cancelled "canceled", ValueNone)
                | 7 -> Answer.NotKnown
                | _ -> Answer.Unanswered

            // A venue that refuses an order has not filled it.
            match answer with
            | Answer.Refused _ when o.Filled.Raw > 0L -> ValueNone
            | _ -> ValueSome(Event.Of(reply o answer, now))
    | Got(pick, size) ->
        match chosen pick with
        | ValueNone -> ValueNone
        | ValueSome o ->
            let left = Order.exposure o
            let held = state.Facts.Ledger.Position(o.New.Account, o.New.Instrument)

            let side =
                if o.New.Side = Side.Sell then
                    held.Size.Raw
                else
                    -held.Size.Raw
            // No venue fills what only reduces past flat.
            let most = if o.New.ReduceOnly then max 0L side else left.Raw
            let q = min (size * lot) (min left.Raw most)

            if q <= 0L then
                ValueNone
            else
                ValueSome(
                    Event.Of(
                        RareEvent.Filled
                            {
                                Account = o.New.Account
                                Instrument = o.New.Instrument
                                Cloid = o.New.Cloid
                                TradeId = trade
                                Side = o.New.Side
                                Px = o.New.Px
                                Sz = Sz.Of q
                                Fee = Usd.Of(q / 1000L)
                                Cumulative = Sz.Of(o.Filled.Raw + q)
                                IsMaker = true
                            },
                        now
                    )
                )

/// What happens before anything hostile: a run begins, the account is known and flat, the book gets two sides.
let private opening: Event list =
    let seen: AccountFacts =
        {
            Account = AccountId.Of 0
            Cash = Usd.Of(10_000L * lot)
            Positions = ImmutableArray.Empty
            Open = ImmutableArray.Empty
        }

    [
        Event.Of(RareEvent.RunStarted { Run = 1L; FirstCloid = 1L }, at 0L)
        Event.Of(RareEvent.AccountSeen seen, at 0L)
        Event.LevelMoved(id, Side.Buy, px 99L, sz 10L, at 1L)
        Event.LevelMoved(id, Side.Sell, px 101L, sz 10L, at 1L)
    ]

/// Steps through the opening events; hands every event, output and state to `look`.
let private openWith (c: Config) (start: State) (look: Stamped -> Output -> State -> unit) : State =
    opening
    |> List.indexed
    |> List.fold
        (fun s (i, e) ->
            let input = Stamped(int64 i, at (int64 i), e)
            let struct (next, output) = Engine.step c s &input
            look input output next
            next)
        start

let beginWith (c: Config) (desks: Desk[]) (own: bool) : State =
    let start = Engine.create c desks
    openWith c (if own then Engine.own start else start) (fun _ _ _ -> ())

/// The state before anything hostile.
let begin' (own: bool) : State = beginWith config desks own

/// The same, under other limits.
let beginIn (c: Config) (own: bool) : State = beginWith c desks own

/// The same, with a desk that never reduces: every order of it can open.
let beginOpening (own: bool) : State = beginWith config openingDesks own

/// Drives a state through happenings under limits; hands every event, output and state to `look`.
let driveIn (c: Config) (start: State) (all: Happening list) (look: Stamped -> Output -> State -> unit) : State =
    let mutable s = start
    let mutable i = 10L
    // The opening events stand before: a journal numbers its events without a hole.
    let mutable seq = int64 opening.Length
    let mutable lastFill = ValueNone

    for h in all do
        let now = at (100L + i * 40L)

        match eventOf s lastFill i now h with
        | ValueNone -> ()
        | ValueSome e ->
            if e.Kind = EventKind.Filled then
                lastFill <- ValueSome e

            let input = Stamped(seq, now, e)
            let struct (next, output) = Engine.step c s &input
            s <- next
            seq <- seq + 1L
            look input output next

        i <- i + 1L

    s

/// The same under the usual limits.
let drive (start: State) (all: Happening list) (look: Stamped -> Output -> State -> unit) : State =
    driveIn config start all look

/// From a state that has seen nothing yet: the opening events, then the happenings.
let driveFrom (start: State) (all: Happening list) (look: Stamped -> Output -> State -> unit) : State =
    drive (openWith config start look) all look
