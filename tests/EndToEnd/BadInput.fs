/// Whatever is wrong gets a sentence and the documented exit code, and standard output stays empty.
module Vrlg.EndToEnd.BadInput

open System.IO
open Expecto
open Vrlg.EndToEnd.Command

let private file (folder: string) (name: string) (text: string) =
    let path = Path.Combine(folder, name)
    File.WriteAllText(path, text)
    path

let private refuses (name: string) (code: int) (arguments: string -> string list) (words: string list) =
    testCase name (fun () ->
        inTemp (fun temp ->
            let answer = vrlgIn temp "" (arguments temp)
            ended code answer
            Expect.equal answer.Out "" "standard output is for answers"

            for word in words do
                Expect.stringContains answer.Err word "the sentence"))

let private settings (text: string) (temp: string) =
    [ "config"; "check"; file temp "bad.toml" text ]

let private recording (temp: string) =
    file temp "bbo_BTC.csv" "timestamp,price,size,side,exchange_timestamp\n1.5,100,2,bid,1000\n1.5,nan,3,ask,1000\n"
    |> ignore

    [ "backtest"; "--data"; temp; "--out"; Path.Combine(temp, "run") ]

let tests =
    testList
        "bad input"
        [
            refuses "no verb" 2 (fun _ -> []) [ "USAGE" ]
            refuses "an unknown verb" 2 (fun _ -> [ "trade" ]) [ "trade" ]
            refuses "an unknown flag" 2 (fun _ -> [ "demo"; "--fast" ]) [ "--fast" ]
            refuses "a missing argument" 2 (fun _ -> [ "backtest" ]) [ "--data" ]
            refuses "a missing run" 1 (fun _ -> [ "replay"; "nothing" ]) [ "no such run folder" ]
            refuses "a missing report" 1 (fun _ -> [ "report"; "nothing" ]) [ "nothing" ]
            refuses "a missing data folder" 1 (fun _ -> [ "backtest"; "--data"; "nothing" ]) [ "no such folder" ]
            refuses
                "a time without a day"
                2
                (fun _ -> [ "backtest"; "--data"; "nothing"; "--from"; "19:50" ])
                [ "--from 19:50"; "2025-09-04T19:50:00Z" ]
            refuses
                "a day in another order"
                2
                (fun _ -> [ "sweep"; "--data"; "nothing"; "--grid"; "x=0.1"; "--to"; "09/04/2025" ])
                [ "--to 09/04/2025" ]
            refuses "a missing settings file" 1 (fun _ -> [ "config"; "check"; "nothing.toml" ]) [ "no such file" ]
            refuses "a folder in place of settings" 1 (fun temp -> [ "config"; "show"; temp ]) [ "a folder" ]
            refuses "TOML that is none" 1 (settings "[signal\nN = 3") [ "bad.toml:1:"; "TOML" ]
            refuses "a key twice" 1 (settings "[signal]\nN = 80\nN = 81") [ "bad.toml:3:" ]
            refuses
                "every problem at once, each with its place"
                1
                (settings
                    "[signal]\nN = \"a\"\nxx = 1\ny = -2\n[sig]\na = 1\n[symbol]\ntick_size = -1\n[exec]\ndisplay_ratio = nan\n")
                [
                    "bad.toml:2:5:"
                    "whole number"
                    "bad.toml:3:1:"
                    "did you mean signal.x?"
                    "bad.toml:4:"
                    "between 1 and 1000"
                    "bad.toml:5:"
                    "bad.toml:8:"
                    "tick_size"
                    "bad.toml:10:"
                    "nan"
                ]
            refuses "an unknown queue rule" 1 (settings "[sim]\nqueue = \"Lucky\"") [ "Lucky"; "RiskAverse" ]
            refuses "a band of most of the circle" 1 (settings "[signal]\nM = 2") [ "1/4" ]
            refuses
                "JSON that is none"
                1
                (fun temp -> [ "config"; "check"; file temp "bad.json" "{\"signal\": {\n \"N\": }}" ])
                [ "bad.json:2:" ]
            refuses
                "YAML that is none"
                1
                (fun temp -> [ "config"; "check"; file temp "bad.yaml" "signal:\n  N: [1\n" ])
                [ "bad.yaml:" ]
            refuses
                "an assignment without a value"
                1
                (fun _ -> [ "config"; "show"; "--set"; "signal.N" ])
                [ "KEY=VALUE" ]
            refuses
                "an assignment to an unknown key"
                1
                (fun _ -> [ "config"; "show"; "--set"; "signal.NN=3" ])
                [ "did you mean signal.N?" ]
            testCase "the verbs that advise --skip-bad have it" (fun () ->
                inTemp (fun temp ->
                    recording temp |> ignore<string list>

                    for verb in [ [ "inspect"; "rotation" ]; [ "feasibility" ] ] do
                        let refused = vrlgIn temp "" (verb @ [ "--data"; temp ])
                        ended 1 refused
                        Expect.stringContains refused.Err "--skip-bad" "the advice"
                        // What is left may be too little for either; the row is not the reason any more.
                        let answer = vrlgIn temp "" (verb @ [ "--data"; temp; "--skip-bad" ])
                        Expect.isFalse (answer.Err.Contains "bbo_BTC.csv:3") answer.Err
                        Expect.notEqual answer.Code 2 answer.Err))
            refuses "a bad row" 1 recording [ "bbo_BTC.csv:3:5:"; "nan"; "--skip-bad" ]
            refuses
                "a time that is none"
                2
                (fun temp -> recording temp @ [ "--from"; "yesterday" ])
                [ "--from yesterday" ]
            refuses "a seed below zero" 1 (fun _ -> [ "demo"; "--seed"; "-1" ]) [ "-1" ]
            refuses
                "a seed below zero of a back-test, by the flag that gave it"
                1
                (fun temp -> recording temp @ [ "--config"; "configs/vrlg.toml"; "--seed"; "-1" ])
                [ "vrlg: --seed -1: the seed must not be negative" ]
            refuses "a coin without a name" 1 (fun temp -> recording temp @ [ "--coin"; "" ]) [ "--coin is empty" ]
            refuses
                "a folder in place of the settings of a run"
                1
                (fun temp -> recording temp @ [ "--config"; temp ])
                [ "a folder, not a file"; "Name a file" ]
            refuses
                "a place where no folder can be"
                1
                (fun _ -> [ "demo"; "--out"; "/proc/foo" ])
                [ "/proc/foo: the folder cannot be made"; "--out" ]
            refuses
                "two looks at once"
                2
                (fun temp -> [ "replay"; temp; "--at"; "1"; "--order"; "1" ])
                [ "--at and --order" ]
            refuses
                "a file in place of a run"
                1
                (fun temp -> [ "replay"; file temp "README.md" "x" ])
                [ "README.md: this is a file" ]
            refuses
                "text in place of vectors"
                1
                (fun temp -> [ "inspect"; "number"; "--vectors"; file temp "v.json" "# a\nb" ])
                [ "v.json: line 1 is not JSON" ]
            testCase "a missing argument says how the verb is used" (fun () ->
                let answer = vrlg [ "backtest" ]
                ended 2 answer
                Expect.stringStarts answer.Err "vrlg: " "whose sentence"
                Expect.stringContains answer.Err "USAGE: vrlg backtest" "the usage")
            testCase "help is understood however it is asked for" (fun () ->
                for arguments in [ [ "-h" ]; [ "help" ]; [ "--help" ] ] do
                    let answer = vrlg arguments
                    ended 0 answer
                    Expect.stringContains answer.Out "EXIT CODES" "all verbs"

                for arguments in [ [ "help"; "backtest" ]; [ "backtest"; "-h" ]; [ "backtest"; "--help" ] ] do
                    let answer = vrlg arguments
                    ended 0 answer
                    Expect.stringContains answer.Out "--data" "one verb")
            testCase "bad settings are an answer in JSON too" (fun () ->
                inTemp (fun temp ->
                    let bad = file temp "bad.toml" "[signal]\nN = true\nzz = 1\n"
                    let answer = vrlg [ "config"; "check"; bad; "--set"; "sim.seed=x"; "--json" ]
                    ended 1 answer
                    let told = json answer.Out
                    Expect.isFalse (told.GetProperty("ok").GetBoolean()) "not ok"
                    Expect.equal (told.GetProperty("file").GetString()) bad "the file"
                    let problems = [ for p in told.GetProperty("problems").EnumerateArray() -> p ]
                    Expect.equal problems.Length 3 "every one"
                    Expect.equal (problems[0].GetProperty("line").GetInt32()) 2 "the line"
                    Expect.equal (problems[0].GetProperty("column").GetInt32()) 5 "the column"
                    Expect.equal (problems[1].GetProperty("key").GetString()) "signal.zz" "the key"
                    Expect.equal (problems[2].GetProperty("file").GetString()) "--set" "the flag"

                    for p in problems do
                        Expect.isNotEmpty (string (p.GetProperty("sentence").GetString())) "the sentence"

                    let missing = vrlg [ "config"; "check"; "nothing.toml"; "--json" ]
                    ended 1 missing
                    Expect.equal ((json missing.Out).GetProperty("problems").GetArrayLength()) 1 "a missing file too"))
            refuses
                "vectors that are none"
                1
                (fun temp -> [ "inspect"; "number"; "--vectors"; file temp "v.json" "{}" ])
                [ "v.json" ]
            testCase "a bad row is left out on demand, said and counted" (fun () ->
                inTemp (fun temp ->
                    let answer = vrlgIn temp "" (recording temp @ [ "--skip-bad"; "--json" ])
                    ended 0 answer
                    Expect.stringContains answer.Err "bbo_BTC.csv:3:5:" "said"

                    Expect.equal
                        ((json answer.Out).GetProperty("more").GetProperty("skipped_rows").GetInt32())
                        1
                        "counted"))
            testCase "a truncated gzip is refused even with --skip-bad" (fun () ->
                inTemp (fun temp ->
                    let whole = File.ReadAllBytes(data "market/hyperliquid-l2-20251210/bbo_ETH.csv.gz")

                    for cut in [ 4; 8; 1000; whole.Length / 2 ] do
                        File.WriteAllBytes(Path.Combine(temp, "bbo_ETH.csv.gz"), whole[.. whole.Length - 1 - cut])
                        let answer = vrlgIn temp "" [ "backtest"; "--data"; temp; "--skip-bad" ]
                        ended 1 answer
                        Expect.stringContains answer.Err "cut or damaged" $"{cut} bytes short"))
            testCase "settings in three formats are the same settings" (fun () ->
                inTemp (fun temp ->
                    let show path = (vrlg [ "config"; "show"; path ]).Out

                    let toml =
                        show (
                            file
                                temp
                                "a.toml"
                                "[signal]\nN = 40\nx = 0.5\n[latency]\ningest_ms = [10, 30]\n[exec]\none_sided = true\n"
                        )

                    let json =
                        show (
                            file
                                temp
                                "a.json"
                                "{\"signal\": {\"N\": 40, \"x\": 0.5}, \"latency\": {\"ingest_ms\": [10, 30]}, \"exec\": {\"one_sided\": true}}"
                        )

                    let yaml =
                        show (
                            file
                                temp
                                "a.yaml"
                                "signal:\n  N: 40\n  x: 0.5\nlatency:\n  ingest_ms: [10, 30]\nexec:\n  one_sided: true\n"
                        )

                    Expect.stringContains toml "N = 40" "it is read"
                    Expect.equal json toml "JSON"
                    Expect.equal yaml toml "YAML"
                    Expect.equal (show (file temp "b.toml" toml)) toml "what is shown can be read"))
            testCase "the document's sample loads verbatim" (fun () ->
                let answer = vrlg [ "config"; "check"; "configs/vrlg.toml"; "--json" ]
                ended 0 answer
                Expect.isTrue ((json answer.Out).GetProperty("ok").GetBoolean()) "no problem")
            testCase "standard input reaches inspect toml" (fun () ->
                let answer = vrlgIn root "a = 1" [ "inspect"; "toml" ]
                ended 0 answer
                Expect.equal ((json answer.Out).GetProperty("a").GetProperty("type").GetString()) "integer" "tagged"
                ended 1 (vrlgIn root "a = " [ "inspect"; "toml" ]))
            testCase "a file without signing vectors has not passed" (fun () ->
                inTemp (fun temp ->
                    let path = file temp "none.json" "[]"
                    let people = vrlg [ "inspect"; "signing"; "--vectors"; path ]
                    ended 1 people
                    Expect.stringContains people.Err "holds no vectors" "a sentence"
                    let machine = vrlg [ "inspect"; "signing"; "--vectors"; path; "--json" ]
                    ended 1 machine
                    Expect.equal ((json machine.Out).GetProperty("total").GetInt32()) 0 "total"))
        ]
