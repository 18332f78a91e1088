namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// An account's allowance of actions, as the venue counts them: a start, one more per dollar traded, less what was used.
[<Struct; IsReadOnly; NoComparison>]
type Budget =
    {
        /// Actions allowed at the start; below 0 means that the venue does not count.
        Allowance: int64
        /// Kept for exits: entries and their cancels see that much less (I10).
        ExitReserve: int64
        Used: int64
        TradedUsd: Usd
    }

    static member Unlimited: Budget =
        {
            Allowance = -1L
            ExitReserve = 0L
            Used = 0L
            TradedUsd = Usd.Of 0L
        }

    member b.IsUnlimited = b.Allowance < 0L

    member b.Left =
        if b.IsUnlimited then
            Int64.MaxValue
        else
            b.Allowance + b.TradedUsd.Raw / 100_000_000L - b.Used

    member b.LeftForEntries =
        if b.IsUnlimited then
            Int64.MaxValue
        else
            b.Left - b.ExitReserve

/// What is true: markets, orders, positions, health, budgets. The one place where risk, desks and slots read it.
[<Sealed>]
type Facts internal (instruments: Instrument[], accounts: int) =
    member val internal Maker: Owner = null with get, set
    member val internal MarketArray: Market[] = instruments |> Array.map Market.Of with get, set
    member val Orders: Orders = Orders.Empty with get, internal set
    member val Ledger: Ledger = Ledger.Empty(accounts, instruments.Length) with get, internal set
    member val Health: Health = Health.Cold accounts with get, internal set
    member val internal Budgets: Budget[] = Array.create accounts Budget.Unlimited with get, set

    member f.InstrumentCount = f.MarketArray.Length

    member f.Has(instrument: InstrumentId) =
        uint instrument.Index < uint f.MarketArray.Length

    /// The market of an instrument of the run's table; check `Has` first where the id comes from outside.
    member f.Market(instrument: InstrumentId) : Market = f.MarketArray[instrument.Index]

    member f.Budget(account: AccountId) : Budget =
        if uint account.Index < uint f.Budgets.Length then
            f.Budgets[account.Index]
        else
            Budget.Unlimited

    /// Actions that entries may spend: what is left, less the exits' reserve, less one for the cancel of each order that rests.
    member f.LeftForEntries(account: AccountId) : int64 =
        let budget = f.Budget account

        if budget.IsUnlimited then
            Int64.MaxValue
        else
            budget.LeftForEntries - int64 (f.Orders.CountToCancel account)

    member internal f.Next(by: Owner) : Facts =
        if not (isNull by) && obj.ReferenceEquals(f.Maker, by) then
            f
        else
            let copy = f.MemberwiseClone() :?> Facts
            copy.Maker <- by
            copy.MarketArray <- Array.copy f.MarketArray
            copy.Budgets <- Array.copy f.Budgets
            copy

    member internal f.WithOrders(by: Owner, orders: Orders) : Facts =
        if obj.ReferenceEquals(f.Orders, orders) then
            f
        else
            let next = f.Next by
            next.Orders <- orders
            next

    /// One action sent.
    member internal f.Spend(by: Owner, account: AccountId) : Facts =
        let next = f.Next by
        let was = next.Budgets[account.Index]
        next.Budgets[account.Index] <- { was with Used = was.Used + 1L }
        next

    /// One fill's value traded: it earns actions.
    member internal f.Earn(by: Owner, account: AccountId, notional: Usd) : Facts =
        let next = f.Next by
        let was = next.Budgets[account.Index]

        next.Budgets[account.Index] <-
            { was with
                TradedUsd = was.TradedUsd + notional
            }

        next

/// The caps of one desk.
[<NoComparison>]
type Limits =
    {
        /// Largest |position| of any instrument, with everything counted that may still fill, in whatever order (I1). The cap itself
        /// is allowed.
        MaxPosition: Sz
        /// Largest value of one order that opens; an exit is as large as what it leaves.
        MaxOrder: Usd
        /// Most live orders of the desk.
        MaxOpenOrders: int
        /// Farthest an order's price may lie from the mid, in basis points.
        BandBps: int
        /// An order that opens may cross. Exits always may.
        AllowsMarketEntries: bool
    }

