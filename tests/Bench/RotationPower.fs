/// The operating characteristics of the valid detector (rotation-detection.md 11: A4 to A6, A8), on generated streams with fixed
/// seeds: the same numbers on every machine.
module Vrlg.Bench.RotationPower

open System
open Vrlg.Acceptance
open Vrlg.Core
open Vrlg.Sim

let private origin = 1_760_000_000_000L

let say (words: string) = Console.Out.WriteLine words

let private rows = ResizeArray<Row>()

/// Takes a row of the acceptance table down, and shows it.
let note (row: Row) =
    rows.Add row
    lines row |> List.iter say

/// The table of all rows so far, in their order; the exit code is 1 when one of them fails.
let summary () : int =
    say "\nAcceptance (rotation-detection.md 11)"

    for row in rows |> Seq.sortBy (fun r -> int (r.Name.Substring 1)) do
        lines row |> List.iter say

    exitCode rows

let percentile (share: float) (values: float[]) =
    if values.Length = 0 then
        nan
    else
        let sorted = Array.sort values
        let at = share * float (sorted.Length - 1)
        let low = int (floor at)
        let high = min (sorted.Length - 1) (low + 1)
        sorted[low] + (at - float low) * (sorted[high] - sorted[low])

/// What became of one stream with an episode.
[<NoComparison>]
type Course =
    {
        /// Seconds from the onset to the first activation; NaN without one.
        Delay: float
        /// Activations before the onset, and after the first pause that follows the end of the effect.
        Early: int
        Late: int
        /// Samples ACTIVE during the effect, from the first on; of them those with the right period; squared errors of these.
        Active: int
        Since: int
        Right: int
        Squares: float
        /// Seconds from the end of the effect to the pause; NaN where it was not ACTIVE then.
        Pause: float
    }

/// Runs a detector over a stream whose effect lasts from `from` to `until` seconds. `period` is asked of the detector.
let course
    (blocks: ProposedBlock[])
    (f: Features)
    (from: float)
    (until: float)
    (truth: float)
    (period: ValidDetector -> float)
    =
    let mutable d = ValidDetector.Start(ValidConfig.Default).From origin
    let mutable told = 0
    let mutable delay = nan
    let mutable early, late, active, since, right = 0, 0, 0, 0, 0
    let mutable squares = 0.0
    let mutable pause = nan
    let mutable wasActive = false

    for i in 0 .. f.Dob.Length - 1 do
        let t = 0.1 * float i

        while told < blocks.Length && blocks[told].Ms <= origin + 100L * int64 i do
            d <- d.Block blocks[told]
            told <- told + 1

        d <- d.Step(f.Dob[i], f.Spread[i])

        if d.IsActive && not wasActive then
            if t < from then
                early <- early + 1
            elif Double.IsNaN delay && t < until then
                delay <- t - from
            elif t >= until then
                late <- late + 1

        if t >= until && Double.IsNaN pause && wasActive && not d.IsActive then
            pause <- t - until

        if t < until && not (Double.IsNaN delay) then
            since <- since + 1

            if d.IsActive then
                active <- active + 1
                let error = period d / truth - 1.0

                if abs error <= 0.02 then
                    right <- right + 1
                    squares <- squares + error * error

        wasActive <- d.IsActive

    {
        Delay = delay
        Early = early
        Late = late
        Active = active
        Since = since
        Right = right
        Squares = squares
        Pause = pause
    }

let private effects =
    [ "weak", Effect.Weak; "medium", Effect.Medium; "strong", Effect.Strong ]

let private periods = [ 0.53; 0.8; 1.0; 1.7; 3.1; 6.3; 11.7 ]

/// Median delay and median time to pause of the reference (10.1), and the largest 95 % quantile of the time to pause.
let private reference =
    [
        "weak", ([ 117.; 151.; 183.; 220.; 326.; 671.; 1053. ], [ 21.; 20.; 20.; 37.; 53.; 104.; 187. ], 348.)
        "medium", ([ 104.; 143.; 169.; 179.; 214.; 327.; 613. ], [ 12.; 12.; 13.; 23.; 36.; 82.; 146. ], 331.)
        "strong", ([ 104.; 153.; 166.; 172.; 201.; 256.; 437. ], [ 9.; 8.; 9.; 18.; 31.; 59.; 119. ], 225.)
    ]
    |> Map.ofList

/// The base models of the main family.
let private bases =
    [|
        Noise.Ar 0.9
        Noise.Ar 0.95
        Noise.LongMemory
        Noise.Hawkes
        Noise.OneTick
        Noise.Regimes
    |]

let private jitters = [| 0.01; 0.02; 0.05 |]

