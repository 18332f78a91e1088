namespace Vrlg.Sim.LocalVenue

open System.Collections.Generic
open Vrlg.Core
open Vrlg.Sim

/// What an account paid for what it holds, and what became of it. Cost has the position's sign. 1e-8 USDC.
[<Struct; NoComparison; NoEquality>]
type Cost =
    {
        mutable Position: int64
        mutable Value: int64
        /// Funding paid: for ever, since the position opened, since it last changed.
        mutable AllTime: int64
        mutable SinceOpen: int64
        mutable SinceChange: int64
    }

/// What an account was worth at a time, and what had come to it from outside by then; 1e-8 USDC.
[<Struct; NoComparison; NoEquality>]
type WorthPoint =
    {
        Time: int64
        /// Of perpetuals.
        Perp: int64
        PerpFlow: int64
        PerpVolume: int64
        /// Of perpetuals and spot together.
        All: int64
        Flow: int64
        Volume: int64
    }

/// What was traded on a UTC day, 1e-8 USDC.
[<Struct; NoComparison; NoEquality>]
type VolumeDay =
    {
        /// Since 1970.
        Day: int64
        Taken: int64
        Made: int64
        /// Perpetuals once and spot twice: what the tier of fees is reckoned by.
        Weighted: int64
    }

/// An account of the local venue beyond what the exchange keeps of it. One linear owner.
[<Sealed>]
type VenueAccount(index: int, address: string, created: int64) =
    let costs: Cost[] = Array.zeroCreate Listing.markets.Length
    let most = 10_000

    let keep (rows: ResizeArray<'a>) (row: 'a) (limit: int) =
        if rows.Count >= limit then
            rows.RemoveRange(0, limit / 10)

        rows.Add row

    member _.Index = index
    /// Lower case.
    member _.Address = address
    member _.Created = created
    /// Oldest first.
    member val Fills = ResizeArray<VenueFill>() with get
    member val Fundings = ResizeArray<VenueFunding>() with get
    member val Ledger = ResizeArray<LedgerRow>() with get
    /// The latest orders that got a number, and all that are open; oldest first.
    member val Orders = ResizeArray<VenueOrder>() with get
    member val Live = SortedDictionary<int64, VenueOrder>() with get
    member val ByOid = Dictionary<int64, VenueOrder>() with get
    /// The newest order of a text.
    member val ByCloid = Dictionary<string, VenueOrder>() with get
    /// Named and unnamed wallets that may act for it: name, address, end of validity.
    member val Agents = ResizeArray<struct (string * string * int64)>() with get
    /// Wallets that were replaced, oldest first.
    member val Replaced = ResizeArray<string>() with get
    /// Until when a removal keeps others from being approved.
    member val RemovalUntil = 0L with get, set
    /// Builders and what they may take, tenths of a basis point.
    member val Builders = Dictionary<string, int64>() with get
    /// The account that this one belongs to; null of one that is nobody's.
    member val Master: (VenueAccount | null) = null with get, set
    member val Name = "" with get, set
    member val Subs = ResizeArray<VenueAccount>() with get
    /// Its part of the vault, and what it paid for that, 1e-8 USDC.
    member val Shares = 0L with get, set
    member val SharesCost = 0L with get, set
    /// Orders that are being worked off, and what became of all.
    member val Twaps = ResizeArray<VenueTwap>() with get
    member val TwapHistory = ResizeArray<TwapRow>() with get
    /// Requests used of its allowance, and those that were paid for.
    member val Used = 0L with get, set
    member val Reserved = 0L with get, set
    /// When a request of it was served last, milliseconds.
    member val Served = created with get, set
    member val Scheduled: int64 voption = ValueNone with get, set
    /// Scheduled cancels that came due, and on which UTC day.
    member val Triggered = 0 with get, set
    member val TriggeredDay = 0L with get, set
    /// Volume by what it was: taker and maker of perpetuals and spot together.
    member val TakerVolume = 0L with get, set
    member val MakerVolume = 0L with get, set
    member a.Volume = Wide.count a.TakerVolume a.MakerVolume
    /// Deposits less withdrawals, 1e-8 USDC.
    member val NetDeposits = 0L with get, set
    member val RealisedPnl = 0L with get, set
    /// What came to its perpetuals, and to both sides, less what went; sums of tokens as they were worth then. 1e-8 USDC.
    member val PerpFlow = 0L with get, set
    member val Flow = 0L with get, set
    member val PerpVolume = 0L with get, set
    /// What it was worth, an hour each, oldest first.
    member val Worths = ResizeArray<WorthPoint>() with get
    /// The latest 15 days on which it traded, oldest first.
    member val Days = ResizeArray<VolumeDay>() with get

    member _.Cost(market: int) : byref<Cost> = &costs[market]
    member a.AddFill row = keep a.Fills row most
    member a.AddFunding row = keep a.Fundings row most
    member a.AddLedger row = keep a.Ledger row most
    member a.AddTwap row = keep a.TwapHistory row most
    member a.AddWorth row = keep a.Worths row most

    /// Counts a fill of a day.
    member a.AddVolume(day: int64, worth: int64, isMaker: bool, isSpot: bool) =
        if not isSpot then
            a.PerpVolume <- Wide.count a.PerpVolume worth

        let last = a.Days.Count - 1

        let was =
            if last >= 0 && a.Days[last].Day = day then
                a.Days[last]
            else
                {
                    Day = day
                    Taken = 0L
                    Made = 0L
                    Weighted = 0L
                }

        let now =
            {
                Day = day
                Taken = Wide.count was.Taken (if isMaker then 0L else worth)
                Made = Wide.count was.Made (if isMaker then worth else 0L)
                Weighted = Wide.count was.Weighted (if isSpot then Wide.count worth worth else worth)
            }

        if last >= 0 && a.Days[last].Day = day then
            a.Days[last] <- now
        else
            a.Days.Add now

        if a.Days.Count > 15 then
            a.Days.RemoveAt 0

    /// The oldest orders that are not open make room.
    member private a.ForgetOrders() =
        let mutable left = most / 10
        let kept = ResizeArray<VenueOrder>(a.Orders.Count)

        for o in a.Orders do
            if o.IsLive || left = 0 then
                kept.Add o
            else
                left <- left - 1
                a.ByOid.Remove o.Oid |> ignore

                match o.Ask.Cloid with
                | null -> ()
                | cloid ->
                    match a.ByCloid.TryGetValue cloid with
                    | true, last when obj.ReferenceEquals(last, o) -> a.ByCloid.Remove cloid |> ignore
                    | _ -> ()

        a.Orders.Clear()
        a.Orders.AddRange kept

    member a.AddOrder(o: VenueOrder) =
        if a.Orders.Count >= most then
            a.ForgetOrders()

        a.Orders.Add o
        a.ByOid[o.Oid] <- o

        match o.Ask.Cloid with
        | null -> ()
        | cloid -> a.ByCloid[cloid] <- o

    /// The order of a number or text; null where there is none.
    member a.Find(name: OrderName) : VenueOrder =
        match name.Cloid with
        | null ->
            match a.ByOid.TryGetValue name.Oid with
            | true, o -> o
            | _ -> null
        | cloid ->
            match a.ByCloid.TryGetValue cloid with
            | true, o -> o
            | _ -> null

/// The cost of positions after a fill.
[<RequireQualifiedAccess>]
module Cost =
    /// Books a fill at the average price, and answers with the profit of what it closed, before fees.
    let fill (c: byref<Cost>) (side: Side) (px: int64) (sz: int64) : int64 =
        let notional = Instrument.notional (Px.Of px) (Sz.Of sz)

        let signed, value =
            if side = Side.Buy then
                sz, notional.Raw
            else
                -sz, -notional.Raw

        let was = c.Position
        c.SinceChange <- 0L

        if was = 0L || (was > 0L) = (signed > 0L) then
            if was = 0L then
                c.SinceOpen <- 0L

            c.Position <- was + signed
            c.Value <- c.Value + value
            0L
        elif abs signed <= abs was then
            let cost = Vrlg.Sim.Wide.mulDiv c.Value (abs signed) (abs was)
            c.Position <- was + signed
            c.Value <- c.Value - cost
            -value - cost
        else
            // Through zero: the old position ends, the rest begins a new one.
            let closing = Vrlg.Sim.Wide.mulDiv value (abs was) (abs signed)
            let profit = -closing - c.Value
            c.Position <- was + signed
            c.Value <- value - closing
            c.SinceOpen <- 0L
            profit
