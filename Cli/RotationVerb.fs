/// `vrlg inspect rotation`: what the detector says about a feature stream or a recording.
module Vrlg.Cli.RotationVerb

open System
open System.IO
open System.Text.Json
open Argu
open Vrlg.Adapters
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Args
open Vrlg.Cli.RotationRun
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell.Report
open Vrlg.Shell.Tapes
open Vrlg.Sim

let private round (digits: int) (v: float) = Math.Round(v, digits)

let private isDocument (f: Found) = f.Mode = "document"
let private isBlock (f: Found) = f.Mode = "block-clock"

/// One column of the reads; null where the mode has no such figure.
let private column (w: Utf8JsonWriter) (name: string) (all: Read[]) (isThere: bool) (write: Read -> unit) =
    if isThere then
        w.WriteStartArray name

        for r in all do
            write r

        w.WriteEndArray()
    else
        w.WriteNull name

/// log10 of the evidence as the reference files write it: -12 where there is none.
let private logOf (e: float) =
    if e <= 1e-12 then -12.0 else round 6 (log10 e)

let private everyTen (w: Utf8JsonWriter) (f: Found) =
    let all = f.EveryTen
    w.WriteStartObject "every_10s"
    column w "t_ms" all true (fun r -> w.WriteNumberValue r.Ms)
    column w "period" all true (fun r -> w.WriteNumberValue(round 7 r.Period))
    column w "log10_E" all (not (isDocument f)) (fun r -> w.WriteNumberValue(logOf r.E))
    column w "p" all true (fun r -> w.WriteNumberValue r.P)
    column w "state" all true (fun r -> w.WriteNumberValue(if r.IsActive then 1 else 0))

    // Without a prediction the first instant stands, as in the reference files.
    column w "next_boundary_ms" all (not (isDocument f)) (fun r ->
        w.WriteNumberValue(
            if Double.IsNaN r.NextMs then
                all[0].Ms
            else
                int64 (Math.Round r.NextMs)
        ))

    w.WriteEndObject()

let private json (w: Utf8JsonWriter) (f: Found) (c: RotationRows.Counted) (config: ValidConfig) =
    w.WriteStartObject()
    w.WriteString("mode", f.Mode)
    w.WriteNumber("M", (if f.Last.Slots > 0 then f.Last.Slots else config.M))
    w.WriteNumber("z", config.Z)
    w.WriteStartArray "active_intervals_ms"

    for struct (from, until) in f.Intervals do
        w.WriteStartArray()
        w.WriteNumberValue from
        w.WriteNumberValue until
        w.WriteEndArray()

    w.WriteEndArray()

    match f.Crossings with
    | ValueSome n -> w.WriteNumber("n_crossings", n)
    | ValueNone -> w.WriteNull "n_crossings"

    JsonOut.number w "max_E" f.MaxE
    JsonOut.number w "period_median_active" (f.Median |> ValueOption.map (round 5))
    w.WriteNumber("seconds_active", f.SecondsActive)
    w.WriteNumber("restarts", f.Restarts)
    everyTen w f
    column w "slots" f.EveryTen (isBlock f) (fun r -> w.WriteNumberValue r.Slots)
    column w "mean_block_s" f.EveryTen (isBlock f) (fun r -> w.WriteNumberValue(round 5 r.BlockInterval))
    w.WriteNumber("rows_read", c.Read)
    w.WriteNumber("rows_missing", c.Missing)
    w.WriteNumber("rows_ignored", c.Ignored)
    w.WriteEndObject()

let private instant (ms: int64) = moment (Instant.OfMs ms)

let private some (v: float) =
    if v > 0.0 then ValueSome v else ValueNone

