/// What must leave leaves: exits, guards and flattens, whatever else stands in their way (reliability.md I8, F2, F20).
module Vrlg.Stories.Exits

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private spot =
    { instrument with
        Kind = InstrumentKind.Spot
    }

let private limited change (p: PlanConfig) = { p with Limits = change p.Limits }

let private lost channel =
    Event.FeedLost(VenueId.Of 0, channel, ValueNone)

let private back channel =
    Event.FeedBack(VenueId.Of 0, channel, ValueNone)

let private starts (prefix: string) (said: string list) =
    said |> List.exists (fun c -> c.StartsWith prefix)

/// Heartbeats every 100 ms; everything that they bring.
let private beats (s: Stage) (from: int64) (until: int64) =
    [ from .. 100L .. until ] |> List.collect s.Beat

/// Five lots bought at 100 by order 1, at 160 ms.
let private held (s: Stage) =
    s.Beat 100L |> ignore
    s.Accepted(150L, 1L) |> ignore
    s.Filled(160L, 1L, Side.Buy, 100L, 5L, 5L) |> ignore

let private size =
    [
        testCase "an exit and a flatten are as large as the position, whatever the limit of one order" (fun () ->
            let small = limited (fun l -> { l with MaxOrder = Usd.Of(200L * one) })
            let s = Stage([ [ Take(exit, sz 10L, px 99L, true) ]; [] ], plan = small)
            s.Seen(50L, 10L) |> ignore
            Expect.equal (s.Beat 100L) [ "place 1 sell 10@99 ioc reduce-only" ] "the exit"

            let t = Stage([ [ quote bid 100L 10L ] ], plan = small)
            Expect.equal (t.Beat 100L) [] "what opens is limited"
            t.Seen(150L, 10L) |> ignore
            Expect.isTrue (t.Operator(200L, OperatorOrder.Kill "test") |> starts "place 1 sell 10@") "the flatten")
        testCase "an exit that was cut and refused is as large as it was spoken when the position has grown" (fun () ->
            let s =
                Stage [ [ quote bid 100L 10L ]; [ Take(exit, sz 10L, px 40L, true) ]; []; [] ]

            s.Beat 100L |> ignore
            s.Accepted(110L, 1L) |> ignore
            s.Filled(120L, 1L, Side.Buy, 100L, 3L, 3L) |> ignore
            Expect.equal (s.Beat 200L) [] "too far from the mid of 101"
            s.Filled(210L, 1L, Side.Buy, 100L, 7L, 10L) |> ignore
            s.Level(220L, Side.Sell, 103L, 0L) |> ignore
            s.Level(220L, Side.Buy, 78L, 5L) |> ignore
            Expect.equal (s.Level(230L, Side.Buy, 99L, 0L)) [ "place 2 sell 10@40 ioc reduce-only" ] "all of it")
        testCase "with one side of the book gone an exit is still held to the band" (fun () ->
            let s = Stage [ [ quote bid 100L 5L ]; [ Take(exit, sz 5L, px 1L, true) ] ]
            held s
            s.Level(170L, Side.Sell, 103L, 0L) |> ignore
            Expect.equal (s.Beat 200L) [] "1 is far from a bid of 99"
            Expect.equal s.Refusals 1 "and it is said")
        testCase "with one side of the book gone a guard still fires, and a kill still flattens" (fun () ->
            let s = Stage [ [ quote bid 100L 5L ]; [ Guard(exit, px 98L) ] ]
            held s
            s.Beat 200L |> ignore
            s.Level(210L, Side.Sell, 103L, 0L) |> ignore
            s.Level(220L, Side.Buy, 97L, 9L) |> ignore
            Expect.isTrue (s.Level(230L, Side.Buy, 99L, 0L) |> starts "place 2 sell 5@") "the guard"

            let t = Stage [ [ quote bid 100L 5L ] ]
            held t
            t.Level(210L, Side.Sell, 103L, 0L) |> ignore
            Expect.isTrue (t.Operator(220L, OperatorOrder.Kill "test") |> starts "place 2 sell 5@") "the flatten")
    ]

