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

/// One fill at a time: who is filled, what is booked, which orders end with it.
module internal Filling =
    /// One step's surroundings.
    [<Struct; NoComparison; NoEquality>]
    type At =
        {
            Config: ExchangeConfig
            Exchange: ExchangeState
            Pit: Pit
            By: Owner
            Now: Instant
            Out: Reports
        }

    let opposite side =
        if side = Side.Buy then Side.Sell else Side.Buy

    let answer (at: At) (order: NewOrder) (answer: Answer) =
        let reply: Reply =
            {
                Account = order.Account
                Instrument = order.Instrument
                Cloid = order.Cloid
                Answer = answer
            }

        at.Out.Add(Event.Of(RareEvent.Replied reply, at.Now))

    let positionAt (at: At) (order: NewOrder) =
        order.Account.Index * at.Exchange.Pits.Length + order.Instrument.Index

    /// Largest fill that a reduce-only order may take; everything for any other.
    let mayFill (at: At) (order: NewOrder) (wanted: int64) =
        if order.ReduceOnly then
            min wanted (abs at.Exchange.Positions[positionAt at order])
        else
            wanted

    /// Marks a resting order as ended and says why; it is swept at the end of the step.
    let endOwn (at: At) (own: OwnOrders) (i: int) (word: string) =
        let o = &own.Item i
        o.Left <- 0L
        own.HasEnded <- true
        answer at o.Order (Answer.Ended(OrderStatus.Cancelled word, ValueSome(Sz.Of o.Filled)))

    /// Reduce-only orders end when nothing is left to reduce: bids before asks, best first.
    let endReducers (at: At) (account: AccountId) =
        for side in [| Side.Buy; Side.Sell |] do
            let own = at.Pit.Own side

            for i in 0 .. own.Count - 1 do
                let o = &own.Item i

                if o.Left > 0L && o.Order.ReduceOnly && o.Order.Account.Index = account.Index then
                    endOwn at own i "reduceOnlyCanceled"

    /// Books one fill and reports it. True when the position reached zero or changed its sign.
    let book (at: At) (order: NewOrder) (px: int64) (sz: int64) (cumulative: int64) (isMaker: bool) =
        let e = at.Exchange
        let p = positionAt at order
        let was = e.Positions[p]
        let signed = if order.Side = Side.Buy then sz else -sz
        e.Positions[p] <- was + signed
        e.LastTrade <- e.LastTrade + 1L

        let rate =
            if isMaker then
                at.Config.Fees.Maker
            else
                at.Config.Fees.Taker

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
    let fillOwn (at: At) (own: OwnOrders) (i: int) (sz: int64) =
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

    let sweep (pit: Pit) =
        if pit.OwnBids.HasEnded then
            pit.OwnBids.Sweep()

        if pit.OwnAsks.HasEnded then
            pit.OwnAsks.Sweep()
