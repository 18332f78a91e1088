/// The order-by-order file: what it says, what is wrong with it, and runs over it.
module Vrlg.Wire.OrderFeeds

open System
open System.Buffers.Binary
open System.Collections.Generic
open Expecto
open Vrlg.Core
open Vrlg.Sim

let private id = InstrumentId.Of 0
let private added, removed, changed, filled = 10uy, 11uy, 12uy, 13uy

/// A row: instant in milliseconds, order, side (0 bid, 1 ask), price, kind, size.
let private row (ms: int64) (order: int) (side: int) (px: int) (kind: byte) (size: int64) : byte[] =
    let r: byte[] = Array.zeroCreate 40
    BinaryPrimitives.WriteInt64LittleEndian(Span r, ms * 1_000_000L)
    BinaryPrimitives.WriteInt64LittleEndian(Span(r, 8, 8), ms * 1_000_000L + 3_000_000L)
    BinaryPrimitives.WriteUInt64LittleEndian(Span(r, 16, 8), uint64 order)
    BinaryPrimitives.WriteInt32LittleEndian(Span(r, 24, 4), px)
    r[28] <- kind
    r[29] <- byte side
    BinaryPrimitives.WriteInt64LittleEndian(Span(r, 32, 8), size)
    r

let private read (rows: byte[] list) =
    OrderFeed.read (ReadOnlySpan(Array.concat rows)) id

/// Kind, price and size of every record, with what left the queue and who gave it up.
let private told (rows: byte[] list) =
    match read rows with
    | Error sentence -> failtest sentence
    | Ok tape ->
        [
            for i in 0 .. tape.Count - 1 do
                let r = &tape.Row i
                let m = tape.Move i
                int r.Kind, r.Ticks, r.Size, m.Left / 100_000_000L, m.Joined
        ]

let private refusal (rows: byte[] list) =
    match read rows with
    | Error sentence -> sentence
    | Ok _ -> "taken"

let private rows =
    testList
        "rows"
        [
            testCase "become levels and prints, each with what it did to its queue" (fun () ->
                let found =
                    told
                        [
                            row 1L 7 0 100 added 5L
                            row 2L 8 0 100 added 4L
                            row 3L 8 0 100 changed 3L
                            row 4L 7 0 100 filled 2L
                            row 5L 7 0 100 removed 0L
                        ]

                Expect.equal
                    found
                    [
                        1, 100, 5L, 0L, 0L
                        1, 100, 9L, 0L, 0L
                        1, 100, 8L, 1L, 2L
                        4, 100, 2L, 0L, 1L
                        1, 100, 6L, 0L, 1L
                        1, 100, 3L, 3L, 1L
                    ]
                    "bids; a bid is filled by a seller")
            testCase "a larger size and another price go to the back" (fun () ->
                let found =
                    told
                        [
                            row 1L 7 1 101 added 5L
                            row 2L 7 1 101 changed 6L
                            row 3L 7 1 102 changed 6L
                            row 4L 7 1 102 filled 6L
                        ]

                Expect.equal
                    found
                    [
                        2, 101, 5L, 0L, 0L
                        2, 101, 6L, 5L, 1L
                        2, 101, 0L, 6L, 2L
                        2, 102, 6L, 0L, 0L
                        3, 102, 6L, 0L, 4L
                        2, 102, 0L, 0L, 4L
                    ]
                    "each time it leaves what it had and joins anew")
            testCase "stand by venue instant, and inside one as in the file" (fun () ->
                let found =
                    told [ row 5L 8 0 99 added 1L; row 1L 7 0 100 added 5L; row 5L 8 0 99 removed 0L ]

                Expect.equal (found |> List.map (fun (_, px, _, _, _) -> px)) [ 100; 99; 99 ] "the prices")
            for name, bad, words in
                [
                    "no whole number of rows", [ [| 1uy |] ], "40-byte rows"
                    "another kind", [ row 1L 1 0 100 9uy 1L ], "row 0 has kind 9"
                    "another side", [ row 1L 1 2 100 added 1L ], "side 2"
                    "an order twice", [ row 1L 1 0 100 added 1L; row 2L 1 0 100 added 1L ], "in the book already"
                    "nobody's removal", [ row 1L 1 0 100 removed 1L ], "not in the book"
                    "no size", [ row 1L 1 0 100 added 0L ], "has size 0"
                    "the other side",
                    [ row 1L 1 0 100 added 1L; row 2L 1 1 100 removed 0L ],
                    "on the side where it does not stand"
                    "a fill elsewhere", [ row 1L 1 0 100 added 1L; row 2L 1 0 99 filled 1L ], "it stands at 100"
                    "a fill too large", [ row 1L 1 0 100 added 1L; row 2L 1 0 100 filled 2L ], "it has 1"
                ] do
                testCase $"{name} is refused with a sentence" (fun () ->
                    Expect.stringContains (refusal bad) words "the sentence")
            testCase "are told from the rows of levels and prints" (fun () ->
                Expect.isTrue (OrderFeed.isOne (ReadOnlySpan(row 1L 1 0 100 added 1L))) "40 bytes"
                Expect.isFalse (OrderFeed.isOne (ReadOnlySpan(Array.zeroCreate 64))) "32 bytes"
                Expect.isFalse (OrderFeed.isOne (ReadOnlySpan [||])) "none")
        ]

