module Vrlg.Stories.Program

open Expecto

[<EntryPoint>]
let main args =
    runTestsWithCLIArgs
        []
        args
        (testList
            "stories"
            [
                RestingOrder.tests
                LatencyCases.tests
                ExchangeCases.tests
                OrderCases.tests
                Wishes.tests
                Doubts.tests
                Exits.tests
                Desks.tests
                Accounts.tests
                Protection.tests
                Scalper.tests
                Gaps.tests
            ])
