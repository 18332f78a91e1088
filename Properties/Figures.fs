/// Laws of equity, markouts and intervals over drawn fills (simulation.md 13, P16).
module Vrlg.Properties.Figures

open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws
open Vrlg.Properties.Metrics

let private ms (n: int64) = 1_000_000L * n

/// Mids that step at instants shared with the fills and between them.
let private paths =
    Arb.fromGen (
        Gen.listOf (Gen.zip (Gen.choose64 (1L, 40L)) (Gen.choose64 (180L, 220L)))
        |> Gen.map (fun steps ->
            let points =
                steps
                |> List.distinctBy fst
                |> List.sortBy fst
                |> List.map (fun (step, twice) -> struct (ms (step * 5L), float twice / 2.0))

            MidPath.ofMids (struct (0L, 100.0) :: points) ImmutableArray.Empty (ms 1_000L))
    )

let private settled =
    Arb.fromGen (
        Gen.listOf (Gen.zip (Gen.choose64 (0L, 60L)) (Gen.choose64 (-9_000_000L, 9_000_000L)))
        |> Gen.map (fun all ->
            all
            |> List.sortBy fst
            |> List.map (fun (step, paid) ->
                {
                    At = at (step * 10L)
                    Paid = Usd.Of paid
                }
                : FundingRow)
            |> ImmutableArray.CreateRange)
    )

let private capital = Usd.Of(1_000L * lot)

/// The right-hand side of P16, from scratch: edge of every fill at the mid of its instant, the position's moves, what was paid.
let private explained
    (fills: ImmutableArray<FillRow>)
    (paid: ImmutableArray<FundingRow>)
    (mids: MidPath)
    (last: int64)
    =
    let sign (f: FillRow) = if f.Side = Side.Buy then 1.0 else -1.0
    let size (f: FillRow) = let s = f.Sz in float s.Raw / 1e8
    let time (f: FillRow) = let a = f.At in a.Ns

    let edge =
        fills
        |> Seq.sumBy (fun f -> let p = f.Px in size f * sign f * (mids.MarkAt(time f) - float p.Raw / 1e8))

    let moves =
        (0L :: last :: [ for n in 0L .. 1_000L -> ms n ]) @ [ for f in fills -> time f ]
        |> List.distinct
        |> List.sort
        |> List.pairwise
        |> List.sumBy (fun (a, b) ->
            let held =
                fills
                |> Seq.filter (fun f -> time f <= a)
                |> Seq.sumBy (fun f -> sign f * size f)

            held * (mids.MarkAt b - mids.MarkAt a))

    let fees = fills |> Seq.sumBy (fun f -> let u = f.Fee in float u.Raw / 1e8)
    let funding = paid |> Seq.sumBy (fun f -> let u = f.Paid in float u.Raw / 1e8)
    edge + moves - fees - funding

let private equityLaws =
    testList
        "equity"
        [
            lawN
                100
                "P16: what was gained is the edge of the fills, the moves of the position, less fees and funding"
                (fun () ->
                    Prop.forAll rows (fun fills ->
                        Prop.forAll paths (fun mids ->
                            Prop.forAll settled (fun paid ->
                                let last = ms 2_000L
                                let gained = EquityWalk(capital, fills, paid, mids).To last - 1_000.0
                                abs (gained - explained fills paid mids last) < 1e-6))))
            law "asked in many steps or in one, the walk ends at the same equity" (fun () ->
                Prop.forAll rows (fun fills ->
                    Prop.forAll paths (fun mids ->
                        let many = EquityWalk(capital, fills, ImmutableArray.Empty, mids)

                        for n in 0L..37L..900L do
                            many.To(ms n) |> ignore<float>

                        many.To(ms 1_000L) = EquityWalk(capital, fills, ImmutableArray.Empty, mids).To(ms 1_000L))))
            law "the largest drawdown is that of the definition" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.nonEmptyListOf (Gen.choose (0, 60)))) (fun values ->
                    let points =
                        values
                        |> List.mapi (fun i v -> { At = int64 i; Usd = 100.0 + float v }: EquityPoint)
                        |> ImmutableArray.CreateRange

                    let falls =
                        [
                            for i in 0 .. points.Length - 1 do
                                for u in 0..i -> points[u].Usd - points[i].Usd
                        ]

                    match Equity.maxDrawdown points with
                    | ValueSome d -> d.Usd = List.max falls
                    | ValueNone -> false))
            testCase "the longest time below a peak runs to the recovery, or to the end" (fun () ->
                let at (values: float list) =
                    values
                    |> List.mapi (fun i v -> { At = ms (int64 i); Usd = v }: EquityPoint)
                    |> ImmutableArray.CreateRange
                    |> Equity.maxDrawdown
                    |> ValueOption.map (fun d -> d.LongestNs)

                Expect.equal (at [ 5.0; 4.0; 4.5; 5.0; 5.0; 6.0; 5.9; 6.0 ]) (ValueSome(ms 3L)) "recovered"
                Expect.equal (at [ 5.0; 6.0; 5.0; 5.0; 5.5 ]) (ValueSome(ms 3L)) "to the end"
                Expect.equal (at [ 5.0; 5.0; 6.0 ]) (ValueSome 0L) "never below")
            testCase "the grid is of whole minutes in UTC, wherever the run begins" (fun () ->
                let minute = 60_000_000_000L
                let found = Equity.grid minute (7L * minute + 1L) (10L * minute)
                Expect.sequenceEqual found [ 8L * minute; 9L * minute; 10L * minute ] "instants")
        ]

