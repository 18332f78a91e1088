/// Which exit goes when several are due at one instant (X12): kill, stop, time-stop, collapse, ideal exit, the quote's time.
module Vrlg.Stories.Precedence

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Stories.Given

type private Cause =
    | Kill
    | Stop
    | TimeStop
    | Collapse
    | Ideal

/// First of all first.
let private causes = [ Kill; Stop; TimeStop; Collapse; Ideal ]

let private word cause =
    match cause with
    | Kill -> "kill"
    | Stop -> "stop"
    | TimeStop -> "time_stop"
    | Collapse -> "collapse"
    | Ideal -> "ideal"

let private opened = 10L
let private due = 1_010L

/// A long or short position of the scalper in a book of 100,000 and 100,004; at 1,010 ms all the causes are there at once, in one
/// message. Answers with what was sent: a word for every order, in order.
let private left (isLong: bool) (now: Cause list) : string list =
    let is cause = List.contains cause now

    let setup =
        Given.setup
            btc
            [
                "exec.exit_after_ms", (if is Ideal then "1000" else "600000")
                "risk.time_stop_ms", (if is TimeStop then "1000" else "600000")
            ]

    let config = Setup.engine setup
    let mutable state = Engine.create config (Setup.desks setup)
    let mutable seq = 0L
    let sent = ResizeArray<string>()
    let mutable remark = ""

    let wordOf (o: NewOrder) =
        match state.Facts.Orders.TryFind o.Cloid with
        | ValueNone -> "?"
        | ValueSome order ->
            let slot = order.Slot

            if slot.IsFlatten then "kill"
            elif slot.IsBackstop then "backstop"
            elif slot.Name = RotationScalper.GuardSlot then "stop"
            else remark

    let hear (ms: int64) (event: Event) =
        let input = Stamped(seq, Instant.OfMs ms, event)
        seq <- seq + 1L
        let struct (next, output) = Engine.step config state &input
        state <- next

        if not output.Notes.IsDefaultOrEmpty then
            for n in output.Notes do
                match n with
                | Remarked(_, r) when r.Code.StartsWith "exit." -> remark <- r.Code.Substring 5
                | _ -> ()

        if not output.Commands.IsDefaultOrEmpty then
            for c in output.Commands do
                match c with
                | Place a -> sent.Add(wordOf a.Order)
                | _ -> ()

    let quotes bid ask ms =
        let at px : PxSz voption =
            ValueSome { Px = Px.Of(px * one); Sz = Sz.Of one }

        Event.BboMoved(id, at bid, at ask, Instant.OfMs ms)

    let held: HeldPosition =
        {
            Instrument = id
            Position = Sz.Of(if isLong then 200_000L else -200_000L)
            AvgPx = Px.Of(100_002L * one)
        }

    let seen: AccountFacts =
        {
            Account = AccountId.Of 0
            Cash = Usd.Of(10_000L * one)
            Positions = ImmutableArray.Create<HeldPosition> held
            Open = ImmutableArray.Empty
        }

    hear 1L (quotes 100_000L 100_004L 1L)
    hear opened (Event.Of(RareEvent.AccountSeen seen, Instant.OfMs opened))
    // The stop at the exchange has gone out and rests.
    Expect.equal (List.ofSeq sent) [ "backstop" ] "protected"
    sent.Clear()

    // The stop is at 99,999, or at 100,005: three from the mid. A book of one tick has collapsed.
    let away = if is Stop then 10L else 0L
    let wide = if is Collapse then 1L else 4L

    let struct (bid, ask) =
        if isLong then
            struct (100_000L - away, 100_000L - away + wide)
        else
            struct (100_004L + away - wide, 100_004L + away)

    if is Kill then
        let killed =
            Event.Of(RareEvent.Operator(OperatorOrder.Kill "test"), Instant.OfMs due)

        hear due (killed.AsPart())

    hear due (quotes bid ask due)
    List.ofSeq sent

let private pairs =
    [
        for i in 0 .. causes.Length - 1 do
            for j in i .. causes.Length - 1 do
                [ causes[i]; causes[j] ] |> List.distinct
    ]

// ---- the quote's own time ----

open Vrlg.Stories.Script

/// A quote that rests until 1,100 ms beside a position of five, guarded at 98.
let private quoted (last: Intent list) =
    let s =
        Stage
            [
                [ quote bid 100L 5L ]
                [ Guard(exit, px 98L); quoteUntil ask 104L 3L 1_100L ]
                last
            ]

    s.Beat 100L |> ignore
    s.Accepted(150L, 1L) |> ignore
    s.Filled(160L, 1L, Side.Buy, 100L, 5L, 5L) |> ignore
    Expect.equal (s.Beat 200L) [ "place 2 sell 3@104 alo" ] "a quote with a time"
    s.Accepted(250L, 2L) |> ignore
    s

let tests =
    testList
        "exits due at one instant"
        [
            for now in pairs do
                for isLong in [ true; false ] do
                    let names = List.map word now |> String.concat " and "
                    let side = if isLong then "long" else "short"

                    testCase $"{names}, {side}: {word now.Head} goes, alone" (fun () ->
                        Expect.equal (left isLong now) [ word now.Head ] names)
            testCase "all of them: the kill goes, alone" (fun () ->
                Expect.equal (left true causes) [ "kill" ] "long"
                Expect.equal (left false causes) [ "kill" ] "short")
            testCase "an exit and the time of a quote: one cancel, one cross" (fun () ->
                let s = quoted [ Pull ask; Take(slot Side.Sell 2, sz 5L, px 99L, true) ]
                Expect.equal (s.Beat 1_100L) [ "cancel 2"; "place 3 sell 5@99 ioc reduce-only" ] "both"
                Expect.equal (s.Beat 1_200L) [] "once")
            testCase "the stop and the time of a quote: one cancel, one cross" (fun () ->
                let s = quoted []
                s.Level(1_050L, Side.Buy, 98L, 5L) |> ignore
                let hit = s.Level(1_100L, Side.Buy, 99L, 0L)
                Expect.equal hit.Head "cancel 2" "the quote's time"
                Expect.equal hit.Length 2 "and one cross"
                Expect.stringContains hit[1] "ioc reduce-only" "of the stop")
            testCase "the kill and the time of a quote: one cancel, one cross" (fun () ->
                let s = quoted []
                let killed = s.Operator(1_100L, OperatorOrder.Kill "test")
                Expect.equal killed.Head "cancel 2" "once"
                Expect.equal killed.Length 2 "and the flatten"
                Expect.stringContains killed[1] "ioc reduce-only" "crosses")
        ]
