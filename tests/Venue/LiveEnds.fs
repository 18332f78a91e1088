/// How a run over sockets ends: what it says of the market is true, whatever ended it.
module Vrlg.Venue.LiveEnds

open System
open System.Collections.Immutable
open System.IO
open System.Threading
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Shell.Live
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Client

/// Nothing to remember.
[<Sealed; AllowNullLiteral>]
type private Nothing() = class end

let private desk (decide: Decide<Nothing>) (setup: RunSetup) : Desk[] =
    [|
        { (Setup.desks setup)[0] with
            Strategy = Strategy.Make("hand", Nothing(), decide)
        }
    |]

let private idle =
    desk (Decide<Nothing>(fun state _ _ -> struct (state, ImmutableArray.Empty)))

let private slot: Slot =
    {
        Instrument = InstrumentId.Of 0
        Side = Side.Buy
        Name = 0
    }

/// Quotes well below the market, and breaks when the quote rests.
let private breaking =
    desk (
        Decide<Nothing>(fun state view event ->
            let touch = view.Touch(InstrumentId.Of 0)

            if (view.Slot slot).State = SlotState.Resting then
                failwith "a desk broke"
            elif event.Kind = EventKind.Ticked && touch.IsSound then
                let px = Px.Of(touch.BidPx.Raw - 50L * 100_000_000L)
                struct (state, ImmutableArray.Create(Quote(slot, px, Sz.Of 100_000L, QuoteTerms.UntilPulled)))
            else
                struct (state, ImmutableArray.Empty))
    )

let private key (folder: string) =
    let path = Path.Combine(folder, "key")
    File.WriteAllText(path, Convert.ToHexStringLower(Array.create 32 1uy))
    File.SetUnixFileMode(path, UnixFileMode.UserRead ||| UnixFileMode.UserWrite)
    let usd (n: int64) = Usd.Of(n * Given.one)

    let policy =
        KeyPolicy(FeedStage.address 1uy, Nullable(), false, usd 10_000L, usd 1_000_000L, 20)

    let mutable trouble = ""

    match
        KeyFiles.Load($"file:{path}", policy, SignerChoice.Native, true, (fun _ -> null), TimeProvider.System, &trouble)
    with
    | null -> failtest trouble
    | loaded -> loaded.Key

let private setup =
    match Setup.ofPairs ImmutableArray.Empty with
    | Ok values ->
        {
            Values = Setup.withCoin "BTC" values
            Instrument = Listing.markets[0].Rules
        }
    | Error _ -> failtest "the defaults"

/// What of a run's options a test sets by itself.
type private Pace = { LookEvery: TimeSpan; Waiting: int }

let private usual =
    {
        LookEvery = TimeSpan.FromSeconds 30.0
        Waiting = 1 <<< 16
    }

