/// What `vrlg replay --order` shows, and the words of all replay views.
module Vrlg.Cli.ReplayViews

open System
open System.Collections.Immutable
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Argu
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell

/// Nanoseconds in a line of the journal as people read them.
let friendly (line: string) =
    Regex.Replace(
        line,
        @"after (\d+) ns\b",
        fun m ->
            let ns =
                Decimal.Parse(m.Groups[1].Value, Globalization.CultureInfo.InvariantCulture)

            let ms = ns / 1_000_000m
            $"after {ms:``0.###``} ms"
    )

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

/// What kind of event it was, in words.
let kindWords (kind: EventKind) : string =
    match kind with
    | EventKind.LevelMoved -> "a level of the book moved"
    | EventKind.BookMoved -> "a whole book came"
    | EventKind.BboMoved -> "the best quote moved"
    | EventKind.Traded -> "others traded"
    | EventKind.ContextMoved -> "mark, oracle or funding moved"
    | EventKind.BlockSealed -> "a block of the venue ended"
    | EventKind.Ticked -> "a tick of the 100 ms clock"
    | EventKind.FeedLost -> "the feed was lost"
    | EventKind.FeedBack -> "the feed came back"
    | EventKind.Replied -> "the venue answered about another order"
    | EventKind.Filled -> "another order was filled"
    | EventKind.FundingPaid -> "funding was paid"
    | EventKind.AccountSeen -> "the account was seen"
    | EventKind.RunStarted -> "the run started"
    | EventKind.Alive -> "the connection answered"
    | other -> string other

[<NoComparison; NoEquality>]
type Trace =
    {
        Seq: int64
        At: Instant
        Event: string
        Said: string list
    }

/// `replay` writes how the replay ended, as a JSON object.
let showOrder (cloid: Cloid) (rows: ResizeArray<Trace>) (replay: Utf8JsonWriter -> unit) (json: bool) =
    if json then
        JsonOut.print (fun w ->
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
            w.WritePropertyName "replay"
            replay w
            w.WriteEndObject())
    else
        Console.Out.WriteLine $"order {cloid}"

        for row in rows do
            paragraph 4 $"event {row.Seq} at {moment row.At}: {row.Event}"

            for line in row.Said do
                paragraph 6 ("    " + friendly line)
