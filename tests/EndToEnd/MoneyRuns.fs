/// Whether the fees can be paid, and the gate before real money.
module Vrlg.EndToEnd.MoneyRuns

open System.IO
open System.Text.Json
open Expecto
open Vrlg.EndToEnd.Command

let private first (text: string) : JsonElement =
    (json text).EnumerateArray() |> Seq.head

let private feasibility =
    testList
        "feasibility"
        [
            testCase "the sample's settings cannot pay; without a price nobody can say" (fun () ->
                let answer = vrlg [ "feasibility"; "--config"; "configs/vrlg.toml" ]
                ended 0 answer

                for coin in [ "BTC"; "ETH"; "SOL"; "WLFI" ] do
                    Expect.stringContains answer.Out $"{coin}\n" "a table a symbol"

                Expect.isFalse (answer.Out.Contains "feasible:") "no verdict"

                let priced =
                    vrlg [ "feasibility"; "--config"; "configs/vrlg.toml"; "--price"; "100000" ]

                ended 0 priced
                Expect.stringContains priced.Out "not feasible: signal.y = 2 aims for 2 ticks" "the verdict")
            testCase "at a price, by a tier, for one coin" (fun () ->
                let answer =
                    vrlg [ "feasibility"; "--price"; "100000"; "--set"; "fees.tier=4"; "--json" ]

                ended 0 answer
                let row = first answer.Out
                Expect.equal (row.GetProperty("maker_bps").GetDecimal()) 0m "maker"
                Expect.equal (row.GetProperty("taker_bps").GetDecimal()) 2.8m "taker"
                Expect.equal (row.GetProperty("break_even_ticks_maker_taker").GetInt64()) 28L "ticks"
                Expect.isTrue (row.GetProperty("pays_maker_exit").GetBoolean()) "maker exits pay")
            testCase "of a recording, with the time that the spread is so wide" (fun () ->
                let folder = data "market/hyperliquid-l2-20250904"
                let answer = vrlg [ "feasibility"; "--data"; folder; "--coin"; "BTC"; "--json" ]
                ended 0 answer
                let row = first answer.Out
                let share (name: string) = row.GetProperty(name).GetDouble()
                Expect.isLessThan (share "time_at_maker_taker_share") (share "time_at_aim_share") "rarer"
                Expect.isLessThan (share "resting_side_5s_bps") 0.0 "resting blindly loses")
            testCase "a run says it in its summary and its report" (fun () ->
                inTemp (fun temp ->
                    let folder = Path.Combine(temp, "run")
                    let answer = vrlg [ "demo"; "--out"; folder; "--json" ]
                    ended 0 answer

                    let thin = (json answer.Out).GetProperty("metrics").GetProperty "thin_moments"
                    Expect.isGreaterThan (thin.GetProperty("judged").GetInt32()) 10 "signals judged"

                    for file, words in [ "report.html", "Thin moments"; "log", "thin moments: " ] do
                        Expect.stringContains (File.ReadAllText(Path.Combine(folder, file))) words file

                    let verdict =
                        string ((json answer.Out).GetProperty("feasibility").GetProperty("verdict").GetString())

                    Expect.stringStarts verdict "not feasible: " "the sentence"

                    Expect.stringContains
                        (File.ReadAllText(Path.Combine(folder, "report.html")))
                        "not feasible: "
                        "the report"))
            testCase "what is wrong gets a sentence" (fun () ->
                for arguments, code, words in
                    [
                        [ "--price"; "abc" ], 1, "not a number"
                        [ "--price"; "0" ], 1, "above 0"
                        [ "--coin"; "NOPE" ], 1, "instrument list (BTC"
                        [ "--price"; "1"; "--data"; "x" ], 2, "one of them"
                        [ "--set"; "fees.tier=7" ], 1, "between 0 and 6"
                    ] do
                    let answer = vrlg ("feasibility" :: arguments)
                    ended code answer
                    Expect.stringContains answer.Err words "the sentence"
                    Expect.equal answer.Out "" "no answer")
        ]

