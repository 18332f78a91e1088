/// `vrlg bench replay`: the neutral feed through the simulator, timed, in figures that other engines can be asked for too.
module Vrlg.Cli.BenchVerb

open System
open System.Diagnostics
open System.IO
open Argu
open Vrlg.Adapters
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Sim

/// What is replayed.
[<NoComparison>]
type private Job =
    {
        Feed: string
        Cadence: Cadence
        Profile: Profile
        Queue: QueueModel
        IsFull: bool
        Fills: string option
    }

/// One pass's counts, whichever engine ran it.
[<NoComparison; NoEquality>]
type private Pass =
    {
        Result: CoreResult
        Log: LoggedFill[]
    }

let private warmups = 3
let private passes = 7

/// The file's bytes; gzip is known by its first two.
let private read (path: string) : byte[] =
    let raw = Load.bytes path

    if GzipFile.IsOne(ReadOnlySpan raw) then
        match GzipFile.Unpack raw with
        | null -> refuse $"{path}: the gzip file is cut or damaged: its end does not match its content. Fetch it again."
        | content -> content
    else
        raw

/// Writes the fill log whole or not at all.
let private writeLog (path: string) (text: string) =
    try
        WholeFile.Write(path, text)
    with e when FileTrouble.IsOne e ->
        refuse $"{path}: the fill log cannot be written: {FileTrouble.Words e} with --fills."

let private decode (path: string) (bytes: byte[]) : NeutralTape =
    let isByOrder = OrderFeed.isOne (ReadOnlySpan bytes)

    let found =
        if isByOrder then
            OrderFeed.read (ReadOnlySpan bytes) (InstrumentId.Of 0)
        else
            NeutralTape.Read(ReadOnlySpan bytes, InstrumentId.Of 0)

    match found with
    | Ok tape when tape.Count > 0 -> tape
    | Ok _ -> refuse $"{path}: the file holds no rows."
    | Error sentence -> refuse $"{path}: {sentence}."

let private core (tape: NeutralTape) (job: Job) (isLogged: bool) : Pass =
    let run = CoreBench.run tape job.Profile job.Queue job.Cadence
    let result = run.Run isLogged

    {
        Result = result
        Log = run.Log.ToArray()
    }

let private full (tape: NeutralTape) (job: Job) (isLogged: bool) : Pass =
    let struct (result, log) =
        CoreBench.full tape job.Profile job.Queue job.Cadence isLogged

    { Result = result; Log = log }

let private cpu () =
    use self = Process.GetCurrentProcess()
    self.TotalProcessorTime.TotalSeconds

/// Runs of the loop thread: median seconds of a pass, processor seconds of one, bytes allocated by one.
let private measure (run: unit -> unit) : struct (float * float * int64) =
    for _ in 1..warmups do
        run ()

    let seconds = Array.zeroCreate passes
    let mutable bytes = 0L
    let started = cpu ()

    for i in 0 .. passes - 1 do
        GC.Collect()
        let before = GC.GetAllocatedBytesForCurrentThread()
        let watch = Stopwatch.StartNew()
        run ()
        seconds[i] <- watch.Elapsed.TotalSeconds
        bytes <- GC.GetAllocatedBytesForCurrentThread() - before

    Array.sortInPlace seconds
    struct (seconds[passes / 2], (cpu () - started) / float passes, bytes)

let private peakKb () =
    use self = Process.GetCurrentProcess()
    self.PeakWorkingSet64 / 1024L

let private rows (job: Job) (tape: NeutralTape) (pass: Pass) sha256 (decodeS: float) cpuS median bytes =
    let r = pass.Result
    let records = float tape.Count

    [
        "records", float tape.Count, string tape.Count
        "steps", float r.Steps, string r.Steps
        "submits", float r.Submits, string r.Submits
        "cancels", float r.Cancels, string r.Cancels
        "fills", float r.Fills, string r.Fills
        "lots", float r.Lots, string r.Lots
        "final_position", float r.Position, string r.Position
        "equity", r.Equity, $"{r.Equity:``0.0``}"
        "decode_s", decodeS, $"{decodeS:``0.000``}"
        "cpu_s", cpuS, $"{cpuS:``0.000``}"
        "mev_per_s", records / median / 1e6, $"{records / median / 1e6:``0.00``}"
        "bytes_per_event", float bytes / records, $"{float bytes / records:``0.00``}"
        "peak_rss_kb", float (peakKb ()), string (peakKb ())
        "passes", float passes, string passes
    ],
    [
        "fills_sha256", sha256
        "strategy",
        (if job.Cadence = Cadence.Timer then
             "quote100"
         else
             "quoteTick")
        "profile", (if job.Profile = Profile.Compat then "compat" else "default")
        "model", Queue.name job.Queue
        "engine", (if job.IsFull then "full" else "core")
    ]

