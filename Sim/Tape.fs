namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// Market records in venue order, decoded beforehand: what a run is fed with. Sorted by venue instant; at one instant trades,
/// then books, then best quotes.
[<AbstractClass>]
type Tape() =
    abstract Count: int
    /// Venue instant of record `i`, nanoseconds.
    abstract VenueAt: i: int -> int64
    /// Recorded receipt of record `i`, nanoseconds; 0 where the recording has none.
    abstract RecvAt: i: int -> int64
    /// The place of record `i`'s instrument in the run's table; -1 where it is the venue's own.
    abstract InstrumentAt: i: int -> int

    default _.InstrumentAt i =
        ignore<int> i
        0

    /// Record `i` as the event that the engine is shown.
    abstract Event: i: int -> Event
    /// The kind of record `i`.
    abstract KindAt: i: int -> EventKind
    default t.KindAt i = t.Event(i).Kind
    /// Some record may be the venue's own, of no instrument: a block, the loss of their feed.
    abstract HasBlocks: bool
    default _.HasBlocks = false
    /// The feed is order by order: every record has its `Move`.
    abstract HasOrders: bool
    default _.HasOrders = false
    /// What record `i` did to the queue of its level.
    abstract Move: i: int -> QueueMove

    default _.Move i =
        ignore<int> i
        QueueMove.None

    /// The same records for another thread. A tape that holds a window is read by one thread at a time.
    abstract Fork: unit -> Tape
    default t.Fork() = t

/// A tape whose events were made beforehand.
[<Sealed>]
type MemoryTape(venueAt: int64[], recvAt: int64[], events: Event[]) =
    inherit Tape()

    let hasBlocks =
        events
        |> Array.exists (fun e ->
            let id = e.Instrument
            id.Index < 0)

    override _.Count = events.Length
    override _.HasBlocks = hasBlocks
    override _.VenueAt i = venueAt[i]

    override _.RecvAt i =
        if i < recvAt.Length then recvAt[i] else 0L

    override _.Event i = events[i]
    override _.InstrumentAt i = events[i].Instrument.Index

/// A tape whose recorded receipts are corrected for the recorder's clock. Receipts that are absent stay absent.
[<Sealed>]
type ShiftedTape(tape: Tape, shifts: ImmutableArray<ClockShift>) =
    inherit Tape()

    let shiftAt (venueAt: int64) =
        let mutable lo = 0
        let mutable hi = shifts.Length

        while lo < hi do
            let mid = (lo + hi) / 2

            if shifts[mid].From <= venueAt then
                lo <- mid + 1
            else
                hi <- mid

        if lo = 0 then 0L else shifts[lo - 1].Shift

    override _.Count = tape.Count
    override _.VenueAt i = tape.VenueAt i

    override _.RecvAt i =
        let recorded = tape.RecvAt i

        if recorded > 0L then
            recorded + shiftAt (tape.VenueAt i)
        else
            recorded

    override _.Event i = tape.Event i
    override _.KindAt i = tape.KindAt i
    override _.InstrumentAt i = tape.InstrumentAt i
    override _.HasBlocks = tape.HasBlocks
    override _.HasOrders = tape.HasOrders
    override _.Move i = tape.Move i
    override _.Fork() = ShiftedTape(tape.Fork(), shifts)
