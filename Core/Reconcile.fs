namespace Vrlg.Core

open System
open System.Collections.Immutable

/// One difference between the venue's word and ours.
[<NoComparison>]
type Drift =
    {
        Instrument: InstrumentId
        Ours: Sz
        Venues: HeldPosition
    }

/// What happened to an order by the venue's list of open ones.
[<NoComparison; NoEquality>]
type ListedOrder =
    {
        Cloid: Cloid
        Instrument: InstrumentId
        Event: OrderEvent
    }

/// What the venue's word about an account means. Values only: the engine turns them into state and commands.
[<NoComparison; NoEquality>]
type AccountVerdict =
    {
        /// The word is older than a fill that was counted or a word that was believed: it says nothing of now.
        IsStale: bool
        /// To be taken: no order of ours explains them, or they have lasted.
        Drifts: ImmutableArray<Drift>
        /// The memory of the account's instruments after this look.
        Holdings: ImmutableArray<HoldingLook>
        /// Differences that fills on their way may explain.
        Doubts: int
        /// Orders of ours of which the list says more than we knew.
        Listed: ImmutableArray<ListedOrder>
        /// Orders of ours that the venue does not list as open, by a word that may be older than ours: asked about.
        Missing: ImmutableArray<Cloid>
        /// Open orders at the venue that we do not know.
        Strangers: ImmutableArray<OpenOrder>
    }

