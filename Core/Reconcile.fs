namespace Vrlg.Core

open System.Collections.Immutable

/// One difference between the venue's word and ours.
[<NoComparison>]
type Drift =
    {
        Instrument: InstrumentId
        Ours: Sz
        Venues: HeldPosition
    }

/// What the venue's word about an account means. Values only: the engine turns them into state and commands.
[<NoComparison; NoEquality>]
type AccountVerdict =
    {
        Drifts: ImmutableArray<Drift>
        /// Orders of ours that the venue does not list as open: ended while we did not hear it. Asked about, never guessed.
        Missing: ImmutableArray<Cloid>
        /// Open orders at the venue with our run's number that we do not know: to be cancelled.
        Strangers: ImmutableArray<Cloid>
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

        for h in facts.Positions do
            if h.Instrument.Index = instrument.Index then
                found <- h

        found

    let private isOpen (facts: AccountFacts) (cloid: Cloid) =
        let mutable found = false

        for struct (c, _) in facts.Open do
            if c.N = cloid.N && c.Run = cloid.Run then
                found <- true

        found

    /// Compares one account. Only instruments of the run are looked at; a position elsewhere is not ours to judge.
    let account (ledger: Ledger) (orders: Orders) (facts: AccountFacts) : AccountVerdict =
        let drifts = ImmutableArray.CreateBuilder<Drift>()

        for i in 0 .. ledger.Instruments - 1 do
            let id = InstrumentId.Of i
            let venues = held facts id
            let ours = ledger.Position(facts.Account, id)

            if venues.Position.Raw <> ours.Size.Raw then
                drifts.Add
                    {
                        Instrument = id
                        Ours = ours.Size
                        Venues = venues
                    }

        let missing = ImmutableArray.CreateBuilder<Cloid>()

        for o in orders.LiveOrders do
            if o.New.Account.Index = facts.Account.Index && not (isOpen facts o.New.Cloid) then
                match o.Phase with
                | Phase.Resting _
                | Phase.Cancelling _
                | Phase.Settling _ -> missing.Add o.New.Cloid
                | Phase.Sent
                | Phase.InDoubt
                | Phase.Closed _ -> ()

        let strangers = ImmutableArray.CreateBuilder<Cloid>()

        for struct (cloid, _) in facts.Open do
            if not (orders.Knows cloid) then
                strangers.Add cloid

        {
            Drifts = drifts.ToImmutable()
            Missing = missing.ToImmutable()
            Strangers = strangers.ToImmutable()
        }
