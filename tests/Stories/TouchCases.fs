/// The case table of the fill tiers (simulation.md 12), V01 to V04, each with its mirror: one story told to the
/// cheap exchange of Tier 1 under both rules and to the whole exchange.
module Vrlg.Stories.TouchCases

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Text.RegularExpressions
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given
open Vrlg.Stories.Telling

/// What each tier says of the story's order, and what is ahead of it at the end in Tier 2.
type private Row =
    {
        Name: string
        Events: string
        TouchAt: string list
        Through: string list
        Tier2: string list
        Ahead: string list
    }

let private arrival = "1: new a buy 5@100 ALO; "
let private rests = "1: a rests 5@100 front=10"
let private whole (time: int) = [ $"{time}: a fills 5@100 maker" ]

let private rows =
    [
        {
            Name = "V01 a print at our price"
            Events = "2: trade seller 1@100"
            TouchAt = whole 2
            Through = []
            Tier2 = []
            Ahead = [ "a=9" ]
        }
        {
            Name = "V02 and then one through it"
            Events = "2: trade seller 1@100; 3: trade seller 3@99"
            TouchAt = whole 2
            Through = whole 3
            Tier2 = [ "3: a fills 3@100 maker" ]
            Ahead = [ "a=9" ]
        }
        {
            Name = "V03 a fresh ask at our bid"
            Events = "2: ask 100=3"
            TouchAt = whole 2
            Through = []
            Tier2 = [ "2: a fills 3@100 maker" ]
            Ahead = [ "a=10" ]
        }
        {
            Name = "V04 prints of the other aggressor"
            Events = "2: trade buyer 50@101"
            TouchAt = []
            Through = []
            Tier2 = []
            Ahead = [ "a=10" ]
        }
    ]

let private book = "bid 100=10; ask 101=10"

/// The part of a story that the cheap exchange sees: instants in whole seconds, market records, one order.
let private parse (story: string) =
    [
        for part in story.Split(';', StringSplitOptions.TrimEntries ||| StringSplitOptions.RemoveEmptyEntries) do
            let m =
                Regex.Match(part, @"^(?:(\d+): )?(bid|ask|trade|new) ?(\w+)?(?: (buy|sell))? ?(\d+)?([=@])(\d+)")

            let time = if m.Groups[1].Success then int64 m.Groups[1].Value else 0L
            let now = Instant.Of(time * 1_000_000_000L + 1L)
            let size (text: string) = Sz.Of(int64 text * one)
            let price (text: string) = Px.Of(int64 text * one)

            match m.Groups[2].Value with
            | "new" ->
                let side = if m.Groups[4].Value = "buy" then Side.Buy else Side.Sell
                Choice2Of2(now, side, price m.Groups[7].Value, size m.Groups[5].Value)
            | "trade" ->
                let aggressor = if m.Groups[3].Value = "buyer" then Side.Buy else Side.Sell
                Choice1Of2(Event.Traded(id, aggressor, price m.Groups[7].Value, size m.Groups[5].Value, time, now))
            | word ->
                let side = if word = "bid" then Side.Buy else Side.Sell
                let level = m.Groups[3].Value + m.Groups[5].Value
                Choice1Of2(Event.LevelMoved(id, side, price level, size m.Groups[7].Value, now))
    ]

let private told (rule: TouchRule) (story: string) : string list =
    let parts = parse story

    let events =
        parts
        |> List.choose (function
            | Choice1Of2 e -> Some e
            | Choice2Of2 _ -> None)
        |> List.toArray

    let tape =
        TouchTape.pack id (MemoryTape(events |> Array.map (fun e -> let t = e.VenueAt in t.Ns), [||], events))

    let exchange =
        TouchExchange
            {
                Instrument = instrument
                Fees =
                    {
                        Maker = Rate.Of 0L
                        Taker = Rate.Of 0L
                    }
                Rule = rule
                SlippageTicks = 0
                CapBySize = false
            }

    let out = List<Event>()

    for part in parts do
        match part with
        | Choice2Of2(now, side, px, sz) ->
            for i in 0 .. tape.Count - 1 do
                if tape.At[i] < now.Ns then
                    exchange.Quote(now, tape.Touch i, out)

            let order: NewOrder =
                {
                    Account = AccountId.Of 0
                    Instrument = id
                    Cloid = { Run = 1L; N = 1L }
                    Side = side
                    Px = px
                    Sz = sz
                    Tif = Tif.Alo
                    ReduceOnly = false
                    Trigger = Px.Of 0L
                    Expires = Instant.Of 0L
                }

            exchange.Place(now, order, out)

            for i in 0 .. tape.Count - 1 do
                if tape.At[i] > now.Ns then
                    let at = Instant.Of tape.At[i]

                    if tape.Kind[i] = 0uy then
                        exchange.Quote(at, tape.Touch i, out)
                    else
                        let aggressor = if tape.Kind[i] = 1uy then Side.Buy else Side.Sell
                        exchange.Print(at, aggressor, Px.Of tape.A[i], out)
        | Choice1Of2 _ -> ()

    [
        for i in 0 .. out.Count - 1 do
            let report = out[i]
            let at = report.VenueAt

            match report.Rare with
            | ValueSome(RareEvent.Filled f) -> $"{at.Ns / 1_000_000_000L}: a fills {f.Sz}@{f.Px} maker"
            | ValueSome(RareEvent.Replied r) when
                (match r.Answer with
                 | Answer.Accepted _ -> false
                 | _ -> true)
                ->
                $"{r.Answer}"
            | _ -> ()
    ]

