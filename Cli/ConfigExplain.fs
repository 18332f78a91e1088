/// `vrlg config explain KEY`: what a setting means, what it may be, what it is and who said so.
module Vrlg.Cli.ConfigExplain

open System
open System.Text.Json
open Argu
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core

/// The path that a mistyped one probably means; of a bare name the last parts are compared, then what they begin with.
let near (keys: Key list) (name: string) : string voption =
    let last (k: Key) =
        k.Path.Substring(k.Path.IndexOf '.' + 1)

    let pathOf (tail: string) =
        keys |> List.find (fun k -> last k = tail) |> _.Path

    match Tree.nearest (keys |> Seq.map (fun k -> k.Path)) name with
    | ValueSome path -> ValueSome path
    | ValueNone when name.Contains '.' -> ValueNone
    | ValueNone ->
        match Tree.nearest (keys |> Seq.map last) name with
        | ValueSome tail -> ValueSome(pathOf tail)
        | ValueNone ->
            keys
            |> List.tryFind (fun k -> name.Length > 2 && (last k).StartsWith(name, StringComparison.OrdinalIgnoreCase))
            |> Option.map (fun k -> k.Path)
            |> Option.toValueOption

/// The settings file, named behind the verb or by --config.
let oneFile (named: string option) (config: string option) : string option =
    match named, config with
    | Some a, Some b -> usage $"{a} and --config {b} both name the settings; give one of them."
    | Some _, None -> named
    | None, _ -> config

/// The words that a text may be; none where it is free. A word that ends in `:n` is meant with a number there.
let choices (key: Key) : string list =
    if key.Path = "sim.queue" then
        Seq.toList (Vrlg.Sim.Queue.choices.Split ", ")
    else
        Setup.words
        |> List.tryFind (fun (path, _) -> path = key.Path)
        |> Option.map snd
        |> Option.defaultValue []

/// What a setting may be, in words.
let allowed (key: Key) : string =
    match choices key with
    | [] -> Reader.allowed key
    | words when key.Path = "sim.queue" -> String.Join(", ", words) + "; n from 1 to 16"
    | words -> String.Join(", ", words)

let writeChoices (w: Utf8JsonWriter) (key: Key) =
    match choices key with
    | [] -> w.WriteNull "choices"
    | words ->
        w.WriteStartArray "choices"

        for word in words do
            w.WriteStringValue word

        w.WriteEndArray()

/// The key of a full path, or of its last part where that is unique; otherwise what was probably meant.
let private keyOf (name: string) : Key =
    let isSame (a: string) (b: string) =
        String.Equals(a, b, StringComparison.OrdinalIgnoreCase)

    let keys = Seq.toList ScalperKeys.all

    let last (k: Key) =
        k.Path.Substring(k.Path.IndexOf '.' + 1)

    let tails =
        match keys |> List.filter (fun k -> last k = name) with
        | [] -> keys |> List.filter (fun k -> isSame (last k) name)
        | exact -> exact

    match keys |> List.filter (fun k -> isSame k.Path name), tails with
    | [ key ], _
    | [], [ key ] -> key
    | [], _ :: _ ->
        let paths = String.Join(", ", tails |> List.map (fun k -> k.Path))
        refuse $"{name}: several settings end so ({paths}); write the full path."
    | _ ->
        match near keys name with
        | ValueSome near -> refuse $"{name} is no setting; did you mean {near}?"
        | ValueNone ->
            let inside =
                keys
                |> List.filter (fun k -> k.Path.StartsWith(name.TrimEnd '.' + ".", StringComparison.OrdinalIgnoreCase))

            match inside with
            | [] -> refuse $"{name} is no setting; `vrlg config schema` lists the keys."
            | several ->
                let paths = String.Join(", ", several |> List.map last)
                refuse $"{name} is a section; name one of its settings: {paths}."

/// Who said the value that is in force: a word for programs, and a sentence.
let private source (file: string option) (values: Values) (key: Key) : struct (string * string) =
    let place = values.At key.Path
    let tier = values.At "fees.tier"
    let isFee = key.Path = "fees.maker_bps" || key.Path = "fees.taker_bps"

    match file with
    | _ when place.Line < 0 -> struct ("flag", $"--set {key.Path}=...")
    | Some path when place.Line > 0 -> struct ("file", $"{path}, line {place.Line}, column {place.Column}")
    | _ when isFee && tier.Line <> 0 ->
        let number = values.Whole "fees.tier"
        struct ("tier", $"fees.tier = {number}, as it is not stated itself")
    | _ -> struct ("default", "the default: no file and no flag states it")

let private json (key: Key) (value: string) (where: string) (sentence: string) (file: string option) (place: Place) =
    JsonOut.print (fun w ->
        w.WriteStartObject()
        w.WriteString("key", key.Path)
        w.WriteString("meaning", key.Meaning)
        w.WriteString("unit", key.Unit)
        w.WriteString("allowed", allowed key)
        writeChoices w key
        w.WriteString("default", key.Default)
        w.WriteString("value", value)
        w.WriteString("source", where)
        w.WriteString("source_sentence", sentence)

        match file with
        | Some path when place.Line > 0 ->
            w.WriteString("file", path)
            w.WriteNumber("line", place.Line)
            w.WriteNumber("column", place.Column)
        | _ ->
            w.WriteNull "file"
            w.WriteNull "line"
            w.WriteNull "column"

        w.WriteEndObject())

let run (r: ParseResults<ExplainArgs>) =
    let name, beside =
        match r.GetResult ExplainArgs.Key with
        | [ name ] -> name, None
        | [ name; file ] -> name, Some file
        | several -> usage $"config explain takes a setting and, if any, a settings file, not {several.Length} names."

    let key = keyOf name
    let file = oneFile beside (r.TryGetResult ExplainArgs.Config)
    let values = Load.settings file (Load.sets (r.GetResults ExplainArgs.Set))

    let value =
        match values.TryFind key.Path with
        | ValueSome setting -> Reader.settingText setting
        | ValueNone -> key.Default

    let struct (where, sentence) = source file values key

    if r.Contains ExplainArgs.Json then
        json key value where sentence file (values.At key.Path)
    else
        pairs
            key.Path
            [
                "meaning", key.Meaning
                "unit", (if key.Unit = "" then "none" else key.Unit)
                "allowed", allowed key
                "default", key.Default
                "value", value
                "from", sentence
            ]
