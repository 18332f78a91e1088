namespace Vrlg.Sim.LocalVenue

open System
open Vrlg.Core

/// The venue's sentences (hyperliquid-protocol.md 1.5).
module internal Texts =
    /// A count of 1e-8 as the venue writes numbers: one decimal at least, no idle zeros after it.
    let number (raw: int64) : string =
        let sign = if raw < 0L then "-" else ""
        let size = if raw < 0L then 0UL - uint64 raw else uint64 raw
        let part = (size % 100_000_000UL).ToString("D8").TrimEnd '0'
        sign + string (size / 100_000_000UL) + "." + (if part = "" then "0" else part)

    let suffix (market: Listed) = " asset=" + string market.Asset

    let missing = "Order was never placed, already canceled, or filled."
    let gone = "Cannot modify canceled or filled order"
    let unpayable = "Invalid priority order."
    let notFast = "Cannot fast cancel trigger order."
    let least = "minTradeNtlRejected"
    let noBuilder = "Builder fee has not been approved"
    let zeroSize = "Order has zero size."
    let badSize = "Order has invalid size."
    let badPx = "Order has invalid price."

    let crossed (s: VenueState) (market: Listed) : string =
        let px side =
            let best = s.Best(market, side)
            if best = 0L then "None" else number best

        "Post only order would have immediately matched, bbo was "
        + px Side.Buy
        + "@"
        + px Side.Sell
        + "."
        + suffix market

    /// The sentence of a word of refusal.
    let ofWord (s: VenueState) (market: Listed) (word: string) : string =
        match word with
        | "tickRejected" -> "Price must be divisible by tick size." + suffix market
        | "minTradeNtlRejected" when market.IsSpot -> "Order must have minimum value of 10 USDC."
        | "minTradeNtlRejected" -> "Order must have minimum value of $10."
        | "perpMarginRejected" -> "Insufficient margin to place order." + suffix market
        | "reduceOnlyRejected" -> "Reduce only order would increase position." + suffix market
        | "badAloPxRejected" -> crossed s market
        | "iocCancelRejected" -> "Order could not immediately match against any resting orders." + suffix market
        | "badTriggerPxRejected" -> "Invalid TP/SL price." + suffix market
        | "marketOrderNoLiquidityRejected" -> "No liquidity available for market order." + suffix market
        | "insufficientSpotBalanceRejected" -> "Insufficient spot balance" + suffix market
        | "oracleRejected" ->
            "Order price cannot be more than 80% away from the reference price"
            + suffix market
        | "perpMaxPositionRejected" ->
            "Order would cause position to exceed margin tier limit at current leverage"
            + suffix market
        | "tooManyOpenOrdersRejected" -> "Too many open orders" + suffix market
        | "sizeRejected" -> badSize
        | other -> other + suffix market
