namespace Vrlg.Sim

open System

/// What a book does that has no rotation in it (rotation-detection.md 12.2).
[<RequireQualifiedAccess>]
type Noise =
    | Ar of coefficient: float
    | LongMemory
    | Heavy
    | Regimes
    | Drift
    | Hawkes
    | Block
    | OneTick
    /// Any of them, seen at pushes every half second.
    | Snapshots of of': Noise

/// A synthetic feature stream on the 100 ms grid.
[<NoComparison; NoEquality>]
type Features = { Dob: float[]; Spread: float[] }

/// Feature streams without a rotation, each a function of its seed.
[<RequireQualifiedAccess>]
module Noise =
    /// The fourteen models of the null campaign, with their names.
    let all: (string * Noise) list =
        [
            "iid", Noise.Ar 0.0
            "ar0.8", Noise.Ar 0.8
            "ar0.95", Noise.Ar 0.95
            "ar0.98", Noise.Ar 0.98
            "long memory", Noise.LongMemory
            "heavy", Noise.Heavy
            "regimes", Noise.Regimes
            "drift", Noise.Drift
            "Hawkes", Noise.Hawkes
            "block", Noise.Block
            "one-tick", Noise.OneTick
            "snapshots of ar0.9", Noise.Snapshots(Noise.Ar 0.9)
            "snapshots of Hawkes", Noise.Snapshots Noise.Hawkes
            "snapshots of long memory", Noise.Snapshots Noise.LongMemory
        ]

    let private depth (y: float) = 20.0 * exp (0.5 * y)

    /// 1 and a tick more for every cut below `v`.
    let private ticks (v: float) =
        let mutable n = 1.0

        for cut in [| 0.5; 1.3; 2.0; 2.6 |] do
            if cut < v then
                n <- n + 1.0

        n

    /// From two independent latent series to depth and spread; the spread leans against the depth.
    let private pair (y: float[]) (other: float[]) : Features =
        {
            Dob = Array.map depth y
            Spread = Array.map2 (fun a b -> ticks (-0.3 * a + sqrt 0.91 * b)) y other
        }

    let private ar (d: Dice) (coefficient: float) (n: int) : float[] =
        let noise = sqrt (1.0 - coefficient * coefficient)
        let y: float[] = Array.zeroCreate n
        let mutable last = d.Normal()

        for i in 0 .. n - 1 do
            last <- coefficient * last + noise * d.Normal()
            y[i] <- last

        y

    let private longMemory (d: Dice) (n: int) : float[] =
        let times = [| 0.2; 0.7; 2.5; 9.0; 32.0; 115.0; 400.0 |]
        let sum: float[] = Array.zeroCreate n

        for tau in times do
            let part = ar d (exp (-0.1 / tau)) n

            for i in 0 .. n - 1 do
                sum[i] <- sum[i] + part[i] / sqrt 7.0

        sum

    let private heavy (d: Dice) (n: int) : Features =
        let student () =
            let x, a, b, c = d.Normal(), d.Normal(), d.Normal(), d.Normal()
            x / sqrt ((a * a + b * b + c * c) / 3.0) / sqrt 3.0

        let series () =
            let y: float[] = Array.zeroCreate n
            let mutable last = 0.0

            for i in 0 .. n - 1 do
                last <- 0.9 * last + sqrt 0.19 * student ()
                y[i] <- last

            y

        let f = pair (series ()) (series ())
        let mutable order = 1.0
        let mutable burst = 0.0

        for i in 0 .. n - 1 do
            if d.Hits 0.1 then
                order <- 1.0

            if d.Hits 0.25 then
                burst <- 0.0

            if d.Hits 0.002 then
                order <- exp (1.5 * abs (d.Normal()))

            if d.Hits 0.003 then
                burst <- min 50.0 (floor (Math.Pow(1.0 - d.Unit(), -1.0 / 1.5)))

            f.Dob[i] <- f.Dob[i] * order
            f.Spread[i] <- f.Spread[i] + burst

        f

    let private regimes (d: Dice) (n: int) : Features =
        let level, scale, memory =
            [| 0.0; -1.5; 1.0 |], [| 1.0; 0.6; 1.5 |], [| 0.9; 0.97; 0.8 |]

        let y: float[] = Array.zeroCreate n
        let other: float[] = Array.zeroCreate n
        let wider: float[] = Array.zeroCreate n
        let mutable state = 0
        let mutable a = 0.0
        let mutable b = 0.0

        for i in 0 .. n - 1 do
            if d.Hits(0.1 / 45.0) then
                state <- (state + (if d.Hits 0.5 then 1 else 2)) % 3

            let m = memory[state]
            a <- m * a + sqrt (1.0 - m * m) * d.Normal()
            b <- m * b + sqrt (1.0 - m * m) * d.Normal()
            y[i] <- level[state] + scale[state] * a
            other[i] <- b
            wider[i] <- if state = 1 then 1.0 else 0.0

        let f = pair y other

        { f with
            Spread = Array.map2 (+) f.Spread wider
        }

    let private drift (d: Dice) (n: int) : Features =
        let y, other = ar d 0.95 n, ar d 0.95 n
        let mutable walk = 0.0

        for i in 0 .. n - 1 do
            let t = 0.1 * float i
            walk <- walk + 0.5 / sqrt 36_000.0 * d.Normal()

            let slow =
                0.8 * sin (2.0 * Math.PI * t / 86_400.0)
                + 0.3 * sin (2.0 * Math.PI * t / 900.0)
                + walk

            y[i] <- y[i] + slow
            other[i] <- other[i] - slow

        pair y other

    let private hawkes (d: Dice) (n: int) : Features =
        let dob: float[] = Array.zeroCreate n
        let spread: float[] = Array.zeroCreate n
        let mutable excited = 0.0
        let mutable level = 1.0
        let mutable wide = 0.0

        for i in 0 .. n - 1 do
            for _ in 1..10 do
                if d.Hits(0.01 * (0.3 + excited)) then
                    excited <- excited + 1.4
                    level <- level * (0.2 + 0.7 * d.Unit())
                    wide <- wide + 0.8

                excited <- excited * exp (-0.02)
                level <- 1.0 + (level - 1.0) * exp (-0.01 / 1.5)
                wide <- wide * exp (-0.01 / 0.8)

            dob[i] <- 20.0 * level * exp (0.1 * d.Normal())
            spread[i] <- ticks (wide + 0.3 * d.Normal())

        { Dob = dob; Spread = spread }

    /// AR(1) that may change only when a block comes.
    let private blocks (d: Dice) (n: int) : float[] =
        let y: float[] = Array.zeroCreate n
        let mutable value = d.Normal()
        let mutable seen = value
        let mutable next = 0.0

        for i in 0 .. n - 1 do
            while next <= 0.1 * float i do
                value <- 0.9 * value + sqrt 0.19 * d.Normal()

                if d.Hits 0.5 then
                    seen <- value

                next <- next + d.Gamma(0.07, 0.02)

            y[i] <- seen

        y

    let private oneTick (d: Dice) (n: int) : Features =
        let dob = ar d 0.9 n |> Array.map depth
        let spread: float[] = Array.create n 1.0
        let mutable wide = false

        for i in 0 .. n - 1 do
            wide <- if wide then not (d.Hits(1.0 / 3.3)) else d.Hits 0.004

            if wide then
                spread[i] <- 2.0

        { Dob = dob; Spread = spread }

    /// What a feed shows that pushes the book every half second, a little late.
    let held (seed: int64) (f: Features) : Features =
        let d = Dice(seed, "pushes")
        let n = f.Dob.Length
        let dob: float[] = Array.zeroCreate n
        let spread: float[] = Array.zeroCreate n
        let mutable from = 0
        let mutable k = 0
        let mutable next = 0.0

        for i in 0 .. n - 1 do
            if 0.1 * float i >= next then
                from <- i
                k <- k + 1
                next <- 0.5 * float k + 0.03 * d.Unit()

            dob[i] <- f.Dob[from]
            spread[i] <- f.Spread[from]

        { Dob = dob; Spread = spread }

    /// What is under the snapshots of a model.
    let rec bare (noise: Noise) =
        match noise with
        | Noise.Snapshots inner -> bare inner
        | other -> other

    /// `n` samples of a model.
    let rec features (noise: Noise) (seed: int64) (n: int) : Features =
        let d = Dice(seed, "noise")

        match noise with
        | Noise.Ar coefficient -> pair (ar d coefficient n) (ar d coefficient n)
        | Noise.LongMemory -> pair (longMemory d n) (longMemory d n)
        | Noise.Heavy -> heavy d n
        | Noise.Regimes -> regimes d n
        | Noise.Drift -> drift d n
        | Noise.Hawkes -> hawkes d n
        | Noise.Block -> pair (blocks d n) (blocks d n)
        | Noise.OneTick -> oneTick d n
        | Noise.Snapshots inner -> held seed (features inner seed n)
