/// The recorded requests that `latency.order_file` names.
module Vrlg.Cli.LatencyFile

open System.Collections.Immutable
open Microsoft.FSharp.Core
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Sim

/// Rows `sent_ns, executed_ns, reported_ns`, nanoseconds since 1970; an empty or zero execution time is a lost request.
let private read (path: string) : LatencyTable =
    let rows = CsvRows(path, RecordingFile.ReadAll path)
    let sent = rows.Column "sent_ns"
    let executed = rows.Column "executed_ns"
    let reported = rows.Column "reported_ns"
    let found = ImmutableArray.CreateBuilder<LatencyRow>()
    let mutable fault: string | null = null

    while isNull fault && rows.Next() do
        fault <- rows.WidthFault()

        if isNull fault then
            let isLost = rows.Cell(executed).IsEmpty
            let at = if isLost then 0L else rows.Whole(executed, &fault)

            found.Add
                {
                    Sent = rows.Whole(sent, &fault)
                    Executed = if at = 0L then ValueNone else ValueSome at
                    Reported = rows.Whole(reported, &fault)
                }

    match fault with
    | null ->
        match LatencyTable.Create(found.ToImmutable()) with
        | Ok table -> table
        | Error sentence -> refuse $"{path}: {sentence}. Correct the file that latency.order_file names."
    | sentence -> refuse (sentence + " Correct the row.")

/// The requests that the settings name; nothing for `none`.
let ofValues (values: Values) : LatencyTable voption =
    Timing.file values |> ValueOption.map read

/// The tape with its receipts as the settings want them, and what to tell about it.
let receipts (data: string) (values: Values) (tape: Tape) : struct (Tape * string list) =
    match Timing.receipts values tape with
    | Ok(struct (tape, ValueSome sentence)) -> struct (tape, [ sentence ])
    | Ok(struct (tape, ValueNone)) -> struct (tape, [])
    | Error sentence -> refuse $"{data}: {sentence}"
