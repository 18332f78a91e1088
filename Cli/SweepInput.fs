/// What a sweep is asked for: axes, sampler and sizes, from the flags. Every problem at once.
module Vrlg.Cli.SweepInput

open System
open System.Collections.Immutable
open System.Globalization
open Argu
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Sim

/// What the flags ask for, before any data is read.
[<NoComparison; NoEquality>]
type Asked =
    {
        Plan: SweepPlan
        /// Settings of a point: the file, --set, the point's values on top.
        Values: Point -> Values
        /// The same with further pairs on top of a point's.
        With: Point -> ImmutableArray<struct (string * string)> -> Values
        Base: Values
        /// Folds of a walk-forward; 0 for one hold-out.
        Folds: int
        /// How many of a screening's best are confirmed; 0 without one.
        Screen: int
        Workers: int
        /// The longest look back or holding of any set.
        Purge: Duration
    }

/// More sets than this are not judged one by one.
let private most = 20_000L

let samplerName (s: Sampler) =
    match s with
    | Sampler.Grid -> "grid"
    | Sampler.Drawn -> "random"
    | Sampler.Tpe -> "tpe"

let private problem (list: ResizeArray<string>) (sentence: string) = list.Add sentence

/// Splits at commas outside brackets: a range of latencies is one value.
let private split (text: string) : string list =
    let parts = ResizeArray<string>()
    let mutable depth = 0
    let mutable start = 0

    for i in 0 .. text.Length - 1 do
        match text[i] with
        | '[' -> depth <- depth + 1
        | ']' -> depth <- depth - 1
        | ',' when depth = 0 ->
            parts.Add(text.Substring(start, i - start))
            start <- i + 1
        | _ -> ()

    parts.Add(text.Substring start)
    [ for p in parts -> p.Trim() ]

/// The setting that a name means: a full path, or the last part of one where it is unique.
let find (keys: ImmutableArray<Key>) (name: string) : Result<Key, string> =
    match keys |> Seq.tryFind (fun k -> k.Path = name) with
    | Some key -> Ok key
    | None ->
        let tail =
            keys
            |> Seq.filter (fun k -> k.Path.EndsWith("." + name, StringComparison.Ordinal))
            |> Seq.toList

        match tail with
        | [ key ] -> Ok key
        | [] ->
            match ConfigExplain.near (Seq.toList keys) name with
            | ValueSome near -> Error $"--grid {name}: this is no setting; did you mean {near}?"
            | ValueNone -> Error $"--grid {name}: this is no setting; `vrlg config schema` lists them."
        | several ->
            let names = String.Join(", ", several |> List.map (fun k -> k.Path))
            Error $"--grid {name}: several settings end so ({names}); write the full path."

let private rawOf (key: Key) (setting: Setting voption) : int64 voption =
    match key.Kind, setting with
    | Kind.Whole _, ValueSome(Setting.Whole n)
    | Kind.Exact _, ValueSome(Setting.Exact n) -> ValueSome n
    | _ -> ValueNone

/// A value of one key alone, or what is wrong with it.
let private read (key: Key) (text: string) : Result<Setting voption, string> =
    match Setup.ofPairs (ImmutableArray.Create<struct (string * string)>(struct (key.Path, text))) with
    | Ok values -> Ok(values.TryFind key.Path)
    | Error problems ->
        let p = problems[0]
        Error(p.Sentence.Replace("--set: ", ""))

let private range (problems: ResizeArray<string>) (key: Key) (low: string) (high: string) : AxisValues =
    match read key low, read key high with
    | Ok a, Ok b ->
        match rawOf key a, rawOf key b with
        | ValueSome least, ValueSome most when least < most -> AxisValues.Between(least, most)
        | ValueSome _, ValueSome _ ->
            problem problems $"--grid {key.Path}={low}..{high}: the first end must be below the second."
            AxisValues.Listed ImmutableArray.Empty
        | _ ->
            problem problems $"--grid {key.Path}={low}..{high}: only numbers have ranges; list the values."
            AxisValues.Listed ImmutableArray.Empty
    | a, b ->
        for r in [ a; b ] do
            match r with
            | Error sentence -> problem problems $"--grid: {sentence}"
            | Ok _ -> ()

        AxisValues.Listed ImmutableArray.Empty

