/// Recordings with a slip in them: what is refused, what is counted and told, what is no slip at all.
module Vrlg.Wire.OddRecordings

open System
open System.IO
open Expecto
open Vrlg.Adapters.Recordings
open Vrlg.Core
open Vrlg.Wire.Recordings

let private bookHead =
    "timestamp,exchange_timestamp,bid_price_0,bid_size_0,ask_price_0,ask_size_0\n"

let private whole =
    testList
        "gzip members"
        [
            let halves =
                utf8 (bbo + "1.7,99,1,bid,1100\n"), utf8 "1.8,98,1,bid,1200\n1.9,97,1,bid,1300\n"

            let first, second = gzip (fst halves), gzip (snd halves)
            let joined = Array.append first second

            let events (packed: byte[]) =
                let mutable count = -1

                inFolder [ "bbo_BTC.csv.gz", packed ] (fun folder -> count <- (read plain folder "BTC").Events.Length)

                count

            testCase "one after the other are one file" (fun () -> Expect.equal (events joined) 4 "both halves")

            testCase "that are empty change nothing" (fun () ->
                let empty = gzip [||]
                Expect.equal (events (Array.concat [ empty; first; empty; second; empty ])) 4 "the same rows")

            testCase "with a name, a comment, an extra field and a head checksum are read" (fun () ->
                let head =
                    Array.concat
                        [
                            first[..2]
                            [| 0x1Euy |]
                            first[4..9]
                            [| 3uy; 0uy; 1uy; 2uy; 3uy |]
                            utf8 "a.csv\u0000why\u0000"
                            [| 0uy; 0uy |]
                        ]

                Expect.equal (events (Array.concat [ head; first[10..]; second ])) 4 "the same rows")

            for cut in [ 1; 4; 8; 12; second.Length - 1 ] do
                testCase $"of which the last is cut by {cut} bytes are refused" (fun () ->
                    let packed = joined[.. joined.Length - 1 - cut]

                    for skip in [ false; true ] do
                        Expect.stringContains
                            (refusal [ "bbo_BTC.csv.gz", packed ] (RecordingOptions skip))
                            "cut or damaged"
                            "the sentence")

            for name, place in
                [
                    "checksum", first.Length - 7
                    "length", first.Length - 2
                    "content", first.Length / 2
                ] do
                testCase $"of which the first has a wrong {name} are refused" (fun () ->
                    let packed = Array.copy joined
                    packed[place] <- packed[place] ^^^ 0x10uy

                    Expect.stringContains (refusal [ "bbo_BTC.csv.gz", packed ] plain) "cut or damaged" "the sentence")

            testCase "with something else behind them are refused" (fun () ->
                Expect.stringContains
                    (refusal [ "bbo_BTC.csv.gz", Array.append joined (utf8 "and more") ] plain)
                    "cut or damaged"
                    "the sentence")

            testCase "of which nothing comes out are an empty file" (fun () ->
                Expect.stringContains (refusal [ "bbo_BTC.csv.gz", gzip [||] ] plain) "is empty" "the sentence")
        ]

let private times =
    testList
        "a venue time"
        [
            refused
                "in seconds is a bad row, with its place"
                (quotes (
                    bboHead
                    + "1757015216.8,100,2,bid,1757015216253\n1757015217.1,100,2,bid,1757015217\n"
                ))
                [ "bbo_BTC.csv:3:24:"; "before the receipt"; "milliseconds" ]
            refused
                "two days after its receipt is a bad row"
                (quotes (bboHead + "1757015216.8,100,2,bid,1757200000000\n"))
                [ "bbo_BTC.csv:2:24:"; "2 days after the receipt" ]
            testCase "in seconds is left out and counted on demand" (fun () ->
                let rows =
                    bboHead
                    + "1757015216.8,100,2,bid,1757015216253\n1757015217.1,100,2,bid,1757015217\n"

                inFolder (quotes rows) (fun folder ->
                    let r = read (RecordingOptions true) folder "BTC"
                    Expect.equal r.SkippedRows 1 "counted"
                    Expect.equal r.Events.Length 1 "the good row stays"))
            testCase "that steps back by more than a second is sorted in and counted" (fun () ->
                let rows =
                    bboHead
                    + "100,100,2,bid,100000\n101,100,3,bid,101000\n101.2,100,4,bid,100500\n102,100,5,bid,41000\n"

                let book = bookHead + "100,100000,99,1,101,1\n101,70000,99,1,101,1\n"

                inFolder (("l2_BTC.csv", utf8 book) :: quotes rows) (fun folder ->
                    let r = read plain folder "BTC"
                    Expect.equal r.SteppedBack 2 "one of each file; half a second is nothing"
                    Expect.equal r.VenueAt[0] 41_000_000_000L "sorted"))
        ]

