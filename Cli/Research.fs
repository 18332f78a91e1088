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
open Vrlg.Sim

/// A tape with what must be told about it.
[<NoComparison; NoEquality>]
type private Material =
    {
        Setup: RunSetup
        Tape: Tape
        Tier: string
        Warnings: ImmutableArray<string>
        RepeatedTrades: int
        SkippedRows: int
    }

[<NoComparison; NoEquality>]
type private Output =
    {
        Folder: string
        Force: bool
        Json: bool
    }

let private delay (values: Values) path : Delay =
    let struct (a, b) = values.Span path
    // Settings are milliseconds in 1e-8: a nanosecond is 100 of those.
    let ns raw = Duration.Of(raw / 100L)
    if a = b then Delay.Constant(ns a) else Delay.Uniform(ns a, ns b)

let private latency (values: Values) : LatencyConfig =
    {
        UseRecorded = false
        Ingest = delay values "latency.ingest_ms"
        RoundTrip = delay values "latency.order_rt_ms"
        EntryShare = 0.5
    }

let private queue (values: Values) =
    match Queue.parse (values.Text "sim.queue") with
    | ValueSome q -> q
    | ValueNone -> QueueModel.RiskAverse

/// Core and Sim by their module version ids: what a replay must be to be the same program.
let build () =
    let id (t: Type) =
        let text = t.Module.ModuleVersionId.ToString "N"
        text.Substring(0, 16)

    id typeof<Event> + "-" + id typeof<QueueModel>

let private world (setup: RunSetup) (seed: int64) : WorldConfig =
    let v = setup.Values

    {
        Engine = Setup.engine setup
        Exchange =
            {
                Instruments = ImmutableArray.Create<Instrument> setup.Instrument
                Accounts = 1
                Fees = Setup.fees v
                Queue = queue v
                CheckRules = true
            }
        Latency = latency v
        Seed = seed
        Tick = Duration.OfMs 100L
        Run = { Run = seed; FirstCloid = 1L }
        Cash = Usd.Of(v.Exact "account.equity_usd")
    }

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
let private stopper () =
    let source = new CancellationTokenSource()

    Console.CancelKeyPress.Add(fun e ->
        e.Cancel <- true
        source.Cancel())

    source

// ---- what people see at the end ----

let private money (u: Usd) = $"{(decimal u.Raw / 100_000_000m):``0.00####``} USD"

let private skipRows (gauges: ImmutableArray<struct (string * float)>) =
    gauges
    |> Seq.choose (fun struct (name, value) ->
        if name.StartsWith("skipped.", StringComparison.Ordinal) && value > 0.0 then
            Some("  " + name.Substring 8, whole (int64 value))
        else
            None)
    |> Seq.sortByDescending (fun (_, count) -> count.Length, count)

let private feeRows (setup: RunSetup) (midTwice: int64) =
    let fees = Setup.fees setup.Values
    let bps = Fees.breakEvenBps fees true false

    if midTwice > 0L then
        let px = Px.Of(midTwice / 2L)
        let ticks = Fees.breakEvenTicks fees true false setup.Instrument px
        [ "fees of a round trip", $"{bps:``0.##``} bps (maker in, taker out) = {whole ticks} ticks at {px}" ]
    else
        [ "fees of a round trip", $"{bps:``0.##``} bps (maker in, taker out)" ]