let private printJson (numbers: (string * float * string) list) (texts: (string * string) list) =
    JsonOut.print (fun w ->
        w.WriteStartObject()

        for name, value, _ in numbers do
            if value = Math.Floor value && abs value < 1e15 then
                w.WriteNumber(name, int64 value)
            else
                w.WriteNumber(name, Math.Round(value, 6))

        for name, text in texts do
            w.WriteString(name, text)

        w.WriteEndObject())

/// What the figures are to people; the JSON has the names that other engines are asked by.
let private printTable (job: Job) (numbers: (string * float * string) list) (texts: (string * string) list) =
    let value name =
        numbers |> List.pick (fun (n, v, _) -> if n = name then Some v else None)

    let words name =
        texts |> List.pick (fun (n, t) -> if n = name then Some t else None)

    let count name = whole (int64 (value name))
    let figure digits name = number digits (ValueSome(value name))

    pairs
        $"""{job.Feed}: {words "strategy"}, {words "profile"} rules, queue {words "model"}, {words "engine"} engine"""
        [
            "records", count "records"
            "steps of the strategy", count "steps"
            "orders sent", count "submits"
            "cancels sent", count "cancels"
            "fills", $"""{count "fills"} of {count "lots"} lots"""
            "position at the end", $"""{count "final_position"} lots"""
            "equity at the last mid", $"""{figure 1 "equity"} ticks x lots"""
            "fill log, SHA-256", words "fills_sha256"
            "speed", $"""{figure 2 "mev_per_s"} million records a second, median of {count "passes"} passes"""
            "allocated", $"""{figure 2 "bytes_per_event"} bytes a record"""
            "reading and decoding", $"""{figure 3 "decode_s"} s"""
            "processor time of a pass", $"""{figure 3 "cpu_s"} s"""
            "largest memory", $"""{figure 1 "peak_rss_kb"} kB"""
        ]

let private jobOf (r: ParseResults<BenchReplayArgs>) : Job =
    let profile =
        match r.GetResult(BenchReplayArgs.Profile, "default") with
        | "compat" -> Profile.Compat
        | "default" -> Profile.Default
        | other -> refuse $"--profile is {other}; it must be compat or default."

    let model =
        r.GetResult(
            BenchReplayArgs.Model,
            (if profile = Profile.Compat then
                 "PowerC:3"
             else
                 "RiskAverse")
        )

    {
        Feed = r.GetResult BenchReplayArgs.Feed
        Cadence =
            match r.GetResult(BenchReplayArgs.Strategy, "quote100") with
            | "quote100" -> Cadence.Timer
            | "quoteTick" -> Cadence.EveryBatch
            | other -> refuse $"--strategy is {other}; it must be quote100 or quoteTick."
        Profile = profile
        Queue =
            match Queue.parse model with
            | ValueSome q -> q
            | ValueNone -> refuse $"--model is {model}; it must be one of {Queue.choices}, ExactL3."
        IsFull =
            match r.GetResult(BenchReplayArgs.Engine, "core") with
            | "core" -> false
            | "full" -> true
            | other -> refuse $"--engine is {other}; it must be core or full."
        Fills = r.TryGetResult BenchReplayArgs.Fills
    }

let private replay (r: ParseResults<BenchReplayArgs>) : int =
    let job = jobOf r

    match job.Fills with
    | Some path when Directory.Exists path -> refuse $"{path}: this is a folder. Name a file with --fills."
    | Some path when File.Exists path && not (r.Contains BenchReplayArgs.Force) ->
        refuse $"{path}: the file is there already. Use --force to write it anew, or another --fills."
    | _ -> ()

    let bytes = read job.Feed
    let watch = Stopwatch.StartNew()
    let tape = decode job.Feed bytes
    let decodeS = watch.Elapsed.TotalSeconds

    match job.Queue with
    | QueueModel.ExactL3 when not tape.HasOrders ->
        refuse
            $"--model is ExactL3, but {job.Feed} is no order-by-order feed (40-byte rows). Choose one of {Queue.choices}."
    | _ -> ()

    let run = if job.IsFull then full tape job else core tape job
    let pass = run true

    match job.Fills with
    | Some path -> writeLog path (CoreBench.text (ReadOnlySpan pass.Log))
    | None -> ()

    let struct (median, cpuS, allocated) = measure (fun () -> run false |> ignore<Pass>)

    let numbers, texts =
        rows job tape pass (CoreBench.sha256 (ReadOnlySpan pass.Log)) decodeS cpuS median allocated

    if r.Contains BenchReplayArgs.Json then
        printJson numbers texts
    else
        printTable job numbers texts

    Exit.done'

let run (r: ParseResults<BenchArgs>) : int =
    match r.GetSubCommand() with
    | BenchArgs.Replay r -> replay r
