module Vrlg.EndToEnd.DemoRuns

open System.IO
open System.Text.Json
open Expecto
open Vrlg.Core
open Vrlg.EndToEnd.Command

let private files =
    [
        "config.effective.toml"
        "journal-000001.vj"
        "fills.csv"
        "orders.csv"
        "trades.csv"
        "series.csv"
        "phase.csv"
        "summary.json"
        "report.html"
        "log"
    ]

/// One demo for all looks at it.
let internal demo =
    lazy
        (let folder =
            Path.Combine(Directory.CreateTempSubdirectory("vrlg-demo-").FullName, "run")

         let answer = vrlg [ "demo"; "--out"; folder; "--json" ]
         folder, answer)

let private summary () = json (snd demo.Value).Out

let internal flip (file: string) (place: int) =
    let bytes = File.ReadAllBytes file
    bytes[place] <- bytes[place] ^^^ 0x40uy
    File.WriteAllBytes(file, bytes)

let internal copyOf (folder: string) (target: string) =
    Directory.CreateDirectory target |> ignore<DirectoryInfo>

    for file in Directory.GetFiles folder do
        File.Copy(file, Path.Combine(target, string (Path.GetFileName file)))

let tests =
    testSequenced (
        testList
            "demo"
            [
                testCase "writes a whole run folder and prints its summary" (fun () ->
                    let folder, answer = demo.Value
                    ended 0 answer

                    Expect.equal
                        (Directory.GetFiles folder
                         |> Array.map (fun f -> string (Path.GetFileName f))
                         |> Array.sort)
                        (List.toArray (List.sort files))
                        "the files"

                    Expect.equal
                        (File.ReadAllText(Path.Combine(folder, "summary.json")))
                        answer.Out
                        "--json is summary.json")
                testCase "finds the rotation that the market has, and trades" (fun () ->
                    let s = summary ()
                    Expect.isGreaterThan (s.GetProperty("trades").GetInt32()) 20 "trades"

                    Expect.isGreaterThanOrEqual
                        (s.GetProperty("span").GetProperty("active_minutes").GetDouble())
                        10.0
                        "ten minutes"

                    let row =
                        (File.ReadAllLines(Path.Combine(fst demo.Value, "series.csv")) |> Array.last).Split ','

                    Expect.equal row[4] "2" "the period in seconds"
                    Expect.equal row[7] "1" "active")
                testCase "keeps its figures consistent" (fun () ->
                    let s = summary ()
                    let number (name: string) = s.GetProperty(name).GetDecimal()
                    Expect.equal (number "gross_usd" - number "fees_usd") (number "net_usd") "net is gross less fees"

                    let trades =
                        File.ReadAllLines(Path.Combine(fst demo.Value, "trades.csv")).Length - 1

                    Expect.equal trades (s.GetProperty("trades").GetInt32()) "a row a trade"

                    Expect.equal
                        (s.GetProperty("run").GetInt64())
                        (s.GetProperty("seed").GetInt64())
                        "the run is the seed")
                testCase "prints every new figure with its unit, null where undefined, and parts that add up" (fun () ->
                    let m = (summary ()).GetProperty "metrics"
                    let equity = m.GetProperty "equity"
                    // Twenty minutes hold no 30 returns of 60 s.
                    Expect.equal (equity.GetProperty("sharpe_60s").ValueKind) JsonValueKind.Null "Sharpe"

                    Expect.equal
                        (equity.GetProperty("max_drawdown_usd").GetDecimal())
                        ((summary ()).GetProperty("max_drawdown_usd").GetDecimal())
                        "one drawdown"

                    let markouts = [ for row in m.GetProperty("markout").EnumerateArray() -> row ]
                    Expect.equal markouts.Length 6 "horizons"

                    for row in markouts do
                        let number (name: string) = row.GetProperty(name).GetDecimal()

                        Expect.equal
                            (number "half_spread_bps" + number "adverse_bps")
                            (number "markout_bps")
                            "they add up exactly"

                    for name in [ "value"; "trade_sharpe"; "max_dd_in_edges_days"; "mean_abs_delta" ] do
                        Expect.isTrue (fst (m.GetProperty("objective").TryGetProperty name)) name)
                testCase "stands between the queue rules, and says of what tier its data are" (fun () ->
                    let s = summary ()

                    Expect.stringStarts
                        (string (s.GetProperty("data_tier_label").GetString()))
                        "synthetic: "
                        "the tier"

                    let rules = s.GetProperty "queue_interval"
                    Expect.equal (rules.GetProperty("point_model").GetString()) "RiskAverse" "the rule of the settings"

                    for name in [ "fills"; "trades"; "net_usd"; "avg_pnl_bps"; "hit_rate" ] do
                        let at (rule: string) =
                            rules.GetProperty(rule).GetProperty(name).GetDecimal()

                        Expect.equal (at "point") (at "risk_averse") $"{name}: the run is its own bound"

                    let fills (rule: string) =
                        rules.GetProperty(rule).GetProperty("fills").GetInt32()

                    Expect.equal (fills "point") (s.GetProperty("fills").GetInt32()) "the run's own fills"
                    Expect.isGreaterThanOrEqual (fills "front_first") (fills "risk_averse") "the upper bound")
                testCase "is the same again, to the byte" (fun () ->
                    inTemp (fun temp ->
                        let folder = Path.Combine(temp, "again")
                        ended 0 (vrlg [ "demo"; "--out"; folder ])

                        for file in files |> List.filter (fun f -> f <> "log") do
                            let bytes (at: string) =
                                File.ReadAllBytes(Path.Combine(at, file))

                            Expect.isTrue (bytes folder = bytes (fst demo.Value)) file))
                testCase "with another seed is another market" (fun () ->
                    inTemp (fun temp ->
                        let folder = Path.Combine(temp, "other")
                        let answer = vrlg [ "demo"; "--out"; folder; "--seed"; "7"; "--json" ]
                        ended 0 answer

                        Expect.notEqual
                            ((json answer.Out).GetProperty("journal_sha256").GetString())
                            ((summary ()).GetProperty("journal_sha256").GetString())
                            "another journal"))
                testCase "replays identically" (fun () ->
                    let answer = vrlg [ "replay"; fst demo.Value ]
                    ended 0 answer
                    Expect.stringStarts answer.Out "identical: " "the word"
                    let told = json (vrlg [ "replay"; fst demo.Value; "--json" ]).Out
                    Expect.isTrue (told.GetProperty("identical").GetBoolean()) "in JSON too"

                    Expect.equal
                        (told.GetProperty("events").GetInt64())
                        ((summary ()).GetProperty("events").GetInt64())
                        "every event")
                testCase "shows an event: markets, gates with numbers, orders" (fun () ->
                    let answer = vrlg [ "replay"; fst demo.Value; "--at"; "20000" ]
                    ended 0 answer

                    for word in [ "rotation"; "significance"; "phase"; "dob"; "spread"; "obi"; "period 2 s" ] do
                        Expect.stringContains answer.Out word "the gates"

                    let beyond = vrlg [ "replay"; fst demo.Value; "--at"; "99999999" ]
                    ended 1 beyond
                    Expect.stringContains beyond.Err "the journal ends with event" "the sentence")
                testCase "shows an event as numbers in JSON" (fun () ->
                    let at n =
                        let answer = vrlg [ "replay"; fst demo.Value; "--at"; string n; "--json" ]
                        ended 0 answer
                        json answer.Out

                    let gate (told: JsonElement) (name: string) =
                        told.GetProperty("gates").EnumerateArray()
                        |> Seq.find (fun g -> g.GetProperty("name").GetString() = name)

                    let late = at 20_000
                    Expect.equal ((gate late "rotation").GetProperty("value").GetDouble()) 2.0 "the period"
                    Expect.isTrue ((gate late "rotation").GetProperty("open").GetBoolean()) "known"
                    Expect.isGreaterThan ((gate late "spread").GetProperty("limit").GetDouble()) 0.0 "the least spread"
                    let market = (late.GetProperty "markets").EnumerateArray() |> Seq.head

                    Expect.isGreaterThan
                        (market.GetProperty("ask").GetDouble())
                        (market.GetProperty("bid").GetDouble())
                        "the best quotes"

                    let position = (late.GetProperty "positions").EnumerateArray() |> Seq.head
                    Expect.equal (position.GetProperty("size").ValueKind) JsonValueKind.Number "the position"

                    let early = at 3
                    Expect.equal (early.GetProperty("paused_until").ValueKind) JsonValueKind.Null "no pause"

                    Expect.equal
                        ((gate early "rotation").GetProperty("value").ValueKind)
                        JsonValueKind.Null
                        "no period"

                    Expect.isFalse ((gate early "phase").GetProperty("open").GetBoolean()) "no phase is no open gate"
                    let words = vrlg [ "replay"; fst demo.Value; "--at"; "3" ]
                    Expect.stringContains words.Out "no period yet" "in words"
                    Expect.isFalse (words.Out.Contains "median -") "no dash for a number")
                testCase
                    "says how long entries paused, why the fills came about, and shows a pause at an event"
                    (fun () ->
                        let s = summary ()
                        let paused = s.GetProperty "paused"
                        Expect.isGreaterThan (paused.GetProperty("times").GetInt32()) 0 "it paused"
                        let text = string (paused.GetProperty("text").GetString())
                        Expect.stringContains text " s of 1200 s: from 20" "in words"

                        let fills =
                            s.GetProperty("fills_by_reason").EnumerateObject()
                            |> Seq.sumBy _.Value.GetInt32()

                        Expect.equal fills (s.GetProperty("fills").GetInt32()) "every fill has a reason"

                        for file in [ "report.html"; "log" ] do
                            Expect.stringContains
                                (File.ReadAllText(Path.Combine(fst demo.Value, file)))
                                "entries paused after stop-outs in a row"
                                file

                        Expect.stringContains
                            (File.ReadAllText(Path.Combine(fst demo.Value, "report.html")))
                            text
                            "report"

                        let at (n: int64) (more: string list) =
                            (vrlg ([ "replay"; fst demo.Value; "--at"; string n ] @ more)).Out

                        let untilOf (n: int64) =
                            (json (at n [ "--json" ])).GetProperty("paused_until").GetString() |> string

                        let last = s.GetProperty("events").GetInt64() - 1L

                        // Somewhere in the run a pause holds.
                        let inside =
                            [ 1L .. 11L ]
                            |> List.map (fun i -> last * i / 12L)
                            |> List.find (fun n -> untilOf n <> "")

                        Expect.stringContains (at inside []) "paused after 3 stop-outs until 20" "in words")
                testCase "names the quote that closed a position, and no entry as an exit" (fun () ->
                    let rows = File.ReadAllLines(Path.Combine(fst demo.Value, "trades.csv"))
                    let cell (row: string) = let cells = row.Split ',' in cells[6]
                    let reasons = rows |> Array.skip 1 |> Array.map cell |> Array.distinct
                    Expect.contains reasons "opposite_quote" "the demo has some"
                    Expect.isFalse (Array.contains "entry" reasons) "an entry is no exit")
                testCase "marked incomplete says so when its report is drawn" (fun () ->
                    inTemp (fun temp ->
                        let folder = Path.Combine(temp, "run")
                        copyOf (fst demo.Value) folder
                        File.WriteAllText(Path.Combine(folder, "INCOMPLETE"), "")
                        let answer = vrlg [ "report"; folder ]
                        ended 0 answer
                        Expect.stringContains answer.Err "did not come to its end" "the sentence"))
                testCase "written anew takes the place of the old run" (fun () ->
                    inTemp (fun temp ->
                        let folder = Path.Combine(temp, "run")
                        copyOf (fst demo.Value) folder
                        let answer = vrlg [ "demo"; "--out"; folder; "--seed"; "2"; "--force"; "--json" ]
                        ended 0 answer
                        Expect.equal (File.ReadAllText(Path.Combine(folder, "summary.json"))) answer.Out "the new one"
                        Expect.equal (Directory.GetDirectories temp) [| folder |] "nothing is left beside it"))
                testCase "tells an order's life by its counter and by its cloid" (fun () ->
                    let answer = vrlg [ "replay"; fst demo.Value; "--order"; "1" ]
                    ended 0 answer
                    Expect.stringContains answer.Out "place 0x00000000000000010000000000000001" "what sent it"
                    Expect.stringContains answer.Out "accepted as" "what the venue said"

                    let same =
                        vrlg [ "replay"; fst demo.Value; "--order"; "0x00000000000000010000000000000001" ]

                    Expect.equal same.Out answer.Out "the same order"
                    ended 1 (vrlg [ "replay"; fst demo.Value; "--order"; "999999" ])
                    ended 1 (vrlg [ "replay"; fst demo.Value; "--order"; "first" ]))
                testCase "interrupted at any moment it is either whole or marked, in every word" (fun () ->
                    inTemp (fun temp ->
                        let journal run =
                            Path.Combine(temp, run, "journal-000001.vj")

                        let hasOpen (file: string) (pid: int) =
                            Directory.GetFiles $"/proc/{pid}/fd"
                            |> Array.exists (fun fd ->
                                match FileInfo(fd).LinkTarget with
                                | null -> false
                                | target -> target = file)

                        // While it runs; and when its journal is closed and the queue rules beside it are awaited.
                        let moments: (string * (int -> bool)) list =
                            [
                                "running", (fun _ -> File.Exists(journal "running"))
                                "awaiting",
                                (fun pid -> File.Exists(journal "awaiting") && not (hasOpen (journal "awaiting") pid))
                            ]

                        for name, ready in moments do
                            let folder = Path.Combine(temp, name)

                            let answer = interruptedWhen ready [ "demo"; "--out"; folder; "--json" ]

                            let s = json answer.Out
                            let isWhole = answer.Code = 0
                            Expect.isTrue (isWhole || answer.Code = 130) $"{name}: {answer.Code}"
                            Expect.equal (s.GetProperty("complete").GetBoolean()) isWhole $"{name}: its summary"

                            let span (name: string) =
                                System.DateTimeOffset.Parse(
                                    string ((s.GetProperty "span").GetProperty(name).GetString()),
                                    System.Globalization.CultureInfo.InvariantCulture
                                )

                            let minutes = (span "to" - span "from").TotalMinutes
                            let returns = s.GetProperty("metrics").GetProperty("equity").GetProperty("returns")

                            Expect.isLessThanOrEqual
                                (returns.GetDouble())
                                (minutes + 1.0)
                                $"{name}: no figure looks past its end"

                            Expect.equal
                                (s.GetProperty("queue_interval").ValueKind <> JsonValueKind.Null)
                                isWhole
                                $"{name}: its interval"

                            Expect.equal
                                (File.Exists(Path.Combine(folder, "INCOMPLETE")))
                                (not isWhole)
                                $"{name}: its mark"))
                testCase "is drawn again without running again" (fun () ->
                    let folder = fst demo.Value
                    let page = Path.Combine(folder, "report.html")
                    let before = File.ReadAllBytes page
                    File.Delete page
                    let answer = vrlg [ "report"; folder ]
                    ended 0 answer
                    Expect.isTrue (File.ReadAllBytes page = before) "the same page")
            ]
    )
