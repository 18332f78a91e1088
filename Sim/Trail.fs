namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// One order from decision to end, by the local clock.
[<NoComparison; NoEquality>]
type OrderRow =
    {
        Order: NewOrder
        Slot: Slot
        Reason: string
        SentAt: Instant
        MidTwice: int64
        Touch: Px
        /// When the venue's first word reached us; 0 before.
        mutable AckAt: Instant
        mutable EndAt: Instant
        mutable Filled: Sz
        mutable End: string
    }

/// The picture once a second, by the exchange's clock; NaN where something was not defined.
[<Struct; NoComparison; NoEquality>]
type Sample =
    {
        At: int64
        Mid: float
        SpreadTicks: float
        Dob: float
        Period: float
        Phase: float
        PValue: float
        IsActive: bool
        Position: int64
        Equity: float
    }

/// The equity at one instant, in USD.
[<Struct; NoComparison; NoEquality>]
type EquityPoint = { At: int64; Usd: float }

/// A silence of the book channels beyond their limit, by arrival.
[<Struct; NoComparison; NoEquality>]
type Silence = { From: Instant; To: Instant }

/// Collects what people ask of a run of one desk in one instrument: orders, fills, samples, silences, counts. It watches only.
[<Sealed>]
type Trail(instrument: InstrumentId, capital: Usd) =
    let orders = SortedDictionary<int64, OrderRow>()
    let fills = ImmutableArray.CreateBuilder<FillRow>()
    let samples = ImmutableArray.CreateBuilder<Sample>()
    let equity = ImmutableArray.CreateBuilder<EquityPoint>()
    let silences = ImmutableArray.CreateBuilder<Silence>()
    let refusals = SortedDictionary<string, int>(StringComparer.Ordinal)
    let mutable exitReason = "exit"
    let mutable events = 0L
    let mutable cash = 0L
    let mutable position = 0L
    let mutable lastMidTwice = 0L
    let mutable lastBook = Instant.Of 0L
    let mutable activeTicks = 0L
    let mutable ticks = 0L
    let mutable cancels = 0L
    let mutable state: State | null = null
    let mutable gauges: ImmutableArray<struct (string * float)> = ImmutableArray.Empty

    let gauge (name: string) =
        let mutable found = nan

        for struct (key, value) in gauges do
            if key = name then
                found <- value

        found

    let equityNow () =
        float capital.Raw / 1e8
        + float cash / 1e8
        + float position / 1e8 * (float lastMidTwice / 2e8)

    let point (at: Instant) =
        equity.Add { At = at.Ns; Usd = equityNow () }

    /// Why an order was sent: an exit by the latest exit remark, a guard's cross is the stop.
    let reasonOf (order: NewOrder) (slot: Slot) =
        if slot.Name = Int32.MinValue then
            "flatten"
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
        | Refused(_, _, breaches) ->
            for breach in breaches do
                let word = Words.breachName breach

                let seen =
                    match refusals.TryGetValue word with
                    | true, n -> n
                    | _ -> 0

                refusals[word] <- seen + 1
        | OrderClosed(_, cloid, ending, filled, _) ->
            match orders.TryGetValue cloid.N with
            | true, row ->
                row.Filled <- filled
                row.End <- Words.ending ending
            | _ -> ()
        | _ -> ()

    let send (at: Instant) (now: State) (command: Command) =
        match command with
        | Place approved ->
            let order = approved.Order
            let touch = now.Facts.Market(order.Instrument).Touch

            let slot =
                match now.Facts.Orders.TryFind order.Cloid with
                | ValueSome o -> o.Slot
                | ValueNone ->
                    {
                        Instrument = order.Instrument
                        Side = order.Side
                        Name = 0
                    }

            orders[order.Cloid.N] <-
                {
                    Order = order
                    Slot = slot
                    Reason = reasonOf order slot
                    SentAt = at
                    MidTwice = if touch.IsWhole then touch.MidTwice else 0L
                    Touch = if order.Side = Side.Buy then touch.AskPx else touch.BidPx
                    AckAt = Instant.Of 0L
                    EndAt = Instant.Of 0L
                    Filled = Sz.Of 0L
                    End = ""
                }
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

    let watchSilence (input: inref<Stamped>) (now: State) =
        match input.Event.Kind with
        | EventKind.LevelMoved
        | EventKind.BookMoved
        | EventKind.BboMoved when input.Event.Instrument.Index = instrument.Index ->
            let limit = now.Facts.Market(instrument).GapLimit
            let at = input.At

            if lastBook.Ns > 0L && at.Ns - lastBook.Ns > limit.Ns then
                silences.Add { From = lastBook; To = at }

            lastBook <- at
        | _ -> ()

    let sample (at: Instant) (now: State) =
        let market = now.Facts.Market instrument
        gauges <- Engine.gauges now (DeskId.Of 0)

        let mid, spread, dob =
            match market.Feature with
            | ValueSome f -> float f.MidTwice / 2e8, float f.SpreadTicks, f.Dob
            | ValueNone -> nan, nan, nan

        let period = gauge "period_s"
        let isKnown = period > 0.0

        samples.Add
            {
                At = at.Ns
                Mid = mid
                SpreadTicks = spread
                Dob = dob
                Period = if isKnown then period else nan
                Phase = if isKnown then gauge "phase" else nan
                PValue = if isKnown then gauge "p_value" else nan
                IsActive = gauge "active" = 1.0
                Position = position
                Equity = equityNow ()
            }

    member _.Events = events
    member _.Cancels = cancels
    member _.Orders: IReadOnlyCollection<OrderRow> = orders.Values
    /// In exchange order.
    member _.Fills = fills.ToImmutable()
    member _.Samples = samples.ToImmutable()
    /// At every fill and every whole second.
    member _.Equity = equity.ToImmutable()
    member _.Silences = silences.ToImmutable()
    /// Refusals by our own rules, by the name of the rule.
    member _.Refusals: IReadOnlyDictionary<string, int> = refusals
    /// Instants of the 100 ms grid.
    member _.Ticks = ticks
    /// Minutes on whose grid instants features existed.
    member _.ActiveMinutes = float activeTicks / 600.0
    /// The strategy's numbers at the end.
    member _.Gauges = gauges
    member _.LastMidTwice = lastMidTwice

    interface IWatch with
        member _.Arrived _ = events <- events + 1L

        member _.Stepped(input, output, now) =
            state <- now
            watchSilence &input now

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
                | ValueSome _ -> activeTicks <- activeTicks + 1L
                | ValueNone -> ()

                let at = input.At

                if at.Ns % 1_000_000_000L = 0L then
                    sample at now
            | EventKind.Replied
            | EventKind.Filled ->
                let event = input.Event

                match event.Rare with
                | ValueSome rare -> report input.At rare
                | ValueNone -> ()
            | _ -> ()

        member _.Executed(event, exchange) =
            match event.Rare with
            | ValueSome(RareEvent.Filled f) ->
                let touch = exchange.Touch f.Instrument
                let value = Instrument.notional f.Px f.Sz
                let signed = if f.Side = Side.Buy then 1L else -1L
                let sz = f.Sz
                let fee = f.Fee
                position <- position + signed * sz.Raw
                cash <- cash - signed * value.Raw - fee.Raw

                if touch.IsWhole then
                    lastMidTwice <- touch.MidTwice

                let reason, decided, opposite =
                    match orders.TryGetValue f.Cloid.N with
                    | true, row -> row.Reason, row.MidTwice, row.Touch
                    | _ -> "unknown", 0L, Px.Of 0L

                let row: FillRow =
                    {
                        At = event.VenueAt
                        Order = f.Cloid
                        Side = f.Side
                        Px = f.Px
                        Sz = f.Sz
                        Fee = f.Fee
                        IsMaker = f.IsMaker
                        Reason = reason
                        MidTwice = if touch.IsWhole then touch.MidTwice else 0L
                        DecidedMidTwice = decided
                        DecidedTouch = opposite
                    }

                fills.Add row
                point row.At
            | _ -> ()

        member _.Beat(at, exchange) =
            let touch = exchange.Touch instrument

            if touch.IsWhole then
                lastMidTwice <- touch.MidTwice

            if at.Ns % 1_000_000_000L = 0L then
                point at

    /// Reads the strategy's last numbers; call it when the run has ended.
    member _.Close() =
        match state with
        | null -> ()
        | s -> gauges <- Engine.gauges s (DeskId.Of 0)
