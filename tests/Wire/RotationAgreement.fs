/// Both detectors over the reference streams, and how far what they say lies from what the reference says
/// (rotation-detection.md 11: A1 to A3).
module Vrlg.RotationAgreement

open System
open System.Globalization
open System.IO
open System.IO.Compression
open System.Text.Json
open Vrlg.Core

/// The largest deviations of one run, each beside the bound that the specification asks for.
[<NoComparison>]
type Agreement =
    {
        Name: string
        Mode: string
        /// Reads that were compared; all of the reference's, else the run is of another length.
        Reads: int
        IsWhole: bool
        /// What must be equal and is not: times, states, slots, intervals, crossings.
        Unequal: string list
        /// Figure, largest deviation, bound.
        Deviations: (string * float * float) list
    }

    /// What does not hold, in words.
    member a.Faults: string list =
        [
            if not a.IsWhole then
                $"{a.Reads} reads were compared, the reference has another number"
            yield! a.Unequal
            for name, far, most in a.Deviations do
                if not (far <= most) then
                    $"{name} is off by {far}, at most {most}"
        ]

let private lines (path: string) : string[] =
    use file = File.OpenRead path
    use unpacked = new GZipStream(file, CompressionMode.Decompress)
    use text = new StreamReader(unpacked)

    text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
    |> Array.skip 1
    |> Array.map (fun line -> line.TrimEnd '\r')

let private number (s: string) =
    if s = "" then
        nan
    else
        Double.Parse(s, CultureInfo.InvariantCulture)

/// Columns `t_ms, dob, spread_ticks` of a stream; NaN where a cell is empty.
let private timed (path: string) : struct (int64 * float * float)[] =
    lines path
    |> Array.map (fun line ->
        let cells = line.Split ','
        struct (int64 (number cells[0]), number cells[1], number cells[2]))

let private blocks (path: string) : ProposedBlock[] =
    let table = Collections.Generic.Dictionary<string, int>()

    let number (proposer: string) =
        table.TryAdd(proposer, table.Count) |> ignore<bool>
        table[proposer]

    lines path
    |> Array.map (fun line ->
        let cells = line.Split ','

        {
            Height = int64 cells[0]
            Ms = int64 cells[1]
            Proposer = number cells[2]
        })

let private column (root: JsonElement) (name: string) (read: JsonElement -> 'a) : 'a[] =
    root.GetProperty("every_10s").GetProperty(name).EnumerateArray()
    |> Seq.map read
    |> Seq.toArray

/// Keeps what is unequal, once a kind, and the largest deviations.
[<Sealed>]
type private Notes() =
    let unequal = Collections.Generic.List<string>()
    let kinds = Collections.Generic.HashSet<string>()

    let far =
        Collections.Generic.SortedDictionary<string, float * float>(StringComparer.Ordinal)

    member _.Equal(kind: string, where: string, mine: 'a, theirs: 'a) =
        if mine <> theirs && kinds.Add kind then
            unequal.Add $"{kind} {where}: {mine}, the reference has {theirs}"

    member _.Close(name: string, mine: float, theirs: float, most: float) =
        let by = abs (mine - theirs)

        let before =
            match far.TryGetValue name with
            | true, (d, _) -> d
            | _ -> 0.0

        far[name] <- ((if Double.IsNaN by then infinity else max before by), most)

    member _.Of(name: string, mode: string, reads: int, expected: int) : Agreement =
        {
            Name = name
            Mode = mode
            Reads = reads
            IsWhole = (reads = expected)
            Unequal = List.ofSeq unequal
            Deviations = [ for p in far -> p.Key, fst p.Value, snd p.Value ]
        }

/// A3: document mode on a stream.
let document (folder: string) (name: string) : Agreement =
    let notes = Notes()

    use json =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name + ".document.json")))

    let root = json.RootElement
    let period = column root "period" (fun e -> e.GetDouble())
    let p = column root "p" (fun e -> e.GetDouble())
    let state = column root "state" (fun e -> e.GetInt32())
    let mutable detector = DocumentDetector.Start DocumentConfig.Default
    let mutable seconds = 0
    let mutable reads = 0

    for i, struct (_, dob, spread) in Seq.indexed (timed (Path.Combine(folder, name + ".csv.gz"))) do
        detector <- detector.Push(dob, spread)
        let now = detector.Now

        if i % 10 = 0 && now.IsActive then
            seconds <- seconds + 1

        if i % 100 = 0 && reads < period.Length then
            notes.Close("period", now.Period, period[reads], 1e-9)
            notes.Close("p, relative", now.PValue / max p[reads] 1e-300, (if p[reads] > 0.0 then 1.0 else 0.0), 1e-8)
            notes.Equal("state", $"at row {i}", (if now.IsActive then 1 else 0), state[reads])
            reads <- reads + 1

    notes.Equal("seconds ACTIVE", "in all", seconds, root.GetProperty("seconds_active").GetInt32())
    notes.Of(name, "document", reads, period.Length)

