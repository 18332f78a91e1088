/// `load`: a venue of its own process under many clients of this one, and what both cost.
module Vrlg.Bench.Load

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.Globalization
open System.IO
open System.Text.Json
open System.Threading
open Vrlg.Bench.LoadClient
open Vrlg.Bench.LoadTally

let private root: string =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> Directory.GetCurrentDirectory()
        | f when File.Exists(Path.Combine(f.FullName, "Vrlg.sln")) -> f.FullName
        | f -> up f.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

/// A venue that was started here.
type private Venue(flags: string list) =
    let said = ConcurrentQueue<string>()

    let proc =
        let info =
            // Started in the background of a script the load would hand on that the signal of its end is to be ignored.
            ProcessStartInfo(
                "env",
                [
                    "--default-signal=INT"
                    Path.Combine(root, "vrlg")
                    "venue"
                    "--port"
                    "0"
                    "--json"
                ]
                @ flags,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            )

        match Process.Start info with
        | null -> failwith "vrlg does not start"
        | started -> started

    let socket =
        let text = Text.StringBuilder()

        while not (text.ToString().Contains '}') do
            match proc.StandardOutput.ReadLine() with
            | null -> failwith $"the venue ended: {proc.StandardError.ReadToEnd()}"
            | line -> text.Append line |> ignore

        use json = JsonDocument.Parse(text.ToString())
        Uri(string (json.RootElement.GetProperty("ws").GetString()))

    do
        proc.ErrorDataReceived.Add(fun e ->
            match e.Data with
            | null -> ()
            | line -> said.Enqueue line)

        proc.BeginErrorReadLine()

    member _.Socket = socket
    member _.Id = proc.Id
    member _.Said = List.ofSeq said

    member _.Stop() =
        use kill = Process.Start("kill", [ "-INT"; string proc.Id ])
        kill.WaitForExit()

        if not (proc.WaitForExit 30_000) then
            proc.Kill true

        proc.WaitForExit()

let private ticksOf (id: int) =
    // Fields 14 and 15: user and system time in hundredths of a second.
    let stat = File.ReadAllText $"/proc/{id}/stat"
    let fields = stat.Substring(stat.LastIndexOf ')' + 2).Split ' '
    int64 fields[11] + int64 fields[12]

