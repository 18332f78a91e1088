/// The small machines of the socket side: limits, requests, losses, trades, quotes against books.
module Vrlg.Wire.SocketRules

open System
open System.Collections.Generic
open Expecto
open Expecto.ExpectoFsCheck
open FsCheck.FSharp
open Vrlg.Adapters.Hyperliquid.Feeds
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Core
open Vrlg.Wire.SocketHands

type private Draws =
    static member Steps() =
        Arb.fromGen (
            Gen.listOfLength
                400
                (gen {
                    let! kind = Gen.choose (0, 9)
                    let! n = Gen.choose (0, 999)
                    return struct (kind, n)
                })
        )

let private law =
    { FsCheckConfig.defaultConfig with
        maxTest = 200
        arbitrary = [ typeof<Draws> ]
    }

// ---- what the venue allows ----

let private small = SocketAllowance(3, 6, 8, 2, 20, 4, 5)

let private within (count: int) (times: List<int64>) (now: int64) =
    (times |> Seq.filter (fun at -> now - at < 60_000L) |> Seq.length) <= count

let private limits =
    testList
        "what the venue allows"
        [
            testPropertyWithConfig law "is never exceeded, and given back" (fun (steps: struct (int * int) list) ->
                let clock = HandClock()
                let limits = SocketLimits(small, clock)
                let places = List<ConnectionPlace>()
                let users = Dictionary<ConnectionPlace, List<string>>(HashIdentity.Reference)
                let subscriptions = Dictionary<ConnectionPlace, int>(HashIdentity.Reference)
                let begun = List<int64>()
                let sent = List<int64>()
                let mutable posts = 0

                for struct (kind, n) in steps do
                    match kind with
                    | 0
                    | 1 ->
                        match limits.TryConnect() with
                        | null, why -> Expect.isNotEmpty why "a sentence"
                        | place, _ ->
                            places.Add place
                            users[place] <- List()
                            subscriptions[place] <- 0
                            begun.Add clock.Ms
                    | 2
                    | 3 when places.Count > 0 ->
                        let place = places[n % places.Count]
                        let user: string | null = if n % 3 = 0 then null else $"0x{n % 4}"

                        match place.TrySubscribe user with
                        | true, _ ->
                            subscriptions[place] <- subscriptions[place] + 1

                            match user with
                            | null -> ()
                            | user -> users[place].Add user
                        | false, why -> Expect.isNotEmpty why "a sentence"
                    | 4 when places.Count > 0 ->
                        let place = places[n % places.Count]
                        places.Remove place |> ignore
                        place.Dispose()
                        place.Dispose()
                    | 5
                    | 6 ->
                        if limits.TryMessage(n % 4 = 0) then
                            sent.Add clock.Ms
                    | 7 ->
                        if limits.TryPost() then
                            posts <- posts + 1
                    | 8 when posts > 0 ->
                        limits.Answered 1
                        posts <- posts - 1
                    | _ -> clock.Move(int64 n * 20L)

                    Expect.isLessThanOrEqual places.Count 3 "connections"
                    Expect.isTrue (within 6 begun clock.Ms) "new ones"
                    Expect.isTrue (within 20 sent clock.Ms) "messages"
                    Expect.isLessThanOrEqual posts 4 "posts"
                    let all = places |> Seq.sumBy (fun p -> subscriptions[p])
                    Expect.isLessThanOrEqual all 8 "subscriptions"
                    Expect.equal (limits.Connections, limits.Subscriptions) (places.Count, all) "counted"

                    Expect.isLessThanOrEqual
                        (places |> Seq.collect (fun p -> users[p]) |> Seq.distinct |> Seq.length)
                        2
                        "accounts")
            testCase "is a sliding minute to the millisecond, with a reserve for what is urgent" (fun () ->
                let clock = HandClock()
                let limits = SocketLimits(small, clock)
                let take isUrgent = limits.TryMessage isUrgent
                Expect.isTrue (List.forall (fun _ -> take false) [ 1..15 ]) "up to the reserve"
                Expect.isFalse (take false) "not into it"
                Expect.isTrue (List.forall (fun _ -> take true) [ 1..5 ]) "urgent ones may"
                Expect.isFalse (take true) "no further"
                clock.Move 59_999L
                Expect.isFalse (take true) "a millisecond early"
                clock.Move 1L
                Expect.isTrue (take false) "a minute later")
        ]

