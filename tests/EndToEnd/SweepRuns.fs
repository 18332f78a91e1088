/// `vrlg sweep` as a person uses it, on a recording.
module Vrlg.EndToEnd.SweepRuns

open System
open System.IO
open System.Text.Json
open Expecto
open Vrlg.EndToEnd.Command
open Vrlg.EndToEnd.SweepCases

/// The document's example (D0-092).
let private document =
    [
        "--grid"
        "x=0.15,0.2,0.25,0.3"
        "--grid"
        "y=1,2,3"
        "--grid"
        "exec.order_ttl_ms=600,1000,1400"
    ]

let private terms =
    [
        "objective"
        "trade_sharpe"
        "max_dd_in_edges"
        "mean_abs_delta"
        "net_usd"
        "trades"
    ]

let private whole =
    testCase
        "the document's 36 sets: objective, raw terms, interval, folds, and the same bytes for any workers"
        (fun () ->
            inTemp (fun temp ->
                let out name = Path.Combine(temp, name)

                let more workers =
                    document @ [ "--walk-forward"; "--workers"; workers ]

                let first = vrlg (sweep (out "a") (more "1"))
                ended 0 first
                let second = vrlg (sweep (out "b") (more "3"))
                ended 0 second
                Expect.equal second.Out first.Out "the answer"
                Expect.equal (bytes (out "b")) (bytes (out "a")) "every file"
                Expect.equal (File.ReadAllText(Path.Combine(out "a", "sweep.json"))) first.Out "sweep.json"

                Expect.equal
                    (bytes (out "a") |> List.map fst)
                    [
                        "config.effective.toml"
                        "plan.json"
                        "points.jsonl"
                        "report.html"
                        "results.parquet"
                        "sweep.json"
                    ]
                    "no marker is left"

                let s = json first.Out
                Expect.equal (s.GetProperty("points").GetInt32()) 36 "points"
                let results = [ for r in s.GetProperty("results").EnumerateArray() -> r ]
                Expect.equal results.Length 36 "a row a set"

                for r in results do
                    Expect.equal (string (r.GetProperty("tier").GetString())) "Tier 2 RiskAverse" "the tier"

                    for name in terms do
                        Expect.isTrue (fst (r.TryGetProperty name)) name

                // The objective is what its terms say.
                for r in results do
                    let term (name: string) = r.GetProperty(name).GetDouble()

                    if r.GetProperty("objective").ValueKind = JsonValueKind.Number then
                        Expect.floatClose
                            Accuracy.high
                            (term "objective")
                            (term "trade_sharpe" - 0.5 * term "max_dd_in_edges" - 0.1 * term "mean_abs_delta")
                            "the formula"

                let objectives =
                    [
                        for r in results do
                            match r.GetProperty("objective") with
                            | o when o.ValueKind = JsonValueKind.Number -> o.GetDouble()
                            | _ -> Double.NegativeInfinity
                    ]

                Expect.isGreaterThan objectives[0] 0.0 "with these fees the best one earns"
                Expect.equal (List.sortDescending objectives) objectives "best first"
                let best = s.GetProperty "best"
                Expect.equal (best.GetProperty("id").GetInt32()) (results[0].GetProperty("id").GetInt32()) "the best"

                Expect.equal
                    [
                        for i in best.GetProperty("interval").EnumerateArray() ->
                            string (i.GetProperty("tier").GetString())
                    ]
                    [ "Tier 2 RiskAverse"; "Tier 2 FrontFirst" ]
                    "both ends of the queue"

                let over = s.GetProperty "overfitting"
                Expect.equal (over.GetProperty("folds").GetArrayLength()) 4 "folds"
                Expect.equal (over.GetProperty("deflated_sharpe").GetProperty("trials").GetInt32()) 36 "trials"))

/// Every row of a sweep, judged by a back-test of the values that it names.
let private agree (temp: string) (axes: string list) (more: string list) (swept: JsonElement) =
    for r in swept.GetProperty("results").EnumerateArray() do
        let values = r.GetProperty "values"

        let sets =
            axes
            |> List.collect (fun path -> [ "--set"; path + "=" + values.GetProperty(path).GetRawText() ])

        let run =
            [
                "backtest"
                "--config"
                "configs/vrlg.toml"
                "--data"
                data recording
                "--coin"
                "SOL"
                "--json"
                "--force"
                "--out"
                Path.Combine(temp, "b")
            ]
            @ eager
            @ more
            @ sets
            @ part

        let s = json (vrlg run).Out
        Expect.equal (r.GetProperty("trades").GetDouble()) (s.GetProperty("trades").GetDouble()) "trades"

        for name in [ "max_drawdown_usd"; "net_usd" ] do
            Expect.floatClose
                { absolute = 1e-6; relative = 0.0 }
                (r.GetProperty(name).GetDouble())
                (s.GetProperty(name).GetDouble())
                name

let private agreesWithBacktest =
    testCase "a set of a sweep is the back-test of the same settings" (fun () ->
        inTemp (fun temp ->
            json (vrlg (sweep (Path.Combine(temp, "s")) (few @ part))).Out
            |> agree temp [ "signal.x"; "exec.order_ttl_ms" ] []))

let private ofEverySeed =
    testCase "sets of several seeds are the back-tests of those seeds" (fun () ->
        inTemp (fun temp ->
            let drawn = [ "--set"; "latency.ingest_ms=[5, 400]" ]

            let swept =
                json (vrlg (sweep (Path.Combine(temp, "s")) ([ "--grid"; "sim.seed=1,2" ] @ drawn @ part))).Out

            let net =
                [
                    for r in swept.GetProperty("results").EnumerateArray() -> r.GetProperty("net_usd").GetDouble()
                ]

            Expect.notEqual net[0] net[1] "another seed draws other delays"
            agree temp [ "sim.seed" ] drawn swept))

