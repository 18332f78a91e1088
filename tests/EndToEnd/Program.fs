module Vrlg.EndToEnd.Program

open Expecto

[<EntryPoint>]
let main args =
    runTestsWithCLIArgs
        []
        args
        (testList
            "endtoend"
            [
                DemoRuns.tests
                DamagedDemos.tests
                BacktestRuns.tests
                ImportRuns.tests
                RotationRuns.tests
                BadInput.tests
                ReportInBrowser.tests
                CompareRuns.tests
                SweepRuns.tests
                SweepStops.tests
                SweepRefusals.tests
                MoneyRuns.tests
                RuleRuns.tests
                Newcomers.tests
                VenueRuns.tests
                Launcher.tests
                LiveKey.tests
                OrderRuns.tests
            ])
