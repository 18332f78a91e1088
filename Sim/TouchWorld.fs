namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// The fixed way in of a command and the way back of its answer.
[<Struct; NoComparison; NoEquality>]
type TouchLegs = { Entry: Duration; Response: Duration }

/// What a Tier-1 run is made of.
[<NoComparison; NoEquality>]
type TouchWorldConfig =
    {
        Engine: Config
        Exchange: TouchConfig
        /// Fixed, to us.
        Ingest: Duration
        /// Of orders, and of reports that answer nothing.
        Place: TouchLegs
        Cancel: TouchLegs
        /// Commands arrive in the order of their sending.
        IsFifo: bool
        Tick: Duration
        Run: RunFacts
        Cash: Usd
    }

module private TouchDesks =
    /// The stand-in knows no mark: a stop that rests there would only wait.
    let withoutStops (desks: Desk[]) : Desk[] =
        desks
        |> Array.map (fun d ->
            { d with
                Plan = { d.Plan with BackstopBps = 0 }
            })

/// Engine and stand-in in virtual time: the exchange's clock and fixed delays (simulation.md 12). At one instant:
/// print or quote at the exchange, command, its receipt by us, report, timer. One run, one owner.
[<Sealed>]
type TouchWorld private (config: TouchWorldConfig, tape: TouchTape, harvest: Harvest, berth: State, isFollowing: bool) =
    let exchange = TouchExchange config.Exchange
    let commands = Calendar<Command>()
    let mutable lastArrival = 0L
    let returning = Queue<struct (int64 * Event)>()
    let reports = List<Event>()
    let instrument = config.Exchange.Instrument.Id
    let mutable state = berth
    let mutable seq = 0L
    let mutable exchangeAt = 0
    let mutable localAt = 0
    let mutable timer = Int64.MaxValue
    let mutable lastReport = 0L

    let venueTime () =
        if exchangeAt < tape.Count then
            tape.At[exchangeAt]
        else
            Int64.MaxValue

    let localTime () =
        if localAt < tape.Count then
            tape.At[localAt] + config.Ingest.Ns
        else
            Int64.MaxValue

    let head (queue: Queue<struct (int64 * 'T)>) =
        if queue.Count > 0 then
            let struct (at, _) = queue.Peek()
            at
        else
            Int64.MaxValue

    let arrives () =
        if commands.Count > 0 then
            commands.HeadAt
        else
            Int64.MaxValue

    let legsOf (command: Command) : TouchLegs =
        match command with
        | Cancel _ -> config.Cancel
        | _ -> config.Place

    let step (at: int64) (event: inref<Event>) =
        let input = Stamped(seq, Instant.Of at, event)
        seq <- seq + 1L

        let struct (next, output) =
            if isFollowing then
                Engine.follow config.Engine state &input
            else
                Engine.step config.Engine state &input

        state <- next

        if not output.Commands.IsDefaultOrEmpty then
            for command in output.Commands do
                match command with
                | Place _
                | Cancel _ ->
                    let legs = legsOf command
                    let raw = at + legs.Entry.Ns
                    let arrival = if config.IsFifo then max lastArrival raw else raw
                    lastArrival <- arrival
                    commands.Enqueue(arrival, command)
                // The stand-in answers every command in order, so nothing is ever left to ask about.
                | Query _
                | Resync _
                | Quit _ -> ()

    let bringBack (at: int64) (delay: Duration) =
        for i in 0 .. reports.Count - 1 do
            let report = reports[i]

            match report.Rare with
            | ValueSome(RareEvent.Filled f) -> harvest.Fill(f, Instant.Of at)
            | _ -> ()

            lastReport <- max lastReport (at + delay.Ns)
            returning.Enqueue(struct (lastReport, report))

        reports.Clear()

    let exchangePhase (t: int64) =
        while venueTime () = t do
            let i = exchangeAt
            exchangeAt <- i + 1
            let now = Instant.Of t

            if tape.Kind[i] = 0uy then
                exchange.Quote(now, tape.Touch i, reports)
            elif tape.IsOfBook i then
                let aggressor = if tape.Kind[i] = 1uy then Side.Buy else Side.Sell
                exchange.Print(now, aggressor, Px.Of tape.A[i], reports)

            if reports.Count > 0 then
                bringBack t config.Place.Response

    let commandPhase (t: int64) =
        while arrives () = t do
            let command = commands.Head
            commands.Dequeue()
            let now = Instant.Of t

            match command with
            | Place approved -> exchange.Place(now, approved.Order, reports)
            | Cancel(account, id, cloid) -> exchange.Cancel(now, account, id, cloid, reports)
            | Query _
            | Resync _
            | Quit _ -> ()

            let legs = legsOf command
            bringBack t legs.Response

    let localPhase (t: int64) =
        while localTime () = t do
            let event = tape.Event localAt
            localAt <- localAt + 1

            if localTime () = t || head returning = t then
                let part = event.AsPart()
                step t &part
            else
                step t &event

    let reportPhase (t: int64) =
        while head returning = t do
            let struct (_, report) = returning.Dequeue()

            if head returning = t then
                let part = report.AsPart()
                step t &part
            else
                step t &report

    let timerPhase (t: int64) =
        if timer = t then
            timer <- t + config.Tick.Ns
            let beat = Event.Ticked(Instant.Of t)
            step t &beat
            let market = state.Facts.Market instrument
            let isActive = ValueOption.isSome market.Feature && not state.Facts.Health.IsHalted
            harvest.Tick(Instant.Of t, isActive, config.Tick.Ns)

    let start () =
        let first = if tape.Count > 0 then tape.At[0] else 0L
        let at = Instant.Of first
        let started = Event.Of(RareEvent.RunStarted config.Run, at)
        step first &started

        let seen: AccountFacts =
            {
                Account = AccountId.Of 0
                Cash = config.Cash
                Positions = ImmutableArray.Empty
                Open = ImmutableArray.Empty
            }

        let known = Event.Of(RareEvent.AccountSeen seen, at)
        step first &known
        timer <- (first / config.Tick.Ns + 1L) * config.Tick.Ns

    /// The next instant of anything but the heartbeat.
    let happening () =
        min (min (venueTime ()) (localTime ())) (min (arrives ()) (head returning))

    /// One run by itself.
    new(config: TouchWorldConfig, desks: Desk[], tape: TouchTape, harvest: Harvest) =
        TouchWorld(
            config,
            tape,
            harvest,
            Engine.own (Engine.create config.Engine (TouchDesks.withoutStops desks)),
            false
        )

    interface IStepped with
        member _.Begin() = start ()

        // A timer alone keeps nothing alive.
        member _.NextTime =
            match happening () with
            | Int64.MaxValue -> Int64.MaxValue
            | t -> min t timer

        member _.Phase(phase, t) =
            match phase with
            | 0 -> exchangePhase t
            | 1 -> commandPhase t
            | 2 -> localPhase t
            | 3 -> reportPhase t
            | _ -> timerPhase t

        member _.Share _ =
            float exchangeAt / float (max 1 tape.Count)

    /// Whether runs may go side by side: they see the same quotes at the same instants.
    static member CanShare(a: TouchWorldConfig, b: TouchWorldConfig) =
        a.Ingest = b.Ingest
        && a.Tick = b.Tick
        && a.Engine.NeedsBlocks = b.Engine.NeedsBlocks

    /// Several runs over one tape, each as it is by itself; what we see of the market, and what sensors made by `Sensor.Shared`
    /// learn, is computed once.
    static member SideBySide
        (configs: TouchWorldConfig[], desks: Desk[][], tape: TouchTape, harvests: Harvest[])
        : TouchWorld[] =
        let states =
            configs
            |> Array.mapi (fun i c -> Engine.create c.Engine (TouchDesks.withoutStops desks[i]))
            |> Engine.ownTogether

        configs
        |> Array.mapi (fun i c -> TouchWorld(c, tape, harvests[i], states[i], (i > 0)))

    /// Runs all to their ends; false when `stopped` said so before. `progress` hears the share of the tape that is behind.
    static member Run(all: TouchWorld[], stopped: Func<bool>, progress: Action<float>) : bool =
        Lockstep.run (all |> Array.map (fun w -> w :> IStepped)) ignore stopped progress

    /// Runs to the end; false when `stopped` said so before.
    member w.Run(stopped: Func<bool>) : bool =
        TouchWorld.Run([| w |], stopped, ignore)
