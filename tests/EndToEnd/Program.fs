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
                BacktestRuns.tests
                BadInput.tests
                ReportInBrowser.tests
                SweepRuns.tests
                SweepRefusals.tests
                Launcher.tests
            ])
