module Vrlg.ShellTests.Program

open Expecto

[<EntryPoint>]
let main args =
    runTestsWithCLIArgs
        []
        args
        (testList
            "shell"
            [
                RunFolders.tests
                JournalFiles.tests
                Loops.tests
                ReportPages.tests
                Strangers.tests
                Tapes.tests
                TapeDamage.tests
                SweepFiles.tests
            ])
