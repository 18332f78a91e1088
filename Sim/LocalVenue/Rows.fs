namespace Vrlg.Sim.LocalVenue

open System
open Vrlg.Core

/// An order of the local venue over its whole life. One linear owner changes it; who keeps it longer keeps an `OrderRow`.
[<Sealed; AllowNullLiteral>]
type VenueOrder(oid: int64, account: int, market: Listed, ask: OrderAsk, time: int64) =
    member _.Oid = oid
    member _.Account = account
    member _.Market = market
    member _.Ask = ask
    member _.Time = time
    /// Its number at the exchange; 0 before it was sent there.
    member val Number = 0L with get, set
    member val Left = ask.Sz with get, set
    member val FilledSz = 0L with get, set
    /// Price times size of its fills, 1e-8 USDC.
    member val FilledValue = 0L with get, set
    /// The venue's word, such as `open`.
    member val Status = "open" with get, set
    member val StatusTime = time with get, set
    member val IsLive = false with get, set
    member val HasFired = false with get, set
    /// Take-profit or stop bound to the position.
    member val IsPositionTpsl = false with get, set
    /// Its children that wait for it.
    member val Children: VenueOrder[] = [||] with get, set
    member val Group = 0L with get, set
    /// The order that it is a slice of; 0 when it is none.
    member val Twap = 0L with get, set
    member o.IsTrigger = o.Ask.Trigger.IsSome

/// What an order looked like when something was said of it.
[<Struct; NoComparison; NoEquality>]
type OrderRow =
    {
        Order: VenueOrder
        Left: int64
        Status: string
        StatusTime: int64
    }

    static member Of(o: VenueOrder) : OrderRow =
        {
            Order = o
            Left = o.Left
            Status = o.Status
            StatusTime = o.StatusTime
        }

/// One side of a trade, as its account sees it.
[<NoComparison; NoEquality>]
type VenueFill =
    {
        Market: Listed
        Px: int64
        Sz: int64
        Side: Side
        Time: int64
        /// The position (spot: the balance) before it.
        StartPosition: int64
        Dir: string
        ClosedPnl: int64
        Hash: string
        Oid: int64
        Cloid: string | null
        IsTaker: bool
        /// 1e-8 of `FeeToken`, the builder's part included.
        Fee: int64
        BuilderFee: int64
        FeeToken: string
        Tid: int64
        /// The order that it is a slice of; 0 when it is none.
        Twap: int64
        /// The account that was liquidated; null otherwise.
        Liquidated: string | null
        Mark: int64
    }

/// Fills as `aggregateByTime` wants them.
[<RequireQualifiedAccess>]
module VenueFills =
    let private isSame (a: VenueFill) (b: VenueFill) =
        a.IsTaker
        && b.IsTaker
        && a.Oid = b.Oid
        && a.Time = b.Time
        && a.Market.Id = b.Market.Id

    let private one (rows: ResizeArray<VenueFill>) (from: int) (until: int) : VenueFill =
        let mutable value = Int128.Zero
        let mutable sz = 0L
        let mutable fee = 0L
        let mutable builder = 0L
        let mutable profit = 0L

        for i in from .. until - 1 do
            let f = rows[i]
            value <- value + Int128.op_Implicit f.Px * Int128.op_Implicit f.Sz
            sz <- sz + f.Sz
            fee <- fee + f.Fee
            builder <- builder + f.BuilderFee
            profit <- profit + f.ClosedPnl

        { rows[from] with
            Px = Int128.op_Explicit (value / Int128.op_Implicit (max 1L sz))
            Sz = sz
            Fee = fee
            BuilderFee = builder
            ClosedPnl = profit
        }

    /// Fills of one order that took, at one time, as one fill: at their mean price, with hash, number and start of the first.
    let merged (rows: ResizeArray<VenueFill>) : ResizeArray<VenueFill> =
        let found = ResizeArray<VenueFill>()
        let mutable from = 0

        for i in 1 .. rows.Count do
            if i = rows.Count || not (isSame rows[from] rows[i]) then
                found.Add(one rows from i)
                from <- i

        found

