/// The scenarios are what they say, and what `--truth` says of them.
module Vrlg.Venue.Scenarios

open System
open System.Collections.Generic
open Expecto
open Vrlg.Core
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private of' (scenario: Scenario) = { config with Scenario = scenario }
let private btc = Listing.markets[0]

/// A venue's blocks at their own gaps, each looked at.
let private run (config: VenueConfig) (blocks: int) (look: VenueState -> BlockRow -> unit) : VenueState =
    let s = LocalVenue.create config

    for _ in 1..blocks do
        let out =
            LocalVenue.step
                s
                {
                    Time = s.Time + LocalVenue.gap s
                    Submissions = [||]
                }

        match out.Block with
        | ValueSome row -> look s row
        | ValueNone -> ()

    s

/// Size at the best quotes and the spread in ticks: what the rotation detector is fed.
let private touch (s: VenueState) : struct (float * float) =
    let level side =
        match LocalVenue.levels s btc side 1 with
        | [||] -> struct (0L, 0L)
        | all -> (let struct (px, sz, _) = all[0] in struct (px, sz))

    let struct (bid, bidSz) = level Side.Buy
    let struct (ask, askSz) = level Side.Sell
    let tick = Instrument.tickAt btc.Rules (Px.Of bid)
    struct (float (bidSz + askSz) * 1e-8, float (ask - bid) / float tick)

/// What the detector of the strategy makes of a venue's blocks and books, at ten samples a second.
let private detect (config: VenueConfig) (blocks: int) : struct (ValidDetector * int) =
    let mutable d = ValidDetector.Start ValidConfig.Default
    let mutable seconds = 0
    let mutable next = config.Genesis + 1_000L
    let names = Dictionary<string, int>()
    let mutable last = struct (nan, nan)

    run config blocks (fun s row ->
        let struct (dob, spread) = last

        // What stood until this block.
        while next < row.Time do
            if Double.IsFinite dob then
                d <- d.Push(next, dob, spread)
                seconds <- seconds + (if d.IsActive then 1 else 0)

            next <- next + 100L

        last <- touch s

        if not (names.ContainsKey row.Proposer) then
            names[row.Proposer] <- names.Count

        d <-
            d.Block
                {
                    Height = row.Height
                    Ms = row.Time
                    Proposer = names[row.Proposer]
                })
    |> ignore<VenueState>

    struct (d, seconds / 10)

let private quiet =
    [
        testCase "nothing repeats where the market is calm" (fun () ->
            let truth = Truth.about config
            Expect.equal truth.PeriodBlocks 0L "no period"
            Expect.equal truth.Onset 0L "no onset"
            let struct (d, seconds) = detect config 9_000
            Expect.equal d.Slots Chain.schedule.Length "the schedule is there all the same"
            Expect.equal seconds 0 "and the book does not follow it")
        testCase "prices stay in their range after days of any scenario" (fun () ->
            for scenario in [ Scenario.Calm; Scenario.Trend ] do
                for m in [ Listing.markets[0]; Listing.markets[2] ] do
                    let start = float m.Start
                    let mutable fair = start
                    let mutable most, least = start, start

                    for n in 1L .. 1_200_000L do
                        fair <- Prices.next 7L scenario m (Chain.genesis + n) fair
                        most <- max most fair
                        least <- min least fair

                    Expect.isLessThan most (2.0 * start) $"{scenario} {m.Coin}"
                    Expect.isGreaterThan least (0.8 * start) $"{scenario} {m.Coin}"

            let high = 1e9 * float btc.Start

            Expect.isLessThanOrEqual
                (Prices.next 7L Scenario.Trend btc 5L high)
                (Prices.widest * float btc.Start)
                "cut")
    ]

