/// A client of the tests' own: signs as the protocol says, posts, listens.
module Vrlg.Venue.Client

open System
open System.Net.Http
open System.Net.WebSockets
open System.Text
open System.Text.Json
open System.Threading
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue

let private curve = ManagedCurve()
let private http = new HttpClient()

let key (n: byte) : CurveKey =
    match curve.Load(ReadOnlySpan(Array.create 32 n)) with
    | null -> failwith "no key"
    | key -> key

let addressOf (n: byte) = string ((key n).Address)

let mutable private nonce = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()
let next () = Interlocked.Increment(&nonce)

let config () : VenueConfig =
    { Given.config with
        Funds =
            [|
                struct (addressOf 1uy, 100_000L * Given.one)
                struct (addressOf 2uy, 100_000L * Given.one)
            |]
        SpotFunds = [| struct (addressOf 1uy, 0, 10_000L * Given.one) |]
        Genesis = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()
    }

let openWith (clock: TimeProvider) (options: VenueOptions) : VenueHost =
    VenueHost.Open(options, clock).GetAwaiter().GetResult()

let openVenue () : VenueHost =
    openWith TimeProvider.System (VenueOptions(0, false, config ()))

/// The machine's clock, which a test may put on.
type Shifted() =
    inherit TimeProvider()
    let mutable by = 0L

    member _.PutOn(ms: int64) =
        Interlocked.Add(&by, ms) |> ignore<int64>

    override _.GetUtcNow() =
        DateTimeOffset.UtcNow.AddMilliseconds(float (Interlocked.Read &by))

let close (host: VenueHost) =
    (host :> IAsyncDisposable).DisposeAsync().AsTask().GetAwaiter().GetResult()

/// A clock that stands; timers fire when it is put on.
type Hands() =
    inherit TimeProvider()
    let gate = obj ()
    let start = DateTimeOffset.UtcNow
    let mutable now = 0L
    let timers = ResizeArray<struct (int64 * obj * (unit -> unit))>()

    member _.PutOn(ms: int64) =
        let due =
            lock gate (fun () ->
                now <- now + ms
                let due = timers |> Seq.filter (fun (struct (at, _, _)) -> at <= now) |> Seq.toArray
                timers.RemoveAll(fun (struct (at, _, _)) -> at <= now) |> ignore<int>
                due)

        for struct (_, _, fire) in due do
            fire ()

    override _.GetUtcNow() =
        lock gate (fun () -> start.AddMilliseconds(float now))

    override _.CreateTimer(callback, state, due, _) =
        let own = obj ()

        let set (due: TimeSpan) =
            lock gate (fun () ->
                timers.RemoveAll(fun (struct (_, whose, _)) -> obj.ReferenceEquals(whose, own))
                |> ignore<int>

                if due <> Timeout.InfiniteTimeSpan then
                    timers.Add(struct (now + int64 due.TotalMilliseconds, own, (fun () -> callback.Invoke state))))

        set due

        { new ITimer with
            member _.Change(due, _) =
                set due
                true

            member _.Dispose() = set Timeout.InfiniteTimeSpan

            member _.DisposeAsync() =
                set Timeout.InfiniteTimeSpan
                Tasks.ValueTask()
        }

/// Waits until something holds.
let until (what: string) (holds: unit -> bool) =
    if not (SpinWait.SpinUntil(holds, 60_000)) then
        failwith $"never: {what}"

let postText (host: VenueHost) (path: string) (kind: string) (body: string) : struct (int * string) =
    use content = new StringContent(body, Encoding.UTF8)
    content.Headers.ContentType <- Headers.MediaTypeHeaderValue.Parse kind

    use reply =
        http.PostAsync($"http://127.0.0.1:{host.Port}{path}", content).GetAwaiter().GetResult()

    struct (int reply.StatusCode, reply.Content.ReadAsStringAsync().GetAwaiter().GetResult())

let info (host: VenueHost) (body: string) : JsonElement =
    match postText host "/info" "application/json" body with
    | struct (200, text) -> JsonDocument.Parse(text).RootElement
    | struct (code, text) -> failwith $"{code} {text}"

let private signatureOf (n: byte) (digest: byte[]) : string =
    let rs = Array.zeroCreate<byte> 64
    let recovery = (key n).Sign(ReadOnlySpan digest, Span rs)

    let hex (from: int) =
        "0x" + Convert.ToHexStringLower(rs, from, 32)

    $$$"""{"r":"{{{hex 0}}}","s":"{{{hex 32}}}","v":{{{27 + recovery}}}}"""

let private signedWith (nonce: int64) (isMainnet: bool) (n: byte) (action: string) : string =
    let sink = MsgPackSink()
    let mutable trouble = ""

    CanonicalAction.TryWrite(JsonDocument.Parse(action).RootElement, sink, &trouble)
    |> ignore

    let id = Array.zeroCreate<byte> 32
    ActionHash.ConnectionId(sink, uint64 nonce, Nullable(), Nullable(), Span id)
    let digest = Array.zeroCreate<byte> 32
    ActionHash.Digest(ReadOnlySpan id, isMainnet, Span digest)
    $$$"""{"action":{{{action}}},"nonce":{{{nonce}}},"signature":{{{signatureOf n digest}}}}"""

