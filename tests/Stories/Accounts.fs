/// The venue's word about an account against ours: which is newer, whom to believe, what to ask (reliability.md I3, I4, F1, F6).
module Vrlg.Stories.Accounts

open Expecto
open Vrlg.Core
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private lost channel =
    Event.FeedLost(VenueId.Of 0, channel, ValueNone)

let private back channel =
    Event.FeedBack(VenueId.Of 0, channel, ValueNone)

/// A bid of 10 that rests since 150 ms.
let private resting lines =
    let s = Stage([ quote bid 100L 10L ] :: lines)
    s.Beat 100L |> ignore
    s.Accepted(150L, 1L) |> ignore
    s

let private drifts (s: Stage) =
    s.Notes
    |> Seq.filter (fun n ->
        match n with
        | Drifted _ -> true
        | _ -> false)
    |> Seq.length

/// How often people were told of an order that is none of ours.
let private toldOf (s: Stage) (stranger: Cloid) =
    s.Notes
    |> Seq.filter (fun n ->
        match n with
        | OrderFaulted(OrderFault.NotOurs c) -> c = stranger
        | _ -> false)
    |> Seq.length

let private fills =
    [
        testCase "a fill that the account shows before we hear of it counts once" (fun () ->
            let s = resting []
            s.SeenAsOf(2_000L, 1_990L, 10L, []) |> ignore
            Expect.equal s.Position 0L "not taken: the order explains it"
            s.FilledAsOf(2_010L, 1_980L, 1L, Side.Buy, 100L, 10L, 10L) |> ignore
            Expect.equal s.Position 10L "once"
            Expect.equal (drifts s) 0 "no drift")
        testCase "an account that is older than a fill takes nothing back" (fun () ->
            let s = resting []
            s.FilledAsOf(2_000L, 1_990L, 1L, Side.Buy, 100L, 10L, 10L) |> ignore
            Expect.equal (s.SeenAsOf(2_010L, 1_980L, 0L, [ { Run = 1L; N = 1L } ])) [ "resync" ] "asked again"
            Expect.equal s.Position 10L "ours is newer"
            Expect.equal (drifts s) 0 "no drift")
        testCase "an account that is older than one that was believed is not believed" (fun () ->
            let s = Stage [ [] ]
            s.SeenAsOf(2_000L, 1_990L, 5L, []) |> ignore
            Expect.equal (s.SeenAsOf(2_010L, 1_980L, 0L, [])) [ "resync" ] "asked again"
            Expect.equal s.Position 5L "the newer word stands")
        testCase "an account that goes on being old is asked for at the pace of answers" (fun () ->
            let s = Stage [ [] ]
            s.SeenAsOf(2_000L, 1_990L, 0L, []) |> ignore
            Expect.equal (s.SeenAsOf(2_010L, 1_980L, 0L, [])) [ "resync" ] "asked again"
            Expect.equal (s.SeenAsOf(2_020L, 1_981L, 0L, [])) [] "old again: not at once"
            Expect.equal (s.Beat 5_000L) [] "not yet"
            Expect.equal (s.Beat 5_010L) [ "resync" ] "after the time of an answer"
            s.Seen(5_100L, 0L) |> ignore
            Expect.equal (s.Beat 9_000L) [] "a new word ends it")
        testCase "a fill that never comes is taken from the account when it has lasted" (fun () ->
            let s = resting []

            for ms in [ 2_000L; 3_000L; 4_000L ] do
                s.Seen(ms, 4L, [ 1L ]) |> ignore

            Expect.equal s.Position 0L "three looks in two seconds: it may still come"
            s.Seen(5_100L, 4L, [ 1L ]) |> ignore
            Expect.equal s.Position 4L "taken"
            Expect.equal (drifts s) 1 "and noted"
            s.FilledAsOf(5_200L, 1_900L, 1L, Side.Buy, 100L, 4L, 4L) |> ignore
            Expect.equal s.Position 4L "when it comes after all it is in there already"
            let balance = s.State.Facts.Ledger.Balance(AccountId.Of 0)
            Expect.equal balance.Raw 0L "and the books balance")
        testCase "an account in doubt is asked for again" (fun () ->
            let s = resting []
            s.Seen(2_000L, 4L, [ 1L ]) |> ignore
            Expect.equal (s.Beat 4_900L) [] "not yet"
            Expect.equal (s.Beat 5_000L) [ "resync" ] "after the time of an answer")
        testCase "a fill or an account stamped ahead of its arrival does not blind us for what comes" (fun () ->
            let hour = 3_600_000L
            let s = resting []
            s.FilledAsOf(2_000L, 2_000L + hour, 1L, Side.Buy, 100L, 10L, 10L) |> ignore
            Expect.equal s.Position 10L "counted"
            Expect.equal (s.Seen(4_000L, 12L)) [] "a newer word"
            Expect.equal s.Position 12L "is believed"

            let t = Stage [ [] ]
            t.SeenAsOf(2_000L, 2_000L + hour, 5L, []) |> ignore
            Expect.equal t.Position 5L "believed"
            t.Seen(4_000L, 7L) |> ignore
            Expect.equal t.Position 7L "and the newer one too")
        testCase "of a venue whose clock is ahead a fill that the position has in it counts once" (fun () ->
            for ahead in [ 0L; 900L; 2_400L; 50_000L ] do
                let s = Stage [ [] ]
                s.SeenAsOf(2_000L, 2_000L + ahead, 5L, []) |> ignore

                s.FilledAsOf(2_100L, 1_900L + ahead, 77L, Side.Buy, 100L, 1L, 1L) |> ignore

                Expect.equal s.Position 5L $"{ahead} ms ahead: it was before the look"

                s.FilledAsOf(2_200L, 2_050L + ahead, 78L, Side.Buy, 100L, 1L, 1L) |> ignore

                Expect.equal s.Position 6L $"{ahead} ms ahead: it was after the look")
        testCase "what no order explains is taken at once" (fun () ->
            let s = resting []
            s.Seen(2_000L, -3L, [ 1L ]) |> ignore
            Expect.equal s.Position -3L "no sell of ours was there"
            Expect.equal (drifts s) 1 "noted")
        testCase "a fill of an earlier life does not count twice" (fun () ->
            let s = Stage([ [] ], seenAt = 50L)
            s.FilledAsOf(120L, 20L, 77L, Side.Buy, 100L, 5L, 5L) |> ignore
            Expect.equal s.Position 0L "the first look had it")
    ]

