/// The rest of hyperliquid-protocol.md 10.6 (see Choices.fs): rows that need a connection.
module Vrlg.Venue.WebChoices

open System.Text.Json
open Expecto
open Vrlg.Shell.LocalVenue
open Vrlg.Venue.Client

let private buy (asset: string) (px: string) (sz: string) (tif: string) =
    """{"type":"order","orders":[{"a":ASSET,"b":true,"p":"PX","s":"SZ","r":false,"t":{"limit":{"tif":"TIF"}}}],"grouping":"na"}"""
        .Replace("ASSET", asset)
        .Replace("PX", px)
        .Replace("SZ", sz)
        .Replace("TIF", tif)

let private web =
    let with' (f: VenueHost -> unit) () =
        let host = openVenue ()

        try
            f host
        finally
            close host

    let me = addressOf 1uy

    [
        testCase "order of userFills and other snapshots"
        <| with' (fun host ->
            for px in [ "84500"; "84600" ] do
                exchange host 1uy (buy "0" px "0.01" "Ioc") |> ignore

            use socket = new Socket(host)
            socket.Send("""{"method":"subscribe","subscription":{"type":"userFills","user":"ME"}}""".Replace("ME", me))
            let frame = socket.Until(fun f -> f.Contains "isSnapshot")

            let rows =
                JsonDocument.Parse(frame).RootElement.GetProperty("data").GetProperty "fills"

            let oids = [ for f in rows.EnumerateArray() -> f.GetProperty("oid").GetInt64() ]
            Expect.isGreaterThan oids.Length 1 "fills"
            Expect.equal oids (List.sortDescending oids) "newest first")
        testCase "unknown coin, dex, address"
        <| with' (fun host ->
            let said body = (info host body).GetRawText()
            Expect.equal (said """{"type":"l2Book","coin":"NONE"}""") "null" "an object"
            Expect.equal (said """{"type":"recentTrades","coin":"NONE"}""") "[]" "a list"
            Expect.equal (said """{"type":"meta","dex":"none"}""") "null" "dex, an object"
            Expect.equal (said $$"""{"type":"openOrders","user":"{{me}}","dex":"none"}""") "[]" "dex, a list"
            let user = "0x9999999999999999999999999999999999999999"

            let of' kind =
                info host $$"""{"type":"{{kind}}","user":"{{user}}"}"""

            let state = of' "clearinghouseState"
            Expect.equal ((state.GetProperty("marginSummary").GetProperty "accountValue").GetString()) "0.0" "numbers"
            Expect.equal ((of' "userFills").GetRawText()) "[]" "lists"
            Expect.equal ((of' "portfolio").GetArrayLength()) 8 "eight rows"
            Expect.equal ((of' "userRole").GetRawText()) """{"role":"missing"}""" "role")
        testCase "malformed input"
        <| with' (fun host ->
            let order = """{"type":"order","orders":[],"grouping":"na"}"""

            let vault =
                (signed 1uy order).Replace("\"nonce\"", "\"vaultAddress\":\"\",\"nonce\"")

            for path, body in
                [
                    "/info", """{"type":"openOrders","user":"0x1"}"""
                    "/info", """{"type":"candleSnapshot","req":{"coin":"BTC","interval":"7m","startTime":0}}"""
                    "/exchange", vault
                ] do
                let struct (code, text) = postText host path "application/json" body
                Expect.equal code 422 body
                Expect.stringStarts text "Failed to deserialize" body

            use web = new System.Net.Http.HttpClient()

            use ask =
                new System.Net.Http.HttpRequestMessage(
                    System.Net.Http.HttpMethod.Options,
                    $"http://127.0.0.1:{host.Port}/info"
                )

            use reply = web.Send ask
            Expect.equal (int reply.StatusCode) 200 "OPTIONS"

            let allows name =
                reply.Headers.GetValues name |> String.concat ","

            Expect.stringContains (allows "Access-Control-Allow-Methods") "POST" "methods"
            Expect.stringContains ((allows "Access-Control-Allow-Headers").ToLowerInvariant()) "content-type" "headers")
        testCase "dex scope"
        <| with' (fun host ->
            exchange host 1uy (buy "10001" "30" "1" "Gtc") |> ignore
            exchange host 1uy (buy "0" "80000" "0.01" "Gtc") |> ignore

            let coins kind =
                [
                    for o in (info host $$"""{"type":"{{kind}}","user":"{{me}}"}""").EnumerateArray() ->
                        o.GetRawText().Contains "\"coin\":\"@1\""
                ]

            Expect.equal (coins "openOrders") [ false; true ] "orders of the first dex and of spot"
            Expect.equal (coins "historicalOrders") [ false; true ] "history of all")
        testCase "post"
        <| with' (fun host ->
            use socket = new Socket(host)
            let stranger = signed 7uy """{"type":"noop"}"""

            socket.Send(
                """{"method":"post","id":1,"request":{"type":"action","payload":"""
                + stranger
                + "}}"
            )

            let said = socket.Until(fun f -> f.Contains "\"id\":1")
            Expect.stringContains said "\"type\":\"action\",\"payload\":{\"status\":\"err\"" "a whole action's error"
            socket.Send """{"method":"post","id":2,"request":{"type":"action","payload":{"action":{}}}}"""
            let said = socket.Until(fun f -> f.Contains "\"id\":2")
            Expect.stringContains said "\"type\":\"error\",\"payload\":\"422 Failed to" "an invalid payload")
        testCase "userAbstraction"
        <| with' (fun host ->
            let said = info host $$"""{"type":"userAbstraction","user":"{{me}}"}"""
            Expect.equal (said.GetRawText()) "\"default\"" "its word")
    ]

let tests = testSequenced <| testList "choices over the web" web
