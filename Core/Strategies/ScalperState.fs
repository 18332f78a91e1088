namespace Vrlg.Core

open System
open System.Collections.Immutable

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
    | Halved = 15

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
                "halved"
            |]

    /// What follows the count of a reason that its name does not say; empty where it does.
    let words (name: string) : string =
        match name with
        | "size" -> ": the equity buys less than the least order"
        | "halved" -> ": book impact halved the size below the least order"
        | "paused" -> ": after stop-outs in a row, where nothing else kept it out before"
        | "busy" -> ": an order of ours was still working"
        | "cooldown" -> ": waiting after a fill of that side"
        | "budget" -> ": the allowance of actions was spent"
        | _ -> ""

    /// Their counters, and whether each gate is open, as the gauges call them.
    let gauges = all |> Seq.map (fun name -> "skipped." + name) |> Seq.toArray

    let opens = Gates.names |> Seq.map (fun name -> "open." + name) |> Seq.toArray

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
            /// How often each gate was shut, and by how much.
            Misses: GateMisses
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
            /// Book impact and slippage.
            Watch: RiskWatch
            /// Why the last instant that could have brought an entry found no size (`Skip`), and it was said; 0 where it found one.
            Unsized: int
        }

    interface IRestrained with
        member s.ForbidsMarketEntries = s.Watch.Slippage.IsOver

    interface IGauged with
        member s.Gauges =
            let all = ImmutableArray.CreateBuilder<struct (string * float)>()
            let now = s.Sensor.Detector.Now
            all.Add(struct ("period_s", now.Period))
            all.Add(struct ("phase", now.Phase))
            all.Add(struct ("p_value", now.PValue))

            if not (Double.IsNaN now.Evidence) then
                all.Add(struct ("evidence", now.Evidence))
                all.Add(struct ("evidence_needed", Gates.evidenceNeeded s.Gates))

            // The clock of the period and the phase: 1 counts slots by the proposers of blocks, 0 is the wall's.
            all.Add(struct ("clock", (if now.Slots > 0 then 1.0 else 0.0)))
            all.Add(struct ("slots", float now.Slots))
            all.Add(struct ("active", (if now.IsActive then 1.0 else 0.0)))
            all.Add(struct ("samples", float s.Sensor.Detector.Samples))
            all.Add(struct ("entries", float s.Entries))
            let impact, slippage = s.Watch.Impact, s.Watch.Slippage
            all.Add(struct ("impact.sum", float impact.Sum / 1e8))
            all.Add(struct ("impact.is_halved", (if impact.IsHalved then 1.0 else 0.0)))
            all.Add(struct ("impact.halvings", float impact.Halvings))
            // When the latest pause of entries ends, in seconds since 1970; 0 before the first.
            all.Add(struct ("paused_until", float s.StopOuts.Until / 1e9))
            all.Add(struct ("slippage.average_ticks", slippage.Average))
            all.Add(struct ("slippage.is_over", (if slippage.IsOver then 1.0 else 0.0)))

            match s.Sensor.Moment with
            | ValueSome m ->
                all.Add(struct ("dob", m.Dob))
                all.Add(struct ("median_dob", m.MedianDob))
                all.Add(struct ("spread_ticks", float m.SpreadTicks))
                all.Add(struct ("obi", m.Obi))
                let mask = Gates.mask s.Gates m

                for g in 0 .. Gates.names.Length - 1 do
                    all.Add(struct (SkipReasons.opens[g], (if mask &&& (1 <<< g) = 0 then 1.0 else 0.0)))

            | ValueNone -> ()

            for i in 0 .. s.Counts.Length - 1 do
                all.Add(struct (SkipReasons.gauges[i], float s.Counts[i]))

            s.Misses.AddTo all
            all.ToImmutable()

/// At which prices an entry is, and where the stop of what it brought stands.
[<RequireQualifiedAccess>]
module internal Pricing =
    /// What of an entry shows at once, in whole lots: min(max(share of it, the least display), all of it) (D0-061), and no more
    /// than one clip (D0-063); 0 shows all. Of clips that the venue would not take there are fewer.
    let displayOf (c: ScalperConfig) (rules: Instrument) (mid: Px) (total: Sz) : Sz =
        let share: int64 =
            Int128.op_Explicit (
                Int128.op_Implicit total.Raw * Int128.op_Implicit c.DisplayShare
                / Int128.op_Implicit 100_000_000L
            )

        let lot = Instrument.lot rules
        let least = Icebergs.least rules mid
        let clips = min (int64 c.Clips) (total.Raw / least.Raw)

        // Rounded up, or the last clip would be one more.
        let clip =
            if clips < 2L then
                total.Raw
            else
                (total.Raw / lot + clips - 1L) / clips * lot

        let shown = Icebergs.shown rules (Sz.Of(min clip (max share c.MinDisplay.Raw)))

        if shown.Raw >= total.Raw then Sz.Of 0L
        elif shown.IsZero then Sz.Of lot
        else shown

    /// Bid and ask half a tick from the mid, on the grid, never locking the other side; none where nothing lies inside the
    /// spread and joining is off (X09). `deeper` ticks further from the mid by the slippage rule (D0-071).
    let prices (c: ScalperConfig) (rules: Instrument) (touch: Touch) (deeper: int) : struct (Px * Px) voption =
        let away (bid: Px) (ask: Px) =
            let low = Instrument.stepPx rules bid -deeper

            if low.Raw > 0L then
                ValueSome(struct (low, Instrument.stepPx rules ask deeper))
            else
                ValueNone

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
            away bid ask
        elif c.JoinWhenTight then
            away touch.BidPx touch.AskPx
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
