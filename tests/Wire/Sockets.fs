/// The market's connection against a socket whose other side is the test.
module Vrlg.Wire.Sockets

open System
open Expecto
open Vrlg.Adapters.Hyperliquid.Feeds
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Wire.SocketHands
open Vrlg.Wire.SocketStage

let private life =
    testList
        "a feed"
        [
            testCase "asks for every channel once, and tells what comes as events" (fun () ->
                use s = new Stage()
                s.Opened()

                Expect.equal
                    s.Link.Sent
                    [
                        for coin in [ "BTC"; "@1" ] do
                            $"""{{"method":"subscribe","subscription":{{"type":"l2Book","coin":"{coin}","nSigFigs":null,"mantissa":null}}}}"""
                            $"""{{"method":"subscribe","subscription":{{"type":"bbo","coin":"{coin}"}}}}"""
                            $"""{{"method":"subscribe","subscription":{{"type":"trades","coin":"{coin}"}}}}"""
                            $"""{{"method":"subscribe","subscription":{{"type":"activeAssetCtx","coin":"{coin}"}}}}"""
                    ]
                    "subscriptions"

                Expect.isFalse s.Feed.IsLive "not before they stand"
                s.Link.Say "Websocket connection established."
                s.Acknowledge()
                Expect.isTrue s.Feed.IsLive "they stand"
                s.Link.Say(book "BTC" 100L "10.0" "11.0")
                s.Link.Say(bbo "@1" 110L "20.0" "21.0")
                s.Link.Say(trades "BTC" [ 1L, 50L; 2L, 90L ])
                s.Link.Say(trades "BTC" [ 2L, 90L; 3L, 120L; 3L, 120L ])
                s.Link.Say(context "BTC")
                s.Link.Say(bbo "DOGE" 130L "1.0" "2.0")

                Expect.equal
                    s.Notes.Said
                    [ "book 0 20 100"; "bbo 1 110"; "trade 0 3"; "context 0 10.25 10.5 12500000" ]
                    "events"

                Expect.equal s.Notes.Heard [ 100L; 110L; 120L ] "block times, none out of the backlog"
                Expect.equal s.Feed.Counts.Unread 0L "the greeting is no fault")
            testCase
                "after a break everything is lost, asked for anew, and back channel by channel before its words"
                (fun () ->
                    use s = new Stage()
                    s.Opened()
                    s.Acknowledge()
                    s.Link.Say(book "BTC" 100L "10.0" "11.0")
                    s.Link.Say(bbo "BTC" 100L "10.0" "11.0")
                    s.Link.Say(trades "BTC" [ 1L, 50L ])
                    s.Notes.Take() |> ignore
                    let old = s.Link
                    old.Close "gone"

                    Expect.equal
                        (s.Notes.Take() |> List.sort)
                        ([
                            for channel in [ "Book"; "Bbo"; "Trades"; "Context" ] do
                                for i in 0..1 do
                                    $"lost {channel} {i}"
                         ]
                         |> List.sort)
                        "lost"

                    s.Clock.Move 1_000L
                    Expect.isFalse (obj.ReferenceEquals(s.Link, old)) "a new connection"
                    s.Link.Open()
                    Expect.equal s.Link.Sent.Length 8 "asked for anew"
                    old.Say(book "BTC" 200L "1.0" "2.0")
                    old.Close "again"
                    Expect.equal (s.Notes.Take()) [] "the old one is out of hearing"
                    s.Acknowledge()
                    Expect.equal (s.Notes.Take()) [ "back Trades 0"; "back Trades 1" ] "silent channels"
                    s.Link.Say(trades "BTC" [ 1L, 50L; 2L, 150L ])
                    s.Link.Say(book "BTC" 300L "10.0" "11.0")
                    s.Link.Say(bbo "BTC" 300L "10.0" "11.0")
                    s.Link.Say(trades "BTC" [ 2L, 150L; 3L, 310L ])

                    Expect.equal
                        (s.Notes.Take())
                        [ "back Book 0"; "book 0 20 300"; "back Bbo 0"; "bbo 0 300"; "trade 0 3" ]
                        "what was missed is no flow")
            testCase "an acknowledgement after the first frame brings that frame again" (fun () ->
                use s = new Stage()
                s.Opened()
                s.Acknowledge()
                s.Link.Close "gone"
                s.Clock.Move 1_000L
                s.Link.Open()
                s.Link.Say(book "BTC" 300L "10.0" "11.0")
                s.Notes.Take() |> ignore
                s.Acknowledge()

                Expect.equal
                    (s.Notes.Take())
                    [ "back Book 0"; "book 0 20 300"; "back Trades 0"; "back Trades 1" ]
                    "the core waits for a word after the return")
            testCase "a half-open connection is pinged after a second and dead after three" (fun () ->
                use s = new Stage()
                s.Opened()
                s.Acknowledge()

                let pings () =
                    s.Link.Sent |> List.filter (fun f -> f = """{"method":"ping"}""") |> List.length

                s.Clock.Move 1_000L
                Expect.equal (pings ()) 1 "asked"
                s.Link.Say """{"channel":"pong"}"""
                Expect.equal (s.Notes.Take()) [ "alive" ] "it lives"
                s.Clock.Move 2_900L
                Expect.equal (pings ()) 2 "asked again"
                Expect.isFalse s.Link.IsGone "not yet"
                let old = s.Link
                s.Clock.Move 100L
                Expect.isTrue old.IsGone "dropped"
                Expect.isTrue (s.Notes.Take() |> List.contains "lost Book 0") "lost"
                s.Clock.Move 1_000L
                Expect.equal s.Transport.All.Length 2 "and made anew")
            testCase "garbage is counted and said, duplicates change nothing" (fun () ->
                use s = new Stage()
                s.Opened()
                s.Acknowledge()
                s.Acknowledge()

                for frame in
                    [
                        "{\"channel\":\"l2Book\",\"data\":{\"coin\":\"BTC\"}}"
                        "{\"channel\":"
                        "[1,2]"
                        "{\"channel\":\"bbo\",\"data\":7}"
                    ] do
                    s.Link.Say frame

                s.Link.Say ""
                s.Link.Say "{\"channel\":\"tomorrow\",\"data\":{}}"
                s.Link.Say(book "BTC" 100L "10.0" "11.0")
                s.Link.Say(book "BTC" 100L "10.0" "11.0")
                s.Link.Say(book "BTC" 90L "10.0" "11.0")
                Expect.equal (s.Notes.Take()) [ "book 0 20 100"; "book 0 20 100" ] "an older book is passed over"
                Expect.equal s.Feed.Counts.Unread 4L "counted"

                Expect.isTrue
                    (s.Said
                     |> List.exists (fun t -> t = "market: hyperliquid l2Book: time is missing"))
                    $"said: {s.Said}")
            testCase
                "a subscription that stands counts, one that is not wanted is said and holds up no other"
                (fun () ->
                    use s = new Stage()
                    s.Opened()

                    for asked in s.Link.Sent do
                        let what = asked.Substring(asked.IndexOf "{\"type\"").TrimEnd('}') + "}"

                        let words =
                            if what.Contains "bbo" && what.Contains "@1" then
                                "Invalid subscription "
                            else
                                "Already subscribed: "

                        let text = Text.Json.JsonSerializer.Serialize(words + what)
                        s.Link.Say($"{{\"channel\":\"error\",\"data\":{text}}}")

                    Expect.isTrue s.Feed.IsLive "all that is to be had"
                    s.Link.Say(bbo "@1" 100L "1.0" "2.0")
                    s.Link.Say(bbo "BTC" 100L "1.0" "2.0")

                    Expect.isTrue
                        (s.Said |> List.contains "market: bbo @1 is not to be had: Invalid subscription")
                        $"said: {s.Said}")
            testCase "books of both kinds are told apart, whatever the venue echoes" (fun () ->
                for isEchoed in [ true; false ] do
                    use s = new Stage(BookKinds.Both, false, SocketAllowance())
                    s.Opened()

                    for asked in s.Link.Sent do
                        let echo =
                            if isEchoed then
                                asked
                            else
                                asked.Replace(",\"fast\":true", "")

                        s.Link.Say($"{{\"channel\":\"subscriptionResponse\",\"data\":{echo}}}")

                    Expect.isTrue s.Feed.IsLive $"echoed: {isEchoed}"
                    s.Link.Close "gone"
                    s.Clock.Move 1_000L
                    s.Link.Open()
                    s.Acknowledge()
                    s.Notes.Take() |> ignore
                    s.Link.Say(fast (book "BTC" 100L "10.0" "11.0"))
                    Expect.equal (s.Notes.Take()) [ "book 0 5 100" ] "one of two is not back"
                    s.Link.Say(book "BTC" 150L "10.0" "11.0")
                    Expect.equal (s.Notes.Take()) [ "back Book 0"; "book 0 20 150" ] "both are"
                    s.Link.Say(fast (book "BTC" 140L "10.0" "11.0"))
                    Expect.equal (s.Notes.Take()) [] "the older block of the other")
            testCase "a quote that contradicts the book for a beat is lost until they agree" (fun () ->
                use s = new Stage()
                s.Opened()
                s.Acknowledge()
                let mutable at = 0L

                let next quote depth =
                    at <- at + 1_000L
                    s.Clock.Move 1_000L

                    for frame in Option.toList quote @ [ depth ] do
                        s.Link.Say frame

                for _ in 1..5 do
                    next (Some(bbo "BTC" at "10.0" "11.0")) (book "BTC" at "10.0" "11.0")

                s.Notes.Take() |> ignore
                next None (book "BTC" at "12.0" "13.0")
                next None (book "BTC" at "12.0" "13.0")
                next None (book "BTC" at "12.0" "13.0")
                next None (book "BTC" at "12.0" "13.0")
                let isLost = s.Notes.Take() |> List.filter (fun e -> e.StartsWith "lost")
                Expect.equal isLost [ "lost Bbo 0" ] "once"
                let last = at - 1_000L
                s.Link.Say(bbo "BTC" last "12.0" "13.0")

                Expect.equal
                    (s.Notes.Take())
                    [ $"bbo 0 {last}"; "back Bbo 0"; $"bbo 0 {last}" ]
                    "and its word is told again")
            testCase "blocks come over the explorer's connection" (fun () ->
                use s = new Stage(BookKinds.Full, true, SocketAllowance())
                s.Feed.Start()
                s.Clock.Move 0L
                let explorer = s.Transport.All |> List.find (fun l -> l.Where = network.Explorer)
                explorer.Open()
                let sent = """{"method":"subscribe","subscription":{"type":"explorerBlock"}}"""
                Expect.equal explorer.Sent [ sent ] "asked for"
                explorer.Say($"{{\"channel\":\"subscriptionResponse\",\"data\":{sent}}}")

                let block height =
                    $"{{\"blockTime\":{height * 10},\"hash\":\"0xab\",\"height\":{height},\"numTxs\":1,\"proposer\":\"0x00\"}}"

                explorer.Say $"[{block 8},{block 7}]"
                explorer.Say $"[{block 8},{block 9}]"
                Expect.equal (s.Notes.Take()) [ "block 7"; "block 8"; "block 9" ] "in order, once"
                explorer.Close "gone"
                Expect.equal (s.Notes.Take()) [ "lost Blocks" ] "all of the venue's"
                s.Clock.Move 1_000L
                let again = s.Transport.All |> List.findBack (fun l -> l.Where = network.Explorer)
                again.Open()
                again.Say($"{{\"channel\":\"subscriptionResponse\",\"data\":{sent}}}")
                again.Say $"[{block 12}]"
                Expect.equal (s.Notes.Take()) [ "back Blocks"; "block 12" ] "back")
        ]

