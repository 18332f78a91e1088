/// What people meet who use the program for the first time: a coin that was not named, a run that was stopped, a file that is cut.
module Vrlg.EndToEnd.Newcomers

open System.IO
open Expecto
open Vrlg.EndToEnd.Command

let private folder () = data "market/hyperliquid-l2-20250904"

let private says (code: int) (words: string list) (arguments: string list) =
    let answer = vrlg arguments
    ended code answer

    for word in words do
        Expect.stringContains (answer.Out + answer.Err) word (String.concat " " arguments)

let private backtest (out: string) (more: string list) =
    vrlg ([ "backtest"; "--data"; folder (); "--out"; out; "--json" ] @ more)

let private coins =
    testList
        "of several coins"
        [
            testCase "none is taken unless one is named, whatever the verb" (fun () ->
                inTemp (fun temp ->
                    let data = [ "--data"; folder () ]
                    let words = [ "several coins are here: BTC, SOL, WLFI"; "--coin" ]
                    says 1 words ([ "backtest"; "--out"; Path.Combine(temp, "r") ] @ data)
                    says 1 words ([ "sweep"; "--grid"; "y=1,2"; "--out"; Path.Combine(temp, "s") ] @ data)
                    says 1 words ([ "inspect"; "rotation" ] @ data)
                    says 1 words ([ "import"; "--out"; Path.Combine(temp, "i.vt") ] @ data)))
            testCase "the one that the settings state is taken, and every way to name it is one run" (fun () ->
                inTemp (fun temp ->
                    let span = [ "--from"; "2025-09-04T19:50:00Z"; "--to"; "2025-09-04T19:51:00Z" ]

                    let hash (name: string) (more: string list) =
                        let out = Path.Combine(temp, name)
                        let answer = backtest out (more @ span)
                        ended 0 answer

                        Expect.stringContains
                            (File.ReadAllText(Path.Combine(out, "config.effective.toml")))
                            "name = \"SOL\""
                            "the coin that was traded"

                        (json answer.Out).GetProperty("config_sha256").GetString()

                    let named = hash "a" [ "--coin"; "SOL" ]
                    Expect.equal (hash "b" [ "--set"; "symbol.name=SOLUSD-PERP" ]) named "by its symbol"
                    Expect.equal (hash "c" [ "--coin"; "sol-usd" ]) named "by another"))
        ]

let private files =
    testList
        "files"
        [
            testCase "a stopped run replays as far as it goes, and is called INCOMPLETE" (fun () ->
                inTemp (fun temp ->
                    let run = Path.Combine(temp, "run")
                    vrlg [ "demo"; "--out"; run; "--json" ] |> ended 0
                    let journal = Path.Combine(run, "journal-000001.vj")
                    let bytes = File.ReadAllBytes journal
                    File.WriteAllBytes(journal, bytes[.. bytes.Length - 2_000])
                    // Without the mark it is a cut file.
                    says 5 [ "the tail is missing" ] [ "replay"; run ]
                    File.WriteAllText(Path.Combine(run, "INCOMPLETE"), "")
                    says 0 [ "identical: "; "INCOMPLETE: it was stopped after event" ] [ "replay"; run ]
                    let told = vrlg [ "replay"; run; "--json" ]
                    ended 0 told
                    Expect.isFalse ((json told.Out).GetProperty("complete").GetBoolean()) "not the whole"))
            testCase "a native file that is cut says what is missing; a folder is none" (fun () ->
                inTemp (fun temp ->
                    let file = Path.Combine(temp, "a.vt")

                    vrlg [ "import"; "--data"; folder (); "--coin"; "WLFI"; "--out"; file ]
                    |> ended 0

                    let bytes = File.ReadAllBytes file
                    let cut = Path.Combine(temp, "cut.vt")

                    for length, missing in [ bytes.Length - 7, "needs 7 more"; 5, "needs 3 more" ] do
                        File.WriteAllBytes(cut, bytes[.. length - 1])
                        says 1 [ "the file is cut: it has"; missing ] [ "verify"; cut ]

                    says 1 [ "this is a folder" ] [ "verify"; temp ]))
            testCase "the page of a rotation is refused before the work, and its path is printed" (fun () ->
                inTemp (fun temp ->
                    let stream = Path.Combine(temp, "s.csv")
                    File.WriteAllText(stream, "t_ms,dob,spread_ticks\n1000,5,1\n1100,5,1\n")
                    let page = Path.Combine(temp, "page.html")
                    says 0 [ page + "\n" ] [ "inspect"; "rotation"; stream; "--html"; page ]
                    // The stream is not even looked for.
                    says 1 [ "--force" ] [ "inspect"; "rotation"; "nowhere.csv"; "--html"; page ]))
        ]

