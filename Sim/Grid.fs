namespace Vrlg.Sim

open System
open System.Collections.Immutable
open System.Globalization
open Vrlg.Core

/// What a swept key may be: values as named, or a range of a thousand even steps.
[<RequireQualifiedAccess; NoComparison>]
type AxisValues =
    | Listed of ImmutableArray<string>
    /// Both ends included, in the raw units of the key (whole numbers, or 1e-8).
    | Between of least: int64 * most: int64

/// One swept setting.
[<NoComparison; NoEquality>]
type Axis =
    {
        Key: Key
        Values: AxisValues
    }

    /// How many values it has.
    member a.Count =
        match a.Values with
        | AxisValues.Listed all -> all.Length
        | AxisValues.Between(least, most) ->
            match a.Key.Kind with
            | Kind.Whole _ -> int (min 1_000L (most - least)) + 1
            | _ -> if most > least then 1_001 else 1

    /// Value `i` as `--set` would be given it.
    member a.Text(i: int) : string =
        match a.Values with
        | AxisValues.Listed all -> all[i]
        | AxisValues.Between(least, most) ->
            let steps = Int128.op_Implicit (max 1 (a.Count - 1))
            let width = Int128.op_Implicit (most - least)
            let raw = least + (Int128.op_Explicit (width * Int128.op_Implicit i / steps): int64)

            match a.Key.Kind with
            | Kind.Whole _ -> raw.ToString CultureInfo.InvariantCulture
            | _ -> Exact.show raw

    /// A distance between two values means something.
    member a.IsRange =
        match a.Values with
        | AxisValues.Listed _ -> false
        | AxisValues.Between _ -> true

/// One set of values: the place of each axis' value. `Id` counts from 0 in the order of suggestion.
[<NoComparison; NoEquality>]
type Point = { Id: int; At: ImmutableArray<int> }

/// Points of a grid: all of them, or drawn ones.
[<RequireQualifiedAccess>]
module Grid =
    /// How many points a grid has, at most `Int64.MaxValue`.
    let size (axes: ImmutableArray<Axis>) : int64 =
        let mutable n = 1L

        for a in axes do
            let count = int64 (max 1 a.Count)

            n <-
                if n > Int64.MaxValue / count then
                    Int64.MaxValue
                else
                    n * count

        n

    /// Point number `flat` of the product: the last axis turns fastest.
    let at (axes: ImmutableArray<Axis>) (id: int) (flat: int64) : Point =
        let places = Array.zeroCreate axes.Length
        let mutable rest = flat

        for i in axes.Length - 1 .. -1 .. 0 do
            let count = int64 axes[i].Count
            places[i] <- int (rest % count)
            rest <- rest / count

        {
            Id = id
            At = ImmutableArray.CreateRange places
        }

    /// The whole product, in order.
    let product (axes: ImmutableArray<Axis>) : ImmutableArray<Point> =
        Seq.init (int (size axes)) (fun i -> at axes i (int64 i))
        |> ImmutableArray.CreateRange

    /// What makes a point the same as another.
    let name (p: Point) = String.Join(",", p.At)

    /// The settings of a point, a pair an axis.
    let pairs (axes: ImmutableArray<Axis>) (p: Point) : ImmutableArray<struct (string * string)> =
        Seq.init axes.Length (fun i -> struct (axes[i].Key.Path, axes[i].Text p.At[i]))
        |> ImmutableArray.CreateRange

    /// A point drawn uniformly; `draw` counts the draws of the stream.
    let drawn (axes: ImmutableArray<Axis>) (key: uint64) (id: int) (draw: int64) : Point =
        {
            Id = id
            At =
                Seq.init axes.Length (fun i ->
                    let u = Seed.unit key (draw * int64 axes.Length + int64 i)
                    min (axes[i].Count - 1) (int (u * float axes[i].Count)))
                |> ImmutableArray.CreateRange
        }

    /// `count` different points drawn without putting back, numbered from `first`; `seen` holds the names that are
    /// taken and takes the new ones. Fewer come back only when the grid holds no more.
    let fresh
        (axes: ImmutableArray<Axis>)
        (key: uint64)
        (first: int)
        (count: int)
        (seen: Collections.Generic.HashSet<string>)
        : ImmutableArray<Point> =
        let found = ImmutableArray.CreateBuilder<Point>()
        let left = size axes - int64 seen.Count
        let wanted = int (min (int64 count) left)
        let mutable draw = int64 first * 64L
        let mutable misses = 0

        while found.Count < wanted && misses < 1_000 do
            let p = drawn axes key (first + found.Count) draw
            draw <- draw + 1L

            if seen.Add(name p) then
                found.Add p
                misses <- 0
            else
                misses <- misses + 1

        // Almost everything is taken: the rest in order.
        let mutable flat = 0L

        while found.Count < wanted do
            let p = at axes (first + found.Count) flat
            flat <- flat + 1L

            if seen.Add(name p) then
                found.Add p

        found.ToImmutable()
