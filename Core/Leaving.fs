namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// What leaves the market, whatever a desk wants: guards that are hit, what a kill or a lost feed pulls.
[<RequireQualifiedAccess>]
module internal Leaving =
    /// A flatten's cross that has ended is not sent again sooner than this, in nanoseconds; an exit that the venue refused not
    /// later, though the touch has not moved.
    let exitPause = 1_000_000_000L

    /// A limit past the opposite touch by the tolerance, on the grid.
    let private crossing (c: PlanConfig) (market: Market) (side: Side) : Px =
        let touch = market.Touch
        let there = if side = Side.Buy then touch.AskPx else touch.BidPx
        Instrument.reachPx market.Rules side there c.ToleranceBps

    /// What an order can leave of a position: whole lots. A fee of the base coin leaves less than a lot behind.
    let whole (market: Market) (size: Sz) : Sz = Instrument.roundSz market.Rules size

    /// A guard whose stop the touch has reached becomes a reducing cross of the whole position (I8: the local stop). While it
    /// waits for its slot or its review, its size and limit are those of the market of now.
    let guard (c: PlanConfig) (facts: Facts) (item: WantedSlot) : WantedSlot =
        let market = facts.Market item.Slot.Instrument
        let position = facts.Ledger.Position(c.Account, item.Slot.Instrument)
        let held = whole market position.Size
        let touch = market.Touch

        let isHit =
            if item.Slot.Side = Side.Sell then
                held.Raw > 0L && touch.BidPx.Raw > 0L && touch.BidPx.Raw <= item.Stop.Raw
            else
                held.Raw < 0L && touch.AskPx.Raw >= item.Stop.Raw && touch.AskPx.Raw > 0L

        if isHit then
            { item with
                Kind = WishKind.Cross
                Px = crossing c market item.Slot.Side
                Sz = held.Abs
                Reduce = true
                Armed = true
            }
        else
            item

    let private pulled (item: WantedSlot) : WantedSlot =
        { item with
            Kind = WishKind.Nothing
            Armed = true
        }

    /// Every slot of an instrument wants nothing, its guard included; the house's own slots are left alone: what rests at the
    /// exchange to protect a position goes when the position has gone.
    let pullAll (by: Owner) (instrument: InstrumentId) (w: Wanted) : Wanted =
        let mutable next = w

        for i in 0 .. w.Count - 1 do
            let item = next.At i
            let isPulled = item.Kind = WishKind.Nothing && item.Stop.Raw = 0L

            if
                item.Slot.Instrument.Index = instrument.Index
                && not item.Slot.IsFlatten
                && not item.Slot.IsBackstop
                && not isPulled
            then
                next <- next.Put(by, i, { pulled item with Stop = Px.Of 0L })

        next

    /// Every wish of an instrument that opens wants nothing; guards and exits stay.
    let pullOpening (by: Owner) (instrument: InstrumentId) (w: Wanted) : Wanted =
        let mutable next = w

        for i in 0 .. w.Count - 1 do
            let item = next.At i

            let opens =
                item.Kind = WishKind.Rest || (item.Kind = WishKind.Cross && not item.Reduce)

            if item.Slot.Instrument.Index = instrument.Index && opens then
                next <- next.Put(by, i, pulled item)

        next

    /// What a flatten still wanted is forgotten: a person lifted it.
    let stopFlatten (by: Owner) (w: Wanted) : Wanted =
        let mutable next = w

        for i in 0 .. w.Count - 1 do
            let item = next.At i

            if item.Slot.IsFlatten && item.Armed then
                next <-
                    next.Put(
                        by,
                        i,
                        { item with
                            Kind = WishKind.Nothing
                            Armed = false
                        }
                    )

        next

    /// The wish of a flatten: a reducing cross of the whole position in the slot kept for it, as soon as the side that it hits is
    /// there, at most once in `exitPause`.
    let flatten
        (by: Owner)
        (c: PlanConfig)
        (now: Instant)
        (desk: DeskId)
        (instrument: InstrumentId)
        (w: Wanted)
        (facts: Facts)
        : Wanted =
        let position = facts.Ledger.Position(c.Account, instrument)
        let market = facts.Market instrument
        let held = whole market position.Size
        let touch = market.Touch
        let side = if held.Raw > 0L then Side.Sell else Side.Buy
        let there = if side = Side.Sell then touch.BidPx else touch.AskPx
        let slot = Slot.Flatten(instrument, side)

        let isSoon () =
            match facts.Orders.TryLastClosed(desk, slot) with
            | ValueSome o -> now.Ns - o.ChangedAt.Ns < exitPause
            | ValueNone -> false

        if held.Raw = 0L || there.Raw <= 0L || facts.Orders.Holds(desk, slot) || isSoon () then
            w
        else
            let at = w.Find slot
            let was = if at < 0 then WantedSlot.Of slot else w.At at

            // What was noted of it stays: the same refusal is noted once, not at every look.
            let item =
                { was with
                    Kind = WishKind.Cross
                    Px = crossing c market side
                    Sz = held.Abs
                    Reduce = true
                    Armed = true
                }

            if at < 0 then w.Add(by, item) else w.Put(by, at, item)
