namespace Vrlg.Core

/// A fee rate as a fraction in 1e-10 of the notional: 1 basis point is 1,000,000. Below 0 it is a rebate.
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison>]
type Rate =
    {
        Raw: int64
    }

    static member Of(raw: int64) : Rate = { Raw = raw }

/// What a fill costs by its role.
[<NoComparison>]
type FeeRates = { Maker: Rate; Taker: Rate }

/// Fees by role, and what a setup must earn to pay them.
[<RequireQualifiedAccess>]
module Fees =
    let private scale = System.Int128.op_Implicit 10_000_000_000L

    /// Ceiling of a division by a positive number.
    let private ceil (a: System.Int128) (b: System.Int128) : System.Int128 =
        let q = a / b
        let r = a - q * b

        if System.Int128.op_GreaterThan (r, System.Int128.Zero) then
            q + System.Int128.One
        else
            q

    /// The fee on a notional, in 128 bits, rounded once and against us: a fee up, a rebate toward zero.
    let charge (rate: Rate) (notional: Usd) : Usd =
        let wide =
            System.Int128.op_Implicit notional.Raw * System.Int128.op_Implicit rate.Raw

        Usd.Of(System.Int128.op_Explicit (ceil wide scale): int64)

    /// The fee on a notional as the venue's recorded fills show it: cut toward zero to whole `grain`s of 1e-8 (100 on
    /// perpetuals, 1 on spot).
    let chargeCut (rate: Rate) (notional: Usd) (grain: int64) : Usd =
        let wide =
            System.Int128.op_Implicit notional.Raw * System.Int128.op_Implicit rate.Raw
            / (scale * System.Int128.op_Implicit grain)

        Usd.Of((System.Int128.op_Explicit wide: int64) * grain)

    let private magnitude (x: int64) : System.Int128 =
        System.Int128.Abs(System.Int128.op_Implicit x)

    /// A funding payment: position times oracle times rate (1e-12 a settlement), the exact product rounded once, against us:
    /// above 0 is paid by us. Beyond 64 bits it stays at the largest value. Source: simulation.md 10.
    let funding (position: Sz) (oracle: Px) (rate: int64) : Usd =
        // The product needs 189 bits and its scale is 1e20: the value is cut at 1e8 and again at 1e12 before the rate comes in, so
        // that every part fits, and no remainder is lost.
        let cents = System.Int128.op_Implicit 100_000_000L
        let parts = System.Int128.op_Implicit 1_000_000_000_000L
        let value = magnitude position.Raw * magnitude oracle.Raw
        let times = magnitude rate
        let low = (value % cents) * times
        let middle = (value / cents % parts) * times + low / cents
        let whole = value / cents / parts * times + middle / parts

        let isRound =
            System.Int128.op_Equality (low % cents, System.Int128.Zero)
            && System.Int128.op_Equality (middle % parts, System.Int128.Zero)

        let isPaid = sign position.Raw * sign oracle.Raw * sign rate > 0

        if isPaid then
            let paid = if isRound then whole else whole + System.Int128.One
            let most = System.Int128.op_Implicit System.Int64.MaxValue
            Usd.Of(System.Int128.op_Explicit (System.Int128.Min(paid, most)): int64)
        else
            let least = System.Int128.op_Implicit System.Int64.MinValue
            Usd.Of(System.Int128.op_Explicit (System.Int128.Max(-whole, least)): int64)

    /// The hourly funding rate of an average premium an 8 hours, both in 1e-12: premium + clamp(interest - premium, -0.0005,
    /// 0.0005), with interest 0.0001, an eighth of it, at most 4 percent an hour both ways. Source: simulation.md 10.
    let hourlyRate (premium: int64) : int64 =
        let interest = 100_000_000L
        let band = 500_000_000L
        let most = 40_000_000_000L
        // A premium beyond the price itself is at the limit anyway.
        let known = max -1_000_000_000_000L (min 1_000_000_000_000L premium)
        let clamped = max -band (min band (interest - known))
        max -most (min most ((known + clamped) / 8L))

    /// The fee of one fill, from the exact product of price and size.
    let chargeFill (rate: Rate) (px: Px) (sz: Sz) : Usd = charge rate (Instrument.notional px sz)

    /// Basis points in 1e-8 to a rate: 1.5 bps is 1,500,000 of 1e-10 a basis point being 1,000,000. Finer than 1e-10 is cut
    /// against us.
    let ofBps (bps: int64) : Rate =
        Rate.Of(System.Int128.op_Explicit (ceil (System.Int128.op_Implicit bps) (System.Int128.op_Implicit 100)): int64)

    /// What entry and exit together cost, in basis points.
    let breakEvenBps (fees: FeeRates) (entryMaker: bool) (exitMaker: bool) : float =
        let rate maker =
            if maker then fees.Maker.Raw else fees.Taker.Raw

        float (rate entryMaker + rate exitMaker) / 1e6

    /// The least whole number of ticks a round trip must earn: ceil((entry + exit) * price / tick) (X02).
    let breakEvenTicks (fees: FeeRates) (entryMaker: bool) (exitMaker: bool) (i: Instrument) (px: Px) : int64 =
        let rate maker =
            if maker then fees.Maker.Raw else fees.Taker.Raw

        let cost =
            System.Int128.op_Implicit (rate entryMaker + rate exitMaker)
            * System.Int128.op_Implicit px.Raw

        let tick = System.Int128.op_Implicit (Instrument.tickAt i px) * scale
        System.Int128.op_Explicit (ceil cost tick)
