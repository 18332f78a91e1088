/// Requests over HTTP: an action is sent once, a question again; the allowance of an address.
module Vrlg.Wire.Requests

open System
open System.Net
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Net

/// A clock that stands where it is put.
type private Hands() =
    inherit TimeProvider()
    member val Ms = 1_000L with get, set
    override _.TimestampFrequency = 1_000L
    override h.GetTimestamp() = h.Ms

let private budgets =
    testList
        "the allowance of an address"
        [
            testCase "is a sliding minute with a reserve for exits" (fun () ->
                let clock = Hands()
                let budget = WeightBudget(1_200, 200, clock)
                let mutable wait = TimeSpan.Zero
                let take w isExit = budget.TryTake(w, isExit, &wait)
                Expect.isTrue (take 600 false) "half"
                clock.Ms <- clock.Ms + 10_000L
                Expect.isTrue (take 400 false) "up to the reserve"
                Expect.isFalse (take 1 false) "not into it"
                Expect.equal wait.TotalSeconds 50.0 "until the first half is a minute old"
                Expect.isTrue (take 200 true) "exits may"
                Expect.isFalse (take 1 true) "not beyond"
                clock.Ms <- clock.Ms + 49_999L
                Expect.isFalse (take 1 false) "a millisecond early"
                clock.Ms <- clock.Ms + 1L
                Expect.isTrue (take 400 false) "the first half is forgotten"
                budget.Refused(TimeSpan.FromSeconds 10.0)
                clock.Ms <- clock.Ms + 60_000L
                Expect.isTrue (take 1 false) "a pause ends"
                budget.Refused(TimeSpan.FromSeconds 10.0)
                Expect.isFalse (take 1 false) "the venue refused"
                Expect.isTrue (take 1 true) "exits are tried all the same")
            testCase "no number of questions holds up a cancel" (fun () ->
                let budget = WeightBudget(1_200, 300, Hands())
                let mutable wait = TimeSpan.Zero
                let ask isExit = budget.TryAsk(20, isExit, &wait)

                while ask false do
                    ()

                Expect.equal budget.Used 900 "usual questions leave the reserve"

                while ask true do
                    ()

                Expect.isGreaterThan budget.Used 1_000 "questions in doubt take of it"

                for _ in 1..100 do
                    Expect.isTrue (budget.TryTake(1, true, &wait)) "a cancel passes all the same")
            testCase "weights are the venue's" (fun () ->
                let expected =
                    [ "l2Book", 2; "userRole", 60; "meta", 20; "orderStatus", 2; "unknownYet", 20 ]

                for name, weight in expected do
                    Expect.equal (Weights.OfInfo name) weight name

                Expect.equal (Weights.OfAction 39, Weights.OfAction 40, Weights.OfAction 80) (1, 2, 3) "a batch"
                Expect.equal (Weights.OfRows("userFills", 2_000)) 100 "rows"
                Expect.equal (Weights.OfRows("candleSnapshot", 5_000)) 83 "candles"
                Expect.equal (Weights.OfRows("meta", 5_000)) 0 "none")
        ]

/// Answers connections one after the other with what is written raw; counts them. None: closes without a word.
let server (answers: string option list) (f: Network -> (unit -> int) -> Task<unit>) =
    task {
        use listener = new TcpListener(IPAddress.Loopback, 0)
        listener.Start()
        let mutable taken = 0

        let serving =
            task {
                for answer in answers do
                    use! peer = listener.AcceptTcpClientAsync()
                    taken <- taken + 1
                    use stream = peer.GetStream()
                    let! _ = stream.ReadAsync(Memory(Array.zeroCreate<byte> 65_536))

                    match answer with
                    | Some text -> do! stream.WriteAsync(ReadOnlyMemory(Encoding.ASCII.GetBytes text))
                    | None -> ()
            }

        let port =
            match listener.LocalEndpoint with
            | :? IPEndPoint as e -> e.Port
            | _ -> failtest "a port"

        let mutable trouble = ""

        match Network.Find($"http://127.0.0.1:{port}", &trouble) with
        | null -> failtest trouble
        | network -> do! f network (fun () -> taken)

        ignore serving
    }

let answer (status: string) (body: string) =
    Some
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"

let client (network: Network) =
    new RestClient(
        network,
        WeightBudget(1_200, 200, TimeProvider.System),
        TimeSpan.FromMilliseconds 700.0,
        TimeProvider.System
    )

let private body = ReadOnlyMemory(Encoding.UTF8.GetBytes "{}")

