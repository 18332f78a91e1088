/// Laws of the fill tiers: the cheap exchange against the whole one, and candle frames.
module Vrlg.Properties.Touches

open System
open System.Collections.Generic
open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private rules = { instrument 0 with SzDecimals = 6 }
let private id = rules.Id

let private free: FeeRates =
    {
        Maker = Rate.Of 0L
        Taker = Rate.Of 0L
    }

let private exchangeConfig: ExchangeConfig =
    {
        Instruments = ImmutableArray.Create<Instrument> rules
        Accounts = 1
        Fees = free
        Queue = QueueModel.RiskAverse
        CheckRules = false
        Rules = MatchRules.Default
    }

let private touchConfig rule : TouchConfig =
    {
        Instrument = rules
        Fees = free
        Rule = rule
        SlippageTicks = 0
        CapBySize = false
    }

/// Levels and prints around 100, a millisecond apart.
let private record (ms: int64) =
    gen {
        let! price = Gen.choose64 (96L, 104L)
        let! size = Gen.choose64 (0L, 9L)
        let! s = side
        let! isPrint = Gen.elements [ true; false; false ]

        return
            if isPrint then
                Event.Traded(id, s, px price, sz (size + 1L), ms, at ms)
            else
                Event.LevelMoved(id, s, px price, sz size, at ms)
    }

let private market =
    gen {
        let! n = Gen.choose (5, 60)
        return! Gen.collectToList record [ for i in 0 .. n - 1 -> int64 i ]
    }

/// A market, the instant at which one order of ours arrives, and that order.
let private scene =
    Arb.fromGen (
        gen {
            let! events = market
            let! arrives = Gen.choose (0, events.Length)
            let! s = side
            let! price = Gen.choose64 (96L, 104L)
            let! size = Gen.choose64 (1L, 9L)
            return List.toArray events, arrives, newOrder 1L s price size
        }
    )

type private Filling =
    {
        IsAccepted: bool
        /// Instant of the first fill; the largest number when there is none.
        First: int64
        Filled: int64
    }

let private read (all: seq<Event>) =
    let mutable accepted = false
    let mutable first = Int64.MaxValue
    let mutable filled = 0L

    for e in all do
        match e.Rare with
        | ValueSome(RareEvent.Replied r) ->
            match r.Answer with
            | Answer.Accepted _ -> accepted <- true
            | _ -> ()
        | ValueSome(RareEvent.Filled f) ->
            let when', size = e.VenueAt, f.Sz
            first <- min first when'.Ns
            filled <- filled + size.Raw
        | _ -> ()

    {
        IsAccepted = accepted
        First = first
        Filled = filled
    }

let private drain (out: Reports) (into: ResizeArray<Event>) =
    for i in 0 .. out.Count - 1 do
        into.Add out[i]

    out.Clear()

/// What the cheap exchange makes of it. The order arrives after the records before its place.
let private touched rule (events: Event[], arrives: int, order: NewOrder) =
    let tape =
        TouchTape.pack id (MemoryTape(events |> Array.map (fun e -> let t = e.VenueAt in t.Ns), [||], events))

    let exchange = TouchExchange(touchConfig rule)
    let out = List<Event>()
    let limit = int64 arrives * 1_000_000L
    let mutable isPlaced = false

    let place () =
        if not isPlaced then
            isPlaced <- true
            exchange.Place(Instant.Of limit, order, out)

    for i in 0 .. tape.Count - 1 do
        if tape.At[i] >= limit then
            place ()

        let now = Instant.Of tape.At[i]

        if tape.Kind[i] = 0uy then
            exchange.Quote(now, tape.Touch i, out)
        else
            exchange.Print(now, (if tape.Kind[i] = 1uy then Side.Buy else Side.Sell), Px.Of tape.A[i], out)

    place ()
    read out

/// What the whole exchange makes of it.
let private queued (events: Event[], arrives: int, order: NewOrder) =
    let out = Reports()
    let all = ResizeArray<Event>()
    let mutable state = Exchange.own (Exchange.create exchangeConfig)

    for i in 0 .. events.Length do
        if i = arrives then
            state <- Exchange.place state (Instant.Of(int64 arrives * 1_000_000L)) order out

        if i < events.Length then
            let event = events[i]
            state <- Exchange.market state event.VenueAt &event out

    drain out all
    read all

