/// A connection whose other end reads too slowly, or not at all.
module Vrlg.Venue.SlowReaders

open System
open System.Net.WebSockets
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Shell.LocalVenue
open Vrlg.Venue.Client

/// The other end: takes what is sent, or, hung, takes nothing until the connection is let go.
type private Peer(isHung: bool) =
    inherit WebSocket()
    let mutable state = WebSocketState.Open
    let mutable status = Nullable<WebSocketCloseStatus>()
    let mutable told: string | null = null
    member val Frames = 0 with get, set
    /// A frame is on its way to it.
    member val Offered = new ManualResetEventSlim() with get
    override _.CloseStatus = status
    override _.CloseStatusDescription = told
    override _.State = state
    override _.SubProtocol = null
    override _.Abort() = state <- WebSocketState.Aborted
    override _.Dispose() = ()

    override p.SendAsync(_: ArraySegment<byte>, _: WebSocketMessageType, _: bool, stop: CancellationToken) : Task =
        p.Offered.Set()

        if isHung then
            Task.Delay(Timeout.Infinite, stop)
        else
            p.Frames <- p.Frames + 1
            Task.CompletedTask

    override _.ReceiveAsync(_: ArraySegment<byte>, stop: CancellationToken) : Task<WebSocketReceiveResult> =
        task {
            do! Task.Delay(Timeout.Infinite, stop)
            return WebSocketReceiveResult(0, WebSocketMessageType.Close, true)
        }

    override _.CloseAsync(_, _, _) = Task.CompletedTask

    override _.CloseOutputAsync(why, words, _) =
        status <- Nullable why
        told <- words
        state <- WebSocketState.CloseSent
        Task.CompletedTask

/// Fails where a task that should have ended is still waiting.
let private ended (task: Task) =
    Expect.isTrue (task.Wait 30_000) "it ended"

/// What a connection that sends the parts of one message and never ends it is read by.
type private Dripping() =
    inherit WebSocket()
    let mutable parts = 0
    member val Waits = new ManualResetEventSlim() with get
    override _.CloseStatus = Nullable()
    override _.CloseStatusDescription = null
    override _.State = WebSocketState.Open
    override _.SubProtocol = null
    override _.Abort() = ()
    override _.Dispose() = ()

    override _.SendAsync(_: ArraySegment<byte>, _: WebSocketMessageType, _: bool, _: CancellationToken) : Task =
        Task.CompletedTask

    override _.CloseAsync(_, _, _) = Task.CompletedTask
    override _.CloseOutputAsync(_, _, _) = Task.CompletedTask

    override d.ReceiveAsync(_: ArraySegment<byte>, stop: CancellationToken) : Task<WebSocketReceiveResult> =
        task {
            if parts < 3 then
                parts <- parts + 1
                return WebSocketReceiveResult(1, WebSocketMessageType.Text, false)
            else
                d.Waits.Set()
                do! Task.Delay(Timeout.Infinite, stop)
                return WebSocketReceiveResult(0, WebSocketMessageType.Close, true)
        }

let private nobody =
    { new ISubscribers with
        member _.Subscribe(_, _) = ()
        member _.Unsubscribe(_, _) = ()
    }

let private flood (socket: VenueSocket) =
    while isNull socket.Reason do
        socket.Send(Array.zeroCreate<byte> 65_536)

let tests =
    testList
        "slow readers"
        [
            testCase "who reads nothing is let go a second after the queue is full" (fun () ->
                let clock = Hands()
                use peer = new Peer(true)
                use socket = new VenueSocket(peer, clock)
                let pump = socket.Pump CancellationToken.None
                socket.Send [| 1uy |]
                Expect.isTrue (peer.Offered.Wait 30_000) "a frame that it does not take"
                flood socket
                Expect.equal socket.Reason "slow consumer" "the reason"
                clock.PutOn 999L
                Expect.isFalse pump.IsCompleted "not at once: it may still read"
                clock.PutOn 1L
                ended pump
                Expect.equal peer.State WebSocketState.Aborted "cut")
            testCase "who reads again within the second is told why" (fun () ->
                use peer = new Peer(false)
                use socket = new VenueSocket(peer, Hands())
                flood socket
                let pump = socket.Pump CancellationToken.None
                ended pump
                Expect.equal peer.CloseStatus (Nullable WebSocketCloseStatus.PolicyViolation) "1008"
                Expect.equal peer.CloseStatusDescription "slow consumer" "and the word"
                Expect.equal peer.Frames 0 "of what was queued nothing more is sent")
            testCase "who never ends a message is let go after ten seconds" (fun () ->
                let clock = Hands()
                use web = new Dripping()
                use socket = new VenueSocket(web, clock)
                use stop = new CancellationTokenSource()
                let post = PostReply(fun _ _ -> Task.FromResult(PostAnswer()))
                let reader = SocketReader(web, socket, nobody, post, Wiring.None, clock)
                let read = reader.Run stop.Token
                Expect.isTrue (web.Waits.Wait 30_000) "three parts of it came"
                clock.PutOn 9_999L
                Expect.isNull socket.Reason "not at once"
                clock.PutOn 1L
                Expect.equal socket.Reason "a message took too long" "the reason"
                stop.Cancel()
                ended read)
            testCase "what was queued before another end is sent before it" (fun () ->
                use peer = new Peer(false)
                use socket = new VenueSocket(peer, Hands())
                socket.Send [| 1uy |]
                socket.Send [| 2uy |]
                socket.Close "the venue ends"
                ended (socket.Pump CancellationToken.None)
                Expect.equal peer.Frames 2 "both"
                Expect.equal peer.CloseStatus (Nullable WebSocketCloseStatus.NormalClosure) "in order"
                Expect.equal peer.CloseStatusDescription "the venue ends" "with its word")
        ]
