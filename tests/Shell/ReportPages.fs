module Vrlg.ShellTests.ReportPages

open System
open System.IO
open Expecto
open Vrlg
open Vrlg.RunSample
open Vrlg.Shell.Report

/// Gives the folder of a sample to `look`, and takes it away after.
let private withRun (sample: Sample) (look: string -> unit) =
    let folder =
        Path.Combine(Path.GetTempPath(), "vrlg-report-" + Guid.NewGuid().ToString "N")

    try
        RunSample.write folder sample
        look folder
    finally
        Directory.Delete(folder, true)

let private page folder =
    File.ReadAllText(ReportPage.Write folder)

/// What the charts draw.
let private drawn (html: string) =
    let from = html.IndexOf "id=\"run-data\">" + 14

    use document =
        System.Text.Json.JsonDocument.Parse(html[from .. html.IndexOf("</script>", from) - 1])

    document.RootElement.Clone()

let private refusal folder =
    try
        ReportPage.Write folder |> ignore
        failtest "the folder was shown, but it should have been refused"
    with :? ReportException as e ->
        e.Message

let private edit folder name (change: string -> string) =
    let path = Path.Combine(folder, name)
    File.WriteAllText(path, change (File.ReadAllText path))

let private decimation =
    testList
        "a thinned series"
        [
            testProperty "keeps its lowest, its highest, its first and its last row, in order"
            <| fun (raw: int list) (buckets: byte) ->
                let values = raw |> List.map float |> List.toArray
                let kept = Decimate.MinMax(ReadOnlySpan values, 1 + int buckets % 20)

                let same =
                    values.Length = 0
                    || (let shown = kept |> Array.map (fun i -> values[i])

                        Array.min shown = Array.min values
                        && Array.max shown = Array.max values
                        && kept[0] = 0
                        && kept[kept.Length - 1] = values.Length - 1)

                same && kept = Array.distinct (Array.sort kept)

            testCase "has at most three rows a bucket and two more, however long it is"
            <| fun () ->
                let values = Array.init 100_000 (fun i -> sin (float i))
                let kept = Decimate.MinMax(ReadOnlySpan values, 500)
                Expect.isLessThanOrEqual kept.Length 1502 "rows kept"
                Expect.isGreaterThan kept.Length 900 "rows kept"

            testCase "keeps a single spike and a single hole"
            <| fun () ->
                let values = Array.create 50_000 1.0
                values[31_007] <- 99.0
                values[40_001] <- nan
                let kept = Decimate.MinMax(ReadOnlySpan values, 100)
                Expect.contains kept 31_007 "the spike"
                Expect.contains kept 40_001 "the hole"
        ]

let private hostile =
    { usual with
        Coin = "</script><b>X"
        Warning = "</script><b>bold</b>\u2028{{data}} <!-- https://away"
    }

