/// The reference feed as Parquet: what decision 0006 compares the native file with.
module Vrlg.Bench.ParquetFiles

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open Parquet
open Parquet.Schema

let private group = 100_000

let private cpu () =
    let usage = Environment.CpuUsage
    usage.TotalTime.TotalSeconds

let private numbers = [| "venue_at"; "recv_at"; "px"; "sz" |]

/// The rows of the neutral file as five columns.
let private columns (bytes: byte[]) : struct (int64[][] * sbyte[]) =
    let n = bytes.Length / 32
    let all = Array.init numbers.Length (fun _ -> Array.zeroCreate<int64> n)
    let kind = Array.zeroCreate<sbyte> n

    for i in 0 .. n - 1 do
        let row = ReadOnlySpan(bytes, 32 * i, 32)
        all[0][i] <- BinaryPrimitives.ReadInt64LittleEndian row
        all[1][i] <- BinaryPrimitives.ReadInt64LittleEndian(row.Slice 8)
        all[2][i] <- int64 (BinaryPrimitives.ReadInt32LittleEndian(row.Slice 16))
        all[3][i] <- BinaryPrimitives.ReadInt64LittleEndian(row.Slice 24)
        kind[i] <- sbyte row[20]

    struct (all, kind)

let private schema =
    let fields = numbers |> Array.map (fun name -> DataField<int64> name)
    struct (fields, DataField<sbyte> "kind")

let private write (path: string) (all: int64[][]) (kind: sbyte[]) =
    task {
        let struct (fields, kindField) = schema

        let options =
            ParquetOptions(CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest)

        for name in [ "venue_at"; "recv_at"; "px" ] do
            options.ColumnEncodingHints[name] <- EncodingHint.DeltaBinaryPacked

        let whole = ParquetSchema [| yield! fields |> Seq.cast<Field>; kindField |]
        use file = File.Create path
        use! writer = ParquetWriter.CreateAsync(whole, file, options)

        for from in 0..group .. kind.Length - 1 do
            let length = min group (kind.Length - from)
            use g = writer.CreateRowGroup()

            for c in 0 .. fields.Length - 1 do
                do! g.WriteAsync<int64>(fields[c], ReadOnlyMemory(all[c], from, length))

            do! g.WriteAsync<sbyte>(kindField, ReadOnlyMemory(kind, from, length))
            g.CompleteValidate()
    }

let private read (path: string) =
    task {
        let struct (fields, kindField) = schema
        use! reader = ParquetReader.CreateAsync path
        let buffer = Array.zeroCreate<int64> group
        let kinds = Array.zeroCreate<sbyte> group
        let mutable sum = 0L

        for i in 0 .. reader.RowGroupCount - 1 do
            use g = reader.OpenRowGroupReader i
            let length = int g.RowCount

            for field in fields do
                do! g.ReadAsync<int64>(field, Memory(buffer, 0, length))
                sum <- sum + buffer[length - 1]

            do! g.ReadAsync<sbyte>(kindField, Memory(kinds, 0, length))
            sum <- sum + int64 kinds[length - 1]

        return sum
    }

/// Bytes a row, and processor time to write and to read it: median and best of ten.
let feed (file: string) : int =
    let struct (all, kind) = columns (Runs.unpack file)
    let folder = Directory.CreateTempSubdirectory("vrlg-bench-").FullName
    let path = Path.Combine(folder, "feed.parquet")
    let ns s = s * 1e9 / float kind.Length

    let timed (work: unit -> unit) =
        Array.init 10 (fun _ ->
            let start = cpu ()
            work ()
            cpu () - start)
        |> Array.sort

    let writes = timed (fun () -> (write path all kind).GetAwaiter().GetResult())

    let reads = timed (fun () -> (read path).GetAwaiter().GetResult() |> ignore<int64>)

    let size = float (FileInfo path).Length / float kind.Length
    Directory.Delete(folder, true)

    Console.Out.WriteLine
        $"Parquet, zstd Fastest, delta hints: {size:F2} B/row, write {ns writes[5]:F1} ns/row (best {ns writes[0]:F1}), read {ns reads[5]:F1} (best {ns reads[0]:F1})"

    0
