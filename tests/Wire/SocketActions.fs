/// Requests over a socket: each is sent once and has one outcome.
module Vrlg.Wire.SocketActions

open System
open System.Collections.Immutable
open System.Text
open System.Threading
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Feeds
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Core
open Vrlg.Wire.SocketHands

let private network =
    Network(Uri "http://127.0.0.1:1", Uri "ws://127.0.0.1:1/ws", Uri "ws://127.0.0.1:1/ws", false)

let private user = "0x14791697260e4c9a71f18484c9f997b308e59325"

let private address =
    match Address.TryParse user with
    | true, a -> a
    | _ -> failtest "an address"

/// An account's connection; its subscriptions stand once it is opened.
type private Desk(allowance: SocketAllowance, perMinute: int) =
    let clock = HandClock()
    let transport = HandTransport()
    let notes = Notebook()
    let budget = WeightBudget(perMinute, 0, clock)
    let limits = SocketLimits(allowance, clock)
    let rest = new RestClient(network, budget, TimeSpan.FromSeconds 5.0, clock)

    let options =
        FeedOptions(
            network,
            VenueId.Of 0,
            ImmutableArray<FeedCoin>.Empty,
            AccountId.Of 0,
            Nullable address,
            7L,
            Instant.Of 0L,
            BookKinds.None,
            false
        )

    let feed =
        new HyperliquidFeed(options, FeedMeans(transport, limits, rest, budget, clock, (fun () -> 0.5)), notes, notes)

    new() = new Desk(SocketAllowance(), 1_200)
    member _.Clock = clock
    member _.Notes = notes
    member _.Limits = limits
    member _.Budget = budget
    member _.Feed = feed
    member _.Posts = nonNull feed.Posts

    /// The account's: the first that is asked for.
    member _.Link =
        transport.All
        |> List.filter (fun l -> l.Sent |> List.exists (fun f -> f.Contains user))
        |> List.last

    member d.Start() =
        feed.Start()
        clock.Move 0L
        d.Stand()

    member d.Stand() =
        for link in transport.All |> List.filter (fun l -> not l.IsGone && List.isEmpty l.Sent) do
            link.Open()

        for asked in d.Link.Sent |> List.filter (fun f -> f.Contains "\"subscribe\"") do
            d.Link.Say($"{{\"channel\":\"subscriptionResponse\",\"data\":{asked}}}")

    member d.Sent = d.Link.Sent |> List.filter (fun f -> f.Contains "\"post\"")

    interface IDisposable with
        member _.Dispose() =
            feed.Dispose()
            rest.Dispose()

let private body (text: string) =
    ReadOnlyMemory(Encoding.UTF8.GetBytes text)

let private order =
    body """{"action":{"type":"order","orders":[{"r":false}]},"nonce":1}"""

let private answer (id: int) (response: string) =
    $"{{\"channel\":\"post\",\"data\":{{\"id\":{id},\"response\":{response}}}}}"

let private ok =
    """{"type":"action","payload":{"status":"ok","response":{"type":"default"}}}"""

let private outcome (task: Threading.Tasks.Task<RestReply>) =
    Expect.isTrue (task.Wait 60_000) "it has its outcome"
    task.Result

let private isOpen (task: Threading.Tasks.Task<RestReply>) = not task.IsCompleted

