module Vrlg.Properties.Strategies

open System
open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private moment =
    gen {
        let! lag = Gen.frequency [ 1, Gen.constant 0; 4, Gen.choose (5, 80) ]
        let! active = Gen.elements [ true; false ]
        let! near = Gen.elements [ true; false ]
        let! spread = Gen.choose (1, 5)
        let! dob = Gen.choose (1, 100)
        let! median = Gen.choose (1, 100)
        let! obi = Gen.choose (-10, 10)

        return
            {
                Rotation =
                    {
                        Period = float lag / 10.0
                        Phase = 0.0
                        PValue = if active then 0.001 else 0.5
                        Evidence = nan
                        IsActive = active
                        IsBoundary = near
                        Width = 0.1
                        Slots = 0
                    }
                Samples = 1_000L
                SpreadTicks = spread
                Dob = float dob
                MedianDob = float median
                Obi = float obi / 10.0
            }
    }

let private gates: GateConfig =
    {
        MedianOf = 80
        Thinner = 0.25
        LeastSpread = 2
        MostObi = 0.6
        PMax = 0.01
    }

let private drawn = Arb.fromGen moment

let private btc =
    { instrument 0 with
        Name = "BTC"
        SzDecimals = 5
        MinNotional = Usd.Of 1_000_000_000L
    }

let private run (seed: int64) (minutes: int64) (sets: (string * string) list) =
    let all = ("signal.detector", "document") :: sets

    match Setup.ofPairs (ImmutableArray.CreateRange [ for k, v in all -> struct (k, v) ]) with
    | Error problems -> failtestf "%s" problems[0].Sentence
    | Ok values ->
        let market =
            { Synthetic.usual btc seed with
                Length = Duration.OfMs(minutes * 60_000L)
            }

        Backtest.run { Values = values; Instrument = btc } seed (Synthetic.make market)

let private seeds = Arb.fromGen (Gen.choose64 (1L, 10_000L))

let private gauge (trail: Trail) name =
    trail.Gauges
    |> Seq.tryPick (fun struct (k, v) -> if k = name then Some v else None)
    |> Option.defaultValue nan

let tests =
    testList
        "the scalper and its gates"
        [
            law "a gate's bit is set exactly when its rule is broken" (fun () ->
                Prop.forAll drawn (fun m ->
                    let mask = Gates.mask gates m
                    let isShut g = mask &&& (1 <<< g) <> 0

                    isShut 0 = (m.Rotation.Period = 0.0)
                    && isShut 1 = not m.Rotation.IsActive
                    && isShut 2 = not m.Rotation.IsBoundary
                    && isShut 3 = not (m.Dob < 0.75 * m.MedianDob)
                    && isShut 4 = (m.SpreadTicks < 2)
                    && isShut 5 = (abs m.Obi > 0.6)))
            law "every shut gate gives its reason, and each reason a sentence" (fun () ->
                Prop.forAll drawn (fun m ->
                    let reasons = Gates.judge gates m
                    let bits = System.Numerics.BitOperations.PopCount(uint32 (Gates.mask gates m))

                    reasons.Length = bits
                    && reasons |> Seq.forall (fun r -> (Gates.text r).Length > 10)))
            law "a gate that is shut falls short by nothing or more, one that is open by nothing or less" (fun () ->
                Prop.forAll drawn (fun m ->
                    let mask = Gates.mask gates m

                    [ 0..5 ]
                    |> List.forall (fun g ->
                        let by = Gates.shortfall gates m g

                        if mask &&& (1 <<< g) <> 0 then
                            Double.IsNaN by || by >= 0.0
                        else
                            Double.IsNaN by || by <= 0.0 || g = 2)))
            law "the valid detector's shortfall is the E that is missing, and never 0 while it observes" (fun () ->
                let evidence = Gen.choose64 (0L, 500_000_000L) |> Gen.map (fun e -> float e / 1e6)

                Prop.forAll (Arb.fromGen (Gen.zip moment evidence)) (fun (m, e) ->
                    let told =
                        { m with
                            Rotation =
                                { m.Rotation with
                                    Evidence = e
                                    PValue = min 1.0 (1.0 / e)
                                }
                        }

                    let by = Gates.shortfall gates told 1

                    if m.Rotation.IsActive then by = 0.0
                    elif e >= 300.0 then Double.IsNaN by
                    else by > 0.0 && abs (300.0 - by - e) < 1e-9))
            law "no median yet keeps the thin gate shut" (fun () ->
                Prop.forAll drawn (fun m -> Gates.mask gates { m with MedianDob = nan } &&& 8 <> 0))
            lawN 2 "the valid detector finds the market's rotation, and the scalper trades on it" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let struct (trail, _) = run seed 8L [ "signal.detector", "valid" ]
                    let period = gauge trail "period_s"

                    abs (period - 2.0) < 0.01
                    && gauge trail "active" = 1.0
                    && gauge trail "evidence" >= 100.0
                    && gauge trail "entries" > 0.0))
            lawN 6 "counts every grid instant once: as an entry or by one reason" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let struct (trail, result) = run seed 4L []

                    let skipped =
                        RotationScalper.Reasons |> Seq.sumBy (fun r -> gauge trail ("skipped." + r))

                    let last = result.LastAt
                    let ticks = (last.Ns - 1_756_684_799_960_000_000L) / 100_000_000L + 1L
                    abs (skipped + gauge trail "entries" - float ticks) <= 1.0))
            lawN 6 "quotes post-only, leaves by reducing crosses, and keeps a reducing stop" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let struct (trail, _) = run seed 6L []

                    trail.Orders
                    |> Seq.forall (fun o ->
                        if o.Reason = "entry" then
                            o.Order.Tif = Tif.Alo && not o.Order.ReduceOnly
                        elif o.IsStop then
                            o.Reason = "backstop" && o.Order.ReduceOnly
                        else
                            o.Order.Tif = Tif.Ioc && o.Order.ReduceOnly)))
            lawN 6 "never holds more than its exposure" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let struct (trail, _) = run seed 6L [ "exec.max_exposure_btc", "0.0003" ]
                    let mutable position = 0L
                    let mutable ok = true

                    for f in trail.Fills do
                        let q = f.Sz
                        position <- position + (if f.Side = Side.Buy then q.Raw else -q.Raw)
                        ok <- ok && abs position <= 30_000L

                    ok))
            lawN 6 "lets no direction enter again before its cooldown is over" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let struct (trail, _) = run seed 8L []
                    // 2 periods of 2 s after the fill reached us; a fill is at most 60 ms older.
                    let entries side =
                        trail.Fills
                        |> Seq.filter (fun f -> f.Reason = "entry" && f.Side = side)
                        |> Seq.toList

                    let sent = trail.Orders |> Seq.filter (fun o -> o.Reason = "entry") |> Seq.toList

                    [ Side.Buy; Side.Sell ]
                    |> List.forall (fun side ->
                        entries side
                        |> List.forall (fun f ->
                            sent
                            |> List.forall (fun o ->
                                let at, filled = o.SentAt, f.At

                                o.Order.Side <> side
                                || at.Ns <= filled.Ns + 100_000_000L
                                || at.Ns >= filled.Ns + 4_000_000_000L)))))
            lawN 4 "restarts alike: the same seed gives the same fills" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let fills () =
                        let struct (trail, _) = run seed 5L []
                        Tables.fills (instrument 0) trail.Fills

                    fills () = fills ()))
        ]
