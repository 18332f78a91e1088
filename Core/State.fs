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
        /// When a venue's chain counts as standing still.
        Stall: StallConfig
        Hedge: HedgeConfig
    }

    /// Whether the loss of a block feed is a fact of the markets: runs that share those agree on it.
    member c.NeedsBlocks = let stall = c.Stall in stall.NeedsBlocks

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
    /// The block clocks, by venue.
    member val internal StallArray: Stall[] = Array.empty with get, set
    member val internal Looks: Looks = Looks.Empty(facts.Ledger.Accounts, facts.InstrumentCount) with get, set
    /// The net delta of all desks and its risk (D0-073).
    member val NetDelta: NetDelta = NetDelta.Empty facts.InstrumentCount with get, internal set
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

    /// The block clock of a venue; of one that the run does not have, or watches not at all, a clock that stands.
    member s.Stall(venue: VenueId) : Stall =
        if uint venue.Index < uint s.StallArray.Length then
            s.StallArray[venue.Index]
        else
            Stall.Start StallConfig.Off

    /// Every market is silent, no order works, nothing is held and nothing is wanted: a heartbeat would find nothing to do.
    member s.IsAsleep =
        let isEmpty (w: Wanted) =
            let mutable empty = true

            for i in 0 .. w.Count - 1 do
                let item = w.At i
                empty <- empty && not item.Armed && item.Stop.IsNone

            empty

        let isFlat () =
            let mutable flat = true

            for a in 0 .. s.Facts.Ledger.Accounts - 1 do
                for i in 0 .. s.Facts.InstrumentCount - 1 do
                    let held = s.Facts.Ledger.Position(AccountId.Of a, InstrumentId.Of i)
                    flat <- flat && held.Size.IsZero

            flat

        s.Facts.Orders.LiveCount = 0
        && not s.IsDirty
        && not s.IsWaiting
        && s.Facts.MarketArray |> Array.forall (fun m -> m.InGap)
        && isFlat ()
        && (s.Facts.Health.IsHalted
            || s.StallArray |> Array.forall (fun stall -> not stall.IsCounting))
        && s.DeskArray |> Array.forall (fun d -> isEmpty d.Wanted)

    member internal s.Next(by: Owner) : State =
        if not (isNull by) && obj.ReferenceEquals(s.Maker, by) then
            s
        else
            let copy = s.MemberwiseClone() :?> State
            copy.Maker <- by
            copy.Token <- by
            copy.DeskArray <- Array.copy s.DeskArray
            copy.StallArray <- Array.copy s.StallArray
            copy.Scratch <- Outbox()
            copy
