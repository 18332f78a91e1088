/// What `vrlg replay --at N` shows: markets, gates with their numbers, positions, orders.
module Vrlg.Cli.ReplayAt

open System
open System.Collections.Immutable
open System.Text.Json
open Vrlg.Cli.ReplayViews
open Vrlg.Cli.Screen
open Vrlg.Core

/// One gate at one instant: what it looks at, what it compares with, and both in words. Values are not defined before the first
/// samples.
[<NoComparison; NoEquality>]
type private GateRow =
    {
        Name: string
        IsOpen: bool
        Value: float voption
        Limit: float voption
        Words: string
    }

let private gaugesOf (desk: DeskSnapshot) (name: string) : float voption =
    desk.Gauges
    |> Seq.tryPick (fun struct (key, v) -> if key = name && Double.IsFinite v then Some v else None)
    |> Option.toValueOption

let private six (v: float) = number 6 (ValueSome v)

/// A row whose words are `yet` as long as the value is not known. Whether the gate is open is what the strategy itself found.
let private row
    (gauge: string -> float voption)
    name
    (value: float voption)
    (limit: float voption)
    (yet: string)
    words
    : GateRow =
    {
        Name = name
        IsOpen = gauge ("open." + name) = ValueSome 1.0
        Value = value
        Limit = limit
        Words =
            match value with
            | ValueSome v -> words v
            | ValueNone -> yet
    }

let private detectorRows (c: ScalperConfig) (gauge: string -> float voption) : GateRow list =
    let most = c.Gates.PMax
    let slots = gauge "slots" |> ValueOption.defaultValue 0.0
    let band = c.Detector.BandShare(int slots)

    let period =
        match gauge "period_s" with
        | ValueSome p when p > 0.0 -> ValueSome p
        | _ -> ValueNone

    // Before the first period the detector's other numbers say nothing.
    let known name =
        if ValueOption.isSome period then gauge name else ValueNone

    [
        row gauge "rotation" period ValueNone "no period yet" (fun v -> $"period {six v} s")
        row gauge "significance" (known "p_value") (ValueSome most) $"no p-value yet, at most {six most}" (fun v ->
            $"p {six v}, at most {six most}")
        row gauge "phase" (known "phase") (ValueSome band) $"no phase yet, within {six band} of 0 or 1" (fun v ->
            $"{six v}, within {six band} of 0 or 1")
    ]

let private bookRows (c: ScalperConfig) (gauge: string -> float voption) : GateRow list =
    let g = c.Gates

    let least = gauge "median_dob" |> ValueOption.map (fun m -> m * (1.0 - g.Thinner))

    let thin v =
        match least, gauge "median_dob" with
        | ValueSome l, ValueSome m -> $"{six v}, below {six l} (median {six m})"
        | _ -> $"{six v}, no median yet: it needs {g.MedianOf} samples"

    let ticks = float g.LeastSpread

    [
        row gauge "dob" (gauge "dob") least "no depth yet" thin
        row gauge "spread" (gauge "spread_ticks") (ValueSome ticks) $"no spread yet, at least {g.LeastSpread}" (fun v ->
            $"""{counted (int64 v) "tick"}, at least {g.LeastSpread}""")
        row
            gauge
            "obi"
            (gauge "obi")
            (ValueSome g.MostObi)
            $"no imbalance yet, at most {six g.MostObi} either way"
            (fun v -> $"{six v}, at most {six g.MostObi} either way")
    ]

let private gateRows (setup: RunSetup) (desk: DeskSnapshot) : GateRow list =
    let c = Setup.scalper setup
    let gauge = gaugesOf desk
    detectorRows c gauge @ bookRows c gauge

/// When a pause of entries that holds at `at` ends, and after how many stop-outs.
let private pausedUntil (setup: RunSetup) (at: Instant) (s: Snapshot) : struct (int * Instant) voption =
    s.Desks
    |> Seq.tryPick (fun desk ->
        match gaugesOf desk "paused_until" with
        | ValueSome seconds when int64 (seconds * 1e9) > at.Ns ->
            // To the microsecond: the gauge is a float of seconds.
            let until = Instant.Of(int64 (Math.Round(seconds * 1e6)) * 1_000L)
            let c = Setup.scalper setup
            Some(struct (c.StopOuts.Count, until))
        | _ -> None)
    |> Option.toValueOption

let private exact (w: Utf8JsonWriter) (name: string) (raw: int64) =
    w.WriteNumber(name, decimal raw / 100_000_000m)

/// Null where there is no price.
let private price (w: Utf8JsonWriter) (name: string) (px: Px) =
    if px.Raw > 0L then
        exact w name px.Raw
    else
        w.WriteNull name

let private writeGate (w: Utf8JsonWriter) (g: GateRow) =
    let value (name: string) (v: float voption) =
        match v with
        | ValueSome v -> w.WriteNumber(name, Math.Round(decimal v, 9))
        | ValueNone -> w.WriteNull name

    w.WriteStartObject()
    w.WriteString("name", g.Name)
    w.WriteBoolean("open", g.IsOpen)
    value "value" g.Value
    value "limit" g.Limit
    w.WriteString("words", g.Words)
    w.WriteEndObject()

