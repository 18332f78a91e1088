namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// What the exchange says of one record or command, in order. Cleared and filled again, so that a record which says nothing
/// allocates nothing.
[<Sealed>]
type Reports() =
    let mutable items: Event[] = Array.zeroCreate 16
    let mutable count = 0

    member _.Count = count
    member _.Item(i: int) : Event = items[i]
    member _.Clear() = count <- 0

    member _.Add(event: Event) =
        if count = items.Length then
            Array.Resize(&items, 2 * count)

        items[count] <- event
        count <- count + 1

/// An order of ours in the exchange's book.
[<Struct; NoComparison; NoEquality>]
type OwnOrder =
    {
        Order: NewOrder
        Oid: int64
        /// What may still fill, in 1e-8; 0 when it has just ended and is about to be swept.
        mutable Left: int64
        mutable Filled: int64
        /// Lots of others ahead; infinite where the queue is unknown.
        mutable Front: float
    }

/// Our orders of one side of one book: best price first, then by arrival.
[<Sealed>]
type OwnOrders private (side: Side) =
    member val private Maker: Owner = null with get, set
    member val private Items: OwnOrder[] = Array.zeroCreate 8 with get, set
    member val Count = 0 with get, private set
    /// Some order ended and waits to be swept.
    member val HasEnded = false with get, set

    static member Empty(side: Side) = OwnOrders side

    member o.Item(i: int) : byref<OwnOrder> = &o.Items[i]

    member o.BestPx =
        if o.Count = 0 then
            0L
        else
            let px = o.Items[0].Order.Px in px.Raw

    member o.Next(by: Owner) : OwnOrders =
        if not (isNull by) && obj.ReferenceEquals(o.Maker, by) then
            o
        else
            let copy = o.MemberwiseClone() :?> OwnOrders
            copy.Maker <- by
            copy.Items <- Array.copy o.Items
            copy

    /// At or beyond `px` for one who comes from the other side: a bid at or above it, an ask at or below it.
    member _.Reaches(own: int64, px: int64) =
        if side = Side.Buy then own >= px else own <= px

    /// The place of a cloid; -1 when it does not rest here.
    member o.Find(cloid: Cloid) =
        let mutable i = 0

        while i < o.Count && (let c = o.Items[i].Order.Cloid in c <> cloid) do
            i <- i + 1

        if i < o.Count then i else -1

    /// Behind every order of its price, on a node that is ours.
    member o.Add(order: OwnOrder) =
        if o.Count = o.Items.Length then
            let wider = Array.zeroCreate (2 * o.Count)
            Array.Copy(o.Items, wider, o.Count)
            o.Items <- wider

        let px = order.Order.Px.Raw
        let mutable i = o.Count

        while i > 0 && (let other = o.Items[i - 1].Order.Px in not (o.Reaches(other.Raw, px))) do
            o.Items[i] <- o.Items[i - 1]
            i <- i - 1

        o.Items[i] <- order
        o.Count <- o.Count + 1

    /// Lets go of the orders that ended, on a node that is ours.
    member o.Sweep() =
        let mutable kept = 0

        for i in 0 .. o.Count - 1 do
            if o.Items[i].Left > 0L then
                o.Items[kept] <- o.Items[i]
                kept <- kept + 1

        Array.Clear(o.Items, kept, o.Count - kept)
        o.Count <- kept
        o.HasEnded <- false

