namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// The others' side of one instrument at the exchange: what the tape displays. Nothing of ours is in it, so that several
/// runs may share it.
[<Sealed>]
type Pit private (rules: Instrument) =
    member val private Maker: Owner = null with get, set
    member _.Rules = rules
    member val Lot = Instrument.lot rules
    member val Bids: Ladder = Ladder.Empty Side.Buy with get, set
    member val Asks: Ladder = Ladder.Empty Side.Sell with get, set
    /// Worst visible price of the last whole book, a side; 0 when everything is visible.
    member val WorstBid = 0L with get, set
    member val WorstAsk = 0L with get, set
    /// Venue instant of the last whole book.
    member val DepthAt = Int64.MinValue with get, set
    member val Repairs = 0L with get, set
    /// The feed is order by order: `Move` is told.
    member val IsByOrder = false with get, set
    /// What the record being applied did to its level's queue, where the feed is order by order.
    member val Move = QueueMove.None with get, set
    /// The last mark and oracle prices of the tape; 0 before the first.
    member val Mark = 0L with get, set
    member val Oracle = 0L with get, set
    /// The recorder lost data: the book is not to be believed.
    member val InGap = false with get, set
    /// The book being applied is the first after a gap; it is applied risk-averse.
    member val IsFirstBook = false with get, set
    /// When such a book came last.
    member val FirstBookAt = Int64.MinValue with get, set

    static member Of(rules: Instrument) = Pit rules

    member p.Next(by: Owner) : Pit =
        if not (isNull by) && obj.ReferenceEquals(p.Maker, by) then
            p
        else
            let copy = p.MemberwiseClone() :?> Pit
            copy.Maker <- by
            copy

    member p.Ladder(side: Side) =
        if side = Side.Buy then p.Bids else p.Asks

    /// Owned, the ladder is the same object: nothing to store.
    member p.SetLadder(side: Side, ladder: Ladder) =
        if side = Side.Buy then
            if not (obj.ReferenceEquals(ladder, p.Bids)) then
                p.Bids <- ladder
        elif not (obj.ReferenceEquals(ladder, p.Asks)) then
            p.Asks <- ladder

    member p.Worst(side: Side) =
        if side = Side.Buy then p.WorstBid else p.WorstAsk

    /// Others' lots ahead of an order that arrives at a price of its own side: what rests there, or unknown beyond the
    /// visible depth and inside a gap (simulation.md 9).
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

        if p.InGap || (isBeyond && not isRecorded) then
            Double.PositiveInfinity
        elif i < 0 then
            0.0
        else
            float (ladder.Eff i) / float p.Lot

/// Our side of one instrument at the exchange.
[<Sealed>]
type OwnPit private () =
    member val private Maker: Owner = null with get, set
    member val Bids: OwnOrders = OwnOrders.Empty Side.Buy with get, set
    member val Asks: OwnOrders = OwnOrders.Empty Side.Sell with get, set
    member val TakenBids = TakenSizes.Empty with get, set
    member val TakenAsks = TakenSizes.Empty with get, set
    member val Waiting = WaitingOrders.Empty with get, set

    static member Empty = OwnPit()

    member p.Next(by: Owner) : OwnPit =
        if not (isNull by) && obj.ReferenceEquals(p.Maker, by) then
            p
        else
            let copy = p.MemberwiseClone() :?> OwnPit
            copy.Maker <- by
            copy.Bids <- p.Bids.Next by
            copy.Asks <- p.Asks.Next by
            copy.TakenBids <- p.TakenBids.Next by
            copy.TakenAsks <- p.TakenAsks.Next by
            copy.Waiting <- p.Waiting.Next by
            copy

    member p.Own(side: Side) =
        if side = Side.Buy then p.Bids else p.Asks

    member p.Taken(side: Side) =
        if side = Side.Buy then p.TakenBids else p.TakenAsks

    /// Nothing of ours rests or waits here.
    member p.IsIdle = p.Bids.Count = 0 && p.Asks.Count = 0 && p.Waiting.Count = 0

/// What the exchange keeps of one account and instrument.
[<Struct; NoComparison; NoEquality>]
type Held =
    {
        mutable Position: int64
        /// The position before the first fill at `FillAt`: what a funding at that instant is paid on.
        mutable Before: int64
        mutable FillAt: int64
    }

