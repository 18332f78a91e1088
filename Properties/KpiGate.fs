/// The gate before real money, and the ladder after it (D0-109 to D0-114).
module Vrlg.Properties.KpiGate

open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law

let private second = 1_000_000_000L
let private start = 1_756_944_000L * second

/// A paper run as the gate wants it: what differs from that is told.
type private Told =
    {
        Hours: int64
        /// Seconds from one entry to the next.
        Every: int64
        HeldMs: int64
        /// One of so many trips loses; 0: none does.
        LosesOneOf: int
        WinUsd: float
        LossUsd: float
        Slip: float
        Actions: int64
    }

let private good =
    {
        Hours = 49L
        Every = 12L
        HeldMs = 800L
        LosesOneOf = 4
        WinUsd = 0.03
        LossUsd = -0.02
        Slip = 0.3
        Actions = 30_000L
    }

let private subject: GateSubject =
    {
        Config = "c0ffee00"
        Build = "b1"
        Account = "0xab"
        Instrument = "BTC"
    }

let private run (t: Told) : GateRun =
    let span = t.Hours * 3_600L * second
    let count = if t.Every = 0L then 0 else int (t.Hours * 3_600L / t.Every)

    let trips =
        [
            for i in 0 .. count - 1 do
                let entry = start + int64 i * t.Every * second

                {
                    Entry = entry
                    Exit = entry + t.HeldMs * 1_000_000L
                    NetUsd =
                        if t.LosesOneOf > 0 && i % t.LosesOneOf = 0 then
                            t.LossUsd
                        else
                            t.WinUsd
                }
        ]

    let mutable equity = 10_000.0

    let samples =
        [
            for i in 0 .. count - 1 do
                equity <- equity + trips[i].NetUsd

                {
                    At = trips[i].Exit
                    EquityUsd = equity
                    IsKnown = true
                }
        ]

    {
        Subject = subject
        Mode = "paper"
        IsComplete = true
        From = Instant.Of start
        To = Instant.Of(start + span)
        ActiveMinutes = float t.Hours * 60.0
        CapitalUsd = 10_000.0
        Allowance = 10_000L
        Actions = t.Actions
        MaxDrawdownUsd = 0.0
        Fills =
            ImmutableArray.CreateRange
                [
                    for trip in trips do
                        for at in [ trip.Entry; trip.Exit ] do
                            {
                                At = at
                                Size = 0.001
                                Usd = 100.0
                                SlippageTicks = ValueSome t.Slip
                            }
                ]
        Trips = ImmutableArray.CreateRange trips
        Samples = ImmutableArray.CreateRange samples
        Sent = ImmutableArray.CreateRange [ for trip in trips -> trip.Entry ]
    }

let private judge told =
    Gate.ofRuns Gate.LiveHours (run told) []

/// The lines that fail.
let private failing (g: Gate) =
    [
        for k in g.Kpis do
            if not k.Passed then
                k.Name
    ]

let private kpi (name: string) (g: Gate) =
    g.Kpis |> Seq.find (fun k -> k.Name = name)

let private value (name: string) (g: Gate) =
    ValueOption.defaultValue nan (kpi name g).Value

