module Vrlg.Properties.Engine

open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private run (start: State) all =
    let mutable digest = Digest.start

    let last =
        Hostile.drive start all (fun _ output _ -> digest <- Digest.output digest &output)

    digest, Digest.state last

let private withOperator =
    Gen.listOf (
        Gen.frequency
            [
                20, Hostile.happening
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

let tests =
    testList
        "the engine"
        [
            lawN 300 "owned says and ends as the fold of the pure step does" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    run (Hostile.begin' true) all = run (Hostile.begin' false) all))
            lawN 200 "never changes a shared state, whatever is stepped from it" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let half = Hostile.drive (Hostile.begin' true) all (fun _ _ _ -> ()) |> Engine.share
                    let before = Digest.state half
                    Hostile.drive half all (fun _ _ _ -> ()) |> ignore<State>
                    Hostile.drive (Engine.own half) all (fun _ _ _ -> ()) |> ignore<State>
                    Digest.state half = before))
            lawN 200 "forked from one state goes on alike on both branches" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let half = Hostile.drive (Hostile.begin' true) all (fun _ _ _ -> ()) |> Engine.share
                    run half all = run (Engine.own half) all))
            lawN 200 "owned anew is safe from its earlier owner, and the other way round" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let first = Hostile.drive (Hostile.begin' true) all (fun _ _ _ -> ())
                    let second = Engine.own first
                    let ofFirst, ofSecond = Digest.state first, Digest.state second
                    let further = Hostile.drive first all (fun _ _ _ -> ())
                    let isSafe = Digest.state second = ofSecond && Digest.state first = ofFirst
                    let ofFurther = Digest.state further
                    Hostile.drive second all (fun _ _ _ -> ()) |> ignore<State>
                    isSafe && Digest.state further = ofFurther))
            lawN 200 "stays halted once halted, and opens nothing more" (fun () ->
                Prop.forAll withOperator (fun all ->
                    let mutable halted = false
                    let mutable ok = true

                    Hostile.drive (Hostile.begin' true) all (fun _ output s ->
                        if halted && not output.Commands.IsDefaultOrEmpty then
                            for c in output.Commands do
                                match c with
                                | Place a -> ok <- ok && a.Order.ReduceOnly
                                | _ -> ()

                        ok <- ok && (not halted || s.Facts.Health.IsHalted)
                        halted <- s.Facts.Health.IsHalted)
                    |> ignore<State>

                    ok))
            lawN 200 "converges: independent events of two instruments in any order end alike" (fun () ->
                let two =
                    { Hostile.config with
                        Instruments =
                            System.Collections.Immutable.ImmutableArray.CreateRange [ instrument 0; instrument 1 ]
                    }

                let events =
                    Gen.listOf (
                        gen {
                            let! i = Gen.choose (0, 1)
                            let! s = side
                            let! offset = Gen.choose64 (0L, 9L)
                            let! size = Gen.choose64 (0L, 9L)
                            return i, s, (if s = Side.Buy then 99L - offset else 100L + offset), size
                        }
                    )

                Prop.forAll (Arb.fromGen events) (fun all ->
                    let fold rows =
                        rows
                        |> List.fold
                            (fun s (i, side, price, size) ->
                                let e = Event.LevelMoved(InstrumentId.Of i, side, px price, sz size, at 1L)
                                let input = Stamped(1L, at 1L, e)
                                let struct (next, _) = Engine.step two s &input
                                next)
                            (Engine.create two [||])

                    let first, second = all |> List.partition (fun (i, _, _, _) -> i = 0)
                    Digest.state (fold all) = Digest.state (fold (first @ second))))
            testCase "owned allocates nothing on a step that decides nothing" (fun () ->
                let mutable s = Hostile.begin' true

                let steps first count =
                    for i in first .. first + count - 1L do
                        let e =
                            Event.LevelMoved(InstrumentId.Of 0, Side.Buy, px 99L, sz (10L + i % 3L), at 10L)

                        let input = Stamped(i, at 10L, e)
                        let struct (next, _) = Engine.step Hostile.config s &input
                        s <- next

                steps 10L 20_000L
                let before = System.GC.GetAllocatedBytesForCurrentThread()
                steps 30_000L 10_000L
                Expect.equal (System.GC.GetAllocatedBytesForCurrentThread() - before) 0L "bytes")
            lawN 200 "asks no desk on a part of a message" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let start =
                        Hostile.drive (Hostile.begin' true) all (fun _ _ _ -> ()) |> Engine.share

                    let event = Event.Ticked(at 100_000L)
                    let part = Stamped(9_000L, at 100_000L, event.AsPart())
                    let wishes (s: State) = s.Desk(DeskId.Of 0).Strategy
                    let struct (next, _) = Engine.step Hostile.config start &part
                    obj.ReferenceEquals(wishes next, wishes start)))
        ]
