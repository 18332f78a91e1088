/// Laws that hold between the engine and the venue's truth, whatever the venue tells and when (reliability.md I1, I3, I4, I8).
module Vrlg.Properties.Truth

open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law
open Vrlg.Properties.Draws
open Vrlg.Properties.Venue

let private perp = instrument 0
let private spot = { perp with Kind = InstrumentKind.Spot }
let private id = InstrumentId.Of 0
let private account = AccountId.Of 0

/// Buys by quotes; sells by reducing crosses of three slots and a guard, more than it holds and all at once.
[<Sealed; AllowNullLiteral>]
type private Count(n: int64) =
    member _.N = n

let private leaver: IStrategy =
    let slot side name : Slot =
        {
            Instrument = id
            Side = side
            Name = name
        }

    let decide =
        Decide<Count>(fun count view event ->
            if event.Kind <> EventKind.Ticked then
                struct (count, ImmutableArray.Empty)
            else
                let n = count.N

                let bid =
                    Quote(slot Side.Buy 0, px (98L + n % 3L), sz (1L + n % 7L), QuoteTerms.UntilPulled)

                let take name =
                    Take(slot Side.Sell name, sz (1L + n % 9L), px 95L, true)

                let intents =
                    match n % 4L with
                    | 0L -> [ bid ]
                    | 1L -> [ take 1; take 2 ]
                    | 2L -> [ Guard(slot Side.Sell 3, px 98L); bid ]
                    | _ -> [ take 2; take 3; Pull(slot Side.Buy 0) ]

                struct (Count(n + 1L), ImmutableArray.CreateRange intents))

    Strategy.Make("leaver", Count 0L, decide)

let private leavers =
    Hostile.desks |> Array.map (fun d -> { d with Strategy = leaver })

let private run rules desks (all: Act list) (look: Run -> bool) =
    let r = Run(rules, desks, Hostile.config)
    let mutable ok = true

    for a in all do
        r.Do a
        ok <- ok && look r

    r, ok

/// What the engine holds and what the venue holds, once everything has been told.
let private agrees (r: Run) =
    r.Settle 40
    let held = r.State.Facts.Ledger.Position(account, id)
    let balance = r.State.Facts.Ledger.Balance account

    let live =
        [
            for o in r.State.Facts.Orders.LiveOrders.ToArray() -> let c = o.New.Cloid in c.N
        ]

    held.Size.Raw = r.Position
    && balance.Raw = 0L
    && List.sort live = List.sort r.Open

let tests =
    testList
        "the truth at the venue"
        [
            lawN
                300
                "stays within the cap with everything that may still fill, whatever is told and when (I1)"
                (fun () ->
                    Prop.forAll acts (fun all ->
                        let cap = Hostile.cap * lot

                        let _, ok =
                            run perp Hostile.openingDesks all (fun r ->
                                r.Worst Side.Buy <= cap && r.Worst Side.Sell <= cap)

                        ok))
            lawN 300 "is ours once all is told: position, orders, books (I3, I4)" (fun () ->
                Prop.forAll acts (fun all ->
                    let r, _ = run perp Hostile.desks all (fun _ -> true)
                    agrees r))
            lawN 300 "is ours once all is told, on spot too" (fun () ->
                Prop.forAll acts (fun all ->
                    let r, _ = run spot leavers all (fun _ -> true)
                    agrees r))
            lawN 300 "is never sold short on spot by exits, however many and however late their fills" (fun () ->
                Prop.forAll acts (fun all ->
                    let _, ok = run spot leavers all (fun r -> r.Position >= 0L)
                    ok))
        ]
