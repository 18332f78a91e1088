/// A7: what the valid detector costs. Times depend on the machine; the rest does not.
module Vrlg.Bench.RotationCost

open System
open System.Diagnostics
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Bench.RotationPower

let private turning (n: int) =
    let f = Noise.features (Noise.Ar 0.9) 5L n
    Turning.apply 5L Effect.Medium (Turning.halfWidth 3.1) 600.0 1e9 (Turning.boundaries 5L 3.1 0.02 (0.1 * float n)) f

/// Microseconds a sample, and the longest step in milliseconds.
let private pass (f: Features) : struct (float * float) =
    let mutable d = ValidDetector.Start(ValidConfig.Default).From 0L
    let mutable longest = 0L
    let began = Stopwatch.GetTimestamp()

    for i in 0 .. f.Dob.Length - 1 do
        let at = Stopwatch.GetTimestamp()
        d <- d.Step(f.Dob[i], f.Spread[i])
        longest <- max longest (Stopwatch.GetTimestamp() - at)

    let all = Stopwatch.GetElapsedTime(began).TotalMicroseconds
    struct (all / float f.Dob.Length, 1000.0 * float longest / float Stopwatch.Frequency)

let private heap () =
    GC.Collect()
    GC.WaitForPendingFinalizers()
    GC.GetTotalMemory true

let run (days: int) =
    let f = turning 36_000
    pass f |> ignore
    pass f |> ignore
    let all = [| for _ in 1..5 -> pass f |]
    let amortised = percentile 0.5 (all |> Array.map (fun (struct (a, _)) -> a))
    let longest = percentile 0.5 (all |> Array.map (fun (struct (_, l)) -> l))
    let before = heap ()
    let mutable d = ValidDetector.Start(ValidConfig.Default).From 0L
    let mutable first = 0L

    for day in 1..days do
        for i in 0..863_999 do
            d <- d.Step(f.Dob[i % f.Dob.Length], f.Spread[i % f.Dob.Length])

        if day = 1 then
            first <- heap () - before

    let last = heap () - before
    GC.KeepAlive d
    GC.KeepAlive f

    say
        $"\nCost: {amortised:F1} us a sample, longest step {longest:F2} ms, state {float first / 1e6:F2} MB after a day, {float last / 1e6:F2} MB after {days}"

    let holds =
        amortised <= 20.0
        && longest <= 3.0
        && last <= 2_000_000L
        && float last <= 1.05 * float first + 4096.0

    verdict "A7" holds "20 us, 3 ms, 2 MB, no growth"
