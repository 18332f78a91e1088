/// Journals changed with care: every checksum is right, only the content is not what the run said.
module Vrlg.EndToEnd.Rewrite

open System
open System.IO
open Vrlg.Core

/// Writes a segment anew with every record changed by `change`.
let private rewrite (file: string) (change: JournalRecord -> JournalRecord) =
    let bytes = File.ReadAllBytes file
    let sink = ByteSink()
    let mutable at = Journal.mark.Length
    let mutable more = true

    while more do
        match Journal.read (ReadOnlySpan bytes) at with
        | JournalRead.Record(record, next) ->
            at <- next

            match change record with
            | JournalRecord.Header h -> Journal.appendHeader sink h
            | JournalRecord.Event input -> Journal.append sink &input
            | JournalRecord.Output(digest, lines) -> Journal.appendOutput sink digest lines
            | JournalRecord.State digest -> Journal.appendState sink digest
            | JournalRecord.End e -> Journal.appendEnd sink e
        | _ -> more <- false

    use out = File.Create file
    out.Write(Journal.mark.AsSpan())
    out.Write sink.Written

/// As if another build had written it.
let build (file: string) =
    rewrite file (fun r ->
        match r with
        | JournalRecord.Header h ->
            JournalRecord.Header
                { h with
                    Build = "0123456789abcdef-0123456789abcdef"
                }
        | other -> other)

/// One line more in the third output; answers with the event that it belongs to.
let forgeOutput (file: string) : int64 =
    let mutable outputs = 0
    let mutable seq = -1L
    let mutable found = -1L

    rewrite file (fun r ->
        match r with
        | JournalRecord.Event input ->
            seq <- input.Seq
            r
        | JournalRecord.Output(digest, lines) ->
            outputs <- outputs + 1

            if outputs = 3 then
                found <- seq
                JournalRecord.Output(digest, lines.Add "forged")
            else
                r
        | other -> other)

    found