let private writeMarket (w: Utf8JsonWriter) (i: InstrumentSnapshot) =
    let bidSz, askSz = i.Touch.BidSz, i.Touch.AskSz
    w.WriteStartObject()
    w.WriteString("name", i.Name)
    price w "bid" i.Touch.BidPx
    exact w "bid_size" bidSz.Raw
    price w "ask" i.Touch.AskPx
    exact w "ask_size" askSz.Raw
    price w "mark" i.Mark
    w.WriteBoolean("in_gap", i.InGap)
    w.WriteEndObject()

let private writePosition (w: Utf8JsonWriter) (p: PositionSnapshot) =
    let size, realised, fees = p.Size, p.Realised, p.Fees
    w.WriteStartObject()
    w.WriteString("instrument", p.Instrument)
    exact w "size" size.Raw
    price w "avg_px" p.AvgPx
    exact w "realised_usd" realised.Raw
    exact w "fees_usd" fees.Raw
    w.WriteEndObject()

let private writeOrder (w: Utf8JsonWriter) (o: OrderSnapshot) =
    let sz, px, filled = o.Sz, o.Px, o.Filled
    let cloid = o.Cloid
    w.WriteStartObject()
    w.WriteString("order", cloid.ToString())
    w.WriteString("side", Words.side o.Side)
    exact w "size" sz.Raw
    exact w "px" px.Raw
    exact w "filled" filled.Raw
    w.WriteString("phase", o.Phase)
    w.WriteString("slot", o.Slot)
    w.WriteEndObject()

let private writeAt
    (seq: int64)
    (at: Instant)
    (s: Snapshot)
    (paused: struct (int * Instant) voption)
    (gates: GateRow list)
    (said: ImmutableArray<string>)
    =
    JsonOut.print (fun w ->
        let list (name: string) (write: Utf8JsonWriter -> 'a -> unit) (rows: seq<'a>) =
            w.WriteStartArray name

            for r in rows do
                write w r

            w.WriteEndArray()

        w.WriteStartObject()
        w.WriteNumber("event", seq)
        w.WriteString("at", at.ToString())
        w.WriteString("fitness", s.Fitness)

        match paused with
        | ValueSome(struct (_, until)) -> w.WriteString("paused_until", until.ToString())
        | ValueNone -> w.WriteNull "paused_until"

        list "markets" writeMarket s.Instruments
        list "positions" writePosition s.Positions
        w.WriteStartObject "net_delta"
        w.WriteNumber("net_usd", Math.Round(decimal s.NetDelta.NetUsd, 8))
        w.WriteNumber("var_usd", Math.Round(decimal s.NetDelta.VarUsd, 8))
        w.WriteNumber("limit_usd", Math.Round(decimal s.NetDelta.LimitUsd, 8))
        w.WriteBoolean("hedging", s.NetDelta.IsHedging)
        w.WriteEndObject()
        list "gates" writeGate gates
        list "orders" writeOrder s.Orders
        list "said" (fun w (line: string) -> w.WriteStringValue line) said
        w.WriteEndObject())

let private marketWords (i: InstrumentSnapshot) =
    let t = i.Touch
    let silence = if i.InGap then ", in a gap" else ""

    if t.IsWhole then
        $"bid {t.BidSz} at {t.BidPx}, ask {t.AskSz} at {t.AskPx}, mark {i.Mark}{silence}"
    else
        "no best quote on both sides yet" + silence

let private positionWords (p: PositionSnapshot) =
    let size = p.Size
    let held = if size.Raw = 0L then "flat" else $"{p.Size} at {p.AvgPx}"
    $"{held}, realised {p.Realised} USD, fees {p.Fees} USD"

let private deltaWords (n: NetDeltaSnapshot) =
    let hedging = if n.IsHedging then ", hedging" else ""
    let usd (v: float) = number 4 (ValueSome v)

    if n.NetUsd = 0.0 then
        "0 USD" + hedging
    else
        $"{usd n.NetUsd} USD, of which one second risks {usd n.VarUsd} (99 %%), limit {usd n.LimitUsd}{hedging}"

let showAt (setup: RunSetup) (seq: int64) (at: Instant) (state: State) (said: ImmutableArray<string>) (json: bool) =
    let s = Snapshot.ofState state
    let gates = s.Desks |> Seq.collect (gateRows setup) |> Seq.toList
    let paused = pausedUntil setup at s

    if json then
        writeAt seq at s paused gates said
    else
        let orders =
            [
                for o in s.Orders do
                    let cloid = o.Cloid

                    cloid.ToString(),
                    $"{Words.side o.Side} {o.Sz} at {o.Px}, filled {o.Filled}, {o.Phase}, slot {o.Slot}"
            ]

        pairs
            $"event {seq} at {moment at}"
            [
                "fitness", s.Fitness
                match paused with
                | ValueSome(struct (count, until)) ->
                    "entries", $"""paused after {counted (int64 count) "stop-out"} until {moment until}"""
                | ValueNone -> ()
                for i in s.Instruments do
                    i.Name + " market", marketWords i
                for p in s.Positions do
                    p.Instrument + " position", positionWords p
                "net delta", deltaWords s.NetDelta
            ]

        Console.Out.WriteLine()

        pairs
            "gates"
            [
                for g in gates -> g.Name, (if g.IsOpen then "open: " else "shut: ") + g.Words
            ]

        Console.Out.WriteLine()
        pairs (counted orders.Length "live order") orders

        for line in said do
            paragraph 4 ("said: " + friendly line)
