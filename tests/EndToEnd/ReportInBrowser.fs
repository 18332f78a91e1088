module Vrlg.EndToEnd.ReportInBrowser

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto
open Vrlg

/// The folder of Vrlg.sln, found upwards from where this program lies.
let private root =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> Directory.GetCurrentDirectory()
        | f when File.Exists(Path.Combine(f.FullName, "Vrlg.sln")) -> f.FullName
        | f -> up f.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

let private chromium =
    match Environment.GetEnvironmentVariable "VRLG_CHROMIUM" with
    | null
    | "" -> "/usr/bin/chromium"
    | path -> path

/// Runs a program in the root folder to its end: exit code, standard output, standard error.
let private run (program: string) (arguments: string list) =
    let start =
        ProcessStartInfo(
            program,
            arguments,
            WorkingDirectory = root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    use child = new Process(StartInfo = start)
    child.Start() |> ignore
    child.StandardInput.Close()
    let complaints = child.StandardError.ReadToEndAsync()
    let answer = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, answer, complaints.Result

let private need (path: string) (how: string) =
    if not (Path.Exists path) then
        skiptest $"{path} is missing: {how}"

let private needBrowser () =
    need chromium "install chromium, or name one in VRLG_CHROMIUM"
    need (Path.Combine(root, "node_modules", "playwright-core")) "run build/web.sh"

/// One look at a report, in light or dark, on a wide or a narrow screen.
let private look (expected: string list) (path: string) (scheme: string) (width: int) =
    let script = Path.Combine(root, "tests", "EndToEnd", "browser", "open-report.mjs")

    let code, answer, complaints = run "node" [ script; path; scheme; string width ]
    Expect.equal code 0 $"the browser's driver ended well: {complaints}"
    use seen = JsonDocument.Parse answer
    let it = seen.RootElement
    let where = $"{scheme}, {width} wide"

    let texts (name: string) =
        [ for x in it.GetProperty(name).EnumerateArray() -> x.ToString() ]

    Expect.isEmpty (texts "console") $"no complaint on the console ({where})"
    Expect.isEmpty (texts "requests") $"no request leaves the file ({where})"
    Expect.isTrue (it.GetProperty("ready").GetBoolean()) $"the page says that it is drawn ({where})"
    Expect.isLessThanOrEqual (it.GetProperty("overflow").GetInt32()) 0 $"nothing sticks out sideways ({where})"

    let charts =
        [
            for chart in it.GetProperty("charts").EnumerateArray() ->
                chart.GetProperty("name").ToString(),
                chart.GetProperty("drawn").GetBoolean()
                && chart.GetProperty("canvas").GetBoolean()
                   <> chart.GetProperty("empty").GetBoolean()
        ]

    Expect.equal (List.map fst charts |> List.sort) expected $"the charts of the page ({where})"

    Expect.isEmpty
        (charts |> List.filter (snd >> not) |> List.map fst)
        $"every chart is drawn, or says why it is empty ({where})"

    [
        for chart in it.GetProperty("charts").EnumerateArray() do
            if chart.GetProperty("empty").GetBoolean() then
                chart.GetProperty("name").ToString()
    ]

let private charts =
    [
        "dob"
        "equity"
        "exit"
        "fills"
        "markout"
        "p"
        "period"
        "phase"
        "position"
        "side"
        "skips"
        "spread"
    ]

/// Opens a page in a real browser, light and dark, wide and narrow, and fails when anything is wrong with it. Gives back which
/// charts said why they are empty.
let private check (charts: string list) (path: string) =
    look charts path "light" 1280 |> ignore
    look charts path "dark" 1280 |> ignore
    look charts path "light" 400 |> ignore
    look charts path "light" 360

let checkReport (path: string) = check charts path |> ignore

let private withFolder (use': string -> unit) =
    let folder =
        Path.Combine(Path.GetTempPath(), "vrlg-browser-" + Guid.NewGuid().ToString "N")

    try
        use' folder
    finally
        if Directory.Exists folder then
            Directory.Delete(folder, true)

let private vrlg arguments =
    let launcher = Path.Combine(root, "vrlg")
    need launcher "the launcher belongs beside Vrlg.sln"
    let code, _, complaints = run launcher arguments
    Expect.equal code 0 $"vrlg ended well: {complaints}"

let private samples =
    [
        "a run with trades", RunSample.usual
        "an incomplete run without a trade",
        { RunSample.usual with
            Trades = 0
            Complete = false
        }
        "a run that saw nothing",
        { RunSample.usual with
            Trades = 0
            Blank = true
        }
        "a run with hostile and very long names",
        { RunSample.usual with
            Coin = "</script><b>" + String('W', 80)
            Warning = "</script><script>throw 1</script>" + String('W', 400)
        }
    ]

/// Streams of a rotation, and which of its four charts have nothing to show.
let private rotations =
    let stream name = Command.data $"rotation/{name}.csv.gz"

    [
        "on the wall clock", (fun _ -> [ stream "s05" ]), []
        "on the block clock", (fun _ -> [ stream "s12"; "--blocks"; stream "s12.blocks" ]), [ "acf" ]
        "in document mode", (fun _ -> [ stream "s05"; "--mode"; "document" ]), []
        "of two samples",
        (fun folder ->
            let path = Path.Combine(folder, "two.csv")
            File.WriteAllText(path, "t_ms,dob,spread_ticks\n1000,5,1\n1100,5,1\n")
            [ path ]),
        [ "evidence"; "period"; "acf"; "profile" ]
    ]

let tests =
    testList
        "ReportInBrowser"
        [
            testCase "the demo's report opens, draws every chart and asks for nothing"
            <| fun () ->
                needBrowser ()

                withFolder (fun folder ->
                    vrlg [ "demo"; "--out"; folder ]
                    checkReport (Path.Combine(folder, "report.html")))

            for name, sample in samples do
                testCase $"the report of {name} opens, draws every chart and asks for nothing"
                <| fun () ->
                    needBrowser ()

                    withFolder (fun folder ->
                        RunSample.write folder sample
                        vrlg [ "report"; folder ]
                        checkReport (Path.Combine(folder, "report.html")))

            for name, arguments, empty in rotations do
                testCase $"the page of a rotation {name} opens, draws every chart and asks for nothing"
                <| fun () ->
                    needBrowser ()

                    withFolder (fun folder ->
                        Directory.CreateDirectory folder |> ignore<DirectoryInfo>
                        let page = Path.Combine(folder, "page.html")
                        vrlg ([ "inspect"; "rotation" ] @ arguments folder @ [ "--html"; page ])
                        let found = check [ "acf"; "evidence"; "period"; "profile" ] page
                        Expect.equal found empty "what has nothing to show")
        ]
