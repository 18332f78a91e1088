namespace Vrlg.Sim

open System
open Vrlg.Core

/// What a report of the exchange says.
type ReportKind =
    | Accepted = 0uy
    | Refused = 1uy
    | Ended = 2uy
    | CancelRefused = 3uy
    | Filled = 4uy
    | Triggered = 5uy
    | Funded = 6uy

/// One thing that the exchange says of an order or an account, as shared fields: nothing is allocated for it.
[<Struct; NoComparison; NoEquality>]
type Report =
    {
        Kind: ReportKind
        Side: Side
        IsMaker: bool
        /// Made inside a gap or by the first book after one.
        IsUncertain: bool
        IsLiquidation: bool
        Account: int
        Instrument: int
        Cloid: Cloid
        /// Of a fill its number, of an acceptance the order's.
        Number: int64
        Px: int64
        Sz: int64
        /// Of a fill the fee, of a funding the payment; above 0 is paid by us. 1e-8 USDC.
        Money: int64
        /// Cumulative filled size.
        Cumulative: int64
        /// The venue's word of an ending or a refusal.
        Word: string | null
        At: Instant
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Report =
    let private word (r: inref<Report>) =
        match r.Word with
        | null -> ""
        | w -> w

    let private answer (r: inref<Report>) : Answer =
        match r.Kind with
        | ReportKind.Accepted -> Answer.Accepted r.Number
        | ReportKind.Refused -> Answer.Refused(OrderStatus.Rejected(word &r))
        | ReportKind.CancelRefused -> Answer.CancelRefused(OrderStatus.Rejected(word &r))
        | ReportKind.Triggered -> Answer.Triggered
        | _ when isNull r.Word -> Answer.Ended(OrderStatus.Filled, ValueSome(Sz.Of r.Cumulative))
        | _ -> Answer.Ended(OrderStatus.Cancelled(word &r), ValueSome(Sz.Of r.Cumulative))

    /// The report as the event that the engine is shown.
    let toEvent (r: inref<Report>) : Event =
        match r.Kind with
        | ReportKind.Filled ->
            let fill: Fill =
                {
                    Account = AccountId.Of r.Account
                    Instrument = InstrumentId.Of r.Instrument
                    Cloid = r.Cloid
                    TradeId = r.Number
                    Side = r.Side
                    Px = Px.Of r.Px
                    Sz = Sz.Of r.Sz
                    Fee = Usd.Of r.Money
                    Cumulative = Sz.Of r.Cumulative
                    IsMaker = r.IsMaker
                }

            Event.Of(RareEvent.Filled fill, r.At)
        | ReportKind.Funded ->
            let funding: Funding =
                {
                    Account = AccountId.Of r.Account
                    Instrument = InstrumentId.Of r.Instrument
                    Paid = Usd.Of r.Money
                }

            Event.Of(RareEvent.FundingPaid funding, r.At)
        | _ ->
            let reply: Reply =
                {
                    Account = AccountId.Of r.Account
                    Instrument = InstrumentId.Of r.Instrument
                    Cloid = r.Cloid
                    Answer = answer &r
                }

            Event.Of(RareEvent.Replied reply, r.At)

/// What the exchange says of one record or command, in order. Cleared and filled again, so that a record which says nothing
/// allocates nothing.
[<Sealed>]
type Reports() =
    let mutable items: Report[] = Array.zeroCreate 16
    let mutable count = 0

    member _.Count = count
    /// As an event for the engine.
    member _.Item(i: int) : Event = Report.toEvent &items[i]
    member _.Report(i: int) : inref<Report> = &items[i]
    member _.Clear() = count <- 0

    member _.Add(report: inref<Report>) =
        if count = items.Length then
            Array.Resize(&items, 2 * count)

        items[count] <- report
        count <- count + 1
