/// Book impact halves entries (D0-070, X14), slippage takes quotes deeper and forbids market entries (D0-071, X15).
module Vrlg.Stories.RiskTable

open System
open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private impact: BookImpactConfig =
    {
        Most = one / 50L
        Restore = one / 100L
        Window = Duration.OfMs 5_000L
    }

/// Orders that show so many of 1,000 coins at the best quotes, at so many milliseconds.
let private placed (orders: (int64 * int64) list) =
    orders
    |> List.fold
        (fun (b: BookImpact) (ms, shown) -> b.Placed(Instant.OfMs ms, sz shown, sz 1_000L))
        (BookImpact.Start impact)

let private slippage: SlippageConfig =
    {
        MostTicks = 1L
        Window = Duration.OfMs 60_000L
    }

/// Fills of so many coins, each so many half ticks from the mid, at so many milliseconds; a tick is 1.
let private filled (fills: (int64 * int64 * int64) list) =
    fills
    |> List.fold
        (fun (s: Slippage) (ms, size, halfTicks) ->
            let loss = Int128.op_Implicit (halfTicks * size * one)
            s.Filled(Instant.OfMs ms, sz size, loss, one))
        (Slippage.Start slippage)

let private over (ms: int64) (s: Slippage) = s.At(Instant.OfMs ms).IsOver

/// A desk that may be told not to open by crossing.
[<Sealed>]
type private Restrained(forbids: bool, next: int) =
    member _.Next = next

    interface IRestrained with
        member _.ForbidsMarketEntries = forbids

let private restrained (forbids: bool) (lines: Intent list list) : IStrategy =
    let script = List.toArray lines

    let decide =
        Decide<Restrained>(fun state _ event ->
            if event.Kind = EventKind.Ticked && state.Next < script.Length then
                struct (Restrained(forbids, state.Next + 1), ImmutableArray.CreateRange script[state.Next])
            else
                struct (state, ImmutableArray.Empty))

    Strategy.Make("restrained", Restrained(forbids, 0), decide)

let private run (sets: (string * string) list) =
    let market =
        { Synthetic.usual btc 1L with
            Length = Duration.OfMs 480_000L
            Spread = 4
            JumpEvery = Duration.OfMs 3_600_000L
        }

    let struct (trail, result) =
        Backtest.run (Given.setup btc sets) 1L (Synthetic.make market)

    trail, result

let private entries (trail: Trail) =
    trail.Orders |> Seq.filter (fun o -> o.Reason = "entry") |> Seq.toList

let private gauge (trail: Trail) (name: string) =
    trail.Gauges
    |> Seq.pick (fun struct (k, v) -> if k = name then Some v else None)

let private impactTests =
    testList
        "book impact"
        [
            testCase "the limit itself is allowed, more halves" (fun () ->
                Expect.isFalse (placed [ 0L, 10L; 1L, 10L ]).IsHalved "2 %"
                Expect.isTrue (placed [ 0L, 10L; 1L, 11L ]).IsHalved "2.1 %")
            testCase "an order counts to the window's very end" (fun () ->
                Expect.isTrue (placed [ 0L, 15L; 5_000L, 6L ]).IsHalved "five seconds"
                Expect.isFalse (placed [ 0L, 15L; 5_001L, 6L ]).IsHalved "and a millisecond")
            testCase "entries are whole again at half the limit, not above" (fun () ->
                let halved = placed [ 0L, 11L; 1_000L, 10L ]
                Expect.isTrue (halved.At(Instant.OfMs 5_000L)).IsHalved "both count"
                Expect.isFalse (halved.At(Instant.OfMs 5_001L)).IsHalved "1 % is left"
                let more = placed [ 0L, 11L; 1_000L, 11L ]
                Expect.isTrue (more.At(Instant.OfMs 6_000L)).IsHalved "1.1 % is left"
                Expect.isFalse (more.At(Instant.OfMs 6_001L)).IsHalved "nothing is left"
                Expect.equal (more.At(Instant.OfMs 6_001L)).Halvings 1L "once")
            testCase "a share is rounded up, of an empty book it is enormous, and a limit of 0 never halves" (fun () ->
                Expect.equal (BookImpact.ShareOf(Sz.Of 1L, Sz.Of 3L)) 33_333_334L "up"
                Expect.isTrue ((BookImpact.Start impact).Placed(Instant.OfMs 1L, sz 1L, sz 0L)).IsHalved "empty"
                let off = BookImpact.Start { impact with Most = 0L }
                Expect.isFalse (off.Placed(Instant.OfMs 1L, sz 9L, sz 1L)).IsHalved "off")
            testCase "a run places half the size while the sum is above the limit" (fun () ->
                let trail, _ = run [ "risk.max_book_impact", "0.0001"; "risk.impact_restore", "0" ]

                let sized (halved: bool) (o: OrderRow) =
                    let rule: SizeRule =
                        {
                            Equity = Usd.Of(10_000L * one)
                            Share = 200_000L
                            Cap = Sz.Of(8L * one / 10L)
                            IsHalved = halved
                        }

                    let own = o.Order.Sz

                    match Sizing.entry rule btc (Px.Of(o.MidTwice / 2L)) o.Order.Px with
                    | EntrySize.Of size -> size.Raw = own.Raw
                    | _ -> false

                let all = entries trail
                Expect.isTrue (all |> List.forall (fun o -> sized false o || sized true o)) "whole or half"
                Expect.isTrue (sized false all.Head) "the first is whole"
                Expect.isTrue (List.exists (sized true) all) "some are halves"
                Expect.isGreaterThan (gauge trail "impact.halvings") 0.0 "counted")
            testCase "what halving leaves below the venue's least order is skipped and counted" (fun () ->
                // A share of 20 USD buys one order of 10 and a half, not half of it.
                let least =
                    { btc with
                        MinNotional = Usd.Of(15L * one)
                    }

                let struct (trail, _) =
                    Backtest.run
                        (Given.setup least [ "risk.max_book_impact", "0.0001"; "risk.impact_restore", "0" ])
                        1L
                        (Synthetic.make (Synthetic.usual least 1L))

                for o in entries trail do
                    let value = Instrument.notional o.Order.Px o.Order.Sz
                    Expect.isGreaterThanOrEqual value.Raw (15L * one) "never below"

                Expect.isNonEmpty (entries trail) "it trades whole sizes"
                Expect.isGreaterThan (gauge trail "skipped.halved") 0.0 "and skips halves"
                Expect.equal (gauge trail "skipped.size") 0.0 "the equity was large enough"

                for code in [ "impact.halved"; "size.halved" ] do
                    Expect.isGreaterThan trail.Remarks.Counts[code] 0 code
                    Expect.exists trail.Remarks.Rows (fun r -> r.Text.StartsWith code) $"a line of {code}"

                Expect.isFalse (trail.Remarks.Counts.ContainsKey "entry") "an entry is an order"
                Expect.isLessThanOrEqual trail.Remarks.Rows.Length (50 * trail.Remarks.Counts.Count) "bounded")
        ]

