/// The way of orders to the venue: once each, in the right order, whatever fails when.
module Vrlg.Wire.Orders

open System
open System.Collections.Generic
open System.Text.Json
open Expecto
open Expecto.ExpectoFsCheck
open FsCheck
open FsCheck.FSharp
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Wire.Gateways
open Vrlg.Wire.NonceDesk

// ---- laws over whatever happens ----

type Step =
    {
        Orders: (int * Side * Tif * bool * bool) list
        Cancels: int
        IsLive: bool
        Fates: Fate list
        Noops: Fate list
        Arrives: bool
        Fires: bool
        Ahead: int64
        Pause: int64
    }

let steps: Gen<Step list> =
    let fate =
        Gen.elements
            [
                Fine
                Fine
                Fine
                ShortError
                Failure
                DuplicateNonce
                Garbage
                NotTaken
                Lost
                Swallowed
                Throws
            ]

    let one =
        gen {
            let! instrument = Gen.choose (0, 3)
            let! side = Gen.elements [ Side.Buy; Side.Sell ]
            let! tif = Gen.elements [ Tif.Alo; Tif.Ioc; Tif.Gtc ]
            let! reduce = Gen.elements [ true; false ]
            let! stop = Gen.elements [ true; false; false ]
            return instrument, side, tif, (reduce || stop) && instrument < 2, stop && instrument < 2
        }

    let step =
        gen {
            let! count = Gen.choose (0, 4)
            let! orders = Gen.listOfLength count one
            let! cancels = Gen.choose (0, 2)
            let! isLive = Gen.elements [ true; true; false ]
            let! fates = Gen.listOfLength 6 fate
            let! noops = Gen.listOfLength 6 fate
            let! arrives = Gen.elements [ true; false; false ]
            let! fires = Gen.elements [ true; false ]
            let! ahead = Gen.elements [ 0L; 0L; 300L; -300L; 2_000L; -2_000L; 20_000L ]
            let! pause = Gen.elements [ 0L; 3L; 900L; 61_000L ]

            return
                {
                    Orders = orders
                    Cancels = cancels
                    IsLive = isLive
                    Fates = fates
                    Noops = noops
                    Arrives = arrives
                    Fires = fires
                    Ahead = ahead
                    Pause = pause
                }
        }

    Gen.listOf step

/// All of it, and after every step what `look` finds wrong: the rig, the step, its orders, where its actions begin, and whether
/// nothing may open.
let play (all: Step list) (look: Rig -> Step -> NewOrder list -> int64 list -> int -> bool -> unit) =
    inRig (fun r ->
        let mutable n = 0L

        for s in all do
            r.Pass s.Pause

            if s.Ahead <> 300L then
                r.Tell s.Ahead

            r.IsLive <- s.IsLive
            r.Fates.Clear()
            s.Fates |> List.iter r.Fates.Enqueue
            r.NoopFates.Clear()
            s.Noops |> List.iter r.NoopFates.Enqueue

            if s.Arrives then
                r.Desk.Arrive()

            let first = r.Sent.Count

            let orders =
                [
                    for instrument, side, tif, reduce, stop in s.Orders do
                        n <- n + 1L
                        order r n instrument side tif reduce stop
                ]

            let cancels = [ for i in 1 .. s.Cancels -> 1_000_000L + n * 10L + int64 i ]
            let isRefused = abs s.Ahead > 1_000L
            r.Gateway.Take(cancels |> List.map gone, orders)

            if s.Fires then
                r.Bench.Fire()

            look r s orders cancels first isRefused

        r.Bench.Fire())

let law (name: string) (look: Rig -> Step -> NewOrder list -> int64 list -> int -> bool -> unit) =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = 60
        }
        name
        (fun () -> Prop.forAll (Arb.fromGen steps) (fun all -> play all look))

let private since (r: Rig) (first: int) =
    [ for i in first .. r.Sent.Count - 1 -> r.Sent[i] ]

let private rank (a: Read) =
    if a.Type <> "order" then 0
    elif a.Kinds |> List.forall (fun k -> k = "Alo") then 1
    else 2

