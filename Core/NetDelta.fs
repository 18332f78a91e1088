namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// How the net delta is judged (D0-073).
[<RequireQualifiedAccess>]
type NetDeltaRule =
    | Off
    /// Its 99 % one-second value at risk against a limit in USD (X17).
    | Var
    /// The document's words: the delta against the value at risk of itself. It holds for every delta that is not 0.
    | Document

/// When the house hedges, and on what.
[<NoComparison>]
type HedgeConfig =
    {
        Rule: NetDeltaRule
        /// What is traded: of it, the derived limit is made.
        Traded: InstrumentId
        /// On which the hedge is sent. The traded one: the hedge reduces the position.
        Instrument: InstrumentId
        /// Limit of the value at risk; 0 derives it from the largest position of the traded instrument.
        Limit: Usd
        MaxExposure: Sz
    }

    static member Off: HedgeConfig =
        {
            Rule = NetDeltaRule.Off
            Traded = InstrumentId.Of 0
            Instrument = InstrumentId.Of 0
            Limit = Usd.Of 0L
            MaxExposure = Sz.Of 0L
        }

/// One judgement: the statistics behind it are floats, the share of the delta that must go is a whole number of 1e-8.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type DeltaVerdict =
    {
        NetUsd: float
        /// 99 % of one second.
        VarUsd: float
        LimitUsd: float
        IsHedging: bool
        /// Of the net delta, 0 to 100,000,000; 0 while not hedging.
        Share: int64
    }

