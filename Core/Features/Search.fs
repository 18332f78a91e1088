namespace Vrlg.Core

open System

/// The search for period and origin on the wall clock (rotation-detection.md 4.3, 4.4). It only proposes: nothing here has to
/// be valid, since evidence is gathered on boundaries that come after it. Times and values are all samples that may be used,
/// oldest first, of equal length and not empty.
[<RequireQualifiedAccess>]
module Search =
    let private bins = 48
    let private acquireTrials = 8
    let private refineTrials = 6
    let private checkTrials = 3

    let private spanOf (period: float) = min 300.0 (max 40.0 (80.0 * period))

    /// The last `seconds` of a series, or all of it.
    let private tail (seconds: float) (all: ReadOnlySpan<float>) =
        let n = max 1 (min all.Length (int (floor (seconds / 0.1))))
        all.Slice(all.Length - n)

    /// Folding, and then the t-value over the crossings of what was found.
    let private judged (band: Band) period trials (times: ReadOnlySpan<float>) (xs: ReadOnlySpan<float>) =
        let found = Fold.fit band bins period trials times xs

        if found.T = 0.0 then
            found
        else
            { found with
                T = Fold.crossingT (band.Width period) found times xs
            }

    /// The better of the fits on the full span and on a quarter of it.
    let private best (band: Band) period trials (times: ReadOnlySpan<float>) (xs: ReadOnlySpan<float>) =
        let full = spanOf period
        let short = max (full / 4.0) (12.0 * period)
        let whole = judged band period trials (tail full times) (tail full xs)

        if short < 0.8 * full then
            let quick =
                judged band period (max 2 (trials / 2)) (tail short times) (tail short xs)

            let t = 0.9 * quick.T
            if t > whole.T then { quick with T = t } else whole
        else
            whole

    let private isIn (period: float) =
        period >= Comb.least && period <= Comb.most

    /// A hypothesis fitted anew; none where its period left the range.
    let refine (band: Band) (h: Hypothesis) (times: ReadOnlySpan<float>) (xs: ReadOnlySpan<float>) : Hypothesis =
        let found = best band h.Period refineTrials times xs
        if isIn found.Period then found else Hypothesis.None

    /// The candidate, or the multiple or fraction of it that explains the same span clearly better.
    let private harmonic (band: Band) (first: Hypothesis) (times: ReadOnlySpan<float>) (xs: ReadOnlySpan<float>) =
        let mutable best = first
        let mutable reference = (judged band first.Period acquireTrials times xs).T

        for factor in [| 1.0 / 2.0; 1.0 / 3.0; 2.0; 3.0; 1.0 / 4.0 |] do
            let period = first.Period * factor

            if isIn period then
                let trial = judged band period acquireTrials times xs

                if trial.T > 1.1 * reference then
                    best <- trial
                    reference <- trial.T

        best

    /// The hypothesis after the candidates were tried: the present one, unless a candidate beats it clearly on equal terms.
    let acquire
        (band: Band)
        (now: Hypothesis)
        (candidates: float list)
        (times: ReadOnlySpan<float>)
        (xs: ReadOnlySpan<float>)
        =
        let mutable first = Hypothesis.None

        for period in candidates do
            if now.IsNone || abs (period / now.Period - 1.0) > 0.01 then
                let found = best band period acquireTrials times xs

                if first.IsNone || found.T > first.T then
                    first <- found

        let beats (t: float) (h: Hypothesis) = now.IsNone || h.T > 1.25 * t + 0.5

        if first.IsNone || first.T <= 0.0 || not (beats now.T first) then
            now
        else
            let span = spanOf first.Period
            let times = tail span times
            let xs = tail span xs
            let challenger = harmonic band first times xs

            if now.IsNone then
                challenger
            else
                let present = judged band now.Period checkTrials times xs

                if beats (max present.T now.T) challenger then
                    challenger
                else
                    now
