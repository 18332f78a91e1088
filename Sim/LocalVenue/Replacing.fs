namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// Replacements of orders, and the orders of the synthetic traders, who ask nobody.
module internal Replacing =
    /// Whether an order would match at once.
    let private wouldCross (s: VenueState) (market: Listed) (ask: OrderAsk) : bool =
        let other = s.Side(market, (if ask.Side = Side.Buy then Side.Sell else Side.Buy))
        other.Count > 0 && other.Reaches(other.BestPx, ask.Px)

    /// The old order goes, where there is one, and the new one comes.
    let private replace (s: VenueState) (a: VenueAccount) (ask: OrderAsk) (old: VenueOrder) : Status =
        let updates = s.Out.Updates.Count

        if not (isNull old) then
            Placing.cancelOrder s old

        let cancelled = s.Out.Updates.Count - updates
        let replaced = if isNull old then 0L else old.Oid
        let struct (status, _) = Placing.place s a ask Grouping.Na 0L replaced
        // The account hears of the new order before the old one's end.
        let moved = s.Out.Updates.GetRange(updates, cancelled)
        s.Out.Updates.RemoveRange(updates, cancelled)
        s.Out.Updates.AddRange moved
        status

    /// One replacement: the new order first told, then the old one's end.
    let modify (s: VenueState) (a: VenueAccount) (m: ModifyAsk) (always: bool) : Status =
        let old = a.Find m.Name
        let isThere = not (isNull old) && old.IsLive
        let ask = m.Order

        let mustRest =
            not always
            && (match ask.Tif with
                | "Alo"
                | "Gtc" -> false
                // A trigger order has no time in force.
                | _ -> true)

        match Listing.ofAsset ask.Asset with
        | _ when not isThere && not always -> Status.Error Texts.gone
        | ValueNone -> Status.Error("Invalid asset. asset=" + string ask.Asset)
        | ValueSome market when isThere && old.Market.Asset <> market.Asset -> Status.Error Texts.gone
        | ValueSome _ when mustRest -> Status.Error "Attempted to modify to invalid new order"
        | ValueSome market when not always ->
            // Refused, it changes nothing: the old order stays.
            match Screening.wrong s a market ask old.Oid with
            | null when wouldCross s market ask -> Status.Error(Texts.crossed s market)
            | null -> replace s a ask old
            | text -> Status.Error text
        | ValueSome _ -> replace s a ask (if isThere then old else null)

    /// An order of the synthetic traders: no rows, no answers.
    let quiet
        (s: VenueState)
        (account: int)
        (market: Listed)
        (side: Side)
        (tif: string)
        (px: int64)
        (sz: int64)
        : VenueOrder =
        let ask: OrderAsk =
            {
                Asset = market.Asset
                Side = side
                Px = px
                Sz = sz
                ReduceOnly = false
                Tif = tif
                Trigger = ValueNone
                Cloid = null
                Builder = ValueNone
            }

        let o = VenueOrder(Placing.nextOid s, account, market, ask, s.Time)
        Placing.send s o |> ignore<Status>
        o

    let quietCancel (s: VenueState) (o: VenueOrder) =
        if o.IsLive then
            Placing.cancelOrder s o
