/// What nobody honest sends: refused in its own way, nothing changed by it, and the venue lives on.
module Vrlg.Venue.Hostile

open System
open System.IO
open System.Net
open System.Net.Sockets
open System.Net.WebSockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Client

/// Everything of the accounts that are not the venue's own: money, positions, orders, nonces.
let digest (host: VenueHost) : string =
    host.Look(fun s ->
        let text = StringBuilder()

        for a in s.Accounts do
            if not (Residents.isOne a.Index) then
                text.Append(a.Address).Append(' ').Append(s.House.PerpCash[a.Index]).Append(' ')
                |> ignore

                text.Append(s.House.SpotCash[a.Index]).Append(' ').Append(a.Orders.Count).Append(' ')
                |> ignore

                text.Append(a.Live.Count).Append(' ').Append(a.Fills.Count).Append(' ')
                |> ignore

                for m in Listing.markets do
                    text.Append(s.Position(a.Index, m)).Append(' ') |> ignore

        for pair in s.Nonces |> Seq.sortBy (fun p -> p.Key) do
            text.Append(pair.Key).Append('=').Append(String.Join(',', pair.Value)) |> ignore

        text.ToString())

let private order =
    """{"type":"order","orders":[{"a":0,"b":true,"p":"80000","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"}"""

/// Runs something against a venue with an order and a position in it; nothing of that may change from what was prepared on.
let private unmovedAfter (name: string) (prepare: VenueHost -> 'a) (test: VenueHost -> 'a -> unit) =
    testCase name (fun () ->
        let host = openVenue ()

        try
            exchange host 1uy order |> ignore<string>
            exchange host 1uy (order.Replace("80000", "84500")) |> ignore<string>
            let prepared = prepare host
            let before = digest host
            test host prepared
            Expect.equal (digest host) before "nothing changed"
            let status = info host """{"type":"exchangeStatus"}"""
            Expect.equal status.ValueKind Text.Json.JsonValueKind.Object "it lives"
            use socket = new Socket(host)
            Expect.isTrue (socket.IsAnswered()) "its sockets too"
            Expect.isFalse host.Running.IsCompleted "and its blocks"
        finally
            close host)

let private unmoved (name: string) (test: VenueHost -> unit) =
    unmovedAfter name ignore (fun host () -> test host)

/// Sends raw bytes and reads until the venue closes, or as much as was asked for.
let private raw (host: VenueHost) (bytes: byte[]) : string =
    use client = new TcpClient()
    client.Connect(IPAddress.Loopback, host.Port)
    use stream = client.GetStream()
    stream.ReadTimeout <- 120_000
    stream.Write(bytes, 0, bytes.Length)
    let answer = new MemoryStream()
    let buffer = Array.zeroCreate<byte> 4_096

    try
        let mutable n = stream.Read(buffer, 0, buffer.Length)

        while n > 0 do
            answer.Write(buffer, 0, n)
            n <- stream.Read(buffer, 0, buffer.Length)
    with :? IOException ->
        ()

    Encoding.Latin1.GetString(answer.ToArray())

let private head (host: VenueHost) (lines: string list) =
    String.Join("\r\n", [ yield "POST /info HTTP/1.1"; yield! lines; yield ""; yield "" ])

let private json = "application/json"

let private status (host: VenueHost) path kind (body: string) =
    let struct (code, _) = postText host path kind body
    code

