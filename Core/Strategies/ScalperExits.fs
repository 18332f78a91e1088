namespace Vrlg.Core

open System
open System.Collections.Immutable

/// How the scalper leaves: which exit is due (X12), what it asks for, and what is remembered of it.
module internal ScalperExits =
    let quoteName = 0
    let exitName = 1
    let guardName = 2
    let private retryAfter = 100_000_000L

    /// The position in whole lots: what is less cannot leave, and counts as flat.
    let held (c: ScalperConfig) (view: View) : Sz =
        let held = view.Position c.Instrument

        if held.Raw = 0L then
            held
        else
            match view.Rules c.Instrument with
            | ValueSome rules -> Instrument.roundSz rules held
            | ValueNone -> held

    let slot (c: ScalperConfig) (side: Side) (name: int) : Slot =
        {
            Instrument = c.Instrument
            Side = side
            Name = name
        }

    /// Which exit is due, and how far it may reach; none while one is on its way or was tried a moment ago.
    let private due
        (c: ScalperConfig)
        (s: ScalperState)
        (view: View)
        (rules: Instrument)
        (exit: Slot)
        : struct (string * Px) voption =
        let there = view.Slot exit
        let opened, now = view.OpenedAt c.Instrument, view.Now
        let held = if s.WasHeld then s.HeldSince else now.Ns
        let since = Duration.Of(now.Ns - max opened.Ns held)
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

    /// The touch has reached the stop: its cross goes in this very step.
    let private isHit (s: ScalperState) (touch: Touch) (side: Side) =
        s.GuardPx <> 0L
        && s.GuardSide = side
        && (if side = Side.Sell then
                touch.BidPx.Raw > 0L && touch.BidPx.Raw <= s.GuardPx
            else
                touch.AskPx.Raw >= s.GuardPx)

    /// The stop leaves by itself, before any other exit: nothing more may come in meanwhile.
    let private isStopping (c: ScalperConfig) (s: ScalperState) (view: View) (held: Sz) =
        let side =
            if held.Raw = 0L then s.GuardSide
            elif held.Raw > 0L then Side.Sell
            else Side.Buy

        (held.Raw <> 0L || s.WasHeld)
        && (held.Raw <> 0L && isHit s (view.Touch c.Instrument) side
            || (let guard = view.Slot(slot c side guardName) in not guard.IsEmpty)
            || (let backstop = view.Slot(Slot.Backstop(c.Instrument, side)) in
                not backstop.IsEmpty && backstop.Filled.Raw > 0L))

    /// What a held position asks for now: both quotes pulled and a reducing cross in the slot kept for it.
    let leave (c: ScalperConfig) (s: ScalperState) (view: View) : ImmutableArray<Intent> =
        let held = held c view
        let buy, sell = slot c Side.Buy quoteName, slot c Side.Sell quoteName

        match view.Rules c.Instrument with
        | ValueNone -> ImmutableArray.Empty
        | ValueSome _ when isStopping c s view held -> ImmutableArray.Create<Intent>(Pull buy, Pull sell)
        | ValueSome _ when held.Raw = 0L -> ImmutableArray.Empty
        | ValueSome rules ->
            let side = if held.Raw > 0L then Side.Sell else Side.Buy
            let exit = (slot c side exitName)

            match due c s view rules exit with
            | ValueSome(struct (reason, limit)) ->
                ImmutableArray.Create<Intent>(
                    Pull buy,
                    Pull sell,
                    Take(exit, held.Abs, limit, true),
                    Say(Remark.Of reason)
                )
            | ValueNone -> ImmutableArray.Empty

    /// The stop at the exchange has filled since the position began.
    let private hasBackstopped (c: ScalperConfig) (s: ScalperState) (view: View) =
        let there = view.Slot(Slot.Backstop(c.Instrument, s.GuardSide))
        there.Filled.Raw > 0L && there.Since.Ns >= s.HeldSince

    /// Remembers what leaves: a fill of the guard is the protective stop, as is one of the stop at the exchange; a cross of ours
    /// says its own reason.
    let left (c: ScalperConfig) (s: ScalperState) (view: View) (intents: ImmutableArray<Intent>) : ScalperState =
        let isStop =
            s.WasHeld
            && ((let guard = view.Slot(slot c s.GuardSide guardName) in not guard.IsEmpty)
                || hasBackstopped c s view)

        let mutable by = if isStop then LeftBy.Stop else s.LeftBy

        for intent in intents do
            match intent with
            | Say remark when remark.Code.StartsWith("exit.", System.StringComparison.Ordinal) ->
                by <-
                    if remark.Code = "exit.time_stop" then
                        LeftBy.TimeStop
                    else
                        LeftBy.Other
            | _ -> ()

        if by = s.LeftBy then s else { s with LeftBy = by }

    /// Entries pause: after how many stop-outs, and for how long.
    let private paused (c: ScalperConfig) (view: View) (stops: StopOuts) : Remark =
        let now = view.Now

        {
            Code = "pause.stop_outs"
            Numbers =
                ImmutableArray.Create(
                    struct ("stop_outs", float c.StopOuts.Count),
                    struct ("seconds", float (stops.Until - now.Ns) / 1e9)
                )
        }

    /// A position begins or ends: its end, with what it brought, counts for the pause.
    let settled (c: ScalperConfig) (s: ScalperState) (view: View) : struct (ScalperState * Intent voption) =
        let isHeld = (held c view).Raw <> 0L

        if isHeld = s.WasHeld then
            struct (s, ValueNone)
        elif isHeld then
            struct ({ s with
                        WasHeld = true
                        HeldSince = (let now = view.Now in now.Ns)
                        LeftBy = LeftBy.Other
                    },
                    ValueNone)
        else
            let net = view.Net c.Instrument
            let stops = s.StopOuts.Ended(view.Now, s.LeftBy, Usd.Of(net.Raw - s.FlatNet))

            struct ({ s with
                        WasHeld = false
                        FlatNet = net.Raw
                        StopOuts = stops
                    },
                    (if stops.Until <> s.StopOuts.Until then
                         ValueSome(Say(paused c view stops))
                     else
                         ValueNone))