let private tiers =
    testList
        "tiers"
        [
            lawN 10_000 "P9 a touch fills at least what a trade-through does, and never later than the queue" (fun () ->
                Prop.forAll scene (fun scene ->
                    let touch = touched TouchRule.At scene
                    let through = touched (TouchRule.Through 1) scene
                    let queue = queued scene

                    through.Filled <= touch.Filled
                    && touch.First <= through.First
                    && (not (touch.IsAccepted && queue.IsAccepted) || queue.First >= touch.First)))
            law "an order of Tier 1 fills whole, once, or not at all" (fun () ->
                Prop.forAll scene (fun ((_, _, order) as scene) ->
                    let size = order.Sz

                    [ TouchRule.At; TouchRule.Through 1; TouchRule.Through 3 ]
                    |> List.forall (fun rule ->
                        let f = touched rule scene
                        f.Filled = 0L || f.Filled = size.Raw)))
            testCase "a taker pays the slippage, but never more than its limit" (fun () ->
                let pays limit slip =
                    let exchange =
                        TouchExchange(
                            { touchConfig TouchRule.At with
                                SlippageTicks = slip
                            }
                        )

                    let out = List<Event>()

                    exchange.Quote(
                        at 0L,
                        {
                            BidPx = px 100L
                            BidSz = sz 10L
                            AskPx = px 101L
                            AskSz = sz 3L
                        },
                        out
                    )

                    exchange.Place(
                        at 1L,
                        { newOrder 1L Side.Buy limit 5L with
                            Tif = Tif.Ioc
                        },
                        out
                    )

                    [
                        for i in 0 .. out.Count - 1 do
                            let report = out[i]

                            match report.Rare with
                            | ValueSome(RareEvent.Filled f) -> $"{f.Sz}@{f.Px}"
                            | ValueSome(RareEvent.Replied r) -> $"{r.Answer}".Split(' ')[0]
                            | _ -> ()
                    ]

                Expect.equal (pays 105L 0) [ "Accepted"; "5@101" ] "the best opposite price"
                Expect.equal (pays 105L 2) [ "Accepted"; "5@103" ] "two ticks worse"
                Expect.equal (pays 102L 2) [ "Accepted"; "5@102" ] "its limit"
                Expect.equal (pays 100L 0) [ "Refused" ] "nothing within its limit")
        ]

// ---- candles ----

let private candles (rows: (float * float * float * float) list) : Candles =
    let pick f = rows |> List.map f |> List.toArray

    {
        Open = pick (fun (o, _, _, _) -> o)
        High = pick (fun (_, h, _, _) -> h)
        Low = pick (fun (_, _, l, _) -> l)
        Close = pick (fun (_, _, _, c) -> c)
    }

/// The same of whole numbers.
let private bars (rows: (int * int * int * int) list) =
    rows
    |> List.map (fun (o, h, l, c) -> float o, float h, float l, float c)
    |> candles

let private one (all: ImmutableArray<CandleTrade>) = Seq.exactlyOne all

let private walk =
    Arb.fromGen (
        gen {
            let! n = Gen.choose (1, 30)

            let! rows =
                Gen.listOfLength
                    n
                    (gen {
                        let! o = Gen.choose (90, 110)
                        let! c = Gen.choose (90, 110)
                        let! up = Gen.choose (0, 4)
                        let! down = Gen.choose (0, 4)
                        return float o, float (max o c + up), float (min o c - down), float c
                    })

            let! signal = Gen.listOfLength n (Gen.map float (Gen.choose (-1, 1)))
            return candles rows, List.toArray signal
        }
    )

let private none: Bracket = { Stop = 0.0; Target = 0.0 }

