namespace Vrlg.Sim

open System
open Vrlg.Core

/// Why the exchange refuses an order before it looks at the book, and what accounts must hold (simulation.md 8 and 10).
module internal Checks =
    open Filling

    /// The price at which an account's positions are valued: the mark, else the middle of the book, else nothing.
    let markOf (pit: Pit) : int64 =
        if pit.Mark > 0L then
            pit.Mark
        elif pit.Bids.BestPx > 0L && pit.Asks.BestPx > 0L then
            (pit.Bids.BestPx + pit.Asks.BestPx) / 2L
        else
            0L

    let private worth (px: int64) (sz: int64) : int64 =
        let value = Instrument.notional (Px.Of px) (Sz.Of sz)
        value.Raw

    let private isSpot (pit: Pit) = pit.Rules.Kind = InstrumentKind.Spot

    /// Whether an account's position in an instrument has a margin of its own.
    let isIsolated (house: House) (account: int) (instrument: int) : bool =
        house.IsIsolated[account * house.Pits.Length + instrument]

    let private tiersOf (house: House) (instrument: int) : MarginTier[] =
        let tiers = house.Config.Rules.Tiers

        if instrument < tiers.Length then
            tiers[instrument]
        else
            [||]

    /// The highest leverage of a position of a value.
    let mostLeverage (house: House) (pits: Pit[]) (instrument: int) (size: int64) : int64 =
        let mutable most = int64 (max 1 pits[instrument].Rules.MaxLeverage)

        for tier in tiersOf house instrument do
            if size >= tier.From then
                most <- int64 tier.MaxLeverage

        most

    /// What a position of a value must keep: half the initial margin at the highest leverage, tier by tier.
    let maintenance (house: House) (pits: Pit[]) (instrument: int) (size: int64) : int64 =
        match tiersOf house instrument with
        | [||] -> size / (2L * int64 (max 1 pits[instrument].Rules.MaxLeverage))
        | tiers ->
            let mutable sum = 0L

            for i in 0 .. tiers.Length - 1 do
                let until =
                    if i + 1 < tiers.Length then
                        min size tiers[i + 1].From
                    else
                        size

                sum <- sum + max 0L (until - tiers[i].From) / (2L * int64 tiers[i].MaxLeverage)

            sum

    /// What an account's cross positions are worth with its cash, and what they bind. 1e-8 USDC.
    [<Struct; NoComparison; NoEquality>]
    type Carried =
        {
            /// Cash and signed values.
            Value: int64
            /// Values without their signs.
            Notional: int64
            /// Initial margin.
            Used: int64
            Maintenance: int64
        }

    let carried (house: House) (pits: Pit[]) (account: int) : Carried =
        let mutable value = house.PerpCash[account]
        let mutable notional = 0L
        let mutable used = 0L
        let mutable least = 0L

        for i in 0 .. pits.Length - 1 do
            if not (isSpot pits[i]) && not (isIsolated house account i) then
                let held = house.Holding(account, i).Position

                if held <> 0L then
                    let mark = markOf pits[i]
                    let size = worth mark (abs held)
                    value <- value + worth mark held
                    notional <- notional + size
                    used <- used + size / leverageOf house pits account i
                    least <- least + maintenance house pits i size

        {
            Value = value
            Notional = notional
            Used = used
            Maintenance = least
        }

    /// What an isolated position is worth with its own cash.
    let isolatedValue (house: House) (pits: Pit[]) (account: int) (instrument: int) : int64 =
        let held = house.Holding(account, instrument).Position

        house.IsolatedCash[account * pits.Length + instrument]
        + worth (markOf pits[instrument]) held

    /// Whether a position is worth less than it must keep.
    let isBelow (house: House) (pits: Pit[]) (account: int) (instrument: int) : bool =
        if isIsolated house account instrument then
            let held = house.Holding(account, instrument).Position
            let size = worth (markOf pits[instrument]) (abs held)
            isolatedValue house pits account instrument < maintenance house pits instrument size
        else
            let c = carried house pits account
            c.Value < c.Maintenance

    /// By how much a position would grow with a signed size; one of its own margin that turns around begins anew.
    let private growth (house: House) (account: int) (instrument: int) (signed: int64) : int64 =
        let held = house.Holding(account, instrument).Position
        let next = held + signed

        if held <> 0L && (held > 0L) <> (next > 0L) && isIsolated house account instrument then
            abs next
        else
            abs next - abs held

    /// What resting orders of an account and side hold back: USDC for buys, base units for sells.
    let heldBack (own: OwnOrders) (account: int) (inUsdc: bool) : int64 =
        let mutable sum = 0L

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if o.Order.Account = account then
                sum <- sum + (if inUsdc then worth o.Order.Px o.Left else o.Left)

        sum

    /// USDC that an account's bids hold back on every spot pair: one balance pays for all of them.
    let heldUsdc (house: House) (pits: Pit[]) (account: int) : int64 =
        let mutable sum = 0L

        for i in 0 .. pits.Length - 1 do
            if isSpot pits[i] then
                sum <- sum + heldBack house.Pits[i].Bids account true

        sum

    /// Margin that resting orders of an account hold back where they would widen a position.
    let reserved (house: House) (pits: Pit[]) (account: int) : int64 =
        let mutable sum = 0L

        for i in 0 .. pits.Length - 1 do
            if not (isSpot pits[i]) then
                let leverage = leverageOf house pits account i

                for own in [| house.Pits[i].Bids; house.Pits[i].Asks |] do
                    for k in 0 .. own.Count - 1 do
                        let o = &own.Item k

                        if o.Order.Account = account && not o.Order.ReduceOnly then
                            let signed = if o.Order.Side = Side.Buy then o.Left else -o.Left
                            let grows = growth house account i signed
                            sum <- sum + (if grows > 0L then worth o.Order.Px grows / leverage else 0L)

        sum

    /// Whether an account can still carry what its resting order would match.
    let carries (at: inref<At>) (order: inref<ExchangeOrder>) (sz: int64) : bool =
        if isSpot at.Pit || order.ReduceOnly || not at.House.Config.Rules.ChecksMargin then
            true
        else
            let c = carried at.House at.Pits order.Account
            let signed = if order.Side = Side.Buy then sz else -sz
            let grows = growth at.House order.Account order.Instrument signed
            let leverage = leverageOf at.House at.Pits order.Account order.Instrument
            grows <= 0L || c.Used + worth order.Px grows / leverage <= c.Value

    /// Why an account cannot carry an order; null when it can.
    let margin (at: inref<At>) (pits: Pit[]) (order: inref<ExchangeOrder>) : string | null =
        let house = at.House

        if not house.Config.Rules.ChecksMargin then
            null
        elif isSpot at.Pit then
            let isShort =
                if order.Side = Side.Buy then
                    let free = house.SpotCash[order.Account] - heldUsdc house pits order.Account
                    worth order.Px order.Sz > free
                else
                    let held = house.Holding(order.Account, order.Instrument).Position
                    order.Sz > held - heldBack at.Own.Asks order.Account false

            if isShort then "insufficientSpotBalanceRejected" else null
        elif order.ReduceOnly then
            null
        else
            let c = carried house pits order.Account
            let signed = if order.Side = Side.Buy then order.Sz else -order.Sz
            let grows = growth house order.Account order.Instrument signed
            let held = house.Holding(order.Account, order.Instrument).Position
            let size = worth order.Px (abs (held + signed))
            let leverage = leverageOf house pits order.Account order.Instrument

            let reserve =
                if house.Config.Rules.IsCentral then
                    reserved house pits order.Account
                else
                    0L

            // A size beyond all sense is worth the most that there is: the sum needs more than 64 bits.
            let bound =
                Int128.op_Implicit (c.Used + reserve)
                + Int128.op_Implicit (worth order.Px grows / leverage)

            if grows > 0L && Int128.op_GreaterThan (bound, Int128.op_Implicit c.Value) then
                "perpMarginRejected"
            elif grows > 0L && leverage > mostLeverage house pits order.Instrument size then
                "perpMaxPositionRejected"
            else
                null

    let private isFarFromOracle (at: inref<At>) (order: inref<ExchangeOrder>) =
        let band = at.House.Config.Rules.OracleBandBps
        let oracle = at.Pit.Oracle

        band > 0L
        && oracle > 0L
        && Int128.op_GreaterThan (
            Int128.op_Implicit (abs (order.Px - oracle)) * Int128.op_Implicit 10_000L,
            Int128.op_Implicit oracle * Int128.op_Implicit band
        )

    /// The order arrives later than the instant that its sender set.
    let isExpired (at: inref<At>) (order: inref<ExchangeOrder>) =
        order.Expires > 0L && at.Now > order.Expires

    /// Why an order is refused before it is looked at in the book; null when nothing is wrong with it. `isTrigger` orders are
    /// tested for their direction when they fire.
    let refusal (at: inref<At>) (order: inref<ExchangeOrder>) (isTrigger: bool) : string | null =
        let rules = at.Pit.Rules
        let checks = at.House.Config.CheckRules
        let held = position &at &order

        if isExpired &at &order then
            "expired"
        elif order.Sz <= 0L || order.Sz % at.Pit.Lot <> 0L then
            "sizeRejected"
        elif checks && not (Instrument.isValidPx rules (Px.Of order.Px)) then
            "tickRejected"
        elif at.House.Seen.Has order.Cloid.N then
            "duplicateCloid"
        elif
            checks
            && (let least = rules.MinNotional in worth order.Px order.Sz < least.Raw)
            && not order.ReduceOnly
        then
            "minTradeNtlRejected"
        elif isFarFromOracle &at &order then
            "oracleRejected"
        elif
            order.ReduceOnly
            && not isTrigger
            && (if order.Side = Side.Buy then held >= 0L else held <= 0L)
        then
            "reduceOnlyRejected"
        else
            null

    /// Counts an action against the venue's allowance; false when it is spent. Cancels may use the larger allowance:
    /// min(limit + 100,000, 2 limit).
    let allows (house: House) (account: int) (isCancel: bool) : bool =
        let start = house.Config.Rules.Allowance

        if start < 0L then
            true
        else
            let limit = start + house.Volume[account] / 100_000_000L

            let most =
                if isCancel then
                    min (limit + 100_000L) (2L * limit)
                else
                    limit

            if house.Actions[account] >= most then
                house.OverAllowance <- house.OverAllowance + 1L
                false
            else
                house.Actions[account] <- house.Actions[account] + 1L
                true
