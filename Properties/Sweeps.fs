/// Laws of the sweep: points, samplers, ranks, windows, the objective.
module Vrlg.Properties.Sweeps

open System
open System.Collections.Generic
open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private key path =
    ScalperKeys.all |> Seq.find (fun k -> k.Path = path)

let private listed path (values: string list) : Axis =
    {
        Key = key path
        Values = AxisValues.Listed(ImmutableArray.CreateRange values)
    }

let private between path least most : Axis =
    {
        Key = key path
        Values = AxisValues.Between(least, most)
    }

let private document =
    ImmutableArray.Create<Axis>(
        listed "signal.x" [ "0.15"; "0.2"; "0.25"; "0.3" ],
        listed "signal.y" [ "1"; "2"; "3" ],
        listed "exec.order_ttl_ms" [ "600"; "1000"; "1400" ]
    )

let private ranges =
    ImmutableArray.Create<Axis>(
        between "signal.x" 5_000_000L 40_000_000L,
        between "signal.y" 1L 9L,
        listed "exec.order_ttl_ms" [ "600"; "1000"; "1400" ]
    )

let private score (objective: float voption) (net: float) : Score =
    {
        Objective = objective
        Net = net
        Figures = ImmutableArray.Empty
    }

let private judged (p: Point) (s: Score) : Judged =
    {
        Point = p
        Tier = "test"
        Scores = ImmutableArray.Create<Score> s
    }

let private axis =
    gen {
        let! n = Gen.choose (1, 5)
        return listed "signal.y" [ for i in 1..n -> string i ]
    }

let private axes =
    Arb.fromGen (
        gen {
            let! n = Gen.choose (1, 4)
            let! all = Gen.listOfLength n axis
            return ImmutableArray.CreateRange all
        }
    )

/// A smooth hill over the ranges, highest at the middle of the first axis and the lowest value of the second.
let private hill (p: Point) =
    let x = float p.At[0] / 1_000.0
    judged p (score (ValueSome(-((x - 0.5) ** 2.0) - 0.05 * float p.At[1])) 0.0)

/// The whole search, each batch judged in an order of its own.
let private search (plan: SweepPlan) (judge: Point -> Judged) (shuffle: Judged[] -> Judged[]) =
    let all = ResizeArray<Judged>()
    let mutable points = Sweep.next plan all

    while not points.IsEmpty do
        let batch = points |> Seq.map judge |> Seq.toArray |> shuffle
        all.AddRange batch
        points <- Sweep.next plan all

    all |> Seq.sortBy (fun j -> j.Point.Id) |> Seq.toArray

let private plan sampler trials seed axes : SweepPlan =
    {
        Axes = axes
        Sampler = sampler
        Trials = trials
        Seed = seed
    }

let private names (all: seq<Judged>) =
    all |> Seq.map (fun j -> $"{j.Point.Id}:{Grid.name j.Point}") |> Seq.toList

let private seeds = Arb.fromGen (Gen.choose64 (0L, 1_000_000L))

let private points =
    testList
        "points"
        [
            testCase "the document's grid has 36 sets, the last key turning fastest (D0-092)" (fun () ->
                let all = Grid.product document
                Expect.equal all.Length 36 "sets"

                let text (p: Point) =
                    [ for struct (k, v) in Grid.pairs document p -> $"{k}={v}" ]
                    |> String.concat " "

                Expect.equal (text all[0]) "signal.x=0.15 signal.y=1 exec.order_ttl_ms=600" "the first"
                Expect.equal (text all[1]) "signal.x=0.15 signal.y=1 exec.order_ttl_ms=1000" "the second"
                Expect.equal (text all[35]) "signal.x=0.3 signal.y=3 exec.order_ttl_ms=1400" "the last")
            law "a product holds every combination once, numbered in order" (fun () ->
                Prop.forAll axes (fun axes ->
                    let all = Grid.product axes
                    let size = axes |> Seq.fold (fun n a -> n * a.Count) 1

                    all.Length = size
                    && (all |> Seq.map Grid.name |> Seq.distinct |> Seq.length) = size
                    && all |> Seq.indexed |> Seq.forall (fun (i, p) -> p.Id = i)))
            testCase "a range begins and ends where it says, in even steps" (fun () ->
                let x, y = ranges[0], ranges[1]
                Expect.equal (x.Text 0, x.Text 500, x.Text 1_000) ("0.05", "0.225", "0.4") "a share"
                Expect.equal [ for i in 0 .. y.Count - 1 -> y.Text i ] [ for i in 1..9 -> string i ] "whole numbers")
            law "draws are different sets of the grid, as many as asked for or as there are" (fun () ->
                Prop.forAll (Arb.zip (axes, seeds)) (fun (axes, seed) ->
                    let drawn =
                        search (plan Sampler.Drawn 40 seed axes) (fun p -> judged p (score ValueNone 0.0)) id

                    let size = Grid.size axes

                    int64 drawn.Length = min 40L size
                    && (drawn |> Seq.map (fun j -> Grid.name j.Point) |> Seq.distinct |> Seq.length) = drawn.Length))
        ]

