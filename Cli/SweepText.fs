/// A sweep's plan and its finished points as text, and back.
module Vrlg.Cli.SweepText

open System
open System.Collections.Immutable
open System.Text.Json
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Sim

// ---- the plan ----

/// What the swept values of an axis are, as they were asked for.
let axisText (a: Axis) =
    match a.Values with
    | AxisValues.Listed all -> String.Join(",", all)
    | AxisValues.Between _ -> $"{a.Text 0}..{a.Text(a.Count - 1)}"

/// What makes two sweeps the same, a name and a text each.
let planText (facts: (string * string) list) : string =
    JsonOut.text true (fun w ->
        w.WriteStartObject()

        for name, value in facts do
            w.WriteString(name, value)

        w.WriteEndObject())
    + "\n"

/// Refuses with a sentence an existing plan that differs from what is asked now.
let samePlan (folder: string) (existing: string) (facts: (string * string) list) =
    let root =
        try
            use document = JsonDocument.Parse existing
            document.RootElement.Clone()
        with :? JsonException ->
            refuse $"{folder}: plan.json is damaged. Write the sweep anew with --force."

    for name, now in facts do
        let was =
            match root.TryGetProperty name with
            | true, e when e.ValueKind = JsonValueKind.String -> string (e.GetString())
            | _ -> ""

        if was <> now then
            refuse (
                $"{folder}: {name} differs (the sweep there has {was}, this one {now}), "
                + "so its points do not belong to this sweep. Name another --out, or use --force."
            )

// ---- points ----

let private writeScore (w: Utf8JsonWriter) (s: Score) =
    w.WriteStartObject()

    for struct (name, value) in s.Figures do
        JsonOut.number w name value

    w.WriteEndObject()

/// One finished point as one line.
let line (j: Judged) : string =
    JsonOut.text false (fun w ->
        w.WriteStartObject()
        w.WriteNumber("id", j.Point.Id)
        w.WriteString("tier", j.Tier)
        w.WriteStartArray "at"

        for place in j.Point.At do
            w.WriteNumberValue place

        w.WriteEndArray()
        w.WriteStartArray "scores"

        for s in j.Scores do
            writeScore w s

        w.WriteEndArray()
        w.WriteEndObject())

let private readScore (e: JsonElement) : Score =
    let figures =
        e.EnumerateObject()
        |> Seq.map (fun p ->
            let value =
                if p.Value.ValueKind = JsonValueKind.Number then
                    ValueSome(p.Value.GetDouble())
                else
                    ValueNone

            struct (p.Name, value))
        |> ImmutableArray.CreateRange

    let figure name =
        figures
        |> Seq.tryPick (fun struct (n, v) -> if n = name then ValueOption.toOption v else None)

    {
        Objective = figure "objective" |> ValueOption.ofOption
        Net = figure "net_usd" |> Option.defaultValue 0.0
        Figures = figures
    }

/// The point of a line; refuses a line that is none.
let judged (file: string) (axes: int) (scores: int) (number: int) (text: string) : Judged =
    try
        use document = JsonDocument.Parse text
        let e = document.RootElement

        let j: Judged =
            {
                Point =
                    {
                        Id = e.GetProperty("id").GetInt32()
                        At =
                            e.GetProperty("at").EnumerateArray()
                            |> Seq.map (fun p -> p.GetInt32())
                            |> ImmutableArray.CreateRange
                    }
                Tier = string (e.GetProperty("tier").GetString())
                Scores =
                    e.GetProperty("scores").EnumerateArray()
                    |> Seq.map readScore
                    |> ImmutableArray.CreateRange
            }

        if j.Point.At.Length <> axes || j.Scores.Length <> scores then
            refuse $"{file}:{number}: this point belongs to another sweep. Write the sweep anew with --force."

        j
    with
    | :? JsonException
    | :? InvalidOperationException
    | :? Collections.Generic.KeyNotFoundException
    | :? FormatException -> refuse $"{file}:{number}: this line is damaged. Write the sweep anew with --force."
