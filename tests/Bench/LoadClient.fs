/// Clients that load a venue: connections that listen, some that trade with signed orders, and one that does not read.
module Vrlg.Bench.LoadClient

open System
open System.Buffers
open System.Collections.Immutable
open System.Diagnostics
open System.Net.WebSockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Bench.LoadTally
open Vrlg.Core

/// How much.
type Plan =
    {
        Seconds: int
        Connections: int
        /// Of each connection.
        Subscriptions: int
        /// Orders a second, of all connections together.
        Orders: int
        /// Connections offer compression.
        Offers: bool
    }

let private coins = [ "BTC"; "ETH"; "HYPE" ]

/// What connections listen to, the busiest first.
let private topics: string list =
    [
        for coin in coins do
            for kind in [ "bbo"; "trades"; "l2Book"; "activeAssetCtx" ] do
                $$"""{"type":"{{kind}}","coin":"{{coin}}"}"""

            $$"""{"type":"l2Book","coin":"{{coin}}","fast":true}"""

        for kind in [ "explorerBlock"; "allMids"; "assetCtxs"; "spotAssetCtxs"; "allDexsAssetCtxs" ] do
            $$"""{"type":"{{kind}}"}"""

        for coin in coins do
            for interval in [ "1m"; "3m"; "5m"; "15m"; "30m"; "1h"; "2h"; "4h"; "8h"; "12h"; "1d" ] do
                $$"""{"type":"candle","coin":"{{coin}}","interval":"{{interval}}"}"""
    ]

/// The most that a connection can listen to here.
let mostSubscriptions = topics.Length

let private subscribe (topic: string) =
    "{\"method\":\"subscribe\",\"subscription\":" + topic + "}"

let private question (id: int64) (asked: string) =
    $"{{\"method\":\"post\",\"id\":{id},\"request\":{{\"type\":\"info\",\"payload\":{asked}}}}}"

/// Accounts that trade: keys that everybody can make.
let traders = 10

let private secret (n: int) =
    Array.init 32 (fun i -> byte (i + 7 * n + 1))

let private curve: Curve =
    match NativeCurve.OfThisMachine() with
    | null -> ManagedCurve()
    | native -> native

let private keyOf (n: int) : CurveKey =
    match curve.Load(ReadOnlySpan(secret n)) with
    | null -> failwith "a key of the load is out of range"
    | key -> key

/// Their addresses; each needs money at the venue.
let addresses: string list =
    [
        for n in 1..traders do
            use key = keyOf n
            string key.Address
    ]

let private put (into: ArrayBufferWriter<byte>) (text: string) =
    into.Advance(Encoding.ASCII.GetBytes(text.AsSpan(), into.GetSpan text.Length))

/// One account's orders: placed far below the market, taken back ten at a time.
type private Trader(n: int, run: int64, folder: string, link: Link, tally: Tally, next: unit -> int64) =
    let most = Usd.Of(Int64.MaxValue / 4L)
    let policy = KeyPolicy(Address(), Nullable(), false, most, most, 50)
    let key = new TradingKey(keyOf n, policy, TimeProvider.System)
    let mutable trouble = ""

    let nonces =
        match Nonces.Open(folder, key.Signer, TimeProvider.System, &trouble) with
        | null -> failwith trouble
        | nonces -> nonces

    let open' = ResizeArray<Cloid>()
    let mutable number = 0L

    let send (kind: string) (cloid: string) (action: TradingAction) =
        let id = next ()
        let into = ArrayBufferWriter<byte>()

        let head =
            $"{{\"method\":\"post\",\"id\":{id},\"request\":{{\"type\":\"action\",\"payload\":"

        put into head
        let mutable nonce = 0UL
        let mutable why = ""

        if not (nonces.TryNext(&nonce, &why)) then
            tally.Fail why
            Task.CompletedTask
        else
            match key.TrySign(action, nonce, Nullable(), into) with
            | null ->
                put into "}}"

                tally.Expect(
                    id,
                    {
                        At = Stopwatch.GetTimestamp()
                        Cloid = cloid
                        Kind = kind
                        Answers = 0
                    }
                )

                link.Send(into.WrittenMemory).AsTask()
            | refusal ->
                tally.Fail refusal
                Task.CompletedTask

    /// The next order; every tenth time a cancel of those that rest goes before it.
    member _.Step() =
        task {
            if open'.Count = 10 then
                let cancels =
                    [|
                        for c in open' do
                            CancelByCloidRequest(0, c)
                    |]

                open'.Clear()
                do! send "cancel" "" (TradingAction.CancelByCloid(ImmutableArray.Create<CancelByCloidRequest> cancels))

            number <- number + 1L
            let cloid = { Run = run; N = number }

            let order =
                OrderRequest(
                    0,
                    Side.Buy,
                    Px.Of(40_000L * 100_000_000L),
                    Sz.Of 100_000L,
                    Tif.Alo,
                    false,
                    cloid,
                    Px.Of 0L
                )

            do! send "order" (string cloid) (TradingAction.Place(ImmutableArray.Create order))
            open'.Add cloid
        }

    interface IDisposable with
        member _.Dispose() =
            key.Dispose()
            nonces.Dispose()

