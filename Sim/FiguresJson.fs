namespace Vrlg.Sim

open System
open System.Collections.Immutable
open System.Text.Json
open Vrlg.Core

/// Runs of one setup over one tape under the two queue rules that bound the truth (simulation.md 7).
[<NoComparison; NoEquality>]
type QueueBounds =
    {
        /// Under the rule that was asked for.
        Point: Headline
        RiskAverse: Headline
        FrontFirst: Headline
    }

/// What data can be claimed to show (simulation.md 2).
[<RequireQualifiedAccess>]
module DataTier =
    [<Literal>]
    let Synthetic = "synthetic"

    /// The tier of a recording and its label. Trades make it Q2, with or without whole books; without trades it is Q1.
    let ofRecording (hasBook: bool) (hasQuotes: bool) (hasTrades: bool) : struct (string * string) =
        let tier = if hasTrades then "Q2" else "Q1"

        let what =
            match hasBook, hasQuotes, hasTrades with
            | true, true, true -> "own recording of book, best quotes and trades"
            | true, false, true -> "own recording of book and trades, no best quotes between the books"
            | false, _, true -> "own recording of best quotes and trades, no book: nothing is known beyond the touch"
            | true, _, false -> "books without trades"
            | false, _, false -> "best quotes only, no book, no trades"

        let claim =
            if hasTrades then
                "the place in the queue is a model, so results are an interval"
            else
                "orders fill only where the book crosses them; nothing is said of queue position or fill ratio"

        struct (tier, $"{tier}: {what}; {claim}")

    let syntheticLabel =
        "synthetic: a market made by this program, whose rotation is known; it says nothing about a real one"

    /// Whether figures of queue position and fill ratio may be stated.
    let knowsQueue (tier: string) = tier <> "Q1"

