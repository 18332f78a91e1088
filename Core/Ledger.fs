namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// What we hold of one instrument on one account, and what it cost and earned so far.
[<Struct; NoComparison; NoEquality>]
type Position =
    {
        /// Signed: above 0 long, below 0 short.
        Size: Sz
        /// Signed cost of what is held: long positive. Average entry price times size, exact to the last fill.
        Cost: Usd
        Realised: Usd
        Fees: Usd
        Funding: Usd
        /// Sum of |notional| of all fills.
        Traded: Usd
        /// First fill of the position that is open; 0 when flat.
        OpenedAt: Instant
    }

    /// Average entry price; 0 when flat.
    member p.AvgPx: Px =
        if p.Size.Raw = 0L then
            Px.Of 0L
        else
            let wide = Int128.op_Implicit p.Cost.Raw * Int128.op_Implicit 100_000_000L
            Px.Of(Int128.op_Explicit (wide / Int128.op_Implicit p.Size.Raw): int64)

/// What the ledger made of a fill.
[<RequireQualifiedAccess>]
type FillVerdict =
    | Counted
    /// Seen before by its trade id: counted once, long ago.
    | Repeated
    /// Older than the memory of trade ids: refused, since nobody can tell whether it was counted.
    | TooOld

/// Fills, fees and funding of all accounts: positions, cost, profit, cash. Every fill counts once; the sums balance to zero.
[<Sealed>]
type Ledger private (instruments: int) =
    /// Trade ids remembered; an older fill is refused.
    static let memory = 1024

    member val private Maker: Owner = null with get, set
    member val private Positions: Position[] = Array.empty with get, set
    member val private Cash: Usd[] = Array.empty with get, set
    member val private Start: Usd[] = Array.empty with get, set
    member val private TradeIds: int64[] = Array.zeroCreate memory with get, set
    member val private TradeKeys: int64[] = Array.zeroCreate memory with get, set
    member val private TradeTimes: int64[] = Array.zeroCreate memory with get, set
    /// Fills ever counted.
    member val FillCount = 0L with get, private set
    /// Nothing at or before this venue instant can be told apart any more.
    member val Horizon: Instant = Instant.Of Int64.MinValue with get, private set

    static member Empty(accounts: int, instruments: int) =
        let ledger = Ledger instruments
        ledger.Positions <- Array.zeroCreate (accounts * instruments)
        ledger.Cash <- Array.zeroCreate accounts
        ledger.Start <- Array.zeroCreate accounts
        ledger

    member private l.Next(by: Owner) : Ledger =
        if not (isNull by) && obj.ReferenceEquals(l.Maker, by) then
            l
        else
            let copy = l.MemberwiseClone() :?> Ledger
            copy.Maker <- by
            copy.Positions <- Array.copy l.Positions
            copy.Cash <- Array.copy l.Cash
            copy.Start <- Array.copy l.Start
            copy.TradeIds <- Array.copy l.TradeIds
            copy.TradeKeys <- Array.copy l.TradeKeys
            copy.TradeTimes <- Array.copy l.TradeTimes
            copy

    member private _.At(account: AccountId, instrument: InstrumentId) =
        account.Index * instruments + instrument.Index

    member private l.Knows(account: AccountId, instrument: InstrumentId) =
        account.Index >= 0
        && account.Index < l.Cash.Length
        && instrument.Index >= 0
        && instrument.Index < instruments

    member l.Accounts = l.Cash.Length
    member _.Instruments = instruments

    member l.Position(account: AccountId, instrument: InstrumentId) : Position =
        if l.Knows(account, instrument) then
            l.Positions[l.At(account, instrument)]
        else
            Unchecked.defaultof<Position>

    /// Cash of an account: the start, less what was bought, plus what was sold, less fees and funding.
    member l.CashOf(account: AccountId) : Usd =
        if account.Index >= 0 && account.Index < l.Cash.Length then
            l.Cash[account.Index]
        else
            Usd.Of 0L

    member l.StartOf(account: AccountId) : Usd =
        if account.Index >= 0 && account.Index < l.Start.Length then
            l.Start[account.Index]
        else
            Usd.Of 0L

    /// Cash + cost of what is held - start - realised + fees + funding: 0 to the last digit, whatever happened.
    member l.Balance(account: AccountId) : Usd =
        let mutable sum = l.CashOf(account).Raw - l.StartOf(account).Raw

        for i in 0 .. instruments - 1 do
            let p = l.Position(account, InstrumentId.Of i)
            sum <- sum + p.Cost.Raw - p.Realised.Raw + p.Fees.Raw + p.Funding.Raw

        Usd.Of sum

    member private l.IsRepeated(fill: Fill) =
        let key = fill.Cloid.N * 0x1_0000_0001L + fill.Cloid.Run + fill.Cumulative.Raw * 31L
        let known = int (min l.FillCount (int64 memory))
        let mutable from = 0
        let mutable repeated = false

        while not repeated && from < known do
            let span = ReadOnlySpan(l.TradeIds, from, known - from)

            match MemoryExtensions.IndexOf(span, fill.TradeId) with
            | -1 -> from <- known
            | i ->
                repeated <- l.TradeKeys[from + i] = key
                from <- from + i + 1

        repeated

    member private l.Remember(fill: Fill, venueAt: Instant) =
        let i = int (l.FillCount % int64 memory)

        if l.FillCount >= int64 memory && l.TradeTimes[i] > l.Horizon.Ns then
            l.Horizon <- Instant.Of l.TradeTimes[i]

        l.TradeIds[i] <- fill.TradeId
        l.TradeKeys[i] <- fill.Cloid.N * 0x1_0000_0001L + fill.Cloid.Run + fill.Cumulative.Raw * 31L
        l.TradeTimes[i] <- venueAt.Ns
        l.FillCount <- l.FillCount + 1L

    /// The part of `cost` that `part` of `whole` carries, toward zero; the rest stays, so that nothing is lost.
    static member private Share(cost: int64, part: int64, whole: int64) : int64 =
        let wide = Int128.op_Implicit cost * Int128.op_Implicit part
        Int128.op_Explicit (wide / Int128.op_Implicit whole)

    static member private Trade(was: Position, signed: int64, notional: int64, fee: Usd, at: Instant) : Position =
        let size = was.Size.Raw
        let signedNotional = if signed > 0L then notional else -notional

        let counted traded : Position =
            { was with
                Fees = was.Fees + fee
                Traded = Usd.Of(was.Traded.Raw + traded)
            }

        let next = counted notional

        if size = 0L || (size > 0L) = (signed > 0L) then
            { next with
                Size = Sz.Of(size + signed)
                Cost = Usd.Of(was.Cost.Raw + signedNotional)
                OpenedAt = if size = 0L then at else was.OpenedAt
            }
        elif abs signed <= abs size then
            let removed = Ledger.Share(was.Cost.Raw, -signed, size)
            let left = size + signed

            { next with
                Size = Sz.Of left
                Cost = Usd.Of(was.Cost.Raw - removed)
                Realised = Usd.Of(was.Realised.Raw - signedNotional - removed)
                OpenedAt = if left = 0L then Instant.Of 0L else was.OpenedAt
            }
        else
            // Through zero: the old position closes at its share of the price, the rest opens a new one.
            let closing = Ledger.Share(signedNotional, -size, signed)

            { next with
                Size = Sz.Of(size + signed)
                Cost = Usd.Of(signedNotional - closing)
                Realised = Usd.Of(was.Realised.Raw - closing - was.Cost.Raw)
                OpenedAt = at
            }

    /// The ledger after one fill, `venueAt` being the venue's instant of it and `at` its arrival.
    member l.Fill(by: Owner, fill: Fill, venueAt: Instant, at: Instant) : struct (Ledger * FillVerdict) =
        if not (l.Knows(fill.Account, fill.Instrument)) || l.IsRepeated fill then
            struct (l, FillVerdict.Repeated)
        elif venueAt.Ns <= l.Horizon.Ns then
            struct (l, FillVerdict.TooOld)
        else
            let next = l.Next by
            let i = l.At(fill.Account, fill.Instrument)
            let notional = Instrument.notional fill.Px fill.Sz
            let signed = if fill.Side = Side.Buy then fill.Sz.Raw else -fill.Sz.Raw
            let paid = if fill.Side = Side.Buy then notional.Raw else -notional.Raw
            next.Positions[i] <- Ledger.Trade(next.Positions[i], signed, notional.Raw, fill.Fee, at)
            let account = fill.Account.Index
            next.Cash[account] <- Usd.Of(next.Cash[account].Raw - paid - fill.Fee.Raw)
            next.Remember(fill, venueAt)
            struct (next, FillVerdict.Counted)

    /// The ledger after a fill that the position taken from the venue has in it already: it is remembered, its fee is paid and
    /// its money has moved, but what is held stays as it is.
    member l.Contain(by: Owner, fill: Fill, venueAt: Instant, at: Instant) : struct (Ledger * FillVerdict) =
        let was = l.Position(fill.Account, fill.Instrument)
        let struct (next, verdict) = l.Fill(by, fill, venueAt, at)

        if verdict <> FillVerdict.Counted then
            struct (next, verdict)
        else
            let i = next.At(fill.Account, fill.Instrument)
            let now = next.Positions[i]
            let account = fill.Account.Index
            // What the fill moved between cost, profit and cash was in the position's price: the start takes it back.
            let moved = now.Cost.Raw - was.Cost.Raw - now.Realised.Raw + was.Realised.Raw
            next.Start[account] <- Usd.Of(next.Start[account].Raw - moved)

            next.Positions[i] <-
                { was with
                    Fees = now.Fees
                    Traded = now.Traded
                }

            struct (next, verdict)

    /// After a funding payment; above 0 is paid by us.
    member l.Fund(by: Owner, funding: Funding) : Ledger =
        if not (l.Knows(funding.Account, funding.Instrument)) then
            l
        else
            let next = l.Next by
            let i = l.At(funding.Account, funding.Instrument)
            let was = next.Positions[i]

            next.Positions[i] <-
                { was with
                    Funding = was.Funding + funding.Paid
                }

            let account = funding.Account.Index
            next.Cash[account] <- next.Cash[account] - funding.Paid
            next

    /// With the venue's cash as the start of an account that has no history here.
    member l.Begin(by: Owner, account: AccountId, cash: Usd) : Ledger =
        if account.Index < 0 || account.Index >= l.Cash.Length then
            l
        else
            let next = l.Next by
            let was = next.Start[account.Index]
            next.Start[account.Index] <- cash
            next.Cash[account.Index] <- Usd.Of(next.Cash[account.Index].Raw + cash.Raw - was.Raw)
            next

    /// With the venue's position in place of ours: the difference is booked at the venue's average price, into the start, so
    /// that the sums still balance and no profit is invented.
    member l.Adopt(by: Owner, account: AccountId, held: HeldPosition, at: Instant) : Ledger =
        if not (l.Knows(account, held.Instrument)) then
            l
        else
            let next = l.Next by
            let i = l.At(account, held.Instrument)
            let was = next.Positions[i]
            let size = held.Position.Raw
            let value = Instrument.notional held.AvgPx (Sz.Of(abs size))
            let cost = if size < 0L then -value.Raw else value.Raw

            next.Positions[i] <-
                { was with
                    Size = held.Position
                    Cost = Usd.Of cost
                    OpenedAt =
                        if size = 0L then Instant.Of 0L
                        elif was.OpenedAt.IsNone then at
                        else was.OpenedAt
                }

            let start = next.Start[account.Index]
            next.Start[account.Index] <- Usd.Of(start.Raw + cost - was.Cost.Raw)
            next
