module Vrlg.Wire.Program

open Expecto

[<EntryPoint>]
let main args =
    runTestsWithCLIArgs
        []
        args
        (testList
            "wire"
            [
                Numbers.tests
                Signing.tests
                Keys.tests
                MarketFrameTests.tests
                TomlCases.tests
                BrokenTexts.tests
                Recordings.tests
                BlockFiles.tests
                OddRecordings.tests
                SettingsFiles.tests
                NeutralFeed.tests
                RotationStreams.tests
                SideBySide.tests
                OrderFeeds.tests
                SweepStore.tests
            ])
