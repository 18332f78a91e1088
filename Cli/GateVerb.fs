/// `vrlg gate`: may what these runs did be tried with real money?
module Vrlg.Cli.GateVerb

open System
open System.Collections.Immutable
open System.IO
open System.Text
open Argu
open Vrlg.Adapters
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Shell.Report
open Vrlg.Sim

let private file (folder: RunFolder) (name: string) =
    let path = folder.File name

    if File.Exists path then
        path
    else
        refuse $"{folder.Path}: {name} is missing, so this is no finished run folder. Run it again."

/// The rows of a table, each by what `take` makes of it.
let private rows (folder: RunFolder) (name: string) (needed: string list) (take: Columns -> 'a) : ImmutableArray<'a> =
    file folder name |> ignore<string>
    let table = Columns(folder.Path, name, List.toArray needed)
    let found = ImmutableArray.CreateBuilder<'a>()

    while table.Next() do
        found.Add(take table)

    found.ToImmutable()

let private text (s: RunSummary) (name: string) : string | null = s.Text(ReadOnlySpan<string> [| name |])

let private amount (s: RunSummary) (path: string[]) : Nullable<decimal> = s.Number(ReadOnlySpan<string> path)

let private fill (row: Columns) : GateFill =
    let size = float (row.Amount "sz")
    let slip = row.Drawn "slippage_ticks"

    {
        At = row.Nanoseconds "time_ns"
        Size = size
        Usd = size * float (row.Amount "px")
        SlippageTicks = if Double.IsFinite slip then ValueSome slip else ValueNone
    }

let private trip (row: Columns) : GateTrip =
    {
        Entry = row.Nanoseconds "entry_ns"
        Exit = row.Nanoseconds "exit_ns"
        NetUsd = float (row.Amount "net_usd")
    }

let private sample (capital: float) (row: Columns) : GateSample =
    let equity = row.Drawn "equity_usd"

    {
        At = row.Nanoseconds "time_ns"
        EquityUsd = if Double.IsFinite equity then equity else capital
        IsKnown = Double.IsFinite(row.Drawn "spread_ticks")
    }

/// The build that made a run, by the header of its journal.
let private buildOf (segment: string) : string =
    let content = Load.bytes segment

    let header =
        if Journal.isSegment (ReadOnlySpan content) then
            Journal.read (ReadOnlySpan content) Journal.mark.Length
        else
            JournalRead.Nothing

    match header with
    | JournalRead.Record(JournalRecord.Header h, _) -> h.Build
    | _ -> refuse $"{segment}: the journal's header cannot be read. Copy the run folder again from where it was made."

/// What the gate reads of the tables.
let private tables = [ "fills.csv"; "trades.csv"; "orders.csv"; "series.csv" ]

/// Trips, fees, net and wins of trades.csv are those that the summary states.
let private isSummed (s: RunSummary) (trips: ImmutableArray<struct (GateTrip * decimal * decimal)>) : bool =
    let sum (of': struct (GateTrip * decimal * decimal) -> decimal) = Nullable(trips |> Seq.sumBy of')

    let wins = sum (fun struct (_, _, net) -> if net > 0m then 1m else 0m)

    let rate =
        if trips.IsEmpty then
            Nullable()
        else
            Nullable(Math.Round(wins.Value / decimal trips.Length, 6))

    let isRate =
        match amount s [| "hit_rate" |] with
        | stated when stated.HasValue && rate.HasValue -> abs (stated.Value - rate.Value) <= 0.000001m
        | stated -> stated.HasValue = rate.HasValue

    amount s [| "trades" |] = Nullable(decimal trips.Length)
    && amount s [| "fees_usd" |] = sum (fun struct (_, fee, _) -> fee)
    && amount s [| "net_usd" |] = sum (fun struct (_, _, net) -> net)
    && isRate

/// Settings, journal and tables are those that the summary was made of: what was mixed up or edited says nothing.
let private verify
    (folder: RunFolder)
    (s: RunSummary)
    (config: string)
    (trips: ImmutableArray<struct (GateTrip * decimal * decimal)>)
    =
    let differs what =
        refuse $"{folder.Path}: {what} is not the one that summary.json was written with. Run it again."

    if text s "config_sha256" <> Load.sha256 config then
        differs "config.effective.toml"

    if text s "journal_sha256" <> folder.JournalSha256() then
        differs "the journal"

    for name in tables do
        let stated = s.Text(ReadOnlySpan<string> [| "tables_sha256"; name |])

        if stated <> Load.sha256 (File.ReadAllText(file folder name)) then
            differs name

    if not (isSummed s trips) then
        differs "trades.csv"

let private allowanceOf (path: string) (config: string) : int64 =
    match Toml.parse (Encoding.UTF8.GetBytes config) with
    | Ok tree ->
        match Reader.read ScalperKeys.all tree ImmutableArray.Empty with
        | Ok values -> values.Whole "account.allowance"
        | Error problems -> raise (Load.Problems(path, problems))
    | Error problems -> raise (Load.Problems(path, problems))

let private read (path: string) : GateRun =
    let folder = RunFolder.Open path
    let s = RunSummary.Read(file folder "summary.json")
    let settings = file folder "config.effective.toml"
    let config = File.ReadAllText settings

    let trips =
        rows folder "trades.csv" [ "entry_ns"; "exit_ns"; "fee_usd"; "net_usd" ] (fun row ->
            struct (trip row, row.Amount "fee_usd", row.Amount "net_usd"))

    verify folder s config trips

    let number (name: string) (value: Nullable<decimal>) =
        if value.HasValue then
            float value.Value
        else
            refuse $"{path}: summary.json has no {name}. Run it again."

    let instant (name: string) (value: Nullable<int64>) =
        Instant.Of(
            if value.HasValue then
                value.Value
            else
                refuse $"{path}: summary.json has no {name}. Run it again."
        )

    let word (name: string) (fallback: string) =
        match text s name with
        | null -> fallback
        | text -> text

    let capital = number "equity_usd" (amount s [| "equity_usd" |])
    let drawdown = amount s [| "max_drawdown_usd" |]

    {
        Subject =
            {
                Config = word "config_sha256" ""
                Build = buildOf (folder.Segments()[0])
                Account = word "account" "simulated"
                Instrument = word "coin" ""
            }
        Mode = word "mode" "backtest"
        IsComplete = folder.IsComplete && s.Complete
        From = instant "span.from" s.FromNs
        To = instant "span.to" s.ToNs
        ActiveMinutes = number "span.active_minutes" s.ActiveMinutes
        CapitalUsd = capital
        Allowance = allowanceOf settings config
        Actions = int64 (number "metrics.execution.actions" (amount s [| "metrics"; "execution"; "actions" |]))
        MaxDrawdownUsd = if drawdown.HasValue then float drawdown.Value else 0.0
        Fills = rows folder "fills.csv" [ "time_ns"; "px"; "sz"; "slippage_ticks" ] fill
        Trips = trips |> Seq.map (fun struct (t, _, _) -> t) |> ImmutableArray.CreateRange
        Samples = rows folder "series.csv" [ "time_ns"; "spread_ticks"; "equity_usd" ] (sample capital)
        Sent = rows folder "orders.csv" [ "sent_ns" ] (fun row -> row.Nanoseconds "sent_ns")
    }

// ---- what people see ----

let private titles =
    dict
        [
            "slippage_ticks", "slippage"
            "win_rate", "win rate"
            "max_drawdown_in_edges", "drawdown"
            "trades_per_min", "trades"
            "budget_horizon_h", "actions last"
            "holding_within_share", "held 0.3-3 s"
        ]

let private value (k: Kpi) (v: float voption) =
    match v with
    | ValueNone when k.Name = "max_drawdown_in_edges" -> "no daily edge"
    | ValueNone -> "nothing known"
    | ValueSome x when Double.IsInfinity x ->
        if x > 0.0 && ValueOption.isSome k.Least then
            "without end"
        else
            "none"
    | ValueSome x when k.Unit = "" -> number 1 (ValueSome(100.0 * x)) + " %"
    | ValueSome 1.0 when k.Unit = "ticks" -> "1 tick"
    | v -> number 2 v + " " + k.Unit

let private asked (k: Kpi) =
    match k.Least, k.Most with
    | ValueSome a, ValueSome b -> $"{number 2 (ValueSome a)} to {value k (ValueSome b)}"
    | ValueSome _, ValueNone -> $"at least {value k k.Least}"
    | _ -> $"at most {value k k.Most}"

/// In 90 of 100 resamples the figure is not worse than this; none where there was too little to resample.
let private bound (k: Kpi) =
    let side (v: float voption) = if v.IsSome then value k v else "none"

    match k.Least, k.Most with
    | ValueSome _, ValueSome _ -> $"{side k.Low} and {side k.High}"
    | ValueSome _, ValueNone -> side k.Low
    | _ -> side k.High

let private line (passed: bool) (name: string) (words: string) =
    (if passed then "pass  " else "FAIL  ") + name, words

let private show (g: Gate) =
    let hours = number 2 (ValueSome g.Hours)
    let least = number 2 (ValueSome g.MinHours)
    let config = g.Subject.Config.Substring(0, min 8 g.Subject.Config.Length)
    let runs = counted (int64 g.Runs) "run"
    let trades = counted (int64 g.Trades) "trade"
    paragraph 0 $"{g.Subject.Instrument}, {runs}, {span g.From g.To}; settings {config}, account {g.Subject.Account}"
    Console.Out.WriteLine()

    pairs
        $"{trades} in {hours} h"
        [
            yield line g.IsLongEnough "hours" $"{hours} h, asked at least {least} h"

            for k in g.Kpis do
                yield line k.Passed titles[k.Name] $"{value k k.Value}, 90 %% bound {bound k}, asked {asked k}"
        ]

    Console.Out.WriteLine()

    paragraph
        0
        (if g.Passed then
             "The gate is passed."
         else
             "The gate is not passed.")

    if g.IsValidForLive then
        paragraph
            0
            $"Valid for live for {Gate.DaysValid} days from {moment g.To}, the first size being {Scaling.sizeAt (Scaling.steps[0]) 0} coins."
    elif g.Against.IsEmpty then
        paragraph 0 "Not valid for live."
    else
        paragraph 0 "Not valid for live:"

        for reason in g.Against do
            paragraph 2 $"- {reason}"

let private hoursOf (text: string) : float =
    match Exact.parse text with
    | Ok raw when raw >= 0L && raw <= 1_000_000_000_000L -> float raw / 1e8
    | Ok _ -> refuse $"--min-hours {text}: it must be between 0 and 10000."
    | Error problem -> usage $"--min-hours {text}, which {Exact.sentence problem}."

let private distinct (folders: string list) =
    let full =
        folders
        |> List.map (fun f -> Path.TrimEndingDirectorySeparator(Path.GetFullPath f))

    if (List.distinct full).Length < full.Length then
        usage "a run is named twice; name each run once."

/// Figures of runs that differ in what was run cannot be pooled.
let private refuseMixed (runs: (string * GateRun) list) =
    let first, one = runs.Head

    let differing (what: string) (of': GateRun -> string) =
        runs.Tail
        |> List.tryFind (fun (_, run) -> of' run <> of' one)
        |> Option.map (fun (folder, run) ->
            let short (text: string) = text.Substring(0, min 8 text.Length)
            $"{folder}: its {what} ({short (of' run)}) is not that of {first} ({short (of' one)}); name runs of one kind.")

    let found =
        List.choose
            id
            [
                differing "instrument" _.Subject.Instrument
                differing "account" _.Subject.Account
                differing "hash of the settings" _.Subject.Config
            ]

    if not found.IsEmpty then
        raise (Refusal found)

let run (r: ParseResults<GateArgs>) : int =
    let folders = r.GetResult GateArgs.Runs
    distinct folders

    let minHours =
        match r.TryGetResult GateArgs.Min_Hours with
        | Some text -> hoursOf text
        | None -> Gate.LiveHours

    let runs = folders |> List.map (fun f -> f, read f)
    refuseMixed runs
    let gate = Gate.ofRuns minHours (snd runs.Head) (List.map snd runs.Tail)
    // It stands in the run that ended last.
    let last, _ = runs |> List.maxBy (fun (_, run) -> let at = run.To in at.Ns)
    let text = GateFile.text gate
    let path = Path.Combine(last, GateFile.Name)
    WholeFile.Write(path, text)

    if r.Contains GateArgs.Json then
        Console.Out.Write text
    else
        show gate
        Console.Out.WriteLine()
        Console.Out.WriteLine path

    if gate.Passed then Exit.done' else Exit.refused
