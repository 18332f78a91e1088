/// A sweep's replay loop: one back-test against the 36 sets of the document's grid (D0-092) on two threads.
module Vrlg.Bench.Sweeps

open System
open System.Collections.Immutable
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Vrlg.Adapters.Recordings
open Vrlg.Core
open Vrlg.Sim

let private values (pairs: (string * string) list) : Values =
    match Setup.ofPairs (ImmutableArray.CreateRange(pairs |> List.map (fun (k, v) -> struct (k, v)))) with
    | Ok v -> v
    | Error problems -> failwith problems[0].Sentence

/// The 36 sets of the document.
let private grid =
    [|
        for x in [ "0.15"; "0.2"; "0.25"; "0.3" ] do
            for y in [ "1"; "2"; "3" ] do
                for ttl in [ "600"; "1000"; "1400" ] do
                    values [ "signal.x", x; "signal.y", y; "exec.order_ttl_ms", ttl ]
    |]

let private never = Func<bool>(fun () -> false)

/// Median of wall seconds, and of processor seconds of the whole process.
let private measured (name: string) (work: unit -> unit) : struct (float * float) =
    for _ in 1..3 do
        work ()

    let runs =
        Array.init 7 (fun _ ->
            GC.Collect()
            let self = Process.GetCurrentProcess()
            let before = self.TotalProcessorTime
            let watch = Stopwatch.StartNew()
            work ()
            let wall = watch.Elapsed.TotalSeconds
            self.Refresh()
            struct (wall, (self.TotalProcessorTime - before).TotalSeconds))

    let middle pick =
        (runs |> Array.map pick |> Array.sort)[3]

    let wall = middle (fun struct (w, _) -> w)
    let cpu = middle (fun struct (_, c) -> c)
    Console.Out.WriteLine $"{name, -44} {wall, 8:F4} s wall, {cpu, 8:F4} s processor"
    struct (wall, cpu)

/// A thread for each.
let private onThreads (parts: 'a[]) (work: 'a -> unit) =
    let threads =
        parts |> Array.map (fun part -> Thread((fun () -> work part), 16 * 1024 * 1024))

    for t in threads do
        t.Start()

    for t in threads do
        t.Join()

let run (folder: string) (coin: string) : int =
    let files = RecordingFolder.Scan(folder).Coins |> Seq.find (fun f -> f.Coin = coin)

    let recording =
        Recording.Read(files, InstrumentId.Of 0, RecordingOptions(), null, CancellationToken.None)

    let instrument =
        { Yardstick.instrument with
            Name = coin
            SzDecimals = min 6 recording.SizeDecimals
        }

    let tape = MemoryTape(recording.VenueAt, recording.RecvAt, recording.Events)

    let setup: RunSetup =
        {
            Values = values []
            Instrument = instrument
        }

    let mids = Backtest.mids setup tape
    let whole = Tiers.whole Backtest.latency instrument mids tape
    let together = Together.whole Backtest.latency instrument mids tape
    Console.Out.WriteLine $"{coin}: {tape.Count} records"

    let struct (one, oneCpu) =
        measured "one set" (fun () -> whole.Invoke(setup.Values, never) |> ignore)

    let halves = Array.splitInto 2 grid

    let struct (all, allCpu) =
        measured "36 sets, two threads, side by side" (fun () ->
            onThreads halves (fun sets -> together.Invoke(sets, never, ignore) |> ignore))

    let struct (apart, _) =
        measured "36 sets, two threads, each by itself" (fun () ->
            Parallel.ForEach(
                grid,
                ParallelOptions(MaxDegreeOfParallelism = 2),
                (fun v -> whole.Invoke(v, never) |> ignore)
            )
            |> ignore)

    let packed = TouchTape.pack instrument.Id tape

    let touch =
        Tiers.touching Backtest.latency (TouchRule.Through 1) instrument (Tiers.span tape) mids packed

    measured "one set, Tier 1" (fun () -> touch.Invoke(setup.Values, never) |> ignore)
    |> ignore<struct (float * float)>

    let touches =
        Together.touching Backtest.latency (TouchRule.Through 1) instrument (Tiers.span tape) mids packed

    measured "36 sets, two threads, Tier 1 side by side" (fun () ->
        onThreads halves (fun sets -> touches.Invoke(sets, never, ignore) |> ignore))
    |> ignore<struct (float * float)>

    let share = allCpu / 2.0 / oneCpu

    Console.Out.WriteLine
        $"36 sets cost {all / one:F2} runs side by side ({share:F2} by processor time over two cores), {apart / one:F2} each by itself"

    0