/// The venue's word about an account, held against ours: whom to believe, and what to ask (I3).
[<RequireQualifiedAccess>]
module Reconcile =
    let private held (facts: AccountFacts) (instrument: InstrumentId) : HeldPosition =
        let mutable found: HeldPosition =
            {
                Instrument = instrument
                Position = Sz.Of 0L
                AvgPx = Px.Of 0L
            }

        if not facts.Positions.IsDefaultOrEmpty then
            for h in facts.Positions do
                if h.Instrument.Index = instrument.Index then
                    found <- h

        found

    let private isOpen (facts: AccountFacts) (cloid: Cloid) =
        let mutable found = false

        if not facts.Open.IsDefaultOrEmpty then
            for o in facts.Open do
                if o.Cloid = cloid then
                    found <- true

        found

    /// Fills on their way, of orders that may still fill, could make the difference.
    let private isExplained (orders: Orders) (account: AccountId) (id: InstrumentId) (ours: Sz) (venues: Sz) =
        let off = Int128.op_Implicit venues.Raw - Int128.op_Implicit ours.Raw
        let side = if Int128.IsPositive off then Side.Buy else Side.Sell
        let working = orders.Working(account, id, side)
        Int128.op_LessThanOrEqual (Int128.Abs off, Int128.op_Implicit working.Raw)

    /// A word of the venue is surely newer than what we heard at `changedAt`, on any clock.
    let private isLater (venueAt: Instant) (changedAt: Instant) =
        venueAt.Ns - changedAt.Ns >= Order.clockError

    let private listed (o: Order) (facts: AccountFacts) (venueAt: Instant) (agrees: bool) : OrderEvent voption =
        let later = isLater venueAt o.ChangedAt

        match isOpen facts o.New.Cloid, o.Phase with
        | true, Phase.Sent -> ValueSome OrderEvent.Listed
        | true, (Phase.InDoubt | Phase.Settling _ | Phase.Closed _) when later -> ValueSome OrderEvent.Listed
        | false, (Phase.Resting | Phase.Cancelling) when later -> ValueSome OrderEvent.Unlisted
        | false, (Phase.InDoubt | Phase.Settling _) when later && agrees -> ValueSome OrderEvent.Accounted
        | _ -> ValueNone

    let private stale: AccountVerdict =
        {
            IsStale = true
            Drifts = ImmutableArray.Empty
            Holdings = ImmutableArray.Empty
            Doubts = 0
            Listed = ImmutableArray.Empty
            Missing = ImmutableArray.Empty
            Strangers = ImmutableArray.Empty
        }

    /// One instrument: agreed, a difference to take (true), or one that may explain itself.
    let private holding
        (c: HealthConfig)
        (looks: Looks)
        (orders: Orders)
        (at: Instant)
        (venueAt: Instant)
        (account: AccountId)
        (drift: Drift)
        : struct (HoldingLook * bool) =
        let was = looks.Holding(account, drift.Instrument)
        let last = looks.LastFill account
        let isFirst = not (looks.IsKnown account)
        let venues = drift.Venues.Position

        let settled: HoldingLook =
            { was with
                TakenAt = if isFirst then venueAt else was.TakenAt
                Looks = 0
            }

        let mayPass =
            venueAt.IsNone
            || venueAt.Ns = last.Ns
            || isExplained orders account drift.Instrument drift.Ours venues

        if venues.Raw = drift.Ours.Raw then
            struct (settled, false)
        elif mayPass && not (isFirst && orders.LiveCount = 0) then
            let isSame =
                was.Looks > 0 && was.Ours.Raw = drift.Ours.Raw && was.Venues.Raw = venues.Raw

            let since = if isSame then was.Since else at
            let count = if isSame then was.Looks + 1 else 1

            if count > c.Agreements && at.Ns - since.Ns >= c.AckLimit.Ns then
                struct ({ settled with TakenAt = venueAt }, true)
            else
                struct ({ was with
                            Ours = drift.Ours
                            Venues = venues
                            Since = since
                            Looks = count
                        },
                        false)
        else
            struct ({ settled with TakenAt = venueAt }, true)

    /// Every instrument of the run: the memory of it after this look, and the differences to take.
    let private holdings
        (c: HealthConfig)
        (looks: Looks)
        (ledger: Ledger)
        (orders: Orders)
        (at: Instant)
        (venueAt: Instant)
        (facts: AccountFacts)
        : struct (HoldingLook[] * ImmutableArray<Drift>) =
        let drifts = ImmutableArray.CreateBuilder<Drift>()
        let all: HoldingLook[] = Array.zeroCreate ledger.Instruments

        for i in 0 .. ledger.Instruments - 1 do
            let id = InstrumentId.Of i
            let ours = ledger.Position(facts.Account, id)

            let drift =
                {
                    Instrument = id
                    Ours = ours.Size
                    Venues = held facts id
                }

            let struct (look, isTaken) = holding c looks orders at venueAt facts.Account drift
            all[i] <- look

            if isTaken then
                drifts.Add drift

        struct (all, drifts.ToImmutable())

    /// What the list of open orders says of those that live here, and of those that it does not name.
    let private living (ledger: Ledger) (orders: Orders) (venueAt: Instant) (facts: AccountFacts) =
        let told = ImmutableArray.CreateBuilder<ListedOrder>()
        let missing = ImmutableArray.CreateBuilder<Cloid>()

        let agrees (id: InstrumentId) =
            let ours = ledger.Position(facts.Account, id)
            let venues = held facts id
            ours.Size.Raw = venues.Position.Raw

        for o in orders.LiveOrders do
            if o.New.Account.Index = facts.Account.Index then
                match listed o facts venueAt (agrees o.New.Instrument), o.Phase with
                | ValueSome event, _ ->
                    told.Add
                        {
                            Cloid = o.New.Cloid
                            Instrument = o.New.Instrument
                            Event = event
                        }
                | ValueNone, (Phase.Resting | Phase.Cancelling | Phase.Settling _) ->
                    if not (isOpen facts o.New.Cloid) then
                        missing.Add o.New.Cloid
                | ValueNone, _ -> ()

        struct (told, missing.ToImmutable())

    /// Compares one account. Only instruments of the run are looked at; a position elsewhere is not ours to judge. `venueAt` is
    /// the venue's instant of the word. A difference is taken at once when no order of ours explains it; one that fills on
    /// their way may explain is taken when it has lasted for some looks and the time of an answer.
    let account
        (c: HealthConfig)
        (looks: Looks)
        (ledger: Ledger)
        (orders: Orders)
        (at: Instant)
        (venueAt: Instant)
        (facts: AccountFacts)
        : AccountVerdict =
        if looks.IsStale(facts.Account, venueAt) then
            stale
        else
            let struct (all, drifts) = holdings c looks ledger orders at venueAt facts
            let struct (told, missing) = living ledger orders venueAt facts

            // Orders that end because all is accounted for: fills of theirs that come later have cancelled each other out
            // in the position, so they are in it.
            for t in told do
                if t.Event.IsAccounted && uint t.Instrument.Index < uint all.Length then
                    all[t.Instrument.Index] <-
                        { all[t.Instrument.Index] with
                            TakenAt = venueAt
                        }

            let strangers = ImmutableArray.CreateBuilder<OpenOrder>()

            if not facts.Open.IsDefaultOrEmpty then
                for o in facts.Open do
                    match orders.TryFind o.Cloid with
                    | ValueNone -> strangers.Add o
                    | ValueSome known when Order.isClosed known ->
                        match listed known facts venueAt false with
                        | ValueSome event ->
                            told.Add
                                {
                                    Cloid = o.Cloid
                                    Instrument = known.New.Instrument
                                    Event = event
                                }
                        | ValueNone -> ()
                    | ValueSome _ -> ()

            {
                IsStale = false
                Drifts = drifts
                Holdings = ImmutableArray.CreateRange all
                Doubts = all |> Seq.filter (fun look -> look.Looks > 0) |> Seq.length
                Listed = told.ToImmutable()
                Missing = missing
                Strangers = strangers.ToImmutable()
            }
