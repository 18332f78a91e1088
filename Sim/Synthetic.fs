namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// A market made of draws, whose rotation is known: the best quotes thin out and the spread widens around every whole multiple
/// of the period since the Unix epoch, or, with slots, whenever its proposers begin again.
[<NoComparison>]
type SyntheticConfig =
    {
        Instrument: Instrument
        /// First instant of the grid, a multiple of the period.
        Start: Instant
        Length: Duration
        /// A whole number of 100 ms.
        Period: Duration
        /// How far on each side of a boundary the effect reaches.
        Band: Duration
        /// Share of the top-of-book size that is gone near a boundary, 0 to 1: the effect's size.
        Thinner: float
        /// Usual spread in ticks, and how often it is one more.
        Spread: int
        Looser: float
        /// Ticks by which the spread is wider near a boundary, and how probable that is at each.
        Wider: int
        WiderChance: float
        /// The tick, in 1e-8, and the price around which the market moves, in ticks.
        Tick: int64
        Anchor: float
        /// Deviation of the mid's steps of 50 ms, in ticks.
        Noise: float
        /// Share of its distance from the anchor by which the mid returns in 50 ms.
        Reversion: float
        /// Mean distance of jumps of the anchor.
        JumpEvery: Duration
        /// Size of a jump in ticks.
        JumpTicks: int
        /// Trades a second, and near a boundary; 20 at most.
        TradeRate: float
        Rush: float
        /// Proposers whose blocks the tape tells, 70 +- 20 ms apart: the rotation is one of these slots, and drifts in seconds. 0:
        /// no blocks, and a rotation of `Period`.
        Slots: int
        Seed: int64
    }