let private listed (problems: ResizeArray<string>) (key: Key) (parts: string list) : AxisValues =
    let seen = ResizeArray<string>()

    for text in parts do
        if text = "" then
            problem problems $"--grid {key.Path}: a value is missing between two commas; write --grid {key.Path}=a,b,c."
        else
            match read key text with
            | Error sentence -> problem problems $"--grid: {sentence}"
            | Ok(ValueSome setting) ->
                // As the reader understands it, so that 0.2 and 0.20 are the same value.
                let plain = Reader.settingText(setting).Trim '"'

                if seen.Contains plain then
                    problem problems $"--grid {key.Path}: {plain} is listed twice."
                else
                    seen.Add plain
            | Ok ValueNone -> problem problems $"--grid {key.Path}: this setting cannot be swept."

    AxisValues.Listed(ImmutableArray.CreateRange seen)

/// Settings that act on the reading of the data, not on a set.
let private ofData =
    [
        "latency.ingest"
        "latency.clock"
        "latency.ingest_floor_ms"
        "latency.order_file"
    ]

let private axis (problems: ResizeArray<string>) (sampler: Sampler) (text: string) : Axis option =
    match text.IndexOf '=' with
    | i when i > 0 && i < text.Length - 1 ->
        let name = text.Substring(0, i).Trim()
        let body = text.Substring(i + 1).Trim()

        match find ScalperKeys.all name with
        | Error sentence ->
            problem problems sentence
            None
        | Ok key when key.Path.StartsWith("symbol.", StringComparison.Ordinal) ->
            problem problems $"--grid {key.Path}: a sweep has one instrument; name it with --coin."
            None
        | Ok key when List.contains key.Path ofData ->
            problem
                problems
                $"--grid {key.Path}: it decides how the data are read, once for all sets; give it by --set."

            None
        | Ok key ->
            match body.IndexOf ".." with
            | -1 ->
                Some
                    {
                        Key = key
                        Values = listed problems key (split body)
                    }
            | _ when sampler = Sampler.Grid ->
                problem
                    problems
                    $"--grid {text}: a range needs a sampler; add --sampler random or tpe, or list the values."

                None
            | at ->
                let low, high = body.Substring(0, at).Trim(), body.Substring(at + 2).Trim()

                Some
                    {
                        Key = key
                        Values = range problems key low high
                    }
    | at ->
        let name = (if at >= 0 then text.Substring(0, at) else text).Trim()

        match find ScalperKeys.all name with
        | Ok key when name <> "" ->
            problem problems $"--grid {text}: no value is named; write it as --grid {key.Path}=a,b,c."
        | Error sentence when name <> "" -> problem problems sentence
        | _ -> problem problems $"--grid {text}: write it as KEY=a,b,c, such as --grid signal.x=0.15,0.2."

        None

let private axes (problems: ResizeArray<string>) (sampler: Sampler) (texts: string list) : ImmutableArray<Axis> =
    let found = texts |> List.choose (axis problems sampler)

    for path, several in found |> List.countBy (fun a -> a.Key.Path) do
        if several > 1 then
            problem problems $"--grid {path}: this setting is swept twice; put all its values into one --grid."

    ImmutableArray.CreateRange found

let private sampler (problems: ResizeArray<string>) (r: ParseResults<SweepArgs>) : Sampler =
    match r.TryGetResult SweepArgs.Sampler with
    | None when r.Contains SweepArgs.Trials -> Sampler.Drawn
    | None
    | Some "grid" -> Sampler.Grid
    | Some "random" -> Sampler.Drawn
    | Some "tpe" -> Sampler.Tpe
    | Some other ->
        problem problems $"--sampler {other}: there is no such sampler; take grid, random or tpe."
        Sampler.Grid

let private within (problems: ResizeArray<string>) (flag: string) (least: int) (most: int) (n: int) : int =
    if n < least || n > most then
        problem problems $"{flag} {n}: it must be between {least} and {most}."

    n

/// Ends of a range, or every listed value: the sets that can go wrong do so at these.
let private corners (a: Axis) : Axis =
    match a.Values with
    | AxisValues.Listed _ -> a
    | AxisValues.Between _ ->
        { a with
            Values = AxisValues.Listed(ImmutableArray.Create<string>(a.Text 0, a.Text(a.Count - 1)))
        }

