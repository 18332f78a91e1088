namespace Vrlg.Sim

open System.Collections.Immutable
open Vrlg.Core

/// The position over a span, weighted by time, in coins.
[<Struct; NoComparison; NoEquality>]
type Inventory =
    {
        Mean: float
        MeanAbs: float
        MaxAbs: float
        Std: float
        /// Share of the time at the largest exposure allowed, or beyond.
        AtLimit: float
    }

[<RequireQualifiedAccess>]
module Inventory =
    /// Fills before the span count for the position that it begins with. None for a span without length. `limit`
    /// is the largest exposure allowed, in coins; 0 is no limit.
    let ofFills (fills: ImmutableArray<FillRow>) (fromNs: int64) (toNs: int64) (limit: float) : Inventory voption =
        if toNs <= fromNs then
            ValueNone
        else
            // Exact, in 1e-8: a flat book is flat.
            let mutable position = 0L
            let mutable since = fromNs
            let mutable sum = 0.0
            let mutable sumAbs = 0.0
            let mutable squares = 0.0
            let mutable most = 0L
            let mutable atLimit = 0.0

            let hold (until: int64) =
                let until = min until toNs

                if until > since then
                    let span = float (until - since)
                    let coins = float position / 1e8
                    sum <- sum + coins * span
                    sumAbs <- sumAbs + abs coins * span
                    squares <- squares + coins * coins * span

                    if limit > 0.0 && abs coins >= limit then
                        atLimit <- atLimit + span

                    since <- until

            for f in fills do
                let at = f.At
                hold at.Ns
                let size = f.Sz
                position <- position + (if f.Side = Side.Buy then size.Raw else -size.Raw)

                if at.Ns < fromNs then
                    most <- abs position
                elif at.Ns <= toNs then
                    most <- max most (abs position)

            hold toNs
            let span = float (toNs - fromNs)
            let mean = sum / span

            ValueSome
                {
                    Mean = mean
                    MeanAbs = sumAbs / span
                    MaxAbs = float most / 1e8
                    Std = sqrt (max 0.0 (squares / span - mean * mean))
                    AtLimit = atLimit / span
                }
