/// Ways around the venue's rules that somebody could try: what is refused changes nothing, and money is neither made nor lost.
module Vrlg.Venue.Loopholes

open Expecto
open Vrlg.Core
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private stranger = "0x4444444444444444444444444444444444444444"
let private index (s: VenueState) (who: string) = s.ByAddress[who].Index
let private perp (s: VenueState) who = s.House.PerpCash[index s who]

let private wallet i = "0x7" + (string i).PadLeft(39, '0')

/// Replaces alice's wallet `bot` so often that the first ones are forgotten.
let private replace (s: VenueState) (count: int) =
    for i in 1..count do
        Expect.equal (say s alice (Action.ApproveAgent(wallet i, "bot"))) "default" $"wallet {i}"

let private nonces =
    testList
        "nonces of forgotten wallets"
        [
            testCase "a wallet that became an account keeps its nonces when it is forgotten" (fun () ->
                let s = venue config
                let own = wallet 1
                replace s 1
                Expect.equal (say s bob (Action.UsdSend(own, 100L * one))) "default" "it gets money of its own"

                let send =
                    { by own (Action.UsdSend(bob, 10L * one)) with
                        IsUserSigned = true
                    }

                Expect.equal (err (step s [ send ]).Answers[0]) "default" "and sends some of it"

                for i in 2..110 do
                    say s alice (Action.ApproveAgent(wallet i, "bot")) |> ignore

                Expect.stringStarts (err (step s [ send ]).Answers[0]) "Invalid nonce: duplicate" "once only"
                Expect.equal (perp s own) (90L * one) "what is left")
            testCase "a wallet that somebody else approved keeps its nonces" (fun () ->
                let s = venue config
                replace s 2
                Expect.equal (say s bob (Action.ApproveAgent(wallet 1, "bot"))) "default" "bob's now"
                let act = by (wallet 1) (order [ ask 0 Side.Buy "80000" "0.01" "Gtc" ])
                Expect.equal (err (step s [ act ]).Answers[0]) "statuses" "an order for bob"

                for i in 3..110 do
                    say s alice (Action.ApproveAgent(wallet i, "bot")) |> ignore

                Expect.stringStarts (err (step s [ act ]).Answers[0]) "Invalid nonce: duplicate" "once only")
        ]

let private sends =
    testList
        "sends"
        [
            testCase "what goes to no side of an account opens none" (fun () ->
                let s = venue config

                let send (target: string) (token: string) =
                    Action.SendAsset
                        {
                            Destination = stranger
                            From = (if token = "USDC" then "" else "spot")
                            To = target
                            Token = token
                            Amount = one
                            Sub = ""
                            IsByAgent = false
                        }

                let count = s.Accounts.Count
                Expect.equal (say s alice (send "xyz" "USDC")) "Invalid send" "no such dex"
                Expect.equal (say s bob (send "" "HYPE")) "Invalid send" "no dollars"
                Expect.equal s.Accounts.Count count "accounts"
                Expect.isFalse (s.ByAddress.ContainsKey stranger) "none for it")
        ]

let private spots =
    testList
        "liquidation"
        [
            testCase "an account in debt keeps what it holds at spot" (fun () ->
                let s = venue config
                s.House.PerpCash[index s bob] <- -1L

                for _ in 1..100 do
                    step s [] |> ignore

                Expect.equal (VenueState.spotTotal s (index s bob) 2) (100L * one) "HYPE"
                Expect.equal (fillsOf s bob).Count 0 "no sale")
        ]

let private forced =
    testList
        "a position that the venue closes"
        [
            testCase "gives nothing back before all of it is closed" (fun () ->
                let s =
                    venue
                        { config with
                            Funds = [| struct (alice, 100_000L * one); struct (bob, 10_000_000L * one) |]
                        }

                say s alice (Action.UpdateLeverage(0, false, 20)) |> ignore
                Expect.equal (text (place s alice (ask 0 Side.Buy "84500" "8" "Ioc"))) "filled" "long"
                let cash = perp s alice
                let bid = oid (place s bob (ask 0 Side.Buy "82000" "40" "Gtc"))
                let left () = s.ByAddress[bob].ByOid[bid].Left
                // The book falls while the mark stands; the bid is eaten up to a part of the position.
                s.Markets[0].Fair <- 70_000e8
                let mutable blocks = 200

                while left () >= 6L * one && blocks > 0 do
                    blocks <- blocks - 1
                    s.LastContext <- s.Time
                    step s [] |> ignore

                let good = left ()
                Expect.isTrue (good > 0L && good < 8L * one) "some of the position goes to the bid"
                let levels = LocalVenue.levels s Listing.markets[0] Side.Buy 2
                let struct (next, _, _) = levels[1]
                Expect.isLessThan next (71_000L * one) "the rest far below it"
                s.LastContext <- s.Time - 3_000L
                step s [] |> ignore
                Expect.equal (s.Position(index s alice, Listing.markets[0])) 0L "closed"
                Expect.equal (left ()) 0L "by the bid in part"
                Expect.equal (perp s alice) cash "the margin pays for the loss, all of it")
        ]

