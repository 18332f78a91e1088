namespace Vrlg.Core

open System
open System.Buffers
open System.Runtime.InteropServices
open System.Runtime.Intrinsics

/// Statistics of plain arrays. Summation orders are fixed, so that results are the same bits everywhere.
[<RequireQualifiedAccess>]
module Stats =
    /// Middle value; the mean of the two middle ones for an even count. NaN for no values.
    let median (values: ReadOnlySpan<float>) : float =
        let n = values.Length

        if n = 0 then
            nan
        else
            let scratch = ArrayPool<float>.Shared.Rent n
            values.CopyTo(Span(scratch, 0, n))
            Array.Sort(scratch, 0, n)

            let middle =
                if n &&& 1 = 1 then
                    scratch[n / 2]
                else
                    (scratch[n / 2 - 1] + scratch[n / 2]) / 2.0

            ArrayPool<float>.Shared.Return scratch
            middle

    let mean (values: ReadOnlySpan<float>) : float =
        let mutable sum = 0.0

        for v in values do
            sum <- sum + v

        if values.Length = 0 then nan else sum / float values.Length

    /// Inner product of `n` values of `a` from `i` and of `b` from `j`, in four lanes whatever the machine has.
    let private dot (a: float[]) (i: int) (b: float[]) (j: int) (n: int) : float =
        let xs = MemoryMarshal.Cast<float, Vector256<float>>(ReadOnlySpan(a, i, n))
        let ys = MemoryMarshal.Cast<float, Vector256<float>>(ReadOnlySpan(b, j, n))
        let mutable lanes = Vector256<float>.Zero

        for k in 0 .. xs.Length - 1 do
            lanes <- lanes + xs[k] * ys[k]

        let mutable s0 = lanes.GetElement 0

        for k in 4 * xs.Length .. n - 1 do
            s0 <- s0 + a[i + k] * b[j + k]

        (s0 + lanes.GetElement 1) + (lanes.GetElement 2 + lanes.GetElement 3)

    /// The biased autocorrelation r_h, h = 0 .. lags: c_h / c_0 with the mean taken out (rotation-detection.md 4.2). All zeros
    /// where every value is the same.
    let autocorrelation (values: ReadOnlySpan<float>) (lags: int) : float[] =
        let n = values.Length
        let r: float[] = Array.zeroCreate (lags + 1)

        if n > 0 then
            let y = ArrayPool<float>.Shared.Rent n
            let m = mean values
            let mutable isConstant = true

            for i in 0 .. n - 1 do
                y[i] <- values[i] - m

                if values[i] <> values[0] then
                    isConstant <- false

            if not isConstant then
                let c0 = dot y 0 y 0 n

                for h in 0 .. min lags (n - 1) do
                    r[h] <- dot y 0 y h (n - h) / c0

            ArrayPool<float>.Shared.Return y

        r

    /// The band in which 95 % of the autocorrelations of n white values lie.
    let whiteBand (n: int) : float = 1.96 / sqrt (float n)

    /// Bartlett's standard error of each lag of an autocorrelation of n values: sqrt((1 + 2 sum of r_j^2, j < h) / n); 0 for
    /// lag 0, which is exact.
    let bartlett (r: float[]) (n: int) : float[] =
        let errors: float[] = Array.zeroCreate r.Length
        let mutable sum = 0.0

        for h in 1 .. r.Length - 1 do
            errors[h] <- sqrt ((1.0 + 2.0 * sum) / float n)
            sum <- sum + r[h] * r[h]

        errors

    /// The complementary error function, relative error below 1e-12 in the tail as well: a series below 2, a continued
    /// fraction (Lentz) above. Source: Abramowitz and Stegun 7.1.6 and 7.1.14.
    let rec erfc (x: float) : float =
        if Double.IsNaN x then
            nan
        elif x < 0.0 then
            2.0 - erfc -x
        elif x < 2.0 then
            // erf x = 2/sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (1 3 5 .. (2n+1))
            let mutable term = x
            let mutable sum = x
            let mutable n = 0

            while n < 200 && term > 1e-18 * sum do
                n <- n + 1
                term <- term * 2.0 * x * x / float (2 * n + 1)
                sum <- sum + term

            1.0 - 2.0 / sqrt Math.PI * exp (-x * x) * sum
        elif x > 27.0 then
            0.0
        else
            // erfc x = e^(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...))))
            let mutable tail = x

            for k in 120..-1..1 do
                tail <- x + float k / 2.0 / tail

            exp (-x * x) / sqrt Math.PI / tail

    /// Standardised Mann-Whitney statistic of a sample `a` against `b`, tie-corrected: (U - n_a n_b / 2) / sigma with
    /// U = #{a > b} + half of #{a = b}. None where every pooled value is the same or a sample is empty.
    /// Source: rotation-detection.md 4.7.
    let mannWhitney (a: ReadOnlySpan<float>) (b: ReadOnlySpan<float>) : float voption =
        let na = a.Length
        let nb = b.Length
        let n = na + nb

        if na = 0 || nb = 0 then
            ValueNone
        else
            let pooled = ArrayPool<float>.Shared.Rent n
            let isA = ArrayPool<byte>.Shared.Rent n
            a.CopyTo(Span(pooled, 0, na))
            b.CopyTo(Span(pooled, na, nb))
            Array.Fill(isA, 1uy, 0, na)
            Array.Fill(isA, 0uy, na, nb)
            Array.Sort(pooled, isA, 0, n)
            let mutable u2 = 0L // twice U
            let mutable ties = 0.0
            let mutable below = 0L // of b, before the group
            let mutable i = 0

            while i < n do
                let mutable j = i
                let mutable aHere = 0L
                let mutable bHere = 0L

                while j < n && pooled[j] = pooled[i] do
                    if isA[j] = 1uy then
                        aHere <- aHere + 1L
                    else
                        bHere <- bHere + 1L

                    j <- j + 1

                u2 <- u2 + aHere * (2L * below + bHere)
                below <- below + bHere
                let t = float (j - i)
                ties <- ties + (t * t * t - t)
                i <- j

            ArrayPool<float>.Shared.Return pooled
            ArrayPool<byte>.Shared.Return isA
            let total = float n
            let product = float na * float nb
            let variance = product / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)))

            if variance <= 0.0 then
                ValueNone
            else
                ValueSome((float u2 / 2.0 - product / 2.0) / sqrt variance)