let private onSpot =
    [
        testCase "on spot an exit waits until the quote of its side is gone" (fun () ->
            let s =
                Stage(
                    [
                        [ quote bid 100L 5L ]
                        [ quote ask 104L 5L ]
                        [ Take(exit, sz 5L, px 99L, true) ]
                    ],
                    rules = spot
                )

            held s
            s.Beat 200L |> ignore
            s.Accepted(210L, 2L) |> ignore
            Expect.equal (s.Beat 300L) [ "cancel 2" ] "the quote goes first"
            Expect.equal (s.Beat 400L) [] "and is not gone yet"
            s.Filled(410L, 2L, Side.Sell, 104L, 2L, 2L) |> ignore
            Expect.equal (s.Cancelled(420L, 2L, 2L)) [ "place 3 sell 3@99 ioc" ] "then what is left")
        testCase "on spot two exits never sell the same lots" (fun () ->
            let s =
                Stage(
                    [
                        [ quote bid 100L 5L ]
                        [ Take(exit, sz 5L, px 99L, true); Take(slot Side.Sell 2, sz 5L, px 99L, true) ]
                    ],
                    rules = spot
                )

            held s
            Expect.equal (s.Beat 200L) [ "place 2 sell 5@99 ioc" ] "one of them"
            Expect.equal (s.Filled(210L, 2L, Side.Sell, 99L, 5L, 5L)) [] "and it was enough"
            Expect.equal (beats s 300L 1_000L) [] "for good"
            Expect.equal s.Position 0L "flat")
        testCase "on spot the other exit leaves what the first one could not" (fun () ->
            let s =
                Stage(
                    [
                        [ quote bid 100L 5L ]
                        [ Take(exit, sz 5L, px 99L, true); Take(slot Side.Sell 2, sz 5L, px 98L, true) ]
                    ],
                    rules = spot
                )

            held s
            s.Beat 200L |> ignore
            s.Filled(210L, 2L, Side.Sell, 99L, 1L, 1L) |> ignore

            let ended = Answer.Ended(OrderStatus.Cancelled "iocRemainder", ValueSome(sz 1L))
            Expect.equal (s.Told(220L, 2L, ended)) [ "place 3 sell 4@98 ioc" ] "the rest")
        testCase
            "on spot a position that is not whole lots leaves in whole lots, and less than a lot is flat"
            (fun () ->
                let long (s: Stage) (ms: int64) (raw: int64) =
                    let held: HeldPosition =
                        {
                            Instrument = id
                            Position = Sz.Of raw
                            AvgPx = px 100L
                        }

                    let seen =
                        RareEvent.AccountSeen
                            {
                                Account = AccountId.Of 0
                                Cash = Usd.Of(1_000_000L * one)
                                Positions = ImmutableArray.Create<HeldPosition> held
                                Open = ImmutableArray.Empty
                            }

                    s.Hear(ms, Event.Of(seen, Instant.OfMs ms)) |> ignore

                // A fee of the base coin took 0.004 of five lots.
                let dusty = 5L * one - 400_000L

                let s = Stage([ [ Take(exit, sz 5L, px 99L, true) ]; [] ], rules = spot)
                long s 50L dusty
                Expect.equal (s.Beat 100L) [ "place 1 sell 4@99 ioc" ] "an exit"

                let t = Stage([ [ Guard(exit, px 98L) ] ], rules = spot)
                long t 50L dusty
                t.Beat 100L |> ignore
                t.Level(210L, Side.Buy, 97L, 9L) |> ignore
                Expect.isTrue (t.Level(220L, Side.Buy, 99L, 0L) |> starts "place 1 sell 4@") "a guard"

                let u = Stage([ [] ], rules = spot)
                long u 50L dusty
                Expect.isTrue (u.Operator(100L, OperatorOrder.Kill "test") |> starts "place 1 sell 4@") "a flatten"

                let v = Stage([ [ Take(exit, sz 5L, px 99L, true) ]; [] ], rules = spot)
                long v 50L 400_000L
                Expect.equal (v.Operator(60L, OperatorOrder.Flatten)) [] "nothing that could leave"
                Expect.equal (v.Operator(70L, OperatorOrder.Resume)) [] "nor after it"
                Expect.equal (beats v 100L 1_500L) [] "nor by an exit"
                Expect.equal v.Refusals 0 "and nothing is refused")
    ]