/// One demo for all looks at it.
let private demo =
    lazy
        (let folder =
            Path.Combine(Directory.CreateTempSubdirectory("vrlg-gate-").FullName, "run")

         ended 0 (vrlg [ "demo"; "--out"; folder; "--json" ])
         folder)

let private copyOf (folder: string) (target: string) =
    Directory.CreateDirectory target |> ignore<DirectoryInfo>

    for file in Directory.GetFiles folder do
        File.Copy(file, Path.Combine(target, string (Path.GetFileName file)))

    target

let private gate =
    testList
        "gate"
        [
            testCase "a demo loses: it fails line by line, is never valid for live, and says why" (fun () ->
                let answer = vrlg [ "gate"; demo.Value; "--min-hours"; "0.2"; "--json" ]
                ended 1 answer

                Expect.equal (File.ReadAllText(Path.Combine(demo.Value, "gate.json"))) answer.Out "--json is gate.json"

                let g = json answer.Out
                Expect.isFalse (g.GetProperty("passed").GetBoolean()) "not passed"
                Expect.isFalse (g.GetProperty("valid_for_live").GetBoolean()) "not valid"

                let against =
                    [
                        for r in g.GetProperty("not_valid_because").EnumerateArray() -> string (r.GetString())
                    ]

                Expect.equal against.Length 2 "a back-test, and short"
                Expect.equal (string (g.GetProperty("account").GetString())) "simulated" "the account"

                let lines =
                    [
                        for k in g.GetProperty("kpis").EnumerateArray() ->
                            string (k.GetProperty("name").GetString()), k.GetProperty("passed").GetBoolean()
                    ]

                Expect.equal
                    (List.map fst lines)
                    [
                        "slippage_ticks"
                        "win_rate"
                        "max_drawdown_in_edges"
                        "trades_per_min"
                        "budget_horizon_h"
                        "holding_within_share"
                    ]
                    "the lines"

                Expect.contains lines ("win_rate", false) "it loses every trade to the fees")
            testCase "for people, a line each; the same again to the byte" (fun () ->
                let first = vrlg [ "gate"; demo.Value ]
                ended 1 first
                Expect.stringContains first.Out "FAIL  win rate" "a line"
                Expect.stringContains first.Out "The gate is not passed." "the end"
                Expect.equal (vrlg [ "gate"; demo.Value ]).Out first.Out "again")
            testCase "a run without a trade fails every figure" (fun () ->
                inTemp (fun temp ->
                    let folder = Path.Combine(temp, "run")

                    ended
                        0
                        (vrlg
                            [
                                "backtest"
                                "--config"
                                "configs/vrlg.toml"
                                "--data"
                                data "market/hyperliquid-l2-20250904"
                                "--coin"
                                "WLFI"
                                "--set"
                                "signal.y=1000"
                                "--out"
                                folder
                                "--json"
                            ])

                    let answer = vrlg [ "gate"; folder; "--min-hours"; "0" ]
                    ended 1 answer
                    Expect.equal ((answer.Out.Split "FAIL").Length - 1) 6 "six figures"))
            testCase "a demo does not write over the folder that holds a gate, unless forced" (fun () ->
                inTemp (fun temp ->
                    let folder = copyOf demo.Value (Path.Combine(temp, "runs", "demo-1"))
                    File.WriteAllText(Path.Combine(folder, "gate.json"), "{}")
                    let again = vrlgIn temp "" [ "demo"; "--json" ]
                    ended 1 again
                    Expect.stringContains again.Err "gate.json stands there" "the sentence"
                    Expect.stringContains again.Err "--out NAME" "what to do"
                    ended 0 (vrlgIn temp "" [ "demo"; "--json"; "--force" ])
                    ended 0 (vrlgIn temp "" [ "demo"; "--json" ])))
            testCase "what was mixed up is refused" (fun () ->
                inTemp (fun temp ->
                    let copy = copyOf demo.Value (Path.Combine(temp, "run"))
                    File.AppendAllText(Path.Combine(copy, "config.effective.toml"), "\n")
                    let answer = vrlg [ "gate"; copy ]
                    ended 1 answer
                    Expect.stringContains answer.Err "config.effective.toml is not the one" "the sentence"
                    Expect.equal answer.Out "" "no answer"))
            testCase "what was edited is refused, table by table" (fun () ->
                inTemp (fun temp ->
                    for name in [ "trades.csv"; "fills.csv"; "orders.csv"; "series.csv" ] do
                        let copy = copyOf demo.Value (Path.Combine(temp, name))
                        let path = Path.Combine(copy, name)
                        let lines = File.ReadAllLines path
                        // The last cell, with which every trip would win.
                        let edited (line: string) =
                            line.Substring(0, line.LastIndexOf ',') + ",0.5"

                        let rows = lines |> Array.skip 1 |> Array.map edited
                        File.WriteAllText(path, String.concat "\n" (Array.append [| lines[0] |] rows) + "\n")
                        let answer = vrlg [ "gate"; copy ]
                        ended 1 answer
                        Expect.stringContains answer.Err $"{name} is not the one that summary.json" "the sentence"
                        Expect.equal answer.Out "" "no answer"))
            testCase "nor do a summary and trades that contradict each other pass" (fun () ->
                inTemp (fun temp ->
                    let copy = copyOf demo.Value (Path.Combine(temp, "run"))
                    let path = Path.Combine(copy, "summary.json")
                    let net = (json (File.ReadAllText path)).GetProperty("net_usd").GetRawText()
                    File.WriteAllText(path, (File.ReadAllText path).Replace($"\"net_usd\": {net}", "\"net_usd\": 1"))
                    let answer = vrlg [ "gate"; copy ]
                    ended 1 answer
                    Expect.stringContains answer.Err "trades.csv is not the one" "the sentence"))
            testCase "and what is wrong with the flags" (fun () ->
                for arguments, code, words in
                    [
                        [ "nothing" ], 1, "no such run folder"
                        [ demo.Value; demo.Value ], 2, "named twice"
                        [ demo.Value; "--min-hours"; "soon" ], 1, "not a number"
                        [ demo.Value; "--min-hours"; "-1" ], 1, "between 0 and"
                    ] do
                    let answer = vrlg ("gate" :: arguments)
                    ended code answer
                    Expect.stringContains answer.Err words "the sentence")
        ]

