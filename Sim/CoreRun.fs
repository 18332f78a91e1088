namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// One fill of a core run, as the fill log of simulation.md 17 has it.
[<Struct; NoComparison; NoEquality>]
type LoggedFill =
    {
        At: int64
        Order: int64
        Side: Side
        Ticks: int64
        Lots: int64
        IsMaker: bool
    }

/// What a core run counts.
[<NoComparison; NoEquality>]
type CoreResult =
    {
        Steps: int64
        Submits: int64
        Cancels: int64
        Fills: int64
        Lots: int64
        Position: int64
        /// In ticks times lots, at the last local mid.
        Equity: float
    }

/// One side of the yardstick strategy: its order, as the local side knows it.
[<Struct; NoComparison; NoEquality>]
type private Quoting =
    {
        /// 0 when there is none.
        mutable Order: int64
        mutable Px: int64
        mutable Filled: int64
        /// A request is on its way and was not answered.
        mutable IsPending: bool
    }

/// A command on its way.
[<Struct; NoComparison; NoEquality>]
type private Sent =
    { IsCancel: bool; Order: ExchangeOrder }

/// The simulator by itself: exchange, two clocks, the local book and the quoting strategy of simulation.md 17, without the
/// engine. The exchange is the very one of every other run; the yardstick for speed and for other simulators.
[<Sealed>]
type CoreRun(tape: NeutralTape, config: ExchangeConfig, cadence: Cadence, ties: TieOrder, delay: int64) =
    let one = 100_000_000L
    let size = 5L * one
    let most = 50L * one
    let isCompat = config.Rules.IsCompat
    let by = Owner()
    let mutable exchange = Exchange.own (Exchange.create config)
    let mutable book = Book.Empty
    let reports = Reports()
    let commands = Calendar<Sent>()
    let returning = Calendar<Report>()
    let quotes: Quoting[] = Array.zeroCreate 2
    let mutable position = 0L
    let mutable cash = 0L
    let mutable submits = 0L
    let mutable cancels = 0L
    let mutable fills = 0L
    let mutable lots = 0L
    let mutable steps = 0L
    let mutable exchangeAt = 0
    let mutable localAt = 0
    let mutable received = Int64.MinValue
    /// The last instant of a command or report.
    let mutable lastOwn = Int64.MinValue
    let mutable log: LoggedFill[] = Array.Empty()
    let mutable logged = 0
    let mutable isLogging = false
    let count = tape.Count

    let venueTime i =
        if i < count then tape.Row(i).VenueAt else Int64.MaxValue

    /// Nothing overtakes on the way.
    let receiveTime i =
        if i < count then
            max received (tape.Row(i).RecvAt)
        else
            Int64.MaxValue

    let keep (r: inref<Report>) =
        fills <- fills + 1L
        lots <- lots + r.Sz / one

        if isLogging then
            if logged = log.Length then
                Array.Resize(&log, max 1024 (2 * logged))

            let at = r.At

            log[logged] <-
                {
                    At = at.Ns
                    Order = let c = r.Cloid in c.N
                    Side = r.Side
                    Ticks = r.Px / one
                    Lots = r.Sz / one
                    IsMaker = r.IsMaker
                }

            logged <- logged + 1

    let bringBack (t: int64) =
        for i in 0 .. reports.Count - 1 do
            let r = &reports.Report i

            if r.Kind = ReportKind.Filled then
                keep &r

            returning.Enqueue(t + delay, r)

        reports.Clear()

    let applyExchange () =
        let row = &tape.Row exchangeAt
        let px = int64 row.Ticks * one
        let now = Instant.Of row.VenueAt

        if row.Kind <= 2uy then
            let side = if row.Kind = 1uy then Side.Buy else Side.Sell
            exchange <- Exchange.level exchange now 0 side px (row.Size * one) reports
        else
            let aggressor = if row.Kind = 3uy then Side.Buy else Side.Sell
            exchange <- Exchange.print exchange now 0 aggressor px (row.Size * one) reports

        exchangeAt <- exchangeAt + 1

        if reports.Count > 0 then
            bringBack row.VenueAt

    let applyLocal () =
        let row = &tape.Row localAt
        let px = Px.Of(int64 row.Ticks * one)
        let sz = Sz.Of(row.Size * one)
        let at = Instant.Of row.VenueAt

        if row.Kind <= 2uy then
            let side = if row.Kind = 1uy then Side.Buy else Side.Sell
            book <- book.WithLevel(by, side, px, sz, at)
        elif not isCompat then
            let aggressor = if row.Kind = 3uy then Side.Buy else Side.Sell
            book <- book.WithTrade(by, aggressor, px, sz, at)

        received <- max received row.RecvAt
        localAt <- localAt + 1

    let execute (t: int64) =
        if commands.Count > 0 && commands.HeadAt = t then
            lastOwn <- t

        while commands.Count > 0 && commands.HeadAt = t do
            let sent = commands.Head
            commands.Dequeue()
            let now = Instant.Of t

            exchange <-
                if sent.IsCancel then
                    Exchange.cancel exchange now (AccountId.Of 0) (InstrumentId.Of 0) sent.Order.Cloid reports
                else
                    Exchange.placeOrder exchange now &sent.Order reports

            bringBack t

    let hear (r: inref<Report>) =
        let q = &quotes[int r.Side]
        let n = let c = r.Cloid in c.N

        match r.Kind with
        | ReportKind.Filled ->
            let signed = if r.Side = Side.Buy then r.Sz else -r.Sz
            position <- position + signed
            cash <- cash - signed / one * (r.Px / one)

            if q.Order = n then
                q.Filled <- r.Cumulative

                if q.Filled >= size then
                    q.Order <- 0L
        | ReportKind.Accepted ->
            if q.Order = n then
                q.IsPending <- false
        | ReportKind.Refused
        | ReportKind.Ended ->
            if q.Order = n then
                q.Order <- 0L
        | _ -> ()

    let listen (t: int64) =
        if returning.Count > 0 && returning.HeadAt = t then
            lastOwn <- t

        while returning.Count > 0 && returning.HeadAt = t do
            hear &returning.Head
            returning.Dequeue()

    let send (t: int64) (isCancel: bool) (side: Side) (n: int64) (px: int64) =
        let sent =
            {
                IsCancel = isCancel
                Order =
                    {
                        Account = 0
                        Instrument = 0
                        Cloid = { Run = 1L; N = n }
                        Side = side
                        Tif = Tif.Alo
                        ReduceOnly = false
                        Px = px
                        Sz = size
                        Expires = 0L
                    }
            }

        commands.Enqueue(t + delay, sent)

    let wants side =
        if side = Side.Buy then
            position < most
        else
            position > -most

    let pull (t: int64) (side: Side) (best: int64) =
        let q = &quotes[int side]

        if q.Order <> 0L && not q.IsPending && (q.Px <> best || not (wants side)) then
            q.IsPending <- true
            cancels <- cancels + 1L
            send t true side q.Order 0L

    let quote (t: int64) (side: Side) (best: int64) =
        let q = &quotes[int side]

        if q.Order = 0L && wants side then
            submits <- submits + 1L
            q.Order <- submits
            q.Px <- best
            q.Filled <- 0L
            q.IsPending <- true
            send t false side submits best

    let decide (t: int64) =
        let bid, ask = book.Bids.BestPx, book.Asks.BestPx

        if bid > 0L && ask > 0L then
            pull t Side.Buy bid
            pull t Side.Sell ask
            quote t Side.Buy bid
            quote t Side.Sell ask

    let isDue (t: int64) =
        exchangeAt < count
        && tape.Row(exchangeAt).VenueAt <= t
        && (returning.Count = 0 || returning.HeadAt >= tape.Row(exchangeAt).VenueAt)

    /// The same where each record says first what it does to its queue.
    let ordersUpTo (t: int64) =
        while isDue t do
            let move = tape.Move exchangeAt
            exchange <- Exchange.moved exchange 0 &move
            applyExchange ()

    let exchangeUpTo (t: int64) =
        if tape.HasOrders then
            ordersUpTo t
        else
            while exchangeAt < count
                  && tape.Row(exchangeAt).VenueAt <= t
                  && (returning.Count = 0 || returning.HeadAt >= tape.Row(exchangeAt).VenueAt) do
                applyExchange ()

    let localUpTo (t: int64) =
        while localAt < count && receiveTime localAt <= t do
            applyLocal ()

    /// The fills of the last logged run, in exchange order.
    member _.Log: ReadOnlySpan<LoggedFill> = ReadOnlySpan(log, 0, logged)

    member private _.Own(t: int64) =
        let mutable next = t

        if commands.Count > 0 then
            next <- min next commands.HeadAt

        if returning.Count > 0 then
            next <- min next returning.HeadAt

        next

    /// Everything at or before `t`, in the order of the phases; a decision at `t` comes after it.
    member private run.UpTo(t: int64) =
        let mutable isOver = false

        while not isOver do
            // Records of the exchange may bring a report that is seen before `t`.
            let mutable own = run.Own t
            exchangeUpTo (if ties = TieOrder.LocalFirst then own - 1L else own)
            own <- run.Own own

            if ties = TieOrder.LocalFirst then
                localUpTo own
                listen own
                exchangeUpTo own
                execute own
            else
                execute own
                localUpTo own
                listen own

            isOver <- own >= t && run.Own Int64.MaxValue > t

    /// Something other than a timer happened at `t`, which everything has reached.
    member private _.EndsAt(t: int64) =
        lastOwn = t || received = t || (count > 0 && tape.Row(count - 1).VenueAt = t)

    member private _.IsPending =
        exchangeAt < count
        || localAt < count
        || commands.Count > 0
        || returning.Count > 0

    /// The next instant at which anything but a timer happens.
    member private run.NextTime = run.Own(min (venueTime exchangeAt) (receiveTime localAt))

    /// On the timer's grid. A timer alone keeps nothing alive.
    member private run.Timed(tick: int64) =
        let mutable timer = venueTime 0 + tick

        while run.IsPending do
            if run.NextTime > timer then
                steps <- steps + 1L
                decide timer
                timer <- timer + tick
            else
                run.UpTo timer

                if run.IsPending || run.EndsAt timer then
                    steps <- steps + 1L
                    decide timer
                    timer <- timer + tick

    /// Once a distinct receipt instant.
    member private run.Batched() =
        while run.IsPending do
            if localAt < count then
                let t = receiveTime localAt
                run.UpTo t
                steps <- steps + 1L
                decide t
            else
                run.UpTo run.NextTime

    /// Runs the whole tape: until no record, command or report is pending.
    member run.Run(isLogged: bool) : CoreResult =
        isLogging <- isLogged

        if cadence = Cadence.Timer then
            run.Timed 100_000_000L
        else
            run.Batched()

        let touch = book.Touch

        {
            Steps = steps
            Submits = submits
            Cancels = cancels
            Fills = fills
            Lots = lots
            Position = position / one
            Equity = float cash + float (position / one) * float touch.MidTwice / 2e8
        }