let private pages =
    testList
        "the page"
        [
            testCase "refers to nothing outside itself"
            <| fun () ->
                withRun usual (fun folder ->
                    let html = page folder

                    for word in [ "http://"; "https://"; "//cdn"; "src="; "@import"; "url(" ] do
                        Expect.isFalse (html.Contains(word, StringComparison.OrdinalIgnoreCase)) word)

            testCase "shows hostile names as text, in the tables and in the data"
            <| fun () ->
                withRun hostile (fun folder ->
                    edit folder "trades.csv" (fun t -> t.Replace("time_stop", "</script><b>why"))
                    edit folder "config.effective.toml" (fun t -> t + "# </pre><b>{{title}}\n")
                    let html = page folder
                    Expect.isFalse (html.Contains "<b>X") "the coin"
                    Expect.isFalse (html.Contains "<b>bold") "the warning"
                    Expect.isFalse (html.Contains "<b>why") "a reason"
                    Expect.isFalse (html.Contains "</pre><b>") "the settings"
                    Expect.isFalse (html.Contains '\u2028') "the line separator"
                    Expect.stringContains html "&lt;/script&gt;&lt;b&gt;X" "the coin as text"
                    Expect.stringContains html "{{data}}" "a placeholder in a text stays text"
                    let scripts = html.Split("</script>").Length - 1
                    Expect.equal scripts 3 "script elements end where they should")

            testCase "names both hashes, the seed, the fees, the queue rule and the latency"
            <| fun () ->
                withRun usual (fun folder ->
                    let html = page folder

                    for word in
                        [
                            String('a', 64)
                            String('b', 64)
                            "maker 1.5 bps, taker 4.5 bps"
                            "RiskAverse"
                            "20 ms to the venue"
                            "2025-09-04 00:00:00.000 UTC"
                            "1,000.00 USD"
                            "\u221214.0544 USD"
                            "42.5 %"
                            usual.Warning
                        ] do
                        Expect.stringContains html word word)

            testCase "shows the measures with their units, the queue rules side by side and the markout curve"
            <| fun () ->
                withRun usual (fun folder ->
                    let html = page folder

                    for word in
                        [
                            "Q2: own recording of book, best quotes and trades"
                            "The run: PowerC:3"
                            "\u221215.5000"
                            "\u221212.2500"
                            "\u221280.25 to \u22123.5 per root year"
                            "4 blocks of 30 min"
                            "12.5 % of the orders sent"
                            "12.5 lots"
                            "without end"
                            "\u22121.5 to 0.5"
                            "\"markout\":[[0,1.25,1.25,0,1,1.5],[1000,-0.75,1.25,-2,-1.5,0.5]]"
                        ] do
                        Expect.stringContains html word word)

            testCase "of a folder without measures has none of their tables"
            <| fun () ->
                withRun { usual with Blank = true } (fun folder ->
                    let html = page folder
                    Expect.isFalse (html.Contains "h-measures") "measures"
                    Expect.isFalse (html.Contains "h-queue") "queue rules")

            testCase "says of a run without trades what kept it out and which fees it could not earn"
            <| fun () ->
                withRun { usual with Trades = 0 } (fun folder ->
                    let html = page folder
                    Expect.stringContains html "No trade was made." "the fact"
                    Expect.stringContains html "<b>p_value</b> 14,210 times (81.7 %)" "the gate"
                    Expect.stringContains html "3 bps when both sides rest" "the fees"
                    Expect.stringContains html "6 bps when the exit takes" "the fees"
                    Expect.stringContains html "not defined" "a figure without trades")

            testCase "says of a loss what made it"
            <| fun () ->
                withRun usual (fun folder ->
                    // The sample's round trips by themselves, which the paragraph adds up.
                    let trips = File.ReadAllLines(Path.Combine(folder, "trades.csv")) |> Array.skip 1

                    let gross =
                        trips
                        |> Array.sumBy (fun t ->
                            Decimal.Parse((t.Split ',')[7], Globalization.CultureInfo.InvariantCulture))

                    let html = page folder
                    Expect.stringContains html "The run lost money." "the fact"
                    Expect.stringContains html "26.40 USD of fees" "what was paid"

                    let word =
                        if gross >= 0m then
                            "the fees made the loss"
                        else
                            "of fees on top"

                    Expect.stringContains html word "the reason")

            testCase "explains the identifiers of its tables, which stay beside their words"
            <| fun () ->
                withRun usual (fun folder ->
                    let html = page folder

                    for words, identifier in
                        [
                            "held for the longest time allowed", "time_stop"
                            "waiting after the last trade", "cooldown"
                        ] do
                        Expect.stringContains html $"{words} <span class=\"id\">{identifier}</span>" words)

            testCase "draws the position after every fill, however short it was held"
            <| fun () ->
                withRun usual (fun folder ->
                    let position = (drawn (page folder)).GetProperty("lines").GetProperty("position")

                    let values =
                        [ for v in position.GetProperty("v").EnumerateArray() -> v.GetDouble() ]

                    Expect.equal values.Length (2 * usual.Trades + 2) "a point a fill, the start and the end"
                    Expect.equal (values |> List.filter (fun v -> v = 0.01) |> List.length) usual.Trades "every one")

            testCase "draws the phase on the 100 ms grid where the folder has it"
            <| fun () ->
                withRun usual (fun folder ->
                    let row i =
                        $"{1756944000000000000L + int64 i * 100_000_000L},{float (i % 20) / 20.0}"

                    let put count =
                        File.WriteAllLines(
                            Path.Combine(folder, "phase.csv"),
                            Array.append [| "time_ns,phase" |] (Array.init count row)
                        )

                    let phase () =
                        (drawn (page folder)).GetProperty("lines").GetProperty("phase")

                    put 6_000
                    let whole = phase ()
                    Expect.equal (whole.GetProperty("v").GetArrayLength()) 6_000 "ten minutes are drawn whole"
                    put 60_000
                    let thinned = phase ()
                    Expect.isTrue (thinned.GetProperty("thinned").GetBoolean()) "a hundred are thinned"
                    let values = [ for v in thinned.GetProperty("v").EnumerateArray() -> v.GetDouble() ]
                    Expect.isGreaterThan (values |> List.filter ((=) 0.95) |> List.length) 2_500 "to their highest"
                    Expect.isGreaterThan (values |> List.filter ((=) 0.0) |> List.length) 2_500 "and their lowest")

            testCase "has a banner when the run is incomplete and none when it is whole"
            <| fun () ->
                withRun { usual with Complete = false } (fun folder ->
                    Expect.stringContains (page folder) "Incomplete run." "cut short")

                withRun usual (fun folder -> Expect.isFalse ((page folder).Contains "Incomplete run.") "whole")

            testCase "can be drawn of a run that saw nothing at all"
            <| fun () ->
                withRun { usual with Trades = 0; Blank = true } (fun folder ->
                    Expect.stringContains (page folder) "no decision that was left out" "nothing counted")

            testCase "is the same bytes each time, and stays small for a day of seconds"
            <| fun () ->
                let day =
                    { usual with
                        Seconds = 86_400
                        Trades = 1_900
                    }

                withRun day (fun folder ->
                    let first = page folder
                    Expect.equal (page folder) first "drawn again"
                    Expect.isLessThan first.Length 2_000_000 "characters"
                    Expect.equal (Directory.GetFiles(folder, "*.new").Length) 0 "nothing half-written stays")
        ]

