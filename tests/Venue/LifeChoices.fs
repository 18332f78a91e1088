/// The rows of hyperliquid-protocol.md 10.6 about what becomes of an order (see Choices.fs).
module Vrlg.Venue.LifeChoices

open Expecto
open Vrlg.Core
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given
open Vrlg.Venue.ChoiceAsks

/// A venue whose spread is wide for the next blocks too, and the middle of it: nobody else trades there.
let private wide () : struct (VenueState * int64) =
    let s =
        venue
            { config with
                Scenario = Scenario.Rotation
            }

    // Where the turn begins, at both sides two ticks from the middle.
    let isWide () =
        let spread =
            s.Best(Listing.markets[0], Side.Sell) - s.Best(Listing.markets[0], Side.Buy)

        Chain.isNearTurn s.Height
        && not (Chain.isNearTurn (s.Height - 1L))
        && spread >= 4L * one

    let mutable left = 2_000

    while not (isWide ()) && left > 0 do
        left <- left - 1
        step s [] |> ignore

    struct (s, (Instrument.floorPx Listing.markets[0].Rules (s.Mid Listing.markets[0])).Raw)

let private orders =
    [
        testCase "trigger firing" (fun () ->
            let s = venue config
            told s (ask 0 Side.Buy "84500" "0.02" "Ioc") |> ignore
            let bound = trigger "83000" false (ask 0 Side.Sell "83900" "0.01" "Gtc")
            let free = trigger "83000" false (ask 0 Side.Sell "70000" "0.01" "Gtc")
            let bound, free = oid (place s alice bound), oid (place s alice free)
            s.Markets[0].Fair <- 82_500e8

            let heard =
                [
                    for _ in 1..100 do
                        for struct (_, r) in (step s []).Updates do
                            r.Order.Oid, r.Status
                ]

            let of' oid =
                [
                    for o, status in heard do
                        if o = oid then
                            status
                ]

            Expect.equal (of' free) [ "triggered"; "filled" ] "the same number, then as any order"
            Expect.equal (of' bound) [ "triggered"; "marketOrderNoLiquidityRejected" ] "its own price bounds it")
        testCase "normalTpsl parent" (fun () ->
            let family parent =
                let stop = trigger "70000" false (ask 0 Side.Sell "69000" "8" "Gtc")
                let profit = trigger "95000" true (ask 0 Side.Sell "90000" "8" "Gtc")
                Action.Order([| parent; stop; profit |], Grouping.NormalTpsl)

            let s = venue config
            let out = step s [ byAlice (family (ask 0 Side.Buy "80000.5" "8" "Gtc")) ]
            let tick = "Price must be divisible by tick size. asset=0"
            Expect.equal [ for x in statuses out.Answers[0] -> text x ] [ tick; tick; tick ] "refused: its error"
            let best = s.Best(Listing.markets[0], Side.Sell)

            let some =
                { ask 0 Side.Buy "1" "8" "Ioc" with
                    Px = best
                }

            let out = step s [ byAlice (family some) ]
            let heard = [ for x in statuses out.Answers[0] -> text x ]
            Expect.equal heard [ "filled"; "waitingForTrigger"; "waitingForTrigger" ] "IOC with a fill: active"
            Expect.isLessThan (s.Position(s.ByAddress[alice].Index, Listing.markets[0])) (8L * one) "in part"
            Expect.equal [ for o in s.ByAddress[alice].Live.Values -> o.Left ] [ 8L * one; 8L * one ] "in full size"

            Expect.equal
                [
                    for struct (_, r) in out.Updates do
                        if r.Order.IsTrigger then
                            r.Status
                ]
                [ "open"; "open" ]
                "open once active"

            let s = venue config
            let out = step s [ byAlice (family (ask 0 Side.Buy "80000" "1" "Ioc")) ]
            Expect.equal (text (first out.Answers[0])) ioc "IOC without a fill"
            Expect.equal s.ByAddress[alice].Live.Count 0 "no children"
            let out = step s [ byAlice (family (ask 0 Side.Buy "80000" "1" "Gtc")) ]
            let waiting = statuses out.Answers[0]
            Expect.equal (text waiting[1]) "waitingForFill" "they wait"
            step s [ byAlice (cancel 0 (oid waiting[0])) ] |> ignore
            Expect.equal s.ByAddress[alice].Live.Count 0 "cancelled with it")
        testCase "orderUpdates sequence" (fun () ->
            let s = venue config

            let heard a =
                updates (step s [ byAlice (order [ a ]) ])

            Expect.equal (heard (ask 0 Side.Buy "80000" "0.01" "Gtc")) [ "open" ] "what rests"
            Expect.equal (heard (ask 0 Side.Buy "84500" "0.01" "Ioc")) [ "filled" ] "filled at once: filled alone"
            let best = s.Best(Listing.markets[0], Side.Sell)

            let out =
                step
                    s
                    [
                        byAlice (
                            order
                                [
                                    { ask 0 Side.Buy "1" "8" "Ioc" with
                                        Px = best
                                    }
                                ]
                        )
                    ]

            let rows = [ for struct (_, r) in out.Updates -> r.Status, r.Left ]

            let filled =
                [
                    for struct (a, f) in out.Fills do
                        if a = s.ByAddress[alice].Index then
                            f.Sz
                ]
                |> List.sum

            Expect.equal rows [ "canceled", 8L * one - filled ] "what an immediate order left")
        testCase "self-trade" (fun () ->
            let mine px side tif : OrderAsk =
                { ask 0 side "1" "0.01" tif with
                    Px = px
                }

            let both tif =
                let struct (s, px) = wide ()

                step
                    s
                    [
                        byAlice (order [ mine px Side.Sell "Alo" ])
                        byAlice (order [ mine px Side.Buy tif ])
                    ]

            let out = both "Alo"
            Expect.stringStarts (text (first out.Answers[1])) "Post only order" "post-only"
            Expect.equal (updates out) [ "open"; "badAloPxRejected" ] "they stay"
            let out = both "Ioc"
            Expect.equal (text (first out.Answers[1])) ioc "immediate"
            Expect.equal (updates out) [ "open"; "selfTradeCanceled"; "iocCancelRejected" ] "cancelled first")
    ]

let tests = testList "choices of an order's life" orders
