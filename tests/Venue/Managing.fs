/// Sends, sub-accounts, the vault, builders, wallets, paid requests.
module Vrlg.Venue.Managing

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private short = "Insufficient balance for withdrawal."
let private shortToken = "Insufficient balance for token transfer"
let private invalid = "Invalid send"
let private carol = "0x3333333333333333333333333333333333333333"
let private index (s: VenueState) (who: string) = s.ByAddress[who].Index
let private perp (s: VenueState) who = s.House.PerpCash[index s who]

let private spot (s: VenueState) who token =
    VenueState.spotTotal s (index s who) token

let private forSub (s: VenueState) (sub: string) (action: Action) : string =
    err (step s [ { by alice action with Vault = sub } ]).Answers[0]

let private subs =
    testList
        "sub-accounts"
        [
            testCase "opened, paid in, traded for, paid out" (fun () ->
                let s = venue config
                let sub = say s alice (Action.CreateSub "first")
                Expect.stringStarts sub "0x" "its address is the answer"
                Expect.equal (say s alice (Action.SubTransfer(sub, true, 5_000L * one))) "default" "in"
                Expect.equal (perp s sub) (5_000L * one) "there"
                Expect.equal (forSub s sub (order [ ask 0 Side.Buy "84500" "0.1" "Ioc" ])) "statuses" "an order"
                Expect.equal (s.Position(index s sub, Listing.markets[0])) (one / 10L) "its position"
                Expect.equal (s.Position(index s alice, Listing.markets[0])) 0L "not the master's"
                Expect.equal (say s alice (Action.SubTransfer(sub, false, 4_900L * one))) short "margin stays"
                Expect.equal (say s alice (Action.SubTransfer(sub, false, 1_000L * one))) "default" "out"
                Expect.equal (say s alice (Action.SubSpotTransfer(sub, true, "USDC", 10L * one))) "default" "spot"
                Expect.equal (spot s sub 0) (10L * one) "spot side"
                let kinds = [ for r in s.ByAddress[sub].Ledger -> r.Kind ]
                Expect.equal kinds [ "subAccountTransfer"; "subAccountTransfer"; "spotTransfer" ] "rows")
            testCase "another's sub-account, and no sub-account" (fun () ->
                let s = venue config
                let sub = say s alice (Action.CreateSub "first")

                let out =
                    step
                        s
                        [
                            { by bob (order [ ask 0 Side.Buy "80000" "0.01" "Gtc" ]) with
                                Vault = sub
                            }
                        ]

                Expect.equal (err out.Answers[0]) $"Vault not registered: {sub}" "bob"

                Expect.equal
                    (say s bob (Action.SubTransfer(sub, true, one)))
                    $"Sub-account {sub} is not registered to {bob}"
                    "bob's transfer"

                Expect.equal (forSub s sub (Action.UsdSend(bob, one))) "Vault may not perform this action" "a transfer"
                Expect.equal (say s sub Action.Nothing) $"User or API Wallet {sub} does not exist." "it signs nothing")
            testCase "ten at most, after 100,000 USDC of volume where limits hold" (fun () ->
                let s = venue config
                let names = [ for i in 1..10 -> say s alice (Action.CreateSub $"s{i}") ]
                Expect.equal (List.distinct names).Length 10 "ten addresses"
                Expect.equal (say s alice (Action.CreateSub "s11")) "Too many sub-accounts." "eleven"
                Expect.equal (say s alice (Action.CreateSub "")) "Invalid sub-account name." "no name"
                let s = venue { config with HasLimits = true }

                Expect.equal
                    (say s alice (Action.CreateSub "s"))
                    "Cannot create sub-accounts until enough volume traded. Required: $100000. Traded: $0.0."
                    "volume")
        ]

