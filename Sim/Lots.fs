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
        /// Bid plus ask of the local book when the order was decided; 0 where a side was missing.
        DecidedMidTwice: int64
        /// The opposite best quote of the local book at that decision; 0 where it was missing.
        DecidedTouch: Px
        /// Made inside a gap of the data or on the first book after one: counted, and told apart.
        IsUncertain: bool
    }

/// A settlement of funding at the exchange; above 0 is paid by us. It comes before the fills of its instant.
[<Struct; NoComparison; NoEquality>]
type FundingRow = { At: Instant; Paid: Usd }

/// A closing quantity matched with the oldest open one, with its share of what both sides paid.
[<Struct; NoComparison; NoEquality>]
type MatchedLot =
    {
        Sz: int64
        HeldNs: int64
        Gross: Usd
        Fee: Usd
        Funding: Usd
    }

    member l.Net: Usd = l.Gross - l.Fee - l.Funding

/// A quantity that is still open, with what it has to carry; amounts in 1e-8.
[<Sealed; AllowNullLiteral>]
type private OpenLot(since: int64, size: int64, value: int64, fee: int64) =
    member _.Since = since
    member val Left = size with get, set
    member val Value = value with get, set
    member val Fee = fee with get, set
    member val Funding = 0L with get, set

/// Closing quantities matched with the oldest open ones (simulation.md 13). What a split leaves over goes to the later part, so
/// that sums are kept exactly.
[<Sealed>]
type LotBook() =
    let opened = Queue<OpenLot>()
    let matched = ImmutableArray.CreateBuilder<MatchedLot>()

    /// `total * part / whole`, cut down; the whole of it for the last part.
    static member Share(total: int64, part: int64, whole: int64) : int64 =
        if part >= whole then
            total
        else
            let product = Int128.op_Implicit total * Int128.op_Implicit part
            let over: Int128 = Int128.op_Implicit whole
            let cut: Int128 = product / over
            let isBelow = Int128.IsNegative product && cut * over <> product
            (Int128.op_Explicit cut: int64) - (if isBelow then 1L else 0L)

    member _.Matched = matched.ToImmutable()

    member _.Open(at: Instant, size: int64, value: int64, fee: int64) =
        opened.Enqueue(OpenLot(at.Ns, size, value, fee))

    /// A settlement shared by what is open.
    member _.Fund(paid: int64) =
        let mutable left = paid
        let mutable size = opened |> Seq.sumBy (fun o -> o.Left)

        for o in opened do
            let part = LotBook.Share(left, o.Left, size)
            o.Funding <- o.Funding + part
            left <- left - part
            size <- size - o.Left

    /// `way` is the side of the open quantity; `value` and `fee` are those of the closing part.
    member _.Close(at: Instant, way: Side, size: int64, value: int64, fee: int64) =
        let mutable left = size
        let mutable valueLeft = value
        let mutable feeLeft = fee

        while left > 0L && opened.Count > 0 do
            let o = opened.Peek()
            let q = min o.Left left
            let inValue = LotBook.Share(o.Value, q, o.Left)
            let inFee = LotBook.Share(o.Fee, q, o.Left)
            let funding = LotBook.Share(o.Funding, q, o.Left)
            let outValue = LotBook.Share(valueLeft, q, left)
            let outFee = LotBook.Share(feeLeft, q, left)

            matched.Add
                {
                    Sz = q
                    HeldNs = at.Ns - o.Since
                    Gross =
                        Usd.Of(
                            if way = Side.Buy then
                                outValue - inValue
                            else
                                inValue - outValue
                        )
                    Fee = Usd.Of(inFee + outFee)
                    Funding = Usd.Of funding
                }

            o.Value <- o.Value - inValue
            o.Fee <- o.Fee - inFee
            o.Funding <- o.Funding - funding
            o.Left <- o.Left - q
            valueLeft <- valueLeft - outValue
            feeLeft <- feeLeft - outFee
            left <- left - q

            if o.Left = 0L then
                opened.Dequeue() |> ignore<OpenLot>
