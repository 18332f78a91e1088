/// What one address may ask, with `--limits venue`.
module Vrlg.Venue.LimitCases

open System
open System.Net
open System.Net.WebSockets
open System.Text
open System.Text.Json
open System.Threading
open Expecto
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Client

let private limited () =
    VenueOptions(0, false, { config () with HasLimits = true })

let private on (clock: 'c :> TimeProvider) (test: VenueHost -> 'c -> unit) =
    let host = openWith clock (limited ())

    try
        test host clock
    finally
        close host

let private case (name: string) (test: VenueHost -> Shifted -> unit) =
    testCase name (fun () -> on (Shifted()) test)

let private ask (host: VenueHost) (body: string) =
    postText host "/info" "application/json" body

let private role () =
    $$"""{"type":"userRole","user":"{{addressOf 1uy}}"}"""

/// The status with which an upgrade is refused; 101 when it is not.
let private connect (host: VenueHost) : struct (int * Socket option) =
    use web = new ClientWebSocket()
    web.Options.CollectHttpResponseDetails <- true

    try
        web.ConnectAsync(Uri $"ws://127.0.0.1:{host.Port}/ws", CancellationToken.None).GetAwaiter().GetResult()
        web.Abort()
        struct (101, None)
    with :? WebSocketException ->
        struct (int web.HttpStatusCode, None)

let private code (host: VenueHost) =
    let struct (code, _) = connect host
    code

let private connections (host: VenueHost) =
    match host.Limits with
    | null -> 0
    | limits -> limits.Connections

let private subscribe (socket: Socket) (what: string) =
    socket.Send $$"""{"method":"subscribe","subscription":{{what}}}"""
    socket.Until(fun f -> f.Contains "subscriptionResponse" || f.Contains "\"error\"")

/// A hundred different subscriptions.
let private hundred =
    [
        for m in Listing.markets do
            for i in 0 .. Interval.all.Length - 1 do
                $$"""{"type":"candle","coin":"{{m.Coin}}","interval":"{{Interval.name i}}"}"""

            for kind in [ "bbo"; "trades"; "l2Book" ] do
                $$"""{"type":"{{kind}}","coin":"{{m.Coin}}"}"""
    ]
    |> List.truncate 100

let private order =
    """{"type":"order","orders":[{"a":0,"b":true,"p":"80000","s":"0.001","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"}"""

