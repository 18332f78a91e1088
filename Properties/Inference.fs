/// Known values and laws of the statistics of many trials.
module Vrlg.Properties.Inference

open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Sim
open Vrlg.Properties.Law

let private near (expected: float) (tolerance: float) (what: string) (got: float voption) =
    match got with
    | ValueSome v -> Expect.isLessThan (abs (v - expected)) tolerance $"{what} is {v}"
    | ValueNone -> failtest $"{what} is not defined"

let private floats (all: float list) = ImmutableArray.CreateRange all

let private sample =
    Arb.fromGen (
        gen {
            let! n = Gen.choose (2, 30)
            return! Gen.listOfLength n (Gen.map float (Gen.choose (-20, 20)))
        }
    )

let tests =
    testList
        "inference"
        [
            testCase "equal values share the mean of their ranks" (fun () ->
                Expect.equal
                    (Seq.toList (Inference.ranks (floats [ 3.0; 1.0; 3.0; 2.0 ])))
                    [ 3.5; 1.0; 3.5; 2.0 ]
                    "ranks")
            testCase "Spearman of a known table" (fun () ->
                // Ten pupils' IQ and hours of television: the textbook's -29/165.
                let iq =
                    floats [ 106.0; 86.0; 100.0; 101.0; 99.0; 103.0; 97.0; 113.0; 112.0; 110.0 ]

                let hours = floats [ 7.0; 0.0; 27.0; 50.0; 28.0; 29.0; 20.0; 12.0; 6.0; 17.0 ]
                near (-29.0 / 165.0) 1e-12 "rho" (Inference.spearman iq hours))
            law "Spearman knows only the order, and turns with it" (fun () ->
                Prop.forAll sample (fun all ->
                    let a = floats all
                    let cubed = floats (all |> List.map (fun v -> v * v * v + 7.0))
                    let turned = floats (all |> List.map (fun v -> -v))

                    match Inference.spearman a cubed, Inference.spearman a turned with
                    | ValueSome same, ValueSome other -> abs (same - 1.0) < 1e-9 && abs (other + 1.0) < 1e-9
                    | ValueNone, ValueNone -> List.distinct all |> List.length = 1
                    | _ -> false))
            testCase "the normal law and its inverse at known places" (fun () ->
                Expect.floatClose Accuracy.veryHigh (Inference.normal 0.0) 0.5 "0"
                Expect.isLessThan (abs (Inference.normal 1.0 - 0.841344746068543)) 1e-14 "1"
                Expect.isLessThan (abs (Inference.normal -6.0 / 9.865876450376981e-10 - 1.0)) 1e-10 "-6"
                Expect.isLessThan (abs (Inference.quantile 0.975 - 1.959963984540054)) 1e-12 "0.975")
            law "the inverse leads back" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose (1, 9_999))) (fun n ->
                    let p = float n / 10_000.0
                    abs (Inference.normal (Inference.quantile p) - p) < 1e-12))
            testCase "the deflated Sharpe ratio of the paper's example" (fun () ->
                // Bailey and Lopez de Prado: ratio 2.5 a year over 1,250 days of 250 a year, skewness -3, kurtosis
                // 10, 100 trials whose yearly ratios have variance 1/2: a bar of 0.1132 a day, and 0.9004.
                let lucky = Inference.luckySharpe (0.5 / 250.0) 100
                Expect.isLessThan (abs (lucky - 0.1132)) 5e-5 $"the bar is {lucky}"
                near 0.9004 5e-5 "confidence" (Inference.confidence (2.5 / sqrt 250.0) lucky 1_250 -3.0 10.0))
            law "values that are all alike have no spread to divide by" (fun () ->
                let alike =
                    Gen.zip (Gen.choose (2, 60)) (Gen.map (fun n -> float n / 7.0) (Gen.choose (-999, 999)))

                Prop.forAll (Arb.fromGen alike) (fun (n, value) ->
                    let all = floats (List.replicate n value)
                    let picks = Bootstrap.picks 1L 4 20
                    let struct (skew, kurtosis) = Inference.shape all

                    ValueOption.isNone (Metrics.tradeSharpe all)
                    && ValueOption.isNone (Returns.sharpe all 60.0 2)
                    && ValueOption.isNone skew
                    && ValueOption.isNone kurtosis
                    && (match Bootstrap.sharpe picks 4 all (fun i -> i % 4) 60.0 with
                        | ValueNone -> true
                        | ValueSome _ -> false)))
            testCase "more trials raise the bar" (fun () ->
                let bars = [ 2; 10; 100; 1_000 ] |> List.map (Inference.luckySharpe 1.0)
                Expect.equal (List.sort bars) bars "rising"
                Expect.equal (Inference.luckySharpe 1.0 1) 0.0 "one trial needs no luck")
        ]
