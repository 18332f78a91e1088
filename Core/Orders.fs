namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// Where an order stands. A closed order carries how it ended; a live one has no ending.
[<RequireQualifiedAccess; NoComparison>]
type Phase =
    | Sent
    | Resting of oid: int64
    | Cancelling of oid: int64
    /// Its fate is unknown: counted as if it could fill, its slot held, never sent again.
    | InDoubt
    /// Ended by the venue's word while fills may still be on the way: its remainder counts until they are all here.
    | Settling of Ending
    | Closed of Ending

/// What happened to one order.
[<RequireQualifiedAccess; NoComparison>]
type OrderEvent =
    | Accepted of oid: int64
    | Refused of OrderStatus
    /// One new fill (the ledger has seen its trade id for the first time) and the venue's cumulative filled size.
    | Filled of sz: Sz * cumulative: Sz
    | Ended of OrderStatus * filled: Sz voption
    | CancelSent
    | CancelRefused
    | Unanswered
    /// The venue does not know it, and the time in which it could still arrive is over.
    | Lapsed

/// What an order event meant besides the new state.
[<RequireQualifiedAccess; NoComparison>]
type OrderVerdict =
    | Fine
    /// A late word about a closed order, or a cancel that lost the race: ordinary, counted.
    | Race
    | Fault of OrderFault