let private persistence =
    [
        testCase "a lost feed pulls quotes and leaves the guard" (fun () ->
            let s =
                Stage [ [ quote bid 100L 5L; quote ask 104L 5L ]; [ Guard(exit, px 98L) ]; [] ]

            held s
            s.Accepted(170L, 2L) |> ignore
            s.Beat 200L |> ignore
            Expect.equal (s.Hear(300L, lost Channel.Book)) [ "cancel 2" ] "the quote"
            s.Cancelled(350L, 2L, 0L) |> ignore
            s.Hear(400L, back Channel.Book) |> ignore
            s.Level(410L, Side.Buy, 97L, 9L) |> ignore
            Expect.isTrue (s.Level(420L, Side.Buy, 99L, 0L) |> starts "place 3 sell 5@") "the guard fires")
        testCase "a guard that waits for its slot crosses as far as the market of then asks" (fun () ->
            let s =
                Stage [ [ quote bid 100L 5L ]; [ quote exit 110L 5L; Guard(exit, px 98L) ]; [] ]

            held s
            s.Beat 200L |> ignore
            s.Accepted(210L, 2L) |> ignore
            s.Level(220L, Side.Buy, 97L, 9L) |> ignore
            Expect.equal (s.Level(230L, Side.Buy, 99L, 0L)) [ "cancel 2" ] "the quote in its slot goes first"
            s.Level(240L, Side.Buy, 90L, 9L) |> ignore
            s.Level(250L, Side.Buy, 97L, 0L) |> ignore

            Expect.equal
                (s.Cancelled(260L, 2L, 0L))
                [ "place 3 sell 5@89.1 ioc reduce-only" ]
                "one per cent past 90, not past 97")
        testCase "a refused flatten is noted once, not at every look" (fun () ->
            let narrow = limited (fun l -> { l with BandBps = 10 })
            let s = Stage([ [] ], plan = narrow)
            s.Seen(50L, 5L) |> ignore
            s.Operator(100L, OperatorOrder.Kill "test") |> ignore
            beats s 200L 3_000L |> ignore
            Expect.equal s.Refusals 1 "noted")
        testCase "a flatten that was refused ends when a person resumes" (fun () ->
            let narrow = limited (fun l -> { l with BandBps = 300 })
            let s = Stage([ [] ], plan = narrow)
            s.Seen(50L, 5L) |> ignore
            s.Level(60L, Side.Buy, 50L, 5L) |> ignore
            s.Level(60L, Side.Buy, 99L, 0L) |> ignore
            s.Operator(100L, OperatorOrder.Flatten) |> ignore
            Expect.equal s.Refusals 1 "the spread is too wide"
            s.Operator(200L, OperatorOrder.Resume) |> ignore
            Expect.equal (s.Level(300L, Side.Sell, 51L, 5L)) [] "nothing leaves"
            Expect.equal (beats s 400L 3_000L) [] "nor later")
        testCase
            "an exit that the venue refused is sent again after a second, though the market stands still"
            (fun () ->
                let again = [ Take(exit, sz 5L, px 99L, true) ]
                let s = Stage([ quote bid 100L 5L ] :: List.replicate 30 again)
                held s
                Expect.equal (s.Beat 200L) [ "place 2 sell 5@99 ioc reduce-only" ] "sent"
                s.Refused(250L, 2L) |> ignore
                Expect.equal (beats s 300L 1_200L) [] "not at once"
                Expect.equal (s.Beat 1_300L) [ "place 3 sell 5@99 ioc reduce-only" ] "but again")
    ]

let tests = testList "what must leave" (size @ onSpot @ persistence)