let private showTable (info: RunInfo) (trail: Trail) (trips: Trips) =
    let closed = trips.Closed
    let sum (f: RoundTrip -> Usd) = closed |> Seq.sumBy (fun t -> let u = f t in u.Raw) |> Usd.Of

    let drawdown =
        match Metrics.maxDrawdown trail.Equity with
        | ValueSome d -> number 4 (ValueSome d.Usd) + " USD"
        | ValueNone -> "-"

    let percent (v: float voption) =
        match v with
        | ValueSome r -> number 1 (ValueSome(100.0 * r)) + " %"
        | ValueNone -> "-"

    let figures =
        [
            "span", $"{info.From} to {info.To}"
            "active minutes", number 1 (ValueSome trail.ActiveMinutes)
            "events", whole trail.Events
            "gaps", string trail.Silences.Length
            "data tier", info.DataTier
            "orders, fills", $"{whole (int64 trail.Orders.Count)}, {whole (int64 trail.Fills.Length)}"
            "trades", whole (int64 closed.Length)
            "hit rate", percent (Metrics.hitRate closed)
            "gross", money (sum (fun t -> t.Gross))
            "fees", money (sum (fun t -> t.Fee))
            "net", money (sum (fun t -> t.Net))
            "average PnL", number 3 (Metrics.avgPnlBps closed) + " bps"
            "slippage", number 3 (Metrics.slippageTicks info.Setup.Instrument trail.Fills) + " ticks"
            "holding", number 0 (Metrics.holdingMs trips.Lots) + " ms"
            "trades per minute", number 2 (Metrics.perMinute closed.Length trail.ActiveMinutes)
            "max drawdown", drawdown
        ]

    pairs $"{info.Setup.Instrument.Name}, strategy vrlg, seed {info.Seed}" (figures @ feeRows info.Setup trail.LastMidTwice)
    Console.Out.WriteLine()
    pairs "grid instants without an entry, by the first reason" (skipRows trail.Gauges)

    if closed.IsEmpty then
        Console.Out.WriteLine()
        Console.Out.WriteLine "No trade. Each gate was shut this often, whatever the others said:"

        for struct (name, value) in trail.Gauges do
            if name.StartsWith("shut.", StringComparison.Ordinal) then
                Console.Out.WriteLine $"  {name.Substring(5).PadRight 13} {whole (int64 value)}"
    else
        let net = sum (fun t -> t.Net)

        if net.Raw < 0L then
            Console.Out.WriteLine()
            Console.Out.WriteLine "The run lost money: what the market gave did not pay the fees of its round trips."

    for warning in info.Warnings do
        Console.Error.WriteLine("warning: " + warning)

// ---- the pipeline ----

let private writeTables (folder: RunFolder) (trail: Trail) (trips: Trips) =
    folder.Write("fills.csv", Tables.fills trail.Fills)
    folder.Write("trades.csv", Tables.trades trips.Closed)
    folder.Write("orders.csv", Tables.orders trail.Orders)
    folder.Write("series.csv", Tables.series trail.Samples)

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
    log.Information("run {Run} of {Coin} with settings {Config}: {Records} records", seed, setup.Instrument.Name, hash, tape.Count)
    let trail = Trail(setup.Instrument.Id, Usd.Of(setup.Values.Exact "account.equity_usd"))

    let result =
        use writer = new JournalWriter(folder.Path, header setup seed)
        let watch = Watches(writer, trail)
        let w = World(world setup seed, Setup.desks setup, tape, watch)

        let result =
            withProgress $"{setup.Instrument.Name}: {whole (int64 tape.Count)} records" (fun show ->
                w.Run((fun () -> stop.IsCancellationRequested), Action<float> show))

        if not stop.IsCancellationRequested then
            writer.End result.State

        result

    trail.Close()
    let isComplete = not stop.IsCancellationRequested
    let trips = RoundTrips.ofFills trail.Fills

    let info: RunInfo =
        {
            Setup = setup
            Strategy = "vrlg"
            DataTier = material.Tier
            Latency = latency setup.Values
            Queue = queue setup.Values
            Seed = seed
            Run = seed
            From = Instant.Of(tape.VenueAt 0)
            To = Instant.Of(tape.VenueAt(tape.Count - 1))
            ConfigSha256 = hash
            JournalSha256 = folder.JournalSha256()
            Warnings = material.Warnings.AddRange(priceWarnings setup trail.LastMidTwice)
            IsComplete = isComplete
            RepeatedTrades = material.RepeatedTrades
            SkippedRows = material.SkippedRows
        }

    let json = Summary.json info trail trips
    writeTables folder trail trips
    folder.Write("summary.json", json)
    let report = ReportPage.Write folder.Path

    log.Information(
        "{Trades} trades, {Fills} fills, {Orders} orders in {Steps} steps",
        trips.Closed.Length,
        trail.Fills.Length,
        trail.Orders.Count,
        result.Steps
    )

    if isComplete then
        folder.Complete()

    if output.Json then
        Console.Out.Write json
    else
        showTable info trail trips
        Console.Out.WriteLine()
        Console.Out.WriteLine report

    if isComplete then
        Exit.done'
    else
        say $"stopped: {folder.Path} stays marked incomplete."
        Exit.interrupted

