namespace Vrlg.Sim.LocalVenue

open System.Collections.Generic
open Vrlg.Core
open Vrlg.Sim

/// What the exchange reported, as the venue's rows: fills of both sides, trades, states of orders.
module internal Telling =
    /// A trade's number, of 50 bits, by the orders that made it.
    let private tid (buyer: int64) (seller: int64) : int64 =
        int64 (Seed.mix (uint64 buyer ^^^ Seed.mix (uint64 seller)) >>> 14)

    /// The state of an order changed: its row, and its account hears of it.
    let said (s: VenueState) (o: VenueOrder) (status: string) =
        o.Status <- status
        o.StatusTime <- s.Time

        if not (Residents.isOne o.Account) then
            s.Out.Updates.Add(struct (o.Account, OrderRow.Of o))

    /// The order no longer rests or waits.
    let forget (s: VenueState) (o: VenueOrder) =
        o.IsLive <- false
        s.ByNumber.Remove o.Number |> ignore

        if Residents.isOne o.Account then
            let m = s.Markets[o.Market.Id]
            let own = if o.Ask.Side = Side.Buy then m.MakerBids else m.MakerAsks

            match own.TryGetValue o.Ask.Px with
            | true, mine when obj.ReferenceEquals(mine, o) -> own.Remove o.Ask.Px |> ignore
            | _ -> ()
        else
            s.Accounts[o.Account].Live.Remove o.Oid |> ignore

    /// It rests or waits from now on.
    let live (s: VenueState) (o: VenueOrder) =
        o.IsLive <- true

        if not (Residents.isOne o.Account) then
            s.Accounts[o.Account].Live[ o.Oid ] <- o

    let private dir (market: Listed) (side: Side) (was: int64) (sz: int64) : string =
        let next = if side = Side.Buy then was + sz else was - sz

        if market.IsSpot then
            if side = Side.Buy then "Buy" else "Sell"
        elif was > 0L && next < 0L then
            "Long > Short"
        elif was < 0L && next > 0L then
            "Short > Long"
        elif side = Side.Buy then
            if was < 0L then "Close Short" else "Open Long"
        elif was > 0L then
            "Close Long"
        else
            "Open Short"

    /// What the reports from one place on bring to an account's balance of a spot market.
    let private brought (s: VenueState) (from: int) (account: int) (instrument: int) : int64 =
        let mutable sum = 0L

        for i in from .. s.Reports.Count - 1 do
            let r = &s.Reports.Report i

            if r.Kind = ReportKind.Filled && r.Account = account && r.Instrument = instrument then
                sum <- sum + (if r.Side = Side.Buy then r.Sz - r.Money else -r.Sz)

        sum

    /// The builder's part of a fill, taken beside the venue's fee; purchases at spot pay none. Its builder may claim it.
    let private payBuilder (s: VenueState) (o: VenueOrder) (side: Side) (worth: int64) : int64 =
        match o.Ask.Builder with
        | ValueSome b when b.Rate > 0L && not (o.Market.IsSpot && side = Side.Buy) ->
            let grain = if o.Market.IsSpot then 1L else 100L
            let fee = (Fees.chargeCut (Rate.Of(b.Rate * 100_000L)) (Usd.Of worth) grain).Raw
            let place = o.Account * Listing.markets.Length + o.Market.Id

            if o.Market.IsSpot then
                s.House.SpotCash[o.Account] <- s.House.SpotCash[o.Account] - fee
            elif
                s.House.IsIsolated[place]
                && s.House.Holding(o.Account, o.Market.Id).Position <> 0L
            then
                s.House.IsolatedCash[place] <- s.House.IsolatedCash[place] - fee
            else
                s.House.PerpCash[o.Account] <- s.House.PerpCash[o.Account] - fee

            s.Rewards[b.Address] <- s.Rewards.GetValueOrDefault(b.Address, 0L) + fee
            fee
        | _ -> 0L

    /// One side of a trade, told by the report of a place: cost, profit, row.
    let private fill (s: VenueState) (o: VenueOrder) (place: int) (number: int64) (liquidated: string | null) =
        let r = &s.Reports.Report place
        let a = s.Accounts[o.Account]
        let market = o.Market
        let cost = &a.Cost market.Id
        let inKind = if market.IsSpot && r.Side = Side.Buy then r.Money else 0L

        // The balance is already what the whole call made of it.
        let was =
            if market.IsSpot then
                s.Position(o.Account, market) - brought s place o.Account market.Id
            else
                cost.Position

        // What came without a purchase has no cost: a sale of it is booked against nothing.
        let profit =
            if market.IsSpot && r.Side = Side.Sell && cost.Position < r.Sz then
                0L
            else
                Cost.fill &cost r.Side r.Px r.Sz

        if market.IsSpot then
            cost.Position <- cost.Position - inKind

        a.RealisedPnl <- a.RealisedPnl + profit
        let worth = (Instrument.notional (Px.Of r.Px) (Sz.Of r.Sz)).Raw

        if r.IsMaker then
            a.MakerVolume <- Wide.count a.MakerVolume worth
        else
            a.TakerVolume <- Wide.count a.TakerVolume worth

        a.AddVolume(s.Time / 86_400_000L, worth, r.IsMaker, market.IsSpot)
        let builder = payBuilder s o r.Side worth
        o.Left <- max 0L (o.Left - r.Sz)
        o.FilledSz <- o.FilledSz + r.Sz
        o.FilledValue <- o.FilledValue + worth

        if not (Residents.isOne o.Account) then
            let row: VenueFill =
                {
                    Market = market
                    Px = r.Px
                    Sz = r.Sz
                    Side = r.Side
                    Time = s.Time
                    StartPosition = was
                    Dir = dir market r.Side was r.Sz
                    ClosedPnl = profit
                    Hash = s.Hash
                    Oid = o.Oid
                    Cloid = o.Ask.Cloid
                    IsTaker = not r.IsMaker
                    Fee = r.Money + builder
                    BuilderFee = builder
                    FeeToken =
                        (if inKind <> 0L || (market.IsSpot && r.Side = Side.Buy) then
                             Listing.tokens[market.Base].Name
                         else
                             "USDC")
                    Tid = number
                    Twap = o.Twap
                    Liquidated = liquidated
                    Mark = s.Markets[market.Id].Mark
                }

            a.AddFill row
            s.Out.Fills.Add(struct (o.Account, row))

    let private volume (m: MarketState) (time: int64) (px: int64) (sz: int64) =
        let hour = time / 3_600_000L
        let worth = (Instrument.notional (Px.Of px) (Sz.Of sz)).Raw

        match m.Hours.Count with
        | n when n > 0 && (let struct (h, _, _) = m.Hours[n - 1] in h = hour) ->
            let struct (_, b, q) = m.Hours[n - 1]
            m.Hours[n - 1] <- struct (hour, Wide.count b sz, Wide.count q worth)
        | _ ->
            m.Hours.Add(struct (hour, sz, worth))

            if m.Hours.Count > 48 then
                m.Hours.RemoveAt 0

    let private trade (s: VenueState) (maker: VenueOrder) (taker: VenueOrder) (r: inref<Report>) : int64 =
        let isBuy = r.Side = Side.Buy
        let buyer, seller = if isBuy then taker, maker else maker, taker
        let number = tid buyer.Oid seller.Oid
        let m = s.Markets[maker.Market.Id]

        let row: VenueTrade =
            {
                Market = maker.Market
                Side = r.Side
                Px = r.Px
                Sz = r.Sz
                Time = s.Time
                Hash = s.Hash
                Tid = number
                Buyer = s.Accounts[buyer.Account].Address
                Seller = s.Accounts[seller.Account].Address
            }

        m.LastTrade <- r.Px
        m.Trades.Add row

        if m.Trades.Count > 400 then
            m.Trades.RemoveRange(0, 200)

        volume m s.Time r.Px r.Sz
        s.Candles.Trade(maker.Market, s.Time, r.Px, r.Sz)
        s.Out.Trades.Add row
        number

    /// What the reports from one place on sell or buy of a position that the venue closes.
    let private forcedSize (s: VenueState) (from: int) : int64 =
        let first = &s.Reports.Report from
        let mutable sum = 0L

        for i in from .. s.Reports.Count - 1 do
            let r = &s.Reports.Report i

            if
                r.Kind = ReportKind.Filled
                && not r.IsMaker
                && r.Cloid.IsNone
                && r.Account = first.Account
            then
                sum <- sum + r.Sz

        sum

    /// An order of the venue itself, for a position that it closes: one for all its fills.
    let private forced (s: VenueState) (place: int) : VenueOrder =
        let r = &s.Reports.Report place
        s.LastOid <- s.LastOid + 1L

        let ask: OrderAsk =
            {
                Asset = Listing.markets[r.Instrument].Asset
                Side = r.Side
                Px = r.Px
                Sz = forcedSize s place
                ReduceOnly = true
                Tif = "LiquidationMarket"
                Trigger = ValueNone
                Cloid = null
                Builder = ValueNone
            }

        let o = VenueOrder(s.LastOid, r.Account, Listing.markets[r.Instrument], ask, s.Time)

        if not (Residents.isOne r.Account) then
            s.Accounts[r.Account].AddOrder o

        o

    let private fund (s: VenueState) (r: inref<Report>) =
        let market = Listing.markets[r.Instrument]
        let a = s.Accounts[r.Account]
        let cost = &a.Cost market.Id
        cost.AllTime <- cost.AllTime + r.Money
        cost.SinceOpen <- cost.SinceOpen + r.Money
        cost.SinceChange <- cost.SinceChange + r.Money

        if not (Residents.isOne r.Account) then
            let row: VenueFunding =
                {
                    Market = market
                    Time = s.Time
                    Usdc = -r.Money
                    Szi = r.Sz
                    Rate = s.Markets[market.Id].FundingRate
                }

            a.AddFunding row
            s.Out.Fundings.Add(struct (r.Account, row))

    let private ended (s: VenueState) (o: VenueOrder) (word: string | null) (isAsked: bool) =
        forget s o

        match word with
        | null ->
            o.Left <- 0L
            said s o "filled"
        | "iocRemainder"
        | "modify" -> said s o "canceled"
        | "noBook" -> said s o "marketOrderNoLiquidityRejected"
        | w ->
            said s o w

            if not isAsked && w <> "canceled" && not (Residents.isOne o.Account) then
                s.Out.NonUserCancels.Add(struct (o.Account, OrderRow.Of o))

    /// Goes through the reports of one call, in order. `own` is the order that was sent, whose acceptance and end its sender
    /// tells by itself; null when there is none. Answers the word by which `own` was refused or ended.
    let all (s: VenueState) (own: VenueOrder) : string | null =
        let mutable word: string | null = null
        let mutable maker: VenueOrder = null
        let mutable makerAt = 0
        let mutable group = 0L
        let mutable closing: VenueOrder = null

        for i in 0 .. s.Reports.Count - 1 do
            let r = &s.Reports.Report i

            let o: VenueOrder =
                match s.ByNumber.TryGetValue r.Cloid.N with
                | true, o -> o
                | _ -> null

            match r.Kind with
            | ReportKind.Filled when r.IsMaker ->
                maker <- o
                makerAt <- i
            | ReportKind.Filled when not (isNull maker) ->
                if isNull o && (isNull closing || closing.Account <> r.Account) then
                    closing <- forced s i

                let taker = if isNull o then closing else o
                let number = trade s maker taker &r

                let liquidated: string | null =
                    if r.IsLiquidation then
                        s.Accounts[taker.Account].Address
                    else
                        null

                fill s maker makerAt number liquidated
                fill s taker i number liquidated

                if isNull o && taker.Left = 0L then
                    said s taker "filled"

                group <- taker.Group

                if maker.IsLive && maker.Left = 0L then
                    forget s maker
                    said s maker "filled"

                if taker.IsLive && taker.Left = 0L && not (obj.ReferenceEquals(taker, own)) then
                    forget s taker
                    said s taker "filled"

                maker <- null
            | ReportKind.Funded -> fund s &r
            | ReportKind.Triggered when not (isNull o) ->
                o.HasFired <- true
                said s o "triggered"
            | ReportKind.Refused when not (isNull o) -> word <- r.Word
            | ReportKind.Ended when not (isNull o) ->
                if obj.ReferenceEquals(o, own) then
                    word <- if isNull r.Word then "filled" else r.Word
                elif o.Group <> 0L && o.Group = group && r.Word = "reduceOnlyCanceled" then
                    // The position is gone because its sibling was filled.
                    ended s o "siblingFilledCanceled" true
                else
                    ended s o r.Word (not (isNull own))
            | _ -> ()

        s.Reports.Clear()
        word
