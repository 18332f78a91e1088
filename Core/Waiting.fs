namespace Vrlg.Core

/// What time alone changes: answers that stay away, accounts that must be looked at again.
module internal Waiting =
    /// Orders without an answer past the limit fall in doubt and are asked about; those in doubt are asked about again, as
    /// long as it takes. So are accounts that owe a look, or whose difference is not explained.
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