/// Reads nothing, and asks, a little at a time, for more than the venue's queue and the system's buffers hold together.
let private slowReader (socket: Uri) =
    task {
        let link = Link(fun _ _ -> ())
        do! link.Open(socket, false, false)

        let asking =
            task {
                let ask =
                    """{"type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":0}}"""

                try
                    for i in 1..80 do
                        do! link.Say(question (int64 i) ask)
                        do! Task.Delay 50
                with
                | :? WebSocketException
                | :? OperationCanceledException -> ()
            }

        return link, asking
    }

let private paced (plan: Plan) (step: int -> Task) =
    task {
        let watch = Stopwatch.StartNew()
        use timer = new PeriodicTimer(TimeSpan.FromMilliseconds 2.0)
        let all = plan.Seconds * plan.Orders
        let mutable done' = 0

        while done' < all do
            let! _ = timer.WaitForNextTickAsync()
            let due = min all (int (watch.Elapsed.TotalSeconds * float plan.Orders))

            while done' < due do
                do! step done'
                done' <- done' + 1
    }

/// Runs the plan against a venue. `folder` is for nonces, `run` marks the orders; with `hasSlow` one more connection reads nothing.
let run (socket: Uri) (plan: Plan) (folder: string) (run: int64) (hasSlow: bool) : Task<Outcome> =
    task {
        let tally = Tally()
        let mutable ids = 0L
        let next () = Interlocked.Increment(&ids)

        let links =
            [|
                for _ in 1 .. plan.Connections do
                    Link tally.Take
            |]

        for link in links do
            do! link.Open(socket, true, plan.Offers)

            for topic in List.truncate plan.Subscriptions topics do
                do! link.Say(subscribe topic)

        let trading =
            [|
                for n in 1 .. min traders plan.Connections do
                    new Trader(n, run + int64 n, folder, links[n - 1], tally, next)
            |]

        for n in 1 .. trading.Length do
            do! links[n - 1].Say(subscribe $"{{\"type\":\"orderUpdates\",\"user\":\"{addresses[n - 1]}\"}}")

        let! slow =
            task {
                if hasSlow then
                    let! reader = slowReader socket
                    return Some reader
                else
                    return None
            }

        let ask (link: Link) =
            let id = next ()

            tally.Expect(
                id,
                {
                    At = Stopwatch.GetTimestamp()
                    Cloid = ""
                    Kind = "question"
                    Answers = 0
                }
            )

            link.Say(question id """{"type":"exchangeStatus"}""")

        do!
            paced plan (fun i ->
                task {
                    do! trading[i % trading.Length].Step()

                    if i % 20 = 0 then
                        do! ask links[(i / 20) % links.Length]
                })

        let mutable tries = 0

        while not tally.IsAllAnswered && tries < 300 do
            do! Task.Delay 100
            tries <- tries + 1

        for link in links do
            if link.State <> WebSocketState.Open then
                tally.Fail "a connection that reads was dropped"

            do! link.Close()

        for trader in trading do
            (trader :> IDisposable).Dispose()

        match slow with
        | Some(link, asking) ->
            do! asking
            do! link.Close()
        | None -> ()

        return tally.Outcome()
    }
