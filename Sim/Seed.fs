namespace Vrlg.Sim

open System.Text

/// Counter-based random numbers: the draw of a stream at an index depends on nothing else, so results do not depend on the
/// order in which anything is evaluated. Source: simulation.md 14 (SplitMix64 finaliser, FNV-1a).
[<RequireQualifiedAccess>]
module Seed =
    let private golden = 0x9E3779B97F4A7C15UL

    /// The SplitMix64 finaliser.
    let mix (x: uint64) : uint64 =
        let a = (x ^^^ (x >>> 30)) * 0xBF58476D1CE4E5B9UL
        let b = (a ^^^ (a >>> 27)) * 0x94D049BB133111EBUL
        b ^^^ (b >>> 31)

    let fnv1a64 (text: string) : uint64 =
        let mutable h = 0xCBF29CE484222325UL

        for b in Encoding.UTF8.GetBytes text do
            h <- (h ^^^ uint64 b) * 0x100000001B3UL

        h

    /// The key of a named stream under a seed.
    let key (seed: int64) (stream: string) : uint64 = mix (uint64 seed ^^^ fnv1a64 stream)

    /// The draw at index `i`, counted from 0.
    let draw (key: uint64) (i: int64) : uint64 = mix (key + (uint64 i + 1UL) * golden)

    /// In [0, 1), 53 bits.
    let unit (key: uint64) (i: int64) : float =
        float (draw key i >>> 11) * (1.0 / 9007199254740992.0)

    /// A whole number in [lo, hi]: lo + floor(u * (hi - lo + 1)).
    let between (key: uint64) (i: int64) (lo: int64) (hi: int64) : int64 =
        lo + int64 (floor (unit key i * float (hi - lo + 1L)))