let private ofAFile =
    testCase "over a native file it is the sweep over the folder" (fun () ->
        inTemp (fun temp ->
            let file = Path.Combine(temp, "SOL.vt")
            ended 0 (vrlg [ "import"; "--data"; data recording; "--coin"; "SOL"; "--out"; file ])

            let results source name =
                let answer =
                    sweep (Path.Combine(temp, name)) (few @ part)
                    |> List.map (fun a -> if a = data recording then source else a)
                    |> vrlg

                ended 0 answer
                let s = json answer.Out
                s.GetProperty("results").GetRawText(), s.GetProperty("warnings").GetRawText()

            Expect.equal (results file "a") (results (data recording) "b") "results and warnings"))

let private screens =
    testCase "a screening says its rule, its rank correlation, and whether it stands" (fun () ->
        inTemp (fun temp ->
            let s =
                json (vrlg (sweep (Path.Combine(temp, "a")) (document @ [ "--screen"; "8" ]))).Out

            let screening = s.GetProperty "screening"
            let rules = [ for r in screening.GetProperty("rules").EnumerateArray() -> r ]

            Expect.equal
                [ for r in rules -> string (r.GetProperty("rule").GetString()) ]
                [ "Tier 1 TouchAt"; "Tier 1 TouchThrough(1)" ]
                "the pair"

            for rule in rules do
                Expect.equal (rule.GetProperty("results").GetArrayLength()) 36 "every set"

                for r in rule.GetProperty("results").EnumerateArray() do
                    Expect.equal
                        (r.GetProperty("tier").GetString())
                        (rule.GetProperty("rule").GetString())
                        "its label"

            let correlation = rules[1].GetProperty("rank_correlation")

            let stands =
                correlation.ValueKind = JsonValueKind.Number && correlation.GetDouble() >= 0.7

            Expect.equal (screening.GetProperty("stands").GetBoolean()) stands "the verdict"
            let compared = screening.GetProperty("compared").GetInt32()

            Expect.isTrue
                (compared >= 12 && compared <= 20)
                $"{compared}: the best eight of the whole and of the fold, and four"

            Expect.equal
                (s.GetProperty("results").GetArrayLength())
                (if stands then compared else 36)
                "what is no result is not among them"))

let private page =
    testCase "its page opens, draws every chart and asks for nothing, in light and dark, wide and narrow" (fun () ->
        let chromium =
            match Environment.GetEnvironmentVariable "VRLG_CHROMIUM" with
            | null
            | "" -> "/usr/bin/chromium"
            | path -> path

        if not (File.Exists chromium) then
            skiptest $"{chromium} is missing: install chromium, or name one in VRLG_CHROMIUM"

        if not (Directory.Exists(Path.Combine(root, "node_modules", "playwright-core"))) then
            skiptest "playwright-core is missing: run build/web.sh"

        inTemp (fun temp ->
            let loss = [ "--set"; "fees.maker_bps=1.5"; "--set"; "fees.taker_bps=4.5" ]

            for name, more in [ "gain", document @ [ "--screen"; "8" ]; "loss", few @ part @ loss ] do
                let out = Path.Combine(temp, name)
                ended 0 (vrlg (sweep out more))

                for scheme, width in [ "light", "1280"; "dark", "1280"; "light", "360" ] do
                    let script = Path.Combine(root, "tests", "EndToEnd", "browser", "open-report.mjs")

                    let answer =
                        runIn "node" root "" [ script; Path.Combine(out, "report.html"); scheme; width ]

                    ended 0 answer
                    let it = json answer.Out
                    let where = $"{name}, {scheme}, {width} wide"
                    Expect.equal (it.GetProperty("console").GetRawText()) "[]" $"no complaint ({where})"
                    Expect.equal (it.GetProperty("requests").GetRawText()) "[]" $"no request ({where})"
                    Expect.isTrue (it.GetProperty("ready").GetBoolean()) $"drawn ({where})"
                    Expect.isLessThanOrEqual (it.GetProperty("overflow").GetInt32()) 0 $"nothing sticks out ({where})"

                    let charts =
                        [
                            for c in it.GetProperty("charts").EnumerateArray() do
                                let flag (name: string) = c.GetProperty(name).GetBoolean()

                                string (c.GetProperty("name").GetString()),
                                flag "drawn" && (flag "canvas" <> flag "empty")
                        ]

                    Expect.equal
                        (List.sort charts)
                        [ "heat", true; "parallel", true; "scatter", true ]
                        $"charts ({where})"))

let private tooLate =
    testList
        "refused on its data"
        [
            testCase "a walk-forward on too little data" (fun () ->
                inTemp (fun temp ->
                    let answer =
                        vrlg (sweep (Path.Combine(temp, "a")) (few @ part @ [ "--walk-forward" ]))

                    ended 1 answer
                    Expect.stringContains answer.Err "fewer --folds" "the way out"))
            testCase "nothing to continue" (fun () ->
                inTemp (fun temp ->
                    let answer = vrlg (sweep (Path.Combine(temp, "a")) (few @ part @ [ "--resume" ]))
                    ended 1 answer
                    Expect.stringContains answer.Err "no sweep is here" "the sentence"))
        ]

let tests =
    testList "sweep verb" [ whole; agreesWithBacktest; ofEverySeed; ofAFile; screens; page; tooLate ]
