/// Sweeps that are broken off, continued, written anew.
module Vrlg.EndToEnd.SweepStops

open System
open System.IO
open System.Text.Json
open Expecto
open Vrlg.EndToEnd.Command
open Vrlg.EndToEnd.SweepCases

let private tpe (trials: int) =
    [
        "--grid"
        "x=0.05..0.4"
        "--grid"
        "order_ttl_ms=300..2000"
        "--sampler"
        "tpe"
        "--trials"
        string trials
    ]

let private stops =
    testCase "stopped by Ctrl-C it keeps its finished points, each a whole line" (fun () ->
        inTemp (fun temp ->
            let out = Path.Combine(temp, "a")
            let points = Path.Combine(out, "points.jsonl")

            let isThere _ =
                File.Exists points && FileInfo(points).Length > 0L

            // So many sets that it cannot end before it is stopped.
            let answer =
                interruptedWhen isThere (sweep out (tpe 100_000 @ [ "--workers"; "1" ]))

            ended 130 answer
            Expect.equal answer.Out "" "no answer"
            Expect.stringContains answer.Err "--resume" "how to go on"
            Expect.isTrue (File.Exists(Path.Combine(out, "INCOMPLETE"))) "marked"
            let lines = File.ReadAllLines points
            Expect.isNonEmpty lines "something is kept"

            for line in lines do
                Expect.equal ((json line).GetProperty("scores").ValueKind) JsonValueKind.Array "a whole line"))

let private resumes =
    testCase "broken off at any byte and continued it is byte for byte what it would have been" (fun () ->
        inTemp (fun temp ->
            let whole, broken = Path.Combine(temp, "a"), Path.Combine(temp, "b")
            ended 0 (vrlg (sweep whole (tpe 30)))
            Directory.CreateDirectory broken |> ignore<DirectoryInfo>

            let kept name (length: int -> int) =
                let bytes = File.ReadAllBytes(Path.Combine(whole, name))
                File.WriteAllBytes(Path.Combine(broken, name), Array.truncate (length bytes.Length) bytes)

            kept "plan.json" id
            kept "points.jsonl" (fun n -> n / 3)
            File.WriteAllText(Path.Combine(broken, "INCOMPLETE"), "")
            ended 0 (vrlg (sweep broken (tpe 30 @ [ "--resume" ])))
            Expect.equal (bytes broken) (bytes whole) "every file"))

let private differs =
    testCase "a sweep of other data, settings or sets is not continued" (fun () ->
        inTemp (fun temp ->
            let out = Path.Combine(temp, "a")
            ended 0 (vrlg (sweep out (few @ part)))
            ended 0 (vrlg (sweep out (few @ part @ [ "--resume" ])))

            for more, word in
                [
                    [ "--grid"; "x=0.15,0.3"; "--grid"; "order_ttl_ms=600,1500" ] @ part, "grid differs"
                    few @ part @ [ "--seed"; "9" ], "config_sha256 differs"
                    few @ [ "--from"; "2025-09-04T19:49:00Z" ], "from differs"
                    few @ part @ [ "--screen"; "2" ], "screen differs"
                    few @ part @ [ "--coin"; "WLFI" ], "data_sha256"
                ] do
                let arguments =
                    if List.contains "WLFI" more then
                        sweep out (few @ part) |> List.map (fun a -> if a = "SOL" then "WLFI" else a)
                    else
                        sweep out more

                let answer = vrlg (arguments @ [ "--resume" ])
                ended 1 answer

                if word <> "data_sha256" then
                    Expect.stringContains answer.Err word "what differs"

                Expect.isFalse (File.Exists(Path.Combine(out, "INCOMPLETE"))) $"finished it stays, though {word}"

            let again = vrlg (sweep out (few @ part))
            ended 1 again
            Expect.stringContains again.Err "--resume" "what is there is not lost"))

let private anew =
    testCase "written anew and stopped, the old sweep stays, and --resume goes on with the new one" (fun () ->
        inTemp (fun temp ->
            let out = Path.Combine(temp, "a")
            ended 0 (vrlg (sweep out (few @ part)))
            let before = bytes out
            let points = Path.Combine(out + ".new", "points.jsonl")

            let isThere _ =
                File.Exists points && FileInfo(points).Length > 0L

            let answer = interruptedWhen isThere (sweep out (tpe 100_000 @ [ "--force" ]))
            ended 130 answer
            Expect.stringContains answer.Err (out + ".new") "where the points are"
            Expect.equal (bytes out) before "the old one"
            let other = vrlg (sweep out (few @ part @ [ "--resume" ]))
            ended 1 other
            Expect.stringContains other.Err (out + ".new: grid differs") "the new one is another sweep"
            // The old one again, so that it can be compared: the broken one gives way.
            ended 0 (vrlg (sweep out (few @ part @ [ "--force" ])))
            Expect.equal (bytes out) before "anew"
            Expect.equal (Directory.GetDirectories temp) [| out |] "nothing else is left"))

let tests = testList "sweep stops" [ stops; resumes; differs; anew ]