let private rowOf (effect: Effect) (period: float) (streams: int) (salt: int64) : Course[] =
    [|
        for k in 0 .. streams - 1 do
            let seed = salt * 1_000L + int64 k

            let f =
                Noise.features bases[k % bases.Length] seed 42_000
                |> Turning.apply
                    seed
                    effect
                    (Turning.halfWidth period)
                    600.0
                    3_600.0
                    (Turning.boundaries seed period jitters[k % jitters.Length] 4_200.0)

            course [||] f 600.0 3_600.0 period (fun d -> d.Period)
    |]

/// A5 and A6: power, delay, precision, and the loss of the effect.
let power (streams: int) =
    say $"\nMain family, {streams} streams a row, 4,200 s each, effect from 600 s to 3,600 s"
    say $"seeds of a row: 1,000 (10 k + length of the effect's name) + 0 to {streams - 1}, k the place of R from 0"
    say "effect   R s   found  delay med/p95  ACTIVE  right  RMSE %  pause med/p95  early  late"
    let mutable brokenPower, brokenLoss = [], []

    for name, effect in effects do
        let delays, pauses, longest = reference[name]
        let everyPause = ResizeArray<float>()

        for k, period in List.indexed periods do
            let row = rowOf effect period streams (int64 (10 * k + name.Length))
            let n = float streams
            let delay = row |> Array.map (fun c -> c.Delay) |> Array.filter Double.IsFinite
            let pause = row |> Array.map (fun c -> c.Pause) |> Array.filter Double.IsFinite
            everyPause.AddRange pause
            let sum (of': Course -> int) = row |> Array.sumBy of' |> float
            let found = float delay.Length / n
            let active, right = sum (fun c -> c.Active), sum (fun c -> c.Right)
            let rmse = 100.0 * sqrt ((row |> Array.sumBy (fun c -> c.Squares)) / max 1.0 right)
            let early, late = sum (fun c -> c.Early), sum (fun c -> c.Late)

            let shares =
                100.0 * active / max 1.0 (sum (fun c -> c.Since)), 100.0 * right / max 1.0 active

            let median, median' = percentile 0.5 delay, percentile 0.5 pause

            say (
                $"{name, -7} {period, 5:F2}  {100.0 * found, 4:F0} %%  {median, 5:F0} / {percentile 0.95 delay, -5:F0}  "
                + $"{fst shares, 5:F1}  {snd shares, 5:F1}  {rmse, 6:F3}  {median', 5:F0} / {percentile 0.95 pause, -5:F0}  {early, 5:F0}  {late, 4:F0}"
            )

            let least =
                if name <> "weak" then 1.0
                elif period < 3.5 then 0.95
                elif period < 7.0 then 0.85
                else 0.4

            let rightLeast =
                match name, period with
                | "weak", 6.3 -> 95.0
                | "weak", 11.7 -> 85.0
                | _ -> 98.0

            let cell = $"{name}, {period} s"

            brokenPower <-
                brokenPower
                @ atLeast 0 " %" (100.0 * least) cell "found" (100.0 * found)
                // The median of a few is not judged.
                @ (if delay.Length < min 18 streams then
                       []
                   else
                       atMost 0 " s" (1.25 * delays[k]) cell "median delay" median)
                @ atMost 0 "" 0.0 cell "activations before the onset" early
                // Precision is that of a detector that was ACTIVE.
                @ (if delay.Length = 0 then
                       []
                   else
                       atLeast 1 " %" rightLeast cell "time ACTIVE with the right period" (snd shares)
                       @ atMost 3 " %" (if period < 7.0 then 0.15 else 0.35) cell "RMSE" rmse)

            let bound = 1.25 * pauses[k] + (if pauses[k] < 20.0 then 5.0 else 0.0)

            brokenLoss <-
                brokenLoss
                @ (if pause.Length = 0 then
                       []
                   else
                       atMost 0 " s" bound cell "median time to pause" median')
                @ atMost 0 "" 0.0 cell "activations after the end" late

        brokenLoss <-
            brokenLoss
            @ atMost
                0
                " s"
                (1.3 * longest)
                $"{name}, all R"
                "p95 of the time to pause"
                (percentile 0.95 (everyPause.ToArray()))

    note (
        statistic
            "A5"
            "detected (weak from 40 % at 11.7 s on), median delay, right period, RMSE, nothing before the onset"
            streams
            brokenPower
    )

    note (statistic "A6" "time to pause, no activation afterwards" streams brokenLoss)

/// A4: streams without a rotation, `days` days of each model.
let nothing (days: float) =
    say $"\nNo effect, {days} days of each of {Noise.all.Length} models; seed of a day: its number, from 1"
    say "model                      days  with activation  share ACTIVE  largest E"
    let mutable total = 0
    let mutable samples, active = 0L, 0L
    let whole = int (ceil days)

    for name, noise in Noise.all do
        let mutable hit = 0
        let mutable most = 0.0
        let mutable held = 0L

        for day in 1..whole do
            let n = int (864_000.0 * days / float whole)
            let f = Noise.features noise (int64 day) n
            let mutable d = ValidDetector.Start(ValidConfig.Default).From origin
            let mutable isHit = false

            for i in 0 .. n - 1 do
                d <- d.Step(f.Dob[i], f.Spread[i])
                most <- max most d.E

                if d.IsActive then
                    isHit <- true
                    held <- held + 1L

            samples <- samples + int64 n

            if isHit then
                hit <- hit + 1

        total <- total + hit
        active <- active + held
        say $"{name, -26} {days, 4:F2}  {hit, 15}  {float held / float samples, 12:E1}  {most, 9:F1}"

    let share = float active / float (max 1L samples)
    let every = $"{float Noise.all.Length * days:``0.#``} days"

    note (
        judged
            "A4"
            $"{total} of {every} with an activation, at most 2 of 112; share of time ACTIVE {share:E1}, at most 1E-4"
            (atMost 0 "" (float (max 0 (int (2.0 * days / 8.0)))) every "days with an activation" (float total)
             @ atMost 6 "" 1e-4 every "share of time ACTIVE" share)
    )

/// A8: the block clock, against the wall clock on the same streams.
let blocks (streams: int) =
    say
        $"\nBlock clock, {streams} streams a row, medium effect at slot 0 from 600 s to 2,400 s of 3,000 s; seeds 900,001 to {900_000 + streams}"

    say "feed                           found  delay med/p95  ACTIVE  again after  wall clock ACTIVE"
    let mutable broken = []

    for name, slots, mean, deviation, jailed in
        [
            "24 slots, 70 +- 20 ms", 24, 0.07, 0.02, infinity
            "21 slots, 90 +- 30 ms", 21, 0.09, 0.03, infinity
            "24 slots, 23 from 1,500 s on", 24, 0.07, 0.02, 1_500.0
        ] do
        let isJailed = Double.IsFinite jailed

        let rows =
            [|
                for k in 1..streams do
                    let seed = 900_000L + int64 k

                    let struct (feed, starts) =
                        Turning.feed seed slots mean deviation jailed origin 3_000.0

                    let f =
                        Noise.features (Noise.Ar 0.9) seed 30_000
                        |> Turning.apply seed Effect.Medium 0.075 600.0 2_400.0 starts

                    let until = if isJailed then jailed else 2_400.0
                    let counted = course feed f 600.0 until (float slots) (fun d -> d.ClockPeriod)

                    let again =
                        if isJailed then
                            (course feed f jailed 2_400.0 (float (slots - 1)) (fun d -> d.ClockPeriod)).Delay
                        else
                            nan

                    counted, again, course [||] f 600.0 2_400.0 (mean * float slots) (fun d -> d.Period)
            |]

        let delay =
            rows |> Array.map (fun (c, _, _) -> c.Delay) |> Array.filter Double.IsFinite

        let found = float delay.Length / float streams
        let since = rows |> Array.sumBy (fun (c, _, _) -> c.Since) |> float
        let active = rows |> Array.sumBy (fun (c, _, _) -> c.Active) |> float
        let again = rows |> Array.map (fun (_, a, _) -> a) |> Array.filter Double.IsFinite

        let wall =
            float (rows |> Array.sumBy (fun (_, _, w) -> w.Active))
            / (18_000.0 * float streams)

        let median = percentile 0.5 delay

        say (
            $"{name, -30} {100.0 * found, 4:F0} %%  {median, 5:F0} / {percentile 0.95 delay, -5:F0}  {100.0 * active / max 1.0 since, 5:F1}  "
            + (if isJailed then
                   $"{percentile 0.5 again, 8:F0} ({again.Length})"
               else
                   $"{'-', 12}")
            + $"  {100.0 * wall, 8:F2} %%"
        )

        if slots = 24 then
            broken <-
                broken
                @ atMost 2 " %" 2.0 name "wall clock ACTIVE" (100.0 * wall)
                @ atLeast 0 " %" 95.0 name "found" (100.0 * found)
                @ atMost 0 " s" 130.0 name "median delay" median

        if isJailed then
            broken <- broken @ atMost 0 " s" 350.0 name "ACTIVE again, median" (percentile 0.5 again)

    note (statistic "A8" "slots are found where seconds are not, and again after a jailing" streams broken)