let private orders =
    [
        testCase "an order in doubt that the account lists rests, and is pulled where it is unwanted" (fun () ->
            let s = Stage [ [ quote bid 100L 5L ]; [ Pull bid ] ]
            s.Beat 100L |> ignore
            s.Beat 200L |> ignore
            s.Beat 3_100L |> ignore
            Expect.equal (s.Seen(5_000L, 0L, [ 1L ])) [ "cancel 1" ] "it is there")
        testCase "an order that had ended for us and is listed is cancelled" (fun () ->
            let s = resting [ [ Pull bid ] ]
            s.Beat 200L |> ignore
            s.Cancelled(250L, 1L, 0L) |> ignore
            s.SeenAsOf(300L, 200L, 0L, [ { Run = 1L; N = 1L } ]) |> ignore

            let live = s.State.Facts.Orders.LiveCount
            Expect.equal live 0 "an older list says nothing"
            Expect.contains (s.Seen(2_000L, 0L, [ 1L ])) "cancel 1" "a newer one does")
        testCase "an order without an end that is no longer listed ends when the positions agree" (fun () ->
            let s = resting [ [ Pull bid ] ]
            s.Beat 200L |> ignore

            s.Told(250L, 1L, Answer.Ended(OrderStatus.Cancelled "canceled", ValueNone))
            |> ignore

            s.Filled(260L, 1L, Side.Buy, 100L, 4L, 4L) |> ignore
            s.Seen(2_000L, 6L) |> ignore
            Expect.equal s.State.Facts.Orders.LiveCount 1 "two lots are not here yet"
            s.Filled(2_010L, 1L, Side.Buy, 100L, 2L, 6L) |> ignore
            s.Seen(4_000L, 6L) |> ignore
            Expect.equal s.State.Facts.Orders.LiveCount 0 "all accounted for"
            Expect.equal s.Position 6L "held")
        testCase "an order that is no longer listed is in doubt and asked about" (fun () ->
            let s = resting []
            Expect.equal (s.Seen(2_000L, 0L)) [ "query 1" ] "asked"
            Expect.equal (s.Beat 5_000L) [ "query 1" ] "and again")
        testCase "a stranger of this run is cancelled where it stands, one of another is told once" (fun () ->
            let s = Stage [ [] ]
            let ours: Cloid = { Run = 1L; N = 99L }
            let other: Cloid = { Run = 7L; N = 3L }
            Expect.equal (s.SeenAsOf(2_000L, 2_000L, 0L, [ ours; other ])) [ "cancel 99" ] "ours"
            Expect.equal s.CancelledOn [ 0 ] "with its instrument"
            s.SeenAsOf(3_000L, 3_000L, 0L, [ other ]) |> ignore

            Expect.equal (toldOf s other) 1 "told once")
        testCase
            "while an order of this run that we do not know is open, nothing opens and the account is asked for"
            (fun () ->
                let s = Stage [ [ quote bid 100L 5L ] ]
                let ours: Cloid = { Run = 1L; N = 99L }
                Expect.equal (s.SeenAsOf(50L, 50L, 0L, [ ours ])) [ "cancel 99" ] "it is cancelled"
                Expect.equal (s.Beat 100L) [] "what it may fill is not known"
                Expect.equal (s.Beat 3_000L) [] "not yet"
                Expect.equal (s.Beat 3_050L) [ "resync" ] "after the time of an answer"
                Expect.equal (s.SeenAsOf(3_060L, 3_060L, 0L, [ ours ])) [ "cancel 99" ] "still there"
                s.Level(3_070L, Side.Buy, 99L, 11L) |> ignore
                Expect.equal (s.Beat 6_100L) [ "resync" ] "asked again"
                s.Level(6_110L, Side.Buy, 99L, 12L) |> ignore
                Expect.equal (s.Seen(6_120L, 0L)) [ "place 1 buy 5@100 alo" ] "gone"
                Expect.equal (s.Beat 9_100L) [] "and no more is asked")
        testCase "a stranger is told once, whatever is heard of other accounts" (fun () ->
            let s = Stage([ [] ], accounts = 2)
            let other: Cloid = { Run = 7L; N = 3L }
            s.SeenAsOf(2_000L, 2_000L, 0L, [ other ]) |> ignore
            s.SeenOn(1, 2_500L, 500L) |> ignore
            s.SeenAsOf(3_000L, 3_000L, 0L, [ other ]) |> ignore
            Expect.equal (toldOf s other) 1 "told once")
        testCase "an account is begun at its first look, whatever other accounts did" (fun () ->
            let s = Stage([ [] ], accounts = 2)
            s.Beat 100L |> ignore
            s.Filled(110L, 1L, Side.Buy, 100L, 1L, 1L) |> ignore
            s.SeenOn(1, 200L, 500L) |> ignore
            let cash = s.State.Facts.Ledger.CashOf(AccountId.Of 1)
            Expect.equal cash.Raw (500L * one) "its cash")
    ]

