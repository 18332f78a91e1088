namespace Vrlg.Sim.LocalVenue

open System.Collections.Generic
open Vrlg.Core
open Vrlg.Sim

/// What is looked at of an order before the exchange sees it (hyperliquid-protocol.md 10.6, order of checks).
module internal Screening =
    /// Orders that an account may have open: 1,000, one more for every 5 million USDC traded, 5,000 at most.
    let mostOpen (s: VenueState) (account: int) : int =
        int (min 5_000L (1_000L + s.House.Volume[account] / 500_000_000_000_000L))

    /// Whether a price is on the grid; that of a trigger order too.
    let isOnGrid (market: Listed) (ask: OrderAsk) : bool =
        Instrument.isValidPx market.Rules (Px.Of ask.Px)
        && (match ask.Trigger with
            | ValueSome t -> Instrument.isValidPx market.Rules (Px.Of t.Px)
            | ValueNone -> true)

    /// What is wrong with an order's price, or with its value; the word of a refusal.
    let badPx (market: Listed) (ask: OrderAsk) : string | null =
        let worth = Instrument.notional (Px.Of ask.Px) (Sz.Of ask.Sz)

        if not (isOnGrid market ask) then
            "tickRejected"
        elif worth.Raw < market.Rules.MinNotional.Raw && not ask.ReduceOnly then
            Texts.least
        else
            null

    /// Whether a price is further from the oracle than the exchange allows.
    let isFar (s: VenueState) (market: Listed) (px: int64) : bool =
        let oracle = s.Markets[market.Id].Oracle
        let band = s.House.Config.Rules.OracleBandBps
        oracle > 0L && abs (px - oracle) > Wide.mulDiv oracle band 10_000L

    /// Whether an order's builder may take what it asks for.
    let isApproved (a: VenueAccount) (market: Listed) (ask: OrderAsk) : bool =
        match ask.Builder with
        | ValueSome b when b.Rate <> 0L ->
            let most = if market.IsSpot then 1_000L else 100L
            b.Rate > 0L && b.Rate <= min most (a.Builders.GetValueOrDefault(b.Address, 0L))
        | _ -> true

    /// A size that the instrument does not trade in.
    let badSize (market: Listed) (ask: OrderAsk) (mayBeZero: bool) : string | null =
        if ask.Sz = 0L && not mayBeZero then
            Texts.zeroSize
        elif ask.Sz < 0L || ask.Sz % Instrument.lot market.Rules <> 0L then
            Texts.badSize
        elif ask.Px = -1L || ask.Px = 0L then
            Texts.badPx
        else
            null

    /// What is wrong with a trigger order beyond what the exchange checks: its side of the mark, what it would reduce.
    let badTrigger
        (s: VenueState)
        (account: int)
        (market: Listed)
        (ask: OrderAsk)
        (t: TriggerAsk)
        (isChild: bool)
        : string | null =
        let mark = s.Markets[market.Id].Mark
        let held = s.Position(account, market)
        let isAbove = (ask.Side = Side.Sell) = t.IsTakeProfit

        if market.IsSpot || t.Px <= 0L || (if isAbove then t.Px <= mark else t.Px >= mark) then
            "badTriggerPxRejected"
        elif not isChild && (if ask.Side = Side.Buy then held >= 0L else held <= 0L) then
            "reduceOnlyRejected"
        else
            null

    /// Whether a live order of the account has this order's text; that which it replaces may.
    let isTaken (a: VenueAccount) (ask: OrderAsk) (replaced: int64) : bool =
        match ask.Cloid with
        | null -> false
        | cloid ->
            match a.ByCloid.TryGetValue cloid with
            | true, (o: VenueOrder) -> o.IsLive && o.Oid <> replaced
            | _ -> false

    /// What is wrong with an order that gets neither number nor row.
    let unheard (market: Listed) (ask: OrderAsk) (isWhole: bool) : string | null =
        match badSize market ask isWhole with
        | null when ask.Trigger.IsSome && not ask.ReduceOnly -> "Trigger order is not reduce only."
        | text -> text

    let isFull (s: VenueState) (a: VenueAccount) = a.Live.Count >= mostOpen s a.Index

    /// What is wrong with an order that replaces another, before it is looked at in the book; null when nothing is.
    let wrong (s: VenueState) (a: VenueAccount) (market: Listed) (ask: OrderAsk) (replaced: int64) : string | null =
        let word: string | null =
            match badPx market ask, ask.Trigger with
            | null, _ when isFar s market ask.Px -> "oracleRejected"
            | null, ValueSome t -> badTrigger s a.Index market ask t false
            | word, _ -> word

        match unheard market ask false with
        | null when isTaken a ask replaced -> "Duplicate cloid."
        | null ->
            match word with
            | null -> null
            | word -> Texts.ofWord s market word
        | text -> text
