/// The figures of whole runs: P16 from fills and tape alone, the mids, the tally, the objective, the data tier.
module Vrlg.Properties.RunFigures

open System
open System.Buffers
open System.Collections.Immutable
open System.Text.Json
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Draws
open Vrlg.Properties.Metrics

let private btc =
    { instrument 0 with
        Name = "BTC"
        SzDecimals = 5
        MinNotional = Usd.Of 1_000_000_000L
    }

let private setup: RunSetup =
    // The detector that soon trades, and without pauses, so that there is enough to look at.
    match
        Setup.ofPairs (ImmutableArray.Create(struct ("signal.detector", "document"), struct ("risk.stop_outs", "0")))
    with
    | Ok values -> { Values = values; Instrument = btc }
    | Error problems -> failwith problems[0].Sentence

let private tape =
    Synthetic.make
        { Synthetic.usual btc 1L with
            Length = Duration.OfMs(20L * 60_000L)
        }

let private whole = lazy (Backtest.run setup 1L tape)
let private mids = lazy (Backtest.mids setup tape)

let private finished =
    lazy
        (let struct (trail, _) = whole.Value
         Finished.Of(setup, 1L, mids.Value, trail.Tally))

let private figures = lazy (Figures.ofRun finished.Value tape)

/// The mid at the exchange at every heartbeat, with our orders in the book.
[<Sealed>]
type private Heard() =
    let seen = ResizeArray<struct (int64 * int64)>()
    member _.Seen = seen

    interface IWatch with
        member _.Arrived _ = ()
        member _.Stepped(_, _, _) = ()
        member _.Executed(_, _) = ()

        member _.Beat(at, exchange) =
            let touch = exchange.Touch btc.Id

            if touch.IsWhole then
                seen.Add(struct (at.Ns, touch.MidTwice))

let private runLaws =
    testList
        "a whole run"
        [
            testCase "P16 of a run, from its fills and its tape alone" (fun () ->
                let run = finished.Value
                Expect.isGreaterThan run.Fills.Length 20 "it trades"
                let sign (f: FillRow) = if f.Side = Side.Buy then 1.0 else -1.0
                let size (f: FillRow) = let s = f.Sz in float s.Raw / 1e8

                let parts =
                    run.Fills
                    |> Seq.sumBy (fun f ->
                        let at = f.At
                        let px = f.Px
                        let fee = f.Fee
                        let edge = size f * sign f * (mids.Value.MarkAt at.Ns - float px.Raw / 1e8)
                        // A fill's size moves with the mid from its instant to the end.
                        let move = size f * sign f * (mids.Value.MarkAt run.EndNs - mids.Value.MarkAt at.Ns)
                        edge + move - float fee.Raw / 1e8)

                Expect.isLessThan (abs (parts - figures.Value.NetUsd)) 1e-6 "the identity"

                let closed =
                    figures.Value.Trips.Closed
                    |> Seq.sumBy (fun t -> let n = t.Net in float n.Raw / 1e8)

                Expect.isLessThan
                    (abs (closed + figures.Value.Open.NetUsd - figures.Value.NetUsd))
                    1e-6
                    "closed trips and the open rest are the run")
            testCase "the mids of the tape are the exchange's own, with our orders or without" (fun () ->
                let heard = Heard()

                World(Backtest.world setup 1L, Setup.desks setup, tape, heard).Run((fun () -> false), null)
                |> ignore<WorldResult>

                Expect.isGreaterThan heard.Seen.Count 3_000 "heartbeats"

                for struct (at, twice) in heard.Seen do
                    Expect.equal (mids.Value.TwiceAt at) twice $"at {at}")
            testCase "a tally alone gives the objective of the whole trail" (fun () ->
                let world = Backtest.world setup 1L

                let alone =
                    Backtest.objective setup world tape mids.Value (Func<bool>(fun () -> false))

                let full = figures.Value.Objective
                Expect.equal alone.TradeSharpe full.TradeSharpe "trade Sharpe"
                Expect.equal alone.MeanAbsDelta full.MeanAbsDelta "mean delta"
                Expect.equal alone.DailyEdge full.DailyEdge "daily edge"
                Expect.equal alone.Headline.Fills full.Headline.Fills "fills"
                Expect.equal alone.Headline.Net full.Headline.Net "net")
            testCase "orders are accepted or refused with a code, and ratios count them" (fun () ->
                let orders = finished.Value.Orders
                let refused = orders |> Seq.filter (fun o -> o.RejectCode <> "") |> Seq.length
                let accepted = (Execution.accepted orders).Length
                let stops = orders |> Seq.filter (fun o -> o.IsAccepted && o.IsStop) |> Seq.length
                Expect.equal (refused + accepted + stops) orders.Count "every order"
                Expect.isGreaterThan refused 0 "some are refused"

                let share =
                    Execution.rejectRatios orders |> Seq.sumBy (fun struct (_, share) -> share)

                Expect.floatClose Accuracy.high (share * float orders.Count) (float refused) "by code"
                let rested = orders |> Seq.filter (fun o -> o.Rested) |> Seq.length
                let queue = figures.Value.QueueAtEntry
                Expect.equal (queue.Count + queue.Unknown) rested "queue at entry"
                Expect.isGreaterThan rested 10 "some rest")
            testCase "runs are ranked by value, without one last" (fun () ->
                let full = figures.Value.Objective
                let withValue v = { full with Value = v }

                let ranked =
                    [ ValueNone; ValueSome -3.0; ValueSome 2.0; ValueNone; ValueSome 0.5 ]
                    |> List.map withValue
                    |> List.sortWith Objective.compare
                    |> List.map (fun o -> o.Value)

                Expect.equal ranked [ ValueSome 2.0; ValueSome 0.5; ValueSome -3.0; ValueNone; ValueNone ] "the order")
        ]

