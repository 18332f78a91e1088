/// YAML settings by YamlDotNet's events, scalars by the core schema. Anchors and aliases are refused: a setting stands where it
/// is read.
module Vrlg.Cli.Yaml

open System
open System.Collections.Immutable
open System.IO
open System.Text
open System.Text.RegularExpressions
open YamlDotNet.Core
open YamlDotNet.Core.Events
open Vrlg.Core

let private deepest = 64

/// What the grammar allows and settings do not.
exception private Unfit of Place * string

let private whole = Regex(@"^[-+]?[0-9]+$", RegexOptions.CultureInvariant)

let private decimals =
    Regex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)

let private special =
    Regex(@"^[-+]?\.(inf|Inf|INF|nan|NaN|NAN)$", RegexOptions.CultureInvariant)

let private placeOf (e: ParsingEvent) : Place =
    {
        Line = int e.Start.Line
        Column = int e.Start.Column
    }

let private plain (text: string) : Value =
    match text with
    | "true"
    | "True"
    | "TRUE" -> Value.Flag true
    | "false"
    | "False"
    | "FALSE" -> Value.Flag false
    | ""
    | "~"
    | "null" -> Value.Nothing
    | t when whole.IsMatch t -> Value.Whole(t.TrimStart '+')
    | t when decimals.IsMatch t -> Value.Number t
    | t when special.IsMatch t -> Value.Number(t.ToLowerInvariant().Replace(".", ""))
    | t -> Value.Text t

let rec private node (parser: IParser) (level: int) : Node =
    match parser.Current with
    | null -> raise (Unfit(Place.Nowhere, "the file ends too early"))
    | current ->
        let at = placeOf current

        if level > deepest then
            raise (Unfit(at, $"the file is nested deeper than {deepest} levels"))

        match current with
        | :? AnchorAlias -> raise (Unfit(at, "an alias is no setting; write the value out"))
        | :? NodeEvent as n when not n.Anchor.IsEmpty ->
            raise (Unfit(at, "an anchor is not supported; write the value out"))
        | :? Scalar as s ->
            let value =
                if s.Style = ScalarStyle.Plain then
                    plain s.Value
                else
                    Value.Text s.Value

            parser.MoveNext() |> ignore<bool>
            { Value = value; At = at }
        | :? SequenceStart ->
            let items = ImmutableArray.CreateBuilder<Node>()
            parser.MoveNext() |> ignore<bool>

            while not (parser.Current :? SequenceEnd) do
                items.Add(node parser (level + 1))

            parser.MoveNext() |> ignore<bool>

            {
                Value = Value.Many(items.ToImmutable())
                At = at
            }
        | :? MappingStart -> mapping parser level at
        | _ -> raise (Unfit(at, "this is no value of a setting"))

and private mapping (parser: IParser) (level: int) (at: Place) : Node =
    let entries = ImmutableArray.CreateBuilder<Entry>()
    parser.MoveNext() |> ignore<bool>

    while not (parser.Current :? MappingEnd) do
        match parser.Current with
        | :? Scalar as key ->
            let keyAt = placeOf key

            parser.MoveNext() |> ignore<bool>

            entries.Add
                {
                    Key = key.Value
                    KeyAt = keyAt
                    Node = node parser (level + 1)
                }
        | _ -> raise (Unfit(at, "a key must be a plain text"))

    parser.MoveNext() |> ignore<bool>

    {
        Value = Value.Table(entries.ToImmutable())
        At = at
    }

/// The tree of a YAML text of one document, or what is wrong with it.
let parse (bytes: byte[]) : Result<Node, ImmutableArray<Problem>> =
    let refuse place sentence : Result<Node, ImmutableArray<Problem>> =
        Error(ImmutableArray.Create<Problem>(Problem.at place "" sentence))

    try
        let text =
            match Utf8.decode bytes with
            | Ok text -> text
            | Error problem -> raise (Unfit(problem.At, problem.Sentence))

        let parser = Parser(new StringReader(text.TrimStart '\uFEFF'))
        parser.MoveNext() |> ignore<bool> // the stream's start

        if not (parser.MoveNext()) || not (parser.Current :? DocumentStart) then
            refuse { Line = 1; Column = 1 } "the file is empty"
        else
            parser.MoveNext() |> ignore<bool>
            let root = node parser 0
            parser.MoveNext() |> ignore<bool>

            match parser.Current with
            | :? StreamEnd -> Ok root
            | null -> Ok root
            | more -> refuse (placeOf more) "the file holds several documents; keep one"
    with
    | Unfit(place, sentence) -> refuse place sentence
    // The parser loses count of some flow texts that are broken off.
    | :? InvalidOperationException as e -> refuse { Line = 1; Column = 1 } $"this is not YAML: {e.Message}"
    | :? ArgumentException as e -> refuse { Line = 1; Column = 1 } $"this is not YAML: {e.Message}"
    | :? YamlException as e ->
        let place: Place =
            {
                Line = int e.Start.Line
                Column = int e.Start.Column
            }

        let reason =
            match e.InnerException with
            | null -> e.Message
            | inner -> inner.Message

        refuse place $"this is not YAML: {reason}"
