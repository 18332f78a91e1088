namespace Vrlg.Sim

open System.Collections.Immutable
open Vrlg.Core

/// When the venue executes (simulation.md 3).
[<RequireQualifiedAccess; NoComparison>]
type BlockModel =
    /// Continuous time: a command is executed when it arrives.
    | None
    /// Known block times, ascending, nanoseconds since 1970.
    | Recorded of times: ImmutableArray<int64>
    /// At `phase` and every `period` from there, both ways.
    | Fixed of period: Duration * phase: Instant
    /// From `start` on, each gap drawn from the measured ones: stream `blocks` of the seed, number of the block.
    | Sampled of gaps: ImmutableArray<Duration> * start: Instant * seed: int64

[<RequireQualifiedAccess>]
module BlockModel =
    let private stream = "blocks"

    /// The first of ascending times that is not before `at`; its index, or the count when there is none.
    let private firstAt (times: ImmutableArray<int64>) (at: int64) : int =
        let mutable lo = 0
        let mutable hi = times.Length

        while lo < hi do
            let mid = (lo + hi) / 2
            if times[mid] < at then lo <- mid + 1 else hi <- mid

        lo

    /// The time between block `i` and the next. Gaps of nothing and gaps of 0 would never end: 1 ns is the least.
    let gap (gaps: ImmutableArray<Duration>) (seed: int64) (i: int64) : int64 =
        if gaps.IsDefaultOrEmpty then
            1L
        else
            let key = Seed.key seed stream
            max 1L gaps[int (Seed.between key i 0L (int64 gaps.Length - 1L))].Ns

    /// The first multiple of `period` past `phase` that is not before `at`.
    let private onGrid (period: int64) (phase: int64) (at: int64) : int64 =
        if period <= 0L then
            at
        else
            let rest = (((at - phase) % period) + period) % period
            if rest = 0L then at else at + period - rest

    /// When a command that arrives at `arrival` is executed: the first block time at or after it. Nothing when the known
    /// block times end before.
    let executeAt (model: BlockModel) (arrival: Instant) : Instant voption =
        match model with
        | BlockModel.None -> ValueSome arrival
        | BlockModel.Recorded times ->
            match firstAt times arrival.Ns with
            | i when i < times.Length -> ValueSome(Instant.Of times[i])
            | _ -> ValueNone
        | BlockModel.Fixed(period, phase) -> ValueSome(Instant.Of(onGrid period.Ns phase.Ns arrival.Ns))
        | BlockModel.Sampled(gaps, start, seed) ->
            let mutable at = start.Ns
            let mutable i = 0L

            while at < arrival.Ns do
                at <- at + gap gaps seed i
                i <- i + 1L

            ValueSome(Instant.Of at)

    /// The number of the block at a block time, whatever was executed before. After the end of known blocks every instant is one.
    let number (model: BlockModel) (at: int64) : int64 =
        match model with
        | BlockModel.None -> at
        | BlockModel.Recorded times ->
            match firstAt times at with
            | i when i < times.Length || i = 0 -> int64 i
            | i -> int64 i + (at - times[i - 1])
        | BlockModel.Fixed(period, phase) ->
            if period.Ns <= 0L then
                at
            else
                let past = at - phase.Ns
                let whole = past / period.Ns

                if past < 0L && whole * period.Ns <> past then
                    whole - 1L
                else
                    whole
        | BlockModel.Sampled(gaps, start, seed) ->
            let mutable t = start.Ns
            let mutable i = 0L

            while t < at do
                t <- t + gap gaps seed i
                i <- i + 1L

            i

/// The same for arrivals that never go back: each answer goes on from the last one. One linear owner.
[<Sealed>]
type BlockClock(model: BlockModel) =
    let mutable at =
        match model with
        | BlockModel.Sampled(_, start, _) -> start.Ns
        | _ -> 0L

    let mutable next = 0L

    /// The first block time at or after `arrival`, which is not before any earlier one.
    member _.ExecuteAt(arrival: Instant) : Instant voption =
        match model with
        | BlockModel.Sampled(gaps, _, seed) ->
            while at < arrival.Ns do
                at <- at + BlockModel.gap gaps seed next
                next <- next + 1L

            ValueSome(Instant.Of at)
        | other -> BlockModel.executeAt other arrival

    /// The number of the block at a block time that is not before any earlier one.
    member c.Number(at: Instant) : int64 =
        match model with
        | BlockModel.Sampled _ ->
            c.ExecuteAt at |> ignore<Instant voption>
            next
        | other -> BlockModel.number other at.Ns
