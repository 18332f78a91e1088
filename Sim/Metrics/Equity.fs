namespace Vrlg.Sim

open System.Collections.Immutable
open Vrlg.Core

/// The equity at one instant, in USD.
[<Struct; NoComparison; NoEquality>]
type EquityPoint = { At: int64; Usd: float }

/// The largest fall from a running maximum.
[<Struct; NoComparison; NoEquality>]
type Drawdown =
    {
        Usd: float
        /// Of the maximum it fell from.
        Share: float
        /// The longest time between a peak and its recovery, or the end, in nanoseconds.
        LongestNs: int64
    }

/// E(t): capital, cash flow, the position at the mid, less fees and funding, after everything at or before t. Asked in rising order.
/// With a plan the mid is shifted by what our takers took.
[<Sealed>]
type EquityWalk
    (
        capital: Usd,
        fills: ImmutableArray<FillRow>,
        funding: ImmutableArray<FundingRow>,
        mids: MidPath,
        impact: ImpactPlan voption
    ) =
    let shift =
        match impact with
        | ValueSome plan when plan.ShiftTicks > 0.0 -> ValueSome(struct (plan.Instrument, Impact.Shift plan.ShiftTicks))
        | _ -> ValueNone

    let mutable nextFill = 0
    let mutable nextFunding = 0
    // Exact, in 1e-8, until the moment it is valued.
    let mutable cash = 0L
    let mutable position = 0L

    /// Of a fill that crossed.
    let push (f: FillRow) =
        match shift with
        | ValueSome(struct (rules, shift)) when not f.IsMaker ->
            let at, size = f.At, f.Sz
            let lots = float size.Raw / float (Instrument.lot rules)
            shift.Took(at.Ns, (if f.Side = Side.Buy then lots else -lots))
        | _ -> ()

    let markAt (ns: int64) =
        let mid = mids.MarkAt ns

        match shift with
        | ValueSome(struct (rules, shift)) when mid > 0.0 ->
            mid
            + shift.At ns * float (Instrument.tickAt rules (Px.Of(int64 (mid * 1e8)))) / 1e8
        | _ -> mid

    /// Without impact.
    new(capital, fills, funding, mids) = EquityWalk(capital, fills, funding, mids, ValueNone)

    member _.PositionCoins = float position / 1e8

    member _.To(ns: int64) : float =
        while nextFill < fills.Length && (let at = fills[nextFill].At in at.Ns <= ns) do
            let f = fills[nextFill]
            let value = Instrument.notional f.Px f.Sz
            let sign = if f.Side = Side.Buy then 1L else -1L
            let size = f.Sz
            let fee = f.Fee
            cash <- cash - sign * value.Raw - fee.Raw
            position <- position + sign * size.Raw
            push f
            nextFill <- nextFill + 1

        while nextFunding < funding.Length
              && (let at = funding[nextFunding].At in at.Ns <= ns) do
            let paid = funding[nextFunding].Paid
            cash <- cash - paid.Raw
            nextFunding <- nextFunding + 1

        let held =
            if position = 0L then
                0.0
            else
                float position / 1e8 * markAt ns

        float (capital.Raw + cash) / 1e8 + held

[<RequireQualifiedAccess>]
module Equity =
    /// Multiples of `gridNs` since 1970 (UTC) inside a span.
    let grid (gridNs: int64) (fromNs: int64) (toNs: int64) : ImmutableArray<int64> =
        let first = (fromNs + gridNs - 1L) / gridNs * gridNs
        let found = ImmutableArray.CreateBuilder<int64>()
        let mutable at = first

        while at <= toNs do
            found.Add at
            at <- at + gridNs

        found.ToImmutable()

    /// The equity on a grid, in USD.
    let samples (walk: EquityWalk) (at: ImmutableArray<int64>) : ImmutableArray<float> =
        at |> Seq.map walk.To |> ImmutableArray.CreateRange

    /// The equity at the start, at every fill and settlement, on the grid and at the end: where a drawdown is looked for.
    let points
        (walk: EquityWalk)
        (fills: ImmutableArray<FillRow>)
        (funding: ImmutableArray<FundingRow>)
        (grid: ImmutableArray<int64>)
        (fromNs: int64)
        (toNs: int64)
        : ImmutableArray<EquityPoint> =
        let instants =
            [|
                fromNs
                yield! fills |> Seq.map (fun f -> let at = f.At in at.Ns)
                yield! funding |> Seq.map (fun f -> let at = f.At in at.Ns)
                yield! grid
                toNs
            |]

        Array.sortInPlace instants

        instants
        |> Seq.distinct
        |> Seq.map (fun at -> { At = at; Usd = walk.To at }: EquityPoint)
        |> ImmutableArray.CreateRange

    /// The same on the 60 s grid: how every drawdown is looked for.
    let over
        (walk: EquityWalk)
        (fills: ImmutableArray<FillRow>)
        (funding: ImmutableArray<FundingRow>)
        (fromNs: int64)
        (toNs: int64)
        : ImmutableArray<EquityPoint> =
        points walk fills funding (grid (int64 (Returns.GridSeconds * 1e9)) fromNs toNs) fromNs toNs

    /// The largest fall from a running maximum, and the longest time under one; none without a point.
    let maxDrawdown (equity: ImmutableArray<EquityPoint>) : Drawdown voption =
        if equity.IsEmpty then
            ValueNone
        else
            let mutable peak = equity[0].Usd
            let mutable peakAt = equity[0].At
            let mutable isUnder = false
            let mutable worst = 0.0
            let mutable share = 0.0
            let mutable longest = 0L

            for p in equity do
                if isUnder then
                    longest <- max longest (p.At - peakAt)

                if p.Usd >= peak then
                    peak <- p.Usd
                    peakAt <- p.At
                    isUnder <- false
                else
                    isUnder <- true
                    longest <- max longest (p.At - peakAt)

                    if peak - p.Usd > worst then
                        worst <- peak - p.Usd
                        share <- if peak > 0.0 then worst / peak else nan

            ValueSome
                {
                    Usd = worst
                    Share = share
                    LongestNs = longest
                }
