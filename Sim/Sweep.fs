namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// How points are chosen.
[<RequireQualifiedAccess>]
type Sampler =
    /// All of them.
    | Grid
    /// Drawn without putting back.
    | Drawn
    /// The Parzen estimator.
    | Tpe

/// What is to be searched.
[<NoComparison; NoEquality>]
type SweepPlan =
    {
        Axes: ImmutableArray<Axis>
        Sampler: Sampler
        /// How many points a sampler takes; a grid takes all.
        Trials: int
        Seed: int64
    }

/// Part of the data on which sets are chosen, and the later part on which the choice is tried; what lies between is
/// purged.
[<Struct; NoComparison>]
type Fold = { Train: Window; Test: Window }

/// One point judged: the whole span first, then train and test of every fold.
[<NoComparison; NoEquality>]
type Judged =
    {
        Point: Point
        /// By which rule its fills were made.
        Tier: string
        Scores: ImmutableArray<Score>
    }

    member j.Whole = j.Scores[0]
    member j.Train(fold: int) = j.Scores[1 + 2 * fold]
    member j.Test(fold: int) = j.Scores[2 + 2 * fold]

/// The choice of one fold and how it fared afterwards.
[<NoComparison; NoEquality>]
type FoldResult =
    {
        Fold: Fold
        /// The set that was best on the train window.
        Chosen: Point
        InSample: Score
        OutOfSample: Score
        /// Its place on the test window among the sets it was chosen from, from 1.
        TestRank: int
        /// How many those are.
        Field: int
        /// Rank correlation of train and test over all sets; after a screening in the tier that screened.
        Correlation: float voption
    }

/// How good the best of the trials is, given how many there were.
[<NoComparison; NoEquality>]
type Deflation =
    {
        Trials: int
        /// Per round trip, not annualised.
        Sharpe: float voption
        /// What the best of as many sets without skill would reach.
        Lucky: float voption
        /// Probability that the true ratio is above that.
        Confidence: float voption
    }

