/// What a sweep found, as JSON and as columns.
module Vrlg.Cli.SweepOutput

open System
open System.Collections.Immutable
open System.Globalization
open System.Text.Json
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell.Sweep
open Vrlg.Sim

/// A Tier-1 look at every set, and whether it agrees with Tier 2.
[<NoComparison; NoEquality>]
type Screening =
    {
        /// By rule: the optimistic one, then the pessimistic one, by which sets were chosen.
        ByRule: ImmutableArray<ImmutableArray<Judged>>
        /// Rank correlation of each rule with Tier 2, over the sets that both judged.
        Correlations: ImmutableArray<float voption>
        Compared: int
        Stands: bool
    }

/// Everything that a sweep found.
[<NoComparison; NoEquality>]
type Found =
    {
        Coin: string
        Span: Window
        Events: int
        DataTier: string
        ConfigSha256: string
        DataSha256: string
        Plan: SweepPlan
        FillTier: string
        IsWalkForward: bool
        Purge: Duration
        Screening: Screening voption
        /// Judged in Tier 2, best first.
        Ranked: ImmutableArray<Judged>
        /// The best set under other queue rules.
        Interval: ImmutableArray<Judged>
        Folds: ImmutableArray<FoldResult>
        Deflation: Deflation
        Warnings: ImmutableArray<string>
    }

let private instant (ns: int64) =
    let at = Instant.Of ns
    at.ToString()

/// The values of a point, numbers as numbers.
let private values (w: Utf8JsonWriter) (plan: SweepPlan) (p: Point) =
    w.WriteStartObject "values"

    for i in 0 .. plan.Axes.Length - 1 do
        let a = plan.Axes[i]
        let text = a.Text p.At[i]

        match a.Key.Kind with
        | Kind.Whole _
        | Kind.Exact _ ->
            w.WritePropertyName a.Key.Path
            w.WriteRawValue text
        | Kind.Text
        | Kind.Flag
        | Kind.Span _ -> w.WriteString(a.Key.Path, text)

    w.WriteEndObject()

let private figures (w: Utf8JsonWriter) (s: Score) =
    for struct (name, value) in s.Figures do
        JsonOut.number w name value

let private window (w: Utf8JsonWriter) (name: string) (x: Window) =
    w.WriteStartObject name
    w.WriteString("from", instant x.From)
    w.WriteString("to", instant x.To)
    w.WriteEndObject()

let private grid (w: Utf8JsonWriter) (plan: SweepPlan) =
    w.WriteStartArray "grid"

    for a in plan.Axes do
        w.WriteStartObject()
        w.WriteString("key", a.Key.Path)
        w.WriteString("unit", a.Key.Unit)
        w.WriteString("values", SweepText.axisText a)
        w.WriteEndObject()

    w.WriteEndArray()

let private screening (w: Utf8JsonWriter) (f: Found) =
    match f.Screening with
    | ValueNone -> w.WriteNull "screening"
    | ValueSome s ->
        w.WriteStartObject "screening"
        w.WriteNumber("compared", s.Compared)
        w.WriteNumber("least_correlation", Sweep.leastCorrelation)
        w.WriteBoolean("stands", s.Stands)
        w.WriteStartArray "rules"

        for i in 0 .. s.ByRule.Length - 1 do
            w.WriteStartObject()
            w.WriteString("rule", Tiers.first Tiers.both[i])
            JsonOut.number w "rank_correlation" s.Correlations[i]
            w.WriteStartArray "results"

            for j in s.ByRule[i] do
                w.WriteStartObject()
                w.WriteNumber("id", j.Point.Id)
                w.WriteString("tier", j.Tier)
                values w f.Plan j.Point
                figures w j.Whole
                w.WriteEndObject()

            w.WriteEndArray()
            w.WriteEndObject()

        w.WriteEndArray()
        w.WriteEndObject()

let private best (w: Utf8JsonWriter) (f: Found) =
    let j = f.Ranked[0]
    w.WriteStartObject "best"
    w.WriteNumber("id", j.Point.Id)
    w.WriteString("tier", j.Tier)
    values w f.Plan j.Point
    figures w j.Whole
    w.WriteStartArray "interval"

    for other in f.Interval do
        w.WriteStartObject()
        w.WriteString("tier", other.Tier)
        figures w other.Whole
        w.WriteEndObject()

    w.WriteEndArray()
    w.WriteEndObject()

