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
                Money.tests
                Isolated.tests
                Managing.tests
                OverTime.tests
                Requests.tests
                SlowReaders.tests
                OverHttp.tests
                OverSocket.tests
                EveryAction.tests
                Histories.tests
                Choices.tests
                LifeChoices.tests
                WebChoices.tests
            ])