/// The net delta of all desks and what one second may cost it: a variance of one-second returns for each instrument, with a
/// memory of an hour, learnt on the 100 ms grid. Owned it changes in place, shared it answers with a copy (see `Owner`).
[<Sealed>]
type NetDelta private (instruments: int) =
    static let second = 1_000_000_000L
    /// Seconds of memory of the variance, and how many returns must be known before it speaks.
    static let memory = 3_600L
    static let enough = 30L
    /// The normal distribution's 99 %.
    static let quantile = 2.326
    static let above, below = 0.8, 0.6
    /// A millionth is no difference: what is exactly at a bound is not above it, however floats round.
    static let slack = 1.0 + 1e-6
    /// Half of it: where a hedge aims, so that rounding up never takes a lot too many.
    static let aim = 1.0 + 5e-7

    member val private Maker: Owner = null with get, set
    /// Twice the mids of the latest sample, 0 where there was none.
    member val private Mids: int64[] = Array.zeroCreate instruments with get, set
    member val private Variances: float[] = Array.zeroCreate instruments with get, set
    member val private Counts: int64[] = Array.zeroCreate instruments with get, set
    member val SampledAt = 0L with get, private set
    member val IsHedging = false with get, private set
    /// The figures of the latest judgement.
    member val NetUsd = 0.0 with get, private set
    member val VarUsd = 0.0 with get, private set
    member val LimitUsd = 0.0 with get, private set

    static member Empty(instruments: int) = NetDelta instruments

    member internal n.MidOf(i: int) = n.Mids[i]
    member internal n.VarianceOf(i: int) = n.Variances[i]
    member internal n.CountOf(i: int) = n.Counts[i]

    member private n.Next(by: Owner) : NetDelta =
        if not (isNull by) && obj.ReferenceEquals(n.Maker, by) then
            n
        else
            let copy = n.MemberwiseClone() :?> NetDelta
            copy.Maker <- by
            copy.Mids <- Array.copy n.Mids
            copy.Variances <- Array.copy n.Variances
            copy.Counts <- Array.copy n.Counts
            copy

    /// The standard deviation of one second's return; none before 30 of them are known.
    member n.Sigma(instrument: InstrumentId) : float voption =
        let i = instrument.Index

        if uint i < uint instruments && n.Counts[i] >= enough then
            ValueSome(sqrt n.Variances[i])
        else
            ValueNone

    /// A sample is due: a second has passed since the last one.
    member n.IsDue(grid: Instant) : bool = grid.Ns - n.SampledAt >= second

    /// The same after the mids of a grid instant, doubled, 0 where none is known. A return needs both of its ends, a second apart.
    member n.Sampled(by: Owner, grid: Instant, mids: ReadOnlySpan<int64>) : NetDelta =
        let next = n.Next by
        let isOne = grid.Ns - n.SampledAt = second

        for i in 0 .. min instruments mids.Length - 1 do
            let was, now = next.Mids[i], mids[i]

            if isOne && was > 0L && now > 0L then
                let r = float (now - was) / float was
                next.Counts[i] <- min memory (next.Counts[i] + 1L)
                next.Variances[i] <- next.Variances[i] + (r * r - next.Variances[i]) / float next.Counts[i]

            next.Mids[i] <- now

        next.SampledAt <- grid.Ns
        next

    /// The 99 % value at risk of one second.
    static member VarOf(sigma: float, netUsd: float) : float = quantile * sigma * abs netUsd

    /// On above 0.8 of the limit, off at or below 0.6, and the share of the delta that brings it there. By the document's rule
    /// the limit is the value at risk of the delta itself, and all of it must go.
    static member Judge(rule: NetDeltaRule, was: bool, netUsd: float, sigma: float, limitUsd: float) : DeltaVerdict =
        let var = NetDelta.VarOf(sigma, netUsd)

        let verdict (limit: float) (isOn: bool) (share: float) =
            let raw = int64 (ceil (share * 1e8))

            {
                NetUsd = netUsd
                VarUsd = var
                LimitUsd = limit
                IsHedging = isOn
                Share = if isOn then max 0L (min 100_000_000L raw) else 0L
            }

        match rule with
        | NetDeltaRule.Off -> verdict limitUsd false 0.0
        | NetDeltaRule.Document -> verdict var (abs netUsd > above * var) 1.0
        | NetDeltaRule.Var ->
            let isOn = limitUsd > 0.0 && var > (if was then below else above) * limitUsd * slack
            verdict limitUsd isOn (if isOn then 1.0 - below * limitUsd * aim / var else 0.0)

    /// Takes a judgement in.
    member n.Judged(by: Owner, v: DeltaVerdict) : NetDelta =
        if
            v.IsHedging = n.IsHedging
            && v.NetUsd = n.NetUsd
            && v.VarUsd = n.VarUsd
            && v.LimitUsd = n.LimitUsd
        then
            n
        else
            let next = n.Next by
            next.IsHedging <- v.IsHedging
            next.NetUsd <- v.NetUsd
            next.VarUsd <- v.VarUsd
            next.LimitUsd <- v.LimitUsd
            next

    /// The limit in force: the one of the settings, or the value at risk of the largest position at the mid.
    static member LimitOf(c: HedgeConfig, sigma: float, mid: float) : float =
        let most, limit = c.MaxExposure, c.Limit

        if limit.Raw > 0L then
            float limit.Raw / 1e8
        else
            NetDelta.VarOf(sigma, float most.Raw / 1e8 * mid)

    /// The hedge in whole lots of an instrument: `share` of the net delta (position times twice the mid, summed), rounded up to lots
    /// but never past flat; less than a lot is none. Exact.
    static member Size(net: Int128, share: int64, lot: int64, midTwice: int64) : Sz =
        if midTwice <= 0L || lot <= 0L then
            Sz.Of 0L
        else
            let one = Int128.op_Implicit 100_000_000L
            let all = Int128.Abs net
            let each = Int128.op_Implicit lot * Int128.op_Implicit midTwice
            // In parts, so that no product passes 128 bits.
            let wide = Int128.op_Implicit share
            let needed = all / one * wide + (all % one * wide + one - Int128.One) / one
            let lots = Int128.Min((needed + each - Int128.One) / each, all / each)
            let most = Int128.op_Implicit (Int64.MaxValue / lot)
            Sz.Of(lot * (Int128.op_Explicit (Int128.Min(lots, most)): int64))
