namespace Vrlg.Sim

open System.Collections.Generic
open Vrlg.Core

/// When a resting order of Tier 1 fills (simulation.md 12): whole and at its price, or not at all.
[<RequireQualifiedAccess; Struct; NoComparison>]
type TouchRule =
    /// By the first print of the other aggressor at its price or beyond, or a best opposite quote there.
    | At
    /// The same, but the price must be passed by this many ticks, 1 or more.
    | Through of ticks: int

[<RequireQualifiedAccess>]
module TouchRule =
    /// The label that every Tier-1 figure carries.
    let name (rule: TouchRule) =
        match rule with
        | TouchRule.At -> "TouchAt"
        | TouchRule.Through ticks -> $"TouchThrough({ticks})"

/// How the exchange stand-in of Tier 1 behaves.
[<NoComparison; NoEquality>]
type TouchConfig =
    {
        Instrument: Instrument
        Fees: FeeRates
        Rule: TouchRule
        /// What a taker pays beyond the best opposite quote, in ticks; never past its limit.
        SlippageTicks: int
        /// A taker gets no more than the best size; else all it asked for.
        CapBySize: bool
    }

/// An order of ours that waits for a touch.
[<NoComparison; NoEquality>]
type private AwaitedTouch =
    {
        Order: NewOrder
        /// The price that a print or an opposite quote must reach.
        Reach: int64
    }

