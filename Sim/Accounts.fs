namespace Vrlg.Sim

open System
open Vrlg.Core

/// What happens to accounts and waiting orders without a command of ours: contexts, triggers, funding, liquidation, gaps,
/// scheduled cancels (simulation.md 8 to 10).
module internal Accounts =
    open Filling

    // ---- triggers ----

    /// A trigger order that arrives: the checks, then it waits; the last mark is tested on placement too.
    let awaitTrigger (at: inref<At>) (order: inref<ExchangeOrder>) (trigger: Trigger) =
        let rules = at.Pit.Rules

        let isBadPx =
            at.House.Config.CheckRules
            && not (Instrument.isValidPx rules (Px.Of trigger.Px))

        match Checks.refusal &at &order true with
        | null when trigger.Px <= 0L || isBadPx -> Entering.refuse &at &order "badTriggerPxRejected"
        | null ->
            let oid = Entering.accept &at &order

            let waiting: Waiting =
                {
                    Order = order
                    Trigger = trigger
                    Oid = oid
                    IsFired = WaitingOrders.Fires(order.Side, &trigger, at.Pit.Mark)
                    FiredAt = at.Now
                    IsGone = false
                }

            at.Own.Waiting.Add &waiting
            at.House.HasFired <- at.House.HasFired || waiting.IsFired
        | word -> Entering.refuse &at &order word

    /// Executes what has fired at or before `upTo`, in the order of arrival.
    let releaseFired (at: inref<At>) (upTo: int64) =
        let waiting = at.Own.Waiting

        for i in 0 .. waiting.Count - 1 do
            let item = waiting.Item i

            if item.IsFired && item.FiredAt <= upTo && not item.IsGone then
                let w = &waiting.Item i
                w.IsGone <- true
                Entering.release &at &item

        waiting.Sweep()
        sweep at.Own

    // ---- contexts ----

    /// Funding at a settlement: position before it, times oracle, times rate (1e-12 a settlement), rounded against us.
    let private fund (at: inref<At>) (oracle: int64) (rate: int64) =
        let house = at.House

        for account in 0 .. house.Config.Accounts - 1 do
            let held = house.Holding(account, at.Instrument)
            let position = if held.FillAt = at.Now then held.Before else held.Position

            if position <> 0L && at.Pit.Rules.Kind = InstrumentKind.Perp then
                let paid = Fees.funding (Sz.Of position) (Px.Of oracle) rate
                let place = account * house.Pits.Length + at.Instrument

                if house.IsIsolated[place] then
                    house.IsolatedCash[place] <- house.IsolatedCash[place] - paid.Raw
                else
                    house.PerpCash[account] <- house.PerpCash[account] - paid.Raw

                let r: Report =
                    {
                        Kind = ReportKind.Funded
                        Side = Side.Buy
                        IsMaker = false
                        IsUncertain = false
                        IsLiquidation = false
                        Account = account
                        Instrument = at.Instrument
                        Cloid = Cloid.None
                        Number = 0L
                        Px = oracle
                        Sz = position
                        Money = paid.Raw
                        Cumulative = 0L
                        Word = null
                        At = Instant.Of at.Now
                    }

                at.Out.Add &r

    let private endAll (at: inref<At>) (account: int) (word: string) =
        for s in 0..1 do
            let own = if s = 0 then at.Own.Bids else at.Own.Asks

            for i in 0 .. own.Count - 1 do
                let o = &own.Item i

                if o.Left > 0L && (account < 0 || o.Order.Account = account) then
                    endOwn &at own i word

        for i in 0 .. at.Own.Waiting.Count - 1 do
            let w = &at.Own.Waiting.Item i

            if not w.IsGone && not w.IsFired && (account < 0 || w.Order.Account = account) then
                endWaiting &at i word

        sweep at.Own
        at.Own.Waiting.Sweep()

    /// Maintenance margin: below it the venue takes the account's orders on this perpetual away and closes its position at the
    /// displayed book. What is held at spot owes nothing.
    let private liquidate (at: inref<At>) (pits: Pit[]) =
        let house = at.House

        for account in 0 .. house.Config.Accounts - 1 do
            let held = house.Holding(account, at.Instrument).Position

            if held <> 0L && not at.Pit.InGap then
                if Checks.isBelow house pits account at.Instrument then
                    let forced = { at with IsForced = true }
                    endAll &forced account "liquidatedCanceled"
                    house.Liquidations <- house.Liquidations + 1L

                    let order: ExchangeOrder =
                        {
                            Account = account
                            Instrument = at.Instrument
                            Cloid = Cloid.None
                            Side = (if held > 0L then Side.Sell else Side.Buy)
                            Tif = Tif.Ioc
                            ReduceOnly = true
                            Px = (if held > 0L then 1L else Int64.MaxValue)
                            Sz = abs held
                            Expires = 0L
                        }

                    Entering.close &forced &order
                    sweep at.Own

    /// A context: mark and oracle, triggers that the mark meets, margin; at a settlement funding.
    let context (at: inref<At>) (pits: Pit[]) (event: inref<Event>) =
        let mark, oracle = event.Mark, event.Oracle
        at.Pit.Mark <- mark.Raw
        at.Pit.Oracle <- oracle.Raw

        if at.Own.Waiting.Count > 0 && at.Own.Waiting.Test(mark.Raw, at.Now) > 0 then
            at.House.HasFired <- true

        if event.IsSettlement then
            fund &at oracle.Raw event.FundingRate

        if at.House.Config.Rules.ChecksMargin && at.Pit.Rules.Kind = InstrumentKind.Perp then
            liquidate &at pits

    // ---- gaps and deadlines ----

    let setDeadline (house: House) =
        house.NextDeadman <- min (Array.min house.Deadman) (Array.min house.GapEnds)

    let beginGap (at: inref<At>) (since: int64) =
        let rules = at.House.Config.Rules

        match rules.Gap with
        | GapPolicy.CancelOwn -> endAll &at -1 "gapCanceled"
        // The run ends, and whoever runs it sees to that.
        | GapPolicy.Abort -> ()
        | _ ->
            let most = rules.MaxGap
            at.House.GapEnds[at.Instrument] <- since + most.Ns
            setDeadline at.House

    let endGap (at: inref<At>) =
        at.House.GapEnds[at.Instrument] <- Int64.MaxValue
        setDeadline at.House

    /// One instrument's part of the deadlines that have come.
    let deadlines (at: inref<At>) =
        let house = at.House

        for account in 0 .. house.Config.Accounts - 1 do
            if house.Deadman[account] <= at.Now then
                endAll &at account "scheduledCancel"

        if house.GapEnds[at.Instrument] <= at.Now then
            endAll &at -1 "gapCanceled"

    let passDeadlines (house: House) (now: int64) =
        for i in 0 .. house.Deadman.Length - 1 do
            if house.Deadman[i] <= now then
                house.Deadman[i] <- Int64.MaxValue

        for i in 0 .. house.GapEnds.Length - 1 do
            if house.GapEnds[i] <= now then
                house.GapEnds[i] <- Int64.MaxValue

        setDeadline house