/// What the page draws.
let private pageData (f: Found) : string =
    JsonOut.text false (fun w ->
        let numbers (name: string) (all: float seq) =
            w.WriteStartArray name

            for v in all do
                if Double.IsFinite v then
                    w.WriteNumberValue v
                else
                    w.WriteNullValue()

            w.WriteEndArray()

        w.WriteStartObject()
        w.WriteString("mode", f.Mode)
        numbers "acf" f.Acf
        w.WriteNumber("band", Stats.whiteBand Comb.window)
        numbers "phase" (f.Profile |> Seq.map (fun struct (p, _, _) -> p))
        numbers "dob" (f.Profile |> Seq.map (fun struct (_, d, _) -> d))
        numbers "spread" (f.Profile |> Seq.map (fun struct (_, _, s) -> s))
        numbers "time" (f.EveryTen |> Seq.map (fun r -> float r.Ms / 1000.0))
        numbers "period" (f.EveryTen |> Seq.map (fun r -> if r.Seconds > 0.0 then r.Seconds else nan))
        numbers "slots" (f.EveryTen |> Seq.map (fun r -> if r.Slots > 0 then float r.Slots else nan))
        JsonOut.number w "median" f.Median
        // The figures of the table beside it, which are of more instants than the reads of the charts.
        JsonOut.number w "most" f.MaxE
        w.WriteNumber("cap", ValidConfig.Default.Cap)
        JsonOut.number w "last" (some f.Last.Seconds)
        w.WriteNumber("slotsLast", f.Last.Slots)
        w.WriteNumber("span", float (f.Last.Ms - f.EveryTen[0].Ms) / 1000.0)
        numbers "p" (f.EveryTen |> Seq.map (fun r -> r.P))
        numbers "e" (f.EveryTen |> Seq.map (fun r -> r.E))
        w.WriteStartArray "active"

        for struct (from, until) in f.Intervals do
            w.WriteStartArray()
            w.WriteNumberValue(float from / 1000.0)
            w.WriteNumberValue(float until / 1000.0)
            w.WriteEndArray()

        w.WriteEndArray()
        w.WriteEndObject())

let private textOf (f: Found) (c: RotationRows.Counted) =
    let last = f.Last

    let state =
        match f.Intervals with
        | [] -> "never ACTIVE"
        | all ->
            let held = all |> List.sumBy (fun struct (from, until) -> until - from)
            let share = float held / 1000.0
            $"""ACTIVE in {counted (int64 all.Length) "interval"}, {number 1 (ValueSome share)} s together"""

    pairs
        $"rotation, {f.Mode}, {instant f.EveryTen[0].Ms} to {instant last.Ms}"
        [
            "rows",
            $"{whole (int64 c.Read)} read, {whole (int64 c.Missing)} missing samples, {whole (int64 c.Ignored)} ignored "
            + "(instant of an earlier row, or before it)"
            "state", state
            "period while ACTIVE",
            (if isBlock f then
                 withUnit 2 "slots (median)" f.Median
             else
                 withUnit 4 "s (median)" f.Median)
            "at the end",
            (if last.Period > 0.0 then
                 let offset = last.Phase * last.Seconds

                 $"period {number 4 (some last.Seconds)} s, offset {number 3 (ValueSome offset)} s, phase {number 3 (ValueSome last.Phase)}"
             else
                 "no hypothesis")
            "p at the end", number 6 (ValueSome last.P)
            match f.MaxE with
            | ValueSome e when e >= ValidConfig.Default.Cap ->
                "largest E", $"{number 4 (ValueSome e)} (e^3 / 0.01, its cap: more would only delay the end of ACTIVE)"
            | ValueSome e -> "largest E", number 4 (ValueSome e)
            | ValueNone -> "starts after missing samples", string f.Restarts
            match f.Crossings with
            | ValueSome n -> "scored boundaries", whole n
            | ValueNone -> ()
        ]

    if not f.Intervals.IsEmpty then
        Console.Out.WriteLine()

        table
            "ACTIVE"
            [ "from", Left; "to", Left; "seconds", Right ]
            [
                for struct (from, until) in f.Intervals ->
                    [
                        instant from
                        instant until
                        number 1 (ValueSome(float (until - from) / 1000.0))
                    ]
            ]

    Console.Out.WriteLine()
    let step = max 1 ((f.EveryTen.Length + 19) / 20)

    Console.Out.WriteLine "over time"

    let lost =
        tableOf
            [
                "time", Left
                "state", Left
                "period s", Right
                "offset s", Right
                "phase", Right
                "p", Right
                "E", Right
            ]
            [
                for k in 0..step .. f.EveryTen.Length - 1 do
                    let r = f.EveryTen[k]
                    let known = r.Period > 0.0

                    let shown v =
                        if known then ValueSome v else ValueNone

                    [
                        instant r.Ms
                        (if r.IsActive then "ACTIVE" else "OBSERVE")
                        number 4 (some r.Seconds)
                        number 3 (shown (r.Phase * r.Seconds))
                        number 3 (shown r.Phase)
                        number 6 (ValueSome r.P)
                        number 4 (ValueSome r.E)
                    ]
            ]
            // p is 1/E where there is an E, and the phase is what offset and period say.
            [ (if isDocument f then 6 else 5); 4; 3 ]

    if not lost.IsEmpty then
        let names = String.Join(", ", lost)
        paragraph 0 $"no room here for {names}; a wider screen shows them (COLUMNS=100)"

