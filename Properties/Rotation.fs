module Vrlg.Properties.Rotation

open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law

let private detect (config: DocumentConfig) samples =
    samples
    |> List.fold (fun (d: DocumentDetector) (dob, spread) -> d.Push(dob, spread)) (DocumentDetector.Start config)

/// A stream that thins and widens at every multiple of the period, with a little noise of its own.
let private turning (period: int) (n: int) =
    [
        for i in 0 .. n - 1 do
            let near = min (i % period) (period - i % period) <= 1
            let noise = float (i * 7919 % 101) / 100.0
            (if near then 2.0 else 8.0) + noise, (if near then 4.0 else 1.0)
    ]

let private flat (n: int) =
    [
        for i in 0 .. n - 1 -> 8.0 + float (i * 7919 % 101) / 100.0, float (1 + i * 104729 % 3)
    ]

let private periods = Arb.fromGen (Gen.choose (12, 60))

let tests =
    testList
        "the document's detector"
        [
            lawN 12 "finds a clear period of whole samples and becomes active" (fun () ->
                Prop.forAll periods (fun period ->
                    let d = detect DocumentConfig.Default (turning period 3_400)
                    d.Lag = period && d.Now.IsActive && d.Now.PValue < 1e-6))
            lawN 12 "says nothing before its window is full" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose (0, 300))) (fun n ->
                    let d = detect DocumentConfig.Default (turning 20 n)

                    d.Lag = 0 && not d.Now.IsActive && d.Now.PValue = 1.0 && not d.Now.IsBoundary))
            lawN 12 "is a value: pushing on one leaves every older one as it was" (fun () ->
                Prop.forAll periods (fun period ->
                    let stream = turning period 700
                    let d = detect DocumentConfig.Default stream
                    let before = struct (d.Lag, d.Offset, d.Now.PValue, d.Samples)
                    let a = flat 500 |> List.fold (fun (d: DocumentDetector) (x, y) -> d.Push(x, y)) d

                    let b =
                        turning period 50
                        |> List.fold (fun (d: DocumentDetector) (x, y) -> d.Push(x, y)) d

                    let again = detect DocumentConfig.Default (stream @ flat 500)
                    ignore b

                    struct (d.Lag, d.Offset, d.Now.PValue, d.Samples) = before
                    && a.Lag = again.Lag
                    && a.Now.PValue = again.Now.PValue))
            lawN 12 "marks a band of z/M of the period on both sides of every multiple" (fun () ->
                Prop.forAll periods (fun period ->
                    let start = detect DocumentConfig.Default (turning period 1_000)
                    let lag = start.Lag

                    List.scan (fun (d: DocumentDetector) (x, y) -> d.Push(x, y)) start (turning period 9)
                    |> List.forall (fun d ->
                        let r = d.Now
                        let distance = min d.Offset (d.Lag - d.Offset)
                        d.Lag <> lag || r.IsBoundary = (40 * distance <= 3 * d.Lag))))
            testCase "with channels that never move there is no period" (fun () ->
                let d = detect DocumentConfig.Default [ for _ in 1..400 -> 5.0, 1.0 ]
                Expect.equal d.Lag 0 "no period"
                Expect.equal d.Now.PValue 1.0 "no test")
        ]
