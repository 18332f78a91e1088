namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// One order from decision to end. What it was told is by the local clock; `AcceptedAt` and what follows is by the exchange's.
[<NoComparison; NoEquality>]
type OrderRow =
    {
        Order: NewOrder
        Slot: Slot
        Reason: string
        /// It shows what an iceberg had hidden: no decision of its own.
        IsRefill: bool
        SentAt: Instant
        MidTwice: int64
        Touch: Px
        /// When the venue's first word reached us; 0 before.
        mutable AckAt: Instant
        mutable EndAt: Instant
        mutable Filled: Sz
        mutable End: string
        /// When the exchange took it; 0 where it never did.
        mutable AcceptedAt: Instant
        /// When it ended at the exchange; 0 while it works.
        mutable GoneAt: Instant
        /// Its first fill; 0 before.
        mutable FirstFillAt: Instant
        /// Filled at the exchange so far.
        mutable Traded: Sz
        /// Lots of others ahead when it came to rest; infinite where unknown, NaN where it did not rest.
        mutable Front: float
        /// The code of its refusal; empty without one.
        mutable RejectCode: string
    }

    member o.IsAccepted = let at = o.AcceptedAt in at.Ns > 0L

    /// It waits at the exchange for a price.
    member o.IsStop = o.Order.IsStop

    member o.Rested = not (Double.IsNaN o.Front)

