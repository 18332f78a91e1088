/// How the scalper's entries are shown: sides, slices, clips (D0-060, D0-061, D0-063).
module Vrlg.Stories.Entries

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given
open Vrlg.Stories.Script

let private usual =
    { Synthetic.usual btc 1L with
        Length = Duration.OfMs 480_000L
    }

let private runOn market (sets: (string * string) list) =
    let struct (trail, _) =
        Backtest.run (Given.setup btc sets) 1L (Synthetic.make market)

    trail

let private run = runOn usual

/// A market that jumps by 40 ticks every second and a half.
let private runaway =
    { usual with
        JumpEvery = Duration.OfMs 1_500L
        JumpTicks = 40
        Reversion = 0.3
    }

/// An entry as it was decided: the imbalance that it saw, and the sides quoted in the same step.
type private Decisions() =
    let all = ResizeArray<struct (float * Side list)>()
    member _.All = all

    interface IWatch with
        member _.Arrived _ = ()

        member _.Stepped(_, output, _) =
            let commands, notes = output.Commands, output.Notes

            if not notes.IsDefaultOrEmpty then
                for n in notes do
                    match n with
                    | Remarked(_, remark) when remark.Code = "entry" ->
                        let obi =
                            remark.Numbers
                            |> Seq.pick (fun struct (name, v) -> if name = "obi" then Some v else None)

                        let sides =
                            [
                                for c in commands do
                                    match c with
                                    | Place a when a.Order.Tif = Tif.Alo -> a.Order.Side
                                    | _ -> ()
                            ]

                        all.Add(struct (obi, sides))
                    | _ -> ()

        member _.Executed(_, _) = ()
        member _.Beat(_, _) = ()

let private decided (sets: (string * string) list) =
    let setup = Given.setup btc sets
    let seen = Decisions()

    let world =
        World(Backtest.world setup 1L, Setup.desks setup, Synthetic.make usual, seen)

    world.Run((fun () -> false), null) |> ignore<WorldResult>
    List.ofSeq seen.All

/// Entries with the slices that followed them: per side, in the order of sending.
let private slices (trail: Trail) =
    trail.Orders
    |> Seq.filter (fun o -> o.Reason = "entry")
    |> Seq.groupBy (fun o -> o.Order.Side)
    |> Seq.collect (fun (_, orders) ->
        orders
        |> Seq.fold
            (fun entries o ->
                match entries with
                | now :: before when o.IsRefill -> (o :: now) :: before
                | _ -> [ o ] :: entries)
            []
        |> List.map List.rev)
    |> Seq.toList

let private raw (o: OrderRow) =
    let size = o.Order.Sz
    size.Raw

/// 0.2 % of ten million is 0.2 coins, which the rule of book impact would halve.
let private rich = [ "account.equity_usd", "10000000"; "risk.max_book_impact", "0" ]

/// The scalper, which speaks a quote besides at its first heartbeat.
let rec private saying (said: Intent option) (inner: IStrategy) : IStrategy =
    { new IStrategy with
        member _.Name = inner.Name

        member _.Next(view, event) =
            let struct (next, intents) = inner.Next(view, &event)

            match said with
            | Some intent when event.Kind = EventKind.Ticked -> struct (saying None next, intents.Add intent)
            | _ -> struct (saying said next, intents)
    }

/// Three of an entry of ten have filled: the next three rest as order 2, the stop of those held as order 3.
let private stopped () =
    let setup =
        Given.setup
            instrument
            [
                "exec.exit_after_ms", "600000"
                "risk.time_stop_ms", "600000"
                "risk.stop_ticks", "1000"
            ]

    let entry =
        Quote(
            bid,
            px 100L,
            sz 10L,
            {
                Expires = Instant.OfMs 60_000L
                Display = sz 3L
            }
        )

    let scalper = Array.head (Setup.desks setup)

    let s =
        Stage([], plan = (fun p -> { p with BackstopBps = 100 }), strategy = saying (Some entry) scalper.Strategy)

    s.Beat 100L |> ignore
    s.Accepted(110L, 1L) |> ignore
    Expect.equal (s.Filled(120L, 1L, Side.Buy, 100L, 3L, 3L)).Length 2 "the next slice, and a stop"
    s.Accepted(130L, 2L) |> ignore
    s.Accepted(130L, 3L) |> ignore
    s

