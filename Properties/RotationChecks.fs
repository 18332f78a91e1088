/// The edge cases (A9) and laws (A10) of the valid detector, each a question that a seed is asked: tests draw the seeds, the
/// acceptance table has fixed ones.
module Vrlg.RotationChecks

open System
open Vrlg.Core
open Vrlg.Sim

[<NoComparison; NoEquality>]
type Check =
    {
        Name: string
        /// How many seeds a table or a test should ask.
        Times: int
        Holds: int64 -> bool
    }

let origin = 1_760_000_000_000L

let private start = ValidDetector.Start ValidConfig.Default

/// A detector over a stream, and what `visit` says of each state.
let walk (d: ValidDetector) (f: Features) (visit: ValidDetector -> unit) =
    let mutable now = d.From origin

    for i in 0 .. f.Dob.Length - 1 do
        now <- now.Step(f.Dob[i], f.Spread[i])
        visit now

    now

let private run f = walk start f ignore

/// A strong effect of 1 s from the first second to `until`, on a nervous book.
let private turning (seed: int64) (until: float) (n: int) =
    let boundaries = Turning.boundaries seed 1.0 0.02 (0.1 * float n)

    Noise.features (Noise.Ar 0.9) seed n
    |> Turning.apply seed Effect.Strong (Turning.halfWidth 1.0) 0.0 until boundaries

/// Everything that a detector says.
let private words (d: ValidDetector) =
    let next = d.NextBoundaryMs |> ValueOption.defaultValue 0.0

    [ d.E; d.P; d.Period; d.Phase; d.AcfPeriod; d.Width; next; d.MeanScore ],
    [ d.Index; int64 d.BoundarySamples; int64 d.Crossings; d.Scored ],
    (d.IsActive, d.IsBoundary, d.Turn)

let private shuffled (seed: int64) (f: Features) : Features =
    let key = Seed.key seed "shuffle"

    let order =
        Array.init f.Dob.Length id |> Array.sortBy (fun i -> Seed.draw key (int64 i))

    {
        Dob = order |> Array.map (fun i -> f.Dob[i])
        Spread = order |> Array.map (fun i -> f.Spread[i])
    }

let private check name times holds : Check =
    {
        Name = name
        Times = times
        Holds = holds
    }

/// Whether a stream never turns a detector ACTIVE.
let private isNever (f: Features) =
    let mutable never = true
    walk start f (fun d -> never <- never && not d.IsActive) |> ignore
    never

let laws: Check list =
    [
        check "ACTIVE means p <= 0.01 and 200 boundary samples; E stays within 0 and its cap" 3 (fun seed ->
            let mutable holds = true
            let cap = ValidConfig.Default.Cap

            let last =
                walk start (turning seed 240.0 3_500) (fun d ->
                    let isFine =
                        d.E >= 0.0
                        && d.E <= cap
                        && (not d.IsActive || (d.P <= 0.01 && d.BoundarySamples >= 200))

                    holds <- holds && isFine)

            holds && last.Scored > 0L)
        check "is a value: what comes later changes nothing that was said (no look-ahead)" 3 (fun seed ->
            let d = run (turning seed 1e9 2_500)
            let before = words d
            let a = walk d (turning (seed + 1L) 1e9 300) ignore
            let b = walk d (turning (seed + 2L) 1e9 300) ignore
            let again = walk (run (turning seed 1e9 2_500)) (turning (seed + 1L) 1e9 300) ignore
            words d = before && words a = words again && words a <> words b)
        check "a run cut in two, its state carried over, is the whole run" 3 (fun seed ->
            let f = turning seed 1e9 2_500

            let part (from: int) (until: int) : Features =
                {
                    Dob = f.Dob[from .. until - 1]
                    Spread = f.Spread[from .. until - 1]
                }

            let carried = walk (walk start (part 0 1_234) ignore) (part 1_234 2_500) ignore
            words carried = words (run f))
        check "an ignored row changes nothing" 3 (fun seed ->
            let d = run (turning seed 1e9 1_500)

            [ d.Ms; d.Ms + 49L; d.Ms - 5_000L; origin; origin - 1L; Int64.MinValue / 2L ]
            |> List.forall (fun ms -> obj.ReferenceEquals(d.Push(ms, 1.0, 1.0), d)))
        check "scaling every DoB by a power of two changes nothing" 3 (fun seed ->
            let f = turning seed 1e9 2_500

            let large =
                { f with
                    Dob = f.Dob |> Array.map (fun v -> 1024.0 * v)
                }

            words (run f) = words (run large))
        check "streams whose rows were shuffled are never ACTIVE" 20 (fun seed ->
            isNever (shuffled seed (turning seed 1e9 18_000)))
    ]

/// Active after 300 s: what most edge cases begin with.
let private lively (seed: int64) = run (turning seed 1e9 3_000)

