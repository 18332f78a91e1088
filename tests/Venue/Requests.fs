/// What requests are answered with: texts, layers, nonces, agents, transfers.
module Vrlg.Venue.Requests

open Expecto
open Vrlg.Core
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private said (s: VenueState) who a = text (place s who a)

let private first (answer: VenueAnswer) = Array.head (statuses answer)

let private updates (out: BlockOutput) =
    [ for struct (_, r) in out.Updates -> r.Status ]

let private trigger (a: OrderAsk) px isMarket isTp : OrderAsk =
    { a with
        Tif = null
        ReduceOnly = true
        Trigger =
            ValueSome
                {
                    Px = px * one
                    IsMarket = isMarket
                    IsTakeProfit = isTp
                }
    }

let private refusals =
    testList
        "refusals of an order"
        [
            for name, a, expected in
                [
                    "unknown asset", ask 77 Side.Buy "100" "1" "Gtc", "Invalid asset. asset=77"
                    "no size", ask 0 Side.Buy "80000" "0" "Gtc", "Order has zero size."
                    "too fine a size", ask 0 Side.Buy "80000" "0.000001" "Gtc", "Order has invalid size."
                    "no price", ask 0 Side.Buy "0" "1" "Gtc", "Order has invalid price."
                    "tick", ask 0 Side.Buy "80000.5" "1" "Gtc", "Price must be divisible by tick size. asset=0"
                    "least value", ask 0 Side.Buy "80000" "0.0001" "Gtc", "Order must have minimum value of $10."
                    "least value at spot",
                    ask 10_001 Side.Buy "38" "0.1" "Gtc",
                    "Order must have minimum value of 10 USDC."
                    "far",
                    ask 0 Side.Buy "1000" "1" "Gtc",
                    "Order price cannot be more than 80% away from the reference price asset=0"
                    "margin", ask 0 Side.Buy "80000" "100" "Gtc", "Insufficient margin to place order. asset=0"
                    "nothing to reduce",
                    { ask 0 Side.Buy "80000" "1" "Gtc" with
                        ReduceOnly = true
                    },
                    "Reduce only order would increase position. asset=0"
                    "no match",
                    ask 0 Side.Buy "80000" "0.01" "Ioc",
                    "Order could not immediately match against any resting orders. asset=0"
                    "no balance", ask 10_001 Side.Sell "40" "1" "Gtc", "Insufficient spot balance asset=10001"
                    "trigger that opens",
                    { trigger (ask 0 Side.Sell "80000" "1" "Gtc") 80_000L true false with
                        ReduceOnly = false
                    },
                    "Trigger order is not reduce only."
                    "stop on the wrong side",
                    trigger (ask 0 Side.Sell "90000" "1" "Gtc") 90_000L true false,
                    "Invalid TP/SL price. asset=0"
                ] do
                testCase name (fun () -> Expect.equal (said (venue config) alice a) expected name)

            testCase "post-only that crosses names the best quotes" (fun () ->
                let s = venue config
                let t = said s alice (ask 0 Side.Buy "84500" "0.01" "Alo")
                Expect.stringStarts t "Post only order would have immediately matched, bbo was 83" "text"
                Expect.stringEnds t ". asset=0" "suffix")
            testCase "a refused order has a number and a row" (fun () ->
                let s = venue config
                let out = step s [ by alice (order [ ask 0 Side.Buy "80000.5" "1" "Gtc" ]) ]
                Expect.equal (updates out) [ "tickRejected" ] "update"
                let a = s.ByAddress[alice]
                Expect.equal a.Orders[a.Orders.Count - 1].Status "tickRejected" "row")
        ]

