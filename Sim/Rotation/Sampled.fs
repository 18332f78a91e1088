namespace Vrlg.Sim

open System
open Vrlg.Core

/// Depth and spread of a recording on the 100 ms grid of the exchange's clock: what a detector is shown when a recording is
/// looked at without a strategy.
[<RequireQualifiedAccess>]
module Sampled =
    let private step = 100_000_000L
    /// Quotes older than this are missing.
    let private oldest = 5_000_000_000L

    /// The blocks on a tape.
    let blocksOf (tape: Tape) : ProposedBlock[] =
        if not tape.HasBlocks then
            Array.empty
        else
            [|
                for i in 0 .. tape.Count - 1 do
                    if tape.KindAt i = EventKind.BlockSealed then
                        let block = tape.Event i

                        {
                            Height = block.Height
                            Ms = tape.VenueAt i / 1_000_000L
                            Proposer = block.Proposer
                        }
            |]

    /// Unix milliseconds, depth at the best quotes and spread in ticks, from the first whole quotes on; NaN where they are missing.
    let ofTape (rules: Instrument) (tape: Tape) : struct (int64 * float * float)[] =
        let rows = ResizeArray<struct (int64 * float * float)>()
        let by = Owner()
        let mutable market = Market.Of rules
        let mutable next = Int64.MaxValue

        let sample (market: Market) (at: int64) =
            let touch = market.Touch
            let heard = market.TouchAt

            if touch.IsSound && at - heard.Ns <= oldest then
                let tick = Instrument.tickAt rules touch.BidPx
                let ticks = (touch.AskPx.Raw - touch.BidPx.Raw) / tick
                rows.Add(struct (at / 1_000_000L, float (touch.BidSz.Raw + touch.AskSz.Raw) / 1e8, float ticks))
            else
                rows.Add(struct (at / 1_000_000L, nan, nan))

        for i in 0 .. tape.Count - 1 do
            let at = tape.VenueAt i

            // A long silence is one missing stretch: its rows are left out.
            while next < at do
                sample market next
                let heard = market.TouchAt

                next <-
                    if at - next > 60_000_000_000L && next - heard.Ns > oldest then
                        next + (at - next) / step * step
                    else
                        next + step

            let input = Stamped(int64 i, Instant.Of at, tape.Event i)
            market <- market.Apply(by, &input)

            let touch = market.Touch

            if next = Int64.MaxValue && touch.IsSound then
                next <- (at + step - 1L) / step * step

        if next <> Int64.MaxValue then
            sample market next

        rows.ToArray()