let private explain =
    let says (arguments: string list) (words: string list) =
        testCase (String.concat " " arguments) (fun () ->
            let answer = vrlg ([ "config"; "explain" ] @ arguments)
            ended 0 answer

            for word in words do
                Expect.stringContains answer.Out word "the answer")

    testList
        "config explain"
        [
            says [ "signal.y" ] [ "gate 3: least spread"; "ticks"; "1 to 1000"; "the default" ]
            says [ "y"; "--config"; "configs/vrlg.toml" ] [ "signal.y"; "configs/vrlg.toml, line 11, column 1" ]
            says [ "signal.y"; "--set"; "signal.y=7" ] [ "7"; "--set signal.y" ]
            says [ "fees.maker_bps"; "--set"; "fees.tier=2" ] [ "0.8"; "fees.tier = 2" ]
            testCase "as an object" (fun () ->
                let answer =
                    vrlg [ "config"; "explain"; "signal.y"; "--config"; "configs/vrlg.toml"; "--json" ]

                ended 0 answer
                let e = json answer.Out

                let word (name: string) =
                    string (e.GetProperty(name).GetString())

                Expect.equal
                    [
                        for name in [ "key"; "unit"; "default"; "value"; "source"; "file" ] -> word name
                    ]
                    [ "signal.y"; "ticks"; "2"; "2"; "file"; "configs/vrlg.toml" ]
                    "the fields"

                Expect.equal (e.GetProperty("line").GetInt32()) 11 "the line")
            testCase "what is none: what was meant" (fun () ->
                for name, words in
                    [
                        "signl.z", "did you mean signal.z?"
                        "obi_mx", "did you mean signal.obi_max?"
                        "order_ttl", "did you mean exec.order_ttl_ms?"
                        "risk", "time_stop_ms"
                        "zzz", "vrlg config schema"
                    ] do
                    let answer = vrlg [ "config"; "explain"; name ]
                    ended 1 answer
                    Expect.stringContains answer.Err words name
                    Expect.equal answer.Out "" "no answer")
        ]

