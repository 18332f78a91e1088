/// Triggers that have fired: when they are executed, how far they reach, what a gap does to them.
module Vrlg.Stories.Triggers

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given

let private at s = Instant.OfMs(1_000L * s)

/// An exchange that holds five lots, bought at `px` (1e-8), and what it said.
type private Held(rules: MatchRules, px: int64) =
    let config = exchangeConfig QueueModel.RiskAverse
    let out = Reports()
    let mutable e = Exchange.own (Exchange.create { config with Rules = rules })
    let mutable n = 0L

    let order side px tif : NewOrder =
        n <- n + 1L

        {
            Account = AccountId.Of 0
            Instrument = id
            Cloid = { Run = 1L; N = n }
            Side = side
            Px = Px.Of px
            Sz = Sz.Of(5L * one)
            Tif = tif
            ReduceOnly = side = Side.Sell
            Trigger = Px.Of 0L
            Expires = Instant.Of 0L
        }

    do
        e <- Exchange.level e (at 1L) 0 Side.Sell px (10L * one) out
        e <- Exchange.place e (at 1L) (order Side.Buy px Tif.Ioc) out
        out.Clear()

    member _.Level(time, side, px, lots) =
        e <- Exchange.level e (at time) 0 side px (lots * one) out

    /// A stop that sells at `px`.
    member _.Stop(time, px, isMarket) =
        let trigger: Trigger =
            {
                Px = px
                IsTakeProfit = false
                IsMarket = isMarket
                FollowsPosition = false
                Group = 0L
            }

        e <- Exchange.placeTrigger e (at time) (order Side.Sell px Tif.Gtc) trigger out

    member _.Mark(time, px) =
        let event = Event.ContextMoved(id, Px.Of px, Px.Of px, 0L, Sz.Of 0L, at time)
        e <- Exchange.market e (at time) &event out

    member _.Gap time = e <- Exchange.gap e (at time) id out

    member _.Fire(time, upTo) =
        e <- Exchange.fired e (at time) (at upTo) 0 out

    member _.HasFired = e.HasFired

    /// Lots filled, and the last word, since the last question.
    member _.Said =
        let mutable filled = 0L
        let mutable last = ""

        for i in 0 .. out.Count - 1 do
            let r = out.Report i

            if r.Kind = ReportKind.Filled then
                filled <- filled + r.Sz / one

            match r.Word with
            | null -> ()
            | w -> last <- w

        out.Clear()
        filled, last

let private usual = MatchRules.Default

