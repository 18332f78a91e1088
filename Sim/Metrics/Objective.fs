namespace Vrlg.Sim

open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// A finished run, as the figures see it.
[<NoComparison; NoEquality>]
type Finished =
    {
        Instrument: Instrument
        Capital: Usd
        MaxExposure: Sz
        /// Of the bootstrap.
        Seed: int64
        /// Made once for a tape and shared by every run over it.
        Mids: MidPath
        Fills: ImmutableArray<FillRow>
        Funding: ImmutableArray<FundingRow>
        Orders: IReadOnlyCollection<OrderRow>
        CancelRejects: IReadOnlyDictionary<string, int>
        ActiveMinutes: float
        Submits: int64
        Cancels: int64
        Budget: Budget
        Impact: ImpactPlan
        /// What the square-root law added to the fees of the fills.
        ImpactCost: Usd
        /// Where a run that was stopped ended; `Int64.MaxValue` for a whole one.
        Until: int64
    }

    member r.CapitalUsd = let c = r.Capital in float c.Raw / 1e8

    /// The last venue instant of the data, or our last fill where that came later; of a run that was stopped, where it was.
    member r.EndNs =
        let to' = max r.Mids.FromNs (min r.Mids.ToNs r.Until)

        if r.Fills.IsEmpty then
            to'
        else
            let last = r.Fills[r.Fills.Length - 1].At
            max to' last.Ns

    member r.SpanHours = float (r.EndNs - r.Mids.FromNs) / 3.6e12

    member r.Walk() =
        EquityWalk(r.Capital, r.Fills, r.Funding, r.Mids, ValueSome r.Impact)

    /// A silence is known for a gap only when it has lasted: what filled in it before is doubtful all the same.
    static member private Doubt(mids: MidPath, fills: ImmutableArray<FillRow>) : ImmutableArray<FillRow> =
        if mids.Gaps.IsEmpty then
            fills
        else
            fills
            |> Seq.map (fun f ->
                let at = f.At

                { f with
                    IsUncertain = f.IsUncertain || mids.IsDoubtful at.Ns
                })
            |> ImmutableArray.CreateRange

    static member Of(setup: RunSetup, seed: int64, mids: MidPath, tally: Tally) : Finished =
        let impact = ImpactPlan.Of(setup.Values, setup.Instrument)
        let plain = Finished.Doubt(mids, tally.Fills)
        let fills = Impact.charge impact mids plain

        let fees (rows: ImmutableArray<FillRow>) =
            rows |> Seq.sumBy (fun f -> let fee = f.Fee in fee.Raw)

        {
            Instrument = setup.Instrument
            Capital = Usd.Of(setup.Values.Exact "account.equity_usd")
            MaxExposure = Sz.Of(setup.Values.Exact "exec.max_exposure_btc")
            Seed = seed
            Mids = mids
            Until = System.Int64.MaxValue
            Fills = fills
            Funding = tally.Funding
            Orders = tally.Orders
            CancelRejects = tally.CancelRejects
            ActiveMinutes = tally.ActiveMinutes
            Submits = tally.Submits
            Cancels = tally.Cancels
            Budget = tally.Budget
            Impact = impact
            ImpactCost = Usd.Of(fees fills - fees plain)
        }

/// The few figures by which runs are told apart.
[<NoComparison; NoEquality>]
type Headline =
    {
        Fills: int
        /// Closed round trips.
        Trades: int
        /// Of the closed round trips.
        Net: Usd
        AvgPnlBps: float voption
        HitRate: float voption
        /// By days where the run has 30 or more of them, else at 60 s.
        Sharpe: float voption
    }

/// What a sweep ranks by (D0-093): `TradeSharpe - 0.5 MaxDdInEdges - 0.1 MeanAbsDelta`, with the raw terms.
[<NoComparison; NoEquality>]
type Objective =
    {
        TradeSharpe: float voption
        /// Largest drawdown over the daily edge; none where that is not above 0.
        MaxDdInEdges: float voption
        /// Mean |position| over the largest exposure allowed.
        MeanAbsDelta: float voption
        /// None where a term is.
        Value: float voption
        /// Net PnL of the run, an open position at the mid, over its active days; USD a day.
        DailyEdge: float voption
        MaxDrawdown: Drawdown voption
        Headline: Headline
    }

