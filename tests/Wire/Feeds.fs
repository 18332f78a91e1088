/// The life of a feed's connection.
module Vrlg.Wire.Feeds

open System
open System.Collections.Immutable
open Expecto
open Expecto.ExpectoFsCheck
open FsCheck
open FsCheck.FSharp
open Vrlg.Adapters.Hyperliquid.Net

let rules =
    FeedRules(
        ImmutableArray.Create<FeedChannel>(
            FeedChannel("bbo BTC", ChannelManner.OnEvents),
            FeedChannel("l2Book BTC", ChannelManner.Periodic)
        )
    )

let told (o: FeedOutput) : string =
    match o with
    | :? FeedOutput.Connect -> "connect"
    | :? FeedOutput.Drop -> "drop"
    | :? FeedOutput.Subscribe as s -> $"subscribe {s.Channels.Length}"
    | :? FeedOutput.Ping -> "ping"
    | :? FeedOutput.Lost as l ->
        "lost "
        + (match l.Channel with
           | null -> "all"
           | c -> c)
    | :? FeedOutput.Back as b -> "back " + b.Channel
    | _ -> failtest "an output that the test does not know"

let tick (_: int64) = FeedInput.Ticked 0.5 :> FeedInput
let opened (n: int64) = FeedInput.Opened n :> FeedInput
let closed (n: int64) = FeedInput.Closed(n, 0.5) :> FeedInput

let ack (name: string) (n: int64) =
    FeedInput.Acknowledged(n, name) :> FeedInput

let refused (name: string) (n: int64) =
    FeedInput.Refused(n, name, "not wanted") :> FeedInput

let heard (name: string | null) (n: int64) = FeedInput.Heard(n, name) :> FeedInput

/// The same of the connection before.
let late (input: int64 -> FeedInput) (n: int64) = input (n - 1L)

/// What a feed says to inputs at their times; silent steps are left out.
let private play (inputs: (int64 * (int64 -> FeedInput)) list) : (int64 * string) list =
    let mutable s = FeedMachine.Start(rules, 0L)

    [
        for at, input in inputs do
            let struct (next, output) = FeedMachine.Step(rules, s, at, input s.Connection)
            s <- next

            for o in output do
                at, told o
    ]

