namespace Vrlg.Sim

open System
open Vrlg.Core

/// An order as the exchange holds it: plain numbers, 1e-8.
[<Struct; NoComparison; NoEquality>]
type ExchangeOrder =
    {
        Account: int
        Instrument: int
        Cloid: Cloid
        Side: Side
        Tif: Tif
        ReduceOnly: bool
        Px: int64
        Sz: int64
        /// Refused when it arrives later than this, in nanoseconds; 0 never.
        Expires: int64
    }

    static member Of(order: NewOrder) : ExchangeOrder =
        let px, sz, expires = order.Px, order.Sz, order.Expires

        {
            Account = order.Account.Index
            Instrument = order.Instrument.Index
            Cloid = order.Cloid
            Side = order.Side
            Tif = order.Tif
            ReduceOnly = order.ReduceOnly
            Px = px.Raw
            Sz = sz.Raw
            Expires = expires.Ns
        }

/// An order of ours in the exchange's book.
[<Struct; NoComparison; NoEquality>]
type OwnOrder =
    {
        Order: ExchangeOrder
        Oid: int64
        /// What may still fill, in 1e-8; 0 when it has just ended and is about to be swept.
        mutable Left: int64
        mutable Filled: int64
        /// Lots of others ahead; infinite where the queue is unknown.
        mutable Front: float
        /// Lots traded at its price since the level's last record: the compatibility queue's only.
        mutable Traded: float
        /// The last record of an order-by-order feed before it joined its queue.
        mutable Since: int64
        /// Orders of one group: when one fills whole, the others end. 0 belongs to none.
        Group: int64
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

    member o.BestPx = if o.Count = 0 then 0L else o.Items[0].Order.Px

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

    /// The place of an account's cloid; -1 when it does not rest here.
    member o.Find(account: int, cloid: Cloid) =
        let mutable i = 0

        while i < o.Count
              && (o.Items[i].Order.Cloid <> cloid || o.Items[i].Order.Account <> account) do
            i <- i + 1

        if i < o.Count then i else -1

    /// Behind every order of its price, on a node that is ours.
    member o.Add(order: inref<OwnOrder>) =
        if o.Count = o.Items.Length then
            let wider = Array.zeroCreate (2 * o.Count)
            Array.Copy(o.Items, wider, o.Count)
            o.Items <- wider

        let px = order.Order.Px
        let mutable i = o.Count

        while i > 0 && not (o.Reaches(o.Items[i - 1].Order.Px, px)) do
            o.Items[i] <- o.Items[i - 1]
            i <- i - 1

        o.Items[i] <- order
        o.Count <- o.Count + 1

    /// Lets go of the orders that ended, on a node that is ours.
    member o.Sweep() =
        let mutable kept = 0

        for i in 0 .. o.Count - 1 do
            if o.Items[i].Left > 0L then
                if kept < i then
                    o.Items[kept] <- o.Items[i]

                kept <- kept + 1

        Array.Clear(o.Items, kept, o.Count - kept)
        o.Count <- kept
        o.HasEnded <- false

/// What our own takers and M4 took of displayed levels of one side (C of simulation.md 5), so that nothing is taken twice.
/// An entry counts until its level's next record, or decays where that option is on.
[<Sealed>]
type TakenSizes private () =
    member val private Maker: Owner = null with get, set
    member val private Px: int64[] = Array.zeroCreate 8 with get, set
    member val private Sz: int64[] = Array.zeroCreate 8 with get, set
    member val private At: int64[] = Array.zeroCreate 8 with get, set
    member val private Rev: int[] = Array.zeroCreate 8 with get, set
    member val Count = 0 with get, private set

    static member Empty = TakenSizes()

    member t.Next(by: Owner) : TakenSizes =
        if not (isNull by) && obj.ReferenceEquals(t.Maker, by) then
            t
        else
            let copy = t.MemberwiseClone() :?> TakenSizes
            copy.Maker <- by
            copy.Px <- Array.copy t.Px
            copy.Sz <- Array.copy t.Sz
            copy.At <- Array.copy t.At
            copy.Rev <- Array.copy t.Rev
            copy

    member private t.Decayed(i: int, now: int64, tau: int64, lot: int64) =
        let left = float t.Sz[i] * exp (-(float (now - t.At[i]) / float tau))
        int64 (ceil (left / float lot)) * lot

    /// What is taken of a level whose record count is `rev`. `tau` 0 is without decay.
    member t.Of(px: int64, rev: int, now: int64, tau: int64, lot: int64) : int64 =
        let mutable i = 0

        while i < t.Count && t.Px[i] <> px do
            i <- i + 1

        if i = t.Count then 0L
        elif tau > 0L then t.Decayed(i, now, tau, lot)
        elif t.Rev[i] = rev then t.Sz[i]
        else 0L

    /// Forgets entries that count no more, on a node that is ours.
    member private t.Tidy(ladder: Ladder, now: int64, tau: int64, lot: int64) =
        let mutable kept = 0

        for i in 0 .. t.Count - 1 do
            let isLive =
                if tau > 0L then
                    t.Decayed(i, now, tau, lot) > 0L && now - t.At[i] < 20L * tau
                else
                    match ladder.IndexOf t.Px[i] with
                    | -1 -> false
                    | at -> ladder.Item(at).Rev = t.Rev[i]

            if isLive then
                t.Px[kept] <- t.Px[i]
                t.Sz[kept] <- t.Sz[i]
                t.At[kept] <- t.At[i]
                t.Rev[kept] <- t.Rev[i]
                kept <- kept + 1

        t.Count <- kept

    /// `sz` more was taken at a price, on a node that is ours.
    member t.Add(ladder: Ladder, px: int64, sz: int64, now: int64, tau: int64, lot: int64) =
        let rev =
            match ladder.IndexOf px with
            | -1 -> 0
            | i -> ladder.Item(i).Rev

        let mutable i = 0

        while i < t.Count && t.Px[i] <> px do
            i <- i + 1

        if i < t.Count then
            t.Sz[i] <- t.Of(px, rev, now, tau, lot) + sz
        else
            if t.Count = t.Px.Length then
                t.Tidy(ladder, now, tau, lot)

                if t.Count * 4 > t.Px.Length * 3 then
                    let wider (a: 'a[]) =
                        let w = Array.zeroCreate (2 * a.Length)
                        Array.Copy(a, w, a.Length)
                        w

                    t.Px <- wider t.Px
                    t.Sz <- wider t.Sz
                    t.At <- wider t.At
                    t.Rev <- wider t.Rev

            i <- t.Count
            t.Count <- t.Count + 1
            t.Px[i] <- px
            t.Sz[i] <- sz

        t.At[i] <- now
        t.Rev[i] <- rev
