/// The valid detector: its laws with drawn seeds, its edge cases, and two hours of every null model.
module Vrlg.Properties.ValidRotation

open Expecto
open FsCheck.FSharp
open Vrlg
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law

let private seeds = Arb.fromGen (Gen.choose (1, 1_000_000) |> Gen.map int64)

let private laws =
    testList
        "laws"
        [
            for c in RotationChecks.laws do
                if c.Times = 20 then
                    testCase c.Name (fun () ->
                        for seed in 1L .. 20L do
                            Expect.isTrue (c.Holds seed) $"seed {seed}")
                else
                    lawN c.Times c.Name (fun () -> Prop.forAll seeds c.Holds)
            testCase "two hours of each null model bring no activation" (fun () ->
                for name, noise in Noise.all do
                    let f = Noise.features noise 7L 72_000

                    RotationChecks.walk (ValidDetector.Start ValidConfig.Default) f (fun d ->
                        Expect.isFalse d.IsActive $"{name} at {d.Index}")
                    |> ignore)
        ]

let private edges =
    testList
        "edge cases (rotation-detection.md 7)"
        [
            for c in RotationChecks.edges do
                testCase c.Name (fun () -> Expect.isTrue (c.Holds 3L) "with seed 3")
        ]

let tests = testList "the valid detector" [ laws; edges ]
