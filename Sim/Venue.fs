namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// A command on its way to the exchange: an order, or the cancel of one.
[<Struct; NoComparison; NoEquality>]
type private OnTheWay =
    {
        /// What its round trip leaves for the answer.
        Response: int64
        /// The order to place; null for a cancel or a question.
        Order: NewOrder | null
        /// About an order; about the whole account where there is no number.
        IsQuestion: bool
        Account: AccountId
        Instrument: InstrumentId
        Cloid: Cloid
    }

    /// The classes of simulation.md 3: post-only orders, cancels, then whatever may take.
    member c.Class =
        match c.Order with
        | null -> 2
        // A trigger takes nothing when it arrives.
        | order -> if order.Tif = Tif.Alo || order.IsStop then 1 else 3

/// The exchange's timeline of one run: records by venue time, our commands by arrival, blocks where there are any, gaps,
/// scheduled cancels, triggers; and the roads there and back.
[<Sealed>]
type internal Venue
    (
        config: ExchangeConfig,
        start: ExchangeState,
        phases: Phases,
        latency: LatencyDraws,
        tape: Tape,
        executed: Action<ExchangeState, int64> | null,
        returning: Calendar<Event>,
        reports: Reports
    ) =
    let commands = Calendar<OnTheWay>()
    let silences = Silences(config.Instruments.Length, phases)
    let records = tape.Count
    let hasOrders = tape.HasOrders

    let isContinuous =
        match phases.Blocks with
        | BlockModel.None -> true
        | _ -> false

    let recordClock = BlockClock phases.Blocks
    let commandClock = BlockClock phases.Blocks
    let raceClock = BlockClock phases.Blocks
    let mutable exchange = start
    let mutable at = 0
    /// When the next record is applied: its venue instant, or its block's.
    let mutable recordTime = Int64.MaxValue
    /// When the orders of fired triggers are executed; `Int64.MaxValue` when none has fired.
    let mutable firedTime = Int64.MaxValue
    /// The number of the block being executed, where a coin asks for it.
    let mutable block = 0L

    let blockOf (clock: BlockClock) (t: int64) =
        if isContinuous then
            t
        else
            match clock.ExecuteAt(Instant.Of t) with
            | ValueSome b -> b.Ns
            // The known blocks are over: from here on time is continuous.
            | ValueNone -> t

    /// When a command that arrives at `t` is executed. In one channel arrivals come in order; parallel ones do not, and the
    /// block clock cannot go back.
    let executionOf (t: int64) =
        if isContinuous then
            t
        elif latency.IsFifo then
            blockOf commandClock t
        else
            match BlockModel.executeAt phases.Blocks (Instant.Of t) with
            | ValueSome b -> b.Ns
            | ValueNone -> t

    let recordTimeOf i =
        if i < records then
            blockOf recordClock (tape.VenueAt i)
        else
            Int64.MaxValue

    let bringBack (t: int64) (response: int64) =
        if reports.Count > 0 then
            match executed with
            | null -> ()
            | tell -> tell.Invoke(exchange, t)

            for i in 0 .. reports.Count - 1 do
                let delay = if response >= 0L then response else latency.Report t
                returning.Enqueue(latency.Return(latency.Produced t, delay), reports[i])

            reports.Clear()

    /// The first instant after `t` at which a fired trigger's order may be executed.
    let afterFiring (t: int64) =
        if isContinuous then
            t
        else
            match BlockModel.executeAt phases.Blocks (Instant.Of(t + 1L)) with
            | ValueSome b -> b.Ns
            // The known blocks are over, and what fires is released later than it fired.
            | ValueNone -> t + 1L

    let noteFired (t: int64) =
        if exchange.HasFired && firedTime = Int64.MaxValue then
            firedTime <- afterFiring t

    let applyRecord (t: int64) (i: int) =
        let event = tape.Event i
        silences.Heard(&event, tape.VenueAt i)

        if latency.CountsRecords then
            latency.Happened t

        if hasOrders then
            let move = tape.Move i
            exchange <- Exchange.moved exchange event.Instrument.Index &move

        let next = Exchange.market exchange (Instant.Of t) &event reports

        if not (obj.ReferenceEquals(next, exchange)) then
            exchange <- next

        bringBack t -1L
        noteFired t

    /// The status of an order that was asked about. What ended was reported before: nothing overtakes on the way back.
    let status (c: OnTheWay) : RareEvent voption =
        let told answer =
            ValueSome(
                RareEvent.Replied
                    {
                        Account = c.Account
                        Instrument = c.Instrument
                        Cloid = c.Cloid
                        Answer = answer
                    }
            )

        match exchange.Find(c.Account, c.Instrument, c.Cloid) with
        | ValueSome o -> told (Answer.Accepted o.Oid)
        | ValueNone when exchange.HasSeen c.Cloid -> ValueNone
        | ValueNone -> told Answer.NotKnown

    /// The answer to a question: of an order its status, without a number the whole account.
    let answer (t: int64) (c: OnTheWay) =
        let said =
            if c.Cloid.IsNone then
                ValueSome(RareEvent.AccountSeen(exchange.Facts c.Account))
            else
                status c

        match said with
        | ValueNone -> ()
        | ValueSome rare ->
            returning.Enqueue(latency.Return(latency.Produced t, c.Response), Event.Of(rare, Instant.Of t))

    let execute (t: int64) (c: OnTheWay) =
        if c.IsQuestion then
            answer t c
        else
            exchange <-
                match c.Order with
                | null -> Exchange.cancel exchange (Instant.Of t) c.Account c.Instrument c.Cloid reports
                | order when not order.IsStop -> Exchange.place exchange (Instant.Of t) order reports
                | order ->
                    Exchange.placeTrigger exchange (Instant.Of t) order (Trigger.StopMarket order.Trigger) reports

            bringBack t c.Response
            noteFired t

    /// Executes the orders of an instrument's triggers that fired at `upTo` or before.
    let release (t: int64) (upTo: int64) (instrument: int) =
        exchange <- Exchange.fired exchange (Instant.Of t) (Instant.Of upTo) instrument reports
        bringBack t -1L

    let fire (t: int64) =
        if firedTime <= t then
            firedTime <- Int64.MaxValue

            for k in 0 .. config.Instruments.Length - 1 do
                release t t k

            noteFired t

    let aborts = let rules = config.Rules in rules.Gap = GapPolicy.Abort
    let mutable isAborted = false

    /// What the exchange does by itself: silence becomes a gap, deadlines pass.
    let passTime (t: int64) =
        let mutable silent = if silences.Next <= t then silences.Take t else -1

        isAborted <- isAborted || (aborts && silent >= 0)

        while silent >= 0 do
            exchange <-
                Exchange.gapSince exchange (Instant.Of t) (Instant.Of silences.Since) (InstrumentId.Of silent) reports

            bringBack t -1L
            silent <- silences.Take t

        if exchange.NextDeadline <= t then
            exchange <- Exchange.deadline exchange (Instant.Of t) reports
            bringBack t -1L

    let commandsOf (t: int64) : OnTheWay[] =
        let due = ResizeArray<OnTheWay>()

        while commands.Count > 0 && commands.HeadAt = t do
            due.Add commands.Head
            commands.Dequeue()

        due.ToArray()

    let isFirst (instrument: InstrumentId) =
        match phases.Race with
        | TakerRace.Last -> false
        | TakerRace.First -> true
        | TakerRace.Coin seed ->
            let name = config.Instruments[instrument.Index].Name
            Seed.unit (Seed.key seed $"takerRace/{name}") block < 0.5

    /// Our third class of one block, before its trades or after its books: what triggers released in earlier blocks, then takers.
    let runThird (t: int64) (mine: OnTheWay[]) (hasFired: bool) (goesFirst: bool) =
        if hasFired then
            for instrument in config.Instruments do
                if isFirst instrument.Id = goesFirst then
                    release t (t - 1L) instrument.Id.Index

        for c in mine do
            if c.Class = 3 && isFirst c.Instrument = goesFirst then
                execute t c

    /// One block: our post-only orders, our cancels, its trades, its books, our takers (or these before the trades).
    let runBlock (t: int64) =
        let mine = commandsOf t

        match phases.Race with
        | TakerRace.Coin _ -> block <- raceClock.Number(Instant.Of t)
        | _ -> ()

        let hasFired = firedTime <= t

        if hasFired then
            firedTime <- Int64.MaxValue

        for c in mine do
            if c.Class = 1 then
                execute t c

        for c in mine do
            if c.Class = 2 then
                execute t c

        runThird t mine hasFired true

        let from = at

        while recordTime = t do
            at <- at + 1
            recordTime <- recordTimeOf at

        for i in from .. at - 1 do
            let event = tape.Event i

            if event.Kind = EventKind.Traded then
                applyRecord t i

        for i in from .. at - 1 do
            let event = tape.Event i

            if event.Kind <> EventKind.Traded then
                applyRecord t i

        runThird t mine hasFired false
        noteFired t

    member _.Exchange = exchange

    /// Data was lost, and the rules say that this ends the run (`GapPolicy.Abort`).
    member _.IsAborted = isAborted

    /// Stands at the first record.
    member _.Start() = recordTime <- recordTimeOf 0

    /// A command leaves us at `sent`. A request that is lost on the way is answered after its recorded round trip, and the
    /// exchange never sees it (simulation.md 4, rule 4).
    member _.Send(sent: int64, order: NewOrder | null, isQuestion: bool, account, instrument, cloid) =
        let isCancel = isNull order
        let kind = if isCancel then CommandKind.Cancel else CommandKind.Place
        let trip = latency.Command(kind, sent)

        if trip.IsLost then
            let status = OrderStatus.Rejected "requestLost"

            let reply: Reply =
                {
                    Account = account
                    Instrument = instrument
                    Cloid = cloid
                    Answer =
                        if isCancel then
                            Answer.CancelRefused status
                        else
                            Answer.Refused status
                }

            if not isQuestion then
                returning.Enqueue(sent + trip.RoundTrip, Event.Of(RareEvent.Replied reply, Instant.Of 0L))
        else
            let arrival = latency.Arrival(sent, trip)

            commands.Enqueue(
                executionOf arrival,
                {
                    Response = trip.Response
                    Order = order
                    IsQuestion = isQuestion
                    Account = account
                    Instrument = instrument
                    Cloid = cloid
                }
            )

    /// The next instant at which anything happens here.
    member _.NextTime =
        let mutable t = min recordTime firedTime

        if commands.Count > 0 then
            t <- min t commands.HeadAt

        min t (min silences.Next exchange.NextDeadline)

    /// A record or a command is still to come. A deadline alone keeps nothing alive.
    member _.IsPending =
        recordTime < Int64.MaxValue || commands.Count > 0 || firedTime < Int64.MaxValue

    /// What the exchange does by itself at `t`, before its records.
    member _.PassTime(t: int64) = passTime t

    member _.HasRecord(t: int64) = recordTime = t

    /// The next record, in continuous time.
    member _.ApplyRecord(t: int64) =
        applyRecord t at
        at <- at + 1
        recordTime <- recordTimeOf at

    /// The exchange's records at `t`.
    member v.Records(t: int64) =
        passTime t

        if isContinuous then
            while recordTime = t do
                v.ApplyRecord t
        elif recordTime = t || (commands.Count > 0 && commands.HeadAt = t) || firedTime = t then
            runBlock t

    /// Our commands that arrive at `t`, after what triggers have released.
    member _.Commands(t: int64) =
        if isContinuous then
            fire t

            while commands.Count > 0 && commands.HeadAt = t do
                let c = commands.Head
                commands.Dequeue()
                execute t c
