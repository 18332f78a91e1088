module Vrlg.Properties.Risk

open System
open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private id = InstrumentId.Of 0
let private account = AccountId.Of 0

/// Position and everything that may still fill on one side.
let private worst (s: State) (side: Side) =
    let held = s.Facts.Ledger.Position(account, id)
    let working = s.Facts.Orders.Working(account, id, side)

    if side = Side.Buy then
        held.Size.Raw + working.Raw
    else
        working.Raw - held.Size.Raw

let private state = lazy (Hostile.begin' false)

let private review (order: NewOrder) =
    let s = state.Value
    let market = s.Facts.Market id

    match Health.fresh HealthConfig.Default (at 5L) 5L id market with
    | ValueNone -> Error ImmutableArray.Empty
    | ValueSome fresh ->
        Risk.review Hostile.plan.Limits market.Rules s.Facts (DeskId.Of 0) 5L (Risk.Opening fresh) order

let private anyOrder =
    gen {
        let! s = side
        let! price = Gen.choose64 (1L, 300L)
        let! size = Gen.choose64 (0L, 40L)
        return newOrder 1L s price size
    }
    |> Arb.fromGen

let tests =
    testList
        "risk"
        [
            lawN 400 "keeps position and everything that may still fill within the cap, whatever happens" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let mutable ok = true

                    Hostile.drive (Hostile.beginOpening true) all (fun _ _ s ->
                        for side in [ Side.Buy; Side.Sell ] do
                            ok <- ok && worst s side <= Hostile.cap * lot)
                    |> ignore<State>

                    ok))
            lawN 400 "keeps the position within the cap, whatever leaves it before the rest fills" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let mutable ok = true

                    Hostile.drive (Hostile.begin' true) all (fun _ _ s ->
                        let held = s.Facts.Ledger.Position(account, id)
                        ok <- ok && abs held.Size.Raw <= Hostile.cap * lot)
                    |> ignore<State>

                    ok))
            lawN 400 "places no opening order that could pass the cap" (fun () ->
                Prop.forAll Hostile.happenings (fun all ->
                    let mutable ok = true

                    Hostile.drive (Hostile.begin' true) all (fun _ output s ->
                        if not output.Commands.IsDefaultOrEmpty then
                            for c in output.Commands do
                                match c with
                                | Place approved when not approved.Order.ReduceOnly ->
                                    ok <- ok && worst s approved.Order.Side <= Hostile.cap * lot
                                | _ -> ())
                    |> ignore<State>

                    ok))
            law "approves only what the venue's price and size rules accept" (fun () ->
                Prop.forAll anyOrder (fun order ->
                    match review order with
                    | Error _ -> true
                    | Ok approved ->
                        let rules = instrument 0

                        Instrument.isValidPx rules approved.Order.Px
                        && Instrument.isValidSz rules approved.Order.Sz))
            law "refuses with every rule that is broken, and only then" (fun () ->
                Prop.forAll anyOrder (fun order ->
                    let size, price = order.Sz, order.Px
                    let isTooLarge = size.Raw > Hostile.cap * lot
                    let isEmpty = size.Raw = 0L
                    let isFar = abs (price.Raw - 100L * lot) * 10_000L > 100L * lot * 2_000L

                    match review order with
                    | Ok _ -> not isTooLarge && not isEmpty && not isFar
                    | Error breaches ->
                        let has pick = Seq.exists pick breaches

                        let cap =
                            has (fun b ->
                                match b with
                                | Breach.PositionCap _ -> true
                                | _ -> false)

                        let grid =
                            has (fun b ->
                                match b with
                                | Breach.SizeOffGrid _ -> true
                                | _ -> false)

                        let far =
                            has (fun b ->
                                match b with
                                | Breach.PriceFarFromMarket _ -> true
                                | _ -> false)

                        cap = isTooLarge && grid = isEmpty && far = isFar))
            testCase "a sum beyond 64 bits is beyond the cap, on either side" (fun () ->
                let s = state.Value
                let market = s.Facts.Market id
                let most = Int64.MaxValue / lot * lot

                for side in [ Side.Buy; Side.Sell ] do
                    let held: HeldPosition =
                        {
                            Instrument = id
                            Position = sz (if side = Side.Buy then 20L else -20L)
                            AvgPx = px 100L
                        }

                    let seen =
                        RareEvent.AccountSeen
                            {
                                Account = account
                                Cash = Usd.Of 0L
                                Positions = ImmutableArray.Create<HeldPosition> held
                                Open = ImmutableArray.Empty
                            }

                    let input = Stamped(5L, at 5L, Event.Of(seen, at 5L))
                    let struct (next, _) = Engine.step Hostile.config s &input

                    let huge =
                        { newOrder 2L side 100L 1L with
                            Sz = Sz.Of most
                        }

                    match Health.fresh HealthConfig.Default (at 5L) 5L id market with
                    | ValueNone -> failtest "the market is fresh"
                    | ValueSome fresh ->
                        match
                            Risk.review
                                Hostile.plan.Limits
                                market.Rules
                                next.Facts
                                (DeskId.Of 0)
                                5L
                                (Risk.Opening fresh)
                                huge
                        with
                        | Ok _ -> failtest "approved"
                        | Error breaches ->
                            let cap =
                                breaches
                                |> Seq.exists (fun b ->
                                    match b with
                                    | Breach.PositionCap _ -> true
                                    | _ -> false)

                            Expect.isTrue cap "the cap")
            testCase "a witness of another step or instrument proves nothing" (fun () ->
                let s = state.Value
                let market = s.Facts.Market id

                match Health.fresh HealthConfig.Default (at 5L) 4L id market with
                | ValueNone -> failtest "the market is fresh"
                | ValueSome old ->
                    match
                        Risk.review
                            Hostile.plan.Limits
                            market.Rules
                            s.Facts
                            (DeskId.Of 0)
                            5L
                            (Risk.Opening old)
                            (newOrder 1L Side.Buy 99L 1L)
                    with
                    | Ok _ -> failtest "a kept witness was accepted"
                    | Error breaches -> Expect.isTrue (Seq.contains (Breach.StaleData id) breaches) "it is stale")
        ]
