/// Orders that the venue works off over time.
module Vrlg.Venue.OverTime

open Expecto
open Vrlg.Core
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private index (s: VenueState) (who: string) = s.ByAddress[who].Index

let private wish sz minutes : TwapAsk =
    {
        Asset = 0
        Side = Side.Buy
        Sz = sz
        ReduceOnly = false
        Minutes = minutes
        Randomize = false
        Trigger = ValueNone
        Stop = ValueNone
    }

/// Lets time pass in steps of ten seconds.
let private pass (s: VenueState) (seconds: int) =
    [
        for _ in 1 .. seconds / 10 do
            LocalVenue.step
                s
                {
                    Time = s.Time + 10_000L
                    Submissions = [||]
                }
    ]

let tests =
    testList
        "orders over time"
        [
            testCase "a slice every half minute, of a zero hash, until all is bought" (fun () ->
                let s = venue config
                Expect.equal (say s alice (Action.Twap(wish (one / 10L) 5L))) "running" "begun"
                let outs = pass s 320

                let fills =
                    [
                        for o in outs do
                            for struct (a, f) in o.Fills do
                                if a = index s alice then
                                    f
                    ]

                Expect.equal (fills |> List.sumBy (fun f -> f.Sz)) (one / 10L) "all"
                let times = fills |> List.map (fun f -> f.Time) |> List.distinct
                Expect.equal times.Length 10 "ten slices"

                for f in fills do
                    Expect.equal (f.Twap, f.Hash) (1L, Chain.noHash) "told as slices"

                let rows = [ for r in s.ByAddress[alice].TwapHistory -> r.Status ]
                Expect.equal rows [ "activated"; "finished" ] "history"
                Expect.equal s.ByAddress[alice].Twaps.Count 0 "over")
            testCase "cancelled, it keeps what it has" (fun () ->
                let s = venue config
                say s alice (Action.Twap(wish (one / 10L) 5L)) |> ignore
                pass s 60 |> ignore
                let had = s.Position(index s alice, Listing.markets[0])
                Expect.isGreaterThan had 0L "some"

                Expect.equal
                    (say s alice (Action.TwapCancel(1, 1L)))
                    "TWAP was never placed, already canceled, or filled."
                    "asset"

                Expect.equal (say s alice (Action.TwapCancel(0, 1L))) "success" "cancelled"

                Expect.equal
                    (say s alice (Action.TwapCancel(0, 1L)))
                    "TWAP was never placed, already canceled, or filled."
                    "twice"

                pass s 60 |> ignore
                Expect.equal (s.Position(index s alice, Listing.markets[0])) had "no more")
            testCase "refused as the venue says it" (fun () ->
                let s = venue config
                let said q = say s alice (Action.Twap q)
                Expect.equal (said (wish one 1L)) "Invalid TWAP duration: 1 min(s)" "duration"
                let small = "TWAP order value too small. Min is $1200, which is $10 per minute."
                Expect.equal (said (wish (one / 100L) 120L)) small "value"
                Expect.equal (said (wish 1L 5L)) "Order has invalid size." "size"
                let reduce = { wish one 5L with ReduceOnly = true }
                Expect.equal (said reduce) "Reduce-only TWAP order would increase position." "reduce")
            testCase "it waits for its trigger, and stops at its worst price" (fun () ->
                let s = venue config
                let mark = s.Markets[0].Mark

                let q =
                    { wish (one / 10L) 5L with
                        Trigger = ValueSome(struct (mark + 500L * one, true))
                        Stop = ValueSome(mark + 1_500L * one)
                    }

                say s alice (Action.Twap q) |> ignore

                let status () =
                    let h = s.ByAddress[alice].TwapHistory in h[h.Count - 1].Status

                pass s 60 |> ignore
                Expect.equal (status ()) "waitingForTrigger" "waits"
                s.Markets[0].Fair <- float (mark + 800L * one)
                pass s 40 |> ignore
                Expect.equal (status ()) "activated" "goes on"
                s.Markets[0].Fair <- float (mark + 2_500L * one)
                pass s 60 |> ignore
                Expect.equal (status ()) "stopped" "ends")
            testCase "randomized slices differ, and still buy all" (fun () ->
                let s = venue config
                say s alice (Action.Twap { wish one 5L with Randomize = true }) |> ignore
                let outs = pass s 320

                let sizes =
                    [
                        for o in outs do
                            match
                                [
                                    for struct (a, f) in o.Fills do
                                        if a = index s alice then
                                            f.Sz
                                ]
                            with
                            | [] -> ()
                            | all -> List.sum all
                    ]

                Expect.equal (List.sum sizes) one "all"
                Expect.isGreaterThan (List.distinct sizes).Length 5 "sizes")
        ]
