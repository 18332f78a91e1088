/// A run against the local venue over sockets with signed orders, and whether everybody agrees on what happened. The venue is the same
/// host that `vrlg venue` opens.
module Vrlg.Venue.SocketRun

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.IO
open System.Net.Http
open System.Text
open System.Text.Json
open System.Threading
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Shell.Live
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue

/// What a run is asked for.
type Asked =
    {
        Seconds: float
        Seed: int64
        Speed: float
        Settings: (string * string) list
        /// Another desk than the rotation scalper.
        Desks: (RunSetup -> Desk[]) option
        /// When the venue goes, in this order; it comes back on its log once the run has noticed.
        Restarts: (LiveHost -> int -> bool) list
        /// Stops before its seconds are over, once the venue came back for the last time and this holds; asked again and again.
        Until: (LiveHost -> int -> bool) option
        /// Events that may wait, and who is shown the host before it trades.
        MostWaiting: int
        Host: LiveHost -> unit
    }

/// Twenty minutes at most of the settings as they stand.
let plain: Asked =
    {
        Seconds = 1_200.0
        Seed = 5L
        Speed = 1.0
        Settings = []
        Desks = None
        Restarts = []
        Until = None
        MostWaiting = 1 <<< 16
        Host = ignore
    }

/// What was counted, and every disagreement in words.
type Told =
    {
        Folder: string
        Events: int64
        Orders: int
        Fills: int
        Fundings: int
        MostWaiting: int
        Faults: string list
        Said: string list
    }

let private one = 100_000_000L
let private http = new HttpClient()

let ask (port: int) (body: string) : JsonElement =
    use content = new StringContent(body, Encoding.UTF8, "application/json")

    use reply =
        http.PostAsync($"http://127.0.0.1:{port}/info", content).GetAwaiter().GetResult()

    let text = reply.Content.ReadAsStringAsync().GetAwaiter().GetResult()
    use parsed = JsonDocument.Parse text
    parsed.RootElement.Clone()

/// The account's fills as the venue tells them, oldest first, one text each.
let fillsOf (port: int) (user: string) : (int64 * string) list =
    let rows =
        ask port $$"""{"type":"userFillsByTime","user":"{{user}}","startTime":0}"""

    [
        for row in rows.EnumerateArray() -> row.GetProperty("tid").GetInt64(), row.GetRawText()
    ]

let private raw (text: string | null) : int64 =
    match text with
    | null -> failwith "no number"
    | text -> int64 (Decimal.Parse(text, Globalization.CultureInfo.InvariantCulture) * 1e8m)

/// Position and cash as the venue tells them.
let private stateOf (port: int) (user: string) (coin: string) : struct (int64 * int64) =
    let state = ask port $$"""{"type":"clearinghouseState","user":"{{user}}"}"""

    let cash =
        raw (state.GetProperty("marginSummary").GetProperty("totalRawUsd").GetString())

    let held =
        [
            for p in state.GetProperty("assetPositions").EnumerateArray() do
                let position = p.GetProperty "position"

                if position.GetProperty("coin").GetString() = coin then
                    raw (position.GetProperty("szi").GetString())
        ]

    struct (List.sum held, cash)

/// The account's funding payments of a coin as the venue tells them: time and what it took.
let fundingsOf (port: int) (user: string) (coin: string) : (int64 * int64) list =
    [
        for row in (ask port $$"""{"type":"userFunding","user":"{{user}}","startTime":0}""").EnumerateArray() do
            let delta = row.GetProperty "delta"

            if delta.GetProperty("coin").GetString() = coin then
                row.GetProperty("time").GetInt64(), -(raw (delta.GetProperty("usdc").GetString()))
    ]

/// What a journal holds when it is folded again: its first difference, the trades of its fills, its funding payments, the orders
/// that it placed.
type private Folded =
    {
        Differences: string list
        Trades: int64 list
        Paid: (int64 * int64) list
        Placed: int
    }

