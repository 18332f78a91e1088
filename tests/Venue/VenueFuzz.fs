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
open Vrlg.Wire.Damage

let private one = 100_000_000L
let private genesis = 1_790_000_000_000L

let private curve: Curve =
    match NativeCurve.OfThisMachine() with
    | null -> ManagedCurve()
    | native -> native

let private keys =
    [|
        for n in 1uy .. 2uy ->
            match curve.Load(ReadOnlySpan(Array.create 32 n)) with
            | null -> failwith "no key"
            | key -> key
    |]

let private users = keys |> Array.map (fun k -> string k.Address)

/// Requests for information and of the explorer, with their paths.
let private asked: struct (string * string)[] =
    let user = users[0]

    [|
        for kind in
            [
                "meta"
                "spotMeta"
                "metaAndAssetCtxs"
                "allMids"
                "exchangeStatus"
                "predictedFundings"
            ] do
            struct ("/info", $$"""{"type":"{{kind}}"}""")
        for kind in
            [
                "clearinghouseState"
                "openOrders"
                "frontendOpenOrders"
                "userFills"
                "userFees"
                "portfolio"
                "webData2"
            ] do
            struct ("/info", $$"""{"type":"{{kind}}","user":"{{user}}"}""")
        struct ("/info", """{"type":"l2Book","coin":"BTC","nSigFigs":5,"mantissa":2}""")
        struct ("/info", $$"""{"type":"orderStatus","user":"{{user}}","oid":500000000001}""")
        struct ("/info", $$"""{"type":"userFillsByTime","user":"{{user}}","startTime":0,"endTime":1790000000000}""")
        struct ("/info", $$"""{"type":"fundingHistory","coin":"ETH","startTime":{{genesis}},"endTime":null}""")
        struct ("/info",
                $$$"""{"type":"candleSnapshot","req":{"coin":"@1","interval":"1h","startTime":{{{genesis - 40_000_000L}}},"endTime":{{{genesis}}}}}""")
        struct ("/explorer", """{"type":"blockDetails","height":1000000001}""")
        struct ("/explorer", $$"""{"type":"userDetails","user":"{{user}}"}""")
    |]

let private actions: string[] =
    [|
        """{"type":"order","orders":[{"a":0,"b":true,"p":"83750","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}},"c":"0x00000000000000000000000000000001"}],"grouping":"na"}"""
        """{"type":"order","orders":[{"a":1,"b":false,"p":"3000","s":"0.5","r":false,"t":{"limit":{"tif":"Ioc"}}},{"a":1,"b":true,"p":"2500","s":"0.5","r":true,"t":{"trigger":{"isMarket":true,"triggerPx":"2600","tpsl":"sl"}}}],"grouping":"normalTpsl"}"""
        """{"type":"order","orders":[{"a":10001,"b":true,"p":"39","s":"3","r":false,"t":{"limit":{"tif":"Alo"}}}],"grouping":"na"}"""
        """{"type":"order","orders":[{"a":2,"b":true,"p":"50","s":"0","r":true,"t":{"trigger":{"isMarket":false,"triggerPx":"45","tpsl":"tp"}}}],"grouping":"positionTpsl"}"""
        """{"type":"cancel","cancels":[{"a":0,"o":500000000010}]}"""
        """{"type":"cancelByCloid","cancels":[{"asset":0,"cloid":"0x00000000000000000000000000000001"}]}"""
        """{"type":"modify","oid":500000000010,"order":{"a":0,"b":true,"p":"80000","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}}}}"""
        """{"type":"batchModify","modifies":[{"oid":"0x00000000000000000000000000000001","order":{"a":0,"b":true,"p":"80000","s":"0.02","r":false,"t":{"limit":{"tif":"Alo"}}}}]}"""
        """{"type":"scheduleCancel","time":1790000100000}"""
        """{"type":"updateLeverage","asset":0,"isCross":true,"leverage":10}"""
        """{"type":"updateIsolatedMargin","asset":0,"isBuy":true,"ntli":1000000}"""
        """{"type":"twapOrder","twap":{"a":0,"b":true,"s":"0.1","r":false,"m":30,"t":true}}"""
        """{"type":"noop"}"""
        """{"type":"createSubAccount","name":"x"}"""
        """{"type":"usdSend","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","destination":"0x3333333333333333333333333333333333333333","amount":"10","time":1790000000001}"""
        """{"type":"spotSend","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","destination":"0x3333333333333333333333333333333333333333","token":"HYPE:0x0d01dc56dcaaca66ad901c959b4011ec","amount":"1","time":1790000000001}"""
        """{"type":"usdClassTransfer","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","amount":"10","toPerp":true,"nonce":1790000000001}"""
        """{"type":"withdraw3","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","destination":"0x3333333333333333333333333333333333333333","amount":"10","time":1790000000001}"""
        """{"type":"approveAgent","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","agentAddress":"0x4444444444444444444444444444444444444444","agentName":"a","nonce":1790000000001}"""
        """{"type":"approveBuilderFee","hyperliquidChain":"Testnet","signatureChainId":"0x66eee","maxFeeRate":"0.001%","builder":"0x4444444444444444444444444444444444444444","nonce":1790000000001}"""
    |]

