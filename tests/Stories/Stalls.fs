/// A chain that stands still (D0-069, X13): everything is pulled, what is held leaves, and a person must look. A silence that is
/// a loss of the feed is told apart from it.
module Vrlg.Stories.Stalls

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private venue = VenueId.Of 0

let private watching (expects: bool) : Config =
    { Script.config with
        Stall =
            {
                Limit = Duration.OfMs 4_000L
                Expects = expects
            }
    }

let private stage (expects: bool) lines = Stage(lines, config = watching expects)

let private sealed' (height: int64) (ms: int64) =
    Event.BlockSealed(venue, height, 0, Instant.OfMs ms)

/// A block seen as soon as it is made.
let private block (s: Stage) (height: int64) (ms: int64) = s.Hear(ms, sealed' height ms)

let private alive (s: Stage) (ms: int64) = s.Hear(ms, Event.Alive venue)

let private fitness (s: Stage) = Words.fitness s.State.Fitness

/// An event heard at a nanosecond.
let private hearNs (c: Config) (state: State) (ns: int64) (event: Event) : State =
    let input = Stamped(1_000L, Instant.Of ns, event)
    let struct (next, _) = Engine.step c state &input
    next

/// The longest interval that its clock saw, in milliseconds.
let private longest (s: State) =
    let length = s.Stall(venue).Longest
    length.Milliseconds

let private lost channel =
    Event.FeedLost(venue, channel, ValueNone)

let private back channel =
    Event.FeedBack(venue, channel, ValueNone)

let private blocks =
    testList
        "with a block feed"
        [
            testCase "4 s without a block are borne, a nanosecond more is not" (fun () ->
                let s = stage false []
                block s 1L 1_000L |> ignore
                let c = watching false
                let at = 5_000_000_000L
                let still = hearNs c s.State at (Event.Ticked(Instant.Of at))
                Expect.equal still.Fitness Fitness.Ready "at 4 s"
                let over = hearNs c still (at + 1L) (Event.Ticked(Instant.Of(at + 1L)))

                Expect.equal
                    (Words.fitness over.Fitness)
                    "halted: no block for 4.000000001 s, above the limit of 4 s (source: blocks)"
                    "a nanosecond later")
            testCase "what rests is cancelled at once, what is held leaves, and nothing opens again" (fun () ->
                let s = stage false [ [ quote bid 98L 5L ]; []; [ quote bid 98L 5L ] ]
                block s 1L 1L |> ignore
                Expect.equal (s.Beat 100L) [ "place 1 buy 5@98 alo" ] "a quote"
                s.Accepted(110L, 1L) |> ignore
                s.Filled(200L, 1L, Side.Buy, 98L, 2L, 2L) |> ignore
                // The market goes on: it is the blocks that stand.
                s.Level(3_900L, Side.Buy, 99L, 11L) |> ignore
                let said = s.Level(4_002L, Side.Buy, 99L, 10L)
                Expect.contains said "cancel 1" "the rest of the quote"
                Expect.exists said (fun c -> c.StartsWith "place" && c.EndsWith "ioc reduce-only") "the position"

                let told =
                    s.Notes |> Seq.map Words.note |> Seq.filter (fun n -> n.StartsWith "halted")

                Expect.hasLength told 1 "people are told, once"
                block s 2L 4_100L |> ignore
                s.Cancelled(4_110L, 1L, 2L) |> ignore
                s.Operator(4_200L, OperatorOrder.Resume) |> ignore
                let after = s.Beat 4_300L
                Expect.isFalse (after |> List.exists (fun c -> c.Contains "alo")) "blocks and a word lift nothing")
            testCase "the median of 20 intervals trips when the slow ones are most, not before" (fun () ->
                let unstarted = let limits = watching false in Stall.Start limits.Stall
                let start = unstarted.Started(null, Instant.OfMs 1L)

                let grown (stall: Stall, height: int64, ms: int64) (interval: int64) =
                    let at = ms + interval
                    // Blocks of slow times may come quickly one after the other.
                    stall.Sealed(null, height + 1L, Instant.OfMs at, Instant.OfMs 10L), height + 1L, at

                let first = (start.Sealed(null, 1L, Instant.OfMs 1L, Instant.OfMs 1L), 1L, 1L)

                let after intervals =
                    let stall, _, _ = List.fold grown first intervals
                    ValueOption.isSome stall.Slowness

                let fast, slow = List.replicate 20 70L, 4_500L
                Expect.isFalse (after fast) "fast"
                Expect.isFalse (after (fast @ List.replicate 9 slow)) "9 of 20"
                // Half of them: the mean of the two in the middle is (70 + 4,500) / 2.
                Expect.isFalse (after (fast @ List.replicate 10 slow)) "10 of 20"
                Expect.isTrue (after (fast @ List.replicate 11 slow)) "11 of 20"
                Expect.isTrue (after (List.replicate 20 slow @ List.replicate 9 70L)) "the oldest slow ones still in"
                Expect.isFalse (after (List.replicate 20 slow @ List.replicate 11 70L)) "fallen out: it has recovered"
                Expect.isTrue (after [ slow ]) "one interval is its own median"
                Expect.isFalse (after [ 4_000L ]) "exactly the limit")
            testCase "a slow time that recovers before the limit changes nothing" (fun () ->
                let s = stage false []

                for i in 1L .. 20L do
                    block s i (i * 3_900L) |> ignore
                    s.Beat(i * 3_900L + 3_800L) |> ignore

                Expect.equal s.State.Fitness Fitness.Ready "never above the limit"
                Expect.equal (longest s.State) 3_900.0 "the longest interval")
            testCase "a loss that was told is no stall, and the clock starts again when the feed is back" (fun () ->
                let s = stage false []
                block s 1L 1_000L |> ignore
                s.Hear(2_000L, lost Channel.Blocks) |> ignore
                s.Beat 60_000L |> ignore
                Expect.equal s.State.Fitness Fitness.Ready "lost for a minute"
                s.Hear(60_000L, back Channel.Blocks) |> ignore
                s.Beat 64_000L |> ignore
                Expect.equal s.State.Fitness Fitness.Ready "4 s after it came back"
                s.Beat 64_001L |> ignore
                Expect.stringStarts (fitness s) "halted: no block for 4.001 s" "and no block came")
            testCase "a told loss is not an interval" (fun () ->
                let s = stage false []
                block s 1L 1_000L |> ignore
                s.Hear(2_000L, lost Channel.Blocks) |> ignore
                s.Hear(60_000L, back Channel.Blocks) |> ignore
                block s 800L 60_001L |> ignore
                block s 801L 60_071L |> ignore
                Expect.equal s.State.Fitness Fitness.Ready "a minute between two heights"
                Expect.equal (longest s.State) 70.0 "only what was seen is measured")
            testCase "an old block told again proves nothing" (fun () ->
                let s = stage false []
                block s 7L 1_000L |> ignore
                s.Hear(4_000L, sealed' 7L 1_000L) |> ignore
                s.Beat 5_001L |> ignore
                Expect.stringStarts (fitness s) "halted: no block for 4.001 s" "it counts from the new one")
            testCase "a limit of 0 watches nothing" (fun () ->
                let off =
                    { Script.config with
                        Stall = StallConfig.Off
                    }

                let s = Stage([], config = off)
                block s 1L 1_000L |> ignore
                s.Beat 90_000L |> ignore
                Expect.equal s.State.Fitness Fitness.Ready "off"
                Expect.equal (s.State.Stall(venue).Used) StallSource.None "no source")
        ]

let private expected =
    testList
        "an expected block feed"
        [
            testCase "that never speaks trips from the start of the run" (fun () ->
                let s = stage true []
                s.Level(3_900L, Side.Buy, 99L, 11L) |> ignore
                s.Beat 4_000L |> ignore
                Expect.equal s.State.Fitness Fitness.Ready "4 s"
                s.Beat 4_100L |> ignore
                Expect.equal (fitness s) "halted: no block for 4.1 s, above the limit of 4 s (source: blocks)" "more")
            testCase "that is lost pulls the quotes, and opens nothing before it is back" (fun () ->
                let s = stage true [ [ quote bid 98L 5L ]; [ quote bid 97L 5L ] ]
                block s 1L 1L |> ignore
                s.Beat 100L |> ignore
                s.Accepted(110L, 1L) |> ignore
                Expect.equal (s.Hear(200L, lost Channel.Blocks)) [ "cancel 1" ] "pulled"
                s.Cancelled(210L, 1L, 0L) |> ignore
                Expect.equal (s.Beat 300L) [] "nothing opens"
                Expect.equal s.State.Fitness Fitness.Ready "and nothing is latched")
            testCase "is not needed where it is not expected: its loss pulls nothing and asks nobody" (fun () ->
                let s = stage false [ [ quote bid 98L 5L ] ]
                block s 1L 1L |> ignore
                s.Beat 100L |> ignore
                s.Accepted(110L, 1L) |> ignore
                Expect.equal (s.Hear(200L, lost Channel.Blocks)) [] "lost"
                Expect.equal (s.Hear(300L, back Channel.Blocks)) [] "back")
        ]

let private approx =
    testList
        "without a block feed"
        [
            testCase "a venue that falls silent on a connection that lives trips" (fun () ->
                let s = stage false []

                for ms in 1_000L..1_000L..4_000L do
                    alive s ms |> ignore

                s.Hear(4_001L, Event.Alive venue) |> ignore
                Expect.equal s.State.Fitness Fitness.Ready "4 s after the last message"
                alive s 4_002L |> ignore

                Expect.equal
                    (fitness s)
                    "halted: no message of the venue for 4.001 s on a living connection, above the limit of 4 s (source: approx)"
                    "one more")
            testCase "silence alone is a loss: the heartbeat trips nothing" (fun () ->
                let s = stage false []
                s.Beat 60_000L |> ignore
                Expect.equal s.State.Fitness Fitness.Ready "nobody said that the connection lives"
                Expect.equal (s.State.Stall(venue).Used) StallSource.Approx "its source")
            testCase "a connection that was silent itself may have missed what was said" (fun () ->
                let s = stage false []
                alive s 60_000L |> ignore
                Expect.equal s.State.Fitness Fitness.Ready "the clock starts again"
                alive s 63_000L |> ignore
                alive s 64_000L |> ignore
                Expect.equal s.State.Fitness Fitness.Ready "4 s"
                alive s 64_001L |> ignore
                Expect.stringStarts (fitness s) "halted: no message of the venue for 4.001 s" "more")
            testCase "any message of the venue counts, and a told loss stops the clock" (fun () ->
                let s = stage false []

                for i in 1L .. 20L do
                    alive s (i * 1_000L) |> ignore

                    if i % 3L = 0L then
                        s.Level(i * 1_000L, Side.Buy, 99L, 10L + i) |> ignore

                Expect.equal s.State.Fitness Fitness.Ready "a message every 3 s"
                s.Hear(20_100L, lost Channel.Book) |> ignore

                for i in 21L .. 40L do
                    alive s (i * 1_000L) |> ignore

                Expect.notEqual (fitness s) "halted" "lost"
                Expect.isFalse s.State.Facts.Health.IsHalted "lost, not stalled")
            testCase "a hole in a recording pulls the quotes and latches nothing" (fun () ->
                let rules = btc
                let tape = Gaps.holed 60_000L rules
                let struct (trail, result) = Backtest.run (Given.setup rules []) 1L tape
                Expect.equal trail.Silences.Length 1 "the hole is there"
                Expect.isFalse result.State.Facts.Health.IsHalted "no kill"
                Expect.equal (result.State.Stall(venue).Used) StallSource.Approx "its source"
                Expect.isGreaterThan (longest result.State) 59_000.0 "the longest silence")
            testCase "a run that expects blocks and has none ends by it" (fun () ->
                let setup = Given.setup btc [ "risk.expect_blocks", "true" ]
                let struct (_, result) = Backtest.run setup 1L (Gaps.holed 0L btc)

                Expect.stringStarts
                    (Words.fitness result.State.Fitness)
                    "halted: no block for 4."
                    "expected but silent")
        ]

let tests = testList "a stall" [ blocks; expected; approx ]
