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
let private look (path: string) (scheme: string) (width: int) =
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

    Expect.equal
        (List.map fst charts |> List.sort)
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
        $"the charts of the page ({where})"

    Expect.isEmpty
        (charts |> List.filter (snd >> not) |> List.map fst)
        $"every chart is drawn, or says why it is empty ({where})"

/// Opens a report in a real browser, light and dark, wide and narrow, and fails when anything is wrong with it.
let checkReport (path: string) =
    look path "light" 1280
    look path "dark" 1280
    look path "light" 400
    look path "light" 360

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
        ]
