/// A quote that shows a part of its size (X08): what follows a slice, and what ends it.
module Vrlg.Stories.IcebergCases

open Expecto
open Vrlg.Core
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private says (expected: string list) (what: string) (got: string list) = Expect.equal got expected what

/// Of `size`, showing `display`, until `ms`; 0 until pulled.
let private iceberg slot price size display (ms: int64) =
    Quote(
        slot,
        px price,
        sz size,
        {
            Expires = Instant.OfMs ms
            Display = sz display
        }
    )

/// Ten lots at 100, four of them shown, placed and resting.
let private resting (more: Intent list list) (ms: int64) =
    let s = Stage([ iceberg bid 100L 10L 4L ms ] :: more)
    s.Beat 100L |> says [ "place 1 buy 4@100 alo" ] "the first slice"
    s.Accepted(150L, 1L) |> says [] "it rests"
    s

let private rules least =
    { instrument with
        MinNotional = Usd.Of(least * one)
    }

/// The slices of a quote of `total` at 100 of which `display` shows, where the venue takes no less than `least` USD.
let private slices (least: int64) (total: int64) (display: int64) =
    let rec go left =
        if left = 0L then
            []
        else
            let shown = Icebergs.shown (rules least) (sz display)
            let next = (Icebergs.slice (rules least) (px 100L) shown (sz left)).Raw / one
            next :: go (left - next)

    go total

