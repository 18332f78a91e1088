/// The net delta of all desks against what one second may cost it (D0-073, X17).
module Vrlg.Stories.Hedges

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private rule (rule: NetDeltaRule) : HedgeConfig =
    {
        Rule = rule
        Traded = id
        Instrument = id
        Limit = Usd.Of 0L
        MaxExposure = sz 10L
    }

let private hedging (h: HedgeConfig) : Config = { config with Hedge = h }

/// A run that bought so much at 99 and saw so many seconds of a mid that moves by one and back.
let private holding (h: HedgeConfig) (bought: int64) (seconds: int) (extra: Intent list list) =
    let lines = [ quote bid 99L bought ] :: extra
    let s = Stage(lines, config = hedging h)
    s.Beat 100L |> ignore
    s.Accepted(110L, 1L) |> ignore

    for i in 1..seconds do
        let t = 1_000L * int64 i
        s.Level(t + 50L, Side.Sell, 103L, (if i % 2 = 0 then 10L else 0L)) |> ignore
        s.Level(t + 50L, Side.Sell, 105L, 10L) |> ignore

        for beat in 1L .. 10L do
            s.Beat(t + 100L * beat) |> ignore

    s.Filled(1_000L * int64 seconds + 1_010L, 1L, Side.Buy, 99L, bought, bought)
    |> ignore

    s, 1_000L * int64 seconds + 1_100L

let private var = rule NetDeltaRule.Var

let private remarks (s: Stage) =
    s.Notes
    |> Seq.choose (fun n ->
        match n with
        | Remarked(_, r) when r.Code.StartsWith("hedge.", System.StringComparison.Ordinal) -> Some r.Code
        | _ -> None)
    |> Seq.toList

let private isPlaced (commands: string list) =
    commands
    |> List.exists (fun c -> c.StartsWith("place", System.StringComparison.Ordinal))

// ---- two coins: the hedge on the other one ----

let private other = InstrumentId.Of 1

let private two (h: HedgeConfig) : Config =
    { hedging h with
        Instruments =
            ImmutableArray.CreateRange
                [
                    instrument
                    { instrument with
                        Id = other
                        Name = "OTHER"
                    }
                ]
    }

let private silent: IStrategy =
    Strategy.Make("silent", "", Decide<string>(fun state _ _ -> struct (state, ImmutableArray.Empty)))

let private desk (trades: InstrumentId list) : Desk =
    {
        Name = "desk"
        Instruments = ImmutableArray.CreateRange trades
        Strategy = silent
        Plan =
            {
                Account = AccountId.Of 0
                Limits =
                    {
                        MaxPosition = sz 100L
                        MaxOrder = Usd.Of(1_000_000L * one)
                        MaxOpenOrders = 10
                        BandBps = 5_000
                        AllowsMarketEntries = false
                    }
                Health = HealthConfig.Default
                RetryRefused = false
                ToleranceBps = 100
                BackstopBps = 0
            }
    }