[<RequireQualifiedAccess>]
module Sweep =
    /// Suggestions of the Parzen estimator come in batches of this size, whatever the number of workers.
    let batch = 8

    /// So many points are drawn before it has something to estimate from.
    let startUp = 16

    /// Below this rank correlation between the tiers the screening counts for nothing.
    let leastCorrelation = 0.7

    /// Order of merit: by objective; those without one last, by net result; equals by number. Below 0 when `a` is
    /// better.
    let compare' (a: Score) (b: Score) : int =
        if a.Objective.IsNone && b.Objective.IsNone then
            compare b.Net a.Net
        else
            Objective.order a.Objective b.Objective

    /// Best first.
    let rankBy (score: Judged -> Score) (all: seq<Judged>) : ImmutableArray<Judged> =
        let sorted = Seq.toArray all

        Array.Sort(
            sorted,
            Comparison(fun a b ->
                match compare' (score a) (score b) with
                | 0 -> compare a.Point.Id b.Point.Id
                | c -> c)
        )

        ImmutableArray.CreateRange sorted

    let ranked (all: seq<Judged>) = rankBy (fun j -> j.Whole) all

    /// How many points the sweep will have judged at its end.
    let size (plan: SweepPlan) : int =
        let all = Grid.size plan.Axes

        match plan.Sampler with
        | Sampler.Grid -> int (min all (int64 Int32.MaxValue))
        | Sampler.Drawn
        | Sampler.Tpe -> int (min all (int64 plan.Trials))

    /// The next points to judge, after every point suggested before was judged; empty at the end. Depends on nothing
    /// but the plan and those results, so not on who judged them or in which order.
    let next (plan: SweepPlan) (judged: seq<Judged>) : ImmutableArray<Point> =
        let before = Seq.toArray judged
        let left = size plan - before.Length

        let seen =
            HashSet<string>(before |> Seq.map (fun j -> Grid.name j.Point), StringComparer.Ordinal)

        let key = Seed.key plan.Seed "sweep.points"

        if left <= 0 then
            ImmutableArray.Empty
        else
            match plan.Sampler with
            | Sampler.Grid -> Grid.product plan.Axes
            | Sampler.Drawn -> Grid.fresh plan.Axes key 0 left seen
            | Sampler.Tpe when before.Length = 0 -> Grid.fresh plan.Axes key 0 (min startUp left) seen
            | Sampler.Tpe ->
                let best = ranked before |> Seq.map (fun j -> j.Point) |> ImmutableArray.CreateRange
                Parzen.suggest plan.Axes plan.Seed best before.Length (min batch left) seen

    // ---- windows ----

    /// The longest that a decision looks back or holds on to what it took: what must lie between train and test. The
    /// detector looks back 3,000 instants of the 100 ms grid.
    let purge (values: seq<Values>) : Duration =
        values
        |> Seq.map (fun v ->
            let lookback = max 300_000L (v.Whole "signal.N" * 100L)
            max lookback (v.Whole "exec.order_ttl_ms" + v.Whole "risk.time_stop_ms"))
        |> Seq.fold max 300_000L
        |> Duration.OfMs

    let private cut (span: Window) (gap: Duration) (from: int64) (until: int64) : Fold =
        {
            Train =
                {
                    From = span.From
                    To = max span.From (from - gap.Ns)
                }
            Test = { From = from; To = until }
        }

    /// `folds` choices in time order: fold k trains on everything before its test window less the gap; test windows
    /// are equal and follow each other, and the first train window is as long as one of them.
    let walkForward (span: Window) (folds: int) (gap: Duration) : ImmutableArray<Fold> =
        let edge k =
            span.From
            + int64 (decimal (span.To - span.From) * decimal k / decimal (folds + 1))

        Seq.init folds (fun k -> cut span gap (edge (k + 1)) (edge (k + 2)))
        |> ImmutableArray.CreateRange

    /// One choice: the first 70 % against the rest.
    let holdOut (span: Window) (gap: Duration) : ImmutableArray<Fold> =
        let at = span.From + (span.To - span.From) / 10L * 7L
        ImmutableArray.Create<Fold>(cut span gap at span.To)

    /// The windows that a run is judged over: whole, then train and test of every fold.
    let windows (span: Window) (folds: ImmutableArray<Fold>) : ImmutableArray<Window> =
        seq {
            yield span

            for f in folds do
                yield f.Train
                yield f.Test
        }
        |> ImmutableArray.CreateRange

    // ---- what the results say ----

    /// Merit as a number for rank correlation: the place, equals sharing it, larger is better.
    let private merits (score: Judged -> Score) (all: ImmutableArray<Judged>) : ImmutableArray<float> =
        let order = rankBy score all
        let place = SortedDictionary<int, float>()
        let mutable last = 0.0

        for i in 0 .. order.Length - 1 do
            if i > 0 && compare' (score order[i - 1]) (score order[i]) <> 0 then
                last <- float i

            place[order[i].Point.Id] <- -last

        all |> Seq.map (fun j -> place[j.Point.Id]) |> ImmutableArray.CreateRange

    /// Spearman's rank correlation of two ways to judge the same points, the points in one order in both.
    let agreement
        (a: ImmutableArray<Judged>)
        (scoreA: Judged -> Score)
        (b: ImmutableArray<Judged>)
        (scoreB: Judged -> Score)
        : float voption =
        Inference.spearman (merits scoreA a) (merits scoreB b)

    let private best (k: int) (score: Judged -> Score) (all: ImmutableArray<Judged>) : seq<Point> =
        rankBy score all |> Seq.truncate k |> Seq.map (fun j -> j.Point)

    /// Every fold's choice, from the points judged in full. After a screening (all its points, and how many it kept) a fold
    /// chooses among those that its own train window let through: what came in by another window knows of the test.
    let folds
        (cuts: ImmutableArray<Fold>)
        (screened: struct (ImmutableArray<Judged> * int) voption)
        (all: ImmutableArray<Judged>)
        : ImmutableArray<FoldResult> =
        let field (fold: int) : struct (ImmutableArray<Judged> * ImmutableArray<Judged>) =
            match screened with
            | ValueNone -> struct (all, all)
            | ValueSome(struct (every, kept)) ->
                let ids = best kept (fun j -> j.Train fold) every |> Seq.map _.Id |> Set.ofSeq

                struct (all
                        |> Seq.filter (fun j -> ids.Contains j.Point.Id)
                        |> ImmutableArray.CreateRange,
                        every)

        if all.IsEmpty then
            ImmutableArray.Empty
        else
            cuts
            |> Seq.mapi (fun k fold -> struct (k, fold, field k))
            |> Seq.filter (fun struct (_, _, struct (mine, _)) -> not mine.IsEmpty)
            |> Seq.map (fun struct (k, fold, struct (mine, every)) ->
                let chosen = (rankBy (fun j -> j.Train k) mine)[0]

                let better =
                    mine
                    |> Seq.filter (fun j -> compare' (j.Test k) (chosen.Test k) < 0)
                    |> Seq.length

                {
                    Fold = fold
                    Chosen = chosen.Point
                    InSample = chosen.Train k
                    OutOfSample = chosen.Test k
                    TestRank = better + 1
                    Field = mine.Length
                    Correlation = agreement every (fun j -> j.Train k) every (fun j -> j.Test k)
                })
            |> ImmutableArray.CreateRange

    /// Sharpe ratio a round trip: the trade Sharpe without its square root of the count.
    let private perTrade (s: Score) : float voption =
        match s.Figure "trade_sharpe", s.Figure "trades" with
        | ValueSome sharpe, ValueSome n when n > 0.0 -> ValueSome(sharpe / sqrt n)
        | _ -> ValueNone

    /// The deflated Sharpe ratio of the best of `trials` sets. The spread of the ratios is taken from `all`, which must be
    /// every set that was tried: a selection hardly differs, and would make luck look small.
    let deflate (trials: int) (all: ImmutableArray<Score>) (best: Score) : Deflation =
        let ratios =
            all
            |> Seq.choose (fun s -> perTrade s |> ValueOption.toOption)
            |> ImmutableArray.CreateRange

        let lucky =
            match Returns.meanStd ratios with
            | ValueSome(struct (_, std)) -> ValueSome(Inference.luckySharpe (std * std) trials)
            | ValueNone -> ValueNone

        let confidence =
            match perTrade best, lucky, best.Figure "skew", best.Figure "kurtosis", best.Figure "trades" with
            | ValueSome sharpe, ValueSome bar, ValueSome skew, ValueSome kurtosis, ValueSome n ->
                Inference.confidence sharpe bar (int n) skew kurtosis
            | _ -> ValueNone

        {
            Trials = trials
            Sharpe = perTrade best
            Lucky = lucky
            Confidence = confidence
        }

    // ---- screening ----

    /// Which points Tier 2 looks at after a screening: the best `k` over the whole span and the best `k` on the train window
    /// of every fold, and half as many as `k` (three at least) spread evenly over the rest, so that the tiers are compared
    /// over the whole field. Sorted by number.
    let confirm (screened: ImmutableArray<Judged>) (folds: int) (k: int) : ImmutableArray<Point> =
        let order = ranked screened
        let kept = min k order.Length
        let rest = order.Length - kept
        let probes = min rest (max 3 ((k + 1) / 2))

        seq {
            yield! best kept (fun j -> j.Whole) screened

            for fold in 0 .. folds - 1 do
                yield! best kept (fun j -> j.Train fold) screened

            for i in 0 .. probes - 1 do
                yield order[kept + (2 * i + 1) * rest / (2 * probes)].Point
        }
        |> Seq.distinctBy (fun p -> p.Id)
        |> Seq.sortBy (fun p -> p.Id)
        |> ImmutableArray.CreateRange

    /// Whether a screening may stand.
    let trusts (correlation: float voption) =
        match correlation with
        | ValueSome c -> c >= leastCorrelation
        | ValueNone -> false
