namespace Vrlg.Sim

open Vrlg.Core

/// Where a delay comes from: one value, or uniform over a range, both ends included.
[<RequireQualifiedAccess; NoComparison>]
type Delay =
    | Constant of Duration
    | Uniform of least: Duration * most: Duration

/// The legs of simulation.md 4: ingest (exchange to us) and the round trip of a command, of which `EntryShare` is the way in.
[<NoComparison>]
type LatencyConfig =
    {
        /// Take the receipt from the tape where it states one; else draw it.
        UseRecorded: bool
        Ingest: Delay
        RoundTrip: Delay
        /// rho: the entry is floor(rho * round trip), the response the rest.
        EntryShare: float
    }

[<RequireQualifiedAccess>]
module Delay =
    let text (d: Delay) =
        match d with
        | Delay.Constant c -> $"{c.Milliseconds:``0.###``} ms"
        | Delay.Uniform(a, b) -> $"{a.Milliseconds:``0.###``} to {b.Milliseconds:``0.###``} ms, uniform"

    let draw (key: uint64) (i: int64) (d: Delay) : int64 =
        match d with
        | Delay.Constant c -> c.Ns
        | Delay.Uniform(a, b) -> Seed.between key i a.Ns b.Ns

    /// Half of a delay, for a report that no command asked for.
    let half (d: Delay) : Delay =
        match d with
        | Delay.Constant c -> Delay.Constant(Duration.Of(c.Ns / 2L))
        | Delay.Uniform(a, b) -> Delay.Uniform(Duration.Of(a.Ns / 2L), Duration.Of(b.Ns / 2L))

/// The draws of one run, a numbering a leg: one draw a message, a command, an unsolicited report. Channels are first in,
/// first out: nothing overtakes.
[<Sealed>]
type LatencyDraws(config: LatencyConfig, seed: int64) =
    let ingestKey = Seed.key seed "ingest"
    let entryKey = Seed.key seed "order.entry"
    let responseKey = Seed.key seed "order.response"
    let reportDelay = Delay.half config.RoundTrip
    let mutable messages = 0L
    let mutable commands = 0L
    let mutable reports = 0L
    let mutable lastVenueAt = System.Int64.MinValue
    let mutable lastDraw = 0L
    let mutable lastReceived = System.Int64.MinValue

    /// Receipt of the next record. Records of one venue instant are one message and share its draw.
    member _.Receive(venueAt: int64, recorded: int64) : int64 =
        let raw =
            if config.UseRecorded && recorded > 0L then
                recorded
            else
                if venueAt <> lastVenueAt then
                    lastDraw <- Delay.draw ingestKey messages config.Ingest
                    messages <- messages + 1L

                venueAt + lastDraw

        lastVenueAt <- venueAt
        lastReceived <- max lastReceived raw
        lastReceived

    /// Entry and response of the next command.
    member _.Command() : struct (int64 * int64) =
        let roundTrip = Delay.draw entryKey commands config.RoundTrip
        commands <- commands + 1L
        let entry = int64 (floor (config.EntryShare * float roundTrip))
        struct (entry, roundTrip - entry)

    /// The way back of the next report that answers no command.
    member _.Report() : int64 =
        let delay = Delay.draw responseKey reports reportDelay
        reports <- reports + 1L
        delay
