/// A venue behind an engine: it takes orders, fills and ends them, and tells of it late, twice, in any order, or never. What it
/// holds is the truth by which laws judge the engine.
module Vrlg.Properties.Venue

open System.Collections.Immutable
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Draws

/// What happens next; `pick` chooses among what there is to choose from.
type Act =
    | Quotes of bid: int64 * spread: int64
    | Best of bid: int64 * spread: int64
    | Beat
    | Wait of ms: int64
    | Lost of channel: Channel * isLost: bool
    /// A command on its way arrives; `luck` says how much an immediate order finds, and what is left unsaid.
    | Arrive of pick: int * luck: int64
    | Vanish of pick: int
    | Fill of pick: int * size: int64
    | End of pick: int
    /// A message on its way arrives; again: it will once more.
    | Tell of pick: int * again: bool
    | Drop of pick: int
    | Look

let act: Gen<Act> =
    let pick = Gen.choose (0, 30)
    let px = Gen.choose64 (97L, 101L)
    let spread = Gen.choose64 (1L, 3L)

    Gen.frequency
        [
            4, Gen.map2 (fun p s -> Quotes(p, s)) px spread
            2, Gen.map2 (fun p s -> Best(p, s)) px spread
            6, Gen.constant Beat
            2, Gen.map Wait (Gen.choose64 (100L, 6_000L))
            1,
            Gen.map2
                (fun c l -> Lost(c, l))
                (Gen.elements [ Channel.Book; Channel.Bbo; Channel.Account ])
                (Gen.elements [ true; false; false ])
            10, Gen.map2 (fun p l -> Arrive(p, l)) pick (Gen.choose64 (0L, 9L))
            1, Gen.map Vanish pick
            6, Gen.map2 (fun p s -> Fill(p, s)) pick (Gen.choose64 (1L, 6L))
            2, Gen.map End pick
            14, Gen.map2 (fun p again -> Tell(p, again)) pick (Gen.elements [ true; false; false; false ])
            1, Gen.map Drop pick
            3, Gen.constant Look
        ]

/// Smaller runs of a failing one: halves, quarters and single acts taken out.
let private smaller (all: Act list) =
    seq {
        for size in [ all.Length / 2; all.Length / 4; all.Length / 10; 1 ] |> List.distinct do
            if size > 0 then
                for i in 0..size .. all.Length - 1 do
                    List.take i all @ List.skip (min all.Length (i + size)) all
    }

let acts = Arb.fromGenShrink (Gen.resize 250 (Gen.listOf act), smaller)

/// An order as the venue has it.
type private Held =
    {
        Order: NewOrder
        mutable Filled: int64
        mutable Ended: OrderStatus voption
    }

let private id = InstrumentId.Of 0
let private account = AccountId.Of 0