/// The body of an action that its owner's key signs as plain typed data. `nonce` stands in the action for itself.
let userSigned (n: byte) (action: int64 -> string) : string =
    let nonce = next ()
    let text = action nonce
    let digest = Array.zeroCreate<byte> 32
    let mutable trouble = ""

    if not (UserActions.TryDigest(JsonDocument.Parse(text).RootElement, Span digest, &trouble)) then
        failwith trouble

    let rs = Array.zeroCreate<byte> 64
    let recovery = (key n).Sign(ReadOnlySpan digest, Span rs)

    let hex (from: int) =
        "0x" + Convert.ToHexStringLower(rs, from, 32)

    $$$"""{"action":{{{text}}},"nonce":{{{nonce}}},"signature":{"r":"{{{hex 0}}}","s":"{{{hex 32}}}","v":{{{27 + recovery}}}}}"""

/// The body of a signed L1 action, signed for one of the networks.
let signedFor (isMainnet: bool) (n: byte) (action: string) : string = signedWith (next ()) isMainnet n action

let signed (n: byte) (action: string) = signedFor false n action

/// The body of an L1 action that holds its nonce.
let signedWithin (n: byte) (action: int64 -> string) : string =
    let nonce = next ()
    signedWith nonce false n (action nonce)

/// The body of an L1 action for a sub-account or vault.
let signedForVault (n: byte) (vault: string) (action: string) : string =
    let nonce = next ()
    let sink = MsgPackSink()
    let mutable trouble = ""

    CanonicalAction.TryWrite(JsonDocument.Parse(action).RootElement, sink, &trouble)
    |> ignore

    let mutable whose = Address()
    Address.TryParse(vault, &whose) |> ignore
    let id = Array.zeroCreate<byte> 32
    ActionHash.ConnectionId(sink, uint64 nonce, Nullable whose, Nullable(), Span id)
    let digest = Array.zeroCreate<byte> 32
    ActionHash.Digest(ReadOnlySpan id, false, Span digest)
    $$$"""{"action":{{{action}}},"nonce":{{{nonce}}},"vaultAddress":"{{{vault}}}","signature":{{{signatureOf n digest}}}}"""

/// A user-signed action of the testnet: `body` are its members beside the type, the chain and the nonce.
let signedByUser (n: byte) (kind: string) (body: string) : string =
    let nonce = next ()

    let inner =
        match kind with
        | "usdSend"
        | "spotSend"
        | "withdraw3" -> "time"
        | _ -> "nonce"

    let action =
        $$$"""{"type":"{{{kind}}}","signatureChainId":"0x66eee","hyperliquidChain":"Testnet",{{{body}}},"{{{inner}}}":{{{nonce}}}}"""

    let digest = Array.zeroCreate<byte> 32
    let mutable trouble = ""

    if not (UserActions.TryDigest(JsonDocument.Parse(action).RootElement, Span digest, &trouble)) then
        failwith trouble

    $$$"""{"action":{{{action}}},"nonce":{{{nonce}}},"signature":{{{signatureOf n digest}}}}"""

/// What `/exchange` answers to a signed body.
let posted (host: VenueHost) (body: string) : string =
    let struct (code, text) = postText host "/exchange" "application/json" body
    if code <> 200 then failwith $"{code} {text}" else text

let exchange (host: VenueHost) (n: byte) (action: string) : string = posted host (signed n action)

/// A connection that collects what it is sent.
type Socket(host: VenueHost) =
    let web = new ClientWebSocket()
    let buffer = Array.zeroCreate<byte>(1 <<< 20)
    do web.Options.CollectHttpResponseDetails <- true
    do web.ConnectAsync(Uri $"ws://127.0.0.1:{host.Port}/ws", CancellationToken.None).GetAwaiter().GetResult()
    member _.Web = web

    member _.Send(text: string) =
        web
            .SendAsync(
                ArraySegment(Encoding.UTF8.GetBytes text),
                WebSocketMessageType.Text,
                true,
                CancellationToken.None
            )
            .GetAwaiter()
            .GetResult()

    member s.IsAnswered() =
        s.Send """{"method":"ping"}"""
        s.Next() = """{"channel":"pong"}"""

    /// The next frame; fails when none comes.
    member _.Next() : string =
        use soon = new CancellationTokenSource(30_000)
        let mutable length = 0
        let mutable isWhole = false

        while not isWhole do
            let part =
                web
                    .ReceiveAsync(ArraySegment(buffer, length, buffer.Length - length), soon.Token)
                    .GetAwaiter()
                    .GetResult()

            length <- length + part.Count
            isWhole <- part.EndOfMessage

        Encoding.UTF8.GetString(buffer, 0, length)

    /// The next frame of which something holds.
    member s.Until(holds: string -> bool) : string =
        let mutable frame = s.Next()
        let mutable left = 500

        while not (holds frame) && left > 0 do
            left <- left - 1
            frame <- s.Next()

        if holds frame then
            frame
        else
            failwith $"the last of 500 frames: {frame}"

    interface IDisposable with
        member _.Dispose() =
            web.Abort()
            web.Dispose()
