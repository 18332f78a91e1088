namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// Flat to flat (simulation.md 13); a fill through zero ends one and begins the next.
[<NoComparison; NoEquality>]
type RoundTrip =
    {
        Entry: Instant
        Exit: Instant
        /// Of the entry.
        Side: Side
        /// Everything that went in, which is what came out.
        Sz: Sz
        EntryPx: Px
        ExitPx: Px
        /// Of the fill that closed it.
        Reason: string
        /// Cash flow without fees.
        Gross: Usd
        Fee: Usd
        /// Paid between its first and its last fill.
        Funding: Usd
        /// Value of the fills that went in.
        EntryNotional: Usd
        /// One of its fills is uncertain.
        IsUncertain: bool
    }

    member t.Net: Usd = t.Gross - t.Fee - t.Funding

/// What a list of fills means.
[<NoComparison; NoEquality>]
type Trips =
    {
        Closed: ImmutableArray<RoundTrip>
        /// First in, first out.
        Lots: ImmutableArray<MatchedLot>
        /// Signed; what is still open at the end.
        Open: Sz
        /// Cash flow, fees and funding of the open rest.
        OpenCash: Usd
        OpenFee: Usd
        OpenFunding: Usd
    }

/// A trip while it is open.
[<NoComparison; NoEquality>]
type private Going =
    {
        Began: Instant
        Way: Side
        In: int64
        InValue: int64
        Out: int64
        OutValue: int64
        Fees: int64
        Funding: int64
        IsUncertain: bool
    }


[<RequireQualifiedAccess>]
module RoundTrips =
    let private start (f: FillRow) : Going =
        {
            Began = f.At
            Way = f.Side
            In = 0L
            InValue = 0L
            Out = 0L
            OutValue = 0L
            Fees = 0L
            Funding = 0L
            IsUncertain = false
        }

    /// `value / size` as a price, to the nearest 1e-8.
    let private average (value: int64) (size: int64) : Px =
        if size = 0L then
            Px.Of 0L
        else
            let wide = Int128.op_Implicit value * Int128.op_Implicit 100_000_000L
            Px.Of(Int128.op_Explicit ((wide + Int128.op_Implicit (size / 2L)) / Int128.op_Implicit size): int64)

    let private signed (side: Side) (raw: int64) = if side = Side.Buy then raw else -raw

    let private finish (g: Going) (f: FillRow) : RoundTrip =
        {
            Entry = g.Began
            Exit = f.At
            Side = g.Way
            Sz = Sz.Of g.In
            EntryPx = average g.InValue g.In
            ExitPx = average g.OutValue g.Out
            // An entry on the other side closed it: its own exit was never sent.
            Reason = if f.Reason = "entry" then "opposite_quote" else f.Reason
            Gross = Usd.Of(signed g.Way (g.OutValue - g.InValue))
            Fee = Usd.Of g.Fees
            Funding = Usd.Of g.Funding
            EntryNotional = Usd.Of g.InValue
            IsUncertain = g.IsUncertain
        }

    /// A part of a fill into the open trip; the fee of a split fill is shared by size, the first part cut down.
    let private add (g: Going) (f: FillRow) (sz: int64) (value: int64) (fee: int64) : Going =
        let marked =
            { g with
                Fees = g.Fees + fee
                IsUncertain = g.IsUncertain || f.IsUncertain
            }

        if f.Side = g.Way then
            { marked with
                In = g.In + sz
                InValue = g.InValue + value
            }
        else
            { marked with
                Out = g.Out + sz
                OutValue = g.OutValue + value
            }

    /// The trips of a run while its fills and settlements come in.
    [<Sealed>]
    type private Book() =
        let closed = ImmutableArray.CreateBuilder<RoundTrip>()
        let lots = LotBook()
        let mutable position = 0L
        let mutable going: Going voption = ValueNone
        // Of settlements that met no position, which the exchange never makes.
        let mutable stray = 0L

        member _.Fund(paid: int64) =
            lots.Fund paid

            match going with
            | ValueSome g -> going <- ValueSome { g with Funding = g.Funding + paid }
            | ValueNone -> stray <- stray + paid

        member private _.Close(f: FillRow, size: int64, fee: int64) =
            match going with
            | ValueSome g ->
                let value = Instrument.notional f.Px (Sz.Of size)
                lots.Close(f.At, g.Way, size, value.Raw, fee)
                let next = add g f size value.Raw fee
                position <- position + signed f.Side size

                if position = 0L then
                    closed.Add(finish next f)
                    going <- ValueNone
                else
                    going <- ValueSome next
            | ValueNone -> ()

        member private _.Open(f: FillRow, size: int64, fee: int64) =
            let g =
                match going with
                | ValueSome g -> g
                | ValueNone -> start f

            let value = Instrument.notional f.Px (Sz.Of size)
            going <- ValueSome(add g f size value.Raw fee)
            position <- position + signed f.Side size
            lots.Open(f.At, size, value.Raw, fee)

        member b.Fill(f: FillRow) =
            let size = f.Sz.Raw
            let opposes = position <> 0L && (position > 0L) = (f.Side = Side.Sell)
            let closing = if opposes then min size (abs position) else 0L
            let fee = f.Fee.Raw
            let closingFee = LotBook.Share(fee, closing, size)

            if closing > 0L then
                b.Close(f, closing, closingFee)

            if size > closing then
                b.Open(f, size - closing, fee - closingFee)

        member _.Trips() : Trips =
            let struct (cash, fees, funding) =
                match going with
                | ValueSome g -> struct (signed g.Way (g.OutValue - g.InValue), g.Fees, g.Funding)
                | ValueNone -> struct (0L, 0L, 0L)

            {
                Closed = closed.ToImmutable()
                Lots = lots.Matched
                Open = Sz.Of position
                OpenCash = Usd.Of cash
                OpenFee = Usd.Of fees
                OpenFunding = Usd.Of(funding + stray)
            }

    /// Fills and settlements of funding, each in exchange order, into round trips and matched lots. A settlement meets the
    /// position before the fills of its instant.
    let ofRun (fills: ImmutableArray<FillRow>) (funding: ImmutableArray<FundingRow>) : Trips =
        let book = Book()
        let mutable next = 0

        let settle (until: int64) =
            while next < funding.Length && (let at = funding[next].At in at.Ns <= until) do
                let paid = funding[next].Paid
                book.Fund paid.Raw
                next <- next + 1

        for f in fills do
            let at = f.At
            settle at.Ns
            book.Fill f

        settle Int64.MaxValue
        book.Trips()

    /// Fills in exchange order into round trips and matched lots, where nothing was settled.
    let ofFills (fills: ImmutableArray<FillRow>) : Trips = ofRun fills ImmutableArray.Empty
