/// The document's detector on the reference streams: period, p-value and state every ten seconds.
module Vrlg.Wire.RotationStreams

open System
open System.Globalization
open System.IO
open System.IO.Compression
open System.Text.Json
open Expecto
open Vrlg.Core

/// Columns `t_ms, dob, spread_ticks` of a stream.
let private read (name: string) : (float * float)[] =
    use file = File.OpenRead(Shared.find $"data/rotation/{name}.csv.gz")
    use unpacked = new GZipStream(file, CompressionMode.Decompress)
    use text = new StreamReader(unpacked)

    let number (s: string) =
        Double.Parse(s, CultureInfo.InvariantCulture)

    text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
    |> Array.skip 1
    |> Array.map (fun line ->
        let cells = line.TrimEnd('\r').Split ','
        number cells[1], number cells[2])

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

let tests =
    testList
        "rotation streams"
        [
            for name in [ "s02"; "s05"; "s09" ] do
                testCase $"{name} in document mode" (fun () -> holds name)
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
                    let r = Stats.autocorrelation (ReadOnlySpan(numbers e "x")) (acf.Length - 1)
                    Array.iter2 (fun (a: float) b -> Expect.isLessThan (abs (a - b)) 1e-9 "acf") r acf

                Expect.isGreaterThanOrEqual vectors.Length 6 "six inputs")
        ]