let tests =
    testList
        "scenarios"
        [
            yield! quiet
            testCase "the rotation is seen by the detector, with the period that the truth states" (fun () ->
                let start = of' Scenario.Rotation
                let truth = Truth.about start
                let struct (d, seconds) = detect start 12_000
                Expect.isTrue d.IsBlockClock "the blocks give the clock"
                Expect.equal (int64 d.Slots) truth.PeriodBlocks "slots"
                Expect.isGreaterThan seconds 60 "seen for a minute and more"
                Expect.isTrue d.IsActive "and at the end"
                let share = d.Period * 1_000.0 / truth.PeriodMs
                Expect.isTrue (share > 0.95 && share < 1.05) $"the period in time is {share} of the truth's"
                Expect.floatClose Accuracy.high d.ClockPeriod (float truth.PeriodBlocks) "the period in slots")
            testCase "the rotation: what thins, where, by how much" (fun () ->
                let start = of' Scenario.Rotation
                let truth = Truth.about start

                let near, far =
                    ResizeArray<struct (float * float)>(), ResizeArray<struct (float * float)>()

                let proposers = ResizeArray<string>()
                let mutable first = 0L

                run start 4_000 (fun s row ->
                    proposers.Add row.Proposer

                    let isNear =
                        Array.contains (Chain.slot (row.Height - truth.Phase)) Chain.slotsNearTurn

                    if isNear && first = 0L then
                        first <- row.Height

                    // Where the schedule has just turned the makers need a block.
                    (if isNear then near else far).Add(touch s))
                |> ignore<VenueState>

                let dob (rows: ResizeArray<struct (float * float)>) =
                    rows |> Seq.averageBy (fun (struct (d, _)) -> d)

                let spread (rows: ResizeArray<struct (float * float)>) =
                    rows |> Seq.averageBy (fun (struct (_, w)) -> w)

                Expect.equal first truth.Onset "the onset"
                Expect.isLessThan (dob near) (0.5 * dob far) "thin"
                Expect.isGreaterThan (spread near) (spread far + float Truth.thinTicks) "wide"
                let period = int truth.PeriodBlocks

                for i in period .. proposers.Count - 1 do
                    Expect.equal proposers[i] proposers[i - period] "the schedule repeats"

                for shorter in 1 .. period - 1 do
                    Expect.isTrue
                        (Seq.exists (fun i -> proposers[i] <> proposers[i - shorter]) (seq { period .. 2 * period }))
                        "and not sooner")
            testCase "the trend goes up by its drift, then down again" (fun () ->
                let truth = Truth.about (of' Scenario.Trend)
                Expect.equal truth.PeriodBlocks (2L * Prices.leg) "up and down"
                Expect.equal truth.Onset truth.FirstHeight "from the beginning"
                let start = float btc.Start
                let mutable fair = start
                let mutable top = start

                for n in 1L .. truth.PeriodBlocks do
                    fair <- Prices.next 7L Scenario.Trend btc (truth.Phase + n) fair

                    if n = Prices.leg then
                        top <- fair

                let grown = log (top / start)
                let should = Prices.drift * float Prices.leg
                Expect.isLessThan (abs (grown - should)) 0.1 $"up by {grown}, should {should}"
                Expect.isLessThan (abs (log (fair / start))) 0.1 "and back"
                let mutable fairs = ResizeArray<float>()

                run (of' Scenario.Trend) 12_000 (fun s _ -> fairs.Add s.Markets[0].Fair)
                |> ignore<VenueState>

                Expect.isGreaterThan (log (fairs[11_999] / fairs[0])) 0.006 "the venue's own blocks go along")
            testCase "the chain stands where the truth says" (fun () ->
                let start = of' Scenario.Stall
                let truth = Truth.about start
                let mutable last = start.Genesis
                let stood = ResizeArray<int64>()
                let mutable before = 0L
                let mutable at = 0L

                run start (int truth.PeriodBlocks * 2 + 10) (fun _ row ->
                    if row.Time - last > Chain.stallMs then
                        stood.Add(row.Height - 1L)
                        (if before = 0L then before <- row.Time else at <- row.Time)

                    last <- row.Time)
                |> ignore<VenueState>

                Expect.equal (List.ofSeq stood) [ truth.Onset; truth.Onset + truth.PeriodBlocks ] "heights"
                let share = float (at - before) / truth.PeriodMs
                Expect.isTrue (share > 0.97 && share < 1.03) $"the time between is {share} of the truth's")
            testCase "speed changes takers and funding, no block and no price" (fun () ->
                let slow, fast =
                    of' Scenario.Rotation,
                    { of' Scenario.Rotation with
                        Speed = 20.0
                    }

                let told config =
                    let rows = ResizeArray<struct (int64 * int64 * string * float)>()
                    let mutable taken = 0

                    let s =
                        run config 2_000 (fun s row ->
                            taken <- taken + s.Out.Trades.Count
                            rows.Add(struct (row.Height, row.Time, row.Proposer, s.Markets[0].Fair)))

                    struct (List.ofSeq rows, taken, LocalVenue.fundingMs s)

                let struct (a, takenA, fundingA) = told slow
                let struct (b, takenB, fundingB) = told fast
                Expect.equal b a "blocks and fair prices"
                Expect.isGreaterThan takenB (5 * takenA) "takers"
                Expect.equal fundingA (20L * fundingB) "funding"

                // Nonces and expiry stay on the clock of the blocks.
                for config in [ slow; fast ] do
                    let s = venue config
                    let act = by alice (order [ ask 0 Side.Buy "80000" "0.01" "Gtc" ])
                    let late = { act with Expires = s.Time + 69L }
                    let soon = { act with Expires = s.Time + 140L }

                    match (step s [ late ]).Answers[0] with
                    | VenueAnswer.Err text -> Expect.equal text "Action already expired" "expired"
                    | other -> failtest $"{other}"

                    Expect.isTrue (step s [ soon ]).Answers[0].IsStatuses "in time")
            testCase "a proposer that is passed over shifts the schedule, not the heights" (fun () ->
                let s = venue config

                let due () =
                    Chain.proposers[Chain.schedule[Chain.slot (s.Turn + 1L)]]

                let first = due ()
                LocalVenue.skip s
                let next = due ()
                let height = s.Height
                let out = step s []
                let row = s.Blocks[s.Blocks.Count - 1]
                Expect.isEmpty out.Answers "nobody asked"
                Expect.equal row.Height (height + 1L) "no gap"
                Expect.equal row.Proposer next "the next one's turn"
                Expect.isTrue (first <> next || Chain.schedule.Length > 1) "another slot")
        ]