let private overfitting (w: Utf8JsonWriter) (f: Found) =
    w.WriteStartObject "overfitting"

    w.WriteString(
        "method",
        (if f.IsWalkForward then
             "walk-forward"
         else
             "hold-out of the last 30 %")
    )

    w.WriteNumber("purge_s", f.Purge.Seconds)
    w.WriteStartArray "folds"

    for r in f.Folds do
        w.WriteStartObject()
        window w "train" r.Fold.Train
        window w "test" r.Fold.Test
        w.WriteNumber("chosen", r.Chosen.Id)
        values w f.Plan r.Chosen
        JsonOut.number w "in_sample" r.InSample.Objective
        JsonOut.number w "out_of_sample" r.OutOfSample.Objective
        JsonOut.number w "in_sample_net_usd" (ValueSome r.InSample.Net)
        JsonOut.number w "out_of_sample_net_usd" (ValueSome r.OutOfSample.Net)
        w.WriteNumber("test_rank", r.TestRank)
        w.WriteNumber("test_rank_of", r.Field)
        JsonOut.number w "rank_correlation" r.Correlation
        w.WriteEndObject()

    w.WriteEndArray()
    w.WriteStartObject "deflated_sharpe"
    w.WriteNumber("trials", f.Deflation.Trials)
    JsonOut.number w "sharpe_per_trade" f.Deflation.Sharpe
    JsonOut.number w "expected_of_luck" f.Deflation.Lucky
    JsonOut.number w "confidence" f.Deflation.Confidence
    w.WriteEndObject()
    w.WriteEndObject()

let private results (w: Utf8JsonWriter) (f: Found) =
    w.WriteStartArray "results"

    for i in 0 .. f.Ranked.Length - 1 do
        let j = f.Ranked[i]
        w.WriteStartObject()
        w.WriteNumber("rank", i + 1)
        w.WriteNumber("id", j.Point.Id)
        w.WriteString("tier", j.Tier)
        values w f.Plan j.Point
        figures w j.Whole

        for name, part in [ "train", j.Train; "test", j.Test ] do
            w.WriteStartArray name

            for k in 0 .. f.Folds.Length - 1 do
                match (part k).Objective with
                | ValueSome v -> w.WriteNumberValue v
                | ValueNone -> w.WriteNullValue()

            w.WriteEndArray()
            w.WriteStartArray(name + "_net_usd")

            for k in 0 .. f.Folds.Length - 1 do
                w.WriteNumberValue (part k).Net

            w.WriteEndArray()

        w.WriteEndObject()

    w.WriteEndArray()

/// The sweep as one JSON object, the same text for the same sweep.
let json (f: Found) : string =
    JsonOut.text true (fun w ->
        w.WriteStartObject()
        w.WriteString("coin", f.Coin)
        window w "span" f.Span
        w.WriteNumber("events", f.Events)
        w.WriteString("data_tier", f.DataTier)
        w.WriteString("config_sha256", f.ConfigSha256)
        w.WriteString("data_sha256", f.DataSha256)
        w.WriteString("sampler", SweepInput.samplerName f.Plan.Sampler)
        w.WriteNumber("seed", f.Plan.Seed)
        w.WriteNumber("points", Sweep.size f.Plan)
        w.WriteString("objective", Judging.words)
        w.WriteString("fill_tier", f.FillTier)
        grid w f.Plan
        best w f
        overfitting w f
        w.WriteStartArray "warnings"

        for warning in f.Warnings do
            w.WriteStringValue warning

        w.WriteEndArray()
        results w f
        screening w f
        w.WriteEndObject())
    + "\n"

// ---- columns ----

let private nullable (v: float voption) =
    match v with
    | ValueSome x -> Nullable x
    | ValueNone -> Nullable()

/// A row a judged set: Tier 2 by rank, then what the screening saw, whose rank is 0.
let columns (f: Found) : ResultColumn[] =
    let all = ResizeArray<Judged>(f.Ranked)

    match f.Screening with
    | ValueSome s ->
        for rule in s.ByRule do
            all.AddRange rule
    | ValueNone -> ()

    let rows = all.ToArray()

    let numbers name (pick: Judged -> float voption) =
        ResultColumn.OfNumbers(name, rows |> Array.map (fun j -> nullable (pick j)))

    let axis i (a: Axis) =
        let text (j: Judged) = a.Text j.Point.At[i]

        match a.Key.Kind with
        | Kind.Whole _
        | Kind.Exact _ -> numbers a.Key.Path (fun j -> ValueSome(Double.Parse(text j, CultureInfo.InvariantCulture)))
        | Kind.Text
        | Kind.Flag
        | Kind.Span _ -> ResultColumn.OfTexts(a.Key.Path, rows |> Array.map text)

    let names = rows[0].Whole.Figures |> Seq.map (fun struct (name, _) -> name)

    let made = ResizeArray<ResultColumn>()
    made.Add(ResultColumn.OfWholes("rank", rows |> Array.mapi (fun i _ -> if i < f.Ranked.Length then i + 1 else 0)))
    made.Add(ResultColumn.OfWholes("id", rows |> Array.map (fun j -> j.Point.Id)))
    made.Add(ResultColumn.OfTexts("tier", rows |> Array.map (fun j -> j.Tier)))
    made.AddRange(f.Plan.Axes |> Seq.mapi axis)
    made.AddRange(names |> Seq.map (fun name -> numbers name (fun j -> j.Whole.Figure name)))

    for k in 0 .. f.Folds.Length - 1 do
        let part name (pick: Judged -> Score) =
            made.Add(numbers $"fold{k + 1}_{name}_objective" (fun j -> (pick j).Objective))
            made.Add(numbers $"fold{k + 1}_{name}_net_usd" (fun j -> ValueSome (pick j).Net))

        part "train" (fun j -> j.Train k)
        part "test" (fun j -> j.Test k)

    made.ToArray()
