namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// Wishes against facts: the fewest commands that bring them together.
[<RequireQualifiedAccess>]
module Slots =
    /// Two passes over a desk: all cancels, then places.
    type Pass =
        | Cancels = 0
        | Places = 1

    let private cancel (step: inref<PlanStep>) (facts: Facts) (o: Order) (out: Outbox) : Facts =
        let c = step.Config
        let struct (next, _) = Order.apply OrderEvent.CancelSent o
        out.Commands.Add(Cancel(o.New.Account, o.New.Instrument, o.New.Cloid))
        let spent = facts.Spend(step.By, c.Account)
        spent.WithOrders(step.By, spent.Orders.Put(step.By, { next with ChangedAt = step.Now }))

    /// Orders of the desk that live after all, though they were given up: cancelled, whatever is wanted.
    let private cancelStrays (step: inref<PlanStep>) (facts: Facts) (out: Outbox) : Facts =
        let mutable next = facts

        for o in facts.Orders.LiveOrders do
            if o.Desk.Index = step.Desk.Index && o.Slot.IsStray && Order.isResting o then
                next <- cancel &step next o out

        next

    let private isExit (item: WantedSlot) =
        item.Reduce && item.Kind = WishKind.Cross

    let private isSpot (facts: Facts) (instrument: InstrumentId) =
        facts.Market(instrument).Rules.Kind = InstrumentKind.Spot

    /// On spot an exit of a side waits in some slot: what rests there on that side is in its way.
    let private isInTheWay (w: Wanted) (facts: Facts) (o: Order) =
        let mutable found = false

        if isSpot facts o.New.Instrument then
            for item in w.Slots do
                if
                    item.Armed
                    && isExit item
                    && item.Slot.Side = o.New.Side
                    && item.Slot.Instrument.Index = o.New.Instrument.Index
                then
                    found <- true

        found

    /// Whether the order that lives in a slot contradicts the wish there.
    let private isUnwanted (item: WantedSlot) (o: Order) =
        match item.Kind with
        | WishKind.Nothing -> true
        | WishKind.Cross -> item.Armed && o.New.Tif <> Tif.Ioc
        | _ -> item.Armed

    let private planCancel (step: inref<PlanStep>) (i: int) (w: Wanted) (facts: Facts) (out: Outbox) =
        let item = w.At i
        let now = step.Now

        match facts.Orders.TryIn(step.Desk, item.Slot) with
        | ValueNone -> struct (w, facts)
        | ValueSome o ->
            let isOver =
                not item.Expires.IsNone
                && now.Ns >= item.Expires.Ns
                && item.Kind = WishKind.Rest

            let wanted =
                if isOver && not item.Armed then
                    w.Put(
                        step.By,
                        i,
                        { item with
                            Kind = WishKind.Nothing
                            Armed = true
                        }
                    )
                else
                    w

            match o.Phase with
            | Phase.Resting when o.New.Tif <> Tif.Ioc && (isUnwanted (wanted.At i) o || isInTheWay w facts o) ->
                struct (wanted, cancel &step facts o out)
            | _ ->
                if not item.Expires.IsNone && item.Kind = WishKind.Rest then
                    out.WakeAt item.Expires

                struct (wanted, facts)

    let private purposeOf (step: inref<PlanStep>) (facts: Facts) (item: WantedSlot) =
        if item.Kind = WishKind.Stop then
            ValueSome Risk.Protecting
        elif item.Reduce && item.Kind = WishKind.Cross then
            ValueSome(if item.Slot.IsHedge then Risk.Trimming else Risk.Reducing)
        else
            match
                Health.fresh
                    step.Config.Health
                    step.Now
                    step.Seq
                    item.Slot.Instrument
                    (facts.Market item.Slot.Instrument)
            with
            | ValueSome fresh -> ValueSome(Risk.Opening fresh)
            | ValueNone -> ValueNone

    let private notReady (health: Health) =
        match health.Fitness with
        | Fitness.Cold -> "the account is not known yet"
        | Fitness.Ready -> "ready"
        | Fitness.Degraded why -> why
        | Fitness.Halted _ -> "halted"

    let private judge (step: inref<PlanStep>) (facts: Facts) (item: WantedSlot) (order: NewOrder) =
        let isHaltedOpening = facts.Health.IsHalted || not facts.Health.IsReady

        match purposeOf &step facts item with
        | ValueNone -> Error(ImmutableArray.Create<Breach>(Breach.StaleData item.Slot.Instrument))
        | ValueSome(Risk.Opening _) when isHaltedOpening ->
            Error(ImmutableArray.Create<Breach>(Breach.NotReady(notReady facts.Health)))
        | ValueSome purpose ->
            let limits =
                if item.Slot.IsHedge then
                    // A hedge is no entry: what forbids those does not hold it up.
                    { step.Config.Limits with
                        AllowsMarketEntries = true
                    }
                else
                    step.Config.Limits

            Risk.review limits (facts.Market(item.Slot.Instrument).Rules) facts step.Desk step.Seq purpose order

    let private sameBreaches (a: ImmutableArray<Breach>) (b: ImmutableArray<Breach>) =
        let kind (x: Breach) =
            match x with
            | Breach.PositionCap _ -> 0
            | Breach.OrderTooSmall _ -> 1
            | Breach.OrderTooLarge _ -> 2
            | Breach.PriceOffGrid _ -> 3
            | Breach.PriceFarFromMarket _ -> 4
            | Breach.SizeOffGrid _ -> 5
            | Breach.TooManyOrders _ -> 6
            | Breach.BudgetSpent _ -> 7
            | Breach.NotReady _ -> 8
            | Breach.StaleData _ -> 9
            | Breach.NotReducing _ -> 10
            | Breach.UnknownInstrument _ -> 11
            | Breach.MarketEntryForbidden -> 12
            | Breach.ReservedSlot -> 13

        a.Length = b.Length && Seq.forall2 (fun x y -> kind x = kind y) a b

    /// The venue refused the price and the touch has not moved since. What reduces waits no longer than a second: an exit, or a
    /// stop at the exchange, may not depend on the market's moving.
    let private isBarred (c: PlanConfig) (facts: Facts) (now: Instant) (item: WantedSlot) =
        if c.RetryRefused || item.RefusedPx.Raw <> item.Px.Raw then
            false
        elif
            (isExit item || item.Kind = WishKind.Stop)
            && now.Ns - item.RefusedAt.Ns >= Leaving.exitPause
        then
            false
        else
            let touch = facts.Market(item.Slot.Instrument).Touch
            touch.BidPx.Raw = item.RefusedBid.Raw && touch.AskPx.Raw = item.RefusedAsk.Raw

    let private orderOf (c: PlanConfig) (facts: Facts) (item: WantedSlot) (now: Instant) (cloid: Cloid) : NewOrder =
        let rules = facts.Market(item.Slot.Instrument).Rules

        let size =
            if item.Kind = WishKind.Rest then
                Icebergs.slice rules item.Px item.Display (item.Sz - item.Done)
            else
                item.Sz

        {
            Account = c.Account
            Instrument = item.Slot.Instrument
            Cloid = cloid
            Side = item.Slot.Side
            Px = item.Px
            Sz = size
            Tif =
                match item.Kind with
                | WishKind.Cross -> Tif.Ioc
                | WishKind.Stop -> Tif.Gtc
                | _ -> Tif.Alo
            ReduceOnly =
                item.Kind = WishKind.Stop
                || (item.Reduce && item.Kind = WishKind.Cross && rules.Kind = InstrumentKind.Perp)
            Trigger = if item.Kind = WishKind.Stop then item.Trigger else Px.Of 0L
            Expires = now + c.Health.ArrivalLimit
        }

    let private send (step: inref<PlanStep>) (item: WantedSlot) (approved: Risk.Approved) (facts: Facts) (out: Outbox) =
        let by = step.By
        let c = step.Config
        let now = step.Now
        out.Commands.Add(Place approved)

        if not item.Expires.IsNone then
            out.WakeAt item.Expires

        let order: Order =
            {
                New = approved.Order
                Desk = step.Desk
                Slot = item.Slot
                Total = item.Sz
                Before = if item.Kind = WishKind.Rest then item.Done else Sz.Of 0L
                Phase = Phase.Sent
                Oid = 0L
                Filled = Sz.Of 0L
                Told = Sz.Of -1L
                SentAt = now
                ChangedAt = now
                AskedAt = Instant.Of 0L
            }

        let spent = facts.Spend(by, c.Account)
        spent.WithOrders(by, spent.Orders.Add(by, order))

    /// The whole lots that an exit of this side reduces; 0 when there are none.
    let private reducible (c: PlanConfig) (facts: Facts) (item: WantedSlot) : int64 =
        let position = facts.Ledger.Position(c.Account, item.Slot.Instrument)
        let held = Leaving.whole (facts.Market item.Slot.Instrument) position.Size

        if item.Slot.Side = Side.Sell then
            max 0L held.Raw
        else
            max 0L -held.Raw

    /// What a reducing cross may do now: no more than the position, and on spot no more than what no other order of its side may
    /// take of it; nothing there while a quote of ours stands on that side. Every other wish is as spoken.
    let private leftToReduce (c: PlanConfig) (facts: Facts) (item: WantedSlot) : Sz =
        if not (isExit item) then
            item.Sz
        else
            let most = reducible c facts item
            let id = item.Slot.Instrument

            let free =
                if not (isSpot facts id) then
                    most
                elif facts.Orders.HasQuote(c.Account, id, item.Slot.Side) then
                    0L
                else
                    let working = facts.Orders.Working(c.Account, id, item.Slot.Side)
                    most - working.Raw

            Leaving.whole (facts.Market id) (Sz.Of(max 0L (min item.Sz.Raw free)))

    /// Places what slot `i` wants, if it is free and the review approves. A refusal is noted when its reasons change.
    let private planPlace (step: inref<PlanStep>) (i: int) (w: Wanted) (facts: Facts) (cloid: Cloid) (out: Outbox) =
        let by = step.By
        let c = step.Config
        let spoken = w.At i

        let item =
            { spoken with
                Sz = leftToReduce c facts spoken
            }

        let isOver = not item.Expires.IsNone && step.Now.Ns >= item.Expires.Ns

        let isMet =
            item.Kind = WishKind.Cross
            && (spoken.Sz.Raw = 0L || (isExit spoken && reducible c facts spoken = 0L))

        if not item.Armed || facts.Orders.Holds(step.Desk, item.Slot) then
            struct (w, facts, false)
        elif item.Kind = WishKind.Nothing || isOver || isMet then
            struct (w.Put(
                        by,
                        i,
                        { item with
                            Kind = WishKind.Nothing
                            Armed = false
                        }
                    ),
                    facts,
                    false)
        elif isExit item && item.Sz.Raw = 0L then
            // On spot other orders of ours may still take all of the position: it waits for their ends.
            out.IsWaiting <- true
            struct (w, facts, false)
        elif isBarred c facts step.Now item then
            out.IsWaiting <- true
            struct (w, facts, false)
        else
            let order = orderOf c facts item step.Now cloid

            match judge &step facts item order with
            | Ok approved ->
                let spent =
                    { item with
                        Armed = false
                        Noted = ImmutableArray.Empty
                        RefusedPx = Px.Of 0L
                    }

                struct (w.Put(by, i, spent), send &step item approved facts out, true)
            | Error breaches ->
                out.IsWaiting <- true

                if sameBreaches breaches item.Noted then
                    struct (w, facts, false)
                else
                    out.Notes.Add(Refused(step.Desk, item.Slot, breaches))
                    // As spoken, not as cut to what is held now.
                    struct (w.Put(by, i, { spoken with Noted = breaches }), facts, false)

    /// One pass over a desk's slots. Answers with the wishes and facts after it and the next order counter.
    let plan
        (step: PlanStep)
        (pass: Pass)
        (nextCloid: int64)
        (wanted: Wanted)
        (facts: Facts)
        (out: Outbox)
        : struct (Wanted * Facts * int64) =
        let mutable w = wanted

        let mutable f =
            if pass = Pass.Cancels then
                cancelStrays &step facts out
            else
                facts

        let mutable n = nextCloid

        if pass = Pass.Cancels then
            for i in 0 .. wanted.Count - 1 do
                let item = w.At i

                if item.Stop.Raw > 0L then
                    out.IsWaiting <- true
                    w <- w.Put(step.By, i, Leaving.guard step.Config f item)

        for i in 0 .. wanted.Count - 1 do
            if pass = Pass.Cancels then
                let struct (w2, f2) = planCancel &step i w f out
                w <- w2
                f <- f2
            else
                let cloid: Cloid = { Run = step.Run; N = n }
                let struct (w2, f2, isPlaced) = planPlace &step i w f cloid out
                w <- w2
                f <- f2

                if isPlaced then
                    n <- n + 1L

        struct (w, f, n)
