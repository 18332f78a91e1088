module Vrlg.Properties.RiskTable

open System
open Expecto
open FsCheck.FSharp
open Vrlg.Core
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

let tests =
    testList
        "the risk table"
        [
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
