module Vrlg.Properties.ValidRotation

open System
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law

let private origin = 1_760_000_000_000L

let private start = ValidDetector.Start ValidConfig.Default

/// A detector over a stream, and what `visit` says of each state.
let private walk (d: ValidDetector) (f: Features) (visit: ValidDetector -> unit) =
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

let private seeds = Arb.fromGen (Gen.choose (1, 1_000_000) |> Gen.map int64)

let private gone (f: Features) (from: int) (until: int) : Features =
    let cut (a: float[]) =
        Array.mapi (fun i v -> if i >= from && i < until then nan else v) a

    {
        Dob = cut f.Dob
        Spread = cut f.Spread
    }

let private shuffled (seed: int64) (f: Features) : Features =
    let key = Seed.key seed "shuffle"

    let order =
        Array.init f.Dob.Length id |> Array.sortBy (fun i -> Seed.draw key (int64 i))

    {
        Dob = order |> Array.map (fun i -> f.Dob[i])
        Spread = order |> Array.map (fun i -> f.Spread[i])
    }

/// The changes of state of a run, with their samples.
let private changes (f: Features) =
    let all = ResizeArray<struct (int64 * StateChange)>()

    let last =
        walk start f (fun d ->
            if d.Turn <> StateChange.None then
                all.Add(struct (d.Index, d.Turn)))

    last, List.ofSeq all

let private laws =
    testList
        "laws"
        [
            lawN 3 "ACTIVE means p <= 0.01 and 200 boundary samples; E stays within 0 and its cap" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let mutable holds = true
                    let cap = ValidConfig.Default.Cap

                    let last =
                        walk start (turning seed 240.0 3_500) (fun d ->
                            let isFine =
                                d.E >= 0.0
                                && d.E <= cap
                                && (not d.IsActive || (d.P <= 0.01 && d.BoundarySamples >= 200))

                            holds <- holds && isFine)

                    holds && last.Scored > 0L))
            lawN 3 "is a value: what comes later changes nothing that was said (no look-ahead)" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let f = turning seed 1e9 2_500
                    let d = run f
                    let before = words d
                    let a = walk d (turning (seed + 1L) 1e9 300) ignore
                    let b = walk d (turning (seed + 2L) 1e9 300) ignore
                    let again = walk (run f) (turning (seed + 1L) 1e9 300) ignore
                    words d = before && words a = words again && words a <> words b))
            lawN 3 "an ignored row changes nothing" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let d = run (turning seed 1e9 1_500)

                    [ d.Ms; d.Ms + 49L; d.Ms - 5_000L; origin; origin - 1L; Int64.MinValue / 2L ]
                    |> List.forall (fun ms -> obj.ReferenceEquals(d.Push(ms, 1.0, 1.0), d))))
            lawN 3 "scaling every DoB by a power of two changes nothing" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let f = turning seed 1e9 2_500

                    let large =
                        { f with
                            Dob = f.Dob |> Array.map (fun v -> 1024.0 * v)
                        }

                    words (run f) = words (run large)))
            testCase "streams whose rows were shuffled are never ACTIVE" (fun () ->
                for seed in 1L .. 20L do
                    let f = shuffled seed (turning seed 1e9 18_000)

                    walk start f (fun d -> Expect.isFalse d.IsActive $"seed {seed} at {d.Index}")
                    |> ignore)
            testCase "two hours of each null model bring no activation" (fun () ->
                for name, noise in Noise.all do
                    let f = Noise.features noise 7L 72_000

                    walk start f (fun d -> Expect.isFalse d.IsActive $"{name} at {d.Index}")
                    |> ignore)
        ]

