/// `vrlg replay`: the journal of a run through the engine again.
module Vrlg.Cli.Replay

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.IO
open System.Text.Json
open Argu
open Vrlg.Cli.Args
open Vrlg.Cli.ReplayAt
open Vrlg.Cli.ReplayViews
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell

/// Why a journal cannot be folded to its end.
[<NoComparison; NoEquality>]
type private Broken = { Sentence: string; Seq: int64 }

[<NoComparison; NoEquality>]
type private Outcome =
    | Identical
    | Differs of Difference
    | Damaged of Broken
    /// Stopped at an event that was asked for.
    | Reached
    /// The run was stopped before its end, and so is its journal; what is there was folded, and nothing differed.
    | Stopped of last: int64

/// What to do about a journal that is not as it was written.
let private remedy =
    "Copy the run folder again from where the run was made, or make the run again."

/// A segment begins with its header, and has no other.
let private misplaced (file: string) (at: int) (isFirst: bool) (record: JournalRecord) (last: int64) : Broken voption =
    let broken sentence =
        ValueSome { Sentence = sentence; Seq = last }

    match record with
    | JournalRecord.Header _ when not isFirst ->
        broken $"{file}: a second header stands inside the segment at byte {at}, after event {last}."
    | JournalRecord.Header _ -> ValueNone
    | _ when isFirst -> broken $"{file}: the first record is no header."
    | _ -> ValueNone

/// The segments of a run, and whether it came to its end.
[<NoComparison; NoEquality>]
type private Segments =
    {
        Files: IReadOnlyList<string>
        IsComplete: bool
    }

/// Reads the records of all segments in order and hands each to `take`, which answers whether to go on.
let private fold (segments: Segments) (replay: unit -> int64) (take: JournalRecord -> Outcome voption) : Outcome =
    let mutable outcome = ValueNone
    let mutable ended = false
    let mutable last = ""

    for file in segments.Files do
        if outcome.IsNone then
            last <- file
            let content = Load.bytes file
            let mutable at = Journal.mark.Length

            if not (Journal.isSegment (ReadOnlySpan content)) then
                outcome <-
                    ValueSome(
                        Damaged
                            {
                                Sentence = $"{file}: this is no journal segment: its first bytes are wrong."
                                Seq = replay ()
                            }
                    )

            let mutable more = outcome.IsNone

            while more do
                match Journal.read (ReadOnlySpan content) at with
                | JournalRead.Record(record, next) ->
                    let isFirst = at = Journal.mark.Length

                    match record with
                    | JournalRecord.End _ -> ended <- true
                    | _ -> ()

                    outcome <-
                        match misplaced file at isFirst record (replay ()) with
                        | ValueSome broken -> ValueSome(Damaged broken)
                        | ValueNone -> take record

                    at <- next
                    more <- outcome.IsNone
                | JournalRead.Nothing -> more <- false
                | JournalRead.Torn
                | JournalRead.Corrupt _ when ended ->
                    let sentence =
                        $"{file}: {content.Length - at} bytes stand behind the journal's end, at byte {at}: something was appended."

                    outcome <- ValueSome(Damaged { Sentence = sentence; Seq = replay () })
                    more <- false
                // The last record of a run that was killed may be there in part.
                | JournalRead.Torn when not segments.IsComplete && file = segments.Files[segments.Files.Count - 1] ->
                    more <- false
                | JournalRead.Torn ->
                    let sentence =
                        $"{file}: the tail is missing: the journal breaks off inside a record at byte {at}, after event {replay ()}."

                    outcome <- ValueSome(Damaged { Sentence = sentence; Seq = replay () })
                    more <- false
                | JournalRead.Corrupt what ->
                    let sentence =
                        $"{file}: a byte was changed: {what} at byte {at}, after event {replay ()}."

                    outcome <- ValueSome(Damaged { Sentence = sentence; Seq = replay () })
                    more <- false

    match outcome with
    | ValueSome o -> o
    | ValueNone when not ended && not segments.IsComplete -> Stopped(replay ())
    | ValueNone when not ended ->
        let sentence =
            $"{last}: the tail is missing: the journal has no end after event {replay ()}. The run was broken off, or the file was cut."

        Damaged { Sentence = sentence; Seq = replay () }
    | ValueNone -> Identical