let private words =
    testList
        "words"
        [
            testCase "what is compared fits eighty columns" (fun () ->
                inTemp (fun temp ->
                    let path name = Path.Combine(temp, name)
                    vrlg [ "demo"; "--out"; path "a"; "--json" ] |> ended 0
                    vrlg [ "demo"; "--out"; path "b"; "--seed"; "2"; "--json" ] |> ended 0
                    let answer = vrlg [ "compare"; path "a"; path "b" ]
                    ended 0 answer

                    for line in answer.Out.Split '\n' do
                        // A hash is one word.
                        Expect.isTrue (line.Length <= 80 || not ((line.Trim()).Contains ' ')) line))
            testCase "a replayed feed is told in words" (fun () ->
                says
                    0
                    [ "million records a second"; "fill log, SHA-256"; "2,000,002" ]
                    [ "bench"; "replay"; "--feed"; data "sim/feed_l2.bin.gz" ])
            testCase "a setting of a grid without a value is looked up all the same" (fun () ->
                let sweep grid =
                    [ "sweep"; "--data"; "nowhere"; "--grid"; grid ]

                says 1 [ "foo: this is no setting" ] (sweep "foo=")
                says 1 [ "nosuch: this is no setting; `vrlg config schema`" ] (sweep "nosuch=1")
                says 1 [ "yy: this is no setting; did you mean signal.y?" ] (sweep "yy")
                says 1 [ "no value is named; write it as --grid signal.x=a,b,c" ] (sweep "x="))
            testCase "a narrow screen folds sentences and tables, by COLUMNS where there is no terminal" (fun () ->
                inTemp (fun temp ->
                    for columns in [ 60; 100 ] do
                        let folder = Path.Combine(temp, string columns)
                        let answer = vrlgWide columns [ "demo"; "--out"; folder ]
                        ended 0 answer

                        for line in (answer.Out + answer.Err).Split '\n' do
                            // A path or a hash is one word.
                            let isWord = line.Length > 0 && not ((line.Trim()).Contains ' ')
                            Expect.isTrue (line.Length <= columns || isWord) $"{columns}: {line}"))
            testCase "a settings file is named behind the verb or by --config" (fun () ->
                let file = "configs/vrlg.toml"
                says 0 [ "no problem" ] [ "config"; "check"; file ]
                says 0 [ "no problem" ] [ "config"; "check"; "--config"; file ]
                says 0 [ "[signal]" ] [ "config"; "show"; "--config"; file ]
                says 2 [ "both name the settings" ] [ "config"; "show"; file; "--config"; file ]
                says 0 [ "signal.y" ] [ "config"; "explain"; "y"; file ])
            testCase "a flag that a verb does not know is no file" (fun () ->
                says 2 [ "--jsno"; "did you mean --json?" ] [ "verify"; "--jsno" ]
                says 2 [ "--fifo is no flag of this verb" ] [ "replay"; "--fifo" ])
            testCase "without a price there is no verdict" (fun () ->
                let answer = vrlg [ "feasibility"; "--json" ]
                ended 0 answer

                for row in (json answer.Out).EnumerateArray() do
                    Expect.equal (row.GetProperty("verdict").ValueKind) System.Text.Json.JsonValueKind.Null "none"

                says 0 [ "No verdict: what a tick is worth depends on the price" ] [ "feasibility" ])
            testCase "a gate pools no runs of different settings or coins" (fun () ->
                inTemp (fun temp ->
                    let path name = Path.Combine(temp, name)
                    let span = [ "--from"; "2025-09-04T19:50:00Z"; "--to"; "2025-09-04T19:51:00Z" ]
                    backtest (path "a") ([ "--coin"; "SOL" ] @ span) |> ended 0

                    backtest (path "b") ([ "--coin"; "WLFI"; "--set"; "signal.y=3" ] @ span)
                    |> ended 0

                    says
                        1
                        [
                            "its instrument (WLFI) is not that of"
                            "its hash of the settings"
                            "name runs of one kind"
                        ]
                        [ "gate"; path "a"; path "b" ]))
        ]

