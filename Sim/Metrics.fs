namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// What a drawdown was: in USD and as a share of the peak it fell from.
[<Struct; NoComparison; NoEquality>]
type Drawdown = { Usd: float; Share: float }

/// Figures of a run (simulation.md 13). Everything that is not defined is none, never 0.
[<RequireQualifiedAccess>]
module Metrics =
    let private usd (u: Usd) = float u.Raw / 1e8

    /// Share of closed trips with a net gain; a zero counts as a miss.
    let hitRate (trips: ImmutableArray<RoundTrip>) : float voption =
        if trips.IsEmpty then
            ValueNone
        else
            let won =
                trips |> Seq.sumBy (fun t -> let net = t.Net in if net.Raw > 0L then 1 else 0)

            ValueSome(float won / float trips.Length)

    /// 10^4 times net over entry notional, all trips together.
    let avgPnlBps (trips: ImmutableArray<RoundTrip>) : float voption =
        if trips.IsEmpty then
            ValueNone
        else
            let net = trips |> Seq.sumBy (fun t -> usd t.Net)
            let notional = trips |> Seq.sumBy (fun t -> usd t.EntryNotional)
            ValueSome(1e4 * net / notional)

    /// The mean of 10^4 net / notional, trip by trip.
    let avgPnlBpsEqual (trips: ImmutableArray<RoundTrip>) : float voption =
        if trips.IsEmpty then
            ValueNone
        else
            ValueSome(trips |> Seq.averageBy (fun t -> 1e4 * usd t.Net / usd t.EntryNotional))

    /// Mean holding time in milliseconds, weighted by matched quantity.
    let holdingMs (lots: ImmutableArray<MatchedLot>) : float voption =
        let size = lots |> Seq.sumBy (fun l -> float l.Sz)

        if size <= 0.0 then
            ValueNone
        else
            ValueSome((lots |> Seq.sumBy (fun l -> float l.Sz * float l.HeldNs)) / size / 1e6)

    /// Smallest holding time not exceeded by the share `q` of the matched quantity.
    let holdingMsAt (q: float) (lots: ImmutableArray<MatchedLot>) : float voption =
        let size = lots |> Seq.sumBy (fun l -> float l.Sz)

        if size <= 0.0 then
            ValueNone
        else
            let mutable left = q * size
            let mutable found = ValueNone

            for l in lots |> Seq.sortBy (fun l -> l.HeldNs) do
                if found.IsNone then
                    left <- left - float l.Sz

                    if left <= 0.0 then
                        found <- ValueSome(float l.HeldNs / 1e6)

            found

    /// Ticks paid beyond a reference price, weighted by size; positive is a cost. Fills whose reference is 0 are left out.
    let private slippage
        (rules: Instrument)
        (reference: FillRow -> int64)
        (fills: ImmutableArray<FillRow>)
        : float voption =
        let mutable size = 0.0
        let mutable cost = 0.0

        for f in fills do
            let twice = reference f

            if twice > 0L then
                let tick = float (Instrument.tickAt rules (Px.Of(twice / 2L)))
                let away = float f.Px.Raw - float twice / 2.0
                let sign = if f.Side = Side.Buy then 1.0 else -1.0
                let q = float f.Sz.Raw
                size <- size + q
                cost <- cost + q * sign * away / tick

        if size = 0.0 then ValueNone else ValueSome(cost / size)

    /// Against the local mid at the decision.
    let slippageTicks (rules: Instrument) (fills: ImmutableArray<FillRow>) =
        slippage rules (fun f -> f.DecidedMidTwice) fills

    /// Against the opposite best quote at the decision.
    let slippageTicksVsTouch (rules: Instrument) (fills: ImmutableArray<FillRow>) =
        slippage rules (fun f -> 2L * f.DecidedTouch.Raw) fills

    /// Events a minute of active time.
    let perMinute (count: int) (activeMinutes: float) : float voption =
        if activeMinutes > 0.0 then
            ValueSome(float count / activeMinutes)
        else
            ValueNone

    /// The largest fall from a running maximum; none without a point.
    let maxDrawdown (equity: ImmutableArray<EquityPoint>) : Drawdown voption =
        if equity.IsEmpty then
            ValueNone
        else
            let mutable peak = equity[0].Usd
            let mutable worst = 0.0
            let mutable share = 0.0

            for p in equity do
                peak <- max peak p.Usd
                worst <- max worst (peak - p.Usd)

                if peak > 0.0 then
                    share <- max share ((peak - p.Usd) / peak)

            ValueSome { Usd = worst; Share = share }

    /// Returns of equity samples over the start capital.
    let returns (samples: ImmutableArray<float>) (capital: float) : ImmutableArray<float> =
        if samples.Length < 2 then
            ImmutableArray.Empty
        else
            Seq.pairwise samples
            |> Seq.map (fun (a, b) -> (b - a) / capital)
            |> ImmutableArray.CreateRange

    /// Mean and standard deviation (n - 1) of a sample; none below two values.
    let meanStd (r: ImmutableArray<float>) : struct (float * float) voption =
        if r.Length < 2 then
            ValueNone
        else
            let mean = Seq.average r
            let squares = r |> Seq.sumBy (fun v -> (v - mean) * (v - mean))
            ValueSome(struct (mean, sqrt (squares / float (r.Length - 1))))

    let private samplesAYear (gridSeconds: float) = 365.0 * 86_400.0 / gridSeconds

    /// Annualised mean over standard deviation of the returns; none below `least` samples or without deviation.
    let sharpe (r: ImmutableArray<float>) (gridSeconds: float) (least: int) : float voption =
        match meanStd r with
        | ValueSome(struct (mean, std)) when r.Length >= least && std > 0.0 ->
            ValueSome(mean / std * sqrt (samplesAYear gridSeconds))
        | _ -> ValueNone

    /// Root mean square of the losses over all samples.
    let downside (r: ImmutableArray<float>) : float voption =
        if r.IsEmpty then
            ValueNone
        else
            let squares = r |> Seq.sumBy (fun v -> let d = min v 0.0 in d * d)
            ValueSome(sqrt (squares / float r.Length))

    let sortino (r: ImmutableArray<float>) (gridSeconds: float) (least: int) : float voption =
        match downside r with
        | ValueSome d when r.Length >= least && d > 0.0 ->
            ValueSome(Seq.average r / d * sqrt (samplesAYear gridSeconds))
        | _ -> ValueNone

    /// Time-weighted position over a span: mean, mean of the absolute value, largest absolute value, in base units.
    let inventory
        (fills: ImmutableArray<FillRow>)
        (fromNs: int64)
        (toNs: int64)
        : struct (float * float * float) voption =
        if toNs <= fromNs then
            ValueNone
        else
            let mutable position = 0.0
            let mutable since = fromNs
            let mutable sum = 0.0
            let mutable sumAbs = 0.0
            let mutable most = 0.0

            let hold (until: int64) =
                let span = float (until - since)
                sum <- sum + position * span
                sumAbs <- sumAbs + abs position * span
                since <- until

            for f in fills do
                let at = f.At
                hold at.Ns
                let size = float f.Sz.Raw / 1e8
                position <- position + (if f.Side = Side.Buy then size else -size)
                most <- max most (abs position)

            hold toNs
            let span = float (toNs - fromNs)
            ValueSome(struct (sum / span, sumAbs / span, most))

    /// Value traded over the capital.
    let turnover (fills: ImmutableArray<FillRow>) (capital: float) : float =
        (fills |> Seq.sumBy (fun f -> usd (Instrument.notional f.Px f.Sz))) / capital

    /// 10^4 times the mean move of the mid after the fills in our favour, weighted by size. `midAt` answers twice the mid at an
    /// instant, or none where it is not known (near the end or in a gap): such fills are left out.
    let markoutBps (fills: ImmutableArray<FillRow>) (horizonNs: int64) (midAt: int64 -> float voption) : float voption =
        let mutable size = 0.0
        let mutable gain = 0.0

        for f in fills do
            let at = f.At

            match midAt (at.Ns + horizonNs) with
            | ValueSome mid ->
                let px = float f.Px.Raw / 1e8
                let sign = if f.Side = Side.Buy then 1.0 else -1.0
                let q = float f.Sz.Raw
                size <- size + q
                gain <- gain + q * sign * (mid - px) / px
            | ValueNone -> ()

        if size = 0.0 then
            ValueNone
        else
            ValueSome(1e4 * gain / size)

    /// Filled over accepted quantity, and the share of accepted orders with any fill. One pair (size, filled) an accepted order.
    let fillRatios (orders: ImmutableArray<struct (float * float)>) : struct (float * float) voption =
        if orders.IsEmpty then
            ValueNone
        else
            let asked = orders |> Seq.sumBy (fun struct (size, _) -> size)
            let got = orders |> Seq.sumBy (fun struct (_, filled) -> filled)

            let some =
                orders |> Seq.sumBy (fun struct (_, filled) -> if filled > 0.0 then 1 else 0)

            ValueSome(struct (got / asked, float some / float orders.Length))
