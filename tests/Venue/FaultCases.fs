/// Faults on purpose, seen over real sockets and HTTP: each within its window, and nothing outside of it.
module Vrlg.Venue.FaultCases

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.Net.Http
open System.Net.WebSockets
open System.Threading
open Expecto
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Client

/// The window of every fault here: half an hour from the opening, for half an hour.
let private from = 1_800_000L

let private fault (kind: FaultKind) (channel: string) : Fault =
    {
        Kind = kind
        Name = string kind
        FromMs = from
        UntilMs = 2L * from
        Probability = 100_000_000L
        Channel = channel
        DelayMs = 300L
        IsExecuted = false
    }

type private Place =
    {
        Host: VenueHost
        Clock: Shifted
        Said: ConcurrentQueue<string>
    }

    /// Into the window, and out of it.
    member p.Enter() = p.Clock.PutOn from
    member p.Leave() = p.Clock.PutOn from

let private withFaults (faults: Fault list) (test: Place -> unit) =
    let clock = Shifted()
    let options = VenueOptions(0, false, config (), null, List.toArray faults)
    let host = openWith clock options
    let said = ConcurrentQueue<string>()
    host.add_Said (fun sentence -> said.Enqueue sentence)

    try
        test
            {
                Host = host
                Clock = clock
                Said = said
            }
    finally
        close host

let private case (name: string) (faults: Fault list) (test: Place -> unit) =
    testCase name (fun () -> withFaults faults test)

let private ping (socket: Socket) = socket.Send """{"method":"ping"}"""
let private pong = """{"channel":"pong"}"""

let private isAnswered (socket: Socket) =
    ping socket
    Expect.equal (socket.Next()) pong "a pong"

let private subscribe (socket: Socket) (what: string) =
    socket.Send $$"""{"method":"subscribe","subscription":{{what}}}"""
    socket.Until(fun f -> f.Contains "subscriptionResponse") |> ignore<string>

let private meta = """{"type":"meta"}"""
let private json = "application/json"

let private limit (px: string) =
    $$$$"""{"type":"order","orders":[{"a":0,"b":true,"p":"{{{{px}}}}","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"}"""

let private openOrders (host: VenueHost) =
    (info host $$"""{"type":"openOrders","user":"{{addressOf 1uy}}"}""").GetArrayLength()

let private order () = signed 1uy (limit "80000")

let private status (host: VenueHost) (path: string) (body: string) =
    let struct (code, _) = postText host path json body
    code

let private isLogged (p: Place) (part: string) =
    until $"the log says {part}" (fun () -> p.Said |> Seq.exists (fun s -> s.Contains part))

/// The next frame is the error that nonsense is answered with: nothing else was on its way.
let private isQuiet (socket: Socket) =
    socket.Send "{"
    Expect.stringStarts (socket.Next()) "{\"channel\":\"error\"" "nothing before it"

