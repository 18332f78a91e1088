namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// The simulated exchange: `market` for a record of the tape, `place` and `cancel` for commands of ours, each at the
/// exchange's instant. Price-time matching in continuous time (simulation.md 5, 6, 8, 9).
[<RequireQualifiedAccess>]
module Exchange =
    open Filling

    let create (config: ExchangeConfig) : ExchangeState =
        ExchangeState(config.Instruments, config.Accounts)

    /// The right to change this exchange in place, for one linear run.
    let own (exchange: ExchangeState) : ExchangeState =
        let next = exchange.Next()
        next.Token <- Owner()
        next

    let private at config (exchange: ExchangeState) (now: Instant) (instrument: InstrumentId) (out: Reports) : At =
        let by = Owner.live exchange.Token
        let was = exchange.Pits[instrument.Index]
        let pit = was.Next by

        if not (obj.ReferenceEquals(pit, was)) then
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
            | EventKind.LevelMoved -> Records.depth at event.Side event.A event.B
            | EventKind.Traded -> Records.traded at event.Side event.A event.B
            | EventKind.BboMoved -> Records.bestQuote at &event
            | EventKind.BookMoved ->
                match event.Depth with
                | null -> ()
                | book -> Records.wholeBook at book
            | _ -> ()

            next

    // ---- commands of ours ----

    /// Why an order is refused before it is looked at in the book; null when nothing is wrong with it.
    let private refusal (at: At) (order: NewOrder) : string | null =
        let rules = at.Pit.Rules
        let size = order.Sz
        let position = at.Exchange.Positions[positionAt at order]
        let value = Instrument.notional order.Px order.Sz

        let reduces =
            if order.Side = Side.Buy then
                position < 0L
            else
                position > 0L

        let cloid = order.Cloid

        if size.Raw <= 0L || size.Raw % at.Pit.Lot <> 0L then
            "sizeRejected"
        elif at.Config.CheckRules && not (Instrument.isValidPx rules order.Px) then
            "tickRejected"
        elif cloid.N <= at.Exchange.HighestCloid then
            "duplicateCloid"
        elif
            at.Config.CheckRules
            && value.Raw < rules.MinNotional.Raw
            && not order.ReduceOnly
        then
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

        if
            i >= 0
            && (let px = ladder.Item(i).Px in if side = Side.Buy then px <= limit else px >= limit)
        then
            i
        else
            -1

    /// Cancels our own resting orders of the other side that a taker reaches up to `px`.
    let private endSelfTrades (at: At) (order: NewOrder) (px: int64) =
        let own = at.Pit.Own(opposite order.Side)

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i
            let mine = o.Order.Px

            if
                o.Left > 0L
                && o.Order.Account.Index = order.Account.Index
                && own.Reaches(mine.Raw, px)
            then
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
    let place
        (config: ExchangeConfig)
        (exchange: ExchangeState)
        (now: Instant)
        (order: NewOrder)
        (out: Reports)
        : ExchangeState =
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

            let side = if pit.OwnBids.Find cloid >= 0 then Side.Buy else Side.Sell

            match (pit.Own side).Find cloid with
            | -1 -> missing ()
            | i ->
                let next = exchange.Next()
                let at = at config next now instrument out
                endOwn at (at.Pit.Own side) i "canceled"
                sweep at.Pit
                next
