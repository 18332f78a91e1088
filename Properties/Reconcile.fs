module Vrlg.Properties.Reconcile

open System.Collections.Immutable
open Expecto
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
        Open = ImmutableArray.CreateRange [ for c in openOrders -> struct (c, Sz.Of 0L) ]
    }

let private seen (s: State) (f: AccountFacts) =
    let input =
        Stamped(99_999L, at 1_000_000L, Event.Of(RareEvent.AccountSeen f, at 1_000_000L))

    let struct (next, output) = Engine.step Hostile.config s &input
    next, output

let private openOf (s: State) =
    [
        for o in s.Facts.Orders.LiveOrders.ToArray() do
            if not (Order.isClosed o) then
                o.New.Cloid
    ]

let tests =
    testList
        "reconciling"
        [
            lawN 200 "takes the venue's position for true" (fun () ->
                Prop.forAll
                    (Arb.fromGen (Gen.zip Hostile.happenings.Generator (Gen.choose64 (-5L, 5L))))
                    (fun (all, position) ->
                        let s = Hostile.drive (Hostile.begin' true) all (fun _ _ _ -> ()) |> Engine.share
                        let next, _ = seen s (facts position (openOf s))
                        let held = next.Facts.Ledger.Position(account, InstrumentId.Of 0)
                        held.Size.Raw = position * lot))
            lawN 200 "finds no drift in its own position" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let s = Hostile.drive (Hostile.begin' true) all (fun _ _ _ -> ()) |> Engine.share
                    let held = s.Facts.Ledger.Position(account, InstrumentId.Of 0)

                    let verdict =
                        Reconcile.account s.Facts.Ledger s.Facts.Orders (facts (held.Size.Raw / lot) (openOf s))

                    verdict.Drifts.IsEmpty && verdict.Missing.IsEmpty && verdict.Strangers.IsEmpty))
            lawN 200 "opens nothing on doubt: a drift must be agreed away first" (fun () ->
                Prop.forAll (Arb.fromGen (Gen.choose64 (1L, 9L))) (fun position ->
                    let s, _ = seen (Hostile.begin' false) (facts position [])
                    let s2, _ = seen s (facts position [])
                    let s3, _ = seen s2 (facts position [])

                    not s.Facts.Health.IsReady
                    && not s2.Facts.Health.IsReady
                    && s3.Facts.Health.IsReady))
            lawN 100 "asks about orders that the venue no longer lists, and never drops them" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let s = Hostile.drive (Hostile.begin' true) all (fun _ _ _ -> ()) |> Engine.share
                    let held = s.Facts.Ledger.Position(account, InstrumentId.Of 0)

                    let verdict =
                        Reconcile.account s.Facts.Ledger s.Facts.Orders (facts (held.Size.Raw / lot) [])

                    let next, _ = seen s (facts (held.Size.Raw / lot) [])
                    verdict.Missing |> Seq.forall (fun c -> next.Facts.Orders.Knows c)))
        ]