// ---- requests that wait ----

let private posts =
    testList
        "requests that wait"
        [
            testPropertyWithConfig
                law
                "have one fate each, whatever is answered"
                (fun (steps: struct (int * int) list) ->
                    let table = PostTable()
                    let fates = Dictionary<int64, int>()
                    let mutable now = 0L
                    let mutable last = 0L

                    let ended id = fates[id] <- fates[id] + 1

                    for struct (kind, n) in steps do
                        match kind with
                        | 0
                        | 1
                        | 2 ->
                            let id = table.Open(now + int64 n)
                            Expect.isGreaterThan id last "numbers rise"
                            last <- id
                            fates[id] <- 0
                        | 3
                        | 4
                        | 5 ->
                            let id = int64 (n % (int last + 3))
                            let isOpen = fates.ContainsKey id && fates[id] = 0

                            match table.Answer id with
                            | PostFate.Awaited ->
                                Expect.isTrue isOpen "only what waits"
                                ended id
                            | PostFate.Strange -> ()
                            | _ -> Expect.isTrue (fates.ContainsKey id && fates[id] = 1) "it had its fate"
                        | 6 -> Seq.iter ended (table.Overdue now)
                        | 7 when n < 100 -> Seq.iter ended (table.Lost())
                        | _ -> now <- now + int64 n / 4L

                        Expect.isTrue (fates.Values |> Seq.forall (fun f -> f <= 1)) "once"

                    Seq.iter ended (table.Lost())
                    Expect.isTrue (fates.Values |> Seq.forall (fun f -> f = 1)) "and in the end each"
                    Expect.equal table.InFlight 0 "nothing is on its way")
            testCase "late, twice and strange are told apart" (fun () ->
                let table = PostTable()
                let a = table.Open 10L
                let b = table.Open 20L
                Expect.sequenceEqual (table.Overdue 10L) [ a ] "at its very deadline"
                Expect.equal table.InFlight 2 "it may still come"
                Expect.equal (table.Answer a) PostFate.Late "late"
                Expect.equal (table.Answer b) PostFate.Awaited "in time"
                Expect.equal (table.Answer b) PostFate.Twice "again"
                Expect.equal (table.Answer 99L) PostFate.Strange "never sent"
                table.Open 30L |> ignore
                table.Lost() |> ignore
                Expect.equal (table.Answer 3L) PostFate.Strange "of another connection"
                Expect.equal (table.Late, table.Repeated, table.Strange) (1L, 1L, 2L) "counted"
                let c = table.Open 40L
                table.Overdue 40L |> ignore
                table.Overdue(40L + PostTable.ForgetAfter) |> ignore
                Expect.equal (table.InFlight, table.Answer c) (0, PostFate.Twice) "not for ever")
        ]

// ---- losses ----

let private ids = [| -1; 0; 1 |]

