/// What becomes of orders whose fate the venue does not tell, tells late, or tells wrongly (reliability.md F8, F9, I1, I6).
module Vrlg.Stories.Doubts

open Expecto
open Vrlg.Core
open Vrlg.Stories.Script

let private canceled total =
    Answer.Ended(OrderStatus.Cancelled "canceled", total)

/// How often a command is said while heartbeats pass, every 100 ms.
let private countOf (s: Stage) (command: string) (from: int64) (until: int64) =
    [ from .. 100L .. until ]
    |> List.sumBy (fun ms -> s.Beat ms |> List.filter ((=) command) |> List.length)

let private working (s: Stage) side =
    let left = s.State.Facts.Orders.Working(AccountId.Of 0, Given.id, side)
    left.Raw / Given.one

let tests =
    testList
        "an order in doubt"
        [
            testCase "is asked about as long as it takes" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ] ]
                s.Beat 100L |> ignore
                Expect.equal (countOf s "query 1" 200L 60_100L) 20 "every 3 s, for a minute"
                Expect.equal (working s Side.Buy) 5L "and counted all the time")
            testCase "by a refused cancel is asked about at once, and again" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ Pull bid ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> ignore
                let refused = Answer.CancelRefused(OrderStatus.Rejected "MissingOrder")
                Expect.equal (s.Told(250L, 1L, refused)) [ "query 1" ] "at once"
                Expect.equal (countOf s "query 1" 300L 30_250L) 9 "and every 3 s")
            testCase "that rests after all is pulled again" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ Pull bid ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> ignore

                s.Told(250L, 1L, Answer.CancelRefused(OrderStatus.Rejected "requestLost"))
                |> ignore

                Expect.equal (s.Accepted(300L, 1L)) [ "cancel 1" ] "the venue has it")
            testCase "whose cancel is refused again and again is pulled at a measured pace" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ Pull bid ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                let mutable said = s.Beat 200L
                let mutable cancels = 0
                let mutable queries = 0

                // The venue answers within 10 ms: it refuses every cancel, and has the order whenever it is asked.
                for ms in 210L..10L..30_200L do
                    let now = said
                    said <- []

                    for command in now do
                        if command = "cancel 1" then
                            cancels <- cancels + 1
                            said <- said @ s.Told(ms, 1L, Answer.CancelRefused(OrderStatus.Rejected "busy"))
                        elif command = "query 1" then
                            queries <- queries + 1
                            said <- said @ s.Accepted(ms, 1L)

                    if ms % 100L = 0L then
                        said <- said @ s.Beat ms

                Expect.equal (s.State.Facts.Orders.LiveCount) 1 "it is still there"
                Expect.isLessThanOrEqual cancels 12 "the first again at once, then one every 3 s"
                Expect.isGreaterThanOrEqual cancels 9 "and it goes on trying"
                Expect.isLessThanOrEqual queries 12 "questions likewise")
            testCase "ended without a total is asked about until the total is known" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ Pull bid ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> ignore
                s.Told(250L, 1L, canceled ValueNone) |> ignore
                Expect.equal (countOf s "query 1" 300L 30_250L) 9 "every 3 s"
                s.Told(30_300L, 1L, canceled (ValueSome(sz 0L))) |> ignore
                Expect.equal (working s Side.Buy) 0L "stated"
                Expect.equal (countOf s "query 1" 30_400L 60_000L) 0 "and over")
            testCase "ended without a total is not closed by a part of its late fills" (fun () ->
                let s = Stage [ [ quote bid 100L 100L ]; [ Pull bid ]; [ quote bid 100L 60L ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> ignore
                s.Told(250L, 1L, canceled ValueNone) |> ignore
                s.Filled(260L, 1L, Side.Buy, 100L, 40L, 40L) |> ignore
                Expect.equal (working s Side.Buy) 60L "the rest may still fill"
                Expect.equal (s.Beat 300L) [] "the cap of 100 is full"
                s.Filled(310L, 1L, Side.Buy, 100L, 60L, 100L) |> ignore
                Expect.equal s.Position 100L "the late rest")
            testCase "in the way of a kill does not keep the position for ever" (fun () ->
                let s = Stage [ [ quote bid 100L 10L ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Filled(160L, 1L, Side.Buy, 100L, 10L, 10L) |> ignore
                let killed = s.Operator(200L, OperatorOrder.Kill "test")
                Expect.isTrue (killed |> List.exists (fun c -> c.StartsWith "place 2 sell 10@")) "flattened"
                Expect.isGreaterThan (countOf s "query 2" 300L 12_000L) 1 "its cross has no answer"
                s.Told(12_050L, 2L, Answer.NotKnown) |> ignore
                s.Beat 12_500L |> ignore
                let next = s.Beat 13_100L
                Expect.isTrue (next |> List.exists (fun c -> c.StartsWith "place 3 sell 10@")) "crossed again")
            testCase "that the venue once had is never given up because it is not known now" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ Pull bid ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> ignore
                countOf s "query 1" 300L 20_000L |> ignore
                s.Told(20_050L, 1L, Answer.NotKnown) |> ignore
                Expect.equal (working s Side.Buy) 5L "still counted")
            testCase
                "is not given up by a word without its instant, which may be from before it could arrive"
                (fun () ->
                    let s = Stage [ [ quote bid 100L 5L ] ]
                    s.Beat 100L |> ignore
                    s.Beat 12_000L |> ignore

                    let reply =
                        RareEvent.Replied
                            {
                                Account = AccountId.Of 0
                                Instrument = Given.id
                                Cloid = { Run = 1L; N = 1L }
                                Answer = Answer.NotKnown
                            }

                    s.Hear(12_050L, Event.Of(reply, Instant.Of 0L)) |> ignore
                    Expect.equal (working s Side.Buy) 5L "still counted"
                    s.Told(12_060L, 1L, Answer.NotKnown) |> ignore
                    Expect.equal (working s Side.Buy) 0L "a dated one gives it up")
            testCase "given up and alive after all is cancelled, in nobody's way" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; []; [ quote bid 101L 5L ] ]
                s.Beat 100L |> ignore
                s.Beat 12_000L |> ignore
                s.Told(12_050L, 1L, Answer.NotKnown) |> ignore
                Expect.equal (working s Side.Buy) 0L "given up"
                Expect.contains (s.Accepted(12_060L, 1L)) "cancel 1" "it lives"
                Expect.equal (working s Side.Buy) 5L "and counts"
                s.Level(12_090L, Side.Buy, 99L, 11L) |> ignore
                Expect.equal (s.Beat 12_100L) [ "place 2 buy 5@101 alo" ] "its slot is free"
                s.Cancelled(12_200L, 1L, 0L) |> ignore
                Expect.equal (working s Side.Buy) 5L "the new one alone")
            testCase "given up and filled after all counts with its rest, and is asked about" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ] ]
                s.Beat 100L |> ignore
                s.Beat 12_000L |> ignore
                s.Told(12_050L, 1L, Answer.NotKnown) |> ignore
                let said = s.Filled(12_060L, 1L, Side.Buy, 100L, 2L, 2L)
                Expect.contains said "query 1" "asked"
                Expect.equal (working s Side.Buy) 3L "the rest counts"
                Expect.equal s.Position 2L "the fill counts")
            testCase "carries its expiry to the venue" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ] ]
                s.Beat 100L |> ignore

                match s.State.Facts.Orders.TryLive { Run = 1L; N = 1L } with
                | ValueSome o -> let expires = o.New.Expires in Expect.equal expires.Ns 10_100_000_000L "10 s later"
                | ValueNone -> failtest "no order")
        ]