[<RequireQualifiedAccess>]
module Objective =
    /// The three raw terms in one number; none where one of them is.
    let value (tradeSharpe: float voption) (maxDdInEdges: float voption) (meanAbsDelta: float voption) : float voption =
        match tradeSharpe, maxDdInEdges, meanAbsDelta with
        | ValueSome s, ValueSome d, ValueSome m -> ValueSome(s - 0.5 * d - 0.1 * m)
        | _ -> ValueNone

    /// None where the edge is not above 0: there is nothing to measure the drawdown in.
    let maxDdInEdges (drawdownUsd: float) (dailyEdge: float voption) : float voption =
        match dailyEdge with
        | ValueSome e when e > 0.0 -> ValueSome(drawdownUsd / e)
        | _ -> ValueNone

    /// Net PnL over the active days; none without active time.
    let dailyEdge (netUsd: float) (activeMinutes: float) : float voption =
        if activeMinutes > 0.0 then
            ValueSome(netUsd / (activeMinutes / 1_440.0))
        else
            ValueNone

    /// Below 0 where the first value ranks before the second: the larger one, and none last.
    let order (a: float voption) (b: float voption) : int =
        match a, b with
        | ValueSome x, ValueSome y -> y.CompareTo x
        | ValueSome _, ValueNone -> -1
        | ValueNone, ValueSome _ -> 1
        | ValueNone, ValueNone -> 0

    /// The order of two runs by their values.
    let compare (a: Objective) (b: Objective) : int = order a.Value b.Value

    let private isLong (run: Finished) =
        run.SpanHours >= 24.0 * Returns.DailyFromDays

    let internal samples (run: Finished) (gridSeconds: float) : ImmutableArray<float> =
        Equity.samples (run.Walk()) (Equity.grid (int64 (gridSeconds * 1e9)) run.Mids.FromNs run.EndNs)

    /// By days; none below 30 days.
    let dailySharpe (run: Finished) : float voption =
        if isLong run then
            let days = Returns.ofSamples (samples run 86_400.0) run.CapitalUsd
            Returns.sharpe days 86_400.0 Returns.Least
        else
            ValueNone

    /// The largest drawdown at every fill, every settlement and on the 60 s grid.
    let drawdown (run: Finished) : Drawdown voption =
        Equity.over (run.Walk()) run.Fills run.Funding run.Mids.FromNs run.EndNs
        |> Equity.maxDrawdown

    /// E(end) - C0: what the run gained with an open position at the mid, less fees and funding; USD.
    let netUsd (run: Finished) : float =
        run.Walk().To run.EndNs - run.CapitalUsd

    let headline (run: Finished) (trips: Trips) (returns: ImmutableArray<float>) : Headline =
        let closed = trips.Closed

        {
            Fills = run.Fills.Length
            Trades = closed.Length
            Net = closed |> Seq.sumBy (fun t -> let n = t.Net in n.Raw) |> Usd.Of
            AvgPnlBps = Metrics.avgPnlBps closed
            HitRate = Metrics.hitRate closed
            Sharpe =
                match dailySharpe run with
                | ValueSome daily -> ValueSome daily
                | ValueNone -> Returns.sharpe returns Returns.GridSeconds Returns.Least
        }

    /// The objective of a run whose trips and returns (60 s) are known already.
    let ofParts (run: Finished) (trips: Trips) (returns: ImmutableArray<float>) : Objective =
        let exposure = float run.MaxExposure.Raw / 1e8
        let worst = drawdown run
        let edge = dailyEdge (netUsd run) run.ActiveMinutes

        let inEdges =
            match worst with
            | ValueSome d -> maxDdInEdges d.Usd edge
            | ValueNone -> ValueNone

        let delta =
            match Inventory.ofFills run.Fills run.Mids.FromNs run.EndNs exposure with
            | ValueSome i when exposure > 0.0 -> ValueSome(i.MeanAbs / exposure)
            | _ -> ValueNone

        let sharpe = Metrics.tradeSharpe (Metrics.tripBps trips.Closed)

        {
            TradeSharpe = sharpe
            MaxDdInEdges = inEdges
            MeanAbsDelta = delta
            Value = value sharpe inEdges delta
            DailyEdge = edge
            MaxDrawdown = worst
            Headline = headline run trips returns
        }

    /// The objective of a finished run, its raw terms and its headline figures. Needs a `Tally` and the tape's mids, no charts.
    let ofRun (run: Finished) : Objective =
        let trips = RoundTrips.ofRun run.Fills run.Funding
        let returns = Returns.ofSamples (samples run Returns.GridSeconds) run.CapitalUsd
        ofParts run trips returns
