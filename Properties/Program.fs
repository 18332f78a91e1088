module Vrlg.Properties.Program

open Expecto

[<EntryPoint>]
let main args =
    runTestsWithCLIArgs
        []
        args
        (testList
            "properties"
            [
                Exact.tests
                Instrument.tests
                Windows.tests
                Ladder.tests
                StopOuts.tests
                Book.tests
                Orders.tests
                Ledger.tests
                Risk.tests
                Slots.tests
                Engine.tests
                Digest.tests
                Limits.tests
                Reconcile.tests
                Truth.tests
                Health.tests
                Rotation.tests
                ValidRotation.tests
                Strategies.tests
                Settings.tests
                Journal.tests
                Exchange.tests
                OrderNumbers.tests
                World.tests
                Pairs.tests
                ExchangeSeeds.tests
                ExchangeShapes.tests
                ExactQueue.tests
                Lookahead.tests
                Delays.tests
                Metrics.tests
                Figures.tests
                RunFigures.tests
                Inference.tests
                Sweeps.tests
                Touches.tests
                MoneyTruth.tests
                KpiGate.tests
                ThinMoments.tests
                Face.tests
                House.tests
                Traceability.tests
            ])
