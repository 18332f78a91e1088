module Vrlg.Properties.RiskTable

open System
open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private impact: BookImpactConfig =
    {
        Most = 2_000_000L
        Restore = 1_000_000L
        Window = Duration.Of 50L
    }

/// Orders and mere looks, in time: what an order shows of 1,000.
let private orders =
    gen {
        let! steps = Gen.listOf (Gen.zip (Gen.choose (0, 30)) (Gen.choose (-5, 15)))
        let mutable now = 0L

        return
            [
                for dt, shown in steps do
                    now <- now + int64 dt
                    now, int64 (max 0 shown)
            ]
    }

/// The rule told from the whole history: the sum within the window at each instant, above the limit on, at the lower one off.
let private halvedBy (all: (int64 * int64) list) : bool list =
    let mutable halved = false

    [
        for i in 0 .. all.Length - 1 do
            let now, _ = all[i]

            let sumOf (seen: (int64 * int64) list) =
                seen
                |> List.sumBy (fun (at, shown) ->
                    if now - at <= impact.Window.Ns then
                        shown * 100_000L
                    else
                        0L)

            // What left the window is seen before the new order is.
            for sum in [ sumOf (List.take i all); sumOf (List.take (i + 1) all) ] do
                halved <- if halved then sum > impact.Restore else sum > impact.Most

            halved
    ]

let private fills =
    gen {
        let! steps =
            Gen.listOf (Gen.zip3 (Gen.choose (0, 30)) (Gen.choose (1, 5)) (Gen.choose (-3, 8)))

        let mutable now = 0L

        return
            [
                for dt, size, half in steps do
                    now <- now + int64 dt
                    now, int64 size, int64 half
            ]
    }

let private sizeRule =
    gen {
        let! equity = Gen.choose64 (1L, 100_000_000_000_000L)
        let! share = Gen.choose64 (1L, 100_000_000L)
        let! cap = Gen.choose64 (1L, 1_000_000_000L)
        let! px = Gen.choose64 (1L, 20_000_000_000_000L)
        let! least = Gen.choose64 (0L, 5_000_000_000L)
        let! decimals = Gen.choose (0, 6)

        let rules =
            { instrument 0 with
                SzDecimals = decimals
                MinNotional = Usd.Of least
            }

        let rule: SizeRule =
            {
                Equity = Usd.Of equity
                Share = share
                Cap = Sz.Of cap
                IsHalved = false
            }

        let! halved = Gen.elements [ false; true ]
        return { rule with IsHalved = halved }, rules, Px.Of px
    }

let private raw (size: EntrySize) =
    match size with
    | EntrySize.Of sz -> sz.Raw
    | _ -> 0L

/// A market that stays wide, so that positions end by the time-stop and lose their fees.
let private run (seed: int64) (sets: (string * string) list) =
    let btc =
        { instrument 0 with
            Name = "BTC"
            SzDecimals = 5
        }

    let all =
        ("signal.detector", "document")
        :: ("risk.stop_ticks", "900")
        :: ("exec.exit_after_ms", "60000")
        :: sets

    match Setup.ofPairs (ImmutableArray.CreateRange [ for k, v in all -> struct (k, v) ]) with
    | Error problems -> failtestf "%s" problems[0].Sentence
    | Ok values ->
        let market =
            { Synthetic.usual btc seed with
                Length = Duration.OfMs 360_000L
                Spread = 4
                JumpEvery = Duration.OfMs 3_600_000L
            }

        let struct (trail, _) =
            Backtest.run { Values = values; Instrument = btc } seed (Synthetic.make market)

        btc, trail

let private entries (trail: Trail) =
    trail.Orders |> Seq.filter (fun o -> o.Reason = "entry") |> Seq.toList

let private seeds = Arb.fromGen (Gen.choose64 (1L, 10_000L))

/// The ends of the pauses' rows: each third stop-out in a row since the last.
let private pauses (trail: Trail) : int64 list =
    let mutable row = 0

    [
        for t in (RoundTrips.ofFills trail.Fills).Closed do
            let net, exit = t.Net, t.Exit

            row <-
                if (t.Reason = "time_stop" || t.Reason = "stop") && net.Raw < 0L then
                    row + 1
                else
                    0

            if row = 3 then
                row <- 0
                exit.Ns
    ]

let private forbidden =
    Hostile.desks
    |> Array.map (fun d ->
        { d with
            Plan =
                { d.Plan with
                    Limits =
                        { d.Plan.Limits with
                            AllowsMarketEntries = false
                        }
                }
        })

