namespace Vrlg.Core

open System
open System.Collections.Immutable

/// The first event at which a replay and its journal part.
[<NoComparison; NoEquality>]
type Difference =
    {
        /// Sequence number of the event.
        Seq: int64
        At: Instant
        What: string
        Recorded: ImmutableArray<string>
        Now: ImmutableArray<string>
    }

/// Folds a journal's events through the engine and holds what it says against what was recorded. One owner, one pass.
///
/// A journal is believed only where every record stands in its place: headers of one run, numbered; events numbered without a
/// hole, none before the one ahead of it; after an event that made the engine speak its output, and no other; a digest of the
/// state where one is due, and nowhere else; after the end nothing.
[<Sealed>]
type Replayer(config: Config, desks: Desk[]) =
    let mutable state = Engine.own (Engine.create config desks)
    let mutable header: JournalHeader voption = ValueNone
    let mutable segments = 0
    let mutable digest = Digest.start
    let mutable events = 0L
    let mutable commands = 0L
    let mutable lastSeq = -1L
    let mutable lastAt = Instant.Of Int64.MinValue
    let mutable isStateDue = false
    let mutable isOver = false
    let mutable waiting: ImmutableArray<string> = ImmutableArray.Empty
    let mutable lines: ImmutableArray<string> = ImmutableArray.Empty

    let differs what recorded now =
        ValueSome
            {
                Seq = lastSeq
                At = if events = 0L then Instant.Of 0L else lastAt
                What = what
                Recorded = recorded
                Now = now
            }

    let wrong what =
        differs what ImmutableArray.Empty ImmutableArray.Empty

    let same (a: ImmutableArray<string>) (b: ImmutableArray<string>) =
        MemoryExtensions.SequenceEqual(a.AsSpan(), b.AsSpan())

    /// What the last event still asks of the journal before the next one.
    let owed () =
        if not waiting.IsEmpty then
            differs "the journal has no output for this event" ImmutableArray.Empty waiting
        elif isStateDue then
            wrong "the journal has no digest of the state after this event"
        else
            ValueNone

    /// The first thing in which a later segment's header is not the first one's.
    let otherRun (a: JournalHeader) (b: JournalHeader) =
        if a.Run <> b.Run then
            ValueSome "run number"
        elif a.Build <> b.Build || a.Format <> b.Format then
            ValueSome "build"
        elif a.Runtime <> b.Runtime || a.Processor <> b.Processor then
            ValueSome "machine"
        elif a.Setup <> b.Setup || a.SetupHash <> b.SetupHash then
            ValueSome "set of settings"
        elif not (MemoryExtensions.SequenceEqual(a.Facts.AsSpan(), b.Facts.AsSpan())) then
            ValueSome "set of facts"
        else
            ValueNone

    let begun (h: JournalHeader) =
        segments <- segments + 1

        if h.Segment <> segments then
            wrong $"segment {h.Segment} of the journal stands where segment {segments} belongs"
        else
            match header with
            | ValueNone ->
                header <- ValueSome h
                ValueNone
            | ValueSome first ->
                match otherRun first h with
                | ValueSome what -> wrong $"segment {h.Segment} is of another run than the first: another {what}"
                | ValueNone -> ValueNone

    let isOtherRun (input: inref<Stamped>) =
        match input.Event.Rare, header with
        | ValueSome(RareEvent.RunStarted r), ValueSome h -> r.Run <> h.Run
        | _ -> false

    let stepOne (input: inref<Stamped>) =
        if input.Seq <> lastSeq + 1L then
            wrong
                $"the next event has the number {input.Seq}, not {lastSeq + 1L}: events are missing, repeated or in another order"
        elif input.At.Ns < lastAt.Ns then
            wrong $"the next event, {input.Seq}, arrived before this one: its time was changed"
        elif isOtherRun &input then
            wrong $"the run that begins with event {input.Seq} is not the one that the header names"
        else
            let struct (next, output) = Engine.step config state &input
            state <- next
            events <- events + 1L
            lastSeq <- input.Seq
            lastAt <- input.At
            isStateDue <- events % Journal.StateEvery = 0L
            lines <- ImmutableArray.Empty

            if not output.IsSilent then
                commands <- commands + int64 output.Commands.Length
                lines <- Words.output &output
                waiting <- lines
                digest <- Digest.output digest &output

            ValueNone

    let said (recorded: uint64) (told: ImmutableArray<string>) =
        let now = waiting
        waiting <- ImmutableArray.Empty

        if now.IsEmpty then
            differs "the journal has an output where this replay has none" told now
        elif not (same told now) then
            differs "the outputs differ" told now
        elif recorded <> digest then
            differs "the output digests differ" told now
        else
            ValueNone

    let held (recorded: uint64) =
        if not waiting.IsEmpty then
            owed ()
        elif not isStateDue then
            wrong "the journal has a digest of the state where none belongs"
        else
            isStateDue <- false

            if recorded = Digest.state state then
                ValueNone
            else
                wrong "the state digests differ"

    let ended (e: JournalEnd) =
        isOver <- true

        if e.Events <> events then
            wrong $"the journal counts {e.Events} events, this replay {events}"
        elif e.OutputDigest <> digest || e.Commands <> commands then
            wrong "the digests of all output differ at the end"
        elif e.StateDigest <> Digest.state state then
            wrong "the digests of the last state differ"
        else
            ValueNone

    /// The state after the last event fed.
    member _.State = state
    member _.Events = events
    member _.Commands = commands
    member _.LastAt = if events = 0L then Instant.Of 0L else lastAt
    member _.OutputDigest = digest
    /// What the last event made the engine say, a line each.
    member _.Lines = lines

    /// One record; answers with the difference where there is one.
    member _.Feed(record: JournalRecord) : Difference voption =
        match record with
        | _ when isOver -> wrong "the journal goes on after its end"
        | JournalRecord.Header h -> begun h
        | JournalRecord.Event input ->
            match owed () with
            | ValueSome d -> ValueSome d
            | ValueNone -> stepOne &input
        | JournalRecord.Output(recorded, told) -> said recorded told
        | JournalRecord.State recorded -> held recorded
        | JournalRecord.End e ->
            match owed () with
            | ValueSome d -> ValueSome d
            | ValueNone -> ended e
