/// The words in which stories about the exchange are written, and what they mean.
module Vrlg.Stories.Telling

open System
open System.Collections.Immutable
open System.Globalization
open System.Text.RegularExpressions
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given

/// A story: what was there, what happened (`time: event`, separated by semicolons), what the exchange said, queues at the end.
type Case =
    {
        Name: string
        Queue: QueueModel
        Rules: MatchRules
        /// Least value of an order, in whole units; 0 is none.
        Least: int64
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
    |> prices @"(mark )(\d+)()"

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
    | "mark" ->
        let mark = Px.Of(number words[1] * one)
        ValueSome(Event.ContextMoved(id, mark, mark, 0L, Sz.Of 0L, now))
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

/// The teller of one story: the exchange, the names of orders, what was said.
type private Teller(case: Case) =
    let config =
        let plain = exchangeConfig case.Queue

        { plain with
            Instruments =
                ImmutableArray.Create<Instrument>
                    { instrument with
                        MinNotional = Usd.Of(case.Least * one)
                    }
            CheckRules = case.Least > 0L
            Rules = case.Rules
        }

    let isByOrder =
        match case.Queue with
        | QueueModel.ExactL3 -> true
        | _ -> false

    let others = ByOrder.Others()
    let reports = Reports()
    let mutable exchange = Exchange.own (Exchange.create config)
    let mutable names: (string * Cloid) list = []
    let mutable waits: Set<int64> = Set.empty

    let nameOf (cloid: Cloid) =
        names
        |> List.tryFind (fun (_, c) -> c = cloid)
        |> Option.map fst
        |> Option.defaultValue "?"

    let resting (cloid: Cloid) =
        match exchange.Find(AccountId.Of 0, id, cloid) with
        | ValueSome o -> Some o
        | ValueNone -> None

    let word (e: Event) : string option =
        match e.Rare with
        | ValueSome(RareEvent.Filled f) ->
            let role = if f.IsMaker then "maker" else "taker"
            let q, p = f.Sz, f.Px
            Some $"{nameOf f.Cloid} fills {show q.Raw}@{show p.Raw} {role}"
        | ValueSome(RareEvent.Replied r) ->
            let n = r.Cloid.N

            match r.Answer with
            | Answer.Accepted _ when waits.Contains n -> Some $"{nameOf r.Cloid} waits"
            | Answer.Ended(OrderStatus.Filled, _)
            | Answer.Accepted _ -> None
            | Answer.Triggered -> Some $"{nameOf r.Cloid} triggered"
            | Answer.Ended(s, _) -> Some $"{nameOf r.Cloid} cancelled ({Words.status s})"
            | Answer.Refused s
            | Answer.CancelRefused s -> Some $"{nameOf r.Cloid} rejected ({Words.status s})"
            | other -> Some $"{other}"
        | _ -> None

    let restsWord (name: string) (o: OwnOrder) =
        $"{name} rests {show o.Left}@{show o.Order.Px} front={front o.Front}"

    member val Said: string list = [] with get, set

    member private t.Note(time: string, text: string) =
        t.Said <- t.Said @ [ $"{time}: {text}" ]

    member private t.Flush(time: string) =
        for i in 0 .. reports.Count - 1 do
            word reports[i] |> Option.iter (fun text -> t.Note(time, text))

        reports.Clear()

    member private t.NewName(name: string) : Cloid =
        let cloid: Cloid =
            {
                Run = 1L
                N = int64 names.Length + 1L
            }

        names <- names @ [ name, cloid ]
        cloid

    member private _.Order(cloid: Cloid, words: string[], from: int) : NewOrder =
        let struct (px, sz) = at words[from + 1]

        {
            Account = AccountId.Of 0
            Instrument = id
            Cloid = cloid
            Side = if words[from] = "buy" then Side.Buy else Side.Sell
            Px = Px.Of px
            Sz = Sz.Of sz
            Tif = tifOf words[from + 2]
            ReduceOnly = Array.contains "RO" words
            Trigger = Px.Of 0L
            Expires =
                match words |> Array.tryFind (fun w -> w.StartsWith "until=") with
                | Some w -> Instant.Of(number (w.Substring 6) * 1_000_000_000L + 1L)
                | None -> Instant.Of 0L
        }

    /// What an order brought: self-trades, fills, what rests, endings.
    member private t.Placed(time: string, name: string, cloid: Cloid) =
        let fills, rest =
            [ for i in 0 .. reports.Count - 1 -> reports[i] ]
            |> List.partition (fun e -> e.Kind = EventKind.Filled)

        reports.Clear()

        let isBefore (e: Event) =
            word e
            |> Option.exists (fun w -> w.Contains "selfTrade" || w.Contains "(modify)" || w.Contains "triggered")

        for e in List.filter isBefore rest @ fills do
            word e |> Option.iter (fun w -> t.Note(time, w))

        resting cloid |> Option.iter (fun o -> t.Note(time, restsWord name o))

        for e in List.filter (isBefore >> not) rest do
            word e |> Option.iter (fun w -> t.Note(time, w))

    /// Triggers that have fired become orders.
    member private t.Fired(time: string, now: Instant) =
        if exchange.HasFired then
            exchange <- Exchange.fired exchange now now 0 reports

            for n in waits do
                let cloid: Cloid = { Run = 1L; N = n }
                t.Placed(time, nameOf cloid, cloid)

            waits <- Set.empty

    member private t.Trigger(time: string, words: string[], now: Instant) =
        let cloid = t.NewName words[1]
        waits <- waits.Add cloid.N
        let kind = words[4].Split '@'
        let limit = words[5].Split '@'
        let px = number kind[1] * one

        let order =
            { t.Order(cloid, [| words[2]; $"{words[3]}@{kind[1]}"; "GTC" |], 0) with
                ReduceOnly = Array.contains "RO" words
                Px =
                    if limit.Length = 2 then
                        Px.Of(number limit[1] * one)
                    else
                        Px.Of px
            }

        let trigger: Trigger =
            {
                Px = px
                IsTakeProfit = kind[0] = "tp"
                IsMarket = limit[0] = "market"
                FollowsPosition = Array.contains "position" words
                Group =
                    match words |> Array.tryFind (fun w -> w.StartsWith "group") with
                    | Some g -> number (g.Substring 5)
                    | None -> 0L
            }

        exchange <- Exchange.placeTrigger exchange now order trigger reports
        t.Flush time
        t.Fired(time, now)

    member t.Act(time: string, text: string) =
        let now = Instant.Of(number time * 1_000_000_000L + 1L)
        let words = split " " text

        match marketEvent words now with
        | ValueSome event when isByOrder ->
            for struct (move, record) in others.Tell event do
                exchange <- Exchange.moved exchange 0 &move
                exchange <- Exchange.market exchange now &record reports

            t.Flush time
        | ValueSome event ->
            exchange <- Exchange.market exchange now &event reports
            t.Flush time
            t.Fired(time, now)
        | ValueNone ->
            match words[0] with
            | "gap" ->
                exchange <- Exchange.gap exchange now id reports
                t.Flush time
            | "passes" ->
                exchange <- Exchange.deadline exchange now reports
                t.Flush time
            | "schedule" ->
                let at = Instant.Of(number words[1] * 1_000_000_000L + 1L)
                exchange <- Exchange.scheduleCancel exchange (AccountId.Of 0) (ValueSome at)
            | "cancel" ->
                let cloid = names |> List.find (fun (n, _) -> n = words[1]) |> snd
                exchange <- Exchange.cancel exchange now (AccountId.Of 0) id cloid reports
                t.Flush time
            | "trigger" -> t.Trigger(time, words, now)
            | "modify" ->
                let pair = words[1].Split '>'
                let original = names |> List.find (fun (n, _) -> n = pair[0]) |> snd
                let cloid = t.NewName pair[1]
                exchange <- Exchange.modify exchange now original (t.Order(cloid, words, 2)) reports
                t.Placed(time, pair[1], cloid)
            | _ ->
                let cloid = t.NewName words[1]
                exchange <- Exchange.place exchange now (t.Order(cloid, words, 2)) reports
                t.Placed(time, words[1], cloid)

    member _.Fronts =
        [
            for name, cloid in names do
                match resting cloid with
                | Some o -> $"{name}={front o.Front}"
                | None -> ()
        ]

/// Tells a story to the exchange and writes down what it says, in the words of `Says`, and the queues at the end.
let tell (case: Case) : string list * string list =
    let teller = Teller case

    for part in split ";" case.Start do
        teller.Act("0", part)

    if case.Position <> 0L then
        // A position to start with: taken from a level that is set and gone again before the story.
        let buy = case.Position > 0L
        let price = if buy then 150L else 50L
        let there, side = if buy then "ask", "buy" else "bid", "sell"
        teller.Act("0", $"{there} {price}=1000000")
        teller.Act("0", $"new start {side} {abs case.Position}@{price} IOC")
        teller.Act("0", $"{there} {price}=0")

    teller.Said <- []

    for part in split ";" case.Events do
        match part.Split(':', 2) with
        | [| time; text |] -> teller.Act(time.Trim(), text.Trim())
        | _ -> failwithf "no event: %s" part

    teller.Said, teller.Fronts

let expected (case: Case) : string list * string list =
    split ";" case.Says |> Array.toList, split " " case.Fronts |> Array.toList

let mirrored (case: Case) : Case =
    { case with
        Position = -case.Position
        Start = mirror case.Start
        Events = mirror case.Events
        Says = mirror case.Says
    }
