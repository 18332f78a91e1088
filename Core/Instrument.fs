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

    /// The venue keeps stop orders for it, which wait outside the book: perpetuals yes, spot no.
    member i.HasTriggers = i.Kind = InstrumentKind.Perp

/// Why no order can be made of what was asked.
[<RequireQualifiedAccess>]
type OrderProblem =
    | PriceNotPositive
    | SizeRoundsToZero of asked: Sz * lot: Sz
    | BelowMinimum of notional: Usd * least: Usd

/// Ticks, lots and the one way to a valid price or size. Integer arithmetic only.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Instrument =
    let private one = 100_000_000L

    let private powers =
        [|
            1L
            10L
            100L
            1_000L
            10_000L
            100_000L
            1_000_000L
            10_000_000L
            100_000_000L
            1_000_000_000L
            10_000_000_000L
            100_000_000_000L
            1_000_000_000_000L
            10_000_000_000_000L
            100_000_000_000_000L
            1_000_000_000_000_000L
            10_000_000_000_000_000L
            100_000_000_000_000_000L
            1_000_000_000_000_000_000L
        |]

    let private power (n: int) =
        if n <= 0 then 1L
        elif n >= powers.Length then powers[powers.Length - 1]
        else powers[n]

    /// floor(log10 x) for x > 0: from the position of the highest bit, corrected by one comparison.
    let private log10 (x: int64) =
        let guess = (System.Numerics.BitOperations.Log2(uint64 x) * 1233) >>> 12

        let up =
            if guess + 1 < powers.Length && x >= powers[guess + 1] then
                guess + 1
            else
                guess

        if x < powers[up] then up - 1 else up

    /// One lot in 1e-8.
    let lot (i: Instrument) : int64 = power (8 - i.SzDecimals)

    /// The finest price step of the asset in 1e-8: 10^-(6 - szDecimals) for perpetuals, 10^-(8 - szDecimals) for spot; never
    /// above 1, since integers are always valid.
    let priceUnit (i: Instrument) : int64 =
        let decimals = (if i.Kind = InstrumentKind.Spot then 8 else 6) - i.SzDecimals
        min one (power (8 - decimals))

    /// The effective tick at a price, in 1e-8: five significant figures, no finer than the price unit, at most 1.
    /// Source: simulation.md 1; Hyperliquid, tick and lot size page.
    let tickAt (i: Instrument) (px: Px) : int64 =
        let unit = priceUnit i

        if px.Raw <= 0L then
            unit
        else
            min one (max unit (power (log10 px.Raw - 4)))

    let isValidPx (i: Instrument) (px: Px) =
        px.Raw > 0L && px.Raw % tickAt i px = 0L

    /// A positive whole number of lots.
    let isValidSz (i: Instrument) (sz: Sz) = sz.Raw > 0L && sz.Raw % lot i = 0L

    /// The largest valid price at or below `raw` (in 1e-8); 0 when there is none.
    let floorPx (i: Instrument) (raw: int64) : Px =
        if raw <= 0L then
            Px.Of 0L
        else
            Px.Of(raw - raw % tickAt i (Px.Of raw))

    /// The smallest valid price at or above `raw` (in 1e-8).
    let ceilPx (i: Instrument) (raw: int64) : Px =
        if raw <= 0L then
            Px.Of(priceUnit i)
        else
            let tick = tickAt i (Px.Of raw)
            let over = raw % tick
            if over = 0L then Px.Of raw else Px.Of(raw - over + tick)

    /// The limit of an order that may reach past `px` by so many basis points, on the grid: above it for a buy, below it for a
    /// sell, never below the least price.
    let reachPx (i: Instrument) (side: Side) (px: Px) (bps: int) : Px =
        let raw = System.Int128.op_Implicit px.Raw
        let share = raw * System.Int128.op_Implicit bps / System.Int128.op_Implicit 10_000

        if side = Side.Buy then
            // A whole unit below the most that 64 bits hold, so that rounding up stays within them.
            let most = System.Int128.op_Implicit (System.Int64.MaxValue - one)
            let far = System.Int128.Min(raw + share, most)
            ceilPx i (System.Int128.op_Explicit far: int64)
        else
            let far = floorPx i (System.Int128.op_Explicit (raw - share): int64)
            if far.IsNone then Px.Of(priceUnit i) else far

    /// By side, so that rounding never raises what a buy pays nor lowers what a sell gets (I11).
    let roundPx (i: Instrument) (side: Side) (raw: int64) : Px =
        if side = Side.Buy then floorPx i raw else ceilPx i raw

    /// Toward zero to whole lots.
    let roundSz (i: Instrument) (sz: Sz) : Sz = Sz.Of(sz.Raw - sz.Raw % lot i)

    /// `ticks` effective ticks up (above 0) or down, the tick changing where the price crosses a power of ten. Never below 0.
    let stepPx (i: Instrument) (px: Px) (ticks: int) : Px =
        let mutable raw = px.Raw

        for _ in 1 .. abs ticks do
            raw <-
                if ticks > 0 then
                    raw + tickAt i (Px.Of raw)
                else
                    max 0L (raw - tickAt i (Px.Of(raw - 1L)))

        Px.Of raw

    /// Price times size. Exact for every valid order (the decimals of a valid price and size add up to 8 at most), taken in
    /// 128 bits; beyond 92 billion it stays at the largest value, which no limit passes.
    let notional (px: Px) (sz: Sz) : Usd =
        let wide =
            System.Int128.op_Implicit px.Raw * System.Int128.op_Implicit sz.Raw
            / System.Int128.op_Implicit one

        if System.Int128.op_GreaterThan (wide, System.Int128.op_Implicit System.Int64.MaxValue) then
            Usd.Of System.Int64.MaxValue
        elif System.Int128.op_LessThan (wide, System.Int128.op_Implicit System.Int64.MinValue) then
            Usd.Of System.Int64.MinValue
        else
            Usd.Of(System.Int128.op_Explicit wide: int64)

    /// The order constructor: price rounded by side, size toward zero; an order that the venue would refuse is a reason.
    let order
        (i: Instrument)
        (side: Side)
        (raw: int64)
        (sz: Sz)
        (reduceOnly: bool)
        : Result<struct (Px * Sz), OrderProblem> =
        let px = roundPx i side raw
        let size = roundSz i sz
        let value = notional px size

        if px.Raw <= 0L then
            Error OrderProblem.PriceNotPositive
        elif size.Raw <= 0L then
            Error(OrderProblem.SizeRoundsToZero(sz, Sz.Of(lot i)))
        elif value.Raw < i.MinNotional.Raw && not reduceOnly then
            Error(OrderProblem.BelowMinimum(value, i.MinNotional))
        else
            Ok(struct (px, size))