let private gapped =
    MidPath.ofMids
        [ struct (0L, 100.0); struct (ms 400L, 101.0) ]
        (ImmutableArray.Create<Stretch> { FromNs = ms 100L; ToNs = ms 300L })
        (ms 1_000L)

let private markoutLaws =
    testList
        "markout"
        [
            law "half-spread and move add up to the markout of the definition" (fun () ->
                Prop.forAll rows (fun fills ->
                    Prop.forAll paths (fun mids ->
                        Markout.horizonsNs
                        |> Seq.forall (fun h ->
                            let m = Markout.ofFills fills mids h

                            let inside =
                                fills
                                |> Seq.filter (fun f -> let a = f.At in a.Ns + h <= mids.ToNs)
                                |> Seq.toArray

                            let size (f: FillRow) = let s = f.Sz in float s.Raw

                            let direct =
                                inside
                                |> Seq.sumBy (fun f ->
                                    let a = f.At
                                    let p = let px = f.Px in float px.Raw / 1e8
                                    let sign = if f.Side = Side.Buy then 1.0 else -1.0
                                    size f * sign * (mids.MarkAt(a.Ns + h) - p) / p)

                            m.Fills = inside.Length
                            && m.Fills + m.Excluded = fills.Length
                            && match m.Bps with
                               | ValueNone -> inside.Length = 0
                               | ValueSome bps -> abs (bps - 1e4 * direct / Seq.sumBy size inside) < 1e-6))))
            testCase "a fill within the horizon of a gap or of the end is left out and counted" (fun () ->
                let fills =
                    ImmutableArray.CreateRange [ for t in [ 50L; 200L; 350L; 950L ] -> row t Side.Buy 1L 100L true ]

                let counts h =
                    let m = Markout.ofFills fills gapped (ms h)
                    m.Fills, m.Excluded

                Expect.equal (counts 10L) (3, 1) "only the one inside the gap"
                Expect.equal (counts 60L) (1, 3) "the gap and the end are near"
                Expect.equal (counts 5_000L) (0, 4) "the end is near for all")
        ]

let private picks = Bootstrap.picks 7L 8 400

let private bootstrapLaws =
    testList
        "bootstrap"
        [
            law "a resample is drawn by its own number, whatever the others are" (fun () ->
                Prop.forAll
                    (Arb.fromGen (Gen.zip3 (Gen.choose64 (0L, 99L)) (Gen.choose (1, 60)) (Gen.choose (1, 50))))
                    (fun (seed, blocks, resamples) ->
                        let few = Bootstrap.picks seed blocks resamples
                        let many = Bootstrap.picks seed blocks (2 * resamples)

                        few = many[.. resamples - 1]
                        && few |> Array.forall (fun p -> p.Length = blocks)
                        && few |> Array.forall (Array.forall (fun b -> b >= 0 && b < blocks))))
            testCase "its draws are those of the stream `bootstrap`" (fun () ->
                let key = Seed.key 7L "bootstrap"

                let own = [ for j in 0L .. 7L -> int (Seed.unit (Seed.draw key 3L) j * 8.0) ]

                Expect.equal (List.ofArray picks[3]) own "resample 3")
            testCase "the interval holds the point and lies inside what the blocks say" (fun () ->
                let over = [| 1.0; 4.0; 2.0; 0.0; 3.0; 5.0; 1.0; 2.0 |]
                let under = Array.create 8 1.0

                match Bootstrap.ratio picks over under 1.0 with
                | ValueSome i ->
                    Expect.isLessThan i.Low 2.25 "below the mean"
                    Expect.isGreaterThan i.High 2.25 "above the mean"
                    Expect.isGreaterThan i.Low 0.0 "above the lowest block"
                    Expect.isLessThan i.High 5.0 "below the highest block"
                | ValueNone -> failtest "not defined")
            testCase "the Sharpe of a resample is that of its returns" (fun () ->
                let returns =
                    ImmutableArray.CreateRange [ for i in 0..39 -> sin (float (i * i)) / 100.0 + 0.001 ]

                let block i = i / 5

                let ofPick (pick: int[]) =
                    let drawn =
                        [
                            for b in pick do
                                for i in 0..39 do
                                    if block i = b then
                                        returns[i]
                        ]

                    Returns.sharpe (ImmutableArray.CreateRange drawn) 60.0 2

                match Bootstrap.sharpe picks 8 returns block 60.0, Bootstrap.interval picks ofPick with
                | ValueSome fast, ValueSome plain ->
                    Expect.floatClose Accuracy.medium fast.Low plain.Low "low"
                    Expect.floatClose Accuracy.medium fast.High plain.High "high"
                | _ -> failtest "not defined")
            testCase "what lies in one block has no interval" (fun () ->
                let one = Bootstrap.picks 1L 1 100
                let isNone value = ValueOption.isNone value
                Expect.isTrue (isNone (Bootstrap.ratio one [| 1.0 |] [| 1.0 |] 1.0)) "one block"
                let lone = Array.init 8 (fun i -> if i = 2 then 1.0 else 0.0)
                Expect.isTrue (isNone (Bootstrap.ratio picks lone lone 1.0)) "all in one of eight")
        ]

let tests = testList "figures" [ equityLaws; markoutLaws; bootstrapLaws ]
