/// The scalper's exits by precedence, and what makes it enter.
module Vrlg.Stories.Scalper

open System
open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given

let private run (market: SyntheticConfig) (sets: (string * string) list) =
    let struct (trail, _) =
        Backtest.run (Given.setup btc sets) 1L (Synthetic.make market)

    trail

let private usual =
    { Synthetic.usual btc 1L with
        Length = Duration.OfMs 480_000L
    }

/// A market that is never tight and hardly moves: no collapse, no stop.
let private wide =
    { usual with
        Spread = 4
        JumpEvery = Duration.OfMs 3_600_000L
    }

let private trips (trail: Trail) = (RoundTrips.ofFills trail.Fills).Closed

let private reasons (trail: Trail) =
    trips trail
    |> Seq.map (fun t -> t.Reason)
    |> Seq.distinct
    |> Seq.toList
    |> List.sort

let private held (t: RoundTrip) =
    let length: Duration = t.Exit - t.Entry
    length.Milliseconds

let tests =
    testList
        "the scalper"
        [
            testCase "enters only at boundaries of an active detector, two-sided, half a tick from the mid" (fun () ->
                let trail = run usual []
                let entries = trail.Orders |> Seq.filter (fun o -> o.Reason = "entry") |> Seq.toList
                Expect.isGreaterThan entries.Length 50 "it enters"

                for o in entries do
                    let at = o.SentAt
                    let distance = Synthetic.distance usual at.Ns
                    Expect.isLessThanOrEqual distance 150_000_000L "within z/M of a boundary"
                    let px, tick = o.Order.Px, one
                    let half = float o.MidTwice / 2.0 - float px.Raw
                    let inside = if o.Order.Side = Side.Buy then half else -half

                    Expect.isTrue
                        (inside >= 0.5 * float tick - 1.0 && inside < 1.5 * float tick)
                        "half a tick, then the grid")
            testCase "leaves when the spread collapses to one tick" (fun () ->
                let trail = run usual []
                Expect.contains (reasons trail) "collapse" "reasons")
            testCase "leaves by the ideal exit at its time in a market that stays wide" (fun () ->
                let trail = run wide [ "risk.stop_ticks", "900" ]
                Expect.contains (reasons trail) "ideal" "reasons"
                Expect.isFalse (List.contains "collapse" (reasons trail)) "it never was tight"

                for t in trips trail |> Seq.filter (fun t -> t.Reason = "ideal") do
                    // The fill is seen 30 ms after it happened; the cross arrives 30 ms after it was sent.
                    Expect.isGreaterThanOrEqual (held t) 500.0 "not before its time")
            testCase "leaves by the time-stop when the ideal exit is later" (fun () ->
                let trail = run wide [ "risk.stop_ticks", "900"; "exec.exit_after_ms", "60000" ]
                let found = reasons trail
                Expect.contains found "time_stop" "reasons"
                Expect.isFalse (List.contains "ideal" found) "the time-stop comes first"

                for t in trips trail |> Seq.filter (fun t -> t.Reason = "time_stop") do
                    Expect.isGreaterThanOrEqual (held t) 1_200.0 "not before its time"
                    Expect.isLessThan (held t) 1_800.0 "and at its time")
            testCase "stops on the touch when the market runs away" (fun () ->
                let runaway =
                    { wide with
                        JumpEvery = Duration.OfMs 1_500L
                        JumpTicks = 40
                        Reversion = 0.3
                    }

                let trail =
                    run runaway [ "exec.exit_after_ms", "60000"; "risk.time_stop_ms", "60000" ]

                Expect.contains (reasons trail) "stop" "reasons")
            testCase "one-sided quotes the side that the imbalance favours" (fun () ->
                let trail = run usual [ "exec.one_sided", "true" ]

                let sent =
                    trail.Orders
                    |> Seq.filter (fun o -> o.Reason = "entry")
                    |> Seq.countBy (fun o -> o.SentAt.Ns)
                    |> Seq.toList

                Expect.isGreaterThan sent.Length 20 "it enters"
                Expect.isTrue (sent |> List.forall (fun (_, n) -> n = 1)) "one order an entry")
            testCase "with no actions left says so at every instant at which it would have entered" (fun () ->
                let trail = run usual [ "account.allowance", "1" ]
                Expect.isEmpty trail.Orders "no order"

                Expect.isTrue
                    (trail.Gauges
                     |> Seq.exists (fun struct (name, n) -> name = "skipped.budget" && n > 50.0))
                    "counted"

                Expect.isNonEmpty (Summary.budgetWarnings trail.Gauges) "and said before the figures")
            testCase "with nothing to turn on stays out" (fun () ->
                let flat = { usual with Thinner = 0.0; Wider = 0 }

                let trail = run flat []
                Expect.isEmpty trail.Fills "no fill"
                Expect.isEmpty trail.Orders "no order")
            testCase "shows of every gate whether it is open, as the strategy itself finds" (fun () ->
                let trail = run usual []

                let gauge name =
                    trail.Gauges
                    |> Seq.pick (fun struct (k, v) -> if k = name then Some v else None)

                for name in Gates.names do
                    Expect.contains [ 0.0; 1.0 ] (gauge ("open." + name)) name

                Expect.equal (gauge "open.rotation") (if gauge "period_s" > 0.0 then 1.0 else 0.0) "a period is known"
                Expect.equal (gauge "open.significance") (gauge "active") "the detector's word")
            testCase "says by how much a gate alone kept it out" (fun () ->
                // The book thins out and never widens: the spread has one tick, or two, and three are asked.
                let trail = run { usual with Wider = 1 } [ "signal.y", "3"; "signal.p_max", "0.99" ]

                let gauge name =
                    trail.Gauges
                    |> Seq.tryPick (fun struct (k, v) -> if k = name then Some v else None)
                    |> Option.defaultValue nan

                let alone = gauge "alone.spread"
                Expect.isGreaterThan alone 20.0 "often it was the spread alone"
                Expect.isLessThanOrEqual alone (gauge "skipped.spread") "alone it was the first too"
                Expect.isLessThanOrEqual (gauge "skipped.spread") (gauge "shut.spread") "and shut"
                Expect.equal (gauge "short_least.spread") 1.0 "one tick is missing at least"
                Expect.equal (gauge "short_alone.spread") 1.0 "when it alone was shut too"
                let mean = gauge "short_mean.spread"
                Expect.isTrue (mean >= 1.0 && mean <= 2.0) "one or two on average"
                // The period is 2 s, the band 0.15 s each way.
                let phase = gauge "short_mean.phase"
                Expect.isTrue (phase > 0.2 && phase < 0.6) $"seconds to the band: {phase}"

                Expect.isTrue
                    (Double.IsNaN(gauge "short_mean.rotation"))
                    "without a period there is nothing to compare")
            testCase "with too small an equity says that the size keeps it out" (fun () ->
                let trail = run usual [ "account.equity_usd", "100" ]
                Expect.isEmpty trail.Orders "no order"

                let size =
                    trail.Gauges
                    |> Seq.pick (fun struct (k, v) -> if k = "skipped.size" then Some v else None)

                Expect.isGreaterThan size 10.0 "counted")
            testCase
                "finds a rotation that pays and earns it net of fees; without it, in the same market, never trades"
                (fun () ->
                    let trail (name: string) =
                        match SyntheticName.parse name with
                        | Error sentence -> failtest sentence
                        | Ok n ->
                            let rules = SyntheticName.instrument btc n

                            let setup = Given.setup rules [ "signal.detector", "valid" ]

                            let struct (trail, _) =
                                Backtest.run setup 1L (Synthetic.make (SyntheticName.config btc n))

                            trail

                    for seed in 1..2 do
                        let found = trail $"synthetic:strong,tick=wide,seed={seed},minutes=20"
                        let net (t: RoundTrip) = let n = t.Net in n.Raw
                        let closed = trips found
                        Expect.isGreaterThan closed.Length 30 $"seed {seed}: trades"
                        Expect.isGreaterThan (closed |> Seq.sumBy net) 0L $"seed {seed}: net of fees"
                        let out = trail $"synthetic:none,tick=wide,seed={seed},minutes=20"
                        Expect.isEmpty out.Orders $"seed {seed}: no order")
        ]
