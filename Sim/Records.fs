namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// What a record of the tape does to our orders and the book: M1 to M4 of simulation.md 6, whole books and best quotes of 9.
module internal Records =
    open Filling

    /// M3: a level of our own side goes to `v1`; fronts may not invert among our own.
    let shrinkQueue (at: At) (own: OwnOrders) (px: int64) (before: int64) (v1: int64) =
        let lot = float at.Pit.Lot
        let mutable previous = 0.0

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i
            let mine = o.Order.Px

            if mine.Raw = px then
                let front =
                    if Double.IsPositiveInfinity o.Front then
                        float v1 / lot
                    else
                        Queue.shrink at.Config.Queue o.Front (float before / lot) (float v1 / lot)

                o.Front <- max front previous
                previous <- o.Front

    /// M4: fresh size of the other side at or through our prices trades with us at ours, in price-time order.
    let crossFresh (at: At) (side: Side) (px: int64) (growth: int64) =
        let own = at.Pit.Own(opposite side)
        let mutable left = growth
        let mutable i = 0

        while left > 0L
              && i < own.Count
              && (let mine = own.Item(i).Order.Px in own.Reaches(mine.Raw, px)) do
            let o = &own.Item i
            let wanted = mayFill at o.Order (min o.Left left)
            let q = wanted - wanted % at.Pit.Lot

            if q > 0L then
                fillOwn at own i q
                left <- left - q

            i <- i + 1

        if left < growth then
            at.Pit.SetLadder(side, (at.Pit.Ladder side).Take(at.By, px, growth - left))

    /// Levels of the other side that lock or cross the newest record leave the view.
    let repair (at: At) (side: Side) (px: int64) =
        let other = at.Pit.Ladder(opposite side)
        let best = other.BestPx

        if best <> 0L && (if side = Side.Buy then best <= px else best >= px) then
            let struct (ladder, n) = other.DropCrossed(at.By, px)
            at.Pit.SetLadder(opposite side, ladder)
            at.Pit.Repairs <- at.Pit.Repairs + int64 n

    /// One depth record: M3 on its own side, the level, M4 on the other side.
    let depth (at: At) (side: Side) (px: int64) (sz: int64) =
        let pit = at.Pit
        let same = pit.Own side
        let other = pit.Own(opposite side)
        let ladder = pit.Ladder side
        let joins = same.Count > 0
        let crosses = sz > 0L && other.Count > 0 && other.Reaches(other.BestPx, px)

        let before =
            if joins || crosses then
                match ladder.IndexOf px with
                | -1 -> 0L
                | i -> ladder.Eff i
            else
                0L

        if joins then
            shrinkQueue at same px before sz

        let venueAt = at.Now
        pit.SetLadder(side, ladder.Set(at.By, px, sz, venueAt.Ns))

        if crosses && sz > before then
            crossFresh at side px (sz - before)

        if sz > 0L then
            repair at side px

        sweep pit

    /// M1: a print beyond our price would have met us first; the printed size is shared. Answers what is left of it.
    let throughUs (at: At) (own: OwnOrders) (px: int64) (size: int64) : int64 =
        let mutable left = size
        let mutable i = 0

        while left > 0L
              && i < own.Count
              && (let mine = own.Item(i).Order.Px in mine.Raw <> px && own.Reaches(mine.Raw, px)) do
            let o = &own.Item i
            let wanted = mayFill at o.Order (min o.Left left)
            let q = wanted - wanted % at.Pit.Lot

            if q > 0L then
                fillOwn at own i q
                left <- left - q

            i <- i + 1

        left

    /// M2: a print at our price first takes the lots ahead of each order of ours, then that order, in whole lots.
    let atOurPrice (at: At) (own: OwnOrders) (px: int64) (size: int64) =
        let lot = at.Pit.Lot
        let mutable others = 0.0
        let mutable rest = float size / float lot
        let mutable isOver = false

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i
            let mine = o.Order.Px

            if mine.Raw = px && o.Left > 0L && not isOver then
                let need = max 0.0 (o.Front - others)

                if rest <= 0.0 || rest <= need then
                    others <- others + max 0.0 rest
                    rest <- 0.0
                    isOver <- true
                else
                    others <- others + need
                    rest <- rest - need
                    let whole = int64 (floor rest) * lot
                    let q = mayFill at o.Order (min o.Left whole)

                    if q > 0L then
                        fillOwn at own i q
                        rest <- rest - float (q / lot)

        if not isOver then
            others <- others + rest

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i
            let mine = o.Order.Px

            if mine.Raw = px then
                o.Front <- max 0.0 (o.Front - others)

    let traded (at: At) (aggressor: Side) (px: int64) (size: int64) =
        let pit = at.Pit
        let hit = opposite aggressor
        let own = pit.Own hit

        if own.Count > 0 && own.Reaches(own.BestPx, px) then
            let left = throughUs at own px size

            if left > 0L then
                atOurPrice at own px left

            sweep pit

        pit.SetLadder(hit, (pit.Ladder hit).Trade(at.By, px, size))

    /// A whole book: first everything that is gone, bids then asks, then every size (simulation.md 9).
    let wholeBook (at: At) (book: Depth) =
        let pit = at.Pit
        let now = at.Now
        let worstBid = Book.WorstOf(book.Bids, book.Limit)
        let worstAsk = Book.WorstOf(book.Asks, book.Limit)

        for px in pit.Bids.Absent(book.Bids, worstBid, now.Ns) do
            depth at Side.Buy px 0L

        for px in pit.Asks.Absent(book.Asks, worstAsk, now.Ns) do
            depth at Side.Sell px 0L

        for level in book.Bids do
            depth at Side.Buy level.Px.Raw level.Sz.Raw

        for level in book.Asks do
            depth at Side.Sell level.Px.Raw level.Sz.Raw

        if worstBid > 0L then
            pit.Bids <- pit.Bids.MarkUnknown(at.By, worstBid)

        if worstAsk > 0L then
            pit.Asks <- pit.Asks.MarkUnknown(at.By, worstAsk)

        pit.WorstBid <- worstBid
        pit.WorstAsk <- worstAsk
        pit.DepthAt <- now.Ns

        // An order whose queue was unknown and whose price is visible now, without a level there, is alone.
        for side in [| Side.Buy; Side.Sell |] do
            let own = pit.Own side
            let worst = pit.Worst side

            for i in 0 .. own.Count - 1 do
                let o = &own.Item i
                let mine = o.Order.Px

                if
                    Double.IsPositiveInfinity o.Front
                    && (worst = 0L || own.Reaches(mine.Raw, worst))
                then
                    o.Front <- 0.0

    /// A best quote: better levels of its side are gone, the best is as stated.
    let bestQuote (at: At) (event: inref<Event>) =
        let now = at.Now

        let clear side (px: int64) =
            for better in (at.Pit.Ladder side).Better(px, now.Ns) do
                depth at side better 0L

        let bidPx, bidSz = event.BidPx, event.BidSz
        let askPx, askSz = event.AskPx, event.AskSz
        let hasBid = event.HasBid && bidPx.Raw > 0L && bidSz.Raw > 0L
        let hasAsk = event.HasAsk && askPx.Raw > 0L && askSz.Raw > 0L

        if event.HasBid then
            clear Side.Buy (if hasBid then bidPx.Raw else 0L)

        if event.HasAsk then
            clear Side.Sell (if hasAsk then askPx.Raw else 0L)

        if hasBid then
            depth at Side.Buy bidPx.Raw bidSz.Raw

        if hasAsk then
            depth at Side.Sell askPx.Raw askSz.Raw