let private laws =
    testList
        "whatever fails when"
        [
            law "an order leaves once, by one way, and is answered once" (fun r _ _ _ _ _ ->
                r.Bench.Fire()
                let left = Dictionary<int64, int>()
                let placed = HashSet<int64>()

                for s in r.Sent do
                    let action = read s

                    if action.Type = "order" then
                        for c in action.Numbers do
                            placed.Add c |> ignore

                            if s.Fate <> NotTaken then
                                left[c] <- if left.ContainsKey c then left[c] + 1 else 1

                for pair in left do
                    Expect.equal pair.Value 1 $"order {pair.Key}"

                for c, all in r.Answers |> List.filter (fun (c, _) -> c < 1_000_000L) |> List.groupBy fst do
                    match List.map snd all with
                    | [ _ ] -> ()
                    | [ Answer.Unanswered; Answer.Refused status ] ->
                        Expect.equal status NonceProof.Status $"what became of {c}"
                    | other -> failtest $"answers of {c}: %A{other}")
            law "a nonce signs one action; only one that never left goes again" (fun r _ _ _ _ _ ->
                for _, all in r.Sent |> Seq.groupBy (fun s -> (read s).Nonce) do
                    let all = Seq.toList all
                    Expect.equal (all |> List.map (fun s -> s.Body) |> List.distinct).Length 1 "one body"

                    for s in List.take (all.Length - 1) all do
                        Expect.equal s.Fate NotTaken "it left")
            law "a flush: cancels, post-only, the rest; one asset class an action" (fun r _ _ _ first _ ->
                let actions = since r first |> List.map read
                let ranks = actions |> List.map rank
                Expect.equal ranks (List.sort ranks) "in this order"
                let each = actions |> List.distinctBy (fun a -> a.Nonce)
                let kinds = each |> List.distinctBy (fun a -> rank a, a.IsSpot)
                Expect.equal each.Length kinds.Length "three of a class at most"

                for s in since r first do
                    use parsed = JsonDocument.Parse s.Body
                    let action = parsed.RootElement.GetProperty "action"

                    let rows, name =
                        if (read s).Type = "order" then
                            action.GetProperty "orders", "a"
                        else
                            action.GetProperty "cancels", "asset"

                    let classes =
                        rows.EnumerateArray()
                        |> Seq.map (fun row -> row.GetProperty(name).GetInt32() >= 10_000)
                        |> Seq.distinct
                        |> Seq.length

                    Expect.equal classes 1 "of one class")
            law "nothing that opens leaves while the clocks refuse" (fun r _ _ _ first isRefused ->
                if isRefused then
                    for s in since r first do
                        Expect.isFalse (read s).Opens s.Body)
            law "cancels and exits leave at once, whatever the clocks say" (fun r _ orders cancels first _ ->
                let now = since r first |> List.map read
                let numbers = now |> List.collect (fun a -> a.Numbers)

                for c in cancels do
                    Expect.contains numbers c "a cancel"

                for o in orders do
                    if o.ReduceOnly then
                        Expect.contains numbers o.Cloid.N "an exit")
            law
                "no action outlives what the core believes of its orders, and what opens lives shortly"
                (fun r _ _ _ _ _ ->
                    for s in r.Sent do
                        let action = read s

                        match action.Expires with
                        | Some until ->
                            Expect.isLessThanOrEqual until (uint64 r.NowMs + 10_000UL) "the core's own"

                            if action.Opens then
                                Expect.isLessThanOrEqual until (uint64 r.NowMs + 4_400UL) "ttl and grace"
                        | None -> Expect.isFalse action.Opens "what opens expires")
        ]

// ---- cases ----

let private words (answer: Answer) = $"%A{answer}"

