/// The vocabulary of the house: quantities, identities, nouns, intents. Types and total constructors only.
namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

// ---- quantities: 64-bit fixed point in 1e-8 behind small structs; products are taken in 128 bits ----

/// A price, exact, in 1e-8 of the quote currency.
[<Struct; IsReadOnly; NoComparison>]
type Px =
    {
        Raw: int64
    }

    /// From a count of 1e-8.
    static member Of(raw: int64) : Px = { Raw = raw }
    member px.IsNone = px.Raw = 0L
    static member op_Equality(a: Px, b: Px) = a.Raw = b.Raw
    static member op_Inequality(a: Px, b: Px) = a.Raw <> b.Raw
    static member op_LessThan(a: Px, b: Px) = a.Raw < b.Raw
    static member op_GreaterThan(a: Px, b: Px) = a.Raw > b.Raw

    override px.ToString() =
        (decimal px.Raw / 100_000_000m).ToString "0.########"

/// A quantity of the base unit, exact, in 1e-8. A position is a signed `Sz`; an order's size is above 0 by constructor.
[<Struct; IsReadOnly; NoComparison>]
type Sz =
    {
        Raw: int64
    }

    /// From a count of 1e-8.
    static member Of(raw: int64) : Sz = { Raw = raw }
    member sz.IsZero = sz.Raw = 0L

    /// Of the least number there is, whose negative does not fit, the largest.
    member sz.Abs: Sz =
        {
            Raw =
                if sz.Raw = Int64.MinValue then
                    Int64.MaxValue
                else
                    abs sz.Raw
        }

    static member (+)(a: Sz, b: Sz) : Sz = { Raw = a.Raw + b.Raw }
    static member (-)(a: Sz, b: Sz) : Sz = { Raw = a.Raw - b.Raw }
    static member (~-)(a: Sz) : Sz = { Raw = -a.Raw }
    static member op_Equality(a: Sz, b: Sz) = a.Raw = b.Raw
    static member op_Inequality(a: Sz, b: Sz) = a.Raw <> b.Raw
    static member op_LessThan(a: Sz, b: Sz) = a.Raw < b.Raw
    static member op_GreaterThan(a: Sz, b: Sz) = a.Raw > b.Raw

    override sz.ToString() =
        (decimal sz.Raw / 100_000_000m).ToString "0.########"

/// Money, exact, in 1e-8 of the quote currency (USDC on Hyperliquid).
[<Struct; IsReadOnly; NoComparison>]
type Usd =
    {
        Raw: int64
    }

    /// From a count of 1e-8.
    static member Of(raw: int64) : Usd = { Raw = raw }
    static member (+)(a: Usd, b: Usd) : Usd = { Raw = a.Raw + b.Raw }
    static member (-)(a: Usd, b: Usd) : Usd = { Raw = a.Raw - b.Raw }
    static member (~-)(a: Usd) : Usd = { Raw = -a.Raw }
    static member op_Equality(a: Usd, b: Usd) = a.Raw = b.Raw
    static member op_Inequality(a: Usd, b: Usd) = a.Raw <> b.Raw
    static member op_LessThan(a: Usd, b: Usd) = a.Raw < b.Raw
    static member op_GreaterThan(a: Usd, b: Usd) = a.Raw > b.Raw

    override usd.ToString() =
        (decimal usd.Raw / 100_000_000m).ToString "0.########"

/// A length of time in nanoseconds.
[<Struct; IsReadOnly; NoComparison>]
type Duration =
    {
        Ns: int64
    }

    /// From nanoseconds.
    static member Of(ns: int64) : Duration = { Ns = ns }
    member d.Milliseconds = float d.Ns / 1e6
    member d.Seconds = float d.Ns / 1e9
    static member OfMs(ms: int64) : Duration = { Ns = ms * 1_000_000L }

    /// In seconds, to the nanosecond.
    override d.ToString() =
        (decimal d.Ns / 1_000_000_000m).ToString("0.#########", Globalization.CultureInfo.InvariantCulture)
        + " s"

/// A moment in nanoseconds since the Unix epoch, UTC.
[<Struct; IsReadOnly; NoComparison>]
type Instant =
    {
        Ns: int64
    }

    /// From nanoseconds since the Unix epoch.
    static member Of(ns: int64) : Instant = { Ns = ns }
    member t.IsNone = t.Ns = 0L
    static member OfMs(ms: int64) : Instant = { Ns = ms * 1_000_000L }
    static member (-)(a: Instant, b: Instant) : Duration = { Ns = a.Ns - b.Ns }
    static member (+)(a: Instant, d: Duration) : Instant = { Ns = a.Ns + d.Ns }
    static member op_LessThan(a: Instant, b: Instant) = a.Ns < b.Ns
    static member op_GreaterThan(a: Instant, b: Instant) = a.Ns > b.Ns

    override t.ToString() =
        DateTime.UnixEpoch.AddTicks(t.Ns / 100L).ToString "yyyy-MM-ddTHH:mm:ss.fffffffZ"