/// The venue's words for the state of an order, all of them; a word that is not listed is data, never an exception.
/// Source: hyperliquid-protocol.md 2.3, "Order status values".
[<RequireQualifiedAccess>]
module OrderStatuses =
    let private cancels =
        [|
            "canceled"
            "marginCanceled"
            "vaultWithdrawalCanceled"
            "openInterestCapCanceled"
            "selfTradeCanceled"
            "reduceOnlyCanceled"
            "siblingFilledCanceled"
            "delistedCanceled"
            "liquidatedCanceled"
            "outcomeSettledCanceled"
            "scheduledCancel"
            "internalCancel"
            "perpMaxPositionCanceled"
        |]

    let private refusals =
        [|
            "rejected"
            "tickRejected"
            "minTradeNtlRejected"
            "perpMarginRejected"
            "reduceOnlyRejected"
            "badAloPxRejected"
            "iocCancelRejected"
            "badTriggerPxRejected"
            "marketOrderNoLiquidityRejected"
            "positionIncreaseAtOpenInterestCapRejected"
            "positionFlipAtOpenInterestCapRejected"
            "tooAggressiveAtOpenInterestCapRejected"
            "openInterestIncreaseRejected"
            "insufficientSpotBalanceRejected"
            "oracleRejected"
            "perpMaxPositionRejected"
            "tooManyOpenOrdersRejected"
            "outcomeSettledRejected"
            "hip3CrossMarginReduceOnly"
            "hip3CrossMarginDisabled"
        |]

    /// Every word of the protocol reference.
    let known: string[] =
        Array.concat [ [| "open"; "filled"; "triggered" |]; cancels; refusals ]

    /// The status of a word. A word outside the list is `Unknown`, even where its ending looks familiar: its order's fate is
    /// asked about, not guessed.
    let ofWord (word: string) : OrderStatus =
        match word with
        | "open" -> OrderStatus.Open
        | "filled" -> OrderStatus.Filled
        | "triggered" -> OrderStatus.Triggered
        | w when Array.contains w cancels -> OrderStatus.Cancelled w
        | w when Array.contains w refusals -> OrderStatus.Rejected w
        | w -> OrderStatus.Unknown w

    let toWord (status: OrderStatus) : string =
        match status with
        | OrderStatus.Open -> "open"
        | OrderStatus.Filled -> "filled"
        | OrderStatus.Triggered -> "triggered"
        | OrderStatus.Cancelled w
        | OrderStatus.Rejected w
        | OrderStatus.Unknown w -> w