/// A trade as everybody sees it.
[<NoComparison; NoEquality>]
type VenueTrade =
    {
        Market: Listed
        /// The aggressor's.
        Side: Side
        Px: int64
        Sz: int64
        Time: int64
        Hash: string
        Tid: int64
        Buyer: string
        Seller: string
    }

/// A funding payment; `Usdc` is below 0 when the account paid.
[<NoComparison; NoEquality>]
type VenueFunding =
    {
        Market: Listed
        Time: int64
        Usdc: int64
        Szi: int64
        /// 1e-12 a settlement.
        Rate: int64
    }

/// What moved money otherwise. Which members are said depends on the kind.
[<NoComparison; NoEquality>]
type LedgerRow =
    {
        Time: int64
        Hash: string
        /// `deposit`, `withdraw`, `internalTransfer`, `accountClassTransfer`, `spotTransfer`, `send`, `subAccountTransfer`,
        /// `vaultDeposit`, `vaultWithdraw` or `rewardsClaim`.
        Kind: string
        Amount: int64
        /// What it was worth then, 1e-8 USDC; of a `vaultWithdraw` what it had cost.
        Value: int64
        Token: string
        ToPerp: bool
        User: string
        Destination: string
        Nonce: int64
        /// Of a `send`: from which side of the account to which, "" or `spot`.
        Dexes: struct (string * string)
    }

/// An order that is worked off over time. One linear owner changes it.
[<Sealed>]
type VenueTwap(id: int64, account: int, market: Listed, ask: TwapAsk, time: int64) =
    member _.Id = id
    member _.Account = account
    member _.Market = market
    member _.Ask = ask
    member _.Time = time
    /// What is due when, from when it was activated on.
    member val Plan: Vrlg.Sim.Twap voption = ValueNone with get, set
    member val ExecutedSz = 0L with get, set
    /// 1e-8 USDC.
    member val ExecutedValue = 0L with get, set

/// What became of such an order, and when.
[<NoComparison; NoEquality>]
type TwapRow =
    {
        Time: int64
        Twap: VenueTwap
        ExecutedSz: int64
        ExecutedValue: int64
        /// `activated`, `finished`, `terminated`, `waitingForTrigger` or `stopped`.
        Status: string
    }

/// One hour's (or shorter) funding of a market.
[<Struct; NoComparison; NoEquality>]
type FundingPoint =
    {
        Time: int64
        /// 1e-12.
        Rate: int64
        /// The hour's mean premium, 1e-12.
        Premium: int64
    }

/// One transaction of a block, for the explorer.
[<NoComparison; NoEquality>]
type TxRow =
    {
        Hash: string
        User: string
        /// The submission's place in its block; -1 for the synthetic traders.
        Submission: int
        /// The action's name.
        Kind: string
        Error: string | null
    }

/// A block as the explorer tells it.
[<NoComparison; NoEquality>]
type BlockRow =
    {
        Height: int64
        Time: int64
        Hash: string
        Proposer: string
        Txs: TxRow[]
    }

/// What one block did, for replies and pushes. Made anew for every block.
[<Sealed>]
type BlockOutput(count: int) =
    member val Answers: VenueAnswer[] = Array.create count VenueAnswer.Default with get
    member val Block: BlockRow voption = ValueNone with get, set
    member val Trades = ResizeArray<VenueTrade>() with get
    member val Updates = ResizeArray<struct (int * OrderRow)>() with get
    member val Fills = ResizeArray<struct (int * VenueFill)>() with get
    member val Fundings = ResizeArray<struct (int * VenueFunding)>() with get
    member val Ledger = ResizeArray<struct (int * LedgerRow)>() with get
    member val Twaps = ResizeArray<struct (int * TwapRow)>() with get
    /// Cancels that the accounts did not ask for.
    member val NonUserCancels = ResizeArray<struct (int * OrderRow)>() with get
    /// Marks or oracles moved.
    member val HasContexts = false with get, set
