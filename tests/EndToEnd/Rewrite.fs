/// Journals changed with care: every checksum is right, only the content is not what the run said.
module Vrlg.EndToEnd.Rewrite

open System
open System.IO
open Vrlg.Core

let private read (file: string) : JournalRecord list =
    let bytes = File.ReadAllBytes file
    let mutable at = Journal.mark.Length
    let mutable more = true

    [
        while more do
            match Journal.read (ReadOnlySpan bytes) at with
            | JournalRead.Record(record, next) ->
                at <- next
                record
            | _ -> more <- false
    ]

let private write (file: string) (records: JournalRecord list) =
    let sink = ByteSink()

    for record in records do
        match record with
        | JournalRecord.Header h -> Journal.appendHeader sink h
        | JournalRecord.Event input -> Journal.append sink &input
        | JournalRecord.Output(digest, lines) -> Journal.appendOutput sink digest lines
        | JournalRecord.State digest -> Journal.appendState sink digest
        | JournalRecord.End e -> Journal.appendEnd sink e

    use out = File.Create file
    out.Write(Journal.mark.AsSpan())
    out.Write sink.Written

/// Writes a segment anew with every record changed by `change`.
let private rewrite (file: string) (change: JournalRecord -> JournalRecord) =
    write file (List.map change (read file))

/// The place of the `n`-th event that is followed by another one at the same instant, so that it said nothing.
let private quiet (n: int) (records: JournalRecord list) =
    records
    |> List.pairwise
    |> List.indexed
    |> List.choose (fun (i, pair) ->
        match pair with
        | JournalRecord.Event a, JournalRecord.Event b when a.At.Ns = b.At.Ns -> Some i
        | _ -> None)
    |> List.item n

let private change (file: string) (act: int -> JournalRecord list -> JournalRecord list) =
    let records = read file
    write file (act (quiet 500 records) records)

/// Two quiet events of one instant change places.
let swap (file: string) =
    change file (fun q records -> records |> List.updateAt q records[q + 1] |> List.updateAt (q + 1) records[q])

/// A quiet event is written over by a copy of the next one.
let overwrite (file: string) =
    change file (fun q records -> records |> List.updateAt q records[q + 1])

/// A person's kill stands after the end.
let killAfterEnd (file: string) =
    change file (fun _ records ->
        let last =
            records
            |> List.rev
            |> List.pick (fun r ->
                match r with
                | JournalRecord.Event e -> Some e
                | _ -> None)

        let kill = Event.Of(RareEvent.Operator(OperatorOrder.Kill "forged"), last.At)

        records @ [ JournalRecord.Event(Stamped(last.Seq + 1L, last.At, kill)) ])

/// The first digest of the state is gone.
let dropState (file: string) =
    change file (fun _ records ->
        let isState r =
            match r with
            | JournalRecord.State _ -> true
            | _ -> false

        records |> List.removeAt (List.findIndex isState records))

/// The header stands again in the middle.
let secondHeader (file: string) =
    change file (fun q records -> records |> List.insertAt (q + 1) records.Head)

/// Settings changed in the header, their hash left as it was.
let settings (file: string) =
    rewrite file (fun r ->
        match r with
        | JournalRecord.Header h ->
            JournalRecord.Header
                { h with
                    Setup = h.Setup + "# changed\n"
                }
        | other -> other)

/// The journal in two segments, the second one's header changed.
let split (file: string) (second: string) (change: JournalHeader -> JournalHeader) =
    let records = read file
    let q = quiet 500 records

    let header =
        match records.Head with
        | JournalRecord.Header h -> JournalRecord.Header(change { h with Segment = 2 })
        | other -> other

    write file (List.take (q + 1) records)
    write second (header :: List.skip (q + 1) records)

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
