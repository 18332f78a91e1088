/// A market turned upside down is traded upside down: the scalper knows no side by name.
module Vrlg.Properties.Mirrored

open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private btc =
    { instrument 0 with
        Name = "BTC"
        SzDecimals = 5
    }

let private opposite side =
    if side = Side.Buy then Side.Sell else Side.Buy

/// Around 100,000 the grid is one dollar on either side.
let private mirrorPx (px: Px) : Px =
    if px.IsNone then px else Px.Of(200_000L * lot - px.Raw)

let private mirrorLevel (level: PxSz) : PxSz = { level with Px = mirrorPx level.Px }

let private mirrorLevels (levels: ImmutableArray<PxSz>) =
    ImmutableArray.CreateRange(levels, mirrorLevel)

let private mirrorEvent (e: Event) : Event =
    match e.Kind with
    | EventKind.BookMoved ->
        match e.Depth with
        | null -> e
        | depth ->
            Event.BookMoved(
                e.Instrument,
                Depth(depth.Limit, mirrorLevels depth.Asks, mirrorLevels depth.Bids),
                e.VenueAt
            )
    | EventKind.BboMoved ->
        let quote (px: Px) (sz: Sz) : PxSz voption =
            if px.IsNone then
                ValueNone
            else
                ValueSome { Px = mirrorPx px; Sz = sz }

        Event.BboMoved(e.Instrument, quote e.AskPx e.AskSz, quote e.BidPx e.BidSz, e.VenueAt)
    | EventKind.Traded -> Event.Traded(e.Instrument, opposite e.Side, mirrorPx e.Px, e.Sz, e.TradeId, e.VenueAt)
    | _ -> e

let private mirrorTape (tape: MemoryTape) : MemoryTape =
    let n = tape.Count

    MemoryTape(
        Array.init n tape.VenueAt,
        Array.empty,
        Array.init n (fun i ->
            let e = tape.Event i
            mirrorEvent e)
    )

/// What was sent: when, on which side, an entry at which price, how much.
let private sent (sets: (string * string) list) (tape: MemoryTape) =
    // Large enough that the cap alone says how much: the mirror's price differs, and with it the worth of a coin.
    let all =
        [
            "signal.detector", "document"
            "account.equity_usd", "100000000"
            "exec.max_exposure_btc", "0.3"
        ]
        @ sets

    match Setup.ofPairs (ImmutableArray.CreateRange [ for k, v in all -> struct (k, v) ]) with
    | Error problems -> failtestf "%s" problems[0].Sentence
    | Ok values ->
        let struct (trail, _) = Backtest.run { Values = values; Instrument = btc } 1L tape

        [
            for o in trail.Orders do
                let at, px, size = o.SentAt, o.Order.Px, o.Order.Sz
                // How far a cross may reach is a share of the price, which the mirror moves.
                let limit = if o.Reason = "entry" then px.Raw else 100_000L * lot
                at.Ns, o.Order.Side, limit, size.Raw, o.Reason
        ]
        |> List.sort

let private isMirrored (sets: (string * string) list) (seed: int64) =
    let tape =
        Synthetic.make
            { Synthetic.usual btc seed with
                Length = Duration.OfMs 240_000L
            }

    let straight = sent sets tape

    let mirrored =
        sent sets (mirrorTape tape)
        |> List.map (fun (at, side, px, size, reason) ->
            let turned = mirrorPx (Px.Of px)
            at, opposite side, turned.Raw, size, reason)
        |> List.sort

    straight.Length > 10 && straight = mirrored

let private seeds = Arb.fromGen (Gen.choose64 (1L, 10_000L))

let tests =
    testList
        "a mirrored market"
        [
            lawN 2 "brings the mirrored orders" (fun () -> Prop.forAll seeds (isMirrored []))
            lawN 3 "brings them of one side too" (fun () -> Prop.forAll seeds (isMirrored [ "exec.one_sided", "true" ]))
        ]
