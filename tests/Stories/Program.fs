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
                ChannelCases.tests
                BlockCases.tests
                ExchangeCases.tests
                OrderCases.tests
                Slices.tests
                AccountCases.tests
                TouchCases.tests
                Wishes.tests
                IcebergCases.tests
                Backstops.tests
                BackstopRuns.tests
                Doubts.tests
                Exits.tests
                Desks.tests
                Accounts.tests
                Protection.tests
                Triggers.tests
                Margins.tests
                Scalper.tests
                Entries.tests
                Precedence.tests
                Pauses.tests
                RiskTable.tests
                Hedges.tests
                Kills.tests
                Preflights.tests
                Gaps.tests
                Stalls.tests
                BlockFeeds.tests
                Feeds.tests
                Money.tests
            ])
