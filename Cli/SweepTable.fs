/// What people see at the end of a sweep.
module Vrlg.Cli.SweepTable

open System
open Vrlg.Cli.Screen
open Vrlg.Cli.SweepOutput
open Vrlg.Core
open Vrlg.Sim

let private tail (path: string) = path.Substring(path.IndexOf '.' + 1)
let private most = 12

let private resultRow (f: Found) (i: int) (j: Judged) =
    let s = j.Whole
    let figure digits name = number digits (s.Figure name)

    [
        string (i + 1)
        string j.Point.Id
        for a in 0 .. f.Plan.Axes.Length - 1 do
            f.Plan.Axes[a].Text j.Point.At[a]
        figure 3 "objective"
        figure 3 "trade_sharpe"
        figure 2 "max_dd_in_edges"
        figure 6 "mean_abs_delta"
        figure 0 "trades"
        figure 4 "net_usd"
        for k in 0 .. f.Folds.Length - 1 do
            number 3 (j.Test k).Objective
    ]

let private showResults (f: Found) =
    let head =
        [
            "rank"
            "set"
            for a in f.Plan.Axes do
                tail a.Key.Path
            "objective"
            "tradeSharpe"
            "maxDD/edge"
            "mean|delta|"
            "trades"
            "net USD"
            for k in 1 .. f.Folds.Length do
                if f.Folds.Length = 1 then "out of sample" else $"out {k}"
        ]

    // By importance: place, set, keys and objective always; then net result, trades, out of sample, and the objective's parts.
    let at = 2 + f.Plan.Axes.Length

    let spare =
        [ at + 3; at + 2; at + 1 ]
        @ List.rev [ at + 6 .. head.Length - 1 ]
        @ [ at + 4; at + 5 ]

    let lost =
        tableOf
            [ for name in head -> name, Right ]
            [ for i in 0 .. min most f.Ranked.Length - 1 -> resultRow f i f.Ranked[i] ]
            spare

    if not lost.IsEmpty then
        let names = String.Join(", ", lost)
        paragraph 2 $"no room here for {names}; they are in results.parquet and on the page"

    if f.Ranked.Length > most then
        paragraph 2 $"... and {f.Ranked.Length - most} more in results.parquet"

/// One sentence.
let private say' (parts: string list) = paragraph 2 (String.Join(" ", parts))

let private showScreening (s: Screening) =
    let rule i = Tiers.first Tiers.both[i]

    say'
        [
            $"screening: rank correlation with Tier 2 over {s.Compared} sets:"
            $"{rule 0} {number 3 s.Correlations[0]}, {rule 1} {number 3 s.Correlations[1]}"
        ]

    if not s.Stands then
        say'
            [
                (match s.Correlations[1] with
                 | ValueSome _ ->
                     $"The screening was refused: {rule 1} agrees too little (below {Sweep.leastCorrelation})."
                 | ValueNone ->
                     $"The screening was refused: the sets do not differ enough to compare {rule 1} with Tier 2.")
                "Every set was judged in Tier 2."
            ]

/// Whether no figure of the table tells one set from another.
let private areAlike (f: Found) =
    let told (j: Judged) =
        [
            for name in
                [
                    "objective"
                    "trade_sharpe"
                    "max_dd_in_edges"
                    "mean_abs_delta"
                    "trades"
                    "net_usd"
                ] -> number 9 (j.Whole.Figure name)
        ]

    f.Ranked.Length > 1
    && f.Ranked |> Seq.forall (fun j -> told j = told f.Ranked[0])

let private showBest (f: Found) =
    let span name =
        f.Interval
        |> Seq.map (fun j ->
            let label = j.Tier.Substring 7
            $"{label} {number 3 (j.Whole.Figure name)}")
        |> String.concat ", "

    let objective, net = span "objective", span "net_usd"

    if areAlike f then
        paragraph 2 "all sets have the same figures: the data chose none of them, set numbers stand for any"

    paragraph 2 $"best set {f.Ranked[0].Point.Id} by queue rule: objective {objective}; net USD {net}"

    for k in 0 .. f.Folds.Length - 1 do
        let r = f.Folds[k]
        let name = if f.IsWalkForward then $"fold {k + 1}" else "hold-out"

        let usd (s: Score) = number 4 (ValueSome s.Net)

        say'
            [
                $"{name}: set {r.Chosen.Id} was best in sample"
                $"({number 3 r.InSample.Objective}, net {usd r.InSample} USD);"
                $"out of sample {number 3 r.OutOfSample.Objective}, net {usd r.OutOfSample} USD,"
                $"place {r.TestRank} of {r.Field}; rank correlation {number 2 r.Correlation}"
            ]

    let d = f.Deflation

    say'
        [
            $"deflated Sharpe: {number 3 d.Sharpe} a trade against {number 3 d.Lucky} expected of luck"
            $"in {d.Trials} trials; confidence {number 3 d.Confidence}"
        ]

/// What people see at the end.
let show (f: Found) =
    paragraph 2 $"{f.Coin}: {Sweep.size f.Plan} sets, {f.FillTier}, data {f.DataTier}"
    paragraph 2 $"objective = {Judging.words}; a dash: not defined, such a set ranks last, by net result"
    Console.Out.WriteLine()
    showResults f
    Console.Out.WriteLine()

    match f.Screening with
    | ValueSome s -> showScreening s
    | ValueNone -> ()

    showBest f

    for warning in f.Warnings do
        complain "warning" warning
