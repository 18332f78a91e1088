module Vrlg.Properties.Health

open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private id = InstrumentId.Of 0

let private market (bookMs: int64) =
    let level s price =
        Stamped(0L, at bookMs, Event.LevelMoved(id, s, px price, sz 5L, at bookMs))

    let bid = level Side.Buy 99L
    let ask = level Side.Sell 101L
    (Market.Of(instrument 0)).Apply(null, &bid).Apply(null, &ask)

let tests =
    testList
        "health"
        [
            law "gives a witness exactly while the book is young" (fun () ->
                Prop.forAll
                    (Arb.fromGen (Gen.zip (Gen.choose64 (0L, 5_000L)) (Gen.choose64 (0L, 9_000L))))
                    (fun (book, age) ->
                        let m = market book
                        let witness = Health.fresh HealthConfig.Default (at (book + age)) 1L id m
                        ValueOption.isSome witness = (age <= 2_000L)))
            law "gives none for a lost feed or an empty side" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose64 (0L, 1_000L))) (fun age ->
                    let lost = (market 10L).WithLost(null, Channel.Book, true)
                    let none = Market.Of(instrument 0)

                    let witness m =
                        Health.fresh HealthConfig.Default (at (10L + age)) 1L id m

                    ValueOption.isNone (witness lost) && ValueOption.isNone (witness none)))
            law "begins a gap when the silence passes its limit, never earlier, and counts one era" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.listOf (Gen.choose64 (1L, 40L)))) (fun waits ->
                    let mutable m = market 0L
                    let mutable ok = true
                    let mutable grid = 0L

                    for w in waits do
                        grid <- grid + w * 100L
                        let before = m.Era
                        m <- m.Tick(null, at grid)
                        let isSilent = grid > 2_000L

                        ok <-
                            ok
                            && m.InGap = isSilent
                            && ValueOption.isNone m.Feature = isSilent
                            && m.Era - before <= 1

                    ok && m.Era <= 1))
            law "keeps its first reason to halt" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.nonEmptyListOf (Gen.elements [ "a"; "b"; "c" ]))) (fun words ->
                    let h =
                        words
                        |> List.fold (fun (h: Health) w -> h.Halted(null, HaltReason.Operator w)) (Health.Cold 1)

                    h.Fitness = Fitness.Halted(HaltReason.Operator words.Head)))
        ]