// ---- demo ----

let private btc: Instrument =
    {
        Id = InstrumentId.Of 0
        Venue = VenueId.Of 0
        Name = "BTC"
        Kind = InstrumentKind.Perp
        SzDecimals = 5
        MaxLeverage = 40
        MinNotional = Usd.Of 1_000_000_000L
    }

let demo (r: ParseResults<DemoArgs>) : int =
    let seed = r.GetResult(DemoArgs.Seed, 1L)

    if seed < 0L then
        refuse $"--seed {seed}: the seed must not be negative."

    let sets = ImmutableArray.Create<struct (string * string)>(struct ("sim.seed", string seed))
    let values = Load.settings None sets
    let c = Synthetic.usual btc seed
    let period = c.Period

    let material =
        {
            Setup = { Values = values; Instrument = btc }
            Tape = Synthetic.make c
            Tier = "synthetic"
            Warnings =
                ImmutableArray.Create<string>(
                    $"synthetic market: every {period.Seconds} s the top of the book thins by {100.0 * c.Thinner} percent, the spread widens by {c.Wider} ticks"
                )
            RepeatedTrades = 0
            SkippedRows = 0
        }

    let output =
        {
            Folder = r.GetResult(DemoArgs.Out, $"runs/demo-{seed}")
            Force = r.Contains DemoArgs.Force || not (r.Contains DemoArgs.Out)
            Json = r.Contains DemoArgs.Json
        }

    go material seed output

// ---- back-test ----

let private instant (flag: string) (text: string) : Instant =
    let styles = DateTimeStyles.AssumeUniversal ||| DateTimeStyles.AdjustToUniversal

    match DateTime.TryParse(text, CultureInfo.InvariantCulture, styles) with
    | true, at -> Instant.Of((at - DateTime.UnixEpoch).Ticks * 100L)
    | _ -> refuse $"{flag} {text}: this is no time; write it as 2025-09-04T19:50:00Z (UTC)."

/// The coin to read: as named, else the only one, else the one that the settings name.
let private coinFiles (folder: RecordingFolder) (named: string option) (values: Values) : CoinFiles =
    match named with
    | Some name -> folder.Find(Setup.coinOf name)
    | None when folder.Coins.Length = 1 -> folder.Find null
    | None ->
        let symbol = Setup.coinOf (values.Text "symbol.name")

        if folder.Coins |> Seq.exists (fun c -> String.Equals(c.Coin, symbol, StringComparison.OrdinalIgnoreCase)) then
            folder.Find symbol
        else
            folder.Find null

let private instrumentOf (file: string option) (recording: Recording) : struct (Instrument * string list) =
    let listed =
        match file with
        | None -> None
        | Some path ->
            Load.instruments path (Load.tree path)
            |> Array.tryFind (fun i -> String.Equals(i.Name, recording.Coin, StringComparison.OrdinalIgnoreCase))

    match listed with
    | Some i -> struct (i, [])
    | None ->
        let decimals = recording.SizeDecimals

        let i =
            { btc with
                Name = recording.Coin
                SzDecimals = min 6 decimals
                MaxLeverage = 1
            }

        let warning =
            $"{recording.Coin} is not in the instrument list: szDecimals {min 6 decimals} was taken from the sizes of the recording"

        struct (i, [ warning ])

