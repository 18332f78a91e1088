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
    /// Of an account or an instrument that the run does not have: refused.
    | Stranger
    /// No such trade can be: a size not above 0, a price below 0, a value or sum beyond 64 bits, an instant days ahead. Refused.
    | Impossible

/// Fills, fees and funding of all accounts: positions, cost, profit, cash. Every fill counts once; the sums balance to zero.
[<Sealed>]
type Ledger private (instruments: int) =
    /// A venue's clock may be ahead of ours, not by this much: such a fill is none.
    static let ahead = 86_400_000_000_000L

    member val private Maker: Owner = null with get, set
    member val private Positions: Position[] = Array.empty with get, set
    member val private Cash: Usd[] = Array.empty with get, set
    member val private Start: Usd[] = Array.empty with get, set
    /// Of each account: venues number their trades, and keep time, by themselves.
    member val private Memories: TradeMemory[] = Array.empty with get, set
    /// Fills ever counted.
    member val FillCount = 0L with get, private set

    static member Empty(accounts: int, instruments: int) =
        let ledger = Ledger instruments
        ledger.Positions <- Array.zeroCreate (accounts * instruments)
        ledger.Cash <- Array.zeroCreate accounts
        ledger.Start <- Array.zeroCreate accounts
        ledger.Memories <- Array.init accounts (fun _ -> TradeMemory.Empty)
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
            copy.Memories <- Array.copy l.Memories
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

    /// Of the trades counted on an account.
    member l.TradesOf(account: AccountId) : TradeMemory = l.Memories[account.Index]

    /// The part of `cost` that `part` of `whole` carries, toward zero; the rest stays, so that nothing is lost.
    static member private Share(cost: int64, part: int64, whole: int64) : int64 =
        let wide = Int128.op_Implicit cost * Int128.op_Implicit part
        Int128.op_Explicit (wide / Int128.op_Implicit whole)

    /// The sum fits, its negative too.
    static member private Adds(a: int64, b: int64) : bool =
        let sum = a + b
        ((a ^^^ sum) &&& (b ^^^ sum)) >= 0L && sum <> Int64.MinValue

    static member private Trade(was: Position, signed: int64, notional: int64, fee: Usd, at: Instant) : Position =
        let size = was.Size.Raw
        let signedNotional = if signed > 0L then notional else -notional

        let counted traded : Position =
            { was with
                Fees = was.Fees + fee
                // Only told to people: it stays at the largest value.
                Traded =
                    if Ledger.Adds(was.Traded.Raw, traded) then
                        Usd.Of(was.Traded.Raw + traded)
                    else
                        Usd.Of Int64.MaxValue
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

    member private l.IsImpossible(fill: Fill, notional: Usd, venueAt: Instant, at: Instant) =
        let was = l.Positions[l.At(fill.Account, fill.Instrument)]
        let cash = l.Cash[fill.Account.Index]
        let isBuy = fill.Side = Side.Buy

        fill.Sz.Raw <= 0L
        || fill.Px.Raw < 0L
        || notional.Raw = Int64.MaxValue
        || venueAt.Ns - at.Ns > ahead
        || not (Ledger.Adds(was.Size.Raw, (if isBuy then fill.Sz.Raw else -fill.Sz.Raw)))
        || not (Ledger.Adds(was.Cost.Raw, (if isBuy then notional.Raw else -notional.Raw)))
        || not (Ledger.Adds(was.Fees.Raw, fill.Fee.Raw))
        || not (Ledger.Adds(notional.Raw, abs (max fill.Fee.Raw -Int64.MaxValue)))
        || not (Ledger.Adds(cash.Raw, (if isBuy then -notional.Raw else notional.Raw) - fill.Fee.Raw))

    /// The ledger after one fill, `venueAt` being the venue's instant of it and `at` its arrival.
    member l.Fill(by: Owner, fill: Fill, venueAt: Instant, at: Instant) : struct (Ledger * FillVerdict) =
        let notional = Instrument.notional fill.Px fill.Sz

        if not (l.Knows(fill.Account, fill.Instrument)) then
            struct (l, FillVerdict.Stranger)
        elif (l.TradesOf fill.Account).Knows(fill.Instrument, fill.Cloid, fill.TradeId) then
            struct (l, FillVerdict.Repeated)
        elif venueAt.Ns < (l.TradesOf fill.Account).Horizon.Ns then
            struct (l, FillVerdict.TooOld)
        elif l.IsImpossible(fill, notional, venueAt, at) then
            struct (l, FillVerdict.Impossible)
        else
            let next = l.Next by
            let i = l.At(fill.Account, fill.Instrument)
            let signed = if fill.Side = Side.Buy then fill.Sz.Raw else -fill.Sz.Raw
            let paid = if fill.Side = Side.Buy then notional.Raw else -notional.Raw
            next.Positions[i] <- Ledger.Trade(next.Positions[i], signed, notional.Raw, fill.Fee, at)
            let account = fill.Account.Index
            next.Cash[account] <- Usd.Of(next.Cash[account].Raw - paid - fill.Fee.Raw)
            let memory = next.Memories[account]
            // A stamp far ahead would make the memory call later fills too old.
            let stamp = Order.notAhead at venueAt
            next.Memories[account] <- memory.Remember(by, fill.Instrument, fill.Cloid, fill.TradeId, stamp)
            next.FillCount <- next.FillCount + 1L
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
            // The least number has no negative: no position is ever that one.
            let size = max held.Position.Raw -Int64.MaxValue
            let value = Instrument.notional held.AvgPx (Sz.Of(abs size))
            let cost = if size < 0L then -value.Raw else value.Raw

            next.Positions[i] <-
                { was with
                    Size = Sz.Of size
                    Cost = Usd.Of cost
                    OpenedAt =
                        if size = 0L then Instant.Of 0L
                        elif was.OpenedAt.IsNone then at
                        else was.OpenedAt
                }

            let start = next.Start[account.Index]
            next.Start[account.Index] <- Usd.Of(start.Raw + cost - was.Cost.Raw)
            next
