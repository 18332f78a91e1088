/// `vrlg venue` as a program: what it prints, what it refuses, the files that it reads and writes.
module Vrlg.EndToEnd.VenueRuns

open System.IO
open System.Net
open System.Net.Sockets
open Expecto
open Vrlg.EndToEnd.Command

let private faultsFile =
    """# ten mistakes
[[fault]]
kind = "dorp"
from_ms = 5

[[fault]]
from_ms = 10
to_ms = 5
probability = 1.5

[[fault]]
kind = "http_429"
channel = "l2Book"
delay_ms = 5

[[fault]]
kind = "skip_proposer"
channel = "trades"
from_ms = "now"
chanel = "x"

[fautl]
a = 1
"""

let tests =
    testList
        "venue"
        [
            testCase "it says where it listens, and what is true, until Ctrl-C" (fun () ->
                inTemp (fun temp ->
                    let truth, record = Path.Combine(temp, "truth.json"), Path.Combine(temp, "said")

                    let answer =
                        interruptedWhen
                            (fun _ -> File.Exists truth)
                            [
                                "venue"
                                "--port"
                                "0"
                                "--json"
                                "--scenario"
                                "rotation"
                                "--truth"
                                truth
                                "--record"
                                record
                            ]

                    ended 130 answer
                    let said = json answer.Out
                    let port = said.GetProperty("port").GetInt32()
                    Expect.isGreaterThan port 0 "a free port"
                    Expect.equal (said.GetProperty("http").GetString()) $"http://127.0.0.1:{port}" "http"
                    Expect.equal (said.GetProperty("ws").GetString()) $"ws://127.0.0.1:{port}/ws" "ws"
                    let truth = json (File.ReadAllText truth)
                    Expect.equal (truth.GetProperty("scenario").GetString()) "rotation" "scenario"
                    Expect.equal (truth.GetProperty("period_blocks").GetInt64()) 20L "period"
                    Expect.equal (truth.GetProperty("schedule").GetArrayLength()) 20 "schedule"
                    Expect.equal (Directory.GetFiles(record, "venue-*.jsonl").Length) 1 "a recording"))
            testCase "SIGTERM ends it as Ctrl-C does, and its log is whole" (fun () ->
                inTemp (fun temp ->
                    let truth, log = Path.Combine(temp, "truth.json"), Path.Combine(temp, "log")
                    let who = "0x" + String.replicate 40 "a"

                    let flags more =
                        [ "venue"; "--port"; "0"; "--truth"; truth; "--state"; log ] @ more

                    let answer = signalledWhen "TERM" (fun _ -> File.Exists truth) (flags [])
                    ended 143 answer
                    Expect.stringContains answer.Err "stopped: " "the sentence"
                    Expect.stringEnds (File.ReadAllText log) "}\n" "the log ends with a line"
                    File.Delete truth
                    ended 130 (interruptedWhen (fun _ -> File.Exists truth) (flags []))
                    let other = vrlg (flags [ "--seed"; "2"; "--speed"; "2.5"; "--fund"; who + "=1.5" ])
                    ended 1 other

                    for words in
                        [
                            "--seed 1, now --seed 2"
                            "--speed 1, now --speed 2.5"
                            $"no --fund, now --fund {who}=1.5"
                        ] do
                        Expect.stringContains other.Err words "which flag, and both values"

                    Expect.isFalse (other.Err.Contains "--scenario") "what is the same is not said"))
            testCase "a port in use is a sentence and exit 4" (fun () ->
                use taken = new TcpListener(IPAddress.Loopback, 0)
                taken.Start()
                let port = (taken.LocalEndpoint :?> IPEndPoint).Port

                inTemp (fun temp ->
                    let truth = Path.Combine(temp, "truth.json")
                    let answer = vrlg [ "venue"; "--port"; string port; "--truth"; truth ]
                    ended 4 answer
                    Expect.stringContains answer.Err $"port {port} of this machine is taken" "the sentence"
                    Expect.equal answer.Out "" "no address"
                    Expect.isFalse (File.Exists truth) "and nothing is told of it"))
            testCase "everything that is wrong with a file of faults is said at once, with its line" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "faults.toml")
                    File.WriteAllText(path, faultsFile)
                    let answer = vrlg [ "venue"; "--port"; "0"; "--faults"; path ]
                    ended 1 answer

                    for line, words in
                        [
                            3, "fault.kind is \"dorp\"; did you mean drop?"
                            6, "this fault has no kind"
                            8, "fault.to_ms is 5, not above fault.from_ms, which is 10"
                            9, "fault.probability is 1.5; it must be between"
                            13, "fault.channel \"l2Book\" is nothing that http_429 strikes"
                            14, "http_429 takes no delay_ms"
                            18, "skip_proposer knows no channel"
                            19, "fault.from_ms must be a whole number"
                            20, "fault.chanel is no setting; did you mean fault.channel?"
                            22, "fautl is not known here"
                        ] do
                        let said =
                            answer.Err.Split '\n'
                            |> Array.exists (fun l -> l.Contains $"faults.toml:{line}:" && l.Contains words)

                        Expect.isTrue said $"line {line}: {words} in {answer.Err}"))
            testCase "files that cannot be used are said" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "broken.toml")
                    File.WriteAllText(path, "[[fault]\nkind = ")

                    let refused flags =
                        vrlg ([ "venue"; "--port"; "0" ] @ flags)

                    for flags, words in
                        [
                            [ "--faults"; path ], "this is not TOML"
                            [ "--faults"; Path.Combine(temp, "none.toml") ], "there is no such file"
                            [ "--truth"; Path.Combine(temp, "none", "truth.json") ], "cannot be written"
                            [ "--truth"; Path.Combine(temp, "none", "truth.json") ], "the folder it should lie in"
                            [ "--record"; path ], "cannot be written into"
                            [ "--record"; "/proc/vrlg" ], "no folder can be made there"
                            [ "--state"; temp ], $"{temp} cannot be written; --state needs a file"
                            [ "--state"; Path.Combine(temp, "none", "log") ], "--state needs a file in a folder"
                            [ "--state"; path ], "broken.toml is no venue's log; name another file"
                        ] do
                        let answer = refused flags
                        ended 1 answer
                        Expect.stringContains answer.Err words "the sentence"))
        ]
