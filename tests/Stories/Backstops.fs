/// The stop that rests at the exchange while something is held (X11, X55, I8).
module Vrlg.Stories.Backstops

open Expecto
open Vrlg.Core
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private says (expected: string list) (what: string) (got: string list) = Expect.equal got expected what

let private guard price = Guard(exit, px price)

/// One percent wider than the guard.
let private wide (p: PlanConfig) = { p with BackstopBps = 100 }

/// Bought five at 100, with what is said from the second heartbeat on.
let private holding (lines: Intent list list) =
    let s = Stage([ quote bid 100L 5L ] :: lines, plan = wide)
    s.Beat 100L |> ignore
    s.Accepted(150L, 1L) |> ignore
    s.Filled(160L, 1L, Side.Buy, 100L, 5L, 5L) |> says [] "held, and no guard yet"
    s

let private first = "place 2 sell 5@96.049 gtc reduce-only trigger 97.02"

/// The same with a guard at 98 and its stop at the exchange resting.
let private protectedBy (lines: Intent list list) =
    let s = holding ([ guard 98L ] :: lines)

    s.Beat 200L
    |> says [ first ] "one percent below the guard, and a limit one percent below that"

    s.Accepted(250L, 2L) |> says [] "it rests"
    s

let private isStop (command: string) = command.Contains "trigger"

