namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// The block clocks of a state, a venue each: what an event tells them, and the halt when one trips.
module internal Stalls =
    let private venueOf (s: State) (event: inref<Event>) : int =
        match event.Kind with
        | EventKind.BlockSealed ->
            let venue = event.BlockVenue
            venue.Index
        | EventKind.FeedLost
        | EventKind.FeedBack
        | EventKind.Alive ->
            let venue = event.Venue
            venue.Index
        | EventKind.LevelMoved
        | EventKind.BookMoved
        | EventKind.BboMoved
        | EventKind.Traded
        | EventKind.ContextMoved when s.Facts.Has event.Instrument ->
            let venue = (s.Facts.Market event.Instrument).Rules.Venue
            venue.Index
        | _ -> -1

    let private learn (by: Owner) (stall: Stall) (input: inref<Stamped>) : Stall =
        let event = &input.Event

        match event.Kind with
        | EventKind.BlockSealed -> stall.Sealed(by, event.Height, event.VenueAt, input.At)
        | EventKind.FeedLost -> stall.WasLost(by, event.Channel)
        | EventKind.FeedBack -> stall.IsBack(by, event.Channel, input.At)
        | EventKind.Alive -> stall.Lived(by, input.At)
        | _ -> stall.Spoke(by, input.At)

    let private trip (by: Owner) (s: State) (venue: int) (reason: HaltReason voption) (out: Outbox) =
        match reason with
        | ValueSome reason when not s.Facts.Health.IsHalted ->
            s.StallArray[venue] <- s.StallArray[venue].Tripped(by, reason)
            Learn.halt by s reason out
        | _ -> ()

    /// The silence up to the event first, then what the event says.
    let hear (by: Owner) (s: State) (input: inref<Stamped>) (out: Outbox) =
        let venue = venueOf s &input.Event

        for v in 0 .. s.StallArray.Length - 1 do
            let isAlive = v = venue && input.Event.Kind = EventKind.Alive
            s.StallArray[v] <- s.StallArray[v].Started(by, input.At)

            if not s.Facts.Health.IsHalted then
                trip by s v (s.StallArray[v].Silence(input.At, isAlive)) out

        if uint venue < uint s.StallArray.Length then
            s.StallArray[venue] <- learn by s.StallArray[venue] &input

            if input.Event.Kind = EventKind.BlockSealed then
                trip by s venue s.StallArray[venue].Slowness out

    /// A block is a fact of every market of its venue. `isSeen`: the markets, which are shared, have it.
    let block (isSeen: bool) (by: Owner) (s: State) (input: inref<Stamped>) =
        if not isSeen then
            let venue = input.Event.BlockVenue
            let facts = s.Facts.Next by

            for i in 0 .. facts.MarketArray.Length - 1 do
                let market = facts.MarketArray[i]

                if market.Rules.Venue.Index = venue.Index then
                    facts.MarketArray[i] <- market.WithBlock(by, &input)

            s.Facts <- facts

        s.Moved <- UInt64.MaxValue

    /// The loss and the return of a block feed. It tells of no order and no book: nothing is pulled and nobody is asked, unless
    /// the run expects blocks; then nothing opens before it is back.
    let feed (isSeen: bool) (by: Owner) (c: Config) (s: State) (event: inref<Event>) =
        let isLost = event.Kind = EventKind.FeedLost
        let venue = event.Venue

        if c.NeedsBlocks && not isSeen then
            let facts = s.Facts.Next by

            for i in 0 .. facts.MarketArray.Length - 1 do
                let market = facts.MarketArray[i]

                if market.Rules.Venue.Index = venue.Index then
                    facts.MarketArray[i] <- market.WithLost(by, Channel.Blocks, isLost)

            s.Facts <- facts

        s.Moved <- UInt64.MaxValue
        s.IsDirty <- true
