namespace Vrlg.Core

open System.Collections.Immutable

/// One instrument at one instant, for people and gauges.
[<NoComparison; NoEquality>]
type InstrumentSnapshot =
    {
        Name: string
        Touch: Touch
        Mark: Px
        InGap: bool
        IsLost: bool
        Feature: Feature voption
    }

/// One position of one account, for people and gauges.
[<NoComparison; NoEquality>]
type PositionSnapshot =
    {
        Account: AccountId
        Instrument: string
        Size: Sz
        AvgPx: Px
        Realised: Usd
        Fees: Usd
        Funding: Usd
    }

/// One live order, for people.
[<NoComparison; NoEquality>]
type OrderSnapshot =
    {
        Cloid: Cloid
        Desk: string
        Slot: string
        Side: Side
        Px: Px
        Sz: Sz
        Filled: Sz
        Phase: string
        SentAt: Instant
    }

/// One desk: its strategy and the numbers it shows.
[<NoComparison; NoEquality>]
type DeskSnapshot =
    {
        Name: string
        Strategy: string
        Gauges: ImmutableArray<struct (string * float)>
    }

/// The net delta of all desks, for people and gauges; 0 where the rule is off or nothing is held.
[<NoComparison; NoEquality>]
type NetDeltaSnapshot =
    {
        NetUsd: float
        /// 99 % of one second.
        VarUsd: float
        LimitUsd: float
        IsHedging: bool
    }

/// What a state holds, as plain records.
[<NoComparison; NoEquality>]
type Snapshot =
    {
        Fitness: string
        Instruments: ImmutableArray<InstrumentSnapshot>
        Positions: ImmutableArray<PositionSnapshot>
        Orders: ImmutableArray<OrderSnapshot>
        Desks: ImmutableArray<DeskSnapshot>
        NetDelta: NetDeltaSnapshot
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Snapshot =
    let private phase (p: Phase) =
        match p with
        | Phase.Sent -> "sent"
        | Phase.Resting -> "resting"
        | Phase.Cancelling -> "cancelling"
        | Phase.InDoubt -> "in doubt"
        | Phase.Settling e -> "settling: " + Words.ending e
        | Phase.Closed e -> "closed: " + Words.ending e

    let private instrument (m: Market) : InstrumentSnapshot =
        {
            Name = m.Rules.Name
            Touch = m.Touch
            Mark = m.MarkOrMid
            InGap = m.InGap
            IsLost = m.IsLost
            Feature = m.Feature
        }

    let private position (s: State) (account: int) (id: InstrumentId) : PositionSnapshot =
        let p = s.Facts.Ledger.Position(AccountId.Of account, id)
        let market = s.Facts.Market id

        {
            Account = AccountId.Of account
            Instrument = market.Rules.Name
            Size = p.Size
            AvgPx = p.AvgPx
            Realised = p.Realised
            Fees = p.Fees
            Funding = p.Funding
        }

    let private order (s: State) (o: Order) : OrderSnapshot =
        let desk = s.Desk o.Desk

        {
            Cloid = o.New.Cloid
            Desk = desk.Desk.Name
            Slot = Words.slot o.Slot
            Side = o.New.Side
            Px = o.New.Px
            Sz = o.New.Sz
            Filled = o.Filled
            Phase = phase o.Phase
            SentAt = o.SentAt
        }

    let private desk (s: State) (d: int) : DeskSnapshot =
        let it = s.Desk(DeskId.Of d)

        {
            Name = it.Desk.Name
            Strategy = it.Strategy.Name
            Gauges = Engine.gauges s (DeskId.Of d)
        }

    /// Everything a person may want to see of a state. Copies: nothing of the state itself gets out.
    [<CompiledName "Of">]
    let ofState (s: State) : Snapshot =
        let n = s.Facts.InstrumentCount
        let ids = [| for i in 0 .. n - 1 -> InstrumentId.Of i |]

        {
            Fitness = Words.fitness s.Fitness
            Instruments =
                ids
                |> Seq.map (fun id -> instrument (s.Facts.Market id))
                |> ImmutableArray.CreateRange
            Positions =
                ImmutableArray.CreateRange
                    [|
                        for a in 0 .. s.Facts.Ledger.Accounts - 1 do
                            for id in ids do
                                position s a id
                    |]
            Orders =
                s.Facts.Orders.LiveOrders.ToArray()
                |> Seq.map (order s)
                |> ImmutableArray.CreateRange
            Desks = ImmutableArray.CreateRange [| for d in 0 .. s.DeskCount - 1 -> desk s d |]
            NetDelta =
                {
                    NetUsd = s.NetDelta.NetUsd
                    VarUsd = s.NetDelta.VarUsd
                    LimitUsd = s.NetDelta.LimitUsd
                    IsHedging = s.NetDelta.IsHedging
                }
        }