let private edges =
    testList
        "edge cases (rotation-detection.md 7)"
        [
            testCase "finds the period, and pauses when the effect goes" (fun () ->
                let last, all = changes (turning 3L 400.0 6_000)

                match all with
                | [ struct (found, StateChange.Qualified); struct (lost, StateChange.PAboveAlpha) ] ->
                    Expect.isTrue (found < 3_000L) $"found at {found}"
                    Expect.isTrue (lost > 4_000L && lost < 4_600L) $"lost at {lost}"
                | other -> failtest $"{other}"

                Expect.isFalse last.IsActive "paused")
            testCase "missing, not a number, or without depth: not counted anywhere" (fun () ->
                let d = run (turning 3L 1e9 2_000)

                let said =
                    [
                        for dob, spread in [ nan, 1.0; 5.0, nan; 0.0, 1.0; -1.0, 1.0; infinity, 1.0 ] ->
                            words (d.Step(dob, spread))
                    ]

                Expect.allEqual said said.Head "all are missing samples")
            testCase "a gap below 30 s keeps the state" (fun () ->
                let d = run (turning 3L 1e9 3_000)
                Expect.isTrue d.IsActive "active before"
                let after = d.Skip 250L
                Expect.isTrue after.IsActive "and after"
                Expect.equal after.Crossings d.Crossings "nothing is scored in it")
            testCase "300 missing samples start everything anew, once, and burn the evidence" (fun () ->
                let d = run (turning 3L 1e9 3_000)
                let before = d.Skip 299L
                Expect.isTrue before.IsActive "active up to the last but one"
                let after = before.Step(nan, nan)
                Expect.equal after.Turn StateChange.Gap "the reason"
                Expect.isFalse after.IsActive "observing"
                Expect.isTrue (after.E > 0.99 && after.E <= 1.001) $"E is 1 and not 0: {after.E}"
                Expect.equal (after.Period, after.Crossings) (0.0, 0) "all estimates are gone"
                Expect.equal (after.Skip(300L).Turn) StateChange.None "once"
                Expect.isTrue (after.Skip(300L).E > after.E) "evidence is only given")
            testCase "ACTIVE ends when no boundary was scored for 30 s" (fun () ->
                // A valid sample in every 10: no band has enough of them, and none of the gaps is a long one.
                let d = run (turning 3L 1e9 3_000)
                let mutable now = d
                let mutable seen = StateChange.None

                for i in 1..400 do
                    if now.IsActive then
                        now <-
                            if i % 250 = 0 then
                                now.Step(20.0, 1.0)
                            else
                                now.Step(nan, nan)

                        seen <- now.Turn

                Expect.equal seen StateChange.Stale "the reason")
            testCase "a channel that never moves has rank 0; with both there is no hypothesis" (fun () ->
                let f = turning 3L 1e9 3_000

                let flat =
                    { f with
                        Spread = Array.create 3_000 1.0
                    }

                let both =
                    { flat with
                        Dob = Array.create 3_000 20.0
                    }

                Expect.isTrue (run flat).IsActive "depth alone is enough"
                let none = run both
                Expect.equal (none.Period, none.Scored, none.AcfPeriod) (0.0, 0L, 0.0) "nothing")
            testCase "says nothing in its first 35 s" (fun () ->
                let d = run (turning 3L 1e9 350)
                Expect.equal (d.Period, d.Scored, d.IsActive) (0.0, 0L, false) "no hypothesis")
            testCase "a gap of a year is walked through in no time" (fun () ->
                let d = run (turning 3L 1e9 3_000)
                let year = 365L * 86_400_000L
                let after = d.Push(d.Ms + year, 20.0, 1.0)
                Expect.equal after.Ms (d.Ms + year) "its time"
                Expect.isFalse after.IsActive "observing"
                Expect.isTrue (after.E <= ValidConfig.Default.Cap) "within the cap")
            testCase "rows beside the grid are taken to the nearest instant" (fun () ->
                let d = start.Push(origin, 20.0, 1.0)
                Expect.equal (d.Push(origin + 149L, 20.0, 1.0).Index) 1L "149 ms"
                Expect.equal (d.Push(origin + 150L, 20.0, 1.0).Index) 2L "150 ms, and one is missing")
        ]

let tests = testList "the valid detector" [ laws; edges ]