let private bounds =
    testList
        "its bounds"
        [
            testCase "subscriptions wait for the allowance of messages, and go out when it is there" (fun () ->
                use s =
                    new Stage(BookKinds.Full, false, SocketAllowance(10, 30, 1_000, 10, 8, 100, 3))

                s.Opened()
                Expect.equal s.Link.Sent.Length 5 "up to the reserve"
                s.Acknowledge()

                for _ in 1..9 do
                    s.Clock.Move 1_000L
                    s.Link.Say """{"channel":"pong"}"""

                Expect.isLessThanOrEqual s.Link.Sent.Length 8 "never beyond what the venue allows")
            testCase "what exceeds the subscriptions of an address is not asked for, and said" (fun () ->
                use s =
                    new Stage(BookKinds.Full, false, SocketAllowance(10, 30, 6, 10, 2_000, 100, 500))

                s.Opened()
                Expect.equal s.Link.Sent.Length 6 "six"
                s.Acknowledge()
                Expect.isTrue s.Feed.IsLive "all that is to be had"
                Expect.isTrue (s.Said |> List.exists (fun t -> t.Contains "the venue allows 6 subscriptions")) "said"
                s.Link.Close "gone"
                Expect.equal (s.Limits.Connections, s.Limits.Subscriptions) (0, 0) "given back")
            testCase "without a place for a connection it waits, and says so" (fun () ->
                use s =
                    new Stage(BookKinds.Full, false, SocketAllowance(10, 2, 1_000, 10, 2_000, 100, 500))

                s.Feed.Start()
                s.Clock.Move 0L

                for _ in 1..20 do
                    (List.last s.Transport.All).Close "refused"
                    s.Clock.Move 1_000L

                Expect.equal s.Transport.All.Length 2 "two a minute"
                Expect.isTrue (s.Said |> List.exists (fun t -> t.Contains "2 new connections a minute")) "said"
                s.Clock.Move 60_000L
                Expect.isGreaterThan s.Transport.All.Length 2 "later it goes on")
            testCase "a run that takes no market data is told on: it leaves the market by what comes later" (fun () ->
                use s = new Stage()
                s.Opened()
                s.Acknowledge()
                s.Notes.IsFull <- true
                s.Link.Say(book "BTC" 100L "10.0" "11.0")
                s.Notes.IsFull <- false
                s.Link.Say(book "BTC" 200L "10.0" "11.0")
                Expect.isFalse s.Link.IsGone "its connection stands"
                Expect.equal (Seq.last s.Notes.Said) "book 0 20 200" "a later book")
        ]

let tests = testList "sockets" [ life; bounds ]
