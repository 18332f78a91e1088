/// What the rules of risk did in a run, as people are told it.
module Vrlg.EndToEnd.RuleRuns

open System.IO
open Expecto
open Vrlg.EndToEnd.Command

let private demo =
    lazy
        (let folder =
            Path.Combine(Directory.CreateTempSubdirectory("vrlg-rules-").FullName, "run")

         ended 0 (vrlg [ "demo"; "--out"; folder; "--json" ])
         folder)

let private summary () =
    json (File.ReadAllText(Path.Combine(demo.Value, "summary.json")))

let tests =
    testList
        "rules"
        [
            testCase "says how long entries paused, why the fills came about, and shows a pause at an event" (fun () ->
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
                        (File.ReadAllText(Path.Combine(demo.Value, file)))
                        "entries paused after stop-outs in a row"
                        file

                Expect.stringContains (File.ReadAllText(Path.Combine(demo.Value, "report.html"))) text "report"

                let at (n: int64) (more: string list) =
                    (vrlg ([ "replay"; demo.Value; "--at"; string n ] @ more)).Out

                let untilOf (n: int64) =
                    (json (at n [ "--json" ])).GetProperty("paused_until").GetString() |> string

                let last = s.GetProperty("events").GetInt64() - 1L

                // Somewhere in the run a pause holds.
                let inside =
                    [ 1L .. 11L ]
                    |> List.map (fun i -> last * i / 12L)
                    |> List.find (fun n -> untilOf n <> "")

                Expect.stringContains (at inside []) "paused after 3 stop-outs until 20" "in words")
        ]