let private overTime =
    testList
        "orders over time"
        [
            testCase "a price that is none starts nothing and stops nothing" (fun () ->
                let s = venue config

                let wish: TwapAsk =
                    {
                        Asset = 0
                        Side = Side.Buy
                        Sz = one / 10L
                        ReduceOnly = false
                        Minutes = 5L
                        Randomize = false
                        Trigger = ValueNone
                        Stop = ValueNone
                    }

                for px in [ -2L; -1L; 0L ] do
                    let trigger =
                        { wish with
                            Trigger = ValueSome(struct (px, true))
                        }

                    Expect.equal (say s alice (Action.Twap trigger)) "Order has invalid price." "trigger"
                    let stop = { wish with Stop = ValueSome px }
                    Expect.equal (say s alice (Action.Twap stop)) "Order has invalid price." "stop"

                Expect.equal s.ByAddress[alice].Twaps.Count 0 "none goes on")
            testCase "catching up, a randomized slice is no more than three usual ones" (fun () ->
                let s = venue config

                let wish: TwapAsk =
                    {
                        Asset = 0
                        Side = Side.Buy
                        Sz = 12L * one / 10L
                        ReduceOnly = false
                        Minutes = 60L
                        Randomize = true
                        Trigger = ValueNone
                        Stop = ValueNone
                    }

                Expect.equal (say s alice (Action.Twap wish)) "running" "begun"

                let slice () =
                    LocalVenue.step
                        s
                        {
                            Time = s.Time + 30_000L
                            Submissions = [||]
                        }
                    |> ignore

                // Without money for a while its slices are refused; what was missed is caught up afterwards.
                let had = perp s alice
                s.House.PerpCash[index s alice] <- 0L

                for _ in 1..20 do
                    slice ()

                s.House.PerpCash[index s alice] <- had

                for _ in 1..12 do
                    slice ()

                let slices =
                    [
                        for o in s.ByAddress[alice].Orders do
                            if o.Twap <> 0L then
                                o.Ask.Sz
                    ]

                Expect.isGreaterThan slices.Length 20 "slices"
                Expect.isLessThanOrEqual (List.max slices) (3L * one / 100L) "three hundredths")
        ]

let private trigger (px: string) (sz: string) (isTakeProfit: bool) : OrderAsk =
    { ask 0 Side.Sell px sz "Gtc" with
        Tif = null
        ReduceOnly = true
        Trigger =
            ValueSome
                {
                    Px = int64 (decimal px * 1e8m)
                    IsMarket = true
                    IsTakeProfit = isTakeProfit
                }
    }

let private family (s: VenueState) (children: OrderAsk list) : string list =
    let parent = ask 0 Side.Buy "80000" "0.01" "Gtc"
    let all = List.toArray (parent :: children)

    [
        for status in statuses (step s [ by alice (Action.Order(all, Grouping.NormalTpsl)) ]).Answers[0] do
            text status
    ]

let private first' (out: BlockOutput) : string =
    let all = statuses out.Answers[0] in text all[0]

