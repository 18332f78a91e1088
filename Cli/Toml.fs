/// TOML settings by Tomlyn: its validating syntax tree becomes the neutral tree, every value with line and column.
module Vrlg.Cli.Toml

open System
open System.Collections.Immutable
open Tomlyn.Parsing
open Tomlyn.Syntax
open Vrlg.Core

/// A table while it is built: tables may be re-entered by dotted keys and headers.
[<Sealed; AllowNullLiteral>]
type private Making(at: Place) =
    member val Keys = ResizeArray<string>() with get
    member val Places = ResizeArray<Place>() with get
    member val Children = ResizeArray<Child>() with get
    member _.At = at

and private Child =
    | Leaf of Node
    | Sub of Making
    | Rows of ResizeArray<Making>

let private deepest = 200

let private placeOf (node: SyntaxNode) : Place =
    let start = node.Span.Start

    {
        Line = start.Line + 1
        Column = start.Column + 1
    }

let private nameOf (key: BareKeyOrStringValueSyntax | null) : string =
    match key with
    | :? BareKeySyntax as bare ->
        match bare.Key with
        | null -> ""
        | token -> string token.Text
    | :? StringValueSyntax as text -> string text.Value
    | _ -> ""

/// The parts of a dotted key, each with its place.
let private path (key: KeySyntax | null) : struct (string * Place)[] =
    match key with
    | null -> [||]
    | key ->
        let first =
            match key.Key with
            | null -> [||]
            | k -> [| struct (nameOf k, placeOf k) |]

        let rest =
            key.DotKeys
            |> Seq.choose (fun d ->
                match d.Key with
                | null -> None
                | k -> Some(struct (nameOf k, placeOf k)))
            |> Seq.toArray

        Array.append first rest

let private momentKind (kind: SyntaxKind) =
    match kind with
    | SyntaxKind.LocalDateTime -> "datetime-local"
    | SyntaxKind.LocalDate -> "date-local"
    | SyntaxKind.LocalTime -> "time-local"
    | _ -> "datetime"

/// With `T` between date and time, an upper-case zone, the seconds that TOML 1.1 lets be left out, and a fraction of at least
/// milliseconds, as the test suite writes it.
let private momentText (kind: string) (raw: string) =
    let upper = raw.Trim().ToUpperInvariant()

    let joined =
        if upper.Length > 10 && upper[10] = ' ' then
            upper.Remove(10, 1).Insert(10, "T")
        else
            upper

    if kind = "date-local" then
        joined
    else
        let minutes = if kind = "time-local" then 5 else 16

        let full =
            if joined.Length = minutes || joined[minutes] <> ':' then
                joined.Insert(minutes, ":00")
            else
                joined

        match full.IndexOf '.' with
        | -1 -> full
        | point ->
            let mutable last = point + 1

            while last < full.Length && Char.IsAsciiDigit full[last] do
                last <- last + 1

            full.Insert(last, String('0', max 0 (4 - (last - point))))

let private child (m: Making) (name: string) : Child voption =
    match m.Keys.IndexOf name with
    | -1 -> ValueNone
    | i -> ValueSome m.Children[i]

let private add (m: Making) (name: string) (at: Place) (c: Child) =
    m.Keys.Add name
    m.Places.Add at
    m.Children.Add c

/// The table of a part of a path, made when it is not there; of an array of tables the last one.
let private enter (m: Making) (name: string) (at: Place) : Making =
    match child m name with
    | ValueSome(Sub s) -> s
    | ValueSome(Rows rows) when rows.Count > 0 -> rows[rows.Count - 1]
    | _ ->
        let s = Making at
        add m name at (Sub s)
        s

let private parent (m: Making) (parts: struct (string * Place)[]) : Making =
    let mutable here = m

    for i in 0 .. parts.Length - 2 do
        let struct (name, at) = parts[i]
        here <- enter here name at

    here

let rec private finish (m: Making) : Node =
    let entries = ImmutableArray.CreateBuilder<Entry>()

    for i in 0 .. m.Keys.Count - 1 do
        let node =
            match m.Children[i] with
            | Leaf node -> node
            | Sub s -> finish s
            | Rows rows ->
                {
                    Value = Value.Many(rows |> Seq.map finish |> ImmutableArray.CreateRange)
                    At = m.Places[i]
                }

        entries.Add
            {
                Key = m.Keys[i]
                KeyAt = m.Places[i]
                Node = node
            }

    {
        Value = Value.Table(entries.ToImmutable())
        At = m.At
    }

let private tokenText (token: SyntaxToken | null) =
    match token with
    | null -> ""
    | t -> string t.Text

/// Plain digits; beyond 64 bits, where the library has no value, as it is written.
let private wholeText (i: IntegerValueSyntax) =
    let raw = (tokenText i.Token).Replace("_", "")
    let digits = raw.TrimStart('+', '-')

    if
        i.Value = 0L
        && digits
           |> Seq.exists (fun c -> c >= '1' && c <= '9' || Char.IsAsciiLetterUpper c)
    then
        raw
    else
        i.Value.ToString Globalization.CultureInfo.InvariantCulture