let private cases =
    testList
        "one by one"
        [
            testCase "what opens waits for company, and goes with it in one action" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    r.Gateway.Take([], [ order r 1L 0 Side.Buy Tif.Alo false false ])
                    r.Gateway.Take([], [ order r 2L 1 Side.Sell Tif.Alo false false ])
                    Expect.equal r.Sent.Count 0 "they wait"
                    r.Bench.Fire()
                    Expect.equal r.Sent.Count 1 "one action"
                    let action = read r.Sent[0]
                    Expect.equal action.Numbers [ 1L; 2L ] "both"
                    Expect.equal action.Expires (Some(uint64 r.NowMs + 3_125UL)) "a second and two, and half a block"
                    Expect.isTrue r.Sent[0].BySocket "over the socket"))
            testCase "a cancel takes along what waits, and goes first" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    r.Gateway.Take([], [ order r 1L 0 Side.Buy Tif.Alo false false ])
                    r.Gateway.Take([ gone 90L ], [ order r 2L 0 Side.Sell Tif.Ioc true false ])

                    Expect.equal
                        [ for s in r.Sent -> (read s).Kinds ]
                        [ [ "cancel" ]; [ "Alo" ]; [ "Ioc" ] ]
                        "three actions"))
            testCase "a stop goes with what takes" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    let stop = order r 1L 0 Side.Sell Tif.Gtc true true
                    let exit = order r 2L 0 Side.Sell Tif.Ioc true false
                    r.Gateway.Take([], [ stop; exit ])
                    Expect.equal [ for s in r.Sent -> (read s).Kinds ] [ [ "trigger"; "Ioc" ] ] "one action"))
            testCase "without a socket by HTTP; an order that got no answer goes nowhere else" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    r.IsLive <- false
                    r.Gateway.Take([], [ order r 1L 0 Side.Sell Tif.Ioc true false ])
                    Expect.isFalse r.Sent[0].BySocket "by HTTP"
                    r.IsLive <- true

                    for fate in [ Lost; Throws; Garbage ] do
                        r.Fates.Enqueue fate
                        r.NoopFates.Enqueue Lost

                    for n in 2L .. 4L do
                        r.Gateway.Take([], [ order r n 0 Side.Sell Tif.Ioc true false ])

                    Expect.equal r.Sent.Count 4 "once each"

                    for n, answer in r.Answers do
                        if n > 1L then
                            Expect.isTrue answer.IsUnanswered (words answer)))
            testCase "not a byte left: an exit goes the other way, what opens is refused with the reason" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    r.Fates.Enqueue NotTaken
                    r.Gateway.Take([], [ order r 1L 0 Side.Sell Tif.Ioc true false ])
                    Expect.equal [ for s in r.Sent -> s.BySocket ] [ true; false ] "both ways"
                    Expect.isTrue (snd (List.last r.Answers)).IsAccepted "accepted"
                    r.Fates.Enqueue NotTaken
                    r.Gateway.Take([], [ order r 2L 0 Side.Sell Tif.Ioc false false ])
                    Expect.equal r.Sent.Count 3 "one way"

                    match List.last r.Answers with
                    | 2L, Answer.Refused status ->
                        Expect.equal (Words.status status) "not sent: no connection" "the reason"
                    | other -> failtestf "%A" other))
            testCase "a short list of errors is for all; a used nonce proves nothing" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    r.Fates.Enqueue ShortError

                    r.Gateway.Take(
                        [],
                        [
                            order r 1L 0 Side.Sell Tif.Ioc true false
                            order r 2L 0 Side.Sell Tif.Ioc true false
                        ]
                    )

                    for _, answer in r.Answers do
                        Expect.equal
                            (words answer)
                            (words (Answer.Refused(OrderStatus.Rejected "tickRejected")))
                            "refused"

                    r.Fates.Enqueue DuplicateNonce
                    r.Gateway.Take([], [ order r 3L 0 Side.Sell Tif.Ioc true false ])
                    Expect.isTrue (snd (List.last r.Answers)).IsUnanswered "in doubt"))
            testCase "the key's caps hold up what opens and nothing that leaves" (fun () ->
                inRig (fun r ->
                    r.Tell 0L

                    let large =
                        { order r 1L 0 Side.Buy Tif.Ioc false false with
                            Sz = Sz.Of 1_100_000_000L
                        }

                    r.Gateway.Take([ gone 90L ], [ large; order r 2L 0 Side.Sell Tif.Ioc true false ])
                    Expect.equal [ for s in r.Sent -> (read s).Numbers ] [ [ 90L ]; [ 2L ] ] "cancel and exit"
                    Expect.isTrue (r.Answers |> List.exists (fun (n, a) -> n = 1L && a.IsRefused)) "refused"))
            testCase "nothing opens on a spent budget or a dead feed; exits do" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    r.Budget.Learn(Wire.UserRateLimit(Wire.Numeral.OfRaw 0L, 9_899L, 10_000L, Nullable()))
                    r.Gateway.Take([], [ order r 1L 0 Side.Buy Tif.Ioc false false ])
                    Expect.equal r.Sent.Count 1 "101 left"
                    r.Gateway.Take([], [ order r 2L 0 Side.Buy Tif.Ioc false false ])
                    Expect.equal r.Sent.Count 1 "100 left are for exits"
                    r.Gateway.Take([], [ order r 3L 0 Side.Sell Tif.Ioc true false ])
                    Expect.equal r.Sent.Count 2 "an exit"
                    r.Budget.Learn(Wire.UserRateLimit(Wire.Numeral.OfRaw 0L, 0L, 10_000L, Nullable()))
                    r.Gateway.Forbids <- fun () -> "the account's feed is dead"
                    r.Gateway.Take([], [ order r 4L 0 Side.Buy Tif.Ioc false false ])
                    Expect.equal r.Sent.Count 2 "the feed"
                    Expect.stringContains (Seq.last r.Said) "the account's feed is dead" "a sentence"))
            testCase "an order that comes twice leaves once; one cancelled while it waits never" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    let one = order r 1L 0 Side.Buy Tif.Alo false false
                    r.Gateway.Take([], [ one; one ])
                    r.Gateway.Take([ gone 1L ], [])
                    r.Bench.Fire()
                    Expect.equal r.Sent.Count 0 "nothing left"
                    Expect.equal r.Answers.Length 1 "and it is told as refused"))
            testCase "nothing leaves after the end, not even by a window that was over already" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    r.Gateway.Take([], [ order r 1L 0 Side.Buy Tif.Alo false false ])
                    (r.Gateway :> IDisposable).Dispose()
                    r.Bench.Fire()
                    r.Gateway.Take([ gone 2L ], [])
                    Expect.equal r.Sent.Count 0 "nothing"
                    Expect.stringContains (Seq.last r.Said) "1 cancels not sent: the gateway is over" "a sentence"))
            testCase "a sale on spot is no opening" (fun () ->
                inRig (fun r ->
                    r.Gateway.Take([], [ order r 1L 2 Side.Sell Tif.Ioc false false ])
                    Expect.equal r.Sent.Count 1 "though the venue's time is not known"))
        ]

let tests = testList "orders to the venue" [ laws; cases ]
