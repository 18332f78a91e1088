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

    let private rest
        (facts: Facts)
        (slot: Slot)
        (px: Px)
        (sz: Sz)
        (expires: Instant)
        (was: WantedSlot)
        (live: Order voption)
        =
        let rules = facts.Market(slot.Instrument).Rules
        let rounded = Instrument.roundPx rules slot.Side px.Raw
        let size = Instrument.roundSz rules sz

        // Round first, then compare, or a slot reprices for ever. The order's own original size counts, not what is left.
        let isSame =
            match live with
            | ValueSome o ->
                let waits =
                    match o.Phase with
                    | Phase.Sent
                    | Phase.Resting _ -> true
                    | _ -> false

                waits
                && o.New.Px.Raw = rounded.Raw
                && o.New.Sz.Raw = size.Raw
                && o.New.Tif = Tif.Alo
            | ValueNone -> false

        if isSame then
            { was with
                Kind = WishKind.Rest
                Px = rounded
                Sz = size
                Armed = false
            }
        else
            { was with
                Kind = WishKind.Rest
                Px = rounded
                Sz = size
                Reduce = false
                Armed = true
                Expires = expires
            }

    /// The wishes after one intent of the desk. An instrument that the run does not have is refused with a note.
    let speak
        (by: Owner)
        (now: Instant)
        (desk: DeskId)
        (facts: Facts)
        (intent: Intent)
        (w: Wanted)
        (out: Outbox)
        : Wanted =
        let change (slot: Slot) (f: WantedSlot -> WantedSlot) =
            if not (facts.Has slot.Instrument) then
                let breach = Breach.UnknownInstrument slot.Instrument
                out.Notes.Add(Refused(desk, slot, ImmutableArray.Create<Breach>(breach)))
                w
            else
                match w.Find slot with
                | -1 -> w.Add(by, f (WantedSlot.Of slot))
                | i -> w.Put(by, i, f (w.At i))

        match intent with
        | Say remark ->
            out.Notes.Add(Remarked(desk, remark))
            w
        | Quote(slot, px, sz, terms) ->
            let live = facts.Orders.TryIn(desk, slot)
            change slot (fun was -> rest facts slot px sz terms.Expires was live)
        | Pull slot ->
            change slot (fun was ->
                { was with
                    Kind = WishKind.Nothing
                    Armed = true
                })
        | Take(slot, sz, limit, reduce) ->
            change slot (fun was ->
                let rules = facts.Market(slot.Instrument).Rules

                { was with
                    Kind = WishKind.Cross
                    Px = Instrument.roundPx rules slot.Side limit.Raw
                    Sz = Instrument.roundSz rules sz
                    Reduce = reduce
                    Armed = true
                    Expires = Instant.Of 0L
                })
        | Guard(slot, stop) -> change slot (fun was -> { was with Stop = stop })

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
            if
                o.Desk.Index = step.Desk.Index
                && o.Slot.Name = Int32.MinValue + 1
                && Order.isResting o
            then
                next <- cancel &step next o out

        next

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
            | Phase.Resting _ when o.New.Tif <> Tif.Ioc && isUnwanted (wanted.At i) o ->
                struct (wanted, cancel &step facts o out)
            | _ ->
                if not item.Expires.IsNone && item.Kind = WishKind.Rest then
                    out.WakeAt item.Expires

                struct (wanted, facts)

    let private purposeOf (step: inref<PlanStep>) (facts: Facts) (item: WantedSlot) =
        if item.Reduce && item.Kind = WishKind.Cross then
            ValueSome Risk.Reducing
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
            Risk.review step.Config.Limits (facts.Market(item.Slot.Instrument).Rules) facts step.Seq purpose order

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

        a.Length = b.Length && Seq.forall2 (fun x y -> kind x = kind y) a b

    let private isBarred (c: PlanConfig) (facts: Facts) (item: WantedSlot) =
        if c.RetryRefused || item.RefusedPx.Raw <> item.Px.Raw then
            false
        else
            let touch = facts.Market(item.Slot.Instrument).Touch
            touch.BidPx.Raw = item.RefusedBid.Raw && touch.AskPx.Raw = item.RefusedAsk.Raw

    let private orderOf (c: PlanConfig) (facts: Facts) (item: WantedSlot) (now: Instant) (cloid: Cloid) : NewOrder =
        let rules = facts.Market(item.Slot.Instrument).Rules

        {
            Account = c.Account
            Instrument = item.Slot.Instrument
            Cloid = cloid
            Side = item.Slot.Side
            Px = item.Px
            Sz = item.Sz
            Tif = if item.Kind = WishKind.Cross then Tif.Ioc else Tif.Alo
            ReduceOnly = item.Reduce && item.Kind = WishKind.Cross && rules.Kind = InstrumentKind.Perp
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
                Phase = Phase.Sent
                Oid = 0L
                Filled = Sz.Of 0L
                Told = Sz.Of -1L
                SentAt = now
                ChangedAt = now
            }

        let spent = facts.Spend(by, c.Account)
        spent.WithOrders(by, spent.Orders.Add(by, order))

    /// What a reducing cross still has to do: no more than the position, nothing once it is gone. Every other wish is as spoken.
    let private leftToReduce (c: PlanConfig) (facts: Facts) (item: WantedSlot) : Sz =
        if item.Reduce && item.Kind = WishKind.Cross then
            let held = facts.Ledger.Position(c.Account, item.Slot.Instrument)

            let most =
                if item.Slot.Side = Side.Sell then
                    held.Size.Raw
                else
                    -held.Size.Raw

            Sz.Of(max 0L (min item.Sz.Raw most))
        else
            item.Sz

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
        let isMet = item.Sz.Raw = 0L && item.Kind = WishKind.Cross

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
        elif isBarred c facts item then
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
                    struct (w.Put(by, i, { item with Noted = breaches }), facts, false)

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

        for i in 0 .. wanted.Count - 1 do
            if pass = Pass.Cancels then
                let item = w.At i

                if item.Stop.Raw > 0L then
                    out.IsWaiting <- true
                    w <- w.Put(step.By, i, Leaving.guard step.Config f item)

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
