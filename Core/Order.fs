namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// Where an order stands. A closed order carries how it ended; a live one has no ending.
[<RequireQualifiedAccess; NoComparison>]
type Phase =
    | Sent
    | Resting
    | Cancelling
    /// Its fate is unknown: counted as if it could fill, its slot held, never sent again.
    | InDoubt
    /// Ended by the venue's word while fills may still be on the way: its remainder counts until they are all here.
    | Settling of Ending
    | Closed of Ending

/// What happened to one order.
[<RequireQualifiedAccess; NoComparison>]
type OrderEvent =
    | Accepted of oid: int64
    | Refused of OrderStatus
    /// One new fill: the ledger has seen its trade id for the first time.
    | Filled of sz: Sz
    | Ended of OrderStatus * filled: Sz voption
    | CancelSent
    | CancelRefused
    | Unanswered
    /// The venue does not know it, and the time in which it could still arrive is over.
    | Lapsed
    /// The venue lists it as open, later than anything that we heard of it.
    | Listed
    /// The venue does not list it as open, later than anything that we heard of it.
    | Unlisted
    /// The venue does not list it as open, and its position is ours: every fill of it is here.
    | Accounted

/// What an order event meant besides the new state.
[<RequireQualifiedAccess; NoComparison>]
type OrderVerdict =
    | Fine
    /// A late word about a closed order, or a cancel that lost the race: ordinary, counted.
    | Race
    | Fault of OrderFault