let private check (row: Row) (turn: string -> string) =
    let story = turn (book + "; " + arrival + row.Events)
    let says = List.map turn
    Expect.equal (told TouchRule.At story) (says row.TouchAt) "TouchAt"
    Expect.equal (told (TouchRule.Through 1) story) (says row.Through) "TouchThrough(1)"

    let case: Case =
        {
            Name = row.Name
            Queue = QueueModel.RiskAverse
            Rules = MatchRules.Default
            Least = 0L
            Position = 0L
            Start = turn book
            Events = turn (arrival + row.Events)
            Says = ""
            Fronts = ""
        }

    Expect.equal (tell case) (says (rests :: row.Tier2), row.Ahead) "Tier 2 RiskAverse"

let private delays =
    [
        testCase "Tier 1 too gives cancels their own way in" (fun () ->
            let rows =
                [
                    RestingOrder.level 0L Side.Buy 100L 10L
                    RestingOrder.level 0L Side.Sell 101L 10L
                    RestingOrder.sold 150L 100L 1L
                ]

            let fills (cancel: int64) =
                let harvest = Harvest id

                let resting =
                    RestingOrder.Sees(fun view ->
                        let there = view.Slot RestingOrder.slot in there.State = SlotState.Resting)

                let config: TouchWorldConfig =
                    {
                        Engine =
                            { Yardstick.engine with
                                Instruments = ImmutableArray.Create<Instrument> instrument
                            }
                        Exchange =
                            {
                                Instrument = instrument
                                Fees = (exchangeConfig QueueModel.RiskAverse).Fees
                                Rule = TouchRule.At
                                SlippageTicks = 0
                                CapBySize = false
                            }
                        Ingest = Duration.OfMs 20L
                        Place =
                            {
                                Entry = Duration.OfMs 15L
                                Response = Duration.OfMs 25L
                            }
                        Cancel =
                            {
                                Entry = Duration.OfMs cancel
                                Response = Duration.OfMs 25L
                            }
                        IsFifo = true
                        Tick = Duration.OfMs 100_000L
                        Run = { Run = 1L; FirstCloid = 1L }
                        Cash = Usd.Of(1_000_000L * one)
                    }

                let desk =
                    { Yardstick.desk Cadence.Timer with
                        Strategy = RestingOrder.strategy 100L resting
                    }

                let tape = TouchTape.pack id (RestingOrder.tapeOf rows)

                TouchWorld(config, [| desk |], tape, harvest).Run(fun () -> false)
                |> ignore<bool>

                let mids =
                    MidPath.ofTape (exchangeConfig QueueModel.RiskAverse) id (RestingOrder.tapeOf rows)

                let outcome =
                    harvest.Outcome({ From = 0L; To = 200_000_000L }, mids, config.Cash, Sz.Of one)

                outcome.Fills.Length

            // Acknowledged and cancelled at 60: the cancel arrives at 75, or at 160.
            Expect.equal (fills 15L) 0 "in time"
            Expect.equal (fills 100L) 1 "too late")
    ]

let tests =
    testList
        "fill tiers (12)"
        [
            for row in rows do
                yield testCase row.Name (fun () -> check row (fun text -> text))
                yield testCase (row.Name + ", mirrored") (fun () -> check row mirror)
            yield! delays
        ]
