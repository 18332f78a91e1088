/// From files and flags to settings and instruments: every problem of a file at once.
module Vrlg.Cli.Load

open System
open System.Collections.Immutable
open System.IO
open System.Security.Cryptography
open System.Text
open Vrlg.Adapters
open Vrlg.Cli.Screen
open Vrlg.Core

/// Everything that is wrong with a settings text: exit 1, a sentence each.
exception Problems of file: string * problems: ImmutableArray<Problem>

/// A file's bytes, or a refusal with a sentence.
let bytes (path: string) : byte[] =
    if Directory.Exists path then
        refuse $"{path}: this is a folder, not a file. Name a file in it."

    try
        File.ReadAllBytes path
    with
    | :? FileNotFoundException
    | :? DirectoryNotFoundException -> refuse $"{path}: there is no such file. Check the name."
    | e when FileTrouble.IsOne e -> refuse $"{path}: the file cannot be read: {FileTrouble.Words e}."

/// In the order of the file; what the command line said comes last.
let refuseAll (file: string) (problems: seq<Problem>) : 'a =
    let order (p: Problem) =
        if p.At.Line < 0 then
            struct (Int32.MaxValue, 0)
        else
            struct (p.At.Line, p.At.Column)

    raise (Problems(file, problems |> Seq.sortBy order |> ImmutableArray.CreateRange))

/// The tree of a settings text by the file's ending: .json, .yaml and .yml, else TOML; with the problems beside it.
let private parse
    (path: string)
    (content: byte[])
    : Result<struct (Node * ImmutableArray<Problem>), ImmutableArray<Problem>> =
    let alone = Result.map (fun node -> struct (node, ImmutableArray<Problem>.Empty))

    match (string (Path.GetExtension path)).ToLowerInvariant() with
    | ".json" -> alone (Json.parse content)
    | ".yaml"
    | ".yml" -> alone (Yaml.parse content)
    | _ -> Toml.parseLoose content

let private tree (path: string) : struct (Node * ImmutableArray<Problem>) =
    match parse path (bytes path) with
    | Ok found -> found
    | Error problems -> refuseAll path problems

let private empty: Node =
    {
        Value = Value.Table ImmutableArray.Empty
        At = Place.Nowhere
    }

/// The tree of a settings file whose problems were told (`settings`), or the empty one.
let node (path: string option) : Node =
    match path with
    | Some p -> let struct (found, _) = tree p in found
    | None -> empty

/// `KEY=VALUE` pairs of --set.
let sets (assignments: string list) : ImmutableArray<struct (string * string)> =
    assignments
    |> Seq.map (fun a ->
        match a.IndexOf '=' with
        | i when i > 0 -> struct (a.Substring(0, i).Trim(), a.Substring(i + 1).Trim())
        | _ -> refuse $"--set {a}: write it as KEY=VALUE, such as --set signal.y=3.")
    |> ImmutableArray.CreateRange

let private queueProblems (values: Values) : Problem list =
    let text = values.Text "sim.queue"

    let known = $"one of {Vrlg.Sim.Queue.choices} with n from 1 to 16"

    let problem sentence =
        [
            Problem.at (values.At "sim.queue") "sim.queue" $"sim.queue is \"{text}\"{sentence}"
        ]

    match Vrlg.Sim.Queue.parse text with
    | ValueSome Vrlg.Sim.QueueModel.ExactL3 ->
        problem $", which needs an order-by-order feed, and no recording is one; it must be {known}"
    | ValueSome _ -> []
    | ValueNone -> problem $"; it must be {known}"

/// Everything that is wrong with settings that are each in their range.
let check (values: Values) : seq<Problem> =
    Seq.append (Setup.check values) (queueProblems values)

/// Settings in force from a file (or none), `--set` pairs on top. Refuses with every problem at once.
let settings (path: string option) (pairs: ImmutableArray<struct (string * string)>) : Values =
    let file = defaultArg path "(defaults)"

    let struct (node, beside) =
        match path with
        | Some p -> tree p
        | None -> struct (empty, ImmutableArray.Empty)

    let struct (values, wrong) = Reader.readAll ScalperKeys.all node pairs

    let isWrong path =
        wrong |> Seq.exists (fun p -> p.Path = path)

    // A key with a problem holds its default here, about which nothing is to be told.
    let together =
        check values
        |> Seq.filter (fun p -> not (isWrong p.Path || (p.Path = "signal.z" && isWrong "signal.M")))

    let problems = Seq.concat [ Seq.ofArray (Seq.toArray beside); wrong; together ]

    if Seq.isEmpty problems then
        Setup.withTier InstrumentKind.Perp values
    else
        refuseAll file problems

