namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// What a desk wants in one slot.
type WishKind =
    | Nothing = 0uy
    | Rest = 1uy
    | Cross = 2uy
    /// Of the house itself: a stop that rests at the exchange.
    | Stop = 3uy

/// One slot of a desk: the latest wish, and what became of it. Armed when spoken, spent when its order is placed.
[<Struct; NoComparison; NoEquality>]
type WantedSlot =
    {
        Slot: Slot
        Kind: WishKind
        /// Rest: the price on the grid. Cross: the limit.
        Px: Px
        Sz: Sz
        /// Rest: most of the size that shows at once, in whole lots; 0 all of it.
        Display: Sz
        /// Rest: what earlier slices of the wish have filled.
        Done: Sz
        Reduce: bool
        Armed: bool
        /// Rest: pulled at this instant; 0 never.
        Expires: Instant
        /// Stop: the price that releases it.
        Trigger: Px
        /// Guard: leave the position when the touch reaches this price; 0 none.
        Stop: Px
        /// The price the venue refused last, the touch and the instant then: not sent again until the touch moves; an exit is
        /// after a second.
        RefusedPx: Px
        RefusedBid: Px
        RefusedAsk: Px
        RefusedAt: Instant
        /// The breaches last noted: a refusal is noted when its reasons change.
        Noted: ImmutableArray<Breach>
    }

    static member Of(slot: Slot) : WantedSlot =
        {
            Slot = slot
            Kind = WishKind.Nothing
            Px = Px.Of 0L
            Sz = Sz.Of 0L
            Display = Sz.Of 0L
            Done = Sz.Of 0L
            Reduce = false
            Armed = false
            Expires = Instant.Of 0L
            Trigger = Px.Of 0L
            Stop = Px.Of 0L
            RefusedPx = Px.Of 0L
            RefusedBid = Px.Of 0L
            RefusedAsk = Px.Of 0L
            RefusedAt = Instant.Of 0L
            Noted = ImmutableArray.Empty
        }

/// The wishes of one desk, a slot each, in the order first spoken of.
[<Sealed>]
type Wanted private () =
    member val private Maker: Owner = null with get, set
    member val private Items: WantedSlot[] = Array.zeroCreate 4 with get, set
    member val Count = 0 with get, private set

    static member Empty = Wanted()

    member w.Slots: ReadOnlySpan<WantedSlot> = ReadOnlySpan(w.Items, 0, w.Count)
    member w.At(i: int) : WantedSlot = w.Items[i]

    member private w.Next(by: Owner) : Wanted =
        if not (isNull by) && obj.ReferenceEquals(w.Maker, by) then
            w
        else
            let copy = w.MemberwiseClone() :?> Wanted
            copy.Maker <- by
            copy.Items <- Array.copy w.Items
            copy

    /// The place of a slot; -1 when it was never spoken of.
    member w.Find(slot: Slot) : int =
        let mutable found = -1
        let mutable i = 0

        while found < 0 && i < w.Count do
            let s = w.Items[i].Slot

            if
                s.Name = slot.Name
                && s.Side = slot.Side
                && s.Instrument.Index = slot.Instrument.Index
            then
                found <- i

            i <- i + 1

        found

    member w.Put(by: Owner, i: int, item: WantedSlot) : Wanted =
        let next = w.Next by
        next.Items[i] <- item
        next

    member w.Add(by: Owner, item: WantedSlot) : Wanted =
        let next = w.Next by

        if next.Count = next.Items.Length then
            let wider = Array.zeroCreate (2 * next.Items.Length)
            Array.Copy(next.Items, wider, next.Count)
            next.Items <- wider

        next.Items[next.Count] <- item
        next.Count <- next.Count + 1
        next

/// How a desk's wishes become commands.
[<NoComparison>]
type PlanConfig =
    {
        Account: AccountId
        Limits: Limits
        Health: HealthConfig
        /// Send the same price again right after a refusal; false waits until the touch moves.
        RetryRefused: bool
        /// How far past the touch a guard's or a flatten's cross may reach, in basis points.
        ToleranceBps: int
        /// How much wider than a guard the stop is that rests at the exchange meanwhile, in basis points; 0 keeps none there.
        BackstopBps: int
    }

/// One desk at one step: what every function of a plan needs to know.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type PlanStep =
    {
        By: Owner
        Config: PlanConfig
        Now: Instant
        Seq: int64
        Desk: DeskId
        Run: int64
    }