/// The rules that stand between a wish and an order.
[<RequireQualifiedAccess>]
module Risk =
    /// An order which passed every rule. Only `review` can make one.
    [<NoComparison>]
    type Approved =
        private
        | Approved of NewOrder

        member a.Order = let (Approved order) = a in order

    /// Why an order is wanted. Opening needs proof of fresh data; reducing and protecting need a position to reduce.
    [<NoComparison; NoEquality>]
    type Purpose =
        | Opening of Health.Fresh
        | Reducing
        /// A stop that rests at the exchange. It spends no action that exits may need.
        | Protecting
        /// A hedge that reduces. Nor does it.
        | Trimming

    let private checkGrid (rules: Instrument) (order: NewOrder) (breaches: ResizeArray<Breach>) =
        if not (Instrument.isValidPx rules order.Px) then
            breaches.Add(Breach.PriceOffGrid order.Px)

        if order.Sz.Raw <= 0L || not (Instrument.isValidSz rules order.Sz) then
            breaches.Add(Breach.SizeOffGrid order.Sz)

    /// What a price is measured by: the mid, else the side that is there, else the last price known; 0 when nothing is.
    let private reference (market: Market) : int64 =
        let touch = market.Touch

        if touch.IsWhole then touch.MidTwice / 2L
        elif touch.BidPx.Raw > 0L then touch.BidPx.Raw
        elif touch.AskPx.Raw > 0L then touch.AskPx.Raw
        elif market.Mark.Raw > 0L then market.Mark.Raw
        else market.LastTrade.Raw

    let private checkBand (limits: Limits) (market: Market) (order: NewOrder) (breaches: ResizeArray<Breach>) =
        let mid = Int128.op_Implicit (reference market)

        let off =
            Int128.Abs(Int128.op_Implicit order.Px.Raw - mid) * Int128.op_Implicit 10_000

        if Int128.op_GreaterThan (off, mid * Int128.op_Implicit limits.BandBps) then
            breaches.Add(Breach.PriceFarFromMarket(order.Px, Px.Of(reference market)))

    /// The nearest that 64 bits hold, for the words of a breach.
    let private clamped (wide: Int128) : Sz =
        let most = Int128.op_Implicit Int64.MaxValue
        Sz.Of(Int128.op_Explicit (Int128.Clamp(wide, -most, most)): int64)

    let private checkOpening
        (limits: Limits)
        (facts: Facts)
        (desk: DeskId)
        (order: NewOrder)
        (breaches: ResizeArray<Breach>)
        =
        let position = facts.Ledger.Position(order.Account, order.Instrument)
        let size = Int128.op_Implicit order.Sz.Raw
        let working = facts.Orders.Working(order.Account, order.Instrument, order.Side)
        let opening = facts.Orders.Opening(order.Account, order.Instrument, order.Side)

        // Counted toward the side of the order: above 0 is what it adds to.
        let held =
            if order.Side = Side.Buy then
                Int128.op_Implicit position.Size.Raw
            else
                -(Int128.op_Implicit position.Size.Raw)

        // What is held against it may leave first: by an exit, a hedge, a stop at the exchange.
        let worst =
            Int128.Max(
                held + Int128.op_Implicit working.Raw,
                Int128.Max(held, Int128.Zero) + Int128.op_Implicit opening.Raw
            )
            + size

        if Int128.op_GreaterThan (worst, Int128.op_Implicit limits.MaxPosition.Raw) then
            let signed = if order.Side = Side.Buy then worst else -worst
            breaches.Add(Breach.PositionCap(clamped signed, limits.MaxPosition))

        let count = facts.Orders.CountOf desk

        if count >= limits.MaxOpenOrders then
            breaches.Add(Breach.TooManyOrders count)

    /// On spot nothing but our own sum keeps two exits from selling the same lots twice: what works on that side counts.
    let private checkReducing (rules: Instrument) (facts: Facts) (order: NewOrder) (breaches: ResizeArray<Breach>) =
        let position = facts.Ledger.Position(order.Account, order.Instrument)
        let held = position.Size.Raw
        let opposite = if order.Side = Side.Buy then held < 0L else held > 0L
        let isPerp = rules.Kind = InstrumentKind.Perp

        let working =
            if isPerp then
                Sz.Of 0L
            else
                facts.Orders.Working(order.Account, order.Instrument, order.Side)

        let size = Int128.op_Implicit order.Sz.Raw + Int128.op_Implicit working.Raw
        let most = Int128.Abs(Int128.op_Implicit held)

        if
            not opposite
            || Int128.op_GreaterThan (size, most)
            || (isPerp && not order.ReduceOnly)
        then
            breaches.Add(Breach.NotReducing position.Size)

    /// Actions that exits do not need. An order that rests needs its own cancel too.
    let private checkSpare (facts: Facts) (order: NewOrder) (breaches: ResizeArray<Breach>) =
        let needed = if order.Tif = Tif.Ioc then 1L else 2L
        let left = facts.LeftForEntries order.Account

        if left < needed then
            breaches.Add(Breach.BudgetSpent left)

    /// Judges one order against every rule; all that it breaks come back together. Everything working, in doubt or settling on
    /// its side counts as filled. A reducing order passes the caps of position and order value, never the price and size rules.
    let review
        (limits: Limits)
        (instrument: Instrument)
        (facts: Facts)
        (desk: DeskId)
        (seq: int64)
        (purpose: Purpose)
        (order: NewOrder)
        : Result<Approved, ImmutableArray<Breach>> =
        let breaches = ResizeArray<Breach>()

        if
            not (facts.Has order.Instrument)
            || instrument.Id.Index <> order.Instrument.Index
        then
            breaches.Add(Breach.UnknownInstrument order.Instrument)
        else
            let notional = Instrument.notional order.Px order.Sz
            checkGrid instrument order breaches

            // A stop is as far from the market as its guard: it can only reduce, and releases itself.
            if not purpose.IsProtecting then
                checkBand limits (facts.Market order.Instrument) order breaches
            elif not (Instrument.isValidPx instrument order.Trigger) then
                breaches.Add(Breach.PriceOffGrid order.Trigger)

            match purpose with
            | Opening fresh ->
                if fresh.Instrument.Index <> order.Instrument.Index || fresh.Seq <> seq then
                    breaches.Add(Breach.StaleData order.Instrument)

                if notional.Raw > limits.MaxOrder.Raw then
                    breaches.Add(Breach.OrderTooLarge(notional, limits.MaxOrder))

                if notional.Raw < instrument.MinNotional.Raw then
                    breaches.Add(Breach.OrderTooSmall(notional, instrument.MinNotional))

                if order.Tif = Tif.Ioc && not limits.AllowsMarketEntries then
                    breaches.Add Breach.MarketEntryForbidden

                checkSpare facts order breaches
                checkOpening limits facts desk order breaches
            | Reducing ->
                let budget = facts.Budget order.Account

                if budget.Left <= 0L then
                    breaches.Add(Breach.BudgetSpent budget.Left)

                checkReducing instrument facts order breaches
            | Protecting
            | Trimming ->
                checkSpare facts order breaches
                checkReducing instrument facts order breaches

        if breaches.Count = 0 then
            Ok(Approved order)
        else
            Error(ImmutableArray.CreateRange breaches)

/// What the house sends. A `Place` holds an order that passed the review: nothing else can be placed.
[<NoComparison; NoEquality>]
type Command =
    | Place of order: Risk.Approved
    | Cancel of account: AccountId * instrument: InstrumentId * cloid: Cloid
    /// Ask the venue what became of an order.
    | Query of account: AccountId * instrument: InstrumentId * cloid: Cloid
    /// Ask the venue for an account's positions and open orders.
    | Resync of account: AccountId
    | Quit of reason: string
