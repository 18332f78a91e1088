namespace Vrlg.Core

open System
open System.Buffers

/// Where a rotation is thought to be.
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Hypothesis =
    {
        /// R*, in units of the clock: seconds, or slots. 0 means that there is none.
        Period: float
        /// The instant of some boundary on that clock.
        Origin: float
        /// How well the samples it was made from bear it out.
        T: float
    }

    static member None: Hypothesis = { Period = 0.0; Origin = 0.0; T = 0.0 }

    member h.IsNone = h.Period = 0.0

/// The boundary band of a clock.
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Band =
    {
        /// Half-width as a share of the period: z / M.
        Share: float
        /// Least half-width in units of the clock: 0.075 s.
        Least: float
    }

    /// Half-width of the band around a boundary of a period.
    member b.Width(period: float) =
        min (0.2 * period) (max b.Least (b.Share * period))

/// Epoch folding (rotation-detection.md 4.3): lay all periods of a span over each other and look for the phase at which the
/// book is thin and wide. Times and values are spans of equal length; a value of NaN is a missing sample.
[<RequireQualifiedAccess>]
module Fold =
    let private parts = 8
    let private trialStep = 0.1
    let private leastSamples = 50

    let private modulo (a: int) (n: int) = ((a % n) + n) % n

    /// What a span folds to: sums and counts by part and phase bin, the mean age of each part in periods, the deviation of
    /// all values.
    [<NoComparison; NoEquality>]
    type private Folded =
        {
            Sums: float[]
            Counts: float[]
            Ages: float[]
            Sigma: float
        }

    /// None with too few samples, or where nothing moves.
    let private fold (period: float) (bins: int) (times: ReadOnlySpan<float>) (xs: ReadOnlySpan<float>) =
        let n = xs.Length
        let last = times[n - 1]
        let sums: float[] = Array.zeroCreate (parts * bins)
        let counts: float[] = Array.zeroCreate (parts * bins)
        let ages: float[] = Array.zeroCreate parts
        let mutable valid = 0
        let mutable sum = 0.0
        let mutable squares = 0.0

        for part in 0 .. parts - 1 do
            let row = part * bins
            let mutable held = 0
            let mutable age = 0.0

            // floor(i * parts / n) = part
            for i in (part * n + parts - 1) / parts .. ((part + 1) * n + parts - 1) / parts - 1 do
                let x = xs[i]

                if not (Double.IsNaN x) then
                    let u = (times[i] - last) / period
                    let bin = int ((u - floor u) * float bins + 1e-9)
                    let at = row + (if bin >= bins then bin - bins else bin)
                    sums[at] <- sums[at] + x
                    counts[at] <- counts[at] + 1.0
                    age <- age + (last - times[i])
                    held <- held + 1
                    sum <- sum + x
                    squares <- squares + x * x

            ages[part] <- if held = 0 then 0.0 else age / float held / period
            valid <- valid + held

        let mean = sum / float (max 1 valid)
        let variance = squares / float (max 1 valid) - mean * mean

        if valid < leastSamples || variance < 1e-9 then
            ValueNone
        else
            ValueSome
                {
                    Sums = sums
                    Counts = counts
                    Ages = ages
                    Sigma = sqrt variance
                }

    /// Sums and counts of all parts, each turned by its age times `drift` (periods a period), as running totals over two turns.
    let private turned (f: Folded) (bins: int) (drift: float) (sums: float[]) (counts: float[]) =
        Array.Clear sums
        Array.Clear counts

        for part in 0 .. parts - 1 do
            let row = part * bins

            let turn =
                modulo (int (floor (drift * f.Ages[part] * float bins + 0.5 + 1e-6))) bins

            for b in 0 .. bins - 1 do
                let at = if b + turn >= bins then b + turn - bins else b + turn
                sums[at + 1] <- sums[at + 1] + f.Sums[row + b]
                counts[at + 1] <- counts[at + 1] + f.Counts[row + b]

        for b in 1..bins do
            sums[bins + b] <- sums[b]
            counts[bins + b] <- counts[b]

        for b in 1 .. 2 * bins do
            sums[b] <- sums[b] + sums[b - 1]
            counts[b] <- counts[b] + counts[b - 1]

    /// How far from index `at` of a circle the values stay at `least` or more, going by `step`.
    let private reach (q: float[]) (n: int) (at: int) (step: int) (least: float) (most: int) =
        let mutable k = 0

        while k < most && q[modulo (at + step * (k + 1)) n] >= least do
            k <- k + 1

        k

    /// The best phase of a folded profile: the middle of the best band in bins, and its score.
    let private phase (bins: int) (length: int) (guard: int) (sums: float[]) (counts: float[]) (q: float[]) =
        let outside = length + 2 * guard
        let mutable best = 0

        for b in 0 .. bins - 1 do
            let mutable score = 0.0

            if outside <= bins then
                let from = if b >= guard then b - guard else b - guard + bins
                let sIn = sums[b + length] - sums[b]
                let nIn = counts[b + length] - counts[b]
                let sOut = sums[bins] - (sums[from + outside] - sums[from])
                let nOut = counts[bins] - (counts[from + outside] - counts[from])

                if nIn >= 5.0 && nOut >= 5.0 then
                    let d = max 0.0 (sIn * nOut - sOut * nIn)
                    score <- d * d / (nIn * nOut * (nIn + nOut))

            q[b] <- score

            if score > q[best] then
                best <- b

        if q[best] = 0.0 then
            struct (0.0, 0.0)
        else
            let least = 0.96 * q[best]
            let before = reach q bins best -1 least (bins - 1)
            let after = reach q bins best 1 least (bins - 1 - before)
            struct (float best + float (after - before) / 2.0, sqrt q[best])

    /// Period and origin near `period` that fold the span best: 2 `trials` + 1 periods are tried. T is the height of the
    /// profile in deviations; 0 with too few samples, and then the period is the given one and the origin the span's end.
    let fit
        (band: Band)
        (bins: int)
        (period: float)
        (trials: int)
        (times: ReadOnlySpan<float>)
        (xs: ReadOnlySpan<float>)
        =
        let last = times[times.Length - 1]

        match fold period bins times xs with
        | ValueNone ->
            {
                Period = period
                Origin = last
                T = 0.0
            }
        | ValueSome f ->
            let width = band.Width period
            let length = max 1 (int (floor (2.0 * width * float bins / period + 0.5)))
            let guard = int (floor (0.5 * width * float bins / period + 0.5))
            let step = trialStep * period / (last - times[0])
            let sums = ArrayPool<float>.Shared.Rent(2 * bins + 1)
            let counts = ArrayPool<float>.Shared.Rent(2 * bins + 1)
            let q = ArrayPool<float>.Shared.Rent bins
            let ts: float[] = Array.zeroCreate (2 * trials + 1)
            let phases: float[] = Array.zeroCreate (2 * trials + 1)
            let mutable best = 0

            for k in 0 .. 2 * trials do
                turned f bins (float (k - trials) * step) sums counts
                let struct (middle, t) = phase bins length guard sums counts q
                ts[k] <- t / f.Sigma
                phases[k] <- middle

                if ts[k] > ts[best] then
                    best <- k

            ArrayPool<float>.Shared.Return sums
            ArrayPool<float>.Shared.Return counts
            ArrayPool<float>.Shared.Return q

            if ts[best] = 0.0 then
                {
                    Period = period
                    Origin = last
                    T = 0.0
                }
            else
                let least = 0.98 * ts[best]
                let before = reach ts ts.Length best -1 least best
                let after = reach ts ts.Length best 1 least (2 * trials - best)
                let middle = float (best - trials) + float (after - before) / 2.0
                let found = period * (1.0 + middle * step)

                {
                    Period = found
                    Origin = last + (phases[best] + float length / 2.0) * found / float bins
                    T = ts[best]
                }

    /// The t-value of "thin and wide at the boundaries" over the crossings of a span, each against its own flanks; 0 with
    /// fewer than four. `width` is the half-width of the band.
    let crossingT (width: float) (h: Hypothesis) (times: ReadOnlySpan<float>) (xs: ReadOnlySpan<float>) : float =
        let mutable at = Double.NaN
        let mutable inSum = 0.0
        let mutable inCount = 0
        let mutable outSum = 0.0
        let mutable outCount = 0
        let mutable crossings = 0.0
        let mutable mean = 0.0
        let mutable squares = 0.0
        let n = xs.Length

        for i in 0..n do
            let isOver = i = n

            let turn =
                if isOver then
                    Double.NaN
                else
                    floor ((times[i] - h.Origin) / h.Period + 0.5 + 1e-9)

            if turn <> at then
                if inCount >= 1 && outCount >= 2 then
                    let s = inSum / float inCount - outSum / float outCount
                    crossings <- crossings + 1.0
                    let d = s - mean
                    mean <- mean + d / crossings
                    squares <- squares + d * (s - mean)

                at <- turn
                inSum <- 0.0
                inCount <- 0
                outSum <- 0.0
                outCount <- 0

            if not isOver && not (Double.IsNaN xs[i]) then
                let distance = abs (times[i] - h.Origin - turn * h.Period)

                if distance <= width then
                    inSum <- inSum + xs[i]
                    inCount <- inCount + 1
                elif distance > 1.5 * width then
                    outSum <- outSum + xs[i]
                    outCount <- outCount + 1

        if crossings < 4.0 then
            0.0
        else
            mean / sqrt ((squares + 0.08) / (crossings + 1.0) / crossings)
