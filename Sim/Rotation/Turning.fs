namespace Vrlg.Sim

open Vrlg.Core

/// What a boundary does to the book.
[<Struct; NoComparison; NoEquality>]
type Effect =
    {
        /// Share of the depth that is missing around a boundary.
        Cut: float
        /// Ticks by which the spread is wider, and how probable that is at a boundary.
        Ticks: float
        Chance: float
    }

    static member Weak: Effect = { Cut = 0.2; Ticks = 1.0; Chance = 0.5 }

    static member Medium: Effect = { Cut = 0.4; Ticks = 1.0; Chance = 0.8 }

    static member Strong: Effect = { Cut = 0.6; Ticks = 2.0; Chance = 1.0 }

/// Feature streams with a rotation in them (rotation-detection.md 12.2).
[<RequireQualifiedAccess>]
module Turning =
    /// The stream with the effect at every boundary of an episode; `half` is the effect's half-width in seconds.
    let apply (seed: int64) (e: Effect) (half: float) (from: float) (until: float) (boundaries: float[]) (f: Features) =
        let d = Dice(seed, "effect")
        let dob = Array.copy f.Dob
        let spread = Array.copy f.Spread

        for b in boundaries do
            let isWide = d.Hits e.Chance

            if b >= from && b < until then
                let first = max 0 (int (ceil ((b - half) / 0.1 - 1e-9)))
                let last = min (dob.Length - 1) (int (floor ((b + half) / 0.1 + 1e-9)))

                for i in first..last do
                    dob[i] <- dob[i] * (1.0 - e.Cut)

                    if isWide then
                        spread[i] <- spread[i] + e.Ticks

        { Dob = dob; Spread = spread }

    /// Boundaries every `period` seconds from a drawn start, each displaced on its own by a share `jitter` of the period.
    let boundaries (seed: int64) (period: float) (jitter: float) (seconds: float) : float[] =
        let d = Dice(seed, "boundaries")
        let start = period * d.Unit()

        [|
            let mutable t = start

            while t < seconds do
                t + jitter * period * d.Normal()
                t <- t + period
        |]

    /// Half-width of an effect by default.
    let halfWidth (period: float) = max (0.075 * period) 0.06

    /// A block feed of `slots` proposers from millisecond `origin` on: gamma intervals, now and then a missed slot. From
    /// second `jailed` on one proposer fewer takes part, and the order is another: a clock merely steps over a proposer who is
    /// missing. Also the instants of slot 0, 50 ms late.
    let feed
        (seed: int64)
        (slots: int)
        (mean: float)
        (deviation: float)
        (jailed: float)
        (origin: int64)
        (seconds: float)
        =
        let d = Dice(seed, "blocks")
        let blocks = ResizeArray<ProposedBlock>()
        let starts = ResizeArray<float>()
        let mutable t = 0.0
        let mutable slot = 0
        let mutable height = 1L

        while t < seconds do
            let inForce = if t >= jailed then slots - 1 else slots

            let isMissed = d.Hits 0.002
            slot <- (slot + (if isMissed then 2 else 1)) % inForce
            t <- t + (if isMissed then 0.25 else d.Gamma(mean, deviation))

            blocks.Add
                {
                    Height = height
                    Ms = origin + int64 (floor (1000.0 * t))
                    Proposer = if inForce < slots then 5 * slot % inForce else slot
                }

            height <- height + 1L

            if slot = 0 then
                starts.Add(t + 0.05)

        struct (blocks.ToArray(), starts.ToArray())
