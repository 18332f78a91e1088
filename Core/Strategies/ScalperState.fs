namespace Vrlg.Core

open System
open System.Collections.Immutable

/// What the rotation scalper is made with. Ratios are in 1e-8.
[<NoComparison>]
type ScalperConfig =
    {
        Instrument: InstrumentId
        Detector: DetectorConfig
        Gates: GateConfig
        /// A quote is pulled this long after it was spoken (D0-062).
        Ttl: Duration
        /// The ideal exit: this long after the first fill (D0-064).
        ExitAfter: Duration
        /// Closes regardless, this long after the first fill (D0-067).
        TimeStop: Duration
        /// The protective stop's distance from the mid (D0-066).
        StopTicks: int
        /// How far past the touch an ideal exit may reach.
        SlippageTicks: int
        /// No entry of a direction for this many periods after a fill of it (D0-068).
        CooldownFactor: int64
        Equity: Usd
        /// Size of one entry as a share of the equity: 0.2 % is 200,000 (D0-063).
        SizeShare: int64
        MaxExposure: Sz
        /// Quote only the side that the imbalance favours (D0-060).
        OneSided: bool
        /// Where no price lies inside the spread: join the best quotes, or stay out (X09).
        JoinWhenTight: bool
        /// How far past the touch a time-stop may reach, in basis points.
        ToleranceBps: int
        StopOuts: StopOutConfig
    }

/// Why a grid instant brought no entry, beside the gates.
type internal Skip =
    | NoFeatures = 6
    | Holding = 7
    | Busy = 8
    | NotReady = 9
    | Cooldown = 10
    | Size = 11
    | NoInsidePrice = 12
    | Paused = 13
    | Budget = 14

/// Names of the reasons for not entering: the gates in their order, then the rest.
[<RequireQualifiedAccess>]
module SkipReasons =
    let all =
        Gates.names.AddRange
            [|
                "no_features"
                "holding"
                "busy"
                "not_ready"
                "cooldown"
                "size"
                "no_inside_price"
                "paused"
                "budget"
            |]


/// What the scalper remembers. One object, replaced when something changed.
[<NoComparison; NoEquality>]
type ScalperState =
    internal
        {
            Sensor: Sensor
            /// What the gates compare with, for the gauges.
            Gates: GateConfig
            /// Entries, then instants without one by reason: the gates in their order, then `Skip`.
            Counts: int64[]
            /// How often each gate was shut, whatever else was.
            Shut: int64[]
            Entries: int64
            CoolBuy: int64
            CoolSell: int64
            SeenBuy: Cloid
            SeenBuyFilled: int64
            SeenSell: Cloid
            SeenSellFilled: int64
            /// Side and price of the guard that stands; price 0 when none does.
            GuardSide: Side
            GuardPx: int64
            /// Something was held at the last event, and the net result when it last was not.
            WasHeld: bool
            FlatNet: int64
            /// When it began to be held: dust of less than a lot has no age.
            HeldSince: int64
            /// What the latest order that left was.
            LeftBy: LeftBy
            StopOuts: StopOuts
        }

    interface IGauged with
        member s.Gauges =
            let all = ImmutableArray.CreateBuilder<struct (string * float)>()
            let now = s.Sensor.Detector.Now
            all.Add(struct ("period_s", now.Period))
            all.Add(struct ("phase", now.Phase))
            all.Add(struct ("p_value", now.PValue))

            if not (Double.IsNaN now.Evidence) then
                all.Add(struct ("evidence", now.Evidence))

            // The clock of the period and the phase: 1 counts slots by the proposers of blocks, 0 is the wall's.
            all.Add(struct ("clock", (if now.Slots > 0 then 1.0 else 0.0)))
            all.Add(struct ("slots", float now.Slots))
            all.Add(struct ("active", (if now.IsActive then 1.0 else 0.0)))
            all.Add(struct ("samples", float s.Sensor.Detector.Samples))
            all.Add(struct ("entries", float s.Entries))

            match s.Sensor.Moment with
            | ValueSome m ->
                all.Add(struct ("dob", m.Dob))
                all.Add(struct ("median_dob", m.MedianDob))
                all.Add(struct ("spread_ticks", float m.SpreadTicks))
                all.Add(struct ("obi", m.Obi))
                let mask = Gates.mask s.Gates m

                for g in 0 .. Gates.names.Length - 1 do
                    all.Add(struct ("open." + Gates.names[g], (if mask &&& (1 <<< g) = 0 then 1.0 else 0.0)))

            | ValueNone -> ()

            for i in 0 .. s.Counts.Length - 1 do
                all.Add(struct ("skipped." + SkipReasons.all[i], float s.Counts[i]))

            for g in 0 .. s.Shut.Length - 1 do
                all.Add(struct ("shut." + Gates.names[g], float s.Shut[g]))

            all.ToImmutable()

