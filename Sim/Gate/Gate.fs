namespace Vrlg.Sim

open System
open System.Collections.Immutable
open System.Globalization
open Vrlg.Core

/// One line of the gate.
[<NoComparison; NoEquality>]
type Kpi =
    {
        Name: string
        Unit: string
        /// None where nothing happened that it could be measured by.
        Value: float voption
        Least: float voption
        Most: float voption
        /// The 10th percentile of the resamples where a least value is asked, the 90th where a most is. None without resamples.
        Low: float voption
        High: float voption
    }

    /// Value and bounds lie within what is asked; what is not known does not.
    member k.Passed =
        let isAbove (v: float voption) =
            match k.Least, v with
            | ValueNone, _ -> true
            | ValueSome least, ValueSome v -> v >= least
            | _ -> false

        let isBelow (v: float voption) =
            match k.Most, v with
            | ValueNone, _ -> true
            | ValueSome most, ValueSome v -> v <= most
            | _ -> false

        k.Value.IsSome
        && isAbove k.Value
        && isBelow k.Value
        && isAbove k.Low
        && isBelow k.High

/// Whether a strategy may be tried with real money (D0-109 to D0-114).
[<NoComparison; NoEquality>]
type Gate =
    {
        Subject: GateSubject
        From: Instant
        To: Instant
        Runs: int
        /// In which features existed and trading was not halted.
        Hours: float
        MinHours: float
        Trades: int
        Kpis: ImmutableArray<Kpi>
        /// Why it is not valid for live, whatever the figures say; empty where it is.
        Against: ImmutableArray<string>
    }

    member g.IsLongEnough = g.Hours >= g.MinHours
    member g.Passed = g.IsLongEnough && g.Kpis |> Seq.forall (fun k -> k.Passed)
    member g.IsValidForLive = g.Passed && g.Against.IsEmpty