let private feeds =
    [
        testCase "each channel is lost and back by itself" (fun () ->
            let s = Stage [ [ quote bid 100L 5L ] ]
            s.Hear(10L, lost Channel.Bbo) |> ignore
            s.Hear(20L, lost Channel.Account) |> ignore
            s.Hear(30L, lost Channel.Trades) |> ignore
            s.Hear(40L, back Channel.Trades) |> ignore
            s.Seen(50L, 0L) |> ignore
            Expect.equal (s.Beat 100L) [] "two are lost"
            s.Hear(110L, back Channel.Account) |> ignore
            s.Seen(120L, 0L) |> ignore
            Expect.equal (s.Beat 200L) [] "one is")
        testCase "after a channel is back nothing opens before the account and the book have spoken" (fun () ->
            let s = Stage(List.replicate 4 [ quote bid 100L 5L ])
            s.Hear(10L, lost Channel.Book) |> ignore
            Expect.equal (s.Hear(20L, back Channel.Book)) [ "resync" ] "asked"
            Expect.equal (s.Beat 100L) [] "neither"
            s.Seen(110L, 0L) |> ignore
            Expect.equal (s.Beat 200L) [] "the account alone"
            s.Level(210L, Side.Buy, 99L, 11L) |> ignore
            Expect.equal (s.Beat 300L) [ "place 1 buy 5@100 alo" ] "and the book")
        testCase "an account that is owed after a lost channel or a drift is asked for until it has spoken" (fun () ->
            let s = Stage [ [] ]
            s.Hear(10L, lost Channel.Account) |> ignore
            Expect.equal (s.Hear(20L, back Channel.Account)) [ "resync" ] "asked"
            Expect.equal (s.Beat 3_000L) [] "not yet"
            Expect.equal (s.Beat 3_020L) [ "resync" ] "again: no answer came"
            s.Seen(3_100L, 5L) |> ignore
            Expect.equal (s.Beat 6_100L) [ "resync" ] "a drift: two more looks"
            s.Seen(6_200L, 5L) |> ignore
            Expect.equal (s.Beat 9_200L) [ "resync" ] "one more"
            s.Seen(9_300L, 5L) |> ignore
            Expect.equal (s.Beat 20_000L) [] "paid"
            Expect.isTrue s.State.Facts.Health.IsReady "ready")
        testCase "after the account's channel is back nothing opens before the account has spoken" (fun () ->
            let s = Stage [ [ quote bid 100L 5L ] ]
            s.Hear(10L, lost Channel.Account) |> ignore
            s.Hear(20L, back Channel.Account) |> ignore
            s.Level(30L, Side.Buy, 99L, 11L) |> ignore
            Expect.equal (s.Beat 100L) [] "not yet"
            Expect.equal (s.Seen(110L, 0L)) [ "place 1 buy 5@100 alo" ] "now")
    ]

let tests = testList "an account" (fills @ orders @ feeds)