/// A venue and a run at it that was opened.
let private inRun (desks: RunSetup -> Desk[]) (pace: Pace) (f: VenueHost -> LiveHost -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-end-").FullName
    let venue = openVenue ()

    try
        let mutable trouble = ""
        let network = nonNull (Network.Find($"http://127.0.0.1:{venue.Port}", &trouble))
        use key = key folder

        let options =
            LiveOptions(
                network,
                setup,
                key,
                folder,
                Path.Combine(folder, "run"),
                GatewayOptions.Default,
                Desks = (fun s -> desks s),
                // A machine that is busy is slow.
                StopWithin = TimeSpan.FromSeconds 120.0,
                LookEvery = pace.LookEvery,
                Waiting = pace.Waiting
            )

        let struct (host, why) =
            LiveHost.OpenAsync(options, CancellationToken.None).GetAwaiter().GetResult()

        match host with
        | null -> failtest why
        | host ->
            use host = host
            f venue host
    finally
        close venue
        Directory.Delete(folder, true)

let private bought =
    """{"type":"order","orders":[{"a":0,"b":true,"p":"90000","s":"0.01","r":false,"t":{"limit":{"tif":"Ioc"}}}],"grouping":"na"}"""

let private resting =
    """{"type":"order","orders":[{"a":0,"b":true,"p":"50000","s":"0.001","r":false,"t":{"limit":{"tif":"Alo"}},"c":"CLOID"}],"grouping":"na"}"""

let private positions (venue: VenueHost) =
    let state =
        info venue $$"""{"type":"clearinghouseState","user":"{{addressOf 1uy}}"}"""

    state.GetProperty("assetPositions").GetArrayLength()

let private openOrders (venue: VenueHost) =
    (info venue $$"""{"type":"openOrders","user":"{{addressOf 1uy}}"}""").GetArrayLength()

let private cloids (venue: VenueHost) =
    [
        for row in (info venue $$"""{"type":"openOrders","user":"{{addressOf 1uy}}"}""").EnumerateArray() ->
            row.GetProperty("cloid").GetString()
    ]

/// Buys for the account, as a person would, once the run is live.
let private stranger (venue: VenueHost) (host: LiveHost) (after: unit -> unit) =
    new Timer(
        (fun _ ->
            if SpinWait.SpinUntil((fun () -> host.Feed.IsLive), 60_000) then
                exchange venue 1uy bought |> ignore

            after ()),
        null,
        0,
        Timeout.Infinite
    )

let tests =
    testSequenced
    <| testList
        "the end of a run"
        [
            testCase "one that is stopped before it saw its account does not call it flat" (fun () ->
                inRun idle usual (fun venue host ->
                    exchange venue 1uy bought |> ignore
                    Expect.equal (positions venue) 1 "something is held"
                    use stop = new CancellationTokenSource()
                    stop.Cancel()
                    Expect.isTrue (host.Trade stop.Token) "it leaves"
                    Expect.equal (positions venue) 0 "and what it says is so"))
            testCase "what others did to the account just before is seen at the end, and left" (fun () ->
                inRun idle usual (fun venue host ->
                    use stop = new CancellationTokenSource()
                    use _ = stranger venue host (fun () -> stop.Cancel())
                    Expect.isTrue (host.Trade stop.Token) "it leaves"
                    Expect.equal (positions venue) 0 "a person's order too"))
            testCase "what others do to the account is seen without being told" (fun () ->
                use stop = new CancellationTokenSource()

                let watching =
                    desk (
                        Decide<Nothing>(fun state view _ ->
                            let held = view.Position(InstrumentId.Of 0)

                            if not held.IsZero then
                                stop.Cancel()

                            struct (state, ImmutableArray.Empty))
                    )

                inRun
                    watching
                    { usual with
                        LookEvery = TimeSpan.FromSeconds 2.0
                    }
                    (fun venue host ->
                        use _ = stranger venue host ignore
                        use late = new CancellationTokenSource(60_000)
                        use either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, late.Token)
                        Expect.isTrue (host.Trade either.Token) "it leaves"
                        Expect.isTrue stop.IsCancellationRequested "the desk saw it"))
            testCase "one that breaks off pulls what stands before its connection goes" (fun () ->
                inRun breaking usual (fun venue host ->
                    let said = Collections.Concurrent.ConcurrentQueue<string>()
                    host.add_Said (fun s -> said.Enqueue s)

                    try
                        host.Trade CancellationToken.None |> ignore<bool>
                        failtest "it broke"
                    with Failure why when why = "a desk broke" ->
                        ()

                    (host :> IDisposable).Dispose()
                    Expect.isTrue (said |> Seq.exists (fun s -> s.Contains "orders were pulled")) "a sentence"
                    Expect.equal (openOrders venue) 0 "nothing stands"))
            testCase "an order of an earlier run that comes late is cancelled, a stranger's is left" (fun () ->
                inRun idle usual (fun venue host ->
                    let late = ({ Run = 1_780_000_000_000L; N = 3L }: Cloid)
                    let strange = ({ Run = 7L; N = 3L }: Cloid)
                    use stop = new CancellationTokenSource()
                    let mutable wereThere = 0
                    let mutable isGone = false

                    let coming =
                        Tasks.Task.Run(fun () ->
                            if SpinWait.SpinUntil((fun () -> host.Feed.IsLive), 60_000) then
                                for cloid in [ late; strange ] do
                                    exchange venue 1uy (resting.Replace("CLOID", string cloid)) |> ignore

                                wereThere <- openOrders venue
                                isGone <- SpinWait.SpinUntil((fun () -> openOrders venue = 1), 60_000)

                            stop.Cancel())

                    Expect.isTrue (host.Trade stop.Token) "it holds nothing"
                    coming.Wait()
                    Expect.equal wereThere 2 "both stood"
                    Expect.isTrue isGone "one is cancelled"
                    Expect.equal (cloids venue) [ string strange ] "the other is not ours"))
            testCase "one that cannot keep up ends by itself" (fun () ->
                inRun idle { usual with Waiting = 1 } (fun _ host ->
                    let said = Collections.Concurrent.ConcurrentQueue<string>()
                    host.add_Said (fun s -> said.Enqueue s)
                    host.Trade CancellationToken.None |> ignore<bool>
                    Expect.isTrue (said |> Seq.exists (fun s -> s.Contains "cannot keep up")) "a sentence"))
            testCase "a listener that never returns holds up nothing" (fun () ->
                inRun idle { usual with Waiting = 1 } (fun _ host ->
                    use hold = new ManualResetEventSlim(false)
                    host.add_Said (fun _ -> hold.Wait())

                    let trade =
                        Tasks.Task.Run(fun () -> host.Trade CancellationToken.None |> ignore<bool>)

                    let isOver = trade.Wait 60_000
                    hold.Set()
                    Expect.isTrue isOver "the run ends"
                    trade.Wait()))
        ]
