namespace Vrlg.Core

/// The stop that rests at the exchange while something is held: wider than the local stop, for the day on which we cannot
/// act (X11, I8). One a position, replaced and never stacked (X55), gone when flat.
[<RequireQualifiedAccess>]
module internal Backstop =
    /// The widest stop of the desk's guards on the side that leaves; 0 without one.
    let private stopOf (w: Wanted) (instrument: InstrumentId) (side: Side) : Px =
        let mutable found = 0L

        for item in w.Slots do
            if
                item.Stop.Raw > 0L
                && item.Slot.Side = side
                && item.Slot.Instrument.Index = instrument.Index
            then
                found <-
                    if found = 0L then item.Stop.Raw
                    elif side = Side.Sell then min found item.Stop.Raw
                    else max found item.Stop.Raw

        Px.Of found

    /// A cross of ours is on its way out: what it leaves is known when it is back.
    let private isLeaving (facts: Facts) (desk: DeskId) (instrument: InstrumentId) (side: Side) =
        let mutable found = false

        for o in facts.Orders.LiveOrders do
            if
                o.New.Tif = Tif.Ioc
                && o.New.Side = side
                && o.New.Instrument.Index = instrument.Index
                && o.Desk.Index = desk.Index
            then
                found <- true

        found

    /// Where it stands while a guard does; where it stood or still stands, while all else is pulled and the position leaves.
    let private triggerOf (step: inref<PlanStep>) (facts: Facts) (leaves: bool) (w: Wanted) (was: WantedSlot) =
        let slot = was.Slot
        let stop = stopOf w slot.Instrument slot.Side

        if stop.Raw > 0L then
            Instrument.reachPx (facts.Market slot.Instrument).Rules slot.Side stop step.Config.BackstopBps
        elif not leaves then
            Px.Of 0L
        elif was.Kind = WishKind.Stop then
            was.Trigger
        else
            match facts.Orders.TryIn(step.Desk, slot) with
            | ValueSome o -> o.New.Trigger
            | ValueNone -> Px.Of 0L

    /// The same one ended a moment ago, and not because the position had: it is not sent again at once.
    let private isSoon (facts: Facts) (account: AccountId) (desk: DeskId) (now: Instant) (next: WantedSlot) =
        match facts.Orders.TryLastClosed(desk, next.Slot) with
        | ValueSome o ->
            let held = facts.Ledger.Position(account, next.Slot.Instrument)

            o.New.Trigger = next.Trigger
            && o.New.Sz = next.Sz
            && held.OpenedAt.Ns < o.ChangedAt.Ns
            && now.Ns - o.ChangedAt.Ns < Leaving.exitPause
        | ValueNone -> false

    /// Whether the wish must be sent: nothing like it is there.
    let private isMissing (step: inref<PlanStep>) (facts: Facts) (next: WantedSlot) =
        match facts.Orders.TryIn(step.Desk, next.Slot) with
        | ValueNone -> not (isSoon facts step.Config.Account step.Desk step.Now next)
        | ValueSome o ->
            let isGoing =
                match o.Phase with
                | Phase.Cancelling
                | Phase.Settling _ -> true
                | _ -> false

            let isSame =
                o.New.Trigger = next.Trigger
                && (Order.exposure o = next.Sz
                    || isLeaving facts step.Desk next.Slot.Instrument next.Slot.Side)

            isGoing || not isSame

    let private keepSide (step: inref<PlanStep>) (leaves: bool) (slot: Slot) (w: Wanted) (facts: Facts) : Wanted =
        let c = step.Config
        let market = facts.Market slot.Instrument
        let position = facts.Ledger.Position(c.Account, slot.Instrument)
        let held = Leaving.whole market position.Size

        let size =
            Sz.Of(
                if slot.Side = Side.Sell then
                    max 0L held.Raw
                else
                    max 0L -held.Raw
            )

        let at = w.Find slot
        let was = if at < 0 then WantedSlot.Of slot else w.At at

        let trigger =
            if size.IsZero then
                Px.Of 0L
            else
                triggerOf &step facts leaves w was

        let by = step.By

        let put (item: WantedSlot) =
            if at < 0 then w.Add(by, item) else w.Put(by, at, item)

        if trigger.IsNone then
            if was.Kind = WishKind.Nothing then
                w
            else
                put
                    { was with
                        Kind = WishKind.Nothing
                        Armed = true
                    }
        else
            let next =
                { was with
                    Kind = WishKind.Stop
                    Px = Instrument.reachPx market.Rules slot.Side trigger c.ToleranceBps
                    Sz = size
                    Reduce = true
                    Trigger = trigger
                    Armed = false
                }

            let isMissing = isMissing &step facts next

            if
                was.Kind = next.Kind
                && was.Sz = next.Sz
                && was.Trigger = next.Trigger
                && was.Armed = isMissing
            then
                w
            else
                put { next with Armed = isMissing }

    /// The wishes with the stop that each position of an instrument asks for. `leaves`: halted or flattening.
    let keep (step: PlanStep) (leaves: bool) (instrument: InstrumentId) (w: Wanted) (facts: Facts) : Wanted =
        let market = facts.Market instrument

        if step.Config.BackstopBps <= 0 || not market.Rules.HasTriggers then
            w
        else
            let sold = keepSide &step leaves (Slot.Backstop(instrument, Side.Sell)) w facts
            keepSide &step leaves (Slot.Backstop(instrument, Side.Buy)) sold facts
