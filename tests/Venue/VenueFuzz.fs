/// Requests of every kind, damaged in their structure and in their bytes, through everything of the venue but the network.
module Vrlg.Venue.VenueFuzz

open System
open System.Collections.Generic
open System.Net.WebSockets
open System.Text
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.VenueRequests
open Vrlg.Wire.Damage

/// The other end of a connection: says frames, and looks at what it is told.
type private Mouth() =
    inherit WebSocket()
    member val Says = Queue<byte[]>() with get
    member val Heard = 0 with get, set
    /// The first thing that it was told and that was no JSON.
    member val Wrong: exn | null = null with get, set
    override _.CloseStatus = Nullable()
    override _.CloseStatusDescription = null
    override _.State = WebSocketState.Open
    override _.SubProtocol = null
    override _.Abort() = ()
    override _.Dispose() = ()
    override _.CloseAsync(_, _, _) = Task.CompletedTask
    override _.CloseOutputAsync(_, _, _) = Task.CompletedTask

    override m.SendAsync(frame: ArraySegment<byte>, _: WebSocketMessageType, _: bool, _: CancellationToken) : Task =
        m.Heard <- m.Heard + 1

        try
            JsonDocument.Parse(frame.AsMemory()).Dispose()
        with :? JsonException as e ->
            m.Wrong <- e

        Task.CompletedTask

    override m.ReceiveAsync(into: ArraySegment<byte>, _: CancellationToken) : Task<WebSocketReceiveResult> =
        if m.Says.Count = 0 then
            Task.FromResult(WebSocketReceiveResult(0, WebSocketMessageType.Close, true))
        else
            let frame = m.Says.Dequeue()
            frame.CopyTo(into.AsSpan())
            Task.FromResult(WebSocketReceiveResult(frame.Length, WebSocketMessageType.Text, true))

/// The venue's time: a block every 70 ms.
type private Blocks() =
    inherit TimeProvider()
    member val Ms = genesis with get, set

    override b.GetUtcNow() =
        DateTimeOffset.FromUnixTimeMilliseconds b.Ms

/// What a campaign came to. A fault names the seed, the case and what was sent.
type Fuzzed =
    {
        Cases: int
        /// Answered as requests, rather than refused unread.
        Answered: int
        /// Reached a block.
        Executed: int
        Faults: string list
    }

/// A venue and the log that it is written into; no log where no path is named.
let private opened (seed: int) (path: string | null) : struct (VenueState * InputLog | null) =
    match path with
    | null -> struct (LocalVenue.create (config seed), null)
    | path ->
        let mutable state = Unchecked.defaultof<VenueState>
        let mutable trouble = ""

        match InputLog.Open(path, "{\"venue\":1", config seed, &state, &trouble) with
        | null -> failwith trouble
        | log -> struct (state, log)

/// What became of everybody: money, positions, orders, numbers given.
let private digest (s: VenueState) : string =
    let text = StringBuilder().Append(s.Height).Append(' ').Append(s.LastOid)

    for a in s.Accounts do
        text.Append('\n').Append(a.Address).Append(' ').Append(s.House.PerpCash[a.Index]).Append(' ')
        |> ignore

        text.Append(s.House.SpotCash[a.Index]).Append(' ').Append(a.Live.Count).Append(' ').Append(a.Fills.Count)
        |> ignore

        for m in Listing.markets do
            text.Append(' ').Append(s.Position(a.Index, m)) |> ignore

    for pair in s.Nonces |> Seq.sortBy (fun p -> p.Key) do
        text.Append('\n').Append(pair.Key).Append('=').Append(String.Join(',', pair.Value))
        |> ignore

    text.ToString()

