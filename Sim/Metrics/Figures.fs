namespace Vrlg.Sim

open System.Collections.Immutable
open Vrlg.Core

/// A figure weighed by role.
[<NoComparison; NoEquality>]
type ByRole =
    {
        All: float voption
        Maker: float voption
        Taker: float voption
    }

/// The position that is left at the end, at the last mid; apart from all trade statistics.
[<NoComparison; NoEquality>]
type OpenRest =
    {
        Position: Sz
        /// None before the first quotes.
        MidUsd: float voption
        /// Cash flow of the open trip and its rest at the mid.
        GrossUsd: float
        Fee: Usd
        Funding: Usd
        NetUsd: float
    }

/// Everything that simulation.md 13 says of a finished run.
[<NoComparison; NoEquality>]
type Figures =
    {
        Run: Finished
        Trips: Trips
        Open: OpenRest
        Objective: Objective
        /// Returns on the 60 s grid.
        Returns: int
        Sharpe: float voption
        DailySharpe: float voption
        Sortino: float voption
        Calmar: float voption
        NetUsd: float
        Inventory: Inventory voption
        SlippageVsMid: ByRole
        SlippageVsTouch: ByRole
        FillRatios: struct (float * float) voption
        RejectRatios: ImmutableArray<struct (string * float)>
        CancelRejectRatios: ImmutableArray<struct (string * float)>
        CancelToFill: float voption
        ActionsPerTrade: float voption
        /// Hours; infinite where the allowance is never used up.
        BudgetHorizonHours: float
        Turnover: float
        TurnoverPerDay: float voption
        Markouts: ImmutableArray<Markout>
        Participation: float voption
        QueueAtEntry: Distribution
        TimeToFirstFillMs: Distribution
        UncertainShare: float voption
        Thin: Thin
        Blocks: int
        SharpeInterval: Interval voption
        AvgPnlInterval: Interval voption
        /// One a markout.
        MarkoutIntervals: ImmutableArray<Interval voption>
    }

