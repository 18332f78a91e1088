namespace Vrlg.Core

/// One boundary, predicted before the first of its samples, and what was seen around it so far (rotation-detection.md 4.5).
[<NoComparison; NoEquality>]
type Crossing =
    {
        /// The predicted instant on the detector's clock.
        Boundary: float
        /// Samples up to this far from it count.
        Reach: float
        /// Half-width of the band.
        Width: float
        /// The period of the prediction.
        Period: float
        BandCount: int
        BandX: float
        BandThin: float
        BandWide: float
        FlankCount: int
        FlankX: float
        FlankThin: float
        FlankWide: float
    }

    /// The next boundary after `now` by a hypothesis: far enough ahead that its samples are still to come. `guard` is 0.11 s in
    /// units of the clock.
    static member Next(h: Hypothesis, now: float, guard: float) : float =
        let ahead = min (0.4 * h.Period) (max 0.0 (0.5 * h.Period - guard))
        h.Origin + h.Period * ceil ((now + ahead - h.Origin) / h.Period)

    static member Lock(h: Hypothesis, band: Band, now: float, guard: float) : Crossing =
        let boundary = Crossing.Next(h, now, guard)

        {
            Boundary = boundary
            Reach = min (h.Period / 2.0) (boundary - now)
            Width = band.Width h.Period
            Period = h.Period
            BandCount = 0
            BandX = 0.0
            BandThin = 0.0
            BandWide = 0.0
            FlankCount = 0
            FlankX = 0.0
            FlankThin = 0.0
            FlankWide = 0.0
        }

    /// Whether all its samples have been seen at an instant.
    member c.IsOver(now: float) = now > c.Boundary + c.Reach

    member c.Seen(now: float, sample: Ranked) : Crossing =
        let distance = abs (now - c.Boundary)

        if not sample.IsOk then
            c
        elif distance <= c.Width then
            { c with
                BandCount = c.BandCount + 1
                BandX = c.BandX + sample.X
                BandThin = c.BandThin + sample.Thin
                BandWide = c.BandWide + sample.Wide
            }
        elif distance > 1.5 * c.Width && distance <= c.Reach then
            { c with
                FlankCount = c.FlankCount + 1
                FlankX = c.FlankX + sample.X
                FlankThin = c.FlankThin + sample.Thin
                FlankWide = c.FlankWide + sample.Wide
            }
        else
            c

    /// Enough was seen on both sides of the comparison.
    member c.IsScored = c.BandCount >= 1 && c.FlankCount >= 2

    member private c.Contrast(band: float, flank: float) =
        band / float c.BandCount - flank / float c.FlankCount

    /// How much thinner and wider the book was in the band than beside it.
    member c.Raw = c.Contrast(c.BandX, c.FlankX)
    member c.Thinner = c.Contrast(c.BandThin, c.FlankThin)
    member c.Wider = c.Contrast(c.BandWide, c.FlankWide)
    /// The bet's outcome, in [-1, 1].
    member c.Score = min 1.0 (max -1.0 (c.Raw / 0.65))

/// The crossings of one period that did not jump, summed up: what stands behind the present evidence.
[<NoComparison; NoEquality>]
type Lineage =
    {
        /// The period it follows; 0 means that there is none.
        Period: float
        /// Scored crossings.
        Crossings: int
        /// Samples in their bands.
        BoundarySamples: int
        /// Running mean and variance of the scores, over 64 crossings.
        Mean: float
        Variance: float
        /// Running means of the two channels' contrasts.
        Thinner: float
        Wider: float
    }

    static member None: Lineage =
        {
            Period = 0.0
            Crossings = 0
            BoundarySamples = 0
            Mean = 0.0
            Variance = 0.0
            Thinner = 0.0
            Wider = 0.0
        }

    /// Whether a period is too far from the one it follows, or there is none to follow.
    member l.IsBroken(period: float) =
        l.Period = 0.0 || abs (period / l.Period - 1.0) > 0.05

    /// The lineage when a boundary of a period was predicted.
    member l.Followed(period: float) : Lineage =
        if l.IsBroken period then
            { Lineage.None with Period = period }
        else
            { l with
                Period = l.Period + 0.02 * (period - l.Period)
            }

    member l.Scored(c: Crossing) : Lineage =
        let n = l.Crossings + 1
        let k = float (min n 64)
        let d = c.Score - l.Mean
        let mean = l.Mean + d / k

        { l with
            Crossings = n
            BoundarySamples = l.BoundarySamples + c.BandCount
            Mean = mean
            Variance = l.Variance + (d * (c.Score - mean) - l.Variance) / k
            Thinner = l.Thinner + (c.Thinner - l.Thinner) / k
            Wider = l.Wider + (c.Wider - l.Wider) / k
        }

    /// Enough samples and crossings, the right sign in both channels, and a mean clear of its error.
    member l.IsQualified(c: ValidConfig) =
        let k = float (min l.Crossings 64)

        l.BoundarySamples >= c.BoundaryNeeded
        && l.Crossings >= c.CrossingsNeeded
        && l.Thinner > 0.0
        && l.Wider >= 0.0
        && l.Mean > 2.326 * sqrt ((l.Variance + 1e-6) / k)
