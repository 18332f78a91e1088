namespace Vrlg.Sim

open System
open Vrlg.Core

/// A large order shown in slices, emulated by the client: the next slice is sent when the full fill of the current one is
/// seen locally, and starts at the back of the queue (simulation.md 8, Iceberg).
[<NoComparison>]
type Iceberg =
    {
        /// Size of the parent and of a shown slice, 1e-8.
        Total: int64
        Shown: int64
        Lot: int64
        /// A slice varies by this share of it, both ways, in percent; drawn by the stream `iceberg`, number of the slice.
        JitterPercent: int64
        Seed: int64
        /// Price of the market when the parent was decided, 1e-8.
        DecisionPx: int64
        Side: Side
        DecidedAt: Instant
        Slices: int64
        /// Size of the live slice and what of it was seen filled; 0 when none is out.
        Live: int64
        LiveFilled: int64
        Filled: int64
        /// Sum of price times size of the fills, in 1e-16.
        Value: Int128
        LastFillAt: Instant
    }

/// How a parent order came out.
[<NoComparison>]
type ParentResult =
    {
        /// Volume-weighted average price, 1e-8; 0 without a fill.
        Vwap: float
        Filled: Sz
        /// From the decision to the last fill.
        Time: Duration
        /// Against the decision price, in basis points; above 0 is a cost.
        SlippageBps: float voption
        Slices: int64
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Iceberg =
    let create (side: Side) (total: Sz) (shown: Sz) (lot: int64) (decisionPx: Px) (at: Instant) : Iceberg =
        {
            Total = total.Raw
            Shown = max lot shown.Raw
            Lot = lot
            JitterPercent = 0L
            Seed = 0L
            DecisionPx = decisionPx.Raw
            Side = side
            DecidedAt = at
            Slices = 0L
            Live = 0L
            LiveFilled = 0L
            Filled = 0L
            Value = Int128.Zero
            LastFillAt = at
        }

    /// Whole lots, at least one, no more than what is left.
    let private sizeOf (i: Iceberg) =
        let spread = i.Shown * i.JitterPercent / 100L

        let wanted =
            if spread = 0L then
                i.Shown
            else
                i.Shown
                + Seed.between (Seed.key i.Seed "iceberg") i.Slices (-spread / i.Lot) (spread / i.Lot)
                  * i.Lot

        min (i.Total - i.Filled) (max i.Lot (wanted - wanted % i.Lot))

    /// The slice to send now, if one is due.
    let next (i: Iceberg) : struct (Iceberg * Sz voption) =
        if i.Live > 0L || i.Filled >= i.Total then
            struct (i, ValueNone)
        else
            let size = sizeOf i

            struct ({ i with
                        Live = size
                        LiveFilled = 0L
                        Slices = i.Slices + 1L
                    },
                    ValueSome(Sz.Of size))

    /// A fill of the live slice was seen.
    let filled (px: Px) (sz: Sz) (at: Instant) (i: Iceberg) : Iceberg =
        let live = i.LiveFilled + sz.Raw

        { i with
            Live = if live >= i.Live then 0L else i.Live
            LiveFilled = live
            Filled = i.Filled + sz.Raw
            Value = i.Value + Int128.op_Implicit px.Raw * Int128.op_Implicit sz.Raw
            LastFillAt = at
        }

    /// The live slice ended without a full fill (cancelled, rejected): the next call of `next` sends another.
    let ended (i: Iceberg) : Iceberg = { i with Live = 0L; LiveFilled = 0L }

    let result (i: Iceberg) : ParentResult =
        let vwap =
            if i.Filled = 0L then
                0.0
            else
                float i.Value / float i.Filled

        let sign = if i.Side = Side.Buy then 1.0 else -1.0

        {
            Vwap = vwap
            Filled = Sz.Of i.Filled
            Time = i.LastFillAt - i.DecidedAt
            SlippageBps =
                if i.Filled = 0L || i.DecisionPx = 0L then
                    ValueNone
                else
                    ValueSome(1e4 * sign * (vwap - float i.DecisionPx) / float i.DecisionPx)
            Slices = i.Slices
        }

/// A parent order cut over time by the client: a child every interval, catching up after misses (simulation.md 8, TWAP).
[<NoComparison>]
type Twap =
    {
        Side: Side
        Total: int64
        Lot: int64
        Start: Instant
        /// The whole time, and between children.
        Length: Duration
        Interval: Duration
        /// No child is sent at a price worse than this many basis points from the price at the start; 0 is no cap.
        CapBps: int64
        StartPx: int64
        Filled: int64
        Children: int64
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Twap =
    /// A child is at most this many times the normal size.
    let private catchUp = 3L

    /// What the schedule asks for by a time after its start, nanoseconds.
    let private share (t: Twap) (at: int64) =
        Wide.mulDiv t.Total (min t.Length.Ns at) t.Length.Ns

    /// The largest child.
    let most (t: Twap) : int64 = catchUp * share t t.Interval.Ns

    let create (side: Side) (total: Sz) (lot: int64) (start: Instant) (length: Duration) (px: Px) : Twap =
        {
            Side = side
            Total = total.Raw
            Lot = lot
            Start = start
            Length = length
            Interval = Duration.OfMs 30_000L
            CapBps = 0L
            StartPx = px.Raw
            Filled = 0L
            Children = 0L
        }

    /// When the next child is due; nothing when all were sent.
    let nextAt (t: Twap) : Instant voption =
        let at = t.Start.Ns + t.Children * t.Interval.Ns

        if at >= t.Start.Ns + t.Length.Ns || t.Filled >= t.Total then
            ValueNone
        else
            ValueSome(Instant.Of at)

    /// The child that is due at `now`, with the price it may go to: what the schedule asks for by its end less what was filled,
    /// at most three times the normal size. Nothing when none is due, or the market is beyond the cap.
    let next (now: Instant) (market: Px) (t: Twap) : struct (Twap * struct (Sz * Px) voption) =
        match nextAt t with
        | ValueSome due when now.Ns >= due.Ns ->
            let told = { t with Children = t.Children + 1L }

            let wanted = min (share t (told.Children * t.Interval.Ns) - t.Filled) (most t)

            let size = wanted - wanted % t.Lot
            let shift = t.StartPx / 10_000L * t.CapBps

            let limit =
                if t.Side = Side.Buy then
                    t.StartPx + shift
                else
                    t.StartPx - shift

            let isBeyond =
                t.CapBps > 0L
                && (if t.Side = Side.Buy then
                        market.Raw > limit
                    else
                        market.Raw < limit)

            if size <= 0L || isBeyond then
                struct (told, ValueNone)
            else
                struct (told, ValueSome(struct (Sz.Of size, (if t.CapBps > 0L then Px.Of limit else market))))
        | _ -> struct (t, ValueNone)

    let filled (sz: Sz) (t: Twap) : Twap = { t with Filled = t.Filled + sz.Raw }
