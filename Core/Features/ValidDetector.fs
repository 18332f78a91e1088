namespace Vrlg.Core

open System.Collections.Immutable

/// One sample's way through the valid detector (rotation-detection.md 4.0).
[<RequireQualifiedAccess>]
module internal ValidStep =
    /// The clock reads the blocks up to the sample's instant; a rotation found or lost, or a feed that fell silent, drops what was
    /// learned on the other clock.
    let private clocked (c: ValidConfig) (s: ValidState) : ValidState =
        let mutable clock = s.Clock
        let mutable waiting = s.Waiting
        let mutable count = s.WaitingCount

        while count > 0 && waiting.Peek().Ms <= s.Ms do
            let block = waiting.Peek()
            clock <- clock.Next(block.Height, block.Ms, block.Proposer)
            waiting <- waiting.Dequeue()
            count <- count - 1

        if clock.IsSilent s.Ms then
            clock <- clock.Forgotten

        let read =
            if obj.ReferenceEquals(clock, s.Clock) && count = s.WaitingCount then
                s
            else
                { s with
                    Clock = clock
                    Waiting = waiting
                    WaitingCount = count
                }

        if clock.Changes = s.Clock.Changes then
            read
        else
            { read.Forgotten(StateChange.Clock, c.Burn) with
                Slots = Window.Empty ValidState.Memory
                ClockSince = s.Index
            }

    /// The sample's ranks, and the state with the sample in its windows.
    let private ranked (dob: float) (spread: float) (s: ValidState) : struct (ValidState * Ranked) =
        let struct (ranks, sample) = s.Ranks.Next(dob, spread)

        struct ({ s with
                    Ranks = ranks
                    Missing = if Ranks.IsSample(dob, spread) then 0 else s.Missing + 1
                    Times = s.Times.Push(0.1 * float s.Index)
                    Xs = s.Xs.Push(if sample.IsOk then sample.X else nan)
                    Slots = if s.IsBlockClock then s.Slots.Push s.Now else s.Slots
                },
                sample)

    /// What missing samples do (rotation-detection.md 7).
    let private aged (c: ValidConfig) (s: ValidState) : ValidState =
        if s.Missing = c.Stale then
            { s.Forgotten(StateChange.Gap, c.Burn) with
                Ranks = Ranks.Empty
                Averages = Averages.Empty
                AcfPeriod = 0.0
                Start = s.Index
            }
        elif
            s.Wealth.IsActive
            && (s.Hypothesis.IsNone || s.Index - s.LastScored > int64 c.Stale)
        then
            { s with
                Wealth = s.Wealth.Burnt c.Burn
                Turn = StateChange.Stale
            }
        else
            s

    /// The sample's part in the predicted boundary: counted into it, or the one that ends it.
    let private judged (c: ValidConfig) (sample: Ranked) (s: ValidState) : ValidState =
        match s.Crossing with
        | ValueNone -> s
        | ValueSome crossing when not (crossing.IsOver s.Now) ->
            let seen = crossing.Seen(s.Now, sample)

            if obj.ReferenceEquals(seen, crossing) then
                s
            else
                { s with Crossing = ValueSome seen }
        | ValueSome crossing when not crossing.IsScored -> { s with Crossing = ValueNone }
        | ValueSome crossing ->
            let struct (wealth, lineage, turn) = s.Wealth.Settled(c, s.Lineage, crossing)

            { s with
                Crossing = ValueNone
                Wealth = wealth
                Lineage = lineage
                LastScored = s.Index
                Scored = s.Scored + 1L
                Turn = if turn = StateChange.None then s.Turn else turn
            }

    /// The hypothesis that may predict the next boundary: while observing one that is `Gap` of its periods old.
    let private predicting (c: ValidConfig) (s: ValidState) : Hypothesis =
        if s.Wealth.IsActive then
            s.Hypothesis
        else
            let now = s.Now
            let mutable age = 0
            let mutable found = Hypothesis.None

            while found.IsNone && age < s.History.Length do
                let struct (at, h) = s.History.Back age

                if at <= now - c.Gap * h.Period then
                    found <- h

                age <- age + 1

            found

    /// Predicts the next boundary where none is predicted.
    let private locked (c: ValidConfig) (s: ValidState) : ValidState =
        if s.Crossing.IsSome || s.Hypothesis.IsNone then
            s
        else
            let h = predicting c s

            if h.IsNone then
                s
            else
                let crossing = Crossing.Lock(h, s.Band c, s.Now, s.Units 0.11)
                let isEnded = s.Wealth.IsActive && s.Lineage.IsBroken h.Period

                { s with
                    Crossing = ValueSome crossing
                    Lineage = s.Lineage.Followed h.Period
                    Wealth = if isEnded then s.Wealth.Burnt c.Burn else s.Wealth
                    Turn = if isEnded then StateChange.Lineage else s.Turn
                }

    let step (c: ValidConfig) (s: ValidState) (dob: float) (spread: float) : ValidState =
        let struct (seen, sample) =
            { s with
                Index = s.Index + 1L
                Turn = StateChange.None
            }
            |> clocked c
            |> ranked dob spread

        let judged = seen |> aged c |> judged c sample

        { judged with
            Wealth = judged.Wealth.Given(c, 1.0)
        }
        |> Estimating.step c
        |> locked c

