module Vrlg.Venue.Program

open Expecto

[<EntryPoint>]
let main args =
    runTestsWithCLIArgs
        []
        args
        (testList
            "venue"
            [
                CentralBook.tests
                Folding.tests
                Scenarios.tests
                Money.tests
                Isolated.tests
                Managing.tests
                OverTime.tests
                Loopholes.tests
                Told.tests
                Requests.tests
                SlowReaders.tests
                OverHttp.tests
                OverSocket.tests
                TruthCases.tests
                FaultCases.tests
                LimitCases.tests
                Recordings.tests
                DoorLoopholes.tests
                Hostile.tests
                Fuzzed.tests
                Conformance.tests
                UnderLoad.tests
                EveryAction.tests
                Histories.tests
                Choices.tests
                LifeChoices.tests
                WebChoices.tests
                Compression.tests
                Doubts.tests
                LiveRuns.tests
                LiveEnds.tests
                HeldRuns.tests
                Feeding.tests
                FeedTroubles.tests
                Sums.tests
                Waiting.tests
                Finer.tests
            ])
