module Vrlg.EndToEnd.BacktestRuns

open System
open System.IO
open System.Text.Json
open Expecto
open Vrlg.EndToEnd.Command

let private sets =
    [
        "hyperliquid-l2-20250904", "BTC"
        "hyperliquid-l2-20250904", "SOL"
        "hyperliquid-l2-20250904", "WLFI"
        "hyperliquid-l2-20251210", "ETH"
        "hyperliquid-bbo-202509", "BTC"
    ]

let private asked =
    [
        "coin"
        "span"
        "events"
        "gaps"
        "data_tier"
        "seed"
        "config_sha256"
        "journal_sha256"
        "run"
        "trades"
        "hit_rate"
        "gross_usd"
        "fees_usd"
        "net_usd"
        "avg_pnl_bps"
        "slippage_ticks"
        "holding_ms"
        "trades_per_min"
        "max_drawdown_usd"
        "skipped"
    ]

let private backtest (folder: string) (coin: string) (out: string) (more: string list) =
    vrlg (
        [
            "backtest"
            "--config"
            "configs/vrlg.toml"
            "--data"
            data $"market/{folder}"
            "--coin"
            coin
            "--out"
            out
            "--json"
        ]
        @ more
    )

/// A detector that is always active, so that real data brings trades.
let private eager =
    [
        "--set"
        "signal.detector=document"
        "--set"
        "signal.p_max=1"
        "--set"
        "signal.M=3"
    ]

