namespace Vrlg.Core

open System.Collections.Immutable

/// What a volume buys: rates in 1e-10 of the notional, from more than `Volume` USD on.
[<NoComparison>]
type FeeTier =
    {
        /// Of the last 14 days, perpetuals once and spot twice, whole USD.
        Volume: int64
        Perp: FeeRates
        Spot: FeeRates
    }

/// The venue's table of fees by volume. Rebates and discounts of an account are no part of it: they are stated as
/// `fees.maker_bps` and `fees.taker_bps`. Source: hyperliquid-protocol.md 8.8.
[<RequireQualifiedAccess>]
module FeeTiers =
    /// In tenths of a basis point.
    let private tier (volume: int64) (taker: int64) (maker: int64) (spotTaker: int64) (spotMaker: int64) : FeeTier =
        let rate (tenths: int64) = Rate.Of(tenths * 100_000L)

        {
            Volume = volume
            Perp =
                {
                    Maker = rate maker
                    Taker = rate taker
                }
            Spot =
                {
                    Maker = rate spotMaker
                    Taker = rate spotTaker
                }
        }

    let all: ImmutableArray<FeeTier> =
        ImmutableArray.CreateRange
            [|
                tier 0L 45L 15L 70L 40L
                tier 5_000_000L 40L 12L 60L 30L
                tier 25_000_000L 35L 8L 50L 20L
                tier 100_000_000L 30L 4L 40L 10L
                tier 500_000_000L 28L 0L 35L 0L
                tier 2_000_000_000L 26L 0L 30L 0L
                tier 7_000_000_000L 24L 0L 25L 0L
            |]

    /// The tier of that number; the nearest one for a number that is none.
    let at (number: int64) : FeeTier =
        all[int (max 0L (min (int64 all.Length - 1L) number))]

    /// The number of the tier that a volume of 14 days reaches.
    let ofVolume (usd: int64) : int =
        let mutable found = 0

        for i in 1 .. all.Length - 1 do
            if usd > all[i].Volume then
                found <- i

        found

    let rates (kind: InstrumentKind) (number: int64) : FeeRates =
        let t = at number
        if kind = InstrumentKind.Spot then t.Spot else t.Perp
