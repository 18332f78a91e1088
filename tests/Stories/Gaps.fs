/// Silences: features stop, windows start again, order timers go on.
module Vrlg.Stories.Gaps

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given

/// A synthetic market with a hole of `hole` ms after 60 s.
let holed (hole: int64) (rules: Instrument) =
    let tape =
        Synthetic.make
            { Synthetic.usual rules 1L with
                Length = Duration.OfMs 120_000L
            }

    let start = (tape :> Tape).VenueAt 0

    let late t =
        if t < start + 60_000_000_000L then
            t
        else
            t + hole * 1_000_000L

    let n = tape.Count

    MemoryTape(
        [| for i in 0 .. n - 1 -> late ((tape :> Tape).VenueAt i) |],
        Array.empty,
        [| for i in 0 .. n - 1 -> (tape :> Tape).Event i |]
    )

/// The scalper over the market with a hole.
let private run (hole: int64) =
    let struct (trail, _) = Backtest.run (Given.setup btc []) 1L (holed hole btc)
    trail

let private gauge (trail: Trail) name =
    trail.Gauges
    |> Seq.pick (fun struct (k, v) -> if k = name then Some v else None)

let tests =
    testList
        "a gap"
        [
            testCase "of 10 s is told with its ends, and its features and minutes are missing" (fun () ->
                let trail = run 10_000L
                Expect.equal trail.Silences.Length 1 "one silence"
                let gap = trail.Silences[0]
                let length: Duration = gap.To - gap.From
                Expect.floatClose Accuracy.low length.Seconds 10.05 "its length"
                // Two minutes of market; 2 s of the silence still had features, as nobody knew it was one.
                Expect.isLessThan (abs (trail.ActiveMinutes - 122.0 / 60.0)) 0.01 "active minutes"

                let blank =
                    trail.Samples |> Seq.filter (fun s -> System.Double.IsNaN s.Mid) |> Seq.length

                // Nothing works and nothing is held: the heartbeat sleeps after the gap is known, so few samples stand in it.
                Expect.isTrue (blank >= 1 && blank <= 4) $"a break in the series, and no more: {blank}")
            testCase "restarts the detector and the rolling median" (fun () ->
                let trail = run 10_000L
                // After the gap 60 s are left: 600 samples.
                Expect.isLessThan (gauge trail "samples") 610.0 "counted from the gap's end"
                Expect.isGreaterThan (gauge (run 0L) "samples") 1_190.0 "without a gap all of them")
            testCase "makes what fills inside it, and on its first book, uncertain" (fun () ->
                let out = Reports()
                let at s = Instant.OfMs(1_000L * s)

                let mutable e =
                    Exchange.own (Exchange.create (exchangeConfig QueueModel.RiskAverse))

                let fills () =
                    let all =
                        [
                            for i in 0 .. out.Count - 1 do
                                let r = out.Report i

                                if r.Kind = ReportKind.Filled then
                                    r.IsUncertain
                        ]

                    out.Clear()
                    all

                e <- Exchange.level e (at 1L) 0 Side.Buy (100L * one) (10L * one) out
                e <- Exchange.level e (at 1L) 0 Side.Sell (101L * one) (10L * one) out

                let order: ExchangeOrder =
                    {
                        Account = 0
                        Instrument = 0
                        Cloid = { Run = 1L; N = 1L }
                        Side = Side.Buy
                        Tif = Tif.Alo
                        ReduceOnly = false
                        Expires = 0L
                        Px = 100L * one
                        Sz = 9L * one
                    }

                e <- Exchange.placeOrder e (at 2L) &order out
                e <- Exchange.print e (at 3L) 0 Side.Sell (99L * one) one out
                Expect.equal (fills ()) [ false ] "before"
                e <- Exchange.gap e (at 4L) id out
                e <- Exchange.print e (at 5L) 0 Side.Sell (99L * one) one out
                Expect.equal (fills ()) [ true ] "inside"
                Expect.isTrue (e.IsUncertain(id, at 5L)) "inside"
                e <- Exchange.level e (at 6L) 0 Side.Sell (100L * one) (1L * one) out
                Expect.equal (fills ()) [ true ] "the first book"
                Expect.isTrue (e.IsUncertain(id, at 6L)) "the first book"
                e <- Exchange.print e (at 7L) 0 Side.Sell (99L * one) one out
                Expect.equal (fills ()) [ false ] "after it"
                Expect.isFalse (e.IsUncertain(id, at 7L)) "after it")
            testCase "counts from the last book, for MaxGap and for what filled before anybody knew" (fun () ->
                // The last book is at 0: a gap from 2 s on, and 5 s after 0 our orders go. The book returns at 9 s.
                let rows =
                    [
                        RestingOrder.level 0L Side.Buy 100L 10L
                        RestingOrder.level 0L Side.Sell 101L 10L
                        RestingOrder.sold 1_000L 99L 1L
                        RestingOrder.sold 3_000L 99L 1L
                        RestingOrder.sold 8_000L 99L 1L
                        RestingOrder.level 9_000L Side.Buy 100L 10L
                        RestingOrder.sold 9_500L 99L 1L
                    ]

                let world = RestingOrder.worldIn Phases.Recorded RestingOrder.usual
                let never = RestingOrder.Sees(fun _ -> false)
                let quote = RestingOrder.strategy 100L never

                let told =
                    RestingOrder.diaryIn world rows quote
                    |> List.filter (fun line -> not (line.Contains "seen" || line.Contains "sent"))

                Expect.equal
                    told
                    [
                        "35 accepted, front 10"
                        "1000 fill 1 at 100, position 1"
                        "3000 fill 1 at 100, position 2"
                        "5000 ended gapCanceled after 2"
                    ]
                    "five seconds after the last book"

                let tally = Tally id
                RestingOrder.runIn world tally rows quote |> ignore<WorldResult>
                let tape = RestingOrder.tapeOf rows
                let mids = MidPath.ofTape world.Exchange id tape
                let finished = Finished.Of(Given.setup instrument [], 1L, mids, tally)
                Expect.equal [ for f in finished.Fills -> f.IsUncertain ] [ true; true ] "both are doubtful")
            testCase "ends the run where the rules say so" (fun () ->
                let world = RestingOrder.worldIn Phases.Recorded RestingOrder.usual

                let strict =
                    { world with
                        Exchange =
                            { world.Exchange with
                                Rules =
                                    { MatchRules.Default with
                                        Gap = GapPolicy.Abort
                                    }
                            }
                    }

                let rows =
                    [
                        RestingOrder.level 0L Side.Buy 100L 10L
                        RestingOrder.level 0L Side.Sell 101L 10L
                        RestingOrder.sold 3_000L 99L 1L
                        RestingOrder.level 9_000L Side.Buy 100L 10L
                    ]

                let quote = RestingOrder.strategy 100L (RestingOrder.Sees(fun _ -> false))
                let tally = Tally id
                let result = RestingOrder.runIn strict tally rows quote
                Expect.isTrue result.IsAborted "said"
                let last = result.LastAt
                Expect.equal (last.Ns / 1_000_000L) 2_000L "when the silence passed its limit"
                Expect.isEmpty tally.Fills "nothing after it")
            testCase "that lasts to the end is one" (fun () ->
                let rows =
                    [
                        RestingOrder.level 0L Side.Buy 100L 10L
                        RestingOrder.sold 1_000L 100L 1L
                        RestingOrder.sold 4_000L 100L 1L
                    ]

                let mids =
                    MidPath.ofTape (exchangeConfig QueueModel.RiskAverse) id (RestingOrder.tapeOf rows)

                Expect.equal [ for g in mids.Gaps -> g.FromNs, g.ToNs ] [ 0L, 4_000_000_000L ] "from the last book on")
            testCase "shorter than its limit is none" (fun () ->
                Expect.isEmpty (run 1_500L).Silences "no silence"
                Expect.isGreaterThan (gauge (run 1_500L) "samples") 1_190.0 "the detector went on")
            testCase "does not stop order timers" (fun () ->
                let open' = Script.quoteUntil Script.bid 100L 5L 4_000L
                let s = Script.Stage [ [ open' ] ]
                s.Beat 100L |> ignore
                s.Accepted(150L, 1L) |> ignore
                s.Beat 3_000L |> ignore
                Expect.isTrue (s.State.Facts.Market(id).InGap) "a gap"
                Expect.equal (s.Beat 4_000L) [ "cancel 1" ] "pulled at its time")
        ]