/// How large and at which prices an entry is, and where the stop of what it brought stands.
[<RequireQualifiedAccess>]
module internal Sizing =
    /// Lots of one entry: the share of the equity at the mid, capped by the exposure; 0 where that is less than the venue
    /// takes.
    let sizeOf (c: ScalperConfig) (rules: Instrument) (mid: Px) : Sz =
        if mid.Raw <= 0L then
            Sz.Of 0L
        else
            let one = Int128.op_Implicit 100_000_000L
            let money = Int128.op_Implicit c.Equity.Raw * Int128.op_Implicit c.SizeShare / one
            let wide = money * one / Int128.op_Implicit mid.Raw
            let cap = c.MaxExposure

            let raw =
                if Int128.op_GreaterThan (wide, Int128.op_Implicit cap.Raw) then
                    cap.Raw
                else
                    (Int128.op_Explicit wide: int64)

            let sz = Instrument.roundSz rules (Sz.Of raw)
            let value = Instrument.notional mid sz
            if value.Raw < rules.MinNotional.Raw then Sz.Of 0L else sz

    /// Bid and ask half a tick from the mid, on the grid, never locking the other side; none where nothing lies inside the
    /// spread and joining is off (X09).
    let prices (c: ScalperConfig) (rules: Instrument) (touch: Touch) : struct (Px * Px) voption =
        let tick = Instrument.tickAt rules touch.BidPx
        let bid = Instrument.floorPx rules ((touch.MidTwice - tick) / 2L)
        let ask = Instrument.ceilPx rules ((touch.MidTwice + tick + 1L) / 2L)
        let spread = touch.AskPx.Raw - touch.BidPx.Raw

        if
            spread >= 2L * tick
            && bid.Raw > 0L
            && bid.Raw < touch.AskPx.Raw
            && ask.Raw > touch.BidPx.Raw
        then
            ValueSome(struct (bid, ask))
        elif c.JoinWhenTight then
            ValueSome(struct (touch.BidPx, touch.AskPx))
        else
            ValueNone

    /// The stop's ticks from the mid (D0-066). Where the spread is so wide that the touch is there already, as many ticks past the
    /// touch (docs/decisions/0007). `side` is the one that leaves.
    let stop (c: ScalperConfig) (rules: Instrument) (touch: Touch) (side: Side) : Px =
        let away = 2L * int64 c.StopTicks * Instrument.tickAt rules touch.BidPx

        if side = Side.Sell then
            let px = Instrument.ceilPx rules ((touch.MidTwice - away) / 2L)
            let past = Instrument.stepPx rules touch.BidPx -c.StopTicks

            if px.Raw < touch.BidPx.Raw then
                px
            else
                Px.Of(max past.Raw (Instrument.priceUnit rules))
        else
            let px = Instrument.floorPx rules ((touch.MidTwice + away) / 2L)

            if px.Raw > touch.AskPx.Raw then
                px
            else
                Instrument.stepPx rules touch.AskPx c.StopTicks