// ---- identities ----

/// The place of an instrument in the run's instrument table.
[<Struct; IsReadOnly; NoComparison>]
type InstrumentId =
    {
        Index: int
    }

    static member Of(index: int) : InstrumentId = { Index = index }

/// The place of an account in the run's account table. An account lives on one venue.
[<Struct; IsReadOnly; NoComparison>]
type AccountId =
    {
        Index: int
    }

    static member Of(index: int) : AccountId = { Index = index }

/// The place of a venue in the run's venue table.
[<Struct; IsReadOnly; NoComparison>]
type VenueId =
    {
        Index: int
    }

    static member Of(index: int) : VenueId = { Index = index }

/// The place of a desk (a strategy with its instruments and limits) in the run's desk table.
[<Struct; IsReadOnly; NoComparison>]
type DeskId =
    {
        Index: int
    }

    static member Of(index: int) : DeskId = { Index = index }

/// Our order number: the run's number and a counter from 1. On the wire 16 bytes in hexadecimal.
[<Struct; IsReadOnly; NoComparison>]
type Cloid =
    {
        Run: int64
        N: int64
    }

    member c.IsNone = c.N = 0L
    static member None: Cloid = { Run = 0L; N = 0L }
    static member op_Equality(a: Cloid, b: Cloid) = a.N = b.N && a.Run = b.Run
    static member op_Inequality(a: Cloid, b: Cloid) = a.N <> b.N || a.Run <> b.Run
    override c.ToString() = $"0x{c.Run:x16}{c.N:x16}"

/// Buy or sell; of an order, a fill or the aggressor of a trade. A buy rests among the bids.
type Side =
    | Buy = 0uy
    | Sell = 1uy

/// Time in force: post-only, immediate or cancel, resting.
type Tif =
    | Alo = 0uy
    | Ioc = 1uy
    | Gtc = 2uy

// ---- orders ----

/// A named place in a book, owned by one desk, holding at most one live order. The desk is implied.
[<Struct; IsReadOnly; NoComparison>]
type Slot =
    {
        Instrument: InstrumentId
        Side: Side
        Name: int
    }

    /// Of the house itself: where the cross of a flatten stands.
    static member Flatten(instrument: InstrumentId, side: Side) : Slot =
        {
            Instrument = instrument
            Side = side
            Name = Int32.MinValue
        }

    /// Of the house itself: where an order stands that was given up and lives after all, in nobody's way.
    member s.Stray: Slot =
        {
            Instrument = s.Instrument
            Side = s.Side
            Name = Int32.MinValue + 1
        }

    /// Of the house itself: where the protective stop stands that rests at the exchange. `side` is the one that leaves.
    static member Backstop(instrument: InstrumentId, side: Side) : Slot =
        {
            Instrument = instrument
            Side = side
            Name = Int32.MinValue + 2
        }

    /// Of the house itself: where the cross of a hedge stands.
    static member Hedge(instrument: InstrumentId, side: Side) : Slot =
        {
            Instrument = instrument
            Side = side
            Name = Int32.MinValue + 3
        }

    member s.IsFlatten = s.Name = Int32.MinValue
    member s.IsBackstop = s.Name = Int32.MinValue + 2
    member s.IsHedge = s.Name = Int32.MinValue + 3
    member s.IsStray = s.Name = Int32.MinValue + 1
    /// No desk may speak of it.
    member s.IsReserved = s.IsFlatten || s.IsStray || s.IsBackstop || s.IsHedge

/// An order as it goes to the venue.
[<NoComparison>]
type NewOrder =
    {
        Account: AccountId
        Instrument: InstrumentId
        Cloid: Cloid
        Side: Side
        Px: Px
        Sz: Sz
        Tif: Tif
        ReduceOnly: bool
        /// A stop: the order waits outside the book until the mark reaches this price, then crosses at the market. 0: an ordinary
        /// order.
        Trigger: Px
        /// The venue refuses the order when it arrives later than this: from then on an order that it does not know never
        /// arrives (F8). 0 never.
        Expires: Instant
    }

    /// It waits outside the book for a price.
    member o.IsStop = o.Trigger.Raw <> 0L

