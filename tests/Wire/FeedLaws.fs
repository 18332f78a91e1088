/// Laws of the life of a feed's connection.
module Vrlg.Wire.FeedLaws

open System
open Expecto
open Expecto.ExpectoFsCheck
open FsCheck
open FsCheck.FSharp
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Wire.Feeds

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

let tests = laws
