namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// A token of the local venue's spot side.
[<NoComparison>]
type Token =
    {
        Name: string
        /// Its place in the list, which is also its number.
        Index: int
        SzDecimals: int
        WeiDecimals: int
        /// `0x` and 32 hex digits.
        TokenId: string
        FullName: string
    }

/// A market of the local venue.
[<NoComparison>]
type Listed =
    {
        /// The venue's number of it on the wire: its place among perpetuals, or 10,000 and the pair's index.
        Asset: int
        /// Its name on the wire, such as `BTC` or `@1`.
        Coin: string
        Rules: Instrument
        /// The token that is bought; -1 of a perpetual.
        Base: int
        /// Where the synthetic price begins, 1e-8.
        Start: int64
        /// The market whose synthetic price it follows: its own place, or the perpetual's.
        Follows: int
        /// USDC that the best level of the synthetic book is worth.
        Depth: int64
        /// Synthetic takers an hour.
        TakersAnHour: float
        /// USDC by which impact prices are measured; 0 on spot.
        Impact: int64
    }

    member m.IsSpot = m.Rules.Kind = InstrumentKind.Spot
    member m.Id = m.Rules.Id.Index

/// What the local venue lists: enough for the strategy, its hedge and its spot leg.
[<RequireQualifiedAccess>]
module Listing =
    let private one = 100_000_000L

    let private token index name szDecimals weiDecimals id full : Token =
        {
            Name = name
            Index = index
            SzDecimals = szDecimals
            WeiDecimals = weiDecimals
            TokenId = id
            FullName = full
        }

    /// Dense: a token's place is its number.
    let tokens: Token[] =
        [|
            token 0 "USDC" 8 8 "0x6d1e7cde53ba9467b783cb7c530ce054" "USD Coin"
            token 1 "PURR" 0 5 "0xc4bf3f870c0e9465323c0b6ed28096c2" "Purr"
            token 2 "HYPE" 2 8 "0x0d01dc56dcaaca66ad901c959b4011ec" "Hyperliquid"
            token 3 "UBTC" 5 10 "0x8f254b963e8468305d409b33aa137c67" "Unit Bitcoin"
        |]

    let private market id asset coin kind szDecimals leverage start follows depth takers impact : Listed =
        {
            Asset = asset
            Coin = coin
            Rules =
                {
                    Id = InstrumentId.Of id
                    Venue = VenueId.Of 0
                    Name = coin
                    Kind = kind
                    SzDecimals = szDecimals
                    MaxLeverage = leverage
                    MinNotional = Usd.Of(10L * one)
                }
            Base = if kind = InstrumentKind.Spot then asset - 9_999 else -1
            Start = start
            Follows = follows
            Depth = depth
            TakersAnHour = takers
            Impact = impact
        }

    /// In the order of their instruments: perpetuals, then spot pairs.
    let markets: Listed[] =
        [|
            market 0 0 "BTC" InstrumentKind.Perp 5 40 (83_750L * one) 0 200_000L 5_000.0 20_000L
            market 1 1 "ETH" InstrumentKind.Perp 4 25 (301_250L * one / 100L) 1 120_000L 2_500.0 20_000L
            market 2 2 "HYPE" InstrumentKind.Perp 2 10 (38_500L * one / 1_000L) 2 40_000L 1_500.0 6_000L
            market 3 10_000 "PURR/USDC" InstrumentKind.Spot 0 1 (20_000L * one / 100_000L) 3 3_000L 60.0 0L
            market 4 10_001 "@1" InstrumentKind.Spot 2 1 (38_500L * one / 1_000L) 2 20_000L 700.0 0L
            market 5 10_002 "@2" InstrumentKind.Spot 5 1 (83_750L * one) 0 60_000L 500.0 0L
        |]

    /// Tiers of margin by the highest leverage: from which value of a position on, USDC, which leverage.
    let private tiersOf (leverage: int) : MarginTier[] =
        match leverage with
        | 40 ->
            [|
                { From = 0L; MaxLeverage = 40 }
                {
                    From = 150_000_000L * one
                    MaxLeverage = 20
                }
            |]
        | 25 ->
            [|
                { From = 0L; MaxLeverage = 25 }
                {
                    From = 100_000_000L * one
                    MaxLeverage = 15
                }
            |]
        | _ -> [||]

    /// Tiers of margin, a market; none where one leverage holds for all sizes.
    let tiers: MarginTier[][] =
        markets |> Array.map (fun m -> tiersOf m.Rules.MaxLeverage)

    let perps: Listed[] = markets |> Array.filter (fun m -> not m.IsSpot)
    let spots: Listed[] = markets |> Array.filter (fun m -> m.IsSpot)

    /// The market of a number on the wire; nothing when none has it.
    let ofAsset (asset: int) : Listed voption =
        markets |> Array.tryFind (fun m -> m.Asset = asset) |> ValueOption.ofOption

    /// The market of a name on the wire; nothing when none has it.
    let ofCoin (coin: string) : Listed voption =
        markets |> Array.tryFind (fun m -> m.Coin = coin) |> ValueOption.ofOption

    /// The spot market in which a token is sold for USDC.
    let ofToken (index: int) : Listed voption =
        spots |> Array.tryFind (fun m -> m.Base = index) |> ValueOption.ofOption

    /// The token of `NAME:0x...`, as transfers name it; its name alone does too.
    let tokenOf (text: string) : Token voption =
        tokens
        |> Array.tryFind (fun t -> t.Name + ":" + t.TokenId = text || t.Name = text)
        |> ValueOption.ofOption