let private rest =
    testList
        "requests"
        [
            testCaseTask "a question is asked again after 429, 5xx and a broken connection" (fun () ->
                server [ answer "502 Bad Gateway" "<html>"; None; answer "200 OK" "[]" ] (fun network taken ->
                    task {
                        use rest = client network
                        let! reply = rest.AskAsync("l2Book", body, false, CancellationToken.None)
                        Expect.equal reply.Outcome RestOutcome.Answered reply.Why
                        Expect.equal (taken ()) 3 "three times"
                    }))
            testCaseTask "the rows of an answer are paid for" (fun () ->
                task {
                    let rows = "[" + String.Join(",", List.replicate 45 "{\"a\":[1,2]}") + "]"

                    for kind, used in [ "userFills", 22; "meta", 20; "l2Book", 2 ] do
                        do!
                            server [ answer "200 OK" rows ] (fun network _ ->
                                task {
                                    let budget = WeightBudget(1_200, 200, TimeProvider.System)

                                    use rest =
                                        new RestClient(network, budget, TimeSpan.FromSeconds 5.0, TimeProvider.System)

                                    let! reply = rest.AskAsync(kind, body, false, CancellationToken.None)
                                    Expect.equal reply.Outcome RestOutcome.Answered reply.Why
                                    Expect.equal budget.Used used $"{kind} of 45 rows"
                                })
                })
            testCaseTask "an action is sent once: what may have been taken is unknown" (fun () ->
                task {
                    let cases =
                        [
                            answer "200 OK" "{\"status\":\"ok\"}", RestOutcome.Answered
                            answer "422 Unprocessable Entity" "no", RestOutcome.NotTaken
                            answer "429 Too Many Requests" "null", RestOutcome.NotTaken
                            answer "302 Found\r\nLocation: http://127.0.0.1:1/exchange" "", RestOutcome.Unknown
                            answer "503 Service Unavailable" "<html>", RestOutcome.Unknown
                            None, RestOutcome.Unknown
                        ]

                    for said, outcome in cases do
                        do!
                            server [ said; answer "200 OK" "[]" ] (fun network taken ->
                                task {
                                    use rest = client network
                                    let! reply = rest.ActAsync(body, 1, false, CancellationToken.None)
                                    Expect.equal reply.Outcome outcome $"{said}: {reply.Why}"
                                    Expect.equal (taken ()) 1 $"once after {said}"
                                })
                })
            testCaseTask "an answer whose compression is damaged is none, and breaks nothing" (fun () ->
                task {
                    for kind in [ "gzip"; "deflate"; "br" ] do
                        let said = answer $"200 OK\r\nContent-Encoding: {kind}" "{\"status\":\"ok\"}"

                        do!
                            server [ said; said; said; said ] (fun network taken ->
                                task {
                                    use rest = client network
                                    let! reply = rest.ActAsync(body, 1, false, CancellationToken.None)
                                    Expect.equal reply.Outcome RestOutcome.Unknown $"{kind}: {reply.Why}"
                                    Expect.equal (taken ()) 1 "once"
                                    let! reply = rest.AskAsync("l2Book", body, false, CancellationToken.None)
                                    Expect.equal reply.Outcome RestOutcome.Unknown $"{kind}: {reply.Why}"
                                })
                })
            testCaseTask "what the venue repeats of a signature stands in no sentence" (fun () ->
                task {
                    let half = String('a', 64)

                    do!
                        server [ answer "422 Unprocessable Entity" $"no: 0x{half}" ] (fun network _ ->
                            task {
                                use rest = client network
                                let! reply = rest.ActAsync(body, 1, false, CancellationToken.None)
                                Expect.stringContains reply.Why "422: no: " "its words"
                                Expect.isFalse (reply.Why.Contains(String('a', 48))) reply.Why
                            })
                })
            testCaseTask "silence after sending is unknown, a refused connection is not" (fun () ->
                task {
                    use listener = new TcpListener(IPAddress.Loopback, 0)
                    listener.Start()

                    let port =
                        match listener.LocalEndpoint with
                        | :? IPEndPoint as e -> e.Port
                        | _ -> failtest "a port"

                    let mutable trouble = ""

                    match Network.Find($"http://127.0.0.1:{port}", &trouble) with
                    | null -> failtest trouble
                    | network ->
                        use rest = client network
                        let! silent = rest.ActAsync(body, 1, false, CancellationToken.None)
                        Expect.equal silent.Outcome RestOutcome.Unknown silent.Why
                        use stop = new CancellationTokenSource(200)
                        let! left = rest.ActAsync(body, 1, false, stop.Token)
                        Expect.equal left.Outcome RestOutcome.Unknown "nobody waits for it any more"
                        listener.Stop()
                        use other = client network
                        let! refused = other.ActAsync(body, 1, false, CancellationToken.None)
                        Expect.equal refused.Outcome RestOutcome.NotTaken refused.Why
                })
        ]

let tests = testList "requests of the venue" [ budgets; testSequenced rest ]