let private weights =
    [
        case "weights: 1,200 a minute, then 429 with null" (fun host clock ->
            for _ in 1..20 do
                let struct (code, _) = ask host (role ())
                Expect.equal code 200 "within"

            let struct (code, text) = ask host """{"type":"allMids"}"""
            Expect.equal (code, text) (429, "null") "beyond"

            use content =
                new Http.StringContent("""{"type":"allMids"}""", Encoding.UTF8, "application/json")

            use web = new Http.HttpClient()

            use reply =
                web.PostAsync($"http://127.0.0.1:{host.Port}/info", content).GetAwaiter().GetResult()

            Expect.equal (string reply.Content.Headers.ContentType) "application/json" "type"
            Expect.isFalse (reply.Headers.Contains "Retry-After") "no hint"
            use socket = new Socket(host)

            socket.Send
                """{"method":"post","id":3,"request":{"type":"info","payload":{"type":"l2Book","coin":"BTC"}}}"""

            Expect.equal
                (socket.Next())
                """{"channel":"post","data":{"id":3,"response":{"type":"error","payload":"429 Too Many Requests"}}}"""
                "posts count as well"

            clock.PutOn 60_000L
            let struct (code, _) = ask host """{"type":"allMids"}"""
            Expect.equal code 200 "a minute later")
        case "weights: rows of an answer count after it" (fun host _ ->
            let candles =
                """{"type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":0}}"""

            // 20 and 83 for 5,000 rows: after eleven there is room for another twenty, after twelve there is not.
            for _ in 1..12 do
                let struct (code, _) = ask host candles
                Expect.equal code 200 "within"

            let struct (code, _) = ask host candles
            Expect.equal code 429 "beyond")
        testCase "weights: the table" (fun () ->
            let of' path (body: string) =
                RequestWeight.Of(path, JsonDocument.Parse(body).RootElement)

            let batch name count =
                let items = String.Join(",", Seq.replicate count "{}")
                $$$"""{"action":{"{{{name}}}":[{{{items}}}]}}"""

            for kind in
                [
                    "l2Book"
                    "allMids"
                    "clearinghouseState"
                    "orderStatus"
                    "spotClearinghouseState"
                    "exchangeStatus"
                ] do
                Expect.equal (of' "/info" $$"""{"type":"{{kind}}"}""") 2 kind

            Expect.equal (of' "/info" """{"type":"userRole"}""") 60 "userRole"
            Expect.equal (of' "/info" """{"type":"meta"}""") 20 "others"
            Expect.equal (of' "/explorer" """{"type":"blockDetails"}""") 40 "explorer"

            for name in [ "orders"; "cancels"; "modifies" ] do
                for count, weight in [ 1, 1; 39, 1; 40, 2; 80, 3 ] do
                    Expect.equal (of' "/exchange" (batch name count)) weight $"{name} {count}"

            let rows (kind: string) count =
                let list = "[" + String.Join(",", Seq.replicate count "{\"a\":[1]}") + "]"
                let body = JsonDocument.Parse($$"""{"type":"{{kind}}"}""").RootElement
                RequestWeight.OfRows("/info", body, ReadOnlySpan(Encoding.UTF8.GetBytes list))

            Expect.equal (rows "userFills" 59) 2 "a weight each 20 rows"
            Expect.equal (rows "candleSnapshot" 119) 1 "each 60"
            Expect.equal (rows "openOrders" 500) 0 "others none")
    ]

let private sockets =
    [
        case "connections: ten at once, then 429 at the upgrade" (fun host _ ->
            let all = [ for _ in 1..10 -> new Socket(host) ]
            Expect.equal (code host) 429 "the eleventh"
            (all.Head :> IDisposable).Dispose()
            until "one went" (fun () -> connections host = 9)
            Expect.equal (code host) 101 "one went"

            for socket in all.Tail do
                (socket :> IDisposable).Dispose())
        case "connections: thirty new ones a minute" (fun host clock ->
            for _ in 1..30 do
                Expect.equal (code host) 101 "within"
                until "it went" (fun () -> connections host = 0)

            Expect.equal (code host) 429 "beyond"
            clock.PutOn 60_000L
            Expect.equal (code host) 101 "a minute later")
        case "subscriptions: a thousand over all connections" (fun host _ ->
            let all = [ for _ in 1..10 -> new Socket(host) ]

            for socket in all do
                for what in hundred do
                    Expect.stringContains (subscribe socket what) "subscriptionResponse" "within"

            let one = """{"type":"allMids"}"""

            Expect.equal
                (subscribe all.Head one)
                """{"channel":"error","data":"Cannot hold more than 1000 total subscriptions."}"""
                "beyond"

            (all[9] :> IDisposable).Dispose()
            until "it went" (fun () -> connections host = 9)
            Expect.stringContains (subscribe all.Head one) "subscriptionResponse" "a hundred went"

            for socket in all do
                (socket :> IDisposable).Dispose())
        case "users: ten over all connections" (fun host _ ->
            use a = new Socket(host)
            use b = new Socket(host)

            let of' (socket: Socket) kind (n: int) =
                let address = "0x" + n.ToString("x40")
                subscribe socket $$"""{"type":"{{kind}}","user":"{{address}}"}"""

            for n in 1..10 do
                Expect.stringContains (of' (if n % 2 = 0 then a else b) "orderUpdates" n) "Response" "within"

            Expect.equal
                (of' a "orderUpdates" 11)
                """{"channel":"error","data":"Cannot track more than 10 total users."}"""
                "beyond"

            Expect.stringContains (of' a "userEvents" 3) "Response" "one that is tracked"
            let gone = "0x" + (2).ToString("x40")
            a.Send $$$"""{"method":"unsubscribe","subscription":{"type":"orderUpdates","user":"{{{gone}}}"}}"""
            a.Until(fun f -> f.Contains "unsubscribe") |> ignore<string>
            Expect.stringContains (of' a "orderUpdates" 11) "Response" "in place of another")
        case "messages: two thousand a minute, then 1008" (fun host _ ->
            use socket = new Socket(host)

            for _ in 1..2_000 do
                socket.Send """{"method":"ping"}"""

            for _ in 1..2_000 do
                Expect.equal (socket.Next()) """{"channel":"pong"}""" "within"

            socket.Send """{"method":"ping"}"""
            let buffer = Array.zeroCreate<byte> 100

            let read =
                socket.Web.ReceiveAsync(ArraySegment buffer, CancellationToken.None).GetAwaiter().GetResult()

            Expect.equal read.MessageType WebSocketMessageType.Close "closed"
            Expect.equal socket.Web.CloseStatus (Nullable WebSocketCloseStatus.PolicyViolation) "1008")
        testCase "posts: a hundred wait, the next one is refused" (fun () ->
            on (Hands()) (fun host clock ->
                use socket = new Socket(host)

                let post (id: int) =
                    socket.Send
                        $$$"""{"method":"post","id":{{{id}}},"request":{"type":"action","payload":{{{signed 1uy order}}}}}"""

                // No block is closed while the clock stands.
                for id in 1..101 do
                    post id

                Expect.equal
                    (socket.Next())
                    """{"channel":"error","data":"too many pending post requests id=101"}"""
                    "refused"

                clock.PutOn 1_000L
                let answers = [ for _ in 1..100 -> socket.Next() ]
                Expect.isTrue (answers |> List.forall (fun f -> f.Contains "\"type\":\"action\"")) "answered"
                post 102

                until "another block" (fun () ->
                    clock.PutOn 200L
                    host.Look(fun s -> s.ByAddress[addressOf 1uy].Live.Count > 100))))
        testCase "without limits nothing of this holds" (fun () ->
            let host = openVenue ()

            try
                let all = [ for _ in 1..35 -> new Socket(host) ]

                for _ in 1..25 do
                    let struct (code, _) = ask host (role ())
                    Expect.equal code 200 "no weights"

                for socket in all do
                    Expect.isTrue (socket.IsAnswered()) "no connections too many"
                    (socket :> IDisposable).Dispose()
            finally
                close host)
    ]

let tests = testSequenced <| testList "limits" [ yield! weights; yield! sockets ]
