/// `vrlg inspect rotation` on the reference streams, and what it says about files that it cannot use.
module Vrlg.EndToEnd.RotationRuns

open System.IO
open System.Text.Json
open Expecto
open Vrlg.EndToEnd.Command

let private stream (name: string) = data $"rotation/{name}.csv.gz"

let private look (arguments: string list) =
    let answer = vrlg ([ "inspect"; "rotation" ] @ arguments)
    ended 0 answer
    answer.Out

let private reference (name: string) (mode: string) : JsonElement =
    json(File.ReadAllText(data $"rotation/{name}.reference.json")).GetProperty("runs").EnumerateArray()
    |> Seq.find (fun r -> r.GetProperty("mode").GetString() = mode)

/// Numbers alike, field by field of what the reference says.
let rec private alike (path: string) (expected: JsonElement) (got: JsonElement) =
    match expected.ValueKind with
    | JsonValueKind.Object ->
        for p in expected.EnumerateObject() do
            alike $"{path}.{p.Name}" p.Value (got.GetProperty p.Name)
    | JsonValueKind.Array ->
        Expect.equal (got.GetArrayLength()) (expected.GetArrayLength()) $"{path}: length"
        Seq.iteri2 (fun i a b -> alike $"{path}[{i}]" a b) (expected.EnumerateArray()) (got.EnumerateArray())
    | JsonValueKind.Number ->
        let a, b = expected.GetDouble(), got.GetDouble()
        Expect.isLessThanOrEqual (abs (a - b)) (1e-6 + 1e-9 * abs a) $"{path}: {b} for {a}"
    | _ -> Expect.equal (got.ToString()) (expected.ToString()) path

