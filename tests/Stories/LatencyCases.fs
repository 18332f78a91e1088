/// Cases L06 to L09 of the simulator's specification, the step of the queue, compute time and lost requests.
module Vrlg.Stories.LatencyCases

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given
open Vrlg.Stories.RestingOrder

let span a = Duration.Of(ms a)

let still (length: int64) = Delay.Constant(span length)

let private row sent executed reported : LatencyRow =
    {
        Sent = ms sent
        Executed =
            match executed with
            | Some e -> ValueSome(ms e)
            | None -> ValueNone
        Reported = ms reported
    }

let private table (rows: LatencyRow list) : LatencyTable =
    match LatencyTable.Create(ImmutableArray.CreateRange rows) with
    | Ok t -> t
    | Error sentence -> failtest sentence

let none: LatencyConfig = LatencyConfig.Of(false, still 0L, still 0L, 0.5)

/// Crosses once on the first whole book; on seeing its fill says so by quoting far away.
let private crossing: IStrategy =
    let take = Take(slot, Sz.Of(5L * one), Px.Of(101L * one), false)

    let far = Quote(slot, Px.Of(90L * one), Sz.Of(1L * one), QuoteTerms.UntilPulled)

    let decide =
        Decide<Stage>(fun stage view _ ->
            let touch = view.Touch id
            let held = view.Position id

            if stage.N = 0 && touch.IsWhole then
                struct (Stage 1, ImmutableArray.Create<Intent> take)
            elif stage.N = 1 && held.Raw <> 0L then
                struct (Stage 2, ImmutableArray.Create<Intent> far)
            else
                struct (stage, ImmutableArray.Empty))

    Strategy.Make("crossing", Stage 0, decide)

/// Bids at 100 on the first whole book, and at 99 in another slot when a trade is seen.
let private twoBids: IStrategy =
    let bid name price =
        ImmutableArray.Create<Intent>(
            Quote({ slot with Name = name }, Px.Of(price * one), Sz.Of(5L * one), QuoteTerms.UntilPulled)
        )

    let decide =
        Decide<Stage>(fun stage view event ->
            let touch = view.Touch id

            if stage.N = 0 && touch.IsWhole then
                struct (Stage 1, bid 0 100L)
            elif stage.N = 1 && event.Kind = EventKind.Traded then
                struct (Stage 2, bid 1 99L)
            else
                struct (stage, ImmutableArray.Empty))

    Strategy.Make("two bids", Stage 0, decide)

let private bookAt t =
    [ level t Side.Buy 100L 10L; level t Side.Sell 101L 10L ]

let private never = Sees(fun _ -> false)

let private resting =
    Sees(fun view -> let there = view.Slot slot in there.State = SlotState.Resting)

