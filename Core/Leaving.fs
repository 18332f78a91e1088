namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// What leaves the market, whatever a desk wants: guards that are hit, what a kill or a lost feed pulls, strays.
[<RequireQualifiedAccess>]
module internal Leaving =
    /// A limit past the opposite touch by the tolerance, on the grid.
    let private crossing (c: PlanConfig) (market: Market) (side: Side) : Px =
        let touch = market.Touch

        if side = Side.Buy then
            Instrument.ceilPx market.Rules (touch.AskPx.Raw + touch.AskPx.Raw / 10_000L * int64 c.ToleranceBps)
        else
            Instrument.floorPx market.Rules (touch.BidPx.Raw - touch.BidPx.Raw / 10_000L * int64 c.ToleranceBps)

    /// A guard whose stop the touch has reached becomes a reducing cross of the whole position (I8: the local stop).
    let guard (c: PlanConfig) (facts: Facts) (item: WantedSlot) : WantedSlot =
        let market = facts.Market item.Slot.Instrument
        let held = facts.Ledger.Position(c.Account, item.Slot.Instrument)
        let touch = market.Touch

        let isHit =
            if item.Slot.Side = Side.Sell then
                held.Size.Raw > 0L && touch.BidPx.Raw > 0L && touch.BidPx.Raw <= item.Stop.Raw
            else
                held.Size.Raw < 0L && touch.AskPx.Raw >= item.Stop.Raw && touch.AskPx.Raw > 0L

        if isHit && touch.IsWhole && not (item.Armed && item.Kind = WishKind.Cross) then
            { item with
                Kind = WishKind.Cross
                Px = crossing c market item.Slot.Side
                Sz = held.Size.Abs
                Reduce = true
                Armed = true
            }
        else
            item

    /// Where an order stands that was given up and lives after all: in nobody's way, to be cancelled.
    let straySlot (slot: Slot) : Slot = { slot with Name = Int32.MinValue + 1 }

    /// The wish of a flatten: everything pulled, a reducing cross in the slot kept for it, at most once a second.
    let flattenSlot (instrument: InstrumentId) (side: Side) : Slot =
        {
            Instrument = instrument
            Side = side
            Name = Int32.MinValue
        }

    /// Every slot of an instrument wants nothing, its guard included; the flatten slot is left alone.
    let pullAll (by: Owner) (instrument: InstrumentId) (w: Wanted) : Wanted =
        let mutable next = w

        for i in 0 .. w.Count - 1 do
            let item = next.At i
            let isPulled = item.Kind = WishKind.Nothing && item.Stop.Raw = 0L

            if
                item.Slot.Instrument.Index = instrument.Index
                && item.Slot.Name <> Int32.MinValue
                && not isPulled
            then
                next <-
                    next.Put(
                        by,
                        i,
                        { item with
                            Kind = WishKind.Nothing
                            Armed = true
                            Stop = Px.Of 0L
                        }
                    )

        next

    let flatten
        (by: Owner)
        (c: PlanConfig)
        (now: Instant)
        (desk: DeskId)
        (instrument: InstrumentId)
        (w: Wanted)
        (facts: Facts)
        : Wanted =
        let held = facts.Ledger.Position(c.Account, instrument)
        let market = facts.Market instrument
        let touch = market.Touch

        if held.Size.Raw <> 0L && touch.IsWhole then
            let side = if held.Size.Raw > 0L then Side.Sell else Side.Buy
            let slot = flattenSlot instrument side
            let last = facts.Orders.TryLastClosed(desk, slot)

            let isSoon =
                match last with
                | ValueSome o -> now.Ns - o.ChangedAt.Ns < 1_000_000_000L
                | ValueNone -> false

            if not isSoon && not (facts.Orders.Holds(desk, slot)) then
                let item =
                    { WantedSlot.Of slot with
                        Kind = WishKind.Cross
                        Px = crossing c market side
                        Sz = held.Size.Abs
                        Reduce = true
                        Armed = true
                    }

                match w.Find slot with
                | -1 -> w.Add(by, item)
                | i -> w.Put(by, i, item)
            else
                w
        else
            w