/// One run: the engine's state, the venue's truth, and what is on its way in both directions.
[<Sealed>]
type Run(rules: Instrument, desks: Desk[], plan: Config) =
    let config =
        { plan with
            Instruments = ImmutableArray.Create<Instrument> rules
        }

    let orders = ResizeArray<Held>()
    let toVenue = ResizeArray<Command>()
    let toUs = ResizeArray<Event>()
    let mutable state = Engine.own (Engine.create config desks)
    let mutable now = 1L
    let mutable seq = 0L
    let mutable trade = 0L
    let mutable position = 0L
    let mutable price = 0L

    let sizeOf (o: NewOrder) = let sz = o.Sz in sz.Raw
    let left (h: Held) = sizeOf h.Order - h.Filled
    let isOpen (h: Held) = h.Ended.IsNone && left h > 0L

    let reply (o: Cloid) answer =
        toUs.Add(
            Event.Of(
                RareEvent.Replied
                    {
                        Account = account
                        Instrument = id
                        Cloid = o
                        Answer = answer
                    },
                at now
            )
        )

    let step (event: Event) =
        let input = Stamped(seq, at now, event)
        seq <- seq + 1L
        let struct (next, output) = Engine.step config state &input
        state <- next

        if not output.Commands.IsDefaultOrEmpty then
            toVenue.AddRange output.Commands

    let isLate (o: NewOrder) =
        let expires = o.Expires
        expires.Ns < (at now).Ns

    let signed (o: NewOrder) q = if o.Side = Side.Buy then q else -q

    /// Reduce-only orders fill no more than the position.
    let mayFill (h: Held) q =
        if not h.Order.ReduceOnly then
            q
        else
            min q (max 0L (-(signed h.Order 1L) * position))

    let fill (h: Held) (most: int64) =
        let q = mayFill h (min most (left h))

        if q > 0L then
            trade <- trade + 1L
            h.Filled <- h.Filled + q
            position <- position + signed h.Order q

            let told =
                {
                    Account = account
                    Instrument = id
                    Cloid = h.Order.Cloid
                    TradeId = trade
                    Side = h.Order.Side
                    Px = h.Order.Px
                    Sz = Sz.Of q
                    Fee = Usd.Of(q / 1_000L)
                    Cumulative = Sz.Of h.Filled
                    IsMaker = h.Order.Tif = Tif.Alo
                }

            toUs.Add(Event.Of(RareEvent.Filled told, at now))

    let finish (h: Held) (status: OrderStatus) (isStated: bool) =
        h.Ended <- ValueSome status
        let total = if isStated then ValueSome(Sz.Of h.Filled) else ValueNone
        reply h.Order.Cloid (Answer.Ended(status, total))

    let find (cloid: Cloid) =
        orders |> Seq.tryFind (fun h -> h.Order.Cloid = cloid)

    let place (o: NewOrder) (luck: int64) =
        if isLate o || luck = 0L then
            reply o.Cloid (Answer.Refused(OrderStatus.Rejected "expired"))
        else
            let h =
                {
                    Order = o
                    Filled = 0L
                    Ended = ValueNone
                }

            orders.Add h
            reply o.Cloid (Answer.Accepted o.Cloid.N)

            if o.Tif = Tif.Ioc then
                fill h (luck * 2L * lot)

                if isOpen h then
                    finish h (OrderStatus.Cancelled "iocRemainder") (luck % 2L = 0L)

    let look () =
        let held: HeldPosition =
            {
                Instrument = id
                Position = Sz.Of position
                AvgPx = px 100L
            }

        let seen =
            RareEvent.AccountSeen
                {
                    Account = account
                    Cash = Usd.Of(10_000L * lot)
                    Positions = ImmutableArray.Create<HeldPosition> held
                    Open =
                        ImmutableArray.CreateRange
                            [
                                for h in orders do
                                    if isOpen h then
                                        {
                                            Instrument = id
                                            Cloid = h.Order.Cloid
                                        }
                            ]
                }

        toUs.Add(Event.Of(seen, at now))

    let carryOut (c: Command) (luck: int64) =
        match c with
        | Place a -> place a.Order luck
        | Cancel(_, _, cloid) ->
            match find cloid with
            | Some h when isOpen h -> finish h (OrderStatus.Cancelled "canceled") (luck % 2L = 0L)
            | _ -> reply cloid (Answer.CancelRefused(OrderStatus.Rejected "MissingOrder"))
        | Query(_, _, cloid) ->
            match find cloid with
            | None -> reply cloid Answer.NotKnown
            | Some h when isOpen h -> reply cloid (Answer.Accepted cloid.N)
            | Some h ->
                let status = ValueOption.defaultValue OrderStatus.Filled h.Ended
                reply cloid (Answer.Ended(status, ValueSome(Sz.Of h.Filled)))
        | Resync _ -> look ()
        | Quit _ -> ()

    let level side p size =
        step (Event.LevelMoved(id, side, px p, sz size, at now))

    let quotes (bid: int64) (spread: int64) =
        if price > 0L then
            level Side.Buy price 0L
            level Side.Sell (price + 4L) 0L

        price <- bid
        level Side.Sell (bid + spread) 9L
        level Side.Buy bid 9L

    let withPick (all: ResizeArray<'a>) (pick: int) (f: int -> unit) =
        if all.Count > 0 then
            f (pick % all.Count)

    do
        step (Event.Of(RareEvent.RunStarted { Run = 1L; FirstCloid = 1L }, at now))
        look ()
        step toUs[0]
        toUs.Clear()
        quotes 99L 2L

    member _.State = state
    member _.Position = position

    /// The venue's position, with everything of one side that is open there or on its way to it.
    member _.Worst(side: Side) =
        let sign = if side = Side.Buy then 1L else -1L

        let there =
            orders
            |> Seq.filter (fun h -> isOpen h && h.Order.Side = side)
            |> Seq.sumBy left

        let coming =
            toVenue
            |> Seq.sumBy (fun c ->
                match c with
                // One that comes after its expiry fills nothing any more.
                | Place a when a.Order.Side = side && not (isLate a.Order) -> sizeOf a.Order
                | _ -> 0L)

        sign * position + there + coming

    /// Open orders at the venue, by number.
    member _.Open =
        [ for h in orders -> h ]
        |> List.filter isOpen
        |> List.map (fun h -> let c = h.Order.Cloid in c.N)

    member _.Do(a: Act) =
        now <- now + 40L

        match a with
        | Quotes(bid, spread) -> quotes bid spread
        | Best(bid, spread) ->
            let q p : PxSz = { Px = px p; Sz = sz 5L }
            step (Event.BboMoved(id, ValueSome(q bid), ValueSome(q (bid + spread)), at now))
        | Beat -> step (Event.Ticked(at now))
        | Wait ms -> now <- now + ms
        | Lost(channel, true) -> step (Event.FeedLost(VenueId.Of 0, channel, ValueNone))
        | Lost(channel, false) -> step (Event.FeedBack(VenueId.Of 0, channel, ValueNone))
        | Arrive(pick, luck) ->
            withPick toVenue pick (fun i ->
                let c = toVenue[i]
                toVenue.RemoveAt i
                carryOut c luck)
        | Vanish pick -> withPick toVenue pick toVenue.RemoveAt
        | Fill(pick, size) ->
            withPick orders pick (fun i ->
                if isOpen orders[i] then
                    fill orders[i] (size * lot))
        | End pick ->
            withPick orders pick (fun i ->
                if isOpen orders[i] then
                    finish orders[i] (OrderStatus.Cancelled "selfTradeCanceled") (pick % 2 = 0))
        | Tell(pick, again) ->
            withPick toUs pick (fun i ->
                let e = toUs[i]

                if not again then
                    toUs.RemoveAt i

                step e)
        | Drop pick -> withPick toUs pick toUs.RemoveAt
        | Look -> look ()

    /// Nothing new is opened; everything arrives from now on, in order and at once, with a look every second, for so many
    /// seconds. What would go on for ever within a second is cut.
    member r.Settle(seconds: int) =
        step (Event.Of(RareEvent.Operator OperatorOrder.Pause, at now))

        for channel in [ Channel.Book; Channel.Bbo; Channel.Account ] do
            r.Do(Lost(channel, false))

        for _ in 1..seconds do
            now <- now + 1_000L
            step (Event.Ticked(at now))
            look ()

            let mutable budget = 300

            while budget > 0 && (toVenue.Count > 0 || toUs.Count > 0) do
                budget <- budget - 1

                if toUs.Count > 0 then
                    let e = toUs[0]
                    toUs.RemoveAt 0
                    step e
                else
                    let c = toVenue[0]
                    toVenue.RemoveAt 0
                    carryOut c 2L