let private sockets =
    [
        case "delay: a frame waits, and what is behind it" [ fault FaultKind.Delay "pong" ] (fun p ->
            use socket = new Socket(p.Host)
            isAnswered socket
            p.Enter()
            let watch = Stopwatch.StartNew()
            isAnswered socket
            Expect.isGreaterThan watch.ElapsedMilliseconds 290L "it waited"
            isLogged p "(Delay) on pong, strike 1"
            p.Leave()
            isAnswered socket
            isQuiet socket
            Expect.equal (Seq.length p.Said) 1 "once")
        case "drop: a frame never comes, the others do" [ fault FaultKind.Drop "pong" ] (fun p ->
            use socket = new Socket(p.Host)
            isAnswered socket
            p.Enter()
            ping socket
            isLogged p "(Drop) on pong, strike 1"
            isQuiet socket
            p.Leave()
            isAnswered socket)
        case "drop: an order whose answer is dropped is at the venue" [ fault FaultKind.Drop "post" ] (fun p ->
            use socket = new Socket(p.Host)
            p.Enter()

            socket.Send $$$"""{"method":"post","id":7,"request":{"type":"action","payload":{{{order ()}}}}}"""

            isLogged p "(Drop) on post, strike 1"
            isQuiet socket
            Expect.equal (openOrders p.Host) 1 "it rests")
        case "duplicate: a frame comes twice" [ fault FaultKind.Duplicate "pong" ] (fun p ->
            use socket = new Socket(p.Host)
            p.Enter()
            isAnswered socket
            Expect.equal (socket.Next()) pong "again"
            isQuiet socket
            p.Leave()
            isAnswered socket
            isQuiet socket)
        case "reorder: a frame comes behind the next one" [ fault FaultKind.Reorder "pong" ] (fun p ->
            use socket = new Socket(p.Host)
            p.Enter()
            ping socket
            isQuiet socket
            Expect.equal (socket.Next()) pong "then the one before"
            p.Leave()
            isAnswered socket
            isQuiet socket)
        case "disconnect: the connection is cut, another one holds" [ fault FaultKind.Disconnect "pong" ] (fun p ->
            use socket = new Socket(p.Host)
            use other = new Socket(p.Host)
            isAnswered socket
            p.Enter()
            ping socket
            Expect.throwsT<WebSocketException> (fun () -> socket.Next() |> ignore<string>) "without a farewell"
            isQuiet other
            p.Leave()
            isAnswered other
            use again = new Socket(p.Host)
            isAnswered again)
        case
            "half_open: nothing comes, nothing is heard, the connection stays"
            [ fault FaultKind.HalfOpen "pong" ]
            (fun p ->
                use socket = new Socket(p.Host)
                isAnswered socket
                p.Enter()
                ping socket
                isLogged p "(HalfOpen) on pong, strike 1"
                p.Leave()
                ping socket

                socket.Send $$$"""{"method":"post","id":7,"request":{"type":"action","payload":{{{order ()}}}}}"""

                use other = new Socket(p.Host)
                isAnswered other
                subscribe other """{"type":"explorerBlock"}"""

                for _ in 1..3 do
                    other.Next() |> ignore<string>

                Expect.equal (openOrders p.Host) 0 "the order was not heard"
                Expect.equal socket.Web.State WebSocketState.Open "it stays")
        case "stale_book: the last book again, while the touch goes on" [ fault FaultKind.StaleBook "l2Book" ] (fun p ->
            use socket = new Socket(p.Host)
            use touch = new Socket(p.Host)
            subscribe socket """{"type":"l2Book","coin":"BTC","fast":true}"""
            let first, second = socket.Next(), socket.Next()
            Expect.notEqual second first "books change"
            p.Enter()
            let stale = socket.Next()

            for _ in 1..3 do
                Expect.equal (socket.Next()) stale "the same book"

            subscribe touch """{"type":"bbo","coin":"BTC"}"""
            let bbo = touch.Next()
            Expect.notEqual (touch.Next()) bbo "the touch moves"
            isLogged p "(StaleBook) on l2Book"
            p.Leave()
            socket.Until(fun f -> f <> stale) |> ignore<string>)
        case "skip_proposer: the next one proposes, later" [ fault FaultKind.SkipProposer "" ] (fun p ->
            use socket = new Socket(p.Host)
            subscribe socket """{"type":"explorerBlock"}"""
            socket.Next() |> ignore<string>

            let block () =
                let row = (Text.Json.JsonDocument.Parse(socket.Next()).RootElement)[0]

                struct (row.GetProperty("height").GetInt64(),
                        row.GetProperty("blockTime").GetInt64(),
                        string (row.GetProperty("proposer").GetString()))

            let due (turn: int64) =
                Chain.proposers[Chain.schedule[Chain.slot turn]]

            let struct (height, _, who) = block ()
            Expect.equal who (due height) "in its turn"
            p.Enter()
            isLogged p "(SkipProposer), strike 3"
            p.Leave()
            // All that is on its way: heights without a gap, every turn that was passed over told by the venue.
            let blocks = [ for _ in 1..12 -> block () ]
            let mutable last = height
            let mutable passed = 0L
            let mutable slow = 0

            for struct (h, _, who) in blocks do
                Expect.equal h (last + 1L) "no gap"
                last <- h

                if who <> due (h + passed) then
                    slow <- slow + 1
                    passed <- passed + 1L

                Expect.equal who (due (h + passed)) "the next one's turn"

            Expect.isGreaterThan slow 1 "passed over")
    ]

let private requests =
    [
        case "http_429: refused, and nothing done" [ fault FaultKind.Http429 "exchange" ] (fun p ->
            p.Enter()
            let struct (code, text) = postText p.Host "/exchange" json (order ())
            Expect.equal (code, text) (429, "null") "refused"
            Expect.equal (openOrders p.Host) 0 "nothing rests"
            p.Leave()
            Expect.equal (status p.Host "/exchange" (order ())) 200 "afterwards"
            Expect.equal (openOrders p.Host) 1 "one rests")
        case "http_502: a gateway's page, nothing done" [ fault FaultKind.Http502 "exchange" ] (fun p ->
            p.Enter()
            let struct (code, text) = postText p.Host "/exchange" json (order ())
            Expect.equal code 502 "refused"
            Expect.stringStarts text "<html>" "a page"
            Expect.equal (openOrders p.Host) 0 "nothing rests"
            p.Leave()
            Expect.equal (status p.Host "/exchange" (order ())) 200 "afterwards")
        case
            "http_502 executed: the page although it was done"
            [
                { fault FaultKind.Http502 "exchange" with
                    IsExecuted = true
                }
            ]
            (fun p ->
                p.Enter()
                Expect.equal (status p.Host "/exchange" (order ())) 502 "the page"
                Expect.equal (openOrders p.Host) 1 "it rests")
        case "drop: the answer of a request never comes, and it was done" [ fault FaultKind.Drop "exchange" ] (fun p ->
            p.Enter()

            Expect.throwsT<HttpRequestException>
                (fun () -> status p.Host "/exchange" (order ()) |> ignore<int>)
                "no answer"

            Expect.equal (openOrders p.Host) 1 "it rests"
            p.Leave()
            Expect.equal (status p.Host "/exchange" (order ())) 200 "afterwards")
        case "delay: the answer of a request waits" [ fault FaultKind.Delay "info" ] (fun p ->
            Expect.equal (status p.Host "/info" meta) 200 "before"
            p.Enter()
            let watch = Stopwatch.StartNew()
            Expect.equal (status p.Host "/info" meta) 200 "late"
            Expect.isGreaterThan watch.ElapsedMilliseconds 290L "it waited"
            p.Leave()
            Expect.equal (status p.Host "/info" meta) 200 "afterwards"
            Expect.equal (Seq.length p.Said) 1 "once")
    ]

