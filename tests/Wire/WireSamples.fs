/// The samples of the venue's answers and streams with the shapes that read them; what reading and writing must keep.
module Vrlg.Wire.WireSamples

open System
open System.Buffers
open System.IO
open System.Text
open System.Text.Json
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Wire

let decode (shape: Shape) (bytes: byte[]) : Result<obj, WireError> =
    let mutable value: obj | null = null
    let mutable error: WireError | null = null

    match shape.TryDecodeAny(ReadOnlyMemory bytes, &value, &error), value, error with
    | true, (NonNull v), null -> Ok v
    | false, null, (NonNull e) -> Error e
    | said, v, e -> failwithf "neither one nor the other: %b %A %A" said v e

let encode (shape: Shape) (value: obj) : byte[] =
    let into = ArrayBufferWriter<byte>()
    shape.EncodeAny(value, into)
    into.WrittenSpan.ToArray()

/// What is wrong when a message is written, read and written again; none when it stays the same.
let repeats (shape: Shape) (value: obj) : string option =
    let bytes = encode shape value
    let text = Encoding.UTF8.GetString bytes

    match decode shape bytes with
    | Error e -> Some $"our own bytes are refused: {e} in {text}"
    | Ok again when not (value.Equals again) -> Some $"{value} came back as {again} from {text}"
    | Ok again when not (bytes.AsSpan().SequenceEqual(encode shape again)) -> Some $"written otherwise: {text}"
    | Ok _ -> None

/// The shape that a request is answered with; none for files that never come over the wire.
let private shapeOf (transport: string) (request: string) : Shape option =
    match transport with
    | "POST /exchange" -> Some Info.Exchange
    | "websocket" -> Some Streams.Shape
    | "POST /info" ->
        // Left out parts of a request are no JSON.
        use json =
            JsonDocument.Parse(request.Replace("{…}", "{}").Replace("\"0x…\"", "\"\"").Replace("…", "0"))

        let name = string (json.RootElement.GetProperty("type").GetString())

        match Info.All.TryGetValue name with
        | true, s -> Some s
        | _ -> failwithf "no shape answers %s" name
    | _ -> None

/// The messages of a sample, each with its shape: a file holds one, or a list of frames, or a line each.
let private messages (shape: Shape) (file: string) (bytes: byte[]) : (Shape * byte[]) list =
    let raw (e: JsonElement) = Encoding.UTF8.GetBytes(e.GetRawText())

    if file.EndsWith ".jsonl" then
        [
            for line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries) do
                use json = JsonDocument.Parse line
                shape, raw (json.RootElement.GetProperty "message")
        ]
    elif obj.ReferenceEquals(shape, Streams.Shape) then
        use json = JsonDocument.Parse(ReadOnlyMemory bytes)
        let mutable channel = JsonElement()

        if json.RootElement.ValueKind = JsonValueKind.Array then
            [
                for e in json.RootElement.EnumerateArray() do
                    shape, raw e
            ]
        elif json.RootElement.TryGetProperty("channel", &channel) then
            [ shape, bytes ]
        else
            // The data member only.
            [ Info.L2Book, bytes ]
    else
        [ shape, bytes ]

type Sample =
    {
        Name: string
        Shape: Shape option
        Messages: (Shape * byte[]) list
    }

/// Every sample of a folder with an `index.json`.
let load (folder: string) : Sample list =
    use index = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "index.json")))

    [
        for row in index.RootElement.EnumerateArray() do
            let text (name: string) =
                string (row.GetProperty(name).GetString())

            let file = text "file"
            let shape = shapeOf (text "transport") (text "request")

            {
                Name = file
                Shape = shape
                Messages =
                    match shape with
                    | None -> []
                    | Some s -> messages s file (File.ReadAllBytes(Path.Combine(folder, file)))
            }
    ]