let tests =
    testList
        "looking for a rotation"
        [
            for name in [ "s01"; "s08" ] do
                testCase $"{name}: the JSON holds what the reference says" (fun () ->
                    alike name (reference name "wall-clock") (json (look [ stream name; "--json" ])))
            testCase "s12 on the block clock, with its proposers" (fun () ->
                let got = look [ stream "s12"; "--blocks"; stream "s12.blocks"; "--json" ]
                alike "s12" (reference "s12" "block-clock") (json got))
            testCase "s05 in document mode; what the mode lacks is null" (fun () ->
                let got = json (look [ stream "s05"; "--mode"; "document"; "--json" ])
                let expected = json (File.ReadAllText(data "rotation/s05.document.json"))
                alike "s05" (expected.GetProperty "every_10s") (got.GetProperty "every_10s")
                let whole (e: JsonElement) (name: string) = e.GetProperty(name).GetInt32()
                Expect.equal (whole got "seconds_active") (whole expected "seconds_active") "seconds"

                for name in [ "n_crossings"; "max_E"; "slots"; "mean_block_s" ] do
                    Expect.equal (got.GetProperty name).ValueKind JsonValueKind.Null name)
            testCase "the demo of slots goes by its blocks, and trades on them" (fun () ->
                inTemp (fun temp ->
                    let got =
                        vrlg [ "demo"; "--slots"; "24"; "--out"; Path.Combine(temp, "run"); "--json" ]

                    ended 0 got
                    let e = json got.Out
                    Expect.equal (e.GetProperty("block_clock").GetProperty("source").GetString()) "blocks" "its clock"
                    Expect.isGreaterThan (e.GetProperty("trades").GetInt32()) 0 "trades"
                    let one = vrlg [ "demo"; "--slots"; "1"; "--out"; Path.Combine(temp, "one") ]
                    ended 1 one
                    Expect.stringContains one.Err "2 to 600" "no rotation of one"))
            testCase "the text names period, p, E and the active intervals; the page asks for nothing" (fun () ->
                inTemp (fun temp ->
                    let page = Path.Combine(temp, "a folder", "page.html")
                    let text = look [ stream "s05"; "--html"; page ]

                    for word in
                        [
                            "its cap"
                            "1.7001 s (median)"
                            "ACTIVE in 1 interval"
                            "2,218.6"
                            "offset"
                            "phase"
                        ] do
                        Expect.stringContains text word "the text"

                    let html = File.ReadAllText page
                    // The page has the table's figures: largest E, period at the end, whole span.
                    for part in [ "\"most\":2008.55"; "\"cap\":2008.55"; "\"span\":" ] do
                        Expect.stringContains html part "the page"

                    Expect.isFalse (html.Contains "src=" || html.Contains "<link rel=\"stylesheet\"") "self-contained"
                    let again = vrlg [ "inspect"; "rotation"; stream "s05"; "--html"; page ]
                    ended 1 again
                    Expect.stringContains again.Err "--force" "it is not written over"))
            testCase "a recording is looked at without a strategy" (fun () ->
                let folder = data "market/hyperliquid-l2-20250904"
                let got = json (look [ "--data"; folder; "--coin"; "BTC"; "--json" ])
                Expect.equal (got.GetProperty("active_intervals_ms").GetArrayLength()) 0 "no rotation is visible in it"
                Expect.isLessThan (got.GetProperty("max_E").GetDouble()) 10.0 "nor nearly one")
            testCase "rows that are passed over are counted, and told" (fun () ->
                inTemp (fun temp ->
                    let look (name: string) (rows: string seq) =
                        let path = Path.Combine(temp, name)
                        File.WriteAllLines(path, Seq.append [ "t_ms,dob,spread_ticks" ] rows)
                        let answer = vrlg [ "inspect"; "rotation"; path; "--json" ]
                        ended 0 answer
                        let e = json answer.Out

                        [
                            for field in [ "rows_read"; "rows_missing"; "rows_ignored" ] ->
                                e.GetProperty(field).GetInt32()
                        ],
                        answer

                    let rows =
                        [ for i in 0..99 -> $"{1_760_000_000_000L + 100L * int64 i},{10 + i % 7},1" ]

                    let counts, answer = look "good.csv" rows
                    Expect.equal counts [ 100; 0; 0 ] "all are shown"
                    Expect.equal answer.Err "" "and nothing is warned of"
                    let counts, answer = look "reversed.csv" (List.rev rows)
                    Expect.equal counts [ 100; 0; 99 ] "time does not go back"
                    Expect.stringContains answer.Err "99 of 100 rows were ignored, 99 %: 99 out of order" "it is told"
                    let counts, answer = look "twice.csv" (rows @ [ rows[99]; "1760000010000,,1" ])
                    Expect.equal counts [ 102; 1; 1 ] "a row twice, and an empty cell"
                    Expect.stringContains answer.Err "1 of a 100 ms instant that a row above has" "it is told"
                    let _, answer = look "seconds.csv" [ "1760000000,10,1"; "1760000100,10,1.5" ]
                    Expect.stringContains answer.Err "1970-01-21" "the year that it would be"
                    Expect.stringContains answer.Err "were seconds meant?" "implausible times"
                    Expect.stringContains answer.Err "1 of 2 spreads" "no whole ticks"
                    let text = vrlg [ "inspect"; "rotation"; Path.Combine(temp, "twice.csv") ]
                    Expect.stringContains text.Out "102 read, 1 missing samples, 1 ignored" "in the table"))
            testCase "files and flags that cannot be used are refused with a sentence" (fun () ->
                inTemp (fun temp ->
                    let file (name: string) (text: string) =
                        let path = Path.Combine(temp, name)
                        File.WriteAllText(path, text)
                        path

                    let header = "t_ms,dob,spread_ticks\n"

                    let cases =
                        [
                            1, [ file "a.csv" "time,dob\n1,2\n" ], "first line"
                            1, [ file "b.csv" header ], "no rows"
                            1, [ file "c.csv" (header + "1,2\n") ], "line 2"
                            1, [ file "d.csv" (header + "1,2,1\nx,2,1\n") ], "line 3"
                            1, [ file "e.csv" (header + "1,many,1\n") ], "many"
                            1, [ file "e1.csv" (header + "1,NaN,1\n") ], "line 2: dob \"NaN\""
                            1, [ file "e2.csv" (header + "1,2,1\n2,-5,1\n") ], "line 3: dob \"-5\" is below 0"
                            1, [ file "e3.csv" (header + "1,2,inf\n") ], "Leave the cell empty"
                            1, [ file "f.csv" (header + "-5,2,1\n") ], "t_ms"
                            1, [ Path.Combine(temp, "none.csv") ], "no such file"
                            2, [], "--data"
                            2, [ "--jsno" ], "did you mean --json?"
                            2, [ file "g.csv" (header + "1,2,1\n"); "--mode"; "other" ], "valid and document"
                        ]

                    for code, arguments, word in cases do
                        let answer = vrlg ([ "inspect"; "rotation" ] @ arguments)
                        ended code answer
                        Expect.stringContains answer.Err word "the sentence"

                    // One row, empty cells and a gap of years are streams too.
                    for rows in [ "1,2,1\n"; "1,,\n2,,1\n"; "1,2,1\n253402300799999,2,1\n" ] do
                        look [ file "h.csv" (header + rows); "--json" ] |> ignore))
        ]
