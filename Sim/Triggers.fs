namespace Vrlg.Sim

open System
open Vrlg.Core

/// What a trigger order waits for, and what it becomes. Conditions are tested on the mark price.
[<Struct; NoComparison; NoEquality>]
type Trigger =
    {
        /// The mark price at which it fires, 1e-8.
        Px: int64
        /// Take-profit: a sell fires at or above, a buy at or below. A stop is the other way round.
        IsTakeProfit: bool
        /// Becomes an immediate-or-cancel order, limited by the trigger price and the tolerance; else rests at its limit.
        IsMarket: bool
        /// Its size is the position's when it fires, and it ends when the position does.
        FollowsPosition: bool
        /// Orders of one group: when one fills whole, the others end. 0 belongs to none.
        Group: int64
    }

    /// A stop that crosses at the market when the mark reaches its price.
    static member StopMarket(px: Px) : Trigger =
        {
            Px = px.Raw
            IsTakeProfit = false
            IsMarket = true
            FollowsPosition = false
            Group = 0L
        }

/// A trigger order that waits outside the book.
[<Struct; NoComparison; NoEquality>]
type Waiting =
    {
        Order: ExchangeOrder
        Trigger: Trigger
        Oid: int64
        mutable IsFired: bool
        /// When its condition was met, nanoseconds.
        mutable FiredAt: int64
        mutable IsGone: bool
    }

    /// As an order of ours that has filled nothing and stands in no queue.
    member w.AsOwn: OwnOrder =
        {
            Order = w.Order
            Oid = w.Oid
            Left = w.Order.Sz
            Filled = 0L
            Front = infinity
            Traded = 0.0
            Since = 0L
            Group = w.Trigger.Group
        }

/// The waiting trigger orders of one instrument, by arrival.
[<Sealed>]
type WaitingOrders private () =
    member val private Maker: Owner = null with get, set
    member val private Items: Waiting[] = Array.zeroCreate 4 with get, set
    member val Count = 0 with get, private set
    member val HasFired = false with get, private set

    static member Empty = WaitingOrders()

    member w.Item(i: int) : byref<Waiting> = &w.Items[i]

    member w.Next(by: Owner) : WaitingOrders =
        if not (isNull by) && obj.ReferenceEquals(w.Maker, by) then
            w
        else
            let copy = w.MemberwiseClone() :?> WaitingOrders
            copy.Maker <- by
            copy.Items <- Array.copy w.Items
            copy

    /// The place of an account's cloid; -1 when it does not wait here.
    member w.Find(account: int, cloid: Cloid) =
        let mutable i = 0

        while i < w.Count
              && (w.Items[i].IsGone
                  || w.Items[i].Order.Cloid <> cloid
                  || w.Items[i].Order.Account <> account) do
            i <- i + 1

        if i < w.Count then i else -1

    member w.Add(item: inref<Waiting>) =
        if w.Count = w.Items.Length then
            let wider = Array.zeroCreate (2 * w.Count)
            Array.Copy(w.Items, wider, w.Count)
            w.Items <- wider

        w.Items[w.Count] <- item
        w.Count <- w.Count + 1

        if item.IsFired then
            w.HasFired <- true

    /// Whether an order of this side fires at a mark.
    static member Fires(side: Side, t: inref<Trigger>, mark: int64) =
        mark > 0L
        && (if (side = Side.Sell) = t.IsTakeProfit then
                mark >= t.Px
            else
                mark <= t.Px)

    /// Marks those whose condition a mark meets, and answers how many.
    member w.Test(mark: int64, now: int64) : int =
        let mutable fired = 0

        for i in 0 .. w.Count - 1 do
            let item = &w.Items[i]

            if
                not item.IsFired
                && not item.IsGone
                && WaitingOrders.Fires(item.Order.Side, &item.Trigger, mark)
            then
                item.IsFired <- true
                item.FiredAt <- now
                w.HasFired <- true
                fired <- fired + 1

        fired

    /// Lets go of those that are gone.
    member w.Sweep() =
        let mutable kept = 0
        let mutable fired = false

        for i in 0 .. w.Count - 1 do
            if not w.Items[i].IsGone then
                fired <- fired || w.Items[i].IsFired
                w.Items[kept] <- w.Items[i]
                kept <- kept + 1

        Array.Clear(w.Items, kept, w.Count - kept)
        w.Count <- kept
        w.HasFired <- fired