let private journal (folder: string) (setup: RunSetup) (desks: Desk[]) : Folded =
    let replayer = Replayer(Setup.engine setup, desks)
    let faults = ResizeArray<string>()
    let trades = ResizeArray<int64>()
    let paid = ResizeArray<int64 * int64>()
    let mutable orders = 0

    for file in (RunFolder.Open folder).Segments() do
        let content = File.ReadAllBytes file
        let mutable at = Journal.mark.Length
        let mutable goes = true

        while goes do
            match Journal.read (ReadOnlySpan content) at with
            | JournalRead.Record(record, next) ->
                match replayer.Feed record with
                | ValueSome d when faults.Count = 0 -> faults.Add $"the replay parts at event {d.Seq}: {d.What}"
                | _ -> ()

                match record with
                | JournalRecord.Event input ->
                    let event = input.Event

                    match event.Rare with
                    | ValueSome(RareEvent.Filled f) -> trades.Add f.TradeId
                    | ValueSome(RareEvent.FundingPaid f) -> paid.Add((event.VenueAt.Ns / 1_000_000L, f.Paid.Raw))
                    | _ -> ()

                    for line in replayer.Lines do
                        if line.StartsWith("place ", StringComparison.Ordinal) then
                            orders <- orders + 1
                | _ -> ()

                at <- next
            | JournalRead.Nothing -> goes <- false
            | other ->
                faults.Add $"{file}: %A{other}"
                goes <- false

    {
        Differences = List.ofSeq faults
        Trades = List.ofSeq trades
        Paid = List.ofSeq paid
        Placed = orders
    }

let opened (options: VenueOptions) : VenueHost =
    VenueHost.Open(options, TimeProvider.System).GetAwaiter().GetResult()

let closed (venue: VenueHost) =
    (venue :> IAsyncDisposable).DisposeAsync().AsTask().GetAwaiter().GetResult()

/// The venue opened again on its own input log: a fold of it.
let private folded (options: VenueOptions) (user: string) : (int64 * string) list =
    let again = opened options

    try
        fillsOf again.Port user
    finally
        closed again

let keyOf (folder: string) (user: Address) =
    let path = Path.Combine(folder, "key")
    File.WriteAllText(path, Convert.ToHexStringLower(Array.create 32 7uy))
    File.SetUnixFileMode(path, UnixFileMode.UserRead ||| UnixFileMode.UserWrite)
    let usd (n: int64) = Usd.Of(n * one)
    let policy = KeyPolicy(user, Nullable(), false, usd 10_000L, usd 1_000_000L, 20)
    let mutable trouble = ""

    match
        KeyFiles.Load($"file:{path}", policy, SignerChoice.Native, true, (fun _ -> null), TimeProvider.System, &trouble)
    with
    | null -> failwith trouble
    | loaded -> loaded.Key

let addressOf (secret: byte[]) : Address =
    match ManagedCurve().Load(ReadOnlySpan secret) with
    | null -> failwith "no key"
    | key ->
        use key = key
        key.Address

let setupOf (asked: Asked) : RunSetup =
    let pairs =
        ImmutableArray.CreateRange(asked.Settings |> List.map (fun (k, v) -> struct (k, v)))

    match Setup.ofPairs pairs with
    | Ok values ->
        {
            Values = Setup.withCoin "BTC" values
            Instrument = Listing.markets[0].Rules
        }
    | Error problems -> failwithf "%A" problems

/// How a venue of these tests is opened: one account with 100,000 USDC.
let venueOf (folder: string) (seed: int64) (speed: float) (user: Address) : VenueOptions =
    VenueOptions(
        0,
        false,
        {
            Seed = seed
            Scenario = Scenario.Rotation
            Speed = speed
            HasLimits = false
            Funds = [| struct (string user, 100_000L * one) |]
            SpotFunds = [||]
            Genesis = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()
        },
        Path.Combine(folder, "venue.log")
    )