let private residentOf (id: int) =
    let line =
        File.ReadAllLines $"/proc/{id}/status"
        |> Array.find (fun l -> l.StartsWith "VmRSS:")

    float (line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024.0

let private quantile (q: float) (all: float[]) =
    if all.Length = 0 then
        nan
    else
        let sorted = Array.sort all
        sorted[min (sorted.Length - 1) (int (q * float sorted.Length))]

let private line (name: string) (value: string) =
    Console.Out.WriteLine $"{name.PadRight 44} {value}"

let private ms (all: float[]) =
    let at (q: float) =
        (quantile q all).ToString("0.0", CultureInfo.InvariantCulture)

    $"{at 0.5} / {at 0.99} / {at 1.0} ms ({all.Length})"

let private number (value: float) =
    value.ToString("#,0.#", CultureInfo.InvariantCulture)

/// What both processes cost while the load runs: shares of one core, and the venue's memory second by second.
type private Meter(venue: int option) =
    let own = Environment.ProcessId
    let from = Stopwatch.StartNew()
    let before = ticksOf own, venue |> Option.map ticksOf
    let memory = ResizeArray<float>()
    let pauses = GC.GetTotalPauseDuration()

    let timer =
        new Timer((fun _ -> venue |> Option.iter (fun id -> memory.Add(residentOf id))), null, 1_000, 1_000)

    member _.Report() =
        timer.Dispose()
        let seconds = from.Elapsed.TotalSeconds

        let share (now: int64) (was: int64) =
            number (float (now - was) / seconds) + " % of a core"

        line "processor, clients" (share (ticksOf own) (fst before))
        line "collector's pauses, clients" $"{number (GC.GetTotalPauseDuration() - pauses).TotalMilliseconds} ms in all"

        match venue, snd before with
        | Some id, Some was ->
            line "processor, venue" (share (ticksOf id) was)

            if memory.Count > 6 then
                line
                    "memory of the venue, MiB"
                    $"{number memory[4]} after 5 s, {number (Seq.max memory)} at most, {number memory[memory.Count - 1]} at the end"
        | _ -> ()

let private report (plan: Plan) (o: Outcome) =
    line "connections x subscriptions" $"{plan.Connections} x {plan.Subscriptions}"
    line "frames, MiB" $"{number (float o.Frames)}, {number (float o.Bytes / 1048576.0)}"
    line "orders, cancels of ten" $"{o.Orders}, {o.Cancels}"
    line "order to answer, p50 / p99 / most" (ms o.Acks)
    line "block to answer, p50 / p99 / most" (ms o.AfterBlock)
    line "question to answer, p50 / p99 / most" (ms o.Questions)
    line "unanswered, answered twice, errors" $"{o.Unanswered}, {o.AnsweredTwice}, {o.Errors.Length}"

    for error in o.Errors |> List.distinct |> List.truncate 5 do
        Console.Out.WriteLine $"  {error}"

let rec private plan (args: string list) (so: Plan) (venue: string option) : (Plan * string option) option =
    match args with
    | [] -> Some(so, venue)
    | "--connections" :: n :: rest -> plan rest { so with Connections = int n } venue
    | "--subscriptions" :: n :: rest ->
        plan
            rest
            { so with
                Subscriptions = min mostSubscriptions (int n)
            }
            venue
    | "--orders" :: n :: rest -> plan rest { so with Orders = int n } venue
    | "--deflate" :: rest -> plan rest { so with Offers = true } venue
    | "--venue" :: url :: rest -> plan rest so (Some url)
    | seconds :: rest when Char.IsAsciiDigit seconds[0] -> plan rest { so with Seconds = int seconds } venue
    | _ -> None

let private loaded (plan: Plan) (url: string option) : int =
    let folder = Directory.CreateTempSubdirectory("vrlg-load-").FullName

    let started =
        match url with
        | Some _ -> None
        | None ->
            Some(
                Venue(
                    [
                        for address in addresses do
                            "--fund"
                            address + "=1000000"
                    ]
                )
            )

    let socket =
        match started, url with
        | Some venue, _ -> venue.Socket
        | None, Some url -> Uri(url.Replace("http", "ws").TrimEnd '/' + "/ws")
        | None, None -> failwith "no venue"

    try
        let meter = Meter(started |> Option.map (fun v -> v.Id))
        let mark = int64 (DateTime.UtcNow.Ticks % 1_000_000_000L) * 100L
        let outcome = (run socket plan folder mark started.IsSome).GetAwaiter().GetResult()
        report plan outcome
        meter.Report()
        started |> Option.iter (fun v -> v.Stop())

        let said =
            match started with
            | Some venue -> venue.Said
            | None -> []

        for sentence in said |> List.filter (fun s -> not (s.StartsWith "vrlg: building")) do
            line "the venue says" sentence

        let slow = said |> List.filter (fun s -> s.Contains "slow consumer") |> List.length

        let isWell =
            outcome.Errors.IsEmpty && outcome.Unanswered = 0 && outcome.AnsweredTwice = 0

        if not isWell then
            Console.Error.WriteLine "load: not every order was answered once and without an error."
            1
        elif started.IsSome && slow <> 1 then
            Console.Error.WriteLine $"load: one connection reads nothing, {slow} were dropped for it."
            1
        else
            0
    finally
        Directory.Delete(folder, true)

let run (args: string list) : int =
    let usual =
        {
            Seconds = 60
            Connections = 50
            Subscriptions = 20
            Orders = 200
            Offers = false
        }

    match plan args usual None with
    | Some(plan, venue) -> loaded plan venue
    | None ->
        Console.Error.WriteLine
            "load [SECONDS] [--connections N] [--subscriptions N] [--orders N] [--deflate] [--venue URL]"

        2