let private figureTests =
    testList
        "figures"
        [
            testCase "49 h of good paper trading pass and are valid for live" (fun () ->
                let g = judge good
                Expect.equal (failing g) [] "every line"
                Expect.isTrue g.IsValidForLive "valid"
                Expect.floatClose Accuracy.medium (value "win_rate" g) 0.75 "win rate"
                Expect.floatClose Accuracy.medium (value "trades_per_min" g) 5.0 "trades a minute")
            testCase "each figure fails alone, on its own side" (fun () ->
                for told, names in
                    [
                        { good with Slip = 1.01 }, [ "slippage_ticks" ]
                        { good with Slip = -5.0 }, []
                        { good with LosesOneOf = 2 }, [ "win_rate" ]
                        { good with Every = 30L }, [ "trades_per_min" ]
                        { good with Every = 5L }, [ "trades_per_min" ]
                        { good with HeldMs = 200L }, [ "holding_within_share" ]
                        { good with HeldMs = 3_200L }, [ "holding_within_share" ]
                        { good with Actions = 50_000_000L }, [ "budget_horizon_h" ]
                    ] do
                    Expect.equal (failing (judge told)) names $"{told}")
            testCase "a loss a day has no edge to measure a drawdown in" (fun () ->
                let g = judge { good with LossUsd = -0.2 }
                Expect.equal (failing g) [ "max_drawdown_in_edges" ] "the drawdown"
                Expect.isTrue (ValueOption.isNone (kpi "max_drawdown_in_edges" g).Value) "not defined")
            testCase "the largest drawdown of a run counts, though no sample saw it" (fun () ->
                let g =
                    Gate.ofRuns
                        Gate.LiveHours
                        { run good with
                            MaxDrawdownUsd = 1_100.0
                        }
                        []

                Expect.equal (failing g) [ "max_drawdown_in_edges" ] "it is seen")
            testCase "without a trade nothing passes" (fun () ->
                let g = judge { good with Every = 0L }
                Expect.equal (failing g).Length g.Kpis.Length "every line"
                Expect.isFalse g.Passed "not passed")
            testCase "an allowance that is not counted shows nothing" (fun () ->
                let g = Gate.ofRuns Gate.LiveHours { run good with Allowance = -1L } []
                Expect.equal (failing g) [ "budget_horizon_h" ] "the budget")
            testCase "a lucky average with a bad bound fails" (fun () ->
                // All winners lie in the first hour: half of the resamples hardly have one.
                let r = run good
                let mutable n = 0

                let trips =
                    r.Trips
                    |> Seq.map (fun t ->
                        n <- n + 1

                        { t with
                            NetUsd = if n < r.Trips.Length * 56 / 100 then 0.03 else -0.001
                        })
                    |> ImmutableArray.CreateRange

                let win = kpi "win_rate" (Gate.ofRuns Gate.LiveHours { r with Trips = trips } [])
                Expect.isTrue (win.Value > ValueSome 0.55) "the average"
                Expect.isTrue (win.Low < ValueSome 0.55 && not win.Passed) "the bound")
            law "a bound is never on the wrong side of what all blocks have alike" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose (2, 9))) (fun n ->
                    let g = judge { good with LosesOneOf = n; Hours = 3L }

                    g.Kpis
                    |> Seq.forall (fun k ->
                        let below =
                            match k.Low, k.Value with
                            | ValueSome low, ValueSome v -> low <= v + 1e-9
                            | _ -> true

                        let above =
                            match k.High, k.Value with
                            | ValueSome high, ValueSome v -> k.Name = "max_drawdown_in_edges" || high >= v - 1e-9
                            | _ -> true

                        below && above)))
        ]

let private validTests =
    testList
        "valid for live"
        [
            testCase "only of paper, whole, long enough, of one subject, without overlap" (fun () ->
                let whole = run good
                let half = run { good with Hours = 25L }

                let later =
                    { half with
                        From = Instant.Of(start + 25L * 3_600L * second)
                        To = Instant.Of(start + 50L * 3_600L * second)
                    }

                let against (g: Gate) = Seq.toList g.Against
                Expect.equal (against (Gate.ofRuns 1.0 half [ later ])) [] "two runs add up"

                for g, words in
                    [
                        Gate.ofRuns 48.0 { whole with Mode = "backtest" } [], "only paper runs count"
                        Gate.ofRuns 1.0 half [], "25 h of trading were seen, 48 h are asked"
                        Gate.ofRuns 48.0 half [ half ], "overlap"
                        Gate.ofRuns 48.0 { whole with IsComplete = false } [], "did not come to an end"
                        Gate.ofRuns
                            48.0
                            half
                            [
                                { later with
                                    Subject = { subject with Config = "other" }
                                }
                            ],
                        "2 different settings"
                        Gate.ofRuns
                            48.0
                            half
                            [
                                { later with
                                    Subject = { subject with Build = "b2" }
                                }
                            ],
                        "2 different builds"
                    ] do
                    Expect.isFalse g.IsValidForLive words
                    Expect.stringContains (String.concat "; " g.Against) words "the reason")
            testCase "fewer hours may be asked for a look, which opens nothing" (fun () ->
                let g = Gate.ofRuns 24.0 (run { good with Hours = 25L }) []
                Expect.isTrue (g.Passed && not g.IsValidForLive) "passed, not valid")
        ]

