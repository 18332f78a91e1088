/// A position of the scalper has its protective stop, however it came to be (reliability.md I8, F12).
module Vrlg.Stories.Protection

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Stories.Given

/// The scalper alone with an engine: exits by time and spread are far away, so that what leaves is the stop.
type private Scene() =
    let setup =
        Given.setup
            btc
            [
                "exec.exit_after_ms", "600000"
                "risk.time_stop_ms", "600000"
                "risk.backstop_bps", "0"
            ]

    let config = Setup.engine setup
    let mutable state = Engine.create config (Setup.desks setup)
    let mutable seq = 0L
    let mutable remarks = 0

    /// How often the scalper said anything to people.
    member _.Remarks = remarks

    member _.Hear(ms: int64, event: Event) : string list =
        let input = Stamped(seq, Instant.OfMs ms, event)
        seq <- seq + 1L
        let struct (next, output) = Engine.step config state &input
        state <- next

        if not output.Notes.IsDefaultOrEmpty then
            for n in output.Notes do
                if n.IsRemarked then
                    remarks <- remarks + 1

        if output.Commands.IsDefaultOrEmpty then
            []
        else
            [
                for c in output.Commands do
                    match c with
                    | Place a ->
                        let o = a.Order
                        let n = o.Cloid.N
                        let reduce = if o.ReduceOnly then " reduce-only" else ""
                        $"place {n} {Words.side o.Side} {o.Sz} {Words.tif o.Tif}{reduce}"
                    | Resync _ -> "resync"
                    | _ -> "other"
            ]

    member s.Level(ms: int64, side, price: int64, size: int64) =
        s.Hear(ms, Event.LevelMoved(id, side, Px.Of(price * one), Sz.Of(size * one), Instant.OfMs ms))

    /// The venue's word: long 0.002.
    member s.Long(ms: int64) = s.Holds(ms, 200_000L)

    /// The venue's word: so much, in 1e-8.
    member s.Holds(ms: int64, raw: int64) =
        let held: HeldPosition =
            {
                Instrument = id
                Position = Sz.Of raw
                AvgPx = Px.Of(100_000L * one)
            }

        let seen =
            RareEvent.AccountSeen
                {
                    Account = AccountId.Of 0
                    Cash = Usd.Of(10_000L * one)
                    Positions = ImmutableArray.Create<HeldPosition> held
                    Open = ImmutableArray.Empty
                }

        s.Hear(ms, Event.Of(seen, Instant.OfMs ms))

    member s.Operator(ms: int64, order) =
        s.Hear(ms, Event.Of(RareEvent.Operator order, Instant.OfMs ms))

    member s.Refused(ms: int64, n: int64) =
        let reply =
            RareEvent.Replied
                {
                    Account = AccountId.Of 0
                    Instrument = id
                    Cloid = { Run = 0L; N = n }
                    Answer = Answer.Refused(OrderStatus.Rejected "iocCancelRejected")
                }

        s.Hear(ms, Event.Of(reply, Instant.OfMs ms))

    /// A book of 100,000 and 100,004: the stop of a long position is at 99,999.
    member s.Book(ms: int64) =
        s.Level(ms, Side.Buy, 100_000L, 1L) |> ignore
        s.Level(ms, Side.Sell, 100_004L, 1L) |> ignore

    /// The ask falls to 100,002: a stop by the mid of now would be at 99,998.
    member s.Narrows(ms: int64) =
        s.Level(ms, Side.Sell, 100_002L, 1L) |> ignore

    /// The bid slips to 99,999; what that brings.
    member s.Slips(ms: int64) =
        s.Level(ms, Side.Buy, 99_999L, 1L) |> ignore
        s.Level(ms, Side.Buy, 100_000L, 0L)

    /// The bid falls to 99,990; what that brings.
    member s.Falls(ms: int64) =
        s.Level(ms, Side.Buy, 99_990L, 1L) |> ignore
        s.Level(ms, Side.Buy, 100_000L, 0L)

let private stop n =
    [ $"place {n} sell 0.002 ioc reduce-only" ]