let private month =
    lazy
        (let day = 86_400_000_000_000L
         let mids = MidPath.ofMids [ struct (0L, 100.0) ] ImmutableArray.Empty (32L * day)

         let fills =
             ImmutableArray.CreateRange
                 [
                     for d in 0L .. 31L do
                         let ms = d * 86_400_000L + 3_600_000L
                         row ms Side.Buy 1L 100L true
                         row (ms + 1_000L) Side.Sell 1L (100L + (d * d) % 5L) true
                 ]

         { finished.Value with
             Mids = mids
             Fills = fills
             Funding = ImmutableArray.Empty
             ActiveMinutes = 32.0 * 1_440.0
         })

let private others =
    testList
        "figures"
        [
            testCase "of 30 days or more the daily Sharpe is the headline" (fun () ->
                let o = Objective.ofRun month.Value
                let daily = Objective.dailySharpe month.Value
                Expect.isTrue daily.IsSome "defined"
                Expect.equal o.Headline.Sharpe daily "the headline"

                let days =
                    Equity.samples (month.Value.Walk()) (Equity.grid 86_400_000_000_000L 0L month.Value.EndNs)

                let r = Returns.ofSamples days month.Value.CapitalUsd
                Expect.equal r.Length 32 "a return a day"
                Expect.equal daily (Returns.sharpe r 86_400.0 30) "of daily samples"
                Expect.equal (Objective.dailySharpe finished.Value) ValueNone "a short run has none")
            testCase "the market's volume at our prices counts each print once, on the side it hits" (fun () ->
                let print time side price size =
                    Event.Traded(InstrumentId.Of 0, side, px price, sz size, time, at time)

                let events =
                    [|
                        print 5L Side.Sell 100L 64L
                        print 10L Side.Sell 100L 1L
                        print 11L Side.Buy 100L 2L
                        print 12L Side.Sell 99L 4L
                        print 20L Side.Sell 100L 8L
                        print 21L Side.Sell 100L 16L
                    |]

                let times = events |> Array.map (fun e -> let t = e.VenueAt in t.Ns)
                let tape = MemoryTape(times, times, events)

                let like: OrderRow = Seq.head finished.Value.Orders

                let resting n side : OrderRow =
                    { like with
                        Order = newOrder n side 100L 5L
                        AcceptedAt = at 5L
                        GoneAt = at 20L
                        Front = 0.0
                    }

                let volume orders =
                    Execution.marketVolume orders (InstrumentId.Of 0) tape

                Expect.equal (volume [ resting 1L Side.Buy; resting 2L Side.Buy ]) 9.0 "a bid meets sellers"
                Expect.equal (volume [ resting 1L Side.Sell ]) 2.0 "an ask meets buyers"
                Expect.equal (volume [ { resting 1L Side.Buy with Front = nan } ]) 0.0 "it must rest")
            testCase "uncertain fills are a share, and mark their trips" (fun () ->
                let doubtful (f: FillRow) = { f with IsUncertain = true }

                let fills =
                    ImmutableArray.CreateRange
                        [
                            row 0L Side.Buy 3L 100L true
                            doubtful (row 1L Side.Sell 3L 101L true)
                            row 2L Side.Buy 1L 100L true
                            row 3L Side.Sell 1L 101L true
                        ]

                Expect.equal (Execution.uncertainShare fills) (ValueSome 0.375) "3 of 8"
                let marks = (RoundTrips.ofFills fills).Closed |> Seq.map (fun t -> t.IsUncertain)
                Expect.sequenceEqual marks [ true; false ] "by trip"
                Expect.equal (Execution.uncertainShare ImmutableArray.Empty) ValueNone "of nothing")
            testCase "without trades nothing is said of queue position and fill ratio" (fun () ->
                let written knowsQueue =
                    let bytes = ArrayBufferWriter<byte>()
                    use w = new Utf8JsonWriter(bytes)
                    w.WriteStartObject()
                    FiguresJson.write w knowsQueue figures.Value
                    w.WriteEndObject()
                    w.Flush()
                    use parsed = JsonDocument.Parse(bytes.WrittenMemory)
                    parsed.RootElement.GetProperty("metrics").GetProperty("execution").Clone()

                for name in
                    [
                        "fill_ratio_qty"
                        "fill_ratio_orders"
                        "queue_at_entry_lots"
                        "time_to_first_fill_ms"
                    ] do
                    let kind knows =
                        (written knows).GetProperty(name).ValueKind

                    Expect.equal (kind false) JsonValueKind.Null name
                    Expect.notEqual (kind true) JsonValueKind.Null name)
            testCase "a tier says what may be claimed" (fun () ->
                let tier (struct (code: string, label: string)) =
                    Expect.stringStarts label (code + ": ") "the label names its tier"
                    code, DataTier.knowsQueue code

                Expect.equal (tier (DataTier.ofRecording true true true)) ("Q2", true) "all three"
                Expect.equal (tier (DataTier.ofRecording false true true)) ("Q2", true) "quotes and trades"
                Expect.equal (tier (DataTier.ofRecording true true false)) ("Q1", false) "no trades"
                Expect.equal (tier (DataTier.ofRecording false true false)) ("Q1", false) "quotes alone")
        ]

let tests = testList "figures of runs" [ runLaws; others ]
