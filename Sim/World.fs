namespace Vrlg.Sim

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices
open Vrlg.Core

/// Who looks at a run while it goes: the journal, the trail for people, a test. Nobody who looks can change it.
type IWatch =
    /// The event that is about to be stepped: a journal writes it first.
    abstract Arrived: input: inref<Stamped> -> unit
    /// What the step said, and the state after it.
    abstract Stepped: input: inref<Stamped> * output: inref<Output> * state: State -> unit
    /// A report leaves the exchange, at the exchange's own instant, with the exchange's state then: read it at once, it goes on.
    abstract Executed: report: inref<Event> * exchange: ExchangeState -> unit
    /// The heartbeat's instant, before it is stepped: the same for the exchange's side of a run.
    abstract Beat: at: Instant * exchange: ExchangeState -> unit

/// What a simulated run is made of.
[<NoComparison; NoEquality>]
type WorldConfig =
    {
        Engine: Config
        Exchange: ExchangeConfig
        Latency: LatencyConfig
        /// Of the latency draws.
        Seed: int64
        /// Distance of the heartbeat's grid; 100 ms (D0-034).
        Tick: Duration
        Run: RunFacts
        /// Cash of every account at the start.
        Cash: Usd
    }

/// What a run did.
[<NoComparison; NoEquality>]
type WorldResult =
    {
        State: State
        Exchange: ExchangeState
        /// Engine steps: events the engine was shown.
        Steps: int64
        /// Distinct instants at which something happened on the local side.
        Batches: int64
        Submits: int64
        Cancels: int64
        LastAt: Instant
        /// Delays as they came to be.
        Delays: LatencyMeans
    }

/// A command on its way to the exchange: an order, or the cancel of one.
[<Struct; NoComparison; NoEquality>]
type private OnTheWay =
    {
        /// What its round trip leaves for the answer.
        Response: int64
        /// The order to place; null for a cancel.
        Order: NewOrder | null
        Account: AccountId
        Instrument: InstrumentId
        Cloid: Cloid
    }

