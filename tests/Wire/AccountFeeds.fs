/// Orders and fills of the account: scanners against the general reader, and what the core is told.
module Vrlg.Wire.AccountFeeds

open System
open System.Text
open Expecto
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Core
open Vrlg.Wire.Mutations

let private user = "0x14791697260e4c9a71f18484c9f997b308e59325"

let private run = 7L
let private utf8 (text: string) = Encoding.UTF8.GetBytes text
let private cloid (n: int) = string { Run = run; N = int64 n }

// ---- frames as the venue writes them ----

let order (n: int) (sz: string) (orig: string) (status: string) (at: int) : string =
    $"""{{"order":{{"coin":"BTC","side":"B","limitPx":"83000.0","sz":"{sz}","oid":{500 + n},"timestamp":1,"origSz":"{orig}","cloid":"{cloid n}"}},"status":"{status}","statusTimestamp":{at}}}"""

let private orders (rows: string list) : string =
    """{"channel":"orderUpdates","data":[""" + String.concat "," rows + "]}"

let fill (n: int) (tid: int) (sz: string) (at: int) : string =
    $"""{{"coin":"BTC","px":"100.0","sz":"{sz}","side":"B","time":{at},"startPosition":"-0.5","dir":"Open Long","closedPnl":"0.0","hash":"0xab","oid":{500 + n},"crossed":false,"fee":"0.015","tid":{tid},"cloid":"{cloid n}","feeToken":"USDC","twapId":null}}"""

let private fills (isSnapshot: bool) (rows: string list) : string =
    let flag = if isSnapshot then "\"isSnapshot\":true," else ""

    "{\"channel\":\"userFills\",\"data\":{"
    + flag
    + $"\"user\":\"{user}\",\"fills\":["
    + String.concat "," rows
    + "]}}"

let private scanned (frame: byte[]) : string list option =
    let news = AccountNews()

    match AccountFrames(coins).Read(ReadOnlySpan frame, news) with
    | FrameOutcome.Decoded -> Some(told news)
    | _ ->
        Expect.equal (news.Orders.Length + news.Fills.Length) 0 "nothing is left of a frame that was not read"
        None

let private decoded (frame: byte[]) : Result<string list, string> =
    let news = AccountNews()
    let mutable error: WireError | null = null

    match AccountCodec(coins).Read(ReadOnlyMemory frame, news, &error), error with
    | FrameOutcome.Decoded, null -> Ok(told news)
    | FrameOutcome.Decoded, e -> failtestf "decoded with an error %O" e
    | _, e ->
        Expect.equal (news.Orders.Length + news.Fills.Length) 0 "nothing is believed of a frame with an error"
        Error(string e)

// ---- the feed ----

let private say (e: Event) : string =
    let part = if e.IsPart then " .." else ""

    match e.Rare with
    | ValueSome(RareEvent.Replied r) -> $"{r.Cloid.N} {r.Answer}{part}".Replace("\n", " ")
    | ValueSome(RareEvent.Filled f) -> $"{f.Cloid.N} fill {f.TradeId} {f.Sz} of {f.Cumulative} fee {f.Fee}{part}"
    | other -> $"{other}"

let private said (feed: AccountFeed) (frame: string) : string list =
    let news = AccountNews()
    let batch = EventBatch()

    match AccountFrames(coins).Read(ReadOnlySpan(utf8 frame), news) with
    | FrameOutcome.Decoded -> ()
    | _ ->
        let mutable error: WireError | null = null

        if
            AccountCodec(coins).Read(ReadOnlyMemory(utf8 frame), news, &error)
            <> FrameOutcome.Decoded
        then
            failtestf "not read: %O in %s" error frame

    feed.Take(news, batch)

    [
        for e in batch.Events.ToArray() do
            say e
    ]

let private answers (frame: string) : Answer list =
    let news = AccountNews()
    let batch = EventBatch()
    AccountFrames(coins).Read(ReadOnlySpan(utf8 frame), news) |> ignore
    AccountFeed(AccountId.Of 0, run).Take(news, batch)

    [
        for e in batch.Events.ToArray() do
            match e.Rare with
            | ValueSome(RareEvent.Replied r) -> r.Answer
            | _ -> ()
    ]

let private feed () = AccountFeed(AccountId.Of 0, run)

let private sz (text: string) =
    Sz.Of(Exact.parse text |> Result.defaultValue -1L)