/// SHA-256 of a text's UTF-8, lower-case hexadecimal.
let sha256 (text: string) =
    Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes text))

// ---- instruments ----

let private rowKeys: ImmutableArray<Key> =
    let key name kind fallback : Key =
        {
            Path = "instrument." + name
            Kind = kind
            Default = fallback
            Unit = ""
            Meaning = ""
        }

    ImmutableArray.CreateRange
        [|
            key "venue" Kind.Text "\"hyperliquid\""
            key "name" Kind.Text "\"?\""
            key "kind" Kind.Text "\"perp\""
            key "sz_decimals" (Kind.Whole(0L, 8L)) "0"
            key "max_leverage" (Kind.Whole(1L, 1_000L)) "1"
            key "min_notional_usd" (Kind.Exact(0L, 100_000_000_000L)) "10"
        |]

let private instrumentOf (v: Values) : Instrument =
    {
        Id = InstrumentId.Of 0
        Venue = VenueId.Of 0
        Name = v.Text "instrument.name"
        Kind =
            if v.Text "instrument.kind" = "spot" then
                InstrumentKind.Spot
            else
                InstrumentKind.Perp
        SzDecimals = int (v.Whole "instrument.sz_decimals")
        MaxLeverage = int (v.Whole "instrument.max_leverage")
        MinNotional = Usd.Of(v.Exact "instrument.min_notional_usd")
    }

let private readRow (row: Node) : Result<Instrument, ImmutableArray<Problem>> =
    let section: Entry =
        {
            Key = "instrument"
            KeyAt = row.At
            Node = row
        }

    let one: Node =
        {
            Value = Value.Table(ImmutableArray.Create<Entry> section)
            At = row.At
        }

    let struct (v, wrong) = Reader.readAll rowKeys one ImmutableArray.Empty
    let name, kind = v.Text "instrument.name", v.Text "instrument.kind"

    let isWrong path =
        wrong |> Seq.exists (fun p -> p.Path = path)

    let problems =
        [
            yield! wrong
            if name = "?" && not (isWrong "instrument.name") then
                Problem.at row.At "instrument.name" "this instrument has no name; add name = \"COIN\""
            if kind <> "perp" && kind <> "spot" then
                let at = v.At "instrument.kind"
                Problem.at at "instrument.kind" $"the kind of {name} is {kind}; it must be perp or spot"
        ]

    if problems.IsEmpty then
        Ok(instrumentOf v)
    else
        Error(ImmutableArray.CreateRange problems)

/// The instruments of a file: `[[instrument]]` tables. Every problem at once.
let instruments (path: string) : Instrument[] =
    let struct (root, beside) = tree path
    let problems = ImmutableArray.CreateBuilder<Problem>()
    let found = ResizeArray<Instrument>()
    problems.AddRange beside

    match root.Value with
    | Value.Table entries ->
        for e in entries do
            match e.Key, e.Node.Value with
            | "instrument", Value.Many rows ->
                for row in rows do
                    match readRow row with
                    | Error bad -> problems.AddRange bad
                    | Ok i when found.Exists(fun other -> other.Name = i.Name && other.Kind = i.Kind) ->
                        problems.Add(Problem.at row.At "instrument" $"{i.Name} is listed twice; keep one")
                    | Ok i -> found.Add i
            | "instrument", _ ->
                problems.Add(
                    Problem.at e.KeyAt "instrument" "instruments are a list; write [[instrument]], in double brackets"
                )
            | key, _ ->
                problems.Add(Problem.at e.KeyAt key $"{key} is not known here; list instruments as [[instrument]]")
    | other -> problems.Add(Problem.at root.At "" $"the file must hold [[instrument]] tables, not {Tree.word other}")

    if problems.Count > 0 then
        refuseAll path problems

    found.ToArray()

/// Where instrument facts stand: as named, else beside the settings, else in the project's configs; none when nothing is there.
let instrumentsFile (named: string option) (config: string option) : string option =
    match named with
    | Some _ -> named
    | None ->
        let beside =
            config
            |> Option.map (fun c ->
                match Path.GetDirectoryName c with
                | null
                | "" -> "instruments.toml"
                | folder -> Path.Combine(folder, "instruments.toml"))

        let home =
            match Environment.GetEnvironmentVariable "VRLG_HOME" with
            | null
            | "" -> None
            | root -> Some(Path.Combine(root, "configs", "instruments.toml"))

        [ beside; home ] |> List.choose id |> List.tryFind File.Exists

/// The instruments listed where `instrumentsFile` finds them; none without a file.
let listed (named: string option) (config: string option) : Instrument[] =
    match instrumentsFile named config with
    | Some path -> instruments path
    | None -> [||]