let tests =
    testList
        "an iceberg"
        [
            testCase
                "shows one slice; the next follows its fill under a new number, until the total is filled"
                (fun () ->
                    let s = resting [] 0L

                    s.Filled(200L, 1L, Side.Buy, 100L, 4L, 4L)
                    |> says [ "place 2 buy 4@100 alo" ] "the second slice"

                    s.Accepted(250L, 2L) |> ignore

                    s.Filled(300L, 2L, Side.Buy, 100L, 4L, 4L)
                    |> says [ "place 3 buy 2@100 alo" ] "what is left"

                    s.Accepted(350L, 3L) |> ignore
                    s.Filled(400L, 3L, Side.Buy, 100L, 2L, 2L) |> says [] "all is filled"
                    s.Beat 500L |> says [] "and spent"
                    Expect.equal s.Position 10L "held")
            testCase "waits for the whole of a slice" (fun () ->
                let s = resting [] 0L

                s.Filled(200L, 1L, Side.Buy, 100L, 3L, 3L)
                |> says [] "one lot of it still shows"

                s.Filled(210L, 1L, Side.Buy, 100L, 1L, 4L)
                |> says [ "place 2 buy 4@100 alo" ] "now it is closed")
            testCase "has one time for all slices: what is shown is cancelled then, and nothing follows" (fun () ->
                let s = resting [] 1_100L
                s.Filled(200L, 1L, Side.Buy, 100L, 4L, 4L) |> ignore
                s.Accepted(250L, 2L) |> says [] "the second slice rests"
                s.Beat 1_000L |> says [] "before"
                s.Beat 1_100L |> says [ "cancel 2" ] "at its time, counted from the first slice"

                s.Filled(1_120L, 2L, Side.Buy, 100L, 4L, 4L)
                |> says [] "filled on the way of the cancel"

                s.Beat 1_200L |> says [] "nothing follows")
            testCase "whose slice fills at the very end of its time is not followed" (fun () ->
                let s = resting [] 1_100L

                s.Filled(1_100L, 1L, Side.Buy, 100L, 4L, 4L) |> says [] "its time is over"
                s.Beat 1_200L |> says [] "for good")
            testCase "that was pulled is never followed, though its slice fills" (fun () ->
                let s = resting [ [ Pull bid ] ] 0L
                s.Beat 200L |> says [ "cancel 1" ] "pulled"
                s.Filled(210L, 1L, Side.Buy, 100L, 4L, 4L) |> says [] "filled all the same"
                s.Beat 300L |> says [] "nothing follows"
                Expect.equal s.Position 4L "one slice")
            testCase "ends with a slice that the venue refuses or cancels" (fun () ->
                let s = resting [] 0L
                s.Filled(200L, 1L, Side.Buy, 100L, 4L, 4L) |> ignore
                s.Refused(250L, 2L) |> says [] "refused"

                s.Level(260L, Side.Sell, 102L, 5L)
                |> says [] "and not again when the touch moves"

                let t = resting [] 0L
                t.Cancelled(200L, 1L, 1L) |> ignore
                t.Filled(210L, 1L, Side.Buy, 100L, 1L, 1L) |> says [] "cancelled by the venue"
                t.Beat 300L |> says [] "for good")
            testCase "said again is the same wish, while a slice rests and between two" (fun () ->
                let again = iceberg bid 100L 10L 4L 0L
                let s = resting [ [ again ]; [ again ]; [ again ] ] 0L
                s.Beat 200L |> says [] "while the first rests"

                s.Filled(210L, 1L, Side.Buy, 100L, 4L, 4L)
                |> says [ "place 2 buy 4@100 alo" ] "its second slice"

                s.Beat 300L |> says [] "while that is on its way"
                s.Accepted(310L, 2L) |> ignore
                // Nothing opens while the account must be looked at: the next slice waits.
                s.Operator(320L, OperatorOrder.Pause) |> ignore
                s.Filled(330L, 2L, Side.Buy, 100L, 4L, 4L) |> says [] "paused"
                s.Beat 400L |> says [] "said between two slices"

                s.Operator(500L, OperatorOrder.Resume)
                |> says [ "place 3 buy 2@100 alo" ] "the last two lots, not ten")
            testCase "said again with another total is another wish" (fun () ->
                let s = resting [ [ iceberg bid 100L 12L 4L 0L ] ] 0L
                s.Beat 200L |> says [ "cancel 1" ] "replaced"
                s.Cancelled(250L, 1L, 0L) |> says [ "place 2 buy 4@100 alo" ] "of twelve")
            testCase "spends an action for every slice, and waits where none is left" (fun () ->
                let poor =
                    { Script.config with
                        Budget = { Budget.Unlimited with Allowance = 3L }
                    }

                let s = Stage([ [ iceberg bid 1L 10L 4L 0L ] ], config = poor)
                s.Level(10L, Side.Buy, 1L, 5L) |> ignore
                s.Level(10L, Side.Buy, 99L, 0L) |> ignore
                s.Level(10L, Side.Sell, 2L, 5L) |> ignore
                s.Level(10L, Side.Sell, 103L, 0L) |> ignore
                s.Beat 100L |> says [ "place 1 buy 4@1 alo" ] "one of three"
                s.Accepted(150L, 1L) |> ignore

                s.Filled(200L, 1L, Side.Buy, 1L, 1L, 1L)
                |> says [] "one dollar traded is one action more"

                s.Filled(210L, 1L, Side.Buy, 1L, 3L, 4L)
                |> says [ "place 2 buy 4@1 alo" ] "the second slice: two actions and the four earned"

                Expect.equal (s.State.Facts.Budget(AccountId.Of 0)).Used 2L "two used")
            testCase "keeps the cap at every slice" (fun () ->
                // The cap is 100: a slice of 60 fits, the second would not.
                let s = Stage [ [ iceberg bid 100L 120L 60L 0L ] ]
                s.Beat 100L |> says [ "place 1 buy 60@100 alo" ] "the first fits"
                s.Accepted(150L, 1L) |> ignore

                s.Filled(200L, 1L, Side.Buy, 100L, 60L, 60L)
                |> says [] "the second would pass the cap"

                Expect.equal s.Refusals 1 "and that is noted, once"
                s.Beat 300L |> says [] "it waits"
                Expect.equal s.Refusals 1 "still once")
            testCase "shows no slice below the venue's least value, and leaves none behind" (fun () ->
                Expect.equal (slices 0L 10L 4L) [ 4L; 4L; 2L ] "no least value"
                Expect.equal (slices 300L 10L 4L) [ 4L; 6L ] "two lots are worth too little: they go with the last"
                Expect.equal (slices 300L 11L 4L) [ 4L; 4L; 3L ] "three are enough"
                Expect.equal (slices 500L 10L 4L) [ 5L; 5L ] "a display too small is raised to the least"
                Expect.equal (slices 900L 10L 4L) [ 10L ] "less than two of them: whole"
                Expect.equal (slices 0L 10L 0L) [ 10L ] "no display: whole"
                Expect.equal (slices 0L 4L 9L) [ 4L ] "a display above the total: whole")
            testCase "with a display below a lot shows a lot" (fun () ->
                let shown = Icebergs.shown instrument (Sz.Of 1L)
                Expect.equal shown.Raw one "one lot")
        ]
