/// JSON settings by the base library, with line and column.
module Vrlg.Cli.Json

open System
open System.Collections.Immutable
open System.Text
open System.Text.Json
open Vrlg.Core

/// Line and column of a byte of a text.
let private placeAt (bytes: byte[]) (index: int64) : Place =
    let mutable line = 1
    let mutable start = 0

    for i in 0 .. int index - 1 do
        if i < bytes.Length && bytes[i] = '\n'B then
            line <- line + 1
            start <- i + 1

    {
        Line = line
        Column = int index - start + 1
    }

/// A reader that a nested function may hold.
[<Sealed>]
type private Tokens(bytes: byte[]) =
    let options =
        JsonReaderOptions(CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 64)

    let mutable state = JsonReaderState options
    let mutable consumed = 0L

    member val Kind = JsonTokenType.None with get, set
    member val Text = "" with get, set
    member val At = Place.Nowhere with get, set

    /// The next token; false at the end. Throws JsonException.
    member t.Read() : bool =
        let mutable reader =
            Utf8JsonReader(ReadOnlySpan(bytes, int consumed, bytes.Length - int consumed), true, state)

        let isThere = reader.Read()

        if isThere then
            t.Kind <- reader.TokenType
            t.At <- placeAt bytes (consumed + reader.TokenStartIndex)

            t.Text <-
                match reader.TokenType with
                | JsonTokenType.String
                | JsonTokenType.PropertyName -> string (reader.GetString())
                | _ -> Encoding.UTF8.GetString reader.ValueSpan

        consumed <- consumed + reader.BytesConsumed
        state <- reader.CurrentState
        isThere

let rec private node (t: Tokens) : Node =
    let at = t.At

    let value =
        match t.Kind with
        | JsonTokenType.StartObject ->
            let entries = ImmutableArray.CreateBuilder<Entry>()

            while t.Read() && t.Kind <> JsonTokenType.EndObject do
                let key, keyAt = t.Text, t.At

                t.Read() |> ignore<bool>

                entries.Add
                    {
                        Key = key
                        KeyAt = keyAt
                        Node = node t
                    }

            Value.Table(entries.ToImmutable())
        | JsonTokenType.StartArray ->
            let items = ImmutableArray.CreateBuilder<Node>()

            while t.Read() && t.Kind <> JsonTokenType.EndArray do
                items.Add(node t)

            Value.Many(items.ToImmutable())
        | JsonTokenType.True -> Value.Flag true
        | JsonTokenType.False -> Value.Flag false
        | JsonTokenType.Number ->
            if t.Text |> Seq.exists (fun c -> c = '.' || c = 'e' || c = 'E') then
                Value.Number t.Text
            else
                Value.Whole t.Text
        | JsonTokenType.Null -> Value.Nothing
        | _ -> Value.Text t.Text

    { Value = value; At = at }

/// The tree of a JSON text, or what is wrong with it. A key that stands twice stays twice in the tree: the reader tells.
let parse (bytes: byte[]) : Result<Node, ImmutableArray<Problem>> =
    let refuse (at: Place) (sentence: string) : Result<Node, ImmutableArray<Problem>> =
        Error(ImmutableArray.Create<Problem>(Problem.at at "" sentence))

    match Utf8.decode bytes with
    | Error problem -> Error(ImmutableArray.Create<Problem> problem)
    | Ok text ->
        try
            let t = Tokens(Encoding.UTF8.GetBytes text)

            if t.Read() then
                let root = node t

                while t.Read() do
                    ()

                Ok root
            else
                refuse { Line = 1; Column = 1 } "the file is empty"
        with
        // An escape that is half of a character.
        | :? InvalidOperationException ->
            refuse { Line = 1; Column = 1 } "a text holds an escape that is no character; write the character itself"
        | :? JsonException as e ->
            let place: Place =
                {
                    Line = int (e.LineNumber.GetValueOrDefault()) + 1
                    Column = int (e.BytePositionInLine.GetValueOrDefault()) + 1
                }

            refuse place $"this is not JSON: {Utf8.reason e}"