let private sealTests =
    let text = lazy (GateFile.text (judge good))

    let sealOf (text: string) : GateSeal =
        match GateFile.read text with
        | Ok s -> s
        | Error sentence -> failtest sentence

    let soon = Instant.Of(start + 50L * 3_600L * second)

    testList
        "gate.json"
        [
            testCase "opens the way for the same four things within seven days" (fun () ->
                Expect.equal (Gate.check soon subject (sealOf text.Value)) [] "no reason against it"

                for now, wanted, words in
                    [
                        soon, { subject with Config = "x" }, "another configuration"
                        soon, { subject with Build = "x" }, "another build"
                        soon, { subject with Account = "x" }, "another account"
                        soon, { subject with Instrument = "x" }, "another instrument"
                        Instant.Of(start + (49L + 169L) * 3_600L * second), subject, "older than 7 days"
                        Instant.Of start, subject, "of a time to come"
                    ] do
                    match Gate.check now wanted (sealOf text.Value) with
                    | [ only ] -> Expect.stringContains only words "the reason"
                    | other -> failtest $"{words}: {other}")
            testCase "a failed one, and one of a back-test, open nothing" (fun () ->
                let seal told mode =
                    sealOf (GateFile.text (Gate.ofRuns 48.0 { run told with Mode = mode } []))

                Expect.equal
                    (Gate.check soon subject (seal { good with Slip = 2.0 } "paper"))
                    [ "it was not passed" ]
                    "failed"

                Expect.equal
                    (Gate.check soon subject (seal good "backtest"))
                    [ "it is not valid for live" ]
                    "back-test")
            law "no changed character of it goes unseen" (fun () ->
                let text = text.Value

                Prop.forAll (Arb.fromGen (Gen.choose (0, text.Length - 1))) (fun i ->
                    let other = if text[i] = '7' then '8' else '7'
                    let changed = text.Remove(i, 1).Insert(i, string other)

                    match GateFile.read changed with
                    | Error _ -> true
                    | Ok seal -> not (Gate.check soon subject seal).IsEmpty))
            testCase "what is no gate is told, not thrown" (fun () ->
                for text in [ ""; "{"; "[]"; "3"; "{}"; "{\"sha256\": 3}" ] do
                    Expect.isTrue (Result.isError (GateFile.read text)) text)
        ]

let private scalingTests =
    testList
        "the ladder of sizes"
        [
            testCase "begins with 0.001 BTC" (fun () ->
                let first = Scaling.sizeAt (Sz.Of 80_000_000L) 0
                Expect.equal first.Raw 100_000L "0.001")
            law "grows by one proven step at a time, never above the cap, and falls to the first" (fun () ->
                let ends =
                    Gen.listOf (Gen.elements [ StageEnd.Proven; StageEnd.Unproven; StageEnd.Failed ])

                Prop.forAll (Arb.fromGen (Gen.zip ends (Gen.choose64 (0L, 2_000_000_000L)))) (fun (ends, cap) ->
                    let cap = Sz.Of cap

                    let mutable step = 0
                    let mutable fine = true

                    for e in ends do
                        let next = Scaling.next cap step e
                        let size = Scaling.sizeAt cap next

                        fine <-
                            fine
                            && size.Raw <= cap.Raw
                            && match e with
                               | StageEnd.Failed -> next = 0
                               | StageEnd.Unproven -> next = step
                               | StageEnd.Proven -> next = step || next = step + 1

                        step <- next

                    fine))
            testCase "reaches the cap and stays there" (fun () ->
                let cap = Sz.Of 300_000L
                let up = List.scan (fun step _ -> Scaling.next cap step StageEnd.Proven) 0 [ 1..4 ]

                Expect.equal
                    [ for s in up -> let own = Scaling.sizeAt cap s in own.Raw ]
                    [ 100_000L; 200_000L; 300_000L; 300_000L; 300_000L ]
                    "sizes")
        ]

let tests = testList "the gate" [ figureTests; validTests; sealTests; scalingTests ]