let private firstHeader (file: string) : Result<JournalHeader, string> =
    let content = Load.bytes file

    if not (Journal.isSegment (ReadOnlySpan content)) then
        Error $"{file}: this is no journal segment: its first bytes are wrong."
    else
        match Journal.read (ReadOnlySpan content) Journal.mark.Length with
        | JournalRead.Record(JournalRecord.Header h, _) -> Ok h
        | JournalRead.Record _ -> Error $"{file}: the first record is no header."
        | JournalRead.Nothing
        | JournalRead.Torn -> Error $"{file}: the tail is missing: the journal breaks off inside its header."
        | JournalRead.Corrupt what -> Error $"{file}: a byte was changed: {what} in the header."

let private setupOf (file: string) (h: JournalHeader) : RunSetup =
    let setup =
        Toml.parse (Text.Encoding.UTF8.GetBytes h.Setup) |> Result.bind Setup.ofTree

    match setup with
    | Ok s -> s
    | Error problems -> raise (Load.Problems(file + " (settings)", problems))

let private traceOrder
    (segments: Segments)
    (replayer: Replayer)
    (cloid: Cloid)
    : struct (Outcome * ResizeArray<Trace>) =
    let found = ResizeArray<Trace>()
    let name = cloid.ToString()

    let outcome =
        fold segments (fun () -> replayer.Events - 1L) (fun record ->
            let difference = replayer.Feed record

            match record with
            | JournalRecord.Event input ->
                let said =
                    replayer.Lines
                    |> Seq.filter (fun l -> l.Contains(name, StringComparison.Ordinal))
                    |> Seq.toList

                let event = input.Event

                match about cloid event, said with
                | None, [] -> ()
                | told, said ->
                    found.Add
                        {
                            Seq = input.Seq
                            At = input.At
                            Event = defaultArg told (kindWords event.Kind)
                            Said = said
                        }
            | _ -> ()

            match difference with
            | ValueSome d -> ValueSome(Differs d)
            | ValueNone -> ValueNone)

    struct (outcome, found)

// ---- the verb ----

/// How a replay ended, as an object.
let private writeOutcome (outcome: Outcome) (replayer: Replayer) (w: Utf8JsonWriter) =
    let side (name: string) (lines: ImmutableArray<string>) =
        w.WriteStartArray name

        for line in lines do
            w.WriteStringValue line

        w.WriteEndArray()

    w.WriteStartObject()

    match outcome with
    | Identical
    | Reached ->
        w.WriteBoolean("identical", true)
        w.WriteNumber("events", replayer.Events)
        w.WriteNumber("commands", replayer.Commands)
    | Differs d ->
        w.WriteBoolean("identical", false)
        w.WriteNumber("event", d.Seq)
        w.WriteString("at", $"{d.At}")
        w.WriteString("what", d.What)
        side "recorded" d.Recorded
        side "replayed" d.Now
    | Stopped _ ->
        w.WriteBoolean("identical", true)
        w.WriteBoolean("complete", false)
        w.WriteNumber("events", replayer.Events)
        w.WriteNumber("commands", replayer.Commands)
    | Damaged b ->
        w.WriteBoolean("identical", false)
        w.WriteNumber("event", b.Seq)
        w.WriteString("what", b.Sentence)

    w.WriteEndObject()

let private showOutcome (outcome: Outcome) (replayer: Replayer) (both: bool) =
    match outcome with
    | Identical
    | Reached
    | Stopped _ -> Console.Out.WriteLine $"identical: {replayer.Events} events, {replayer.Commands} commands"
    | Differs d ->
        Console.Out.WriteLine $"differs at event {d.Seq} ({d.At}): {d.What}"

        if both then
            for line in d.Recorded do
                Console.Out.WriteLine("- recorded: " + line)

            for line in d.Now do
                Console.Out.WriteLine("+ replayed: " + line)
    | Damaged _ -> ()

/// The exit code of an outcome that was told; damage is said on standard error.
let private ending (outcome: Outcome) : int =
    match outcome with
    | Identical
    | Reached -> Exit.done'
    | Stopped last ->
        say
            $"this run is INCOMPLETE: it was stopped after event {last}, and so is its journal. All that is there replays; make the run again for the whole."

        Exit.done'
    | Differs _ -> Exit.differs
    | Damaged b ->
        say $"{b.Sentence} {remedy}"
        Exit.differs

