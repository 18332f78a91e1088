/// The figures of docs/metrics.md as tables for people, each with its unit, and the interval of the queue rules.
module Vrlg.Cli.OutcomeFigures

open System
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Sim

/// A number with its unit; a dash where it is not defined.
let private unit (digits: int) (name: string) (value: float voption) =
    match value with
    | ValueSome v when Double.IsFinite v -> number digits value + (if name = "" then "" else " " + name)
    | _ -> "-"

let private percent (value: float voption) =
    unit 1 "%" (ValueOption.map (fun v -> 100.0 * v) value)

let private interval (digits: int) (name: string) (value: Interval voption) =
    match value with
    | ValueSome i ->
        $" (90 %%: {number digits (ValueSome i.Low)} to {number digits (ValueSome i.High)} {name}".TrimEnd()
        + ")"
    | ValueNone -> ""

let private drawdown (f: Figures) (value: Drawdown -> float) =
    match f.Objective.MaxDrawdown with
    | ValueSome d -> ValueSome(value d)
    | ValueNone -> ValueNone

let private equity (f: Figures) =
    let minutes = drawdown f (fun d -> float d.LongestNs / 6e10)

    [
        "net with the open rest", unit 4 "USD" (ValueSome f.NetUsd)
        "max drawdown of its peak", unit 4 "%" (drawdown f (fun d -> 100.0 * d.Share))
        "longest time below a peak", unit 1 "min" minutes
        $"Sharpe, 60 s, {f.Returns} returns", unit 3 "per root year" f.Sharpe + interval 2 "" f.SharpeInterval
        "Sharpe, daily (30 days on)", unit 3 "per root year" f.DailySharpe
        "Sortino, 60 s", unit 3 "per root year" f.Sortino
        "Calmar", unit 3 "per year" f.Calmar
        "daily edge", unit 4 "USD per day" f.Objective.DailyEdge
        "turnover", $"""{unit 3 "x capital" (ValueSome f.Turnover)}, {unit 2 "x capital per day" f.TurnoverPerDay}"""
    ]

let private trips (f: Figures) (fifoLots: bool) =
    let lots = f.Trips.Lots
    let closed = f.Trips.Closed
    let held = f.Open.Position

    [
        if fifoLots then
            $"hit rate by FIFO lots ({lots.Length})", percent (Metrics.hitRateByLots lots)
        if ValueOption.isSome f.AvgPnlInterval then
            "average PnL", unit 3 "bps" (Metrics.avgPnlBps closed) + interval 3 "bps" f.AvgPnlInterval
        "average PnL, equal weights", unit 3 "bps" (Metrics.avgPnlBpsEqual closed)
        "profit factor", unit 3 "" (Metrics.profitFactor closed)
        "holding, median, 95 %",
        $"""{unit 0 "ms" (Metrics.holdingMsAt 0.5 lots)}, {unit 0 "ms" (Metrics.holdingMsAt 0.95 lots)}"""
        "fills per minute", unit 2 "per min" (Metrics.perMinute f.Run.Fills.Length f.Run.ActiveMinutes)
        "open position", $"{held} coins, net {number 4 (ValueSome f.Open.NetUsd)} USD at the mid"
        "uncertain fills", percent f.UncertainShare + " of the size"
    ]

let private objective (o: Objective) =
    [
        "objective", unit 4 "" o.Value
        "  trade Sharpe", unit 4 "" o.TradeSharpe
        "  max drawdown in edges", unit 4 "days of edge" o.MaxDdInEdges
        "  mean |position| / limit", unit 9 "" o.MeanAbsDelta
    ]

let private spread (digits: int) (name: string) (d: Distribution) =
    let at value = unit digits name value
    let unknown = if d.Unknown > 0 then $", {d.Unknown} unknown" else ""
    $"mean {at d.Mean}, median {at d.Median}, 95 %% {at d.P95} ({d.Count} orders{unknown})"

let private roles (r: ByRole) =
    let ticks = unit 3 "ticks"
    $"{ticks r.All}, maker {ticks r.Maker}, taker {ticks r.Taker}"