/// Frames as the venue lays them out: the scanner reads every one.
let frames: string list =
    [
        orders []
        orders [ order 1 "0.01" "0.01" "open" 5; order 2 "0.0" "1.0" "filled" 6 ]
        orders [ order 1 "0.01" "0.01" "tomorrowsWord" 5 ]
        orders
            [
                (order 1 "1.0" "2.0" "canceled" 5).Replace("\"},\"status", "\",\"reduceOnly\":true},\"status")
            ]
        orders [ (order 1 "1.0" "2.0" "open" 5).Replace($",\"cloid\":\"{cloid 1}\"", "") ]
        orders [ (order 1 "1.0" "2.0" "open" 5).Replace("BTC", "DOGE") ]
        orders [ (order 1 "1.0" "2.0" "open" 5).Replace(cloid 1, "0x1234") ]
        fills true []
        fills false [ fill 1 11 "0.5" 5; fill 2 12 "0.25" 5 ]
        fills
            true
            [
                (fill 1 11 "0.5" 5).Replace("\"fee\":\"0.015\"", "\"fee\":\"-0.001\",\"builderFee\":\"0.0\"")
            ]
        fills false [ (fill 1 11 "0.5" 5).Replace("BTC", "@107").Replace("USDC", "HYPE") ]
        (fills true [ fill 1 11 "0.5" 5 ]).Replace(user, "0x00")
        (fills false [ fill 1 11 "0.5" 5 ]).Replace("\"user\":", "\"isSnapshot\":false,\"user\":")
        "{\"channel\":\"user\",\"data\":{\"fills\":[" + fill 1 11 "0.5" 5 + "]}}"
    ]

let private reading =
    testList
        "frames"
        [
            testCase "are read alike by scanner and general reader" (fun () ->
                for text in frames do
                    let frame = utf8 text
                    Expect.isSome (scanned frame) text
                    Expect.equal (scanned frame |> Option.map Ok) (Some(decoded frame)) text)
            testCase "are read without a byte of garbage" (fun () ->
                let reader = AccountFrames coins
                let news = AccountNews()
                let one = utf8 (orders [ order 1 "0.01" "0.01" "badAloPxRejected" 5 ])
                let other = utf8 (fills false [ fill 1 11 "0.5" 5; fill 2 12 "0.25" 5 ])

                let read count =
                    for _ in 1..count do
                        reader.Read(ReadOnlySpan one, news) |> ignore
                        reader.Read(ReadOnlySpan other, news) |> ignore

                read 20_000
                let before = GC.GetAllocatedBytesForCurrentThread()
                read 1_000
                Expect.equal (GC.GetAllocatedBytesForCurrentThread() - before) 0L "bytes")
            testCase "of the samples too" (fun () ->
                for s in WireShapes.samples () do
                    for _, bytes in s.Messages do
                        match scanned bytes with
                        | Some events -> Expect.equal (Ok events) (decoded bytes) s.Name
                        | None -> ())
            testCase "a number longer than the general reader takes is not scanned" (fun () ->
                for digits, isRead in [ 36, true; 37, false ] do
                    let frame =
                        fills false [ (fill 1 1 "1.0" 1).Replace("-0.5", String('1', digits)) ] |> utf8

                    Expect.equal
                        (Option.isSome (scanned frame), Result.isOk (decoded frame))
                        (isRead, isRead)
                        $"{digits} digits")
            testCase "in another layout are the general reader's" (fun () ->
                let liquidation =
                    (fill 1 11 "0.5" 5)
                        .Replace(
                            "\"feeToken\"",
                            "\"liquidation\":{\"markPx\":\"1.0\",\"method\":\"market\"},\"feeToken\""
                        )

                let dust = (fill 1 0 "0.0000086141" 5).Replace($",\"cloid\":\"{cloid 1}\"", "")

                let old = (order 1 "1.0" "2.0" "canceled" 5).Replace(",\"origSz\":\"2.0\"", "")

                for text in
                    [
                        fills false [ liquidation ]
                        fills true [ dust; fill 1 11 "0.5" 5 ]
                        orders [ old ]
                    ] do
                    Expect.isNone (scanned (utf8 text)) text
                    Expect.isOk (decoded (utf8 text)) text)
            testCase "that lack what money needs are refused whole" (fun () ->
                for text, field in
                    [
                        fills false [ fill 1 1 "1.0" 5; (fill 1 11 "0.5" 5).Replace("\"tid\":11,", "") ], "tid"
                        fills false [ (fill 1 11 "0.5" 5).Replace("\"fee\":\"0.015\",", "") ], "fee"
                        fills false [ fill 1 11 "0.123456789" 5 ], "sz"
                        fills false [ fill 1 11 "-1.0" 5 ], "sz"
                        orders [ (order 1 "1.0" "1.0" "open" 5).Replace("\"oid\":501,", "") ], "oid"
                    ] do
                    Expect.isNone (scanned (utf8 text)) text

                    match decoded (utf8 text) with
                    | Ok events -> failtestf "%s was read: %A" text events
                    | Error why -> Expect.stringContains why $": {field} " text)
        ]