let tests =
    testList
        "back-test"
        [
            for folder, coin in sets do
                testCase $"{folder} {coin}: twice the same bytes, replayed identically" (fun () ->
                    inTemp (fun temp ->
                        let out name = Path.Combine(temp, name)
                        let first = backtest folder coin (out "a") []
                        ended 0 first
                        let second = backtest folder coin (out "b") []
                        Expect.equal second.Out first.Out "the summary"

                        let journal name =
                            File.ReadAllBytes(Path.Combine(out name, "journal-000001.vj"))

                        Expect.isTrue (journal "a" = journal "b") "the journal"
                        let s = json first.Out

                        for name in asked do
                            Expect.isTrue (fst (s.TryGetProperty name)) name

                        Expect.equal (s.GetProperty("coin").GetString()) coin "the coin"
                        Expect.isGreaterThan (s.GetProperty("gaps").GetArrayLength()) 0 "every set has a gap"
                        let replayed = vrlg [ "replay"; out "a" ]
                        ended 0 replayed
                        Expect.stringStarts replayed.Out "identical: " "the word"))
            testCase "trades on real data when the detector lets it, and replays" (fun () ->
                inTemp (fun temp ->
                    let out = Path.Combine(temp, "a")
                    let answer = backtest "hyperliquid-l2-20250904" "SOL" out eager
                    ended 0 answer
                    let s = json answer.Out
                    Expect.isGreaterThan (s.GetProperty("trades").GetInt32()) 0 "trades"
                    Expect.isLessThan (s.GetProperty("fees_usd").GetDecimal()) 1m "small entries pay small fees"
                    ended 0 (vrlg [ "replay"; out ])))
            testCase "each queue bound is the run that has that rule in its settings" (fun () ->
                inTemp (fun temp ->
                    let at name (more: string list) =
                        let answer =
                            backtest "hyperliquid-l2-20250904" "SOL" (Path.Combine(temp, name)) (eager @ more)

                        ended 0 answer
                        json answer.Out

                    let power = at "p" [ "--set"; "sim.queue=PowerC:3" ]
                    let rules = power.GetProperty "queue_interval"
                    Expect.equal (rules.GetProperty("point_model").GetString()) "PowerC:3" "the rule of the settings"

                    for rule, word in [ "risk_averse", "RiskAverse"; "front_first", "FrontFirst" ] do
                        let own = at word [ "--set"; $"sim.queue={word}" ]

                        for name in [ "fills"; "trades"; "net_usd"; "avg_pnl_bps" ] do
                            Expect.equal
                                (rules.GetProperty(rule).GetProperty(name).GetDecimal())
                                (own.GetProperty(name).GetDecimal())
                                $"{rule}: {name}"))
            testCase "without a trade its figures are null, not 0" (fun () ->
                inTemp (fun temp ->
                    let s =
                        json (backtest "hyperliquid-l2-20250904" "BTC" (Path.Combine(temp, "a")) []).Out

                    Expect.equal (s.GetProperty("trades").GetInt32()) 0 "an honest result"

                    for name in [ "hit_rate"; "avg_pnl_bps"; "slippage_ticks"; "holding_ms" ] do
                        Expect.equal (s.GetProperty(name).ValueKind) JsonValueKind.Null name))
            testCase
                "without a trade the table says which gates kept it out, and which fees it could not earn"
                (fun () ->
                    inTemp (fun temp ->
                        let folder = data "market/hyperliquid-l2-20250904"

                        let answer =
                            vrlg
                                [
                                    "backtest"
                                    "--data"
                                    folder
                                    "--coin"
                                    "BTC"
                                    "--out"
                                    Path.Combine(temp, "a")
                                ]

                        ended 0 answer
                        Expect.stringContains answer.Out "No trade" "it says so"

                        Expect.stringContains
                            answer.Out
                            "gate significance: the first to say no at 20,289 instants, short by 299.995 of E 300 on average"
                            "the gate, and by how much"

                        let log = File.ReadAllText(Path.Combine(temp, "a", "log"))

                        Expect.stringContains
                            log
                            "\"Gate\":\"significance\",\"First\":20289,\"Mean\":299.995"
                            "the log"

                        let summary = json (File.ReadAllText(Path.Combine(temp, "a", "summary.json")))

                        let gate = summary.GetProperty("gates").GetProperty "significance"
                        Expect.equal (gate.GetProperty("first").GetInt64()) 20_289L "how often"

                        Expect.equal
                            (Math.Round(gate.GetProperty("short_mean").GetDecimal(), 3))
                            299.995m
                            "by how much"

                        let page = File.ReadAllText(Path.Combine(temp, "a", "report.html"))
                        Expect.stringContains page "Short by, mean" "the report"
                        Expect.stringContains answer.Out "6 bps" "the fees"))
            testCase "begins with the first price, and says how many trades are older" (fun () ->
                inTemp (fun temp ->
                    let s =
                        json (backtest "hyperliquid-l2-20250904" "BTC" (Path.Combine(temp, "a")) []).Out

                    let from = string (s.GetProperty("span").GetProperty("from").GetString())
                    Expect.stringStarts from "2025-09-04T19:46:56.253" "the first book"

                    let told =
                        s.GetProperty("warnings").EnumerateArray()
                        |> Seq.map string
                        |> String.concat "\n"

                    Expect.stringContains told "30 trades from before the first book" "the older ones"))
            testCase "of a part of the span stays inside it" (fun () ->
                inTemp (fun temp ->
                    let more = [ "--from"; "2025-09-04T19:50:00Z"; "--to"; "2025-09-04T19:55:00Z" ]

                    let s =
                        json (backtest "hyperliquid-l2-20250904" "BTC" (Path.Combine(temp, "a")) more).Out

                    let span = s.GetProperty "span"
                    Expect.stringStarts (string (span.GetProperty("from").GetString())) "2025-09-04T19:50:00" "from"
                    Expect.stringStarts (string (span.GetProperty("to").GetString())) "2025-09-04T19:54:59" "to"))
            testCase "puts its run where the coin, the settings and the seed say" (fun () ->
                inTemp (fun temp ->
                    let folder = data "market/hyperliquid-l2-20251210"
                    let run = [ "backtest"; "--data"; folder; "--json"; "--seed"; "5" ]
                    let answer = vrlgIn temp "" run
                    ended 0 answer
                    let hash = string ((json answer.Out).GetProperty("config_sha256").GetString())

                    Expect.isTrue
                        (Directory.Exists(Path.Combine(temp, "runs", $"ETH-{hash.Substring(0, 8)}-5")))
                        "the folder"

                    let again = vrlgIn temp "" run
                    ended 1 again
                    Expect.stringContains again.Err "--force" "an existing run is refused"

                    let from =
                        string ((json answer.Out).GetProperty("span").GetProperty("from").GetString())

                    let until =
                        (System.DateTime.Parse from).ToUniversalTime().AddMinutes(5.0).ToString "s"
                        + "Z"

                    let part = vrlgIn temp "" (run @ [ "--to"; until ])
                    ended 1 part
                    Expect.stringContains part.Err "a run of other data is there already" "of something else"
                    Expect.stringContains part.Err "--out NAME" "another name first"
                    ended 0 (vrlgIn temp "" (run @ [ "--force" ]))))
        ]
