namespace Vrlg.Sim

open System
open System.Collections.Immutable
open System.Globalization
open System.Text
open Vrlg.Core

/// The tables of a run folder as comma-separated text. Times are nanoseconds since the Unix epoch, money is USD.
[<RequireQualifiedAccess>]
module Tables =
    let private line (b: StringBuilder) (cells: string[]) =
        b.AppendJoin(',', cells).Append('\n') |> ignore

    let private n (value: int64) =
        value.ToString CultureInfo.InvariantCulture

    let private exact (raw: int64) = Exact.show raw

    /// Empty for an instant that never came.
    let private at (t: Instant) = if t.Ns = 0L then "" else n t.Ns

    /// Empty for what was not defined.
    let private number (v: float) =
        if Double.IsFinite v then
            v.ToString("0.##########", CultureInfo.InvariantCulture)
        else
            ""

    /// A cell never breaks its row.
    let private word (text: string) =
        text.Replace(',', ';').Replace('\n', ' ').Replace('"', '\'')

    /// Every fill in exchange order, with the position after it and its slippage against the mid at the decision.
    let fills (rules: Instrument) (rows: ImmutableArray<FillRow>) : string =
        let b =
            StringBuilder "time_ns,order,side,px,sz,fee_usd,role,reason,position_after,slippage_ticks\n"

        let mutable position = 0L

        for f in rows do
            let sz = f.Sz
            let px = f.Px
            let fee = f.Fee
            let cloid = f.Order
            position <- position + (if f.Side = Side.Buy then sz.Raw else -sz.Raw)

            line
                b
                [|
                    at f.At
                    cloid.ToString()
                    Words.side f.Side
                    exact px.Raw
                    exact sz.Raw
                    exact fee.Raw
                    (if f.IsMaker then "maker" else "taker")
                    word f.Reason
                    exact position
                    (match Metrics.slippageTicks rules (ImmutableArray.Create<FillRow> f) with
                     | ValueSome ticks -> number ticks
                     | ValueNone -> "")
                |]

        b.ToString()

    /// Every closed round trip.
    let trades (rows: ImmutableArray<RoundTrip>) : string =
        let b =
            StringBuilder "entry_ns,exit_ns,side,sz,entry_px,exit_px,reason,gross_usd,fee_usd,funding_usd,net_usd\n"

        for t in rows do
            let sz, entry, exit = t.Sz, t.EntryPx, t.ExitPx
            let gross, fee, funding, net = t.Gross, t.Fee, t.Funding, t.Net

            line
                b
                [|
                    at t.Entry
                    at t.Exit
                    Words.side t.Side
                    exact sz.Raw
                    exact entry.Raw
                    exact exit.Raw
                    word t.Reason
                    exact gross.Raw
                    exact fee.Raw
                    exact funding.Raw
                    exact net.Raw
                |]

        b.ToString()

    /// Every order sent: when it was sent, first heard of and ended, by the local clock.
    let orders (rows: seq<OrderRow>) : string =
        let b =
            StringBuilder "order,slot,side,px,sz,tif,reduce_only,sent_ns,ack_ns,end_ns,filled,end,reason\n"

        for o in rows do
            let order = o.Order
            let px, sz, filled = order.Px, order.Sz, o.Filled
            let cloid = order.Cloid

            line
                b
                [|
                    cloid.ToString()
                    word (Words.slot o.Slot)
                    Words.side order.Side
                    exact px.Raw
                    exact sz.Raw
                    Words.tif order.Tif
                    (if order.ReduceOnly then "1" else "0")
                    at o.SentAt
                    at o.AckAt
                    at o.EndAt
                    exact filled.Raw
                    word o.End
                    word o.Reason
                |]

        b.ToString()

    /// The picture once a second; an empty cell is something not defined then.
    let series (rows: ImmutableArray<Sample>) : string =
        let b =
            StringBuilder "time_ns,mid,spread_ticks,dob,period_s,phase,p_value,active,position,equity_usd\n"

        for s in rows do
            line
                b
                [|
                    n s.At
                    number s.Mid
                    number s.SpreadTicks
                    number s.Dob
                    number s.Period
                    number s.Phase
                    number s.PValue
                    (if s.IsActive then "1" else "0")
                    exact s.Position
                    number s.Equity
                |]

        b.ToString()

    /// The phase on the 100 ms grid, in cycles to four decimals, where a period is known.
    let phases (rows: ImmutableArray<PhasePoint>) : string =
        let b = StringBuilder "time_ns,phase\n"

        for p in rows do
            line b [| n p.At; p.Phase.ToString("0.####", CultureInfo.InvariantCulture) |]

        b.ToString()
