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
            testCase "the sample's settings cannot pay, at any of five-figure prices" (fun () ->
                let answer = vrlg [ "feasibility"; "--config"; "configs/vrlg.toml" ]
                ended 0 answer

                for coin in [ "BTC"; "ETH"; "SOL"; "WLFI" ] do
                    Expect.stringContains answer.Out $"{coin}\n" "a table a symbol"

                Expect.stringContains answer.Out "not feasible: signal.y = 2 aims for 2 ticks" "the verdict")
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

let tests = testList "money" [ feasibility ]
