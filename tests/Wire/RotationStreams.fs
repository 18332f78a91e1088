/// Both detectors on the reference streams: period, evidence and state every ten seconds.
module Vrlg.Wire.RotationStreams

open System
open System.Globalization
open System.IO
open System.IO.Compression
open System.Text.Json
open Expecto
open Vrlg.Core

let private lines (name: string) : string[] =
    use file = File.OpenRead(Shared.find $"data/rotation/{name}.csv.gz")
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
let private timed (name: string) : struct (int64 * float * float)[] =
    lines name
    |> Array.map (fun line ->
        let cells = line.Split ','
        struct (int64 (number cells[0]), number cells[1], number cells[2]))

/// The same without the times.
let private read (name: string) : (float * float)[] =
    timed name |> Array.map (fun (struct (_, dob, spread)) -> dob, spread)

let private blocks (name: string) : ProposedBlock[] =
    let table = System.Collections.Generic.Dictionary<string, int>()

    let number (proposer: string) =
        table.TryAdd(proposer, table.Count) |> ignore<bool>
        table[proposer]

    lines name
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

let private holds (name: string) =
    let samples = read name

    use document =
        JsonDocument.Parse(File.ReadAllBytes(Shared.find $"data/rotation/{name}.document.json"))

    let root = document.RootElement
    let period = column root "period" (fun e -> e.GetDouble())
    let p = column root "p" (fun e -> e.GetDouble())
    let state = column root "state" (fun e -> e.GetInt32())
    let mutable detector = DocumentDetector.Start DocumentConfig.Default
    let mutable seconds = 0
    let mutable reads = 0

    for i in 0 .. samples.Length - 1 do
        let dob, spread = samples[i]
        detector <- detector.Push(dob, spread)
        let now = detector.Now

        if i % 10 = 0 && now.IsActive then
            seconds <- seconds + 1

        if i % 100 = 0 then
            let k = i / 100
            Expect.floatClose Accuracy.veryHigh now.Period period[k] $"period at row {i}"
            Expect.equal (if now.IsActive then 1 else 0) state[k] $"state at row {i}"

            Expect.isLessThan
                (abs (now.PValue - p[k]))
                (1e-8 * max p[k] 1e-300 + 1e-300)
                $"p at row {i}: {now.PValue} and {p[k]}"

            reads <- reads + 1

    Expect.equal reads period.Length "every read was compared"
    Expect.equal seconds (root.GetProperty("seconds_active").GetInt32()) "seconds active"

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

/// One run of a reference file: everything it says, at the tolerance of rotation-detection.md 11 (A1).
let private agrees (name: string) (mode: string) =
    let rows = timed name

    use document =
        JsonDocument.Parse(File.ReadAllBytes(Shared.find $"data/rotation/{name}.reference.json"))

    let run =
        document.RootElement.GetProperty("runs").EnumerateArray()
        |> Seq.find (fun r -> r.GetProperty("mode").GetString() = mode)

    let isBlock = mode = "block-clock"

    let feed = if isBlock then blocks (name + ".blocks") else [||]

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

    let last =
        walk feed rows (fun d ->
            match since with
            | ValueNone when d.IsActive -> since <- ValueSome d.Ms
            | ValueSome from when not d.IsActive ->
                intervals.Add((from, d.Ms))
                since <- ValueNone
            | _ -> ()

            if d.IsActive && not (d.P <= 0.01) then
                failtest $"active with p {d.P}"

            if d.Index % 10L = 0L then
                most <- max most d.E

                if d.IsActive then
                    active.Add d.ClockPeriod

            if d.Index % 100L = 0L then
                let k = reads
                reads <- reads + 1
                let at = $"{name} at {d.Index}"
                Expect.equal d.Ms times[k] $"{at}: time"
                Expect.equal (if d.IsActive then 1 else 0) state[k] $"{at}: state"
                Expect.isLessThan (abs (d.ClockPeriod - period[k])) 1e-6 $"{at}: period {d.ClockPeriod}, {period[k]}"

                if logE[k] > -6.0 then
                    let mine = log10 (max d.E 1e-12)
                    Expect.isLessThan (abs (mine - logE[k])) 1e-5 $"{at}: log10 E {mine}, {logE[k]}"

                if not isBlock then
                    let mine = d.NextBoundaryMs |> ValueOption.defaultValue (float d.Origin)
                    Expect.isLessThanOrEqual (abs (mine - next[k])) 1.0 $"{at}: next boundary"
                else
                    let slots = (run.GetProperty "slots").[k].GetInt32()
                    let mean = (run.GetProperty "mean_block_s").[k].GetDouble()
                    Expect.equal d.Slots slots $"{at}: slots"
                    Expect.isLessThan (abs (d.BlockInterval - mean)) 1e-5 $"{at}: mean interval")

    match since with
    | ValueSome from -> intervals.Add((from, last.Ms))
    | ValueNone -> ()

    let expected =
        [
            for e in run.GetProperty("active_intervals_ms").EnumerateArray() -> e[0].GetInt64(), e[1].GetInt64()
        ]

    Expect.equal reads period.Length "every read was compared"
    Expect.sequenceEqual intervals expected "active intervals"
    Expect.equal last.Scored (run.GetProperty("n_crossings").GetInt64()) "crossings"
    let largest = run.GetProperty("max_E").GetDouble()
    Expect.isLessThan (abs (most / largest - 1.0)) 1e-5 "largest E"

    match run.GetProperty("period_median_active") with
    | e when e.ValueKind = JsonValueKind.Null -> Expect.equal active.Count 0 "never active"
    | e ->
        let median = Stats.median (ReadOnlySpan(active.ToArray()))
        Expect.isLessThan (abs (median - e.GetDouble())) 1.1e-5 "median period"

let tests =
    testList
        "rotation streams"
        [
            for name in [ "s02"; "s05"; "s09" ] do
                testCase $"{name} in document mode" (fun () -> holds name)
            for k in 1..12 do
                let name = $"s%02d{k}"
                testCase $"{name} in valid mode on the wall clock" (fun () -> agrees name "wall-clock")
            testCase "s12 in valid mode on the block clock" (fun () -> agrees "s12" "block-clock")
            testCase "the plain autocorrelation meets its vectors" (fun () ->
                use document =
                    JsonDocument.Parse(File.ReadAllBytes(Shared.find "data/rotation/acf-vectors.json"))

                let vectors =
                    document.RootElement.GetProperty("vectors").EnumerateArray() |> Seq.toArray

                let numbers (e: JsonElement) (name: string) =
                    e.GetProperty(name).EnumerateArray()
                    |> Seq.map (fun v -> v.GetDouble())
                    |> Seq.toArray

                for e in vectors do
                    let acf = numbers e "acf"
                    let x = numbers e "x"
                    let r = Stats.autocorrelation (ReadOnlySpan x) (acf.Length - 1)
                    Array.iter2 (fun (a: float) b -> Expect.isLessThan (abs (a - b)) 1e-9 "acf") r acf
                    let errors = Stats.bartlett r x.Length

                    let close (a: float) b =
                        Expect.isLessThan (abs (a - b)) 1e-9 "standard error"

                    Array.iter2 close errors (numbers e "bartlett_se")
                    let band = e.GetProperty("white_band_95").GetDouble()
                    Expect.isLessThan (abs (Stats.whiteBand x.Length - band)) 1e-9 "white band"

                Expect.isGreaterThanOrEqual vectors.Length 6 "six inputs")
        ]