let private children =
    testList
        "children of an order"
        [
            testCase "are looked at as every order is" (fun () ->
                let s = venue config
                let named = Some "0x000000000000000000000000000000c1"

                let first =
                    { ask 0 Side.Buy "80000" "0.01" "Gtc" with
                        Cloid = Option.toObj named
                    }

                let number = oid (place s alice first)

                let twin =
                    { trigger "90000" "0.01" true with
                        Cloid = Option.toObj named
                    }

                let said =
                    family
                        s
                        [
                            twin
                            trigger "90000.01" "0.01" true
                            trigger "90000" "0.0000001" true
                            { trigger "90000" "0.01" true with
                                Asset = 7
                            }
                            trigger "90000" "0.01" true
                        ]

                Expect.equal
                    said
                    [
                        "resting"
                        "Duplicate cloid."
                        "Price must be divisible by tick size. asset=0"
                        "Order has invalid size."
                        "Invalid asset. asset=7"
                        "waitingForFill"
                    ]
                    "each its own"

                let name: OrderName = { Oid = 0L; Cloid = Option.toObj named }
                let out = step s [ by alice (Action.Cancel [| struct (0, name) |]) ]
                Expect.equal (first' out) "success" "the text still names the first"
                Expect.isFalse (s.ByAddress[alice].ByOid[number].IsLive) "which is gone")
            testCase "count among the open orders" (fun () ->
                let s = venue config
                let said = family s [ for _ in 1..1_050 -> trigger "90000" "0.01" true ]
                Expect.equal s.ByAddress[alice].Live.Count 1_000 "open"
                Expect.equal said[999] "waitingForFill" "the last that fits"
                Expect.equal said[1_000] "Too many open orders asset=0" "the next one")
            testCase "one order too many does not take the text of an open one" (fun () ->
                let s = venue config
                let cloid = "0x000000000000000000000000000000c2"

                let first =
                    { ask 0 Side.Buy "80000" "0.01" "Gtc" with
                        Cloid = cloid
                    }

                let number = oid (place s alice first)
                family s [ for _ in 1..998 -> trigger "90000" "0.01" true ] |> ignore
                Expect.equal s.ByAddress[alice].Live.Count 1_000 "full"
                Expect.equal (text (place s alice first)) "Duplicate cloid." "asked again"
                let name: OrderName = { Oid = 0L; Cloid = cloid }
                step s [ by alice (Action.Cancel [| struct (0, name) |]) ] |> ignore
                Expect.isFalse (s.ByAddress[alice].ByOid[number].IsLive) "cancelled by its text")
            testCase "bound to a position are triggers only" (fun () ->
                let s = venue config

                let said ask =
                    let out = step s [ by alice (Action.Order([| ask |], Grouping.PositionTpsl)) ]
                    first' out

                Expect.equal (said (ask 0 Side.Buy "80000" "0.01" "Gtc")) "resting" "a plain one rests"
                Expect.equal (said (ask 0 Side.Buy "80000" "0" "Gtc")) "Order has zero size." "of nothing")
        ]

let private vault =
    testList
        "the vault"
        [
            testCase "a refused deposit leaves no parts" (fun () ->
                let s = venue config
                let address = Residents.addresses[Residents.maker]
                let short = "Insufficient balance for withdrawal."
                Expect.equal (say s alice (Action.VaultTransfer(address, true, 200_000L * one))) short "too much"
                Expect.equal s.VaultShares 0L "parts"
                let had = s.House.PerpCash[Residents.maker]
                s.House.PerpCash[Residents.maker] <- -one
                Expect.equal (say s alice (Action.VaultTransfer(address, true, one))) short "worth nothing"
                s.House.PerpCash[Residents.maker] <- had
                Expect.equal (say s alice (Action.VaultTransfer(address, true, 100L * one))) "default" "in"
                Expect.isGreaterThan s.ByAddress[alice].Shares 0L "its parts")
        ]

let private changes =
    testList
        "changes of orders"
        [
            testCase "a refused one leaves the order that it was to replace" (fun () ->
                let s = venue config
                let number = oid (place s alice (ask 0 Side.Buy "80000" "0.01" "Gtc"))

                let other =
                    { ask 0 Side.Buy "79000" "0.01" "Gtc" with
                        Cloid = "0x000000000000000000000000000000c3"
                    }

                place s alice other |> ignore

                let change (order: OrderAsk) =
                    let all: ModifyAsk[] =
                        [|
                            {
                                Name = { Oid = number; Cloid = null }
                                Order = order
                            }
                        |]

                    first' (step s [ by alice (Action.Modify(all, false, true)) ])

                for order, expected in
                    [
                        ask 0 Side.Buy "80000.55" "0.01" "Gtc", "Price must be divisible by tick size. asset=0"
                        ask 0 Side.Buy "80000" "0.0000001" "Gtc", "Order has invalid size."
                        ask 0 Side.Buy "80000" "0.0001" "Gtc", "Order must have minimum value of $10."
                        ask 0 Side.Buy "1000" "1" "Gtc",
                        "Order price cannot be more than 80% away from the reference price asset=0"
                        other, "Duplicate cloid."
                        trigger "80000" "0.01" true, "Attempted to modify to invalid new order"
                    ] do
                    Expect.equal (change order) expected expected
                    Expect.isTrue (s.ByAddress[alice].ByOid[number].IsLive) $"still there after {expected}"

                Expect.equal (change (ask 0 Side.Buy "79500" "0.01" "Gtc")) "resting" "a good one"
                Expect.isFalse (s.ByAddress[alice].ByOid[number].IsLive) "takes its place")
        ]

let tests =
    testList "loopholes" [ nonces; sends; spots; forced; overTime; children; changes; vault ]
