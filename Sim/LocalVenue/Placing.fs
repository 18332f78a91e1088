namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// Orders, cancels and replacements of accounts, through `Exchange`.
module internal Placing =
    let nextOid (s: VenueState) : int64 =
        s.LastOid <- s.LastOid + 1L
        s.LastOid

    let private tif (ask: OrderAsk) : Tif =
        match ask.Tif with
        | "Alo" -> Tif.Alo
        | "Ioc"
        | "FrontendMarket" -> Tif.Ioc
        | _ -> Tif.Gtc

    let private order (s: VenueState) (o: VenueOrder) : ExchangeOrder =
        let ask = o.Ask

        {
            Account = o.Account
            Instrument = o.Market.Id
            Cloid = { Run = 0L; N = o.Number }
            Side = ask.Side
            Tif = tif ask
            ReduceOnly = ask.ReduceOnly
            Px = max 0L ask.Px
            Sz = o.Left
            Expires = 0L
        }

    /// Gives an order its number at the exchange, on whose way it may be named.
    let private number (s: VenueState) (o: VenueOrder) =
        s.LastNumber <- s.LastNumber + 1L
        o.Number <- s.LastNumber
        s.ByNumber[o.Number] <- o

    /// What rests now of an order that was sent: the exchange may have cut it to the position.
    let private sync (s: VenueState) (o: VenueOrder) =
        match s.Exchange.Find(AccountId.Of o.Account, o.Market.Rules.Id, { Run = 0L; N = o.Number }) with
        | ValueSome own when not o.IsTrigger || o.HasFired -> o.Left <- own.Left
        | _ -> ()

    /// Sends an order that is no trigger, tells its account, and answers what became of it.
    let send (s: VenueState) (o: VenueOrder) : Status =
        number s o
        let plain = order s o
        s.Exchange <- Exchange.placeOrder s.Exchange s.Now &plain s.Reports
        let word = Telling.all s o

        match word with
        | null when o.Left = 0L ->
            Telling.forget s o
            Telling.said s o "filled"
        | null ->
            Telling.live s o
            sync s o
            Telling.said s o "open"
        | "filled" ->
            o.Left <- 0L
            Telling.forget s o
            Telling.said s o "filled"
        | "iocRemainder" ->
            Telling.forget s o
            Telling.said s o "canceled"
        | refused ->
            Telling.forget s o
            Telling.said s o refused

        match word with
        | null when o.FilledSz = 0L || o.IsLive -> Status.Resting(o.Oid, o.Ask.Cloid)
        | null
        | "filled"
        | "iocRemainder" when o.FilledSz > 0L ->
            let average = Wide.mulDiv o.FilledValue 100_000_000L o.FilledSz
            let unit = max 1L (Instrument.priceUnit o.Market.Rules)
            Status.Filled(o.FilledSz, (average + unit / 2L) / unit * unit, o.Oid, o.Ask.Cloid)
        | "iocRemainder" -> Status.Error(Texts.ofWord s o.Market "iocCancelRejected")
        | null
        | "filled" -> Status.Resting(o.Oid, o.Ask.Cloid)
        | refused -> Status.Error(Texts.ofWord s o.Market refused)

    /// Sends a trigger order to where it waits.
    let private await (s: VenueState) (o: VenueOrder) (t: TriggerAsk) : Status =
        number s o
        let plain = order s o

        let newOrder: NewOrder =
            {
                Account = AccountId.Of plain.Account
                Instrument = InstrumentId.Of plain.Instrument
                Cloid = plain.Cloid
                Side = plain.Side
                Px = Px.Of plain.Px
                Sz = Sz.Of plain.Sz
                Tif = plain.Tif
                ReduceOnly = plain.ReduceOnly
                Trigger = Px.Of 0L
                Expires = Instant.Of 0L
            }

        let trigger: Trigger =
            {
                Px = t.Px
                IsTakeProfit = t.IsTakeProfit
                IsMarket = t.IsMarket
                FollowsPosition = o.IsPositionTpsl
                Group = o.Group
            }

        Telling.live s o
        s.Exchange <- Exchange.placeTrigger s.Exchange s.Now newOrder trigger s.Reports

        match Telling.all s o with
        | null ->
            Telling.said s o "open"
            Status.Resting(o.Oid, o.Ask.Cloid)
        | word ->
            Telling.forget s o
            Telling.said s o word
            Status.Error(Texts.ofWord s o.Market word)

    /// A refused order that still gets a number and a row.
    let private refused (s: VenueState) (o: VenueOrder) (word: string) : Status =
        Telling.said s o word
        Status.Error(Texts.ofWord s o.Market word)

    /// The children of a parent begin to wait for their prices.
    let activate (s: VenueState) (parent: VenueOrder) =
        for child in parent.Children do
            if child.IsLive && child.Number = 0L then
                match child.Ask.Trigger with
                | ValueSome t -> await s child t |> ignore<Status>
                | ValueNone -> ()

        parent.Children <- [||]

    let private endChildren (s: VenueState) (parent: VenueOrder) (word: string) =
        for child in parent.Children do
            if child.IsLive && child.Number = 0L then
                Telling.forget s child
                Telling.said s child word

        parent.Children <- [||]

    /// What parents that came to their end mean for their children: filled whole, or in part and then cancelled for margin, they
    /// begin to wait for their prices; else they go too.
    let settleFamilies (s: VenueState) =
        for i in s.Parents.Count - 1 .. -1 .. 0 do
            let parent = s.Parents[i]

            if not parent.IsLive then
                s.Parents.RemoveAt i

                if
                    parent.Status = "filled"
                    || (parent.Status = "marginCanceled" && parent.FilledSz > 0L)
                then
                    activate s parent
                else
                    endChildren s parent "canceled"

    let private enter (s: VenueState) (o: VenueOrder) : Status =
        match Screening.badPx o.Market o.Ask with
        | null ->
            match o.Ask.Trigger with
            | ValueNone -> send s o
            | ValueSome _ when Screening.isFar s o.Market o.Ask.Px -> refused s o "oracleRejected"
            | ValueSome t ->
                match Screening.badTrigger s o.Account o.Market o.Ask t false with
                | null -> await s o t
                | word -> refused s o word
        | word -> refused s o word

    /// One order of an account; it may have the text of `replaced`. The order of the checks is that of
    /// hyperliquid-protocol.md 10.6.
    let place (s: VenueState) (a: VenueAccount) (ask: OrderAsk) (kind: Grouping) (group: int64) (replaced: int64) =
        match Listing.ofAsset ask.Asset with
        | ValueNone -> struct (Status.Error("Invalid asset." + " asset=" + string ask.Asset), null)
        | ValueSome market when not (Screening.isApproved a market ask) -> struct (Status.Error Texts.noBuilder, null)
        | ValueSome market ->
            let isBound = kind = Grouping.PositionTpsl && ask.Trigger.IsSome
            let isWhole = isBound && ask.Sz = 0L

            let ask =
                if isWhole then
                    { ask with
                        Sz = abs (s.Position(a.Index, market))
                    }
                else
                    ask

            let isFull = Screening.isFull s a

            // Before anything else: a row of its own would take the text of the order that is open.
            let trouble: string | null =
                if Screening.isTaken a ask replaced then "Duplicate cloid."
                elif isFull then null
                else Screening.unheard market ask isWhole

            match trouble with
            | null ->
                let o = VenueOrder(nextOid s, a.Index, market, ask, s.Time)
                o.IsPositionTpsl <- isBound
                o.Group <- group
                a.AddOrder o

                let status =
                    if isFull then
                        refused s o "tooManyOpenOrdersRejected"
                    else
                        enter s o

                struct (status, o)
            | text -> struct (Status.Error text, null)

    /// A child that waits for its parent; null where it is refused.
    let child (s: VenueState) (a: VenueAccount) (ask: OrderAsk) (group: int64) : struct (Status * VenueOrder) =
        match Listing.ofAsset ask.Asset, ask.Trigger with
        | ValueNone, _ -> struct (Status.Error("Invalid asset. asset=" + string ask.Asset), null)
        | ValueSome _, ValueNone -> struct (Status.Error "Trigger order is not reduce only.", null)
        | ValueSome market, ValueSome t ->
            let text: string | null =
                if Screening.isTaken a ask 0L then
                    "Duplicate cloid."
                elif Screening.isFull s a then
                    Texts.ofWord s market "tooManyOpenOrdersRejected"
                else
                    match Screening.unheard market ask false with
                    | null when not (Screening.isOnGrid market ask) -> Texts.ofWord s market "tickRejected"
                    | null ->
                        match Screening.badTrigger s a.Index market ask t true with
                        | null -> null
                        | word -> Texts.ofWord s market word
                    | text -> text

            match text with
            | null ->
                let o = VenueOrder(nextOid s, a.Index, market, ask, s.Time)
                o.Group <- group
                a.AddOrder o
                Telling.live s o
                struct (Status.Word "waitingForFill", o)
            | text -> struct (Status.Error text, null)

    /// Ends an order of an account by its wish.
    let cancelOrder (s: VenueState) (o: VenueOrder) =
        if o.Number = 0L then
            Telling.forget s o
            Telling.said s o "canceled"
        else
            s.Exchange <-
                Exchange.cancel
                    s.Exchange
                    s.Now
                    (AccountId.Of o.Account)
                    o.Market.Rules.Id
                    { Run = 0L; N = o.Number }
                    s.Reports

            Telling.all s null |> ignore
            endChildren s o "canceled"

    let cancel (s: VenueState) (a: VenueAccount) (asset: int) (name: OrderName) (isFast: bool) : Status =
        match a.Find name with
        | o when isFast && not (isNull o) && o.IsLive && o.IsTrigger -> Status.Error Texts.notFast
        | o when not (isNull o) && o.IsLive && o.Market.Asset = asset ->
            cancelOrder s o
            Status.Word "success"
        | _ -> Status.Error Texts.missing
