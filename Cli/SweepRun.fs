/// Judges points on several cores. Nothing here decides what is judged next, so nothing depends on which point ends
/// first.
module Vrlg.Cli.SweepRun

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Collections.Immutable
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Vrlg.Core
open Vrlg.Shell.Sweep
open Vrlg.Sim

/// A way to judge points: the label of its fills, and how one point is run.
[<NoComparison; NoEquality>]
type Bench =
    {
        Tier: string
        Values: Point -> Values
        Evaluate: EvaluateAll
    }

/// Points judged so far, by number and tier, and where the next ones are written down.
[<Sealed>]
type Store(folder: SweepFolder, judge: Judge, windows: ImmutableArray<Window>, workers: int, stop: CancellationToken) =
    /// So many points go side by side at most.
    static let most = 24

    let known = ConcurrentDictionary<struct (int * string), Judged>()

    let keep (j: Judged) = known[struct (j.Point.Id, j.Tier)] <- j

    /// What no line can hold is not defined, on the way in as after a resumption.
    let finite (s: Score) : Score =
        let clean v =
            match v with
            | ValueSome x when not (Double.IsFinite x) -> ValueNone
            | v -> v

        { s with
            Objective = clean s.Objective
            Figures =
                s.Figures
                |> Seq.map (fun struct (name, v) -> struct (name, clean v))
                |> ImmutableArray.CreateRange
        }

    let judged (bench: Bench) (p: Point) (outcome: Outcome) =
        let j: Judged =
            {
                Point = p
                Tier = bench.Tier
                Scores = judge.Invoke(outcome, windows) |> Seq.map finite |> ImmutableArray.CreateRange
            }

        folder.Append(SweepText.line j)
        keep j

    /// Points that are evaluated side by side; `progress` hears how many more are behind.
    let judgeSome (bench: Bench) (points: Point[]) (progress: float -> unit) =
        let mutable told = 0.0

        let tell share =
            let now = share * float points.Length
            progress (now - told)
            told <- now

        let outcomes =
            bench.Evaluate.Invoke(Array.map bench.Values points, (fun () -> stop.IsCancellationRequested), tell)

        Seq.iter2
            (fun p outcome ->
                match outcome with
                | ValueNone -> ()
                | ValueSome outcome -> judged bench p outcome)
            points
            outcomes

        if not stop.IsCancellationRequested then
            tell 1.0

    /// As few parts as keep every worker busy and no part longer than `most`: a broken-off part is lost whole.
    let parts (points: Point[]) : Point[][] =
        let least = (points.Length + most - 1) / most
        let even = (least + workers - 1) / workers * workers
        Array.splitInto (max 1 (min points.Length even)) points

    /// Takes over points of an earlier part of the same sweep.
    member _.Load(lines: IReadOnlyList<string>, axes: int) =
        for i in 0 .. lines.Count - 1 do
            let file = folder.File SweepFolder.PointsName
            keep (SweepText.judged file axes windows.Length (i + 1) lines[i])

    member _.Count = known.Count

    /// Every line, by tier and number: the same for the same sweep.
    member _.Lines: seq<string> =
        known.Values
        |> Seq.sortWith (fun a b ->
            match String.CompareOrdinal(a.Tier, b.Tier) with
            | 0 -> compare a.Point.Id b.Point.Id
            | c -> c)
        |> Seq.map SweepText.line

    /// Judges what is not known yet, several at once, and answers for all of them in their order. `progress` hears how many
    /// more points are behind, in parts of one. Stopped, it keeps what is done and says so.
    member _.Judge(bench: Bench, points: ImmutableArray<Point>, progress: float -> unit) : ImmutableArray<Judged> =
        let missing =
            points
            |> Seq.filter (fun p -> not (known.ContainsKey(struct (p.Id, bench.Tier))))
            |> Seq.toArray

        progress (float (points.Length - missing.Length))
        let options = ParallelOptions(MaxDegreeOfParallelism = workers)

        let one =
            Partitioner.Create(parts missing, EnumerablePartitionerOptions.NoBuffering)

        try
            Parallel.ForEach(
                one,
                options,
                (fun part ->
                    if not stop.IsCancellationRequested then
                        judgeSome bench part progress)
            )
            |> ignore<ParallelLoopResult>
        with :? AggregateException as e ->
            ExceptionDispatchInfo.Capture(e.Flatten().InnerExceptions[0]).Throw()

        stop.ThrowIfCancellationRequested()

        points
        |> Seq.map (fun p -> known[struct (p.Id, bench.Tier)])
        |> ImmutableArray.CreateRange

    /// Suggestion after suggestion until the plan has no more: all of its points, by number.
    member store.Search(bench: Bench, plan: SweepPlan, progress: float -> unit) : ImmutableArray<Judged> =
        let mutable all = ImmutableArray<Judged>.Empty
        let mutable points = Sweep.next plan all

        while not points.IsEmpty do
            all <- all.AddRange(store.Judge(bench, points, progress))
            points <- Sweep.next plan all

        all
