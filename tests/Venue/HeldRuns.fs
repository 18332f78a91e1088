/// Runs that hold something: over funding payments, and when events come faster than they are taken.
module Vrlg.Venue.HeldRuns

open System.Collections.Immutable
open System.IO
open System.Threading
open Expecto
open Vrlg.Core
open Vrlg.Shell.Live
open Vrlg.Venue.LiveRuns
open Vrlg.Venue.SocketRun

let private user = string (addressOf (Array.create 32 7uy))

let private far = slot Side.Sell 0

/// Quotes one size at the best bid until it is bought, then does what `holding` says of its sell slot and the best ask.
let private buyer (holding: SlotState -> Px -> Intent list) =
    Decide<Nothing>(fun state view event ->
        let touch = view.Touch id

        if event.Kind <> EventKind.Ticked || not touch.IsSound then
            struct (state, ImmutableArray.Empty)
        else
            let bid = view.Slot(slot Side.Buy 0)
            let sell = view.Slot far
            let held = view.Position id

            let said =
                match bid.State with
                | SlotState.Empty when held.IsZero ->
                    [ Quote(slot Side.Buy 0, touch.BidPx, Sz.Of 100_000L, QuoteTerms.UntilPulled) ]
                | SlotState.Resting when not held.IsZero || bid.Px.Raw <> touch.BidPx.Raw -> [ Pull(slot Side.Buy 0) ]
                | SlotState.Empty -> holding sell.State touch.AskPx
                | _ -> []

            struct (state, ImmutableArray.CreateRange said))

let private inFolder (test: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-run-").FullName

    try
        test folder
    finally
        Directory.Delete(folder, true)

/// An hour of funding passes in ten seconds; the venue goes and comes back after those numbers of payments.
let private fundings (restarts: int list) (least: int) =
    let hasPayments (n: int) (_: LiveHost) (port: int) =
        (fundingsOf port user "BTC").Length >= n

    inFolder (fun folder ->
        let told =
            go
                folder
                { plain with
                    Speed = 360.0
                    Desks = Some(deskOf "holder" (buyer (fun _ _ -> [])))
                    Restarts = restarts |> List.map hasPayments
                    Until = Some(hasPayments least)
                }

        let words = String.concat "\n" (List.truncate 60 told.Said)
        Expect.equal told.Faults [] words
        Expect.isGreaterThanOrEqual told.Fundings least $"payments\n{words}")

/// While it holds something and an order rests, its desk stands still until no more may wait.
let private full () =
    inFolder (fun folder ->
        let mutable shown: LiveHost option = None
        let mutable stood = false

        let standing (there: SlotState) (ask: Px) : Intent list =
            match there with
            | SlotState.Empty when not stood ->
                [
                    Quote(far, Px.Of(ask.Raw + 500L * 100_000_000L), Sz.Of 100_000L, QuoteTerms.UntilPulled)
                ]
            | SlotState.Resting when not stood ->
                stood <- true

                match shown with
                | Some host ->
                    Expect.isTrue
                        (SpinWait.SpinUntil((fun () -> not (isNull host.Trouble)), 300_000))
                        "as many wait as may"
                | None -> ()

                []
            | _ -> []

        let isOut (host: LiveHost) (port: int) =
            let state = ask port $$"""{"type":"clearinghouseState","user":"{{user}}"}"""
            let orders = ask port $$"""{"type":"openOrders","user":"{{user}}"}"""

            not (isNull host.Trouble)
            && state.GetProperty("assetPositions").GetArrayLength() = 0
            && orders.GetArrayLength() = 0

        let told =
            go
                folder
                { plain with
                    Speed = 20.0
                    Settings = [ "risk.block_stall_s", "600" ]
                    Desks =
                        Some(fun setup ->
                            // Made once to trade and once to fold the journal again, when there is nothing to wait for.
                            stood <- false
                            deskOf "slow" (buyer standing) setup)
                    MostWaiting = 150
                    Until = Some isOut
                    Host = fun host -> shown <- Some host
                }

        let words = String.concat "\n" (List.truncate 60 told.Said)
        Expect.isTrue stood "it held something"
        Expect.equal told.Faults [] words

        Expect.isTrue
            (told.Said
             |> List.exists (fun s -> s.Contains "halted by the operator: the run cannot keep up"))
            words)

let tests =
    testSequenced (
        testList
            "a run that holds something"
            [
                testCase "is told each funding payment once" (fun () -> fundings [] 2)
                testCase "so it is when the venue goes and comes back between them" (fun () -> fundings [ 2 ] 4)
                testCase "is killed with a sentence when it cannot keep up, and leaves the market" full
            ]
    )