let tests =
    testList
        "requests over a socket"
        [
            testCase "are answered by number, in whichever order, once" (fun () ->
                use d = new Desk()
                Expect.isFalse d.Posts.IsLive "not connected"

                Expect.equal
                    (outcome (d.Posts.SendAsync(order, CancellationToken.None))).Outcome
                    RestOutcome.NotTaken
                    "nothing sent"

                d.Start()
                Expect.isTrue d.Posts.IsLive "connected"
                let a = d.Posts.SendAsync(order, CancellationToken.None)

                let b =
                    d.Posts.AskAsync("meta", body """{"type":"meta"}""", false, CancellationToken.None)

                Expect.equal
                    d.Sent
                    [
                        """{"method":"post","id":1,"request":{"type":"action","payload":{"action":{"type":"order","orders":[{"r":false}]},"nonce":1}}}"""
                        """{"method":"post","id":2,"request":{"type":"info","payload":{"type":"meta"}}}"""
                    ]
                    "sent"

                Expect.equal (d.Limits.Posts, d.Budget.Used) (2, 21) "counted as REST is"
                d.Link.Say(answer 2 """{"type":"info","payload":{"type":"meta","data":[1,2]}}""")
                Expect.isTrue (isOpen a) "the other waits"
                d.Link.Say(answer 1 ok)
                d.Link.Say(answer 1 ok)
                let text (r: RestReply) = Encoding.UTF8.GetString r.Body.Span
                Expect.equal (text (outcome b)) "[1,2]" "as REST would have answered"

                Expect.equal
                    (text (outcome a))
                    """{"status":"ok","response":{"type":"default"}}"""
                    "as REST would have answered"

                Expect.equal (d.Feed.Counts.RepeatedAnswers, d.Limits.Posts) (1L, 0) "counted, never mistaken")
            testCase "without an answer in time are unknown, and a late one changes nothing" (fun () ->
                use d = new Desk()
                d.Start()
                let a = d.Posts.SendAsync(order, CancellationToken.None)

                for _ in 1..9 do
                    d.Clock.Move 1_000L
                    d.Link.Say """{"channel":"pong"}"""

                Expect.isTrue (isOpen a) "still waited for"
                d.Clock.Move 1_000L
                let r = outcome a
                Expect.equal (r.Outcome, r.Why) (RestOutcome.Unknown, "no answer within 10 s") "unknown"
                Expect.equal d.Limits.Posts 1 "it may still be on its way"
                d.Link.Say(answer 1 ok)
                Expect.equal (d.Feed.Counts.LateAnswers, d.Limits.Posts) (1L, 0) "late"
                d.Link.Say(answer 55 ok)
                Expect.equal d.Feed.Counts.StrangeAnswers 1L "strange")
            testCase "in flight when the connection breaks are unknown, later ones go over the next" (fun () ->
                use d = new Desk()
                d.Start()
                let all = [ for _ in 1..3 -> d.Posts.SendAsync(order, CancellationToken.None) ]
                d.Link.Close "reset"

                for each in all do
                    Expect.equal (outcome each).Why "no answer before the connection ended: reset" "unknown"

                Expect.equal
                    (outcome (d.Posts.SendAsync(order, CancellationToken.None))).Outcome
                    RestOutcome.NotTaken
                    "down"

                d.Clock.Move 1_000L
                d.Stand()
                let next = d.Posts.SendAsync(order, CancellationToken.None)
                d.Link.Say(answer 1 ok)
                Expect.isTrue (isOpen next) "an answer to an old number is not its own"
                d.Link.Say(answer 4 ok)
                Expect.equal (outcome next).Outcome RestOutcome.Answered "its own")
            testCase "the venue's errors are those of REST" (fun () ->
                for text, expected in
                    [
                        "429 Too Many Requests", RestOutcome.NotTaken
                        "422 Failed to deserialize", RestOutcome.NotTaken
                        "502 Bad Gateway", RestOutcome.Unknown
                        "4 is no status", RestOutcome.Unknown
                        "4291 is none either", RestOutcome.Unknown
                        "something", RestOutcome.Unknown
                    ] do
                    use d = new Desk()
                    d.Start()
                    let a = d.Posts.SendAsync(order, CancellationToken.None)
                    d.Link.Say(answer 1 $"{{\"type\":\"error\",\"payload\":\"{text}\"}}")
                    let r = outcome a
                    Expect.equal (r.Outcome, r.Why) (expected, $"the venue answered {text}") text
                    let next = d.Posts.SendAsync(order, CancellationToken.None)
                    Expect.equal (isOpen next) (not (text.StartsWith "429 ")) "the budget is told of a 429"
                    let cancel = body """{"action":{"type":"cancel","cancels":[1]},"nonce":1}"""
                    let exit = d.Posts.SendAsync(cancel, CancellationToken.None)
                    Expect.isTrue (isOpen exit) "exits go out all the same"
                    let id = if isOpen next then 3 else 2
                    d.Link.Say $"{{\"channel\":\"error\",\"data\":\"too many pending post requests id={id}\"}}"
                    Expect.equal (outcome exit).Outcome RestOutcome.NotTaken "turned away")
            testCase "stay within the venue's limits" (fun () ->
                use d = new Desk(SocketAllowance(10, 30, 1_000, 10, 2_000, 3, 500), 1_200)
                d.Start()
                let all = [ for _ in 1..4 -> d.Posts.SendAsync(order, CancellationToken.None) ]
                Expect.equal (all |> List.map isOpen) [ true; true; true; false ] "three wait"
                Expect.equal (outcome all[3]).Outcome RestOutcome.NotTaken "the fourth is not sent"
                Expect.equal d.Sent.Length 3 "nor any byte of it"
                use poor = new Desk(SocketAllowance(), 2)
                poor.Start()
                poor.Posts.SendAsync(order, CancellationToken.None) |> ignore
                poor.Posts.SendAsync(order, CancellationToken.None) |> ignore
                let r = outcome (poor.Posts.SendAsync(order, CancellationToken.None))
                Expect.equal (r.Outcome, poor.Limits.Posts) (RestOutcome.NotTaken, 2) "weighed like REST")
            testCase "that nobody waits for are unknown once sent, and not sent before" (fun () ->
                use d = new Desk()
                d.Start()
                use stop = new CancellationTokenSource()
                let a = d.Posts.SendAsync(order, stop.Token)
                stop.Cancel()
                Expect.equal (outcome a).Outcome RestOutcome.Unknown "it is on its way"
                Expect.equal (outcome (d.Posts.SendAsync(order, stop.Token))).Outcome RestOutcome.NotTaken "not sent"
                Expect.equal d.Sent.Length 1 "once"
                d.Link.IsFull <- true

                Expect.equal
                    (outcome (d.Posts.SendAsync(order, CancellationToken.None))).Outcome
                    RestOutcome.NotTaken
                    "a full socket")
            testCase "an account's message that cannot be read makes the account lost until it was looked at" (fun () ->
                use d = new Desk()
                d.Start()

                let say (channel: string) (member': string) (rows: string) =
                    d.Link.Say
                        $"{{\"channel\":\"{channel}\",\"data\":{{\"isSnapshot\":true,\"user\":\"{user}\",\"{member'}\":[{rows}]}}}}"

                say "userFills" "fills" "7"
                Expect.equal (d.Notes.Take()) [] "before it was there it cannot be lost"
                say "userFills" "fills" ""
                say "userFundings" "fundings" ""
                say "userFills" "fills" "7"
                Expect.equal (d.Notes.Take()) [ "lost Account" ] "lost"
                Expect.equal d.Feed.Counts.Unread 2L "counted"
                Expect.isFalse d.Feed.IsLive "a look is owed")
            testCase "so does one about funding, which is cash" (fun () ->
                for bad in
                    [
                        $"{{\"channel\":\"userFundings\",\"data\":{{\"user\":\"{user}\",\"fundings\":[7]}}}}"
                        "{\"channel\":\"user\",\"data\":{\"funding\":7}}"
                    ] do
                    use d = new Desk()
                    d.Start()

                    for channel, member' in [ "userFills", "fills"; "userFundings", "fundings" ] do
                        d.Link.Say
                            $"{{\"channel\":\"{channel}\",\"data\":{{\"isSnapshot\":true,\"user\":\"{user}\",\"{member'}\":[]}}}}"

                    d.Notes.Take() |> ignore
                    d.Link.Say bad
                    Expect.equal (d.Notes.Take()) [ "lost Account" ] bad
                    Expect.equal d.Feed.Counts.Unread 1L "counted once")
            testCase "a fill of an absurd time does not hide later fills from a look" (fun () ->
                let clock = HandClock()
                let now = clock.GetUtcNow().ToUnixTimeMilliseconds()
                let mark = FillMark(Instant.OfMs(now - 500_000L), clock)

                let fill (ms: int64) =
                    FillNews(
                        InstrumentId.Of 0,
                        { Run = 7L; N = 1L },
                        5L,
                        6L,
                        Side.Buy,
                        Px.Of 1L,
                        Sz.Of 1L,
                        Usd.Of 0L,
                        false,
                        true,
                        Instant.OfMs ms
                    )

                let heard (ms: int64) =
                    mark.Heard(ReadOnlySpan [| fill ms |])
                    mark.AskFromMs + 60_000L - now

                Expect.equal (heard (now - 400_000L)) -400_000L "a fill"
                Expect.equal (heard (now + 86_400_000L)) 0L "a day ahead: no later than now"
                mark.Looked(Instant.OfMs(now - 70_000L))
                Expect.equal (mark.AskFromMs + 60_000L - now) -70_000L "the venue's own time is told by a look"
                mark.Looked(Instant.OfMs 0L)
                Expect.equal (mark.AskFromMs + 60_000L - now) -500_000L "nothing from before the run"
                Expect.equal (heard (now - 450_000L)) -450_000L "on it goes")
            testCase "what the venue repeats of a signature stands in no sentence" (fun () ->
                use d = new Desk()
                d.Start()
                let a = d.Posts.SendAsync(order, CancellationToken.None)
                let half = String('a', 64)

                d.Link.Say
                    $"{{\"channel\":\"post\",\"data\":{{\"id\":1,\"response\":{{\"type\":\"error\",\"payload\":\"422 not read: 0x{half}\"}}}}}}"

                let r = outcome a
                Expect.equal r.Outcome RestOutcome.NotTaken "turned away"
                Expect.stringContains r.Why "422 not read" "its words"
                Expect.isFalse (r.Why.Contains(String('a', 48))) r.Why)
            testCase "a feed that ends leaves none waiting" (fun () ->
                let d = new Desk()
                d.Start()
                let a = d.Posts.SendAsync(order, CancellationToken.None)
                (d :> IDisposable).Dispose()
                Expect.equal (outcome a).Outcome RestOutcome.Unknown "unknown")
        ]
