/// Positions with a margin of their own, and the tiers of margin.
module Vrlg.Venue.Isolated

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private btc = Listing.markets[0]

let private view (s: VenueState) =
    Figures.positions s s.ByAddress[alice] |> Array.find (fun p -> p.Market.Id = 0)

/// Alice is long a BTC at 20x with a margin of its own.
let private long (s: VenueState) (sz: string) =
    Expect.equal (say s alice (Action.UpdateLeverage(0, false, 20))) "default" "isolated"
    Expect.equal (text (place s alice (ask 0 Side.Buy "84500" sz "Ioc"))) "filled" "long"

let private perp (s: VenueState) =
    s.House.PerpCash[s.ByAddress[alice].Index]

let private until (s: VenueState) (holds: unit -> bool) =
    let mutable left = 400

    while not (holds ()) && left > 0 do
        left <- left - 1
        step s [] |> ignore

    Expect.isTrue (holds ()) "within 400 blocks"

let tests =
    testList
        "isolated margin"
        [
            testCase "its USDC is the margin, less what was bought, less the fee, as recorded on the venue" (fun () ->
                let s = venue config
                let before = perp s
                long s "0.5"
                let mutable raw = 0L
                let mutable moved = 0L

                for f in fillsOf s alice do
                    let worth = Figures.worth f.Px f.Sz
                    raw <- raw + worth / 20L - worth - f.Fee
                    moved <- moved + worth / 20L

                let p = view s
                Expect.isTrue p.IsIsolated "kind"
                Expect.equal p.Raw raw "rawUsd"
                Expect.equal (perp s) (before - moved) "out of the account"
                Expect.equal p.Used (Figures.worth s.Markets[0].Mark p.Szi + raw) "marginUsed"
                let m = Figures.margins s s.ByAddress[alice].Index
                Expect.equal (m.Value, m.Used, m.Notional) (before - moved, 0L, 0L) "nothing of it is cross"
                Expect.equal m.Whole (before - moved + p.Used) "accountValue"
                // 8.5: mark - available / size / (1 - 1/80), available = margin - maintenance.
                let mark = decimal s.Markets[0].Mark / 1e8m
                let available = decimal p.Used / 1e8m - 0.5m * mark / 80m
                let expected = mark - available / 0.5m / (1m - 1m / 80m)
                Expect.isLessThan (abs (decimal p.Liquidation / 1e8m - expected)) 0.00001m "liquidationPx")
            testCase "a position keeps its kind of margin; without one the kind changes" (fun () ->
                let s = venue config
                long s "0.1"
                let no = "Cannot switch leverage type with open position."
                Expect.equal (say s alice (Action.UpdateLeverage(0, true, 20))) no "to cross"

                let short =
                    "Isolated position does not have sufficient margin available to decrease leverage."

                Expect.equal (say s alice (Action.UpdateLeverage(0, false, 5))) short "less leverage"
                Expect.equal (say s alice (Action.UpdateLeverage(0, false, 40))) "default" "more"
                Expect.equal (say s alice (Action.UpdateLeverage(0, false, 41))) "Invalid leverage." "too much"

                let sell =
                    { ask 0 Side.Sell "83000" "0.1" "Ioc" with
                        ReduceOnly = true
                    }

                Expect.equal (text (place s alice sell)) "filled" "flat"
                Expect.equal (say s alice (Action.UpdateLeverage(0, true, 20))) "default" "cross again")
            testCase "margin comes and goes within what must stay" (fun () ->
                let s = venue config

                let margin usd =
                    Action.UpdateIsolatedMargin(0, usd * one)

                Expect.equal (say s alice (margin 10L)) "Position does not use isolated margin." "no position"
                long s "0.1"
                let used, cash = (view s).Used, perp s
                Expect.equal (say s alice (margin 1_000L)) "default" "more"
                Expect.equal (perp s) (cash - 1_000L * one) "taken"
                Expect.equal (say s alice (margin -1_200L)) "Insufficient margin." "below a tenth of the position"
                Expect.equal (say s alice (margin 1_000_000L)) "Insufficient margin." "more than there is"
                Expect.equal (say s alice (margin -100L)) "default" "some back"
                Expect.isGreaterThan (view s).Used used "more than at first"
                Expect.equal (say s alice (Action.TopUpIsolated(0, 2L * one))) "default" "half its value"
                let p = view s
                Expect.isLessThan (abs (2L * p.Used - p.Worth)) 100L "half of it"
                Expect.equal (say s alice (Action.TopUpIsolated(0, 10L * one))) "Invalid leverage." "nothing to add")
            testCase "closed in part it gives back its part, closed whole all of it" (fun () ->
                let s = venue config
                let before = perp s
                long s "0.4"
                let used, cash = (view s).Used, perp s

                let sell sz =
                    { ask 0 Side.Sell "83000" sz "Ioc" with
                        ReduceOnly = true
                    }

                Expect.equal (text (place s alice (sell "0.1"))) "filled" "a quarter"
                let back = perp s - cash
                Expect.isLessThan (abs (back - used / 4L)) (used / 50L) "a quarter of the margin"
                Expect.equal (text (place s alice (sell "0.3"))) "filled" "the rest"
                let index = s.ByAddress[alice].Index
                Expect.equal s.House.IsolatedCash[index * Listing.markets.Length] 0L "nothing stays"

                let lost = fillsOf s alice |> Seq.sumBy (fun f -> f.Fee - f.ClosedPnl)

                Expect.isLessThan (abs (before - perp s - lost)) 10L "fees and the loss")
            testCase "turned around it takes margin for all that is new" (fun () ->
                let s = venue config
                long s "0.1"
                Expect.equal (text (place s alice (ask 0 Side.Sell "83000" "0.3" "Ioc"))) "filled" "turned"
                let p = view s
                Expect.equal p.Szi (-one / 5L) "short"
                Expect.isLessThan (abs (p.Used - p.Worth / 20L)) (p.Worth / 400L) "a twentieth")
            testCase "funding is paid out of it" (fun () ->
                let s = venue config
                long s "0.5"
                let raw, cash = (view s).Raw, perp s

                let out =
                    LocalVenue.step
                        s
                        {
                            Time = s.NextFunding + 20L
                            Submissions = [||]
                        }

                let paid = out.Fundings |> Seq.sumBy (fun (struct (_, f)) -> f.Usdc)
                Expect.notEqual paid 0L "paid"
                Expect.equal (view s).Raw (raw + paid) "rawUsd"
                Expect.equal (perp s) cash "not the account")
            testCase "liquidated it is closed alone, by one order, and costs its margin at most" (fun () ->
                let s = venue config
                place s alice (ask 1 Side.Buy "3050" "1" "Ioc") |> ignore
                long s "8"
                let cash = perp s
                s.Markets[0].Fair <- 80_500e8
                until s (fun () -> s.Position(s.ByAddress[alice].Index, btc) = 0L)
                Expect.isGreaterThanOrEqual (perp s) cash "no more than the margin"
                Expect.equal (s.Position(s.ByAddress[alice].Index, Listing.markets[1])) one "the other position"

                let orders =
                    s.ByAddress[alice].Orders
                    |> Seq.filter (fun o -> o.Ask.Tif = "LiquidationMarket")
                    |> Seq.toArray

                let fills =
                    fillsOf s alice
                    |> Seq.filter (fun f -> not (isNull f.Liquidated))
                    |> Seq.toArray

                Expect.isGreaterThan fills.Length 1 "several levels"
                Expect.equal orders.Length 1 "one order"
                Expect.equal (orders[0].Ask.Sz, orders[0].Left, orders[0].Status) (8L * one, 0L, "filled") "whole"

                for f in fills do
                    Expect.equal f.Oid orders[0].Oid "its number")
            testCase "what it lost beyond its margin the venue's maker bears" (fun () ->
                let s = venue config
                long s "1"
                let cash = perp s

                let all () =
                    Seq.sum s.House.PerpCash + Seq.sum s.House.IsolatedCash

                let money, traded = all (), Seq.sum s.House.Volume
                s.Markets[0].Fair <- 70_000e8
                until s (fun () -> s.Position(s.ByAddress[alice].Index, btc) = 0L)
                Expect.equal (perp s) cash "all of the margin, and no more"
                let index = s.ByAddress[alice].Index
                Expect.equal s.House.IsolatedCash[index * Listing.markets.Length] 0L "no debt"
                let gone = money - all ()
                Expect.isGreaterThan gone 0L "nothing is made"
                // The highest fee of both sides of everything that was traded since.
                let most = 0.00045m * decimal (Seq.sum s.House.Volume - traded)
                Expect.isLessThan (decimal gone) most "and no more is lost than fees")
            testCase "the second tier keeps more, and allows less leverage" (fun () ->
                let s =
                    venue
                        { config with
                            Funds = [| struct (alice, 400_000_000L * one) |]
                        }

                let million = 1_000_000L * one
                Expect.equal (Figures.maintenance s btc (150L * million)) (150L * million / 80L) "first"
                let expected = 150L * million / 80L + 50L * million / 40L
                Expect.equal (Figures.maintenance s btc (200L * million)) expected "both"
                say s alice (Action.UpdateLeverage(0, true, 40)) |> ignore
                let big = ask 0 Side.Buy "80000" "2000" "Gtc"

                Expect.equal
                    (text (place s alice big))
                    "Order would cause position to exceed margin tier limit at current leverage asset=0"
                    "160 million at 40x"

                say s alice (Action.UpdateLeverage(0, true, 20)) |> ignore
                Expect.equal (text (place s alice big)) "resting" "at 20x")
        ]