/// The detector whose p-value holds although it is looked at ten times a second for days (rotation-detection.md): it predicts
/// boundaries from the samples so far and bets on what the book will do there. Immutable; `Push` and `Step` yield the next.
[<Sealed>]
type ValidDetector private (config: ValidConfig, s: ValidState) =
    /// Of a longer gap only so much is walked through; it has forgotten everything by then.
    static let walked = 9_300L

    static let mostWaiting = 20_000

    static member Start(config: ValidConfig) = ValidDetector(config, ValidState.Empty)

    member _.Config = config
    /// Of the last sample on the 100 ms grid; -1 before the first.
    member _.Index = s.Index
    /// Unix milliseconds of the first sample, and of the grid instant of the last.
    member _.Origin = s.Origin
    member _.Ms = s.Ms
    member _.IsActive = s.Wealth.IsActive
    member _.E = s.Wealth.E
    member _.P = s.Wealth.P
    /// Why the state changed with the last sample.
    member _.Turn = s.Turn
    member _.IsBlockClock = s.IsBlockClock
    /// Slots of the rotation; 0 on the wall clock.
    member _.Slots = s.Clock.Length
    /// Mean block interval in seconds; 0.07 before the second block.
    member _.BlockInterval = s.Clock.Interval
    /// R* in units of the clock, seconds or slots; 0 while there is no hypothesis.
    member _.ClockPeriod = s.Hypothesis.Period

    /// R* in seconds; 0 while there is no hypothesis.
    member _.Period =
        if s.IsBlockClock then
            s.Hypothesis.Period * s.Clock.Interval
        else
            s.Hypothesis.Period

    /// The best period of the fast autocorrelation in seconds; 0 where there is none.
    member _.AcfPeriod = s.AcfPeriod
    /// The autocorrelation by lag, averaged over three minutes; empty before the first.
    member _.Autocorrelation: float[] = Array.copy s.Averages.Slow

    /// Boundary samples and scored crossings behind the present period.
    member _.BoundarySamples = s.Lineage.BoundarySamples
    member _.Crossings = s.Lineage.Crossings
    /// Mean score of the present period's crossings, in [-1, 1].
    member _.MeanScore = s.Lineage.Mean
    /// Scored crossings since the beginning.
    member _.Scored = s.Scored

    /// Periods since the last boundary, in [0, 1); 0 while there is no hypothesis.
    member _.Phase =
        let h = s.Hypothesis

        if h.IsNone then
            0.0
        else
            let turns = (s.Now - h.Origin) / h.Period
            turns - floor turns

    /// Seconds since the last boundary: the phase in time.
    member d.Offset = d.Phase * d.Period

    /// Half-width of the band, in seconds.
    member _.Width =
        let band = s.Band config
        let width = band.Width s.Hypothesis.Period
        if s.IsBlockClock then width * s.Clock.Interval else width

    /// The last sample lies in the band of a boundary.
    member d.IsBoundary =
        not s.Hypothesis.IsNone && min d.Phase (1.0 - d.Phase) * d.Period <= d.Width

    /// Unix milliseconds of the boundary that is predicted next; none while there is no hypothesis.
    member _.NextBoundaryMs: float voption =
        let at =
            match s.Crossing with
            | ValueSome c -> ValueSome c.Boundary
            | ValueNone when s.Hypothesis.IsNone -> ValueNone
            | ValueNone -> ValueSome(Crossing.Next(s.Hypothesis, s.Now, s.Units 0.11))

        match at with
        | ValueSome t when s.IsBlockClock ->
            ValueSome(float s.Clock.LastMs + (t - float s.Clock.Slots) * s.Clock.Interval * 1000.0)
        | ValueSome t -> ValueSome(float s.Origin + 1000.0 * t)
        | ValueNone -> ValueNone

    /// The next sample of the grid; NaN where a value is missing.
    member _.Step(dob: float, spread: float) : ValidDetector =
        ValidDetector(config, ValidStep.step config s dob spread)

    /// How many samples of the grid are missing before a row of that time; below 0 the row is ignored.
    member _.Due(ms: int64) : int64 =
        if s.Index < 0L then
            0L
        else
            let since = ms - s.Origin + 50L
            (if since < 0L then -1L else since / 100L) - s.Index - 1L

    /// Begins at a time, if it has not begun.
    member d.From(ms: int64) : ValidDetector =
        if s.Index >= 0L then
            d
        else
            ValidDetector(config, { s with Origin = ms })

    /// After so many missing samples. Of a gap of many minutes only the end is walked through: all that the rest does is to
    /// give evidence away.
    member d.Skip(samples: int64) : ValidDetector =
        let jump = samples - 2L * walked

        if jump <= 0L then
            let mutable next = d

            for _ in 1L .. samples do
                next <- next.Step(nan, nan)

            next
        else
            let forgetful = d.Skip walked
            forgetful.Jump(jump).Skip walked

    member private _.Jump(samples: int64) : ValidDetector =
        ValidDetector(
            config,
            { s with
                Index = s.Index + samples
                Wealth = s.Wealth.Given(config, float samples)
            }
        )

    /// A row of a stream. Rows of a grid instant that has passed are ignored; those between are missing samples.
    member d.Push(ms: int64, dob: float, spread: float) : ValidDetector =
        match d.Due ms with
        | due when due < 0L -> d
        | due -> d.From(ms).Skip(due).Step(dob, spread)

    /// A block of the proposer feed: in force from the first sample at or after its time.
    member _.Block(block: ProposedBlock) : ValidDetector =
        let all = s.Waiting.Enqueue block

        if s.WaitingCount < mostWaiting then
            ValidDetector(
                config,
                { s with
                    Waiting = all
                    WaitingCount = s.WaitingCount + 1
                }
            )
        else
            // Without samples nothing asks the clock: the oldest block is dropped.
            ValidDetector(config, { s with Waiting = all.Dequeue() })
