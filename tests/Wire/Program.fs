module Vrlg.Wire.Program

open Expecto

[<EntryPoint>]
let main args =
    KeyProcesses.endIfChild args

    runTestsWithCLIArgs
        []
        args
        (testList
            "wire"
            [
                Numbers.tests
                Signing.tests
                Networks.tests
                Keys.tests
                KeySources.tests
                NonceFiles.tests
                KeyProcesses.tests
                Feeds.tests
                FeedLaws.tests
                Requests.tests
                VenueClocks.tests
                Orders.tests
                Noops.tests
                LateAnswers.tests
                Questions.tests
                LeftoverOrders.tests
                OrderChecks.tests
                SignerRoles.tests
                SocketRules.tests
                Sockets.tests
                SocketActions.tests
                MarketFrameTests.tests
                WireShapes.tests
                AccountFeeds.tests
                OtherFeeds.tests
                Choices.tests
                AnswerChoices.tests
                Fuzz.tests
                TomlCases.tests
                BrokenTexts.tests
                Recordings.tests
                BlockFiles.tests
                OddRecordings.tests
                SettingsFiles.tests
                NeutralFeed.tests
                RotationStreams.tests
                AcceptanceRows.tests
                SideBySide.tests
                OrderFeeds.tests
                SweepStore.tests
            ])
