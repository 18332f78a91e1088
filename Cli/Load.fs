/// From files and flags to settings and instruments: every problem of a file at once.
module Vrlg.Cli.Load

open System
open System.Collections.Immutable
open System.IO
open System.Security.Cryptography
open System.Text
open Vrlg.Cli.Screen
open Vrlg.Core

/// A file's bytes, or a refusal with a sentence.
let bytes (path: string) : byte[] =
    if Directory.Exists path then
        refuse $"{path}: this is a folder, not a file."

    try
        File.ReadAllBytes path
    with
    | :? FileNotFoundException
    | :? DirectoryNotFoundException -> refuse $"{path}: there is no such file. Check the name."
    | :? IOException
    | :? UnauthorizedAccessException as e -> refuse $"{path}: the file cannot be read ({e.Message})."

let private refuseAll (file: string) (problems: ImmutableArray<Problem>) : 'a =
    raise (Refusal(problems |> Seq.map (Problem.text file) |> Seq.toList))

/// The tree of a settings text by the file's ending: .json, .yaml and .yml, else TOML.
let parse (path: string) (content: byte[]) : Result<Node, ImmutableArray<Problem>> =
    match (string (Path.GetExtension path)).ToLowerInvariant() with
    | ".json" -> Json.parse content
    | ".yaml"
    | ".yml" -> Yaml.parse content
    | _ -> Toml.parse content

let tree (path: string) : Node =
    match parse path (bytes path) with
    | Ok node -> node
    | Error problems -> refuseAll path problems

let private empty: Node =
    {
        Value = Value.Table ImmutableArray.Empty
        At = Place.Nowhere
    }

/// `KEY=VALUE` pairs of --set.
let sets (assignments: string list) : ImmutableArray<struct (string * string)> =
    assignments
    |> Seq.map (fun a ->
        match a.IndexOf '=' with
        | i when i > 0 -> struct (a.Substring(0, i).Trim(), a.Substring(i + 1).Trim())
        | _ -> refuse $"--set {a}: write it as KEY=VALUE, such as --set signal.y=3.")
    |> ImmutableArray.CreateRange

/// Settings in force from a file (or none), `--set` pairs on top. Refuses with every problem at once.
let settings (path: string option) (pairs: ImmutableArray<struct (string * string)>) : Values =
    let file = defaultArg path "(defaults)"
    let node = path |> Option.map tree |> Option.defaultValue empty

    match Reader.read ScalperKeys.all node pairs with
    | Error problems -> refuseAll file problems
    | Ok values ->
        let queue =
            match Vrlg.Sim.Queue.parse (values.Text "sim.queue") with
            | ValueSome _ -> ImmutableArray.Empty
            | ValueNone ->
                let known =
                    "RiskAverse, FrontFirst, Uniform, PowerA:n or PowerC:n with n from 1 to 16"

                let text = values.Text "sim.queue"
                let sentence = $"sim.queue is \"{text}\"; it must be {known}"
                ImmutableArray.Create<Problem>(Problem.at (values.At "sim.queue") "sim.queue" sentence)

        let problems = (Setup.check values).AddRange queue
        if problems.IsEmpty then values else refuseAll file problems

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

    match Reader.read rowKeys one ImmutableArray.Empty with
    | Error problems -> Error problems
    | Ok v ->
        let problem sentence : Result<Instrument, ImmutableArray<Problem>> =
            Error(ImmutableArray.Create<Problem>(Problem.at row.At "instrument" sentence))

        match v.Text "instrument.name", v.Text "instrument.kind" with
        | "?", _ -> problem "this instrument has no name"
        | name, kind when kind <> "perp" && kind <> "spot" ->
            problem $"the kind of {name} is {kind}; it must be perp or spot"
        | _ -> Ok(instrumentOf v)

/// The instruments of a file: `[[instrument]]` tables. Every problem at once.
let instruments (path: string) (root: Node) : Instrument[] =
    let problems = ImmutableArray.CreateBuilder<Problem>()
    let found = ResizeArray<Instrument>()

    match root.Value with
    | Value.Table entries ->
        for e in entries do
            match e.Key, e.Node.Value with
            | "instrument", Value.Many rows ->
                for row in rows do
                    match readRow row with
                    | Error bad -> problems.AddRange bad
                    | Ok i when found.Exists(fun other -> other.Name = i.Name && other.Kind = i.Kind) ->
                        problems.Add(Problem.at row.At "instrument" $"{i.Name} is listed twice")
                    | Ok i -> found.Add i
            | key, _ ->
                problems.Add(Problem.at e.KeyAt key $"{key} is not known here; list instruments as [[instrument]]")
    | other -> problems.Add(Problem.at root.At "" $"the file must hold [[instrument]] tables, not {Tree.word other}")

    if problems.Count > 0 then
        refuseAll path (problems.ToImmutable())

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