/// Markets that the program makes, whose truth is known.
let private markets =
    testList
        "synthetic markets"
        [
            testCase "the demo shows what the detector found, and which gate kept it out" (fun () ->
                inTemp (fun temp ->
                    let run = Path.Combine(temp, "run")
                    let answer = vrlg [ "demo"; "--out"; run ]
                    ended 0 answer

                    for words in [ "period while ACTIVE  2 s"; "short, mean"; "The market turns every 2 s" ] do
                        Expect.stringContains answer.Out words "the table"

                    Expect.stringEnds answer.Out "report.html\n" "the page comes last"
                    let summary = json (File.ReadAllText(Path.Combine(run, "summary.json")))
                    let r = summary.GetProperty "rotation"
                    Expect.equal (string (r.GetProperty "detector")) "document" "the detector"
                    Expect.equal (r.GetProperty("median_period_active_s").GetDecimal()) 2m "the market's own period"
                    Expect.isGreaterThan (r.GetProperty("active_share").GetDouble()) 0.5 "most of the time"
                    let page = File.ReadAllText(Path.Combine(run, "report.html"))
                    Expect.stringContains page "document detector: period 2 s, ACTIVE" "the report"))
            testCase
                "where the effect pays it is found and earned net of fees, where it is not nothing is sent"
                (fun () ->
                    inTemp (fun temp ->
                        let run (name: string) =
                            let out = Path.Combine(temp, name.Substring(10, 4))
                            let answer = vrlg [ "backtest"; "--data"; name; "--out"; out; "--json" ]
                            ended 0 answer
                            json answer.Out

                        let found = run "synthetic:strong,tick=wide,minutes=20"
                        Expect.isGreaterThan (found.GetProperty("net_usd").GetDecimal()) 0m "earned"
                        Expect.isGreaterThan (found.GetProperty("trades").GetInt32()) 50 "often"
                        Expect.equal (found.GetProperty("data_tier").GetString()) "synthetic" "and it says of what"
                        let period = (found.GetProperty "rotation").GetProperty "median_period_active_s"
                        Expect.isLessThan (abs (period.GetDouble() - 2.0)) 0.01 "the period"
                        let out = run "synthetic:none,tick=wide,minutes=20"
                        Expect.equal (out.GetProperty("orders").GetInt32()) 0 "nothing was sent"))
            testCase "are looked at and swept like any other; a name that is none gets a sentence" (fun () ->
                inTemp (fun temp ->
                    let look = [ "inspect"; "rotation"; "--data"; "synthetic:strong,minutes=10" ]
                    says 0 [ "2.0005 s (median)"; "ACTIVE in 1 interval" ] look
                    let sweep = [ "sweep"; "--data"; "synthetic:strong,minutes=20"; "--grid"; "y=1,2" ]
                    says 0 [ "report.html" ] (sweep @ [ "--out"; Path.Combine(temp, "s") ])

                    for name, words in
                        [
                            "synthetic:huge", "none, weak, medium, strong"
                            "synthetic:weak,tick=thin", "fine or wide"
                            "synthetic:weak,minutes=0", "between 1 and 1440"
                            "synthetic:weak,days=1", "tick=, seed= and minutes="
                        ] do
                        says 1 [ words ] [ "backtest"; "--data"; name ]))
        ]

let tests = testList "newcomers" [ coins; files; words; markets ]