/// The cheap exchange of Tier 1: no queue, no depth, one account. It looks at displayed best quotes and prints only
/// and speaks the same words as `Exchange`. It changes in place and has one owner.
[<Sealed>]
type TouchExchange(config: TouchConfig) =
    let rules = config.Instrument
    let lot = Instrument.lot rules
    let waiting = List<AwaitedTouch>()
    let mutable position = 0L
    let mutable trades = 0L
    let mutable oids = 0L
    let mutable highest = 0L
    let mutable touch = Touch.Empty

    let say (now: Instant) (order: NewOrder) (answer: Answer) (out: List<Event>) =
        let reply: Reply =
            {
                Account = order.Account
                Instrument = order.Instrument
                Cloid = order.Cloid
                Answer = answer
            }

        out.Add(Event.Of(RareEvent.Replied reply, now))

    let may (order: NewOrder) (size: int64) =
        if order.ReduceOnly then min size (abs position) else size

    /// Ends our waiting reduce-only orders once nothing is left to reduce.
    let endReducers (now: Instant) (out: List<Event>) =
        let mutable i = 0

        while i < waiting.Count do
            let order = waiting[i].Order

            if order.ReduceOnly then
                waiting.RemoveAt i

                say now order (Answer.Ended(OrderStatus.Cancelled "reduceOnlyCanceled", ValueSome(Sz.Of 0L))) out
            else
                i <- i + 1

    /// One fill, all that is filled of an order; true when the position reached zero or changed its sign.
    let fill (now: Instant) (order: NewOrder) (px: int64) (sz: int64) (isMaker: bool) (out: List<Event>) =
        let was = position
        position <- position + (if order.Side = Side.Buy then sz else -sz)
        trades <- trades + 1L
        let rate = if isMaker then config.Fees.Maker else config.Fees.Taker

        let report: Fill =
            {
                Account = order.Account
                Instrument = order.Instrument
                Cloid = order.Cloid
                TradeId = trades
                Side = order.Side
                Px = Px.Of px
                Sz = Sz.Of sz
                Fee = Fees.chargeFill rate (Px.Of px) (Sz.Of sz)
                Cumulative = Sz.Of sz
                IsMaker = isMaker
            }

        out.Add(Event.Of(RareEvent.Filled report, now))
        was <> 0L && (position = 0L || (was > 0L) <> (position > 0L))

    /// Fills every waiting order of a side whose reach a price meets, oldest first.
    let meet (now: Instant) (side: Side) (px: int64) (out: List<Event>) =
        let mutable i = 0

        while px > 0L && i < waiting.Count do
            let w = waiting[i]
            let order = w.Order

            if order.Side = side && (if side = Side.Buy then px <= w.Reach else px >= w.Reach) then
                waiting.RemoveAt i
                let asked = order.Sz
                let limit = order.Px
                let size = may order asked.Raw
                let isFlat = size > 0L && fill now order limit.Raw size true out

                if size < asked.Raw then
                    say now order (Answer.Ended(OrderStatus.Filled, ValueSome(Sz.Of size))) out

                if isFlat then
                    endReducers now out
                    i <- 0
            else
                i <- i + 1

    let refusal (order: NewOrder) : string | null =
        let sz = order.Sz
        let cloid = order.Cloid
        let value = Instrument.notional order.Px order.Sz

        let reduces =
            if order.Side = Side.Buy then
                position < 0L
            else
                position > 0L

        if sz.Raw <= 0L || sz.Raw % lot <> 0L then
            "sizeRejected"
        elif not (Instrument.isValidPx rules order.Px) then
            "tickRejected"
        elif cloid.N <= highest then
            "duplicateCloid"
        elif value.Raw < rules.MinNotional.Raw && not order.ReduceOnly then
            "minTradeNtlRejected"
        elif order.ReduceOnly && not reduces then
            "reduceOnlyRejected"
        else
            null

    /// The best opposite quote within an order's limit; 0 when there is none.
    let within (order: NewOrder) : int64 =
        let limit = order.Px
        let best = if order.Side = Side.Buy then touch.AskPx else touch.BidPx

        if best.Raw = 0L then 0L
        elif order.Side = Side.Buy && best.Raw > limit.Raw then 0L
        elif order.Side = Side.Sell && best.Raw < limit.Raw then 0L
        else best.Raw

    let take (now: Instant) (order: NewOrder) (best: int64) (out: List<Event>) : int64 =
        let limit = order.Px
        let isBuy = order.Side = Side.Buy

        let ticks =
            if isBuy then
                config.SlippageTicks
            else
                -config.SlippageTicks

        let slipped = Instrument.stepPx rules (Px.Of best) ticks

        let px =
            if isBuy then
                min slipped.Raw limit.Raw
            else
                max slipped.Raw limit.Raw

        let there = if isBuy then touch.AskSz else touch.BidSz
        let asked = order.Sz

        let size =
            may
                order
                (if config.CapBySize then
                     min asked.Raw (there.Raw - there.Raw % lot)
                 else
                     asked.Raw)

        if size > 0L && fill now order px size false out then
            endReducers now out

        size

    let rest (order: NewOrder) =
        let reach =
            match config.Rule with
            | TouchRule.At -> order.Px
            | TouchRule.Through k -> Instrument.stepPx rules order.Px (if order.Side = Side.Buy then -k else k)

        waiting.Add { Order = order; Reach = reach.Raw }

    let enter (now: Instant) (order: NewOrder) (out: List<Event>) =
        let accept () =
            oids <- oids + 1L
            say now order (Answer.Accepted oids) out

        match order.Tif, within order with
        | Tif.Alo, best when best > 0L -> say now order (Answer.Refused(OrderStatus.Rejected "badAloPxRejected")) out
        | Tif.Ioc, 0L -> say now order (Answer.Refused(OrderStatus.Rejected "iocCancelRejected")) out
        | (Tif.Alo | Tif.Gtc), 0L ->
            accept ()
            rest order
        | _, best ->
            accept ()
            let got = take now order best out
            let asked = order.Sz

            if got < asked.Raw then
                say now order (Answer.Ended(OrderStatus.Cancelled "iocRemainder", ValueSome(Sz.Of got))) out

    member _.Touch = touch
    member _.Position = Sz.Of position
    /// How many orders wait.
    member _.Waiting = waiting.Count

    /// New best quotes: they may reach what waits on the other side.
    member _.Quote(now: Instant, best: Touch, out: List<Event>) =
        touch <- best
        meet now Side.Buy best.AskPx.Raw out
        meet now Side.Sell best.BidPx.Raw out

    /// A print; `aggressor` sold or bought.
    member _.Print(now: Instant, aggressor: Side, px: Px, out: List<Event>) =
        meet now (if aggressor = Side.Sell then Side.Buy else Side.Sell) px.Raw out

    /// An order of ours arrives.
    member _.Place(now: Instant, order: NewOrder, out: List<Event>) =
        match refusal order with
        | null -> enter now order out
        | word -> say now order (Answer.Refused(OrderStatus.Rejected word)) out

        let cloid = order.Cloid
        highest <- max highest cloid.N

    /// A cancel of ours arrives: unknown or gone is refused (`MissingOrder`).
    member _.Cancel(now: Instant, account: AccountId, instrument: InstrumentId, cloid: Cloid, out: List<Event>) =
        match waiting.FindIndex(fun w -> w.Order.Cloid = cloid) with
        | -1 ->
            let reply: Reply =
                {
                    Account = account
                    Instrument = instrument
                    Cloid = cloid
                    Answer = Answer.CancelRefused(OrderStatus.Rejected "MissingOrder")
                }

            out.Add(Event.Of(RareEvent.Replied reply, now))
        | i ->
            let order = waiting[i].Order
            waiting.RemoveAt i
            say now order (Answer.Ended(OrderStatus.Cancelled "canceled", ValueSome(Sz.Of 0L))) out
