namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable

/// The tree-structured Parzen estimator. Source: Bergstra, Bardenet, Bengio and Kegl, Algorithms for hyper-parameter
/// optimization (2011), section 4: observations are split at the quantile gamma of the objective; densities l of the
/// good and g of the others are estimated an axis at a time; of candidates drawn from l the one with the largest l/g
/// is suggested.
[<RequireQualifiedAccess>]
module Parzen =
    /// The share of observations that is good.
    let gamma = 0.15

    /// Candidates drawn for each suggestion.
    let candidates = 24

    /// The density of a range: a uniform prior and a Gaussian at each observation, cut to the range, as wide as the
    /// larger distance to its neighbours.
    let private ranged (count: int) (seen: int[]) : float[] =
        let centre i = (float i + 0.5) / float count
        let sorted = Array.sort seen |> Array.map centre
        let cells = Array.create count (1.0 / float count)

        for j in 0 .. sorted.Length - 1 do
            let left = if j = 0 then 0.0 else sorted[j - 1]
            let right = if j = sorted.Length - 1 then 1.0 else sorted[j + 1]
            let least = 1.0 / float (min 100 (sorted.Length + 1))
            let sigma = min 1.0 (max least (max (sorted[j] - left) (right - sorted[j])))

            let bell =
                Array.init count (fun i -> let z = (centre i - sorted[j]) / sigma in exp (-0.5 * z * z))

            let whole = Array.sum bell

            for i in 0 .. count - 1 do
                cells[i] <- cells[i] + bell[i] / whole

        cells |> Array.map (fun c -> c / float (sorted.Length + 1))

    /// The density of listed values: each counted once beforehand.
    let private listed (count: int) (seen: int[]) : float[] =
        let cells = Array.create count 1.0

        for s in seen do
            cells[s] <- cells[s] + 1.0

        cells |> Array.map (fun c -> c / float (count + seen.Length))

    /// The probability of each value of an axis after observations of it.
    let density (axis: Axis) (seen: int[]) : float[] =
        if axis.IsRange then
            ranged axis.Count seen
        else
            listed axis.Count seen

    let private draw (cells: float[]) (u: float) : int =
        let mutable left = u
        let mutable i = 0

        while i < cells.Length - 1 && left >= cells[i] do
            left <- left - cells[i]
            i <- i + 1

        i

    /// How many of `n` observations are the good ones.
    let good (n: int) = max 1 (int (ceil (gamma * float n)))

    /// `count` suggestions numbered from `first`, after observations in order of merit, best first. `seen` holds the
    /// names of what was suggested before and takes the new ones. A function of its arguments alone.
    let suggest
        (axes: ImmutableArray<Axis>)
        (seed: int64)
        (ranked: ImmutableArray<Point>)
        (first: int)
        (count: int)
        (seen: HashSet<string>)
        : ImmutableArray<Point> =
        let key = Seed.key seed "sweep.tpe"
        let split = good ranked.Length

        let densities =
            Array.init axes.Length (fun a ->
                let places = ranked |> Seq.map (fun p -> p.At[a]) |> Seq.toArray
                struct (density axes[a] places[.. split - 1], density axes[a] places[split..]))

        let candidate (id: int) (c: int) : struct (float * Point) =
            let at =
                Array.init axes.Length (fun a ->
                    let struct (l, _) = densities[a]
                    let i = (int64 id * int64 candidates + int64 c) * int64 axes.Length + int64 a
                    draw l (Seed.unit key i))

            let gain =
                Array.init axes.Length (fun a -> let struct (l, g) = densities[a] in log l[at[a]] - log g[at[a]])
                |> Array.sum

            struct (gain,
                    {
                        Id = id
                        At = ImmutableArray.CreateRange at
                    })

        let found = ImmutableArray.CreateBuilder<Point>()

        for id in first .. first + count - 1 do
            let mutable best = ValueNone
            let mutable gain = Double.NegativeInfinity

            for c in 0 .. candidates - 1 do
                let struct (g, p) = candidate id c

                if g > gain && not (seen.Contains(Grid.name p)) then
                    gain <- g
                    best <- ValueSome p

            match best with
            | ValueSome p ->
                seen.Add(Grid.name p) |> ignore<bool>
                found.Add { p with Id = first + found.Count }
            | ValueNone ->
                // Every candidate was there already: a fresh point, as long as there is one.
                let drawn =
                    Grid.fresh axes (Seed.key seed "sweep.tpe.fresh") (first + found.Count) 1 seen

                found.AddRange drawn

        found.ToImmutable()
