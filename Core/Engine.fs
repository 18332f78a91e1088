namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// A strategy with its account, instruments and limits.
[<NoComparison; NoEquality>]
type Desk =
    {
        Name: string
        /// The instruments it trades and hears. One desk per instrument and account: venues net positions.
        Instruments: ImmutableArray<InstrumentId>
        Strategy: IStrategy
        Plan: PlanConfig
    }

/// What a run is fixed to. Nothing in it says whether the run is live.
[<NoComparison; NoEquality>]
type Config =
    {
        Instruments: ImmutableArray<Instrument>
        /// Accounts of the run, by `AccountId`: the venue each lives on.
        Accounts: ImmutableArray<VenueId>
        Health: HealthConfig
        /// The allowance of actions of every account at the start.
        Budget: Budget
        /// Realised and unrealised loss, fees and funding included, at which everything stops for good; 0 means no limit.
        MaxLoss: Usd
    }

/// What a step sends and says.
[<Struct; IsReadOnly; NoEquality; NoComparison>]
type Output =
    {
        Commands: ImmutableArray<Command>
        Notes: ImmutableArray<Note>
    }

    static member Silent: Output =
        {
            Commands = ImmutableArray.Empty
            Notes = ImmutableArray.Empty
        }

    member o.IsSilent = o.Commands.IsDefaultOrEmpty && o.Notes.IsDefaultOrEmpty

/// A desk at one step: who decides next, and what is wanted.
[<NoComparison; NoEquality>]
type DeskState =
    {
        Desk: Desk
        /// Bit i: hears instrument i modulo 64.
        Hears: uint64
        Strategy: IStrategy
        Wanted: Wanted
    }

