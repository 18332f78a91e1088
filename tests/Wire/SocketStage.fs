/// A feed of the market whose socket's other side is the test, and frames as the venue writes them.
module Vrlg.Wire.SocketStage

open System
open System.Collections.Immutable
open System.Collections.Generic
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Feeds
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Core
open Vrlg.Wire.SocketHands

let network =
    Network(Uri "http://127.0.0.1:1", Uri "ws://127.0.0.1:1/ws", Uri "ws://127.0.0.1:1/explorer", false)

let private options (books: BookKinds) (hasBlocks: bool) =
    FeedOptions(
        network,
        VenueId.Of 0,
        ImmutableArray.Create(FeedCoin("BTC", InstrumentId.Of 0), FeedCoin("@1", InstrumentId.Of 1, "HYPE")),
        AccountId.Of 0,
        Nullable(),
        7L,
        Instant.Of 0L,
        books,
        hasBlocks
    )

/// A feed of the market alone, its clock, its socket and what it tells.
type Stage(books: BookKinds, hasBlocks: bool, allowance: SocketAllowance) =
    let clock = HandClock()
    let transport = HandTransport()
    let notes = Notebook()
    let said = List<string>()
    let limits = SocketLimits(allowance, clock)
    let budget = WeightBudget(1_200, 200, clock)
    let rest = new RestClient(network, budget, TimeSpan.FromSeconds 5.0, clock)
    let means = FeedMeans(transport, limits, rest, budget, clock, (fun () -> 0.5))
    let feed = new HyperliquidFeed(options books hasBlocks, means, notes, notes)
    do feed.add_Said (fun t -> said.Add t)
    new() = new Stage(BookKinds.Full, false, SocketAllowance())
    member _.Clock = clock
    member _.Transport = transport
    member _.Notes = notes
    member _.Said = said |> Seq.toList
    member _.Limits = limits
    member _.Feed = feed
    member _.Link = transport.Last

    /// Started, and its first connection open.
    member s.Opened() =
        feed.Start()
        clock.Move 0L
        s.Link.Open()

    /// Every subscription of the present connection acknowledged, in the order in which they were asked for.
    member s.Acknowledge() =
        for asked in s.Link.Sent |> List.filter (fun f -> f.Contains "\"subscribe\"") do
            s.Link.Say($"{{\"channel\":\"subscriptionResponse\",\"data\":{asked}}}")

    interface IDisposable with
        member _.Dispose() =
            feed.Dispose()
            rest.Dispose()

let bbo (coin: string) (ms: int64) (bid: string) (ask: string) =
    let side px =
        $"{{\"px\":\"{px}\",\"sz\":\"1.0\",\"n\":1}}"

    $"{{\"channel\":\"bbo\",\"data\":{{\"coin\":\"{coin}\",\"time\":{ms},\"bbo\":[{side bid},{side ask}]}}}}"

let book (coin: string) (ms: int64) (bid: string) (ask: string) =
    let side px =
        $"[{{\"px\":\"{px}\",\"sz\":\"1.0\",\"n\":1}}]"

    $"{{\"channel\":\"l2Book\",\"data\":{{\"coin\":\"{coin}\",\"time\":{ms},\"levels\":[{side bid},{side ask}]}}}}"

let fast (frame: string) =
    frame.Substring(0, frame.Length - 2) + ",\"fast\":true}}"

let trades (coin: string) (rows: (int64 * int64) list) =
    let row (tid: int64, ms: int64) =
        $"{{\"coin\":\"{coin}\",\"side\":\"B\",\"px\":\"10.0\",\"sz\":\"1.0\",\"time\":{ms},\"hash\":\"0x0\",\"tid\":{tid}}}"

    let all = rows |> List.map row |> String.concat ","
    $"{{\"channel\":\"trades\",\"data\":[{all}]}}"

let context (coin: string) =
    $"{{\"channel\":\"activeAssetCtx\",\"data\":{{\"coin\":\"{coin}\",\"ctx\":{{\"funding\":\"0.0000125\",\"openInterest\":\"5.0\","
    + "\"prevDayPx\":\"9.0\",\"dayNtlVlm\":\"1.0\",\"premium\":\"0.0\",\"oraclePx\":\"10.5\",\"markPx\":\"10.25\",\"midPx\":\"10.0\","
    + "\"impactPxs\":[\"9.0\",\"11.0\"],\"dayBaseVlm\":\"1.0\"}}}"