/// The stream that was named, with its name and the blocks that a recording has beside it.
let private streamOf
    (r: ParseResults<InspectRotationArgs>)
    : struct (string * struct (int64 * float * float)[] * ProposedBlock[]) =
    match r.TryGetResult InspectRotationArgs.File, r.TryGetResult InspectRotationArgs.Data with
    | Some _, Some _ -> usage "name either a feature stream or --data, not both."
    | None, None -> usage "name a feature stream, or a recording with --data."
    | Some file, None -> struct (Path.GetFileName file |> string, RotationFile.features file, Array.empty)
    | None, Some data ->
        let named = r.TryGetResult InspectRotationArgs.Coin
        let values = Load.settings None (Load.sets [])
        use stop = Pipeline.stopper ()
        use file: TapeFile | null = if Source.isFile data then TapeFile.Open data else null
        let span = Data.spanOf (r.Contains InspectRotationArgs.Skip_Bad) None None

        let recording =
            match file with
            | null when Source.isMade data -> Source.ofMade data Data.btc named span
            | null ->
                let files = Data.coinFiles (RecordingFolder.Scan data) named values
                Source.ofFolder files span stop.Token
            | file -> Source.ofFile file named span

        if recording.SkippedRows > 0 then
            complain "warning" $"{recording.Coin}: {recording.SkippedRows} bad rows were left out"

        let struct (instrument, _) = Data.instrumentOf (Load.listed None None) recording

        match Sampled.ofTape instrument recording.Tape with
        | [||] -> refuse $"{data}: no instant of the recording has quotes on both sides."
        | rows -> struct (recording.Coin, rows, Sampled.blocksOf recording.Tape)

/// Asked before the work, not after it.
let private refusePage (path: string) (force: bool) =
    if Directory.Exists path then
        refuse $"{path}: this is a folder. Name a file with --html."

    if File.Exists path && not force then
        refuse $"{path}: the file is there already. Name another one with --html, or add --force."

let private writePage (path: string) (name: string) (f: Found) =
    try
        match Path.GetDirectoryName(Path.GetFullPath path) with
        | null
        | "" -> ()
        | folder -> Directory.CreateDirectory folder |> ignore<DirectoryInfo>

        WholeFile.Write(path, RotationPage.Render($"Rotation of {name}, {f.Mode}", pageData f))
    with e when FileTrouble.IsOne e ->
        refuse $"{path}: the page cannot be written: {FileTrouble.Words e} with --html."

let run (r: ParseResults<InspectRotationArgs>) : int =
    let mode = r.GetResult(InspectRotationArgs.Mode, "valid")
    let blocks = r.TryGetResult InspectRotationArgs.Blocks

    if mode <> "valid" && mode <> "document" then
        usage $"--mode {mode}: the modes are valid and document."

    if mode = "document" && blocks.IsSome then
        usage "--blocks: the document's detector counts no slots; leave it out, or take --mode valid."

    let page = r.TryGetResult InspectRotationArgs.Html

    page
    |> Option.iter (fun path -> refusePage path (r.Contains InspectRotationArgs.Force))

    let struct (name, rows, beside) = streamOf r
    let config = ValidConfig.Default
    let shown = RotationRows.count rows

    for warning in RotationRows.warnings shown do
        complain "warning" $"{name}: {warning}"

    let found =
        if mode = "document" then
            document DocumentConfig.Default rows
        else
            let told =
                match blocks with
                | Some file -> Some(RotationFile.blocks file)
                | None when beside.Length > 0 -> Some beside
                | None -> None

            valid config told rows

    page |> Option.iter (fun path -> writePage path name found)

    if r.Contains InspectRotationArgs.Json then
        JsonOut.print (fun w -> json w found shown config)
    else
        textOf found shown

        match page with
        | Some path ->
            Console.Out.WriteLine()
            Console.Out.WriteLine path
        | None -> ()

    Exit.done'
