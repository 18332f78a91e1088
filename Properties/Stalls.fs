/// The block clock (D0-069, X13): what trips it stays tripped, and nothing opens after it.
module Vrlg.Properties.Stalls

open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private limit = 4_000_000_000L

let private config: StallConfig =
    {
        Limit = Duration.Of limit
        Expects = false
    }

let private ns (n: int64) = Instant.Of n

/// The clock after blocks with these intervals, each heard at its own time.
let private after (intervals: int64 list) : Stall * int64 =
    let start = (Stall.Start config).Started(null, ns 1L).Sealed(null, 1L, ns 1L, ns 1L)

    intervals
    |> List.fold
        (fun (stall: Stall, time, height) interval ->
            let next = time + interval
            stall.Sealed(null, height + 1L, ns next, ns next), next, height + 1L)
        (start, 1L, 1L)
    |> fun (stall, time, _) -> stall, time

/// Twice the median of the last 20, so that it is whole.
let private medianTwice (intervals: int64 list) =
    let last = intervals |> List.rev |> List.truncate 20 |> List.sort
    let n = last.Length
    last[(n - 1) / 2] + last[n / 2]

let private spans =
    Gen.listOf (Gen.oneof [ Gen.choose64 (1L, 2L * limit); Gen.choose64 (limit - 2L, limit + 2L) ])
    |> Gen.resize 60
    |> Arb.fromGen

let private isStall (s: State) =
    match s.Fitness with
    | Fitness.Halted(HaltReason.BlockInterval _)
    | Fitness.Halted(HaltReason.BlockSilence _) -> true
    | _ -> false

let private anything =
    Gen.listOf (
        Gen.frequency
            [
                30, Hostile.happening
                3, Gen.map Hostile.Sealed (Gen.choose64 (0L, 1L))
                1, Gen.map Hostile.Order (Gen.elements [ OperatorOrder.Resume; OperatorOrder.Pause ])
            ]
    )
    |> Gen.resize 120
    |> Arb.fromGen

let private either = ArbMap.defaults |> ArbMap.generate<bool> |> Arb.fromGen

let private run c start all =
    let mutable digest = Digest.start

    let last =
        Hostile.driveIn c start all (fun _ output _ -> digest <- Digest.output digest &output)

    digest, Digest.state last

let tests =
    testList
        "the block clock"
        [
            lawN 500 "trips by the rolling median of the last 20 intervals, to the nanosecond" (fun () ->
                Prop.forAll spans (fun intervals ->
                    let stall, _ = after intervals

                    match intervals, stall.Slowness with
                    | [], slow -> slow.IsNone
                    | _, ValueNone -> medianTwice intervals <= 2L * limit
                    | _, ValueSome(HaltReason.BlockInterval(median, most, StallSource.Blocks)) ->
                        let twice = medianTwice intervals
                        twice > 2L * limit && median.Ns = twice / 2L && most.Ns = limit
                    | _ -> false))
            lawN 300 "shared never changes, whatever is made of it" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip spans.Generator spans.Generator)) (fun (first, more) ->
                    let stall, time = after first
                    let before = stall.Slowness
                    let mutable next = stall
                    let mutable at = time

                    for i, interval in List.indexed more do
                        at <- at + interval
                        next <- next.Sealed(null, 1_000L + int64 i, ns at, ns at)

                    stall.Slowness = before))
            lawN 500 "once silent for too long is so at every later instant until a block" (fun () ->
                let waits =
                    Gen.oneof [ Gen.choose64 (0L, 3L * limit); Gen.choose64 (limit - 2L, limit + 2L) ]

                let cases = Gen.zip3 spans.Generator waits waits

                Prop.forAll (Arb.fromGen cases) (fun (intervals, wait, more) ->
                    let stall, time = after intervals
                    let first = ValueOption.isSome (stall.Silence(ns (time + wait), false))
                    let later = ValueOption.isSome (stall.Silence(ns (time + wait + more), false))
                    first = (wait > limit) && (not first || later)))
            lawN 300 "stays tripped whatever follows, and nothing opens any more" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip either.Generator anything.Generator)) (fun (expects, all) ->
                    let c = Hostile.watched expects
                    let mutable tripped = ValueNone
                    let mutable ok = true

                    Hostile.driveIn c (Hostile.beginIn c true) all (fun _ output s ->
                        if not output.Commands.IsDefaultOrEmpty && isStall s then
                            for command in output.Commands do
                                match command with
                                | Place a -> ok <- ok && a.Order.ReduceOnly
                                | _ -> ()

                        match tripped with
                        | ValueSome fitness -> ok <- ok && s.Fitness = fitness
                        | ValueNone when isStall s -> tripped <- ValueSome s.Fitness
                        | ValueNone -> ())
                    |> ignore<State>

                    ok))
            lawN 300 "owned is as the fold of the pure step" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.zip either.Generator anything.Generator)) (fun (expects, all) ->
                    let c = Hostile.watched expects
                    run c (Hostile.beginIn c true) all = run c (Hostile.beginIn c false) all))
            lawN 300 "trips an engine exactly when no block was heard for longer than the limit" (fun () ->
                Prop.forAll anything (fun all ->
                    let c = Hostile.watched true
                    let mutable heard = 0L
                    let mutable height = System.Int64.MinValue
                    let mutable isLost = false
                    let mutable expected = false
                    let mutable ok = true

                    Hostile.driveIn c (Hostile.beginIn c true) all (fun input _ s ->
                        let now, e = input.At, input.Event
                        expected <- expected || (not isLost && now.Ns - heard > 600_000_000L)

                        match e.Kind with
                        | EventKind.BlockSealed when e.Height > height ->
                            heard <- now.Ns
                            height <- e.Height
                        | EventKind.FeedLost when e.Channel = Channel.Blocks ->
                            isLost <- true
                            height <- System.Int64.MinValue
                        | EventKind.FeedBack when e.Channel = Channel.Blocks ->
                            isLost <- false
                            height <- System.Int64.MinValue
                            heard <- now.Ns
                        | _ -> ()

                        ok <- ok && isStall s = expected)
                    |> ignore<State>

                    ok))
        ]
