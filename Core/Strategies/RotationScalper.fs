namespace Vrlg.Core

open System
open System.Collections.Immutable

/// The document's strategy (D0-049..068), literal first: on the 100 ms grid, when the detector is active and all four gates are
/// open, one post-only order a side half a tick from the mid; after a fill out again by a cross. Exits by precedence: stop,
/// time-stop, collapsed spread, ideal exit, and the quote's own TTL (X12).
[<AbstractClass; Sealed>]
type RotationScalper private () =

    /// The slot name under which the protective stop watches.
    static member GuardSlot = ScalperExits.guardName

    /// Names of the reasons for not entering at a grid instant: the first shut gate, or what else stood in the way.
    static member Reasons: ImmutableArray<string> = SkipReasons.all

    static member private Other(side: Side) =
        if side = Side.Buy then Side.Sell else Side.Buy

    static member private Count(counts: int64[], i: int) : int64[] =
        let next = Array.copy counts
        next[i] <- next[i] + 1L
        next

    static member private Skipped(s: ScalperState, i: int) : ScalperState =
        { s with
            Counts = RotationScalper.Count(s.Counts, i)
        }

    static member private Entry
        (c: ScalperConfig, s: ScalperState, view: View, m: Moment, sz: Sz, display: Sz, bid: Px, ask: Px)
        =
        let now = view.Now

        let terms: QuoteTerms =
            {
                Expires = now + c.Ttl
                Display = display
            }

        let intents = ImmutableArray.CreateBuilder<Intent>()

        let isWanted side cool =
            now.Ns >= cool
            && (not c.OneSided || (if side = Side.Buy then m.Obi >= 0.0 else m.Obi <= 0.0))

        if isWanted Side.Buy s.CoolBuy then
            intents.Add(Quote(ScalperExits.slot c Side.Buy ScalperExits.quoteName, bid, sz, terms))

        if isWanted Side.Sell s.CoolSell then
            intents.Add(Quote(ScalperExits.slot c Side.Sell ScalperExits.quoteName, ask, sz, terms))

        if intents.Count = 0 then
            struct (RotationScalper.Skipped(s, int Skip.Cooldown), ImmutableArray.Empty)
        else
            let numbers: ImmutableArray<struct (string * float)> =
                ImmutableArray.CreateRange
                    [|
                        struct ("period_s", m.Rotation.Period)
                        struct ("phase", m.Rotation.Phase)
                        struct ("p_value", m.Rotation.PValue)
                        struct ("dob", m.Dob)
                        struct ("median_dob", m.MedianDob)
                        struct ("spread_ticks", float m.SpreadTicks)
                        struct ("obi", m.Obi)
                    |]

            intents.Add(Say { Code = "entry"; Numbers = numbers })

            struct ({ s with
                        Entries = s.Entries + 1L
                        Watch = RiskWatch.entered (view.Touch c.Instrument) s.Watch
                        Unsized = 0
                    },
                    intents.ToImmutable())

    /// No size, or none but for the halving: counted each time, said with its numbers when it begins.
    static member private Unsized(s: ScalperState, reason: Skip, size: EntrySize) =
        let next = RotationScalper.Skipped({ s with Unsized = int reason }, int reason)

        if s.Unsized = int reason then
            struct (next, ImmutableArray.Empty)
        else
            let numbers: (string * float) list =
                match size with
                | EntrySize.TooSmall(share, buys, least, leastValue, needed) ->
                    [
                        "share_usd", float share.Raw / 1e8
                        "size", float buys.Raw / 1e8
                        "least", float least.Raw / 1e8
                        "least_usd", float leastValue.Raw / 1e8
                        "least_equity_usd", float needed.Raw / 1e8
                    ]
                | EntrySize.CapTooSmall(cap, least) ->
                    [ "max_exposure", float cap.Raw / 1e8; "least", float least.Raw / 1e8 ]
                | _ -> []

            let remark =
                {
                    Code =
                        if reason = Skip.Halved then
                            "size.halved"
                        else
                            "size.too_small"
                    Numbers = ImmutableArray.CreateRange [ for name, v in numbers -> struct (name, v) ]
                }

            struct (next, ImmutableArray.Create<Intent>(Say remark))

    static member private IsBusy(c: ScalperConfig, view: View) =
        let mutable busy = false

        for name in ScalperExits.quoteName .. ScalperExits.guardName do
            let bid = view.Slot(ScalperExits.slot c Side.Buy name)
            let ask = view.Slot(ScalperExits.slot c Side.Sell name)
            busy <- busy || not bid.IsEmpty || not ask.IsEmpty

        busy

    /// One grid instant: judge, and enter when nothing stands against it. Every instant is counted once.
    static member private Judge(c: ScalperConfig, s: ScalperState, view: View) =
        let held = ScalperExits.held c view

        let skip (reason: Skip) =
            struct (RotationScalper.Skipped(s, int reason), ImmutableArray<Intent>.Empty)

        match s.Sensor.Moment with
        | ValueNone -> skip Skip.NoFeatures
        | ValueSome m ->
            let mask = Gates.mask c.Gates m

            if mask <> 0 then
                let first = Numerics.BitOperations.TrailingZeroCount mask
                let misses = s.Misses.With(mask, first, Gates.shortfall c.Gates m first)
                struct (RotationScalper.Skipped({ s with Misses = misses }, first), ImmutableArray<Intent>.Empty)
            elif held.Raw <> 0L then
                skip Skip.Holding
            elif s.StopOuts.IsPaused view.Now then
                skip Skip.Paused
            elif view.BudgetLeft < 2L then
                // An entry that rests costs its cancel too.
                skip Skip.Budget
            elif RotationScalper.IsBusy(c, view) then
                skip Skip.Busy
            elif not view.IsReady then
                skip Skip.NotReady
            else
                match view.Rules c.Instrument with
                | ValueNone -> skip Skip.NotReady
                | ValueSome rules ->
                    let touch = view.Touch c.Instrument
                    let deeper = if s.Watch.Slippage.IsOver then c.DeeperTicks else 0

                    match Pricing.prices c rules touch deeper with
                    | ValueNone -> skip Skip.NoInsidePrice
                    | ValueSome(struct (bid, ask)) ->
                        let mid = Px.Of(touch.MidTwice / 2L)

                        let sized isHalved =
                            Sizing.entry (ScalperConfig.sizeRule c isHalved) rules mid bid

                        match sized s.Watch.Impact.IsHalved with
                        | EntrySize.Of sz ->
                            let display = Pricing.displayOf c rules mid sz
                            RotationScalper.Entry(c, s, view, m, sz, display, bid, ask)
                        | none ->
                            match sized false with
                            | EntrySize.Of _ -> RotationScalper.Unsized(s, Skip.Halved, none)
                            | whole -> RotationScalper.Unsized(s, Skip.Size, whole)

    /// The position has no stop, or a stop has no position: by a fill, or a position taken from the venue.
    static member private IsUnguarded(c: ScalperConfig, s: ScalperState, view: View) =
        let held = ScalperExits.held c view

        if held.Raw = 0L then
            s.GuardPx <> 0L
        else
            s.GuardPx = 0L || s.GuardSide <> (if held.Raw > 0L then Side.Sell else Side.Buy)

    /// The protective stop of the open position, renewed when its side changes and let go when flat.
    static member private Protect
        (c: ScalperConfig, s: ScalperState, view: View)
        : struct (ScalperState * Intent voption) =
        let held = ScalperExits.held c view
        let side = if held.Raw > 0L then Side.Sell else Side.Buy
        let touch = view.Touch c.Instrument

        match view.Rules c.Instrument with
        | ValueSome _ when held.Raw = 0L && s.GuardPx <> 0L ->
            let none = Guard(ScalperExits.slot c s.GuardSide ScalperExits.guardName, Px.Of 0L)
            struct ({ s with GuardPx = 0L }, ValueSome none)
        | ValueSome rules when held.Raw <> 0L && touch.IsWhole && (s.GuardPx = 0L || s.GuardSide <> side) ->
            let stop = Pricing.stop c rules touch side
            let guard = Guard(ScalperExits.slot c side ScalperExits.guardName, stop)

            struct ({ s with
                        GuardSide = side
                        GuardPx = stop.Raw
                    },
                    ValueSome guard)
        | _ -> struct (s, ValueNone)

    /// A slot of ours changed: a new fill of a quote starts its direction's cooldown. What is left of a quote that shows whole is
    /// pulled; an iceberg goes on until it is filled, its time is over or an exit is due (docs/decisions/0009).
    static member private Moved(c: ScalperConfig, s: ScalperState, view: View, slot: Slot) =
        let there = view.Slot slot
        let seen = if slot.Side = Side.Buy then s.SeenBuy else s.SeenSell

        let seenFilled =
            if slot.Side = Side.Buy then
                s.SeenBuyFilled
            else
                s.SeenSellFilled

        let filled = if there.Cloid = seen then seenFilled else 0L

        let cooled =
            if slot.Name = ScalperExits.quoteName && there.Filled.Raw > filled then
                let now = s.Sensor.Detector.Now
                let period = int64 (Math.Round(now.Period * 1e9))
                let pause = period / 100L * (c.CooldownFactor / 1_000_000L)
                let until = there.Since.Ns + pause

                if slot.Side = Side.Buy then
                    { s with
                        CoolBuy = until
                        SeenBuy = there.Cloid
                        SeenBuyFilled = there.Filled.Raw
                    }
                else
                    { s with
                        CoolSell = until
                        SeenSell = there.Cloid
                        SeenSellFilled = there.Filled.Raw
                    }
            else
                s

        let isNewFill = not (obj.ReferenceEquals(cooled, s))

        if isNewFill && not there.IsEmpty && there.Total = there.Sz then
            struct (cooled, ImmutableArray.Create<Intent>(Pull slot))
        else
            struct (cooled, ImmutableArray<Intent>.Empty)

    static member private React(c: ScalperConfig, s: ScalperState, view: View, event: inref<Event>) =
        match event.Kind with
        | EventKind.Ticked ->
            let measured =
                { s with
                    Sensor = s.Sensor.Next(view.Feature c.Instrument, view.Blocks c.Instrument)
                }

            let struct (next, intents) = RotationScalper.Judge(c, measured, view)

            if intents.IsEmpty then
                struct (next, ScalperExits.leave c next view)
            else
                struct (next, intents)
        | EventKind.SlotMoved ->
            let slot = event.Slot
            let struct (next, intents) = RotationScalper.Moved(c, s, view, slot)
            struct (next, intents.AddRange(ScalperExits.leave c next view))
        | _ ->
            let held = ScalperExits.held c view

            if held.Raw = 0L then
                struct (s, ImmutableArray.Empty)
            else
                struct (s, ScalperExits.leave c s view)

    /// An operator's word may have let the stop go: what stands is said again, at the price where it stood.
    static member private Restated(c: ScalperConfig, s: ScalperState, event: inref<Event>) : Intent voption =
        if event.Kind = EventKind.Operator && s.GuardPx <> 0L then
            ValueSome(Guard(ScalperExits.slot c s.GuardSide ScalperExits.guardName, Px.Of s.GuardPx))
        else
            ValueNone

    /// A look at its own orders and fills, where they can have changed.
    static member private Watched(c: ScalperConfig, s: ScalperState, view: View, event: inref<Event>) =
        match event.Kind with
        | EventKind.Ticked
        | EventKind.SlotMoved ->
            let slot side =
                ScalperExits.slot c side ScalperExits.quoteName

            let struct (watch, said) =
                RiskWatch.look c view (event.Kind = EventKind.Ticked) (slot Side.Buy) (slot Side.Sell) s.Watch

            if obj.ReferenceEquals(watch, s.Watch) then
                struct (s, said)
            else
                struct ({ s with Watch = watch }, said)
        | _ -> struct (s, ImmutableArray<Intent>.Empty)

    /// One event: the protective stop first (I8, F12), then what the event asks for.
    static member private Step(c: ScalperConfig, was: ScalperState, view: View, event: inref<Event>) =
        let struct (s, watched) = RotationScalper.Watched(c, was, view, &event)

        let struct (guarded, guard) =
            if RotationScalper.IsUnguarded(c, s, view) then
                RotationScalper.Protect(c, s, view)
            else
                struct (s, RotationScalper.Restated(c, s, &event))

        let struct (reacted, intents) = RotationScalper.React(c, guarded, view, &event)
        let left = ScalperExits.left c reacted view intents
        let struct (next, remark) = ScalperExits.settled c left view

        let all = intents.AddRange watched

        let said =
            match remark with
            | ValueSome r -> all.Add r
            | ValueNone -> all

        match guard with
        | ValueSome g -> struct (next, said.Insert(0, g))
        | ValueNone -> struct (next, said)

    /// The strategy. Its gauges are the detector's numbers, the counts of `Reasons` as `skipped.*`, whether each gate is
    /// open now as `open.*` (1 or 0), how often it was shut as `shut.*`, alone as `alone.*`, and by how much (`GateMisses`).
    static member Create(c: ScalperConfig) : IStrategy =
        RotationScalper.Create(c, Sensor.Start(RotationScalper.SensorOf c))

    /// What the strategy's sensor is made with: of two that are alike the sensors are.
    static member SensorOf(c: ScalperConfig) : SensorConfig =
        {
            Detector = c.Detector
            MedianOf = c.Gates.MedianOf
        }

    /// The strategy on a given sensor, made by `SensorOf` of the same settings.
    static member Create(c: ScalperConfig, sensor: Sensor) : IStrategy =
        let start: ScalperState =
            {
                Sensor = sensor
                Gates = c.Gates
                Counts = Array.zeroCreate SkipReasons.all.Length
                Misses = GateMisses.Start
                Entries = 0L
                CoolBuy = 0L
                CoolSell = 0L
                SeenBuy = Cloid.None
                SeenBuyFilled = 0L
                SeenSell = Cloid.None
                SeenSellFilled = 0L
                GuardSide = Side.Buy
                GuardPx = 0L
                WasHeld = false
                FlatNet = 0L
                HeldSince = 0L
                LeftBy = LeftBy.Other
                StopOuts = StopOuts.Start c.StopOuts
                Watch = RiskWatch.Start(c.Impact, c.Slippage)
                Unsized = 0
            }

        let step =
            Decide<ScalperState>(fun state view event -> RotationScalper.Step(c, state, view, &event))

        Strategy.Make("vrlg", start, step)