/// Collects what the figures need of a run of one desk in one instrument, and nothing for charts: orders, fills, settlements,
/// counts. It watches only; runs that are shown as an interval beside another run with it alone.
[<Sealed>]
type Tally(instrument: InstrumentId) =
    let orders = SortedDictionary<int64, OrderRow>()
    let fills = ImmutableArray.CreateBuilder<FillRow>()
    let funding = ImmutableArray.CreateBuilder<FundingRow>()
    let cancelRejects = SortedDictionary<string, int>(StringComparer.Ordinal)
    let mutable exitReason = "exit"
    let mutable cash = 0L
    let mutable position = 0L
    let mutable activeTicks = 0L
    let mutable ticks = 0L
    let mutable submits = 0L
    let mutable cancels = 0L
    let mutable state: State | null = null

    /// Why an order was sent: an exit by the latest exit remark, a guard's cross is the stop, what waits at the exchange the
    /// backstop.
    let reasonOf (order: NewOrder) (slot: Slot) =
        if slot.IsFlatten then
            "flatten"
        elif slot.IsBackstop then
            "backstop"
        elif slot.IsHedge then
            "hedge"
        elif slot.Name = RotationScalper.GuardSlot && order.ReduceOnly then
            "stop"
        elif order.ReduceOnly then
            exitReason
        else
            "entry"

    let hear (note: Note) =
        match note with
        | Remarked(_, remark) when remark.Code.StartsWith("exit.", StringComparison.Ordinal) ->
            exitReason <- remark.Code.Substring 5
        | OrderClosed(_, cloid, ending, filled, _) ->
            match orders.TryGetValue cloid.N with
            | true, row ->
                row.Filled <- filled
                row.End <- Words.ending ending
            | _ -> ()
        | _ -> ()

    let place (at: Instant) (now: State) (order: NewOrder) =
        let touch = now.Facts.Market(order.Instrument).Touch

        let struct (slot, isRefill) =
            match now.Facts.Orders.TryFind order.Cloid with
            | ValueSome o -> struct (o.Slot, o.Before.Raw > 0L)
            | ValueNone ->
                struct ({
                            Instrument = order.Instrument
                            Side = order.Side
                            Name = 0
                        },
                        false)

        orders[order.Cloid.N] <-
            {
                Order = order
                Slot = slot
                Reason = reasonOf order slot
                IsRefill = isRefill
                SentAt = at
                MidTwice = if touch.IsWhole then touch.MidTwice else 0L
                Touch = if order.Side = Side.Buy then touch.AskPx else touch.BidPx
                AckAt = Instant.Of 0L
                EndAt = Instant.Of 0L
                Filled = Sz.Of 0L
                End = ""
                AcceptedAt = Instant.Of 0L
                GoneAt = Instant.Of 0L
                FirstFillAt = Instant.Of 0L
                Traded = Sz.Of 0L
                Front = nan
                RejectCode = ""
            }

    let send (at: Instant) (now: State) (command: Command) =
        match command with
        | Place approved ->
            submits <- submits + 1L
            place at now approved.Order
        | Cancel _ -> cancels <- cancels + 1L
        | Query _
        | Resync _
        | Quit _ -> ()

    /// The venue's word about an order, as it reaches us.
    let learn (at: Instant) (cloid: Cloid) (ends: bool) =
        match orders.TryGetValue cloid.N with
        | true, row ->
            if row.AckAt.Ns = 0L then
                row.AckAt <- at

            if ends then
                row.EndAt <- at
        | _ -> ()

    let report (at: Instant) (rare: RareEvent) =
        match rare with
        | RareEvent.Replied r ->
            match r.Answer with
            | Answer.Refused _
            | Answer.Ended _ -> learn at r.Cloid true
            | Answer.CancelRefused _ -> ()
            | _ -> learn at r.Cloid false
        | RareEvent.Filled f ->
            let isWhole =
                match orders.TryGetValue f.Cloid.N with
                | true, row -> let asked = row.Order.Sz in f.Cumulative.Raw >= asked.Raw
                | _ -> false

            learn at f.Cloid isWhole
        | _ -> ()

    let code (status: OrderStatus) =
        match status with
        | OrderStatus.Rejected word
        | OrderStatus.Cancelled word
        | OrderStatus.Unknown word -> word
        | OrderStatus.Open -> "open"
        | OrderStatus.Filled -> "filled"
        | OrderStatus.Triggered -> "triggered"

    /// Lots ahead of an order that just came to rest; NaN where it does not rest.
    let frontOf (order: NewOrder) (exchange: ExchangeState) =
        let mutable front = nan

        for struct (cloid, _, _, ahead) in exchange.Resting(order.Instrument, order.Side) do
            if cloid = order.Cloid then
                front <- ahead

        front

    /// The exchange's own word, at its own instant.
    let answered (at: Instant) (r: Reply) (exchange: ExchangeState) =
        match r.Answer with
        | Answer.CancelRefused status ->
            let word = code status

            let seen =
                match cancelRejects.TryGetValue word with
                | true, n -> n
                | _ -> 0

            cancelRejects[word] <- seen + 1
        | answer ->
            match orders.TryGetValue r.Cloid.N with
            | true, row ->
                match answer with
                | Answer.Accepted _ ->
                    row.AcceptedAt <- at
                    row.Front <- frontOf row.Order exchange
                | Answer.Refused status -> row.RejectCode <- code status
                | Answer.Ended _ -> row.GoneAt <- at
                | Answer.CancelRefused _
                | Answer.Triggered
                | Answer.Unanswered
                | Answer.NotKnown -> ()
            | _ -> ()

    let filled (at: Instant) (f: Fill) (isUncertain: bool) =
        let value = Instrument.notional f.Px f.Sz
        let signed = if f.Side = Side.Buy then 1L else -1L
        let sz = f.Sz
        let fee = f.Fee
        position <- position + signed * sz.Raw
        cash <- cash - signed * value.Raw - fee.Raw

        let struct (reason, decided, opposite) =
            match orders.TryGetValue f.Cloid.N with
            | true, row ->
                let asked = row.Order.Sz
                row.Traded <- f.Cumulative

                if row.FirstFillAt.Ns = 0L then
                    row.FirstFillAt <- at

                if f.Cumulative.Raw >= asked.Raw then
                    row.GoneAt <- at

                struct (row.Reason, row.MidTwice, row.Touch)
            // The venue's own order: it closed a position of ours.
            | _ when f.Cloid = Cloid.None -> struct ("liquidation", 0L, Px.Of 0L)
            | _ -> struct ("unknown", 0L, Px.Of 0L)

        fills.Add
            {
                At = at
                Order = f.Cloid
                Side = f.Side
                Px = f.Px
                Sz = f.Sz
                Fee = f.Fee
                IsMaker = f.IsMaker
                Reason = reason
                DecidedMidTwice = decided
                DecidedTouch = opposite
                IsUncertain = isUncertain
            }

    member _.Instrument = instrument
    member _.Submits = submits
    member _.Cancels = cancels
    member _.Orders: IReadOnlyCollection<OrderRow> = orders.Values
    /// In exchange order.
    member _.Fills = fills.ToImmutable()
    /// In exchange order.
    member _.Funding = funding.ToImmutable()
    /// Refused cancels by the exchange's code.
    member _.CancelRejects: IReadOnlyDictionary<string, int> = cancelRejects
    /// Instants of the 100 ms grid.
    member _.Ticks = ticks
    /// Minutes on whose grid instants features existed and trading was not halted.
    member _.ActiveMinutes = float activeTicks / 600.0
    /// Cash flow so far, 1e-8 USD.
    member _.Cash = cash
    /// Signed position at the exchange, 1e-8.
    member _.Position = position

    /// The allowance of actions at the end.
    member _.Budget =
        match state with
        | null -> Budget.Unlimited
        | s -> s.Facts.Budget(AccountId.Of 0)

    interface IWatch with
        member _.Arrived _ = ()

        member _.Stepped(input, output, now) =
            state <- now

            if not output.IsSilent then
                if not output.Notes.IsDefaultOrEmpty then
                    for note in output.Notes do
                        hear note

                if not output.Commands.IsDefaultOrEmpty then
                    for command in output.Commands do
                        send input.At now command

            match input.Event.Kind with
            | EventKind.Ticked ->
                ticks <- ticks + 1L
                let market = now.Facts.Market instrument

                match market.Feature with
                | ValueSome _ when not now.Facts.Health.IsHalted -> activeTicks <- activeTicks + 1L
                | _ -> ()
            | EventKind.Replied
            | EventKind.Filled ->
                let event = input.Event

                match event.Rare with
                | ValueSome rare -> report input.At rare
                | ValueNone -> ()
            | _ -> ()

        member _.Executed(event, exchange) =
            match event.Rare with
            | ValueSome(RareEvent.Filled f) when f.Instrument.Index = instrument.Index ->
                filled event.VenueAt f (exchange.IsUncertain(f.Instrument, event.VenueAt))
            | ValueSome(RareEvent.Replied r) -> answered event.VenueAt r exchange
            | ValueSome(RareEvent.FundingPaid f) when f.Instrument.Index = instrument.Index ->
                let paid = f.Paid
                cash <- cash - paid.Raw
                funding.Add { At = event.VenueAt; Paid = paid }
            | _ -> ()

        member _.Beat(_, _) = ()
