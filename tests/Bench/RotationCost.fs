/// A7: what the valid detector costs. Times depend on the machine; the rest does not.
module Vrlg.Bench.RotationCost

open System
open System.Diagnostics
open Vrlg.Acceptance
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Bench.RotationPower

let private turning (n: int) =
    let f = Noise.features (Noise.Ar 0.9) 5L n
    Turning.apply 5L Effect.Medium (Turning.halfWidth 3.1) 600.0 1e9 (Turning.boundaries 5L 3.1 0.02 (0.1 * float n)) f

/// Microseconds a sample of one pass. Into `least` goes the least time of each step so far.
let private pass (least: int64[]) (f: Features) : struct (float * float) =
    let mutable d = ValidDetector.Start(ValidConfig.Default).From 0L
    let mutable longest = 0L
    let began = Stopwatch.GetTimestamp()

    for i in 0 .. f.Dob.Length - 1 do
        let at = Stopwatch.GetTimestamp()
        d <- d.Step(f.Dob[i], f.Spread[i])
        let took = Stopwatch.GetTimestamp() - at
        longest <- max longest took
        least[i] <- min least[i] took

    let all = Stopwatch.GetElapsedTime(began).TotalMicroseconds
    struct (all / float f.Dob.Length, 1000.0 * float longest / float Stopwatch.Frequency)

let private heap () =
    GC.Collect()
    GC.WaitForPendingFinalizers()
    GC.GetTotalMemory true

let run (days: int) =
    let f = turning 36_000
    let warm = Array.create f.Dob.Length Int64.MaxValue
    pass warm f |> ignore
    pass warm f |> ignore
    let least = Array.create f.Dob.Length Int64.MaxValue
    let all = [| for _ in 1..5 -> pass least f |]
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

    // The same work is done at each step of each pass: what one pass took longer than another is not the detector's.
    let own (ticks: float) = ticks / float Stopwatch.Frequency
    let ownMean = 1e6 * own (Array.averageBy float least)
    let ownLongest = 1e3 * own (float (Array.max least))

    say
        $"\nCost: {amortised:F1} us a sample, longest step {longest:F2} ms (medians of 5 passes; by the least time of each step {ownMean:F1} us, {ownLongest:F2} ms), state {float first / 1e6:F2} MB after a day, {float last / 1e6:F2} MB after {days}"

    let memory =
        atMost 2 " MB" 2.0 $"after {days} days" "state" (float last / 1e6)
        @ atMost 0 " bytes" (1.05 * float first + 4096.0) $"after {days} days" "state, against a day's" (float last)

    let times (amortised: float) (longest: float) =
        atMost 1 " us" 20.0 "mean" "a sample" amortised
        @ atMost 2 " ms" 3.0 "longest" "a step" longest

    note (
        timed
            "A7"
            $"{amortised:F1} us a sample, longest step {longest:F2} ms; 20 us, 3 ms, 2 MB, no growth"
            (times amortised longest @ memory)
            (times ownMean ownLongest @ memory)
    )