let private slippageTests =
    testList
        "slippage"
        [
            testCase "the limit itself is allowed, more is over" (fun () ->
                Expect.isFalse (filled [ 0L, 1L, 2L ] |> over 0L) "one tick"
                Expect.isTrue (filled [ 0L, 1L, 3L ] |> over 0L) "one and a half")
            testCase "fills weigh by size, and an entry that earns half a tick counts against an exit" (fun () ->
                Expect.isTrue (filled [ 0L, 1L, -1L; 1L, 3L, 4L ] |> over 1L) "(-0.5 + 3 * 2) / 4"
                Expect.isFalse (filled [ 0L, 3L, -1L; 1L, 3L, 4L ] |> over 1L) "(-1.5 + 6) / 6")
            testCase "a fill counts to the minute's very end, and an empty minute is none" (fun () ->
                let s = filled [ 0L, 1L, 9L ]
                Expect.isTrue (over 60_000L s) "a minute"
                Expect.isFalse (over 60_001L s) "and a millisecond")
            testCase "back at the limit it is over no more" (fun () ->
                let s = filled [ 0L, 1L, 4L; 1L, 1L, 0L ]
                Expect.isFalse (over 1L s) "one tick on average"
                Expect.equal s.Average 1.0 "so much")
            testCase "an opening cross is refused while it holds, a resting one and an exit are not" (fun () ->
                for forbids in [ false; true ] do
                    let lines =
                        [
                            [ Take(slot Side.Buy 3, sz 1L, px 103L, false) ]
                            [ quote bid 99L 2L ]
                            [ Take(exit, sz 1L, px 99L, true) ]
                        ]

                    let stage = Stage(lines, strategy = restrained forbids lines)
                    let first = stage.Beat 100L

                    if forbids then
                        Expect.equal first [] "nothing"

                        let isForbidden (n: Note) =
                            match n with
                            | Refused(_, _, breaches) -> breaches.Contains Breach.MarketEntryForbidden
                            | _ -> false

                        Expect.isTrue (Seq.exists isForbidden stage.Notes) "with its reason"
                        stage.Beat 200L |> ignore
                        stage.Accepted(210L, 1L) |> ignore
                        stage.Filled(220L, 1L, Side.Buy, 99L, 2L, 2L) |> ignore
                        Expect.equal (stage.Beat 300L) [ "place 2 sell 1@99 ioc reduce-only" ] "the exit"

                        Expect.equal
                            (stage.Operator(400L, OperatorOrder.Kill "test"))
                            [ "place 3 sell 2@98.01 ioc reduce-only" ]
                            "and the flatten"
                    else
                        Expect.equal first [ "place 1 buy 1@103 ioc" ] "it crosses")
            testCase "a run that pays too much quotes deeper, until its minute is better" (fun () ->
                let trail, _ =
                    run
                        [
                            "risk.max_slippage_ticks", "0"
                            "risk.deeper_ticks", "2"
                            "risk.stop_outs", "0"
                        ]

                let away (o: OrderRow) =
                    let px = o.Order.Px in abs (float o.MidTwice / 2.0 - float px.Raw) / float one

                let near, deep = entries trail |> List.partition (fun o -> away o < 2.0)
                Expect.isNonEmpty near "half a tick from the mid"
                Expect.isNonEmpty deep "and deeper"

                for o in deep do
                    Expect.isGreaterThanOrEqual (away o) 2.5 "two more")
        ]

let tests = testList "the risk table" [ impactTests; slippageTests ]
