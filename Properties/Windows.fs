module Vrlg.Properties.Windows

open System
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law

let private pushes =
    Arb.fromGen (Gen.zip (Gen.choose (1, 9)) (Gen.listOf (Gen.choose (0, 1000))))

let private fill capacity values =
    List.fold (fun (w: Window<int>) v -> w.Push v) (Window.Empty capacity) values

let private contents (w: Window<int>) = w.AsSpan().ToArray() |> Array.toList

let private lastOf n values =
    values |> List.rev |> List.truncate n |> List.rev

let private floats = Gen.map (fun n -> float n / 4.0) (Gen.choose (-40, 40))
let private sample = Arb.fromGen (Gen.nonEmptyListOf floats)

let tests =
    testList
        "windows and statistics"
        [
            law "a window holds the last values pushed, oldest first" (fun () ->
                Prop.forAll pushes (fun (n, values) -> contents (fill n values) = lastOf n values))
            law "a window is persistent: pushing on a fork changes no other" (fun () ->
                Prop.forAll pushes (fun (n, values) ->
                    let w = fill n values
                    let before = contents w
                    let left = List.fold (fun (w: Window<int>) v -> w.Push v) w [ 1; 2; 3 ]
                    let right = List.fold (fun (w: Window<int>) v -> w.Push v) w [ 7; 8 ]

                    contents w = before
                    && contents left = lastOf n (before @ [ 1; 2; 3 ])
                    && contents right = lastOf n (before @ [ 7; 8 ])))
            law "looking back counts from the latest" (fun () ->
                Prop.forAll pushes (fun (n, values) ->
                    let w = fill n values
                    List.init w.Length w.Back = List.rev (contents w)))
            law "a median has as many values above as below" (fun () ->
                Prop.forAll sample (fun values ->
                    let m = Stats.median (ReadOnlySpan(List.toArray values))
                    let below = values |> List.filter (fun v -> v < m) |> List.length
                    let above = values |> List.filter (fun v -> v > m) |> List.length
                    below * 2 <= values.Length && above * 2 <= values.Length))
            law "an autocorrelation starts at 1 and stays within 1" (fun () ->
                Prop.forAll sample (fun values ->
                    let r = Stats.autocorrelation (ReadOnlySpan(List.toArray values)) 10
                    let isConstant = values |> List.forall (fun v -> v = values.Head)

                    if isConstant then
                        Array.forall (fun v -> v = 0.0) r
                    else
                        abs (r[0] - 1.0) < 1e-9 && Array.forall (fun v -> abs v <= 1.0 + 1e-9) r))
            law "a Mann-Whitney statistic changes its sign with its samples" (fun () ->
                Prop.forAll
                    (Arb.fromGen (Gen.zip (Gen.nonEmptyListOf floats) (Gen.nonEmptyListOf floats)))
                    (fun (a, b) ->
                        let a, b = List.toArray a, List.toArray b

                        match
                            Stats.mannWhitney (ReadOnlySpan a) (ReadOnlySpan b),
                            Stats.mannWhitney (ReadOnlySpan b) (ReadOnlySpan a)
                        with
                        | ValueSome x, ValueSome y -> abs (x + y) < 1e-9
                        | ValueNone, ValueNone -> true
                        | _ -> false))
            testCase "the complementary error function meets its tabulated values, in the tail too" (fun () ->
                let table =
                    [
                        0.0, 1.0
                        0.5, 0.4795001221869535
                        1.0, 0.15729920705028513
                        1.9999, 0.004679802092970608
                        2.0, 0.004677734981047266
                        3.0, 2.209049699858544e-05
                        5.0, 1.5374597944280349e-12
                        10.0, 2.088487583762545e-45
                        -1.0, 1.8427007929497148
                    ]

                for x, expected in table do
                    let got = Stats.erfc x
                    Expect.isLessThan (abs (got / expected - 1.0)) 1e-12 $"erfc {x}")
        ]