let rec private valueOf (syntax: ValueSyntax | null) : Node =
    match syntax with
    | null ->
        {
            Value = Value.Text ""
            At = Place.Nowhere
        }
    | syntax ->
        let value =
            match syntax with
            | :? StringValueSyntax as s -> Value.Text(string s.Value)
            | :? BooleanValueSyntax as b -> Value.Flag b.Value
            | :? IntegerValueSyntax as i -> Value.Whole(wholeText i)
            | :? FloatValueSyntax as f -> Value.Number((tokenText f.Token).Replace("_", ""))
            | :? DateTimeValueSyntax as d ->
                let kind = momentKind d.Kind
                Value.Moment(kind, momentText kind (tokenText d.Token))
            | :? ArraySyntax as a ->
                a.Items
                |> Seq.map (fun item -> valueOf item.Value)
                |> ImmutableArray.CreateRange
                |> Value.Many
            | :? InlineTableSyntax as t ->
                let m = Making(placeOf t)

                for item in t.Items do
                    put m item.KeyValue

                (finish m).Value
            | other -> Value.Text(other.ToString())

        { Value = value; At = placeOf syntax }

and private put (m: Making) (pair: KeyValueSyntax | null) =
    match pair with
    | null -> ()
    | pair ->
        let parts = path pair.Key

        if parts.Length > 0 then
            let struct (name, at) = parts[parts.Length - 1]
            let above = parent m parts

            // A name that is there already is told as a problem of its own; the first one counts.
            match child above name with
            | ValueNone -> add above name at (Leaf(valueOf pair.Value))
            | ValueSome _ -> ()

let private table (root: Making) (t: TableSyntaxBase) =
    let parts = path t.Name

    if parts.Length > 0 then
        let struct (name, at) = parts[parts.Length - 1]
        let above = parent root parts

        let here =
            match t with
            | :? TableArraySyntax ->
                let rows =
                    match child above name with
                    | ValueSome(Rows rows) -> rows
                    | _ ->
                        let rows = ResizeArray<Making>()
                        add above name at (Rows rows)
                        rows

                rows.Add(Making at)
                rows[rows.Count - 1]
            | _ -> enter above name at

        for item in t.Items do
            put here item

/// Brackets open at once, without regard to texts: beyond a limit no parser is asked, since its stack is finite.
let private depth (text: string) =
    let mutable here = 0
    let mutable most = 0

    for c in text do
        if c = '[' || c = '{' then
            here <- here + 1
            most <- max most here
        elif c = ']' || c = '}' then
            here <- max 0 (here - 1)

    most

let private refuse (place: Place) (sentence: string) : Result<'a, ImmutableArray<Problem>> =
    Error(ImmutableArray.Create<Problem>(Problem.at place "" sentence))

/// The syntax of a text, which the library's parser may still complain about.
let private syntax (bytes: byte[]) : Result<struct (string * DocumentSyntax), ImmutableArray<Problem>> =
    let first: Place = { Line = 1; Column = 1 }

    match Utf8.decode bytes with
    | Error problem -> Error(ImmutableArray.Create<Problem> problem)
    | Ok text when text.StartsWith '\uFEFF' ->
        refuse first "the file begins with two byte order marks; save it as plain UTF-8"
    | Ok text when depth text > deepest ->
        refuse first $"more than {deepest} brackets are open at once; this is no settings file"
    | Ok text ->
        // The parser reads past the end of some texts that stop inside an escape.
        try
            Ok(struct (text, SyntaxParser.Parse(text, "", true)))
        with :? ArgumentException ->
            let lines = text.Split '\n'

            let last: Place =
                {
                    Line = lines.Length
                    Column = lines[lines.Length - 1].Length + 1
                }

            refuse last "this is not TOML: the text breaks off inside an escape; end it with its quote"

let private treeOf (document: DocumentSyntax) : Node =
    let root = Making { Line = 1; Column = 1 }

    for pair in document.KeyValues do
        put root pair

    for t in document.Tables do
        table root t

    finish root

/// The tree of a TOML text with the problems beside it, so that the reader of the settings can tell its own as well: a key
/// that stands twice counts once, an integer beyond 64 bits keeps its digits. An error where the grammar itself is broken.
let parseLoose (bytes: byte[]) : Result<struct (Node * ImmutableArray<Problem>), ImmutableArray<Problem>> =
    syntax bytes
    |> Result.bind (fun (struct (text, document)) ->
        let faults = TomlFaults.sort text document

        if faults.Broken.IsEmpty then
            Ok(struct (treeOf document, faults.Again))
        else
            Error(faults.Broken.AddRange faults.Again))

/// The tree of a TOML text, or every problem of its grammar.
let parse (bytes: byte[]) : Result<Node, ImmutableArray<Problem>> =
    syntax bytes
    |> Result.bind (fun (struct (text, document)) ->
        let faults = TomlFaults.sort text document

        let problems =
            faults.Broken.AddRange(faults.Again).AddRange(Seq.map TomlFaults.tooLarge faults.TooLarge)

        if problems.IsEmpty then
            Ok(treeOf document)
        else
            Error problems)
