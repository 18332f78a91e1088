/// Frames that are compressed on the wire (permessage-deflate): our client offers it, and a venue that accepts it is read the same.
module Vrlg.Venue.Compression

open System
open System.Collections.Concurrent
open System.Net
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Adapters.Hyperliquid.Feeds
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Venue.Client
open Vrlg.Venue.FeedStage

/// Stands between a client and a venue, and keeps what the venue sent over the one connection.
type private Tap(port: int) =
    let listener = new TcpListener(IPAddress.Loopback, 0)
    do listener.Start()
    let gate = obj ()
    let kept = ResizeArray<byte>()
    let stop = new CancellationTokenSource()

    let carry (from: NetworkStream) (into: NetworkStream) (keep: bool) =
        task {
            let buffer = Array.zeroCreate<byte> 65_536

            try
                let mutable goes = true

                while goes do
                    let! count = from.ReadAsync(buffer.AsMemory(), stop.Token)
                    goes <- count > 0

                    if keep then
                        lock gate (fun () -> kept.AddRange(ArraySegment(buffer, 0, count)))

                    do! into.WriteAsync(ReadOnlyMemory(buffer, 0, count), stop.Token)
            with
            | :? OperationCanceledException
            | :? ObjectDisposedException
            | :? IO.IOException -> ()
        }

    let served =
        task {
            use! near = listener.AcceptTcpClientAsync stop.Token
            use far = new TcpClient()
            do! far.ConnectAsync(IPAddress.Loopback, port)
            let up = carry (near.GetStream()) (far.GetStream()) false
            let down = carry (far.GetStream()) (near.GetStream()) true
            let! _ = Task.WhenAny(up, down)
            ()
        }

    member _.Port = (listener.LocalEndpoint :?> IPEndPoint).Port
    member _.Kept = lock gate (fun () -> kept.ToArray())

    interface IDisposable with
        member _.Dispose() =
            stop.Cancel()
            listener.Dispose()
            served.ContinueWith(fun (_: Task) -> ()).Wait()
            stop.Dispose()

/// The answer to the upgrade, and what came after it.
let private parts (all: byte[]) : struct (string * byte[]) =
    let text = Encoding.Latin1.GetString all
    let at = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4
    struct (text.Substring(0, at), all[at..])

/// Everything that a connection of our transport hears, and what it was on the wire, when each text was said.
let private hear (host: VenueHost) (says: string list) : struct (string list * byte[]) =
    use tap = new Tap(host.Port)
    let heard = new BlockingCollection<string>()
    let opened = new ManualResetEventSlim()

    let listener =
        { new ILinkListener with
            member _.Opened() = opened.Set()

            member _.Heard frame =
                heard.Add(Encoding.UTF8.GetString frame.Span)

            member _.Closed why = heard.Add("closed: " + why)
        }

    let transport = WebsocketTransport(TimeSpan.FromSeconds 30.0) :> ITransport
    use link = transport.Begin(Uri $"ws://127.0.0.1:{tap.Port}/ws", listener)
    Expect.isTrue (opened.Wait 60_000) "it opens"

    let all =
        [
            for text in says do
                Expect.isTrue (link.TrySend(ReadOnlySpan(Encoding.UTF8.GetBytes text))) "it is sent"
                let mutable frame = ""
                Expect.isTrue (heard.TryTake(&frame, 60_000)) "an answer"
                frame
        ]

    struct (all, tap.Kept)

let private opened (deflates: bool) =
    openWith TimeProvider.System (VenueOptions(0, false, config (), Deflates = deflates))

/// Some 4,000 bars that have ended long ago: a large frame.
let private bars () =
    let until = (config ()).Genesis - 7_200_000L

    $"{{\"type\":\"candleSnapshot\",\"req\":{{\"coin\":\"BTC\",\"interval\":\"1m\",\"startTime\":{until - 240_000_000L},\"endTime\":{until}}}}}"

