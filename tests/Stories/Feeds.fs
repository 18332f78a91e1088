/// Channels that die, lie or fall silent: which best quotes stand, and what may be decided on them.
module Vrlg.Stories.Feeds

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private level price size : PxSz = { Px = px price; Sz = sz size }

let private bbo (venueMs: int64) (bidPx, bidSz) (askPx, askSz) =
    Event.BboMoved(id, ValueSome(level bidPx bidSz), ValueSome(level askPx askSz), Instant.OfMs venueMs)

let private book (venueMs: int64) bid ask =
    let side price =
        ImmutableArray.Create<PxSz>(level price 5L)

    Event.BookMoved(id, Depth(20, side bid, side ask), Instant.OfMs venueMs)

let private touch (s: Stage) =
    let t = s.State.Facts.Market(id).Touch
    t.BidPx.Raw / one, t.AskPx.Raw / one

/// The reasons of the last refusal.
let private refused (s: Stage) =
    s.Notes
    |> Seq.choose (fun n ->
        match n with
        | Refused(_, _, breaches) -> Some(Seq.toList breaches)
        | _ -> None)
    |> Seq.tryLast

let private stale = Some [ Breach.StaleData id ]

/// Best quotes once, then only whole books until 60 s; their venue instants as asked.
let private dead (venueAt: int64 -> int64) =
    let s = Stage [ [ quote bid 88L 5L ] ]
    s.Hear(10L, bbo 10L (99L, 5L) (101L, 5L)) |> ignore

    for ms in 500L..500L..60_000L do
        s.Hear(ms, book (venueAt ms) 89L 91L) |> ignore

    s

let private heard (event: Event) =
    let s = Stage [ [ quote bid 90L 5L ] ]
    s.Hear(50L, event) |> ignore
    s, s.Beat 100L

/// A book record at 1 s, heartbeats, and the next record after `silence`.
let private silent (silence: int64) =
    let s = Stage []
    s.Level(1_000L, Side.Buy, 98L, 5L) |> ignore

    for ms in 1_100L .. 100L .. 1_000L + silence do
        s.Beat ms |> ignore

    s.Level(1_000L + silence, Side.Buy, 98L, 6L) |> ignore
    s

let tests =
    testList
        "a feed"
        [
            testCase "whose best quotes died hands the touch to the books that live" (fun () ->
                let s = dead (fun ms -> ms)
                Expect.equal (touch s) (89L, 91L) "the book's"
                Expect.equal (s.Beat 60_100L) [ "place 1 buy 5@88 alo" ] "and it is young enough to quote on")
            testCase "whose books died keeps the best quotes that live" (fun () ->
                let s = Stage [ [ quote bid 90L 5L ] ]
                s.Hear(10L, book 10L 89L 91L) |> ignore

                for ms in 500L..500L..60_000L do
                    s.Hear(ms, bbo ms (99L, 5L) (101L, 5L)) |> ignore

                Expect.equal (touch s) (99L, 101L) "the best quotes"
                Expect.equal (s.Beat 60_100L) [ "place 1 buy 5@90 alo" ] "young too")
            testCase "whose live channel only tells the past gives nothing to decide on" (fun () ->
                // The books arrive, but speak of instants before the best quotes: the touch stays, and it is old.
                let s = dead (fun _ -> 5L)
                Expect.equal (touch s) (99L, 101L) "the newest word"
                Expect.isEmpty (s.Beat 60_100L) "nothing is placed"
                Expect.equal (refused s) stale "the channel of the touch is a minute old")
            testCase "with both of one venue instant believes the best quotes" (fun () ->
                let s = Stage []
                s.Hear(10L, bbo 10L (99L, 5L) (101L, 5L)) |> ignore
                s.Hear(10L, book 10L 99L 102L) |> ignore
                Expect.equal (touch s) (99L, 101L) "D0-034")
            testCase "with crossed best quotes gives nothing to decide on" (fun () ->
                let s, sent = heard (bbo 50L (105L, 5L) (101L, 5L))
                Expect.isEmpty sent "nothing is placed"
                Expect.equal (refused s) stale "why"
                let market = s.State.Facts.Market id
                Expect.isTrue (ValueOption.isNone market.Feature) "no features either")
            testCase "with a best quote of size 0 has no such side" (fun () ->
                let s, sent = heard (bbo 50L (99L, 5L) (101L, 0L))
                Expect.isEmpty sent "nothing is placed"
                Expect.equal (refused s) stale "why"
                Expect.equal (touch s) (99L, 0L) "an empty side has no price")
            testCase "silent past its limit between two heartbeats begins an era" (fun () ->
                // 2,000 ms are the limit; no heartbeat falls between 3,000 ms and the record.
                for silence, era in [ 1_990L, 0; 2_000L, 0; 2_001L, 1; 2_090L, 1; 2_500L, 1 ] do
                    let s = silent silence
                    Expect.equal (s.State.Facts.Market(id).Era) era $"a silence of {silence} ms"
                    Expect.isFalse (s.State.Facts.Market(id).InGap) "it is over")
            testCase "whose message carries no levels at all is an empty book, not a crash" (fun () ->
                let nothing = Unchecked.defaultof<ImmutableArray<PxSz>>
                let s = Stage []

                s.Hear(50L, Event.BookMoved(id, Depth(20, nothing, nothing), Instant.OfMs 50L))
                |> ignore

                Expect.equal (touch s) (0L, 0L) "both sides are empty")
        ]
