namespace Vrlg.Sim.LocalVenue

open Vrlg.Core

/// What a trigger order asks for.
[<Struct; NoComparison; NoEquality>]
type TriggerAsk =
    {
        Px: int64
        IsMarket: bool
        IsTakeProfit: bool
    }

/// Who gets a fee beside the venue's.
[<Struct; NoComparison; NoEquality>]
type BuilderAsk =
    {
        /// In lower case.
        Address: string
        /// Tenths of a basis point.
        Rate: int64
    }

/// An order as it was asked for. Prices and sizes in 1e-8; -1 where the text was no number, -2 where it was finer than that.
[<NoComparison; NoEquality>]
type OrderAsk =
    {
        Asset: int
        Side: Side
        Px: int64
        Sz: int64
        ReduceOnly: bool
        /// `Gtc`, `Ioc`, `Alo` or `FrontendMarket`; null of a trigger order.
        Tif: string | null
        Trigger: TriggerAsk voption
        /// In lower case; null without one.
        Cloid: string | null
        Builder: BuilderAsk voption
    }

/// An order that the venue works off over time, a slice every 30 s.
[<NoComparison; NoEquality>]
type TwapAsk =
    {
        Asset: int
        Side: Side
        Sz: int64
        ReduceOnly: bool
        Minutes: int64
        Randomize: bool
        /// It begins when the mark is there or beyond: the price, and whether beyond is above.
        Trigger: struct (int64 * bool) voption
        /// It ends when the mark is worse than this.
        Stop: int64 voption
    }

/// Something sent between the pockets of accounts. A dex is "" for the perpetuals' account and `spot` for the spot side.
[<NoComparison; NoEquality>]
type SendAsk =
    {
        Destination: string
        From: string
        To: string
        /// A name, with or without its number.
        Token: string
        Amount: int64
        /// The sub-account that sends; "" when the account itself does.
        Sub: string
        /// Signed by whoever may trade: it then stays with the account and its sub-accounts.
        IsByAgent: bool
    }

/// An order named by number or by its owner's text.
[<Struct; NoComparison; NoEquality>]
type OrderName =
    {
        Oid: int64
        /// Null where the number names it.
        Cloid: string | null
    }

/// How the orders of one action belong together.
type Grouping =
    | Na = 0
    | NormalTpsl = 1
    | PositionTpsl = 2
    /// Paid to be earlier: the rate is read, nothing is charged, and nobody is overtaken.
    | Paid = 3

/// A replacement of an order.
[<NoComparison; NoEquality>]
type ModifyAsk = { Name: OrderName; Order: OrderAsk }

/// What an account asks of the venue, read and typed. Sums of money in 1e-8.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type Action =
    | Order of orders: OrderAsk[] * grouping: Grouping
    | Cancel of cancels: struct (int * OrderName)[]
    /// Before consensus at the real venue; here as any cancel, but of no trigger order.
    | FastCancel of cancels: struct (int * OrderName)[]
    | Modify of modifies: ModifyAsk[] * always: bool * isBatch: bool
    | ScheduleCancel of time: int64 voption
    | UpdateLeverage of asset: int * isCross: bool * leverage: int
    | UpdateIsolatedMargin of asset: int * usd: int64
    /// Margin is added until the position's leverage is this, in 1e-8.
    | TopUpIsolated of asset: int * leverage: int64
    /// Takes effect on nothing here: a nonce is used and `default` answered.
    | Nothing
    | ApproveAgent of address: string * name: string
    | ClassTransfer of usd: int64 * toPerp: bool
    | UsdSend of destination: string * usd: int64
    | SpotSend of destination: string * token: string * amount: int64
    | Withdraw of usd: int64
    | SendAsset of SendAsk
    /// Between the two sides of a sub-account.
    | SubClassTransfer of sub: string * usd: int64 * toPerp: bool
    | CreateSub of name: string
    | RenameSub of sub: string * name: string
    | SubTransfer of sub: string * isDeposit: bool * usd: int64
    | SubSpotTransfer of sub: string * isDeposit: bool * token: string * amount: int64
    | VaultTransfer of vault: string * isDeposit: bool * usd: int64
    /// Tenths of a basis point; below 0 the text was no rate.
    | ApproveBuilder of builder: string * rate: int64
    | ClaimRewards
    | Reserve of weight: int64 * destination: (string | null)
    | Twap of TwapAsk
    | TwapCancel of asset: int * id: int64
    /// A whole action that the venue does not keep; the sentence says so.
    | Refused of sentence: string

/// One signed request after its signature was turned into an address.
[<NoComparison; NoEquality>]
type Submission =
    {
        /// Who signed, in lower case.
        Signer: string
        Nonce: int64
        /// Milliseconds; 0 without one.
        Expires: int64
        /// The account to act for; null without one.
        Vault: string | null
        IsUserSigned: bool
        /// What is wrong with its network or its inner nonce; null when nothing is.
        Trouble: string | null
        /// The action's name on the wire.
        Kind: string
        Action: Action
    }

/// One block: its time in milliseconds and what was asked, in the order of arrival.
[<NoComparison; NoEquality>]
type Block =
    {
        Time: int64
        Submissions: Submission[]
    }

/// What became of one order or cancel of an action.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type Status =
    | Resting of oid: int64 * cloid: (string | null)
    | Filled of sz: int64 * avgPx: int64 * oid: int64 * cloid: (string | null)
    | Running of twap: int64
    | Word of string
    | Error of string

/// The answer to one submission.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type VenueAnswer =
    | Default
    | Statuses of kind: string * statuses: Status[]
    | One of kind: string * status: Status
    /// A text as the answer's data.
    | Text of kind: string * text: string
    | Err of sentence: string
