/// What `vrlg replay` shows of single events and orders.
module Vrlg.Cli.ReplayViews

open System
open System.Collections.Immutable
open System.IO
open System.Text.Json
open Argu
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell

let private text (u: Usd) = u.ToString()

// ---- --at ----

let private gateLines (setup: RunSetup) (desk: DeskSnapshot) : (string * string) list =
    let c = Setup.scalper setup

    let gauge name =
        desk.Gauges
        |> Seq.tryPick (fun struct (key, v) -> if key = name then Some v else None)

    match gauge "dob", gauge "median_dob", gauge "spread_ticks", gauge "obi" with
    | Some dob, Some median, Some spread, Some obi ->
        let n (v: float) = number 6 (ValueSome v)
        let value name = defaultArg (gauge name) 0.0
        let least = median * (1.0 - c.Gates.Thinner)
        let period, phase, p = value "period_s", value "phase", value "p_value"
        let isActive = value "active" = 1.0
        let shut isOpen = if isOpen then "open" else "shut"
        let distance = min phase (1.0 - phase)
        let band = float c.Detector.Z / 1e8 / float c.Detector.M

        [
            "rotation", $"{shut (period > 0.0)}: period {n period} s"
            "significance", $"{shut isActive}: p {n p}, at most {n c.Gates.PMax}"
            "phase", $"{shut (distance <= band + 1e-9)}: {n phase}, within {n band} of 0 or 1"
            "dob", $"{shut (dob < least)}: {n dob}, below {n least} (median {n median})"
            "spread", $"{shut (spread >= float c.Gates.LeastSpread)}: {n spread} ticks, at least {c.Gates.LeastSpread}"
            "obi", $"{shut (abs obi <= c.Gates.MostObi)}: {n obi}, at most {n c.Gates.MostObi} either way"
        ]
    | _ -> [ "gates", "no features at this event" ]

let showAt (setup: RunSetup) (seq: int64) (at: Instant) (state: State) (said: ImmutableArray<string>) (json: bool) =
    let s = Snapshot.ofState state
    let gates = s.Desks |> Seq.collect (gateLines setup) |> Seq.toList

    let markets =
        [
            for i in s.Instruments do
                let t = i.Touch
                let silence = if i.InGap then ", in a gap" else ""
                i.Name, $"{t.BidSz} at {t.BidPx} / {t.AskPx} for {t.AskSz}, mark {i.Mark}{silence}"
        ]

    let positions =
        [
            for p in s.Positions do
                p.Instrument, $"{p.Size} at {p.AvgPx}, realised {text p.Realised}, fees {text p.Fees}"
        ]

    let orders =
        [
            for o in s.Orders do
                let cloid = o.Cloid
                cloid.ToString(), $"{Words.side o.Side} {o.Sz} at {o.Px}, filled {o.Filled}, {o.Phase}, slot {o.Slot}"
        ]

    if json then
        let object (w: Utf8JsonWriter) (name: string) (rows: (string * string) list) =
            w.WriteStartObject name

            for key, value in rows do
                w.WriteString(key, value)

            w.WriteEndObject()

        ConfigVerb.printJson (fun w ->
            w.WriteStartObject()
            w.WriteNumber("event", seq)
            w.WriteString("at", at.ToString())
            w.WriteString("fitness", s.Fitness)
            object w "markets" markets
            object w "positions" positions
            object w "gates" gates
            object w "orders" orders
            w.WriteStartArray "said"

            for line in said do
                w.WriteStringValue line

            w.WriteEndArray()
            w.WriteEndObject())
    else
        pairs $"event {seq} at {at}" ([ "fitness", s.Fitness ] @ markets @ positions)
        Console.Out.WriteLine()
        pairs "gates" gates
        Console.Out.WriteLine()
        pairs $"{orders.Length} live orders" orders

        for line in said do
            Console.Out.WriteLine("said: " + line)

// ---- --order ----

/// `0x…` in full, or the counter of an order of this run.
let cloidOf (run: int64) (word: string) : Cloid =
    let refuse () =
        refuse
            $"--order {word}: name an order by its cloid (0x and 32 hexadecimal digits) or by its counter, such as 17."

    if word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && word.Length = 34 then
        let style = Globalization.NumberStyles.AllowHexSpecifier

        match Int64.TryParse(word.AsSpan(2, 16), style, null), Int64.TryParse(word.AsSpan(18, 16), style, null) with
        | (true, r), (true, n) -> { Run = r; N = n }
        | _ -> refuse ()
    else
        match Int64.TryParse(word, Globalization.NumberStyles.None, Globalization.CultureInfo.InvariantCulture) with
        | true, n when n > 0L -> { Run = run; N = n }
        | _ -> refuse ()

let private answerText (a: Answer) =
    match a with
    | Answer.Accepted oid -> $"accepted as {oid}"
    | Answer.Refused s -> "refused: " + Words.status s
    | Answer.Ended(s, ValueSome filled) -> $"ended: {Words.status s}, filled {filled} in all"
    | Answer.Ended(s, ValueNone) -> "ended: " + Words.status s
    | Answer.CancelRefused s -> "cancel refused: " + Words.status s
    | Answer.Unanswered -> "no answer: its fate is unknown"
    | Answer.NotKnown -> "the venue does not know it"
    | Answer.Triggered -> "triggered"

/// What an event says of an order; none when it is about something else.
let about (cloid: Cloid) (e: Event) : string option =
    match e.Rare with
    | ValueSome(RareEvent.Replied r) when r.Cloid = cloid -> Some(answerText r.Answer)
    | ValueSome(RareEvent.Filled f) when f.Cloid = cloid ->
        let role = if f.IsMaker then "maker" else "taker"
        Some $"filled {f.Sz} at {f.Px} as {role}, {f.Cumulative} in all, fee {f.Fee}"
    | _ -> None

[<NoComparison; NoEquality>]
type Trace =
    {
        Seq: int64
        At: Instant
        Event: string
        Said: string list
    }

let showOrder (cloid: Cloid) (rows: ResizeArray<Trace>) (json: bool) =
    if json then
        ConfigVerb.printJson (fun w ->
            w.WriteStartObject()
            w.WriteString("order", cloid.ToString())
            w.WriteStartArray "events"

            for row in rows do
                w.WriteStartObject()
                w.WriteNumber("event", row.Seq)
                w.WriteString("at", row.At.ToString())
                w.WriteString("what", row.Event)
                w.WriteStartArray "said"

                for line in row.Said do
                    w.WriteStringValue line

                w.WriteEndArray()
                w.WriteEndObject()

            w.WriteEndArray()
            w.WriteEndObject())
    else
        Console.Out.WriteLine $"order {cloid}"

        for row in rows do
            Console.Out.WriteLine $"event {row.Seq} at {row.At}: {row.Event}"

            for line in row.Said do
                Console.Out.WriteLine("    " + line)