/// Everything true and wanted. Shared it never changes; owned (`Engine.own`) it changes in place under one owner.
[<Sealed>]
type State internal (facts: Facts, desks: DeskState[]) =
    member val internal Token: Owner = null with get, set
    member val internal Maker: Owner = null with get, set
    member val Facts: Facts = facts with get, internal set
    member val internal DeskArray: DeskState[] = desks with get, set
    member val Run = 0L with get, internal set
    /// The counter of the next order.
    member val NextCloid = 1L with get, internal set
    /// Instruments moved by the parts of a message that goes on.
    member val internal Moved = 0UL with get, set
    /// Slots moved and not yet told to their desks.
    member val internal MovedSlots: ImmutableArray<struct (DeskId * Slot)> = ImmutableArray.Empty with get, set
    member val internal IsDirty = false with get, set
    member val internal IsWaiting = false with get, set
    member val internal IsFlattening = false with get, set
    member val internal Deadline: Instant = Instant.Of Int64.MaxValue with get, set
    /// Where an owned step collects what it says: emptied before each use, copied into the output, never seen outside.
    member val internal Scratch: Outbox = Outbox() with get, set

    member s.DeskCount = s.DeskArray.Length
    /// A desk's successor and wishes, by its id.
    member s.Desk(id: DeskId) : DeskState = s.DeskArray[id.Index]
    member s.Fitness = s.Facts.Health.Fitness

    member internal s.Next(by: Owner) : State =
        if not (isNull by) && obj.ReferenceEquals(s.Maker, by) then
            s
        else
            let copy = s.MemberwiseClone() :?> State
            copy.Maker <- by
            copy.Token <- by
            copy.DeskArray <- Array.copy s.DeskArray
            copy.Scratch <- Outbox()
            copy

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

    let tick (by: Owner) (s: State) (grid: Instant) =
        let facts = s.Facts.Next by

        for i in 0 .. facts.MarketArray.Length - 1 do
            facts.MarketArray[i] <- facts.MarketArray[i].Tick(by, grid)

        s.Facts <- facts
        s.Moved <- UInt64.MaxValue

    let private noteRefusal (s: State) (by: Owner) (o: Order) =
        match o.Phase with
        | Phase.Closed(Ending.Rejected _) ->
            let desk = s.DeskArray[o.Desk.Index]

            match desk.Wanted.Find o.Slot with
            | -1 -> ()
            | i ->
                let market = s.Facts.Market o.Slot.Instrument
                let touch = market.Touch

                let item =
                    { desk.Wanted.At i with
                        RefusedPx = o.New.Px
                        RefusedBid = touch.BidPx
                        RefusedAsk = touch.AskPx
                    }

                s.DeskArray[o.Desk.Index] <-
                    { desk with
                        Wanted = desk.Wanted.Put(by, i, item)
                    }
        | _ -> ()

    /// One order event: the table, the desk's slot, the notes it deserves.
    let order (by: Owner) (s: State) (at: Instant) (cloid: Cloid) (event: OrderEvent) (out: Outbox) =
        match s.Facts.Orders.TryFind cloid with
        | ValueNone ->
            out.Notes.Add(OrderFaulted(OrderFault.NotOurs cloid))
            false
        | ValueSome was ->
            let struct (moved, verdict) = Order.apply event was
            let next = { moved with ChangedAt = at }

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
                    noteRefusal s by next
                | _ -> ()

            match verdict with
            | OrderVerdict.Fault _ -> false
            | _ -> true

    let private answered (s: State) (at: Instant) (reply: Reply) (health: HealthConfig) : OrderEvent voption =
        match reply.Answer with
        | Answer.Accepted oid -> ValueSome(OrderEvent.Accepted oid)
        | Answer.Refused status -> ValueSome(OrderEvent.Refused status)
        | Answer.Ended(status, filled) -> ValueSome(OrderEvent.Ended(status, filled))
        | Answer.CancelRefused _ -> ValueSome OrderEvent.CancelRefused
        | Answer.Unanswered -> ValueSome OrderEvent.Unanswered
        | Answer.NotKnown ->
            match s.Facts.Orders.TryLive reply.Cloid with
            | ValueSome o when at.Ns - o.SentAt.Ns >= health.ArrivalLimit.Ns -> ValueSome OrderEvent.Lapsed
            | _ -> ValueNone

    let reply (by: Owner) (c: Config) (s: State) (at: Instant) (reply: Reply) (out: Outbox) =
        match answered s at reply c.Health with
        | ValueNone -> ()
        | ValueSome event ->
            let isKnown = s.Facts.Orders.Knows reply.Cloid

            if not (order by s at reply.Cloid event out) && isKnown then
                out.Commands.Add(Resync reply.Account)

    /// A fill is money: the ledger counts it once by its trade id even when the order machine finds it impossible.
    let fill (by: Owner) (s: State) (at: Instant) (venueAt: Instant) (fill: Fill) (out: Outbox) =
        let struct (ledger, verdict) = s.Facts.Ledger.Fill(by, fill, venueAt, at)

        match verdict with
        | FillVerdict.Repeated -> ()
        | FillVerdict.TooOld ->
            out.Notes.Add(OrderFaulted(OrderFault.TooOld(fill.Cloid, fill.TradeId)))
            out.Commands.Add(Resync fill.Account)
        | FillVerdict.Counted ->
            let facts = s.Facts.Next by
            facts.Ledger <- ledger
            s.Facts <- facts
            let notional = Instrument.notional fill.Px fill.Sz
            s.Facts <- s.Facts.Earn(by, fill.Account, notional)

            if not (order by s at fill.Cloid (OrderEvent.Filled(fill.Sz, fill.Cumulative)) out) then
                out.Commands.Add(Resync fill.Account)

    let account (by: Owner) (c: Config) (s: State) (at: Instant) (seen: AccountFacts) (out: Outbox) =
        let before = s.Facts.Health.Fitness
        let isFirst = s.Facts.Ledger.FillCount = 0L && s.Facts.Ledger.StartOf(seen.Account).Raw = 0L
        let verdict = Reconcile.account s.Facts.Ledger s.Facts.Orders seen
        let facts = s.Facts.Next by

        for drift in verdict.Drifts do
            facts.Ledger <- facts.Ledger.Adopt(by, seen.Account, drift.Venues, at)
            out.Notes.Add(Drifted(seen.Account, drift.Instrument, drift.Ours, drift.Venues.Position))

        if isFirst then
            facts.Ledger <- facts.Ledger.Begin(by, seen.Account, seen.Cash)

        facts.Health <- facts.Health.Seen(by, seen.Account, not verdict.Drifts.IsEmpty, c.Health.Agreements)
        s.Facts <- facts

        for cloid in verdict.Missing do
            match s.Facts.Orders.TryLive cloid with
            | ValueSome o -> out.Commands.Add(Query(seen.Account, o.New.Instrument, cloid))
            | ValueNone -> ()

        for cloid in verdict.Strangers do
            if cloid.Run = s.Run then
                out.Commands.Add(Cancel(seen.Account, InstrumentId.Of -1, cloid))

        s.IsDirty <- true
        s.Moved <- UInt64.MaxValue
        let after = s.Facts.Health.Fitness

        if before <> after then
            out.Notes.Add(FitnessChanged after)

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
            pause false
        | OperatorOrder.Kill reason -> halt by s (HaltReason.Operator reason) out
        | OperatorOrder.Flatten ->
            s.IsFlattening <- true
            pause true

    let feed (by: Owner) (c: Config) (s: State) (event: inref<Event>) (isLost: bool) (out: Outbox) =
        let facts = s.Facts.Next by

        for i in 0 .. facts.MarketArray.Length - 1 do
            let market = facts.MarketArray[i]
            let concerns = if event.IsForAll then market.Rules.Venue.Index = event.Venue.Index else event.Instrument.Index = i

            if concerns then
                facts.MarketArray[i] <- market.WithLost(by, isLost)

        s.Facts <- facts
        s.Moved <- UInt64.MaxValue
        s.IsDirty <- true

        // What was missed meanwhile is the venue's to tell.
        if not isLost then
            for a in 0 .. c.Accounts.Length - 1 do
                if c.Accounts[a].Index = event.Venue.Index then
                    out.Commands.Add(Resync(AccountId.Of a))

    let rare (by: Owner) (c: Config) (s: State) (input: inref<Stamped>) (out: Outbox) =
        match input.Event.Rare with
        | ValueNone -> ()
        | ValueSome body ->
            match body with
            | RareEvent.Replied r -> reply by c s input.At r out
            | RareEvent.Filled f -> fill by s input.At input.Event.VenueAt f out
            | RareEvent.FundingPaid f ->
                let facts = s.Facts.Next by
                facts.Ledger <- facts.Ledger.Fund(by, f)
                s.Facts <- facts
                s.Moved <- s.Moved ||| bit f.Instrument
            | RareEvent.AccountSeen seen -> account by c s input.At seen out
            | RareEvent.Predicted p -> s.Moved <- s.Moved ||| bit p.Instrument
            | RareEvent.Operator said -> operator by s said out
            | RareEvent.RunStarted run ->
                s.Run <- run.Run
                s.NextCloid <- max s.NextCloid run.FirstCloid
                s.Moved <- UInt64.MaxValue

    /// Orders without an answer past the limit fall in doubt and are asked about; those in doubt are asked about again.
    let overdue (by: Owner) (c: Config) (s: State) (now: Instant) (out: Outbox) =
        let live = s.Facts.Orders.LiveOrders.ToArray()

        for o in live do
            let isLate = now.Ns - o.ChangedAt.Ns >= c.Health.AckLimit.Ns

            match o.Phase with
            | Phase.Sent
            | Phase.Cancelling _ when isLate ->
                order by s now o.New.Cloid OrderEvent.Unanswered out |> ignore
                out.Commands.Add(Query(o.New.Account, o.New.Instrument, o.New.Cloid))
            | Phase.InDoubt
            | Phase.Settling _ when isLate ->
                s.Facts <- s.Facts.WithOrders(by, s.Facts.Orders.Put(by, { o with ChangedAt = now }))
                out.Commands.Add(Query(o.New.Account, o.New.Instrument, o.New.Cloid))
            | _ -> ()

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
                    result <- result + p.Realised.Raw - p.Fees.Raw - p.Funding.Raw + worth - p.Cost.Raw

                if result <= -c.MaxLoss.Raw then
                    halt by s (HaltReason.LossLimit(Usd.Of -result, c.MaxLoss)) out