let private dataWarnings (recording: Recording) (setup: RunSetup) (named: string option) : string list =
    let exposure = setup.Values.Exact "exec.max_exposure_btc"
    let symbol = Setup.coinOf (setup.Values.Text "symbol.name")

    [
        if not recording.HasBook then
            "no whole books were recorded: depth beyond the best quotes is unknown"
        if not recording.HasQuotes then
            "no best quotes were recorded: features come from the whole books, about two a second"
        if not recording.HasTrades then
            "no trades were recorded: resting orders fill by crossing quotes only"
        "no asset context was recorded: mark and oracle are the mid, funding is 0"
        if named.IsNone && not (String.Equals(symbol, recording.Coin, StringComparison.OrdinalIgnoreCase)) then
            $"symbol.name means {symbol}, the recording holds {recording.Coin}"
        if exposure < Instrument.lot setup.Instrument then
            $"exec.max_exposure_btc {Exact.show exposure} is below one lot of {recording.Coin}: nothing can be traded"
        if recording.RepeatedTrades > 0 then
            $"{recording.RepeatedTrades} repeated trades were dropped"
        if recording.SkippedRows > 0 then
            $"{recording.SkippedRows} bad rows were left out"
    ]

let private span (r: ParseResults<BacktestArgs>) : RecordingOptions =
    let bound name text =
        match text with
        | Some t -> Nullable(instant name t)
        | None -> Nullable()

    let from = bound "--from" (r.TryGetResult BacktestArgs.From)
    let until = bound "--to" (r.TryGetResult BacktestArgs.To)

    if from.HasValue && until.HasValue && from.Value.Ns >= until.Value.Ns then
        refuse "--from is not before --to; nothing lies between them."

    RecordingOptions(r.Contains BacktestArgs.Skip_Bad, from, until)

let backtest (r: ParseResults<BacktestArgs>) : int =
    let named = r.TryGetResult BacktestArgs.Coin
    let config = r.TryGetResult BacktestArgs.Config
    let given = Load.sets (r.GetResults BacktestArgs.Set)

    let sets =
        match r.TryGetResult BacktestArgs.Seed with
        | Some seed -> given.Add(struct ("sim.seed", string seed))
        | None -> given

    let values = Load.settings config sets
    let instruments = Load.instrumentsFile (r.TryGetResult BacktestArgs.Instruments) config
    let folder = RecordingFolder.Scan(r.GetResult BacktestArgs.Data)
    let files = coinFiles folder named values
    let options = span r
    use stop = stopper ()

    let recording =
        withProgress $"{files.Coin}: reading" (fun show ->
            Recording.Read(files, InstrumentId.Of 0, options, Action<float> show, stop.Token))

    let struct (instrument, unlisted) = instrumentOf instruments recording
    let setup: RunSetup = { Values = values; Instrument = instrument }
    let seed = values.Whole "sim.seed"
    let hash = Load.sha256 (Reader.show values)

    let material =
        {
            Setup = setup
            Tape = MemoryTape(recording.VenueAt, recording.RecvAt, recording.Events)
            Tier = if recording.HasTrades then "Q2" else "Q1"
            Warnings = ImmutableArray.CreateRange(unlisted @ dataWarnings recording setup named)
            RepeatedTrades = recording.RepeatedTrades
            SkippedRows = recording.SkippedRows
        }

    let output =
        {
            Folder = r.GetResult(BacktestArgs.Out, $"runs/{recording.Coin}-{hash.Substring(0, 8)}-{seed}")
            Force = r.Contains BacktestArgs.Force
            Json = r.Contains BacktestArgs.Json
        }

    for sentence in recording.Skipped do
        say $"left out: {sentence}"

    go material seed output

let report (r: ParseResults<ReportArgs>) : int =
    Console.Out.WriteLine(ReportPage.Write(r.GetResult ReportArgs.Run))
    Exit.done'
