/// Market frames: the scanners against the general codec, on every sample and on samples that were damaged.
module Vrlg.Wire.MarketFrameTests

open System
open System.IO
open System.Text
open System.Text.Json
open Expecto
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Wire
open Vrlg.Core

let private coins =
    CoinTable(
        [ "BTC", 0; "HYPE", 1; "@107", 2; "xyz:GOLD", 3 ]
        |> Seq.map (fun (name, i) -> System.Collections.Generic.KeyValuePair(name, InstrumentId.Of i))
    )

/// What an event says, in words that can be compared.
let private told (e: Event) : string =
    let at = e.VenueAt

    match e.Kind with
    | EventKind.BboMoved ->
        $"bbo {e.Instrument.Index} {at.Ns} {e.BidPx}/{e.BidSz} {e.AskPx}/{e.AskSz} {e.HasBid} {e.HasAsk} {e.IsPart}"
    | EventKind.Traded -> $"trade {e.Instrument.Index} {at.Ns} {e.Side} {e.Px} {e.Sz} {e.C} {e.IsPart}"
    | EventKind.BookMoved ->
        match e.Depth with
        | null -> "no depth"
        | d ->
            let side (levels: Collections.Immutable.ImmutableArray<PxSz>) =
                levels |> Seq.map (fun l -> $"{l.Px}x{l.Sz}") |> String.concat " "

            $"book {e.Instrument.Index} {at.Ns} {d.Limit} [{side d.Bids}] [{side d.Asks}] {e.IsPart}"
    | kind -> $"{kind}"

let private all (batch: EventBatch) : string list =
    [
        for e in batch.Events.ToArray() do
            told e
    ]

let private scanned (frame: byte[]) : string list option =
    let batch = EventBatch()

    match MarketFrames(coins).Read(ReadOnlySpan frame, batch) with
    | FrameOutcome.Decoded -> Some(all batch)
    | _ ->
        Expect.equal batch.Events.Length 0 "nothing is left of a frame that was not read"
        None

let private decoded (frame: byte[]) : Result<string list, string> =
    let batch = EventBatch()
    let mutable error: WireError | null = null

    match MarketCodec(coins).Read(ReadOnlyMemory frame, batch, &error), error with
    | FrameOutcome.Decoded, null -> Ok(all batch)
    | FrameOutcome.Decoded, e -> failtestf "decoded with an error %O" e
    | _, null -> Error "other"
    | _, e ->
        Expect.equal batch.Events.Length 0 "nothing is believed of a frame with an error"
        Error(string e)

/// Every frame of the samples: a file holds one message, or an array of messages.
let private frames () : (string * byte[]) list =
    let folder = Shared.find "data/hyperliquid/responses"

    [
        for path in Directory.GetFiles(folder, "ws-*.json") |> Array.sort do
            let bytes = File.ReadAllBytes path
            let name = string (Path.GetFileName path)
            use json = JsonDocument.Parse(ReadOnlyMemory bytes)

            if json.RootElement.ValueKind = JsonValueKind.Array then
                for e in json.RootElement.EnumerateArray() do
                    name, Encoding.UTF8.GetBytes(e.GetRawText())
            else
                name, Encoding.UTF8.GetBytes(json.RootElement.GetRawText())
    ]

let private utf8 (text: string) = Encoding.UTF8.GetBytes text

let private book =
    """{"channel":"l2Book","data":{"coin":"BTC","time":1,"levels":[[{"px":"2.0","sz":"1.5","n":1},{"px":"1.9","sz":"2","n":1}],[{"px":"2.1","sz":"0.5","n":3}]]}}"""

let private bbo =
    """{"channel":"bbo","data":{"coin":"BTC","time":5,"bbo":[{"px":"83757.0","sz":"22.61305","n":81},null]}}"""

let private trades =
    """{"channel":"trades","data":[{"coin":"BTC","side":"A","px":"106296.0","sz":"0.00017","time":7,"hash":"0x00","tid":293353986402527,"users":["0xcc","0xc6"]},{"coin":"BTC","side":"B","px":"106297","sz":"1","time":7,"hash":"0x00","tid":4,"users":["0xcc","0xc6"]},{"coin":"NONE","side":"B","px":"1","sz":"1","time":7,"hash":"0x00","tid":4,"users":["0xcc","0xc6"]}]}"""

/// One random change of a frame: bytes replaced, removed, doubled, or a piece of another frame.
let private damaged (random: Random) (frame: byte[]) : byte[] =
    let interesting = "\"{}[],:.-+eE0123456789nulltruefalse\\ \u0000"B
    let bytes = ResizeArray frame

    for _ in 0 .. random.Next 3 do
        let at = random.Next bytes.Count

        match random.Next 5 with
        | 0 -> bytes[at] <- interesting[random.Next interesting.Length]
        | 1 -> bytes.RemoveAt at
        | 2 -> bytes.Insert(at, interesting[random.Next interesting.Length])
        | 3 -> bytes.RemoveRange(at, min (random.Next 12) (bytes.Count - at))
        | _ -> bytes.InsertRange(at, bytes.GetRange(at, min (random.Next 40) (bytes.Count - at)))

        if bytes.Count = 0 then
            bytes.Add 32uy

    bytes.ToArray()