let private frames: string[] =
    let user = users[0]

    let subscribe (what: string) =
        $$"""{"method":"subscribe","subscription":{{what}}}"""

    [|
        """{"method":"ping"}"""
        """{"method":"post","id":1,"request":{"type":"info","payload":{"type":"l2Book","coin":"BTC"}}}"""
        """{"method":"post","id":2,"request":{"type":"action","payload":{"action":{"type":"noop"},"nonce":1790000000001,"signature":{"r":"0x1","s":"0x2","v":27}}}}"""
        """{"method":"unsubscribe","subscription":{"type":"bbo","coin":"BTC"}}"""
        subscribe """{"type":"l2Book","coin":"BTC","nSigFigs":5,"mantissa":2,"fast":true}"""
        subscribe """{"type":"candle","coin":"ETH","interval":"1m"}"""
        subscribe $$"""{"type":"activeAssetData","user":"{{user}}","coin":"ETH"}"""

        for kind in
            [
                "allMids"
                "assetCtxs"
                "spotAssetCtxs"
                "allDexsAssetCtxs"
                "explorerBlock"
                "explorerTxs"
            ] do
            subscribe $$"""{"type":"{{kind}}"}"""

        for kind in [ "bbo"; "trades"; "activeAssetCtx" ] do
            subscribe $$"""{"type":"{{kind}}","coin":"BTC"}"""

        for kind in
            [
                "orderUpdates"
                "userEvents"
                "userFills"
                "userFundings"
                "userNonFundingLedgerUpdates"
                "userHistoricalOrders"
                "userTwapSliceFills"
                "userTwapHistory"
                "spotState"
                "webData2"
                "webData3"
                "notification"
                "allDexsClearinghouseState"
                "clearinghouseState"
                "openOrders"
                "twapStates"
            ] do
            subscribe $$"""{"type":"{{kind}}","user":"{{user}}"}"""
    |]

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

/// A calm venue with two people who have money.
let config (seed: int) : VenueConfig =
    {
        Seed = int64 seed
        Scenario = Scenario.Calm
        Speed = 1.0
        HasLimits = false
        Funds = [| for u in users -> struct (u, 1_000_000L * one) |]
        SpotFunds = [| for u in users -> struct (u, 0, 100_000L * one) |]
        Genesis = genesis
    }

type private Campaign(seed: int) =
    let random = Random seed
    let clock = Blocks()

    let state = LocalVenue.create (config seed)
    let runner = VenueRunner(state, clock, null)
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
                        Vault = null
                        IsUserSigned = kind.StartsWith "usd" || kind.StartsWith "spot" || kind.StartsWith "approve"
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
            sent <- c.Signed(hurt (pick random actions))
            c.Ask("/exchange", sent)
        | 4 ->
            sent <- hurt (Encoding.UTF8.GetString(c.Signed(Encoding.UTF8.GetBytes(pick random actions))))
            c.Ask("/exchange", sent)
        | 5 ->
            sent <- hurt (pick random frames)

            if random.Next 2 = 0 then c.Say sent else c.Listen sent
        | _ ->
            sent <- hurt (pick random actions)
            c.Trusted sent

/// Damages requests and asks them; stops at ten faults. A block is closed every twenty cases.
let campaign (seed: int) (count: int) : Fuzzed =
    let c = Campaign seed
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
        with e ->
            faults <- $"seed {seed} case {i}: {e} in {Encoding.UTF8.GetString sent}" :: faults

    {
        Cases = i
        Answered = c.Answered
        Executed = c.Executed
        Faults = List.rev faults
    }
