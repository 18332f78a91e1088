namespace Vrlg.Sim

open System
open System.Collections.Immutable

/// Statistics of many trials: ranks, the normal law, and how good the best of many must be to mean anything.
[<RequireQualifiedAccess>]
module Inference =
    /// Ranks from 1, smallest first; equal values share the mean of their ranks.
    let ranks (values: ImmutableArray<float>) : ImmutableArray<float> =
        let order =
            [| 0 .. values.Length - 1 |]
            |> Array.sortWith (fun a b ->
                match compare values[a] values[b] with
                | 0 -> compare a b
                | c -> c)

        let found = Array.zeroCreate values.Length
        let mutable i = 0

        while i < order.Length do
            let mutable last = i

            while last + 1 < order.Length && values[order[last + 1]] = values[order[i]] do
                last <- last + 1

            for k in i..last do
                found[order[k]] <- float (i + last) / 2.0 + 1.0

            i <- last + 1

        ImmutableArray.CreateRange found

    /// Pearson's correlation; none below two pairs or where one side does not vary.
    let correlation (a: ImmutableArray<float>) (b: ImmutableArray<float>) : float voption =
        if a.Length < 2 || a.Length <> b.Length then
            ValueNone
        else
            let ma = Seq.average a
            let mb = Seq.average b
            let mutable ab = 0.0
            let mutable aa = 0.0
            let mutable bb = 0.0

            for i in 0 .. a.Length - 1 do
                ab <- ab + (a[i] - ma) * (b[i] - mb)
                aa <- aa + (a[i] - ma) * (a[i] - ma)
                bb <- bb + (b[i] - mb) * (b[i] - mb)

            if aa > 0.0 && bb > 0.0 then
                ValueSome(ab / sqrt (aa * bb))
            else
                ValueNone

    /// Spearman's rank correlation: Pearson's of the ranks.
    let spearman (a: ImmutableArray<float>) (b: ImmutableArray<float>) : float voption = correlation (ranks a) (ranks b)

    /// Skewness and kurtosis (3 for a normal law) by central moments over n; none below two values or without
    /// deviation.
    let shape (x: ImmutableArray<float>) : struct (float voption * float voption) =
        if x.Length < 2 || Returns.areAlike x then
            struct (ValueNone, ValueNone)
        else
            let mean = Seq.average x

            let moment (k: int) =
                x |> Seq.averageBy (fun v -> pown (v - mean) k)

            let variance = moment 2

            if variance > 0.0 then
                struct (ValueSome(moment 3 / (variance * sqrt variance)), ValueSome(moment 4 / (variance * variance)))
            else
                struct (ValueNone, ValueNone)

    /// The normal distribution function, to about 1e-15: the series of erf within 3, the continued fraction of erfc
    /// beyond (Abramowitz and Stegun 7.1.6, 7.1.14).
    let normal (z: float) : float =
        let x = abs z / sqrt 2.0

        let tail =
            if x < 3.0 then
                let mutable term = x
                let mutable sum = x
                let mutable n = 0

                while abs term > 1e-18 * abs sum && n < 200 do
                    n <- n + 1
                    term <- term * 2.0 * x * x / float (2 * n + 1)
                    sum <- sum + term

                0.5 * (1.0 - 2.0 / sqrt Math.PI * exp (-x * x) * sum)
            else
                let mutable f = x

                for n in 120..-1..1 do
                    f <- x + float n / 2.0 / f

                0.5 * exp (-x * x) / sqrt Math.PI / f

        if z > 0.0 then 1.0 - tail else tail

    /// The inverse of `normal` by halving; infinite outside (0, 1).
    let quantile (p: float) : float =
        if p <= 0.0 then
            Double.NegativeInfinity
        elif p >= 1.0 then
            Double.PositiveInfinity
        else
            let mutable low = -40.0
            let mutable high = 40.0

            for _ in 1..120 do
                let middle = (low + high) / 2.0
                if normal middle < p then low <- middle else high <- middle

            (low + high) / 2.0

    let private euler = 0.5772156649015329

    /// The Sharpe ratio that the best of `trials` sets without any skill is expected to reach, when their ratios
    /// have this variance. Source: Bailey and Lopez de Prado, The deflated Sharpe ratio (2014), the false strategy
    /// theorem.
    let luckySharpe (variance: float) (trials: int) : float =
        if trials < 2 then
            0.0
        else
            let n = float trials

            sqrt variance
            * ((1.0 - euler) * quantile (1.0 - 1.0 / n)
               + euler * quantile (1.0 - 1.0 / (n * Math.E)))

    /// The probability that a Sharpe ratio seen over `samples` returns of this skewness and kurtosis is above
    /// `benchmark` (the probabilistic Sharpe ratio). With `luckySharpe` as the benchmark it is the deflated one.
    /// Ratios are per return, not annualised. None below two samples or where the spread of the estimate is not
    /// defined.
    let confidence (sharpe: float) (benchmark: float) (samples: int) (skew: float) (kurtosis: float) : float voption =
        let spread = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe

        if samples < 2 || not (spread > 0.0) then
            ValueNone
        else
            ValueSome(normal ((sharpe - benchmark) * sqrt (float (samples - 1)) / sqrt spread))