let private stories =
    testList
        "a feed"
        [
            testCase "connects, subscribes, is believed channel by channel" (fun () ->
                Expect.equal
                    (play
                        [
                            0L, tick
                            50L, opened
                            60L, heard "l2Book BTC"
                            70L, ack "bbo BTC"
                            80L, ack "l2Book BTC"
                            90L, ack "l2Book BTC"
                        ])
                    [
                        0L, "connect"
                        50L, "subscribe 2"
                        70L, "back bbo BTC"
                        80L, "back l2Book BTC"
                    ]
                    "a periodic channel once it has spoken")
            testCase "a silent second is asked about, three are the end" (fun () ->
                let life =
                    [
                        0L, tick
                        0L, opened
                        0L, ack "bbo BTC"
                        0L, ack "l2Book BTC"
                        100L, heard "l2Book BTC"
                    ]

                Expect.equal
                    (play (life @ [ 1_099L, tick; 1_100L, tick; 1_500L, tick; 3_099L, tick; 3_100L, tick ])
                     |> List.skip 4)
                    [ 1_100L, "ping"; 3_100L, "drop"; 3_100L, "lost all" ]
                    "at the very millisecond"

                Expect.equal
                    (play (life @ [ 1_100L, tick; 1_200L, heard null; 2_199L, tick; 2_200L, tick ])
                     |> List.skip 4)
                    [ 1_100L, "ping"; 2_200L, "ping" ]
                    "a pong begins the silence anew")
            testCase "a periodic channel goes stale after three of its beats, and comes back by speaking" (fun () ->
                let beats = [ for i in 1L .. 10L -> i * 2_000L, heard "l2Book BTC" ]
                let pongs = [ for i in 21L .. 27L -> i * 1_000L, heard null ]
                let life = [ 0L, tick; 0L, opened; 0L, ack "bbo BTC"; 0L, ack "l2Book BTC" ]

                Expect.equal
                    (play (
                        life
                        @ beats
                        @ pongs.[0..4]
                        @ [ 25_999L, tick; 26_000L, tick ]
                        @ pongs.[5..6]
                        @ [ 27_500L, heard "l2Book BTC" ]
                     )
                     |> List.skip 4)
                    [ 26_000L, "ping"; 26_000L, "lost l2Book BTC"; 27_500L, "back l2Book BTC" ]
                    "three times 2 s after the last")
            testCase "a burst at the beginning is no rhythm" (fun () ->
                let life = [ 0L, tick; 0L, opened; 0L, ack "bbo BTC"; 0L, ack "l2Book BTC" ]

                for burst in [ 1L; 3L; 200L ] do
                    let beats =
                        [
                            for i in 0L .. 200L do
                                burst + i * 5_000L, heard "l2Book BTC"

                                for s in 1L .. 4L do
                                    burst + i * 5_000L + s * 1_000L, heard null

                                burst + i * 5_000L + 4_999L, tick
                        ]

                    Expect.equal
                        (play (life @ [ 0L, heard "l2Book BTC" ] @ beats)
                         |> List.filter (fun (_, o) -> o.StartsWith "lost"))
                        []
                        $"every 5 s after two frames within {burst} ms")
            testCase "what is never acknowledged, or never connects, is given up" (fun () ->
                Expect.equal
                    (play [ 0L, tick; 9_999L, tick; 10_000L, tick ])
                    [ 0L, "connect"; 10_000L, "drop" ]
                    "no connection"

                Expect.equal
                    (play
                        [
                            0L, tick
                            0L, opened
                            1L, ack "bbo BTC"
                            for i in 1L .. 9L do
                                i * 1_000L, heard "bbo BTC"
                            9_999L, tick
                            10_000L, tick
                        ])
                    [
                        0L, "connect"
                        0L, "subscribe 2"
                        1L, "back bbo BTC"
                        10_000L, "drop"
                        10_000L, "lost all"
                    ]
                    "no acknowledgement")
            testCase "a connection that comes after it was given up is dropped" (fun () ->
                Expect.equal (play [ 0L, tick; 10_000L, tick; 10_001L, opened ] |> List.last) (10_001L, "drop") "late")
            testCase "what the connection before says late touches nothing" (fun () ->
                Expect.equal
                    (play
                        [
                            0L, tick
                            10_000L, tick
                            11_000L, tick
                            11_001L, late opened
                            11_002L, opened
                            11_003L, late (ack "bbo BTC")
                            11_004L, late (refused "bbo BTC")
                            11_005L, late closed
                            11_006L, ack "bbo BTC"
                            11_007L, ack "l2Book BTC"
                            11_008L, late (heard "l2Book BTC")
                            11_009L, heard "l2Book BTC"
                            11_010L, late closed
                        ]
                     |> List.skip 2)
                    [
                        11_000L, "connect"
                        11_001L, "drop"
                        11_002L, "subscribe 2"
                        11_006L, "back bbo BTC"
                        11_009L, "back l2Book BTC"
                    ]
                    "only the old one is dropped")
            testCase "a subscription that is refused holds up no other, and is asked for again" (fun () ->
                let life =
                    [
                        0L, tick
                        0L, opened
                        1L, refused "bbo BTC"
                        2L, ack "l2Book BTC"
                        3L, heard "l2Book BTC"
                        for i in 1L .. 11L do
                            i * 1_000L, heard "l2Book BTC"
                            i * 1_000L, tick
                    ]

                Expect.equal
                    (play (
                        life
                        @ [ 11_100L, closed; 12_000L, tick; 12_001L, opened; 12_002L, ack "bbo BTC" ]
                    ))
                    [
                        0L, "connect"
                        0L, "subscribe 2"
                        3L, "back l2Book BTC"
                        11_100L, "lost all"
                        12_000L, "connect"
                        12_001L, "subscribe 2"
                        12_002L, "back bbo BTC"
                    ]
                    "no giving up for want of an acknowledgement")
            testCase "a channel that begins with how things stand is believed from then on" (fun () ->
                let one =
                    FeedRules(
                        ImmutableArray.Create<FeedChannel>(FeedChannel("userFills", ChannelManner.FirstThenEvents))
                    )

                let mutable s = FeedMachine.Start(one, 0L)

                let say input =
                    let struct (next, output) = FeedMachine.Step(one, s, 1L, input s.Connection)
                    s <- next
                    output |> Seq.map told |> Seq.toList

                for input in [ tick; opened ] do
                    say input |> ignore

                Expect.equal (say (ack "userFills")) [] "acknowledged is not enough"
                Expect.equal (say (heard "userFills")) [ "back userFills" ] "its first frame")
        ]

let tests = testList "feeds" [ stories ]
