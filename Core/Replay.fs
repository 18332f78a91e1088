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
[<Sealed>]
type Replayer(config: Config, desks: Desk[]) =
    let mutable state = Engine.own (Engine.create config desks)
    let mutable digest = Digest.start
    let mutable events = 0L
    let mutable commands = 0L
    let mutable lastSeq = -1L
    let mutable lastAt = Instant.Of 0L
    let mutable waiting: ImmutableArray<string> = ImmutableArray.Empty
    let mutable lines: ImmutableArray<string> = ImmutableArray.Empty

    let differs what recorded now =
        ValueSome
            {
                Seq = lastSeq
                At = lastAt
                What = what
                Recorded = recorded
                Now = now
            }

    let unmatched () =
        if waiting.IsEmpty then
            ValueNone
        else
            differs "the journal has no output for this event" ImmutableArray.Empty waiting

    let stepOne (input: inref<Stamped>) =
        let struct (next, output) = Engine.step config state &input
        state <- next
        events <- events + 1L
        lastSeq <- input.Seq
        lastAt <- input.At
        lines <- ImmutableArray.Empty

        if not output.IsSilent then
            commands <- commands + int64 output.Commands.Length
            lines <- Words.output &output
            waiting <- lines
            digest <- Digest.output digest &output

    let same (a: ImmutableArray<string>) (b: ImmutableArray<string>) =
        MemoryExtensions.SequenceEqual(a.AsSpan(), b.AsSpan())

    let ended (e: JournalEnd) =
        if e.Events <> events then
            differs
                $"the journal counts {e.Events} events, this replay {events}"
                ImmutableArray.Empty
                ImmutableArray.Empty
        elif e.OutputDigest <> digest || e.Commands <> commands then
            differs "the digests of all output differ at the end" ImmutableArray.Empty ImmutableArray.Empty
        elif e.StateDigest <> Digest.state state then
            differs "the digests of the last state differ" ImmutableArray.Empty ImmutableArray.Empty
        else
            ValueNone

    /// The state after the last event fed.
    member _.State = state
    member _.Events = events
    member _.Commands = commands
    member _.LastAt = lastAt
    member _.OutputDigest = digest
    /// What the last event made the engine say, a line each.
    member _.Lines = lines

    /// One record; answers with the difference where there is one.
    member _.Feed(record: JournalRecord) : Difference voption =
        match record with
        | JournalRecord.Header _ -> ValueNone
        | JournalRecord.Event input ->
            match unmatched () with
            | ValueSome d -> ValueSome d
            | ValueNone ->
                stepOne &input
                ValueNone
        | JournalRecord.Output(recorded, said) ->
            let now = waiting
            waiting <- ImmutableArray.Empty

            if not (same said now) then
                differs "the outputs differ" said now
            elif recorded <> digest then
                differs "the output digests differ" said now
            else
                ValueNone
        | JournalRecord.State recorded ->
            match unmatched () with
            | ValueSome d -> ValueSome d
            | ValueNone ->
                if recorded = Digest.state state then
                    ValueNone
                else
                    differs "the state digests differ" ImmutableArray.Empty ImmutableArray.Empty
        | JournalRecord.End e ->
            match unmatched () with
            | ValueSome d -> ValueSome d
            | ValueNone -> ended e