/// How an order came to its end.
[<RequireQualifiedAccess>]
type Ending =
    | Filled
    | Cancelled of OrderStatus
    | Rejected of OrderStatus
    /// Unknown to the venue after its expiry: it never arrived.
    | NeverArrived

/// The venue's word about an order: every status of the protocol reference and, as data, any other.
and [<RequireQualifiedAccess>] OrderStatus =
    | Open
    | Filled
    | Triggered
    /// A terminal cancel; the venue's word, such as `canceled` or `selfTradeCanceled`.
    | Cancelled of word: string
    /// A terminal refusal; the venue's word, such as `badAloPxRejected`.
    | Rejected of word: string
    /// A word we do not know: the order's fate is in doubt.
    | Unknown of word: string

/// An order event that contradicts what we know of the order.
[<RequireQualifiedAccess>]
type OrderFault =
    | Overfilled of cloid: Cloid * excess: Sz
    | NotOurs of cloid: Cloid
    | Contradicted of cloid: Cloid * what: string
    /// A fill older than the ledger's memory of trade ids: refused, never counted on a guess.
    | TooOld of cloid: Cloid * tradeId: int64
    /// A fill that cannot be ours or cannot be true: refused, and the venue is asked for the account.
    | Uncounted of cloid: Cloid * tradeId: int64 * why: string

/// A rule that an order would have broken, with the numbers.
[<RequireQualifiedAccess>]
type Breach =
    | PositionCap of worst: Sz * cap: Sz
    | OrderTooSmall of notional: Usd * least: Usd
    | OrderTooLarge of notional: Usd * most: Usd
    | PriceOffGrid of px: Px
    | PriceFarFromMarket of px: Px * mid: Px
    | SizeOffGrid of sz: Sz
    | TooManyOrders of count: int
    | BudgetSpent of left: int64
    | NotReady of health: string
    | StaleData of instrument: InstrumentId
    | NotReducing of position: Sz
    | UnknownInstrument of instrument: InstrumentId
    | MarketEntryForbidden
    /// A desk spoke of a slot that the house keeps for itself.
    | ReservedSlot

// ---- what strategies say ----

/// A strategy's own words: a code and named numbers.
[<NoComparison; CustomEquality>]
type Remark =
    {
        Code: string
        Numbers: ImmutableArray<struct (string * float)>
    }

    override r.Equals(other: obj) =
        match other with
        | :? Remark as o ->
            r.Code = o.Code
            && MemoryExtensions.SequenceEqual(r.Numbers.AsSpan(), o.Numbers.AsSpan())
        | _ -> false

    override r.GetHashCode() =
        r.Code.GetHashCode StringComparison.Ordinal

    static member Of(code: string) : Remark =
        {
            Code = code
            Numbers = ImmutableArray.Empty
        }

    override r.ToString() =
        let parts =
            r.Numbers
            |> Seq.map (fun struct (name, value) ->
                let text = value.ToString("0.########", Globalization.CultureInfo.InvariantCulture)
                $"{name}={text}")

        if r.Numbers.IsDefaultOrEmpty then
            r.Code
        else
            r.Code + " " + String.Join(" ", parts)

/// Terms of a quote.
[<Struct; IsReadOnly; NoComparison>]
type QuoteTerms =
    {
        /// The quote is pulled at this instant, whatever of it is shown; 0 means until pulled.
        Expires: Instant
        /// Most of the size that shows at once; 0 shows all. The rest follows in slices, each sent when the one before it has filled.
        Display: Sz
    }

    static member UntilPulled: QuoteTerms =
        {
            Expires = { Ns = 0L }
            Display = { Raw = 0L }
        }

    /// Shown whole, until an instant.
    static member Until(expires: Instant) : QuoteTerms =
        {
            Expires = expires
            Display = { Raw = 0L }
        }

/// What a strategy wants to have in its places of the book. The engine sends the difference to what is there.
[<NoComparison>]
type Intent =
    /// Keep one post-only order resting here, of `sz` in all. Arms once: it ends with its order, an iceberg with the fill of its
    /// last slice or with a slice that ended otherwise.
    | Quote of slot: Slot * px: Px * sz: Sz * terms: QuoteTerms
    /// Have nothing here.
    | Pull of slot: Slot
    /// Cross now, immediate or cancel, no further than `limit`. `reduce` marks an exit.
    | Take of slot: Slot * sz: Sz * limit: Px * reduce: bool
    /// Leave the position at the market when the touch reaches `stop`: watched here, sent as a reducing cross.
    | Guard of slot: Slot * stop: Px
    | Say of remark: Remark