let private refusals =
    testList
        "a folder that cannot be shown"
        [
            testCase "is refused with the name of the missing file and what to do"
            <| fun () ->
                for name in [ "summary.json"; "fills.csv"; "trades.csv"; "orders.csv"; "series.csv" ] do
                    withRun usual (fun folder ->
                        File.Delete(Path.Combine(folder, name))
                        let said = refusal folder
                        Expect.stringContains said name "the file"
                        Expect.stringContains said "Run the back-test again" "what to do"
                        Expect.isFalse (File.Exists(Path.Combine(folder, "report.html"))) "no page")

            testCase "is refused with the line and the column of a bad number"
            <| fun () ->
                withRun usual (fun folder ->
                    edit folder "fills.csv" (fun t -> t.Replace(",0.165,", ",O.165,"))
                    Expect.stringContains (refusal folder) "fills.csv:2: fee_usd is \"O.165\"" "the place")

            testCase "is refused with the line at which a row was cut"
            <| fun () ->
                withRun usual (fun folder ->
                    edit folder "series.csv" (fun t -> t.Substring(0, t.Length - 20))
                    Expect.stringContains (refusal folder) $"series.csv:{usual.Seconds + 2}: the row has" "the place")

            testCase "is refused when a column is missing or the summary is no JSON"
            <| fun () ->
                withRun usual (fun folder ->
                    edit folder "trades.csv" (fun t -> t.Replace("net_usd", "nett"))
                    Expect.stringContains (refusal folder) "trades.csv:1: the column net_usd is missing" "the column")

                withRun usual (fun folder ->
                    edit folder "summary.json" (fun t -> t.Replace("\"events\":", "\"events\""))
                    Expect.stringContains (refusal folder) "summary.json:3: this is not JSON" "the line")

            testCase "is refused when there is none"
            <| fun () -> Expect.stringContains (refusal "no-such-run") "there is no such run folder" "the sentence"
        ]

let tests = testList "ReportPages" [ decimation; pages; refusals ]
