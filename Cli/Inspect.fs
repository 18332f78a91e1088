/// `vrlg inspect`: single parts, looked at from outside.
module Vrlg.Cli.Inspect

open System
open System.Collections.Immutable
open System.IO
open System.Text
open System.Text.Json
open Argu
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core

let rec private tagged (w: Utf8JsonWriter) (node: Node) =
    let leaf (kind: string) (text: string) =
        w.WriteStartObject()
        w.WriteString("type", kind)
        w.WriteString("value", text)
        w.WriteEndObject()

    match node.Value with
    | Value.Text t -> leaf "string" t
    | Value.Whole t -> leaf "integer" t
    | Value.Number t -> leaf "float" (t.TrimStart '+')
    | Value.Flag b -> leaf "bool" (if b then "true" else "false")
    | Value.Nothing -> leaf "null" ""
    | Value.Moment(kind, t) -> leaf kind t
    | Value.Many items ->
        w.WriteStartArray()

        for item in items do
            tagged w item

        w.WriteEndArray()
    | Value.Table entries ->
        w.WriteStartObject()

        for e in entries do
            w.WritePropertyName e.Key
            tagged w e.Node

        w.WriteEndObject()

/// The tagged JSON of a TOML text, as the TOML test suite writes it, or its problems.
let toml (content: byte[]) : Result<string, ImmutableArray<Problem>> =
    Toml.parse content
    |> Result.map (fun node -> JsonOut.text true (fun w -> tagged w node))

let private readStdin () =
    use input = Console.OpenStandardInput()
    use all = new MemoryStream()
    input.CopyTo all
    all.ToArray()

/// One vector that did not come out: its index, what it expects, what came.
[<NoComparison>]
type Failed =
    {
        Index: int
        Expected: string
        Got: string
    }

let private text (e: JsonElement) (name: string) =
    match e.TryGetProperty name with
    | true, v when v.ValueKind = JsonValueKind.String -> string (v.GetString())
    | _ -> ""

/// The decimals that the venue's rule asks of a raw price or size; the same rule as `Instrument`, on the raw text.
let private isValid (e: JsonElement) (isPrice: bool) (raw: string) : bool option =
    let szDecimals =
        match e.TryGetProperty "szDecimals" with
        | true, v when v.ValueKind = JsonValueKind.Number -> v.GetInt32()
        | _ -> 0

    let i: Instrument =
        {
            Id = InstrumentId.Of 0
            Venue = VenueId.Of 0
            Name = ""
            Kind =
                if text e "coinKind" = "spot" then
                    InstrumentKind.Spot
                else
                    InstrumentKind.Perp
            SzDecimals = szDecimals
            MaxLeverage = 1
            MinNotional = Usd.Of 0L
        }

    match Exact.parse raw with
    | Ok n when isPrice -> Some(Instrument.isValidPx i (Px.Of n))
    | Ok n -> Some(n > 0L && Instrument.isValidSz i (Sz.Of n))
    // Finer than 1e-8, or too large: valid nowhere.
    | Error _ -> Some false

let private vector (index: int) (e: JsonElement) : Failed option =
    let field = text e "field"
    let isSpot = text e "coinKind" = "spot"

    let szDecimals =
        match e.TryGetProperty "szDecimals" with
        | true, v when v.ValueKind = JsonValueKind.Number -> v.GetInt32()
        | _ -> 0

    let raw =
        match field with
        | "price" -> text e "rawPrice"
        | "size" -> text e "rawSize"
        | _ ->
            if text e "rawPrice" <> "" then
                text e "rawPrice"
            else
                text e "rawSize"

    let got =
        match field with
        | "price" -> Exact.formatPrice isSpot szDecimals raw
        | "size" -> Exact.formatSize szDecimals raw
        | _ -> Exact.formatWire raw

    let expected =
        match text e "expectedWire" with
        | ""
        | "0" -> "refused"
        | wire -> wire

    let shown =
        match got with
        | Ok wire -> wire
        | Error _ -> "refused"

    let claimed =
        match e.TryGetProperty "rawIsValid" with
        | true, v when v.ValueKind = JsonValueKind.True -> Some true
        | true, v when v.ValueKind = JsonValueKind.False -> Some false
        | _ -> None

    let fail expected got =
        Some
            {
                Index = index
                Expected = expected
                Got = got
            }

    if shown <> expected then
        fail expected shown
    else
        match claimed with
        | Some claim when field <> "wire" ->
            match isValid e (field = "price") raw with
            | Some valid when valid <> claim -> fail $"rawIsValid {claim}" $"rawIsValid {valid}"
            | _ -> None
        | _ -> None

/// All vectors of a JSON array: how many there are and which failed.
let numbers (json: byte[]) : Result<struct (int * Failed list), string> =
    try
        use document = JsonDocument.Parse(ReadOnlyMemory json)

        if document.RootElement.ValueKind <> JsonValueKind.Array then
            Error "the file must hold a JSON array of vectors"
        else
            let all = document.RootElement.EnumerateArray() |> Seq.toArray

            match
                all
                |> Array.tryFindIndex (fun e -> e.ValueKind <> JsonValueKind.Object || text e "field" = "")
            with
            | Some i -> Error $"vector {i} is no object with a field"
            | None -> Ok(struct (all.Length, all |> Seq.mapi vector |> Seq.choose id |> Seq.toList))
    with :? JsonException as e ->
        let line = e.LineNumber.GetValueOrDefault() + 1L
        Error $"line {line} is not JSON: {Utf8.reason e}; name a file of vectors such as number-vectors.json"

let private number (r: ParseResults<InspectNumberArgs>) : int =
    let file = r.GetResult InspectNumberArgs.Vectors

    match numbers (Load.bytes file) with
    | Error sentence -> refuse $"{file}: {sentence}."
    | Ok(struct (total, failed)) ->
        let passed = total - failed.Length

        if r.Contains InspectNumberArgs.Json then
            JsonOut.print (fun w ->
                w.WriteStartObject()
                w.WriteNumber("total", total)
                w.WriteNumber("passed", passed)
                w.WriteStartArray "failed"

                for f in failed do
                    w.WriteStartObject()
                    w.WriteNumber("index", f.Index)
                    w.WriteString("expected", f.Expected)
                    w.WriteString("got", f.Got)
                    w.WriteEndObject()

                w.WriteEndArray()
                w.WriteEndObject())
        else
            for f in failed do
                Console.Out.WriteLine $"vector {f.Index}: expected {f.Expected}, got {f.Got}"

            Console.Out.WriteLine $"{passed} of {total} vectors passed"

        if failed.IsEmpty then Exit.done' else Exit.refused

let run (r: ParseResults<InspectArgs>) : int =
    match r.GetSubCommand() with
    | Toml r ->
        let name, content =
            match r.TryGetResult InspectTomlArgs.File with
            | Some file -> file, Load.bytes file
            | None -> "(standard input)", readStdin ()

        match toml content with
        | Ok json ->
            Console.Out.WriteLine json
            Exit.done'
        | Error problems -> raise (Load.Problems(name, problems))
    | Number r -> number r
    | Signing r -> SigningVerb.run r
    | Rotation r -> RotationVerb.run r
