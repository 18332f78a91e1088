/// What the venue does where nobody knows what the real one does: a test a row of hyperliquid-protocol.md 10.6, by its name there.
/// Rows about an order's life are in LifeChoices.fs, those that need a connection in WebChoices.fs, what a client must accept instead
/// in tests/Wire/Choices.fs; limits of the WebSocket have tests of their own.
module Vrlg.Venue.Choices

open Expecto
open Vrlg.Core
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given
open Vrlg.Venue.ChoiceAsks

/// A price strictly between the best quotes of some market, and that market: nobody else trades there.
let private between (s: VenueState) : struct (Listed * int64) =
    let room (m: Listed) =
        let bid, ask = s.Best(m, Side.Buy), s.Best(m, Side.Sell)
        let px = (Instrument.stepPx m.Rules (Px.Of bid) 1).Raw
        struct (px, px < ask)

    let m =
        Listing.perps |> Array.find (fun m -> let struct (_, isRoom) = room m in isRoom)

    let struct (px, _) = room m
    struct (m, px)

let private orders =
    [
        testCase "order of checks of one order" (fun () ->
            let s = venue config

            let far =
                Some "Order price cannot be more than 80% away from the reference price asset=0"

            let built (a: OrderAsk) =
                { a with
                    Builder = ValueSome { Address = bob; Rate = 10L }
                }

            let reduce (a: OrderAsk) = { a with ReduceOnly = true }

            // Each has this fault and those of every row below it that it can have.
            for a, expected in
                [
                    built (ask 77 Side.Buy "80000.5" "0" "Gtc"), "Invalid asset. asset=77"
                    built (ask 0 Side.Buy "80000.5" "0.000001" "Gtc"), "Builder fee has not been approved"
                    ask 0 Side.Buy "1000.55" "0.000001" "Gtc", "Order has invalid size."
                    ask 0 Side.Buy "1000.55" "0.001" "Gtc", "Price must be divisible by tick size. asset=0"
                    trigger "90000.55" false (ask 0 Side.Sell "1000" "0.001" "Gtc"),
                    "Price must be divisible by tick size. asset=0"
                    ask 0 Side.Buy "1000" "0.001" "Gtc", "Order must have minimum value of $10."
                    ask 0 Side.Buy "1000" "100" "Gtc", far.Value
                    trigger "90000" false (ask 0 Side.Sell "1000" "1" "Gtc"), far.Value
                    trigger "90000" false (ask 0 Side.Sell "70000" "1" "Gtc"), "Invalid TP/SL price. asset=0"
                    reduce (ask 0 Side.Buy "84500" "100" "Alo"), "Reduce only order would increase position. asset=0"
                    ask 0 Side.Buy "80000" "100" "Ioc", margin
                    ask 0 Side.Buy "80000" "0.01" "Ioc", ioc
                ] do
                Expect.equal (told s a) expected expected

            let crossed = told s (ask 0 Side.Buy "84500" "100" "Alo")
            Expect.stringStarts crossed "Post only order would have immediately matched" "before margin"
            // The number of open orders comes before the size.
            let many = order [ for _ in 1..1_000 -> ask 2 Side.Buy "20" "0.5" "Gtc" ]
            Expect.equal (say s alice many) "statuses" "a thousand"
            Expect.equal (told s (ask 0 Side.Buy "80000.5" "0" "Gtc")) "Too many open orders asset=0" "one more")
        testCase "batch" (fun () ->
            let s = venue config
            Expect.equal (say s alice (order [])) "Orders are empty" "none"

            let mixed =
                order [ ask 0 Side.Buy "80000" "0.01" "Gtc"; ask 10_001 Side.Buy "30" "1" "Gtc" ]

            Expect.equal (say s alice mixed) "Order action has different asset classes" "perpetual and spot"

            let some =
                order
                    [
                        ask 0 Side.Buy "80000.5" "0.01" "Gtc"
                        ask 1 Side.Buy "2500" "0.01" "Gtc"
                        ask 0 Side.Buy "80000" "0.0001" "Gtc"
                    ]

            Expect.equal
                [ for x in statuses (step s [ byAlice some ]).Answers[0] -> text x ]
                [
                    "Price must be divisible by tick size. asset=0"
                    "resting"
                    "Order must have minimum value of $10."
                ]
                "each its own, tick included")
        testCase "check pipeline" (fun () ->
            let s = venue config
            let act = byAlice Action.Nothing

            let answers list =
                [ for x in (step s list).Answers -> err x ]

            Expect.equal
                (answers [ { act with Signer = carol; Nonce = 1L } ])
                [ $"User or API Wallet {carol} does not exist." ]
                "signer before nonce"

            let chain = "Mainnet and testnet require different signature."
            Expect.equal (answers [ { act with Trouble = chain; Nonce = 1L } ]) [ chain ] "chain before nonce"
            let low = $"Invalid nonce: nonce too low 1 < {s.Time + 70L - 172_800_000L}"

            Expect.equal
                (answers [ { act with Nonce = 1L; Expires = 5L } ])
                [ low ]
                "nonce before expiry; T less two days"

            let used = s.ByAddress[alice].Used
            let late = { act with Expires = 5L; Vault = carol }
            Expect.equal (answers [ late ]) [ "Action already expired" ] "expiry before the right to a vault"
            Expect.equal s.ByAddress[alice].Used (used + 5L) "counts five"

            Expect.equal
                (answers [ { act with Vault = carol } ])
                [ $"Vault not registered: {carol}" ]
                "the right to a vault"

            Expect.equal (answers [ act ]) [ "default" ] "until here its nonce is free"

            let bad =
                { byAlice (order []) with
                    Nonce = act.Nonce + 500_000L
                }

            Expect.equal
                (answers [ bad; bad ])
                [ "Orders are empty"; $"Invalid nonce: duplicate nonce {bad.Nonce}" ]
                "a business error uses it"

            let s = venue { config with HasLimits = true }
            s.ByAddress[alice].Used <- 10_000L
            let out = step s [ act ]
            Expect.stringStarts (err out.Answers[0]) "Too many cumulative requests" "the address's limit"
            s.ByAddress[alice].Used <- 0L
            Expect.equal (err (step s [ act ]).Answers[0]) "default" "before the nonce is stored"

            let both =
                [
                    act
                    { act with
                        IsUserSigned = true
                        Nonce = act.Nonce
                    }
                ]

            let out = step (venue config) both
            Expect.stringStarts (err out.Answers[1]) "Invalid nonce: duplicate" "user-signed actions share the set")
        testCase "texts, per order" (fun () ->
            let s = venue config
            Expect.equal (told s (ask 77 Side.Buy "1" "1" "Gtc")) "Invalid asset. asset=77" "unknown asset"
            let placed = oid (place s alice (ask 0 Side.Buy "80000" "0.01" "Gtc"))
            let out = step s [ byAlice (cancel 1 placed) ]

            Expect.equal
                (text (first out.Answers[0]))
                "Order was never placed, already canceled, or filled."
                "wrong asset"

            Expect.isTrue (known alice s placed).IsLive "it stays"
            say s alice (Action.ApproveBuilder(bob, 10L)) |> ignore

            let built =
                { ask 0 Side.Buy "80000" "0.01" "Gtc" with
                    Builder = ValueSome { Address = bob; Rate = 11L }
                }

            Expect.equal (told s built) "Builder fee has not been approved" "above the approval")
        testCase "texts, err" (fun () ->
            let s = venue config
            Expect.equal (say s alice (Action.UpdateLeverage(0, true, 41))) "Invalid leverage." "leverage"
            say s alice (Action.UpdateLeverage(0, false, 10)) |> ignore
            told s (ask 0 Side.Buy "84500" "0.01" "Ioc") |> ignore
            let much = Action.UpdateIsolatedMargin(0, 1_000_000L * one)
            Expect.equal (say s alice much) "Insufficient margin." "isolated amount"

            Expect.equal
                (say s alice (Action.ScheduleCancel(ValueSome(s.Time + 4_000L))))
                "Invalid scheduled cancel time."
                "four seconds"

            let sub = say s bob (Action.CreateSub "s")

            let out =
                step
                    s
                    [
                        { byAlice (order [ ask 0 Side.Buy "80000" "0.01" "Gtc" ]) with
                            Vault = sub
                        }
                    ]

            Expect.equal (err out.Answers[0]) $"Vault not registered: {sub}" "another master's")
        testCase "duplicate cloid; cloid lookup; orderStatus retention" (fun () ->
            let s = venue config
            let cloid = "0x000000000000000000000000000000ac"

            let a =
                { ask 0 Side.Buy "80000" "0.01" "Gtc" with
                    Cloid = cloid
                }

            let was = oid (place s alice a)
            Expect.equal (told s a) "Duplicate cloid." "while it is open"

            let modify =
                Action.Modify(
                    [|
                        {
                            Name = { Oid = was; Cloid = null }
                            Order = a
                        }
                    |],
                    false,
                    true
                )

            let out = step s [ byAlice modify ]
            let second = oid (first out.Answers[0])
            step s [ byAlice (cancel 0 second) ] |> ignore
            let third = oid (place s alice a)
            Expect.equal (s.ByAddress[alice].Find { Oid = 0L; Cloid = cloid }).Oid third "the newest"
            Expect.equal [ for o in [ was; second ] -> (known alice s o).Status ] [ "canceled"; "canceled" ] "kept")
        testCase "margin of open orders; leverage never set" (fun () ->
            let s = venue config
            let index = s.ByAddress[alice].Index
            let leverages = [ for m in Listing.perps -> Figures.leverage s index m ]
            Expect.equal leverages [ 20L; 20L; 10L ] "min(20, most)"
            Expect.isFalse (Figures.isIsolated s index Listing.markets[0]) "cross"
            let half = ask 0 Side.Buy "80000" "12" "Gtc"
            Expect.equal (told s half) "resting" "48,000 of 100,000"
            Expect.equal (told s half) "resting" "96,000"
            Expect.equal (told s half) margin "no more"
            let m = Figures.margins s index
            Expect.equal (m.Used, m.Withdrawable) (0L, 100_000L * one) "not used, and withdrawable")
    ]

let tests = testList "choices" orders