let private losses =
    testPropertyWithConfig
        law
        "losses and returns are told in turn, and a loss lasts while any cause does"
        (fun (steps: struct (int * int) list) ->
            let book = LossBook()
            let told = HashSet<struct (Channel * int)>()
            let causes = HashSet<struct (Channel * int * LossCause)>()

            for struct (kind, n) in steps do
                let channel = [| Channel.Book; Channel.Bbo; Channel.Account |][kind % 3]
                let id = ids[n % 3]
                let cause = enum<LossCause>(1 <<< (n / 3 % 3))
                let isLoss = n % 2 = 0

                let word =
                    if isLoss then
                        causes.Add(struct (channel, id, cause)) |> ignore
                        book.Lost(channel, InstrumentId.Of id, cause)
                    else
                        causes.Remove(struct (channel, id, cause)) |> ignore
                        book.Back(channel, InstrumentId.Of id, cause)

                let was = told.Contains(struct (channel, id))

                match word with
                | LossWord.Lost ->
                    Expect.isFalse was "lost once"
                    told.Add(struct (channel, id)) |> ignore
                | LossWord.Back ->
                    Expect.isTrue was "back after a loss"
                    told.Remove(struct (channel, id)) |> ignore
                | _ -> ()

                let holds = causes |> Seq.exists (fun (struct (c, i, _)) -> c = channel && i = id)

                Expect.equal (told.Contains(struct (channel, id))) holds "told as it is"
                Expect.equal (book.IsLost(channel, InstrumentId.Of id)) holds "known")

// ---- trades ----

let private trades =
    testPropertyWithConfig
        law
        "a trade is new flow once, and never out of a backlog"
        (fun (steps: struct (int * int) list) ->
            let filter = TradeFilter()
            let told = HashSet<int64>()
            let seen = HashSet<int64>()

            // Frames of trades, among them subscriptions that begin anew.
            for frame in steps |> List.chunkBySize 5 do
                let isBacklog =
                    match frame with
                    | struct (0, _) :: _ ->
                        filter.Begin()
                        true
                    | _ -> seen.Count = 0

                for struct (_, n) in frame do
                    let tid = int64 (n % 200)
                    let isNew = filter.IsNew(tid, Instant.OfMs tid)

                    if isNew then
                        Expect.isFalse isBacklog "no backlog"
                        Expect.isTrue (told.Add tid) "once"

                    Expect.equal isNew (not isBacklog && not (seen.Contains tid)) "what was not known is told"
                    seen.Add tid |> ignore

                filter.EndOfFrame())

// ---- the best quote against the book ----

let private px (n: int) = Px.Of(int64 n)

let private touches =
    testList
        "the best quote against the book"
        [
            testCase "a quote that stands while the book moves contradicts it after one beat" (fun () ->
                let check = TouchCheck()
                check.Quote(px 10, px 11, Instant.OfMs 100L, 0L, 500L)
                check.Book(px 10, px 11, Instant.OfMs 200L, 10L, 500L)
                check.Book(px 12, px 13, Instant.OfMs 700L, 510L, 500L)
                check.Wait(1_010L, 500L)
                Expect.isFalse check.IsContradiction "one beat is not longer than one beat"
                check.Book(px 12, px 13, Instant.OfMs 1_200L, 1_011L, 500L)
                Expect.isTrue check.IsContradiction "a millisecond more"
                check.Quote(px 12, px 13, Instant.OfMs 1_150L, 1_020L, 500L)
                Expect.isFalse check.IsContradiction "its late word agrees")
            testCase "a quote that moved after the book's block is no contradiction" (fun () ->
                let check = TouchCheck()
                check.Quote(px 10, px 11, Instant.OfMs 100L, 0L, 500L)
                check.Book(px 10, px 11, Instant.OfMs 100L, 0L, 500L)
                check.Quote(px 12, px 13, Instant.OfMs 150L, 50L, 500L)
                check.Wait(10_000L, 500L)
                Expect.isFalse check.IsContradiction "the next book will tell"
                check.Book(px 14, px 15, Instant.OfMs 90L, 10_001L, 500L)
                check.Wait(20_000L, 500L)
                Expect.isFalse check.IsContradiction "an older book says nothing")
            testPropertyWithConfig
                law
                "two channels of one venue, each late by less than a beat, never contradict each other"
                (fun (steps: struct (int * int) list) ->
                    let check = TouchCheck()
                    // Blocks every 100 ms; the quote of each is heard up to 300 ms after it, in order; a book every fifth block.
                    let beat = 500L

                    let heard =
                        [
                            let mutable touch = 100

                            for i, struct (kind, n) in List.indexed steps do
                                let block = int64 i * 100L

                                if kind < 4 then
                                    touch <- 100 + n % 7
                                    block + int64 (n % 300), 0, block, touch
                                elif i = 0 then
                                    block, 0, block, touch

                                if i % 5 = 0 then
                                    block + int64 ((n * 7) % 300), 1, block, touch
                        ]
                        |> List.sortBy (fun (at, kind, block, _) -> at, block, kind)

                    for at, kind, block, touch in heard do
                        if kind = 0 then
                            check.Quote(px touch, px (touch + 1), Instant.OfMs block, at, beat)
                        else
                            check.Book(px touch, px (touch + 1), Instant.OfMs block, at, beat)

                        Expect.isFalse check.IsContradiction $"at {at}")
            testPropertyWithConfig
                law
                "a quote channel that died is found out by the second book after the market moved"
                (fun (steps: struct (int * int) list) ->
                    let check = TouchCheck()
                    let quiet = int64 (List.length steps % 7 + 1)
                    check.Quote(px 100, px 101, Instant.OfMs 0L, 0L, 500L)

                    for i in 0L .. quiet do
                        check.Book(px 100, px 101, Instant.OfMs(i * 500L), i * 500L, 500L)

                    Expect.isFalse check.IsContradiction "as long as nothing moves"

                    for i in quiet + 1L .. quiet + 2L do
                        check.Book(px 102, px 103, Instant.OfMs(i * 500L), i * 500L, 500L)

                    check.Wait((quiet + 1L) * 500L + 501L, 500L)
                    Expect.isTrue check.IsContradiction "found out")
        ]

