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

let rec private node (t: Tokens) (problems: ImmutableArray<Problem>.Builder) : Node =
    let at = t.At

    let value =
        match t.Kind with
        | JsonTokenType.StartObject ->
            let entries = ImmutableArray.CreateBuilder<Entry>()

            while t.Read() && t.Kind <> JsonTokenType.EndObject do
                let key, keyAt = t.Text, t.At

                if entries |> Seq.exists (fun e -> e.Key = key) then
                    problems.Add(Problem.at keyAt key $"{key} stands here twice")

                t.Read() |> ignore<bool>

                entries.Add
                    {
                        Key = key
                        KeyAt = keyAt
                        Node = node t problems
                    }

            Value.Table(entries.ToImmutable())
        | JsonTokenType.StartArray ->
            let items = ImmutableArray.CreateBuilder<Node>()

            while t.Read() && t.Kind <> JsonTokenType.EndArray do
                items.Add(node t problems)

            Value.Many(items.ToImmutable())
        | JsonTokenType.True -> Value.Flag true
        | JsonTokenType.False -> Value.Flag false
        | JsonTokenType.Number ->
            if t.Text |> Seq.exists (fun c -> c = '.' || c = 'e' || c = 'E') then
                Value.Number t.Text
            else
                Value.Whole t.Text
        | JsonTokenType.Null ->
            problems.Add(Problem.at at "" "null is no value of a setting; leave the key out")
            Value.Text ""
        | _ -> Value.Text t.Text

    { Value = value; At = at }

/// The tree of a JSON text, or what is wrong with it.
let parse (bytes: byte[]) : Result<Node, ImmutableArray<Problem>> =
    let problems = ImmutableArray.CreateBuilder<Problem>()

    try
        let t =
            Tokens(
                if bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) then
                    bytes[3..]
                else
                    bytes
            )

        if t.Read() then
            let root = node t problems

            while t.Read() do
                ()

            if problems.Count = 0 then
                Ok root
            else
                Error(problems.ToImmutable())
        else
            Error(ImmutableArray.Create<Problem>(Problem.at { Line = 1; Column = 1 } "" "the file is empty"))
    with
    // Bytes inside a text that are not UTF-8.
    | :? InvalidOperationException ->
        Error(
            ImmutableArray.Create<Problem>(
                Problem.at { Line = 1; Column = 1 } "" "the file is not UTF-8 text; save it as UTF-8"
            )
        )
    | :? JsonException as e ->
        let place: Place =
            {
                Line = int (e.LineNumber.GetValueOrDefault()) + 1
                Column = int (e.BytePositionInLine.GetValueOrDefault()) + 1
            }

        let message = e.Message.Split(" LineNumber")[0]
        Error(ImmutableArray.Create<Problem>(Problem.at place "" $"this is not JSON: {message}"))
