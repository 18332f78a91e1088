/// Cases L03 to L05 of the simulator's specification: order in the channels, receipts, block times.
module Vrlg.Stories.ChannelCases

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given
open Vrlg.Stories.RestingOrder
open Vrlg.Stories.LatencyCases

let private draws config =
    LatencyDraws(config, 1L, ImmutableArray.Empty)

/// Arrivals of commands by sending time and entry, milliseconds.
let private arrivals config (sent: (int64 * int64) list) =
    let d = draws config

    [
        for at, entry in sent ->
            d.Arrival(
                ms at,
                {
                    Entry = ms entry
                    Response = 0L
                    IsLost = false
                }
            )
            / ms 1L
    ]

let private order =
    [
        testCase "L03: commands arrive in the order of their sending" (fun () ->
            Expect.equal (arrivals none [ 0L, 30L; 5L, 10L ]) [ 30L; 30L ] "in order"

            Expect.equal (arrivals { none with OrderChannelFifo = false } [ 0L, 30L; 5L, 10L ]) [ 30L; 15L ] "parallel")
        testCase "L04: the feed arrives in the order of the exchange" (fun () ->
            let d = draws { none with UseRecorded = true }

            Expect.equal
                [ d.Receive(0, ms 1L, ms 31L); d.Receive(0, ms 6L, ms 16L) ]
                [ ms 31L; ms 31L ]
                "the second waits for the first")
        testCase "nothing is seen before it happens, whatever the recorder's clock said" (fun () ->
            let d = draws { none with UseRecorded = true }

            Expect.equal
                [
                    d.Receive(0, ms 100L, ms 97L)
                    d.Receive(0, ms 110L, ms 109L)
                    d.Receive(0, ms 120L, ms 125L)
                ]
                [ ms 100L; ms 110L; ms 125L ]
                "at its venue time at the earliest"

            let means = d.Means
            Expect.equal means.Clamped 2L "and counted")
        testCase "between channels a recorded receipt may come before an older record's" (fun () ->
            // The best quote of 10 reached the recorder before the print of 10, and before the book of 5.
            let rows =
                [
                    level 5L Side.Buy 100L 10L
                    sold 10L 100L 1L
                    10L, Event.BboMoved(id, ValueNone, ValueNone, Instant.Of(ms 10L))
                ]

            let tape =
                MemoryTape([| for t, _ in rows -> ms t |], [| ms 40L; ms 30L; ms 20L |], [| for _, e in rows -> e |])

            let seen = ResizeArray<struct (int64 * EventKind)>()

            let watch =
                { new IWatch with
                    member _.Arrived input =
                        let at = input.At

                        match input.Event.Kind with
                        | EventKind.BboMoved
                        | EventKind.Traded
                        | EventKind.LevelMoved -> seen.Add(struct (at.Ns / ms 1L, input.Event.Kind))
                        | _ -> ()

                    member _.Stepped(_, _, _) = ()
                    member _.Executed(_, _) = ()
                    member _.Beat(_, _) = ()
                }

            let world = worldIn Phases.Plain { none with UseRecorded = true }

            World(world, [||], tape, watch).Run((fun () -> false), null)
            |> ignore<WorldResult>

            Expect.equal
                (List.ofSeq seen)
                [
                    struct (20L, EventKind.BboMoved)
                    struct (30L, EventKind.Traded)
                    struct (40L, EventKind.LevelMoved)
                ]
                "by receipt")
        testCase "L05: the first block at or after the arrival" (fun () ->
            let at model (arrival: int64) =
                match BlockModel.executeAt model (Instant.Of(ms arrival)) with
                | ValueSome t -> t.Ns / ms 1L
                | ValueNone -> -1L

            let fixed' = BlockModel.Fixed(span 70L, Instant.Of 0L)
            Expect.equal (List.map (at fixed') [ 71L; 70L; 0L; -1L ]) [ 140L; 70L; 0L; 0L ] "on the grid"

            let known =
                BlockModel.Recorded(ImmutableArray.CreateRange [ ms 0L; ms 70L; ms 140L ])

            Expect.equal (List.map (at known) [ 71L; 70L; 141L ]) [ 140L; 70L; -1L ] "known blocks end"
            Expect.equal (at BlockModel.None 71L) 71L "continuous time"
            let gaps = ImmutableArray.Create<Duration>(span 70L)
            let sampled = BlockModel.Sampled(gaps, Instant.Of 0L, 42L)
            Expect.equal (List.map (at sampled) [ 71L; 70L; 0L ]) [ 140L; 70L; 0L ] "gaps of 70 ms")
        testCase "a load-dependent delay grows with the records of the last second" (fun () ->
            let busy = Delay.Loaded(still 10L, Duration.Of 1_000L, 3L)
            let d = draws { none with Ingest = busy }

            let received =
                [ for i in 1L .. 6L -> d.Receive(0, ms (100L * i), 0L) - ms (100L * i) ]

            Expect.equal
                received
                [ ms 10L; ms 10L; ms 10L; ms 10L + 1_000L; ms 10L + 2_000L; ms 10L + 3_000L ]
                "free up to three"

            Expect.equal (d.Receive(0, ms 10_000L, 0L) - ms 10_000L) (ms 10L) "the second is over")
        testCase "means count the order of the channels in" (fun () ->
            let d = draws none

            let trip: Trip =
                {
                    Entry = ms 30L
                    Response = 0L
                    IsLost = false
                }

            d.Arrival(0L, trip) |> ignore
            d.Arrival(ms 5L, { trip with Entry = ms 10L }) |> ignore
            let means = d.Means
            Expect.equal means.Entry 27_500_000.0 "30 and 25 ms, not 30 and 10")
    ]

let tests = testList "channels" order
