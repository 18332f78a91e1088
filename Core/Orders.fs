namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// Our orders: the live ones, and the closed ones for as long as late words about them may come (at most 256).
[<Sealed>]
type Orders private () =
    static let lingering = 256

    member val private Maker: Owner = null with get, set
    member val private Live: Order[] = Array.zeroCreate 8 with get, set
    member val LiveCount = 0 with get, private set
    member val private Closed: Order[] = Array.zeroCreate lingering with get, set
    /// How many were ever closed; the newest stands at (ClosedCount - 1) mod 256.
    member val ClosedCount = 0L with get, private set

    static member Empty = Orders()

    member o.LiveOrders: ReadOnlySpan<Order> = ReadOnlySpan(o.Live, 0, o.LiveCount)

    /// Those that linger, in no order of time.
    member internal o.ClosedOrders: ReadOnlySpan<Order> =
        ReadOnlySpan(o.Closed, 0, int (min o.ClosedCount (int64 lingering)))

    member private o.Next(by: Owner) : Orders =
        if not (isNull by) && obj.ReferenceEquals(o.Maker, by) then
            o
        else
            let copy = o.MemberwiseClone() :?> Orders
            copy.Maker <- by
            copy.Live <- Array.copy o.Live
            copy.Closed <- Array.copy o.Closed
            copy

    member private o.IndexOf(cloid: Cloid) =
        let mutable found = -1
        let mutable i = 0

        while found < 0 && i < o.LiveCount do
            let c = o.Live[i].New.Cloid

            if c.N = cloid.N && c.Run = cloid.Run then
                found <- i

            i <- i + 1

        found

    member o.TryLive(cloid: Cloid) : Order voption =
        match o.IndexOf cloid with
        | -1 -> ValueNone
        | i -> ValueSome o.Live[i]

    /// The live order in a desk's slot.
    member o.TryIn(desk: DeskId, slot: Slot) : Order voption =
        let mutable found = ValueNone
        let mutable i = 0

        while i < o.LiveCount do
            let order = o.Live[i]
            let s = order.Slot

            if
                s.Name = slot.Name
                && s.Side = slot.Side
                && s.Instrument.Index = slot.Instrument.Index
                && order.Desk.Index = desk.Index
            then
                found <- ValueSome order

            i <- i + 1

        found

    /// The order that closed last in a desk's slot, while it is remembered.
    member o.TryLastClosed(desk: DeskId, slot: Slot) : Order voption =
        let least = max 0L (o.ClosedCount - int64 lingering)
        let mutable found = ValueNone
        let mutable i = o.ClosedCount - 1L

        while found.IsNone && i >= least do
            let order = o.Closed[int (i % int64 lingering)]
            let s = order.Slot

            if
                s.Name = slot.Name
                && s.Side = slot.Side
                && s.Instrument.Index = slot.Instrument.Index
                && order.Desk.Index = desk.Index
            then
                found <- ValueSome order

            i <- i - 1L

        found

    member private o.ClosedIndexOf(cloid: Cloid) =
        let least = max 0L (o.ClosedCount - int64 lingering)
        let mutable found = -1
        let mutable i = o.ClosedCount - 1L

        while found < 0 && i >= least do
            let c = o.Closed[int (i % int64 lingering)].New.Cloid

            if c.N = cloid.N && c.Run = cloid.Run then
                found <- int (i % int64 lingering)

            i <- i - 1L

        found

    member o.TryFind(cloid: Cloid) : Order voption =
        match o.IndexOf cloid with
        | -1 ->
            match o.ClosedIndexOf cloid with
            | -1 -> ValueNone
            | i -> ValueSome o.Closed[i]
        | i -> ValueSome o.Live[i]

    /// Live, or closed and still remembered.
    member o.Knows(cloid: Cloid) =
        o.IndexOf cloid >= 0 || o.ClosedIndexOf cloid >= 0

    /// A live order stands in a desk's slot.
    member o.Holds(desk: DeskId, slot: Slot) =
        match o.TryIn(desk, slot) with
        | ValueSome _ -> true
        | ValueNone -> false

    /// With one more order, just sent.
    member o.Add(by: Owner, order: Order) : Orders =
        let next = o.Next by

        if next.LiveCount = next.Live.Length then
            let wider = Array.zeroCreate (2 * next.Live.Length)
            Array.Copy(next.Live, wider, next.LiveCount)
            next.Live <- wider

        next.Live[next.LiveCount] <- order
        next.LiveCount <- next.LiveCount + 1
        next

    /// With one order in a new state; a closed one moves to those that linger, one that lives after all back.
    member o.Put(by: Owner, order: Order) : Orders =
        match o.IndexOf order.New.Cloid with
        | -1 ->
            match o.ClosedIndexOf order.New.Cloid with
            | -1 -> o
            | _ when not (Order.isClosed order) -> o.Add(by, order)
            | i ->
                let next = o.Next by
                next.Closed[i] <- order
                next
        | i ->
            let next = o.Next by

            if Order.isClosed order then
                next.LiveCount <- next.LiveCount - 1
                // The order of the live ones is kept: what is done to all of them is done oldest first.
                Array.Copy(next.Live, i + 1, next.Live, i, next.LiveCount - i)
                next.Live[next.LiveCount] <- Unchecked.defaultof<Order>
                next.Closed[int (next.ClosedCount % int64 lingering)] <- order
                next.ClosedCount <- next.ClosedCount + 1L
            else
                next.Live[i] <- order

            next

    member private o.Sum(account: AccountId, instrument: InstrumentId, side: Side, opensOnly: bool) : Sz =
        let mutable sum = 0L

        for i in 0 .. o.LiveCount - 1 do
            let order = o.Live[i]

            if
                order.New.Side = side
                && order.New.Instrument.Index = instrument.Index
                && order.New.Account.Index = account.Index
                && not (opensOnly && order.New.ReduceOnly)
            then
                let left = Order.exposure order

                sum <-
                    if left.Raw > Int64.MaxValue - sum then
                        Int64.MaxValue
                    else
                        sum + left.Raw

        Sz.Of sum

    /// All that may still fill on one side of an instrument for an account: resting, sent, in doubt, settling. A sum beyond 64
    /// bits is their largest number.
    member o.Working(account: AccountId, instrument: InstrumentId, side: Side) : Sz =
        o.Sum(account, instrument, side, false)

    /// The part of it that the venue does not hold to reducing.
    member o.Opening(account: AccountId, instrument: InstrumentId, side: Side) : Sz =
        o.Sum(account, instrument, side, true)

    /// Orders of an account that rest, or may: each may cost a cancel yet.
    member o.CountToCancel(account: AccountId) : int =
        let mutable count = 0

        for i in 0 .. o.LiveCount - 1 do
            let order = o.Live[i]

            let mayRest =
                match order.Phase with
                | Phase.Sent
                | Phase.Resting
                | Phase.InDoubt -> true
                | _ -> false

            if mayRest && order.New.Tif <> Tif.Ioc && order.New.Account.Index = account.Index then
                count <- count + 1

        count

    /// Live orders of a desk.
    member o.CountOf(desk: DeskId) : int =
        let mutable count = 0

        for i in 0 .. o.LiveCount - 1 do
            if o.Live[i].Desk.Index = desk.Index then
                count <- count + 1

        count

    /// A quote of an account stands, or is on its way or going, on one side of an instrument.
    member o.HasQuote(account: AccountId, instrument: InstrumentId, side: Side) : bool =
        let mutable found = false

        for i in 0 .. o.LiveCount - 1 do
            let order = o.Live[i]

            let isThere =
                match order.Phase with
                | Phase.Sent
                | Phase.Resting
                | Phase.Cancelling -> true
                | _ -> false

            if
                isThere
                && order.New.Tif <> Tif.Ioc
                && order.New.Side = side
                && order.New.Instrument.Index = instrument.Index
                && order.New.Account.Index = account.Index
            then
                found <- true

        found
