/// Recorded market data: the real sets, and everything that can be wrong with a file.
module Vrlg.Wire.Recordings

open System
open System.IO
open System.IO.Compression
open System.Text
open System.Threading
open Expecto
open Vrlg.Adapters.Recordings
open Vrlg.Core

let private id = InstrumentId.Of 0

let read (options: RecordingOptions) (folder: string) (coin: string) =
    Recording.Read(RecordingFolder.Scan(folder).Find(coin), id, options, null, CancellationToken.None)

let plain = RecordingOptions()

let private rows (path: string) : int =
    use file = File.OpenRead path
    use unpacked = new GZipStream(file, CompressionMode.Decompress)
    use text = new StreamReader(unpacked)
    text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1

let count (kind: EventKind) (r: Recording) =
    r.Events |> Seq.filter (fun e -> e.Kind = kind) |> Seq.length

let private isOrdered (r: Recording) =
    let rank i =
        match r.Events[i].Kind with
        | EventKind.Traded -> 0
        | EventKind.BookMoved -> 1
        | _ -> 2

    seq { 1 .. r.Events.Length - 1 }
    |> Seq.forall (fun i ->
        r.VenueAt[i - 1] < r.VenueAt[i]
        || (r.VenueAt[i - 1] = r.VenueAt[i] && rank (i - 1) <= rank i))

let private real =
    [
        "hyperliquid-l2-20250904", [ "BTC"; "SOL"; "WLFI" ]
        "hyperliquid-l2-20251210", [ "ETH" ]
        "hyperliquid-bbo-202509", [ "BTC" ]
    ]

// ---- files of our own ----