/// Our orders and accounts at the exchange, and how they are treated. A run has one such house; a sweep has one a point,
/// all over the same pits.
[<Sealed>]
type House private (config: ExchangeConfig) =
    let count = config.Instruments.Length
    member val private Maker: Owner = null with get, set
    member _.Config = config
    member val Pits: OwnPit[] = Array.init count (fun _ -> OwnPit.Empty) with get, set
    member val Holdings: Held[] = Array.zeroCreate (config.Accounts * count) with get, set
    /// Cash an account: start, less bought, plus sold, less fees and funding; 1e-8 USDC. Perpetuals, then spot.
    member val PerpCash: int64[] = Array.create config.Accounts config.Rules.Cash.Raw with get, set
    member val SpotCash: int64[] = Array.create config.Accounts config.Rules.Cash.Raw with get, set
    /// Actions used and USDC traded (1e-8), an account: the venue's allowance.
    member val Actions: int64[] = Array.zeroCreate config.Accounts with get, set
    member val Volume: int64[] = Array.zeroCreate config.Accounts with get, set
    /// Leverage chosen, an account and instrument; 0 is the instrument's highest.
    member val Leverages: int[] = Array.zeroCreate (config.Accounts * count) with get, set
    /// Fees of an account where they are not the run's: of perpetuals, then of spot; empty where all pay the same.
    member val Rates: FeeRates[] = [||] with get, set
    /// Whether a position has a margin of its own, an account and instrument.
    member val IsIsolated: bool[] = Array.zeroCreate (config.Accounts * count) with get, set
    /// The USDC of such a position: its margin less what was bought, plus what was sold; 1e-8.
    member val IsolatedCash: int64[] = Array.zeroCreate (config.Accounts * count) with get, set
    /// When all orders of an account are cancelled; `Int64.MaxValue` is never.
    member val Deadman: int64[] = Array.create config.Accounts Int64.MaxValue with get, set
    /// When the orders of an instrument in a gap are cancelled at the latest.
    member val GapEnds: int64[] = Array.create count Int64.MaxValue with get, set
    /// The earliest of all these.
    member val NextDeadman = Int64.MaxValue with get, set
    /// Some trigger has fired and its order waits to be executed.
    member val HasFired = false with get, set
    member val LastTrade = 0L with get, set
    member val LastOid = 0L with get, set
    /// Numbers of the orders that have arrived.
    member val Seen = SeenNumbers.Empty with get, set
    /// Commands refused because the allowance was spent.
    member val OverAllowance = 0L with get, set
    member val Liquidations = 0L with get, set

    static member Of(config: ExchangeConfig) = House config

    member h.Next(by: Owner) : House =
        if not (isNull by) && obj.ReferenceEquals(h.Maker, by) then
            h
        else
            let copy = h.MemberwiseClone() :?> House
            copy.Maker <- by
            copy.Pits <- Array.copy h.Pits
            copy.Holdings <- Array.copy h.Holdings
            copy.PerpCash <- Array.copy h.PerpCash
            copy.SpotCash <- Array.copy h.SpotCash
            copy.Actions <- Array.copy h.Actions
            copy.Volume <- Array.copy h.Volume
            copy.Leverages <- Array.copy h.Leverages
            copy.Rates <- Array.copy h.Rates
            copy.IsIsolated <- Array.copy h.IsIsolated
            copy.IsolatedCash <- Array.copy h.IsolatedCash
            copy.Deadman <- Array.copy h.Deadman
            copy.GapEnds <- Array.copy h.GapEnds
            copy.Seen <- h.Seen.Next by
            copy

    /// One instrument's orders, as a node that may change.
    member h.PitOf(by: Owner, instrument: int) : OwnPit =
        let was = h.Pits[instrument]
        let pit = was.Next by

        if not (obj.ReferenceEquals(pit, was)) then
            h.Pits[instrument] <- pit

        pit

    member h.Holding(account: int, instrument: int) : byref<Held> =
        &h.Holdings[account * h.Pits.Length + instrument]

