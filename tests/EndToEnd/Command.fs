/// Runs the launcher as a person does, and reads what it answers.
module Vrlg.EndToEnd.Command

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto

/// The folder of Vrlg.sln, found upwards from where this program lies.
let root: string =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> Directory.GetCurrentDirectory()
        | f when File.Exists(Path.Combine(f.FullName, "Vrlg.sln")) -> f.FullName
        | f -> up f.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

/// A path under the shared data; the test skips where it is not there.
let data (relative: string) : string =
    let shared =
        match Environment.GetEnvironmentVariable "VRLG_SHARED" with
        | null
        | "" -> Path.GetFullPath(Path.Combine(root, "..", "shared"))
        | named -> named

    let path = Path.Combine(shared, "data", relative)

    if Path.Exists path then
        path
    else
        skiptest $"data/{relative} of the reference material is not there; VRLG_SHARED names its folder"

/// What a run of a program gave.
type Answer = { Code: int; Out: string; Err: string }

let private startWide (columns: int) (program: string) (arguments: string list) (folder: string) =
    let info =
        ProcessStartInfo(
            program,
            arguments,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    info.Environment["COLUMNS"] <- string columns
    new Process(StartInfo = info)

/// Sentences are looked for whole: so wide that none is folded.
let private start = startWide 1_000_000

let private ran (child: Process) (input: string) : Answer =
    child.Start() |> ignore<bool>
    child.StandardInput.Write input
    child.StandardInput.Close()
    let err = child.StandardError.ReadToEndAsync()
    let out = child.StandardOutput.ReadToEnd()
    child.WaitForExit()

    {
        Code = child.ExitCode
        Out = out
        Err = err.Result
    }

/// A program in a folder, with a text on its standard input.
let runIn (program: string) (folder: string) (input: string) (arguments: string list) : Answer =
    use child = start program arguments folder
    ran child input

/// The launcher where nothing but COLUMNS says how wide the screen is.
let vrlgWide (columns: int) (arguments: string list) : Answer =
    use child = startWide columns (Path.Combine(root, "vrlg")) arguments root
    ran child ""

/// The launcher in a folder, with a text on its standard input.
let vrlgIn (folder: string) (input: string) (arguments: string list) : Answer =
    runIn (Path.Combine(root, "vrlg")) folder input arguments

let vrlg (arguments: string list) : Answer = vrlgIn root "" arguments

/// Starts the launcher, and sends it a signal once `ready` says so of its process, or it has ended.
let signalledWhen (signal: string) (ready: int -> bool) (arguments: string list) : Answer =
    // Started in the background of a script the tests would hand on that the signal is to be ignored.
    use child =
        start "env" ($"--default-signal={signal}" :: Path.Combine(root, "vrlg") :: arguments) root

    child.Start() |> ignore<bool>
    child.StandardInput.Close()
    let err = child.StandardError.ReadToEndAsync()
    let out = child.StandardOutput.ReadToEndAsync()

    while not (child.WaitForExit 5) && not (ready child.Id) do
        ()

    use kill = Process.Start("kill", [ "-" + signal; string child.Id ])
    kill.WaitForExit()

    if not (child.WaitForExit 120_000) then
        child.Kill true
        failtest $"it went on after {signal}"

    child.WaitForExit()

    {
        Code = child.ExitCode
        Out = out.Result
        Err = err.Result
    }

/// The same as Ctrl-C does.
let interruptedWhen: (int -> bool) -> string list -> Answer = signalledWhen "INT"

/// A folder that is gone afterwards.
let inTemp (act: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-e2e-").FullName

    try
        act folder
    finally
        Directory.Delete(folder, true)

/// The program ended as it should, else what it said.
let ended (code: int) (answer: Answer) =
    Expect.equal answer.Code code $"the exit code; it said: {answer.Err}{answer.Out}"

let json (text: string) : JsonElement =
    use document = JsonDocument.Parse text
    document.RootElement.Clone()
