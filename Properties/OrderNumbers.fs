/// Whose orders they are, and which numbers were seen: the exchange's door.
module Vrlg.Properties.OrderNumbers

open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws
open Vrlg.Properties.Exchange

let private id = InstrumentId.Of 0

let tests =
    testList
        "the exchange's door"
        [
            lawN 300 "knows which order numbers have arrived, in whatever order they come" (fun () ->
                // Steps of a walk that mostly rises and now and then falls back or leaps.
                let steps =
                    Gen.listOf (
                        Gen.frequency
                            [
                                6, Gen.choose64 (-3L, 5L)
                                1, Gen.choose64 (-200L, 200L)
                                1, Gen.choose64 (3_000L, 9_000L)
                            ]
                    )

                Prop.forAll (Arb.fromGen steps) (fun steps ->
                    let mutable seen = SeenNumbers.Empty
                    let mutable model = Set.empty
                    let mutable at = 1L

                    steps
                    |> List.forall (fun step ->
                        at <- max 1L (at + step)
                        let kept, knew = seen, seen.Has at
                        seen <- seen.Next null
                        seen.Add at
                        model <- model.Add at
                        let high = Set.maxElement model

                        // What was kept before has not heard of it.
                        kept.Has at = knew
                        && [ at; at - 1L; at + 1L; high; high - 4_095L; high - 4_096L; 1L; 0L ]
                           |> List.forall (fun n ->
                               let expected = n <= 0L || model.Contains n || high - n >= 4_096L
                               seen.Has n = expected))))
            testCase "an order that another has overtaken is taken; neither is taken twice" (fun () ->
                let reports = Reports()
                let mutable e = Exchange.create (config QueueModel.RiskAverse)

                let answers =
                    [
                        for n in [ 2L; 1L; 1L; 2L ] do
                            e <- Exchange.place e (at n) (newOrder n Side.Buy 99L 1L) reports
                            let answer = reports[0]

                            match answer.Rare with
                            | ValueSome(RareEvent.Replied r) -> Answers.text r.Answer
                            | _ -> "nothing"

                            reports.Clear()
                    ]

                Expect.equal
                    answers
                    [
                        "accepted 1"
                        "accepted 2"
                        "refused: duplicateCloid"
                        "refused: duplicateCloid"
                    ]
                    "each once")
            testCase "nobody cancels another account's order" (fun () ->
                let reports = Reports()

                let two =
                    { config QueueModel.RiskAverse with
                        Accounts = 2
                    }

                let placed =
                    Exchange.place (Exchange.create two) (at 1L) (newOrder 1L Side.Buy 99L 1L) reports

                reports.Clear()

                let after =
                    Exchange.cancel placed (at 2L) (AccountId.Of 1) id { Run = 1L; N = 1L } reports

                let answer = reports[0]

                match answer.Rare with
                | ValueSome(RareEvent.Replied r) ->
                    Expect.equal (Answers.text r.Answer) "cancel refused: MissingOrder" "the code"
                | _ -> failtest "no answer"

                Expect.equal (after.Resting(id, Side.Buy)).Length 1 "it rests on")
            testCase "an earlier owner's right ends with a later one's beginning" (fun () ->
                let reports = Reports()

                let level size =
                    Event.LevelMoved(id, Side.Buy, px 99L, sz size, at 1L)

                let first = Exchange.own (Exchange.create (config QueueModel.RiskAverse))
                let event = level 5L
                let mine = Exchange.market first (at 1L) &event reports
                let yours = Exchange.own mine
                let other = level 9L
                let later = Exchange.market mine (at 1L) &other reports

                let shown (e: ExchangeState) =
                    let s = e.Displayed(id, Side.Buy, px 99L) in s.Raw / lot

                Expect.equal (shown yours, shown later) (5L, 9L) "the new owner's state is its own")
            testCase "an order number that was seen before is refused" (fun () ->
                let reports = Reports()
                let order = newOrder 1L Side.Buy 99L 1L

                let e =
                    Exchange.place (Exchange.create (config QueueModel.RiskAverse)) (at 1L) order reports

                reports.Clear()
                Exchange.place e (at 2L) order reports |> ignore<ExchangeState>

                let answer = reports[0]

                match answer.Rare with
                | ValueSome(RareEvent.Replied r) ->
                    Expect.equal (Answers.text r.Answer) "refused: duplicateCloid" "the code"
                | _ -> failtest "no answer")
        ]
