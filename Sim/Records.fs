namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// What a record of the tape does to the others' book and to our orders: M1 to M4 of simulation.md 6, whole books and best
/// quotes of 9.
module internal Records =
    open Filling

    /// M3: a level of our own side goes to `v1`; fronts may not invert among our own.
    let private shrinkQueue (at: inref<At>) (own: OwnOrders) (px: int64) (before: int64) (v1: int64) =
        let lot = float at.Pit.Lot
        let config = at.House.Config

        let model =
            if at.Pit.IsFirstBook then
                QueueModel.RiskAverse
            else
                config.Queue

        let mutable previous = 0.0

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if o.Order.Px = px then
                if config.Rules.IsCompat then
                    o.Front <- Queue.compat o.Front o.Traded (float before / lot) (float v1 / lot)
                    o.Traded <- 0.0
                else
                    let front =
                        if Double.IsPositiveInfinity o.Front then
                            float v1 / lot
                        else
                            Queue.shrink model o.Front (float before / lot) (float v1 / lot)

                    o.Front <- max front previous
                    previous <- o.Front

    /// M4: fresh size of the other side at or through our prices trades with us at ours, in price-time order.
    let private crossFresh (at: inref<At>) (side: Side) (px: int64) (growth: int64) =
        let own = at.Own.Own(opposite side)
        let rules = at.House.Config.Rules
        let isFull = rules.Cross = Cross.Full
        let mutable left = growth
        let mutable i = 0

        while (left > 0L || isFull) && i < own.Count && own.Reaches(own.Item(i).Order.Px, px) do
            left <- share &at own i left 0L isFull
            i <- i + 1

        if left < growth then
            let ladder = at.Pit.Ladder side
            let tau = rules.Decay
            (at.Own.Taken side).Add(ladder, px, growth - left, at.Now, tau.Ns, at.Pit.Lot)

    /// What one depth record does to our orders: M3 on its own side, M4 on the other.
    let ownDepth (at: inref<At>) (side: Side) (px: int64) (sz: int64) (before: int64) (bestBefore: int64) =
        let same = at.Own.Own side
        let other = at.Own.Own(opposite side)

        if same.Count > 0 then
            if ExactQueue.isExact &at then
                ExactQueue.shrink &at same px sz
            else
                shrinkQueue &at same px before sz

        if other.Count > 0 && sz > 0L && other.Reaches(other.BestPx, px) then
            let rules = at.House.Config.Rules

            if rules.IsCompat then
                // A new best opposite price at or through ours fills whole.
                let isNewBest =
                    bestBefore = 0L
                    || (if side = Side.Sell then
                            px < bestBefore
                        else
                            px > bestBefore)

                if isNewBest then
                    crossFresh &at side px sz
            elif rules.Cross <> Cross.None && sz > before then
                crossFresh &at side px (sz - before)

        sweep at.Own

    /// Levels of the other side that lock or cross the newest record leave the view.
    let private repair (pit: Pit) (by: Owner) (side: Side) (px: int64) =
        let other = pit.Ladder(opposite side)
        let best = other.BestPx

        if best <> 0L && (if side = Side.Buy then best <= px else best >= px) then
            let struct (ladder, n) = other.DropCrossed(by, px)
            pit.SetLadder(opposite side, ladder)
            pit.Repairs <- pit.Repairs + int64 n

    /// For the other houses over this pit.
    let private note (at: inref<At>) (deed: Deed) (side: Side) (px: int64) (sz: int64) (before: int64) (best: int64) =
        match at.Turn with
        | null -> ()
        | turn ->
            let change: Change =
                {
                    Deed = deed
                    Side = side
                    Px = px
                    Sz = sz
                    Before = before
                    Best = best
                }

            turn.Note &change

    /// One depth record: the level, our orders, the repair of a crossed view.
    let depth (at: inref<At>) (side: Side) (px: int64) (sz: int64) =
        let pit = at.Pit
        let ladder = pit.Ladder side
        let best = ladder.BestPx
        let mutable before = 0L
        pit.SetLadder(side, ladder.Put(at.By, px, sz, at.Now, &before))

        if before >= 0L then
            note &at Deed.Level side px sz before best

            if not at.Own.IsIdle then
                ownDepth &at side px sz before best

            if sz > 0L then
                repair pit at.By side px

    /// M1: a print beyond our price would have met us first; the printed size is shared. Answers what is left of it.
    let private throughUs (at: inref<At>) (own: OwnOrders) (px: int64) (size: int64) : int64 =
        let isFull = at.House.Config.Rules.Through = Through.Full
        let mutable left = size
        let mutable i = 0

        while left > 0L
              && i < own.Count
              && (let mine = own.Item(i).Order.Px in mine <> px && own.Reaches(mine, px)) do
            left <- share &at own i left size isFull
            i <- i + 1

        left

    /// M2: a print at our price first takes the lots ahead of each order of ours, then that order, in whole lots.
    let private atOurPrice (at: inref<At>) (own: OwnOrders) (px: int64) (print: int64) (size: int64) =
        let lot = at.Pit.Lot
        let mutable others = 0.0
        let mutable rest = float size / float lot
        let mutable isOver = false

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if o.Order.Px = px && o.Left > 0L && not isOver then
                let need = max 0.0 (o.Front - others)

                if rest <= 0.0 || rest <= need then
                    others <- others + max 0.0 rest
                    rest <- 0.0
                    isOver <- true
                else
                    others <- others + need
                    rest <- rest - need
                    let whole = int64 (floor rest) * lot
                    let left = share &at own i whole print false
                    rest <- rest - float ((whole - left) / lot)

        if not isOver then
            others <- others + rest

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if o.Order.Px = px then
                o.Front <- max 0.0 (o.Front - others)

    /// The compatibility queue: a print at our price wears the front down without a floor; below zero the whole order fills.
    let private compatTrade (at: inref<At>) (own: OwnOrders) (px: int64) (size: int64) =
        let lots = float size / float at.Pit.Lot

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if o.Left > 0L then
                if o.Order.Px = px then
                    o.Front <- o.Front - lots
                    o.Traded <- o.Traded + lots

                    if Math.Round(-o.Front, MidpointRounding.AwayFromZero) > 0.0 then
                        o.Front <- 0.0
                        fillOwn &at own i o.Left
                elif own.Reaches(o.Order.Px, px) then
                    fillOwn &at own i o.Left

    /// What one print does to our orders on the side it hit.
    let ownTrade (at: inref<At>) (hit: Side) (px: int64) (size: int64) =
        let own = at.Own.Own hit

        if own.Count > 0 && own.Reaches(own.BestPx, px) then
            if at.House.Config.Rules.IsCompat then
                compatTrade &at own px size
            else
                let left = throughUs &at own px size

                if ExactQueue.isExact &at then
                    ExactQueue.print &at own px size left
                elif left > 0L then
                    atOurPrice &at own px size left

            sweep at.Own

    /// A print as one house feels it: the pit is left to who applies the record.
    let tradedByOthers (at: inref<At>) (aggressor: Side) (px: int64) (size: int64) =
        if not at.Own.IsIdle then
            ownTrade &at (opposite aggressor) px size

    let traded (at: inref<At>) (aggressor: Side) (px: int64) (size: int64) =
        let hit = opposite aggressor
        tradedByOthers &at aggressor px size

        if not at.House.Config.Rules.IsCompat then
            let pit = at.Pit
            pit.SetLadder(hit, (pit.Ladder hit).Trade(at.By, px, size))

    /// An order whose queue was unknown and whose price is visible now, without a level there, is alone.
    let private revealAlone (at: inref<At>) =
        for s in 0..1 do
            let side = if s = 0 then Side.Buy else Side.Sell
            let own = at.Own.Own side
            let worst = at.Pit.Worst side

            for i in 0 .. own.Count - 1 do
                let o = &own.Item i

                if
                    Double.IsPositiveInfinity o.Front
                    && (worst = 0L || own.Reaches(o.Order.Px, worst))
                then
                    o.Front <- 0.0

    /// A whole book: first everything that is gone, bids then asks, then every size (simulation.md 9).
    let wholeBook (at: inref<At>) (book: Depth) =
        let pit = at.Pit
        let worstBid = Book.WorstOf(book.Bids, book.Limit)
        let worstAsk = Book.WorstOf(book.Asks, book.Limit)
        let goneBids = pit.Bids.Absent(book.Bids, worstBid, at.Now)
        let goneAsks = pit.Asks.Absent(book.Asks, worstAsk, at.Now)

        for i in 0 .. goneBids.Length - 1 do
            depth &at Side.Buy goneBids[i] 0L

        for i in 0 .. goneAsks.Length - 1 do
            depth &at Side.Sell goneAsks[i] 0L

        for i in 0 .. book.Bids.Length - 1 do
            let level = book.Bids[i]
            depth &at Side.Buy level.Px.Raw level.Sz.Raw

        for i in 0 .. book.Asks.Length - 1 do
            let level = book.Asks[i]
            depth &at Side.Sell level.Px.Raw level.Sz.Raw

        if worstBid > 0L then
            pit.Bids <- pit.Bids.MarkUnknown(at.By, worstBid)

        if worstAsk > 0L then
            pit.Asks <- pit.Asks.MarkUnknown(at.By, worstAsk)

        pit.WorstBid <- worstBid
        pit.WorstAsk <- worstAsk
        pit.DepthAt <- at.Now
        note &at Deed.Shown Side.Buy 0L 0L 0L 0L
        revealAlone &at

    let private clear (at: inref<At>) side (px: int64) =
        let better = (at.Pit.Ladder side).Better(px, at.Now)

        for i in 0 .. better.Length - 1 do
            depth &at side better[i] 0L

    /// Nobody else is better than a stated best quote (0: nobody at all), so an order there whose queue was unknown is alone.
    let private revealBetter (at: inref<At>) (side: Side) (best: int64) =
        let own = at.Own.Own side

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if
                Double.IsPositiveInfinity o.Front
                && (best = 0L || (o.Order.Px <> best && own.Reaches(o.Order.Px, best)))
            then
                o.Front <- 0.0

    /// A best quote: better levels of its side are gone, the best is as stated.
    let bestQuote (at: inref<At>) (event: inref<Event>) =
        let bidPx, bidSz = event.BidPx, event.BidSz
        let askPx, askSz = event.AskPx, event.AskSz
        let hasBid = event.HasBid && bidPx.Raw > 0L && bidSz.Raw > 0L
        let hasAsk = event.HasAsk && askPx.Raw > 0L && askSz.Raw > 0L

        let bestBid = if hasBid then bidPx.Raw else 0L
        let bestAsk = if hasAsk then askPx.Raw else 0L

        if event.HasBid then
            clear &at Side.Buy bestBid
            note &at Deed.Bettered Side.Buy bestBid 0L 0L 0L
            revealBetter &at Side.Buy bestBid

        if event.HasAsk then
            clear &at Side.Sell bestAsk
            note &at Deed.Bettered Side.Sell bestAsk 0L 0L 0L
            revealBetter &at Side.Sell bestAsk

        if hasBid then
            depth &at Side.Buy bidPx.Raw bidSz.Raw

        if hasAsk then
            depth &at Side.Sell askPx.Raw askSz.Raw

    /// The changes of a record that another house has applied, as this house feels them.
    let follow (at: inref<At>) =
        if not at.Own.IsIdle then
            let turn = at.Turn

            for i in 0 .. turn.Count - 1 do
                let c = &turn.Item i

                match c.Deed with
                | Deed.Level -> ownDepth &at c.Side c.Px c.Sz c.Before c.Best
                | Deed.Bettered -> revealBetter &at c.Side c.Px
                | _ -> revealAlone &at
