namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// What is in a slot.
type SlotState =
    | Empty = 0uy
    | Sent = 1uy
    | Resting = 2uy
    | Cancelling = 3uy
    | InDoubt = 4uy
    | Settling = 5uy

/// The facts of one slot of a desk: the live order in it, or how the last one ended.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type SlotView =
    {
        State: SlotState
        /// Of the live order; of the last one when empty; 0 when there was none.
        Px: Px
        Sz: Sz
        /// Size of the quote that the order is a slice of; the order's own where it shows whole.
        Total: Sz
        Filled: Sz
        /// What may still fill.
        Left: Sz
        /// How the last order here ended; null while one lives or before the first.
        LastEnding: Ending | null
        /// Of the live or the last order.
        Cloid: Cloid
        /// When that order was sent; 0 when there was none.
        SentAt: Instant
        /// Last change of the live or the last order.
        Since: Instant
    }

    member s.IsEmpty = s.State = SlotState.Empty

/// What a desk may see at one step. Values only, gone after the call.
[<Struct; IsByRefLike; IsReadOnly; NoEquality; NoComparison>]
type View internal (facts: Facts, now: Instant, desk: DeskId, account: AccountId) =
    member _.Now = now
    member _.Desk = desk
    member _.Fitness = facts.Health.Fitness
    member _.IsReady = facts.Health.IsReady

    /// Actions left that entries may spend; one that rests needs two, its own and its cancel's.
    member _.BudgetLeft = facts.LeftForEntries account

    /// The best quotes; empty for an instrument the run does not have.
    member _.Touch(instrument: InstrumentId) : Touch =
        if facts.Has instrument then
            facts.Market(instrument).Touch
        else
            Touch.Empty

    /// Arrival of the last record of any market channel.
    member _.RecordAt(instrument: InstrumentId) : Instant =
        if facts.Has instrument then
            facts.Market(instrument).RecordAt
        else
            Instant.Of 0L

    member _.Mark(instrument: InstrumentId) : Px =
        if facts.Has instrument then
            facts.Market(instrument).MarkOrMid
        else
            Px.Of 0L

    /// The features of the latest grid instant; none in a gap and before the first quotes.
    member _.Feature(instrument: InstrumentId) : Feature voption =
        if facts.Has instrument then
            facts.Market(instrument).Feature
        else
            ValueNone

    /// The latest blocks of the instrument's venue; empty without a block feed.
    member _.Blocks(instrument: InstrumentId) : BlockLog =
        if facts.Has instrument then
            facts.Market(instrument).Blocks
        else
            BlockLog.Empty

    /// Price and size rules; nothing for an instrument the run does not have.
    member _.Rules(instrument: InstrumentId) : Instrument voption =
        if facts.Has instrument then
            ValueSome(facts.Market(instrument).Rules)
        else
            ValueNone

    /// Signed position, by the fills that reached us.
    member _.Position(instrument: InstrumentId) : Sz =
        let held = facts.Ledger.Position(account, instrument)
        held.Size

    /// Average entry price; 0 when flat.
    member _.AvgPx(instrument: InstrumentId) : Px =
        let held = facts.Ledger.Position(account, instrument)
        held.AvgPx

    /// Arrival of the first fill of the open position; 0 when flat.
    member _.OpenedAt(instrument: InstrumentId) : Instant =
        let held = facts.Ledger.Position(account, instrument)
        held.OpenedAt

    /// Realised result of the instrument so far, fees and funding taken off.
    member _.Net(instrument: InstrumentId) : Usd =
        let held = facts.Ledger.Position(account, instrument)
        Usd.Of(held.Realised.Raw - held.Fees.Raw - held.Funding.Raw)

    /// Money paid for all that was bought less that taken for all that was sold, fees aside.
    member _.Paid(instrument: InstrumentId) : Usd =
        let held = facts.Ledger.Position(account, instrument)
        Usd.Of(held.Cost.Raw - held.Realised.Raw)

    /// Value of all fills so far, whatever their side.
    member _.Traded(instrument: InstrumentId) : Usd =
        let held = facts.Ledger.Position(account, instrument)
        held.Traded

    /// What is in one of the desk's slots.
    member _.Slot(slot: Slot) : SlotView =
        match facts.Orders.TryIn(desk, slot) with
        | ValueSome o ->
            {
                State =
                    match o.Phase with
                    | Phase.Sent -> SlotState.Sent
                    | Phase.Resting -> SlotState.Resting
                    | Phase.Cancelling -> SlotState.Cancelling
                    | Phase.InDoubt -> SlotState.InDoubt
                    | Phase.Settling _ -> SlotState.Settling
                    | Phase.Closed _ -> SlotState.Empty
                Px = o.New.Px
                Sz = o.New.Sz
                Total = o.Total
                Filled = o.Filled
                Left = Order.exposure o
                LastEnding = null
                Cloid = o.New.Cloid
                SentAt = o.SentAt
                Since = o.ChangedAt
            }
        | ValueNone ->
            match facts.Orders.TryLastClosed(desk, slot) with
            | ValueSome o ->
                {
                    State = SlotState.Empty
                    Px = o.New.Px
                    Sz = o.New.Sz
                    Total = o.Total
                    Filled = o.Filled
                    Left = Sz.Of 0L
                    LastEnding =
                        match o.Phase with
                        | Phase.Closed ending -> ending
                        | _ -> null
                    Cloid = o.New.Cloid
                    SentAt = o.SentAt
                    Since = o.ChangedAt
                }
            | ValueNone ->
                {
                    State = SlotState.Empty
                    Px = Px.Of 0L
                    Sz = Sz.Of 0L
                    Total = Sz.Of 0L
                    Filled = Sz.Of 0L
                    Left = Sz.Of 0L
                    LastEnding = null
                    Cloid = Cloid.None
                    SentAt = Instant.Of 0L
                    Since = Instant.Of 0L
                }