let tests =
    testList
        "a stop at the exchange"
        [
            testCase "rests while a guard stands and something is held, once" (fun () ->
                let s = protectedBy []
                s.Beat 300L |> says [] "nothing more"
                s.Level(350L, Side.Buy, 98L, 5L) |> says [] "whatever the market does")
            testCase "goes when the position has gone" (fun () ->
                let s = protectedBy [ [ Take(slot Side.Sell 3, sz 5L, px 99L, true) ] ]
                s.Beat 300L |> says [ "place 3 sell 5@99 ioc reduce-only" ] "an exit"
                s.Filled(350L, 3L, Side.Sell, 99L, 5L, 5L) |> says [ "cancel 2" ] "flat"
                s.Cancelled(400L, 2L, 0L) |> says [] "gone"
                s.Beat 1_500L |> says [] "for good")
            testCase "that the venue took away with the position is not missed" (fun () ->
                let s = protectedBy [ [ Take(slot Side.Sell 3, sz 5L, px 99L, true) ] ]
                s.Beat 300L |> ignore

                s.Told(340L, 2L, Answer.Ended(OrderStatus.Cancelled "reduceOnlyCanceled", ValueSome(sz 0L)))
                |> ignore

                s.Filled(350L, 3L, Side.Sell, 99L, 5L, 5L)
                |> says [] "flat, and nothing to cancel"

                s.Beat 1_500L |> says [] "for good")
            testCase "is replaced when the position grows, never stacked" (fun () ->
                let s = protectedBy [ [ quote bid 100L 3L ] ]
                s.Beat 300L |> says [ "place 3 buy 3@100 alo" ] "more"
                s.Accepted(310L, 3L) |> ignore

                s.Filled(320L, 3L, Side.Buy, 100L, 3L, 3L)
                |> says [ "cancel 2" ] "too small now"

                s.Beat 330L |> says [] "one at a time"

                s.Cancelled(350L, 2L, 0L)
                |> says [ "place 4 sell 8@96.049 gtc reduce-only trigger 97.02" ] "of the whole")
            testCase "is replaced when its guard moves" (fun () ->
                let s = protectedBy [ [ guard 97L ] ]
                s.Beat 300L |> says [ "cancel 2" ] "moved"

                s.Cancelled(350L, 2L, 0L)
                |> says [ "place 3 sell 5@95.069 gtc reduce-only trigger 96.03" ] "to where it belongs")
            testCase "goes with its guard" (fun () ->
                let s = protectedBy [ [ guard 0L ] ]
                s.Beat 300L |> says [ "cancel 2" ] "let go")
            testCase "is not chased while a cross of ours is on its way out" (fun () ->
                let s = protectedBy [ [ Take(slot Side.Sell 3, sz 5L, px 99L, true) ] ]
                s.Beat 300L |> ignore
                s.Filled(350L, 3L, Side.Sell, 99L, 2L, 2L) |> says [] "three are left for now"

                s.Told(350L, 3L, Answer.Ended(OrderStatus.Cancelled "iocRemainder", ValueSome(sz 2L)))
                |> says [ "cancel 2" ] "and stay: their stop is too large"

                s.Cancelled(400L, 2L, 0L)
                |> says [ "place 4 sell 3@96.049 gtc reduce-only trigger 97.02" ] "of what is left")
            testCase "protects until the position is gone, whatever was killed" (fun () ->
                let s = protectedBy []
                let killed = s.Operator(300L, OperatorOrder.Kill "test")
                Expect.equal killed.Length 1 "the flatten alone"
                Expect.stringStarts killed[0] "place 3 sell 5@" "crosses"

                s.Told(350L, 3L, Answer.Refused(OrderStatus.Rejected "iocCancelRejected"))
                |> says [] "and fails: the stop still rests"

                let again = s.Beat 1_400L
                Expect.equal again.Length 1 "crosses again"

                s.Filled(1_450L, 4L, Side.Sell, 99L, 5L, 5L)
                |> says [ "cancel 2" ] "flat: nothing is left")
            testCase "that fills leaves nothing behind, and nothing loops" (fun () ->
                let s = protectedBy []
                s.Told(300L, 2L, Answer.Triggered) |> says [] "released"
                s.Filled(310L, 2L, Side.Sell, 97L, 2L, 2L) |> says [] "two of five"
                s.Filled(320L, 2L, Side.Sell, 97L, 3L, 5L) |> says [] "all"
                Expect.equal s.Position 0L "flat"
                s.Beat 1_500L |> says [] "nothing more")
            testCase "that found nobody is sent again after a second; the local stop works meanwhile" (fun () ->
                let s = protectedBy []
                s.Told(300L, 2L, Answer.Triggered) |> ignore

                s.Told(
                    310L,
                    2L,
                    Answer.Ended(OrderStatus.Cancelled "marketOrderNoLiquidityRejected", ValueSome(sz 0L))
                )
                |> says [] "not at once"

                s.Beat 400L |> says [] "nor a moment later"

                s.Beat 1_400L
                |> says [ "place 3 sell 5@96.049 gtc reduce-only trigger 97.02" ] "after a second"

                s.Level(1_450L, Side.Buy, 98L, 5L) |> ignore
                let hit = s.Level(1_460L, Side.Buy, 99L, 0L)
                Expect.equal hit.Length 1 "the local stop"
                Expect.stringContains hit[0] "ioc reduce-only" "crosses")
            testCase "that the venue refused is sent again after a second, though the market does not move" (fun () ->
                let s = holding [ [ guard 98L ] ]
                s.Beat 200L |> says [ first ] "sent"
                s.Refused(250L, 2L) |> says [] "not at once"
                s.Beat 1_200L |> says [] "nor within a second"

                s.Beat 1_300L
                |> says [ "place 3 sell 5@96.049 gtc reduce-only trigger 97.02" ] "after it")
            testCase "without actions to spare is not sent, and says so once; the local stop has its own" (fun () ->
                // Three actions, one of them kept for exits; half a dollar traded earns none.
                let poor =
                    { Script.config with
                        Budget =
                            { Budget.Unlimited with
                                Allowance = 3L
                                ExitReserve = 1L
                            }
                    }

                let cents n = Px.Of(n * one / 100L)

                let s =
                    Stage(
                        [
                            [ Quote(bid, cents 50L, sz 1L, QuoteTerms.UntilPulled) ]
                            [ Guard(exit, cents 48L) ]
                        ],
                        plan = wide,
                        config = poor
                    )

                let level ms side price size =
                    s.Hear(ms, Event.LevelMoved(id, side, cents price, sz size, Instant.OfMs ms))

                level 10L Side.Buy 50L 5L |> ignore
                level 10L Side.Buy 9_900L 0L |> ignore
                level 10L Side.Sell 60L 5L |> ignore
                level 10L Side.Sell 10_300L 0L |> ignore
                Expect.equal (s.Beat 100L).Length 1 "entered"
                s.Accepted(150L, 1L) |> ignore

                let fill: Fill =
                    {
                        Account = AccountId.Of 0
                        Instrument = id
                        Cloid = { Run = 1L; N = 1L }
                        TradeId = 1L
                        Side = Side.Buy
                        Px = cents 50L
                        Sz = sz 1L
                        Fee = Usd.Of 0L
                        Cumulative = sz 1L
                        IsMaker = true
                    }

                s.Hear(160L, Event.Of(RareEvent.Filled fill, Instant.OfMs 160L)) |> ignore

                s.Beat 200L
                |> says [] "one action to spare is too few for a stop and its cancel"

                Expect.equal s.Refusals 1 "noted"
                s.Beat 300L |> says [] "and not tried for ever"
                Expect.equal s.Refusals 1 "noted once"
                level 310L Side.Buy 48L 5L |> ignore
                let hit = level 320L Side.Buy 50L 0L
                Expect.equal hit.Length 1 "the local stop"
                Expect.stringContains hit[0] "ioc reduce-only" "crosses")
            testCase "stands on the other side of a short position" (fun () ->
                let s =
                    Stage([ [ quote ask 102L 5L ]; [ Guard(slot Side.Buy 1, px 104L) ] ], plan = wide)

                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Filled(160L, 1L, Side.Sell, 102L, 5L, 5L) |> ignore

                s.Beat 200L
                |> says [ "place 2 buy 5@106.1 gtc reduce-only trigger 105.04" ] "above")
            testCase "changes its side with the position" (fun () ->
                let s = protectedBy [ [ quote ask 103L 9L; Guard(slot Side.Buy 1, px 106L) ] ]

                s.Beat 300L |> says [ "place 3 sell 9@103 alo" ] "more than is held"
                s.Accepted(310L, 3L) |> ignore

                s.Filled(320L, 3L, Side.Sell, 103L, 9L, 9L)
                |> says [ "cancel 2"; "place 4 buy 4@108.14 gtc reduce-only trigger 107.06" ] "short by four")
            testCase "is no desk's to speak of, and none is kept where the venue has no triggers" (fun () ->
                let s = Stage([ [ Pull(Slot.Backstop(id, Side.Sell)) ] ], plan = wide)
                s.Beat 100L |> says [] "nothing"
                Expect.equal s.Refusals 1 "refused"

                let spot =
                    { instrument with
                        Kind = InstrumentKind.Spot
                    }

                let t = Stage([ [ quote bid 100L 5L ]; [ guard 98L ] ], rules = spot, plan = wide)
                t.Beat 100L |> ignore
                t.Accepted(150L, 1L) |> ignore
                t.Filled(160L, 1L, Side.Buy, 100L, 5L, 5L) |> ignore
                t.Beat 200L |> says [] "spot has none")
        ]
