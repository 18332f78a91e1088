/// The life of a feed's connection.
module Vrlg.Wire.Feeds

open System
open System.Collections.Immutable
open Expecto
open Expecto.ExpectoFsCheck
open FsCheck
open FsCheck.FSharp
open Vrlg.Adapters.Hyperliquid.Net

let private rules =
    FeedRules(
        ImmutableArray.Create<FeedChannel>(
            FeedChannel("bbo BTC", ChannelManner.OnEvents),
            FeedChannel("l2Book BTC", ChannelManner.Periodic)
        )
    )

let private told (o: FeedOutput) : string =
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

let private tick (_: int64) = FeedInput.Ticked 0.5 :> FeedInput
let private opened (n: int64) = FeedInput.Opened n :> FeedInput
let private closed (n: int64) = FeedInput.Closed(n, 0.5) :> FeedInput

let private ack (name: string) (n: int64) =
    FeedInput.Acknowledged(n, name) :> FeedInput

let private refused (name: string) (n: int64) =
    FeedInput.Refused(n, name, "not wanted") :> FeedInput

let private heard (name: string | null) (n: int64) = FeedInput.Heard(n, name) :> FeedInput

/// The same of the connection before.
let private late (input: int64 -> FeedInput) (n: int64) = input (n - 1L)

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
                         |> List.filter (fun (at, o) -> at > 10_000L && o.StartsWith "lost"))
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

type private Step = Step of gap: int64 * kind: int * draw: float

type private Draws =
    static member Steps() : Arbitrary<Step list> =
        let one =
            gen {
                let! gap =
                    Gen.frequency
                        [
                            6, Gen.choose (0, 400)
                            2, Gen.choose (400, 4_000)
                            1, Gen.choose (4_000, 60_000)
                        ]

                let! kind = Gen.choose (0, 15)
                let! draw = Gen.choose (0, 999)
                return Step(int64 gap, kind, float draw / 1_000.0)
            }

        Arb.fromGen (Gen.listOfLength 300 one)

let private inputOf (kind: int) (draw: float) (n: int64) : FeedInput =
    match kind with
    | 0
    | 1
    | 2 -> FeedInput.Ticked draw
    | 3
    | 4 -> opened n
    | 5 -> FeedInput.Closed(n, draw)
    | 6 -> ack "bbo BTC" n
    | 7 -> ack "l2Book BTC" n
    | 8 -> heard "bbo BTC" n
    | 9 -> heard "l2Book BTC" n
    | 10 -> refused "bbo BTC" n
    | 11 -> FeedInput.Closed(n - 1L, draw)
    | 12 -> late opened n
    | 13 -> late (heard "l2Book BTC") n
    | 14 -> late (ack "l2Book BTC") n
    | _ -> heard null n

let private lawConfig =
    { FsCheckConfig.defaultConfig with
        maxTest = 300
        arbitrary = [ typeof<Draws> ]
    }

let private laws =
    testList
        "laws of a feed"
        [
            testPropertyWithConfig
                lawConfig
                "a channel is lost and back in turn, and never believed unconnected"
                (fun (steps: Step list) ->
                    let mutable s = FeedMachine.Start(rules, 0L)
                    let mutable now = 0L
                    let fresh = System.Collections.Generic.HashSet<string>()

                    for Step(gap, kind, draw) in steps do
                        now <- now + gap

                        let struct (next, output) =
                            FeedMachine.Step(rules, s, now, inputOf kind draw s.Connection)

                        s <- next

                        for o in output do
                            match o with
                            | :? FeedOutput.Back as b ->
                                Expect.isTrue (fresh.Add b.Channel) $"{b.Channel} came back twice"
                            | :? FeedOutput.Lost as l ->
                                match l.Channel with
                                | null -> fresh.Clear()
                                | c -> Expect.isTrue (fresh.Remove c) $"{c} was lost without having been there"
                            | _ -> ()

                        let isUp = s.Phase = LinkPhase.Live || s.Phase = LinkPhase.Subscribing

                        for i in 0 .. rules.Channels.Length - 1 do
                            let c = s.Channels[i]
                            Expect.equal c.IsFresh (fresh.Contains rules.Channels[i].Name) "state and words agree"

                            Expect.isFalse
                                (c.IsFresh && not (isUp && c.IsAcknowledged))
                                "believed only on a standing subscription"

                        if s.Phase = LinkPhase.Live then
                            Expect.isTrue
                                (s.Channels |> Seq.forall (fun c -> c.IsAcknowledged || c.IsRefused))
                                "live is every subscription that is to be had")
            testPropertyWithConfig lawConfig "at most thirty connections in any minute" (fun (steps: Step list) ->
                let mutable s = FeedMachine.Start(rules, 0L)
                let mutable now = 0L
                let at = ResizeArray<int64>()

                for Step(gap, kind, draw) in steps do
                    // The worst of it: whatever connects is closed at once.
                    for input in [ inputOf kind draw; tick; fun n -> FeedInput.Closed(n, 0.0) ] do
                        now <- now + gap / 3L
                        let struct (next, output) = FeedMachine.Step(rules, s, now, input s.Connection)
                        s <- next

                        for o in output do
                            if o :? FeedOutput.Connect then
                                at.Add now

                for i in 30 .. at.Count - 1 do
                    Expect.isGreaterThan (at[i] - at[i - 30]) 60_000L "the venue allows thirty a minute")
            testPropertyWithConfig
                lawConfig
                "ticked every 100 ms, a dead connection lives three seconds"
                (fun (steps: Step list) ->
                    let mutable s = FeedMachine.Start(rules, 0L)
                    let mutable now = 0L

                    let step input =
                        let struct (next, _) = FeedMachine.Step(rules, s, now, input)
                        s <- next

                    for Step(gap, kind, draw) in steps do
                        for _ in 1L .. min 50L (gap / 100L) do
                            now <- now + 100L
                            step (FeedInput.Ticked draw)

                            if s.Phase = LinkPhase.Live || s.Phase = LinkPhase.Subscribing then
                                Expect.isLessThan (now - s.HeardAt) (rules.DeadAfter + 100L) "silent and alive"

                        step (inputOf kind draw s.Connection))
            testPropertyWithConfig
                lawConfig
                "another connection's words change nothing, and no number is used twice"
                (fun (steps: Step list) ->
                    let mutable s = FeedMachine.Start(rules, 0L)
                    let mutable now = 0L
                    let mutable last = 0L

                    for Step(gap, kind, draw) in steps do
                        now <- now + gap

                        for strange in [ s.Connection - 1L; s.Connection + 1L ] do
                            for input in [ opened; closed; ack "bbo BTC"; heard "l2Book BTC"; refused "bbo BTC" ] do
                                let struct (next, output) = FeedMachine.Step(rules, s, now, input strange)
                                Expect.isTrue (obj.ReferenceEquals(next, s)) "the state"

                                for o in output do
                                    match o with
                                    | :? FeedOutput.Drop as d -> Expect.equal d.Connection strange "that one alone"
                                    | o -> failtestf "%O" o

                        let struct (next, output) =
                            FeedMachine.Step(rules, s, now, inputOf kind draw s.Connection)

                        s <- next

                        for o in output do
                            match o with
                            | :? FeedOutput.Connect as c ->
                                Expect.isGreaterThan c.Connection last "a new number"
                                last <- c.Connection
                            | _ -> ())
        ]

let tests = testList "feeds" [ stories; laws ]