let private lives =
    testList
        "an order's life"
        [
            testCase "it rests, is found by its text, is cancelled once" (fun () ->
                let s = venue config
                let cloid = "0x000000000000000000000000000000aa"

                let a =
                    { ask 0 Side.Buy "80000" "0.01" "Gtc" with
                        Cloid = cloid
                    }

                let oid = oid (place s alice a)
                Expect.equal (s.ByAddress[alice].Find { Oid = 0L; Cloid = cloid }).Oid oid "by text"
                Expect.equal (said s alice a) "Duplicate cloid." "twice"
                let cancel = Action.Cancel [| struct (0, { Oid = oid; Cloid = null }) |]
                let out = step s [ by alice cancel ]
                Expect.equal (text (first out.Answers[0])) "success" "cancel"
                Expect.equal (updates out) [ "canceled" ] "update"
                let out = step s [ by alice cancel ]

                Expect.equal
                    (text (first out.Answers[0]))
                    "Order was never placed, already canceled, or filled."
                    "again")
            testCase "another account's order cannot be cancelled" (fun () ->
                let s = venue config
                let oid = oid (place s alice (ask 0 Side.Buy "80000" "0.01" "Gtc"))

                let out =
                    step s [ by bob (Action.Cancel [| struct (0, { Oid = oid; Cloid = null }) |]) ]

                Expect.equal (text (first out.Answers[0])) "Order was never placed, already canceled, or filled." "bob")
            testCase "USDC that one pair's bids hold back buys nothing on another" (fun () ->
                let s = venue config
                Expect.equal (text (place s alice (ask 10_001 Side.Buy "30" "300" "Gtc"))) "resting" "9,000 of 10,000"
                let second = text (place s alice (ask 10_002 Side.Buy "70000" "0.1" "Gtc"))
                Expect.equal second "Insufficient spot balance asset=10002" "7,000 are not there"
                Expect.equal (text (place s alice (ask 10_002 Side.Buy "70000" "0.01" "Gtc"))) "resting" "700 are")
            testCase "two accounts trade with one another, each at its role's fee" (fun () ->
                let s = venue config
                // Inside the synthetic spread of a quiet market: alice quotes, bob takes in the same block.
                let spot = Listing.markets[4]
                let bid = s.Best(spot, Side.Buy)
                let px = Instrument.stepPx spot.Rules (Px.Of bid) 0

                let a =
                    { ask 10_001 Side.Buy "1" "2" "Alo" with
                        Px = px.Raw
                    }

                let b =
                    { ask 10_001 Side.Sell "1" "20000" "Ioc" with
                        Px = px.Raw
                        Sz = 20L * one
                    }

                let out = step s [ by alice (order [ a ]); by bob (order [ b ]) ]
                Expect.isGreaterThan (fillsOf s bob).Count 0 "bob sold"
                let sold = fillsOf s bob |> Seq.sumBy (fun f -> f.Sz)
                Expect.isLessThanOrEqual sold (20L * one) "no more than he asked"

                for struct (_, f) in out.Fills do
                    let worth = (Instrument.notional (Px.Of f.Px) (Sz.Of f.Sz)).Raw
                    let rate = if f.IsTaker then 70_000L else 40_000L
                    let usdc = worth / 100_000_000L * rate + worth % 100_000_000L * rate / 100_000_000L

                    let expected =
                        if f.Side = Side.Buy then
                            int64 (decimal usdc * 1e8m / decimal f.Px)
                        else
                            usdc

                    Expect.isLessThanOrEqual (abs (f.Fee - expected)) 1L "fee"
                    Expect.equal f.FeeToken (if f.Side = Side.Buy then "HYPE" else "USDC") "token")
            testCase "a modify keeps the text, gets a new number, tells the new order first" (fun () ->
                let s = venue config
                let cloid = "0x000000000000000000000000000000ab"

                let a =
                    { ask 0 Side.Buy "80000" "0.01" "Gtc" with
                        Cloid = cloid
                    }

                let was = oid (place s alice a)

                let modify: ModifyAsk =
                    {
                        Name = { Oid = was; Cloid = null }
                        Order = { a with Px = 80_001L * one }
                    }

                let out = step s [ by alice (Action.Modify([| modify |], false, true)) ]
                Expect.notEqual (oid (first out.Answers[0])) was "number"
                Expect.equal (updates out) [ "open"; "canceled" ] "order of updates"

                let crossing =
                    { modify with
                        Order = { a with Px = 84_500L * one }
                    }

                let name = { Oid = 0L; Cloid = cloid }

                let out =
                    step s [ by alice (Action.Modify([| { crossing with Name = name } |], false, false)) ]

                Expect.stringStarts (err out.Answers[0]) "Post only order" "would cross"
                Expect.isTrue (s.ByAddress[alice].Find name).IsLive "the old one stays")
            testCase "reduce-only closes no more than there is" (fun () ->
                let s = venue config
                place s alice (ask 0 Side.Buy "84500" "0.02" "Ioc") |> ignore

                place
                    s
                    alice
                    { ask 0 Side.Sell "83000" "0.5" "Ioc" with
                        ReduceOnly = true
                    }
                |> ignore

                Expect.equal (s.Position(s.ByAddress[alice].Index, Listing.markets[0])) 0L "flat")
            testCase "parent and children: they wait, then one's fill ends the other" (fun () ->
                let s = venue config
                let parent = ask 0 Side.Buy "84500" "0.02" "Ioc"
                let stop = trigger (ask 0 Side.Sell "70000" "0.02" "Gtc") 70_000L true false
                let profit = trigger (ask 0 Side.Sell "83000" "0.02" "Gtc") 84_200L true true
                let all = Action.Order([| parent; stop; profit |], Grouping.NormalTpsl)
                let out = step s [ by alice all ]

                Expect.equal
                    [ for x in statuses out.Answers[0] -> text x ]
                    [ "filled"; "waitingForTrigger"; "waitingForTrigger" ]
                    "statuses"

                Expect.equal s.ByAddress[alice].Live.Count 2 "both wait"
                s.Markets[0].Fair <- 84_900e8
                let mutable all = []

                for _ in 1..120 do
                    all <- all @ updates (step s [])

                Expect.equal all [ "triggered"; "filled"; "siblingFilledCanceled" ] "life"
                Expect.equal (s.Position(s.ByAddress[alice].Index, Listing.markets[0])) 0L "flat")
            testCase "a scheduled cancel takes everything" (fun () ->
                let s = venue config
                place s alice (ask 0 Side.Buy "80000" "0.01" "Gtc") |> ignore
                let out = step s [ by alice (Action.ScheduleCancel(ValueSome(s.Time + 1_000L))) ]
                Expect.equal (err out.Answers[0]) "Invalid scheduled cancel time." "too soon"

                step s [ by alice (Action.ScheduleCancel(ValueSome(s.Time + 6_000L))) ]
                |> ignore

                let all =
                    [
                        for _ in 1..100 do
                            yield! updates (step s [])
                    ]

                Expect.equal all [ "scheduledCancel" ] "gone")
        ]

