namespace Vrlg.Core

open System

/// Candidate periods from the rolling autocorrelation (rotation-detection.md 4.2): averaged over 10 s and over 180 s,
/// prewhitened, and read at all multiples of a period at once, so that neither the shortest lag of autocorrelated noise nor a
/// multiple of the true period wins.
[<RequireQualifiedAccess>]
module Comb =
    /// Samples of the autocorrelation.
    let window = 300
    /// Largest lag.
    let lags = 150
    let private teeth = 10
    /// Shortest and longest period, in seconds.
    let least, most = 0.4, 13.0

    /// The periods that are tried, 0.4 % apart.
    let private grid: float[] = [| for k in 0..872 -> 0.4 * Math.Pow(1.004, float k) |]

    let private lag (period: float) (j: int) = float j * period / 0.1

    /// How many multiples of a period are read.
    let private count (period: float) =
        let mutable n = 0

        while n < teeth && lag period (n + 1) < float (lags - 1) do
            n <- n + 1

        n

    let private counts = grid |> Array.map count

    /// The error of the sum under white noise, by Bartlett.
    let private errors =
        grid
        |> Array.map (fun period ->
            let n = float window

            let terms =
                [
                    for j in 1 .. count period do
                        let l = lag period j
                        let f = l - floor l
                        (n - l) / (n * n) * ((1.0 - f) * (1.0 - f) + f * f)
                ]

            sqrt (List.sum terms))

    /// The autocorrelation of what is left when an AR(1) of the first lag is taken out.
    let private whitened (r: float[]) : float[] =
        let g: float[] = Array.zeroCreate (lags + 1)
        let phi = min 0.99 (max 0.0 r[1])
        let g0 = 1.0 + phi * phi - 2.0 * phi * r[1]

        if g0 > 1e-9 then
            for h in 1 .. lags - 1 do
                g[h] <- ((1.0 + phi * phi) * r[h] - phi * (r[h - 1] + r[h + 1])) / g0

        g

    /// The score of every period of the grid.
    let private scores (r: float[]) : float[] =
        let g = whitened r
        let q: float[] = Array.zeroCreate grid.Length

        for k in 0 .. grid.Length - 1 do
            let mutable sum = 0.0

            for j in 1 .. counts[k] do
                let l = lag grid[k] j
                let whole = int (floor l)
                let f = l - float whole
                sum <- sum + (1.0 - f) * g[whole] + f * g[whole + 1]

            q[k] <- sum / errors[k]

        q

    /// Local maxima above 0, highest first; of equal ones the shorter period.
    let private peaks (q: float[]) : float list =
        [
            for k in 1 .. q.Length - 2 do
                if q[k] > 0.0 && q[k] >= q[k - 1] && q[k] >= q[k + 1] then
                    k
        ]
        |> List.sortBy (fun k -> -q[k])
        |> List.map (fun k -> grid[k])

    /// `taken`, and up to `more` of `peaks` that lie further than 2 % from all taken.
    let private add (more: int) (taken: float list) (peaks: float list) =
        let rec go taken left peaks =
            match peaks with
            | _ when left = 0 -> taken
            | [] -> taken
            | p :: rest when taken |> List.exists (fun t -> abs (p / t - 1.0) < 0.02) -> go taken left rest
            | p :: rest -> go (taken @ [ p ]) (left - 1) rest

        go taken more peaks

    /// Up to five periods worth a fold: three of the slow average, then two of the fast one; and the best of the fast one, in
    /// seconds, 0 where there is none.
    let candidates (slow: float[]) (fast: float[]) : struct (float list * float) =
        let quick = peaks (scores fast)
        let all = add 2 (add 3 [] (peaks (scores slow))) quick
        struct (all, (if quick.IsEmpty then 0.0 else quick.Head))

/// The two averages of the autocorrelation; empty before the first.
[<Struct; NoComparison; NoEquality>]
type Averages =
    {
        Fast: float[]
        Slow: float[]
    }

    static member Empty: Averages = { Fast = [||]; Slow = [||] }
    member a.IsEmpty = a.Fast.Length = 0

    /// The averages after one more second; unchanged where the window holds nothing that moves.
    member a.Next(window: ReadOnlySpan<float>) : Averages =
        let towards (tau: float) (old: float[]) (r: float[]) =
            let share = 1.0 - exp (-1.0 / tau)
            Array.map2 (fun o v -> o + share * (v - o)) old r

        let r = Stats.autocorrelation window Comb.lags

        if r[0] = 0.0 then
            a
        elif a.IsEmpty then
            { Fast = r; Slow = r }
        else
            {
                Fast = towards 10.0 a.Fast r
                Slow = towards 180.0 a.Slow r
            }