let tests =
    testList
        "the risk table"
        [
            lawN 4 "no entry is sent while a row of stop-outs pauses, and entries come back after it" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let _, trail = run seed [ "risk.stop_outs_pause_s", "60" ]
                    let ends = pauses trail
                    let sent = entries trail |> List.map (fun o -> (let at = o.SentAt in at.Ns))

                    // The end of a position is seen 30 ms after it happened.
                    not ends.IsEmpty
                    && ends
                       |> List.forall (fun at ->
                           sent
                           |> List.forall (fun s -> s <= at + 100_000_000L || s >= at + 60_000_000_000L))
                    && sent |> List.exists (fun s -> s > ends.Head + 60_000_000_000L)))
            lawN 4 "an entry of a run is whole or half, and half only when the impact rule turned" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let btc, trail =
                        run seed [ "risk.stop_outs", "0"; "risk.max_book_impact", "0.0002" ]

                    let rule: SizeRule =
                        {
                            Equity = Usd.Of(10_000L * lot)
                            Share = 200_000L
                            Cap = Sz.Of(8L * lot / 10L)
                            IsHalved = false
                        }

                    let isOf (halved: bool) (o: OrderRow) =
                        let own = o.Order.Sz
                        let mid = Px.Of(o.MidTwice / 2L)
                        raw (Sizing.entry { rule with IsHalved = halved } btc mid o.Order.Px) = own.Raw

                    let halvings =
                        trail.Gauges
                        |> Seq.sumBy (fun struct (name, v) -> if name = "impact.halvings" then v else 0.0)

                    let halves = entries trail |> List.filter (fun o -> not (isOf false o))

                    entries trail |> List.forall (fun o -> isOf false o || isOf true o)
                    && (halves.IsEmpty || halvings > 0.0)))
            lawN 300 "where market entries are forbidden every cross reduces, whatever happens" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let mutable ok = true

                    Hostile.driveFrom (Engine.own (Engine.create Hostile.config forbidden)) all (fun _ output _ ->
                        if not output.Commands.IsDefaultOrEmpty then
                            for c in output.Commands do
                                match c with
                                | Place a -> ok <- ok && (a.Order.Tif <> Tif.Ioc || a.Order.ReduceOnly)
                                | _ -> ())
                    |> ignore<State>

                    ok))
            law "entries are halved when the history says so, and only then" (fun () ->
                Prop.forAll (Arb.fromGen orders) (fun all ->
                    let mutable b = BookImpact.Start impact

                    let seen =
                        [
                            for at, shown in all do
                                b <-
                                    if shown > 0L then
                                        b.Placed(Instant.Of at, sz shown, sz 1_000L)
                                    else
                                        b.At(Instant.Of at)

                                b.IsHalved
                        ]

                    seen = halvedBy all))
            law "slippage is over exactly when the window's average is above the limit" (fun () ->
                Prop.forAll (Arb.fromGen fills) (fun all ->
                    let config =
                        {
                            MostTicks = 1L
                            Window = Duration.Of 50L
                        }

                    let mutable s = Slippage.Start config
                    let mutable ok = true

                    for i, (at, size, half) in List.indexed all do
                        s <- s.Filled(Instant.Of at, sz size, Int128.op_Implicit (half * size * lot), lot)

                        let inside =
                            List.take (i + 1) all |> List.filter (fun (then', _, _) -> at - then' <= 50L)

                        let cost = inside |> List.sumBy (fun (_, size, half) -> size * half)
                        let whole = inside |> List.sumBy (fun (_, size, _) -> size)
                        ok <- ok && s.IsOver = (cost > 2L * whole) && s.Count = inside.Length

                    ok))
            law "a size is whole lots, never above its share, its cap or, halved, half of what it was" (fun () ->
                Prop.forAll (Arb.fromGen sizeRule) (fun (rule, rules, px) ->
                    let size = raw (Sizing.entry rule rules px px)
                    let whole = raw (Sizing.entry { rule with IsHalved = false } rules px px)
                    let money, cap = rule.Equity, rule.Cap
                    let value = Int128.op_Implicit size * Int128.op_Implicit px.Raw

                    size % Instrument.lot rules = 0L
                    && size <= cap.Raw
                    && value <= Int128.op_Implicit money.Raw * Int128.op_Implicit rule.Share
                    && (if rule.IsHalved then 2L * size <= whole else size = whole)))
            law "a size is worth the venue's least, or there is none and the reason has the numbers" (fun () ->
                Prop.forAll (Arb.fromGen sizeRule) (fun (rule, rules, px) ->
                    match Sizing.entry rule rules px px with
                    | EntrySize.Of size ->
                        let value = Instrument.notional px size
                        size.Raw > 0L && value.Raw >= rules.MinNotional.Raw
                    | EntrySize.TooSmall(_, buys, least, value, _) ->
                        buys.Raw < least.Raw && value.Raw >= rules.MinNotional.Raw
                    | EntrySize.CapTooSmall(cap, least) -> cap.Raw < least.Raw * (if rule.IsHalved then 2L else 1L)
                    | EntrySize.NoPrice -> false))
            law "the least equity that a reason names is just enough" (fun () ->
                Prop.forAll (Arb.fromGen sizeRule) (fun (rule, rules, px) ->
                    match Sizing.entry rule rules px px with
                    | EntrySize.TooSmall(_, _, _, _, needed) when needed.Raw < Int64.MaxValue ->
                        let with' (equity: int64) =
                            raw (Sizing.entry { rule with Equity = Usd.Of equity } rules px px)

                        with' needed.Raw > 0L && with' (needed.Raw - 1L) = 0L
                    | _ -> true))
        ]