/// Trades for so long in `folder`, and compares.
let go (folder: string) (asked: Asked) : Told =
    let user = addressOf (Array.create 32 7uy)

    let options = venueOf folder asked.Seed asked.Speed user
    let cell = ref (opened options)
    let port = cell.Value.Port
    let said = ResizeArray<string>()

    let say (sentence: string) =
        lock said (fun () -> said.Add(DateTimeOffset.UtcNow.ToString("HH:mm:ss.fff ") + sentence))

    let mutable trouble = ""

    let network =
        match Network.Find($"http://127.0.0.1:{port}", &trouble) with
        | null -> failwith trouble
        | n -> n

    use key = keyOf folder user
    let run = Path.Combine(folder, "run")

    let desks (setup: RunSetup) =
        match asked.Desks with
        | Some own -> own setup
        | None -> Setup.desks setup

    let struct (host, why) =
        LiveHost
            .OpenAsync(
                LiveOptions(
                    network,
                    setupOf asked,
                    key,
                    folder,
                    run,
                    GatewayOptions.Default,
                    Desks = (fun s -> desks s),
                    StopWithin = TimeSpan.FromSeconds 120.0,
                    Waiting = asked.MostWaiting
                ),
                CancellationToken.None
            )
            .GetAwaiter()
            .GetResult()

    match host with
    | null -> failwith why
    | host ->
        use host = host
        host.add_Said (fun s -> say s)
        asked.Host host
        use stop = new CancellationTokenSource(TimeSpan.FromSeconds asked.Seconds)

        // True once it holds, false when the run's seconds are over before.
        let comes (holds: LiveHost -> int -> bool) : bool =
            while not (stop.IsCancellationRequested || holds host port) do
                stop.Token.WaitHandle.WaitOne 300 |> ignore

            not stop.IsCancellationRequested

        let watching =
            Tasks.Task.Run(fun () ->
                for holds in asked.Restarts do
                    if comes holds then
                        closed cell.Value
                        SpinWait.SpinUntil(fun () -> not host.Feed.IsLive || stop.IsCancellationRequested)
                        cell.Value <- opened (VenueOptions(port, false, options.Config, options.StatePath))

                match asked.Until with
                | Some holds when comes holds -> stop.Cancel()
                | _ -> ())

        let isFlat = host.Trade stop.Token
        watching.Wait()
        let struct (held, cash) = stateOf port (string user) "BTC"
        let fills = fillsOf port (string user)
        let ledger = host.Loop.State.Facts.Ledger
        let account, id = AccountId.Of 0, InstrumentId.Of 0
        let fundings = fundingsOf port (string user) "BTC"
        let kept = journal run host.Setup (desks host.Setup)
        let trades = kept.Trades
        closed cell.Value
        let again = folded options (string user)

        let faults =
            [
                if not isFlat then
                    "something of ours is left at the venue"

                yield! kept.Differences

                if again <> fills then
                    $"the venue's log gives {again.Length} fills, and it told {fills.Length}"

                let tids = List.map fst fills

                for tid, count in List.countBy (fun (t: int64) -> t) trades do
                    if count > 1 then
                        $"trade {tid} is in the journal {count} times"

                for tid in List.except trades tids do
                    $"trade {tid} of the venue is not in the journal"

                for tid in List.except tids trades do
                    $"trade {tid} of the journal is not the venue's"

                if kept.Paid <> fundings then
                    $"the venue's funding is %A{fundings}, the journal's %A{kept.Paid}"

                if (ledger.Position(account, id)).Funding.Raw <> List.sumBy snd fundings then
                    $"our funding is {(ledger.Position(account, id)).Funding}"

                if (ledger.Position(account, id)).Size.Raw <> held then
                    $"our position is {(ledger.Position(account, id)).Size}, the venue's {Sz.Of held}"

                if (ledger.CashOf account).Raw <> cash then
                    $"our cash is {ledger.CashOf account}, the venue's {Usd.Of cash}"

                if (ledger.Balance account).Raw <> 0L then
                    $"the ledger is off by {ledger.Balance account}"
            ]

        {
            Folder = run
            Events = host.Loop.Events
            Orders = kept.Placed
            Fills = fills.Length
            Fundings = fundings.Length
            MostWaiting = host.MostWaiting
            Faults = faults
            Said = lock said (fun () -> List.ofSeq said)
        }