/// The engine: the only place where market facts, orders, positions, health and wishes meet.
[<RequireQualifiedAccess>]
module Engine =
    let private hears (desk: Desk) =
        let mutable mask = 0UL

        for id in desk.Instruments do
            mask <- mask ||| (1UL <<< (id.Index &&& 63))

        mask

    /// A state before any event: cold, empty, shared.
    [<CompiledName "Create">]
    let create (c: Config) (desks: Desk[]) : State =
        let facts = Facts(Seq.toArray c.Instruments, c.Accounts.Length)
        facts.Budgets <- Array.create c.Accounts.Length c.Budget

        let states =
            desks
            |> Array.map (fun desk ->
                {
                    Desk = desk
                    Hears = hears desk
                    Strategy = desk.Strategy
                    Wanted = Wanted.Empty
                })

        State(facts, states)

    /// The same state for one owner, who steps it linearly: every step changes it in place.
    [<CompiledName "Own">]
    let own (s: State) : State =
        let token = Owner()
        let copy = s.Next token
        copy.Token <- token
        copy

    /// Ends the owner's right to change the state: it may be kept, compared and forked from now on.
    [<CompiledName "Share">]
    let share (s: State) : State =
        if not (isNull s.Token) then
            s.Token.Release()

        s.Next null

    let private ask (by: Owner) (s: State) (now: Instant) (d: int) (event: inref<Event>) (out: Outbox) =
        let was = s.DeskArray[d]
        let id = DeskId.Of d
        let view = View(s.Facts, now, id, was.Desk.Plan.Account)
        let struct (successor, intents) = was.Strategy.Next(view, &event)
        // A foreign strategy may answer with nothing at all: then it stays as it was.
        let next = if isNull (box successor) then was.Strategy else successor

        if not (obj.ReferenceEquals(next, was.Strategy)) then
            s.DeskArray[d] <- { was with Strategy = next }

        if not intents.IsDefaultOrEmpty then
            let mutable wanted = was.Wanted

            for intent in intents do
                wanted <- Slots.speak by now id s.Facts intent wanted out

            s.DeskArray[d] <- { s.DeskArray[d] with Wanted = wanted }
            s.IsDirty <- true

    let private askAll (by: Owner) (s: State) (input: inref<Stamped>) (out: Outbox) =
        let moved = s.Moved
        let slots = s.MovedSlots
        s.Moved <- 0UL
        s.MovedSlots <- ImmutableArray.Empty

        for struct (desk, slot) in slots do
            let told = Event.SlotMoved slot
            ask by s input.At desk.Index &told out

        if moved <> 0UL then
            for d in 0 .. s.DeskArray.Length - 1 do
                if s.DeskArray[d].Hears &&& moved <> 0UL then
                    ask by s input.At d &input.Event out

    /// Quotes on a lost feed are pulled; halted or flattening, everything is, and what is held leaves.
    let private temper (by: Owner) (s: State) (now: Instant) =
        let leaves = s.IsFlattening || s.Facts.Health.IsHalted

        for d in 0 .. s.DeskArray.Length - 1 do
            let desk = s.DeskArray[d]

            for id in desk.Desk.Instruments do
                if s.Facts.Has id then
                    let market = s.Facts.Market id

                    if leaves || market.IsLost then
                        let was = s.DeskArray[d].Wanted
                        let pulled = Slots.pullAll by id was
                        let wanted = if leaves then Slots.flatten by desk.Desk.Plan now (DeskId.Of d) id pulled s.Facts else pulled
                        s.DeskArray[d] <- { s.DeskArray[d] with Wanted = wanted }

    let private planPass (by: Owner) (s: State) (pass: Slots.Pass) (input: inref<Stamped>) (out: Outbox) =
        for d in 0 .. s.DeskArray.Length - 1 do
            let desk = s.DeskArray[d]
            let step: PlanStep = { By = by; Config = desk.Desk.Plan; Now = input.At; Seq = input.Seq; Desk = DeskId.Of d; Run = s.Run }
            let struct (wanted, facts, n) = Slots.plan step pass s.NextCloid desk.Wanted s.Facts out
            s.Facts <- facts
            s.NextCloid <- n

            if not (obj.ReferenceEquals(wanted, desk.Wanted)) then
                s.DeskArray[d] <- { desk with Wanted = wanted }

    let private planAll (by: Owner) (s: State) (input: inref<Stamped>) (out: Outbox) =
        s.IsDirty <- false
        out.IsWaiting <- s.IsFlattening || s.Facts.Health.IsHalted
        out.Deadline <- Instant.Of Int64.MaxValue
        planPass by s Slots.Pass.Cancels &input out
        planPass by s Slots.Pass.Places &input out
        s.IsWaiting <- out.IsWaiting
        s.Deadline <- out.Deadline

    let private outputOf (out: Outbox) : Output =
        if out.Commands.Count = 0 && out.Notes.Count = 0 then
            Output.Silent
        else
            {
                Commands = ImmutableArray.CreateRange out.Commands
                Notes = ImmutableArray.CreateRange out.Notes
            }

    /// One event in, the next state and what to do about it out. Facts first, then opinions, then actions. Total: reads no
    /// clock, draws no number, throws nothing. On a state that is shared it is pure; on an owned one it changes in place.
    [<CompiledName "Step">]
    let step (config: Config) (state: State) (input: inref<Stamped>) : struct (State * Output) =
        let by = Owner.live state.Token
        let s = state.Next by
        let out = if isNull by then Outbox() else s.Scratch
        out.Clear()

        match input.Event.Kind with
        | EventKind.LevelMoved
        | EventKind.BookMoved
        | EventKind.BboMoved
        | EventKind.Traded
        | EventKind.ContextMoved -> Learn.market by s &input
        | EventKind.Ticked ->
            Learn.tick by s input.Event.Grid
            Learn.lossLimit by config s out
        | EventKind.FeedLost -> Learn.feed by config s &input.Event true out
        | EventKind.FeedBack -> Learn.feed by config s &input.Event false out
        | EventKind.BlockSealed -> s.Moved <- UInt64.MaxValue
        | EventKind.SlotMoved
        | EventKind.None -> ()
        | _ -> Learn.rare by config s &input out

        if not input.Event.IsPart then
            if input.At.Ns >= s.Deadline.Ns then
                Learn.overdue by config s input.At out
                s.IsDirty <- true

            askAll by s &input out

            if s.IsDirty || s.IsWaiting then
                temper by s input.At
                planAll by s &input out

        struct (s, outputOf out)

    /// A desk's gauges at a state: the named numbers of its strategy, empty where it shows none.
    [<CompiledName "Gauges">]
    let gauges (s: State) (desk: DeskId) : ImmutableArray<struct (string * float)> =
        match s.DeskArray[desk.Index].Strategy with
        | :? IGauged as g -> g.Gauges
        | _ -> ImmutableArray.Empty