/// The figures of simulation.md 13 as JSON. Units stand at the end of the names; what has none is a plain ratio. Null where a
/// figure is not defined (docs/metrics.md).
[<RequireQualifiedAccess>]
module FiguresJson =
    let money (w: Utf8JsonWriter) (name: string) (u: Usd) =
        w.WriteNumber(name, decimal u.Raw / 100_000_000m)

    /// Six decimals; none where it is not defined or beyond all bounds.
    let private rounded (value: float voption) : decimal voption =
        match value with
        | ValueSome v when Double.IsFinite v && abs v < 1e21 -> ValueSome(Math.Round(decimal v, 6))
        | _ -> ValueNone

    let private exact (w: Utf8JsonWriter) (name: string) (value: decimal voption) =
        match value with
        | ValueSome v -> w.WriteNumber(name, v)
        | ValueNone -> w.WriteNull name

    /// Twelve decimals, for averages of small positions.
    let private fine (w: Utf8JsonWriter) (name: string) (value: float voption) =
        match value with
        | ValueSome v when Double.IsFinite v && abs v < 1e15 -> w.WriteNumber(name, Math.Round(decimal v, 12))
        | _ -> w.WriteNull name

    /// Six decimals; null where it is not defined.
    let number (w: Utf8JsonWriter) (name: string) (value: float voption) = exact w name (rounded value)

    let private interval (w: Utf8JsonWriter) (name: string) (value: Interval voption) =
        match value with
        | ValueSome i ->
            w.WriteStartArray name
            w.WriteNumberValue(Math.Round(decimal i.Low, 6))
            w.WriteNumberValue(Math.Round(decimal i.High, 6))
            w.WriteEndArray()
        | ValueNone -> w.WriteNull name

    let private group (w: Utf8JsonWriter) (name: string) (inside: unit -> unit) =
        w.WriteStartObject name
        inside ()
        w.WriteEndObject()

    let private byRole (w: Utf8JsonWriter) (name: string) (figure: ByRole) =
        number w $"{name}_ticks" figure.All
        number w $"{name}_maker_ticks" figure.Maker
        number w $"{name}_taker_ticks" figure.Taker

    let private ratios (w: Utf8JsonWriter) (name: string) (rows: ImmutableArray<struct (string * float)>) =
        group w name (fun () ->
            for struct (code, share) in rows do
                number w code (ValueSome share))

    let private spread (w: Utf8JsonWriter) (name: string) (isKnown: bool) (d: Distribution) =
        if not isKnown then
            w.WriteNull name
        else
            group w name (fun () ->
                w.WriteNumber("count", d.Count)
                w.WriteNumber("unknown", d.Unknown)
                number w "mean" d.Mean
                number w "p25" d.P25
                number w "median" d.Median
                number w "p75" d.P75
                number w "p95" d.P95)

    let private equity (w: Utf8JsonWriter) (f: Figures) =
        let worst (value: Drawdown -> float) =
            match f.Objective.MaxDrawdown with
            | ValueSome d -> ValueSome(value d)
            | ValueNone -> ValueNone

        group w "equity" (fun () ->
            number w "net_usd" (ValueSome f.NetUsd)
            number w "max_drawdown_usd" (worst (fun d -> d.Usd))
            number w "max_drawdown_pct" (worst (fun d -> 100.0 * d.Share))
            number w "max_drawdown_longest_s" (worst (fun d -> float d.LongestNs / 1e9))
            number w "daily_edge_usd_per_day" f.Objective.DailyEdge
            number w "grid_s" (ValueSome Returns.GridSeconds)
            w.WriteNumber("returns", f.Returns)
            number w "sharpe" f.Objective.Headline.Sharpe
            w.WriteString("sharpe_grid", (if f.DailySharpe.IsSome then "1 day" else "60 s"))
            number w "sharpe_60s" f.Sharpe
            interval w "sharpe_60s_interval_90" f.SharpeInterval
            number w "sharpe_daily" f.DailySharpe
            number w "sortino" f.Sortino
            number w "calmar" f.Calmar
            number w "turnover" (ValueSome f.Turnover)
            number w "turnover_per_day" f.TurnoverPerDay)

    let private trips (w: Utf8JsonWriter) (f: Figures) =
        let closed = f.Trips.Closed
        let lots = f.Trips.Lots

        group w "trips" (fun () ->
            number w "hit_rate" (Metrics.hitRate closed)
            number w "hit_rate_fifo_lots" (Metrics.hitRateByLots lots)
            w.WriteNumber("fifo_lots", lots.Length)
            number w "avg_pnl_bps" (Metrics.avgPnlBps closed)
            interval w "avg_pnl_interval_90_bps" f.AvgPnlInterval
            number w "avg_pnl_equal_bps" (Metrics.avgPnlBpsEqual closed)
            number w "profit_factor" (Metrics.profitFactor closed)
            number w "holding_mean_ms" (Metrics.holdingMs lots)
            number w "holding_median_ms" (Metrics.holdingMsAt 0.5 lots)
            number w "holding_p95_ms" (Metrics.holdingMsAt 0.95 lots)
            number w "trades_per_min" (Metrics.perMinute closed.Length f.Run.ActiveMinutes)
            number w "fills_per_min" (Metrics.perMinute f.Run.Fills.Length f.Run.ActiveMinutes)
            money w "funding_usd" (closed |> Seq.sumBy (fun t -> let u = t.Funding in u.Raw) |> Usd.Of))

        group w "open" (fun () ->
            let o = f.Open
            w.WriteNumber("position_coins", let p = o.Position in decimal p.Raw / 100_000_000m)
            number w "mid_usd" o.MidUsd
            number w "gross_usd" (ValueSome o.GrossUsd)
            money w "fees_usd" o.Fee
            money w "funding_usd" o.Funding
            number w "net_usd" (ValueSome o.NetUsd))

        group w "without_uncertain" (fun () ->
            let sure = closed |> Seq.filter (fun t -> not t.IsUncertain) |> Seq.toArray
            number w "uncertain_share" f.UncertainShare
            w.WriteNumber("fills", f.Run.Fills |> Seq.filter (fun r -> not r.IsUncertain) |> Seq.length)
            w.WriteNumber("trades", sure.Length)
            money w "net_usd" (sure |> Seq.sumBy (fun t -> let n = t.Net in n.Raw) |> Usd.Of))

    let private objective (w: Utf8JsonWriter) (o: Objective) =
        group w "objective" (fun () ->
            number w "value" o.Value
            number w "trade_sharpe" o.TradeSharpe
            number w "max_dd_in_edges_days" o.MaxDdInEdges
            fine w "mean_abs_delta" o.MeanAbsDelta)

    let private execution (w: Utf8JsonWriter) (knowsQueue: bool) (f: Figures) =
        let queued value = if knowsQueue then value else ValueNone

        let struct (byQty, byOrders) =
            match f.FillRatios with
            | ValueSome(struct (qty, orders)) -> struct (queued (ValueSome qty), queued (ValueSome orders))
            | ValueNone -> struct (ValueNone, ValueNone)

        group w "execution" (fun () ->
            byRole w "slippage_vs_mid" f.SlippageVsMid
            byRole w "slippage_vs_touch" f.SlippageVsTouch
            number w "impact_cost_usd" (ValueSome(let c = f.Run.ImpactCost in float c.Raw / 1e8))
            number w "fill_ratio_qty" byQty
            number w "fill_ratio_orders" byOrders
            ratios w "reject_ratio" f.RejectRatios
            ratios w "cancel_reject_ratio" f.CancelRejectRatios
            number w "cancel_to_fill" f.CancelToFill
            w.WriteNumber("actions", f.Run.Submits + f.Run.Cancels)
            number w "actions_per_trade" f.ActionsPerTrade
            number w "budget_horizon_h" (ValueSome f.BudgetHorizonHours)
            w.WriteBoolean("budget_horizon_is_infinite", Double.IsInfinity f.BudgetHorizonHours)
            number w "participation" (queued f.Participation)
            spread w "queue_at_entry_lots" knowsQueue f.QueueAtEntry
            spread w "time_to_first_fill_ms" knowsQueue f.TimeToFirstFillMs)

    let private thin (w: Utf8JsonWriter) (t: Thin) =
        group w "thin_moments" (fun () ->
            w.WriteNumber("signals", t.Signals)
            w.WriteNumber("judged", t.Judged)
            w.WriteNumber("traded_through", t.Through)
            number w "traded_through_share" t.ThroughShare
            w.WriteNumber("trades", t.Trades)
            w.WriteNumber("trades_after_signals", t.TradesAfter)
            number w "effective_spread_bps" t.EffectiveBps
            number w "effective_spread_after_signals_bps" t.EffectiveAfterBps)

    let private inventory (w: Utf8JsonWriter) (i: Inventory voption) =
        let of' (value: Inventory -> float) =
            match i with
            | ValueSome held -> ValueSome(value held)
            | ValueNone -> ValueNone

        group w "inventory" (fun () ->
            fine w "mean_coins" (of' (fun h -> h.Mean))
            fine w "mean_abs_coins" (of' (fun h -> h.MeanAbs))
            fine w "max_abs_coins" (of' (fun h -> h.MaxAbs))
            fine w "std_coins" (of' (fun h -> h.Std))
            number w "time_at_limit_share" (of' (fun h -> h.AtLimit)))

    /// The sum is that of the rounded parts: what is printed adds up exactly.
    let private markouts (w: Utf8JsonWriter) (f: Figures) =
        w.WriteStartArray "markout"

        for i in 0 .. f.Markouts.Length - 1 do
            let m = f.Markouts[i]
            let half, move = rounded m.HalfSpreadBps, rounded m.AdverseBps

            let sum =
                match half, move with
                | ValueSome h, ValueSome a -> ValueSome(h + a)
                | _ -> ValueNone

            w.WriteStartObject()
            w.WriteNumber("horizon_ms", m.HorizonNs / 1_000_000L)
            exact w "markout_bps" sum
            exact w "half_spread_bps" half
            exact w "adverse_bps" move
            interval w "interval_90_bps" f.MarkoutIntervals[i]
            w.WriteNumber("fills", m.Fills)
            w.WriteNumber("excluded", m.Excluded)
            w.WriteEndObject()

        w.WriteEndArray()

    /// Adds the object `metrics`.
    let write (w: Utf8JsonWriter) (knowsQueue: bool) (f: Figures) =
        group w "metrics" (fun () ->
            equity w f
            trips w f
            objective w f.Objective
            execution w knowsQueue f
            thin w f.Thin
            inventory w f.Inventory
            markouts w f

            group w "bootstrap" (fun () ->
                w.WriteNumber("block_min", Bootstrap.BlockNs / 60_000_000_000L)
                w.WriteNumber("blocks", f.Blocks)
                w.WriteNumber("resamples", Bootstrap.Resamples)
                w.WriteNumber("seed", f.Run.Seed)))

    let private headline (w: Utf8JsonWriter) (name: string) (h: Headline) =
        group w name (fun () ->
            w.WriteNumber("fills", h.Fills)
            w.WriteNumber("trades", h.Trades)
            money w "net_usd" h.Net
            number w "avg_pnl_bps" h.AvgPnlBps
            number w "hit_rate" h.HitRate
            number w "sharpe" h.Sharpe)

    /// Adds the object `queue_interval`; null where the run was stopped before its bounds were known.
    let bounds (w: Utf8JsonWriter) (model: QueueModel) (b: QueueBounds voption) =
        match b with
        | ValueSome b ->
            group w "queue_interval" (fun () ->
                w.WriteString("point_model", Queue.name model)
                headline w "point" b.Point
                headline w "risk_averse" b.RiskAverse
                headline w "front_first" b.FrontFirst)
        | ValueNone -> w.WriteNull "queue_interval"
