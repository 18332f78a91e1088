namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// Figures of trades and fills (simulation.md 13). Everything that is not defined is none, never 0.
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

    /// Share of matched lots, first in first out, with a net gain: another count of the same run, never mixed with `hitRate`.
    let hitRateByLots (lots: ImmutableArray<MatchedLot>) : float voption =
        if lots.IsEmpty then
            ValueNone
        else
            let won =
                lots |> Seq.sumBy (fun l -> let net = l.Net in if net.Raw > 0L then 1 else 0)

            ValueSome(float won / float lots.Length)

    /// 10^4 times net over entry notional, trip by trip.
    let tripBps (trips: ImmutableArray<RoundTrip>) : ImmutableArray<float> =
        trips
        |> Seq.map (fun t -> 1e4 * usd t.Net / usd t.EntryNotional)
        |> ImmutableArray.CreateRange

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
            ValueSome(Seq.average (tripBps trips))

    /// What the winners gained over what the losers lost; none where nothing was lost.
    let profitFactor (trips: ImmutableArray<RoundTrip>) : float voption =
        let won = trips |> Seq.sumBy (fun t -> max 0.0 (usd t.Net))
        let lost = trips |> Seq.sumBy (fun t -> max 0.0 (-(usd t.Net)))

        if lost > 0.0 then ValueSome(won / lost) else ValueNone

    /// Mean over standard deviation (n - 1) of the trips' bps, times the root of their number. None below two trips or where
    /// all are alike.
    let tradeSharpe (bps: ImmutableArray<float>) : float voption =
        match Returns.meanStd bps with
        | ValueSome(struct (mean, std)) when std > 0.0 -> ValueSome(mean / std * sqrt (float bps.Length))
        | _ -> ValueNone

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

    /// The fills of one role.
    let ofRole (isMaker: bool) (fills: ImmutableArray<FillRow>) : ImmutableArray<FillRow> =
        fills |> Seq.filter (fun f -> f.IsMaker = isMaker) |> ImmutableArray.CreateRange

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

    /// Value traded over the capital.
    let turnover (fills: ImmutableArray<FillRow>) (capital: float) : float =
        (fills |> Seq.sumBy (fun f -> usd (Instrument.notional f.Px f.Sz))) / capital
