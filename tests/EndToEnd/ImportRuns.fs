/// Recordings as native files: the same runs, and what happens to damaged ones.
module Vrlg.EndToEnd.ImportRuns

open System.IO
open System.Text.Json
open Expecto
open Vrlg.EndToEnd.Command

let private recording = "market/hyperliquid-l2-20250904"

let private import (folder: string) (coin: string) (out: string) (more: string list) =
    vrlg ([ "import"; "--data"; data folder; "--coin"; coin; "--out"; out ] @ more)

let private backtest (source: string) (out: string) (more: string list) =
    vrlg (
        [
            "backtest"
            "--config"
            "configs/vrlg.toml"
            "--data"
            source
            "--out"
            out
            "--json"
        ]
        @ more
    )

let private journal (run: string) =
    Directory.GetFiles(run, "journal-*.vj")
    |> Array.sort
    |> Array.map File.ReadAllBytes

let private whole (e: JsonElement) (name: string) = e.GetProperty(name).GetInt64()

let private same (folder: string) (coin: string) (more: string list) =
    inTemp (fun temp ->
        let file = Path.Combine(temp, coin + ".vt")
        import folder coin file [] |> ended 0
        let a = Path.Combine(temp, "folder")
        let b = Path.Combine(temp, "file")
        backtest (data folder) a ("--coin" :: coin :: more) |> ended 0
        // The coin is named again, so that the warnings are the same too.
        backtest file b ("--coin" :: coin :: more) |> ended 0
        Expect.equal (journal b) (journal a) "the journals"

        Expect.equal
            (File.ReadAllText(Path.Combine(b, "summary.json")))
            (File.ReadAllText(Path.Combine(a, "summary.json")))
            "the summaries")

/// The best quotes of ETH in a folder of their own, with a block every 70 ms by 24 proposers beside them.
let private withBlocks (folder: string) =
    Directory.CreateDirectory folder |> ignore<DirectoryInfo>
    let source = data "market/hyperliquid-l2-20251210"

    for file in Directory.GetFiles(source, "*_ETH.csv.gz") do
        File.Copy(file, Path.Combine(folder, FileInfo(file).Name))

    let first, last = 1_765_401_000_000L, 1_765_402_050_000L

    File.WriteAllLines(
        Path.Combine(folder, "blocks.csv"),
        seq {
            "height,block_time_ms,proposer"

            for i in 0 .. int ((last - first) / 70L) do
                $"{i + 1},{first + 70L * int64 i},node {i % 24}"
        }
    )

/// What a back-test says of its block clock.
let private blockClock (run: string) : string =
    let summary = json (File.ReadAllText(Path.Combine(run, "summary.json")))
    summary.GetProperty("block_clock").GetProperty("source").GetString() |> string

let private damaged (change: byte[] -> byte[]) (words: string list) =
    inTemp (fun temp ->
        let file = Path.Combine(temp, "ETH.vt")
        import "market/hyperliquid-l2-20251210" "ETH" file [] |> ended 0
        File.WriteAllBytes(file, change (File.ReadAllBytes file))

        for answer in [ vrlg [ "verify"; file ]; backtest file (Path.Combine(temp, "run")) [] ] do
            ended 1 answer

            for word in words do
                Expect.stringContains answer.Err word "the sentence"

            Expect.equal answer.Out "" "nothing on standard output")

