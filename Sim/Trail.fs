namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// The picture once a second, by the exchange's clock; NaN where something was not defined.
[<Struct; NoComparison; NoEquality>]
type Sample =
    {
        At: int64
        Mid: float
        SpreadTicks: float
        Dob: float
        Period: float
        Phase: float
        PValue: float
        IsActive: bool
        Position: int64
        Equity: float
    }

/// The detector's phase at one instant of the 100 ms grid. A period is often shorter than two samples of the second: drawn from
/// those, the phase would look like something else.
[<Struct; NoComparison; NoEquality>]
type PhasePoint = { At: int64; Phase: float }

/// A silence of the book channels beyond their limit, by arrival.
[<Struct; NoComparison; NoEquality>]
type Silence = { From: Instant; To: Instant }

/// Collects what people ask of a run of one desk in one instrument: a tally, and beside it samples, silences, refusals and the
/// strategy's numbers. It watches only.
[<Sealed>]
type Trail(instrument: InstrumentId, capital: Usd) =
    let tally = Tally instrument
    let counts: IWatch = tally
    let samples = ImmutableArray.CreateBuilder<Sample>()
    let phases = ImmutableArray.CreateBuilder<PhasePoint>()
    let silences = ImmutableArray.CreateBuilder<Silence>()
    let remarks = Remarks()
    let refusals = SortedDictionary<string, int>(StringComparer.Ordinal)
    let mutable events = 0L
    let mutable lastMidTwice = 0L
    let mutable lastBook = Instant.Of 0L
    let mutable last = Instant.Of 0L
    let mutable longestQuiet = Duration.Of 0L
    let mutable largestEvidence: float voption = ValueNone
    let mutable state: State | null = null
    let mutable halt: struct (Instant * string) voption = ValueNone
    let mutable gauges: ImmutableArray<struct (string * float)> = ImmutableArray.Empty

    let gauge (name: string) =
        let mutable found = nan

        for struct (key, value) in gauges do
            if key = name then
                found <- value

        found

    let equityNow () =
        float capital.Raw / 1e8
        + float tally.Cash / 1e8
        + float tally.Position / 1e8 * (float lastMidTwice / 2e8)

    let hear (at: Instant) (note: Note) =
        match note with
        | FitnessChanged(Fitness.Halted _ as why) when halt.IsNone -> halt <- ValueSome(struct (at, Words.fitness why))
        | Remarked(_, remark) -> remarks.Hear(at, remark)
        | Refused(_, _, breaches) ->
            for breach in breaches do
                let word = Words.breachName breach

                let seen =
                    match refusals.TryGetValue word with
                    | true, n -> n
                    | _ -> 0

                refusals[word] <- seen + 1
        | _ -> ()

    let watchSilence (input: inref<Stamped>) (now: State) =
        match input.Event.Kind with
        | EventKind.LevelMoved
        | EventKind.BookMoved
        | EventKind.BboMoved when input.Event.Instrument.Index = instrument.Index ->
            let limit = now.Facts.Market(instrument).GapLimit
            let at = input.At

            if lastBook.Ns > 0L && at.Ns - lastBook.Ns > limit.Ns then
                silences.Add { From = lastBook; To = at }
            elif lastBook.Ns > 0L && at.Ns - lastBook.Ns > longestQuiet.Ns then
                longestQuiet <- Duration.Of(at.Ns - lastBook.Ns)

            lastBook <- at
        | _ -> ()

    let sample (at: Instant) (now: State) =
        let market = now.Facts.Market instrument

        let mid, spread, dob =
            match market.Feature with
            | ValueSome f -> float f.MidTwice / 2e8, float f.SpreadTicks, f.Dob
            | ValueNone -> nan, nan, nan

        let period = gauge "period_s"
        let isKnown = period > 0.0

        samples.Add
            {
                At = at.Ns
                Mid = mid
                SpreadTicks = spread
                Dob = dob
                Period = if isKnown then period else nan
                Phase = if isKnown then gauge "phase" else nan
                PValue = if isKnown then gauge "p_value" else nan
                IsActive = gauge "active" = 1.0
                Position = tally.Position
                Equity = equityNow ()
            }

    let samplePhase (at: Instant) (now: State) =
        gauges <- Engine.gauges now (DeskId.Of 0)

        let evidence = gauge "evidence"

        if
            not (
                Double.IsNaN evidence
                || ValueOption.exists (fun most -> most >= evidence) largestEvidence
            )
        then
            largestEvidence <- ValueSome evidence

        if gauge "period_s" > 0.0 then
            phases.Add { At = at.Ns; Phase = gauge "phase" }

    let see (touch: Touch) =
        if touch.IsWhole then
            lastMidTwice <- touch.MidTwice

    /// What the figures are made of.
    member _.Tally = tally
    member _.Events = events
    member _.Cancels = tally.Cancels
    member _.Orders = tally.Orders
    /// In exchange order.
    member _.Fills = tally.Fills
    member _.Samples = samples.ToImmutable()
    /// On the 100 ms grid, where a period is known.
    member _.Phases = phases.ToImmutable()
    member _.Silences = silences.ToImmutable()
    /// The longest silence of the book channels that was no gap.
    member _.LongestQuiet = longestQuiet
    /// The largest E of the detector on the 100 ms grid; none of the document's.
    member _.LargestEvidence = largestEvidence
    /// What was said of the rules, and how often.
    member _.Remarks = remarks
    /// When entries were paused after stop-outs, to the last event at most.
    member _.Pauses = remarks.Pauses last
    /// Arrival of the last event.
    member _.LastAt = last
    /// Refusals by our own rules, by the name of the rule.
    member _.Refusals: IReadOnlyDictionary<string, int> = refusals
    /// Instants of the 100 ms grid.
    member _.Ticks = tally.Ticks
    /// Minutes on whose grid instants features existed and trading was not halted.
    member _.ActiveMinutes = tally.ActiveMinutes
    /// The strategy's numbers at the end.
    member _.Gauges = gauges
    member _.LastMidTwice = lastMidTwice
    /// When a kill switch tripped, and its words; none when none did.
    member _.Halt = halt

    interface IWatch with
        member _.Arrived input =
            counts.Arrived &input
            events <- events + 1L

        member _.Stepped(input, output, now) =
            state <- now
            last <- input.At
            counts.Stepped(&input, &output, now)
            watchSilence &input now

            if not output.Notes.IsDefaultOrEmpty then
                for note in output.Notes do
                    hear input.At note

            if input.Event.Kind = EventKind.Ticked then
                let at = input.At
                samplePhase at now

                if at.Ns % 1_000_000_000L = 0L then
                    sample at now

        member _.Executed(event, exchange) =
            counts.Executed(&event, exchange)

            if event.Kind = EventKind.Filled then
                see (exchange.Touch instrument)

        member _.Beat(at, exchange) =
            counts.Beat(at, exchange)
            see (exchange.Touch instrument)

    /// Reads the strategy's last numbers; call it when the run has ended.
    member _.Close() =
        match state with
        | null -> ()
        | s -> gauges <- Engine.gauges s (DeskId.Of 0)