let private finish (outcome: Outcome) (replayer: Replayer) (both: bool) (json: bool) : int =
    if json then
        JsonOut.print (writeOutcome outcome replayer)
    else
        showOutcome outcome replayer both

    ending outcome

let private runAt (segments: Segments) (replayer: Replayer) (setup: RunSetup) (wanted: int64) (json: bool) : int =
    let outcome =
        fold segments (fun () -> replayer.Events - 1L) (fun record ->
            match replayer.Feed record with
            | ValueSome d -> ValueSome(Differs d)
            | ValueNone ->
                match record with
                | JournalRecord.Event input when input.Seq = wanted -> ValueSome Reached
                | _ -> ValueNone)

    match outcome with
    | Reached ->
        showAt setup wanted replayer.LastAt replayer.State replayer.Lines json
        Exit.done'
    | Identical
    | Stopped _ -> refuse $"--at {wanted}: the journal ends with event {replayer.Events - 1L}; events count from 0."
    | other -> finish other replayer false json

let private refuseTogether (r: ParseResults<ReplayArgs>) =
    let given =
        [
            if r.Contains ReplayArgs.At then
                "--at"
            if r.Contains ReplayArgs.Order then
                "--order"
            if r.Contains ReplayArgs.Diff then
                "--diff"
        ]

    match given with
    | first :: second :: _ -> usage $"{first} and {second} ask for different things; give one of them."
    | _ -> ()

let private replaySegments
    (r: ParseResults<ReplayArgs>)
    (segments: Segments)
    (json: bool)
    (damaged: string -> int)
    : int =
    match firstHeader segments.Files[0] with
    | Error sentence -> damaged $"{sentence} {remedy}"
    | Ok h when h.Format <> Journal.Format ->
        damaged $"{segments.Files[0]}: the journal has format {h.Format}, this program reads {Journal.Format}."
    | Ok h when h.Build <> Pipeline.build () ->
        damaged
            $"{segments.Files[0]}: another build wrote this journal ({h.Build}, this is {Pipeline.build ()}); replay it with that build."
    | Ok h when h.SetupHash <> Load.sha256 h.Setup ->
        damaged
            $"{segments.Files[0]}: the settings in the header are not those that its hash names: they were changed. {remedy}"
    | Ok h ->
        let setup = setupOf segments.Files[0] h
        let replayer = Replayer(Setup.engine setup, Setup.desks setup)

        match r.TryGetResult ReplayArgs.At, r.TryGetResult ReplayArgs.Order with
        | Some n, _ -> runAt segments replayer setup n json
        | None, Some word ->
            let cloid = cloidOf h.Run word
            let struct (outcome, rows) = traceOrder segments replayer cloid

            match outcome with
            | Identical
            | Stopped _ when rows.Count = 0 -> refuse $"--order {word}: no event of this run is about {cloid}."
            | told ->
                showOrder cloid rows (writeOutcome told replayer) json

                match told with
                | Differs _ when not json -> showOutcome told replayer false
                | _ -> ()

                ending told
        | None, None ->
            let outcome =
                fold segments (fun () -> replayer.Events - 1L) (fun record ->
                    match replayer.Feed record with
                    | ValueSome d -> ValueSome(Differs d)
                    | ValueNone -> ValueNone)

            finish outcome replayer (r.Contains ReplayArgs.Diff) json

let run (r: ParseResults<ReplayArgs>) : int =
    refuseTogether r
    let folder = RunFolder.Open(r.GetResult ReplayArgs.Run)
    let json = r.Contains ReplayArgs.Json

    let damaged (sentence: string) =
        if json then
            JsonOut.print (fun w ->
                w.WriteStartObject()
                w.WriteBoolean("identical", false)
                w.WriteString("what", sentence)
                w.WriteEndObject())

        say sentence
        Exit.differs

    let segments =
        try
            Ok(folder.Segments())
        with :? RunFolderException as e when e.IsDamage ->
            Error e.Message

    match segments with
    | Error sentence -> damaged sentence
    | Ok files ->
        let segments =
            {
                Files = files
                IsComplete = folder.IsComplete
            }

        replaySegments r segments json damaged