let private pipeline =
    testList
        "the way of a request"
        [
            testCase "an unknown signer" (fun () ->
                let who = "0x3333333333333333333333333333333333333333"
                let s = venue config

                let out =
                    step
                        s
                        [
                            by who Action.Nothing
                            { by who Action.Nothing with
                                IsUserSigned = true
                            }
                        ]

                Expect.equal (err out.Answers[0]) $"User or API Wallet {who} does not exist." "L1"
                Expect.equal (err out.Answers[1]) $"Must deposit before performing actions. User: {who}" "user-signed")
            testCase "nonces: once each, within the window, the 100 highest kept" (fun () ->
                let s = venue config

                let act n =
                    { by alice Action.Nothing with
                        Nonce = n
                    }

                let out = step s [ act genesis; act genesis ]
                Expect.equal (err out.Answers[0]) "default" "first"
                Expect.equal (err out.Answers[1]) $"Invalid nonce: duplicate nonce {genesis}" "second"
                let day = 86_400_000L
                let out = step s [ act (s.Time - 2L * day); act (s.Time + 2L * day) ]
                Expect.stringStarts (err out.Answers[0]) "Invalid nonce: nonce too low" "old"
                Expect.stringStarts (err out.Answers[1]) "Invalid nonce: nonce too high" "ahead"

                for i in 1L .. 100L do
                    step s [ act (genesis + 10L * i) ] |> ignore

                let out = step s [ act (genesis + 5L); act (genesis + 15L) ]

                Expect.equal
                    (err out.Answers[0])
                    $"Invalid nonce: nonce too low {genesis + 5L} < {genesis + 10L}"
                    "below"

                Expect.equal (err out.Answers[1]) "default" "between")
            testCase "an expired action costs its sender and leaves its nonce" (fun () ->
                let s = venue config
                let act = by alice Action.Nothing
                let out = step s [ { act with Expires = 5L }; act ]
                Expect.equal (err out.Answers[0]) "Action already expired" "expired"
                Expect.equal (err out.Answers[1]) "default" "the nonce is free")
            testCase "an agent trades for its master; replaced it does not" (fun () ->
                let s = venue config
                let agent = "0x4444444444444444444444444444444444444444"
                let other = "0x5555555555555555555555555555555555555555"

                let approve who =
                    { by alice (Action.ApproveAgent(who, "")) with
                        IsUserSigned = true
                    }

                step s [ approve agent ] |> ignore
                let status = place s agent (ask 0 Side.Buy "80000" "0.01" "Gtc")
                Expect.isTrue (s.ByAddress[alice].Find { Oid = oid status; Cloid = null }).IsLive "the master's order"
                step s [ approve other ] |> ignore
                let out = step s [ by agent Action.Nothing ]
                Expect.equal (err out.Answers[0]) $"Must deposit before performing actions. User: {agent}" "replaced")
            testCase "transfers move what is free, and no more" (fun () ->
                let s = venue config
                let a, b = s.ByAddress[alice].Index, s.ByAddress[bob].Index

                let act action =
                    { by alice action with
                        IsUserSigned = true
                    }

                let out =
                    step
                        s
                        [
                            act (Action.ClassTransfer(1_000L * one, false))
                            act (Action.UsdSend(bob, 500L * one))
                        ]

                Expect.equal [ for x in out.Answers -> err x ] [ "default"; "default" ] "done"
                Expect.equal (VenueState.spotTotal s a 0) (11_000L * one) "spot"
                Expect.equal s.House.PerpCash[b] (100_500L * one) "bob"
                let out = step s [ act (Action.UsdSend(bob, 200_000L * one)) ]
                Expect.equal (err out.Answers[0]) "Insufficient balance for withdrawal." "too much"
                let token = "HYPE:" + Listing.tokens[2].TokenId

                let send =
                    { by bob (Action.SpotSend(alice, token, 3L * one)) with
                        IsUserSigned = true
                    }

                Expect.equal (err (step s [ send ]).Answers[0]) "default" "spot"
                Expect.equal (VenueState.spotTotal s a 2) (3L * one) "HYPE")
            testCase "an allowance that is spent leaves cancels" (fun () ->
                let s = venue { config with HasLimits = true }
                s.ByAddress[alice].Used <- 10_000L
                let out = step s [ by alice (order [ ask 0 Side.Buy "80000" "0.01" "Gtc" ]) ]
                Expect.stringStarts (err out.Answers[0]) "Too many cumulative requests sent (10000 > 10000)" "order"

                let out =
                    step s [ by alice (Action.Cancel [| struct (0, { Oid = 1L; Cloid = null }) |]) ]

                Expect.equal (err out.Answers[0]) "statuses" "cancel")
            testCase "inside a block cancels come before takers, post-only before both" (fun () ->
                let s = venue config
                let oid = oid (place s alice (ask 0 Side.Buy "80000" "0.01" "Gtc"))
                let take = by bob (order [ ask 0 Side.Sell "80000" "0.01" "Ioc" ])
                let cancel = by alice (Action.Cancel [| struct (0, { Oid = oid; Cloid = null }) |])
                let out = step s [ take; cancel ]
                Expect.equal (text (first out.Answers[1])) "success" "cancelled before it could be met"
                let block = out.Block |> ValueOption.get
                let txs = block.Txs |> Array.map (fun t -> t.Submission)
                Expect.equal txs [| -1; 1; 0; -1 |] "order of execution")
        ]

let tests = testList "requests" [ refusals; lives; pipeline ]
