namespace Vrlg.Core

open System
open System.Numerics
open System.Runtime.InteropServices

/// What the valid detector is made with; the defaults are those of the reference (rotation-detection.md 4).
[<NoComparison>]
type ValidConfig =
    {
        /// Half-width of the boundary band in slots: z slots are z / M of a period (X07).
        Z: float
        /// Slots a period while no block feed has counted them.
        M: int
        /// Largest p-value of an active detector.
        Alpha: float
        /// Activation asks for p <= Alpha / Rise: the hysteresis.
        Rise: float
        /// What the evidence falls to when a pattern is lost: the price of a recovery.
        Burn: float
        /// In OBSERVE an evidence of 1 is given away within this many seconds.
        Horizon: float
        /// Boundary samples behind an active hypothesis, at least (D0-045).
        BoundaryNeeded: int
        /// Scored crossings behind it, at least.
        CrossingsNeeded: int
        /// Periods between the data of an estimate and the boundary that it predicts, while observing.
        Gap: float
        /// So many missing samples in a row start everything anew; so many without evidence end ACTIVE.
        Stale: int
    }

    static member Default: ValidConfig =
        {
            Z = 0.6
            M = 8
            Alpha = 0.01
            Rise = 3.0
            Burn = 1.0
            Horizon = 86_400.0
            BoundaryNeeded = 200
            CrossingsNeeded = 20
            Gap = 4.0
            Stale = 300
        }

    /// The evidence never passes this: e^3 / alpha.
    member c.Cap = exp 3.0 / c.Alpha

/// One sample as the test sees it: ranks instead of values.
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Ranked =
    {
        /// How thin the best quotes are against the last 30 s, in [-1/2, 1/2].
        Thin: float
        /// How wide the spread is, likewise.
        Wide: float
        /// Their sum; 0 where `IsOk` is false.
        X: float
        IsOk: bool
    }

    static member Missing: Ranked =
        {
            Thin = 0.0
            Wide = 0.0
            X = 0.0
            IsOk = false
        }

/// The rank transform (rotation-detection.md 4.1): robust to heavy tails, without a scale, and blind to drifts slower than 30 s.
[<Sealed>]
type Ranks private (dob: Window<float>, spread: Window<float>) =
    static let rolling = 300
    static let least = 50

    static member Empty = Ranks(Window.Empty rolling, Window.Empty rolling)

    /// Share of the values below `v`, those equal to it counted half, less 1/2.
    static member Of(ring: ReadOnlySpan<float>, v: float) : float =
        let wide = MemoryMarshal.Cast<float, Vector<float>> ring
        let all = Vector<float> v
        let mutable lanes = Vector<int64>.Zero

        // Twice the count of what is below plus once that of what is equal: below counts as -1 in either comparison.
        for u in wide do
            lanes <- lanes - Vector.LessThan(u, all) - Vector.LessThanOrEqual(u, all)

        let mutable twice = Vector.Sum lanes

        for k in wide.Length * Vector<float>.Count .. ring.Length - 1 do
            if ring[k] < v then
                twice <- twice + 2L
            elif ring[k] = v then
                twice <- twice + 1L

        float twice / 2.0 / float ring.Length - 0.5

    /// Whether a pair of raw values is a sample at all.
    static member IsSample(dobNow: float, spreadNow: float) =
        Double.IsFinite dobNow && Double.IsFinite spreadNow && dobNow > 0.0

    /// The ranks of a pair among those before it, and the window with the pair in it.
    member r.Next(dobNow: float, spreadNow: float) : struct (Ranks * Ranked) =
        if not (Ranks.IsSample(dobNow, spreadNow)) then
            struct (r, Ranked.Missing)
        else
            let ranked =
                if dob.Length < least then
                    Ranked.Missing
                else
                    let thin = -Ranks.Of(dob.AsSpan(), dobNow)
                    let wide = Ranks.Of(spread.AsSpan(), spreadNow)

                    {
                        Thin = thin
                        Wide = wide
                        X = thin + wide
                        IsOk = true
                    }

            struct (Ranks(dob.Push dobNow, spread.Push spreadNow), ranked)
