/// The venue's wire: frames to events, orders to signed bytes, and the long campaign of damaged messages.
module Vrlg.Bench.Wire

open System
open System.Buffers
open System.Collections.Immutable
open System.Diagnostics
open System.IO
open System.Text
open System.Text.Json
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Core

/// Median and best of forty runs of `count` calls, the processor time of all, in ns a call, and bytes a call. Answers with the
/// processor time, which other work on the machine hardly changes.
let private timed (name: string) (count: int) (per: int) (call: unit -> unit) : float =
    for _ in 1 .. 30_000 / per do
        call ()

    let times = Array.zeroCreate 40
    let busy = Environment.CpuUsage.TotalTime
    let before = GC.GetAllocatedBytesForCurrentThread()

    for i in 0..39 do
        let start = Stopwatch.GetTimestamp()

        for _ in 1..count do
            call ()

        times[i] <- Stopwatch.GetElapsedTime(start).TotalNanoseconds / float (count * per)

    let bytes = GC.GetAllocatedBytesForCurrentThread() - before
    let used = (Environment.CpuUsage.TotalTime - busy).TotalNanoseconds
    let calls = float (40 * count * per)
    Array.sortInPlace times

    Console.WriteLine
        $"{name, -34} {times[20], 8:F1} ns, best {times[0], 8:F1}, processor {used / calls, 8:F1}, {float bytes / calls, 8:F1} B"

    used / calls

let private pair (name: string) (index: int) =
    System.Collections.Generic.KeyValuePair(name, InstrumentId.Of index)

/// A frame of a sample: of a list the last, of lines the one that names the channel.
let private frame (folder: string) (file: string) (channel: string) : byte[] =
    let found =
        File.ReadAllLines(Path.Combine(folder, file))
        |> Seq.collect (fun line ->
            use json = JsonDocument.Parse line

            let parts =
                match json.RootElement.ValueKind with
                | JsonValueKind.Array ->
                    [
                        for e in json.RootElement.EnumerateArray() do
                            e.GetRawText()
                    ]
                | _ ->
                    match json.RootElement.TryGetProperty "message" with
                    | true, m -> [ m.GetRawText() ]
                    | _ -> [ line ]

            parts)
        |> Seq.filter (fun t -> t.StartsWith $"{{\"channel\":\"{channel}\"")
        |> Seq.last

    Encoding.UTF8.GetBytes found

let private frames (folder: string) =
    let market = MarketFrames(CoinTable [ pair "BTC" 0; pair "HYPE" 1; pair "SOL" 2 ])
    let batch = EventBatch()

    let read (name: string) (per: int) (bytes: byte[]) =
        if market.Read(ReadOnlySpan bytes, batch) <> FrameOutcome.Decoded then
            failwith $"{name}: not the scanner's"

        timed name 20_000 per (fun () -> market.Read(ReadOnlySpan bytes, batch) |> ignore)
        |> ignore

    let book = frame folder "ws-l2Book-BTC-20levels.json" "l2Book"
    read "l2Book, 20 + 20 levels" 1 book
    let depth = batch.Events[0].Depth

    match depth with
    | null -> ()
    | d ->
        let bids, asks = Seq.toArray d.Bids, Seq.toArray d.Asks

        timed $"  the book itself, {bids.Length} + {asks.Length}" 20_000 1 (fun () ->
            Depth(20, ImmutableArray.Create<PxSz> bids, ImmutableArray.Create<PxSz> asks)
            |> ignore)
        |> ignore

    read "bbo" 1 (frame folder "ws-bbo-BTC.json" "bbo")
    let trades = frame folder "ws-capture-trades-l2Book-HYPE.jsonl" "trades"
    market.Read(ReadOnlySpan trades, batch) |> ignore
    let count = batch.Events.Length
    read $"a trade of {count} in a frame" count trades

    let account =
        let mutable a = Address()
        Address.TryParse("0x14791697260e4c9a71f18484c9f997b308e59325", &a) |> ignore
        AccountFrames(AccountCoins(a, [ AccountCoin("BTC", InstrumentId.Of 0, null) ]))

    let news = AccountNews()

    let update =
        """{"channel":"orderUpdates","data":[{"order":{"coin":"BTC","side":"B","limitPx":"83000.0","sz":"0.01","oid":556696349186,"timestamp":1790360256851,"origSz":"0.01","cloid":"0x00000000000000070000000000000001"},"status":"open","statusTimestamp":1790360256851}]}"""
        |> Encoding.UTF8.GetBytes

    timed "orderUpdates, one order" 20_000 1 (fun () -> account.Read(ReadOnlySpan update, news) |> ignore)
    |> ignore

let private signing () =
    match NativeCurve.OfThisMachine() with
    | null -> Console.WriteLine "no libsecp256k1 on this machine"
    | curve ->
        let secret = Array.init 32 (fun i -> byte (i + 1))

        match curve.Load(ReadOnlySpan secret), curve.Load(ReadOnlySpan secret) with
        | null, _
        | _, null -> ()
        | bare, held ->
            let most = Usd.Of(1_000_000_000L * 100_000_000L)
            let policy = KeyPolicy(held.Address, Nullable(), false, most, most, 20)
            use key = new TradingKey(held, policy, TimeProvider.System)
            let digest = Array.init 32 byte
            let rs = Array.zeroCreate<byte> 64

            let order =
                OrderRequest(
                    0,
                    Side.Buy,
                    Px.Of 8_300_000_000_000L,
                    Sz.Of 1_000_000L,
                    Tif.Alo,
                    true,
                    { Run = 7L; N = 9L },
                    Px.Of 0L
                )

            let action = TradingAction.Place(ImmutableArray.Create order)
            let into = ArrayBufferWriter<byte> 4_096
            let mutable nonce = 1_790_000_000_000UL

            let whole () =
                into.ResetWrittenCount()
                nonce <- nonce + 1UL

                match key.TrySign(action, nonce, Nullable(nonce + 7_000UL), into) with
                | null -> ()
                | why -> failwith why

            // In turns, so that both meet the same machine.
            let ratios =
                [|
                    for _ in 1..5 do
                        let one =
                            timed "libsecp256k1 alone" 500 1 (fun () ->
                                bare.Sign(ReadOnlySpan digest, Span rs) |> ignore)

                        let all = timed "order to signed bytes" 500 1 whole
                        all / one
                |]

            Array.sortInPlace ratios
            Console.WriteLine $"ratio, median of five             {ratios[2], 8:F3}"

/// `wire DIR`: frames of the samples and signing.
let cost (folder: string) : int =
    frames folder
    signing ()
    0

/// `fuzz DIR COUNT SEED`: damaged messages through every reader; 1 when anything is wrong.
let fuzz (folder: string) (count: int) (seed: int) : int =
    let sources =
        Array.append
            (Vrlg.Wire.Mutations.sources (Vrlg.Wire.WireSamples.load folder))
            [|
                for name, shape, text in Vrlg.Wire.WireSamples.described do
                    name, shape, Encoding.UTF8.GetBytes text
            |]

    let watch = Stopwatch.StartNew()
    let c = Vrlg.Wire.Mutations.campaign seed count sources

    for f in c.Faults do
        Console.WriteLine f

    Console.WriteLine
        $"{c.Cases} damaged messages of {sources.Length} whole ones, {c.Believed} still read, {c.Faults.Length} faults, {watch.Elapsed.TotalSeconds:F0} s"

    if c.Faults.IsEmpty then 0 else 1
