/// A connection of the load and what it is answered: frames, answers, how long they took.
module Vrlg.Bench.LoadTally

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.Net.WebSockets
open System.Text
open System.Text.Json
open System.Threading
open System.Threading.Tasks

/// What came of it. Times in ms.
type Outcome =
    {
        Frames: int64
        Bytes: int64
        Orders: int
        Cancels: int
        /// From sending an order to its answer.
        Acks: float[]
        /// From the time of the block that took it to its answer.
        AfterBlock: float[]
        /// From sending a small question to its answer: no block in it.
        Questions: float[]
        Unanswered: int
        AnsweredTwice: int
        Errors: string list
    }

let private textOf (bytes: byte[]) (length: int) =
    Encoding.UTF8.GetString(bytes, 0, min length 300)

/// A connection and its reader; `take` sees every frame, in the order of arrival, on the reader's thread.
type Link(take: byte[] -> int -> unit) =
    let web = new ClientWebSocket()
    let stop = new CancellationTokenSource()
    let mutable buffer = Array.zeroCreate<byte>(1 <<< 16)
    let mutable reading = Task.CompletedTask

    let read () =
        task {
            try
                let mutable length = 0

                while web.State = WebSocketState.Open do
                    if length = buffer.Length then
                        Array.Resize(&buffer, 2 * buffer.Length)

                    let! part = web.ReceiveAsync(buffer.AsMemory length, stop.Token)
                    length <- length + part.Count

                    if part.EndOfMessage then
                        take buffer length
                        length <- 0
            with
            | :? OperationCanceledException
            | :? WebSocketException -> ()
        }

    member _.State = web.State

    /// `offers`: frames may come compressed.
    member _.Open(socket: Uri, isReading: bool, offers: bool) =
        task {
            if offers then
                web.Options.DangerousDeflateOptions <- WebSocketDeflateOptions()

            do! web.ConnectAsync(socket, stop.Token)

            if isReading then
                reading <- read () :> Task
        }

    member _.Send(frame: ReadOnlyMemory<byte>) =
        web.SendAsync(frame, WebSocketMessageType.Text, true, stop.Token)

    member l.Say(frame: string) =
        l.Send(ReadOnlyMemory(Encoding.UTF8.GetBytes frame)).AsTask()

    member _.Close() =
        task {
            stop.Cancel()
            do! reading
            web.Dispose()
        }

/// A request on its way.
type Sent =
    {
        At: int64
        Cloid: string
        Kind: string
        mutable Answers: int
    }

/// The answers of all connections, gathered.
type Tally() =
    let sent = ConcurrentDictionary<int64, Sent>()
    let blocks = ConcurrentDictionary<string, int64>()
    let acks = ConcurrentQueue<float>()
    let after = ConcurrentQueue<float>()
    let questions = ConcurrentQueue<float>()
    let errors = ConcurrentQueue<string>()
    let mutable frames = 0L
    let mutable bytes = 0L

    let answered (id: int64) (response: JsonElement) =
        let now = Stopwatch.GetTimestamp()

        match sent.TryGetValue id with
        | false, _ -> errors.Enqueue $"an answer to {id}, which nobody asked"
        | true, one ->
            one.Answers <- one.Answers + 1
            let took = Stopwatch.GetElapsedTime(one.At, now).TotalMilliseconds
            let text = response.GetRawText()

            match one.Kind with
            | "question" -> questions.Enqueue took
            | kind ->
                if
                    not (text.Contains(if kind = "order" then "\"resting\"" else "\"success\""))
                    || text.Contains "error"
                then
                    errors.Enqueue $"{kind}: {text}"

                if kind = "order" then
                    acks.Enqueue took

                    match blocks.TryGetValue one.Cloid with
                    | true, block ->
                        let wall = DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds block
                        after.Enqueue wall.TotalMilliseconds
                    | _ -> errors.Enqueue $"order {one.Cloid} was answered before its update"

    let take (frame: byte[]) (length: int) =
        Interlocked.Increment(&frames) |> ignore
        Interlocked.Add(&bytes, int64 length) |> ignore
        let head = Encoding.ASCII.GetString(frame, 0, min length 24)

        if head.StartsWith "{\"channel\":\"post\"" then
            use json = JsonDocument.Parse(ReadOnlyMemory(frame, 0, length))
            let data = json.RootElement.GetProperty "data"
            answered (data.GetProperty("id").GetInt64()) (data.GetProperty "response")
        elif head.StartsWith "{\"channel\":\"orderUpdates" then
            use json = JsonDocument.Parse(ReadOnlyMemory(frame, 0, length))

            for row in json.RootElement.GetProperty("data").EnumerateArray() do
                if row.GetProperty("status").GetString() = "open" then
                    let cloid = string (row.GetProperty("order").GetProperty("cloid").GetString())
                    blocks[cloid] <- row.GetProperty("statusTimestamp").GetInt64()
        elif head.StartsWith "{\"channel\":\"error\"" then
            errors.Enqueue(textOf frame length)

    member _.Take = take
    member _.Expect(id: int64, one: Sent) = sent[id] <- one
    member _.Fail(why: string) = errors.Enqueue why
    member _.IsAllAnswered = sent.Values |> Seq.forall (fun s -> s.Answers > 0)

    member _.Outcome() =
        let of' (kind: string) =
            sent.Values |> Seq.filter (fun s -> s.Kind = kind) |> Seq.length

        {
            Frames = Volatile.Read(&frames)
            Bytes = Volatile.Read(&bytes)
            Orders = of' "order"
            Cancels = of' "cancel"
            Acks = acks.ToArray()
            AfterBlock = after.ToArray()
            Questions = questions.ToArray()
            Unanswered = sent.Values |> Seq.filter (fun s -> s.Answers = 0) |> Seq.length
            AnsweredTwice = sent.Values |> Seq.filter (fun s -> s.Answers > 1) |> Seq.length
            Errors = List.ofSeq errors
        }
