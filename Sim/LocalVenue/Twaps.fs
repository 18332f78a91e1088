namespace Vrlg.Sim.LocalVenue

open Vrlg.Core
open Vrlg.Sim

/// Orders that the venue works off over time: a slice every 30 s that takes up to 3 % beyond the middle, catching up with at
/// most three times the usual size (hyperliquid-protocol.md 3.1).
module internal Twaps =
    /// Orders of this kind that an account may have.
    let private most = 100

    let private slippageBps = 300

    let private say (s: VenueState) (t: VenueTwap) (status: string) =
        let row: TwapRow =
            {
                Time = s.Time
                Twap = t
                ExecutedSz = t.ExecutedSz
                ExecutedValue = t.ExecutedValue
                Status = status
            }

        s.Accounts[t.Account].AddTwap row
        s.Out.Twaps.Add(struct (t.Account, row))

    let private mark (s: VenueState) (t: VenueTwap) = s.Markets[t.Market.Id].Mark

    /// The middle, where both sides have orders.
    let private market (s: VenueState) (t: VenueTwap) : int64 =
        match s.Mid t.Market with
        | 0L -> mark s t
        | mid -> mid

    let private activate (s: VenueState) (t: VenueTwap) =
        let lot = Instrument.lot t.Market.Rules
        let length = Duration.OfMs(t.Ask.Minutes * 60_000L)
        let now = s.Now
        t.Plan <- ValueSome(Twap.create t.Ask.Side (Sz.Of t.Ask.Sz) lot now length (Px.Of(market s t)))
        say s t "activated"

    let private isMet (s: VenueState) (t: VenueTwap) : bool =
        match t.Ask.Trigger with
        | ValueSome(struct (px, true)) -> mark s t >= px
        | ValueSome(struct (px, false)) -> mark s t <= px
        | ValueNone -> true

    let private isStopped (s: VenueState) (t: VenueTwap) : bool =
        match t.Ask.Stop with
        | ValueSome px when t.Ask.Side = Side.Buy -> mark s t > px
        | ValueSome px -> mark s t < px
        | ValueNone -> false

    let private reduces (s: VenueState) (account: int) (m: Listed) (side: Side) : bool =
        let held = s.Position(account, m)
        if side = Side.Buy then held < 0L else held > 0L

    // ---- slices ----

    /// A slice's size: that of the plan, or up to a fifth more or less. The last one is the plan's.
    let private sizeOf (s: VenueState) (t: VenueTwap) (plan: Twap) (size: int64) : int64 =
        if not t.Ask.Randomize || ValueOption.isNone (Twap.nextAt plan) then
            size
        else
            let key = Seed.key s.Config.Seed "twap"
            let percent = Seed.between key (t.Id * 65_536L + plan.Children) 80L 120L
            let lot = Instrument.lot t.Market.Rules
            let largest = min (t.Ask.Sz - t.ExecutedSz) (Twap.most plan)
            let drawn = min largest (Wide.mulDiv size percent 100L)
            max (min lot size) (drawn - drawn % lot)

    let private slice (s: VenueState) (t: VenueTwap) (size: int64) =
        let reach =
            Instrument.reachPx t.Market.Rules t.Ask.Side (Px.Of(market s t)) slippageBps

        let ask: OrderAsk =
            {
                Asset = t.Market.Asset
                Side = t.Ask.Side
                Px = reach.Raw
                Sz = size
                ReduceOnly = t.Ask.ReduceOnly
                Tif = "Ioc"
                Trigger = ValueNone
                Cloid = null
                Builder = ValueNone
            }

        let o = VenueOrder(Placing.nextOid s, t.Account, t.Market, ask, s.Time)
        o.Twap <- t.Id
        s.Accounts[t.Account].AddOrder o
        Placing.send s o |> ignore<Status>
        t.ExecutedSz <- t.ExecutedSz + o.FilledSz
        t.ExecutedValue <- t.ExecutedValue + o.FilledValue
        o.FilledSz

    /// What is due now. Answers the word of its end; null while it goes on.
    let private work (s: VenueState) (t: VenueTwap) (plan: Twap) : string | null =
        if isStopped s t then
            "stopped"
        elif t.Ask.ReduceOnly && not (reduces s t.Account t.Market t.Ask.Side) then
            "terminated"
        else
            let now = s.Now
            let struct (told, child) = Twap.next now (Px.Of(market s t)) plan

            let next =
                match child with
                | ValueNone -> told
                | ValueSome(struct (size, _)) -> Twap.filled (Sz.Of(slice s t (sizeOf s t told size.Raw))) told

            t.Plan <- ValueSome next

            if ValueOption.isNone (Twap.nextAt next) then
                "finished"
            else
                null

    let private step (s: VenueState) (t: VenueTwap) : string | null =
        match t.Plan with
        | ValueSome plan -> work s t plan
        | ValueNone ->
            if isMet s t then
                activate s t

            null

    /// Goes through all that are due, in the order of their accounts.
    let run (s: VenueState) =
        for a in s.Accounts do
            for i in a.Twaps.Count - 1 .. -1 .. 0 do
                let t = a.Twaps[i]

                match step s t with
                | null -> ()
                | word ->
                    a.Twaps.RemoveAt i
                    say s t word

    // ---- asking ----

    /// What is wrong with a wish; null when nothing is.
    let private trouble (s: VenueState) (a: VenueAccount) (m: Listed) (q: TwapAsk) : string | null =
        let least = 10L * q.Minutes

        // A text that is no price is below 0: the mark would be beyond it at once.
        let hasBadPx =
            (match q.Trigger with
             | ValueSome(struct (px, _)) -> px <= 0L
             | ValueNone -> false)
            || (match q.Stop with
                | ValueSome px -> px <= 0L
                | ValueNone -> false)

        if q.Minutes < 5L || q.Minutes > 1_440L then
            $"Invalid TWAP duration: {q.Minutes} min(s)"
        elif q.Sz <= 0L || q.Sz % Instrument.lot m.Rules <> 0L then
            Texts.badSize
        elif hasBadPx then
            Texts.badPx
        elif q.ReduceOnly && not (reduces s a.Index m q.Side) then
            "Reduce-only TWAP order would increase position."
        elif Figures.worth s.Markets[m.Id].Mark q.Sz < least * 100_000_000L then
            $"TWAP order value too small. Min is ${least}, which is $10 per minute."
        elif a.Twaps.Count >= most then
            "Too many open orders"
        else
            null

    let start (s: VenueState) (a: VenueAccount) (q: TwapAsk) : VenueAnswer =
        let refused text =
            VenueAnswer.One("twapOrder", Status.Error text)

        match Listing.ofAsset q.Asset with
        | ValueNone -> refused ("Invalid asset. asset=" + string q.Asset)
        | ValueSome m ->
            match trouble s a m q with
            | null ->
                s.LastTwap <- s.LastTwap + 1L
                let t = VenueTwap(s.LastTwap, a.Index, m, q, s.Time)
                a.Twaps.Add t

                if isMet s t then
                    activate s t
                else
                    say s t "waitingForTrigger"

                VenueAnswer.One("twapOrder", Status.Running t.Id)
            | text -> refused text

    let cancel (s: VenueState) (a: VenueAccount) (asset: int) (id: int64) : VenueAnswer =
        match a.Twaps.FindIndex(fun t -> t.Id = id && t.Market.Asset = asset) with
        | -1 -> VenueAnswer.One("twapCancel", Status.Error "TWAP was never placed, already canceled, or filled.")
        | place ->
            let t = a.Twaps[place]
            a.Twaps.RemoveAt place
            say s t "terminated"
            VenueAnswer.One("twapCancel", Status.Word "success")
