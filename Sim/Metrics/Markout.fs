namespace Vrlg.Sim

open System.Collections.Immutable
open Vrlg.Core

/// One fill's move against a horizon, in bps of its price.
[<Struct; NoComparison; NoEquality>]
type FillMarkout =
    {
        At: int64
        Size: float
        HalfSpreadBps: float
        AdverseBps: float
    }

/// The mean move of the mid after our fills, weighted by size; above 0 is good for us (simulation.md 13).
[<NoComparison; NoEquality>]
type Markout =
    {
        HorizonNs: int64
        /// Fills whose later mid is known.
        Fills: int
        /// Fills within the horizon of the end or of a gap, left out.
        Excluded: int
        /// What the fill stood away from the mid of its instant; none where no fill is counted.
        HalfSpreadBps: float voption
        /// How the mid moved from then on.
        AdverseBps: float voption
    }

    /// Half-spread and move, exactly.
    member m.Bps: float voption =
        match m.HalfSpreadBps, m.AdverseBps with
        | ValueSome h, ValueSome a -> ValueSome(h + a)
        | _ -> ValueNone

[<RequireQualifiedAccess>]
module Markout =
    /// 0, 10 ms, 100 ms, 1 s, 5 s and 30 s.
    let horizonsNs =
        ImmutableArray.CreateRange
            [
                0L
                10_000_000L
                100_000_000L
                1_000_000_000L
                5_000_000_000L
                30_000_000_000L
            ]

    /// The fills whose mid is known at their instant and `horizonNs` later: that is inside the data, and no gap lies between.
    let perFill (fills: ImmutableArray<FillRow>) (mids: MidPath) (horizonNs: int64) : ImmutableArray<FillMarkout> =
        let found = ImmutableArray.CreateBuilder<FillMarkout>()

        for f in fills do
            let at = f.At
            let later = at.Ns + horizonNs

            if later <= mids.ToNs && not (mids.MeetsGap(at.Ns, later)) then
                match mids.At at.Ns, mids.At later with
                | ValueSome then', ValueSome after ->
                    let px = float f.Px.Raw / 1e8
                    let sign = if f.Side = Side.Buy then 1.0 else -1.0

                    found.Add
                        {
                            At = at.Ns
                            Size = float f.Sz.Raw / 1e8
                            HalfSpreadBps = 1e4 * sign * (then' - px) / px
                            AdverseBps = 1e4 * sign * (after - then') / px
                        }
                | _ -> ()

        found.ToImmutable()

    let private mean (rows: ImmutableArray<FillMarkout>) (value: FillMarkout -> float) : float voption =
        let size = rows |> Seq.sumBy (fun r -> r.Size)

        if size > 0.0 then
            ValueSome((rows |> Seq.sumBy (fun r -> r.Size * value r)) / size)
        else
            ValueNone

    /// The mean of the fills that `perFill` found among `total`.
    let ofRows (horizonNs: int64) (total: int) (rows: ImmutableArray<FillMarkout>) : Markout =
        {
            HorizonNs = horizonNs
            Fills = rows.Length
            Excluded = total - rows.Length
            HalfSpreadBps = mean rows (fun r -> r.HalfSpreadBps)
            AdverseBps = mean rows (fun r -> r.AdverseBps)
        }

    let ofFills (fills: ImmutableArray<FillRow>) (mids: MidPath) (horizonNs: int64) : Markout =
        ofRows horizonNs fills.Length (perFill fills mids horizonNs)