let tests =
    testList
        "import"
        [
            testCase "a back-test of the file writes the journal of a back-test of the folder" (fun () ->
                same recording "BTC" [])
            testCase "also of a part of the span, with recorded receipts, and without books" (fun () ->
                same
                    "market/hyperliquid-bbo-202509"
                    "BTC"
                    [
                        "--from"
                        "2025-09-01T06:22:00Z"
                        "--to"
                        "2025-09-01T06:30:00Z"
                        "--set"
                        "latency.ingest=recorded"
                        "--set"
                        "latency.clock=never"
                    ])
            testCase "blocks beside a recording go with it: the same journal, and their clock is told" (fun () ->
                inTemp (fun temp ->
                    let folder = Path.Combine(temp, "recording")
                    withBlocks folder
                    let file = Path.Combine(temp, "ETH.vt")
                    vrlg [ "import"; "--data"; folder; "--coin"; "ETH"; "--out"; file ] |> ended 0
                    let a = Path.Combine(temp, "folder")
                    let b = Path.Combine(temp, "file")
                    backtest folder a [ "--coin"; "ETH" ] |> ended 0
                    backtest file b [ "--coin"; "ETH" ] |> ended 0
                    Expect.equal (journal b) (journal a) "the journals"
                    Expect.equal (blockClock a) "blocks" "its source"

                    Expect.stringContains
                        (File.ReadAllText(Path.Combine(a, "log")))
                        "blocks, longest interval"
                        "the log"

                    vrlg [ "replay"; a ] |> ended 0
                    let without = Path.Combine(temp, "without")

                    backtest (data "market/hyperliquid-l2-20251210") without [ "--coin"; "ETH" ]
                    |> ended 0

                    Expect.equal (blockClock without) "approx" "messages stand in"))
            testCase "says what it wrote, and verify says the same" (fun () ->
                inTemp (fun temp ->
                    let file = Path.Combine(temp, "BTC.vt")
                    let written = import recording "btc" file [ "--json" ]
                    ended 0 written
                    let checked' = vrlg [ "verify"; file; "--json" ]
                    ended 0 checked'
                    Expect.equal checked'.Out written.Out "one object"
                    let e = json checked'.Out

                    Expect.equal
                        (whole e "books", whole e "quotes", whole e "trades")
                        (3_785L, 13_896L, 6_675L)
                        "counts"

                    Expect.equal (whole e "records") 24_356L "records"
                    Expect.equal (whole e "bytes") (FileInfo file).Length "bytes"
                    Expect.equal (e.GetProperty("data_tier").GetString()) "Q2" "tier"
                    Expect.isLessThan (e.GetProperty("bytes_per_level").GetDouble()) 10.0 "bytes a level"

                    let again = import recording "BTC" file []
                    ended 1 again
                    Expect.stringContains again.Err "--force" "the file is there"
                    let other = backtest file (Path.Combine(temp, "run")) [ "--coin"; "ETH" ]
                    ended 1 other
                    Expect.stringContains other.Err "the file holds BTC, not ETH" "another coin"))
            testCase "a flipped byte is refused with its place" (fun () ->
                damaged
                    (fun bytes ->
                        bytes[bytes.Length / 2] <- bytes[bytes.Length / 2] ^^^ 1uy
                        bytes)
                    [ "ETH.vt: at byte "; "the checksum does not match"; "vrlg import" ])
            testCase "a cut file is refused with its place" (fun () ->
                damaged
                    (fun bytes -> bytes[.. bytes.Length - 20])
                    [ "ETH.vt: the file is cut: it has "; "begins at byte "; "needs 19 more" ])
            testCase "recorded requests replace the round trip; a row that is none is refused" (fun () ->
                inTemp (fun temp ->
                    let rows = Path.Combine(temp, "requests.csv")

                    let run name more =
                        vrlg (
                            [
                                "backtest"
                                "--data"
                                data recording
                                "--coin"
                                "BTC"
                                "--out"
                                Path.Combine(temp, name)
                                "--json"
                                "--set"
                                "signal.detector=document"
                                "--set"
                                "signal.p_max=1"
                                "--set"
                                "signal.M=3"
                                "--set"
                                $"latency.order_file={rows}"
                            ]
                            @ more
                        )

                    let start = 1_757_015_209_000_000_000L

                    File.WriteAllLines(
                        rows,
                        "sent_ns,executed_ns,reported_ns"
                        :: [
                            for i in 0L .. 9L ->
                                let sent = start + i * 1_000_000_000L
                                $"{sent},{sent + 20_000_000L},{sent + 70_000_000L}"
                        ]
                    )

                    let answer = run "good" []
                    ended 0 answer
                    let e = json answer.Out

                    Expect.stringContains
                        (e.GetProperty("latency").GetString() |> string)
                        "10 recorded requests"
                        "latency"

                    let means = e.GetProperty "effective_latency"
                    Expect.isGreaterThan (whole means "commands") 0L "commands"
                    Expect.isGreaterThanOrEqual (means.GetProperty("entry_ms").GetDouble()) 20.0 "the way in"
                    File.AppendAllText(rows, "7,x,9\n")
                    let bad = run "bad" []
                    ended 1 bad
                    Expect.stringContains bad.Err "requests.csv:12:3: executed_ns is \"x\"" "the place"))
        ]
