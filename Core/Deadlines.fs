namespace Vrlg.Core

open System

/// What time alone brings: answers that are overdue, and losses at the marks of the moment.
module internal Deadlines =
    /// Orders without an answer past the limit fall in doubt and are asked about; those in doubt are asked about again, as
    /// long as it takes. So are accounts whose difference is not explained.
    let overdue (by: Owner) (c: Config) (s: State) (now: Instant) (out: Outbox) =
        let live = s.Facts.Orders.LiveOrders.ToArray()

        for o in live do
            if Order.isAwaited o && now.Ns >= (Order.overdueAt c.Health.AckLimit o).Ns then
                match o.Phase with
                | Phase.Sent
                | Phase.Cancelling -> Learn.order by s now o.New.Cloid OrderEvent.Unanswered out |> ignore
                | _ ->
                    s.Facts <- s.Facts.WithOrders(by, s.Facts.Orders.Put(by, { o with AskedAt = now }))
                    out.Commands.Add(Query(o.New.Account, o.New.Instrument, o.New.Cloid))

        for a in 0 .. c.Accounts.Length - 1 do
            let id = AccountId.Of a

            if
                s.Looks.IsInDoubt id
                && now.Ns - (s.Looks.AskedLast id).Ns >= c.Health.AckLimit.Ns
            then
                s.Looks <- s.Looks.WithAsk(by, id, now)
                out.Commands.Add(Resync id)

    /// The next instant at which an answer is overdue.
    let wakeForAnswers (c: Config) (s: State) (out: Outbox) =
        for o in s.Facts.Orders.LiveOrders do
            if Order.isAwaited o then
                out.WakeAt(Order.overdueAt c.Health.AckLimit o)

        for a in 0 .. c.Accounts.Length - 1 do
            let id = AccountId.Of a

            if s.Looks.IsInDoubt id then
                out.WakeAt(s.Looks.AskedLast id + c.Health.AckLimit)

    /// The loss of an account at the marks, fees and funding included, against the limit.
    let lossLimit (by: Owner) (c: Config) (s: State) (out: Outbox) =
        if c.MaxLoss.Raw > 0L then
            for a in 0 .. c.Accounts.Length - 1 do
                let account = AccountId.Of a
                let mutable result = 0L

                for i in 0 .. s.Facts.InstrumentCount - 1 do
                    let id = InstrumentId.Of i
                    let p = s.Facts.Ledger.Position(account, id)
                    let mark = (s.Facts.Market id).MarkOrMid
                    let value = Instrument.notional mark p.Size.Abs
                    let worth = if p.Size.Raw < 0L then -value.Raw else value.Raw
                    // Before any price is known, what is held counts at its cost.
                    let open' = if mark.IsNone then 0L else worth - p.Cost.Raw
                    result <- result + p.Realised.Raw - p.Fees.Raw - p.Funding.Raw + open'

                if result <= -c.MaxLoss.Raw then
                    Learn.halt by s (HaltReason.LossLimit(Usd.Of -result, c.MaxLoss)) out
