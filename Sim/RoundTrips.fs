namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// One fill as the exchange made it, with what the metrics ask of it.
[<NoComparison; NoEquality>]
type FillRow =
    {
        /// The exchange's instant.
        At: Instant
        Order: Cloid
        Side: Side
        Px: Px
        Sz: Sz
        /// Above 0 is paid by us.
        Fee: Usd
        IsMaker: bool
        /// Why its order was sent: `entry`, or the exit's reason.
        Reason: string
        /// Bid plus ask at the exchange at that instant, after the record that made it; 0 where a side was missing.
        MidTwice: int64
        /// Bid plus ask of the local book when the order was decided; 0 where a side was missing.
        DecidedMidTwice: int64
        /// The opposite best quote of the local book at that decision; 0 where it was missing.
        DecidedTouch: Px
    }

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
        /// Value of the fills that went in.
        EntryNotional: Usd
    }

    member t.Net: Usd = t.Gross - t.Fee

/// A closing quantity matched with the oldest open one.
[<Struct; NoComparison; NoEquality>]
type MatchedLot = { Sz: int64; HeldNs: int64 }

/// What a list of fills means.
[<NoComparison; NoEquality>]
type Trips =
    {
        Closed: ImmutableArray<RoundTrip>
        /// First in, first out.
        Lots: ImmutableArray<MatchedLot>
        /// Signed; what is still open at the end.
        Open: Sz
        /// Cash flow and fees of the open rest.
        OpenCash: Usd
        OpenFee: Usd
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
            Reason = f.Reason
            Gross = Usd.Of(signed g.Way (g.OutValue - g.InValue))
            Fee = Usd.Of g.Fees
            EntryNotional = Usd.Of g.InValue
        }

    /// A part of a fill into the open trip; the fee of a split fill is shared by size, the first part cut down.
    let private add (g: Going) (f: FillRow) (sz: int64) (fee: int64) : Going =
        let value = Instrument.notional f.Px (Sz.Of sz)

        if f.Side = g.Way then
            { g with
                In = g.In + sz
                InValue = g.InValue + value.Raw
                Fees = g.Fees + fee
            }
        else
            { g with
                Out = g.Out + sz
                OutValue = g.OutValue + value.Raw
                Fees = g.Fees + fee
            }

    /// Fills in exchange order into round trips and matched lots.
    let ofFills (fills: ImmutableArray<FillRow>) : Trips =
        let closed = ImmutableArray.CreateBuilder<RoundTrip>()
        let lots = ImmutableArray.CreateBuilder<MatchedLot>()
        let openLots = Queue<struct (int64 * int64)>()
        let mutable head = struct (0L, 0L)
        let mutable position = 0L
        let mutable going: Going voption = ValueNone

        let matchLots (at: Instant) (size: int64) =
            let mutable left = size

            while left > 0L do
                let struct (since, have) = head

                if have = 0L then
                    head <- openLots.Dequeue()
                else
                    let q = min have left
                    lots.Add { Sz = q; HeldNs = at.Ns - since }
                    head <- struct (since, have - q)
                    left <- left - q

        for f in fills do
            let size = f.Sz.Raw
            let at = f.At
            let opposes = position <> 0L && (position > 0L) = (f.Side = Side.Sell)
            let closing = if opposes then min size (abs position) else 0L
            let fee = f.Fee.Raw

            let closingFee =
                if closing = size then
                    fee
                else
                    int64 (floor (decimal fee * decimal closing / decimal size))

            if closing > 0L then
                matchLots at closing

                match going with
                | ValueSome g ->
                    let next = add g f closing closingFee
                    position <- position + signed f.Side closing

                    if position = 0L then
                        closed.Add(finish next f)
                        going <- ValueNone
                    else
                        going <- ValueSome next
                | ValueNone -> ()

            let opening = size - closing

            if opening > 0L then
                let g =
                    match going with
                    | ValueSome g -> g
                    | ValueNone -> start f

                going <- ValueSome(add g f opening (fee - closingFee))
                position <- position + signed f.Side opening
                openLots.Enqueue(struct (at.Ns, opening))

        let cash, fees =
            match going with
            | ValueSome g -> signed g.Way (g.OutValue - g.InValue), g.Fees
            | ValueNone -> 0L, 0L

        {
            Closed = closed.ToImmutable()
            Lots = lots.ToImmutable()
            Open = Sz.Of position
            OpenCash = Usd.Of cash
            OpenFee = Usd.Of fees
        }