/// How a connection ends that sends one message.
let private closing (host: VenueHost) (kind: WebSocketMessageType) (bytes: byte[]) : WebSocketCloseStatus voption =
    use web = new ClientWebSocket()
    web.ConnectAsync(Uri $"ws://127.0.0.1:{host.Port}/ws", CancellationToken.None).GetAwaiter().GetResult()

    let send =
        task {
            try
                do! web.SendAsync(ArraySegment bytes, kind, true, CancellationToken.None)
            with
            | :? WebSocketException
            | :? IOException -> ()
        }

    let buffer = Array.zeroCreate<byte> 1_000_000

    try
        let mutable read =
            web.ReceiveAsync(ArraySegment buffer, CancellationToken.None).GetAwaiter().GetResult()

        send.Wait()

        match read.MessageType with
        | WebSocketMessageType.Close when web.CloseStatus.HasValue -> ValueSome web.CloseStatus.Value
        | _ -> ValueNone
    with :? WebSocketException ->
        ValueSome WebSocketCloseStatus.Empty

let private overHttp =
    [
        unmoved "garbage, depth, size and type of a body" (fun host ->
            for path in [ "/info"; "/exchange"; "/explorer" ] do
                for body in
                    [
                        ""
                        "{"
                        "\u0000\u0001"
                        "null "
                        "[[[["
                        String('[', 100_000)
                        "{\"a\":" + String('{', 50)
                    ] do
                    let code = status host path json body
                    // The explorer says what is wrong within its answer.
                    let isRefused = code = 400 || code = 422 || path = "/explorer"
                    Expect.isTrue isRefused $"{path} {code} of {body.Length} characters"

                let deep = String('[', 33) + String(']', 33)
                Expect.equal (status host path json deep) 400 "deep"
                Expect.equal (status host path "text/plain" "{}") 415 "type"
                Expect.equal (status host path "application/x-www-form-urlencoded" "a=1") 415 "form"
                Expect.equal (status host "/nothing" json "{}") 404 "path")
        unmoved "a body of ten megabytes" (fun host ->
            for path in [ "/info"; "/exchange" ] do
                let bytes =
                    head
                        host
                        [
                            "Host: 127.0.0.1"
                            "Content-Type: application/json"
                            "Content-Length: 10000000"
                        ]

                let text = raw host (Encoding.ASCII.GetBytes(bytes.Replace("/info", path)))
                Expect.stringStarts text "HTTP/1.1 413" "too large, said before it is read"

            // Without a length it is read until it is too much; the venue may close before all was sent.
            let lines =
                head
                    host
                    [
                        "Host: 127.0.0.1"
                        "Content-Type: application/json"
                        "Transfer-Encoding: chunked"
                    ]

            let text =
                raw host (Encoding.ASCII.GetBytes(lines + "200000\r\n" + String('1', 0x200000)))

            Expect.isTrue (text = "" || text.StartsWith "HTTP/1.1 413") text
            let long = head host [ "Host: 127.0.0.1"; "X-Long: " + String('x', 100_000) ]
            let text = raw host (Encoding.ASCII.GetBytes long)
            Expect.isTrue (text = "" || text.StartsWith "HTTP/1.1 431") text)
        unmoved "what is no HTTP, and names that are not this machine's" (fun host ->
            Expect.stringStarts
                (raw host [| 0x16uy; 3uy; 1uy; 0uy; 200uy; 1uy; 13uy; 10uy; 13uy; 10uy |])
                "HTTP/1.1 400"
                "TLS"

            for name in [ "example.org"; "127.0.0.1.example.org"; "[::1]"; "10.0.0.1" ] do
                let text =
                    head
                        host
                        [
                            $"Host: {name}"
                            "Content-Type: application/json"
                            "Content-Length: 2"
                            "Connection: close"
                        ]

                Expect.stringStarts (raw host (Encoding.ASCII.GetBytes(text + "{}"))) "HTTP/1.1 403" name)
        unmovedAfter
            "nonces again, forged and torn signatures"
            (fun host ->
                let once = signed 2uy """{"type":"noop"}"""
                postText host "/exchange" json once |> ignore
                once)
            (fun host once ->
                let good = signed 1uy order

                for _ in 1..3 do
                    let struct (_, text) = postText host "/exchange" json once
                    Expect.stringContains text "Invalid nonce: duplicate nonce" "again"

                let at = good.IndexOf "\"r\":\"0x" + 10
                let other = if good[at] = '0' then "1" else "0"
                let forged = good.Remove(at, 1).Insert(at, other)
                let struct (code, text) = postText host "/exchange" json forged
                Expect.equal code 200 "forged"
                Expect.isTrue (text.Contains "does not exist" || text.Contains "Unable to recover") text
                Expect.equal (status host "/exchange" json (good.Replace("\"r\":\"0x", "\"r\":\"zz"))) 422 "no digits"
                Expect.equal (status host "/exchange" json (good.Replace("\"v\":2", "\"v\":9"))) 422 "no recovery"
                let moved = good.Replace("80000", "80001")
                let struct (_, text) = postText host "/exchange" json moved
                Expect.isTrue (text.Contains "does not exist" || text.Contains "Unable to recover") "another price")
        unmoved "more items than an action may hold" (fun host ->
            let one =
                """{"a":0,"b":true,"p":"80000","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}}}"""

            let action =
                "{\"type\":\"order\",\"orders\":["
                + String.Join(",", Seq.replicate 1_001 one)
                + "],\"grouping\":\"na\"}"

            Expect.stringContains (exchange host 1uy action) "Too many items in one action" "refused")
        unmoved "headers and bodies that drip" (fun host ->
            let begun =
                head host [ "Host: 127.0.0.1"; "Content-Type: application/json"; "Content-Length: 1000" ]

            let drip (text: string) =
                Task.Factory.StartNew(
                    (fun () -> raw host (Encoding.ASCII.GetBytes text)),
                    TaskCreationOptions.LongRunning
                )

            let slowHead = drip (begun.Substring(0, 40))
            let slowBody = drip (begun + "{\"type\"")
            // Both are answered or cut by the venue, while it answers others.
            Expect.equal (status host "/info" json """{"type":"allMids"}""") 200 "others"
            Expect.stringStarts slowHead.Result "HTTP/1.1 408" "the head"
            Expect.isTrue (slowBody.Result = "" || slowBody.Result.StartsWith "HTTP/1.1 408") slowBody.Result)
    ]

