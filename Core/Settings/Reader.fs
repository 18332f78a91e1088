namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Globalization
open System.Text

/// What a key may hold. Bounds are allowed values; exact numbers are in 1e-8.
[<RequireQualifiedAccess; NoComparison>]
type Kind =
    | Whole of least: int64 * most: int64
    | Exact of least: int64 * most: int64
    | Text
    | Flag
    /// One number, or a list of two: a range.
    | Span of least: int64 * most: int64

/// One setting: everything that a reader, a reference and a screen need to know about it.
[<NoComparison>]
type Key =
    {
        /// `section.name`
        Path: string
        Kind: Kind
        /// As it would stand in a TOML file.
        Default: string
        Unit: string
        Meaning: string
    }

/// A value in force.
[<RequireQualifiedAccess; NoComparison>]
type Setting =
    | Whole of int64
    | Exact of int64
    | Text of string
    | Flag of bool
    | Span of least: int64 * most: int64

/// The values in force, a key each, in the order of the keys.
[<Sealed>]
type Values internal (keys: ImmutableArray<Key>, settings: Setting[], given: Place[]) =
    let index (path: string) =
        let mutable found = -1

        for i in 0 .. keys.Length - 1 do
            if keys[i].Path = path then
                found <- i

        found

    member _.Keys = keys
    member _.Item(i: int) : Setting = settings[i]

    member _.TryFind(path: string) : Setting voption =
        match index path with
        | -1 -> ValueNone
        | i -> ValueSome settings[i]

    /// A whole number; 0 for a key that is not one.
    member v.Whole(path: string) : int64 =
        match v.TryFind path with
        | ValueSome(Setting.Whole n) -> n
        | _ -> 0L

    /// An exact number in 1e-8; 0 for a key that is not one.
    member v.Exact(path: string) : int64 =
        match v.TryFind path with
        | ValueSome(Setting.Exact n) -> n
        | _ -> 0L

    member v.Text(path: string) : string =
        match v.TryFind path with
        | ValueSome(Setting.Text t) -> t
        | _ -> ""

    member v.Flag(path: string) : bool =
        match v.TryFind path with
        | ValueSome(Setting.Flag b) -> b
        | _ -> false

    member v.Span(path: string) : struct (int64 * int64) =
        match v.TryFind path with
        | ValueSome(Setting.Span(a, b)) -> struct (a, b)
        | _ -> struct (0L, 0L)

    /// The same values of fewer keys; every one of them must be among these.
    member v.Only(fewer: ImmutableArray<Key>) : Values =
        let places = fewer |> Seq.map (fun k -> max 0 (index k.Path)) |> Seq.toArray
        Values(fewer, (places |> Array.map (fun i -> settings[i])), (places |> Array.map (fun i -> given[i])))

    /// The same values with another one of a key, which counts as not stated; unchanged where there is no such key.
    member v.Derived(path: string, setting: Setting) : Values =
        match index path with
        | -1 -> v
        | i ->
            let changed = Array.copy settings
            changed[i] <- setting
            Values(keys, changed, given)

    /// Where the file states it, or `Place.CommandLine`; `Place.Nowhere` where the default is in force.
    member _.At(path: string) : Place =
        match index path with
        | -1 -> Place.Nowhere
        | i -> given[i]