/// Makes synthetic tapes. The same configuration gives the same tape.
[<RequireQualifiedAccess>]
module Synthetic =
    let private step = 50_000_000L
    let private levels = 20

    /// A BTC-like perpetual of 20 minutes that turns every two seconds.
    let usual (instrument: Instrument) (seed: int64) : SyntheticConfig =
        {
            Instrument = instrument
            Start = Instant.Of 1_756_684_800_000_000_000L
            Length = Duration.OfMs 1_200_000L
            Period = Duration.OfMs 2_000L
            Band = Duration.OfMs 250L
            Thinner = 0.65
            Spread = 1
            Looser = 0.15
            Wider = 3
            WiderChance = 1.0
            Tick = 100_000_000L
            Anchor = 100_000.0
            Noise = 0.35
            Reversion = 0.05
            JumpEvery = Duration.OfMs 30_000L
            JumpTicks = 6
            TradeRate = 8.0
            Rush = 8.0
            Slots = 0
            Seed = seed
        }

    /// The market of the demo; with slots its proposers turn, and the effect is as narrow as a slot or two.
    let demo (instrument: Instrument) (seed: int64) (slots: int) : SyntheticConfig =
        let c = usual instrument seed

        if slots = 0 then
            c
        else
            { c with
                Slots = slots
                Band = Duration.OfMs 125L
            }

    /// How often a market turns, in words.
    let turn (c: SyntheticConfig) : string =
        if c.Slots > 0 then
            $"{c.Slots} blocks (70 +- 20 ms each)"
        else
            let period = c.Period
            $"{period.Seconds} s"

    /// Distance of an instant from the nearest boundary.
    let distance (c: SyntheticConfig) (at: int64) : int64 =
        let offset = at % c.Period.Ns
        min offset (c.Period.Ns - offset)

    /// Whether the boundary nearest to an instant widens the spread.
    let private widens (c: SyntheticConfig) (key: uint64) (at: int64) : bool =
        c.WiderChance >= 1.0
        || Seed.unit key ((at + c.Period.Ns / 2L) / c.Period.Ns) < c.WiderChance

    /// The keys of the streams that the market draws from.
    [<Struct; NoComparison; NoEquality>]
    type private Keys =
        {
            Mid: uint64
            Jump: uint64
            Spread: uint64
            Size: uint64
            Trade: uint64
            Wide: uint64
        }

    let private keys (seed: int64) : Keys =
        {
            Mid = Seed.key seed "synthetic.mid"
            Jump = Seed.key seed "synthetic.jump"
            Spread = Seed.key seed "synthetic.spread"
            Size = Seed.key seed "synthetic.size"
            Trade = Seed.key seed "synthetic.trade"
            Wide = Seed.key seed "synthetic.wide"
        }

    /// Near enough to a normal draw for a market of our own: twelve uniform ones less six.
    let private normal (key: uint64) (i: int64) =
        let mutable sum = -6.0

        for k in 0L .. 11L do
            sum <- sum + Seed.unit key (12L * i + k)

        sum

    /// A size between `least` and `most` lots, in 1e-8.
    let private size (c: SyntheticConfig) (key: uint64) (i: int64) (least: float) (most: float) : Sz =
        let lot = Instrument.lot c.Instrument
        let units = least + (most - least) * Seed.unit key i
        Sz.Of(lot * max 1L (int64 (units * 1e8) / lot))

    let private side
        (c: SyntheticConfig)
        (k: Keys)
        (i: int64)
        (best: int64)
        (down: int64)
        (factor: float)
        (salt: int64)
        =
        let rows = ImmutableArray.CreateBuilder<PxSz> levels

        for n in 0 .. levels - 1 do
            let most = if n = 0 then 6.0 * factor else 8.0

            rows.Add
                {
                    Px = Px.Of(best + down * int64 n)
                    Sz = size c k.Size (i * 64L + salt + int64 n) (most / 2.0) most
                }

        rows.MoveToImmutable()

    /// Blocks from an instant on, in nanoseconds: their times, themselves, and the instants at which the rotation begins again.
    let private proposed (c: SyntheticConfig) (start: int64) : struct (struct (int64 * Event)[] * int64[]) =
        if c.Slots <= 0 then
            struct (Array.empty, Array.empty)
        else
            let length = c.Length

            let struct (blocks, starts) =
                Turning.feed c.Seed c.Slots 0.07 0.02 infinity (start / 1_000_000L) length.Seconds

            let told (b: ProposedBlock) =
                let at = Instant.OfMs b.Ms
                struct (at.Ns, Event.BlockSealed(c.Instrument.Venue, b.Height, b.Proposer, at))

            struct (blocks |> Array.map told, starts |> Array.map (fun s -> start + int64 (s * 1e9)))

    /// The tape: trades, a best quote every 50 ms, a whole book of 20 levels a side every 500 ms.
    let make (c: SyntheticConfig) : MemoryTape =
        let k = keys c.Seed
        let at = ImmutableArray.CreateBuilder<int64>()
        let events = ImmutableArray.CreateBuilder<Event>()
        // The first record comes just before the grid begins, so that the first grid instant has features.
        let start = c.Start.Ns - 40_000_000L
        let count = c.Length.Ns / step
        let tick = c.Tick
        let mutable anchor = c.Anchor
        let mutable x = anchor
        let mutable bid = 0L
        let mutable ask = 0L
        let id = c.Instrument.Id
        let struct (blocks, starts) = proposed c start
        let mutable told = 0
        let mutable turn = 0

        let nearness (t: int64) =
            if c.Slots <= 0 then
                distance c t
            else
                while turn + 1 < starts.Length && abs (starts[turn + 1] - t) <= abs (starts[turn] - t) do
                    turn <- turn + 1

                if starts.Length = 0 then
                    Int64.MaxValue
                else
                    abs (starts[turn] - t)

        let add t (event: Event) =
            at.Add t
            events.Add event

        for i in 0L .. count - 1L do
            let t = start + i * step
            let now = Instant.Of t

            while told < blocks.Length && (let struct (at, _) = blocks[told] in at < t) do
                let struct (at, block) = blocks[told]
                told <- told + 1

                if at >= start then
                    add at block

            if Seed.unit k.Jump i < float step / float c.JumpEvery.Ns then
                let way =
                    if Seed.unit k.Jump (1_000_000_000L + i) < 0.5 then
                        -1.0
                    else
                        1.0

                anchor <- anchor + way * float c.JumpTicks

            x <- x + c.Reversion * (anchor - x) + c.Noise * normal k.Mid i

            let isNear = nearness t <= c.Band.Ns
            let rate = if isNear then c.Rush else c.TradeRate

            if i > 0L && Seed.unit k.Trade (2L * i) < rate * float step / 1e9 then
                let aggressor =
                    if Seed.unit k.Trade (2L * i + 1L) < 0.5 then
                        Side.Buy
                    else
                        Side.Sell

                let px = if aggressor = Side.Buy then ask else bid
                let sz = size c k.Trade (4_000_000_000L + i) 0.01 0.6
                add t (Event.Traded(id, aggressor, Px.Of px, sz, i, now))

            let factor = if isNear then 1.0 - c.Thinner else 1.0

            let usual =
                if Seed.unit k.Spread i < 1.0 - c.Looser then
                    c.Spread
                else
                    c.Spread + 1

            let spread =
                if isNear && widens c k.Wide t then
                    usual + c.Wider
                else
                    usual

            bid <- int64 (floor (x - float spread / 2.0)) * tick
            ask <- bid + int64 spread * tick
            let bids = side c k i bid -tick factor 0L
            let asks = side c k i ask tick factor 32L

            if i % 10L = 0L then
                add t (Event.BookMoved(id, Depth(levels, bids, asks), now))

            add t (Event.BboMoved(id, ValueSome bids[0], ValueSome asks[0], now))

        MemoryTape(at.ToArray(), Array.empty, events.ToArray())