/// A gate as it was written down, with the hash that it states and the one that its text has.
[<NoComparison>]
type GateSeal =
    {
        Subject: GateSubject
        To: Instant
        Passed: bool
        IsValidForLive: bool
        Stated: string
        Found: string
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Gate =
    /// Hours of paper trading before real money (D0-109).
    [<Literal>]
    let LiveHours = 48.0

    /// A gate holds for seven days from the end of its last run; the action budget must last as long.
    [<Literal>]
    let DaysValid = 7

    /// By a figure of blocks: none in a resample counts as the worst.
    let private percentile (picks: int[][]) (q: float) (worst: float) (figure: int[] -> float voption) : float voption =
        if picks.Length = 0 || picks[0].Length < Bootstrap.LeastBlocks then
            ValueNone
        else
            let values =
                picks
                |> Array.map (fun pick ->
                    match figure pick with
                    | ValueSome v when not (Double.IsNaN v) -> v
                    | _ -> worst)
                |> Array.sort

            ValueSome values[max 0 (int (ceil (q * float values.Length)) - 1)]

    let private sum (blocks: GateBlock[]) (value: GateBlock -> float) (pick: int[]) =
        let mutable s = 0.0

        for i in pick do
            s <- s + value blocks[i]

        s

    let private ratio (top: float) (bottom: float) =
        if bottom > 0.0 then ValueSome(top / bottom) else ValueNone

    /// Hours until the allowance is used up at the pace of the blocks.
    let private horizon (left: float voption) (blocks: GateBlock[]) (pick: int[]) : float voption =
        let hours = sum blocks (fun b -> b.Hours) pick

        match left with
        | ValueSome left when hours > 0.0 ->
            let actions = sum blocks (fun b -> b.Actions) pick / hours
            ValueSome(Execution.budgetHorizonHours (max 0.0 left) actions (sum blocks (fun b -> b.Usd) pick / hours))
        | _ -> ValueNone

    /// Drawdown in days of edge; without an edge above 0 there is nothing to measure it in.
    let private inEdges (least: float) (blocks: GateBlock[]) (pick: int[]) : float voption =
        let minutes = sum blocks (fun b -> b.ActiveMinutes) pick
        let edge = Objective.dailyEdge (sum blocks (fun b -> b.NetUsd) pick) minutes
        Objective.maxDdInEdges (max least (GateBlocks.drawdown (pick |> Seq.map (fun i -> blocks[i])))) edge

    /// What is left of the allowance after all runs; none where one of them counted none.
    let private allowanceLeft (runs: GateRun list) (blocks: GateBlock[]) : float voption =
        if runs |> List.exists (fun r -> r.Allowance < 0L) then
            ValueNone
        else
            let start = runs |> List.map (fun r -> r.Allowance) |> List.min
            ValueSome(float start + Array.sumBy (fun b -> b.Usd - b.Actions) blocks)

    let private kpis (runs: GateRun list) (blocks: GateBlock[]) : Kpi list =
        let picks = Bootstrap.picks 1L blocks.Length Bootstrap.Resamples
        let whole = Array.init blocks.Length id
        let sum = sum blocks
        let fall = runs |> Seq.map (fun r -> r.MaxDrawdownUsd) |> Seq.fold max 0.0

        let line name unit least most (figure: int[] -> float voption) : Kpi =
            let bound asked q worst =
                if ValueOption.isSome asked then
                    percentile picks q worst figure
                else
                    ValueNone

            {
                Name = name
                Unit = unit
                // Without a single trade nothing has been shown.
                Value =
                    if sum (fun b -> b.Trips) whole > 0.0 then
                        figure whole
                    else
                        ValueNone
                Least = least
                Most = most
                Low = bound least 0.1 Double.NegativeInfinity
                High = bound most 0.9 Double.PositiveInfinity
            }

        let left = allowanceLeft runs blocks

        let perTrip (value: GateBlock -> float) pick =
            ratio (sum value pick) (sum (fun b -> b.Trips) pick)

        let most v = ValueSome v
        let least v = ValueSome v

        [
            line "slippage_ticks" "ticks" ValueNone (most 1.0) (fun p ->
                ratio (sum (fun b -> b.SlipCost) p) (sum (fun b -> b.SlipSize) p))
            line "win_rate" "" (least 0.55) ValueNone (perTrip (fun b -> b.Wins))
            line "max_drawdown_in_edges" "days of edge" ValueNone (most 8.0) (inEdges fall blocks)
            line "trades_per_min" "/min" (least 3.0) (most 10.0) (fun p ->
                ratio (sum (fun b -> b.Trips) p) (sum (fun b -> b.ActiveMinutes) p))
            line "budget_horizon_h" "h" (least (24.0 * float DaysValid)) ValueNone (horizon left blocks)
            line "holding_within_share" "" (least 0.9) ValueNone (perTrip (fun b -> b.Within))
        ]

    let private differing (what: string) (value: GateRun -> string) (runs: GateRun list) : string list =
        match runs |> List.map value |> List.distinct with
        | [ _ ] -> []
        | several -> [ $"the runs have {several.Length} different {what}" ]

    let private overlaps (runs: GateRun list) =
        runs
        |> List.pairwise
        |> List.exists (fun (a, b) -> let until = a.To in b.From.Ns < until.Ns)

    /// Whatever stands against it beside the figures. The runs are in the order of their time.
    let private against (runs: GateRun list) (hours: float) : string list =
        [
            let other = runs |> List.filter (fun r -> r.Mode <> "paper")

            if not other.IsEmpty then
                let modes = String.Join(", ", other |> List.map (fun r -> r.Mode) |> List.distinct)
                $"only paper runs count, and {other.Length} of {runs.Length} are not (mode {modes})"

            yield! differing "settings" (fun r -> r.Subject.Config) runs
            yield! differing "builds" (fun r -> r.Subject.Build) runs
            yield! differing "accounts" (fun r -> r.Subject.Account) runs
            yield! differing "instruments" (fun r -> r.Subject.Instrument) runs

            if hours < LiveHours then
                let said = hours.ToString("0.##", CultureInfo.InvariantCulture)
                $"{said} h of trading were seen, 48 h are asked"

            if overlaps runs then
                "two of the runs overlap in time: the same hours would count twice"

            match runs |> List.filter (fun r -> not r.IsComplete) with
            | [] -> ()
            | broken -> $"{broken.Length} of the runs did not come to an end"
        ]

    /// Judges runs of one subject; at least one is needed.
    let ofRuns (minHours: float) (first: GateRun) (more: GateRun list) : Gate =
        let runs = first :: more |> List.sortBy (fun r -> let at = r.From in at.Ns)

        let total =
            runs |> List.sumBy (fun r -> let span: Duration = r.To - r.From in span.Ns)

        let blocks =
            runs |> Seq.collect (GateBlocks.ofRun (GateBlocks.length total)) |> Seq.toArray

        let hours = (runs |> List.sumBy (fun r -> r.ActiveMinutes)) / 60.0

        let last =
            runs
            |> List.fold (fun (at: Instant) r -> let own = r.To in if own.Ns > at.Ns then own else at) first.To

        {
            Subject = first.Subject
            From = runs.Head.From
            To = last
            Runs = runs.Length
            Hours = hours
            MinHours = minHours
            Trades = runs |> List.sumBy (fun r -> r.Trips.Length)
            Kpis = ImmutableArray.CreateRange(kpis runs blocks)
            Against = ImmutableArray.CreateRange(against runs hours)
        }

    /// Every reason why a written gate does not open the way to real money now; none where it does. The hash finds accidents:
    /// whoever forges a gate writes a hash that fits.
    let check (now: Instant) (wanted: GateSubject) (seal: GateSeal) : string list =
        let same what (a: string) (b: string) =
            if a = b then
                []
            else
                [ $"it is of another {what} ({a}, now {b})" ]

        let own = seal.Subject
        let age: Duration = now - seal.To

        [
            if seal.Stated <> seal.Found then
                "its text is not the one that its hash was made of: it was changed or cut"
            if not seal.Passed then
                "it was not passed"
            elif not seal.IsValidForLive then
                "it is not valid for live"
            yield! same "configuration" own.Config wanted.Config
            yield! same "build" own.Build wanted.Build
            yield! same "account" own.Account wanted.Account
            yield! same "instrument" own.Instrument wanted.Instrument
            if age.Ns > int64 DaysValid * 86_400_000_000_000L then
                $"it is older than {DaysValid} days"
            if age.Ns < 0L then
                "it is of a time to come: one of the clocks is wrong"
        ]
