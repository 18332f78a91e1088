namespace Vrlg.Sim

open System
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
    /// Record `i` as the event that the engine is shown.
    abstract Event: i: int -> Event

/// A tape whose events were made beforehand.
[<Sealed>]
type MemoryTape(venueAt: int64[], recvAt: int64[], events: Event[]) =
    inherit Tape()
    override _.Count = events.Length
    override _.VenueAt i = venueAt[i]

    override _.RecvAt i =
        if i < recvAt.Length then recvAt[i] else 0L

    override _.Event i = events[i]
