namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// The simulated exchange: `market` for a record of the tape, `place`, `cancel` and the rest for commands of ours, each at
/// the exchange's instant (simulation.md 5 to 10). Total functions: on a shared state they are pure, on an owned one they
/// change it in place.
[<RequireQualifiedAccess>]
module Exchange =
    open Filling

    let create (config: ExchangeConfig) : ExchangeState =
        ExchangeState(config.Instruments |> Seq.map Pit.Of |> Seq.toArray, House.Of config)

    /// The right to change this exchange in place, for one linear run. An earlier owner's right ends.
    let own (exchange: ExchangeState) : ExchangeState =
        if not (isNull exchange.Token) then
            exchange.Token.Release()

        let next = exchange.Next()
        next.Token <- Owner()
        next

    /// Exchanges of several houses over the same pits, owned together, for runs that see one tape side by side: each takes
    /// the same records at the same instants. All houses have the instruments of the first.
    let internal ownTogether (configs: ExchangeConfig[]) : struct (ExchangeState[] * Turn) =
        let token = Owner()
        let turn = Turn()
        let pits = configs[0].Instruments |> Seq.map Pit.Of |> Seq.toArray

        let house (config: ExchangeConfig) =
            let e = ExchangeState(pits, House.Of config)
            e.House <- e.House.Next token
            e.Maker <- token
            e.Token <- token
            e.Turn <- turn
            e

        struct (Array.map house configs, turn)

    /// Ends the owner's right: the result may be kept and forked.
    let share (exchange: ExchangeState) : ExchangeState =
        if not (isNull exchange.Token) then
            exchange.Token.Release()

        exchange.Next()

    let private at (exchange: ExchangeState) (now: Instant) (instrument: int) (out: Reports) : At =
        let by = Owner.live exchange.Token
        let was = exchange.Pits[instrument]
        let pit = was.Next by

        if not (obj.ReferenceEquals(pit, was)) then
            exchange.Pits[instrument] <- pit

        {
            House = exchange.House
            Pit = pit
            Own = exchange.House.PitOf(by, instrument)
            By = by
            Instrument = instrument
            Now = now.Ns
            Out = out
            Turn = exchange.Turn
            IsForced = false
            Pits = exchange.Pits
        }

    // ---- records of the tape ----

    let private isBook (kind: EventKind) =
        kind = EventKind.BookMoved
        || kind = EventKind.BboMoved
        || kind = EventKind.LevelMoved

    /// A book record comes: inside a gap it is the first after it, applied risk-averse.
    let private beginBook (at: inref<At>) =
        if at.Pit.InGap then
            at.Pit.InGap <- false
            at.Pit.IsFirstBook <- true
            at.Pit.FirstBookAt <- at.Now

    /// It was applied: a gap is over.
    let private endBook (at: inref<At>) =
        if at.Pit.IsFirstBook then
            at.Pit.IsFirstBook <- false
            Accounts.endGap &at

            match at.Turn with
            | null -> ()
            | turn -> turn.IsFirstBook <- true

    /// A record that another house has applied to the pits of both, as this house feels it.
    let private follow (exchange: ExchangeState) (at: inref<At>) (event: inref<Event>) =
        match event.Kind with
        | EventKind.ContextMoved -> Accounts.context &at exchange.Pits &event
        | EventKind.Traded -> Records.tradedByOthers &at event.Side event.A event.B
        | _ ->
            // To this house too the book is the first after the gap.
            at.Pit.IsFirstBook <- at.Turn.IsFirstBook
            Records.follow &at

            if at.Pit.IsFirstBook then
                at.Pit.IsFirstBook <- false
                Accounts.endGap &at

    let private apply (exchange: ExchangeState) (at: inref<At>) (event: inref<Event>) =
        match event.Kind with
        | EventKind.LevelMoved -> Records.depth &at event.Side event.A event.B
        | EventKind.Traded -> Records.traded &at event.Side event.A event.B
        | EventKind.BboMoved -> Records.bestQuote &at &event
        | EventKind.BookMoved ->
            match event.Depth with
            | null -> ()
            | book -> Records.wholeBook &at book
        | EventKind.ContextMoved -> Accounts.context &at exchange.Pits &event
        | _ -> ()

    /// The exchange after a record of the tape. Records of other instruments and kinds change nothing. The first book after
    /// a gap is applied risk-averse and ends it.
    let market (exchange: ExchangeState) (now: Instant) (event: inref<Event>) (out: Reports) : ExchangeState =
        if uint event.Instrument.Index >= uint exchange.Pits.Length then
            exchange
        else
            let next = exchange.Next()
            let at = at next now event.Instrument.Index out

            if not (isNull at.Turn) && at.Turn.IsApplied then
                follow next &at &event
            elif isBook event.Kind then
                beginBook &at
                apply next &at &event
                endBook &at
            else
                apply next &at &event

            if not (isNull at.Turn) then
                at.Turn.IsApplied <- true

            next

    /// Told before each record of an order-by-order feed: what it does to the queue of its level.
    let moved (exchange: ExchangeState) (instrument: int) (move: inref<QueueMove>) : ExchangeState =
        if uint instrument >= uint exchange.Pits.Length then
            exchange
        else
            let next = exchange.Next()
            next.Tell(instrument, &move)
            next

    /// A depth record of plain numbers: the same as `market` with `LevelMoved`, for feeds that are nothing else.
    let level
        (exchange: ExchangeState)
        (now: Instant)
        (instrument: int)
        (side: Side)
        (px: int64)
        (sz: int64)
        (out: Reports)
        : ExchangeState =
        let next = exchange.Next()
        let at = at next now instrument out
        beginBook &at
        Records.depth &at side px sz
        endBook &at
        next

    /// A print of plain numbers: the same as `market` with `Traded`.
    let print
        (exchange: ExchangeState)
        (now: Instant)
        (instrument: int)
        (aggressor: Side)
        (px: int64)
        (sz: int64)
        (out: Reports)
        : ExchangeState =
        let next = exchange.Next()
        let at = at next now instrument out
        Records.traded &at aggressor px sz
        next

    /// Data of an instrument was lost (simulation.md 9, Gap): known now, and true since its last book.
    let gapSince
        (exchange: ExchangeState)
        (now: Instant)
        (since: Instant)
        (instrument: InstrumentId)
        (out: Reports)
        : ExchangeState =
        if uint instrument.Index >= uint exchange.Pits.Length then
            exchange
        else
            let next = exchange.Next()
            let at = at next now instrument.Index out
            at.Pit.InGap <- true
            Accounts.beginGap &at since.Ns
            next

    /// The same, known at its first instant.
    let gap (exchange: ExchangeState) (now: Instant) (instrument: InstrumentId) (out: Reports) : ExchangeState =
        gapSince exchange now now instrument out

    // ---- commands of ours ----

    /// The checks in the venue's order, then the book.
    let private arrive (exchange: ExchangeState) (at: inref<At>) (order: inref<ExchangeOrder>) =
        match Checks.refusal &at &order false with
        | null ->
            if order.Tif = Tif.Alo && Entering.crosses &at &order then
                Entering.refuse &at &order "badAloPxRejected"
            else
                match Checks.margin &at exchange.Pits &order with
                | null -> Entering.enter &at &order
                | word -> Entering.refuse &at &order word
        | word -> Entering.refuse &at &order word

    /// What an order does once its instrument is known and the account may still act.
    type private Entry = delegate of exchange: ExchangeState * at: inref<At> * order: inref<ExchangeOrder> -> unit

    let private receive
        (exchange: ExchangeState)
        (now: Instant)
        (order: inref<ExchangeOrder>)
        (out: Reports)
        (entry: Entry)
        : ExchangeState =
        let next = exchange.Next()

        if uint order.Instrument >= uint next.Pits.Length then
            say out now &order ReportKind.Refused 0L 0L "unknownInstrument"
        else
            let at = at next now order.Instrument out

            if not (Checks.allows at.House order.Account false) then
                Entering.refuse &at &order "tooManyRequestsRejected"
            else
                entry.Invoke(next, &at, &order)

            next.House.Seen.Add order.Cloid.N
            sweep at.Own

        next

    let private entering = Entry(fun exchange at order -> arrive exchange &at &order)

    /// The exchange after an order of plain numbers arrived. Its answer and fills are added to `out`.
    let placeOrder
        (exchange: ExchangeState)
        (now: Instant)
        (order: inref<ExchangeOrder>)
        (out: Reports)
        : ExchangeState =
        receive exchange now &order out entering

    /// The exchange after an order of ours arrived.
    let place (exchange: ExchangeState) (now: Instant) (order: NewOrder) (out: Reports) : ExchangeState =
        let plain = ExchangeOrder.Of order
        placeOrder exchange now &plain out

    /// Ends the resting or waiting order of an account and cloid, if there is one.
    let private tryEnd (at: inref<At>) (account: int) (cloid: Cloid) (word: string) : bool =
        let bid, ask, waiting =
            at.Own.Bids.Find(account, cloid), at.Own.Asks.Find(account, cloid), at.Own.Waiting.Find(account, cloid)

        if bid >= 0 then
            endOwn &at at.Own.Bids bid word
        elif ask >= 0 then
            endOwn &at at.Own.Asks ask word
        elif waiting >= 0 then
            endWaiting &at waiting word
            at.Own.Waiting.Sweep()

        bid >= 0 || ask >= 0 || waiting >= 0

    let private nameOnly (account: AccountId) (instrument: InstrumentId) (cloid: Cloid) : ExchangeOrder =
        {
            Account = account.Index
            Instrument = instrument.Index
            Cloid = cloid
            Side = Side.Buy
            Tif = Tif.Gtc
            ReduceOnly = false
            Px = 0L
            Sz = 0L
            Expires = 0L
        }

    /// The exchange after a cancel of ours arrived: unknown, gone or another account's is refused (`MissingOrder`).
    let cancel
        (exchange: ExchangeState)
        (now: Instant)
        (account: AccountId)
        (instrument: InstrumentId)
        (cloid: Cloid)
        (out: Reports)
        : ExchangeState =
        let named = nameOnly account instrument cloid

        if uint instrument.Index >= uint exchange.Pits.Length then
            say out now &named ReportKind.CancelRefused 0L 0L "MissingOrder"
            exchange
        else
            let next = exchange.Next()
            let at = at next now instrument.Index out

            if not (Checks.allows at.House account.Index true) then
                say out now &named ReportKind.CancelRefused 0L 0L "tooManyRequestsRejected"
            elif not (tryEnd &at account.Index cloid "canceled") then
                say out now &named ReportKind.CancelRefused 0L 0L "MissingOrder"

            sweep at.Own
            next

    /// Cancel and new order in one action: priority is lost even for a smaller size. With the original gone the whole is
    /// refused; when the new order fails a check the cancel stands (a choice: what the venue does is unknown).
    let modify
        (exchange: ExchangeState)
        (now: Instant)
        (original: Cloid)
        (order: NewOrder)
        (out: Reports)
        : ExchangeState =
        let plain = ExchangeOrder.Of order

        receive
            exchange
            now
            &plain
            out
            (Entry(fun next at order ->
                if Checks.isExpired &at &order then
                    Entering.refuse &at &order "expired"
                elif not (tryEnd &at order.Account original "modify") then
                    Entering.refuse &at &order "MissingOrder"
                else
                    sweep at.Own
                    arrive next &at &order))

    /// A trigger order arrives: it waits outside the book, or fires at once when the last mark meets its condition.
    let placeTrigger
        (exchange: ExchangeState)
        (now: Instant)
        (order: NewOrder)
        (trigger: Trigger)
        (out: Reports)
        : ExchangeState =
        let plain = ExchangeOrder.Of order
        receive exchange now &plain out (Entry(fun _ at order -> Accounts.awaitTrigger &at &order trigger))

    /// Executes the orders of an instrument's triggers that fired at `upTo` or before, oldest first.
    let fired
        (exchange: ExchangeState)
        (now: Instant)
        (upTo: Instant)
        (instrument: int)
        (out: Reports)
        : ExchangeState =
        if
            not exchange.House.HasFired
            || uint instrument >= uint exchange.Pits.Length
            || not exchange.House.Pits[instrument].Waiting.HasFired
        then
            exchange
        else
            let next = exchange.Next()
            let at = at next now instrument out
            Accounts.releaseFired &at upTo.Ns
            next.House.HasFired <- next.House.Pits |> Array.exists (fun p -> p.Waiting.HasFired)
            next

    /// Schedules the cancel of everything of an account at an instant, or unschedules it.
    let scheduleCancel (exchange: ExchangeState) (account: AccountId) (when': Instant voption) : ExchangeState =
        let next = exchange.Next()
        let house = next.House

        house.Deadman[account.Index] <-
            match when' with
            | ValueSome t -> t.Ns
            | ValueNone -> Int64.MaxValue

        Accounts.setDeadline house
        next

    /// What the exchange does by itself at an instant (`NextDeadline`): scheduled cancels, orders in a gap that lasts too long.
    /// Bids before asks, best first, then waiting triggers.
    let deadline (exchange: ExchangeState) (now: Instant) (out: Reports) : ExchangeState =
        if exchange.NextDeadline > now.Ns then
            exchange
        else
            let next = exchange.Next()

            for i in 0 .. next.Pits.Length - 1 do
                let at = at next now i out
                Accounts.deadlines &at

            Accounts.passDeadlines next.House now.Ns
            next
