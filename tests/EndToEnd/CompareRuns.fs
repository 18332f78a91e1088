/// `vrlg compare` and `vrlg bench replay`, as a person calls them.
module Vrlg.EndToEnd.CompareRuns

open System
open System.IO
open System.IO.Compression
open Expecto
open Vrlg.EndToEnd.Command

let private demo (folder: string) (seed: int) =
    vrlg [ "demo"; "--out"; folder; "--seed"; string seed; "--json" ] |> ended 0

let private comparing =
    testList
        "compare"
        [
            testCase "two runs of one market are the same; of another seed they part" (fun () ->
                inTemp (fun temp ->
                    let path name = Path.Combine(temp, name)
                    demo (path "a") 1
                    demo (path "b") 1
                    demo (path "c") 2
                    let same = vrlg [ "compare"; path "a"; path "b"; "--json" ]
                    ended 0 same
                    let s = json same.Out

                    Expect.equal
                        ((s.GetProperty "first_difference").ValueKind)
                        System.Text.Json.JsonValueKind.Null
                        "the same decisions"

                    Expect.equal ((s.GetProperty "only_first").GetInt32()) 0 "all in pairs"
                    Expect.equal ((s.GetProperty "figures").GetArrayLength()) 0 "the same figures"
                    let other = vrlg [ "compare"; path "a"; path "c"; "--json" ]
                    ended 0 other
                    let o = json other.Out
                    Expect.isGreaterThan ((o.GetProperty "figures").GetArrayLength()) 3 "figures differ"

                    Expect.isGreaterThan
                        (((o.GetProperty "first_difference").GetProperty "order").GetInt32())
                        0
                        "an order is named"

                    let keys =
                        [
                            for f in (o.GetProperty "figures").EnumerateArray() ->
                                string (f.GetProperty("key").GetString())
                        ]

                    Expect.isTrue
                        (keys |> List.exists (fun k -> k.StartsWith "metrics.markout[0]."))
                        "what stands in lists is compared too"

                    Expect.isTrue ((o.GetProperty "first_complete").GetBoolean()) "whole"
                    File.WriteAllText(Path.Combine(path "c", "INCOMPLETE"), "")
                    let table = vrlg [ "compare"; path "a"; path "c" ]
                    Expect.stringContains table.Out "/c (INCOMPLETE: " "a part of a run is called so"
                    ended 0 table
                    Expect.stringContains table.Out "The decisions part at order" "in words"))
            testCase "what is no run folder is refused with a sentence" (fun () ->
                inTemp (fun temp ->
                    let none = vrlg [ "compare"; Path.Combine(temp, "x"); temp ]
                    ended 1 none
                    Expect.stringContains none.Err "no such run folder" "the first"
                    let empty = vrlg [ "compare"; temp; temp ]
                    ended 1 empty
                    Expect.stringContains empty.Err "is missing" "the second"
                    ended 2 (vrlg [ "compare"; temp ])))
        ]

let private replaying =
    testList
        "bench replay"
        [
            testCase "the exact queue needs an order-by-order feed" (fun () ->
                let feed = data "sim/feed_l2.bin.gz"
                let answer = vrlg [ "bench"; "replay"; "--feed"; feed; "--model"; "ExactL3" ]
                ended 1 answer
                Expect.stringContains answer.Err "order-by-order feed" "a sentence")
            testCase "gives the specification's fill log on the reference feed" (fun () ->
                let feed = data "sim/feed_l2.bin.gz"

                inTemp (fun temp ->
                    let log = Path.Combine(temp, "fills.csv")
                    File.WriteAllText(log, "of an earlier run")

                    let answer =
                        vrlg
                            [
                                "bench"
                                "replay"
                                "--feed"
                                feed
                                "--strategy"
                                "quote100"
                                "--profile"
                                "compat"
                                "--fills"
                                log
                                "--force"
                                "--json"
                            ]

                    ended 0 answer
                    let r = json answer.Out
                    let hash = (r.GetProperty "fills_sha256").GetString()

                    Expect.equal hash "81d4d3d6783b31403e34067f0c787acc040bc816a9444ac7950e3689b7a759e3" "the hash"

                    for name, value in
                        [
                            "records", 2_000_002L
                            "steps", 31_879L
                            "submits", 23_864L
                            "cancels", 9_953L
                            "fills", 14_399L
                            "final_position", -5L
                        ] do
                        Expect.equal ((r.GetProperty name).GetInt64()) value name

                    for name in
                        [
                            "lots"
                            "equity"
                            "decode_s"
                            "cpu_s"
                            "mev_per_s"
                            "bytes_per_event"
                            "peak_rss_kb"
                            "passes"
                        ] do
                        Expect.equal
                            (r.GetProperty name).ValueKind
                            System.Text.Json.JsonValueKind.Number
                            $"{name} is a number"

                    let first = File.ReadLines log |> Seq.truncate 2 |> List.ofSeq

                    Expect.equal
                        first
                        [
                            "exch_ts_ns,order_id,side,price_ticks,qty_lots,maker"
                            "1000429458312,1,buy,99999,5,1"
                        ]
                        "the log"))
            testCase "bad words, cut and missing files are refused" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "feed.bin")
                    File.WriteAllBytes(path, Array.zeroCreate 33)

                    let replay more =
                        vrlg ([ "bench"; "replay"; "--feed"; path ] @ more)

                    let cut = replay []
                    ended 1 cut
                    Expect.stringContains cut.Err "whole number of 32-byte rows" "the rows"
                    // Of two members, as log rotation and `cat` make them, joined; of a part of one, nothing.
                    let member' (length: int) =
                        use packed = new MemoryStream()

                        (use stream = new GZipStream(packed, CompressionMode.Compress)
                         stream.Write(ReadOnlySpan(Array.zeroCreate<byte> length)))

                        packed.ToArray()

                    File.WriteAllBytes(path, Array.append (member' 20) (member' 13))
                    let joined = replay []
                    ended 1 joined
                    Expect.stringContains joined.Err "whole number of 32-byte rows" "33 bytes in two members"
                    File.WriteAllBytes(path, Array.truncate 20 (member' 64))
                    let part = replay []
                    ended 1 part
                    Expect.stringContains part.Err "cut or damaged" "a part of a member"
                    File.WriteAllText(Path.Combine(temp, "log.csv"), "mine")
                    let there = replay [ "--fills"; Path.Combine(temp, "log.csv") ]
                    ended 1 there
                    Expect.stringContains there.Err "log.csv: the file is there already" "it is not written over"
                    let model = replay [ "--model"; "Guess" ]
                    ended 1 model
                    Expect.stringContains model.Err "RiskAverse, FrontFirst" "the choices"
                    ended 1 (vrlg [ "bench"; "replay"; "--feed"; Path.Combine(temp, "none") ])
                    ended 2 (vrlg [ "bench"; "replay" ])))
        ]

let tests = testList "comparing and measuring" [ comparing; replaying ]
