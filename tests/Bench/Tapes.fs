/// Native market-data files: size, time to load, and the memory of a run over a long one.
module Vrlg.Bench.Tapes

open System
open System.Collections.Immutable
open System.Diagnostics
open System.IO
open System.Threading
open Vrlg.Adapters.Recordings
open Vrlg.Core
open Vrlg.Shell.Tapes
open Vrlg.Sim

let private inTemp (work: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-bench-").FullName

    try
        work (Path.Combine(folder, "feed.vt"))
    finally
        Directory.Delete(folder, true)

let private head coin decimals =
    TapeHead(ImmutableArray.Create<string>(item = coin), decimals)

/// Writes a tape `times` over, each copy later than the one before by the span of the tape.
let private write (path: string) (coin: string) (tape: Tape) (times: int) =
    use writer = new TapeWriter(path, head coin 0)
    let n = tape.Count
    // The next copy begins when the last record of this one has reached us.
    let span =
        max (tape.VenueAt(n - 1)) (tape.RecvAt(n - 1)) - tape.VenueAt 0 + 1_000_000L

    for copy in 0 .. times - 1 do
        let later = int64 copy * span

        for i in 0 .. n - 1 do
            let e = tape.Event i
            let at = tape.VenueAt i + later

            let moved =
                Event(e.Kind, e.Side, e.Flags, e.Channel, e.Instrument, Instant.Of at, e.A, e.B, e.C, e.D, e.E, e.Body)

            let received = tape.RecvAt i
            writer.Add(at, (if received = 0L then 0L else received + later), &moved)

    writer.Finish()
    writer.Totals

/// Seconds of processor time of this process: other work on the machine does not count.
let private cpu () =
    let usage = Environment.CpuUsage
    usage.TotalTime.TotalSeconds

/// Every record of every block once, as a run reads it.
let private load (file: TapeFile) =
    let tape = FileTape.Of file
    let start = cpu ()
    let mutable i = 0
    let mutable sum = 0L

    while i < tape.Count do
        // The first record of a block decodes it; blocks hold 16,384 records or fewer.
        sum <- sum + tape.VenueAt i
        i <- i + 1_000

    struct (cpu () - start, sum)

let private median (n: int) (measure: unit -> float) =
    let all = Array.init n (fun _ -> measure ())
    Array.sort all |> fun sorted -> sorted[n / 2]

let private line (name: string) (bytes: int64) (totals: TapeTotals) =
    let per n = float bytes / float n

    Console.Out.WriteLine
        $"{name, -34} {totals.Records, 8} records {per totals.Records, 6:F2} B/record, {totals.Levels, 8} levels {per totals.Levels, 5:F2} B/level, {bytes} bytes"

let private measured (path: string) (coin: string) (tape: Tape) (name: string) =
    let start = cpu ()
    let totals = write path coin tape 1
    let seconds = cpu () - start
    line name (FileInfo path).Length totals

    let opened =
        median 5 (fun () ->
            let start = cpu ()
            use _ = TapeFile.Open path
            cpu () - start)

    use file = TapeFile.Open path

    let loads =
        Array.init 40 (fun _ -> let struct (seconds, _) = load file in seconds)
        |> Array.sort

    let loaded = loads[20]
    let ns s = s * 1e9 / float totals.Records

    Console.Out.WriteLine
        $"  write {ns seconds:F1} ns/record; open with every checksum {ns opened:F2}; load (read, check, decode) {ns loaded:F1} ns/record, best {ns loads[0]:F1}"

let private neutral (file: string) : NeutralTape =
    match NeutralTape.Read(ReadOnlySpan(Runs.unpack file), InstrumentId.Of 0) with
    | Ok tape -> tape
    | Error sentence -> failwith sentence

/// The reference feed as a native file.
let feed (file: string) : int =
    inTemp (fun path -> measured path "FEED" (neutral file) (string (Path.GetFileName file)))
    0

/// Recordings as native files.
let pack (folders: string list) : int =
    for folder in folders do
        for files in RecordingFolder.Scan(folder).Coins do
            let r =
                Recording.Read(files, InstrumentId.Of 0, RecordingOptions(), null, CancellationToken.None)

            inTemp (fun path ->
                measured
                    path
                    files.Coin
                    (MemoryTape(r.VenueAt, r.RecvAt, r.Events))
                    $"{Path.GetFileName folder} {files.Coin}")

    0

/// A run of the yardstick desk over the feed many times in a row; the peak is of this process, so the file is written by
/// another one: call it twice, first with 0 at the end of the name's place taken by the file that the first call leaves.
let private runOver (path: string) =
    use file = TapeFile.Open path
    let tape = FileTape.Of file

    let config = Runs.world Yardstick.engine Runs.free (Runs.latency 0L 40L true) false

    let watch = Stopwatch.StartNew()

    World(config, [| Yardstick.desk Cadence.Timer |], tape, null).Run((fun () -> false), null)
    |> ignore<WorldResult>

    let rate = float tape.Count / watch.Elapsed.TotalSeconds / 1e6
    use me = Process.GetCurrentProcess()
    let peak = float me.PeakWorkingSet64 / 1048576.0

    Console.Out.WriteLine
        $"{tape.Count} records, {file.Bytes} bytes: {rate:F2} M records/s, {tape.Decoded} of {file.Blocks} blocks decoded, peak {peak:F0} MB"

/// Writes the feed `times` over into a file in a temporary folder, runs over it in a process of its own, and says its peak.
let stream (file: string) (times: int) : int =
    if times = 0 then
        runOver file
        0
    else
        let mutable code = 1

        inTemp (fun path ->
            write path "FEED" (neutral file) times |> ignore<TapeTotals>
            let start = ProcessStartInfo(string Environment.ProcessPath)

            for arg in [ typeof<TapeFile>.Assembly.Location; "stream"; path; "0" ] do
                start.ArgumentList.Add arg

            start.ArgumentList[0] <- Reflection.Assembly.GetExecutingAssembly().Location

            match Process.Start start with
            | null -> Console.Error.WriteLine "the second process did not start"
            | child ->
                use child = child
                child.WaitForExit()
                code <- child.ExitCode)

        code
