namespace Vrlg.Sim

open System

/// Market impact that is booked, not played (simulation.md 11): options, off by default.
[<RequireQualifiedAccess>]
module Impact =
    /// The square-root law: the cost of a taker fill in the quote currency, on top of its price. `k` about 0.7; `sigmaDay` the
    /// day's volatility as a fraction; `quantity` and `volumeDay` in base units. 0 where the day's volume is unknown.
    let squareRoot (k: float) (sigmaDay: float) (quantity: float) (volumeDay: float) (px: float) : float =
        if volumeDay <= 0.0 || quantity <= 0.0 then
            0.0
        else
            k * sigmaDay * sqrt (quantity / volumeDay) * px * quantity

    /// The shift of the mid by which positions are marked after own takers: theta ticks a lot, decaying with a half-life of
    /// 5 s. Quotes of others are not moved.
    [<Sealed>]
    type Shift(theta: float) =
        let halfLife = 5e9
        let mutable ticks = 0.0
        let mutable since = 0L

        /// The shift in ticks at an instant (nanoseconds), above 0 after buying.
        member _.At(now: int64) : float =
            if ticks = 0.0 then
                0.0
            else
                ticks * Math.Pow(0.5, float (now - since) / halfLife)

        /// An own taker of `lots` (below 0 sells) was filled.
        member s.Took(now: int64, lots: float) =
            ticks <- s.At now + theta * lots
            since <- now
