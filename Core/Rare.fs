namespace Vrlg.Core

open System.Collections.Immutable
open System.Runtime.CompilerServices

/// What the venue answered to an action of ours, or said later of an order of ours.
[<RequireQualifiedAccess; NoComparison>]
type Answer =
    | Accepted of oid: int64
    | Refused of status: OrderStatus
    /// The order ended; `filled` is its cumulative filled size where the venue states it (the account feed does, a cancel's
    /// answer does not).
    | Ended of status: OrderStatus * filled: Sz voption
    | CancelRefused of status: OrderStatus
    /// No answer within the limit, or a connection lost: the fate is unknown.
    | Unanswered
    /// Asked by cloid, the venue does not know the order.
    | NotKnown
    /// A trigger order's condition was met: it is an ordinary order from now on.
    | Triggered

[<NoComparison>]
type Reply =
    {
        Account: AccountId
        Instrument: InstrumentId
        Cloid: Cloid
        Answer: Answer
    }

/// One fill of an order. `Fee` above 0 is paid by us. `Cumulative` counts this fill in.
[<NoComparison>]
type Fill =
    {
        Account: AccountId
        Instrument: InstrumentId
        Cloid: Cloid
        TradeId: int64
        Side: Side
        Px: Px
        Sz: Sz
        Fee: Usd
        Cumulative: Sz
        IsMaker: bool
    }

/// A funding payment; above 0 is paid by us.
[<NoComparison>]
type Funding =
    {
        Account: AccountId
        Instrument: InstrumentId
        Paid: Usd
    }

[<Struct; IsReadOnly; NoComparison>]
type HeldPosition =
    {
        Instrument: InstrumentId
        Position: Sz
        AvgPx: Px
    }

/// An order that the venue lists as open.
[<Struct; IsReadOnly; NoComparison>]
type OpenOrder =
    {
        Instrument: InstrumentId
        Cloid: Cloid
    }

/// What the venue says of an account: positions of every instrument held, cash, and its open orders.
[<NoComparison; NoEquality>]
type AccountFacts =
    {
        Account: AccountId
        Cash: Usd
        Positions: ImmutableArray<HeldPosition>
        Open: ImmutableArray<OpenOrder>
    }

/// A model's answer about an instrument; `About` is the instant it speaks of.
[<NoComparison>]
type Prediction =
    {
        Instrument: InstrumentId
        About: Instant
        Horizon: Duration
        Value: float
    }

/// What a person told the running house.
[<RequireQualifiedAccess; NoComparison>]
type OperatorOrder =
    | Pause
    | Resume
    | Kill of reason: string
    | Flatten

/// What a run is, told to the engine as its first event.
[<NoComparison>]
type RunFacts =
    {
        Run: int64
        /// The first order counter of this run: a live run that continues starts above the last used one.
        FirstCloid: int64
    }

/// The events that come now and then travel as one reference.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type RareEvent =
    | Replied of Reply
    | Filled of Fill
    | FundingPaid of Funding
    | AccountSeen of AccountFacts
    | Predicted of Prediction
    | Operator of OperatorOrder
    | RunStarted of RunFacts