let private sends =
    testList
        "sends"
        [
            testCase "between the sides and accounts, by the master and by a wallet" (fun () ->
                let s = venue config

                let send into from target token amount isByAgent =
                    Action.SendAsset
                        {
                            Destination = into
                            From = from
                            To = target
                            Token = token
                            Amount = amount
                            Sub = ""
                            IsByAgent = isByAgent
                        }

                Expect.equal (say s alice (send alice "" "spot" "USDC" (100L * one) false)) "default" "to spot"
                Expect.equal (spot s alice 0) (10_100L * one) "there"
                Expect.equal (say s alice (send alice "" "" "USDC" one false)) invalid "from itself to itself"
                Expect.equal (say s alice (send carol "" "" "USDC" (5L * one) false)) "default" "opens an account"
                Expect.equal (perp s carol) (5L * one) "carol"
                let no = "Agent can only send asset to same user or their sub-accounts."
                Expect.equal (say s alice (send carol "" "" "USDC" one true)) no "a wallet's"
                let sub = say s alice (Action.CreateSub "first")
                Expect.equal (say s alice (send sub "spot" "spot" "USDC" one true)) "default" "to the sub-account"
                Expect.equal (say s bob (send alice "spot" "" "HYPE" one false)) invalid "no dollars"

                Expect.equal (say s bob (send alice "spot" "spot" "HYPE" (200L * one) false)) shortToken "too many"

                let row =
                    s.ByAddress[alice].Ledger |> Seq.filter (fun r -> r.Kind = "send") |> Seq.head

                Expect.equal row.Dexes (struct ("", "spot")) "row")
            testCase "into the vault and out again, with a part of what it gained" (fun () ->
                let s = venue config
                let vault = Residents.addresses[Residents.maker]

                Expect.equal
                    (say s alice (Action.VaultTransfer(carol, true, one)))
                    $"Vault not registered: {carol}"
                    "none"

                Expect.equal (say s alice (Action.VaultTransfer(vault, true, 1_000L * one))) "default" "in"
                let worth = LocalVenue.equity s s.ByAddress[alice]
                Expect.isLessThan (abs (worth - 1_000L * one)) (one / 100L) "its part"
                Expect.equal (say s alice (Action.VaultTransfer(vault, false, 2_000L * one))) short "too much"
                Expect.equal (say s alice (Action.VaultTransfer(vault, false, 400L * one))) "default" "out"
                let last = s.ByAddress[alice].Ledger[s.ByAddress[alice].Ledger.Count - 1]
                Expect.equal last.Kind "vaultWithdraw" "row"
                Expect.isLessThan (abs (last.Value - 400L * one)) (one / 100L) "basis")
        ]

let private builders =
    testList
        "builders"
        [
            testCase "a fee as approved and no more, on top, to be claimed" (fun () ->
                let s = venue config

                let built rate : OrderAsk =
                    { ask 0 Side.Buy "84500" "0.12345" "Ioc" with
                        Builder = ValueSome { Address = bob; Rate = rate }
                    }

                let no = "Builder fee has not been approved"
                Expect.equal (text (place s alice (built 10L))) no "unapproved"
                Expect.equal (text (place s alice (built 0L))) "filled" "nothing is always approved"
                Expect.equal (say s alice (Action.ApproveBuilder(bob, 10L))) "default" "approved"
                Expect.equal (text (place s alice (built 11L))) no "more than that"
                let before = perp s alice
                let count = (fillsOf s alice).Count
                Expect.equal (text (place s alice (built 10L))) "filled" "charged"
                let fills = Seq.skip count (fillsOf s alice) |> Seq.toArray

                for f in fills do
                    let worth = Figures.worth f.Px f.Sz

                    let cut rate =
                        int64 (decimal worth * rate / 100m) * 100L

                    Expect.equal f.BuilderFee (cut 0.0001m) "a basis point, cut to 6 decimals"
                    Expect.equal f.Fee (cut 0.00045m + cut 0.0001m) "in the fee"

                let paid = fills |> Array.sumBy (fun f -> Figures.worth f.Px f.Sz + f.Fee)
                Expect.equal (perp s alice) (before - paid) "paid"
                let earned = fills |> Array.sumBy (fun f -> f.BuilderFee)
                Expect.equal s.Rewards[bob] earned "earned"
                Expect.equal (say s bob Action.ClaimRewards) "default" "claimed"
                Expect.equal (spot s bob 0) earned "there"
                Expect.equal (say s bob Action.ClaimRewards) "No rewards to claim" "once")
            testCase "a rate is at most 1 %, a perpetual's at most a tenth of that; ten builders" (fun () ->
                let s = venue config
                Expect.equal (say s alice (Action.ApproveBuilder(bob, 1_001L))) "Invalid max fee rate." "1.001 %"
                Expect.equal (say s alice (Action.ApproveBuilder(bob, 1_000L))) "default" "1 %"

                let built: OrderAsk =
                    { ask 0 Side.Buy "80000" "0.1" "Gtc" with
                        Builder = ValueSome { Address = bob; Rate = 101L }
                    }

                Expect.equal (text (place s alice built)) "Builder fee has not been approved" "0.101 % of a perpetual"

                for i in 1..9 do
                    say s alice (Action.ApproveBuilder("0x" + string i, 1L)) |> ignore

                Expect.equal (say s alice (Action.ApproveBuilder(carol, 1L))) "Too many approved builders." "eleven"
                Expect.equal (say s alice (Action.ApproveBuilder(bob, 0L))) "default" "withdrawn"
                Expect.equal (say s alice (Action.ApproveBuilder(carol, 1L))) "default" "its place")
        ]

