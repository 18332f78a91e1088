/// The words in which stories about the exchange are written, and what they mean.
module Vrlg.Stories.Given

open System
open System.Collections.Immutable
open System.Globalization
open System.Text.RegularExpressions
open Vrlg.Core
open Vrlg.Sim

let one = 100_000_000L
let id = InstrumentId.Of 0

let instrument: Instrument =
    {
        Id = id
        Venue = VenueId.Of 0
        Name = "TEST"
        Kind = InstrumentKind.Perp
        SzDecimals = 0
        MaxLeverage = 1
        MinNotional = Usd.Of 0L
    }

/// A perpetual with the sizes of BTC and no least value.
let btc =
    { instrument with
        Name = "BTC"
        SzDecimals = 5
    }

/// The default settings with some on top.
let setup (instrument: Instrument) (sets: (string * string) list) : RunSetup =
    match Setup.ofPairs (ImmutableArray.CreateRange [ for k, v in sets -> struct (k, v) ]) with
    | Ok values ->
        {
            Values = values
            Instrument = instrument
        }
    | Error problems -> failwithf "%s" problems[0].Sentence

let exchangeConfig (queue: QueueModel) : ExchangeConfig =
    {
        Instruments = ImmutableArray.Create<Instrument> instrument
        Accounts = 1
        Fees =
            {
                Maker = Rate.Of 0L
                Taker = Rate.Of 0L
            }
        Queue = queue
        CheckRules = false
    }

/// A story: what was there, what happened (`time: event`, separated by semicolons), what the exchange said, queues at the end.
type Case =
    {
        Name: string
        Queue: QueueModel
        Position: int64
        Start: string
        Events: string
        Says: string
        Fronts: string
    }

let private number (text: string) =
    Int64.Parse(text, CultureInfo.InvariantCulture)

let private mirrorPrice (p: string) = string (201L - number p)

/// The same story with sides swapped and prices p -> 201 - p.
let mirror (text: string) : string =
    let swapped =
        Regex.Replace(
            text,
            @"\b(buy|sell|bid|ask|bids|asks|seller|buyer)\b",
            fun m ->
                match m.Value with
                | "buy" -> "sell"
                | "sell" -> "buy"
                | "bid" -> "ask"
                | "ask" -> "bid"
                | "bids" -> "asks"
                | "asks" -> "bids"
                | "seller" -> "buyer"
                | _ -> "seller"
        )

    let prices pattern (t: string) =
        Regex.Replace(
            t,
            pattern,
            fun (m: Match) -> m.Groups[1].Value + mirrorPrice m.Groups[2].Value + m.Groups[3].Value
        )

    swapped
    |> prices @"(@)(\d+)()"
    |> prices @"()(\d+)(x)"
    |> prices @"((?:bid|ask) )(\d+)(=)"

let private split (separator: string) (text: string) =
    text.Split(separator, StringSplitOptions.TrimEntries ||| StringSplitOptions.RemoveEmptyEntries)

let private level (text: string) : PxSz =
    match text.Split 'x' with
    | [| p; q |] ->
        {
            Px = Px.Of(number p * one)
            Sz = Sz.Of(number q * one)
        }
    | _ -> failwithf "no level: %s" text

let private at (text: string) =
    match text.Split '@' with
    | [| q; p |] -> struct (number p * one, number q * one)
    | _ -> failwithf "no size at price: %s" text

let private set (side: Side) (text: string) (now: Instant) =
    match text.Split '=' with
    | [| p; q |] -> Event.LevelMoved(id, side, Px.Of(number p * one), Sz.Of(number q * one), now)
    | _ -> failwithf "no level: %s" text

/// A market event of a story; none for a command.
let private marketEvent (words: string[]) (now: Instant) : Event voption =
    let after (word: string) =
        words
        |> Array.skipWhile (fun w -> w <> word)
        |> Array.skip 1
        |> Array.takeWhile (fun w -> w <> "bids" && w <> "asks" && w <> "bid" && w <> "ask")

    match words[0] with
    | "bid" -> ValueSome(set Side.Buy words[1] now)
    | "ask" -> ValueSome(set Side.Sell words[1] now)
    | "trade" ->
        let struct (px, sz) = at words[2]
        let aggressor = if words[1] = "buyer" then Side.Buy else Side.Sell
        ValueSome(Event.Traded(id, aggressor, Px.Of px, Sz.Of sz, 0L, now))
    | "bbo" ->
        let bid = level (Array.head (after "bid"))
        let ask = level (Array.head (after "ask"))
        ValueSome(Event.BboMoved(id, ValueSome bid, ValueSome ask, now))
    | word when word.StartsWith "book" ->
        let limit = int (word.Substring 4)

        let side name =
            after name |> Seq.map level |> ImmutableArray.CreateRange

        ValueSome(Event.BookMoved(id, Depth(limit, side "bids", side "asks"), now))
    | _ -> ValueNone

let private tifOf (word: string) =
    match word with
    | "ALO" -> Tif.Alo
    | "IOC" -> Tif.Ioc
    | _ -> Tif.Gtc

let private show (raw: int64) = Exact.show raw