/// The exchange's whole state: the others' pits, and our house.
///
/// Owned it changes in place, shared it answers with a copy (see `Owner`).
[<Sealed>]
type ExchangeState internal (pits: Pit[], house: House) =
    member val internal Maker: Owner = null with get, set
    member val internal Token: Owner = null with get, set
    member val internal Pits: Pit[] = pits with get, set
    member val internal House: House = house with get, set
    /// The record that several houses over these pits look at; null for a house by itself.
    member val internal Turn: Turn = null with get, set

    member e.InstrumentCount = e.Pits.Length

    /// Signed position at the exchange.
    member e.Position(account: AccountId, instrument: InstrumentId) : Sz =
        Sz.Of e.House.Holdings[account.Index * e.Pits.Length + instrument.Index].Position

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
        let own = e.House.Pits[instrument.Index].Own side
        let found = ImmutableArray.CreateBuilder own.Count

        for i in 0 .. own.Count - 1 do
            let o = own.Item i
            found.Add(struct (o.Order.Cloid, Px.Of o.Order.Px, Sz.Of o.Left, o.Front))

        found.ToImmutable()

    /// The resting or waiting order of a number; none where there is none.
    member e.Find(account: AccountId, instrument: InstrumentId, cloid: Cloid) : OwnOrder voption =
        let pit = e.House.Pits[instrument.Index]

        match pit.Bids.Find(account.Index, cloid), pit.Asks.Find(account.Index, cloid) with
        | -1, -1 ->
            match pit.Waiting.Find(account.Index, cloid) with
            | -1 -> ValueNone
            | i -> ValueSome((pit.Waiting.Item i).AsOwn)
        | -1, i -> ValueSome(pit.Asks.Item i)
        | i, _ -> ValueSome(pit.Bids.Item i)

    /// An order of this number has arrived.
    member e.HasSeen(cloid: Cloid) = e.House.Seen.Has cloid.N

    /// Some trigger has fired and its order waits to be executed (`Exchange.fired`).
    member e.HasFired = e.House.HasFired

    /// Data of the instrument was lost and no book has come since.
    member e.InGap(instrument: InstrumentId) = e.Pits[instrument.Index].InGap

    /// What happened at an instant is not to be believed: inside a gap, or with the first book after one.
    member e.IsUncertain(instrument: InstrumentId, at: Instant) =
        let pit = e.Pits[instrument.Index]
        pit.InGap || pit.FirstBookAt = at.Ns

    /// Cash of an account less fees and funding, at the exchange.
    member e.Cash(account: AccountId) : Usd = Usd.Of e.House.PerpCash[account.Index]

    /// What the venue says of an account when asked: its positions, its cash, its resting orders. It keeps no entry prices: the
    /// mark stands for them, before the first one the best bid.
    member e.Facts(account: AccountId) : AccountFacts =
        let positions = ImmutableArray.CreateBuilder<HeldPosition>()
        let resting = ImmutableArray.CreateBuilder<OpenOrder>()

        for i in 0 .. e.Pits.Length - 1 do
            let id = InstrumentId.Of i
            let pit = e.Pits[i]
            let px = if pit.Mark > 0L then pit.Mark else pit.Bids.BestPx

            positions.Add
                {
                    Instrument = id
                    Position = e.Position(account, id)
                    AvgPx = Px.Of px
                }

            for own in [ e.House.Pits[i].Bids; e.House.Pits[i].Asks ] do
                for k in 0 .. own.Count - 1 do
                    let o = own.Item k

                    if o.Order.Account = account.Index && o.Left > 0L then
                        resting.Add
                            {
                                Instrument = id
                                Cloid = o.Order.Cloid
                            }

            let waiting = e.House.Pits[i].Waiting

            for k in 0 .. waiting.Count - 1 do
                let w = waiting.Item k

                if w.Order.Account = account.Index && not w.IsGone then
                    resting.Add
                        {
                            Instrument = id
                            Cloid = w.Order.Cloid
                        }

        {
            Account = account
            Cash = e.Cash account
            Positions = positions.ToImmutable()
            Open = resting.ToImmutable()
        }

    /// The next instant at which the exchange acts by itself (a scheduled cancel).
    member e.NextDeadline: int64 = e.House.NextDeadman

    /// Levels dropped from view because the feed showed a locked or crossed book.
    member e.Repairs = e.Pits |> Array.sumBy (fun p -> p.Repairs)
    member e.Liquidations = e.House.Liquidations
    member e.OverAllowance = e.House.OverAllowance

    /// What the next record does to its queue, on a node that is ours.
    member internal e.Tell(instrument: int, move: inref<QueueMove>) =
        let pit = e.Pits[instrument].Next(Owner.live e.Token)
        pit.IsByOrder <- true
        pit.Move <- move
        e.Pits[instrument] <- pit

    member internal e.Next() : ExchangeState =
        let by = Owner.live e.Token

        if not (isNull by) && obj.ReferenceEquals(e.Maker, by) then
            e
        else
            let copy = e.MemberwiseClone() :?> ExchangeState
            copy.Maker <- by
            copy.Pits <- Array.copy e.Pits
            copy.House <- e.House.Next by
            copy
