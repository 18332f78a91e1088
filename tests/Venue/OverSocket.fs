/// The venue over its WebSocket.
module Vrlg.Venue.OverSocket

open System
open System.Threading
open Expecto
open Vrlg.Adapters.Hyperliquid.Wire
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Client

let private subscribe (what: string) =
    $$"""{"method":"subscribe","subscription":{{what}}}"""

let private on (test: Vrlg.Shell.LocalVenue.VenueHost -> Socket -> unit) () =
    let host = openVenue ()

    try
        use socket = new Socket(host)
        test host socket
    finally
        close host

let private order (px: string) =
    $$$$"""{"type":"order","orders":[{"a":0,"b":true,"p":"{{{{px}}}}","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"}"""

let tests =
    testSequenced
    <| testList
        "over the socket"
        [
            testCase
                "ping, pong"
                (on (fun _ socket ->
                    socket.Send """{"method":"ping"}"""
                    Expect.equal (socket.Next()) """{"channel":"pong"}""" "pong"))
            testCase
                "acknowledgements are brought to their normal form"
                (on (fun _ socket ->
                    for asked, echo in
                        [
                            """{"type":"l2Book","coin":"BTC"}""",
                            """{"type":"l2Book","coin":"BTC","nSigFigs":null,"mantissa":null}"""
                            $$"""{"type":"userFills","user":"{{(addressOf 1uy).ToUpperInvariant().Replace("0X", "0x")}}"}""",
                            $$"""{"type":"userFills","user":"{{addressOf 1uy}}","aggregateByTime":false}"""
                            """{"type":"trades","coin":"BTC"}""", """{"type":"trades","coin":"BTC"}"""
                        ] do
                        socket.Send(subscribe asked)
                        let ack = socket.Until(fun f -> f.Contains "subscriptionResponse")

                        Expect.equal
                            ack
                            $$$"""{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{{{echo}}}}}"""
                            "ack"))
            testCase
                "what is wrong is said with what was asked"
                (on (fun _ socket ->
                    let until (part: string) = socket.Until(fun f -> f.Contains part)
                    socket.Send "{"
                    until "Error parsing JSON into valid websocket request: {" |> ignore
                    socket.Send(subscribe """{"type":"bbo","coin":"NONE"}""")
                    until "Invalid subscription" |> ignore
                    socket.Send(subscribe """{"type":"bbo","coin":"BTC"}""")
                    socket.Send(subscribe """{"type":"bbo","coin":"BTC"}""")
                    until "Already subscribed: " |> ignore
                    socket.Send("""{"method":"unsubscribe","subscription":{"type":"trades","coin":"BTC"}}""")
                    until "Already unsubscribed: " |> ignore))
            testCase
                "market streams bring frames"
                (on (fun _ socket ->
                    for what, channel in
                        [
                            """{"type":"l2Book","coin":"BTC","fast":true}""", "l2Book"
                            """{"type":"bbo","coin":"BTC"}""", "bbo"
                            """{"type":"trades","coin":"BTC"}""", "trades"
                            """{"type":"candle","coin":"BTC","interval":"1m"}""", "candle"
                            """{"type":"allMids"}""", "allMids"
                            """{"type":"activeAssetCtx","coin":"BTC"}""", "activeAssetCtx"
                            """{"type":"activeAssetCtx","coin":"@1"}""", "activeSpotAssetCtx"
                        ] do
                        socket.Send(subscribe what)
                        socket.Until(fun f -> f.StartsWith $"{{\"channel\":\"{channel}\"") |> ignore))
            testCase "marks and middles: all of them at first, then those that changed" (fun () ->
                let s = Given.venue Given.config
                let marks = FastMarks()

                let told (text: string | null) : string list =
                    match text with
                    | null -> []
                    | text ->
                        let frame = "{\"channel\":\"fastAssetCtxs\",\"data\":\"" + text + "\"}"
                        let mutable message: StreamMessage | null = null
                        let mutable error: WireError | null = null

                        match Streams.TryRead(Text.Encoding.UTF8.GetBytes frame, &message, &error), message with
                        | true, (:? StreamMessage.MarksMoved as moved) -> [ for r in moved.Rows -> r.Coin ]
                        | _ -> failtest $"{error}"

                let all = [ for m in Listing.markets -> m.Coin ]
                Expect.equal (told (FastMarks.All s)) all "the first picture"
                Expect.equal (told (marks.Changes s)) all "nothing was told yet"
                Expect.equal (told (marks.Changes s)) [] "nothing changed"
                s.Markets[0].Mark <- s.Markets[0].Mark + 1_000_000L
                Expect.equal (told (marks.Changes s)) [ all[0] ] "one did")
            testCase
                "blocks come bare, their heights without a gap"
                (on (fun _ socket ->
                    socket.Send(subscribe """{"type":"explorerBlock"}""")

                    let height (f: string) =
                        Text.Json.JsonDocument.Parse(f).RootElement[0].GetProperty("height").GetInt64()

                    socket.Until(fun f -> f.StartsWith "[{\"blockTime\"") |> ignore
                    let first = height (socket.Next())

                    for i in 1L .. 10L do
                        Expect.equal (height (socket.Next())) (first + i) "height"))
            testCase
                "an order over the socket: its update, then its answer"
                (on (fun _ socket ->
                    socket.Send(subscribe $$"""{"type":"orderUpdates","user":"{{addressOf 1uy}}"}""")
                    socket.Next() |> ignore

                    socket.Send
                        $$$"""{"method":"post","id":7,"request":{"type":"action","payload":{{{signed 1uy (order "80000")}}}}}"""

                    let update = socket.Next()

                    Expect.stringStarts
                        update
                        "{\"channel\":\"orderUpdates\",\"data\":[{\"order\":{\"coin\":\"BTC\""
                        "update"

                    Expect.stringContains update "\"status\":\"open\"" "open"
                    let answer = socket.Next()

                    Expect.stringStarts
                        answer
                        "{\"channel\":\"post\",\"data\":{\"id\":7,\"response\":{\"type\":\"action\",\"payload\":{\"status\":\"ok\""
                        "answer"

                    socket.Send
                        """{"method":"post","id":8,"request":{"type":"info","payload":{"type":"l2Book","coin":"BTC"}}}"""

                    let book = socket.Next()

                    Expect.stringContains
                        book
                        "\"payload\":{\"type\":\"l2Book\",\"data\":{\"coin\":\"BTC\""
                        "info is wrapped once more"

                    socket.Send """{"method":"post","id":9,"request":{"type":"info","payload":{"type":"nothing"}}}"""
                    Expect.stringContains (socket.Next()) "\"type\":\"error\",\"payload\":\"422 " "unreadable"))
            testCase
                "fills come once, with what they cost"
                (on (fun host socket ->
                    socket.Send(subscribe $$"""{"type":"userFills","user":"{{addressOf 1uy}}"}""")
                    socket.Until(fun f -> f.Contains "\"isSnapshot\":true") |> ignore
                    exchange host 1uy (order "84500") |> ignore
                    let frame = socket.Until(fun f -> f.StartsWith "{\"channel\":\"userFills\"")
                    Expect.stringContains frame "\"crossed\":true" "taker"
                    Expect.stringContains frame "\"feeToken\":\"USDC\"" "fee"))
            testCase "who does not read is dropped, the others go on" (fun () ->
                let host = openVenue ()
                use dropped = new ManualResetEventSlim()

                host.add_Said (fun sentence ->
                    if sentence.Contains "slow consumer" then
                        dropped.Set())

                try
                    use lazy' = new Socket(host)
                    use other = new Socket(host)

                    for i in 1..60 do
                        lazy'.Send(
                            "{\"method\":\"post\",\"id\":"
                            + string i
                            + ",\"request\":{\"type\":\"info\",\"payload\":"
                            + """{"type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":0}}}}"""
                        )

                    Expect.isTrue (dropped.Wait 60_000) "the venue says that it was dropped, and why"
                    other.Send """{"method":"ping"}"""
                    Expect.equal (other.Next()) """{"channel":"pong"}""" "the other"
                finally
                    close host)
        ]