/// A strategy is a value that, shown one event, answers with its successor and what it wants.
///
/// A successor may be the same object when nothing changed. An answer of `ImmutableArray.Empty` (or default) says nothing,
/// and nothing said changes nothing.
type IStrategy =
    abstract Name: string
    abstract Next: view: View * event: inref<Event> -> struct (IStrategy * ImmutableArray<Intent>)

/// A strategy that shows numbers of its state to people: named gauges, such as how often each gate was shut.
type IGauged =
    abstract Gauges: ImmutableArray<struct (string * float)>

/// A strategy that may forbid itself to open by crossing for a while. The review refuses what it wants all the same; exits,
/// guards and flattens are never held up.
type IRestrained =
    abstract ForbidsMarketEntries: bool

/// One step of a strategy written as a function over its state, which is a reference type. A delegate, because an F# closure
/// cannot take a ref struct.
type Decide<'S> = delegate of state: 'S * view: View * event: inref<Event> -> struct ('S * ImmutableArray<Intent>)

[<Sealed>]
type private Stepping<'S when 'S: not struct>(name: string, state: 'S, decide: Decide<'S>) =
    interface IStrategy with
        member _.Name = name

        member me.Next(view, event) =
            let struct (next, intents) = decide.Invoke(state, view, &event)

            if obj.ReferenceEquals(next, state) then
                struct (me :> IStrategy, intents)
            else
                struct (Stepping<'S>(name, next, decide) :> IStrategy, intents)

    interface IGauged with
        member _.Gauges =
            match box state with
            | :? IGauged as g -> g.Gauges
            | _ -> ImmutableArray.Empty

    interface IRestrained with
        member _.ForbidsMarketEntries =
            match box state with
            | :? IRestrained as r -> r.ForbidsMarketEntries
            | _ -> false

/// Makes strategies out of functions.
[<AbstractClass; Sealed>]
type Strategy =
    /// A strategy from a name, a start and a step. Where the state is `IGauged`, so is the strategy.
    static member Make<'S when 'S: not struct>(name: string, start: 'S, decide: Decide<'S>) : IStrategy =
        Stepping<'S>(name, start, decide)