/// A market of single orders around 100, first in, first filled: 20,000 events a hundred seconds long,
/// from an instant on the grid of both timers.
let private market: Lazy<NeutralTape> =
    lazy
        (let key = Seed.key 3L "orders"
         let mutable n = 0L

         let between lo hi =
             n <- n + 1L
             int (Seed.between key n lo hi)

         let book = List<struct (int * int * int * int64)>()
         let centre = 1000

         let event i =
             let k =
                 if book.Count > 0 then
                     between 0L (int64 book.Count - 1L)
                 else
                     0

             let ms = 95L + 5L * int64 i

             if book.Count < 40 || between 0L 9L < 4 then
                 let side = between 0L 1L
                 let away = between 1L 4L
                 let px = if side = 0 then centre - away else centre + away
                 let size = int64 (between 1L 8L)
                 book.Add(struct (i, side, px, size))
                 row ms i side px added size
             else
                 let struct (id, side, px, size) = book[k]

                 if between 0L 2L = 0 then
                     book.RemoveAt k
                     row ms id side px removed 0L
                 else
                     // The best price of the side, its oldest order.
                     let best =
                         book
                         |> Seq.filter (fun (struct (_, s, _, _)) -> s = side)
                         |> Seq.map (fun (struct (_, _, p, _)) -> if side = 0 then p else -p)
                         |> Seq.max
                         |> abs

                     let first = book.FindIndex(fun (struct (_, s, p, _)) -> s = side && p = best)
                     let struct (id, _, _, size) = book[first]
                     let q = min size (int64 (between 1L 6L))

                     if q = size then
                         book.RemoveAt first
                     else
                         book[first] <- struct (id, side, best, size - q)

                     row ms id side best filled q

         match read [ for i in 1..20_000 -> event i ] with
         | Ok tape -> tape
         | Error sentence -> failtest sentence)

let private models =
    [ QueueModel.RiskAverse; QueueModel.ExactL3; QueueModel.FrontFirst ]

/// The fills of a run, as they leave the exchange.
[<Sealed>]
type private Fills() =
    let lines = ResizeArray<string>()
    member _.Lines = List.ofSeq lines

    interface IWatch with
        member _.Arrived _ = ()
        member _.Stepped(_, _, _) = ()
        member _.Beat(_, _) = ()

        member _.Executed(report, _) =
            match report.Rare with
            | ValueSome(RareEvent.Filled f) -> lines.Add $"{report.VenueAt} {f.Cloid.N} {f.Side} {f.Px} {f.Sz}"
            | _ -> ()

let private world (queue: QueueModel) : WorldConfig =
    {
        Engine = Yardstick.engine
        Exchange = CoreBench.exchange Profile.Default queue
        Latency =
            LatencyConfig.Of(
                true,
                Delay.Constant(Duration.Of 0L),
                Delay.Constant(Duration.Of(2L * CoreBench.delay)),
                0.5
            )
        Seed = 1L
        Phases = Phases.Plain
        Tick = Duration.OfMs 100L
        Run = { Run = 1L; FirstCloid = 1L }
        Cash = Usd.Of 0L
    }

let private never = Func<bool>(fun () -> false)

let private runs =
    testList
        "runs"
        [
            testCase "the fast loop and the whole engine agree, fill by fill" (fun () ->
                for queue in models do
                    let run = CoreBench.run market.Value Profile.Default queue Cadence.Timer
                    let fast = run.Run true

                    let struct (whole, log) =
                        CoreBench.full market.Value Profile.Default queue Cadence.Timer true

                    Expect.equal (CoreBench.text run.Log) (CoreBench.text (ReadOnlySpan log)) (Queue.name queue)
                    Expect.equal fast.Lots whole.Lots "lots"
                    Expect.isGreaterThan fast.Fills 100L "there is something to compare")
            testCase "side by side each queue is what it is by itself" (fun () ->
                let watches = models |> List.map (fun _ -> Fills())

                let lanes =
                    List.map2
                        (fun queue watch ->
                            {
                                World = world queue
                                Desks = [| Yardstick.desk Cadence.Timer |]
                                Watch = watch :> IWatch
                            })
                        models
                        watches
                    |> List.toArray

                Expect.isTrue (SideBySide.canShare lanes[0].World lanes[1].World) "they may share"
                Expect.isTrue (SideBySide.run lanes market.Value never null) "to the end"

                let alone queue =
                    let watch = Fills()

                    World(world queue, [| Yardstick.desk Cadence.Timer |], market.Value, watch).Run(never, null)
                    |> ignore

                    watch.Lines

                let expected = models |> List.map alone
                Expect.equal (watches |> List.map _.Lines) expected "fill by fill"
                Expect.equal (List.length (List.distinct expected)) 3 "and they differ")
        ]

let tests = testList "order feeds" [ rows; runs ]
