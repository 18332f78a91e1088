namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// A run of the settings in a simulated world: what `vrlg backtest` and `demo` do, for whoever uses the library.
[<RequireQualifiedAccess>]
module Backtest =
    let latency (values: Values) : LatencyConfig = Timing.config values ValueNone

    /// The queue rule in force; the risk-averse one for a word that is none (a front door checks the word).
    let queue (values: Values) : QueueModel =
        match Queue.parse (values.Text "sim.queue") with
        | ValueSome q -> q
        | ValueNone -> QueueModel.RiskAverse

    /// Where the venue refuses a limit price: further from the oracle than this.
    let private oracleBandBps = 8_000L

    /// The venue's rules of a setup: the account's own money and allowance. Oracle and mark count where the data state them; before
    /// that positions are valued at the mid.
    let private rules (v: Values) : MatchRules =
        { MatchRules.Default with
            ChecksMargin = true
            Cash = Usd.Of(v.Exact "account.equity_usd")
            OracleBandBps = oracleBandBps
            Allowance = v.Whole "account.allowance"
        }

    /// The world of a setup; the seed is the run's number too.
    let world (setup: RunSetup) (seed: int64) : WorldConfig =
        let v = setup.Values

        {
            Engine = Setup.engine setup
            Exchange =
                {
                    Instruments = ImmutableArray.Create<Instrument> setup.Instrument
                    Accounts = 1
                    Fees = Setup.fees setup
                    Queue = queue v
                    CheckRules = true
                    Rules = rules v
                }
            Latency = latency v
            Seed = seed
            Phases = Phases.Recorded
            Tick = Duration.OfMs 100L
            Run = { Run = seed; FirstCloid = 1L }
            Cash = Usd.Of(v.Exact "account.equity_usd")
        }

    /// The mids of a tape: made once, shared by every run over it.
    let mids (setup: RunSetup) (tape: Tape) : MidPath =
        MidPath.ofTape (world setup 0L).Exchange setup.Instrument.Id tape

    /// The same world under another queue rule.
    let withQueue (queue: QueueModel) (config: WorldConfig) : WorldConfig =
        { config with
            Exchange = { config.Exchange with Queue = queue }
        }

    /// Runs a setup in a world and collects what the figures need, nothing else. `stopped` is asked now and then; true ends the
    /// run early. `progress` hears shares from 0 to 1.
    let tally
        (setup: RunSetup)
        (config: WorldConfig)
        (tape: Tape)
        (stopped: Func<bool>)
        (progress: Action<float> | null)
        : struct (Tally * WorldResult) =
        let watch = Tally setup.Instrument.Id
        let result = World(config, Setup.desks setup, tape, watch).Run(stopped, progress)
        struct (watch, result)

    /// The objective, its raw terms and the headline figures of a setup in a world.
    let objective
        (setup: RunSetup)
        (config: WorldConfig)
        (tape: Tape)
        (mids: MidPath)
        (stopped: Func<bool>)
        : Objective =
        let struct (watch, _) = tally setup config tape stopped null
        Objective.ofRun (Finished.Of(setup, config.Seed, mids, watch))

    /// Runs a setup over a tape to the end and hands back what it left behind.
    let run (setup: RunSetup) (seed: int64) (tape: Tape) : struct (Trail * WorldResult) =
        let trail =
            Trail(setup.Instrument.Id, Usd.Of(setup.Values.Exact "account.equity_usd"))

        let result =
            World(world setup seed, Setup.desks setup, tape, trail).Run((fun () -> false), null)

        trail.Close()
        struct (trail, result)
