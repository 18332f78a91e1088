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

/// A replacement of an order.
[<NoComparison; NoEquality>]
type ModifyAsk = { Name: OrderName; Order: OrderAsk }

/// What an account asks of the venue, read and typed. Sums of money in 1e-8.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type Action =
    | Order of orders: OrderAsk[] * grouping: Grouping
    | Cancel of cancels: struct (int * OrderName)[]
    | Modify of modifies: ModifyAsk[] * always: bool * isBatch: bool
    | ScheduleCancel of time: int64 voption
    | UpdateLeverage of asset: int * isCross: bool * leverage: int
    /// Takes effect on nothing here: a nonce is used and `default` answered.
    | Nothing
    | ApproveAgent of address: string * name: string
    | ClassTransfer of usd: int64 * toPerp: bool
    | UsdSend of destination: string * usd: int64
    | SpotSend of destination: string * token: string * amount: int64
    | Withdraw of usd: int64
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
    | Word of string
    | Error of string

/// The answer to one submission.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type VenueAnswer =
    | Default
    | Statuses of kind: string * statuses: Status[]
    | Err of sentence: string