let private overSocket =
    [
        unmoved "frames that are none" (fun host ->
            use socket = new Socket(host)

            for text in
                [
                    ""
                    "null"
                    "[]"
                    "{}"
                    "\"ping\""
                    """{"method":"pong"}"""
                    """{"method":["ping"]}"""
                    """{"method":"subscribe"}"""
                    """{"method":"subscribe","subscription":[]}"""
                    """{"method":"post","id":"1","request":{}}"""
                    """{"method":"post","id":1,"request":{"type":"action"}}"""
                    """{"method":"post","id":99999999999999999999,"request":{"type":"info","payload":{}}}"""
                    String('[', 5_000)
                    "{\"method\":\"\\ud800\"}"
                ] do
                socket.Send text
                Expect.stringStarts (socket.Next()) "{\"channel\":\"error\"" text

            socket.Send """{"method":"post","id":1,"request":{"type":"info","payload":{"type":"\ud800"}}}"""
            Expect.stringContains (socket.Next()) "422 " "half a character"
            Expect.isTrue (socket.IsAnswered()) "and goes on")
        unmoved "bytes that are no text, and more than a message may hold" (fun host ->
            let text = WebSocketMessageType.Text
            let broken = closing host text [| 0xFFuy; 0xFEuy; 0x7Buy |]
            Expect.isTrue (broken.IsSome || broken.IsNone) "closed or refused"
            let large = closing host text (Array.create 3_000_000 32uy)
            Expect.isTrue large.IsSome "closed"
            let binary = closing host WebSocketMessageType.Binary [| 1uy; 2uy; 3uy |]
            Expect.isTrue (binary.IsSome || binary.IsNone) "closed or refused")
    ]

let tests =
    testSequenced <| testList "hostile" [ yield! overHttp; yield! overSocket ]
