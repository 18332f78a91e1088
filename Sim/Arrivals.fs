namespace Vrlg.Sim

open System
open Vrlg.Core

/// The order in which we see a tape's records (simulation.md 3: by receipt, then by place). Recorded receipts keep their order
/// inside a channel of an instrument; between channels one may overtake another, as it did when it was recorded. Drawn receipts
/// keep the order of the tape. One linear owner.
[<Sealed>]
type internal Arrivals(tape: Tape, latency: LatencyDraws, isSingle: bool) =
    let count = tape.Count
    let hasBlocks = tape.HasBlocks
    // Records that were read from the tape and not seen yet, by receipt: empty while receipts are drawn.
    let ahead = Calendar<int>()
    let mutable read = 0
    let mutable index = 0
    let mutable time = Int64.MaxValue

    let instrument i =
        if isSingle && not hasBlocks then 0 else tape.InstrumentAt i

    let receive i (channel: int) =
        latency.ReceiveOn(instrument i, channel, tape.VenueAt i, tape.RecvAt i)

    let channelOf (kind: EventKind) =
        match kind with
        | EventKind.Traded -> 0
        | EventKind.BboMoved -> 1
        | EventKind.ContextMoved -> 2
        | _ -> 3

    /// A record is seen at its venue time at the earliest: when the next on the tape comes no sooner than the first that waits,
    /// nothing can still overtake that one.
    let readAhead () =
        while read < count && (ahead.Count = 0 || tape.VenueAt read < ahead.HeadAt) do
            ahead.Enqueue(receive read (channelOf (tape.KindAt read)), read)
            read <- read + 1

    let next () =
        if latency.UsesRecorded then
            readAhead ()

            if ahead.Count > 0 then
                time <- ahead.HeadAt
                index <- ahead.Head
                ahead.Dequeue()
            else
                time <- Int64.MaxValue
        elif read < count then
            index <- read
            time <- receive read 0
            read <- read + 1
        else
            time <- Int64.MaxValue

    /// The record that we see next, and when; `Int64.MaxValue` after the last. Before `Next` was called there is none.
    member _.Index = index
    member _.Time = time

    /// Goes on to the next record.
    member _.Next() = next ()
