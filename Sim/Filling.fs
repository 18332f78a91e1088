namespace Vrlg.Sim

open System
open Vrlg.Core

/// One fill at a time: who is filled, what is booked, which orders end with it.
module internal Filling =
    /// One step's surroundings on one instrument.
    [<Struct; NoComparison; NoEquality>]
    type At =
        {
            House: House
            Pit: Pit
            Own: OwnPit
            By: Owner
            Instrument: int
            Now: int64
            Out: Reports
            /// Where the changes of a record are noted for other houses; null where there are none.
            Turn: Turn
            /// The venue closes a position by itself.
            IsForced: bool
            /// Every instrument, for what an account can carry.
            Pits: Pit[]
        }

    let opposite side =
        if side = Side.Buy then Side.Sell else Side.Buy

    /// Says something of an order.
    let say
        (out: Reports)
        (now: Instant)
        (order: inref<ExchangeOrder>)
        (kind: ReportKind)
        (number: int64)
        (filled: int64)
        (word: string | null)
        =
        let r: Report =
            {
                Kind = kind
                Side = order.Side
                IsMaker = false
                IsUncertain = false
                IsLiquidation = false
                Account = order.Account
                Instrument = order.Instrument
                Cloid = order.Cloid
                Number = number
                Px = order.Px
                Sz = order.Sz
                Money = 0L
                Cumulative = filled
                Word = word
                At = now
            }

        out.Add &r

    let report (at: inref<At>) (order: inref<ExchangeOrder>) kind number filled (word: string | null) =
        say at.Out (Instant.Of at.Now) &order kind number filled word

    let position (at: inref<At>) (order: inref<ExchangeOrder>) : int64 =
        at.House.Holdings[order.Account * at.House.Pits.Length + order.Instrument].Position

    /// Largest fill that a reduce-only order may take; everything for any other.
    let mayFill (at: inref<At>) (order: inref<ExchangeOrder>) (wanted: int64) =
        if order.ReduceOnly then
            min wanted (abs (position &at &order))
        else
            wanted

    /// Marks a resting order as ended and says why; it is swept at the end of the step.
    let endOwn (at: inref<At>) (own: OwnOrders) (i: int) (word: string) =
        let o = &own.Item i
        o.Left <- 0L
        own.HasEnded <- true
        report &at &o.Order ReportKind.Ended 0L o.Filled word

    /// A waiting trigger order goes, and says why.
    let endWaiting (at: inref<At>) (i: int) (word: string) =
        let w = &at.Own.Waiting.Item i
        w.IsGone <- true
        report &at &w.Order ReportKind.Ended 0L 0L word

    /// Reduce-only orders end when nothing is left to reduce: bids before asks, best first; then what waits for the position.
    let endReducers (at: inref<At>) (account: int) =
        for s in 0..1 do
            let own = if s = 0 then at.Own.Bids else at.Own.Asks

            for i in 0 .. own.Count - 1 do
                let o = &own.Item i

                if o.Left > 0L && o.Order.ReduceOnly && o.Order.Account = account then
                    endOwn &at own i "reduceOnlyCanceled"

        for i in 0 .. at.Own.Waiting.Count - 1 do
            let w = &at.Own.Waiting.Item i

            if
                w.Order.Account = account
                && not w.IsGone
                && not w.IsFired
                && (w.Trigger.FollowsPosition || w.Order.ReduceOnly)
            then
                endWaiting &at i "reduceOnlyCanceled"

    /// When an order of a group fills whole, the rest of its account's group ends.
    let endSiblings (at: inref<At>) (account: int) (group: int64) =
        if group <> 0L then
            for s in 0..1 do
                let own = if s = 0 then at.Own.Bids else at.Own.Asks

                for i in 0 .. own.Count - 1 do
                    let o = &own.Item i

                    if o.Left > 0L && o.Group = group && o.Order.Account = account then
                        endOwn &at own i "siblingFilledCanceled"

            for i in 0 .. at.Own.Waiting.Count - 1 do
                let w = &at.Own.Waiting.Item i

                if
                    not w.IsGone
                    && not w.IsFired
                    && w.Trigger.Group = group
                    && w.Order.Account = account
                then
                    endWaiting &at i "siblingFilledCanceled"

    let private fee (at: inref<At>) (account: int) (isMaker: bool) (notional: Usd) : int64 =
        let config = at.House.Config
        let rules = config.Rules
        let isSpot = at.Pit.Rules.Kind = InstrumentKind.Spot

        let fees =
            match rules.SpotFees with
            | _ when at.House.Rates.Length > 0 -> at.House.Rates[2 * account + (if isSpot then 1 else 0)]
            | ValueSome spot when isSpot -> spot
            | _ -> config.Fees

        let rate = if isMaker then fees.Maker else fees.Taker

        if rules.Rounding = FeeRounding.Venue then
            let grain = if at.Pit.Rules.Kind = InstrumentKind.Spot then 1L else 100L
            let exchange = Fees.chargeCut rate notional grain
            let builder = Fees.chargeCut rules.Builder notional grain
            exchange.Raw + builder.Raw
        else
            let builder = rules.Builder
            let both = Rate.Of(rate.Raw + builder.Raw)
            let fee = Fees.charge both notional
            fee.Raw

    /// The fee of a spot purchase at a venue of its own is taken in what is bought.
    let private isInKind (at: inref<At>) (order: inref<ExchangeOrder>) =
        at.House.Config.Rules.IsCentral
        && order.Side = Side.Buy
        && at.Pit.Rules.Kind = InstrumentKind.Spot

    /// A fee in USDC as a size at a price, cut toward zero.
    let private inKind (fee: int64) (px: int64) : int64 =
        Wide.mulDiv fee 100_000_000L (max 1L px)

    /// The leverage that an account's initial margin is reckoned with.
    let leverageOf (house: House) (pits: Pit[]) (account: int) (instrument: int) : int64 =
        match house.Leverages[account * pits.Length + instrument] with
        | 0 -> int64 (max 1 pits[instrument].Rules.MaxLeverage)
        | chosen -> int64 chosen

    let private worthAt (px: int64) (sz: int64) : int64 =
        let value = Instrument.notional (Px.Of px) (Sz.Of sz)
        value.Raw

    /// Margin that a fill of an isolated position takes from its account, below 0 what it gives back: initial margin for what is
    /// opened, an equal part of what the position is worth for what is closed. A position that the venue closes gives nothing back
    /// before its last lot, and keeps its debt.
    let private marginMoved (at: inref<At>) (order: inref<ExchangeOrder>) (was: int64) (next: int64) (px: int64) =
        let cash =
            at.House.IsolatedCash[order.Account * at.House.Pits.Length + order.Instrument]

        let leverage = leverageOf at.House at.Pits order.Account order.Instrument

        // The one who is closed has no number of an order; whoever trades with him has.
        let isClosing = at.IsForced && order.Cloid.IsNone

        if next = 0L then
            if isClosing && cash < 0L then 0L else -cash
        elif was <> 0L && (was > 0L) <> (next > 0L) then
            worthAt px (abs next) / leverage - (cash + worthAt px next)
        elif abs next > abs was then
            worthAt px (abs next - abs was) / leverage
        elif isClosing then
            0L
        else
            -(Wide.mulDiv (max 0L (cash + worthAt px next)) (abs was - abs next) (abs was))

    /// USDC of a fill of a perpetual, out of the account or out of the position's own margin.
    let private payPerp (at: inref<At>) (order: inref<ExchangeOrder>) (was: int64) (next: int64) px (paid: int64) =
        let house = at.House
        let place = order.Account * house.Pits.Length + order.Instrument

        if house.IsIsolated[place] then
            house.IsolatedCash[place] <- house.IsolatedCash[place] - paid
            let moved = marginMoved &at &order was next px
            house.IsolatedCash[place] <- house.IsolatedCash[place] + moved
            house.PerpCash[order.Account] <- house.PerpCash[order.Account] - moved
        else
            house.PerpCash[order.Account] <- house.PerpCash[order.Account] - paid

    /// Money and position of one fill. True when the position reached zero or changed its sign.
    let private settle (at: inref<At>) (order: inref<ExchangeOrder>) px (sz: int64) (notional: int64) (fee: int64) =
        let house = at.House
        let taken, fee = if isInKind &at &order then fee, 0L else 0L, fee
        let held = &house.Holding(order.Account, order.Instrument)

        if held.FillAt <> at.Now then
            held.Before <- held.Position
            held.FillAt <- at.Now

        let was = held.Position
        let next = if order.Side = Side.Buy then was + sz - taken else was - sz
        held.Position <- next

        let paid = (if order.Side = Side.Buy then notional else -notional) + fee

        if at.Pit.Rules.Kind = InstrumentKind.Spot then
            house.SpotCash[order.Account] <- house.SpotCash[order.Account] - paid
        else
            payPerp &at &order was next px paid

        house.Volume[order.Account] <- Wide.count house.Volume[order.Account] notional
        was <> 0L && (next = 0L || (was > 0L) <> (next > 0L))

    /// Books one fill and reports it. True when the position reached zero or changed its sign.
    let book (at: inref<At>) (order: inref<ExchangeOrder>) (px: int64) (sz: int64) (cumulative: int64) (isMaker: bool) =
        let notional = Instrument.notional (Px.Of px) (Sz.Of sz)
        let charged = fee &at order.Account isMaker notional
        let money = if isInKind &at &order then inKind charged px else charged
        let house = at.House
        house.LastTrade <- house.LastTrade + 1L

        let r: Report =
            {
                Kind = ReportKind.Filled
                Side = order.Side
                IsMaker = isMaker
                IsUncertain = at.Pit.InGap || at.Pit.IsFirstBook
                IsLiquidation = at.IsForced
                Account = order.Account
                Instrument = order.Instrument
                Cloid = order.Cloid
                Number = house.LastTrade
                Px = px
                Sz = sz
                Money = money
                Cumulative = cumulative
                Word = null
                At = Instant.Of at.Now
            }

        at.Out.Add &r
        settle &at &order px sz notional.Raw money

    /// A resting order fills at its own price; an order whose size was cut to the position ends with its last lot.
    let fillOwn (at: inref<At>) (own: OwnOrders) (i: int) (sz: int64) =
        let o = &own.Item i
        o.Left <- o.Left - sz
        o.Filled <- o.Filled + sz
        let isFlat = book &at &o.Order o.Order.Px sz o.Filled true

        if o.Left = 0L then
            own.HasEnded <- true

            if o.Filled < o.Order.Sz then
                report &at &o.Order ReportKind.Ended 0L o.Filled null

            endSiblings &at o.Order.Account o.Group

        if isFlat then
            endReducers &at o.Order.Account

    /// The part of a print that one order may fill under a participation rate of 1e-8.
    let private partOf (print: int64) (rate: int64) : int64 = Wide.mulDiv print rate 100_000_000L

    /// Fills of one record in price-time order, each order as far as `left` goes; everything when `isFull`. With a participation
    /// rate no order fills more than its share of the print. Answers what is left.
    let share (at: inref<At>) (own: OwnOrders) (i: int) (left: int64) (print: int64) (isFull: bool) : int64 =
        let o = &own.Item i
        let rate = at.House.Config.Rules.Participation
        let lot = at.Pit.Lot
        let most = if isFull then o.Left else min o.Left left

        let most =
            if rate > 0L && print > 0L then
                min most (partOf print rate)
            else
                most

        let wanted = mayFill &at &o.Order most
        let q = wanted - wanted % lot

        if q > 0L then
            fillOwn &at own i q

        if isFull then left else left - q

    let sweep (own: OwnPit) =
        if own.Bids.HasEnded then
            own.Bids.Sweep()

        if own.Asks.HasEnded then
            own.Asks.Sweep()