let private stories =
    testList
        "stories"
        [
            testCase "an order rests, fills in parts, and its end states the same sum" (fun () ->
                let f = feed ()
                Expect.equal (said f (orders [ order 1 "1.0" "1.0" "open" 1 ])) [ "1 Accepted 501L" ] "rests"
                Expect.equal (said f (fills false [ fill 1 11 "0.4" 2 ])) [ "1 fill 11 0.4 of 0.4 fee 0.015" ] "a part"

                Expect.equal
                    (said f (fills false [ fill 1 12 "0.5" 3; fill 1 13 "0.1" 3 ]))
                    [ "1 fill 12 0.5 of 0.9 fee 0.015 .."; "1 fill 13 0.1 of 1 fee 0.015" ]
                    "the rest"

                Expect.equal
                    (answers (orders [ order 1 "0.0" "1.0" "filled" 3 ]))
                    [ Answer.Ended(OrderStatus.Filled, ValueSome(sz "1")) ]
                    "its end")
            testCase "a snapshot after a reconnect tells only what was missed, oldest first" (fun () ->
                let f = feed ()
                said f (fills false [ fill 1 11 "0.4" 2 ]) |> ignore

                Expect.equal
                    (said f (fills true [ fill 1 13 "0.3" 4; fill 1 12 "0.2" 3; fill 1 11 "0.4" 2 ]))
                    [ "1 fill 12 0.2 of 0.6 fee 0.015 .."; "1 fill 13 0.3 of 0.9 fee 0.015" ]
                    "newest first on the wire"

                Expect.equal
                    (said f (fills true [ fill 1 11 "0.4" 2; fill 1 12 "0.2" 3; fill 1 13 "0.3" 4; fill 1 14 "0.1" 5 ]))
                    [ "1 fill 14 0.1 of 1 fee 0.015" ]
                    "oldest first on the wire"

                Expect.equal f.Repeated 4L "counted"

                let again =
                    "{\"channel\":\"user\",\"data\":{\"fills\":[" + fill 1 14 "0.1" 5 + "]}}"

                Expect.equal (said f again) [] "the same by another channel")
            testCase "the same trade on both of our orders counts on each" (fun () ->
                let f = feed ()
                said f (fills false [ fill 1 11 "0.4" 2 ]) |> ignore

                Expect.equal
                    (said f (fills false [ fill 2 11 "0.4" 2 ]))
                    [ "2 fill 11 0.4 of 0.4 fee 0.015" ]
                    "the other")
            testCase "open before the reply, and again after it, is one acceptance for the order" (fun () ->
                let f = feed ()
                let update = orders [ order 1 "1.0" "1.0" "open" 1 ]
                Expect.equal (said f update) [ "1 Accepted 501L" ] "before"
                Expect.equal (said f update) [ "1 Accepted 501L" ] "after: the core takes it as known")
            testCase "a refused order is refused, one that was in the book is at its end" (fun () ->
                Expect.equal
                    (answers (orders [ order 1 "1.0" "1.0" "badAloPxRejected" 1 ]))
                    [ Answer.Refused(OrderStatus.Rejected "badAloPxRejected") ]
                    "never there"

                Expect.equal
                    (answers (orders [ order 1 "1.0" "1.0" "open" 1; order 1 "1.0" "1.0" "iocCancelRejected" 1 ]))
                    [
                        Answer.Accepted 501L
                        Answer.Ended(OrderStatus.Rejected "iocCancelRejected", ValueSome(sz "0"))
                    ]
                    "first open, then refused")
            testCase "a cancelled order states what it filled" (fun () ->
                Expect.equal
                    (answers (orders [ order 1 "0.75" "1.0" "canceled" 1 ]))
                    [ Answer.Ended(OrderStatus.Cancelled "canceled", ValueSome(sz "0.25")) ]
                    "a part"

                Expect.equal
                    (answers (orders [ order 1 "1.0" "1.0" "selfTradeCanceled" 1 ]))
                    [ Answer.Ended(OrderStatus.Cancelled "selfTradeCanceled", ValueSome(sz "0")) ]
                    "nothing"

                Expect.equal
                    (answers (orders [ order 1 "2.0" "1.0" "canceled" 1 ]))
                    [ Answer.Ended(OrderStatus.Cancelled "canceled", ValueNone) ]
                    "more left than there was: nothing is stated")
            testCase "filled with something left states nothing, an unknown word is a doubt" (fun () ->
                Expect.equal
                    (answers (orders [ order 1 "0.5" "1.0" "filled" 1 ]))
                    [ Answer.Ended(OrderStatus.Filled, ValueNone) ]
                    "filled"

                Expect.equal
                    (answers (orders [ order 1 "0.5" "1.0" "tomorrowsCanceled" 1 ]))
                    [ Answer.Ended(OrderStatus.Unknown "tomorrowsCanceled", ValueNone) ]
                    "unknown"

                Expect.equal (answers (orders [ order 1 "1.0" "1.0" "triggered" 1 ])) [ Answer.Triggered ] "triggered")
            testCase "what is not ours is passed over and counted" (fun () ->
                let f = feed ()
                let other = string { Run = 8L; N = 1L }
                Expect.equal (said f (orders [ (order 1 "1.0" "1.0" "open" 1).Replace(cloid 1, other) ])) [] "run"
                Expect.equal (said f (fills false [ (fill 1 11 "1.0" 1).Replace(cloid 1, other) ])) [] "its fill"
                Expect.equal (said f (fills false [ (fill 1 11 "1.0" 1).Replace("BTC", "DOGE") ])) [] "coin"
                Expect.equal f.Foreign 3L "counted"
                Expect.equal (said f ((fills true [ fill 1 11 "1.0" 1 ]).Replace(user, "0x00"))) [] "account"
                Expect.equal f.ForeignFrames 1L "counted"
                Expect.equal (said f (fills false [ fill 1 11 "1.0" 1 ])) [ "1 fill 11 1 of 1 fee 0.015" ] "and ours")
            testCase "a fee in the base token is valued at the fill's price, against us" (fun () ->
                let spot (fee: string) =
                    (fill 1 11 "0.5" 5).Replace("BTC", "@107").Replace("USDC", "HYPE").Replace("0.015", fee)

                Expect.equal
                    (said (feed ()) (fills false [ (spot "0.00031499").Replace("100.0", "34.895") ]))
                    [ "1 fill 11 0.5 of 0.5 fee 0.01099158" ]
                    "0.010991576105 up"

                Expect.equal
                    (said (feed ()) (fills false [ (spot "-0.00031499").Replace("100.0", "34.895") ]))
                    [ "1 fill 11 0.5 of 0.5 fee -0.01099157" ]
                    "a rebate toward zero")
            testCase "an order at work is remembered, however many others come and go" (fun () ->
                let feed = feed ()
                said feed (orders [ order 1 "1.0" "1.0" "open" 1 ]) |> ignore
                said feed (fills false [ fill 1 1 "0.25" 2 ]) |> ignore

                let news = AccountNews()
                let batch = EventBatch()
                let reader = AccountFrames coins

                for i in 1..700 do
                    let rows =
                        [
                            for n in i * 100 .. i * 100 + 99 do
                                order n "1.0" "1.0" "open" 3
                                order n "1.0" "1.0" "canceled" 3
                        ]

                    reader.Read(ReadOnlySpan(utf8 (orders rows)), news) |> ignore
                    feed.Take(news, batch)

                Expect.equal
                    (said feed (fills false [ fill 1 2 "0.5" 4 ]))
                    [ "1 fill 2 0.5 of 0.75 fee 0.015" ]
                    "what it filled before"

                Expect.isLessThanOrEqual feed.Remembered 65_537 "the others are forgotten")
            testCase "a fee in a token that is neither USDC nor what is bought is no dollar, and is named" (fun () ->
                let feed = feed ()

                for text in
                    [
                        (fills false [ fill 1 1 "0.5" 5 ]).Replace("USDC", "HYPE")
                        " " + (fills false [ fill 1 2 "0.5" 5 ]).Replace("USDC", "HYPE")
                    ] do
                    Expect.all (said feed text) (fun t -> t.EndsWith "fee 0") "the fill counts, its fee is not known"

                Expect.equal (feed.StrangeFees, feed.LastStrangeFee) (2L, "HYPE") "counted and named")
            testCase "a hundred thousand fills take bounded memory, and none is told twice" (fun () ->
                let f = feed ()
                let mutable count = 0

                for i in 1..100_000 do
                    count <- count + (said f (fills false [ fill i i "0.1" i ])).Length

                Expect.equal count 100_000 "each once"
                Expect.equal (said f (fills false [ fill 1 1 "0.1" 1 ])) [] "long ago"
                Expect.equal f.TooOld 1L "too old to tell"
                Expect.equal (said f (fills false [ fill 9 99_999 "0.1" 99_999 ])).Length 1 "another order's"
                Expect.equal (said f (fills false [ fill 99_999 99_999 "0.1" 99_999 ])) [] "remembered")
        ]

let tests = testList "account feeds" [ reading; stories ]