let private samplers =
    testList
        "samplers"
        [
            law "every sampler gives the same sets for the same seed, in whatever order a batch is judged" (fun () ->
                Prop.forAll seeds (fun seed ->
                    [ Sampler.Drawn; Sampler.Tpe ]
                    |> List.forall (fun s ->
                        let p = plan s 40 seed ranges
                        let forward = search p hill id
                        let backward = search p hill Array.rev
                        names forward = names backward && forward.Length = 40)))
            testCase "another seed gives other sets" (fun () ->
                for s in [ Sampler.Drawn; Sampler.Tpe ] do
                    let of' seed =
                        names (search (plan s 24 seed ranges) hill id)

                    Expect.notEqual (of' 1L) (of' 2L) "sets")
            lawN 20 "the estimator comes nearer to the top of a hill than the same number of draws" (fun () ->
                Prop.forAll seeds (fun seed ->
                    // Over ten seeds together, so that one lucky draw decides nothing.
                    let mean sampler =
                        Seq.init 10 (fun i -> search (plan sampler 64 (seed + int64 i) ranges) hill id)
                        |> Seq.averageBy (fun all ->
                            all
                            |> Seq.skip 32
                            |> Seq.averageBy (fun j -> ValueOption.defaultValue 0.0 j.Whole.Objective))

                    mean Sampler.Tpe > mean Sampler.Drawn))
            law "a density is a distribution" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.listOf (Gen.choose (0, 8)))) (fun seen ->
                    let sums =
                        [
                            Array.sum (Parzen.density ranges[1] (List.toArray seen))
                            Array.sum (
                                Parzen.density (listed "signal.y" [ for i in 1..9 -> string i ]) (List.toArray seen)
                            )
                        ]

                    sums |> List.forall (fun s -> abs (s - 1.0) < 1e-9)))
        ]

let private near (expected: float) (tolerance: float) (what: string) (got: float voption) =
    match got with
    | ValueSome v -> Expect.isLessThan (abs (v - expected)) tolerance $"{what} is {v}"
    | ValueNone -> failtest $"{what} is not defined"

let private floats (all: float list) = ImmutableArray.CreateRange all

let private span from until : Window = { From = from; To = until }

let private spans =
    Arb.fromGen (
        gen {
            let! from = Gen.choose64 (0L, 1_000L)
            let! length = Gen.choose64 (1_000L, 100_000L)
            let! folds = Gen.choose (2, 8)
            let! gap = Gen.choose64 (0L, 500L)
            return span from (from + length), folds, Duration.Of gap
        }
    )

/// A set with a train and a test window; its whole is their sum.
let private told id train test : Judged =
    {
        Point =
            {
                Id = id
                At = ImmutableArray.Create<int> id
            }
        Tier = "test"
        Scores =
            ImmutableArray.CreateRange
                [
                    score (ValueSome(train + test)) 0.0
                    score (ValueSome train) 0.0
                    score (ValueSome test) 0.0
                ]
    }

let private oneFold = Sweep.holdOut (span 0L 1_000L) (Duration.Of 10L)

let private windows =
    testList
        "windows"
        [
            law "test windows follow each other to the end, and what is trained on ends a gap before" (fun () ->
                Prop.forAll spans (fun (whole, folds, gap) ->
                    let cuts = Sweep.walkForward whole folds gap

                    cuts.Length = folds
                    && cuts[folds - 1].Test.To = whole.To
                    && Seq.pairwise cuts |> Seq.forall (fun (a, b) -> a.Test.To = b.Test.From)
                    && cuts
                       |> Seq.forall (fun c ->
                           c.Train.From = whole.From
                           && c.Train.To <= max whole.From (c.Test.From - gap.Ns)
                           && c.Train.To >= c.Train.From)))
            testCase "the purge gap is the longest look back or holding of any set" (fun () ->
                let values pairs =
                    match Setup.ofPairs (ImmutableArray.CreateRange [ for k, v in pairs -> struct (k, v) ]) with
                    | Ok v -> v
                    | Error p -> failtest p[0].Sentence

                let gap sets =
                    let length = Sweep.purge (sets |> List.map values)
                    length.Milliseconds

                Expect.equal (gap [ [] ]) 300_000.0 "the detector's five minutes"
                Expect.equal (gap [ []; [ "signal.N", "4000" ] ]) 400_000.0 "a longer median"

                Expect.equal
                    (gap [ [ "exec.order_ttl_ms", "300000"; "risk.time_stop_ms", "200000" ] ])
                    500_000.0
                    "a longer holding")
            testCase "the choice of a fold is made on its train window and told of its test window" (fun () ->
                let all =
                    ImmutableArray.CreateRange [ told 0 1.0 9.0; told 1 3.0 2.0; told 2 2.0 5.0 ]

                let r = (Sweep.folds oneFold ValueNone all)[0]
                Expect.equal (r.Chosen.Id, r.TestRank) (1, 3) "best in sample, last out of sample"
                near -1.0 1e-12 "the order is turned" r.Correlation)
            testCase "a set that only its test window brought through the screening is not the fold's choice" (fun () ->
                // By the whole span set 0 is first, by the train window set 1; Tier 2 sees their train windows the other way.
                let screened =
                    ImmutableArray.CreateRange [ told 0 2.0 9.0; told 1 3.0 2.0; told 2 1.0 1.0; told 3 0.0 0.0 ]

                let confirmed = [ for p in Sweep.confirm screened 1 1 -> p.Id ]
                Expect.containsAll confirmed [ 0; 1 ] "the best of the whole and the best of the train window"

                let second =
                    ImmutableArray.CreateRange [ told 0 4.0 9.0; told 1 3.0 2.0; told 2 1.0 3.0 ]

                let r = (Sweep.folds oneFold (ValueSome(struct (screened, 1))) second)[0]
                Expect.equal (r.Chosen.Id, r.TestRank) (1, 1) "among what the train window alone let through"
                near 0.8 1e-12 "train and test of every set" r.Correlation)
            testCase "the luck of many trials is measured over all of them, not over the best" (fun () ->
                let traded sharpe : Score =
                    { score (ValueSome 0.0) 0.0 with
                        Figures =
                            ImmutableArray.CreateRange
                                [
                                    struct ("trade_sharpe", ValueSome sharpe)
                                    struct ("trades", ValueSome 100.0)
                                    struct ("skew", ValueSome 0.0)
                                    struct ("kurtosis", ValueSome 3.0)
                                ]
                    }

                let best = traded 3.0

                let all =
                    ImmutableArray.CreateRange [ for i in -10 .. 10 -> traded (0.3 * float i) ]

                let few = ImmutableArray.CreateRange [ best; traded 2.9; traded 2.8 ]

                let lucky scores =
                    (Sweep.deflate 21 scores best).Lucky |> ValueOption.defaultValue 0.0

                Expect.isGreaterThan (lucky all) (5.0 * lucky few) "a selected few hardly differ")
        ]

