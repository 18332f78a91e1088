module Vrlg.Properties.NetDelta

open System
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private wide (x: int64) : Int128 = Int128.op_Implicit x

/// A net delta in lots and parts, a share, a lot, twice a mid.
let private draws =
    gen {
        let! sign = Gen.elements [ 1L; -1L ]
        let! size = Gen.choose64 (0L, 1_000_000_000_000L)
        let! share = Gen.oneof [ Gen.constant 100_000_000L; Gen.choose64 (0L, 100_000_000L) ]
        let! decimals = Gen.choose (0, 8)
        let! mid = Gen.choose64 (1L, 40_000_000_000_000L)
        let! own = Gen.choose64 (1L, 40_000_000_000_000L)
        return wide (sign * size) * wide own, share, pown 10L decimals, mid
    }
    |> Arb.fromGen

let private judgements =
    gen {
        let! limit = Gen.choose (1, 1_000)
        let! sigma = Gen.choose (1, 1_000)
        let! nets = Gen.listOf (Gen.choose (-2_000_000, 2_000_000))
        return float limit, float sigma / 1e6, nets |> List.map float
    }
    |> Arb.fromGen

let private mids =
    Gen.listOf (Gen.frequency [ 1, Gen.constant 0L; 12, Gen.choose64 (190L, 210L) ])
    |> Gen.resize 200
    |> Arb.fromGen

let private document: HedgeConfig =
    {
        Rule = NetDeltaRule.Document
        Traded = InstrumentId.Of 0
        Instrument = InstrumentId.Of 0
        Limit = Usd.Of 0L
        MaxExposure = sz 20L
    }

let private hedging: Config = { Hostile.config with Hedge = document }

let private withOperator =
    Gen.listOf (
        Gen.frequency
            [
                30, Hostile.happening
                1,
                Gen.map
                    Hostile.Order
                    (Gen.elements
                        [
                            OperatorOrder.Pause
                            OperatorOrder.Resume
                            OperatorOrder.Kill "test"
                            OperatorOrder.Flatten
                        ])
            ]
    )
    |> Gen.resize 120
    |> Arb.fromGen

let private run (start: State) all =
    let mutable digest = Digest.start

    let last =
        Hostile.driveIn hedging start all (fun _ output _ -> digest <- Digest.output digest &output)

    digest, Digest.state last

let private isHedge (s: State) (o: NewOrder) =
    match s.Facts.Orders.TryFind o.Cloid with
    | ValueSome order -> (let slot = order.Slot in slot.IsHedge)
    | ValueNone -> false

let tests =
    testList
        "the net delta"
        [
            law
                "a hedge is whole lots, never past flat, and what is left is below a lot or no more than was asked"
                (fun () ->
                    Prop.forAll draws (fun (net, share, lot, mid) ->
                        let size = NetDelta.Size(net, share, lot, mid)
                        let all = Int128.Abs net
                        let gone = wide size.Raw * wide mid
                        let left = all - gone
                        let each = wide lot * wide mid
                        let kept = all - all / wide 100_000_000L * wide share

                        size.Raw % lot = 0L
                        && size.Raw >= 0L
                        && left >= Int128.Zero
                        && left <= all
                        && (left < each || left <= kept)))
            law "goes on above 0.8 of the limit, off at 0.6, and asks for what brings it there" (fun () ->
                Prop.forAll judgements (fun (limit, sigma, nets) ->
                    let mutable was = false
                    let mutable ok = true

                    for net in nets do
                        let v = NetDelta.Judge(NetDeltaRule.Var, was, net, sigma, limit)
                        let ratio = 2.326 * sigma * abs net / limit
                        let isNear bound = abs (ratio - bound) < 1e-5
                        let expected = ratio > (if was then 0.6 else 0.8)
                        ok <- ok && (v.IsHedging = expected || isNear 0.6 || isNear 0.8)

                        if v.IsHedging then
                            let after = NetDelta.VarOf(sigma, net * (1.0 - float v.Share / 1e8))

                            ok <-
                                ok
                                && after <= 0.6 * limit * (1.0 + 1e-6)
                                && v.Share >= 0L
                                && v.Share <= 100_000_000L
                        else
                            ok <- ok && v.Share = 0L

                        was <- v.IsHedging

                    ok))
            law "the variance is the mean of squared returns of seconds that are known at both ends" (fun () ->
                Prop.forAll mids (fun all ->
                    let mutable n = NetDelta.Empty 1

                    for i, mid in List.indexed all do
                        n <- n.Sampled(null, Instant.Of(1_000_000_000L * int64 (i + 1)), ReadOnlySpan [| mid |])

                    let returns =
                        List.pairwise all
                        |> List.filter (fun (a, b) -> a > 0L && b > 0L)
                        |> List.map (fun (a, b) -> (float (b - a) / float a) ** 2.0)

                    match n.Sigma(InstrumentId.Of 0) with
                    | ValueNone -> returns.Length < 30
                    | ValueSome sigma -> returns.Length >= 30 && abs (sigma * sigma - List.average returns) < 1e-12))
            lawN
                300
                "whatever happens, a hedge only reduces what is held, and none is sent halted or flattening"
                (fun () ->
                    Prop.forAll withOperator (fun all ->
                        let mutable ok = true
                        let mutable leaves = false

                        Hostile.driveIn hedging (Hostile.beginIn hedging true) all (fun input output s ->
                            let held = s.Facts.Ledger.Position(AccountId.Of 0, InstrumentId.Of 0)

                            if not output.Commands.IsDefaultOrEmpty then
                                for c in output.Commands do
                                    match c with
                                    | Place a when isHedge s a.Order ->
                                        let size = a.Order.Sz
                                        let own = held.Size
                                        let isOpposite = (own.Raw > 0L) = (a.Order.Side = Side.Sell)

                                        ok <-
                                            ok
                                            && not leaves
                                            && not s.Facts.Health.IsHalted
                                            && a.Order.ReduceOnly
                                            && isOpposite
                                            && size.Raw <= abs own.Raw
                                    | _ -> ()

                            match (let e = input.Event in e.Rare) with
                            | ValueSome(RareEvent.Operator OperatorOrder.Flatten) -> leaves <- true
                            | ValueSome(RareEvent.Operator OperatorOrder.Resume) -> leaves <- s.Facts.Health.IsHalted
                            | ValueSome(RareEvent.Operator(OperatorOrder.Kill _)) -> leaves <- true
                            | _ -> ())
                        |> ignore<State>

                        ok))
            lawN 200 "hedging too, an owned run says and ends as the fold of the pure step does" (fun () ->
                Prop.forAll withOperator (fun all ->
                    run (Hostile.beginIn hedging true) all = run (Hostile.beginIn hedging false) all))
            testCase "hedges happen in those runs" (fun () ->
                let drawn =
                    FsCheck.FSharp.Gen.sampleWithSeed (FsCheck.Rnd 5UL) 80 400 Hostile.happening
                    |> Array.toList

                let mutable hedges = 0

                Hostile.driveIn hedging (Hostile.beginIn hedging true) drawn (fun _ output s ->
                    if not output.Commands.IsDefaultOrEmpty then
                        for c in output.Commands do
                            match c with
                            | Place a when isHedge s a.Order -> hedges <- hedges + 1
                            | _ -> ())
                |> ignore<State>

                Expect.isGreaterThan hedges 0 "some")
        ]
