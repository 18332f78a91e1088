namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// How the best quotes of an instrument stood over time, and what resting there brought.
[<NoComparison; NoEquality>]
type Spreads =
    {
        /// Time with a best quote on both sides, ns; silences that are gaps are left out whole.
        KnownNs: int64
        /// Of it by the spread in ticks; the last entry holds everything wider.
        ByTicks: ImmutableArray<int64>
        Trades: int
        /// The mean gain of the resting side of every trade before fees, in bps, weighted by size: at its instant, and 1 s and 5 s
        /// after it. None without trades whose later mid is known.
        RestingNow: float voption
        RestingAfter1: float voption
        RestingAfter5: float voption
    }

    /// Share of the time in which the spread was at least so many ticks.
    member s.AtLeast(ticks: int64) : float voption =
        let from = int (max 0L (min ticks (int64 (s.ByTicks.Length - 1))))

        if s.KnownNs = 0L then
            ValueNone
        else
            let wide = s.ByTicks |> Seq.skip from |> Seq.sum
            ValueSome(float wide / float s.KnownNs)

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Spreads =
    [<Literal>]
    let Most = 200

    /// Gain of the resting side of one trade, in bps; `midTwice` is the mid that it is valued at.
    let private gain (trade: inref<Event>) (midTwice: int64) : float =
        let px = float trade.Px.Raw
        // The resting side is the other one.
        let sign = if trade.Side = Side.Buy then -1.0 else 1.0
        1e4 * sign * (float midTwice / 2.0 - px) / px

    let private resting (mids: MidPath) (instrument: InstrumentId) (tape: Tape) (horizon: int64) : float voption =
        let mutable size = 0.0
        let mutable sum = 0.0

        for i in 0 .. tape.Count - 1 do
            let e = tape.Event i

            if e.Kind = EventKind.Traded && e.Instrument.Index = instrument.Index then
                let at = tape.VenueAt i
                // At its instant: the mid before what the trade did to it.
                let later = if horizon = 0L then at - 1L else at + horizon
                let mid = mids.TwiceAt later

                if mid > 0L && later <= mids.ToNs && not (mids.MeetsGap(at, later)) then
                    let q = float e.Sz.Raw
                    size <- size + q
                    sum <- sum + q * gain &e mid

        if size > 0.0 then ValueSome(sum / size) else ValueNone

    /// The mids of a tape and its spreads, in one walk over it.
    let ofTape (config: ExchangeConfig) (rules: Instrument) (tape: Tape) : struct (MidPath * Spreads) =
        let reports = Reports()
        let builder = MidPathBuilder()
        let byTicks: int64[] = Array.zeroCreate (Most + 1)
        let mutable exchange = Exchange.own (Exchange.create config)
        let mutable known = 0L
        let mutable trades = 0
        let mutable last = 0L
        // The last book record, and whether books or levels come: what makes a silence a gap.
        let mutable heard = 0L
        let mutable hasDepth = false
        let mutable spread = -1

        for i in 0 .. tape.Count - 1 do
            let event = tape.Event i

            if event.Instrument.Index = rules.Id.Index then
                let at = tape.VenueAt i

                let limit = Silence.limit hasDepth

                if spread >= 0 && at > last && at - heard <= limit.Ns then
                    byTicks[spread] <- byTicks[spread] + (at - last)
                    known <- known + (at - last)

                last <- at

                if event.Kind = EventKind.BookMoved || event.Kind = EventKind.LevelMoved then
                    hasDepth <- true
                    heard <- at
                elif event.Kind = EventKind.BboMoved then
                    heard <- at

                exchange <- Exchange.market exchange (Instant.Of at) &event reports
                reports.Clear()
                let touch = exchange.Touch rules.Id
                builder.Add(at, event.Kind, touch)

                spread <-
                    if touch.IsWhole then
                        let wide = touch.AskPx.Raw - touch.BidPx.Raw
                        int (max 0L (min (int64 Most) (wide / Instrument.tickAt rules touch.BidPx)))
                    else
                        -1

                if event.Kind = EventKind.Traded then
                    trades <- trades + 1
                    builder.Printed event.B

        let mids = builder.Path()

        struct (mids,
                {
                    KnownNs = known
                    ByTicks = ImmutableArray.CreateRange byTicks
                    Trades = trades
                    RestingNow = resting mids rules.Id tape 0L
                    RestingAfter1 = resting mids rules.Id tape 1_000_000_000L
                    RestingAfter5 = resting mids rules.Id tape 5_000_000_000L
                })
