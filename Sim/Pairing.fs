namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// A fill as two runs are compared by it: times in nanoseconds, price and size in 1e-8.
[<Struct; NoComparison; NoEquality>]
type ComparedFill =
    {
        At: int64
        Side: Side
        Px: int64
        Sz: int64
    }

/// Which fills of two runs belong together.
[<NoComparison; NoEquality>]
type FillPairs =
    {
        /// Places in the first and in the second run.
        Pairs: ImmutableArray<struct (int * int)>
        OnlyFirst: ImmutableArray<int>
        OnlySecond: ImmutableArray<int>
    }

[<RequireQualifiedAccess>]
module Pairing =
    /// Pairs fills of the same side in time order: the earliest free fill of the other run within `window`, so that a pair is
    /// never crossed by another of its side. Every fill is in one pair or alone.
    let fills (window: Duration) (first: ComparedFill[]) (second: ComparedFill[]) : FillPairs =
        let pairs = ImmutableArray.CreateBuilder<struct (int * int)>()
        let taken: bool[] = Array.zeroCreate second.Length
        let alone = ImmutableArray.CreateBuilder<int>()
        // The next place to look at, a side.
        let from = [| 0; 0 |]

        for i in 0 .. first.Length - 1 do
            let f = first[i]
            let s = int f.Side
            let mutable j = from[s]

            // Fills of this side that are too early for it, and for every later one.
            while j < second.Length
                  && (second[j].Side <> f.Side || second[j].At < f.At - window.Ns) do
                j <- j + 1

            from[s] <- j

            if j < second.Length && second[j].At <= f.At + window.Ns then
                taken[j] <- true
                from[s] <- j + 1
                pairs.Add(struct (i, j))
            else
                alone.Add i

        {
            Pairs = pairs.ToImmutable()
            OnlyFirst = alone.ToImmutable()
            OnlySecond =
                seq { 0 .. second.Length - 1 }
                |> Seq.filter (fun j -> not taken[j])
                |> ImmutableArray.CreateRange
        }

    /// The first place at which two lists of decisions part, or -1 when they are the same.
    let firstDifference (first: string[]) (second: string[]) : int =
        let mutable i = 0

        while i < first.Length && i < second.Length && first[i] = second[i] do
            i <- i + 1

        if i = first.Length && i = second.Length then -1 else i