let private endsWhenStale (seed: int64) =
    // A valid sample in every 250: no band has enough of them, and none of the gaps is a long one.
    let mutable now = lively seed
    let mutable seen = StateChange.None

    for i in 1..400 do
        if now.IsActive then
            now <-
                if i % 250 = 0 then
                    now.Step(20.0, 1.0)
                else
                    now.Step(nan, nan)

            seen <- now.Turn

    seen = StateChange.Stale

let private losesItsEffect (seed: int64) =
    let all = ResizeArray<struct (int64 * StateChange)>()

    let last =
        walk start (turning seed 400.0 6_000) (fun d ->
            if d.Turn <> StateChange.None then
                all.Add(struct (d.Index, d.Turn)))

    match List.ofSeq all with
    | [ struct (found, StateChange.Qualified); struct (lost, StateChange.PAboveAlpha) ] ->
        found < 3_000L && lost > 4_000L && lost < 4_600L && not last.IsActive
    | _ -> false

let private burnsInALongGap (seed: int64) =
    let before = (lively seed).Skip 299L
    let after = before.Step(nan, nan)

    before.IsActive
    && after.Turn = StateChange.Gap
    && not after.IsActive
    && after.E > 0.99
    && after.E <= 1.001
    && after.Period = 0.0
    && after.Crossings = 0
    && after.Skip(300L).Turn = StateChange.None
    && after.Skip(300L).E > after.E

let private withFlatChannels (seed: int64) =
    let f = turning seed 1e9 3_000

    let flat =
        { f with
            Spread = Array.create 3_000 1.0
        }

    let both =
        { flat with
            Dob = Array.create 3_000 20.0
        }

    let none = run both

    (run flat).IsActive
    && none.Period = 0.0
    && none.Scored = 0L
    && none.AcfPeriod = 0.0

/// Periods in which a band has no room for flanks: whatever is found, everything that is said stays within its bounds.
let private ofTinyPeriods (seed: int64) =
    let boundaries = Turning.boundaries seed 0.4 0.01 400.0

    let f =
        Noise.features (Noise.Ar 0.9) seed 4_000
        |> Turning.apply seed Effect.Strong 0.06 0.0 1e9 boundaries

    let mutable holds = true

    walk start f (fun d ->
        holds <-
            holds
            && d.E >= 0.0
            && d.E <= ValidConfig.Default.Cap
            && (not d.IsActive || d.P <= 0.01))
    |> ignore

    holds

let edges: Check list =
    [
        check "finds the period, and pauses when the effect goes" 1 losesItsEffect
        check "missing, not a number, or without depth: not counted anywhere" 1 (fun seed ->
            let d = run (turning seed 1e9 2_000)

            let said =
                [
                    for dob, spread in [ nan, 1.0; 5.0, nan; 0.0, 1.0; -1.0, 1.0; infinity, 1.0 ] ->
                        words (d.Step(dob, spread))
                ]

            said |> List.forall (fun s -> s = said.Head))
        check "the same instant twice, and time going back, are ignored" 1 (fun seed ->
            let d = run (turning seed 1e9 1_000)

            obj.ReferenceEquals(d.Push(d.Ms, 1.0, 9.0), d)
            && obj.ReferenceEquals(d.Push(d.Ms - 100L, 1.0, 9.0), d))
        check "a gap below 30 s keeps the state" 1 (fun seed ->
            let d = lively seed
            let after = d.Skip 250L
            d.IsActive && after.IsActive && after.Crossings = d.Crossings)
        check "300 missing samples start everything anew, once, and burn the evidence" 1 burnsInALongGap
        check "ACTIVE ends when no boundary was scored for 30 s" 1 endsWhenStale
        check "a channel that never moves has rank 0; with both there is no hypothesis" 1 withFlatChannels
        check "says nothing in its first 35 s, and begins with E = 0" 1 (fun seed ->
            let d = run (turning seed 1e9 350)
            d.Period = 0.0 && d.Scored = 0L && not d.IsActive && start.E = 0.0)
        check "periods too short for flanks keep every figure within its bounds" 1 ofTinyPeriods
        check "a gap of a year is walked through in no time" 1 (fun seed ->
            let d = lively seed
            let year = 365L * 86_400_000L
            let after = d.Push(d.Ms + year, 20.0, 1.0)

            after.Ms = d.Ms + year
            && not after.IsActive
            && after.E <= ValidConfig.Default.Cap)
        check "rows beside the grid are taken to the nearest instant" 1 (fun _ ->
            let d = start.Push(origin, 20.0, 1.0)

            d.Push(origin + 149L, 20.0, 1.0).Index = 1L
            && d.Push(origin + 150L, 20.0, 1.0).Index = 2L)
        check "the year makes no difference: seconds count from the first sample" 1 (fun seed ->
            let f = turning seed 1e9 1_500

            let said (from: int64) =
                let mutable d = start.From from

                for i in 0 .. f.Dob.Length - 1 do
                    d <- d.Push(from + 100L * int64 i, f.Dob[i], f.Spread[i])

                d.E, d.Period, d.Phase, d.Scored

            said origin = said 0L)
    ]