let private objectives =
    testList
        "objective"
        [
            testCase "a day that earns nothing has no objective, and ranks last" (fun () ->
                Expect.equal (Objective.maxDdInEdges 40.0 (ValueSome 0.0)) ValueNone "null"
                Expect.equal (Objective.value (ValueSome 9.0) ValueNone (ValueSome 0.0)) ValueNone "null"

                let p i : Point =
                    {
                        Id = i
                        At = ImmutableArray.Create<int> i
                    }

                let all =
                    [
                        judged (p 0) (score ValueNone 5.0)
                        judged (p 1) (score (ValueSome -3.0) -1.0)
                        judged (p 2) (score ValueNone 7.0)
                        judged (p 3) (score (ValueSome 2.0) 1.0)
                    ]

                Expect.equal
                    [ for j in Sweep.ranked all -> j.Point.Id ]
                    [ 3; 1; 2; 0 ]
                    "by objective, then by net result")
            testCase "a window counts the position that it begins with" (fun () ->
                let fill ms s size : FillRow =
                    {
                        At = at ms
                        Order = { Run = 1L; N = 1L }
                        Side = s
                        Px = px 100L
                        Sz = sz size
                        Fee = Usd.Of 0L
                        IsMaker = true
                        Reason = ""
                        DecidedMidTwice = 0L
                        DecidedTouch = Px.Of 0L
                        IsUncertain = false
                    }

                let fills =
                    ImmutableArray.CreateRange [ fill 0L Side.Buy 4L; fill 20L Side.Sell 8L; fill 30L Side.Buy 4L ]

                let mean from until =
                    Inventory.ofFills fills (from * 1_000_000L) (until * 1_000_000L) 4.0
                    |> ValueOption.map _.MeanAbs

                near 4.0 1e-12 "inside the first" (mean 5L 15L)
                near 2.0 1e-12 "half of it flat" (mean 25L 35L)
                near 3.0 1e-12 "the whole" (mean 0L 40L))
        ]

let private screening =
    let ids n =
        [
            for i in 0 .. n - 1 ->
                judged
                    {
                        Id = i
                        At = ImmutableArray.Create<int> i
                    }
                    (score (ValueSome(float -i)) 0.0)
        ]

    testList
        "screening"
        [
            law "confirms the best and some of the rest, each once" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (1, 60)) (Gen.choose (1, 30)))) (fun (n, k) ->
                    let chosen =
                        [ for p in Sweep.confirm (ImmutableArray.CreateRange(ids n)) 0 k -> p.Id ]

                    List.distinct chosen = chosen
                    && List.sort chosen = chosen
                    && List.forall (fun i -> List.contains i chosen) [ 0 .. min k n - 1 ]
                    && chosen.Length = min n (min k n + max 3 ((k + 1) / 2))))
            testCase "stands from a rank correlation of 0.7 on" (fun () ->
                Expect.isTrue (Sweep.trusts (ValueSome 0.7)) "0.7"
                Expect.isFalse (Sweep.trusts (ValueSome 0.69)) "below"
                Expect.isFalse (Sweep.trusts ValueNone) "not defined")
        ]

let tests = testList "sweep" [ points; samplers; windows; objectives; screening ]
