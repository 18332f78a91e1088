/// The venue over HTTP: shapes, statuses, signatures.
module Vrlg.Venue.OverHttp

open System
open System.Collections.Concurrent
open System.IO
open System.Net.Http
open System.Text.Json
open Expecto
open Vrlg.Shell.LocalVenue
open Vrlg.Venue.Client

let private has (host: VenueHost) (body: string) = (info host body).ValueKind

let private limit (px: string) (tif: string) =
    $$$$"""{"type":"order","orders":[{"a":0,"b":true,"p":"{{{{px}}}}","s":"0.01","r":false,"t":{"limit":{"tif":"{{{{tif}}}}"}}}],"grouping":"na"}"""

let tests =
    testSequenced
    <| testList
        "over HTTP"
        [
            testCase "every info request of the checklist is answered" (fun () ->
                let host = openVenue ()

                try
                    let user = addressOf 1uy

                    for kind in
                        [
                            "meta"
                            "metaAndAssetCtxs"
                            "spotMeta"
                            "spotMetaAndAssetCtxs"
                            "perpDexs"
                            "allPerpMetas"
                            "outcomeMeta"
                            "allMids"
                            "exchangeStatus"
                            "predictedFundings"
                            "validatorSummaries"
                        ] do
                        has host $$"""{"type":"{{kind}}"}""" |> ignore

                    for kind in
                        [
                            "clearinghouseState"
                            "spotClearinghouseState"
                            "openOrders"
                            "frontendOpenOrders"
                            "historicalOrders"
                            "userFills"
                            "userFunding"
                            "userRateLimit"
                            "userFees"
                            "userRole"
                            "userAbstraction"
                            "extraAgents"
                            "subAccounts"
                            "portfolio"
                            "userNonFundingLedgerUpdates"
                            "webData2"
                        ] do
                        has host $$"""{"type":"{{kind}}","user":"{{user}}"}""" |> ignore

                    for body in
                        [
                            """{"type":"l2Book","coin":"BTC"}"""
                            """{"type":"l2Book","coin":"BTC","nSigFigs":5,"mantissa":null}"""
                            """{"type":"recentTrades","coin":"BTC"}"""
                            """{"type":"fundingHistory","coin":"BTC","startTime":0}"""
                            $$"""{"type":"orderStatus","user":"{{user}}","oid":1}"""
                            $$"""{"type":"userFillsByTime","user":"{{user}}","startTime":0}"""
                            $$"""{"type":"maxBuilderFee","user":"{{user}}","builder":"{{user}}"}"""
                            """{"type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":0}}"""
                        ] do
                        has host body |> ignore

                    let bars =
                        info host """{"type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":0}}"""

                    Expect.equal (bars.GetArrayLength()) 5_000 "bars"
                    let fundings = info host """{"type":"fundingHistory","coin":"BTC","startTime":0}"""
                    Expect.equal (fundings.GetArrayLength()) 500 "a page"
                    let book = info host """{"type":"l2Book","coin":"BTC"}"""
                    let bids = (book.GetProperty "levels")[0]
                    Expect.equal (bids.GetArrayLength()) 20 "levels"
                    let unknown = has host """{"type":"l2Book","coin":"NONE"}"""
                    Expect.equal unknown JsonValueKind.Null "unknown coin"
                finally
                    close host)
            testCase "what is no request is refused in its own way" (fun () ->
                let host = openVenue ()

                try
                    let code path kind body =
                        let struct (code, _) = postText host path kind body
                        code

                    let deep = String('[', 100) + String(']', 100)
                    Expect.equal (code "/info" "application/json" "{") 400 "no JSON"
                    Expect.equal (code "/info" "application/json" deep) 400 "deep"
                    Expect.equal (code "/info" "text/plain" "{}") 415 "content type"
                    Expect.equal (code "/info" "application/json; charset=utf-8" """{"type":"meta"}""") 200 "charset"
                    Expect.equal (code "/info" "application/json" """{"type":"nothing"}""") 422 "unknown"

                    Expect.equal
                        (code "/info" "application/json" """{"type":"openOrders","user":"0x1"}""")
                        422
                        "address"

                    Expect.equal (code "/exchange" "application/json" """{"type":"meta"}""") 422 "no action"
                    Expect.equal (code "/exchange" "application/json" "[]") 422 "a list"
                    Expect.equal (code "/nothing" "application/json" "{}") 404 "path"
                    let struct (_, text) = postText host "/info" "application/json" "{}"
                    Expect.equal text "Failed to deserialize the JSON body into the target type" "text"

                    // The venue answers and closes before it has read all of it: the client asks before it sends.
                    let big =
                        use request =
                            new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{host.Port}/info")

                        request.Headers.ExpectContinue <- Nullable true
                        let body = "{\"type\":\"" + String('x', 2_000_000) + "\"}"
                        request.Content <- new StringContent(body, Text.Encoding.UTF8, "application/json")
                        use web = new HttpClient()
                        use reply = web.Send request
                        int reply.StatusCode

                    Expect.equal big 413 "too big"
                    Expect.equal (code "/info" "application/json" """{"type":"meta"}""") 200 "it lives"
                finally
                    close host)
            testCase "a signed order rests, another fills; a stranger and a broken signature are unknown" (fun () ->
                let host = openVenue ()

                try
                    Expect.stringContains (exchange host 1uy (limit "80000" "Gtc")) "\"resting\":{\"oid\":" "rests"

                    Expect.stringContains
                        (exchange host 1uy (limit "84500" "Ioc"))
                        "\"filled\":{\"totalSz\":\"0.01\""
                        "fills"

                    Expect.stringContains
                        (exchange host 9uy (limit "80000" "Gtc"))
                        $"User or API Wallet {addressOf 9uy} does not exist."
                        "stranger"

                    let fills = info host $$"""{"type":"userFills","user":"{{addressOf 1uy}}"}"""
                    Expect.isGreaterThan (fills.GetArrayLength()) 0 "fills"

                    let open' =
                        info
                            host
                            $$"""{"type":"openOrders","user":"{{(addressOf 1uy).ToUpperInvariant().Replace("0X", "0x")}}"}"""

                    Expect.equal (open'.GetArrayLength()) 1 "any letter case"
                finally
                    close host)
            testCase "keys in another order and idle zeros recover the same signer" (fun () ->
                let host = openVenue ()

                try
                    let body = signed 1uy (limit "80000" "Gtc")

                    let loose =
                        body.Replace("\"p\":\"80000\",\"s\":\"0.01\"", "\"s\":\"0.0100\",\"p\":\"80000.0\"")

                    Expect.notEqual loose body "changed"
                    let struct (_, text) = postText host "/exchange" "application/json" loose
                    Expect.stringContains text "resting" "accepted"
                    let struct (_, again) = postText host "/exchange" "application/json" loose
                    Expect.stringContains again "Invalid nonce: duplicate nonce" "once"
                finally
                    close host)
            testCase "a signature for the other network is unknown on the wire and named beside it" (fun () ->
                let host = openVenue ()

                try
                    let said = ConcurrentQueue<string>()
                    host.add_Said (fun s -> said.Enqueue s)

                    let struct (_, text) =
                        postText host "/exchange" "application/json" (signedFor true 1uy (limit "80000" "Gtc"))

                    Expect.stringContains text "does not exist." "wire"
                    until "it is said" (fun () -> said |> Seq.exists (fun s -> s.Contains "never use a real key here"))
                finally
                    close host)
            testCase "a transfer signed for the other network is refused on the wire and named beside it" (fun () ->
                let host = openVenue ()

                try
                    let said = ConcurrentQueue<string>()
                    host.add_Said (fun s -> said.Enqueue s)

                    let send (n: byte) (chain: string) =
                        let body =
                            userSigned n (fun nonce ->
                                $$"""{"type":"usdSend","hyperliquidChain":"{{chain}}","signatureChainId":"0x66eee","destination":"{{addressOf 2uy}}","amount":"5","time":{{nonce}}}""")

                        let struct (_, text) = postText host "/exchange" "application/json" body
                        text

                    Expect.stringContains (send 1uy "Testnet") "\"ok\"" "its own"
                    Expect.isEmpty said "nothing to say"
                    let refused = "Mainnet and testnet require different signature."
                    Expect.stringContains (send 9uy "Mainnet") "Must deposit" "a stranger's"
                    Expect.isEmpty said "nothing to warn of"
                    Expect.stringContains (send 1uy "Mainnet") refused "the wire"
                    until "it is said" (fun () -> said |> Seq.exists (fun s -> s.Contains "never use a real key here"))
                finally
                    close host)
            testCase "a port that is taken is said so" (fun () ->
                let host = openVenue ()

                try
                    let again () =
                        VenueHost
                            .Open(VenueOptions(host.Port, false, config ()), TimeProvider.System)
                            .GetAwaiter()
                            .GetResult()
                        |> ignore

                    Expect.throwsT<VenueException> again "taken"
                finally
                    close host)
            testCase "what another site's page sends is refused, what a page of this machine sends is not" (fun () ->
                let host = openVenue ()

                try
                    let code path (origin: string) body =
                        use web = new HttpClient()

                        use request =
                            new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{host.Port}{path}")

                        request.Headers.TryAddWithoutValidation("Origin", origin) |> ignore
                        request.Content <- new StringContent(body, Text.Encoding.UTF8, "application/json")
                        use reply = web.Send request
                        int reply.StatusCode

                    let meta = """{"type":"meta"}"""

                    for origin in
                        [
                            "https://example.org"
                            "http://127.0.0.1.example.org"
                            "http://localhost@example.org"
                            "null"
                            "file://"
                            "x"
                        ] do
                        Expect.equal (code "/info" origin meta) 403 origin
                        Expect.equal (code "/exchange" origin (signed 1uy (limit "80000" "Gtc"))) 403 origin
                        use web = new Net.WebSockets.ClientWebSocket()
                        web.Options.SetRequestHeader("Origin", origin)

                        let connect () =
                            web
                                .ConnectAsync(Uri $"ws://127.0.0.1:{host.Port}/ws", Threading.CancellationToken.None)
                                .GetAwaiter()
                                .GetResult()

                        Expect.throwsT<Net.WebSockets.WebSocketException> connect origin

                    let open' = info host $$"""{"type":"openOrders","user":"{{addressOf 1uy}}"}"""
                    Expect.equal (open'.GetArrayLength()) 0 "nothing rests"

                    for origin in [ "http://localhost:5173"; "http://127.0.0.1"; "https://LOCALHOST" ] do
                        Expect.equal (code "/info" origin meta) 200 origin
                finally
                    close host)
            testCase "texts that are none are no request" (fun () ->
                let host = openVenue ()

                try
                    let code path (body: byte[]) =
                        use web = new HttpClient()
                        use content = new ByteArrayContent(body)
                        content.Headers.ContentType <- Headers.MediaTypeHeaderValue "application/json"

                        use reply =
                            web.PostAsync($"http://127.0.0.1:{host.Port}{path}", content).GetAwaiter().GetResult()

                        int reply.StatusCode

                    let half = "\\ud800"
                    let latin (text: string) = Text.Encoding.Latin1.GetBytes text
                    let good = signed 1uy """{"type":"noop"}"""

                    for path, body in
                        [
                            "/info", $$"""{"type":"{{half}}"}"""
                            "/info", $$"""{"type":"openOrders","user":"{{half}}"}"""
                            "/info", "{\"type\":\"\u00ff\"}"
                            "/explorer", $$"""{"type":"txDetails","hash":"{{half}}"}"""
                            "/exchange", good.Replace("noop", half)
                            "/exchange", good.Replace("noop", "noop\",\"x\":\"\u00ff")
                            "/exchange", good.Replace("noop", "noop\",\"\u00ff\":\"1")
                        ] do
                        Expect.equal (code path (latin body)) 422 body
                finally
                    close host)
            testCase "a venue goes on from its log, and holds no signature in it" (fun () ->
                let path = Path.Combine(Path.GetTempPath(), $"venue-{Guid.NewGuid()}.log")
                let config = config ()

                let start () =
                    VenueHost.Open(VenueOptions(0, false, config, path), TimeProvider.System).GetAwaiter().GetResult()

                try
                    let host = start ()
                    exchange host 1uy (limit "80000" "Gtc") |> ignore
                    exchange host 1uy (limit "84500" "Ioc") |> ignore
                    // A client may write its JSON over many lines.
                    let wide = (limit "80001" "Gtc").Replace(",", ",\r\n  ")
                    Expect.stringContains (exchange host 1uy wide) "resting" "rests"

                    let state () =
                        $$"""{"type":"userFills","user":"{{addressOf 1uy}}"}"""

                    let fills = (info host (state ())).GetRawText()
                    Expect.throwsT<VenueException> (fun () -> start () |> ignore) "one venue a log"
                    close host
                    // What a kill in the middle of a write leaves.
                    File.AppendAllText(path, "{\"t\":17")
                    let host = start ()
                    Expect.equal ((info host (state ())).GetRawText()) fills "fills"
                    let open' = info host $$"""{"type":"openOrders","user":"{{addressOf 1uy}}"}"""
                    Expect.equal (open'.GetArrayLength()) 2 "open"
                    close host
                    Expect.isFalse (File.ReadAllText(path).Contains "signature") "no signature"
                finally
                    File.Delete path)
        ]
