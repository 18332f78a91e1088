namespace Vrlg.Core

open System
open System.Buffers

/// What a detector says after one sample.
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Rotation =
    {
        /// R* in seconds; 0 before the first.
        Period: float
        /// The block phase in [0, 1) (D0-039); 0 before the first period.
        Phase: float
        /// The document's detector: the larger of two one-sided Mann-Whitney p-values, 1 before the first test. The valid one: 1 / E.
        PValue: float
        /// What the evidence is worth; NaN for the document's detector, which has none.
        Evidence: float
        /// The pattern is significant; else the detector only observes.
        IsActive: bool
        /// The sample lies in the boundary band.
        IsBoundary: bool
        /// Half-width of that band in seconds; 0 before the first period.
        Width: float
        /// Slots of the rotation that the blocks show: the period is so many of them; 0 on the wall clock.
        Slots: int
    }

/// What the document's detector is made with.
[<NoComparison>]
type DocumentConfig =
    {
        /// Half-width z of the boundary band in units of 1/M of the period, in 1e-8 (D0-052).
        Z: int64
        /// Slots a period; z / M <= 1/4 (X07).
        M: int64
        /// Largest p-value of an active detector (D0-046).
        PMax: float
    }

    static member Default: DocumentConfig = { Z = 60_000_000L; M = 8L; PMax = 0.01 }

/// The literal reading of the document's detector (rotation-detection.md 4.7): the strongest period of the autocorrelation
/// of DoB and spread over the last 30 s, and a Mann-Whitney test of the samples near the boundaries it implies. Defined on
/// streams without missing samples: after one, start again from `Start`.
[<Sealed>]
type DocumentDetector
    private
    (
        config: DocumentConfig,
        dob: Window<float>,
        spread: Window<float>,
        labels: Window<byte>,
        row: int64,
        lag: int,
        now: Rotation
    ) =

    // Labels: boundary, other, and rows before the first period, which no test may pass.
    static let unlabelled = 0uy
    static let other = 1uy
    static let boundary = 2uy
    static let rolling = 300
    static let largestLag = 150
    static let smallestLag = 5
    static let boundaryNeeded = 200
    static let othersNeeded = 50
    static let reach = 3_000

    static member Start(config: DocumentConfig) =
        DocumentDetector(
            config,
            Window.Empty reach,
            Window.Empty reach,
            Window.Empty reach,
            -1L,
            0,
            {
                Period = 0.0
                Phase = 0.0
                PValue = 1.0
                Evidence = nan
                IsActive = false
                IsBoundary = false
                Width = 0.0
                Slots = 0
            }
        )

    /// What it says after the latest sample.
    member _.Now: Rotation = now
    /// R* in grid samples (tenths of a second); 0 before the first.
    member _.Lag = lag
    /// Samples since the last boundary instant, 0 <= Offset < Lag.
    member _.Offset = if lag = 0 then 0 else int (row % int64 lag)
    /// Samples seen since its start.
    member _.Samples = row + 1L
    member _.Config = config

    /// The lag of the strongest peak of the averaged autocorrelation; 0 where there is none.
    static member private Strongest(dob: Window<float>, spread: Window<float>) : int =
        let a = Stats.autocorrelation (dob.AsSpan().Slice(dob.Length - rolling)) largestLag

        let b =
            Stats.autocorrelation (spread.AsSpan().Slice(spread.Length - rolling)) largestLag

        // A constant channel has zeros for every lag; with both constant there is no peak.
        let isFlat (r: float[]) = r[0] = 0.0
        let mean h = (a[h] + b[h]) / 2.0

        let isPeak h =
            mean h > mean (h - 1) - 1e-9 && mean h > mean (h + 1) - 1e-9

        if isFlat a && isFlat b then
            0
        else
            let mutable most = Double.NegativeInfinity

            for h in smallestLag .. largestLag - 1 do
                if isPeak h && mean h > most then
                    most <- mean h

            let mutable found = 0

            for h in largestLag - 1 .. -1 .. smallestLag do
                if isPeak h && mean h > most - 1e-9 then
                    found <- h

            found

    /// Whether sample `row` lies within z/M of a multiple of the lag; a tie is inside.
    static member private IsNear(config: DocumentConfig, row: int64, lag: int) : bool =
        let offset = int (row % int64 lag)
        let distance = float (min offset (lag - offset))
        let z = float config.Z / 1e8
        float config.M * distance <= z * float lag + 1e-9 * float lag

    /// p of "thinner and wider near the boundary": the larger of the two one-sided values; 1 with too few samples.
    static member private Test(dob: Window<float>, spread: Window<float>, labels: Window<byte>) : float =
        let marks = labels.AsSpan()
        let mutable boundaries = 0
        let mutable first = marks.Length

        while first > 0 && boundaries < boundaryNeeded && marks[first - 1] <> unlabelled do
            first <- first - 1

            if marks[first] = boundary then
                boundaries <- boundaries + 1

        let passed = marks.Length - first
        let others = passed - boundaries

        if boundaries < boundaryNeeded || others < othersNeeded then
            1.0
        else
            let near = ArrayPool<float>.Shared.Rent boundaries
            let far = ArrayPool<float>.Shared.Rent others

            let standardised (channel: Window<float>) =
                let values = channel.AsSpan()
                let marks = labels.AsSpan()
                let mutable n = 0
                let mutable f = 0

                for i in first .. marks.Length - 1 do
                    if marks[i] = boundary then
                        near[n] <- values[i]
                        n <- n + 1
                    else
                        far[f] <- values[i]
                        f <- f + 1

                Stats.mannWhitney (ReadOnlySpan(near, 0, boundaries)) (ReadOnlySpan(far, 0, others))

            // p that the boundary samples are larger (sign +1) or smaller (sign -1) by chance.
            let p (sign: float) (u: float voption) =
                match u with
                | ValueSome u -> 0.5 * Stats.erfc (sign * u / sqrt 2.0)
                | ValueNone -> 1.0

            let result = max (p -1.0 (standardised dob)) (p 1.0 (standardised spread))
            ArrayPool<float>.Shared.Return near
            ArrayPool<float>.Shared.Return far
            result

    /// The detector after one more sample of the 100 ms grid.
    member _.Push(dobNow: float, spreadNow: float) : DocumentDetector =
        let i = row + 1L
        let dobs = dob.Push dobNow
        let spreads = spread.Push spreadNow
        let isStep = i % 10L = 0L

        let next =
            if isStep && i >= int64 rolling then
                match DocumentDetector.Strongest(dobs, spreads) with
                | 0 -> lag
                | found -> found
            else
                lag

        let isNear = next > 0 && DocumentDetector.IsNear(config, i, next)

        let label =
            if next = 0 then unlabelled
            elif isNear then boundary
            else other

        let marks = labels.Push label

        let pValue =
            if isStep && next > 0 then
                DocumentDetector.Test(dobs, spreads, marks)
            else
                now.PValue

        DocumentDetector(
            config,
            dobs,
            spreads,
            marks,
            i,
            next,
            {
                Period = float next / 10.0
                Phase =
                    if next = 0 then
                        0.0
                    else
                        float (i % int64 next) / float next
                PValue = pValue
                Evidence = nan
                IsActive =
                    if isStep && next > 0 then
                        pValue <= config.PMax
                    else
                        now.IsActive
                IsBoundary = isNear
                Width = float config.Z / 1e8 / float config.M * float next / 10.0
                Slots = 0
            }
        )