type private Campaign(seed: int, path: string | null) =
    let random = Random seed
    let clock = Blocks()

    let struct (state, log) = opened seed path
    let runner = VenueRunner(state, clock, log)
    let recovery = Recovery(false, IsKnown = fun a -> state.ByAddress.ContainsKey a)
    let desk = VenueDesk(runner, recovery)
    let publisher = Publisher(runner, clock, Wiring.None)
    let waiting = ResizeArray<struct (Task * (unit -> byte[] | null))>()
    let mutable nonce = genesis

    let comes () =
        let mouth = new Mouth()
        let socket = new VenueSocket(mouth, clock)
        struct (mouth, socket, Task.Run(fun () -> socket.Pump CancellationToken.None))

    let mutable listener = comes ()
    member val Answered = 0 with get, set
    member val Executed = 0 with get, set

    member private _.Nonce() =
        nonce <- nonce + 1L
        nonce

    /// Bytes as JSON; nothing when they are none, which the venue answers with 400.
    member private _.Parsed(bytes: byte[]) : JsonElement voption =
        try
            ValueSome(JsonDocument.Parse(ReadOnlyMemory bytes, VenueDesk.Depth).RootElement)
        with :? JsonException ->
            ValueNone

    /// Somebody who is there: a person, a sub-account, the venue's own.
    member private _.Anybody() : string =
        state.Accounts[random.Next state.Accounts.Count].Address

    member private c.Action() : string =
        (pick random actions).Replace("ANYBODY", c.Anybody())

    member private c.Ask(path: string, bytes: byte[]) =
        match c.Parsed bytes with
        | ValueSome body ->
            if Asked.IsReadable body then
                // As it would be recorded.
                let kept = JsonBytes.Of(fun json -> Unsigned.Write(json, body))
                JsonDocument.Parse(ReadOnlyMemory kept).Dispose()

            let answer = desk.Answer(path, body)
            waiting.Add(struct (answer, (fun () -> answer.Result)))
        | ValueNone -> ()

    /// An action signed after it was damaged, as its owner would.
    member private c.Signed(action: byte[]) : byte[] =
        let nonce = c.Nonce()
        let sink = MsgPackSink()
        let mutable trouble = ""

        match c.Parsed action with
        | ValueSome body when Asked.IsReadable body && CanonicalAction.TryWrite(body, sink, &trouble) ->
            let id = Array.zeroCreate<byte> 32
            ActionHash.ConnectionId(sink, uint64 nonce, Nullable(), Nullable(), Span id)
            let digest = Array.zeroCreate<byte> 32
            ActionHash.Digest(ReadOnlySpan id, false, Span digest)
            let rs = Array.zeroCreate<byte> 64
            let recovery = keys[random.Next keys.Length].Sign(ReadOnlySpan digest, Span rs)
            let hex (from: int) = Convert.ToHexStringLower(rs, from, 32)
            let text = Encoding.UTF8.GetString action

            Encoding.UTF8.GetBytes
                $$$"""{"action":{{{text}}},"nonce":{{{nonce}}},"signature":{"r":"0x{{{hex 0}}}","s":"0x{{{hex 32}}}","v":{{{27 + recovery}}}}}"""
        | _ -> action

    /// A damaged action as if its signature had fitted, so that those that an owner's key signs come through as well.
    member private c.Trusted(action: byte[]) =
        match c.Parsed action with
        | ValueSome body when Asked.IsReadable body && body.ValueKind = JsonValueKind.Object ->
            let mutable kind = ""
            let mutable typed = Unchecked.defaultof<Action>

            if Asked.TryText(body, "type", &kind) && ActionReader.TryRead(body, &typed) then
                let submission: Submission =
                    {
                        Signer = users[random.Next users.Length]
                        Nonce = c.Nonce()
                        Expires = 0L
                        Vault = (if random.Next 4 = 0 then c.Anybody() else null)
                        IsUserSigned = UserActions.IsUserSigned kind
                        Trouble = null
                        Kind = kind
                        Action = typed
                    }

                match runner.Submit(submission, body) with
                | null -> ()
                | answer -> waiting.Add(struct (answer, (fun () -> answer.Result)))
        | _ -> ()

    member private _.Read(mouth: Mouth, socket: VenueSocket, frame: byte[]) =
        mouth.Says.Enqueue frame

        let post =
            PostReply(fun _ _ -> Task.FromResult(PostAnswer([| 123uy; 125uy |], null)))

        SocketReader(mouth, socket, publisher, post, Wiring.None, clock).Run(CancellationToken.None).Wait()

    /// A frame of somebody who comes for it and goes: it is answered.
    member private c.Say(frame: byte[]) =
        use mouth = new Mouth()
        use socket = new VenueSocket(mouth, clock)
        c.Read(mouth, socket, frame)
        c.Read(mouth, socket, Encoding.UTF8.GetBytes frames[0])
        publisher.Forget socket
        socket.Close ""
        socket.Pump(CancellationToken.None).Wait()

        match mouth.Wrong with
        | null when mouth.Heard = 0 -> failwith "a connection was told nothing"
        | null -> ()
        | e -> raise e

    /// A frame of somebody who stays: what he subscribes to is sent to him after every block, until another takes his place.
    member private c.Listen(frame: byte[]) =
        let struct (mouth, socket, _) = listener
        c.Read(mouth, socket, frame)

        if random.Next 200 = 0 then
            c.Leave()

    /// The one who stays goes, and another comes.
    member c.Leave() =
        let struct (mouth, socket, pump) = listener
        publisher.Forget socket
        socket.Close ""

        if not (pump.Wait 60_000) then
            failwith "a connection was not let go"

        socket.Dispose()
        listener <- comes ()

        match mouth.Wrong with
        | null -> ()
        | e -> raise e

    /// Closes a block; whatever waited for it was answered, as JSON.
    member c.Seal() =
        clock.Ms <- clock.Ms + 70L
        runner.Seal()

        let all = waiting.ToArray()
        waiting.Clear()

        for struct (task, result) in all do
            if not (task.Wait 60_000) then
                failwith "a request was not answered"

            match result () with
            | null -> ()
            | answer ->
                c.Answered <- c.Answered + 1
                use read = JsonDocument.Parse(ReadOnlyMemory answer)

                c.Executed <-
                    c.Executed
                    + (if
                           read.RootElement.ValueKind = JsonValueKind.Object
                           && fst (read.RootElement.TryGetProperty "status")
                       then
                           1
                       else
                           0)

        for m in Listing.perps do
            let sum = state.Accounts |> Seq.sumBy (fun a -> state.Position(a.Index, m))

            if sum <> 0L then
                failwith $"positions of {m.Coin} add up to {sum}"

    /// The venue that its log tells of is the same one.
    member _.Again() =
        match log with
        | null -> ()
        | log ->
            log.Dispose()
            let struct (again, second) = opened seed path

            match second with
            | null -> ()
            | s -> s.Dispose()

            if digest again <> digest state then
                failwith "its log tells of another venue"

    /// One case, with the bytes that it sent.
    member c.Case(sent: byref<byte[]>) =
        // Some go as they are, so that the venue holds orders, agents and subscriptions for the others to meet.
        let hurt (text: string) =
            let whole = Encoding.UTF8.GetBytes text
            if random.Next 6 = 0 then whole else damaged random whole

        match random.Next 10 with
        | 0
        | 1
        | 2 ->
            let struct (path, text) = pick random asked
            sent <- hurt text
            c.Ask(path, sent)
        | 3 ->
            sent <- c.Signed(hurt (c.Action()))
            c.Ask("/exchange", sent)
        | 4 ->
            sent <- hurt (Encoding.UTF8.GetString(c.Signed(Encoding.UTF8.GetBytes(c.Action()))))
            c.Ask("/exchange", sent)
        | 5 ->
            sent <- hurt (pick random frames)

            if random.Next 2 = 0 then c.Say sent else c.Listen sent
        | _ ->
            sent <- hurt (c.Action())
            c.Trusted sent

/// Damages requests and asks them; stops at ten faults. A block is closed every twenty cases. With a path the venue is written
/// into a log there, and in the end made of it again.
let campaign (seed: int) (count: int) (path: string | null) : Fuzzed =
    let c = Campaign(seed, path)
    let mutable faults = []
    let mutable i = 0
    let mutable sent: byte[] = [||]

    while i < count && List.length faults < 10 do
        i <- i + 1

        try
            c.Case &sent

            if i % 20 = 0 || i = count then
                c.Seal()

            if i = count then
                c.Leave()
                c.Again()
        with e ->
            faults <- $"seed {seed} case {i}: {e} in {Encoding.UTF8.GetString sent}" :: faults

    {
        Cases = i
        Answered = c.Answered
        Executed = c.Executed
        Faults = List.rev faults
    }