let private execution (f: Figures) (knowsQueue: bool) =
    let rejects =
        [
            for struct (code, share) in f.RejectRatios -> $"{code} {percent (ValueSome share)}"
            for struct (code, share) in f.CancelRejectRatios -> $"{code} {percent (ValueSome share)} of cancels"
        ]

    let byQty, byOrders =
        match f.FillRatios with
        | ValueSome(struct (qty, orders)) -> ValueSome qty, ValueSome orders
        | ValueNone -> ValueNone, ValueNone

    [
        "slippage against the mid", roles f.SlippageVsMid
        "slippage against the touch", roles f.SlippageVsTouch
        if f.Run.Impact.SquareRoot > 0.0 then
            "impact booked", unit 4 "USD" (ValueSome(let c = f.Run.ImpactCost in float c.Raw / 1e8))
        if knowsQueue then
            "fill ratio, size, orders", $"{percent byQty}, {percent byOrders}"

            "participation",
            percent f.Participation
            + " of what was traded at our prices (quotes inside the spread trade more)"

            "queue at entry", spread 1 "lots" f.QueueAtEntry
            "time to first fill", spread 0 "ms" f.TimeToFirstFillMs
        else
            "fill ratio, queue", "nothing is said: the data hold no trades"
        "refused orders",
        (if rejects.IsEmpty then
             "none"
         else
             String.Join("; ", rejects))
        "cancels a fill", unit 2 "" f.CancelToFill
        "actions a trade", unit 2 "" f.ActionsPerTrade
        "action budget lasts",
        (if Double.IsInfinity f.BudgetHorizonHours then
             "without end"
         else
             unit 1 "h" (ValueSome f.BudgetHorizonHours))
    ]

let private inventory (f: Figures) =
    match f.Inventory with
    | ValueSome i ->
        let coins v = number 9 (ValueSome v)

        [
            "inventory, coins",
            $"mean {coins i.Mean}, mean |.| {coins i.MeanAbs}, max |.| {coins i.MaxAbs}, std {coins i.Std}"
            "time at the limit", percent (ValueSome i.AtLimit)
        ]
    | ValueNone -> []

let private duration (ns: int64) =
    if ns < 1_000_000_000L then
        $"{ns / 1_000_000L} ms"
    else
        $"{ns / 1_000_000_000L} s"

let private markouts (f: Figures) =
    [
        if f.Markouts |> Seq.forall (fun m -> m.Fills + m.Excluded = 0) then
            "no fill", "there is nothing to mark"
        else
            for i in 0 .. f.Markouts.Length - 1 do
                let m = f.Markouts[i]
                let bps v = number 3 v

                let sure = interval 3 "bps" f.MarkoutIntervals[i]

                $"after {duration m.HorizonNs}",
                $"{bps m.Bps} = {bps m.HalfSpreadBps} + {bps m.AdverseBps} bps{sure}; {m.Fills} fills, {m.Excluded} left out"
    ]

let private bounds (info: RunInfo) (b: QueueBounds) =
    let row (name: string) (value: Headline -> string) =
        name, $"{value b.Point}  [{value b.RiskAverse}, {value b.FrontFirst}]"

    let money (u: Usd) = number 4 (ValueSome(float u.Raw / 1e8))

    pairs
        $"{Queue.name info.Queue}  [RiskAverse, FrontFirst]"
        [
            row "fills" (fun h -> whole (int64 h.Fills))
            row "trades" (fun h -> whole (int64 h.Trades))
            row "net, USD" (fun h -> money h.Net)
            row "average PnL, bps" (fun h -> number 3 h.AvgPnlBps)
            row "hit rate" (fun h -> percent h.HitRate)
            row "Sharpe" (fun h -> number 3 h.Sharpe)
        ]

/// What the market's trades say of the moments that were entered.
let private thin (t: Thin) =
    [
        "signals", $"{whole (int64 t.Signals)}, judged {whole (int64 t.Judged)}"
        "traded through within 1 s", percent t.ThroughShare
        "effective spread of all trades", unit 3 "bps" t.EffectiveBps
        "  within 1 s of a signal", unit 3 "bps" t.EffectiveAfterBps + $" ({whole (int64 t.TradesAfter)} trades)"
    ]

/// Everything beyond the first table.
let show (info: RunInfo) (f: Figures) (queue: QueueBounds voption) (fifoLots: bool) =
    let part (title: string) (rows: (string * string) list) =
        Console.Out.WriteLine()
        pairs title rows

    match queue with
    | ValueSome b ->
        Console.Out.WriteLine()
        bounds info b
    | ValueNone -> ()

    part "equity" (equity f)
    part "round trips" (trips f fifoLots)
    part "objective = trade Sharpe - 0.5 drawdown in edges - 0.1 mean |position|" (objective f.Objective)
    part "orders" (execution f (DataTier.knowsQueue info.DataTier) @ inventory f)
    part "thin moments" (thin f.Thin)
    part "markout = half-spread + move of the mid, above 0 is good for us" (markouts f)