let private front (lots: float) =
    if Double.IsInfinity lots then
        "unknown"
    else
        lots.ToString("0.######", CultureInfo.InvariantCulture)

/// Tells a story to the exchange and writes down what it says, in the words of `Says`, and the queues at the end.
let tell (case: Case) : string list * string list =
    let config = exchangeConfig case.Queue
    let reports = Reports()
    let mutable names: (string * Cloid) list = []
    let mutable said: string list = []
    let mutable exchange = Exchange.own (Exchange.create config)

    let nameOf (cloid: Cloid) =
        names
        |> List.tryFind (fun (_, c) -> c = cloid)
        |> Option.map fst
        |> Option.defaultValue "?"

    let resting (cloid: Cloid) =
        [ Side.Buy; Side.Sell ]
        |> Seq.collect (fun s -> exchange.Resting(id, s))
        |> Seq.tryFind (fun (struct (c, _, _, _)) -> c = cloid)

    let word (e: Event) : string option =
        match e.Rare with
        | ValueSome(RareEvent.Filled f) ->
            let role = if f.IsMaker then "maker" else "taker"
            let q, p = f.Sz, f.Px
            Some $"{nameOf f.Cloid} fills {show q.Raw}@{show p.Raw} {role}"
        | ValueSome(RareEvent.Replied r) ->
            match r.Answer with
            | Answer.Ended(OrderStatus.Filled, _)
            | Answer.Accepted _ -> None
            | Answer.Ended(s, _) -> Some $"{nameOf r.Cloid} cancelled ({Words.status s})"
            | Answer.Refused s
            | Answer.CancelRefused s -> Some $"{nameOf r.Cloid} rejected ({Words.status s})"
            | other -> Some $"{other}"
        | _ -> None

    let note (time: string) (text: string) = said <- said @ [ $"{time}: {text}" ]

    let flush (time: string) =
        for i in 0 .. reports.Count - 1 do
            match word reports[i] with
            | Some text -> note time text
            | None -> ()

        reports.Clear()

    let act (time: string) (text: string) =
        let now = Instant.Of(number time * 1_000_000_000L + 1L)
        let words = split " " text

        match marketEvent words now with
        | ValueSome event ->
            exchange <- Exchange.market config exchange now &event reports
            flush time
        | ValueNone when words[0] = "cancel" ->
            let cloid = names |> List.find (fun (n, _) -> n = words[1]) |> snd
            exchange <- Exchange.cancel config exchange now (AccountId.Of 0) id cloid reports
            flush time
        | ValueNone ->
            let cloid: Cloid =
                {
                    Run = 1L
                    N = int64 names.Length + 1L
                }

            names <- names @ [ words[1], cloid ]
            let struct (px, sz) = at words[3]

            let order: NewOrder =
                {
                    Account = AccountId.Of 0
                    Instrument = id
                    Cloid = cloid
                    Side = if words[2] = "buy" then Side.Buy else Side.Sell
                    Px = Px.Of px
                    Sz = Sz.Of sz
                    Tif = tifOf words[4]
                    ReduceOnly = Array.contains "RO" words
                }

            exchange <- Exchange.place config exchange now order reports

            // What rests is told after what it took, before what it ended.
            let fills, rest =
                [ for i in 0 .. reports.Count - 1 -> reports[i] ]
                |> List.partition (fun e -> e.Kind = EventKind.Filled)

            reports.Clear()

            let isSelf (e: Event) =
                word e |> Option.exists (fun w -> w.Contains "selfTrade")

            for e in List.filter isSelf rest do
                word e |> Option.iter (note time)

            for e in fills do
                word e |> Option.iter (note time)

            match resting cloid with
            | Some(struct (_, p, q, f)) -> note time $"{words[1]} rests {show q.Raw}@{show p.Raw} front={front f}"
            | None -> ()

            for e in List.filter (isSelf >> not) rest do
                word e |> Option.iter (note time)

    for part in split ";" case.Start do
        act "0" part

    if case.Position <> 0L then
        // A position to start with: taken from a level that is set and gone again before the story.
        let buy = case.Position > 0L
        let price = if buy then 150L else 50L

        act
            "0"
            (if buy then
                 $"ask {price}=1000000"
             else
                 $"bid {price}=1000000")

        let side = if buy then "buy" else "sell"
        act "0" $"new start {side} {abs case.Position}@{price} IOC"
        act "0" (if buy then $"ask {price}=0" else $"bid {price}=0")
        said <- []

    for part in split ";" case.Events do
        match part.Split(':', 2) with
        | [| time; text |] -> act (time.Trim()) (text.Trim())
        | _ -> failwithf "no event: %s" part

    let fronts =
        [
            for name, cloid in names do
                match resting cloid with
                | Some(struct (_, _, _, f)) -> $"{name}={front f}"
                | None -> ()
        ]

    said, fronts

let expected (case: Case) : string list * string list =
    split ";" case.Says |> Array.toList, split " " case.Fronts |> Array.toList

let mirrored (case: Case) : Case =
    { case with
        Position = -case.Position
        Start = mirror case.Start
        Events = mirror case.Events
        Says = mirror case.Says
    }