let private words =
    testCase "what the venue complains about is read, and never repeats a request" (fun () ->
        let read (text: string) =
            match VenueComplaint.Read text with
            | :? VenueComplaint.Stands as s -> $"stands {s.Subscription.Type} {s.Subscription.Coin}"
            | :? VenueComplaint.Unwanted as u -> $"unwanted {u.Subscription.Type} {u.Subscription.Coin}"
            | :? VenueComplaint.TooManyUsers as u -> "users " + u.Words
            | :? VenueComplaint.TooManyPosts as p -> $"posts {p.Id}"
            | other -> other.Words

        for text, meant in
            [
                """Already subscribed: {"type":"bbo","coin":"BTC"}""", "stands bbo BTC"
                """Invalid subscription {"type":"bbo","coin":"X"}""", "unwanted bbo X"
                """Invalid subscription: {"type":"bbo","coin":"X"}""", "unwanted bbo X"
                "Cannot track more than 10 total users.", "users Cannot track more than 10 total users."
                "too many pending post requests id=17", "posts 17"
                """Error parsing JSON into valid websocket request: {"signature":{"r":"0x1"}}""",
                "Error parsing JSON into valid websocket request"
                "Invalid subscription {broken", "Invalid subscription"
                "", ""
            ] do
            Expect.equal (read text) meant text)

let private costs =
    testCase "what an action costs is read from it, and whether it can only leave" (fun () ->
        let cost (action: string) =
            let c =
                ActionCost.Of(ReadOnlyMemory(Text.Encoding.UTF8.GetBytes($"{{\"action\":{action}}}")))

            c.Batch, c.IsExit

        for action, expected in
            [
                """{"type":"order","orders":[{"r":false},{"r":true}]}""", (2, false)
                """{"type":"order","orders":[{"r":true},{"r":true}]}""", (2, true)
                """{"type":"order","orders":[]}""", (1, false)
                """{"type":"cancelByCloid","cancels":[1,2,3]}""", (3, true)
                """{"type":"noop"}""", (1, true)
                """{"type":"updateLeverage"}""", (1, false)
                "7", (1, false)
                "{", (1, false)
            ] do
            Expect.equal (cost action) expected action)

let tests =
    testList "rules of the socket" [ limits; posts; losses; trades; touches; words; costs ]