/// Every set at a corner of the search, tried on the settings; what is wrong with them, each sentence once.
let private tryCorners
    (problems: ResizeArray<string>)
    (node: Node)
    (sets: ImmutableArray<struct (string * string)>)
    axes
    =
    let edges = axes |> Seq.map corners |> ImmutableArray.CreateRange
    let found = ResizeArray<Values>()

    for p in Grid.product edges do
        match Reader.read ScalperKeys.all node (sets.AddRange(Grid.pairs edges p)) with
        | Error bad ->
            for b in bad do
                problem problems b.Sentence
        | Ok values ->
            for b in Load.check values do
                problem problems $"--grid: {b.Sentence}"

            found.Add(Setup.withTier InstrumentKind.Perp values)

    found

/// The flags as a request, or every sentence that is against it.
let ask (r: ParseResults<SweepArgs>) : Asked =
    if not (r.Contains SweepArgs.Grid) then
        r.Raise("missing parameter '--grid'.", ErrorCode.CommandLine, showUsage = true)

    let problems = ResizeArray<string>()
    let sampler = sampler problems r
    // The name of a sampler is all that cannot be read here.
    let isUnread = problems.Count > 0
    let axes = axes problems sampler (r.GetResults SweepArgs.Grid)

    let trials =
        within problems "--trials" 1 100_000 (r.GetResult(SweepArgs.Trials, 64))

    let workers =
        within problems "--workers" 1 1_024 (r.GetResult(SweepArgs.Workers, Environment.ProcessorCount))

    let folds = within problems "--folds" 2 20 (r.GetResult(SweepArgs.Folds, 4))

    let screen =
        r.TryGetResult SweepArgs.Screen
        |> Option.map (within problems "--screen" 0 100_000)

    if r.Contains SweepArgs.Trials && sampler = Sampler.Grid then
        problem problems "--trials is for --sampler random or tpe; a grid judges every set."

    if r.Contains SweepArgs.Folds && not (r.Contains SweepArgs.Walk_Forward) then
        problem problems "--folds is for --walk-forward; add that flag."

    if r.Contains SweepArgs.Force && r.Contains SweepArgs.Resume then
        problem problems "--force writes a sweep anew and --resume continues it; give one of them."

    if problems.Count = 0 && sampler = Sampler.Grid && Grid.size axes > most then
        let count = (Grid.size axes).ToString("#,0", CultureInfo.InvariantCulture)
        problem problems $"the grid has {count} sets; take --sampler random or tpe with --trials above 20,000."

    let seeds =
        match r.TryGetResult SweepArgs.Seed with
        | Some seed when seed < 0L ->
            problem problems $"--seed {seed}: the seed must not be negative."
            []
        | Some seed -> [ $"sim.seed={seed}" ]
        | None -> []

    let sets = Load.sets (r.GetResults SweepArgs.Set @ seeds)
    let config = r.TryGetResult SweepArgs.Config
    let basis = Load.settings config sets

    let node = Load.node config

    let edges = axes |> Seq.map corners |> ImmutableArray.CreateRange

    let tried =
        if problems.Count > 0 then
            ResizeArray()
        elif Grid.size edges > most then
            problem problems "so many settings at once cannot be checked against each other; sweep fewer."
            ResizeArray()
        else
            tryCorners problems node sets axes

    if problems.Count > 0 then
        let all = problems |> Seq.distinct |> Seq.toList
        raise (if isUnread then Usage all else Refusal all)

    let plan: SweepPlan =
        {
            Axes = axes
            Sampler = sampler
            Trials = trials
            Seed = basis.Whole "sim.seed"
        }

    let values (p: Point) (more: ImmutableArray<struct (string * string)>) : Values =
        match Reader.read ScalperKeys.all node (sets.AddRange(Grid.pairs axes p).AddRange more) with
        | Ok values -> Setup.withTier InstrumentKind.Perp values
        | Error bad -> raise (Refusal [ for b in bad -> b.Sentence ])

    {
        Plan = plan
        Values = (fun p -> values p ImmutableArray.Empty)
        With = values
        Base = basis
        Folds = if r.Contains SweepArgs.Walk_Forward then folds else 0
        Screen = defaultArg screen 0
        Workers = workers
        Purge = Sweep.purge tried
    }

/// The same request on a coin: what its sets are called by does not depend on how the coin was named.
let ofCoin (coin: string) (asked: Asked) : Asked =
    { asked with
        Base = Setup.withCoin coin asked.Base
        Values = asked.Values >> Setup.withCoin coin
        With = (fun p more -> Setup.withCoin coin (asked.With p more))
    }
