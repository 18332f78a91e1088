/// Large orders cut by the client: I01, and what an iceberg and a TWAP do.
module Vrlg.Stories.Slices

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Cases

let private lot = 100_000_000L
let private sz n = Sz.Of(n * lot)
let private px n = Px.Of(n * lot)
let private at s = Instant.OfMs(1_000L * s)

let private iceberg = Iceberg.create Side.Buy (sz 12L) (sz 5L) lot (px 100L) (at 0L)

/// Sends and fills slices until nothing is due: their sizes in lots.
let private drained (start: Iceberg) =
    let mutable i = start

    [
        let mutable isDone = false

        while not isDone do
            let struct (next, due) = Iceberg.next i
            i <- next

            match due with
            | ValueSome size ->
                yield size.Raw / lot
                i <- Iceberg.filled (px 101L) size (at 5L) i
            | ValueNone -> isDone <- true
    ],
    i

let private children (cap: int64) (prices: int64 list) fills =
    let mutable t =
        { Twap.create Side.Buy (sz 100L) lot (at 0L) (Duration.OfMs 300_000L) (px 100L) with
            CapBps = cap
        }

    [
        for k, price in List.indexed prices do
            let struct (next, due) = Twap.next (at (30L * int64 k)) (px price) t
            t <- next

            match due with
            | ValueSome(struct (size, _)) ->
                yield size.Raw / lot

                if fills then
                    t <- Twap.filled size t
            | ValueNone -> yield 0L
    ]

let tests =
    testList
        "slices (16.7)"
        [
            group
                "the exchange's part"
                [
                    case
                        "I01 every slice starts at the back"
                        a
                        "1: new a1 buy 5@100 ALO; 2: trade seller 15@100; 2: bid 100=4; 3: new a2 buy 5@100 ALO; 4: trade seller 9@100; 4: bid 100=6; 5: new a3 buy 2@100 ALO; 6: trade seller 7@100"
                        "1: a1 rests 5@100 front=10; 2: a1 fills 5@100 maker; 3: a2 rests 5@100 front=4; 4: a2 fills 5@100 maker; 5: a3 rests 2@100 front=6; 6: a3 fills 1@100 maker"
                        "a3=0"
                ]
            testCase "an iceberg of 12, 5 shown, is 5, 5 and 2, the next when the last is seen filled" (fun () ->
                let sizes, i = drained iceberg
                Expect.equal sizes [ 5L; 5L; 2L ] "slices"
                let r = Iceberg.result i
                let slippage = r.SlippageBps |> ValueOption.defaultValue nan
                Expect.floatClose Accuracy.high slippage 100.0 "a point above the decision"
                Expect.equal r.Slices 3L "slices"
                let struct (waiting, _) = Iceberg.next iceberg

                let struct (_, none) =
                    Iceberg.next (Iceberg.filled (px 100L) (sz 3L) (at 1L) waiting)

                Expect.isTrue none.IsNone "a slice that is filled in part is not joined by another")
            testCase "a jitter varies slices within its share and ends at the total" (fun () ->
                let sizes, i =
                    drained
                        { iceberg with
                            Total = 200L * lot
                            Shown = 10L * lot
                            JitterPercent = 30L
                            Seed = 7L
                        }

                Expect.equal (List.sum sizes) 200L "the whole"
                Expect.isGreaterThan (List.distinct sizes).Length 2 "they vary"
                Expect.isTrue (sizes |> List.forall (fun s -> s <= 13L)) "within 30 percent"
                Expect.equal i.Filled (200L * lot) "filled")
            testCase "a TWAP sends even children, catches up at most threefold, and waits beyond its cap" (fun () ->
                Expect.equal (children 0L (List.replicate 10 100L) true) (List.replicate 10 10L) "even"

                Expect.equal
                    (children 0L (List.replicate 5 100L) false)
                    [ 10L; 20L; 30L; 30L; 30L ]
                    "what was missed is asked for again, three at most"

                Expect.equal
                    (children 50L [ 100L; 101L; 101L; 100L ] true)
                    [ 10L; 0L; 0L; 30L ]
                    "half a percent away is the limit")
            testCase "the square-root cost and the shift of the mark" (fun () ->
                Expect.floatClose
                    Accuracy.high
                    (Impact.squareRoot 0.7 0.04 1.0 10_000.0 50_000.0)
                    14.0
                    "0.7 x 4 % x 1 % x 50,000"

                let shift = Impact.Shift 0.5
                shift.Took(0L, 4.0)
                Expect.floatClose Accuracy.high (shift.At 5_000_000_000L) 1.0 "half after 5 s")
        ]
