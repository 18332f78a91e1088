namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Globalization
open Vrlg.Core

/// What is added to the recorded receipts from a record on: the recorder's clock against the venue's.
[<Struct; NoComparison>]
type ClockShift = { From: int64; Shift: int64 }

/// How recorded receipts are treated.
type ClockRule =
    /// Corrected when a receipt lies before its venue time, or when the least ingest drifts by more than 50 ms.
    | Auto = 0uy
    | Always = 1uy
    | Never = 2uy

/// The correction of a whole recording.
[<NoComparison>]
type ClockCorrection =
    {
        /// By venue time, ascending; empty when the receipts stand as they are.
        Shifts: ImmutableArray<ClockShift>
        Least: Duration
        Most: Duration
    }

    /// What to tell people; nothing where nothing was corrected.
    member c.Sentence: string voption =
        if c.Shifts.IsEmpty then
            ValueNone
        else
            let ms (d: Duration) =
                d.Milliseconds.ToString("0.###", CultureInfo.InvariantCulture)

            ValueSome $"the recorder's clock was corrected: receipts were shifted by {ms c.Least} to {ms c.Most} ms"

/// Rule 7 of simulation.md 4: the running minimum of receipt - venue time over ten minutes is shifted to a floor. Until ten
/// minutes of a piece are known its first ten minutes give the minimum; a silence of ten minutes begins a new piece.
[<Sealed>]
type SkewEstimate(floor: Duration) =
    let window = 600_000_000_000L
    let jump = 50_000_000L
    // Ingests of the window that may still become its minimum: ascending in value and in time.
    let times = LinkedList<struct (int64 * int64)>()
    let shifts = ImmutableArray.CreateBuilder<ClockShift>()
    let mutable first = Int64.MinValue
    let mutable last = Int64.MinValue
    let mutable isWarm = false
    let mutable isNegative = false
    let mutable leastMinimum = Int64.MaxValue
    let mutable mostMinimum = Int64.MinValue
    let mutable widest = 0L
    let mutable widestAt = 0L

    let minimum () =
        match times.First with
        | null -> 0L
        | head ->
            let struct (_, value) = head.Value
            value

    let note (at: int64) (value: int64) =
        leastMinimum <- min leastMinimum value
        mostMinimum <- max mostMinimum value
        let shift = floor.Ns - value

        if shifts.Count = 0 then
            shifts.Add { From = Int64.MinValue; Shift = shift }
        else
            let before = shifts[shifts.Count - 1].Shift

            if abs (shift - before) > widest then
                widest <- abs (shift - before)
                widestAt <- at

            if shift <> before then
                shifts.Add { From = at; Shift = shift }

    /// The first ten minutes of a piece are over, or the piece is.
    let warm () =
        if not isWarm && first > Int64.MinValue then
            note first (minimum ())
            isWarm <- true

    /// A record with a recorded receipt; records come in venue order, receipts of 0 are none.
    member _.Add(venueAt: int64, recvAt: int64) =
        if recvAt > 0L then
            let ingest = recvAt - venueAt
            isNegative <- isNegative || ingest < 0L

            if first = Int64.MinValue || venueAt - last >= window then
                warm ()
                times.Clear()
                first <- venueAt
                isWarm <- false
            elif venueAt - first >= window then
                warm ()

            last <- venueAt

            let expired (node: LinkedListNode<struct (int64 * int64)> | null) =
                match node with
                | null -> false
                | n -> let struct (at, _) = n.Value in at <= venueAt - window

            let outdone (node: LinkedListNode<struct (int64 * int64)> | null) =
                match node with
                | null -> false
                | n -> let struct (_, value) = n.Value in value >= ingest

            while expired times.First do
                times.RemoveFirst()

            while outdone times.Last do
                times.RemoveLast()

            times.AddLast(struct (venueAt, ingest)) |> ignore

            if isWarm then
                note venueAt (minimum ())

    /// The correction under a rule; an error is a sentence.
    member _.Finish(rule: ClockRule) : Result<ClockCorrection, string> =
        warm ()
        let drifts = shifts.Count > 0 && mostMinimum - leastMinimum > jump

        let isAsked =
            match rule with
            | ClockRule.Never -> false
            | ClockRule.Always -> shifts.Count > 0
            | _ -> isNegative || drifts

        if not isAsked then
            Ok
                {
                    Shifts = ImmutableArray.Empty
                    Least = Duration.Of 0L
                    Most = Duration.Of 0L
                }
        elif widest > jump then
            let ms = (float widest / 1e6).ToString("0.###", CultureInfo.InvariantCulture)

            Error(
                $"the recorder's clock jumps by {ms} ms at {Instant.Of widestAt}, more than the 50 ms that a correction may move. "
                + "Set latency.clock = \"never\" to take the receipts as they stand, or latency.ingest = \"drawn\" to draw them."
            )
        else
            Ok
                {
                    Shifts = shifts.ToImmutable()
                    Least = Duration.Of(floor.Ns - mostMinimum)
                    Most = Duration.Of(floor.Ns - leastMinimum)
                }