/// One instrument at the exchange: the displayed book and our orders in it.
[<Sealed>]
type Pit private (rules: Instrument) =
    member val private Maker: Owner = null with get, set
    member _.Rules = rules
    member val Lot = Instrument.lot rules
    member val Bids: Ladder = Ladder.Empty Side.Buy with get, set
    member val Asks: Ladder = Ladder.Empty Side.Sell with get, set
    member val OwnBids: OwnOrders = OwnOrders.Empty Side.Buy with get, set
    member val OwnAsks: OwnOrders = OwnOrders.Empty Side.Sell with get, set
    /// Worst visible price of the last whole book, a side; 0 when everything is visible.
    member val WorstBid = 0L with get, set
    member val WorstAsk = 0L with get, set
    /// Venue instant of the last whole book.
    member val DepthAt = Int64.MinValue with get, set
    member val Repairs = 0L with get, set

    static member Of(rules: Instrument) = Pit rules

    member p.Next(by: Owner) : Pit =
        if not (isNull by) && obj.ReferenceEquals(p.Maker, by) then
            p
        else
            let copy = p.MemberwiseClone() :?> Pit
            copy.Maker <- by
            copy.OwnBids <- p.OwnBids.Next by
            copy.OwnAsks <- p.OwnAsks.Next by
            copy

    member p.Ladder(side: Side) =
        if side = Side.Buy then p.Bids else p.Asks

    member p.SetLadder(side: Side, ladder: Ladder) =
        if side = Side.Buy then
            p.Bids <- ladder
        else
            p.Asks <- ladder

    member p.Own(side: Side) =
        if side = Side.Buy then p.OwnBids else p.OwnAsks

    member p.Worst(side: Side) =
        if side = Side.Buy then p.WorstBid else p.WorstAsk

    /// Others' lots ahead of an order that arrives at a price of its own side: what rests there, or unknown beyond the
    /// visible depth (simulation.md 9).
    member p.FrontAt(side: Side, px: int64) : float =
        let ladder = p.Ladder side
        let worst = p.Worst side

        let isBetter a b =
            if side = Side.Buy then a > b else a < b

        let i = ladder.IndexOf px

        let isBeyond =
            worst <> 0L
            && isBetter worst px
            && ladder.BestPx <> 0L
            && isBetter ladder.BestPx px

        let isRecorded = i >= 0 && not (ladder.IsUnknown i) && ladder.Item(i).At > p.DepthAt

        if isBeyond && not isRecorded then Double.PositiveInfinity
        elif i < 0 then 0.0
        else float (ladder.Eff i) / float p.Lot

/// The exchange's whole state: a pit an instrument, positions, counters.
///
/// Owned it changes in place, shared it answers with a copy (see `Owner`).
[<Sealed>]
type ExchangeState internal (instruments: ImmutableArray<Instrument>, accounts: int) =
    member val internal Maker: Owner = null with get, set
    member val internal Token: Owner = null with get, set
    member val internal Pits: Pit[] = instruments |> Seq.map Pit.Of |> Seq.toArray with get, set

    member val internal Positions: int64[] = Array.zeroCreate (accounts * instruments.Length) with get, set
    member val internal LastTrade = 0L with get, set
    member val internal LastOid = 0L with get, set
    /// Counters of cloids only rise, and nothing overtakes on the way: one at or below this was seen before.
    member val internal HighestCloid = 0L with get, set

    member e.InstrumentCount = e.Pits.Length

    /// Signed position at the exchange.
    member e.Position(account: AccountId, instrument: InstrumentId) : Sz =
        Sz.Of e.Positions[account.Index * e.Pits.Length + instrument.Index]

    /// What others have resting at a price: displayed less traded.
    member e.Displayed(instrument: InstrumentId, side: Side, px: Px) : Sz =
        let ladder = e.Pits[instrument.Index].Ladder side

        match ladder.IndexOf px.Raw with
        | -1 -> Sz.Of 0L
        | i -> Sz.Of(ladder.Eff i)

    /// The best displayed quotes at the exchange.
    member e.Touch(instrument: InstrumentId) : Touch =
        let pit = e.Pits[instrument.Index]

        {
            BidPx = Px.Of pit.Bids.BestPx
            BidSz = Sz.Of pit.Bids.BestSz
            AskPx = Px.Of pit.Asks.BestPx
            AskSz = Sz.Of pit.Asks.BestSz
        }

    /// Our resting orders of one side, best price first, then by arrival: cloid, price, what is left, lots ahead.
    member e.Resting(instrument: InstrumentId, side: Side) : ImmutableArray<struct (Cloid * Px * Sz * float)> =
        let own = e.Pits[instrument.Index].Own side
        let found = ImmutableArray.CreateBuilder own.Count

        for i in 0 .. own.Count - 1 do
            let o = own.Item i
            found.Add(struct (o.Order.Cloid, o.Order.Px, Sz.Of o.Left, o.Front))

        found.ToImmutable()

    /// Levels dropped from view because the feed showed a locked or crossed book.
    member e.Repairs = e.Pits |> Array.sumBy (fun p -> p.Repairs)

    member internal e.Next() : ExchangeState =
        let by = Owner.live e.Token

        if not (isNull by) && obj.ReferenceEquals(e.Maker, by) then
            e
        else
            let copy = e.MemberwiseClone() :?> ExchangeState
            copy.Maker <- by
            copy.Pits <- Array.copy e.Pits
            copy.Positions <- Array.copy e.Positions
            copy
