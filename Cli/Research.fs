/// `vrlg demo`, `vrlg backtest`, `vrlg report`: one pipeline from a tape to a run folder.
module Vrlg.Cli.Research

open System
open System.Collections.Immutable
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open System.Threading
open Argu
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Shell.Report
open Vrlg.Shell.Tapes
open Vrlg.Sim

/// A tape with what must be told about it.
[<NoComparison; NoEquality>]
type private Material =
    {
        Setup: RunSetup
        Tape: Tape
        Latency: LatencyConfig
        Tier: string
        TierLabel: string
        Warnings: ImmutableArray<string>
        RepeatedTrades: int
        SkippedRows: int
    }

[<NoComparison; NoEquality>]
type private Output =
    {
        Folder: string
        /// Which stage of the command the run is, for the progress bar.
        Stage: string
        Force: bool
        Json: bool
        /// Print the hit rate by matched lots too.
        FifoLots: bool
    }

/// Core and Sim by their module version ids: what a replay must be to be the same program.
let build () =
    let id (t: Type) =
        let text = t.Module.ModuleVersionId.ToString "N"
        text.Substring(0, 16)

    id typeof<Event> + "-" + id typeof<QueueModel>

let private header (setup: RunSetup) (seed: int64) : JournalHeader =
    let text = Setup.text setup

    {
        Format = Journal.Format
        Segment = 1
        Build = build ()
        Runtime = Environment.Version.ToString()
        Processor = string RuntimeInformation.ProcessArchitecture
        Run = seed
        Setup = text
        SetupHash = Load.sha256 text
        Facts = ImmutableArray.Empty
    }

/// Ctrl-C asks the run to stop at its next look; the folder then stays marked incomplete.
let stopper () =
    let source = new CancellationTokenSource()

    Console.CancelKeyPress.Add(fun e ->
        e.Cancel <- true
        source.Cancel())

    source

// ---- the pipeline ----

let private writeTables
    (folder: RunFolder)
    (rules: Instrument)
    (trail: Trail)
    (fills: ImmutableArray<FillRow>)
    (trips: Trips)
    =
    folder.Write("fills.csv", Tables.fills rules fills)
    folder.Write("trades.csv", Tables.trades trips.Closed)
    folder.Write("orders.csv", Tables.orders trail.Orders)
    folder.Write("series.csv", Tables.series trail.Samples)
    folder.Write("phase.csv", Tables.phases trail.Phases)

/// What is charged in the figures and not in the series.
let private impactWarnings (setup: RunSetup) : string list =
    if
        setup.Values.Exact "impact.square_root" > 0L
        || setup.Values.Exact "impact.shift_ticks" > 0L
    then
        [
            "impact is charged in fills, trades and figures; series.csv and the equity chart are without it"
        ]
    else
        []

/// Warnings that only a run can know: the tick that its prices had.
let private priceWarnings (setup: RunSetup) (midTwice: int64) : string list =
    let configured = setup.Values.Exact "symbol.tick_size"

    if midTwice = 0L then
        [ "no best quote on both sides was ever seen" ]
    else
        let px = Px.Of(midTwice / 2L)
        let tick = Instrument.tickAt setup.Instrument px

        if tick <> configured then
            [
                $"symbol.tick_size {Exact.show configured} is not used: the venue's tick at {px} is {Exact.show tick}"
            ]
        else
            []

