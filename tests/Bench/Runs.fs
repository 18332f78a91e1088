/// Whole runs: the reference feed decoded beforehand with the journal off, and recordings with the journal on.
module Vrlg.Bench.Runs

open System
open System.Collections.Immutable
open System.Diagnostics
open System.IO
open System.IO.Compression
open System.Threading
open Vrlg.Adapters.Recordings
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Sim

let private repeats = 5

let unpack (file: string) =
    use packed = File.OpenRead file
    use stream = new GZipStream(packed, CompressionMode.Decompress)
    use all = new MemoryStream()
    stream.CopyTo all
    all.ToArray()

let private print (name: string) (records: int) (seconds: float[]) (bytes: int64) =
    let sorted = Array.sort seconds
    let median = sorted[sorted.Length / 2]
    let rate s = float records / s / 1e6

    Console.Out.WriteLine
        $"{name, -34} {rate median, 6:F2} M records/s (best {rate sorted[0]:F2}), {float bytes / float records, 6:F1} B/record, {records} records"

/// Warm-up first, then the median of several runs.
let private measure (name: string) (records: int) (run: unit -> unit) =
    run ()
    run ()
    let seconds = Array.zeroCreate repeats
    let mutable bytes = 0L

    for i in 0 .. repeats - 1 do
        GC.Collect()
        let before = GC.GetAllocatedBytesForCurrentThread()
        let watch = Stopwatch.StartNew()
        run ()
        seconds[i] <- watch.Elapsed.TotalSeconds
        bytes <- GC.GetAllocatedBytesForCurrentThread() - before

    print name records seconds bytes

let latency (ingest: int64) (roundTrip: int64) recorded : LatencyConfig =
    LatencyConfig.Of(recorded, Delay.Constant(Duration.OfMs ingest), Delay.Constant(Duration.OfMs roundTrip), 0.5)

let world (engine: Config) (fees: FeeRates) latency checks : WorldConfig =
    {
        Engine = engine
        Exchange =
            {
                Instruments = engine.Instruments
                Accounts = 1
                Fees = fees
                Queue = QueueModel.RiskAverse
                CheckRules = checks
                Rules = MatchRules.Default
            }
        Latency = latency
        Seed = 1L
        Phases = Phases.Plain
        Tick = Duration.OfMs 100L
        Run = { Run = 1L; FirstCloid = 1L }
        Cash = Usd.Of 1_000_000_000_000L
    }

let free: FeeRates =
    {
        Maker = Rate.Of 0L
        Taker = Rate.Of 0L
    }

let private defaults =
    lazy
        (match Setup.ofPairs (ImmutableArray.Create(struct ("signal.detector", "document"))) with
         | Ok values -> values
         | Error problems -> failwith problems[0].Sentence)

let private setupOf (instrument: Instrument) : RunSetup =
    {
        Values = defaults.Value
        Instrument = instrument
    }

let feed (file: string) : int =
    match NeutralTape.Read(ReadOnlySpan(unpack file), InstrumentId.Of 0) with
    | Error sentence ->
        Console.Error.WriteLine $"{file}: {sentence}"
        1
    | Ok tape ->
        let go config desks () =
            World(config, desks, tape, null).Run((fun () -> false), null)
            |> ignore<WorldResult>

        let yard = world Yardstick.engine free (latency 0L 40L true) false
        measure "quote100, journal off" tape.Count (go yard [| Yardstick.desk Cadence.Timer |])
        measure "quoteTick, journal off" tape.Count (go yard [| Yardstick.desk Cadence.EveryBatch |])
        let setup = setupOf Yardstick.instrument

        let config =
            world (Setup.engine setup) (Setup.fees setup) (latency 0L 40L true) false

        measure "vrlg, journal off" tape.Count (go config (Setup.desks setup))
        0

let core (path: string) : int =
    let bytes = unpack path

    match NeutralTape.Read(ReadOnlySpan bytes, InstrumentId.Of 0) with
    | Error sentence ->
        Console.Error.WriteLine sentence
        1
    | Ok tape ->
        for profile, queue, cadence in
            [
                Profile.Default, QueueModel.RiskAverse, Cadence.Timer
                Profile.Default, QueueModel.RiskAverse, Cadence.EveryBatch
                Profile.Compat, QueueModel.PowerC 3, Cadence.Timer
                Profile.Compat, QueueModel.PowerC 3, Cadence.EveryBatch
            ] do
            let run = CoreBench.run tape profile queue cadence
            let result = run.Run true
            Console.Out.WriteLine $"{result} {CoreBench.sha256 run.Log}"

            measure $"{profile} {cadence}" tape.Count (fun () ->
                (CoreBench.run tape profile queue cadence).Run false |> ignore<CoreResult>)

        0

let private header: JournalHeader =
    {
        Format = Journal.Format
        Segment = 1
        Build = ""
        Runtime = ""
        Processor = ""
        Run = 1L
        Setup = ""
        SetupHash = ""
        Facts = ImmutableArray.Empty
    }

let recordings (folders: string list) : int =
    for folder in folders do
        for files in RecordingFolder.Scan(folder).Coins do
            let recording =
                Recording.Read(files, InstrumentId.Of 0, RecordingOptions(), null, CancellationToken.None)

            let instrument =
                { Yardstick.instrument with
                    Name = files.Coin
                    SzDecimals = min 6 recording.SizeDecimals
                }

            let setup = setupOf instrument
            let tape = MemoryTape(recording.VenueAt, recording.RecvAt, recording.Events)

            let config =
                world (Setup.engine setup) (Setup.fees setup) (latency 10L 60L false) true

            measure $"{Path.GetFileName folder} {files.Coin}, journal on" tape.Count (fun () ->
                let run = Directory.CreateTempSubdirectory("vrlg-bench-").FullName

                (use writer = new JournalWriter(run, header)

                 let result =
                     World(config, Setup.desks setup, tape, writer).Run((fun () -> false), null)

                 writer.End result.State)

                Directory.Delete(run, true))

    0
