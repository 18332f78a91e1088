/// Fills and accounts as a broken or hostile venue may tell them, and the limits that stop a run.
module Vrlg.Stories.Money

open System
open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private seen: AccountFacts =
    {
        Account = AccountId.Of 0
        Cash = Usd.Of(1_000_000L * one)
        Positions = ImmutableArray.Empty
        Open = ImmutableArray.Empty
    }

let private told (facts: AccountFacts) =
    Event.Of(RareEvent.AccountSeen facts, Instant.OfMs 50L)

let private fill instrument : Fill =
    {
        Account = AccountId.Of 0
        Instrument = instrument
        Cloid = { Run = 1L; N = 1L }
        TradeId = 77L
        Side = Side.Buy
        Px = px 99L
        Sz = sz 10L
        Fee = Usd.Of 0L
        Cumulative = sz 10L
        IsMaker = true
    }

let private filled (f: Fill) =
    Event.Of(RareEvent.Filled f, Instant.OfMs 200L)

/// A quote of 10 at 99, accepted.
let private quoting (config: Config) =
    let s = Stage([ [ quote bid 99L 10L ] ], config = config)
    s.Beat 100L |> ignore
    s.Accepted(120L, 1L) |> ignore
    s

let private limited =
    { config with
        MaxLoss = Usd.Of(100L * one)
        Stall = StallConfig.Off
    }

let private isHalted (s: Stage) = s.State.Facts.Health.IsHalted

let tests =
    testList
        "money"
        [
            testCase "of one trade told twice with other totals counts once" (fun () ->
                let s = quoting config
                s.Hear(200L, filled (fill id)) |> ignore
                s.Hear(210L, filled { fill id with Cumulative = sz 0L }) |> ignore
                Expect.equal s.Position 10L "one trade of 10")
            testCase "of a fill of an instrument that the run does not have is said and asked about" (fun () ->
                let s = quoting config
                let commands = s.Hear(200L, filled (fill (InstrumentId.Of 7)))
                Expect.equal commands [ "resync" ] "the venue is asked"
                Expect.equal s.Position 0L "nothing was counted"

                let faults =
                    s.Notes
                    |> Seq.filter (fun n ->
                        match n with
                        | OrderFaulted _ -> true
                        | _ -> false)
                    |> Seq.length

                Expect.equal faults 1 "and it is noted")
            testCase "of an account without lists is an account without positions" (fun () ->
                let s = Stage []

                s.Hear(
                    50L,
                    told
                        { seen with
                            Positions = Unchecked.defaultof<_>
                            Open = Unchecked.defaultof<_>
                        }
                )
                |> ignore

                Expect.equal s.Position 0L "flat")
            testCase "of a position that no venue can mean is survived" (fun () ->
                let s = Stage []

                for raw in [ Int64.MinValue; Int64.MaxValue; Int64.MinValue + 1L ] do
                    let held: HeldPosition =
                        {
                            Instrument = id
                            Position = Sz.Of raw
                            AvgPx = px 1L
                        }

                    s.Hear(
                        50L,
                        told
                            { seen with
                                Positions = ImmutableArray.Create<HeldPosition> held
                            }
                    )
                    |> ignore

                    s.Operator(60L, OperatorOrder.Flatten) |> ignore
                    s.Beat 100L |> ignore

                Expect.isTrue (s.Position < 0L) "the last word stands")
            testCase "lost by a missing ask is no loss: the last mid stands" (fun () ->
                let s = quoting limited
                s.Filled(130L, 1L, Side.Buy, 99L, 10L, 10L) |> ignore
                s.Beat 150L |> ignore
                s.Level(160L, Side.Sell, 103L, 0L) |> ignore
                s.Beat 200L |> ignore
                Expect.isFalse (isHalted s) "10 at 99 with a mid of 101 lose nothing"
                let mark = s.State.Facts.Market(id).MarkOrMid
                Expect.equal mark.Raw (101L * one) "the last mid")
            testCase "lost up to the limit halts, a little less does not" (fun () ->
                // 10 at 99: the mid must fall to 89 for a loss of 100.
                for bidPx, askPx, halts in [ 89L, 90L, false; 88L, 90L, true; 80L, 82L, true ] do
                    let s = quoting limited
                    s.Filled(130L, 1L, Side.Buy, 99L, 10L, 10L) |> ignore
                    s.Level(140L, Side.Sell, askPx, 5L) |> ignore
                    s.Level(145L, Side.Buy, bidPx, 5L) |> ignore
                    s.Beat 200L |> ignore
                    Expect.equal (isHalted s) halts $"a mid of {bidPx + askPx} halves")
            testCase "lost on a short with nothing offered still counts" (fun () ->
                let s = Stage([ []; [ quote ask 103L 10L ] ], config = limited)
                s.Beat 50L |> ignore
                s.Beat 100L |> ignore
                s.Accepted(120L, 1L) |> ignore
                s.Level(125L, Side.Sell, 103L, 0L) |> ignore
                s.Filled(130L, 1L, Side.Sell, 90L, 10L, 10L) |> ignore
                s.Beat 200L |> ignore
                Expect.isTrue (isHalted s) "10 short from 90 at the last mid of 101 lose 110")
            testCase "of actions is spent by the cancel of an order that we do not know" (fun () ->
                let s = Stage []
                s.SeenAsOf(50L, 50L, 0L, [ { Run = 1L; N = 99L } ]) |> ignore
                let budget = s.State.Facts.Budget(AccountId.Of 0)
                Expect.equal budget.Used 1L "one")
            testCase "of actions runs out for entries first, then for exits" (fun () ->
                let poor =
                    { config with
                        Budget =
                            {
                                Allowance = 4L
                                ExitReserve = 1L
                                Used = 0L
                                TradedUsd = Usd.Of 0L
                            }
                    }

                let leave = Take(exit, sz 10L, px 98L, true)
                let more name = [ quote (slot Side.Buy name) 99L 5L ]

                let s =
                    Stage(
                        [ [ quote bid 99L 10L ]; more 1; more 2; [ Pull(slot Side.Buy 1) ]; [ leave ] ],
                        config = poor
                    )

                Expect.equal (s.Beat 100L) [ "place 1 buy 10@99 alo" ] "4 left"
                s.Accepted(110L, 1L) |> ignore
                // Worth less than a dollar: it earns no action.
                s.Hear(120L, filled { fill id with Px = Px.Of(one / 20L) }) |> ignore
                Expect.equal (s.Beat 200L) [ "place 2 buy 5@99 alo" ] "3 left: itself, its cancel, one for exits"
                s.Accepted(210L, 2L) |> ignore
                Expect.isEmpty (s.Beat 300L) "2 left, of which none is an entry's"

                let spent =
                    s.Notes
                    |> Seq.exists (fun n ->
                        match n with
                        | Refused(_, _, breaches) -> breaches.Contains(Breach.BudgetSpent 0L)
                        | _ -> false)

                Expect.isTrue spent "and says so"
                Expect.equal (s.Beat 400L) [ "cancel 2" ] "the quote's cancel was kept for it"
                s.Cancelled(410L, 2L, 0L) |> ignore
                Expect.equal (s.Beat 500L) [ "place 3 sell 10@98 ioc reduce-only" ] "the exit takes the last"
                Expect.isEmpty (s.Beat 600L) "none is left")
        ]
