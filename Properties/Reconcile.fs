module Vrlg.Properties.Reconcile

open System.Collections.Immutable
open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private account = AccountId.Of 0

let private facts (position: int64) (openOrders: Cloid list) : AccountFacts =
    {
        Account = account
        Cash = Usd.Of 0L
        Positions =
            ImmutableArray.Create<HeldPosition>(
                {
                    Instrument = InstrumentId.Of 0
                    Position = sz position
                    AvgPx = px 100L
                }
            )
        Open =
            ImmutableArray.CreateRange
                [
                    for c in openOrders ->
                        {
                            Instrument = InstrumentId.Of 0
                            Cloid = c
                        }
                ]
    }

let private seenAt (ms: int64) (s: State) (f: AccountFacts) =
    let input = Stamped(99_999L, at ms, Event.Of(RareEvent.AccountSeen f, at ms))

    let struct (next, output) = Engine.step Hostile.config s &input
    next, output

let private seen = seenAt 1_000_000L

/// What the venue's word about an account means, at the instant of `seen`.
let private verdictOf (s: State) (f: AccountFacts) =
    let looks = Looks.Empty(1, 1)
    let now = at 1_000_000L
    Reconcile.account HealthConfig.Default looks s.Facts.Ledger s.Facts.Orders now now f

let private openOf (s: State) =
    [
        for o in s.Facts.Orders.LiveOrders.ToArray() do
            if not (Order.isClosed o) then
                o.New.Cloid
    ]

/// Brings orders to rest, whatever was before.
let private resting =
    [
        for _ in 1..6 do
            yield Hostile.Beat

            for pick in 0..3 do
                yield Hostile.Told(pick, 0)
    ]

let tests =
    testList
        "reconciling"
        [
            lawN 200 "takes the venue's position for true, at once or when it has lasted" (fun () ->
                Prop.forAll
                    (Arb.fromGen (Gen.zip Hostile.happenings.Generator (Gen.choose64 (-5L, 5L))))
                    (fun (all, position) ->
                        let s = Hostile.drive (Hostile.begin' true) all (fun _ _ _ -> ()) |> Engine.share

                        let look s ms =
                            fst (seenAt ms s (facts position (openOf s)))

                        let next = List.fold look s [ 1_000_000L; 1_002_000L; 1_004_000L ]
                        let held = next.Facts.Ledger.Position(account, InstrumentId.Of 0)
                        held.Size.Raw = position * lot))
            law
                "of a fill that the venue's position has in it already moves money and fees, and nothing that is held"
                (fun () ->
                    Prop.forAll (Arb.fromGen (Gen.zip (Gen.listOf fill) fill)) (fun (fills, late) ->
                        let count (ledger: Ledger) (i, f) =
                            let struct (next, _) = ledger.Fill(null, { f with TradeId = i }, at i, at i)
                            next

                        let ledger =
                            fills
                            |> List.mapi (fun i f -> int64 i + 1L, f)
                            |> List.fold count (Ledger.Empty(1, 2))

                        let late = { late with TradeId = 1_000L }
                        let struct (next, verdict) = ledger.Contain(null, late, at 500L, at 600L)
                        let struct (_, again) = next.Contain(null, late, at 500L, at 700L)
                        let was = ledger.Position(account, late.Instrument)
                        let now = next.Position(account, late.Instrument)
                        let paid = Instrument.notional late.Px late.Sz
                        let flow = if late.Side = Side.Buy then -paid.Raw else paid.Raw

                        verdict = FillVerdict.Counted
                        && again = FillVerdict.Repeated
                        && (now.Size.Raw, now.Cost.Raw, now.Realised.Raw, now.OpenedAt.Ns) =
                            (was.Size.Raw, was.Cost.Raw, was.Realised.Raw, was.OpenedAt.Ns)
                        && now.Fees.Raw = was.Fees.Raw + late.Fee.Raw
                        && (next.CashOf account).Raw = (ledger.CashOf account).Raw + flow - late.Fee.Raw
                        && (next.Balance account).Raw = 0L))
            lawN 200 "finds no drift in its own position" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let s = Hostile.drive (Hostile.begin' true) all (fun _ _ _ -> ()) |> Engine.share
                    let held = s.Facts.Ledger.Position(account, InstrumentId.Of 0)

                    let verdict = verdictOf s (facts (held.Size.Raw / lot) (openOf s))

                    verdict.Drifts.IsEmpty && verdict.Missing.IsEmpty && verdict.Strangers.IsEmpty))
            lawN 200 "opens nothing on doubt: a drift must be agreed away first" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose64 (1L, 9L))) (fun position ->
                    let s, _ = seen (Hostile.begin' false) (facts position [])
                    let s2, _ = seen s (facts position [])
                    let s3, _ = seen s2 (facts position [])

                    not s.Facts.Health.IsReady
                    && not s2.Facts.Health.IsReady
                    && s3.Facts.Health.IsReady))
            testCase "asks about every order that the venue no longer lists, and never drops one" (fun () ->
                let mutable missed = 0

                let holds (all: Hostile.Happening list, isLater: bool) =
                    let mutable last = at 0L

                    let s =
                        Hostile.drive (Hostile.begin' true) (all @ resting) (fun input _ _ -> last <- input.At)
                        |> Engine.share

                    let held = s.Facts.Ledger.Position(account, InstrumentId.Of 0)
                    // A list as old as our last news of an order, or one that is surely newer.
                    let now = last.Ns / 1_000_000L + (if isLater then 5_000L else 1L)
                    let next, output = seenAt now s (facts (held.Size.Raw / lot) [])

                    let asked =
                        [
                            for c in output.Commands do
                                match c with
                                | Query(_, _, cloid) -> cloid
                                | _ -> ()
                        ]

                    let working =
                        [
                            for o in s.Facts.Orders.LiveOrders.ToArray() do
                                match o.Phase with
                                | Phase.Resting
                                | Phase.Cancelling -> o
                                | _ -> ()
                        ]

                    missed <- missed + working.Length

                    working
                    |> List.forall (fun o ->
                        List.contains o.New.Cloid asked
                        && (match next.Facts.Orders.TryLive o.New.Cloid with
                            | ValueSome now -> (Order.exposure now).Raw = (Order.exposure o).Raw
                            | ValueNone -> false))

                Check.One(
                    Config.QuickThrowOnFailure.WithMaxTest(100).WithQuietOnSuccess true,
                    Prop.forAll
                        (Arb.fromGen (Gen.zip Hostile.happenings.Generator (Gen.elements [ true; false ])))
                        holds
                )

                Expect.isGreaterThan missed 50 "orders that were not listed")
        ]
