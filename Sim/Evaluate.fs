namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// One point of a sweep over its data: settings in, outcome out; none when it was stopped. What a sweep needs of a
/// simulator, so that another one may stand behind it.
type Evaluate = delegate of values: Values * stopped: Func<bool> -> Outcome voption

/// The two fill tiers of simulation.md 12 as ways to evaluate a point.
[<RequireQualifiedAccess>]
module Tiers =
    /// Of everything that was made by the whole exchange model.
    let second (queue: QueueModel) = $"Tier 2 {Queue.name queue}"

    /// Of everything that was made by a touch rule.
    let first (rule: TouchRule) = $"Tier 1 {TouchRule.name rule}"

    /// The pair that Tier-1 figures are given as: the optimistic and the pessimistic rule.
    let both = [| TouchRule.At; TouchRule.Through 1 |]

    let internal cash (values: Values) =
        Usd.Of(values.Exact "account.equity_usd")

    let internal exposure (values: Values) =
        Sz.Of(values.Exact "exec.max_exposure_btc")

    /// From the first record to just after the last.
    let span (tape: Tape) : Window =
        if tape.Count = 0 then
            { From = 0L; To = 0L }
        else
            {
                From = tape.VenueAt 0
                To = tape.VenueAt(tape.Count - 1) + 1L
            }

    let internal world (latency: Values -> LatencyConfig) (setup: RunSetup) : WorldConfig =
        { Backtest.world setup (setup.Values.Whole "sim.seed") with
            Latency = latency setup.Values
        }

    /// Tier 2: a whole back-test without its charts, under the seed of the set. `latency` gives the delays of a set.
    let whole (latency: Values -> LatencyConfig) (instrument: Instrument) (mids: MidPath) (tape: Tape) : Evaluate =
        let window = span tape

        Evaluate(fun values stopped ->
            let setup: RunSetup =
                {
                    Values = values
                    Instrument = instrument
                }

            let harvest = Harvest instrument.Id
            let ended = ref true

            let ask =
                Func<bool>(fun () ->
                    if stopped.Invoke() then
                        ended.Value <- false

                    not ended.Value)

            World(world latency setup, Setup.desks setup, tape.Fork(), harvest).Run(ask, null)
            |> ignore<WorldResult>

            if ended.Value then
                harvest.Outcome(window, mids, cash values, exposure values)
                |> Outcome.booked values instrument
                |> ValueSome
            else
                ValueNone)

    let rec private middle (d: Delay) : Duration =
        match d with
        | Delay.Constant c -> c
        | Delay.Uniform(a, b) -> Duration.Of((a.Ns + b.Ns) / 2L)
        | Delay.Loaded(usual, _, _) -> middle usual

    /// Compute time and entry, and response: the middle of a range, the mean of the recorded requests that were executed.
    let private legs (compute: ComputeModel) (d: OrderDelay) : TouchLegs =
        let both (entry: int64) (response: int64) : TouchLegs =
            {
                Entry = Duration.Of(ComputeModel.at 0L compute + entry)
                Response = Duration.Of response
            }

        match d with
        | OrderDelay.Split(roundTrip, share) ->
            let trip = middle roundTrip
            let entry = int64 (floor (share * float trip.Ns))
            both entry (trip.Ns - entry)
        | OrderDelay.Empirical(rows, _)
        | OrderDelay.Interpolated rows ->
            let mutable n = 0L
            let mutable entry = 0L
            let mutable response = 0L

            for i in 0 .. rows.Count - 1 do
                match rows[i].Executed with
                | ValueSome at ->
                    n <- n + 1L
                    entry <- entry + (at - rows[i].Sent)
                    response <- response + (rows[i].Reported - at)
                | ValueNone -> ()

            both (entry / max 1L n) (response / max 1L n)

    let internal touchWorld (setup: RunSetup) (delays: LatencyConfig) (rule: TouchRule) : TouchWorldConfig =
        {
            Engine = Setup.engine setup
            Exchange =
                {
                    Instrument = setup.Instrument
                    Fees = Setup.fees setup
                    Rule = rule
                    SlippageTicks = 0
                    CapBySize = false
                }
            Ingest = middle delays.Ingest
            Place = legs delays.Compute delays.Place
            Cancel = legs delays.Compute delays.Cancel
            IsFifo = delays.OrderChannelFifo
            Tick = Duration.OfMs 100L
            Run =
                {
                    Run = setup.Values.Whole "sim.seed"
                    FirstCloid = 1L
                }
            Cash = cash setup.Values
        }

    /// Tier 1: the same engine and strategy before the cheap stand-in. For ranking only.
    let touching
        (latency: Values -> LatencyConfig)
        (rule: TouchRule)
        (instrument: Instrument)
        (span: Window)
        (mids: MidPath)
        (tape: TouchTape)
        : Evaluate =
        Evaluate(fun values stopped ->
            let setup: RunSetup =
                {
                    Values = values
                    Instrument = instrument
                }

            let harvest = Harvest instrument.Id

            if TouchWorld(touchWorld setup (latency values) rule, Setup.desks setup, tape, harvest).Run stopped then
                harvest.Outcome(span, mids, cash values, exposure values)
                |> Outcome.booked values instrument
                |> ValueSome
            else
                ValueNone)
