/// From a tape to a run folder, its report and what is printed: one pipeline for whatever the tape was made of.
module Vrlg.Cli.Pipeline

open System
open System.Collections.Immutable
open System.Globalization
open System.IO
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
type Material =
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
type Output =
    {
        Folder: string
        /// Which stage of the command the run is, for the progress bar.
        Stage: string
        /// What to try next, for people; may be empty.
        Hint: string
        Force: bool
        /// An older run may be written anew unasked, as it is made from a seed alone; not where a gate stands beside it.
        Renews: bool
        Json: bool
        /// Print the hit rate by matched lots too.
        FifoLots: bool
    }

/// Core and Sim by their module version ids: what a replay must be to be the same program.
let build () = JournalHeaders.Build

/// Ctrl-C asks the run to stop at its next look; the folder then stays marked incomplete.
let stopper () =
    let source = new CancellationTokenSource()

    Console.CancelKeyPress.Add(fun e ->
        e.Cancel <- true
        source.Cancel())

    source

// ---- the pipeline ----

/// The run that lies in a folder already is of other data or settings, in words; none where it is the same or cannot be told.
let private otherRun (folder: string) (hash: string) (tape: Tape) : string voption =
    let path = Path.Combine(folder, "summary.json")

    if not (File.Exists path) || File.Exists(Path.Combine(folder, ResultFolder.Marker)) then
        ValueNone
    else
        try
            let s = RunSummary.Read path
            let config = s.Text(ReadOnlySpan<string> [| "config_sha256" |])
            // The summary's instants are told to 100 ns.
            let isNear (there: Nullable<int64>) (ns: int64) =
                there.HasValue && abs (there.Value - ns) < 100L

            if
                not (isNear s.FromNs (tape.VenueAt 0))
                || not (isNear s.ToNs (tape.VenueAt(tape.Count - 1)))
            then
                ValueSome "data"
            elif config <> hash then
                ValueSome "settings"
            else
                ValueNone
        with :? ReportException ->
            ValueNone

/// Refuses to write over what cannot be had again: a run of something else, and a gate.
let private protect (output: Output) (hash: string) (tape: Tape) =
    let folder = output.Folder

    let isThere =
        Directory.Exists folder
        && not (Seq.isEmpty (Directory.EnumerateFileSystemEntries folder))

    if isThere && not output.Force then
        if output.Renews then
            if File.Exists(Path.Combine(folder, GateFile.Name)) then
                refuse
                    $"{folder}: {GateFile.Name} stands there, and a new run would take its place. Name another folder with --out NAME; --force overwrites both."
        else
            match otherRun folder hash tape with
            | ValueSome what ->
                refuse
                    $"{folder}: a run of other {what} is there already. Name another folder with --out NAME; --force would take the place of that run."
            | ValueNone -> ()

/// Writes the tables; each with the hash of its text, by which the summary knows it again.
let private writeTables
    (folder: RunFolder)
    (rules: Instrument)
    (trail: Trail)
    (fills: ImmutableArray<FillRow>)
    (trips: Trips)
    : ImmutableArray<struct (string * string)> =
    let write (name: string) (text: string) =
        folder.Write(name, text)
        struct (name, Load.sha256 text)

    ImmutableArray.CreateRange
        [
            write "fills.csv" (Tables.fills rules fills)
            write "trades.csv" (Tables.trades trips.Closed)
            write "orders.csv" (Tables.orders trail.Orders)
            write "series.csv" (Tables.series trail.Samples)
            write "phase.csv" (Tables.phases trail.Phases)
        ]

/// What the log says of a run at its end: its size, which gate kept it out and by how much, how thin its moments were.
let private logEnd (log: Serilog.ILogger) (trail: Trail) (figures: Figures) (steps: int64) =
    log.Information(
        "{Trades} trades, {Fills} fills, {Orders} orders in {Steps} steps",
        figures.Trips.Closed.Length,
        trail.Fills.Length,
        trail.Orders.Count,
        steps
    )

    let rounded =
        ValueOption.map (fun (v: float) -> Math.Round(v, 3)) >> ValueOption.toNullable

    for row in GateRows.ofGauges trail.Gauges do
        if row.First > 0L then
            log.Information(
                "gate {Gate} was the first to say no at {First} instants, short by {Mean} {Unit} on average and {Least} at least; "
                + "alone at {Alone}, then by {LeastAlone} at least",
                row.Name,
                row.First,
                rounded row.Mean,
                row.Unit,
                rounded row.Least,
                row.Alone,
                rounded row.LeastAlone
            )

    for row in trail.Remarks.Rows do
        log.Information("at {At}: {Remark}", $"{row.At}", row.Text)

    for pair in trail.Remarks.Counts do
        log.Information("said {Count} times: {Code}, {Meaning}", pair.Value, pair.Key, Remarks.meaning pair.Key)

    let thin = figures.Thin

    log.Information(
        "thin moments: {Through} of {Judged} signals traded through within 1 s; effective spread {All} bps, after signals {After} bps",
        thin.Through,
        thin.Judged,
        rounded thin.EffectiveBps,
        rounded thin.EffectiveAfterBps
    )

/// Runs a tape, writes the folder, prints the answer.
let go (material: Material) (seed: int64) (output: Output) : int =
    let setup = material.Setup
    let tape = material.Tape
    let config = Reader.show setup.Values
    let hash = Load.sha256 config
    protect output hash tape
    let folder = RunFolder.Create(output.Folder, output.Force || output.Renews)
    use log = RunLog.Open folder
    use stop = stopper ()
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
        use writer = new JournalWriter(folder.Path, JournalHeaders.Of(setup, seed))
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

    let tables = writeTables folder setup.Instrument trail finished.Fills figures.Trips

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
            Tables = tables
            Warnings = material.Warnings.AddRange(RunWarnings.ofRun setup trail result)
            IsComplete = isComplete
            RepeatedTrades = material.RepeatedTrades
            SkippedRows = material.SkippedRows
            Stall = result.State.Stall setup.Instrument.Venue
        }

    let json = Summary.json info trail figures interval
    folder.Write("summary.json", json)
    ReportPage.Write folder.Path |> ignore<string>

    log.Information("block clock: {Clock}", Summary.blockClockText setup info.Stall trail)
    logEnd log trail figures result.Steps

    for notice in info.Warnings do
        log.Warning("{Notice}", notice)

    if output.Json then
        Console.Out.Write json
    else
        Outcome.show info trail figures interval output.FifoLots

        if output.Hint <> "" then
            Console.Out.WriteLine()
            paragraph 0 output.Hint

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