let tests =
    testList
        "an entry"
        [
            testCase "of one side is on the side that the imbalance favours, both ways" (fun () ->
                let all = decided [ "exec.one_sided", "true" ]

                for struct (obi, sides) in all do
                    let favoured = if obi > 0.0 then Side.Buy else Side.Sell

                    if obi <> 0.0 then
                        for side in sides do
                            Expect.equal side favoured $"at an imbalance of {obi}"

                        Expect.isLessThanOrEqual sides.Length 1 "one side"

                let count side =
                    all |> List.filter (fun struct (_, sides) -> sides = [ side ]) |> List.length

                Expect.isGreaterThan (count Side.Buy) 5 "buys"
                Expect.isGreaterThan (count Side.Sell) 5 "sells")
            testCase "of two sides is on both, whatever the imbalance" (fun () ->
                let both =
                    decided [ "exec.cooldown_factor", "0"; "risk.stop_outs", "0" ]
                    |> List.filter (fun struct (_, sides) -> sides = [ Side.Buy; Side.Sell ])

                Expect.isGreaterThan both.Length 20 "both"

                for favoured in [ 1.0; -1.0 ] do
                    let there = both |> List.exists (fun struct (obi, _) -> obi * favoured > 0.0)
                    Expect.isTrue there $"an imbalance of the sign of {favoured}")
            testCase "no larger than the least display shows whole" (fun () ->
                let trail = run []
                Expect.isFalse (trail.Orders |> Seq.exists (fun o -> o.IsRefill)) "no slice")
            testCase "that is large shows a quarter of itself, and the rest follows within its time" (fun () ->
                let entries = run rich |> slices
                let followed = entries |> List.filter (fun e -> e.Length > 1)
                Expect.isGreaterThan followed.Length 5 "slices follow"
                Expect.isTrue (entries |> List.exists (fun e -> e.Length > 2)) "and others follow them"

                for e in entries do
                    let first = e.Head
                    let total = int64 (20_000.0 / (float first.MidTwice / 2e8) * 1e8)
                    let shown = List.map raw e
                    // Lots of 0.00001: a quarter, rounded toward zero.
                    Expect.isLessThanOrEqual (List.max shown) (total / 4L + 1_000L) "a quarter at once"
                    Expect.isLessThanOrEqual (List.sum shown) (total + 1_000L) "no more than the whole"

                    for o in e do
                        let age: Duration = o.SentAt - first.SentAt
                        Expect.isLessThan age.Ns 1_000_000_000L "within the time of the first"
                        Expect.equal o.Order.Px.Raw first.Order.Px.Raw "at its price")
            testCase "of four clips shows one at a time" (fun () ->
                let entries =
                    run (rich @ [ "exec.micro_clips", "4"; "exec.display_ratio", "1" ]) |> slices

                Expect.isTrue (entries |> List.exists (fun e -> e.Length > 1)) "clips follow"
                Expect.isTrue (entries |> List.forall (fun e -> e.Length <= 4)) "no more than four"

                for e in entries do
                    Expect.isLessThanOrEqual (raw e.Head) 5_010_000L "a quarter of 0.2, in whole lots"
                    Expect.isGreaterThan (raw e.Head) 4_900_000L "and not less")
            testCase "of clips that the venue would not take has fewer" (fun () ->
                // 20 USD and a least value of 10: two clips of 10, whatever is asked.
                let strict =
                    { btc with
                        MinNotional = Usd.Of(10L * one)
                    }

                let setup =
                    Given.setup strict [ "exec.micro_clips", "10"; "exec.min_display_btc", "0" ]

                let market = Synthetic.make { usual with Instrument = strict }
                let struct (trail, _) = Backtest.run setup 1L market
                let entries = slices trail
                Expect.isNonEmpty entries "it enters"

                for e in entries do
                    Expect.isLessThanOrEqual e.Length 2 "two at most"

                    for o in e do
                        let worth = Instrument.notional o.Order.Px o.Order.Sz
                        Expect.isGreaterThanOrEqual worth.Raw (10L * one) "worth what the venue asks")
            testCase "does not go on once its position is being left, by an exit or by the stop" (fun () ->
                let check what (trail: Trail) =
                    let exits = trail.Orders |> Seq.filter (fun o -> o.Reason = what) |> Seq.toArray
                    Expect.isGreaterThan exits.Length 5 $"it leaves by {what}"

                    for e in slices trail do
                        for o in e.Tail do
                            let before =
                                exits
                                |> Array.filter (fun x -> x.SentAt.Ns >= e.Head.SentAt.Ns && x.SentAt.Ns < o.SentAt.Ns)

                            Expect.isEmpty before $"no slice after {what} of the same entry"

                let small = [ "exec.display_ratio", "0.02"; "risk.stop_outs", "0" ]
                run (rich @ small @ [ "exec.exit_after_ms", "100" ]) |> check "ideal"

                runOn runaway (rich @ small @ [ "exec.exit_after_ms", "60000"; "risk.time_stop_ms", "60000" ])
                |> check "stop")
            testCase "does not go on once the stop at the exchange has taken its position, in one fill" (fun () ->
                let s = stopped ()
                s.Told(140L, 3L, Answer.Triggered) |> ignore
                let gone = s.Filled(150L, 3L, Side.Sell, 97L, 3L, 3L)
                Expect.equal s.Position 0L "flat"
                Expect.equal gone [ "cancel 2" ] "the slice that rests is taken back"
                let late = s.Filled(160L, 2L, Side.Buy, 100L, 3L, 3L)
                Expect.equal late.Length 1 "no slice follows one that fills all the same"
                Expect.stringContains late[0] "trigger" "it has its stop")
        ]