/// From a tree to values in force: unknown keys, wrong types and values out of range, all of them at once.
[<RequireQualifiedAccess>]
module Reader =
    let private numberText (raw: int64) = Exact.show raw

    let private bounds (unit: string) (least: string) (most: string) =
        let of' = if unit = "" then "" else " " + unit
        $"between {least} and {most}{of'}"

    let private noValue (key: Key) =
        Error $"{key.Path} is empty (null); leave the key out for its default, {key.Default}"

    let private exactOf (key: Key) (value: Value) : Result<int64, string> =
        match value with
        | Value.Whole t
        | Value.Number t ->
            match Exact.parse t with
            | Ok raw -> Ok raw
            | Error e -> Error $"{key.Path} is {t}, which {Exact.sentence e}"
        | Value.Nothing -> noValue key
        | other -> Error $"{key.Path} must be a number, not {Tree.word other}"

    let private within (key: Key) (least: int64) (most: int64) (show: int64 -> string) (n: int64) =
        if n < least || n > most then
            Error $"{key.Path} is {show n}; it must be {bounds key.Unit (show least) (show most)}"
        else
            Ok n

    let private wholeOf (key: Key) (value: Value) : Result<int64, string> =
        match value with
        | Value.Whole t ->
            match Int64.TryParse(t, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), key.Kind with
            | (true, n), _ -> Ok n
            | _, Kind.Whole(least, most) ->
                Error $"{key.Path} is {t}, out of range; it must be {bounds key.Unit (string least) (string most)}"
            | _ -> Error $"{key.Path} is {t}, which is out of range"
        | Value.Number t -> Error $"{key.Path} must be a whole number, not {t}"
        | Value.Nothing -> noValue key
        | other -> Error $"{key.Path} must be a whole number, not {Tree.word other}"

    /// One value by its key's kind; the error is the sentence.
    let private settingOf (key: Key) (value: Value) : Result<Setting, string> =
        match key.Kind with
        | Kind.Whole(least, most) ->
            wholeOf key value
            |> Result.bind (within key least most (fun n -> n.ToString CultureInfo.InvariantCulture))
            |> Result.map Setting.Whole
        | Kind.Exact(least, most) ->
            exactOf key value
            |> Result.bind (within key least most numberText)
            |> Result.map Setting.Exact
        | Kind.Text ->
            match value with
            | Value.Text "" -> Error $"{key.Path} is an empty text"
            | Value.Text t -> Ok(Setting.Text t)
            | Value.Nothing -> noValue key
            | other -> Error $"{key.Path} must be a text in quotes, not {Tree.word other}"
        | Kind.Flag ->
            match value with
            | Value.Flag b -> Ok(Setting.Flag b)
            | Value.Nothing -> noValue key
            | other -> Error $"{key.Path} must be true or false, not {Tree.word other}"
        | Kind.Span(least, most) ->
            let one v =
                exactOf key v |> Result.bind (within key least most numberText)

            match value with
            | Value.Many items when items.Length = 2 ->
                match one items[0].Value, one items[1].Value with
                | Ok a, Ok b when a <= b -> Ok(Setting.Span(a, b))
                | Ok a, Ok b ->
                    Error $"{key.Path} is [{numberText a}, {numberText b}]; the first must not exceed the second"
                | Error e, _
                | _, Error e -> Error e
            | Value.Many items ->
                Error $"{key.Path} lists {items.Length} numbers; give one number or a range [least, most]"
            | other -> one other |> Result.map (fun n -> Setting.Span(n, n))

    /// The value of a plain text, as `--set` and the defaults give it: what TOML would make of it, a bare word being a text.
    let valueOf (text: string) : Value =
        let plain (t: string) : Value =
            let body =
                if t.StartsWith '-' || t.StartsWith '+' then
                    t.Substring 1
                else
                    t

            if t = "true" then
                Value.Flag true
            elif t = "false" then
                Value.Flag false
            elif body.Length > 0 && Seq.forall Char.IsAsciiDigit body then
                Value.Whole t
            elif body = "nan" || body = "inf" then
                Value.Number t
            elif body.Length > 0 && (Char.IsAsciiDigit body[0] || body[0] = '.') then
                Value.Number t
            else
                Value.Text(t.Trim '"')

        let trimmed = text.Trim()

        if trimmed.StartsWith '[' && trimmed.EndsWith ']' then
            trimmed.Substring(1, trimmed.Length - 2).Split ','
            |> Seq.map (fun part ->
                {
                    Value = plain (part.Trim())
                    At = Place.Nowhere
                })
            |> ImmutableArray.CreateRange
            |> Value.Many
        else
            plain trimmed

    let private hint (keys: ImmutableArray<Key>) (path: string) =
        match Tree.nearest (keys |> Seq.map (fun k -> k.Path)) path with
        | ValueSome near -> $"did you mean {near}?"
        | ValueNone -> "`vrlg config schema` lists the keys"

    let private sections (keys: ImmutableArray<Key>) =
        keys
        |> Seq.map (fun k -> k.Path.Substring(0, k.Path.IndexOf '.'))
        |> Seq.distinct
        |> Seq.toArray

    /// Says of every key but the first of its name that it stands there again.
    let private repeated (prefix: string) (entries: ImmutableArray<Entry>) : seq<Problem> =
        entries
        |> Seq.groupBy (fun e -> e.Key)
        |> Seq.collect (fun (key, same) ->
            let path = prefix + key
            let first = Seq.head same

            let sentence =
                $"{path} stands here twice, first in line {first.KeyAt.Line}; keep one"

            same |> Seq.skip 1 |> Seq.map (fun e -> Problem.at e.KeyAt path sentence))

    /// What is wrong with an entry of the top level that is no section of settings.
    let private noSection (keys: ImmutableArray<Key>) (isIn: string[]) (section: Entry) : Problem =
        let sentence =
            match section.Node.Value with
            | Value.Table _ ->
                match Tree.nearest isIn section.Key with
                | ValueSome near -> $"[{section.Key}] is no section; did you mean [{near}]?"
                | ValueNone -> $"[{section.Key}] is no section; `vrlg config schema` lists the sections"
            | other when Array.contains section.Key isIn ->
                $"{section.Key} is a section and must hold its settings as a table, not {Tree.word other}"
            | _ -> $"{section.Key} stands outside a section; {hint keys section.Key}"

        Problem.at section.KeyAt section.Key sentence

    /// Reads a tree: the values, with the default where a key has a problem, and every problem. `sets` are `--set` pairs, which
    /// win over the file.
    let readAll
        (keys: ImmutableArray<Key>)
        (tree: Node)
        (sets: ImmutableArray<struct (string * string)>)
        : struct (Values * ImmutableArray<Problem>) =
        let problems = ImmutableArray.CreateBuilder<Problem>()
        let settings: Setting voption[] = Array.create keys.Length ValueNone
        let given = Array.create keys.Length Place.Nowhere
        let isIn = sections keys

        let take (path: string) (keyAt: Place) (node: Node) =
            let i = keys |> Seq.tryFindIndex (fun k -> k.Path = path)

            match i with
            | None -> problems.Add(Problem.at keyAt path $"{path} is no setting; {hint keys path}")
            | Some i ->
                match settingOf keys[i] node.Value with
                | Ok s ->
                    settings[i] <- ValueSome s
                    given[i] <- keyAt
                | Error sentence -> problems.Add(Problem.at node.At path sentence)

        match tree.Value with
        | Value.Table top ->
            problems.AddRange(repeated "" top)

            for section in top do
                match section.Node.Value with
                | Value.Table entries when Array.contains section.Key isIn ->
                    problems.AddRange(repeated (section.Key + ".") entries)

                    for e in entries do
                        take $"{section.Key}.{e.Key}" e.KeyAt e.Node
                | _ -> problems.Add(noSection keys isIn section)
        | other -> problems.Add(Problem.at tree.At "" $"the file must hold a table of sections, not {Tree.word other}")

        for struct (path, text) in sets do
            match keys |> Seq.tryFindIndex (fun k -> k.Path = path) with
            | None -> problems.Add(Problem.at Place.CommandLine path $"{path} is no setting; {hint keys path}")
            | Some i ->
                match settingOf keys[i] (valueOf text) with
                | Ok s ->
                    settings[i] <- ValueSome s
                    given[i] <- Place.CommandLine
                | Error sentence -> problems.Add(Problem.at Place.CommandLine path sentence)

        // A default that does not fit its own key would be a slip of ours: it is reported like any other.
        let complete =
            Array.init keys.Length (fun i ->
                match settings[i] with
                | ValueSome s -> s
                | ValueNone ->
                    match settingOf keys[i] (valueOf keys[i].Default) with
                    | Ok s -> s
                    | Error sentence ->
                        problems.Add(Problem.at Place.Nowhere keys[i].Path $"default: {sentence}")
                        Setting.Flag false)

        struct (Values(keys, complete, given), problems.ToImmutable())

    /// The values of a tree, or every problem.
    let read
        (keys: ImmutableArray<Key>)
        (tree: Node)
        (sets: ImmutableArray<struct (string * string)>)
        : Result<Values, ImmutableArray<Problem>> =
        let struct (values, problems) = readAll keys tree sets
        if problems.IsEmpty then Ok values else Error problems

    let private quoted (t: string) =
        let b = StringBuilder("\"")

        for c in t do
            match c with
            | '"' -> b.Append "\\\"" |> ignore
            | '\\' -> b.Append "\\\\" |> ignore
            | c when c < ' ' || c = '\u007f' -> b.Append("\\u").Append((int c).ToString "X4") |> ignore
            | c -> b.Append c |> ignore

        b.Append('"').ToString()

    /// A setting as TOML writes it.
    let settingText (s: Setting) =
        match s with
        | Setting.Whole n -> n.ToString CultureInfo.InvariantCulture
        | Setting.Exact n -> numberText n
        | Setting.Text t -> quoted t
        | Setting.Flag b -> if b then "true" else "false"
        | Setting.Span(a, b) when a = b -> numberText a
        | Setting.Span(a, b) -> $"[{numberText a}, {numberText b}]"

    /// The values in force as TOML, every key, in the order of the keys: the same values give the same text.
    let show (values: Values) : string =
        let b = StringBuilder()
        let mutable section = ""

        for i in 0 .. values.Keys.Length - 1 do
            let path = values.Keys[i].Path
            let dot = path.IndexOf '.'
            let own = path.Substring(0, dot)

            if own <> section then
                if section <> "" then
                    b.Append '\n' |> ignore

                b.Append('[').Append(own).Append("]\n") |> ignore
                section <- own

            b.Append(path.Substring(dot + 1)).Append(" = ").Append(settingText values[i]).Append('\n')
            |> ignore

        b.ToString()

    /// What a kind allows, in words.
    let allowed (key: Key) =
        match key.Kind with
        | Kind.Whole(a, b) -> $"whole number, {a} to {b}"
        | Kind.Exact(a, b) -> $"number, {numberText a} to {numberText b}"
        | Kind.Text -> "text"
        | Kind.Flag -> "true or false"
        | Kind.Span(a, b) -> $"number or range [least, most], {numberText a} to {numberText b}"
