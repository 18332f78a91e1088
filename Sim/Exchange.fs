namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// How the exchange behaves.
[<NoComparison; NoEquality>]
type ExchangeConfig =
    {
        Instruments: ImmutableArray<Instrument>
        Accounts: int
        Fees: FeeRates
        Queue: QueueModel
        /// Check prices, sizes and values by the instrument's rules; off for the neutral feed, whose units are ticks.
        CheckRules: bool
    }

/// The simulated exchange: `market` for a record of the tape, `place` and `cancel` for commands of ours, each at the
/// exchange's instant. Price-time matching in continuous time (simulation.md 5, 6, 8, 9).
[<RequireQualifiedAccess>]
module Exchange =
    let create (config: ExchangeConfig) : ExchangeState = ExchangeState(config.Instruments, config.Accounts)

    /// The right to change this exchange in place, for one linear run.
    let own (exchange: ExchangeState) : ExchangeState =
        let next = exchange.Next()
        next.Token <- Owner()
        next

    /// One step's surroundings.
    [<Struct; NoComparison; NoEquality>]
    type private At =
        {
            Config: ExchangeConfig
            Exchange: ExchangeState
            Pit: Pit
            By: Owner
            Now: Instant
            Out: Reports
        }

    let private opposite side =
        if side = Side.Buy then Side.Sell else Side.Buy

    let private answer (at: At) (order: NewOrder) (answer: Answer) =
        let reply: Reply =
            {
                Account = order.Account
                Instrument = order.Instrument
                Cloid = order.Cloid
                Answer = answer
            }

        at.Out.Add(Event.Of(RareEvent.Replied reply, at.Now))

    let private positionAt (at: At) (order: NewOrder) =
        order.Account.Index * at.Exchange.Pits.Length + order.Instrument.Index

    /// Largest fill that a reduce-only order may take; everything for any other.
    let private mayFill (at: At) (order: NewOrder) (wanted: int64) =
        if order.ReduceOnly then
            min wanted (abs at.Exchange.Positions[positionAt at order])
        else
            wanted

    /// Marks a resting order as ended and says why; it is swept at the end of the step.
    let private endOwn (at: At) (own: OwnOrders) (i: int) (word: string) =
        let o = &own.Item i
        o.Left <- 0L
        own.HasEnded <- true
        answer at o.Order (Answer.Ended(OrderStatus.Cancelled word, ValueSome(Sz.Of o.Filled)))

    /// Reduce-only orders end when nothing is left to reduce: bids before asks, best first.
    let private endReducers (at: At) (account: AccountId) =
        for side in [| Side.Buy; Side.Sell |] do
            let own = at.Pit.Own side

            for i in 0 .. own.Count - 1 do
                let o = &own.Item i

                if o.Left > 0L && o.Order.ReduceOnly && o.Order.Account.Index = account.Index then
                    endOwn at own i "reduceOnlyCanceled"

    /// Books one fill and reports it. True when the position reached zero or changed its sign.
    let private book (at: At) (order: NewOrder) (px: int64) (sz: int64) (cumulative: int64) (isMaker: bool) =
        let e = at.Exchange
        let p = positionAt at order
        let was = e.Positions[p]
        let signed = if order.Side = Side.Buy then sz else -sz
        e.Positions[p] <- was + signed
        e.LastTrade <- e.LastTrade + 1L
        let rate = if isMaker then at.Config.Fees.Maker else at.Config.Fees.Taker

        let fill: Fill =
            {
                Account = order.Account
                Instrument = order.Instrument
                Cloid = order.Cloid
                TradeId = e.LastTrade
                Side = order.Side
                Px = Px.Of px
                Sz = Sz.Of sz
                Fee = Fees.chargeFill rate (Px.Of px) (Sz.Of sz)
                Cumulative = Sz.Of cumulative
                IsMaker = isMaker
            }

        at.Out.Add(Event.Of(RareEvent.Filled fill, at.Now))
        was <> 0L && (was + signed = 0L || (was > 0L) <> (was + signed > 0L))

    /// A resting order fills at its own price; an order whose size was cut to the position ends with its last lot.
    let private fillOwn (at: At) (own: OwnOrders) (i: int) (sz: int64) =
        let o = &own.Item i
        let order = o.Order
        let px = order.Px
        o.Left <- o.Left - sz
        o.Filled <- o.Filled + sz
        let cumulative = o.Filled
        let isDone = o.Left = 0L
        let isFlat = book at order px.Raw sz cumulative true

        if isDone then
            own.HasEnded <- true
            let size = order.Sz

            if cumulative < size.Raw then
                answer at order (Answer.Ended(OrderStatus.Filled, ValueSome(Sz.Of cumulative)))

        if isFlat then
            endReducers at order.Account

    let private sweep (pit: Pit) =
        if pit.OwnBids.HasEnded then
            pit.OwnBids.Sweep()

        if pit.OwnAsks.HasEnded then
            pit.OwnAsks.Sweep()

    // ---- records of the tape ----

    /// M3: a level of our own side goes to `v1`; fronts may not invert among our own.
    let private shrinkQueue (at: At) (own: OwnOrders) (px: int64) (before: int64) (v1: int64) =
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
    let private crossFresh (at: At) (side: Side) (px: int64) (growth: int64) =
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
    let private repair (at: At) (side: Side) (px: int64) =
        let other = at.Pit.Ladder(opposite side)
        let best = other.BestPx

        if best <> 0L && (if side = Side.Buy then best <= px else best >= px) then
            let struct (ladder, n) = other.DropCrossed(at.By, px)
            at.Pit.SetLadder(opposite side, ladder)
            at.Pit.Repairs <- at.Pit.Repairs + int64 n

    /// One depth record: M3 on its own side, the level, M4 on the other side.
    let private depth (at: At) (side: Side) (px: int64) (sz: int64) =
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
    let private throughUs (at: At) (own: OwnOrders) (px: int64) (size: int64) : int64 =
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
    let private atOurPrice (at: At) (own: OwnOrders) (px: int64) (size: int64) =
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

    let private traded (at: At) (aggressor: Side) (px: int64) (size: int64) =
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
    let private wholeBook (at: At) (book: Depth) =
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

                if Double.IsPositiveInfinity o.Front && (worst = 0L || own.Reaches(mine.Raw, worst)) then
                    o.Front <- 0.0

    /// A best quote: better levels of its side are gone, the best is as stated.
    let private bestQuote (at: At) (event: inref<Event>) =
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

    let private at config (exchange: ExchangeState) (now: Instant) (instrument: InstrumentId) (out: Reports) : At =
        let by = Owner.live exchange.Token
        let pit = exchange.Pits[instrument.Index].Next by
        exchange.Pits[instrument.Index] <- pit

        {
            Config = config
            Exchange = exchange
            Pit = pit
            By = by
            Now = now
            Out = out
        }

    /// The exchange after a record of the tape. Records of other instruments and kinds change nothing.
    let market
        (config: ExchangeConfig)
        (exchange: ExchangeState)
        (now: Instant)
        (event: inref<Event>)
        (out: Reports)
        : ExchangeState =
        if uint event.Instrument.Index >= uint exchange.Pits.Length then
            exchange
        else
            let next = exchange.Next()
            let at = at config next now event.Instrument out

            match event.Kind with
            | EventKind.LevelMoved -> depth at event.Side event.A event.B
            | EventKind.Traded -> traded at event.Side event.A event.B
            | EventKind.BboMoved -> bestQuote at &event
            | EventKind.BookMoved ->
                match event.Depth with
                | null -> ()
                | book -> wholeBook at book
            | _ -> ()

            next

    // ---- commands of ours ----

    /// Why an order is refused before it is looked at in the book; null when nothing is wrong with it.
    let private refusal (at: At) (order: NewOrder) : string | null =
        let rules = at.Pit.Rules
        let size = order.Sz
        let position = at.Exchange.Positions[positionAt at order]
        let value = Instrument.notional order.Px order.Sz
        let reduces = if order.Side = Side.Buy then position < 0L else position > 0L
        let cloid = order.Cloid

        if size.Raw <= 0L || size.Raw % at.Pit.Lot <> 0L then
            "sizeRejected"
        elif at.Config.CheckRules && not (Instrument.isValidPx rules order.Px) then
            "tickRejected"
        elif cloid.N <= at.Exchange.HighestCloid then
            "duplicateCloid"
        elif at.Config.CheckRules && value.Raw < rules.MinNotional.Raw && not order.ReduceOnly then
            "minTradeNtlRejected"
        elif order.ReduceOnly && not reduces then
            "reduceOnlyRejected"
        else
            null

    /// The next level that a taker may hit, from ladder index `from` on; -1 when none is within its limit.
    let private nextLevel (ladder: Ladder) (side: Side) (limit: int64) (from: int) : int =
        let mutable i = from

        while i >= 0 && (ladder.IsDropped i || ladder.Avail i = 0L) do
            i <- i - 1

        if i >= 0 && (let px = ladder.Item(i).Px in if side = Side.Buy then px <= limit else px >= limit) then
            i
        else
            -1

    /// Cancels our own resting orders of the other side that a taker reaches up to `px`.
    let private endSelfTrades (at: At) (order: NewOrder) (px: int64) =
        let own = at.Pit.Own(opposite order.Side)

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i
            let mine = o.Order.Px

            if o.Left > 0L && o.Order.Account.Index = order.Account.Index && own.Reaches(mine.Raw, px) then
                endOwn at own i "selfTradeCanceled"

    /// Walks the displayed size level by level, one fill a level at its price. Answers the filled size.
    let private walk (at: At) (order: NewOrder) (size: int64) : int64 =
        let side = opposite order.Side
        let limit = order.Px
        let mutable filled = 0L
        let mutable ladder = at.Pit.Ladder side
        let mutable i = nextLevel ladder order.Side limit.Raw ladder.BestIndex
        let mutable isFlat = false

        while i >= 0 && filled < size do
            let px = ladder.Item(i).Px
            endSelfTrades at order px
            let avail = ladder.Avail i
            let q = mayFill at order (min (size - filled) (avail - avail % at.Pit.Lot))

            if q > 0L then
                filled <- filled + q
                ladder <- ladder.Take(at.By, px, q)
                at.Pit.SetLadder(side, ladder)
                isFlat <- book at order px q filled false || isFlat

            i <- nextLevel ladder order.Side limit.Raw (if q > 0L && filled < size then i else i - 1)

        if filled < size then
            endSelfTrades at order limit.Raw

        if isFlat then
            endReducers at order.Account

        filled

    let private rest (at: At) (order: NewOrder) (oid: int64) (left: int64) (filled: int64) =
        let own = at.Pit.Own order.Side
        let px = order.Px

        own.Add
            {
                Order = order
                Oid = oid
                Left = left
                Filled = filled
                Front = at.Pit.FrontAt(order.Side, px.Raw)
            }

        if order.ReduceOnly then
            // Resting reduce-only orders of one side may not exceed the position together: the oldest go first.
            let mutable sum = 0L

            for i in 0 .. own.Count - 1 do
                if own.Item(i).Order.ReduceOnly then
                    sum <- sum + own.Item(i).Left

            let most = abs at.Exchange.Positions[positionAt at order]

            while sum > most do
                let mutable oldest = -1

                for i in 0 .. own.Count - 1 do
                    let o = &own.Item i

                    if
                        o.Order.ReduceOnly
                        && o.Left > 0L
                        && o.Oid <> oid
                        && (oldest < 0 || o.Oid < own.Item(oldest).Oid)
                    then
                        oldest <- i

                if oldest < 0 then
                    sum <- 0L
                else
                    sum <- sum - own.Item(oldest).Left
                    endOwn at own oldest "reduceOnlyCanceled"

    let private isMarketable (at: At) (order: NewOrder) =
        let ladder = at.Pit.Ladder(opposite order.Side)
        let limit = order.Px
        nextLevel ladder order.Side limit.Raw ladder.BestIndex >= 0

    /// An accepted order's life at its arrival, by its time in force.
    let private enter (at: At) (order: NewOrder) =
        let other = at.Pit.Own(opposite order.Side)
        let px = order.Px
        let meetsOwn = other.Count > 0 && other.Reaches(other.BestPx, px.Raw)
        let asked = order.Sz
        let size = mayFill at order asked.Raw

        let accept () =
            at.Exchange.LastOid <- at.Exchange.LastOid + 1L
            answer at order (Answer.Accepted at.Exchange.LastOid)
            at.Exchange.LastOid

        match order.Tif with
        | Tif.Alo ->
            if meetsOwn || isMarketable at order then
                answer at order (Answer.Refused(OrderStatus.Rejected "badAloPxRejected"))
            else
                let oid = accept ()
                rest at order oid size 0L
        | Tif.Ioc when not (isMarketable at order) ->
            endSelfTrades at order px.Raw
            answer at order (Answer.Refused(OrderStatus.Rejected "iocCancelRejected"))
        | tif ->
            let oid = accept ()
            let filled = walk at order size

            if filled < size && tif = Tif.Gtc then
                rest at order oid (size - filled) filled
            elif filled < size then
                answer at order (Answer.Ended(OrderStatus.Cancelled "iocRemainder", ValueSome(Sz.Of filled)))
            elif filled < asked.Raw then
                answer at order (Answer.Ended(OrderStatus.Filled, ValueSome(Sz.Of filled)))

    /// The exchange after an order of ours arrived. Its answer and fills are added to `out`.
    let place (config: ExchangeConfig) (exchange: ExchangeState) (now: Instant) (order: NewOrder) (out: Reports) : ExchangeState =
        let next = exchange.Next()

        if uint order.Instrument.Index >= uint next.Pits.Length then
            let reply: Reply =
                {
                    Account = order.Account
                    Instrument = order.Instrument
                    Cloid = order.Cloid
                    Answer = Answer.Refused(OrderStatus.Rejected "unknownInstrument")
                }

            out.Add(Event.Of(RareEvent.Replied reply, now))
        else
            let at = at config next now order.Instrument out

            match refusal at order with
            | null -> enter at order
            | word -> answer at order (Answer.Refused(OrderStatus.Rejected word))

            next.HighestCloid <- max next.HighestCloid order.Cloid.N
            sweep at.Pit

        next

    /// The exchange after a cancel of ours arrived: unknown or gone is refused (`MissingOrder`).
    let cancel
        (config: ExchangeConfig)
        (exchange: ExchangeState)
        (now: Instant)
        (account: AccountId)
        (instrument: InstrumentId)
        (cloid: Cloid)
        (out: Reports)
        : ExchangeState =
        let missing () =
            let reply: Reply =
                {
                    Account = account
                    Instrument = instrument
                    Cloid = cloid
                    Answer = Answer.CancelRefused(OrderStatus.Rejected "MissingOrder")
                }

            out.Add(Event.Of(RareEvent.Replied reply, now))
            exchange

        if uint instrument.Index >= uint exchange.Pits.Length then
            missing ()
        else
            let pit = exchange.Pits[instrument.Index]

            let side =
                if pit.OwnBids.Find cloid >= 0 then Side.Buy else Side.Sell

            match (pit.Own side).Find cloid with
            | -1 -> missing ()
            | i ->
                let next = exchange.Next()
                let at = at config next now instrument out
                endOwn at (at.Pit.Own side) i "canceled"
                sweep at.Pit
                next