let private draws =
    [
        testCase "draws follow from the seed, the fault's place and how many there were" (fun () ->
            let half =
                { fault FaultKind.Drop "" with
                    Probability = 25_000_000L
                }

            let drawn seed index =
                [ for n in 0L .. 9_999L -> Faults.strikes seed index n half ]

            let count seed index =
                drawn seed index |> List.filter id |> List.length

            Expect.equal (drawn 3L 0) (drawn 3L 0) "again"
            Expect.notEqual (drawn 3L 0) (drawn 4L 0) "another seed"
            Expect.notEqual (drawn 3L 0) (drawn 3L 1) "another fault"
            let share = float (count 3L 0) / 10_000.0
            Expect.isTrue (share > 0.23 && share < 0.27) $"{share}"
            let always = fault FaultKind.Drop ""
            Expect.isTrue (Seq.forall (fun n -> Faults.strikes 1L 0 n always) [ 0L .. 999L ]) "always")
        testCase "the same messages in the same order are struck again" (fun () ->
            let half =
                { fault FaultKind.Drop "pong" with
                    FromMs = 0L
                    Probability = 50_000_000L
                }

            /// Which of forty pings were answered.
            let answered (seed: int64) =
                let config = { config () with Seed = seed }

                let host =
                    openWith TimeProvider.System (VenueOptions(0, false, config, null, [| half |]))

                try
                    use socket = new Socket(host)

                    [
                        for _ in 1..40 do
                            ping socket
                            socket.Send "{"
                            let isAnswered = socket.Next() = pong

                            if isAnswered then
                                socket.Next() |> ignore<string>

                            isAnswered
                    ]
                finally
                    close host

            let first = answered 5L
            Expect.equal (answered 5L) first "again"
            Expect.notEqual (answered 6L) first "another seed"
            let share = first |> List.filter id |> List.length
            Expect.isTrue (share > 8 && share < 32) $"{share} of 40")
        testCase "a venue that goes on from its log has passed over the same proposers" (fun () ->
            let path = IO.Path.Combine(IO.Path.GetTempPath(), $"venue-{Guid.NewGuid()}.log")
            let config = config ()

            let always =
                { fault FaultKind.SkipProposer "" with
                    FromMs = 0L
                    DelayMs = 1L
                }

            let start faults =
                openWith TimeProvider.System (VenueOptions(0, false, config, path, faults))

            let rows (host: VenueHost) =
                host.Look(fun s -> struct (s.Skipped, [ for b in s.Blocks -> b.Height, b.Proposer ]))

            try
                let host = start [| always |]
                until "some passed over" (fun () -> host.Look(fun s -> s.Skipped) > 5L)
                close host
                let struct (skipped, before) = rows host
                let host = start null
                let struct (again, after) = rows host
                close host
                Expect.equal again skipped "as many"
                Expect.equal (List.truncate before.Length after) before "the same blocks"
            finally
                IO.File.Delete path)
        testCase "a window begins with its first millisecond and ends before its last" (fun () ->
            let still =
                { new TimeProvider() with
                    member _.GetUtcNow() =
                        DateTimeOffset.UnixEpoch.AddMilliseconds(float from)
                }

            let f = fault FaultKind.Drop "pong"

            let at ms =
                Faults.concerns f FaultPlace.Frame "pong" ms

            Expect.equal
                [ for ms in [ from - 1L; from; 2L * from - 1L; 2L * from ] -> at ms ]
                [ false; true; true; false ]
                "window"

            let box = FaultBox([| { f with FromMs = 0L } |], 1L, still)
            Expect.isNull (box.Strike(FaultPlace.Frame, "trades")) "another channel"
            Expect.isNull (box.Strike(FaultPlace.Request, "info")) "another place"
            Expect.isNotNull (box.Strike(FaultPlace.Frame, "pong")) "its own"
            Expect.equal (box.Strikes 0) 1L "counted")
    ]

let tests =
    testSequenced
    <| testList "faults" [ yield! sockets; yield! requests; yield! draws ]
