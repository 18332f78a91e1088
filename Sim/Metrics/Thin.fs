namespace Vrlg.Sim

open System.Collections.Immutable
open Vrlg.Core

/// What the market's own trades say of the moments that were entered (D0-033).
[<NoComparison; NoEquality>]
type Thin =
    {
        /// Decisions to enter, each once.
        Signals: int
        /// Of them those whose second lies inside the data and meets no gap.
        Judged: int
        /// Of the judged ones those followed within 1 s by a trade beyond the best quote that was seen.
        Through: int
        /// Trades of the market, and of them those within 1 s after a signal.
        Trades: int
        TradesAfter: int
        /// Twice the distance of a trade from the mid before it, on its own side, in bps, weighted by size; all trades, and those
        /// within 1 s after a signal.
        EffectiveBps: float voption
        EffectiveAfterBps: float voption
    }

    member t.ThroughShare: float voption =
        if t.Judged > 0 && t.Trades > 0 then
            ValueSome(float t.Through / float t.Judged)
        else
            ValueNone

/// A decision to enter, with the best quotes that it saw.
[<Struct; NoComparison; NoEquality>]
type Signal = { At: int64; Bid: int64; Ask: int64 }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Thin =
    [<Literal>]
    let HorizonNs = 1_000_000_000L

    /// The entries among the orders, in the order of sending; both sides of one decision are one signal.
    let signals (orders: seq<OrderRow>) : ImmutableArray<Signal> =
        let found = ImmutableArray.CreateBuilder<Signal>()

        for o in orders do
            let at, touch = o.SentAt, o.Touch
            let isNew = found.Count = 0 || found[found.Count - 1].At <> at.Ns

            if
                isNew
                && o.Reason = "entry"
                && not o.IsRefill
                && o.MidTwice > 0L
                && touch.Raw > 0L
            then
                let other = o.MidTwice - touch.Raw

                found.Add
                    {
                        At = at.Ns
                        Bid = min other touch.Raw
                        Ask = max other touch.Raw
                    }

        found.ToImmutable()

    let private isThrough (s: Signal) (e: inref<Event>) =
        let px = e.Px.Raw
        if e.Side = Side.Buy then px > s.Ask else px < s.Bid

    /// Sums of the effective spread: size, and size times bps.
    [<Struct; NoComparison; NoEquality>]
    type private Sums =
        {
            Count: int
            Size: float
            Sum: float
        }

        static member Zero: Sums = { Count = 0; Size = 0.0; Sum = 0.0 }

        member s.Mean =
            if s.Size > 0.0 then
                ValueSome(s.Sum / s.Size)
            else
                ValueNone

    /// A trade without a mid before it counts, but has no spread.
    let private add (s: Sums) (e: inref<Event>) (midTwice: int64) : Sums =
        if midTwice = 0L then
            { s with Count = s.Count + 1 }
        else
            let q = float e.Sz.Raw
            let sign = if e.Side = Side.Buy then 1.0 else -1.0
            let mid = float midTwice / 2.0

            {
                Count = s.Count + 1
                Size = s.Size + q
                Sum = s.Sum + q * 2e4 * sign * (float e.Px.Raw - mid) / mid
            }

    /// `signals` rise in time. The mid before a trade is the one before its instant: what a trade did to the book is not in it.
    let ofTape (signals: ImmutableArray<Signal>) (mids: MidPath) (instrument: InstrumentId) (tape: Tape) : Thin =
        let went: bool[] = Array.zeroCreate signals.Length
        let mutable all = Sums.Zero
        let mutable after = Sums.Zero
        // The first signal whose second is not over yet.
        let mutable first = 0

        for i in 0 .. tape.Count - 1 do
            let e = tape.Event i

            if e.Kind = EventKind.Traded && e.Instrument.Index = instrument.Index then
                let at = tape.VenueAt i

                while first < signals.Length && signals[first].At + HorizonNs < at do
                    first <- first + 1

                let mid = mids.TwiceAt(at - 1L)
                all <- add all &e mid
                let mutable k = first
                let mutable isAfter = false

                while k < signals.Length && signals[k].At < at do
                    isAfter <- true
                    went[k] <- went[k] || isThrough signals[k] &e
                    k <- k + 1

                if isAfter then
                    after <- add after &e mid

        let mutable judged = 0
        let mutable through = 0

        for k in 0 .. signals.Length - 1 do
            let at = signals[k].At

            if at + HorizonNs <= mids.ToNs && not (mids.MeetsGap(at, at + HorizonNs)) then
                judged <- judged + 1
                through <- through + (if went[k] then 1 else 0)

        {
            Signals = signals.Length
            Judged = judged
            Through = through
            Trades = all.Count
            TradesAfter = after.Count
            EffectiveBps = all.Mean
            EffectiveAfterBps = after.Mean
        }
