namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// Facts learned from one event. Each function answers with what the event made true; the engine alone turns verdicts into
/// commands.
module internal Learn =
    let private bit (instrument: InstrumentId) =
        if instrument.Index < 0 then
            UInt64.MaxValue
        else
            1UL <<< (instrument.Index &&& 63)

    let market (by: Owner) (s: State) (input: inref<Stamped>) =
        let id = input.Event.Instrument

        if s.Facts.Has id then
            let was = s.Facts.MarketArray[id.Index]
            let next = was.Apply(by, &input)

            if not (obj.ReferenceEquals(was, next)) then
                let facts = s.Facts.Next by
                facts.MarketArray[id.Index] <- next
                s.Facts <- facts

            s.Moved <- s.Moved ||| bit id

    /// A market event whose facts the state shares with another that has taken them in.
    let marketSeen (s: State) (id: InstrumentId) =
        if s.Facts.Has id then
            s.Moved <- s.Moved ||| bit id

    let tick (by: Owner) (s: State) (grid: Instant) =
        let facts = s.Facts.Next by

        for i in 0 .. facts.MarketArray.Length - 1 do
            facts.MarketArray[i] <- facts.MarketArray[i].Tick(by, grid)

        s.Facts <- facts
        s.Moved <- UInt64.MaxValue

    /// One order event: the table, the desk's slot, the notes it deserves.
    let order (by: Owner) (s: State) (at: Instant) (cloid: Cloid) (event: OrderEvent) (out: Outbox) =
        match s.Facts.Orders.TryFind cloid with
        | ValueNone ->
            out.Notes.Add(OrderFaulted(OrderFault.NotOurs cloid))
            false
        | ValueSome was ->
            let struct (moved, verdict) = Order.apply event was
            let isBack = Order.isClosed was && not (Order.isClosed moved)

            // Its fate became unknown by a word of the venue: the venue is asked at once.
            let asks =
                moved.Phase.IsInDoubt
                && not was.Phase.IsInDoubt
                && not (event.IsCancelRefused && Order.isAskedLately at was)

            let next =
                { moved with
                    ChangedAt = at
                    AskedAt = if asks then at else was.AskedAt
                    Slot = if isBack then was.Slot.Stray else was.Slot
                }

            match verdict with
            | OrderVerdict.Fine -> ()
            | OrderVerdict.Race -> out.Notes.Add(RaceCounted cloid)
            | OrderVerdict.Fault fault -> out.Notes.Add(OrderFaulted fault)

            if not (obj.ReferenceEquals(moved, was)) then
                s.Facts <- s.Facts.WithOrders(by, s.Facts.Orders.Put(by, next))
                s.MovedSlots <- s.MovedSlots.Add(struct (was.Desk, was.Slot))
                s.IsDirty <- true

                match next.Phase with
                | Phase.Closed ending when not (Order.isClosed was) ->
                    out.Notes.Add(OrderClosed(was.Desk, cloid, ending, next.Filled, at - was.SentAt))
                    Ends.ofOrder by s next
                | Phase.InDoubt when asks -> out.Commands.Add(Query(next.New.Account, next.New.Instrument, cloid))
                | _ -> ()

            match verdict with
            | OrderVerdict.Fault _ -> false
            | _ -> true

    /// `asOf` is the latest instant that the answer can speak of; 0 when it states none: then it gives no order up.
    let private answered (s: State) (asOf: Instant) (reply: Reply) : OrderEvent voption =
        match reply.Answer with
        | Answer.Accepted oid -> ValueSome(OrderEvent.Accepted oid)
        | Answer.Refused status -> ValueSome(OrderEvent.Refused status)
        | Answer.Ended(status, filled) -> ValueSome(OrderEvent.Ended(status, filled))
        | Answer.CancelRefused _ -> ValueSome OrderEvent.CancelRefused
        | Answer.Unanswered -> ValueSome OrderEvent.Unanswered
        // It was accepted before and works from now on: nothing that the table keeps changes.
        | Answer.Triggered -> ValueNone
        | Answer.NotKnown ->
            match s.Facts.Orders.TryLive reply.Cloid with
            | ValueSome o when Order.isExpired asOf o -> ValueSome OrderEvent.Lapsed
            | _ -> ValueNone

    let reply (by: Owner) (s: State) (at: Instant) (venueAt: Instant) (reply: Reply) (out: Outbox) =
        let asOf = if venueAt.Ns > at.Ns then at else venueAt

        match answered s asOf reply with
        | ValueNone -> ()
        | ValueSome event ->
            let isKnown = s.Facts.Orders.Knows reply.Cloid

            if not (order by s at reply.Cloid event out) && isKnown then
                out.Commands.Add(Resync reply.Account)

    /// A fill is money: the ledger counts it once by its trade id even when the order machine finds it impossible.
    let fill (by: Owner) (s: State) (at: Instant) (venueAt: Instant) (fill: Fill) (out: Outbox) =
        let struct (ledger, verdict) =
            if s.Looks.Contains(fill.Account, fill.Instrument, Order.asStamped at venueAt) then
                s.Facts.Ledger.Contain(by, fill, venueAt, at)
            else
                s.Facts.Ledger.Fill(by, fill, venueAt, at)

        match verdict with
        | FillVerdict.Repeated -> ()
        | FillVerdict.TooOld ->
            out.Notes.Add(OrderFaulted(OrderFault.TooOld(fill.Cloid, fill.TradeId)))
            out.Commands.Add(Resync fill.Account)
        | FillVerdict.Stranger
        | FillVerdict.Impossible ->
            let isKnown = uint fill.Account.Index < uint s.Facts.Ledger.Accounts

            let why =
                if verdict = FillVerdict.Impossible then
                    "no such trade can be"
                elif isKnown then
                    "the run does not have its instrument"
                else
                    "the run does not have its account"

            out.Notes.Add(OrderFaulted(OrderFault.Uncounted(fill.Cloid, fill.TradeId, why)))

            if isKnown then
                out.Commands.Add(Resync fill.Account)
        | FillVerdict.Counted ->
            let facts = s.Facts.Next by
            facts.Ledger <- ledger
            s.Facts <- facts
            s.Looks <- s.Looks.WithFill(by, fill.Account, Order.notAhead at venueAt)
            let notional = Instrument.notional fill.Px fill.Sz
            s.Facts <- s.Facts.Earn(by, fill.Account, notional)

            if not (order by s at fill.Cloid (OrderEvent.Filled fill.Sz) out) then
                out.Commands.Add(Resync fill.Account)

    let private isOfRun (s: State) (cloid: Cloid) = cloid.Run = s.Run && not cloid.IsNone

    /// Orders by the venue's list of open ones: what is missing is asked about, a stranger of this run cancelled, any other told
    /// to people once.
    let private openOrders (by: Owner) (s: State) (at: Instant) (seen: AccountFacts) (v: AccountVerdict) (out: Outbox) =
        for told in v.Listed do
            order by s at told.Cloid told.Event out |> ignore<bool>

        for cloid in v.Missing do
            match s.Facts.Orders.TryLive cloid with
            | ValueSome o -> out.Commands.Add(Query(seen.Account, o.New.Instrument, cloid))
            | ValueNone -> ()

        for stranger in v.Strangers do
            let cloid = stranger.Cloid

            if isOfRun s cloid then
                out.Commands.Add(Cancel(seen.Account, stranger.Instrument, cloid))
                s.Facts <- s.Facts.Spend(by, seen.Account)
            elif not ((s.Looks.StrangersOf seen.Account).Contains cloid) then
                out.Notes.Add(OrderFaulted(OrderFault.NotOurs cloid))

    let private noteFitness (s: State) (before: Fitness) (out: Outbox) =
        let after = s.Facts.Health.Fitness

        if before <> after then
            out.Notes.Add(FitnessChanged after)

    let private looked
        (by: Owner)
        (c: Config)
        (s: State)
        (at: Instant)
        (venueAt: Instant)
        (seen: AccountFacts)
        (v: AccountVerdict)
        (out: Outbox)
        =
        let before = s.Facts.Health.Fitness
        let isFirst = not (s.Looks.IsKnown seen.Account)
        let facts = s.Facts.Next by

        let start, cash =
            facts.Ledger.StartOf seen.Account, facts.Ledger.CashOf seen.Account

        for drift in v.Drifts do
            facts.Ledger <- facts.Ledger.Adopt(by, seen.Account, drift.Venues, at)
            out.Notes.Add(Drifted(seen.Account, drift.Instrument, drift.Ours, drift.Venues.Position))

        // The venue's cash is that after the fills which came before the first look.
        if isFirst then
            facts.Ledger <- facts.Ledger.Begin(by, seen.Account, seen.Cash - (cash - start))

        // A difference that may explain itself neither owes a look nor pays one.
        if isFirst || v.Doubts = 0 || not v.Drifts.IsEmpty then
            facts.Health <- facts.Health.Seen(by, seen.Account, not v.Drifts.IsEmpty, c.Health.Agreements)

        // An order of ours that we do not know may fill, and nobody knows how much: nothing opens before a look without it.
        let isStrange = v.Strangers |> Seq.exists (fun o -> isOfRun s o.Cloid)

        if isStrange then
            facts.Health <- facts.Health.Missed(by, seen.Account)

        s.Facts <- facts
        openOrders by s at seen v out

        let strangers =
            ImmutableArray.CreateRange(v.Strangers |> Seq.map (fun o -> o.Cloid))

        let isOwed = s.Facts.Health.Owes seen.Account
        s.Looks <- s.Looks.WithLook(by, seen.Account, v.Holdings, strangers, isOwed, at, venueAt)
        noteFitness s before out

    /// The venue's word about an account, `saidAt` its own instant.
    let account (by: Owner) (c: Config) (s: State) (at: Instant) (saidAt: Instant) (seen: AccountFacts) (out: Outbox) =
        if s.Looks.Has seen.Account then
            let venueAt = Order.notAhead at saidAt

            let verdict =
                Reconcile.account c.Health s.Looks s.Facts.Ledger s.Facts.Orders at venueAt seen

            if verdict.IsStale then
                // At once, but only the first time: a venue that goes on telling old words is asked at the pace of answers.
                if not (s.Looks.IsOld seen.Account) then
                    s.Looks <- s.Looks.WithOld(by, seen.Account, at)
                    out.Commands.Add(Resync seen.Account)
            else
                // What a look has in it is told by the venue's clock alone, however far that is ahead of ours.
                let stamp = Order.asStamped at saidAt

                let held =
                    if stamp.Ns = venueAt.Ns then
                        verdict.Holdings
                    else
                        ImmutableArray.CreateRange(
                            verdict.Holdings,
                            fun h ->
                                if h.TakenAt.Ns = venueAt.Ns then
                                    { h with TakenAt = stamp }
                                else
                                    h
                        )

                looked by c s at venueAt seen { verdict with Holdings = held } out

            s.IsDirty <- true
            s.Moved <- UInt64.MaxValue

    let halt (by: Owner) (s: State) (reason: HaltReason) (out: Outbox) =
        if not s.Facts.Health.IsHalted then
            let facts = s.Facts.Next by
            facts.Health <- facts.Health.Halted(by, reason)
            s.Facts <- facts
            s.IsFlattening <- true
            s.IsDirty <- true
            out.Notes.Add(FitnessChanged facts.Health.Fitness)

    let operator (by: Owner) (s: State) (said: OperatorOrder) (out: Outbox) =
        let pause paused =
            let facts = s.Facts.Next by
            facts.Health <- facts.Health.Paused(by, paused)
            s.Facts <- facts
            out.Notes.Add(FitnessChanged facts.Health.Fitness)

        s.IsDirty <- true
        s.Moved <- UInt64.MaxValue

        match said with
        | OperatorOrder.Pause -> pause true
        | OperatorOrder.Resume ->
            s.IsFlattening <- s.Facts.Health.IsHalted

            if not s.IsFlattening then
                for d in 0 .. s.DeskArray.Length - 1 do
                    let desk = s.DeskArray[d]

                    s.DeskArray[d] <-
                        { desk with
                            Wanted = Leaving.stopFlatten by desk.Wanted
                        }

            pause false
        | OperatorOrder.Kill reason -> halt by s (HaltReason.Operator reason) out
        | OperatorOrder.Flatten ->
            s.IsFlattening <- true
            pause true

    /// `isSeen`: the markets, which are shared with another state, have it already.
    let feed
        (isSeen: bool)
        (by: Owner)
        (c: Config)
        (s: State)
        (at: Instant)
        (event: inref<Event>)
        (isLost: bool)
        (out: Outbox)
        =
        let facts = s.Facts.Next by

        for i in 0 .. facts.MarketArray.Length - 1 do
            let market = facts.MarketArray[i]

            let concerns =
                if event.IsForAll then
                    market.Rules.Venue.Index = event.Venue.Index
                else
                    event.Instrument.Index = i

            if concerns && not isSeen then
                facts.MarketArray[i] <- market.WithLost(by, event.Channel, isLost)

        s.Facts <- facts
        s.Moved <- UInt64.MaxValue
        s.IsDirty <- true

        // What was missed meanwhile is the venue's to tell: nothing opens before it has.
        if not isLost then
            let before = s.Facts.Health.Fitness

            for a in 0 .. c.Accounts.Length - 1 do
                if c.Accounts[a].Index = event.Venue.Index then
                    facts.Health <- facts.Health.Missed(by, AccountId.Of a)
                    s.Looks <- s.Looks.WithOwed(by, AccountId.Of a, at)
                    out.Commands.Add(Resync(AccountId.Of a))

            noteFitness s before out

    let rare (by: Owner) (c: Config) (s: State) (input: inref<Stamped>) (out: Outbox) =
        match input.Event.Rare with
        | ValueNone -> ()
        | ValueSome body ->
            match body with
            | RareEvent.Replied r -> reply by s input.At input.Event.VenueAt r out
            | RareEvent.Filled f -> fill by s input.At input.Event.VenueAt f out
            | RareEvent.FundingPaid f ->
                let facts = s.Facts.Next by
                facts.Ledger <- facts.Ledger.Fund(by, f)
                s.Facts <- facts
                s.Moved <- s.Moved ||| bit f.Instrument
            | RareEvent.AccountSeen seen -> account by c s input.At input.Event.VenueAt seen out
            | RareEvent.Predicted p -> s.Moved <- s.Moved ||| bit p.Instrument
            | RareEvent.Operator said -> operator by s said out
            | RareEvent.RunStarted run ->
                s.Run <- run.Run
                s.NextCloid <- max s.NextCloid run.FirstCloid
                s.Moved <- UInt64.MaxValue

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
                    halt by s (HaltReason.LossLimit(Usd.Of -result, c.MaxLoss)) out