/// Where a step collects what it sends and says.
[<Sealed>]
type Outbox() =
    member val Commands = ResizeArray<Command>() with get
    member val Notes = ResizeArray<Note>() with get
    /// Some wish could not be placed and no order event will wake it: it is looked at again on every step.
    member val IsWaiting = false with get, set
    /// The earliest instant at which time alone changes something.
    member val Deadline: Instant = Instant.Of Int64.MaxValue with get, set

    member o.Clear() =
        if o.Commands.Count > 0 then
            o.Commands.Clear()

        if o.Notes.Count > 0 then
            o.Notes.Clear()

    member o.WakeAt(at: Instant) =
        if at.Ns < o.Deadline.Ns then
            o.Deadline <- at

/// What a desk says becomes what it wants.
[<RequireQualifiedAccess>]
module internal Wishes =
    let private rest
        (facts: Facts)
        (slot: Slot)
        (px: Px)
        (sz: Sz)
        (terms: QuoteTerms)
        (was: WantedSlot)
        (live: Order voption)
        =
        let rules = facts.Market(slot.Instrument).Rules
        let rounded = Instrument.roundPx rules slot.Side px.Raw
        let size = Instrument.roundSz rules sz

        // Round first, then compare, or a slot reprices for ever. The wish's own original size counts, not what is left of it.
        let struct (isThere, filled) =
            match live with
            | ValueSome o ->
                let waits =
                    match o.Phase with
                    | Phase.Sent
                    | Phase.Resting -> true
                    | _ -> false

                let isSame =
                    waits
                    && o.New.Px.Raw = rounded.Raw
                    && o.Total.Raw = size.Raw
                    && o.New.Tif = Tif.Alo

                struct (isSame, (if isSame then o.Before else Sz.Of 0L))
            | ValueNone ->
                // Between two slices nothing is there, and the wish is the same all the same.
                let isBetween =
                    was.Kind = WishKind.Rest
                    && was.Armed
                    && was.Px.Raw = rounded.Raw
                    && was.Sz.Raw = size.Raw

                struct (false, (if isBetween then was.Done else Sz.Of 0L))

        // The same quote only takes the new terms.
        { was with
            Kind = WishKind.Rest
            Px = rounded
            Sz = size
            Display = Icebergs.shown rules terms.Display
            Done = filled
            Reduce = false
            Armed = not isThere
            Expires = terms.Expires
        }

    let private contains (instruments: ImmutableArray<InstrumentId>) (id: InstrumentId) =
        let mutable found = false

        for i in instruments do
            if i.Index = id.Index then
                found <- true

        found

    /// The wishes after one intent of the desk. An instrument that is not the desk's, or that the run does not have, is refused
    /// with a note; so is a slot that the house keeps for itself.
    let speak
        (by: Owner)
        (desk: DeskId)
        (instruments: ImmutableArray<InstrumentId>)
        (facts: Facts)
        (intent: Intent)
        (w: Wanted)
        (out: Outbox)
        : Wanted =
        let refuse (slot: Slot) (breach: Breach) =
            out.Notes.Add(Refused(desk, slot, ImmutableArray.Create<Breach> breach))
            w

        let change (slot: Slot) (f: WantedSlot -> WantedSlot) =
            if not (facts.Has slot.Instrument && contains instruments slot.Instrument) then
                refuse slot (Breach.UnknownInstrument slot.Instrument)
            elif slot.IsReserved then
                refuse slot Breach.ReservedSlot
            else
                match w.Find slot with
                | -1 -> w.Add(by, f (WantedSlot.Of slot))
                | i -> w.Put(by, i, f (w.At i))

        match intent with
        | Say remark ->
            out.Notes.Add(Remarked(desk, remark))
            w
        | Quote(slot, px, sz, terms) ->
            let live = facts.Orders.TryIn(desk, slot)
            change slot (fun was -> rest facts slot px sz terms was live)
        | Pull slot ->
            change slot (fun was ->
                { was with
                    Kind = WishKind.Nothing
                    Armed = true
                })
        | Take(slot, sz, limit, reduce) ->
            change slot (fun was ->
                let rules = facts.Market(slot.Instrument).Rules

                { was with
                    Kind = WishKind.Cross
                    Px = Instrument.roundPx rules slot.Side limit.Raw
                    Sz = Instrument.roundSz rules sz
                    Reduce = reduce
                    Armed = true
                    Expires = Instant.Of 0L
                })
        | Guard(slot, stop) -> change slot (fun was -> { was with Stop = stop })
