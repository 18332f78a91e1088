namespace Vrlg.Core

/// Perpetual or spot: selects the price decimals (6 or 8) and the asset rules of the venue.
type InstrumentKind =
    | Perp = 0uy
    | Spot = 1uy

/// The facts of an instrument that prices, sizes and checks need.
[<NoComparison>]
type Instrument =
    {
        Id: InstrumentId
        Venue: VenueId
        /// The venue's name of it, such as `BTC`.
        Name: string
        Kind: InstrumentKind
        /// Decimals of a size: the lot is 10^-SzDecimals.
        SzDecimals: int
        MaxLeverage: int
        /// Least value of an order at its limit price; 0 where the venue has no such rule.
        MinNotional: Usd
    }