let tests =
    testList
        "a position of the scalper"
        [
            testCase "that was there before the run has its stop at the first look" (fun () ->
                let s = Scene()
                s.Book 1L
                s.Long 2L |> ignore
                Expect.equal (s.Falls 10L) (stop 1) "the stop")
            testCase "has the age of what can leave, not of the dust that was there before" (fun () ->
                let s = Scene()
                s.Book 1L
                s.Holds(2L, 400L) |> ignore
                s.Book 700_000L
                Expect.equal (s.Holds(700_001L, 200_000L)) [] "no time-stop at once"
                Expect.equal (s.Falls 700_010L) (stop 1) "but its stop")
            testCase "known before there are prices has its stop with the first prices" (fun () ->
                let s = Scene()
                s.Long 2L |> ignore
                s.Book 3L
                Expect.equal (s.Falls 10L) (stop 1) "the stop")
            testCase
                "in a spread as wide as the stop is not left at once, but at the stop's ticks past the touch"
                (fun () ->
                    for ask in [ 100_005L; 100_006L; 100_020L ] do
                        let s = Scene()
                        s.Level(1L, Side.Buy, 100_000L, 1L) |> ignore
                        s.Level(1L, Side.Sell, ask, 1L) |> ignore
                        Expect.equal (s.Long 2L) [] $"the bid has not moved, with an ask of {ask}"
                        s.Level(10L, Side.Buy, 99_998L, 1L) |> ignore
                        Expect.equal (s.Level(20L, Side.Buy, 100_000L, 0L)) [] "two ticks against it"
                        s.Level(30L, Side.Buy, 99_997L, 1L) |> ignore
                        Expect.equal (s.Level(40L, Side.Buy, 99_998L, 0L)) (stop 1) "three")
            testCase "has its stop again, where it stood, when a flatten failed and a person resumed" (fun () ->
                let s = Scene()
                s.Book 1L
                s.Long 2L |> ignore
                Expect.equal (s.Operator(10L, OperatorOrder.Flatten)) (stop 1) "the flatten"
                s.Refused(20L, 1L) |> ignore
                s.Narrows 25L
                Expect.equal (s.Operator(30L, OperatorOrder.Resume)) [] "resumed"
                Expect.equal (s.Slips 40L) (stop 2) "the stop of before, not one of the mid of now")
            testCase "has its stop where it stood, whatever an operator says meanwhile" (fun () ->
                let s = Scene()
                s.Book 1L
                s.Long 2L |> ignore
                s.Narrows 10L
                Expect.equal (s.Operator(20L, OperatorOrder.Pause)) [] "paused"
                Expect.equal (s.Operator(30L, OperatorOrder.Resume)) [] "resumed"
                Expect.equal (s.Slips 40L) (stop 1) "the stop")
            testCase "of less than a lot is none: nothing leaves, and nothing is said of it" (fun () ->
                let s = Scene()
                s.Book 1L
                s.Holds(2L, 400L) |> ignore
                s.Level(700_000L, Side.Sell, 100_004L, 2L) |> ignore
                s.Level(700_100L, Side.Sell, 100_004L, 3L) |> ignore
                Expect.equal (s.Falls 700_200L) [] "no stop"
                Expect.equal s.Remarks 0 "no exit by its time")
            testCase "does not have the stop of one that was turned over and left" (fun () ->
                let s = Scene()
                s.Level(1L, Side.Buy, 100_000L, 5L) |> ignore
                s.Level(1L, Side.Sell, 100_004L, 5L) |> ignore
                s.Long 10L |> ignore
                s.Holds(20L, -200_000L) |> ignore
                s.Holds(30L, 0L) |> ignore
                // Lower by then, and with one side gone no stop can be set.
                s.Level(40L, Side.Sell, 100_004L, 0L) |> ignore
                s.Level(50L, Side.Buy, 99_000L, 5L) |> ignore
                s.Level(60L, Side.Buy, 100_000L, 0L) |> ignore
                Expect.equal (s.Long 70L) [] "it has none yet")
            testCase "keeps its stop over a lost feed" (fun () ->
                let s = Scene()
                s.Book 1L
                s.Long 2L |> ignore
                s.Hear(10L, Event.FeedLost(VenueId.Of 0, Channel.Book, ValueNone)) |> ignore

                Expect.equal
                    (s.Hear(20L, Event.FeedBack(VenueId.Of 0, Channel.Book, ValueNone)))
                    [ "resync" ]
                    "the feed is back"

                Expect.equal (s.Falls 40L) (stop 1) "the stop")
        ]