let private interpolated =
    [
        testCase "L06: linear in the send time, the end values outside" (fun () ->
            let rows = table [ row 0L (Some 10L) 20L; row 100L (Some 130L) 150L ]

            let entry at =
                let trip = OrderDelay.interpolate rows (ms at)
                trip.Entry / ms 1L

            Expect.equal (List.map entry [ -5L; 25L; 100L; 500L ]) [ 10L; 15L; 30L; 30L ] "entries"
            let trip = OrderDelay.interpolate rows (ms 25L)
            Expect.equal trip.Response 12_500_000L "the response, between 10 and 20 ms")
        testCase "between a lost row and another the request is lost" (fun () ->
            let rows = table [ row 0L None 40L; row 100L (Some 130L) 160L ]
            let trip = OrderDelay.interpolate rows (ms 50L)
            Expect.isTrue trip.IsLost "lost"
            Expect.equal trip.RoundTrip (ms 50L) "the round trip between"
            let after = OrderDelay.interpolate rows (ms 100L)
            Expect.isFalse after.IsLost "exactly on a row it is that row")
        testCase "a table that contradicts itself is refused with the row" (fun () ->
            let refusal rows =
                match LatencyTable.Create(ImmutableArray.CreateRange rows) with
                | Ok _ -> ""
                | Error sentence -> sentence

            Expect.equal
                (refusal [ row 0L (Some 10L) 20L; row 5L (Some 3L) 20L ])
                "row 2 was executed before it was sent"
                "executed"

            Expect.equal (refusal [ row 0L (Some 10L) 9L ]) "row 1 was reported before it was executed" "reported"

            Expect.stringContains (refusal [ row 0L None 9L ]) "no row has an execution time" "all lost")
        testCase "an empirical draw of the same hour takes that hour's rows" (fun () ->
            let hour = 3_600_000L
            let rows = table [ row 0L (Some 10L) 20L; row hour (Some(hour + 50L)) (hour + 60L) ]

            for i in 0L .. 50L do
                let trip =
                    OrderDelay.draw 7UL i (ms (hour + 5L)) 0L (OrderDelay.Empirical(rows, true))

                Expect.equal trip.Entry (ms 50L) "the second hour's"

            let both =
                [ 0L .. 50L ]
                |> List.map (fun i ->
                    let trip =
                        OrderDelay.draw 7UL i (ms (hour + 5L)) 0L (OrderDelay.Empirical(rows, false))

                    trip.Entry / ms 1L)
                |> List.distinct
                |> List.sort

            Expect.equal both [ 10L; 50L ] "without the hour both rows are drawn")
    ]

let private clocks =
    [
        testCase "L08: the running minimum is shifted to the floor" (fun () ->
            let estimate = SkewEstimate(span 5L)

            for at, ingest in [ 0L, 4L; 60_000L, -3L; 300_000L, 1L ] do
                estimate.Add(ms (1_000_000L + at), ms (1_000_000L + at + ingest))

            match estimate.Finish ClockRule.Auto with
            | Error sentence -> failtest sentence
            | Ok c ->
                let rows = bookAt 1_000_000L

                let tape =
                    MemoryTape([| for t, _ in rows -> ms t |], [| ms 1_000_004L; 0L |], [| for _, e in rows -> e |])

                let shifted = ShiftedTape(tape, c.Shifts)
                Expect.equal (shifted.RecvAt 0) (ms 1_000_012L) "by 8 ms"
                Expect.equal (shifted.RecvAt 1) 0L "an absent receipt stays absent"

                Expect.equal
                    c.Sentence
                    (ValueSome "the recorder's clock was corrected: receipts were shifted by 8 to 8 ms")
                    "the sentence")
        testCase "a steady recorder is left alone, a drifting one is followed, a jumping one refused" (fun () ->
            let finish rule (ingest: int64 -> int64) =
                let estimate = SkewEstimate(span 5L)

                for second in 0L .. 3_600L do
                    let at = 1_000_000L + second * 1_000L
                    estimate.Add(ms at, ms at + ingest second)

                estimate.Finish rule

            match finish ClockRule.Auto (fun s -> ms (200L + s % 7L)) with
            | Ok c -> Expect.isTrue c.Shifts.IsEmpty "steady"
            | Error sentence -> failtest sentence

            match finish ClockRule.Always (fun s -> ms (200L + s % 7L)) with
            | Ok c -> Expect.equal c.Most.Ns (ms -195L) "asked for"
            | Error sentence -> failtest sentence

            match finish ClockRule.Auto (fun s -> ms 20L + s * 50_000L) with
            | Ok c ->
                Expect.equal c.Most.Ns (ms -15L) "from the first minimum"
                // The last window begins 599 s before the end: its least ingest is its first.
                Expect.equal c.Least.Ns (ms -15L - 3_001L * 50_000L) "to the last"
            | Error sentence -> failtest sentence

            match finish ClockRule.Auto (fun s -> if s < 1_800L then ms 20L else ms 90L) with
            | Ok _ -> failtest "a jump of 70 ms passed"
            | Error sentence -> Expect.stringContains sentence "jumps by 70 ms" "the sentence"

            match finish ClockRule.Never (fun s -> if s < 1_800L then ms 20L else ms 90L) with
            | Ok c -> Expect.isTrue c.Shifts.IsEmpty "never"
            | Error sentence -> failtest sentence)
    ]