// One after the other: they write one gate.json.
let private run (coin: string) (out: string) (sets: string list) =
    let sets = sets |> List.collect (fun s -> [ "--set"; s ])

    vrlg (
        [
            "backtest"
            "--config"
            "configs/vrlg.toml"
            "--data"
            data "market/hyperliquid-l2-20250904"
            "--coin"
            coin
            "--out"
            out
            "--json"
        ]
        @ sets
    )

let private warnings (answer: Answer) =
    (json answer.Out).GetProperty("warnings").EnumerateArray()
    |> Seq.map string
    |> String.concat "\n"

let private risk =
    testList
        "risk"
        [
            testCase "a loss limit kills the run, and every place says so" (fun () ->
                inTemp (fun temp ->
                    let out = Path.Combine(temp, "a")

                    let eager =
                        [
                            "signal.detector=document"
                            "signal.p_max=1"
                            "signal.M=3"
                            "risk.max_loss_usd=0.01"
                        ]

                    let answer = run "SOL" out eager
                    ended 0 answer
                    let notice = "halted: the loss reached"
                    Expect.stringContains (warnings answer) notice "the summary"
                    Expect.equal ((warnings answer).Split notice).Length 2 "once"

                    Expect.stringContains
                        (string ((json answer.Out).GetProperty("halted").GetString()))
                        "nothing was allowed for the "
                        "for how long"

                    for file in [ "report.html"; "log" ] do
                        Expect.stringContains (File.ReadAllText(Path.Combine(out, file))) notice file

                    let replayed = vrlg [ "replay"; out ]
                    ended 0 replayed
                    Expect.stringStarts replayed.Out "identical: " "the journal has it too"))
            testCase "the shipped settings bring no warning of a tick, another one does" (fun () ->
                inTemp (fun temp ->
                    let shipped = run "BTC" (Path.Combine(temp, "a")) []
                    Expect.isFalse ((warnings shipped).Contains "tick_size") "nobody's choice"
                    let chosen = run "BTC" (Path.Combine(temp, "b")) [ "symbol.tick_size=0.1" ]
                    Expect.stringContains (warnings chosen) "symbol.tick_size 0.1 is not used" "somebody's"))
            testCase "a share outside the document's is allowed, and said by the check of settings" (fun () ->
                let answer =
                    vrlg [ "config"; "check"; "configs/vrlg.toml"; "--set"; "exec.size_pct=5" ]

                ended 0 answer
                Expect.stringContains answer.Err "0.2 to 0.5 %" "the document's"
                let usual = vrlg [ "config"; "check"; "configs/vrlg.toml" ]
                Expect.equal usual.Err "" "nothing to say")
            testCase "an equity too small for any entry is said, with the least that is enough" (fun () ->
                let small =
                    vrlg
                        [
                            "feasibility"
                            "--config"
                            "configs/vrlg.toml"
                            "--price"
                            "63000"
                            "--set"
                            "account.equity_usd=1000"
                        ]

                ended 0 small
                Expect.stringContains small.Out "none, ever: " "no size"
                Expect.stringContains small.Out "5040 USD at 0.2 %" "the least equity"

                inTemp (fun temp ->
                    let answer =
                        run "BTC" (Path.Combine(temp, "a")) [ "account.equity_usd=1000"; "exec.size_pct=0.1" ]

                    let told = warnings answer
                    Expect.stringContains told "no entry has a size" "a run too"
                    Expect.stringContains told "exec.size_pct is 0.1 %" "and the share"))
        ]

let tests = testList "money" [ feasibility; risk; testSequenced gate; explain ]
