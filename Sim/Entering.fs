namespace Vrlg.Sim

open System
open Vrlg.Core

/// An order of ours that arrives: the checks in the venue's order, what it takes, what rests (simulation.md 8).
module internal Entering =
    open Filling

    /// The rank of the best level of the other side, at or below `from`, that this order may hit; -1 without one. In the
    /// compatibility profile displayed sizes alone count.
    let private nextLevel (at: inref<At>) (side: Side) (limit: int64) (from: int) : int =
        let other = opposite side
        let ladder = at.Pit.Ladder other
        let taken = at.Own.Taken other
        let tau = at.House.Config.Rules.Decay
        let mutable i = from
        let mutable found = false

        while i >= 0 && not found do
            if ladder.IsDropped(ladder.Place i) then
                i <- i - 1
            else
                let level = &ladder.Ranked i
                let c = taken.Of(level.Px, level.Rev, at.Now, tau.Ns, at.Pit.Lot)

                if level.V - level.X - c > 0L then
                    found <- true
                else
                    i <- i - 1

        if
            found
            && (let px = (ladder.Ranked i).Px in if side = Side.Buy then px <= limit else px >= limit)
        then
            i
        else
            -1

    let private avail (at: inref<At>) (side: Side) (i: int) : int64 =
        let ladder = at.Pit.Ladder side
        let level = &ladder.Ranked i
        let tau = at.House.Config.Rules.Decay

        level.V
        - level.X
        - (at.Own.Taken side).Of(level.Px, level.Rev, at.Now, tau.Ns, at.Pit.Lot)

    /// Cancels our own resting orders of the other side that a taker reaches up to `px`.
    let private endSelfTrades (at: inref<At>) (order: inref<ExchangeOrder>) (px: int64) =
        let own = at.Own.Own(opposite order.Side)

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if o.Left > 0L && o.Order.Account = order.Account && own.Reaches(o.Order.Px, px) then
                endOwn &at own i "selfTradeCanceled"

    /// Some resting order of another account is in reach.
    let private meetsOthers (at: inref<At>) (order: inref<ExchangeOrder>) =
        let own = at.Own.Own(opposite order.Side)
        let mutable i = 0

        while i < own.Count
              && (own.Item(i).Left = 0L || own.Item(i).Order.Account = order.Account)
              && own.Reaches(own.Item(i).Order.Px, order.Px) do
            i <- i + 1

        i < own.Count && own.Reaches(own.Item(i).Order.Px, order.Px)

    let private isMarketable (at: inref<At>) (order: inref<ExchangeOrder>) =
        if at.House.Config.Rules.IsCentral then
            meetsOthers &at &order
        else
            let ladder = at.Pit.Ladder(opposite order.Side)
            nextLevel &at order.Side order.Px ladder.BestRank >= 0

    /// What a taker and one resting order of another account trade: the resting one at its own price, said before the taker. An
    /// order that its account can no longer carry goes instead. Answers the traded size.
    let private meetOne
        (at: inref<At>)
        (order: inref<ExchangeOrder>)
        (own: OwnOrders)
        (i: int)
        (left: int64)
        (filled: int64)
        =
        let o = own.Item i
        let q = mayFill &at &order (min left (mayFill &at &o.Order o.Left))

        if mayFill &at &o.Order o.Left = 0L then
            endOwn &at own i "reduceOnlyCanceled"
            0L
        elif q > 0L && not (Checks.carries &at &o.Order q) then
            endOwn &at own i "marginCanceled"
            0L
        else
            if q > 0L then
                fillOwn &at own i q

                if book &at &order o.Order.Px q (filled + q) false then
                    endReducers &at order.Account

            q

    /// Walks the resting orders of others, best price first, then by arrival; own ones on the way are cancelled. Answers the
    /// filled size.
    let private meet (at: inref<At>) (order: inref<ExchangeOrder>) (size: int64) : int64 =
        let own = at.Own.Own(opposite order.Side)
        let mutable filled = 0L
        let mutable i = 0

        while i < own.Count && filled < size && own.Reaches(own.Item(i).Order.Px, order.Px) do
            if own.Item(i).Left > 0L then
                if own.Item(i).Order.Account = order.Account then
                    endOwn &at own i "selfTradeCanceled"
                else
                    filled <- filled + meetOne &at &order own i (size - filled) filled

            i <- i + 1

        filled

    /// Walks the displayed size level by level, one fill a level at its price. Answers the filled size.
    let private walk (at: inref<At>) (order: inref<ExchangeOrder>) (size: int64) : int64 =
        let side = opposite order.Side
        let ladder = at.Pit.Ladder side
        let tau = at.House.Config.Rules.Decay
        let mutable filled = 0L
        let mutable i = nextLevel &at order.Side order.Px ladder.BestRank

        while i >= 0 && filled < size do
            let px = (ladder.Ranked i).Px
            endSelfTrades &at &order px
            let there = avail &at side i
            let q = mayFill &at &order (min (size - filled) (there - there % at.Pit.Lot))

            if q > 0L then
                filled <- filled + q
                (at.Own.Taken side).Add(ladder, px, q, at.Now, tau.Ns, at.Pit.Lot)

                // What could only reduce ends at once, not when the walk is over.
                if book &at &order px q filled false then
                    endReducers &at order.Account

            i <- nextLevel &at order.Side order.Px (if q > 0L && filled < size then i else i - 1)

        if filled < size then
            endSelfTrades &at &order order.Px

        filled

    /// With whom it trades: the displayed book, or the other accounts.
    let private trade (at: inref<At>) (order: inref<ExchangeOrder>) (size: int64) : int64 =
        if at.House.Config.Rules.IsCentral then
            meet &at &order size
        else
            walk &at &order size

    /// Resting reduce-only orders of one side may not exceed the position together: the oldest go first.
    let private capReducers (at: inref<At>) (order: inref<ExchangeOrder>) (oid: int64) =
        let own = at.Own.Own order.Side
        let mutable sum = 0L

        for i in 0 .. own.Count - 1 do
            let o = &own.Item i

            if o.Order.ReduceOnly && o.Order.Account = order.Account then
                sum <- sum + o.Left

        let most = abs (position &at &order)

        while sum > most do
            let mutable oldest = -1

            for i in 0 .. own.Count - 1 do
                let o = &own.Item i

                if
                    o.Order.ReduceOnly
                    && o.Order.Account = order.Account
                    && o.Left > 0L
                    && o.Oid <> oid
                    && (oldest < 0 || o.Oid < own.Item(oldest).Oid)
                then
                    oldest <- i

            if oldest < 0 then
                sum <- 0L
            else
                sum <- sum - own.Item(oldest).Left
                endOwn &at own oldest "reduceOnlyCanceled"

    let private rest (at: inref<At>) (order: inref<ExchangeOrder>) oid (left: int64) (filled: int64) group =
        let resting: OwnOrder =
            {
                Order = order
                Oid = oid
                Left = left
                Filled = filled
                Front = at.Pit.FrontAt(order.Side, order.Px)
                Traded = 0.0
                Since = at.Pit.Move.Number
                Group = group
            }

        (at.Own.Own order.Side).Add &resting

        if order.ReduceOnly && at.House.Config.Rules.CapsReducers then
            capReducers &at &order oid

    let accept (at: inref<At>) (order: inref<ExchangeOrder>) : int64 =
        let house = at.House
        house.LastOid <- house.LastOid + 1L
        report &at &order ReportKind.Accepted house.LastOid 0L null
        house.LastOid

    let refuse (at: inref<At>) (order: inref<ExchangeOrder>) (word: string) =
        report &at &order ReportKind.Refused 0L 0L word

    /// Takes what it may and rests or ends. `oid` 0 is an order that must still be accepted.
    let private take (at: inref<At>) (order: inref<ExchangeOrder>) (size: int64) (known: int64) (group: int64) =
        let oid = if known = 0L then accept &at &order else known
        let filled = trade &at &order size

        if filled = size then
            if filled < order.Sz then
                report &at &order ReportKind.Ended 0L filled null

            endSiblings &at order.Account group
        elif order.Tif = Tif.Gtc then
            rest &at &order oid (size - filled) filled group
        else
            report &at &order ReportKind.Ended 0L filled "iocRemainder"

    /// A post-only order would match: displayed size, or an order of ours (which the compatibility profile does not look at).
    let crosses (at: inref<At>) (order: inref<ExchangeOrder>) =
        let other = at.Own.Own(opposite order.Side)

        (not at.House.Config.Rules.IsCompat
         && other.Count > 0
         && other.Reaches(other.BestPx, order.Px))
        || isMarketable &at &order

    /// An order that passed every check; a post-only one crosses nothing.
    let enter (at: inref<At>) (order: inref<ExchangeOrder>) =
        let size = mayFill &at &order order.Sz

        match order.Tif with
        | Tif.Alo ->
            let oid = accept &at &order
            rest &at &order oid size 0L 0L
        | _ when at.Pit.InGap && not at.House.Config.Rules.TakesInGap -> refuse &at &order "noBook"
        | Tif.Ioc when not (isMarketable &at &order) ->
            endSelfTrades &at &order order.Px
            refuse &at &order "iocCancelRejected"
        | _ -> take &at &order size 0L 0L

    /// A trigger order whose condition was met becomes an ordinary order; it was accepted before.
    let release (at: inref<At>) (waiting: inref<Waiting>) =
        let t = waiting.Trigger
        let held = abs (position &at &waiting.Order)

        let reduces =
            let p = position &at &waiting.Order
            if waiting.Order.Side = Side.Buy then p < 0L else p > 0L

        let tolerance = at.House.Config.Rules.ToleranceBps

        let limit =
            if not t.IsMarket || tolerance < 0L then
                waiting.Order.Px
            else
                let shift = Wide.mulDiv t.Px tolerance 10_000L

                let raw =
                    if waiting.Order.Side = Side.Buy then
                        t.Px + shift
                    else
                        max 1L (t.Px - shift)

                let px =
                    if not at.House.Config.CheckRules then
                        Px.Of raw
                    elif waiting.Order.Side = Side.Buy then
                        Instrument.ceilPx at.Pit.Rules raw
                    else
                        Instrument.floorPx at.Pit.Rules raw

                px.Raw

        let order =
            { waiting.Order with
                Px = limit
                Sz = (if t.FollowsPosition then held else waiting.Order.Sz)
                Tif = (if t.IsMarket then Tif.Ioc else Tif.Gtc)
            }

        let hasNoBook = at.Pit.InGap && not at.House.Config.Rules.TakesInGap
        report &at &order ReportKind.Triggered waiting.Oid 0L null

        if order.ReduceOnly && not reduces then
            report &at &order ReportKind.Ended 0L 0L "reduceOnlyCanceled"
        elif t.IsMarket && (hasNoBook || not (isMarketable &at &order)) then
            endSelfTrades &at &order order.Px
            report &at &order ReportKind.Ended 0L 0L "marketOrderNoLiquidityRejected"
        elif hasNoBook then
            report &at &order ReportKind.Ended 0L 0L "noBook"
        else
            take &at &order (mayFill &at &order order.Sz) waiting.Oid t.Group

    /// A position that the venue closes by itself: it walks the displayed book as far as it goes.
    let close (at: inref<At>) (order: inref<ExchangeOrder>) =
        trade &at &order order.Sz |> ignore<int64>