let tests =
    testList
        "fired triggers"
        [
            testCase "a block executes what fired before it, not what fires in it" (fun () ->
                let h = Held(usual, 100L * one)
                h.Level(2L, Side.Buy, 97L * one, 10L)
                h.Stop(2L, 98L * one, true)
                h.Mark(3L, 98L * one)
                h.Fire(3L, 2L)
                Expect.equal h.Said (0L, "") "fired in this block"
                Expect.isTrue h.HasFired "it waits for the next"
                h.Fire(4L, 3L)
                Expect.equal h.Said (5L, "") "which executes it"
                Expect.isFalse h.HasFired "nothing is left")
            testCase "the tolerance of a price below 0.0001 is not nothing" (fun () ->
                let h = Held(usual, 9_000L)
                h.Level(2L, Side.Buy, 8_200L, 10L)
                h.Stop(2L, 9_000L, true)
                h.Mark(3L, 9_000L)
                h.Fire(3L, 3L)
                Expect.equal h.Said (5L, "") "8,200 is within ten percent of 9,000")
            testCase "inside a gap there is no book for them, unless takers may use the stale one" (fun () ->
                let fired rules isMarket =
                    let h = Held(rules, 100L * one)
                    h.Level(2L, Side.Buy, 98L * one, 10L)
                    h.Stop(2L, 98L * one, isMarket)
                    h.Gap 3L
                    h.Mark(4L, 98L * one)
                    h.Fire(4L, 4L)
                    h.Said

                let stale = { usual with TakesInGap = true }
                Expect.equal (fired usual true) (0L, "marketOrderNoLiquidityRejected") "a market order"
                Expect.equal (fired usual false) (0L, "noBook") "a limit order"
                Expect.equal (fired stale true) (5L, "") "a market order on the stale book"
                Expect.equal (fired stale false) (5L, "") "a limit order on the stale book")
            testCase "a group is an account's own" (fun () ->
                let config = exchangeConfig QueueModel.RiskAverse
                let out = Reports()

                let mutable e =
                    Exchange.own (
                        Exchange.create
                            { config with
                                Accounts = 2
                                Rules = { usual with CapsReducers = false }
                            }
                    )

                e <- Exchange.level e (at 1L) 0 Side.Buy (98L * one) (100L * one) out
                e <- Exchange.level e (at 1L) 0 Side.Sell (100L * one) (100L * one) out

                let order account n side reduces : NewOrder =
                    {
                        Account = AccountId.Of account
                        Instrument = id
                        Cloid = { Run = 1L; N = n }
                        Side = side
                        Px = Px.Of((if side = Side.Buy then 100L else 98L) * one)
                        Sz = Sz.Of(5L * one)
                        Tif = Tif.Ioc
                        ReduceOnly = reduces
                        Trigger = Px.Of 0L
                        Expires = Instant.Of 0L
                    }

                let stop px : Trigger =
                    {
                        Px = px * one
                        IsTakeProfit = false
                        IsMarket = true
                        FollowsPosition = false
                        Group = 7L
                    }

                for account in 0..1 do
                    let n = 10L * int64 account
                    e <- Exchange.place e (at 2L) (order account (n + 1L) Side.Buy false) out
                    let px = 99L - int64 account
                    e <- Exchange.placeTrigger e (at 2L) (order account (n + 2L) Side.Sell true) (stop px) out

                for time, mark in [ 3L, 99L; 4L, 98L ] do
                    let event =
                        Event.ContextMoved(id, Px.Of(mark * one), Px.Of(mark * one), 0L, Sz.Of 0L, at time)

                    e <- Exchange.market e (at time) &event out
                    e <- Exchange.fired e (at time) (at time) 0 out

                let left =
                    [ for a in 0..1 -> let held = e.Position(AccountId.Of a, id) in held.Raw ]

                Expect.equal left [ 0L; 0L ] "the first account's fill left the other's stop alone")
            testCase "an order that could only reduce ends inside the walk that takes the position away" (fun () ->
                let config = exchangeConfig QueueModel.RiskAverse
                let out = Reports()
                let mutable e = Exchange.own (Exchange.create config)

                let order n side px lots tif reduces : NewOrder =
                    {
                        Account = AccountId.Of 0
                        Instrument = id
                        Cloid = { Run = 1L; N = n }
                        Side = side
                        Px = Px.Of(px * one)
                        Sz = Sz.Of(lots * one)
                        Tif = tif
                        ReduceOnly = reduces
                        Trigger = Px.Of 0L
                        Expires = Instant.Of 0L
                    }

                e <- Exchange.level e (at 1L) 0 Side.Buy (100L * one) (3L * one) out
                e <- Exchange.level e (at 1L) 0 Side.Buy (99L * one) (10L * one) out
                e <- Exchange.level e (at 1L) 0 Side.Sell (101L * one) (3L * one) out
                e <- Exchange.place e (at 2L) (order 1L Side.Buy 101L 3L Tif.Ioc false) out
                e <- Exchange.place e (at 2L) (order 2L Side.Sell 102L 3L Tif.Alo true) out
                out.Clear()
                e <- Exchange.place e (at 3L) (order 3L Side.Sell 99L 5L Tif.Ioc false) out

                let told =
                    [
                        for i in 0 .. out.Count - 1 do
                            let r = out.Report i
                            let cloid = r.Cloid
                            cloid.N, r.Kind
                    ]

                Expect.equal
                    told
                    [
                        3L, ReportKind.Accepted
                        3L, ReportKind.Filled
                        2L, ReportKind.Ended
                        3L, ReportKind.Filled
                    ]
                    "between the two fills")
        ]
