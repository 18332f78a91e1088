namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// A span of venue time in nanoseconds: `From` is in it, `To` is not.
[<Struct; NoComparison>]
type Window = { From: int64; To: int64 }

/// What a run leaves for the figures of a sweep: no charts, no orders.
[<NoComparison; NoEquality>]
type Outcome =
    {
        /// In exchange order.
        Fills: ImmutableArray<FillRow>
        Funding: ImmutableArray<FundingRow>
        /// Made once for a tape and shared by every run over it.
        Mids: MidPath
        /// When features existed, in order: the active time (simulation.md 13).
        Active: ImmutableArray<Window>
        /// The whole of the data.
        Span: Window
        Capital: Usd
        /// Largest position allowed, base units.
        MaxExposure: float
        /// None where none is booked.
        Impact: ImpactPlan voption
    }

[<RequireQualifiedAccess>]
module Outcome =
    /// The outcome with the impact that the settings ask for.
    let booked (values: Values) (instrument: Instrument) (o: Outcome) : Outcome =
        let plan = ImpactPlan.Of(values, instrument)

        { o with
            Fills = Impact.charge plan o.Mids o.Fills
            Impact = ValueSome plan
        }

/// A run judged over one window: what it is ranked by, and every figure behind that by name.
[<NoComparison; NoEquality>]
type Score =
    {
        /// None ranks below every number.
        Objective: float voption
        /// Orders the sets without an objective among themselves: net result, USD.
        Net: float
        /// In a fixed order; none where a figure is not defined.
        Figures: ImmutableArray<struct (string * float voption)>
    }

    member s.Figure(name: string) : float voption =
        let mutable found = ValueNone

        for struct (key, value) in s.Figures do
            if key = name then
                found <- value

        found

/// How a sweep judges a run: one score a window, in their order.
type Judge = delegate of outcome: Outcome * windows: ImmutableArray<Window> -> ImmutableArray<Score>

/// The document's objective (D0-093, X20; formulas of `Objective`), whole or over a window of a run. A round trip belongs to a
/// window when it began and ended inside.
[<RequireQualifiedAccess>]
module Judging =
    /// The formula in words, for whoever reads results.
    let words = "TradeSharpe - 0.5 * MaxDdInEdges - 0.1 * MeanAbsDelta"

    /// The gain over a window, an open position at the mid, and the largest drawdown inside, both in USD. Looked at as
    /// `Objective` does: at every fill and settlement and on the 60 s grid.
    let private gain (o: Outcome) (w: Window) : struct (float * float) =
        let isInside (at: Instant) = at.Ns >= w.From && at.Ns < w.To

        let fills =
            o.Fills |> Seq.filter (fun f -> isInside f.At) |> ImmutableArray.CreateRange

        let funding =
            o.Funding |> Seq.filter (fun f -> isInside f.At) |> ImmutableArray.CreateRange

        let walk = EquityWalk(o.Capital, o.Fills, o.Funding, o.Mids, o.Impact)
        let first = walk.To(w.From - 1L)
        let last = w.To - 1L
        let points = Equity.over walk fills funding w.From last

        let fall =
            match Equity.maxDrawdown points with
            | ValueSome d -> d.Usd
            | ValueNone -> 0.0

        struct (points[points.Length - 1].Usd - first, fall)

    /// Grid instants with features inside a window, a minute for 600 of them (100 ms apart, D0-034).
    let private activeMinutes (o: Outcome) (w: Window) : float =
        let step = 100_000_000L
        // How many instants of a span come before `at`.
        let before (a: Window) (at: int64) =
            (max 0L (min a.To at - a.From) + step - 1L) / step

        float (o.Active |> Seq.sumBy (fun a -> before a w.To - before a w.From)) / 600.0

    let private inside (w: Window) (t: RoundTrip) =
        let entry, exit = t.Entry, t.Exit
        entry.Ns >= w.From && exit.Ns < w.To

    /// What is filled after the last record belongs to the last window.
    let private closing (o: Outcome) (w: Window) : Window =
        if w.To >= o.Span.To && not o.Fills.IsEmpty then
            let last = o.Fills[o.Fills.Length - 1].At
            { w with To = max w.To (last.Ns + 1L) }
        else
            w

    let private over (o: Outcome) (trips: ImmutableArray<RoundTrip>) (window: Window) : Score =
        let w = closing o window
        let mine = trips |> Seq.filter (inside w) |> ImmutableArray.CreateRange
        let b = Metrics.tripBps mine
        let struct (net, drawdown) = gain o w
        let minutes = activeMinutes o w
        let edge = Objective.dailyEdge net minutes
        let sharpe = Metrics.tradeSharpe b
        let maxDd = Objective.maxDdInEdges drawdown edge

        let delta =
            match Inventory.ofFills o.Fills w.From w.To o.MaxExposure with
            | ValueSome i when o.MaxExposure > 0.0 -> ValueSome(i.MeanAbs / o.MaxExposure)
            | _ -> ValueNone

        let objective = Objective.value sharpe maxDd delta
        let struct (skew, kurtosis) = Inference.shape b

        {
            Objective = objective
            Net = net
            Figures =
                ImmutableArray.CreateRange
                    [|
                        struct ("objective", objective)
                        struct ("trade_sharpe", sharpe)
                        struct ("max_dd_in_edges", maxDd)
                        struct ("mean_abs_delta", delta)
                        struct ("trades", ValueSome(float mine.Length))
                        struct ("net_usd", ValueSome net)
                        struct ("avg_pnl_bps", Metrics.avgPnlBps mine)
                        struct ("hit_rate", Metrics.hitRate mine)
                        struct ("max_drawdown_usd", ValueSome drawdown)
                        struct ("daily_edge_usd", edge)
                        struct ("active_minutes", ValueSome minutes)
                        struct ("skew", skew)
                        struct ("kurtosis", kurtosis)
                    |]
        }

    /// The judge of the house.
    let judge: Judge =
        Judge(fun o windows ->
            let trips = (RoundTrips.ofRun o.Fills o.Funding).Closed
            windows |> Seq.map (over o trips) |> ImmutableArray.CreateRange)
