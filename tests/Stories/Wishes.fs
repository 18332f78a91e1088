/// The life of a wish (core-semantics.md 2): what is sent, and what is not.
module Vrlg.Stories.Wishes

open Expecto
open Vrlg.Core
open Vrlg.Stories.Script

let private says (expected: string list) (what: string) (got: string list) = Expect.equal got expected what

let tests =
    testList
        "the life of a wish"
        [
            testCase "a quote is placed once; saying it again sends nothing" (fun () ->
                let s =
                    Stage [ [ quote bid 100L 5L ]; [ quote bid 100L 5L ]; [ quote bid 100L 5L ] ]

                s.Beat 100L |> says [ "place 1 buy 5@100 alo" ] "first"
                s.Beat 200L |> says [] "while it is on its way"
                s.Accepted(250L, 1L) |> says [] "accepted"
                s.Beat 300L |> says [] "while it rests")
            testCase "a desk's silence changes nothing" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> says [] "accepted"
                s.Beat 200L |> says [] "silence"
                s.Level(250L, Side.Buy, 99L, 20L) |> says [] "the market moves")
            testCase
                "a wish that changes while its order is on the way waits for the answer, then cancels, then places"
                (fun () ->
                    let s = Stage [ [ quote bid 100L 5L ]; [ quote bid 101L 5L ] ]
                    s.Beat 100L |> ignore
                    s.Beat 200L |> says [] "no answer yet"
                    s.Accepted(250L, 1L) |> says [ "cancel 1" ] "cancel only from resting"

                    s.Cancelled(300L, 1L, 0L)
                    |> says [ "place 2 buy 5@101 alo" ] "on the event that closes it")
            testCase "the same rounded price is the same wish, whatever has filled" (fun () ->
                let near =
                    Quote(bid, Px.Of(100L * 100_000_000L + 4L), sz 5L, QuoteTerms.UntilPulled)

                let s = Stage [ [ quote bid 100L 5L ]; [ near ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Filled(180L, 1L, Side.Buy, 100L, 2L, 2L) |> says [] "partly filled"
                s.Beat 200L |> says [] "no repricing for ever")
            testCase "a wish ends with its order: after a full fill nothing is placed again" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Filled(180L, 1L, Side.Buy, 100L, 5L, 5L) |> says [] "filled"
                s.Beat 200L |> says [] "spent"
                Expect.equal s.Position 5L "held")
            testCase "partial fill, then pull: the rest is cancelled, the fill counts" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ Pull bid ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Filled(180L, 1L, Side.Buy, 100L, 2L, 2L) |> ignore
                s.Beat 200L |> says [ "cancel 1" ] "pulled"
                s.Cancelled(250L, 1L, 2L) |> says [] "ended"
                Expect.equal s.Position 2L "held")
            testCase "a cancel's answer holds the slot until the fills that it states are here" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ quote bid 101L 5L ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> says [ "cancel 1" ] "replaced"
                s.Cancelled(250L, 1L, 3L) |> says [] "three lots are still on their way"

                s.Filled(260L, 1L, Side.Buy, 100L, 3L, 3L)
                |> says [ "place 2 buy 5@101 alo" ] "now it is closed")
            testCase "a refused price is not sent again until the touch moves" (fun () ->
                let s =
                    Stage [ [ quote bid 100L 5L ]; [ quote bid 100L 5L ]; [ quote bid 100L 5L ] ]

                s.Beat 100L |> ignore
                s.Refused(150L, 1L) |> says [] "refused"
                s.Beat 200L |> says [] "the same price, the same touch"

                s.Level(250L, Side.Sell, 102L, 5L)
                |> says [ "place 2 buy 5@100 alo" ] "the touch moved")
            testCase "take in a busy slot: the quote is cancelled first, then crosses once" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ Take(bid, sz 4L, px 103L, false) ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> says [ "cancel 1" ] "first the quote"
                s.Cancelled(250L, 1L, 0L) |> says [ "place 2 buy 4@103 ioc" ] "then the cross"

                s.Told(300L, 2L, Answer.Ended(OrderStatus.Cancelled "iocRemainder", ValueSome(sz 0L)))
                |> says [] "once"

                s.Beat 400L |> says [] "and never again")
            testCase "several slots in one step: all cancels, then places" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ quote bid 101L 5L; quote ask 104L 5L ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> says [ "cancel 1"; "place 2 sell 5@104 alo" ] "in this order")
            testCase "two intents for one slot in one answer: the last counts" (fun () ->
                let s = Stage [ [ quote bid 100L 5L; quote bid 98L 3L ] ]
                s.Beat 100L |> says [ "place 1 buy 3@98 alo" ] "the last")
            testCase "the slots that the house keeps for itself are refused to a desk, with the reason" (fun () ->
                let s =
                    Stage
                        [
                            [
                                quote (slot Side.Buy System.Int32.MinValue) 100L 5L
                                Take(slot Side.Sell (System.Int32.MinValue + 1), sz 4L, px 99L, false)
                                Guard(slot Side.Sell System.Int32.MinValue, px 98L)
                                Pull(slot Side.Buy (System.Int32.MinValue + 1))
                            ]
                        ]

                s.Beat 100L |> says [] "nothing is sent"

                let reasons =
                    [
                        for n in s.Notes do
                            match n with
                            | Refused(_, _, breaches) -> yield! Seq.map Words.breach breaches
                            | _ -> ()
                    ]

                Expect.equal reasons (List.replicate 4 "the slot is kept for the house itself") "each with its reason")
            testCase "a quote past its time is pulled, without a word of the desk" (fun () ->
                let s = Stage [ [ quoteUntil bid 100L 5L 1_100L ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 1_000L |> says [] "before"
                s.Beat 1_100L |> says [ "cancel 1" ] "at its time")
            testCase "the same quote said again with another time has that time" (fun () ->
                let s =
                    Stage
                        [
                            [ quoteUntil bid 100L 5L 1_100L ]
                            [ quoteUntil bid 100L 5L 2_100L ]
                            [ quote bid 100L 5L ]
                        ]

                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> says [] "the same quote"
                s.Level(1_150L, Side.Buy, 98L, 1L) |> says [] "past its first time"
                s.Beat 1_200L |> says [] "and now it has none"
                s.Level(2_150L, Side.Buy, 98L, 2L) |> says [] "past its second")
            testCase "a quote said again in place of a reducing cross does not reduce" (fun () ->
                let s =
                    Stage
                        [
                            [ quote bid 100L 5L ]
                            [ Take(bid, sz 5L, px 100L, true); quote bid 100L 5L ]
                        ]

                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 200L |> says [] "the last word counts"
                let desk = s.State.Desk(DeskId.Of 0)
                let item = desk.Wanted.At 0
                Expect.isFalse item.Reduce "a quote")
            testCase "an order whose fate is unknown is asked about, never sent again" (fun () ->
                let s = Stage [ [ quote bid 100L 5L ]; [ quote bid 101L 5L ] ]
                s.Beat 100L |> ignore
                let at3s = s.Beat 3_200L
                Expect.contains at3s "query 1" "asked after the limit"
                Expect.isFalse (at3s |> List.exists (fun c -> c.StartsWith "place")) "nothing in its slot"
                let known = s.Told(3_300L, 1L, Answer.NotKnown)
                Expect.isFalse (known |> List.exists (fun c -> c.StartsWith "place")) "it could still arrive"
                Expect.equal (s.Beat 6_200L) [ "query 1" ] "asked again"
                s.Level(13_990L, Side.Buy, 99L, 11L) |> ignore

                Expect.contains
                    (s.Told(14_000L, 1L, Answer.NotKnown))
                    "place 2 buy 5@101 alo"
                    "after its time the slot is free")
            testCase "a reducing cross ends with its position, and never opens" (fun () ->
                let s =
                    Stage
                        [
                            [ quote bid 100L 5L; quote ask 104L 5L ]
                            [ Take(exit, sz 5L, px 99L, true) ]
                            []
                            [ quote bid 100L 1L ]
                        ]

                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Accepted(150L, 2L) |> ignore
                s.Filled(160L, 1L, Side.Buy, 100L, 5L, 5L) |> ignore
                s.Filled(170L, 2L, Side.Sell, 104L, 3L, 3L) |> ignore

                s.Beat 200L
                |> says [ "place 3 sell 2@99 ioc reduce-only" ] "cut to what is held"

                s.Filled(210L, 2L, Side.Sell, 104L, 2L, 5L) |> ignore

                s.Told(220L, 3L, Answer.Refused(OrderStatus.Rejected "reduceOnlyRejected"))
                |> says [] "the position is gone"

                s.Beat 300L |> says [] "and the wish with it")
            testCase "a guard crosses when the touch reaches its stop, and is let go when flat" (fun () ->
                let s =
                    Stage [ [ quote bid 100L 5L ]; [ Guard(exit, px 98L) ]; [ Guard(exit, px 0L) ] ]

                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Filled(160L, 1L, Side.Buy, 100L, 5L, 5L) |> ignore
                s.Beat 200L |> says [] "armed"
                s.Level(250L, Side.Buy, 98L, 5L) |> says [] "the touch is still 99"
                let hit = s.Level(260L, Side.Buy, 99L, 0L)
                Expect.equal hit.Length 1 "one cross"
                Expect.stringStarts hit[0] "place 2 sell 5@" "of the whole position"
                Expect.stringContains hit[0] "ioc reduce-only" "reducing")
            testCase "killed by the operator: all is pulled and flattened, nothing more is opened" (fun () ->
                let s = Stage [ [ quote bid 100L 5L; quote ask 104L 5L ]; [ quote bid 100L 5L ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Accepted(150L, 2L) |> ignore
                s.Filled(160L, 1L, Side.Buy, 100L, 5L, 5L) |> ignore
                let killed = s.Operator(170L, OperatorOrder.Kill "test")
                Expect.contains killed "cancel 2" "pulled"

                Expect.isTrue
                    (killed
                     |> List.exists (fun c -> c.StartsWith "place 3 sell 5@" && c.EndsWith "ioc reduce-only"))
                    "flattened"

                s.Beat 200L |> says [] "latched")
        ]