let private isDeflated (answer: string) =
    answer.Contains("Sec-WebSocket-Extensions: permessage-deflate", StringComparison.OrdinalIgnoreCase)

let private largeFrames =
    testCase "a frame of many buffers, compressed on the wire, is read as it was said" (fun () ->
        let asked = bars ()

        let post =
            """{"method":"post","id":1,"request":{"type":"info","payload":""" + asked + "}}"

        let says =
            [
                """{"method":"ping"}"""
                post
                """{"method":"ping"}"""
                // The window of what was said before goes on: the same again is much smaller.
                post
            ]

        for deflates in [ true; false ] do
            let host = opened deflates

            try
                let struct (_, page) = postText host "/info" "application/json" asked
                Expect.isGreaterThan page.Length 300_000 "a large page"
                let struct (frames, wire) = hear host says
                let pong = """{"channel":"pong"}"""
                Expect.equal (frames[0], frames[2]) (pong, pong) "pongs"
                Expect.isTrue (frames[1].Contains page) "the page as over HTTP"
                Expect.isTrue (frames[3] = frames[1]) "and once more"
                let struct (answer, after) = parts wire
                Expect.equal (isDeflated answer) deflates "what the venue accepted"
                let plain = frames |> List.sumBy (fun f -> f.Length)
                // The first byte of a frame: its end (0x80), compressed (0x40), a text (1).
                Expect.equal after[0] (if deflates then 0xC1uy else 0x81uy) "the first frame"

                if deflates then
                    Expect.isLessThan after.Length (plain / 3) "compressed"
                    Expect.isFalse ((Encoding.Latin1.GetString after).Contains "\"channel\"") "no text to be seen"
                else
                    Expect.isGreaterThanOrEqual after.Length plain "plain"
            finally
                close host)

let private unoffered =
    testCase "who does not offer it is sent plain frames" (fun () ->
        let host = opened true

        try
            use tap = new Tap(host.Port)
            use web = new WebSockets.ClientWebSocket()
            web.ConnectAsync(Uri $"ws://127.0.0.1:{tap.Port}/ws", CancellationToken.None).Wait()
            let ping = ArraySegment("""{"method":"ping"}"""B)
            web.SendAsync(ping, WebSockets.WebSocketMessageType.Text, true, CancellationToken.None).Wait()
            let buffer = Array.zeroCreate<byte> 4_096

            let part =
                web.ReceiveAsync(ArraySegment buffer, CancellationToken.None).GetAwaiter().GetResult()

            Expect.equal (Encoding.UTF8.GetString(buffer, 0, part.Count)) """{"channel":"pong"}""" "pong"
            let struct (answer, after) = parts tap.Kept
            Expect.isFalse (isDeflated answer) "nothing was agreed on"
            Expect.equal after[0] 0x81uy "a plain text"
        finally
            close host)

let private wholeFeed =
    testCase "a feed over compressed frames tells what the venue has" (fun () ->
        let host = opened true

        try
            use s = new Stage(host.Port, BookKinds.Both)

            let isThere (e: Event[]) =
                isSeen e
                && [ 0; 1 ] |> List.forall (fun i -> Array.exists (hasBook i) e)
                && Array.exists (isKind EventKind.BlockSealed) e

            s.Notes.Until("the first picture", isThere) |> ignore

            s.Act(order 1 true "90000" "0.01" "Ioc") |> ignore
            s.Act(order 2 false "80000" "0.004" "Ioc") |> ignore

            let all =
                s.Notes.Until(
                    "the fills",
                    fun events -> (fills events |> Array.sumBy (fun f -> f.Sz.Raw)) >= 1_400_000L
                )

            Expect.equal (told all) (fillsBy host) "fills as over HTTP"
            Expect.equal s.Feed.Counts.Unread 0L $"everything is understood: {s.Said}"
        finally
            close host)

let tests =
    testSequenced
    <| testList "compressed frames" [ largeFrames; unoffered; wholeFeed ]