[<RequireQualifiedAccess>]
module Figures =
    let private usd (u: Usd) = float u.Raw / 1e8

    let private byRole (figure: ImmutableArray<FillRow> -> float voption) (fills: ImmutableArray<FillRow>) : ByRole =
        {
            All = figure fills
            Maker = figure (Metrics.ofRole true fills)
            Taker = figure (Metrics.ofRole false fills)
        }

    let private openRest (run: Finished) (trips: Trips) : OpenRest =
        let position = trips.Open

        let held =
            if position.Raw = 0L then
                0.0
            else
                float position.Raw / 1e8 * run.Mids.MarkAt run.EndNs

        let gross = usd trips.OpenCash + held

        {
            Position = position
            MidUsd = run.Mids.At run.EndNs
            GrossUsd = gross
            Fee = trips.OpenFee
            Funding = trips.OpenFunding
            NetUsd = gross - usd trips.OpenFee - usd trips.OpenFunding
        }

    /// Sums of a value by block.
    let private byBlock (count: int) (rows: seq<struct (int * float)>) : float[] =
        let sums: float[] = Array.zeroCreate count

        for struct (block, value) in rows do
            sums[block] <- sums[block] + value

        sums

    let private avgPnlInterval (run: Finished) (picks: int[][]) (count: int) (trips: Trips) =
        let sum (value: RoundTrip -> float) =
            trips.Closed
            |> Seq.map (fun t ->
                let at = t.Exit
                struct (Bootstrap.blockOf run.Mids.FromNs count at.Ns, value t))
            |> byBlock count

        Bootstrap.ratio picks (sum (fun t -> usd t.Net)) (sum (fun t -> usd t.EntryNotional)) 1e4

    let private markoutInterval (run: Finished) (picks: int[][]) (count: int) (rows: ImmutableArray<FillMarkout>) =
        let sum (value: FillMarkout -> float) =
            rows
            |> Seq.map (fun r -> struct (Bootstrap.blockOf run.Mids.FromNs count r.At, value r))
            |> byBlock count

        let gain = sum (fun r -> r.Size * (r.HalfSpreadBps + r.AdverseBps))
        Bootstrap.ratio picks gain (sum (fun r -> r.Size)) 1.0

    let private budgetHorizon (run: Finished) (turnoverUsd: float) : float =
        if run.Budget.IsUnlimited || run.SpanHours <= 0.0 then
            System.Double.PositiveInfinity
        else
            let actions = float (run.Submits + run.Cancels) / run.SpanHours
            Execution.budgetHorizonHours (float run.Budget.Left) actions (turnoverUsd / run.SpanHours)

    let private cancelRejects (run: Finished) =
        run.CancelRejects
        |> Seq.map (fun pair -> struct (pair.Key, float pair.Value / float (max 1L run.Cancels)))
        |> ImmutableArray.CreateRange

    /// `tape` is what the run was fed with: the market's volume at our prices is counted on it.
    let ofRun (run: Finished) (tape: Tape) : Figures =
        let fills = run.Fills
        let trips = RoundTrips.ofRun fills run.Funding
        let capital = run.CapitalUsd
        let grid = Returns.GridSeconds
        let at = Equity.grid (int64 (grid * 1e9)) run.Mids.FromNs run.EndNs
        let returns = Returns.ofSamples (Equity.samples (run.Walk()) at) capital
        let objective = Objective.ofParts run trips returns

        let worst =
            match objective.MaxDrawdown with
            | ValueSome d -> d.Usd
            | ValueNone -> 0.0

        let blocks = Bootstrap.blocks run.Mids.FromNs run.EndNs
        let picks = Bootstrap.picks run.Seed blocks Bootstrap.Resamples
        let sharpe = Returns.sharpe returns grid Returns.Least
        let turnover = Metrics.turnover fills capital

        let rows =
            Markout.horizonsNs |> Seq.map (Markout.perFill fills run.Mids) |> Seq.toArray

        let blockOfReturn i =
            Bootstrap.blockOf run.Mids.FromNs blocks at[i + 1]

        {
            Run = run
            Trips = trips
            Open = openRest run trips
            Objective = objective
            Returns = returns.Length
            Sharpe = sharpe
            DailySharpe = Objective.dailySharpe run
            Sortino = Returns.sortino returns grid Returns.Least
            Calmar = Returns.calmar returns capital grid Returns.Least worst
            NetUsd = Objective.netUsd run
            Inventory = Inventory.ofFills fills run.Mids.FromNs run.EndNs (let m = run.MaxExposure in float m.Raw / 1e8)
            SlippageVsMid = byRole (Metrics.slippageTicks run.Instrument) fills
            SlippageVsTouch = byRole (Metrics.slippageTicksVsTouch run.Instrument) fills
            FillRatios = Execution.fillRatios (Execution.accepted run.Orders)
            RejectRatios = Execution.rejectRatios run.Orders
            CancelRejectRatios = cancelRejects run
            CancelToFill = Execution.ratio run.Cancels (int64 fills.Length)
            ActionsPerTrade = Execution.actionsPerTrade (run.Submits + run.Cancels) trips.Closed.Length
            BudgetHorizonHours = budgetHorizon run (turnover * capital)
            Turnover = turnover
            TurnoverPerDay =
                if run.SpanHours > 0.0 then
                    ValueSome(turnover * 24.0 / run.SpanHours)
                else
                    ValueNone
            Markouts =
                rows
                |> Seq.mapi (fun i r -> Markout.ofRows Markout.horizonsNs[i] fills.Length r)
                |> ImmutableArray.CreateRange
            Participation = Execution.participation fills (Execution.marketVolume run.Orders run.Instrument.Id tape)
            QueueAtEntry = Execution.queueAtEntry run.Orders
            TimeToFirstFillMs = Execution.timeToFirstFillMs run.Orders
            UncertainShare = Execution.uncertainShare fills
            Thin = Thin.ofTape (Thin.signals run.Orders) run.Mids run.Instrument.Id tape
            Blocks = blocks
            SharpeInterval =
                if sharpe.IsSome then
                    Bootstrap.sharpe picks blocks returns blockOfReturn grid
                else
                    ValueNone
            AvgPnlInterval = avgPnlInterval run picks blocks trips
            MarkoutIntervals = rows |> Seq.map (markoutInterval run picks blocks) |> ImmutableArray.CreateRange
        }