let private wallets =
    let agent i = "0x" + (string i).PadLeft(40, '4')

    testList
        "wallets and requests"
        [
            testCase "a wallet is heard half an hour beyond its validity" (fun () ->
                let s = venue config
                let until = s.Time + 60_000L

                Expect.equal
                    (say s alice (Action.ApproveAgent(agent 1, $"bot valid_until {until}")))
                    "default"
                    "approved"

                let at time =
                    LocalVenue.step
                        s
                        {
                            Time = time
                            Submissions = [| by (agent 1) Action.Nothing |]
                        }

                Expect.equal (err (at (until + 1_700_000L)).Answers[0]) "default" "28 minutes later"
                let late = err (at (until + 1_900_000L)).Answers[0]
                Expect.equal late $"User or API Wallet {agent 1} does not exist." "32 minutes later"
                let past = Action.ApproveAgent(agent 2, $"bot valid_until {s.Time}")
                Expect.equal (say s alice past) "Agent valid_until already expired." "in the past")
            testCase "a removal keeps others waiting for five seconds" (fun () ->
                let s = venue config
                say s alice (Action.ApproveAgent(agent 1, "bot")) |> ignore

                Expect.equal
                    (say s alice (Action.ApproveAgent("0x" + String.replicate 40 "0", "bot")))
                    "default"
                    "removed"

                Expect.equal (say s (agent 1) Action.Nothing) $"User or API Wallet {agent 1} does not exist." "gone"

                Expect.equal
                    (say s alice (Action.ApproveAgent(agent 2, "bot")))
                    "User has pending agent removal"
                    "pending"

                LocalVenue.step
                    s
                    {
                        Time = s.Time + 5_000L
                        Submissions = [||]
                    }
                |> ignore

                Expect.equal (say s alice (Action.ApproveAgent(agent 2, "bot"))) "default" "over")
            testCase "three named wallets, two more a sub-account" (fun () ->
                let s = venue config

                let approve i =
                    say s alice (Action.ApproveAgent(agent i, $"bot{i}"))

                Expect.equal [ for i in 1..3 -> approve i ] [ "default"; "default"; "default" ] "three"
                Expect.stringEnds (approve 4) "Current limit is 3" "four"
                say s alice (Action.CreateSub "first") |> ignore
                Expect.equal [ for i in 4..5 -> approve i ] [ "default"; "default" ] "five"
                Expect.stringEnds (approve 6) "Current limit is 5" "six")
            testCase "replaced wallets are forgotten after the next hundred, with their nonces" (fun () ->
                let s = venue config

                for i in 1..150 do
                    say s alice (Action.ApproveAgent(agent i, "bot")) |> ignore
                    say s (agent i) Action.Nothing |> ignore

                Expect.equal s.Replaced.Count 100 "remembered"
                Expect.isLessThan s.Nonces.Count 110 "nonces"
                Expect.stringStarts (say s (agent 149) Action.Nothing) "Must deposit" "a late one"
                Expect.stringStarts (say s (agent 1) Action.Nothing) "User or API Wallet" "an early one")
            testCase "requests are bought at 0.0005 USDC" (fun () ->
                let s = venue { config with HasLimits = true }
                s.ByAddress[alice].Used <- 9_999L
                let before = perp s alice
                Expect.equal (say s alice (Action.Reserve(1_000L, null))) "default" "bought"
                Expect.equal (before - perp s alice) (one / 2L) "half a dollar"
                let out = step s [ for _ in 1..1_000 -> by alice Action.Nothing ]
                Expect.equal (err out.Answers[998]) "default" "999 more"
                Expect.stringStarts (err out.Answers[999]) "default" "and the last"
                Expect.stringStarts (say s alice Action.Nothing) "Too many cumulative requests" "spent"
                Expect.equal (say s bob (Action.Reserve(0L, null))) "Invalid weight." "none"
                Expect.equal (say s bob (Action.Reserve(10L, alice))) "default" "for another"
                Expect.equal (say s alice Action.Nothing) "default" "who may ask again")
        ]

let tests = testList "managing" [ subs; sends; builders; wallets ]