/// The scanner never believes what the codec refuses, and never reads something else.
let private campaign (seed: int) (count: int) (sources: byte[][]) =
    let random = Random seed
    let mutable taken = 0

    for i in 1..count do
        let frame = damaged random sources[random.Next sources.Length]

        match scanned frame, decoded frame with
        | Some a, Ok b ->
            taken <- taken + 1

            if a <> b then
                failtestf "seed %d case %d: %A against %A in %s" seed i a b (Encoding.UTF8.GetString frame)
        | Some _, Error why ->
            failtestf "seed %d case %d: read what the codec refuses (%s): %s" seed i why (Encoding.UTF8.GetString frame)
        | None, _ -> ()

    taken

let tests =
    testList
        "market frames"
        [
            testCase "every sample is read alike by scanner and codec" (fun () ->
                let mutable read = 0

                for name, frame in frames () do
                    match decoded frame with
                    | Error "other" -> Expect.isNone (scanned frame) name
                    | Error why -> failtestf "%s: %s" name why
                    | Ok events ->
                        // Files that were laid out by hand are the codec's.
                        let isWire = not (Array.contains (byte '\n') frame)

                        if isWire then
                            Expect.equal (scanned frame) (Some events) name
                            read <- read + 1

                Expect.isGreaterThanOrEqual read 6 "samples")
            testCase "what the frames say" (fun () ->
                Expect.equal
                    (scanned (utf8 book))
                    (Some [ "book 0 1000000 20 [2x1.5 1.9x2] [2.1x0.5] False" ])
                    "a book"

                Expect.equal
                    (scanned (utf8 (book.Replace("]]}}", "]],\"fast\":true}}"))))
                    (Some [ "book 0 1000000 5 [2x1.5 1.9x2] [2.1x0.5] False" ])
                    "a fast one"

                Expect.equal
                    (scanned (utf8 bbo))
                    (Some [ "bbo 0 5000000 83757/22.61305 0/0 True True False" ])
                    "a best quote with an empty side"

                Expect.equal
                    (scanned (utf8 trades))
                    (Some
                        [
                            "trade 0 7000000 Sell 106296 0.00017 293353986402527 True"
                            "trade 0 7000000 Buy 106297 1 4 False"
                        ])
                    "trades: the aggressor's side, parts of one message, no coin that the run does not have"

                Expect.equal (scanned (utf8 (bbo.Replace("BTC", "NONE")))) (Some []) "another coin")
            testCase "members in another order, unknown ones and white space are the codec's" (fun () ->
                let other =
                    """ {"data": {"time": 5, "more": [1], "bbo": [{"n": 1, "sz": "22.61305", "px": "83757.0"}, null], "coin": "BTC"}, "channel": "bbo"}"""

                Expect.isNone (scanned (utf8 other)) "not the scanner's"
                Expect.equal (decoded (utf8 other)) (decoded (utf8 bbo)) "the same event")
            testCase "what is missing is named" (fun () ->
                let cases =
                    [
                        bbo.Replace("\"time\":5,", ""), "time"
                        bbo.Replace("\"px\":\"83757.0\",", ""), "px"
                        bbo.Replace("83757.0", "83757.123456789"), "px"
                        bbo.Replace("83757.0", "-1"), "px"
                        bbo.Replace("83757.0", "1e400"), "px"
                        bbo.Replace("\"83757.0\"", "83757.0"), "px"
                        bbo.Replace(",null]", "]"), "bbo"
                        trades.Replace("\"side\":\"A\"", "\"side\":\"X\""), "side"
                        trades.Replace("\"tid\":4", "\"tid\":4.5"), "tid"
                        book.Replace("\"levels\":[[", "\"levels\":[[5,"), "px"
                    ]

                for text, field in cases do
                    match decoded (utf8 text) with
                    | Ok events -> failtestf "%s was read: %A" text events
                    | Error why -> Expect.stringContains why $": {field} " text)
            testCase "a million digits, deep nests and no JSON are answers, not crashes" (fun () ->
                for text in
                    [
                        ""
                        "Websocket connection established."
                        String('[', 100_000)
                        "{\"channel\":\"bbo\",\"data\":" + String('{', 5_000)
                        bbo.Replace("83757", String('9', 1_000_000))
                        bbo.Replace("\"time\":5", "\"time\":99999999999999999999999")
                        "\uFEFF" + bbo
                        // A text that is no text, and a time that no clock has.
                        bbo.Replace("BTC", "\\ud800")
                        bbo.Replace("\"time\":5", "\"time\":9223372036855")
                        trades.Replace("\"time\":7", "\"time\":9223372036855")
                        book.Replace("\"time\":1", "\"time\":9223372036855")
                    ] do
                    Expect.isNone (scanned (utf8 text)) "not the scanner's"
                    Expect.isError (decoded (utf8 text)) "an error")
            testCase "ten thousand damaged frames: never more believed than the codec believes" (fun () ->
                let sources = [| utf8 book; utf8 bbo; utf8 trades |]
                let taken = campaign 3 10_000 sources
                Expect.isGreaterThan taken 50 "some damage is harmless, or the test says nothing")
            testCase "a best quote and trades are read without a byte of garbage" (fun () ->
                let reader = MarketFrames coins
                let batch = EventBatch()
                let one, other = utf8 bbo, utf8 trades

                let read count =
                    for _ in 1..count do
                        reader.Read(ReadOnlySpan one, batch) |> ignore
                        reader.Read(ReadOnlySpan other, batch) |> ignore

                read 20_000
                let before = GC.GetAllocatedBytesForCurrentThread()
                read 1_000
                Expect.equal (GC.GetAllocatedBytesForCurrentThread() - before) 0L "bytes")
        ]
