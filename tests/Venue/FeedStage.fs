/// A feed of an account and two coins at a venue's port, and a run that can be waited for.
module Vrlg.Venue.FeedStage

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Text
open System.Text.Json
open System.Threading
open Expecto
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Feeds
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Venue.Client

let run = 7L

/// A run that writes down what it is told, and can be waited for.
type Notebook() =
    let gate = obj ()
    let events = List<Event>()
    let mutable newest = 0L
    member _.Events = lock gate (fun () -> events.ToArray())
    member _.NewestMs = lock gate (fun () -> newest)
    /// The run is full: it takes what concerns its account alone.
    member val TakesMarket = true with get, set

    /// Waits until something holds of all that was told; a minute is a failure.
    member n.Until(what: string, holds: Event[] -> bool) =
        lock gate (fun () ->
            let until = Environment.TickCount64 + 60_000L

            while not (holds (events.ToArray())) do
                Monitor.Wait(gate, 1_000) |> ignore

                if Environment.TickCount64 > until then
                    let told =
                        events
                        |> Seq.countBy (fun e -> e.Kind, e.Channel, e.Instrument.Index)
                        |> Seq.toList

                    failtest $"{what} did not come about: %A{told}"

            events.ToArray())

    interface IEventSink with
        member n.Take(given, _) =
            let given = given.ToArray()
            let rare = given[0].Rare

            if n.TakesMarket || rare.IsSome then
                lock gate (fun () ->
                    events.AddRange given
                    Monitor.PulseAll gate
                    true)
            else
                false

    interface IVenueTimes with
        member _.Heard(ms) =
            lock gate (fun () -> newest <- max newest ms)

let address (n: byte) =
    match Address.TryParse(addressOf n) with
    | true, a -> a
    | _ -> failtest "an address"

/// Connections on whose way frames can be damaged.
type Damaged(inner: ITransport) =
    member val Damage: string -> string = id with get, set

    interface ITransport with
        member d.Begin(where, listener) =
            inner.Begin(
                where,
                { new ILinkListener with
                    member _.Opened() = listener.Opened()
                    member _.Closed why = listener.Closed why

                    member _.Heard frame =
                        let text = d.Damage(Encoding.UTF8.GetString frame.Span)
                        listener.Heard(ReadOnlyMemory(Encoding.UTF8.GetBytes text))
                }
            )

/// A feed of an account and two coins at a venue's port.
type Stage(port: int, books: BookKinds) =
    let network =
        let mutable trouble = ""
        nonNull (Network.Find($"http://127.0.0.1:{port}", &trouble))

    let notes = Notebook()
    let clock = TimeProvider.System
    let budget = WeightBudget(1_000_000, 0, clock)
    let rest = new RestClient(network, budget, TimeSpan.FromSeconds 30.0, clock)
    let said = System.Collections.Concurrent.ConcurrentQueue<string>()
    let random = Random 1

    let options =
        FeedOptions(
            network,
            VenueId.Of 0,
            ImmutableArray.Create(FeedCoin("BTC", InstrumentId.Of 0), FeedCoin("@1", InstrumentId.Of 1, "HYPE")),
            AccountId.Of 0,
            Nullable(address 1uy),
            run,
            Instant.Of 0L,
            books,
            true
        )

    let transport = Damaged(WebsocketTransport(TimeSpan.FromSeconds 30.0))

    // A machine that is busy is no dead venue.
    let means =
        FeedMeans(
            transport,
            SocketLimits(SocketAllowance(NewPerMinute = 1_000), clock),
            rest,
            budget,
            clock,
            (fun () -> lock random (fun () -> random.NextDouble())),
            Rules = FeedRules(ImmutableArray<FeedChannel>.Empty, DeadAfter = 30_000L, LongestPause = 500L),
            PostTimeout = TimeSpan.FromSeconds 60.0,
            FallbackPause = TimeSpan.FromMilliseconds 50.0,
            LookPause = TimeSpan.FromMilliseconds 200.0
        )

    let feed = new HyperliquidFeed(options, means, notes, notes)
    do feed.add_Said (fun t -> said.Enqueue t)
    do feed.Start()
    member _.Notes = notes
    member _.Feed = feed
    member _.Said = said |> Seq.toList
    member _.Rest = rest
    member _.Transport = transport

    member _.Act(action: string) : JsonElement =
        let body = ReadOnlyMemory(Encoding.UTF8.GetBytes(signed 1uy action))
        let task = (nonNull feed.Posts).SendAsync(body, CancellationToken.None)
        Expect.isTrue (task.Wait 60_000) "an answer"
        Expect.equal task.Result.Outcome RestOutcome.Answered task.Result.Why
        JsonDocument.Parse(task.Result.Body).RootElement

    interface IDisposable with
        member _.Dispose() =
            feed.Dispose()
            rest.Dispose()

// ---- what is asked for, and what was told ----

let cloid (n: int) = $"0x{run:x16}{n:x16}"

let order (n: int) (isBuy: bool) (px: string) (sz: string) (tif: string) =
    let side = if isBuy then "true" else "false"

    $$$$"""{"type":"order","orders":[{"a":0,"b":{{{{side}}}},"p":"{{{{px}}}}","s":"{{{{sz}}}}","r":false,"t":{"limit":{"tif":"{{{{tif}}}}"}},"c":"{{{{cloid n}}}}"}],"grouping":"na"}"""

let isKind (kind: EventKind) (e: Event) = e.Kind = kind

let isSeen (events: Event[]) =
    events |> Array.exists (isKind EventKind.AccountSeen)

let fills (events: Event[]) =
    events
    |> Array.choose (fun e ->
        match e.Rare with
        | ValueSome(RareEvent.Filled f) -> Some f
        | _ -> None)

let looks (events: Event[]) =
    events
    |> Array.choose (fun e ->
        match e.Rare with
        | ValueSome(RareEvent.AccountSeen a) -> Some a
        | _ -> None)

let hasBook (id: int) (e: Event) =
    e.Kind = EventKind.BookMoved && e.Instrument.Index = id

let rawOf (text: string) =
    Exact.parse text |> Result.defaultValue -1L

/// The venue's fills of the account by HTTP: number, size, price.
let fillsBy (host: VenueHost) =
    [
        for f in (info host $$"""{"type":"userFills","user":"{{addressOf 1uy}}"}""").EnumerateArray() do
            let text (name: string) =
                nonNull (f.GetProperty(name).GetString())

            f.GetProperty("tid").GetInt64(), rawOf (text "sz"), rawOf (text "px")
    ]
    |> List.sort

let told (events: Event[]) =
    fills events
    |> Array.map (fun f -> f.TradeId, f.Sz.Raw, f.Px.Raw)
    |> Array.toList
    |> List.sort