let private go (material: Material) (seed: int64) (output: Output) : int =
    let setup = material.Setup
    let tape = material.Tape
    let folder = RunFolder.Create(output.Folder, output.Force)
    use log = RunLog.Open folder
    use stop = stopper ()
    let config = Reader.show setup.Values
    let hash = Load.sha256 config
    folder.Write("config.effective.toml", config)

    log.Information(
        "run {Run} of {Coin} with settings {Config}: {Records} records",
        seed,
        setup.Instrument.Name,
        hash,
        tape.Count
    )

    let trail =
        Trail(setup.Instrument.Id, Usd.Of(setup.Values.Exact "account.equity_usd"))

    let world =
        { Backtest.world setup seed with
            Latency = material.Latency
        }

    let bounds = Bounds.start setup world tape stop.Token

    let result =
        use writer = new JournalWriter(folder.Path, header setup seed)
        let watch = Watches(writer, trail)
        let w = World(world, Setup.desks setup, tape, watch)

        let result =
            withProgress $"{output.Stage}{setup.Instrument.Name}: {whole (int64 tape.Count)} records" (fun show ->
                w.Run((fun () -> stop.IsCancellationRequested), Action<float> show))

        if not stop.IsCancellationRequested then
            writer.End result.State

        result

    trail.Close()

    let finished =
        let f = Finished.Of(setup, seed, Bounds.mids bounds, trail.Tally)

        if stop.IsCancellationRequested then
            { f with Until = result.LastAt.Ns }
        else
            f

    let figures = Figures.ofRun finished tape

    let interval =
        withProgress $"{output.Stage}{setup.Instrument.Name}: the queue rules beside it" (fun show ->
            Bounds.wait bounds figures.Objective.Headline stop.Token show)

    // Nothing is asked after this: a run with its interval is whole.
    let isComplete = ValueOption.isSome interval

    let info: RunInfo =
        {
            Setup = setup
            Strategy = "vrlg"
            DataTier = material.Tier
            DataTierLabel = material.TierLabel
            Latency = material.Latency
            Delays = result.Delays
            Queue = Backtest.queue setup.Values
            Seed = seed
            Run = seed
            From = Instant.Of(tape.VenueAt 0)
            To =
                let last = tape.VenueAt(tape.Count - 1)
                Instant.Of(if isComplete then last else min last result.LastAt.Ns)
            ConfigSha256 = hash
            JournalSha256 = folder.JournalSha256()
            Warnings =
                material.Warnings.AddRange(
                    priceWarnings setup trail.LastMidTwice
                    @ Summary.warnings result
                    @ Summary.budgetWarnings trail.Gauges
                    @ impactWarnings setup
                )
            IsComplete = isComplete
            RepeatedTrades = material.RepeatedTrades
            SkippedRows = material.SkippedRows
            Stall = result.State.Stall setup.Instrument.Venue
        }

    let json = Summary.json info trail figures interval
    writeTables folder setup.Instrument trail finished.Fills figures.Trips
    folder.Write("summary.json", json)
    ReportPage.Write folder.Path |> ignore<string>

    log.Information(
        "{Trades} trades, {Fills} fills, {Orders} orders in {Steps} steps",
        figures.Trips.Closed.Length,
        trail.Fills.Length,
        trail.Orders.Count,
        result.Steps
    )

    log.Information("block clock: {Clock}", Summary.blockClockText info.Stall)
    let thin = figures.Thin

    let rounded =
        ValueOption.map (fun (v: float) -> Math.Round(v, 3)) >> ValueOption.toNullable

    log.Information(
        "thin moments: {Through} of {Judged} signals traded through within 1 s; effective spread {All} bps, after signals {After} bps",
        thin.Through,
        thin.Judged,
        rounded thin.EffectiveBps,
        rounded thin.EffectiveAfterBps
    )

    if output.Json then
        Console.Out.Write json
    else
        Outcome.show info trail figures interval output.FifoLots

    // The answer is out before an older run is replaced: what fails there costs no results.
    if isComplete then
        folder.Complete()

    if not output.Json then
        Console.Out.WriteLine()
        Console.Out.WriteLine(folder.File ReportPage.FileName)

    if isComplete then
        Exit.done'
    else
        let before =
            if folder.Replaces then
                $"; the earlier run in {output.Folder} is as it was"
            else
                ""

        say $"stopped: {folder.Path} stays marked incomplete{before}."
        Exit.interrupted

// ---- demo ----

