/// A run over sockets, short: what the venue, the journal and the ledger say is the same.
module Vrlg.Venue.LiveRuns

open System.Collections.Immutable
open System.IO
open System.Threading
open Expecto
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Shell.Live
open Vrlg.Venue.SocketRun

/// Nothing to remember: a desk decides by what stands.
[<Sealed; AllowNullLiteral>]
type Nothing() = class end

let id = InstrumentId.Of 0

let slot (side: Side) (name: int) : Slot =
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

/// The desk of a run, with another strategy.
let deskOf (name: string) (decide: Decide<Nothing>) (setup: RunSetup) : Desk[] =
    [|
        { (Setup.desks setup)[0] with
            Name = name
            Strategy = Strategy.Make(name, Nothing(), decide)
        }
    |]

let private catcher = deskOf "catcher" decide

/// Who the tests are at the venue.
let private user = addressOf (Array.create 32 7uy)

let private hasFills (least: int) (_: LiveHost) (port: int) =
    (fillsOf port (string user)).Length >= least

/// Trades with the desk above until so much was filled, the venue going and coming back after those numbers of fills before, and
/// expects that all agree.
let private agree (fills: int) (restarts: int list) =
    let folder = Directory.CreateTempSubdirectory("vrlg-run-").FullName

    try
        let told =
            go
                folder
                { plain with
                    Speed = 20.0
                    Desks = Some catcher
                    Restarts = restarts |> List.map hasFills
                    Until = Some(hasFills fills)
                }

        let words = String.concat "\n" (List.truncate 60 told.Said)
        Expect.equal told.Faults [] words
        Expect.isGreaterThan told.Orders 5 $"orders\n{words}"
        Expect.isGreaterThanOrEqual told.Fills fills $"fills\n{words}"
        let isLost = told.Said |> List.exists (fun s -> s.Contains "is lost")
        Expect.isTrue (isLost || restarts.IsEmpty) $"the venue was gone\n{words}"
    finally
        Directory.Delete(folder, true)

/// A host of a run, or why there is none.
let private host (address: string) (setup: RunSetup) (key: TradingKey) (folder: string) : Result<LiveHost, string> =
    let mutable trouble = ""

    match Network.Find(address, &trouble) with
    | null -> failtest trouble
    | network ->
        let run = Path.Combine(folder, "run-" + System.Guid.NewGuid().ToString "N")
        let options = LiveOptions(network, setup, key, folder, run, GatewayOptions.Default)
        let opening = LiveHost.OpenAsync(options, CancellationToken.None)

        match opening.GetAwaiter().GetResult() with
        | null, why -> Error why
        | host, _ -> Ok host

/// A resting order with a client's number, in the name of the account.
let private rest (port: int) (key: TradingKey) (folder: string) (cloid: Cloid) =
    let clock = RunClock System.TimeProvider.System
    let mutable trouble = ""

    match Nonces.Open(folder, key.Signer, clock, &trouble), Network.Find($"http://127.0.0.1:{port}", &trouble) with
    | null, _
    | _, null -> failtest trouble
    | nonces, network ->
        use nonces = nonces

        use http =
            new RestClient(network, WeightBudget(1_200, 0, clock), System.TimeSpan.FromSeconds 10.0, clock)

        let order =
            OrderRequest(0, Side.Buy, Px.Of(50_000L * 100_000_000L), Sz.Of 100_000L, Tif.Alo, false, cloid, Px.Of 0L)

        let place = TradingAction.Place(ImmutableArray.Create<OrderRequest> order)

        let sent =
            DirectActions(key, nonces, http).SendAsync(place, System.Nullable(), CancellationToken.None)

        let struct (_, _, why) = sent.GetAwaiter().GetResult()
        Expect.equal why "" "placed"

let private openOf (port: int) =
    [
        for row in (ask port $$"""{"type":"openOrders","user":"{{user}}"}""").EnumerateArray() ->
            row.GetProperty("cloid").GetString()
    ]

/// What keeps a run from beginning, and what is put right before it does.
let private beginnings () =
    let folder = Directory.CreateTempSubdirectory("vrlg-run-").FullName

    try
        let venue = opened (venueOf folder 5L 1.0 user)
        let address = $"http://127.0.0.1:{venue.Port}"
        use key = keyOf folder user
        let setup = setupOf plain
        let mine: Cloid = { Run = 1_780_000_000_000L; N = 3L }
        let strange: Cloid = { Run = 7L; N = 3L }
        rest venue.Port key folder mine
        rest venue.Port key folder strange
        Expect.equal (openOf venue.Port).Length 2 "two rest"

        match host address setup key folder with
        | Error why -> failtest why
        | Ok first ->
            use first = first
            Expect.equal (openOf venue.Port) [ string strange ] "ours is cancelled, the stranger's is not"

            match host address setup key folder with
            | Ok _ -> failtest "two runs with one key"
            | Error why -> Expect.stringContains why "another process trades with this key" "one at a time"

        let other (rules: Instrument) =
            host address { setup with Instrument = rules } key folder

        for rules, words in
            [
                { setup.Instrument with SzDecimals = 4 }, "with 5 decimals"
                { setup.Instrument with Name = "NOPE" }, "lists no perpetual NOPE"
                { setup.Instrument with
                    Kind = InstrumentKind.Spot
                },
                "is no perpetual"
            ] do
            match other rules with
            | Ok _ -> failtest words
            | Error why -> Expect.stringContains why words "a sentence"

        // Loaded as an API wallet of another account, which it is not: it trades for itself.
        use foreign = keyOf folder (addressOf (Array.create 32 8uy))
        Expect.isFalse foreign.IsMaster "comparing alone does not find it"

        match host address setup foreign folder with
        | Ok _ -> failtest "an account's own key under another name"
        | Error why -> Expect.stringContains why "is an account of its own" "a sentence"

        closed venue

        match host address setup key folder with
        | Ok _ -> failtest "no venue"
        | Error why -> Expect.stringContains why "exchangeStatus" "a sentence"
    finally
        Directory.Delete(folder, true)

let tests =
    testSequenced (
        testList
            "a run over sockets"
            [
                testCase "begins when nothing stands against it, and earlier runs left nothing" beginnings
                testCase "venue, journal and ledger agree on every fill" (fun () -> agree 40 [])
                testCase "so they do when the venue goes and comes back" (fun () -> agree 40 [ 15 ])
            ]
    )
