namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// Where the synthetic market is worth what it is worth: a walk from block to block.
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

    /// By how much a block of the trend scenario moves prices: up for so many blocks, then down for as many.
    let drift = 1e-6
    let leg = 500_000L

    /// How far the fair price goes from where it began, at most: to this multiple of it, or to one such part.
    let widest = 4.0

    /// Where a block's fair price is pulled to, as the logarithm of its multiple of the start.
    let private line (scenario: Scenario) (height: int64) : float =
        if scenario = Scenario.Trend then
            let n = max 0L (height - Chain.genesis) % (2L * leg)
            drift * float (min n (2L * leg - n))
        else
            0.0

    let private within (start: float) (px: float) =
        max (start / widest) (min (start * widest) px)

    /// The fair price after a block.
    let next (seed: int64) (scenario: Scenario) (market: Listed) (height: int64) (fair: float) : float =
        let key = Seed.key seed ("fair/" + market.Coin)
        let start = float market.Start
        let now = line scenario height
        // A weak pull back, so that a venue left alone for days stays where its numbers look sane.
        let pull = 2e-6 * (start * exp now - fair) / start
        let drift = now - line scenario (height - 1L)
        within start (fair * (1.0 + pull + drift + step * normal key height))

    /// Smooth noise between -1 and 1 whose knots are `span` milliseconds apart.
    let internal wave (key: uint64) (span: float) (t: float) : float =
        let x = t / span
        let i = floor x
        let f = x - i
        let s = f * f * (3.0 - 2.0 * f)
        let a = Seed.unit key (int64 i) * 2.0 - 1.0
        let b = Seed.unit key (int64 i + 1L) * 2.0 - 1.0
        a + (b - a) * s

/// A market's prices before the venue began at `genesis`, as a function of time; there it is the market's start.
[<Sealed>]
type Past(seed: int64, market: Listed, genesis: int64) =
    let coin = Listing.markets[market.Follows].Coin

    // A key a wave, named once: a page of bars asks for half a million waves.
    let keys = Array.init 20 (fun k -> Seed.key seed ("past/" + coin + "/" + string k))

    /// The sum of waves from half a minute to half a year; larger ones swing wider.
    let shape (t: float) : float =
        let mutable sum = 0.0
        let mutable span = 30_000.0
        let mutable swing = 2.5e-4

        for key in keys do
            sum <- sum + swing * Prices.wave key span t
            span <- span * 2.0
            swing <- swing * 1.35

        sum

    let now = shape (float genesis)

    /// The price at a time before the venue began, on the grid.
    member _.At(time: int64) : int64 =
        let then' = shape (float time)
        let raw = int64 (float market.Start * exp (max -2.0 (min 2.0 (then' - now))))
        max (Instrument.priceUnit market.Rules) (Instrument.floorPx market.Rules raw).Raw