/// Engine, exchange and calendar: one run in virtual time. Two timelines share one loop: the exchange's orders market
/// records by venue time and our commands by arrival; ours orders market records by receipt and reports by theirs. At one
/// instant: exchange record, command, local record, report, timer (simulation.md 3).
[<Sealed>]
type World(config: WorldConfig, desks: Desk[], tape: Tape, watch: IWatch | null) =
    let commands = Calendar<OnTheWay>()
    let returning = Calendar<Event>()
    let reports = Reports()
    let latency = LatencyDraws(config.Latency, config.Seed, config.Exchange.Instruments)

    let countsRecords = latency.CountsRecords
    let mutable state = Engine.own (Engine.create config.Engine desks)
    let mutable exchange = Exchange.own (Exchange.create config.Exchange)
    let mutable seq = 0L
    let mutable steps = 0L
    let mutable batches = 0L
    let mutable submits = 0L
    let mutable cancels = 0L
    let mutable lastLocal = Int64.MinValue
    // Cursors: the next record of the exchange timeline and of ours, with the latter's receipt.
    let mutable exchangeAt = 0
    let mutable exchangeTime = Int64.MaxValue
    let mutable localAt = 0
    let mutable localTime = Int64.MaxValue
    let mutable timer = Int64.MaxValue

    let records = tape.Count
    let isSingle = config.Exchange.Instruments.Length <= 1

    let venueTime i =
        if i < records then tape.VenueAt i else Int64.MaxValue

    /// Receipt of record `i`; records of one venue instant are one message and share a draw.
    let receive i =
        if i >= records then
            Int64.MaxValue
        else
            latency.Receive((if isSingle then 0 else tape.InstrumentAt i), tape.VenueAt i, tape.RecvAt i)

    /// A request that the exchange never sees: our side is told after the recorded round trip (simulation.md 4, rule 4).
    let lose (sent: int64) (trip: Trip) (isCancel: bool) account instrument cloid =
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

        returning.Enqueue(sent + trip.RoundTrip, Event.Of(RareEvent.Replied reply, Instant.Of 0L))

    let sendAway (sent: int64) (order: NewOrder | null) account (instrument: InstrumentId) (cloid: Cloid) =
        let isCancel = isNull order
        let kind = if isCancel then CommandKind.Cancel else CommandKind.Place
        let trip = latency.Command(kind, sent)

        if trip.IsLost then
            lose sent trip isCancel account instrument cloid
        else
            commands.Enqueue(
                latency.Arrival(sent, trip),
                {
                    Response = trip.Response
                    Order = order
                    Account = account
                    Instrument = instrument
                    Cloid = cloid
                }
            )

    let carryOut (now: int64) (output: inref<Output>) =
        if not output.Commands.IsDefaultOrEmpty then
            let sent = now + latency.Compute()

            for command in output.Commands do
                match command with
                | Place approved ->
                    let order = approved.Order
                    submits <- submits + 1L
                    sendAway sent order order.Account order.Instrument order.Cloid
                | Cancel(account, instrument, cloid) ->
                    cancels <- cancels + 1L
                    sendAway sent null account instrument cloid
                // The simulated exchange answers every command in order, so nothing is ever left to ask about.
                | Query _
                | Resync _
                | Quit _ -> ()

    let step (at: int64) (event: inref<Event>) =
        let input = Stamped(seq, Instant.Of at, event)
        seq <- seq + 1L
        steps <- steps + 1L

        match watch with
        | null -> ()
        | w -> w.Arrived &input

        let struct (next, output) = Engine.step config.Engine state &input

        if not (obj.ReferenceEquals(next, state)) then
            state <- next

        match watch with
        | null -> ()
        | w -> w.Stepped(&input, &output, next)

        carryOut at &output

    let bringBack (at: int64) (response: int64) =
        for i in 0 .. reports.Count - 1 do
            let report = reports[i]

            match watch with
            | null -> ()
            | w -> w.Executed(&report, exchange)

            let delay = if response >= 0L then response else latency.Report at
            returning.Enqueue(latency.Return(latency.Produced at, delay), report)

        reports.Clear()

    let exchangePhase (t: int64) =
        while exchangeTime = t do
            let event = tape.Event exchangeAt

            if countsRecords then
                latency.Happened t

            let next = Exchange.market exchange (Instant.Of t) &event reports

            if not (obj.ReferenceEquals(next, exchange)) then
                exchange <- next

            if reports.Count > 0 then
                bringBack t -1L

            exchangeAt <- exchangeAt + 1
            exchangeTime <- venueTime exchangeAt

    let commandPhase (t: int64) =
        while commands.Count > 0 && commands.HeadAt = t do
            let c = commands.Head
            commands.Dequeue()

            exchange <-
                match c.Order with
                | null -> Exchange.cancel exchange (Instant.Of t) c.Account c.Instrument c.Cloid reports
                | order -> Exchange.place exchange (Instant.Of t) order reports

            bringBack t c.Response

    let localPhase (t: int64) =
        if localTime = t then
            batches <- batches + 1L

        while localTime = t do
            let event = tape.Event localAt
            localAt <- localAt + 1
            localTime <- receive localAt

            if localTime = t || (returning.Count > 0 && returning.HeadAt = t) then
                let part = event.AsPart()
                step t &part
            else
                step t &event

    let reportPhase (t: int64) =
        while returning.Count > 0 && returning.HeadAt = t do
            let report = returning.Head
            returning.Dequeue()

            if returning.Count > 0 && returning.HeadAt = t then
                let part = report.AsPart()
                step t &part
            else
                step t &report

    let timerPhase (t: int64) =
        if timer = t then
            timer <- t + config.Tick.Ns

            match watch with
            | null -> ()
            | w -> w.Beat(Instant.Of t, exchange)

            let beat = Event.Ticked(Instant.Of t)
            step t &beat

    let start () =
        let first = if tape.Count > 0 then tape.VenueAt 0 else 0L
        let at = Instant.Of first
        let started = Event.Of(RareEvent.RunStarted config.Run, at)
        step first &started

        for a in 0 .. config.Engine.Accounts.Length - 1 do
            let seen: AccountFacts =
                {
                    Account = AccountId.Of a
                    Cash = config.Cash
                    Positions = ImmutableArray.Empty
                    Open = ImmutableArray.Empty
                }

            let known = Event.Of(RareEvent.AccountSeen seen, at)
            step first &known

        exchangeTime <- venueTime 0
        localTime <- receive 0
        timer <- (first / config.Tick.Ns + 1L) * config.Tick.Ns

    let pending () =
        exchangeTime < Int64.MaxValue
        || localTime < Int64.MaxValue
        || commands.Count > 0
        || returning.Count > 0

    let nextTime () =
        let mutable t = min exchangeTime localTime

        if commands.Count > 0 && commands.HeadAt < t then
            t <- commands.HeadAt

        if returning.Count > 0 && returning.HeadAt < t then
            t <- returning.HeadAt

        min t timer

    /// Runs to the end: until no record, command or report is pending. A timer alone keeps nothing alive.
    /// `stopped` is asked now and then; true ends the run early.
    member _.Run(stopped: Func<bool>, progress: Action<float> | null) : WorldResult =
        start ()
        let mutable rounds = 0
        let mutable isStopped = false

        while not isStopped && pending () do
            let t = nextTime ()
            lastLocal <- t
            exchangePhase t
            commandPhase t
            localPhase t
            reportPhase t
            timerPhase t
            rounds <- rounds + 1

            if rounds &&& 0xFFFF = 0 then
                isStopped <- stopped.Invoke()

                match progress with
                | null -> ()
                | show -> show.Invoke(float localAt / float (max 1 tape.Count))

        {
            State = state
            Exchange = exchange
            Steps = steps
            Batches = batches
            Submits = submits
            Cancels = cancels
            LastAt = Instant.Of lastLocal
            Delays = latency.Means
        }
