namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// A stretch of time, both ends of it inside.
[<Struct; NoComparison; NoEquality>]
type Stretch = { FromNs: int64; ToNs: int64 }

/// The exchange's mid over time: what every figure is marked with (simulation.md 13). The displayed book does not depend on our
/// orders, so one path serves every run over the same tape.
[<Sealed>]
type MidPath
    internal
    (
        times: int64[],
        midTwice: int64[],
        count: int,
        gaps: ImmutableArray<Stretch>,
        fromNs: int64,
        toNs: int64,
        volume: int64
    ) =
    /// First venue instant of the tape.
    member _.FromNs = fromNs
    /// Last venue instant of the tape.
    member _.ToNs = toNs
    /// Silences of the book channels beyond their limit, by the exchange's clock.
    member _.Gaps = gaps
    /// Size printed over the whole span, 1e-8.
    member _.Volume = volume
    /// How often the mid changed.
    member _.Count = count

    /// Bid plus ask after everything at or before an instant, the last whole ones; 0 before there were any.
    member _.TwiceAt(ns: int64) : int64 =
        let mutable lo = 0
        let mutable hi = count

        while lo < hi do
            let middle = lo + (hi - lo) / 2

            if times[middle] <= ns then
                lo <- middle + 1
            else
                hi <- middle

        if lo = 0 then 0L else midTwice[lo - 1]

    /// The mid in USD; none before the first whole quotes.
    member p.At(ns: int64) : float voption =
        match p.TwiceAt ns with
        | 0L -> ValueNone
        | twice -> ValueSome(float twice / 2e8)

    /// The mid with which equity is valued: where none is known yet, the first one. Only a position needs it, and there is none
    /// before the first quotes.
    member p.MarkAt(ns: int64) : float =
        match p.TwiceAt ns with
        | 0L when count > 0 -> float midTwice[0] / 2e8
        | twice -> float twice / 2e8

    /// Whether what happened at an instant is not to be believed: in a silence that proved to be a gap, or with the first book
    /// after it.
    member _.IsDoubtful(ns: int64) : bool =
        let mutable isInside = false

        for g in gaps do
            isInside <- isInside || (g.FromNs < ns && ns <= g.ToNs)

        isInside

    /// Whether a stretch meets a gap.
    member _.MeetsGap(fromAt: int64, toAt: int64) : bool =
        let mutable meets = false

        for g in gaps do
            meets <- meets || (g.FromNs <= toAt && fromAt <= g.ToNs)

        meets

/// Collects a path record by record, in exchange order.
[<Sealed>]
type MidPathBuilder() =
    let gaps = ImmutableArray.CreateBuilder<Stretch>()
    let mutable times: int64[] = Array.zeroCreate 1024
    let mutable mids: int64[] = Array.zeroCreate 1024
    let mutable count = 0
    let mutable fromNs = Int64.MaxValue
    let mutable toNs = 0L
    let mutable hasDepth = false
    let mutable volume = 0L

    let mutable bookAt = Int64.MinValue

    /// The stretch since the last book record, where it is too long.
    let silenceUntil (at: int64) : Stretch voption =
        let limit = Silence.limit hasDepth

        if bookAt <> Int64.MinValue && at - bookAt > limit.Ns then
            ValueSome { FromNs = bookAt; ToNs = at }
        else
            ValueNone

    /// A book record was there: a longer silence before it was a gap.
    member private _.BookSeen(at: int64, isDepth: bool) =
        match silenceUntil at with
        | ValueSome g -> gaps.Add g
        | ValueNone -> ()

        bookAt <- at
        hasDepth <- hasDepth || isDepth

    /// The quotes after a record. Of one instant the last counts; a book that lacks a side leaves the mid as it was.
    member b.Add(at: int64, kind: EventKind, touch: Touch) =
        fromNs <- min fromNs at
        toNs <- max toNs at

        match kind with
        | EventKind.BookMoved
        | EventKind.LevelMoved -> b.BookSeen(at, true)
        | EventKind.BboMoved -> b.BookSeen(at, false)
        | _ -> ()

        let twice = touch.MidTwice

        if touch.IsWhole && (count = 0 || mids[count - 1] <> twice) then
            if count > 0 && times[count - 1] = at then
                mids[count - 1] <- twice
            else
                if count = times.Length then
                    Array.Resize(&times, 2 * count)
                    Array.Resize(&mids, 2 * count)

                times[count] <- at
                mids[count] <- twice
                count <- count + 1

    /// A print of this size was there.
    member _.Printed(size: int64) = volume <- volume + size

    /// What was collected; a silence may last to the end.
    member _.Path() =
        let all =
            match silenceUntil toNs with
            | ValueSome g -> gaps.ToImmutable().Add g
            | ValueNone -> gaps.ToImmutable()

        MidPath(times, mids, count, all, (if fromNs > toNs then toNs else fromNs), toNs, volume)

[<RequireQualifiedAccess>]
module MidPath =
    /// The path of an instrument on a tape: the exchange's own book, without an order of ours in it.
    let ofTape (config: ExchangeConfig) (instrument: InstrumentId) (tape: Tape) : MidPath =
        let reports = Reports()
        let builder = MidPathBuilder()
        let mutable exchange = Exchange.own (Exchange.create config)

        for i in 0 .. tape.Count - 1 do
            let event = tape.Event i

            if event.Instrument.Index = instrument.Index then
                let at = tape.VenueAt i
                exchange <- Exchange.market exchange (Instant.Of at) &event reports
                reports.Clear()
                builder.Add(at, event.Kind, exchange.Touch instrument)

                if event.Kind = EventKind.Traded then
                    builder.Printed event.B

        builder.Path()

    /// A path of given instants (nanoseconds, rising) and mids in USD, for whoever has one from elsewhere.
    let ofMids (points: seq<struct (int64 * float)>) (gaps: ImmutableArray<Stretch>) (toNs: int64) : MidPath =
        let points = Seq.toArray points
        let times = points |> Array.map (fun struct (at, _) -> at)

        let mids =
            points |> Array.map (fun struct (_, mid) -> int64 (Math.Round(mid * 2e8)))

        let fromNs = if times.Length = 0 then toNs else times[0]
        MidPath(times, mids, times.Length, gaps, fromNs, toNs, 0L)