/// Nine coins of the first are held; both mids moved for so many seconds. Answers with what the last beat placed.
let private onOtherBy (first: IStrategy) (h: HedgeConfig) (other': int64) (seconds: int) =
    let c = two h

    let mutable s =
        Engine.create c [| { desk [ id ] with Strategy = first }; desk [ other ] |]

    let mutable seq = 0L
    let mutable placed: NewOrder list = []

    let hear (ms: int64) (e: Event) =
        let input = Stamped(seq, Instant.OfMs ms, e)
        seq <- seq + 1L
        let struct (next, output) = Engine.step c s &input
        s <- next

        if not output.Commands.IsDefaultOrEmpty then
            for command in output.Commands do
                match command with
                | Place a -> placed <- a.Order :: placed
                | _ -> ()

    let held (i: InstrumentId) (size: int64) : HeldPosition =
        {
            Instrument = i
            Position = sz size
            AvgPx = px 100L
        }

    let seen: AccountFacts =
        {
            Account = AccountId.Of 0
            Cash = Usd.Of(1_000_000L * one)
            Positions = ImmutableArray.Create<HeldPosition>(held id 9L, held other other')
            Open = ImmutableArray.Empty
        }

    hear 0L (Event.Of(RareEvent.RunStarted { Run = 1L; FirstCloid = 1L }, Instant.OfMs 0L))
    hear 0L (Event.Of(RareEvent.AccountSeen seen, Instant.OfMs 0L))

    for i in 0..seconds do
        let t = 1_000L * int64 i

        for k in [ id; other ] do
            let ask = if i % 2 = 0 then 103L else 105L

            hear
                (t + 10L)
                (Event.BboMoved(
                    k,
                    ValueSome { Px = px 99L; Sz = sz 9L },
                    ValueSome { Px = px ask; Sz = sz 9L },
                    Instant.OfMs(t + 10L)
                ))

        for beat in 1L .. 10L do
            hear (t + 100L * beat) (Event.Ticked(Instant.OfMs(t + 100L * beat)))

    List.rev placed

let private onOther = onOtherBy silent

/// Leaves nine coins of the first, once, at an instant of the grid.
let private leaving (ms: int64) : IStrategy =
    Strategy.Make(
        "leaving",
        "",
        Decide<string>(fun state view event ->
            let now = view.Now

            if event.Kind = EventKind.Ticked && now.Ns = ms * 1_000_000L then
                struct (state, ImmutableArray.Create<Intent>(Take(exit, sz 9L, px 98L, true)))
            else
                struct (state, ImmutableArray.Empty))
    )

let tests =
    testList
        "the net delta"
        [
            testCase "at exactly 0.8 of the limit nothing is hedged" (fun () ->
                let s, at = holding var 8L 40 []
                Expect.isFalse (isPlaced (s.Beat at)) "nothing"
                Expect.isTrue (s.State.NetDelta.VarUsd > 0.0) "it is judged"
                Expect.equal (remarks s) [] "nothing said")
            testCase
                "above it the hedge brings the risk to 0.6 of the limit, by a reducing cross, and says so"
                (fun () ->
                    let s, at = holding var 9L 40 []
                    Expect.equal (s.Beat at) [ "place 2 sell 3@98.01 ioc reduce-only" ] "nine less three is six"
                    Expect.equal (remarks s) [ "hedge.on" ] "said"
                    s.Filled(at + 10L, 2L, Side.Sell, 99L, 3L, 3L) |> ignore
                    Expect.isFalse (isPlaced (s.Beat(at + 100L))) "at 0.6 it is over"
                    Expect.equal (remarks s) [ "hedge.on"; "hedge.off" ] "and said")
            testCase "between 0.6 and 0.8 it goes on when it was on, and does not begin" (fun () ->
                let s, at = holding var 7L 40 []
                Expect.isFalse (isPlaced (s.Beat at)) "it does not begin"
                let s, at = holding var 9L 40 []
                s.Beat at |> ignore
                // A part of the hedge alone fills, and the rest is cancelled by the venue.
                s.Filled(at + 10L, 2L, Side.Sell, 99L, 1L, 1L) |> ignore
                s.Cancelled(at + 20L, 2L, 1L) |> ignore
                Expect.isFalse (isPlaced (s.Beat(at + 100L))) "not within a second of the last"
                let later = [ for i in 2L .. 11L -> s.Beat(at + 100L * i) ] |> List.concat
                Expect.equal later [ "place 3 sell 2@98.01 ioc reduce-only" ] "8 less 2 is 6")
            testCase "before thirty seconds are known nothing is hedged" (fun () ->
                let s, at = holding var 9L 20 []
                Expect.isFalse (isPlaced (s.Beat at)) "unknown")
            testCase "a limit in USD counts as it is stated" (fun () ->
                let s, at = holding { var with Limit = Usd.Of(one / 100L) } 2L 40 []
                Expect.isTrue (isPlaced (s.Beat at)) "a cent a second is little"

                let s, at =
                    holding
                        { var with
                            Limit = Usd.Of(1_000_000L * one)
                        }
                        9L
                        40
                        []

                Expect.isFalse (isPlaced (s.Beat at)) "a million is not")
            testCase "the document's rule holds for every delta: that is why it is not the default" (fun () ->
                for held in [ 1L; 5L; 9L ] do
                    let s, at = holding (rule NetDeltaRule.Document) held 40 []
                    let order = $"place 2 sell {held}@98.01 ioc reduce-only"
                    Expect.equal (s.Beat at) [ order ] "all of it leaves at once"
                // One second's deviation of a return would have to be above 54 % for it not to hold.
                let holds sigma =
                    let verdict = NetDelta.Judge(NetDeltaRule.Document, false, 100.0, sigma, 1e9)
                    verdict.IsHedging

                Expect.isTrue (holds 4e-5) "of BTC it is 4e-5"
                Expect.isFalse (holds 0.54) "no market moves like this")
            testCase "off hedges nothing" (fun () ->
                let s, at = holding HedgeConfig.Off 9L 40 []
                Expect.isFalse (isPlaced (s.Beat at)) "nothing")
            testCase "an exit that is on its way does the hedge's work" (fun () ->
                // One line a beat: the exit is said at the very beat that judges.
                let lines = List.replicate 400 [] @ [ [ Take(exit, sz 9L, px 98L, true) ] ]
                let s, at = holding var 9L 40 lines
                Expect.equal (s.Beat at) [ "place 2 sell 9@98 ioc reduce-only" ] "the exit alone"
                Expect.isFalse (isPlaced (s.Beat(at + 100L))) "nothing beside it"
                Expect.equal (remarks s) [ "hedge.on" ] "though the rule holds")
            testCase "and a quote on its side together never turn the position beyond the cap" (fun () ->
                // The quote alone would end at the cap; after the hedge it would begin from nothing.
                let capped (p: PlanConfig) =
                    { p with
                        Limits = { p.Limits with MaxPosition = sz 10L }
                    }

                let s =
                    Stage(
                        [ [ quote bid 99L 10L ]; [ quote ask 104L 20L ]; [ quote ask 104L 10L ] ],
                        config = hedging (rule NetDeltaRule.Document),
                        plan = capped
                    )

                s.Beat 100L |> ignore
                s.Accepted(110L, 1L) |> ignore
                s.Filled(120L, 1L, Side.Buy, 99L, 10L, 10L) |> ignore
                Expect.equal (s.Beat 200L) [ "place 2 sell 10@98.01 ioc reduce-only" ] "the hedge alone"
                Expect.equal (s.Beat 300L) [ "place 3 sell 10@104 alo" ] "as much as the cap"
                s.Accepted(310L, 3L) |> ignore
                s.Filled(320L, 2L, Side.Sell, 99L, 10L, 10L) |> ignore
                s.Filled(330L, 3L, Side.Sell, 104L, 10L, 10L) |> ignore
                Expect.equal s.Position -10L "whatever fills")
            testCase "leaves the actions that are kept for exits alone, and says once that it has none" (fun () ->
                let poor =
                    { hedging (rule NetDeltaRule.Document) with
                        Budget =
                            { Budget.Unlimited with
                                Allowance = 1L
                                ExitReserve = 1L
                            }
                    }

                let s = Stage([ []; [ Guard(exit, px 98L) ] ], config = poor)
                s.Seen(50L, 9L) |> ignore
                Expect.equal (s.Beat 100L) [] "no hedge"
                Expect.equal (s.Beat 200L) [] "nor later"
                Expect.equal s.Refusals 1 "said once"
                s.Level(250L, Side.Buy, 98L, 5L) |> ignore
                let hit = s.Level(260L, Side.Buy, 99L, 0L)
                Expect.equal hit.Length 1 "the stop has its own"
                Expect.stringContains hit[0] "ioc reduce-only" "and crosses")
            testCase "never while halted or flattening: the flatten takes all" (fun () ->
                for order in [ OperatorOrder.Kill "test"; OperatorOrder.Flatten ] do
                    let s, at = holding var 9L 40 []
                    let first = s.Operator(at - 50L, order)
                    Expect.equal first [ "place 2 sell 9@98.01 ioc reduce-only" ] "the flatten"
                    Expect.isFalse (isPlaced (s.Beat at)) "no hedge beside it")
            testCase "less than a lot is not hedged" (fun () ->
                let hedge (raw: int64) =
                    let net = System.Int128.op_Implicit raw * System.Int128.op_Implicit (200L * one)
                    let size = NetDelta.Size(net, 100_000_000L, 100L, 200L * one)
                    size.Raw

                Expect.equal (hedge 90L) 0L "0.9 of a lot"
                Expect.equal (hedge 190L) 100L "1.9 lots are hedged by one")
            testCase
                "on another coin it opens there, through the whole review but the rule for market entries"
                (fun () ->
                    let h = { var with Instrument = other }

                    match onOther h 0L 40 with
                    | order :: _ ->
                        Expect.equal order.Instrument.Index 1 "the other coin"

                        Expect.equal
                            (order.Side, order.Sz.Raw, order.ReduceOnly)
                            (Side.Sell, 3L * one, false)
                            "three are sold"
                    | [] -> failtest "no hedge")
            testCase "on another coin that is held it reduces first" (fun () ->
                match onOther { var with Instrument = other } 2L 40 with
                | order :: _ -> Expect.equal (order.Sz.Raw, order.ReduceOnly) (2L * one, true) "what is held there"
                | [] -> failtest "no hedge")
            testCase "on another coin it waits while the first one is being left" (fun () ->
                // The thirtieth second is known at 31 s; the exit goes a moment before.
                let placed = onOtherBy (leaving 30_900L) { var with Instrument = other } 0L 33

                Expect.equal
                    (placed |> List.map (fun o -> o.Instrument.Index, o.Sz.Raw / one))
                    [ 0, 9L ]
                    "the exit alone")
            testCase "what the other coin holds against it counts" (fun () ->
                Expect.isEmpty (onOther var -3L 40) "9 less 3 is 6")
            testCase "settings name rule, limit and coin" (fun () ->
                let setup =
                    Given.setup
                        btc
                        [
                            "risk.net_delta_rule", "document"
                            "risk.var_limit_usd", "5"
                            "risk.hedge_symbol", "OTHER-PERP"
                        ]

                let both =
                    ImmutableArray.CreateRange [ btc; { btc with Id = other; Name = "OTHER" } ]

                let h = Setup.hedge setup both
                Expect.equal (h.Rule, h.Instrument.Index, h.Limit.Raw) (NetDeltaRule.Document, 1, 5L * one) "read"
                let alone = Setup.hedge setup (ImmutableArray.Create<Instrument> btc)
                Expect.equal alone.Instrument.Index 0 "not in the run: the traded coin")
        ]