let private stories =
    [
        testCase "L07: a row without execution time never reaches the exchange" (fun () ->
            let lost =
                OrderDelay.Interpolated(table [ row 10L None 50L; row 1_000L (Some 1_010L) 1_020L ])

            let latency = { none with Place = lost }

            Expect.equal
                (tellWith latency (bookAt 10L) (strategy 100L never))
                [ "10 sent order"; "50 seen Replied, position 0" ]
                "the local rejection after the round trip, and nothing at the exchange")
        testCase "L09: without latency a decision sees the fill of its own instant" (fun () ->
            Expect.equal
                (tellWith none (bookAt 10L) crossing)
                [
                    "10 sent order"
                    "10 accepted"
                    "10 fill 5 at 101, position 5"
                    "10 seen Replied, position 0"
                    "10 seen Filled, position 5"
                    "10 sent order"
                    "10 accepted, front 0"
                    "10 seen Replied, position 5"
                ]
                "everything at 10")
        testCase "QueueStep: commands and reports only at multiples, after the latency" (fun () ->
            let latency = { usual with QueueStep = span 100L }

            let rows = bookAt 0L @ [ sold 130L 100L 12L; level 150L Side.Buy 100L 4L ]

            // Sent 20, entry 15 -> 100, and back 125; the fill of 130 is produced at 200.
            Expect.equal
                (tellWith latency rows (strategy 100L never))
                [
                    "20 sent order"
                    "100 accepted, front 10"
                    "125 seen Replied, position 0"
                    "130 fill 2 at 100, position 2"
                    "225 seen Filled, position 2"
                ]
                "the diary")
        testCase "parallel requests: a later order overtakes, in continuous time and in blocks" (fun () ->
            let rows = bookAt 0L @ [ sold 5L 100L 1L ]

            let overtaking isFifo =
                { usual with
                    // Sent 20 -> 50, sent 25 -> 35; both answers 25 ms after.
                    Place = OrderDelay.Interpolated(table [ row 20L (Some 50L) 75L; row 25L (Some 35L) 60L ])
                    OrderChannelFifo = isFifo
                }

            let accepted phases isFifo =
                tellIn phases (overtaking isFifo) rows twoBids
                |> List.filter (fun line -> line.Contains "accepted")

            let blocks: Phases =
                { Phases.Plain with
                    Blocks = BlockModel.Fixed(span 10L, Instant.Of 0L)
                }

            Expect.equal
                (accepted Phases.Plain true)
                [ "50 accepted, front 9"; "50 accepted, front 9, front 0" ]
                "in order"

            Expect.equal
                (accepted Phases.Plain false)
                [ "35 accepted, front 0"; "50 accepted, front 9, front 0" ]
                "the second order comes first"

            Expect.equal
                (accepted blocks false)
                [ "40 accepted, front 0"; "50 accepted, front 9, front 0" ]
                "each in the block of its own arrival")
        testCase "compute time comes before the way in; a cancel may have delays of its own" (fun () ->
            let latency =
                { usual with
                    Compute = ComputeModel.Measured [| span 1L; span 4L |]
                    Cancel = OrderDelay.Split(still 10L, 0.5)
                }

            Expect.equal
                (tellWith latency (bookAt 0L) (strategy 100L resting))
                [
                    "20 sent order"
                    "36 accepted, front 10"
                    "61 seen Replied, position 0"
                    "61 sent cancel"
                    "70 ended canceled after 0"
                    "75 seen Replied, position 0"
                ]
                "1 ms before the order, 4 ms before the cancel")
    ]

let tests = testList "latency" (List.concat [ interpolated; clocks; stories ])