let inFolder (files: (string * byte[]) list) (act: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-recordings-").FullName

    try
        for name, content in files do
            File.WriteAllBytes(Path.Combine(folder, name), content)

        act folder
    finally
        Directory.Delete(folder, true)

let utf8 (text: string) = Encoding.UTF8.GetBytes text

let gzip (content: byte[]) =
    use all = new MemoryStream()

    (use z = new GZipStream(all, CompressionLevel.Optimal)
     z.Write(ReadOnlySpan content))

    all.ToArray()

let bboHead = "timestamp,price,size,side,exchange_timestamp\n"
let tradeHead = "timestamp,price,size,side,trade_id,exchange_timestamp\n"
let bbo = bboHead + "1.5,100,2,bid,1000\n1.5,101,3,ask,1000\n"

let refusal (files: (string * byte[]) list) (options: RecordingOptions) : string =
    let mutable sentence = ""

    inFolder files (fun folder ->
        try
            read options folder "BTC" |> ignore<Recording>
        with :? RecordingException as e ->
            sentence <- e.Message)

    sentence

let refused (name: string) (files: (string * byte[]) list) (parts: string list) =
    testCase name (fun () ->
        let sentence = refusal files plain
        Expect.isNotEmpty sentence "it was taken"

        for part in parts do
            Expect.stringContains sentence part "the sentence")

let quotes (text: string) = [ "bbo_BTC.csv", utf8 text ]

let withRow (row: string) =
    quotes (bboHead + "1.5,100,2,bid,1000\n" + row + "\n")

let private cut (bytes: int) =
    let packed =
        gzip (
            utf8 (
                bbo
                + String.replicate 400 "2.5,100.5,2.25,bid,2000\n2.5,101,3,ask,2000\n3.1,99,1,bid,2100\n"
            )
        )

    [ "bbo_BTC.csv.gz", packed[.. packed.Length - 1 - bytes] ]

let private bad =
    testList
        "bad input is a sentence"
        [
            refused
                "a number that is none, with file, line and column"
                (withRow "1.6,1o0,2,bid,1001")
                [ "bbo_BTC.csv:3:5:"; "price"; "1o0"; "--skip-bad" ]
            refused "not a number" (withRow "1.6,nan,2,bid,1001") [ ":3:5:"; "nan" ]
            refused "a negative size" (withRow "1.6,100,-2,bid,1001") [ ":3:9:"; "size"; "-2" ]
            refused "a price of zero" (withRow "1.6,0,2,bid,1001") [ ":3:5:"; "above 0" ]
            refused "a number finer than 1e-8" (withRow "1.6,100.000000001,2,bid,1001") [ ":3:5:" ]
            refused "an unknown side" (withRow "1.6,100,2,buy,1001") [ ":3:11:"; "bid or ask" ]
            refused "a broken time" (withRow "1.6,100,2,bid,10x1") [ ":3:15:"; "exchange_timestamp" ]
            refused "a row cut short" (withRow "1.6,100,2") [ ":3:1:"; "3 cells"; "5" ]
            refused
                "a missing column"
                (quotes "timestamp,price,side,exchange_timestamp\n1,2,bid,1\n")
                [ ":1:"; "size"; "missing" ]
            refused
                "a column named twice"
                (quotes "timestamp,price,price,size,side,exchange_timestamp\n")
                [ ":1:"; "twice" ]
            refused "an empty file" (quotes "") [ "empty" ]
            refused
                "one channel twice"
                [ "bbo_BTC.csv", utf8 bbo; "bbo_BTC.csv.gz", gzip (utf8 bbo) ]
                [ "same channel" ]
            refused "no gzip in a .gz" [ "bbo_BTC.csv.gz", utf8 bbo ] [ "no gzip" ]
            refused "a folder of other things" [ "notes.txt", utf8 "x" ] [ "no recording" ]
            refused "trades without prices" [ "trades_BTC.csv", utf8 tradeHead ] [ "no recording" ]
            refused
                "levels out of order"
                [
                    "l2_BTC.csv",
                    utf8
                        "timestamp,exchange_timestamp,bid_price_0,bid_size_0,ask_price_0,ask_size_0,bid_price_1,bid_size_1,ask_price_1,ask_size_1\n1.5,1000,100,1,101,1,100,1,102,1\n"
                ]
                [ ":2:"; "bid_price_1"; "ordered" ]
            testCase "an unknown coin lists those present" (fun () ->
                inFolder [ "bbo_BTC.csv", utf8 bbo; "bbo_ETH.csv", utf8 bbo ] (fun folder ->
                    let scan = RecordingFolder.Scan folder

                    let message f =
                        try
                            f () |> ignore<CoinFiles>
                            ""
                        with :? RecordingException as e ->
                            e.Message

                    Expect.stringContains (message (fun () -> scan.Find "DOGE")) "BTC, ETH" "present"
                    Expect.stringContains (message (fun () -> scan.Find null)) "BTC, ETH" "several"))
            for bytes in [ 1; 4; 8; 100 ] do
                testCase $"a gzip file without its last {bytes} bytes, with --skip-bad too" (fun () ->
                    for skip in [ false; true ] do
                        Expect.stringContains
                            (refusal (cut bytes) (RecordingOptions skip))
                            "cut or damaged"
                            "the sentence")
            testCase "a gzip file whose content was changed" (fun () ->
                let packed = gzip (utf8 bbo)
                packed[packed.Length - 6] <- packed[packed.Length - 6] ^^^ 1uy
                Expect.stringContains (refusal [ "bbo_BTC.csv.gz", packed ] plain) "cut or damaged" "the sentence")
        ]

let private good =
    testList
        "what looks odd and is data"
        [
            testCase "exponent numbers are exact" (fun () ->
                inFolder (quotes (bboHead + "1.5,1e-05,2.5E+3,bid,1000\n")) (fun folder ->
                    let r = read plain folder "BTC"
                    Expect.equal (let px = r.Events[0].BidPx in px.Raw) 1_000L "1e-05"
                    Expect.equal (let sz = r.Events[0].BidSz in sz.Raw) 250_000_000_000L "2.5E+3"))
            testCase "a half update moves one side" (fun () ->
                inFolder (quotes (bbo + "1.7,99,1,bid,1100\n")) (fun folder ->
                    let r = read plain folder "BTC"
                    Expect.equal r.Events.Length 2 "two updates"
                    Expect.isTrue (r.Events[0].HasBid && r.Events[0].HasAsk) "the first is whole"
                    Expect.isTrue (r.Events[1].HasBid && not r.Events[1].HasAsk) "the second is half"))
            testCase "both halves belong together in either order" (fun () ->
                inFolder (quotes (bboHead + "1.5,101,3,ask,1000\n1.5,100,2,bid,1000\n")) (fun folder ->
                    Expect.equal (read plain folder "BTC").Events.Length 1 "one update"))
            testCase "a repeated trade id is dropped and counted, the first copy stays" (fun () ->
                let trades =
                    tradeHead
                    + "1.2,100,1,buy,7,1000\n1.3,101,1,sell,8,1001\n1.4,999,9,buy,7,1002\n"

                inFolder (("trades_BTC.csv", utf8 trades) :: quotes bbo) (fun folder ->
                    let r = read plain folder "BTC"
                    Expect.equal r.RepeatedTrades 1 "counted"
                    Expect.equal (count EventKind.Traded r) 2 "dropped"
                    Expect.equal (let px = r.Events[0].Px in px.Raw) 10_000_000_000L "the first copy"))
            testCase "at one instant trades come first, then books, then best quotes" (fun () ->
                let book =
                    "timestamp,exchange_timestamp,bid_price_0,bid_size_0,ask_price_0,ask_size_0\n1.5,1000,100,1,101,1\n"

                let trades = tradeHead + "1.2,100,1,buy,7,1000\n"

                inFolder
                    [
                        "l2_BTC.csv", utf8 book
                        "trades_BTC.csv", utf8 trades
                        "bbo_BTC.csv", utf8 bbo
                    ]
                    (fun folder ->
                        let kinds = (read plain folder "BTC").Events |> Array.map (fun e -> e.Kind)
                        Expect.equal kinds [| EventKind.Traded; EventKind.BookMoved; EventKind.BboMoved |] "the order"))
            testCase "lines ended by CR LF, a byte order mark, no final line end" (fun () ->
                let text = "\uFEFF" + bbo.Replace("\n", "\r\n").TrimEnd()

                inFolder (quotes text) (fun folder ->
                    Expect.equal (read plain folder "BTC").Events.Length 1 "read all the same"))
            testCase "bad rows are left out and counted on demand" (fun () ->
                inFolder (withRow "1.6,nan,2,bid,1001") (fun folder ->
                    let r = read (RecordingOptions true) folder "BTC"
                    Expect.equal r.SkippedRows 1 "counted"
                    Expect.equal r.Events.Length 1 "the good row stays"))
            testCase "a span keeps its beginning and leaves its end out" (fun () ->
                inFolder (quotes (bbo + "1.7,99,1,bid,1100\n1.8,98,1,bid,1200\n")) (fun folder ->
                    let options =
                        RecordingOptions(false, Nullable(Instant.OfMs 1100L), Nullable(Instant.OfMs 1200L))

                    let r = read options folder "BTC"
                    Expect.equal (List.ofArray r.VenueAt) [ 1_100_000_000L ] "one row"))
            testCase "receipts keep every decimal" (fun () ->
                inFolder (quotes (bboHead + "1757015216.8747032,100,2,bid,1757015216253\n")) (fun folder ->
                    let r = read plain folder "BTC"
                    Expect.equal r.RecvAt[0] 1_757_015_216_874_703_200L "nanoseconds"
                    Expect.equal r.VenueAt[0] 1_757_015_216_253_000_000L "the venue's milliseconds"))
        ]

let private whole =
    testList
        "the real sets"
        [
            for folder, coins in real do
                for coin in coins do
                    testCase $"{folder} {coin}" (fun () ->
                        let path = Shared.find $"data/market/{folder}"
                        let r = read plain path coin

                        let file kind =
                            Path.Combine(path, $"{kind}_{coin}.csv.gz")

                        let lines kind =
                            if File.Exists(file kind) then rows (file kind) else 0

                        Expect.equal (count EventKind.BookMoved r) (lines "l2") "every book"
                        let traded = count EventKind.Traded r
                        Expect.equal (traded + r.RepeatedTrades) (lines "trades") "every trade"
                        Expect.isLessThan r.OlderTrades 100 "few are older than the first price"

                        let halves =
                            r.Events
                            |> Seq.sumBy (fun e -> (if e.HasBid then 1 else 0) + (if e.HasAsk then 1 else 0))

                        Expect.equal halves (lines "bbo") "every best quote"
                        Expect.isTrue (isOrdered r) "in venue order"
                        let first = r.Events |> Array.findIndex (fun e -> e.Kind <> EventKind.Traded)
                        Expect.equal r.VenueAt[r.OlderTrades] r.VenueAt[first] "a run begins with a price"
                        Expect.equal r.SkippedRows 0 "no bad row")
        ]

let tests = testList "recordings" [ whole; good; bad ]
