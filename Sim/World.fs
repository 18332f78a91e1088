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
        /// The order of things at one instant, blocks, gaps.
        Phases: Phases
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
        /// Instants of the heartbeat.
        Beats: int64
        Submits: int64
        Cancels: int64
        LastAt: Instant
        /// Delays as they came to be.
        Delays: LatencyMeans
        /// A gap ended the run, as `GapPolicy.Abort` asks.
        IsAborted: bool
    }

/// Where a run that goes side by side with others stands: the engine's state and the exchange that share their market's side
/// with the others'.
[<Sealed; AllowNullLiteral>]
type internal Berth(state: State, exchange: ExchangeState, isFirst: bool) =
    member _.State = state
    member _.Exchange = exchange
    /// It takes in the market's side for all.
    member _.IsFirst = isFirst

/// Engine, exchange and calendar: one run in virtual time. Two timelines share one loop: the exchange's orders market
/// records by venue time and our commands by arrival; ours orders market records by receipt and reports by theirs. At one
/// instant: exchange record, command, local record, report, timer (simulation.md 3).
[<Sealed>]
type World internal (config: WorldConfig, desks: Desk[], tape: Tape, watch: IWatch | null, berth: Berth) =
    let returning = Calendar<Event>()
    let reports = Reports()
    let latency = LatencyDraws(config.Latency, config.Seed, config.Exchange.Instruments)

    let executed: Action<ExchangeState, int64> | null =
        match watch with
        | null -> null
        | w ->
            Action<ExchangeState, int64>(fun exchange _ ->
                for i in 0 .. reports.Count - 1 do
                    let report = reports[i]
                    w.Executed(&report, exchange))

    let exchange =
        match berth with
        | null -> Exchange.own (Exchange.create config.Exchange)
        | berth -> berth.Exchange

    let venue =
        Venue(config.Exchange, exchange, config.Phases, latency, tape, executed, returning, reports)

    let mutable state =
        match berth with
        | null -> Engine.own (Engine.create config.Engine desks)
        | berth -> berth.State

    let isFollowing = not (isNull berth) && not berth.IsFirst
    let mutable seq = 0L
    let mutable steps = 0L
    let mutable batches = 0L
    let mutable beats = 0L
    let mutable submits = 0L
    let mutable cancels = 0L
    let mutable lastLocal = Int64.MinValue
    // The next record of our timeline, with its receipt.
    let mutable localTime = Int64.MaxValue
    let mutable timer = Int64.MaxValue

    let arrivals = Arrivals(tape, latency, config.Exchange.Instruments.Length <= 1)


    let carryOut (now: int64) (output: inref<Output>) =
        if not output.Commands.IsDefaultOrEmpty then
            let sent = now + latency.Compute()

            for command in output.Commands do
                match command with
                | Place approved ->
                    let order = approved.Order
                    submits <- submits + 1L
                    venue.Send(sent, order, false, order.Account, order.Instrument, order.Cloid)
                | Cancel(account, instrument, cloid) ->
                    cancels <- cancels + 1L
                    venue.Send(sent, null, false, account, instrument, cloid)
                | Query(account, instrument, cloid) -> venue.Send(sent, null, true, account, instrument, cloid)
                | Resync account -> venue.Send(sent, null, true, account, InstrumentId.Of 0, Cloid.None)
                | Quit _ -> ()

    let step (at: int64) (event: inref<Event>) =
        let input = Stamped(seq, Instant.Of at, event)
        seq <- seq + 1L
        steps <- steps + 1L

        match watch with
        | null -> ()
        | w -> w.Arrived &input

        let struct (next, output) =
            if isFollowing then
                Engine.follow config.Engine state &input
            else
                Engine.step config.Engine state &input

        if not (obj.ReferenceEquals(next, state)) then
            state <- next

        match watch with
        | null -> ()
        | w -> w.Stepped(&input, &output, next)

        carryOut at &output

    let localPhase (t: int64) =
        if localTime = t then
            batches <- batches + 1L

        while localTime = t do
            let event = tape.Event arrivals.Index
            arrivals.Next()
            localTime <- arrivals.Time

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

    /// The next instant of anything but the heartbeat.
    let nextHappening () =
        let t = min venue.NextTime localTime

        if returning.Count > 0 && returning.HeadAt < t then
            returning.HeadAt
        else
            t

    /// Inside a gap a heartbeat finds nothing to do once no order works and nothing is held: the grid goes on where anything
    /// happens again.
    let skipSilence () =
        let next = nextHappening ()

        if next < Int64.MaxValue && next - timer > config.Tick.Ns && state.IsAsleep then
            let tick = config.Tick.Ns
            timer <- timer + (next - timer + tick - 1L) / tick * tick

    let timerPhase (t: int64) =
        if timer = t then
            timer <- t + config.Tick.Ns
            beats <- beats + 1L

            match watch with
            | null -> ()
            | w -> w.Beat(Instant.Of t, venue.Exchange)

            let beat = Event.Ticked(Instant.Of t)
            step t &beat
            skipSilence ()

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

        venue.Start()
        arrivals.Next()
        localTime <- arrivals.Time
        timer <- (first / config.Tick.Ns + 1L) * config.Tick.Ns

    /// How much of the recorded time is behind at an instant, 0 to 1: records alone would stand still in a gap.
    let share (at: int64) : float =
        let count = tape.Count
        let first = if count > 0 then tape.VenueAt 0 else 0L
        let last = if count > 0 then tape.VenueAt(count - 1) else 0L
        min 1.0 (float (at - first) / float (max 1L (last - first)))

    let pending () =
        venue.IsPending || localTime < Int64.MaxValue || returning.Count > 0

    let nextTime () = min (nextHappening ()) timer

    let round (t: int64) =
        if config.Phases.Ties = TieOrder.LocalFirst then
            localPhase t
            reportPhase t
            venue.Records t
            venue.Commands t
        else
            venue.Records t
            venue.Commands t
            localPhase t
            reportPhase t

        timerPhase t

    /// So many rounds, or all that are left: a method of its own, which the compiler sees often enough to make fast. False at the
    /// end.
    let advance (most: int) =
        let mutable left = most

        while left > 0 && not venue.IsAborted && pending () do
            let t = nextTime ()
            lastLocal <- t
            round t
            left <- left - 1

        left = 0

    new(config, desks, tape, watch) = World(config, desks, tape, watch, null)

    // ---- side by side with others ----

    member internal _.HasRecord(t: int64) = venue.HasRecord t
    member internal _.ApplyRecord(t: int64) = venue.ApplyRecord t

    interface IStepped with
        member _.Begin() = start ()

        member _.NextTime = if pending () then nextTime () else Int64.MaxValue

        // The exchange's records come after the first, for all.
        member _.Phase(phase, t) =
            match phase with
            | 0 ->
                lastLocal <- t
                venue.PassTime t
            | 1 -> venue.Commands t
            | 2 -> localPhase t
            | 3 -> reportPhase t
            | _ -> timerPhase t

        member _.Share t = share t

    /// Runs to the end: until no record, command or report is pending. A timer alone keeps nothing alive.
    /// `stopped` is asked now and then; true ends the run early.
    member _.Run(stopped: Func<bool>, progress: Action<float> | null) : WorldResult =
        start ()
        let mutable isStopped = false

        while advance 4096 && not isStopped do
            isStopped <- stopped.Invoke()

            match progress with
            | null -> ()
            | show -> show.Invoke(share lastLocal)

        {
            State = state
            Exchange = venue.Exchange
            Steps = steps
            Batches = batches
            Beats = beats
            Submits = submits
            Cancels = cancels
            LastAt = Instant.Of lastLocal
            Delays = latency.Means
            IsAborted = venue.IsAborted
        }
