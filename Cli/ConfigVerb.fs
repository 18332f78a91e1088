/// `vrlg config`: check, show and list settings.
module Vrlg.Cli.ConfigVerb

open System
open System.Text.Json
open Argu
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core

let private writeSetting (w: Utf8JsonWriter) (name: string) (s: Setting) =
    let exact (raw: int64) = decimal raw / 100_000_000m

    match s with
    | Setting.Whole n -> w.WriteNumber(name, n)
    | Setting.Exact n -> w.WriteNumber(name, exact n)
    | Setting.Text t -> w.WriteString(name, t)
    | Setting.Flag b -> w.WriteBoolean(name, b)
    | Setting.Span(a, b) when a = b -> w.WriteNumber(name, exact a)
    | Setting.Span(a, b) ->
        w.WriteStartArray name
        w.WriteNumberValue(exact a)
        w.WriteNumberValue(exact b)
        w.WriteEndArray()

let private problemsJson (file: string) (problems: seq<Problem>) =
    JsonOut.print (fun w ->
        w.WriteStartObject()
        w.WriteString("file", file)
        w.WriteBoolean("ok", false)
        w.WriteStartArray "problems"

        for p in problems do
            w.WriteStartObject()
            w.WriteString("file", (if p.At.Line < 0 then "--set" else file))

            if p.At.Line > 0 then
                w.WriteNumber("line", p.At.Line)
                w.WriteNumber("column", p.At.Column)
            else
                w.WriteNull "line"
                w.WriteNull "column"

            w.WriteString("key", p.Path)
            w.WriteString("sentence", p.Sentence)
            w.WriteEndObject()

        w.WriteEndArray()
        w.WriteEndObject())

let private fileOf (r: ParseResults<SettingsArgs>) =
    ConfigExplain.oneFile (r.TryGetResult SettingsArgs.File) (r.TryGetResult SettingsArgs.Config)

/// The settings in force; with `--json` what is wrong with them is an answer too, on standard output.
let private values (r: ParseResults<SettingsArgs>) =
    let path = fileOf r
    let file = defaultArg path "(defaults)"
    let asJson = r.Contains SettingsArgs.Json

    try
        Load.settings path (Load.sets (r.GetResults SettingsArgs.Set))
    with
    | Load.Problems(_, problems) when asJson ->
        problemsJson file problems
        reraise ()
    | Refusal sentences when asJson ->
        problemsJson file (sentences |> Seq.map (Problem.at Place.Nowhere ""))
        reraise ()

let private check (r: ParseResults<SettingsArgs>) =
    let v = values r
    let file = defaultArg (fileOf r) "(defaults)"
    let hash = Load.sha256 (Reader.show v)
    let warnings = Preflight.warnings v

    if r.Contains SettingsArgs.Json then
        JsonOut.print (fun w ->
            w.WriteStartObject()
            w.WriteString("file", file)
            w.WriteBoolean("ok", true)
            w.WriteString("config_sha256", hash)
            w.WriteStartArray "warnings"

            for warning in warnings do
                w.WriteStringValue warning

            w.WriteEndArray()
            w.WriteEndObject())
    else
        Console.Out.WriteLine $"{file}: {v.Keys.Length} settings in force, no problem (sha256 {hash.Substring(0, 8)})"

        for warning in warnings do
            complain "warning" warning

let private show (r: ParseResults<SettingsArgs>) =
    let v = values r

    if r.Contains SettingsArgs.Json then
        JsonOut.print (fun w ->
            w.WriteStartObject()

            for i in 0 .. v.Keys.Length - 1 do
                writeSetting w v.Keys[i].Path v[i]

            w.WriteEndObject())
    else
        Console.Out.Write(Reader.show v)

let private schema (r: ParseResults<SchemaArgs>) =
    if r.Contains SchemaArgs.Json then
        JsonOut.print (fun w ->
            w.WriteStartArray()

            for k in ScalperKeys.all do
                w.WriteStartObject()
                w.WriteString("key", k.Path)
                w.WriteString("allowed", ConfigExplain.allowed k)
                ConfigExplain.writeChoices w k
                w.WriteString("default", k.Default)
                w.WriteString("unit", k.Unit)
                w.WriteString("meaning", k.Meaning)
                w.WriteEndObject()

            w.WriteEndArray())
    else
        for k in ScalperKeys.all do
            let unit = if k.Unit = "" then "" else $", in {k.Unit}"
            Console.Out.WriteLine $"{k.Path} = {k.Default}"
            Console.Out.WriteLine $"    {k.Meaning} ({ConfigExplain.allowed k}{unit})"

let run (r: ParseResults<ConfigArgs>) : int =
    match r.GetSubCommand() with
    | Check r -> check r
    | Show r -> show r
    | Schema r -> schema r
    | Explain r -> ConfigExplain.run r

    Exit.done'