/// One order of ours.
[<NoComparison>]
type Order =
    {
        New: NewOrder
        Desk: DeskId
        Slot: Slot
        /// Size of the wish that it is a part of; its own where the wish shows whole.
        Total: Sz
        /// What earlier parts of that wish have filled.
        Before: Sz
        Phase: Phase
        /// The venue's number of it; 0 while the venue never said that it has it, below 0 when it has it and told no number.
        Oid: int64
        /// Sum of the fills counted here.
        Filled: Sz
        /// The final filled size, by a closing word of the venue; below 0 while none stated it. A fill's running total is not
        /// one: more fills may follow it.
        Told: Sz
        SentAt: Instant
        ChangedAt: Instant
        /// Last asked about; 0 never.
        AskedAt: Instant
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Order =
    let isClosed (o: Order) =
        match o.Phase with
        | Phase.Closed _ -> true
        | _ -> false

    let isResting (o: Order) =
        match o.Phase with
        | Phase.Resting -> true
        | _ -> false

    /// The venue said, by an acceptance or a fill, that it has the order.
    let hasArrived (o: Order) = o.Oid <> 0L || o.Filled.Raw > 0L

    /// An answer is owed: it is asked for when it stays away.
    let isAwaited (o: Order) =
        match o.Phase with
        | Phase.Sent
        | Phase.Cancelling
        | Phase.InDoubt
        | Phase.Settling _ -> true
        // Immediate or cancel: its end follows its acceptance at once.
        | Phase.Resting -> o.New.Tif = Tif.Ioc
        | Phase.Closed _ -> false

    /// When an awaited answer is overdue.
    let overdueAt (limit: Duration) (o: Order) : Instant =
        Instant.Of((max o.ChangedAt.Ns o.AskedAt.Ns) + limit.Ns)

    /// Asked about so lately that one more word which leaves its fate open is no reason to ask at once: it is asked about when its
    /// answer is overdue. A venue that refuses each cancel of an order that it has would else be sent one a round trip.
    let isAskedLately (at: Instant) (o: Order) =
        o.AskedAt.Ns > 0L && at.Ns - o.AskedAt.Ns < 1_000_000_000L

    /// The largest difference between the venue's clock and ours with which the house still trades (F13), and more than the two
    /// blocks that an order may wait. Nanoseconds.
    let clockError = 1_000_000_000L

    /// The venue's instant of a word that reached us at `at`: no word is from later than clocks may differ. 0 stays 0: not stated.
    let notAhead (at: Instant) (venueAt: Instant) : Instant =
        Instant.Of(min venueAt.Ns (at.Ns + clockError))

    /// Farther ahead than this no clock of a venue is: such a stamp is an error, and counts for its arrival.
    let private clockSkew = 60_000_000_000L

    /// The venue's instant as it stands, to be compared with other words of the same clock.
    let asStamped (at: Instant) (venueAt: Instant) : Instant =
        if venueAt.Ns - at.Ns > clockSkew then
            notAhead at venueAt
        else
            venueAt

    /// At `now` an order that the venue does not know can no longer arrive: its expiry is over on any clock.
    let isExpired (now: Instant) (o: Order) =
        let expires = o.New.Expires
        not expires.IsNone && now.Ns - expires.Ns >= clockError

    /// What may still fill: 0 when closed; between an ending and its last fills what the venue stated, else the whole rest.
    let exposure (o: Order) : Sz =
        match o.Phase with
        | Phase.Closed _ -> Sz.Of 0L
        | Phase.Settling _ when o.Told.Raw >= 0L -> Sz.Of(max 0L (o.Told.Raw - o.Filled.Raw))
        | _ -> Sz.Of(max 0L (o.New.Sz.Raw - o.Filled.Raw))

    /// The ending that a closing status means.
    let endingOf (status: OrderStatus) : Ending =
        match status with
        | OrderStatus.Filled -> Ending.Filled
        | OrderStatus.Rejected _ -> Ending.Rejected status
        | OrderStatus.Open
        | OrderStatus.Triggered
        | OrderStatus.Cancelled _
        | OrderStatus.Unknown _ -> Ending.Cancelled status

    let private fill (sz: Sz) (o: Order) : struct (Order * OrderVerdict) =
        let filled = Sz.Of(o.Filled.Raw + sz.Raw)
        let grown = { o with Filled = filled }

        let excess = filled.Raw - o.New.Sz.Raw

        if excess > 0L then
            struct ({ grown with
                        Phase = Phase.Closed Ending.Filled
                    },
                    OrderVerdict.Fault(OrderFault.Overfilled(o.New.Cloid, Sz.Of excess)))
        else
            match o.Phase with
            | Phase.Closed ending ->
                let what = "filled after it had ended"

                // Given up as never arrived, and it has arrived: what is left of it may fill too.
                let phase =
                    if not ending.IsNeverArrived then o.Phase
                    elif excess < 0L then Phase.InDoubt
                    else Phase.Closed Ending.Filled

                struct ({ grown with Phase = phase }, OrderVerdict.Fault(OrderFault.Contradicted(o.New.Cloid, what)))
            | _ when excess = 0L ->
                struct ({ grown with
                            Phase = Phase.Closed Ending.Filled
                        },
                        OrderVerdict.Fine)
            | Phase.Settling ending when o.Told.Raw >= 0L && filled.Raw >= o.Told.Raw ->
                struct ({ grown with
                            Phase = Phase.Closed ending
                        },
                        OrderVerdict.Fine)
            | _ -> struct (grown, OrderVerdict.Fine)

    let private ended (status: OrderStatus) (stated: Sz voption) (o: Order) : struct (Order * OrderVerdict) =
        let ending = endingOf status

        match stated with
        | ValueSome total ->
            let told = if total.Raw > o.Told.Raw then total else o.Told

            if told.Raw <= o.Filled.Raw then
                struct ({ o with
                            Told = told
                            Phase = Phase.Closed ending
                        },
                        OrderVerdict.Fine)
            else
                struct ({ o with
                            Told = told
                            Phase = Phase.Settling ending
                        },
                        OrderVerdict.Fine)
        // A cancel's answer states no total: what fills before it may still be on the way.
        | ValueNone -> struct ({ o with Phase = Phase.Settling ending }, OrderVerdict.Fine)

    /// The venue has it, though it tells no number.
    let private unnumbered (o: Order) =
        if o.Oid = 0L then { o with Oid = -1L } else o

    let private accepted (oid: int64) (o: Order) : struct (Order * OrderVerdict) =
        let known =
            if oid = 0L then unnumbered o
            elif o.Oid = oid then o
            else { o with Oid = oid }

        match o.Phase with
        | Phase.Sent
        | Phase.InDoubt -> struct ({ known with Phase = Phase.Resting }, OrderVerdict.Fine)
        | Phase.Closed Ending.NeverArrived ->
            let what = "lives, though it was given up as never arrived"

            struct ({ known with Phase = Phase.Resting }, OrderVerdict.Fault(OrderFault.Contradicted(o.New.Cloid, what)))
        | Phase.Closed _ -> struct (o, OrderVerdict.Fine)
        | Phase.Resting
        | Phase.Cancelling
        | Phase.Settling _ -> struct (known, OrderVerdict.Fine)

    let private listed (o: Order) : struct (Order * OrderVerdict) =
        let known = unnumbered o

        match o.Phase with
        | Phase.Sent
        | Phase.InDoubt -> struct ({ known with Phase = Phase.Resting }, OrderVerdict.Fine)
        | Phase.Closed _
        | Phase.Settling _ when o.Filled.Raw < o.New.Sz.Raw ->
            let what = "lives, though it had ended"

            struct ({ known with
                        Told = Sz.Of -1L
                        Phase = Phase.Resting
                    },
                    OrderVerdict.Fault(OrderFault.Contradicted(o.New.Cloid, what)))
        | _ -> struct (o, OrderVerdict.Fine)

    /// The order after one event, and what the event meant. Total: whatever comes in whatever phase has an answer.
    let apply (event: OrderEvent) (o: Order) : struct (Order * OrderVerdict) =
        let become phase =
            struct ({ o with Phase = phase }, OrderVerdict.Fine)

        let stay = struct (o, OrderVerdict.Fine)
        let race = struct (o, OrderVerdict.Race)

        match o.Phase, event with
        | _, OrderEvent.Filled sz -> fill sz o
        | _, OrderEvent.Accepted oid -> accepted oid o
        | _, OrderEvent.Listed -> listed o
        | Phase.Closed _, _ -> race
        | Phase.Settling _, OrderEvent.Ended(OrderStatus.Unknown _, _) -> stay
        | _, OrderEvent.Ended(OrderStatus.Unknown _, _) -> become Phase.InDoubt
        | _, OrderEvent.Ended(status, stated) -> ended status stated o
        | Phase.Settling ending, OrderEvent.Accounted -> become (Phase.Closed ending)
        | _, OrderEvent.Accounted when hasArrived o ->
            become (Phase.Closed(Ending.Cancelled(OrderStatus.Cancelled "notOpen")))
        | _, OrderEvent.Accounted -> stay
        | (Phase.Resting | Phase.Cancelling), OrderEvent.Unlisted -> become Phase.InDoubt
        | _, OrderEvent.Unlisted -> stay
        | (Phase.Sent | Phase.InDoubt), OrderEvent.Refused status -> become (Phase.Closed(Ending.Rejected status))
        | _, OrderEvent.Refused _ ->
            let what = "refused after it was accepted"
            struct ({ o with Phase = Phase.InDoubt }, OrderVerdict.Fault(OrderFault.Contradicted(o.New.Cloid, what)))
        | Phase.Resting, OrderEvent.CancelSent -> become Phase.Cancelling
        | _, OrderEvent.CancelSent -> stay
        // Gone for the venue, and not told how: ask.
        | Phase.Cancelling, OrderEvent.CancelRefused -> struct ({ o with Phase = Phase.InDoubt }, OrderVerdict.Race)
        | _, OrderEvent.CancelRefused -> race
        | (Phase.Sent | Phase.Cancelling), OrderEvent.Unanswered -> become Phase.InDoubt
        | _, OrderEvent.Unanswered -> stay
        // What the venue once had did arrive, whatever it says of it now: only its end may close it.
        | (Phase.InDoubt | Phase.Sent), OrderEvent.Lapsed when not (hasArrived o) ->
            become (Phase.Closed Ending.NeverArrived)
        | _, OrderEvent.Lapsed -> stay