let private rows =
    testList
        "rows"
        [
            testCase "with a further column at the end of CR LF lines are read" (fun () ->
                let text = bbo.Replace("exchange_timestamp\n", "exchange_timestamp\r,note\n")
                let text = text.Replace("1000\n", "1000\r,hello\n")

                inFolder (quotes text) (fun folder ->
                    Expect.equal (read plain folder "BTC").Events.Length 1 "read all the same"))
            refused
                "must hold a price: two heads alone are refused"
                [ "bbo_BTC.csv", utf8 bboHead; "l2_BTC.csv", utf8 bookHead ]
                [ "l2_BTC.csv and bbo_BTC.csv"; "no record of a book or a best quote" ]
            refused
                "must hold a price: trades alone do not do"
                [
                    "bbo_BTC.csv", utf8 bboHead
                    "trades_BTC.csv", utf8 (tradeHead + "1.2,100,1,buy,7,1000\n")
                ]
                [ "bbo_BTC.csv"; "no record of a book or a best quote" ]
            testCase "must hold a price in the span asked for" (fun () ->
                let options = RecordingOptions(false, Nullable(Instant.OfMs 5_000L), Nullable())
                Expect.stringContains (refusal (quotes bbo) options) "Widen --from and --to" "the way out")
            testCase "cannot be a folder" (fun () ->
                inFolder [ "l2_BTC.csv", utf8 (bookHead + "1,1000,99,1,101,1\n") ] (fun folder ->
                    Directory.CreateDirectory(Path.Combine(folder, "bbo_BTC.csv")) |> ignore

                    let sentence =
                        try
                            RecordingFolder.Scan folder |> ignore
                            ""
                        with :? RecordingException as e ->
                            e.Message

                    Expect.stringContains sentence "bbo_BTC.csv: this is a folder" "the sentence"))
            testCase "of trades before the first price are counted: a run begins behind them" (fun () ->
                let trades =
                    tradeHead + "1.2,100,1,buy,7,400\n1.2,100,1,buy,8,900\n1.6,100,1,buy,9,1000\n"

                inFolder (("trades_BTC.csv", utf8 trades) :: quotes bbo) (fun folder ->
                    let r = read plain folder "BTC"
                    Expect.equal r.OlderTrades 2 "counted; the trade of the first price's own instant stays"
                    Expect.equal r.VenueAt[r.OlderTrades] 1_000_000_000L "the price"))
            testCase "of crossed books and quotes are counted" (fun () ->
                // The ask stays at 101: a bid of 101 crosses, as does one of 102.
                let quoted = bbo + "1.7,101,1,bid,1100\n1.8,102,1,bid,1200\n1.9,100,1,bid,1300\n"
                let book = bookHead + "1,1000,100,1,101,1\n2,1100,102,1,101,1\n"

                inFolder (("l2_BTC.csv", utf8 book) :: quotes quoted) (fun folder ->
                    Expect.equal (read plain folder "BTC").Crossed 3 "two quotes and a book"))
            testCase "with prices off the venue's grid are known" (fun () ->
                let quoted =
                    bboHead + "1,100000.5,1,bid,1000\n2,100001,1,bid,1100\n3,99999.5,1,ask,1200\n"

                let btc: Instrument =
                    {
                        Id = InstrumentId.Of 0
                        Venue = VenueId.Of 0
                        Name = "BTC"
                        Kind = InstrumentKind.Perp
                        SzDecimals = 5
                        MaxLeverage = 40
                        MinNotional = Usd.Of 0L
                    }

                inFolder (quotes quoted) (fun folder ->
                    let events = (read plain folder "BTC").Events

                    let isOff k =
                        not (Recording.IsOnGrid(btc, &events[k]))

                    // Six figures with a fraction are finer than the venue allows.
                    Expect.equal ([ 0..2 ] |> List.filter isOff) [ 0; 2 ] "which ones"))
        ]

let tests = testList "odd recordings" [ whole; times; rows ]