let private frames =
    testList
        "candle frames"
        [
            testCase "a signal acts at the next open, never inside its own candle" (fun () ->
                let c = bars [ 100, 101, 99, 100; 105, 106, 104, 105; 107, 108, 106, 107 ]
                let t = one (CandleFrame.trades c none [| 0.0; 1.0; 1.0 |])
                Expect.equal (t.From, t.EntryPx, t.To, t.ExitPx) (2, 107.0, 2, 107.0) "in at the third open")
            law "a signal is held from the candle after its own" (fun () ->
                Prop.forAll walk (fun (_, signal) ->
                    let held = CandleFrame.positions signal

                    held[0] = 0
                    && Seq.forall2 (fun h s -> h = sign s) (Seq.skip 1 held) signal[.. signal.Length - 2]))
            testCase "the stop comes first when a candle holds both" (fun () ->
                let c = bars [ 100, 100, 100, 100; 100, 110, 90, 105 ]

                let exit b =
                    let t = one (CandleFrame.trades c b [| 1.0; 1.0 |])
                    t.ExitPx

                Expect.equal (exit { Stop = 5.0; Target = 5.0 }) 95.0 "the stop"
                Expect.equal (exit { Stop = 15.0; Target = 5.0 }) 105.0 "the target alone"
                let short = one (CandleFrame.trades c { Stop = 5.0; Target = 5.0 } [| -1.0; -1.0 |])
                Expect.equal (short.ExitPx, short.Gain) (105.0, -5.0) "mirrored")
            testCase "a gap beyond the stop leaves at the open, not at the stop" (fun () ->
                let c = bars [ 100, 100, 100, 100; 100, 101, 99, 100; 80, 85, 75, 82 ]
                let t = one (CandleFrame.trades c { Stop = 5.0; Target = 0.0 } [| 1.0; 1.0; 1.0 |])
                Expect.equal (t.To, t.ExitPx) (2, 80.0) "the open")
            law "without a bracket the trades are worth what the columns say" (fun () ->
                Prop.forAll walk (fun (c, signal) ->
                    let trades = CandleFrame.trades c none signal |> Seq.sumBy (fun t -> t.Gain)
                    let columns = CandleFrame.gains c (CandleFrame.positions signal) |> Array.sum
                    abs (trades - columns) < 1e-9))
            law "what comes later changes no position and no finished trade" (fun () ->
                Prop.forAll walk (fun (c, signal) ->
                    let n = signal.Length
                    let early = n / 2

                    // Everything from the cut on is another market, and what is signalled there the opposite.
                    let later (column: float[]) =
                        column |> Array.mapi (fun i v -> if i >= early then v + 50.0 else v)

                    let other: Candles =
                        {
                            Open = later c.Open
                            High = later c.High
                            Low = later c.Low
                            Close = later c.Close
                        }

                    let turned = signal |> Array.mapi (fun i v -> if i >= early - 1 then -v else v)
                    let bracket = { Stop = 3.0; Target = 3.0 }

                    let show (t: CandleTrade) =
                        $"{t.From} {t.To} {t.Way} {t.EntryPx} {t.ExitPx}"

                    let finished (candles: Candles) signal =
                        [
                            for t in CandleFrame.trades candles bracket signal do
                                if t.To < early then
                                    show t
                        ]

                    finished c signal = finished other turned))
        ]

// ---- the collector ----

let private collector =
    testList
        "harvest"
        [
            testCase "judged over the whole span it is the objective of a back-test" (fun () ->
                let btc =
                    { rules with
                        Name = "BTC"
                        SzDecimals = 5
                        MaxLeverage = 40
                    }

                let tape =
                    Synthetic.make
                        { Synthetic.usual btc 3L with
                            Length = Duration.OfMs 420_000L
                        }

                let pairs =
                    ImmutableArray.CreateRange
                        [
                            struct ("sim.seed", "3")
                            struct ("signal.detector", "document")
                            struct ("signal.p_max", "1")
                            struct ("signal.M", "3")
                            struct ("fees.maker_bps", "-2")
                            struct ("fees.taker_bps", "-1")
                        ]

                match Setup.ofPairs pairs with
                | Error p -> failtest p[0].Sentence
                | Ok values ->
                    let setup: RunSetup = { Values = values; Instrument = btc }
                    let mids = Backtest.mids setup tape
                    let never = Func<bool>(fun () -> false)
                    let theirs = Backtest.objective setup (Backtest.world setup 3L) tape mids never

                    match (Tiers.whole Backtest.latency btc mids tape).Invoke(values, never) with
                    | ValueNone -> failtest "it was not stopped"
                    | ValueSome o ->
                        let mine = Judging.judge.Invoke(o, ImmutableArray.Create<Window> o.Span)
                        Expect.isGreaterThan theirs.Headline.Trades 5 "there are trades"
                        Expect.isTrue (ValueOption.isSome theirs.Value) "and an objective"

                        for name, value in
                            [
                                "objective", theirs.Value
                                "trade_sharpe", theirs.TradeSharpe
                                "max_dd_in_edges", theirs.MaxDdInEdges
                                "mean_abs_delta", theirs.MeanAbsDelta
                                "daily_edge_usd", theirs.DailyEdge
                                "avg_pnl_bps", theirs.Headline.AvgPnlBps
                                "hit_rate", theirs.Headline.HitRate
                                "trades", ValueSome(float theirs.Headline.Trades)
                            ] do
                            match value, mine[0].Figure name with
                            | ValueSome a, ValueSome b -> Expect.floatClose Accuracy.high b a name
                            | a, b -> Expect.equal b a name)
        ]

let tests = testList "fill tiers" [ tiers; frames; collector ]
