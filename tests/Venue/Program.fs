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
                Requests.tests
                SlowReaders.tests
                OverHttp.tests
                OverSocket.tests
                LiveRuns.tests
                Feeding.tests
            ])
