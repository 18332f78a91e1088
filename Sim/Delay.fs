namespace Vrlg.Sim

open System
open System.Globalization
open Vrlg.Core

/// Where the delay of one leg, or of a round trip, comes from (simulation.md 4).
[<RequireQualifiedAccess; NoComparison>]
type Delay =
    | Constant of Duration
    /// Uniform over a range, both ends included.
    | Uniform of least: Duration * most: Duration
    /// LoadDependent: `usual`, and `perEvent` more for each market record a second above `free`.
    | Loaded of usual: Delay * perEvent: Duration * free: int64

[<RequireQualifiedAccess>]
module Delay =
    let private ms (d: Duration) =
        d.Milliseconds.ToString("0.###", CultureInfo.InvariantCulture)

    let rec text (d: Delay) =
        match d with
        | Delay.Constant c -> $"{ms c} ms"
        | Delay.Uniform(a, b) -> $"{ms a} to {ms b} ms, uniform"
        | Delay.Loaded(usual, perEvent, free) ->
            $"{text usual}, and {perEvent.Ns} ns more for each record a second above {free}"

    /// The delay at index `i` of a stream, nanoseconds; `rate` is the number of market records in the last second.
    let rec draw (key: uint64) (i: int64) (rate: int64) (d: Delay) : int64 =
        match d with
        | Delay.Constant c -> c.Ns
        | Delay.Uniform(a, b) -> Seed.between key i a.Ns b.Ns
        | Delay.Loaded(usual, perEvent, free) -> draw key i rate usual + perEvent.Ns * max 0L (rate - free)

    /// Half of a delay, for a report that no command asked for.
    let rec half (d: Delay) : Delay =
        match d with
        | Delay.Constant c -> Delay.Constant(Duration.Of(c.Ns / 2L))
        | Delay.Uniform(a, b) -> Delay.Uniform(Duration.Of(a.Ns / 2L), Duration.Of(b.Ns / 2L))
        | Delay.Loaded(usual, perEvent, free) -> Delay.Loaded(half usual, Duration.Of(perEvent.Ns / 2L), free)

    /// Whether nothing of it is drawn.
    let rec isFixed (d: Delay) : bool =
        match d with
        | Delay.Constant _ -> true
        | Delay.Uniform _ -> false
        | Delay.Loaded(usual, _, _) -> isFixed usual

    /// Whether a rate of records is asked for at all.
    let isLoaded (d: Delay) : bool =
        match d with
        | Delay.Loaded _ -> true
        | Delay.Constant _
        | Delay.Uniform _ -> false

/// How many market records happened in the second up to now: (now - 1 s, now]. Instants come in order.
[<Sealed>]
type RateMeter() =
    let window = 1_000_000_000L
    let mutable times: int64[] = Array.zeroCreate 1_024
    let mutable head = 0
    let mutable count = 0

    /// A record happened at this instant.
    member _.Happened(at: int64) =
        if count = times.Length then
            let wider = Array.zeroCreate (2 * times.Length)

            for i in 0 .. count - 1 do
                wider[i] <- times[(head + i) &&& (times.Length - 1)]

            times <- wider
            head <- 0

        times[(head + count) &&& (times.Length - 1)] <- at
        count <- count + 1

    /// Records in the second up to `now`; older ones are forgotten.
    member _.Rate(now: int64) : int64 =
        while count > 0 && times[head] <= now - window do
            head <- (head + 1) &&& (times.Length - 1)
            count <- count - 1

        int64 count

/// Strategy compute time, added before the way in: rule 6 of simulation.md 4.
[<RequireQualifiedAccess; NoComparison>]
type ComputeModel =
    | Zero
    | Constant of Duration
    /// Times measured outside, one a decision, taken in turn and again from the start.
    | Measured of Duration[]

[<RequireQualifiedAccess>]
module ComputeModel =
    /// The compute time of decision `i`, counted from 0, nanoseconds.
    let at (i: int64) (m: ComputeModel) : int64 =
        match m with
        | ComputeModel.Zero -> 0L
        | ComputeModel.Constant d -> d.Ns
        | ComputeModel.Measured times when times.Length = 0 -> 0L
        | ComputeModel.Measured times -> times[int (i % int64 times.Length)].Ns

    let text (m: ComputeModel) =
        match m with
        | ComputeModel.Zero -> "no compute time"
        | ComputeModel.Constant d -> $"compute {Delay.text (Delay.Constant d)}"
        | ComputeModel.Measured times -> $"compute from {times.Length} measured times"
