/// A run over sockets, short: what the venue, the journal and the ledger say is the same.
module Vrlg.Venue.LiveRuns

open System.Collections.Immutable
open System.IO
open Expecto
open Vrlg.Core
open Vrlg.Venue.SocketRun

/// Nothing to remember: a desk decides by what stands.
[<Sealed; AllowNullLiteral>]
type private Nothing() = class end

let private id = InstrumentId.Of 0

let private slot (side: Side) (name: int) : Slot =
    {
        Instrument = id
        Side = side
        Name = name
    }

/// Quotes a tick inside the best quotes while it holds nothing, and leaves at once what it bought or sold.
let private decide =
    Decide<Nothing>(fun state view event ->
        let touch = view.Touch id

        if event.Kind <> EventKind.Ticked || not touch.IsSound then
            struct (state, ImmutableArray.Empty)
        else
            let held = view.Position id
            let tick = 100_000_000L

            let inside =
                if touch.AskPx.Raw - touch.BidPx.Raw > 2L * tick then
                    tick
                else
                    0L

            let size = Sz.Of 100_000L

            let bid = view.Slot(slot Side.Buy 0)
            let ask = view.Slot(slot Side.Sell 0)

            let quote (side: Side) (there: SlotView) (px: int64) =

                match there.State with
                | SlotState.Empty when held.IsZero -> [ Quote(slot side 0, Px.Of px, size, QuoteTerms.UntilPulled) ]
                | SlotState.Resting when not held.IsZero || there.Px.Raw <> px -> [ Pull(slot side 0) ]
                | _ -> []

            let leave =
                if held.IsZero then
                    []
                else
                    let side = if held.Raw > 0L then Side.Sell else Side.Buy

                    let limit =
                        if held.Raw > 0L then
                            touch.BidPx.Raw - 20L * tick
                        else
                            touch.AskPx.Raw + 20L * tick

                    [ Take(slot side 1, held.Abs, Px.Of limit, true) ]

            struct (state,
                    ImmutableArray.CreateRange(
                        quote Side.Buy bid (touch.BidPx.Raw + inside)
                        @ quote Side.Sell ask (touch.AskPx.Raw - inside)
                        @ leave
                    )))

let private catcher (setup: RunSetup) : Desk[] =
    [|
        { (Setup.desks setup)[0] with
            Name = "catcher"
            Strategy = Strategy.Make("catcher", Nothing(), decide)
        }
    |]

/// Trades so long with the desk above and expects that all agree, and that it traded.
let private agree (seconds: float) (restarts: float list) =
    let folder = Directory.CreateTempSubdirectory("vrlg-run-").FullName

    try
        let told =
            go
                folder
                {
                    Seconds = seconds
                    Seed = 5L
                    Speed = 20.0
                    Settings = []
                    Desks = Some catcher
                    Restarts = restarts
                }

        let words = String.concat "\n" (List.truncate 60 told.Said)
        Expect.equal told.Faults [] words
        Expect.isGreaterThan told.Orders 5 $"orders\n{words}"
        Expect.isGreaterThan told.Fills 1 $"fills\n{words}"
        let isLost = told.Said |> List.exists (fun s -> s.Contains "is lost")
        Expect.isTrue (isLost || restarts.IsEmpty) $"the venue was gone\n{words}"
    finally
        Directory.Delete(folder, true)

let tests =
    testSequenced (
        testList
            "a run over sockets"
            [
                testCase "venue, journal and ledger agree on every fill" (fun () -> agree 20.0 [])
                testCase "so they do when the venue goes and comes back" (fun () -> agree 25.0 [ 7.0 ])
            ]
    )
