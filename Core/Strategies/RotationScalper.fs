namespace Vrlg.Core

open System
open System.Collections.Immutable

/// The document's strategy (D0-049..068), literal first: on the 100 ms grid, when the detector is active and all four gates are
/// open, one post-only order a side half a tick from the mid; after a fill out again by a cross. Exits by precedence: stop,
/// time-stop, collapsed spread, ideal exit, and the quote's own TTL (X12).
[<AbstractClass; Sealed>]
type RotationScalper private () =
    static let quoteName = 0
    static let exitName = 1
    static let guardName = 2
    static let retryAfter = 100_000_000L

    /// The slot name under which the protective stop watches.
    static member GuardSlot = guardName

    /// Names of the reasons for not entering at a grid instant: the first shut gate, or what else stood in the way.
    static member Reasons: ImmutableArray<string> = SkipReasons.all

    /// The position in whole lots: what is less cannot leave, and counts as flat.
    static member private Held(c: ScalperConfig, view: View) : Sz =
        let held = view.Position c.Instrument

        if held.Raw = 0L then
            held
        else
            match view.Rules c.Instrument with
            | ValueSome rules -> Instrument.roundSz rules held
            | ValueNone -> held

    static member private Place(c: ScalperConfig, side: Side, name: int) : Slot =
        {
            Instrument = c.Instrument
            Side = side
            Name = name
        }

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

    static member private Entry(c: ScalperConfig, s: ScalperState, view: View, m: Moment, sz: Sz, bid: Px, ask: Px) =
        let now = view.Now
        let terms: QuoteTerms = { Expires = now + c.Ttl }
        let intents = ImmutableArray.CreateBuilder<Intent>()

        let isWanted side cool =
            now.Ns >= cool
            && (not c.OneSided || (if side = Side.Buy then m.Obi >= 0.0 else m.Obi < 0.0))

        if isWanted Side.Buy s.CoolBuy then
            intents.Add(Quote(RotationScalper.Place(c, Side.Buy, quoteName), bid, sz, terms))

        if isWanted Side.Sell s.CoolSell then
            intents.Add(Quote(RotationScalper.Place(c, Side.Sell, quoteName), ask, sz, terms))

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
            struct ({ s with Entries = s.Entries + 1L }, intents.ToImmutable())

    static member private IsBusy(c: ScalperConfig, view: View) =
        let mutable busy = false

        for name in quoteName..guardName do
            let bid = view.Slot(RotationScalper.Place(c, Side.Buy, name))
            let ask = view.Slot(RotationScalper.Place(c, Side.Sell, name))
            busy <- busy || not bid.IsEmpty || not ask.IsEmpty

        busy

    /// One grid instant: judge, and enter when nothing stands against it. Every instant is counted once.
    static member private Judge(c: ScalperConfig, s: ScalperState, view: View) =
        let held = RotationScalper.Held(c, view)

        let skip (reason: Skip) =
            struct (RotationScalper.Skipped(s, int reason), ImmutableArray<Intent>.Empty)

        match s.Sensor.Moment with
        | ValueNone -> skip Skip.NoFeatures
        | ValueSome m ->
            let mask = Gates.mask c.Gates m

            if mask <> 0 then
                let shut = Array.copy s.Shut

                for g in 0 .. shut.Length - 1 do
                    if mask &&& (1 <<< g) <> 0 then
                        shut[g] <- shut[g] + 1L

                let first = Numerics.BitOperations.TrailingZeroCount mask
                struct (RotationScalper.Skipped({ s with Shut = shut }, first), ImmutableArray<Intent>.Empty)
            elif held.Raw <> 0L then
                skip Skip.Holding
            elif RotationScalper.IsBusy(c, view) then
                skip Skip.Busy
            elif not view.IsReady then
                skip Skip.NotReady
            else
                match view.Rules c.Instrument with
                | ValueNone -> skip Skip.NotReady
                | ValueSome rules ->
                    let touch = view.Touch c.Instrument
                    let sz = Sizing.sizeOf c rules (Px.Of(touch.MidTwice / 2L))

                    if sz.Raw = 0L then
                        skip Skip.Size
                    else
                        match Sizing.prices c rules touch with
                        | ValueNone -> skip Skip.NoInsidePrice
                        | ValueSome(struct (bid, ask)) -> RotationScalper.Entry(c, s, view, m, sz, bid, ask)

    /// Which exit is due, and how far it may reach; none while one is on its way or was tried a moment ago.
    static member private Exit
        (c: ScalperConfig, view: View, rules: Instrument, exit: Slot)
        : struct (string * Px) voption =
        let there = view.Slot exit
        let since = view.Now - view.OpenedAt c.Instrument
        let touch = view.Touch c.Instrument
        let tick = Instrument.tickAt rules touch.BidPx
        let isSoon = there.Cloid.N > 0L && view.Now.Ns - there.Since.Ns < retryAfter

        // Past the touch by whole ticks, or by the tolerance for the exit that must not fail.
        let past (ticks: int64) =
            if exit.Side = Side.Sell then
                Instrument.floorPx rules (touch.BidPx.Raw - ticks * tick)
            else
                Instrument.ceilPx rules (touch.AskPx.Raw + ticks * tick)

        let wide () =
            let hit = if exit.Side = Side.Sell then touch.BidPx else touch.AskPx
            Instrument.reachPx rules exit.Side hit c.ToleranceBps

        if not there.IsEmpty || isSoon || not touch.IsWhole then
            ValueNone
        elif since.Ns >= c.TimeStop.Ns then
            ValueSome(struct ("exit.time_stop", wide ()))
        elif touch.AskPx.Raw - touch.BidPx.Raw <= tick then
            ValueSome(struct ("exit.collapse", past (int64 c.SlippageTicks)))
        elif since.Ns >= c.ExitAfter.Ns then
            ValueSome(struct ("exit.ideal", past (int64 c.SlippageTicks)))
        else
            ValueNone

    /// What a held position asks for now: both quotes pulled and a reducing cross in the slot kept for it.
    static member private Leave(c: ScalperConfig, view: View) : ImmutableArray<Intent> =
        let held = RotationScalper.Held(c, view)

        match view.Rules c.Instrument with
        | ValueNone -> ImmutableArray.Empty
        | ValueSome _ when held.Raw = 0L -> ImmutableArray.Empty
        | ValueSome rules ->
            let side = if held.Raw > 0L then Side.Sell else Side.Buy
            let exit = RotationScalper.Place(c, side, exitName)
            let guard = view.Slot(RotationScalper.Place(c, side, guardName))

            match RotationScalper.Exit(c, view, rules, exit) with
            | ValueSome(struct (reason, limit)) when guard.IsEmpty ->
                let buy = RotationScalper.Place(c, Side.Buy, quoteName)
                let sell = RotationScalper.Place(c, Side.Sell, quoteName)

                ImmutableArray.Create<Intent>(
                    Pull buy,
                    Pull sell,
                    Take(exit, held.Abs, limit, true),
                    Say(Remark.Of reason)
                )
            | _ -> ImmutableArray.Empty

    /// The position has no stop, or a stop has no position: by a fill, or a position taken from the venue.
    static member private IsUnguarded(c: ScalperConfig, s: ScalperState, view: View) =
        let held = RotationScalper.Held(c, view)

        if held.Raw = 0L then
            s.GuardPx <> 0L
        else
            s.GuardPx = 0L || s.GuardSide <> (if held.Raw > 0L then Side.Sell else Side.Buy)

    /// The protective stop of the open position, renewed when its side changes and let go when flat.
    static member private Protect
        (c: ScalperConfig, s: ScalperState, view: View)
        : struct (ScalperState * Intent voption) =
        let held = RotationScalper.Held(c, view)
        let side = if held.Raw > 0L then Side.Sell else Side.Buy
        let touch = view.Touch c.Instrument

        match view.Rules c.Instrument with
        | ValueSome _ when held.Raw = 0L && s.GuardPx <> 0L ->
            let none = Guard(RotationScalper.Place(c, s.GuardSide, guardName), Px.Of 0L)
            struct ({ s with GuardPx = 0L }, ValueSome none)
        | ValueSome rules when held.Raw <> 0L && touch.IsWhole && (s.GuardPx = 0L || s.GuardSide <> side) ->
            let stop = Sizing.stop c rules touch side
            let guard = Guard(RotationScalper.Place(c, side, guardName), stop)

            struct ({ s with
                        GuardSide = side
                        GuardPx = stop.Raw
                    },
                    ValueSome guard)
        | _ -> struct (s, ValueNone)

    /// A slot of ours changed: a new fill of a quote starts its direction's cooldown and pulls what is left of it.
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
            if slot.Name = quoteName && there.Filled.Raw > filled then
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

        if isNewFill && not there.IsEmpty then
            struct (cooled, ImmutableArray.Create<Intent>(Pull slot))
        else
            struct (cooled, ImmutableArray<Intent>.Empty)

    static member private React(c: ScalperConfig, s: ScalperState, view: View, event: inref<Event>) =
        match event.Kind with
        | EventKind.Ticked ->
            let measured =
                { s with
                    Sensor = s.Sensor.Next(view.Feature c.Instrument)
                }

            let struct (next, intents) = RotationScalper.Judge(c, measured, view)

            if intents.IsEmpty then
                struct (next, RotationScalper.Leave(c, view))
            else
                struct (next, intents)
        | EventKind.SlotMoved ->
            let slot = event.Slot
            let struct (next, intents) = RotationScalper.Moved(c, s, view, slot)
            struct (next, intents.AddRange(RotationScalper.Leave(c, view)))
        | _ ->
            let held = RotationScalper.Held(c, view)

            if held.Raw = 0L then
                struct (s, ImmutableArray.Empty)
            else
                struct (s, RotationScalper.Leave(c, view))

    /// An operator's word may have let the stop go: what stands is said again, at the price where it stood.
    static member private Restated(c: ScalperConfig, s: ScalperState, event: inref<Event>) : Intent voption =
        if event.Kind = EventKind.Operator && s.GuardPx <> 0L then
            ValueSome(Guard(RotationScalper.Place(c, s.GuardSide, guardName), Px.Of s.GuardPx))
        else
            ValueNone

    /// One event: the protective stop first (I8, F12), then what the event asks for.
    static member private Step(c: ScalperConfig, s: ScalperState, view: View, event: inref<Event>) =
        let struct (guarded, guard) =
            if RotationScalper.IsUnguarded(c, s, view) then
                RotationScalper.Protect(c, s, view)
            else
                struct (s, RotationScalper.Restated(c, s, &event))

        let struct (next, intents) = RotationScalper.React(c, guarded, view, &event)

        match guard with
        | ValueSome g -> struct (next, intents.Insert(0, g))
        | ValueNone -> struct (next, intents)

    /// The strategy. Its gauges are the detector's numbers, the counts of `Reasons` as `skipped.*`, whether each gate is
    /// open now as `open.*` (1 or 0) and how often it was shut as `shut.*`.
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
                Shut = Array.zeroCreate Gates.names.Length
                Entries = 0L
                CoolBuy = 0L
                CoolSell = 0L
                SeenBuy = Cloid.None
                SeenBuyFilled = 0L
                SeenSell = Cloid.None
                SeenSellFilled = 0L
                GuardSide = Side.Buy
                GuardPx = 0L
            }

        let step =
            Decide<ScalperState>(fun state view event -> RotationScalper.Step(c, state, view, &event))

        Strategy.Make("vrlg", start, step)