let demo (r: ParseResults<DemoArgs>) : int =
    let seed = r.GetResult(DemoArgs.Seed, 1L)

    if seed < 0L then
        refuse $"--seed {seed}: the seed must not be negative."

    let slots = r.GetResult(DemoArgs.Slots, 0)

    if slots <> 0 && (slots < 2 || slots > 600) then
        refuse $"--slots {slots}: a rotation has 2 to 600 slots."

    // The demo shows the document's strategy as it is written; its detector knows no slots.
    let sets =
        ImmutableArray.Create<struct (string * string)>(
            struct ("sim.seed", string seed),
            struct ("signal.detector", (if slots = 0 then "document" else "valid"))
        )

    let values = Load.settings None sets
    let c = Synthetic.demo Data.btc seed slots

    let material =
        {
            Setup =
                {
                    Values = values
                    Instrument = Data.btc
                }
            Tape = Synthetic.make c
            Latency = Backtest.latency values
            Tier = DataTier.Synthetic
            TierLabel = DataTier.syntheticLabel
            Warnings =
                ImmutableArray.Create<string>(
                    $"synthetic market: every {Synthetic.turn c} the top of the book thins by {100.0 * c.Thinner} percent, the spread widens by {c.Wider} ticks"
                )
            RepeatedTrades = 0
            SkippedRows = 0
        }

    let output =
        {
            Folder = r.GetResult(DemoArgs.Out, $"runs/demo-{seed}")
            Stage = ""
            Force = r.Contains DemoArgs.Force || not (r.Contains DemoArgs.Out)
            Json = r.Contains DemoArgs.Json
            FifoLots = r.Contains DemoArgs.Fifo_Lots
        }

    go material seed output

// ---- back-test ----

let backtest (r: ParseResults<BacktestArgs>) : int =
    let named = r.TryGetResult BacktestArgs.Coin
    let config = r.TryGetResult BacktestArgs.Config
    let given = Load.sets (r.GetResults BacktestArgs.Set)

    let sets =
        match r.TryGetResult BacktestArgs.Seed with
        | Some seed when seed < 0L -> refuse $"--seed {seed}: the seed must not be negative."
        | Some seed -> given.Add(struct ("sim.seed", string seed))
        | None -> given

    let values = Load.settings config sets

    let instruments = Load.listed (r.TryGetResult BacktestArgs.Instruments) config

    let data = r.GetResult BacktestArgs.Data
    let options = Data.span r
    use stop = stopper ()
    use file: TapeFile | null = if Source.isFile data then TapeFile.Open data else null

    let recording =
        match file with
        | null ->
            let files = Data.coinFiles (RecordingFolder.Scan data) named values
            Source.ofFolder files options stop.Token
        | file -> Source.ofFile file named options

    let struct (instrument, unlisted) = Data.instrumentOf instruments recording

    let values = Setup.withTier instrument.Kind values

    let setup: RunSetup =
        {
            Values = values
            Instrument = instrument
        }

    let seed = values.Whole "sim.seed"
    let hash = Load.sha256 (Reader.show values)
    let struct (tape, clock) = LatencyFile.receipts data values recording.Tape

    let struct (tier, tierLabel) =
        DataTier.ofRecording recording.HasBook recording.HasQuotes recording.HasTrades

    let material =
        {
            Setup = setup
            Tape = tape
            Latency = Timing.config values (LatencyFile.ofValues values)
            Tier = tier
            TierLabel = tierLabel
            Warnings = ImmutableArray.CreateRange(unlisted @ clock @ Data.dataWarnings recording setup named)
            RepeatedTrades = recording.RepeatedTrades
            SkippedRows = recording.SkippedRows
        }

    let output =
        {
            Stage = if isNull file then "2 of 2: " else ""
            Folder = r.GetResult(BacktestArgs.Out, $"runs/{recording.Coin}-{hash.Substring(0, 8)}-{seed}")
            Force = r.Contains BacktestArgs.Force
            Json = r.Contains BacktestArgs.Json
            FifoLots = r.Contains BacktestArgs.Fifo_Lots
        }

    for sentence in recording.Skipped do
        say $"left out: {sentence}"

    go material seed output

let report (r: ParseResults<ReportArgs>) : int =
    let folder = RunFolder.Open(r.GetResult ReportArgs.Run)
    Console.Out.WriteLine(ReportPage.Write folder.Path)

    if not folder.IsComplete then
        say
            $"{folder.Path}: this run did not come to its end; its report covers only the part that was done. Run it again for the whole."

    Exit.done'