/// Every state of a valid detector over a stream, that of skipped grid instants too.
let private walk (blocks: ProposedBlock[]) (rows: struct (int64 * float * float)[]) (visit: ValidDetector -> unit) =
    let mutable d = ValidDetector.Start ValidConfig.Default
    let mutable told = 0

    for struct (ms, dob, spread) in rows do
        while told < blocks.Length && blocks[told].Ms <= ms + 50L do
            d <- d.Block blocks[told]
            told <- told + 1

        let due = d.Due ms

        if due >= 0L then
            d <- d.From ms

            for _ in 1L .. due do
                d <- d.Step(nan, nan)
                visit d

            d <- d.Step(dob, spread)
            visit d

    d

/// A1: one run of a reference file.
let valid (folder: string) (name: string) (mode: string) : Agreement =
    let notes = Notes()

    use json =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name + ".reference.json")))

    let run =
        json.RootElement.GetProperty("runs").EnumerateArray()
        |> Seq.find (fun r -> r.GetProperty("mode").GetString() = mode)

    let isBlock = mode = "block-clock"

    let feed =
        if isBlock then
            blocks (Path.Combine(folder, name + ".blocks.csv.gz"))
        else
            [||]

    let times = column run "t_ms" (fun e -> e.GetInt64())
    let period = column run "period" (fun e -> e.GetDouble())
    let logE = column run "log10_E" (fun e -> e.GetDouble())
    let state = column run "state" (fun e -> e.GetInt32())

    let next =
        if isBlock then
            [||]
        else
            column run "next_boundary_ms" (fun e -> e.GetDouble())

    let intervals = Collections.Generic.List<int64 * int64>()
    let mutable since = ValueNone
    let mutable reads = 0
    let mutable most = 0.0
    let active = Collections.Generic.List<float>()

    let read (d: ValidDetector) =
        let k = reads
        reads <- reads + 1
        let at = $"at {d.Index}"
        notes.Equal("time", at, d.Ms, times[k])
        notes.Equal("state", at, (if d.IsActive then 1 else 0), state[k])
        notes.Close((if isBlock then "period, slots" else "period, s"), d.ClockPeriod, period[k], 1e-6)

        if logE[k] > -6.0 then
            notes.Close("log10 E", log10 (max d.E 1e-12), logE[k], 1e-5)

        if not isBlock then
            let mine = d.NextBoundaryMs |> ValueOption.defaultValue (float d.Origin)
            notes.Close("next boundary, ms", mine, next[k], 1.0)
        else
            notes.Equal("slots", at, d.Slots, (run.GetProperty "slots").[k].GetInt32())
            notes.Close("mean interval, s", d.BlockInterval, (run.GetProperty "mean_block_s").[k].GetDouble(), 1e-5)

    let last =
        walk feed (timed (Path.Combine(folder, name + ".csv.gz"))) (fun d ->
            match since with
            | ValueNone when d.IsActive -> since <- ValueSome d.Ms
            | ValueSome from when not d.IsActive ->
                intervals.Add((from, d.Ms))
                since <- ValueNone
            | _ -> ()

            notes.Equal("ACTIVE with p above 0.01", $"at {d.Index}", d.IsActive && not (d.P <= 0.01), false)

            if d.Index % 10L = 0L then
                most <- max most d.E

                if d.IsActive then
                    active.Add d.ClockPeriod

            if d.Index % 100L = 0L && reads < period.Length then
                read d)

    match since with
    | ValueSome from -> intervals.Add((from, last.Ms))
    | ValueNone -> ()

    let expected =
        [
            for e in run.GetProperty("active_intervals_ms").EnumerateArray() -> e[0].GetInt64(), e[1].GetInt64()
        ]

    notes.Equal("active intervals", "in all", $"{List.ofSeq intervals}", $"{expected}")
    notes.Equal("crossings", "in all", last.Scored, run.GetProperty("n_crossings").GetInt64())
    notes.Close("largest E, relative", most / run.GetProperty("max_E").GetDouble(), 1.0, 1e-5)

    match run.GetProperty("period_median_active") with
    | e when e.ValueKind = JsonValueKind.Null -> notes.Equal("reads ACTIVE", "in all", active.Count, 0)
    | e ->
        let median = Stats.median (ReadOnlySpan(active.ToArray()))
        notes.Close("median period", median, e.GetDouble(), 1.1e-5)

    notes.Of(name, mode, reads, period.Length)

/// A2: the plain autocorrelation, its standard errors and the white band, against their vectors.
let vectors (folder: string) : Agreement =
    let notes = Notes()

    use json =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "acf-vectors.json")))

    let vectors =
        json.RootElement.GetProperty("vectors").EnumerateArray() |> Seq.toArray

    let numbers (e: JsonElement) (name: string) =
        e.GetProperty(name).EnumerateArray()
        |> Seq.map (fun v -> v.GetDouble())
        |> Seq.toArray

    for e in vectors do
        let acf = numbers e "acf"
        let x = numbers e "x"
        let r = Stats.autocorrelation (ReadOnlySpan x) (acf.Length - 1)
        Array.iter2 (fun a b -> notes.Close("autocorrelation", a, b, 1e-9)) r acf
        let errors = Stats.bartlett r x.Length
        Array.iter2 (fun a b -> notes.Close("standard error", a, b, 1e-9)) errors (numbers e "bartlett_se")
        notes.Close("white band", Stats.whiteBand x.Length, e.GetProperty("white_band_95").GetDouble(), 1e-9)

    notes.Of("acf-vectors", "plain", vectors.Length, max 6 vectors.Length)
