namespace Vrlg.Sim

/// Draws of one named stream, one after the other. It counts in place: for the generators of synthetic streams alone.
[<Sealed>]
type internal Dice(seed: int64, stream: string) =
    let key = Seed.key seed stream
    let mutable next = 0L

    /// In [0, 1).
    member _.Unit() : float =
        let u = Seed.unit key next
        next <- next + 1L
        u

    member d.Hits(chance: float) = d.Unit() < chance

    /// Standard normal, by Box and Muller.
    member d.Normal() : float =
        let u = 1.0 - d.Unit()
        sqrt (-2.0 * log u) * cos (2.0 * System.Math.PI * d.Unit())

    /// Exponential with a mean.
    member d.Exponential(mean: float) : float = -mean * log (1.0 - d.Unit())

    /// Gamma with a mean and a deviation; shape 1 or more (Marsaglia and Tsang, 2000).
    member d.Gamma(mean: float, deviation: float) : float =
        let shape = (mean / deviation) * (mean / deviation)
        let a = shape - 1.0 / 3.0
        let c = 1.0 / sqrt (9.0 * a)
        let mutable found = 0.0

        while found = 0.0 do
            let x = d.Normal()
            let v = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x)

            if v > 0.0 && log (1.0 - d.Unit()) < 0.5 * x * x + a - a * v + a * log v then
                found <- a * v

        found * deviation * deviation / mean
