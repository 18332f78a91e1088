/// Fills of two runs in pairs.
module Vrlg.Properties.Pairs

open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private fill =
    Gen.map3
        (fun (gap: int64) s n ->
            {
                At = gap
                Side = s
                Px = 100L + n
                Sz = n
            })
        (Gen.choose64 (0L, 900L))
        side
        (Gen.choose64 (1L, 5L))

/// Fills in time order: the drawn times are distances.
let private run: Gen<ComparedFill[]> =
    Gen.listOf fill
    |> Gen.map (fun all ->
        all
        |> List.mapFold (fun at f -> { f with At = at + f.At }, at + f.At) 0L
        |> fst
        |> List.toArray)

let private two = Arb.fromGen (Gen.zip run run)
let private window = Duration.Of 500L

let tests =
    testList
        "fills in pairs"
        [
            lawN 300 "stand in one pair or alone, each once" (fun () ->
                Prop.forAll two (fun (a, b) ->
                    let p = Pairing.fills window a b
                    let firsts = [ for struct (i, _) in p.Pairs -> i ] @ List.ofSeq p.OnlyFirst
                    let seconds = [ for struct (_, j) in p.Pairs -> j ] @ List.ofSeq p.OnlySecond

                    List.sort firsts = [ 0 .. a.Length - 1 ]
                    && List.sort seconds = [ 0 .. b.Length - 1 ]))
            lawN 300 "are of one side and near in time, and never cross" (fun () ->
                Prop.forAll two (fun (a, b) ->
                    let p = Pairing.fills window a b

                    let isNear (struct (i, j)) =
                        a[i].Side = b[j].Side && abs (a[i].At - b[j].At) <= window.Ns

                    let crosses (struct (i, j)) (struct (k, l)) =
                        a[i].Side = a[k].Side && (i < k) <> (j < l) && i <> k

                    Seq.forall isNear p.Pairs
                    && not (Seq.exists (fun x -> Seq.exists (fun y -> crosses x y) p.Pairs) p.Pairs)))
            lawN 300 "of a run with itself are all in pairs" (fun () ->
                Prop.forAll (Arb.fromGen run) (fun a ->
                    let p = Pairing.fills window a a
                    p.OnlyFirst.IsEmpty && p.OnlySecond.IsEmpty))
            testCase "decisions part at the first that differs, or where one list ends" (fun () ->
                Expect.equal (Pairing.firstDifference [| "a"; "b" |] [| "a"; "b" |]) -1 "the same"
                Expect.equal (Pairing.firstDifference [| "a"; "b" |] [| "a"; "c" |]) 1 "the second"
                Expect.equal (Pairing.firstDifference [| "a" |] [| "a"; "c" |]) 1 "the longer one goes on")
        ]