/// One order of ours.
[<NoComparison>]
type Order =
    {
        New: NewOrder
        Desk: DeskId
        Slot: Slot
        Phase: Phase
        /// Sum of the fills counted here.
        Filled: Sz
        /// The venue's cumulative filled size where it stated one; below 0 while unknown.
        Told: Sz
        SentAt: Instant
        ChangedAt: Instant
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Order =
    let isClosed (o: Order) =
        match o.Phase with
        | Phase.Closed _ -> true
        | _ -> false

    let isResting (o: Order) =
        match o.Phase with
        | Phase.Resting _ -> true
        | _ -> false

    /// What may still fill: 0 when closed; between an ending and its last fills what the venue stated, else the whole rest.
    let exposure (o: Order) : Sz =
        match o.Phase with
        | Phase.Closed _ -> Sz.Of 0L
        | Phase.Settling _ when o.Told.Raw >= 0L -> Sz.Of(max 0L (o.Told.Raw - o.Filled.Raw))
        | _ -> Sz.Of(max 0L (o.New.Sz.Raw - o.Filled.Raw))

    /// The ending that a closing status means.
    let endingOf (status: OrderStatus) : Ending =
        match status with
        | OrderStatus.Filled -> Ending.Filled
        | OrderStatus.Rejected _ -> Ending.Rejected status
        | OrderStatus.Open
        | OrderStatus.Triggered
        | OrderStatus.Cancelled _
        | OrderStatus.Unknown _ -> Ending.Cancelled status

    let private fill (sz: Sz) (cumulative: Sz) (o: Order) : struct (Order * OrderVerdict) =
        let filled = Sz.Of(o.Filled.Raw + sz.Raw)
        let told = if cumulative.Raw > o.Told.Raw then cumulative else o.Told
        let grown = { o with Filled = filled; Told = told }

        let excess = filled.Raw - o.New.Sz.Raw

        if excess > 0L then
            struct ({ grown with
                        Phase = Phase.Closed Ending.Filled
                    },
                    OrderVerdict.Fault(OrderFault.Overfilled(o.New.Cloid, Sz.Of excess)))
        else
            match o.Phase with
            | Phase.Closed _ ->
                let what = "filled after it had ended"
                struct (grown, OrderVerdict.Fault(OrderFault.Contradicted(o.New.Cloid, what)))
            | _ when excess = 0L ->
                struct ({ grown with
                            Phase = Phase.Closed Ending.Filled
                        },
                        OrderVerdict.Fine)
            | Phase.Settling ending when told.Raw >= 0L && filled.Raw >= told.Raw ->
                struct ({ grown with
                            Phase = Phase.Closed ending
                        },
                        OrderVerdict.Fine)
            | _ -> struct (grown, OrderVerdict.Fine)

    let private ended (status: OrderStatus) (stated: Sz voption) (o: Order) : struct (Order * OrderVerdict) =
        let ending = endingOf status

        match stated with
        | ValueSome total ->
            let told = if total.Raw > o.Told.Raw then total else o.Told

            if told.Raw <= o.Filled.Raw then
                struct ({ o with
                            Told = told
                            Phase = Phase.Closed ending
                        },
                        OrderVerdict.Fine)
            else
                struct ({ o with
                            Told = told
                            Phase = Phase.Settling ending
                        },
                        OrderVerdict.Fine)
        // A cancel's answer states no total: what fills before it may still be on the way.
        | ValueNone ->
            struct ({ o with
                        Told = Sz.Of -1L
                        Phase = Phase.Settling ending
                    },
                    OrderVerdict.Fine)

    /// The order after one event, and what the event meant. Total: whatever comes in whatever phase has an answer.
    let apply (event: OrderEvent) (o: Order) : struct (Order * OrderVerdict) =
        let become phase =
            struct ({ o with Phase = phase }, OrderVerdict.Fine)

        let stay = struct (o, OrderVerdict.Fine)
        let race = struct (o, OrderVerdict.Race)

        match o.Phase, event with
        | _, OrderEvent.Filled(sz, cumulative) -> fill sz cumulative o
        | Phase.Closed _, OrderEvent.Accepted _ -> stay
        | Phase.Closed _, _ -> race
        | _, OrderEvent.Ended(OrderStatus.Unknown _, _) -> become Phase.InDoubt
        | _, OrderEvent.Ended(status, stated) -> ended status stated o
        | (Phase.Sent | Phase.InDoubt), OrderEvent.Accepted oid -> become (Phase.Resting oid)
        | _, OrderEvent.Accepted _ -> stay
        | (Phase.Sent | Phase.InDoubt), OrderEvent.Refused status -> become (Phase.Closed(Ending.Rejected status))
        | _, OrderEvent.Refused _ ->
            let what = "refused after it was accepted"
            struct ({ o with Phase = Phase.InDoubt }, OrderVerdict.Fault(OrderFault.Contradicted(o.New.Cloid, what)))
        | Phase.Resting oid, OrderEvent.CancelSent -> become (Phase.Cancelling oid)
        | _, OrderEvent.CancelSent -> stay
        // Gone for the venue, and not told how: ask.
        | Phase.Cancelling _, OrderEvent.CancelRefused -> struct ({ o with Phase = Phase.InDoubt }, OrderVerdict.Race)
        | _, OrderEvent.CancelRefused -> race
        | (Phase.Sent | Phase.Cancelling _), OrderEvent.Unanswered -> become Phase.InDoubt
        | _, OrderEvent.Unanswered -> stay
        | (Phase.InDoubt | Phase.Sent), OrderEvent.Lapsed ->
            become (
                Phase.Closed(
                    if o.Filled.Raw > 0L then
                        Ending.Expired
                    else
                        Ending.NeverArrived
                )
            )
        | _, OrderEvent.Lapsed -> stay

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

    /// With one order in a new state; a closed one moves to those that linger.
    member o.Put(by: Owner, order: Order) : Orders =
        match o.IndexOf order.New.Cloid with
        | -1 ->
            match o.ClosedIndexOf order.New.Cloid with
            | -1 -> o
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

    /// All that may still fill on one side of an instrument for an account: resting, sent, in doubt, settling.
    member o.Working(account: AccountId, instrument: InstrumentId, side: Side) : Sz =
        let mutable sum = 0L

        for i in 0 .. o.LiveCount - 1 do
            let order = o.Live[i]

            if
                order.New.Side = side
                && order.New.Instrument.Index = instrument.Index
                && order.New.Account.Index = account.Index
            then
                let left = Order.exposure order
                sum <- sum + left.Raw

        Sz.Of sum
