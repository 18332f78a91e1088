namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// Where the synthetic market is worth what it is worth: a walk from block to block, and the past before the first block as a
/// function of time.
[<RequireQualifiedAccess>]
module Prices =
    /// Near enough to a normal draw: twelve uniform ones less six.
    let normal (key: uint64) (i: int64) : float =
        let mutable sum = -6.0

        for k in 0L .. 11L do
            sum <- sum + Seed.unit key (12L * i + k)

        sum

    /// Share of the price that a block moves it by, one deviation.
    let private step = 1.2e-5

    /// The fair price after a block.
    let next (seed: int64) (scenario: Scenario) (market: Listed) (height: int64) (fair: float) : float =
        let key = Seed.key seed ("fair/" + market.Coin)
        let start = float market.Start
        // A weak pull back, so that a venue left alone for days stays where its numbers look sane.
        let pull =
            if scenario = Scenario.Trend then
                0.0
            else
                2e-6 * (start - fair) / start

        let drift = if scenario = Scenario.Trend then 1e-6 else 0.0
        fair * (1.0 + pull + drift + step * normal key height)

    /// Smooth noise between -1 and 1 whose knots are `span` milliseconds apart.
    let private wave (key: uint64) (span: float) (t: float) : float =
        let x = t / span
        let i = floor x
        let f = x - i
        let s = f * f * (3.0 - 2.0 * f)
        let a = Seed.unit key (int64 i) * 2.0 - 1.0
        let b = Seed.unit key (int64 i + 1L) * 2.0 - 1.0
        a + (b - a) * s

    /// The sum of waves from half a minute to half a year; larger ones swing wider.
    let private shape (seed: int64) (coin: string) (t: float) : float =
        let mutable sum = 0.0
        let mutable span = 30_000.0
        let mutable swing = 2.5e-4

        for k in 0..19 do
            sum <- sum + swing * wave (Seed.key seed ("past/" + coin + "/" + string k)) span t
            span <- span * 2.0
            swing <- swing * 1.35

        sum

    /// The price at a time before the venue began at `genesis`, on the grid; there it is the market's start.
    let past (seed: int64) (market: Listed) (genesis: int64) (time: int64) : int64 =
        let of' = Listing.markets[market.Follows]
        let now = shape seed of'.Coin (float genesis)
        let then' = shape seed of'.Coin (float time)
        let raw = int64 (float market.Start * exp (max -2.0 (min 2.0 (then' - now))))
        max (Instrument.priceUnit market.Rules) (Instrument.floorPx market.Rules raw).Raw
