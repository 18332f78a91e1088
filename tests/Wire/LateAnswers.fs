/// Answers that are held and come in any order, some after the gateway's end: each order has one fate, and nothing leaves twice.
module Vrlg.Wire.LateAnswers

open System
open System.Collections.Generic
open Expecto
open Expecto.ExpectoFsCheck
open FsCheck
open FsCheck.FSharp
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Wire.Gateways
open Vrlg.Wire.NonceDesk

type private Move =
    /// Orders and cancels of a step: instrument, reduces, and how many cancels.
    | Step of (int * bool) list * int
    | Fire
    /// The answer of one of those that wait, whichever.
    | LetGo of int * Fate
    /// What was on its way arrives.
    | Arrive
    | Socket of bool
    | End

let private fates =
    Gen.elements
        [
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

let private moves: Gen<Move list> =
    let one =
        Gen.map2 (fun i r -> i, r) (Gen.choose (0, 1)) (Gen.elements [ true; false ])

    let step =
        gen {
            let! count = Gen.choose (0, 3)
            let! orders = Gen.listOfLength count one
            let! cancels = Gen.choose (0, 2)
            return Step(orders, cancels)
        }

    Gen.frequency
        [
            6, step
            3, Gen.constant Fire
            8, Gen.map2 (fun i f -> LetGo(i, f)) (Gen.choose (0, 1_000)) fates
            2, Gen.constant Arrive
            2, Gen.map Socket (Gen.elements [ true; false ])
            1, Gen.constant End
        ]
    |> Gen.listOf

/// What the gateway was handed.
type private Handed =
    {
        Orders: HashSet<int64>
        Cancels: HashSet<int64>
        mutable HasEnded: bool
    }

let private play (all: Move list) (rest: Fate list) (look: Rig -> Handed -> unit) =
    inRig (fun r ->
        let mutable n = 0L

        let handed =
            {
                Orders = HashSet()
                Cancels = HashSet()
                HasEnded = false
            }

        r.Hold()
        r.Tell 0L

        for move in all do
            match move with
            | Step(orders, cancels) when not handed.HasEnded ->
                let placed =
                    [
                        for instrument, reduces in orders do
                            n <- n + 1L
                            handed.Orders.Add n |> ignore
                            order r n instrument Side.Sell (if reduces then Tif.Ioc else Tif.Alo) reduces false
                    ]

                let gone =
                    [
                        for i in 1..cancels -> 1_000_000L + n * 10L + int64 i + int64 handed.Cancels.Count * 1_000L
                    ]

                gone |> List.iter (handed.Cancels.Add >> ignore)
                r.Gateway.Take(List.map Gateways.gone gone, placed)
            | Step _ -> ()
            | Fire when not handed.HasEnded -> r.Bench.Fire()
            | Fire -> ()
            | LetGo(i, fate) when r.Held.Count > 0 -> r.Release(i % r.Held.Count, fate)
            | LetGo _ -> ()
            | Arrive -> r.Desk.Arrive()
            | Socket isLive -> r.IsLive <- isLive
            | End ->
                (r.Gateway :> IDisposable).Dispose()
                handed.HasEnded <- true

        if not handed.HasEnded then
            r.Bench.Fire()

        // The newest first, noops among them, until nothing waits.
        let mutable rest = rest

        while r.Held.Count > 0 do
            let fate =
                match rest with
                | [] -> Fine
                | next :: after ->
                    rest <- after
                    next

            r.Release(r.Held.Count - 1, fate)

        look r handed)

let private law (name: string) (look: Rig -> Handed -> unit) =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = 150
        }
        name
        (fun () ->
            Prop.forAll (Arb.fromGen (Gen.zip moves (Gen.listOfLength 30 fates))) (fun (all, rest) ->
                play all rest look))

let private isSettled (answer: Answer) =
    match answer with
    | Answer.Refused status -> status = NonceProof.Status
    | _ -> false

let tests =
    testList
        "answers that come late and in any order"
        [
            law "nothing is waited for at the end" (fun r _ -> Expect.equal r.Gateway.InFlight 0 "in flight")
            law "each order and each cancel has one fate" (fun r handed ->
                let told = r.Answers |> List.groupBy fst |> dict

                for n in Seq.append handed.Orders handed.Cancels do
                    match told.TryGetValue n with
                    | true, all ->
                        match List.map snd all with
                        | [ _ ] -> ()
                        | [ first; second ] ->
                            Expect.isTrue (first.IsUnanswered && isSettled second) $"{n}: %A{first} %A{second}"
                            Expect.isTrue (handed.Orders.Contains n) "an order"
                        | more -> failtest $"{n}: %A{more}"
                    // What waited for company when the gateway ended.
                    | _ -> Expect.isTrue handed.HasEnded $"{n} was answered"

                Expect.isTrue
                    (told.Keys
                     |> Seq.forall (fun n -> handed.Orders.Contains n || handed.Cancels.Contains n))
                    "no other")
            law "nothing is sent twice, and a noop once" (fun r _ ->
                for all in [ r.Sent; r.Noops ] do
                    for nonce, same in all |> Seq.groupBy (fun s -> nonceOf s.Body) do
                        let same = Seq.toList same
                        Expect.isLessThanOrEqual same.Length 2 $"{nonce}"
                        Expect.equal (same |> List.map (fun s -> s.Body) |> List.distinct).Length 1 "the same body"

                        if same.Length = 2 then
                            Expect.equal same.Head.Fate NotTaken "not a byte of it had left"
                            Expect.isTrue (same[0].BySocket && not same[1].BySocket) "the other way"

                let numbers =
                    [
                        for s in r.Sent do
                            if s.Fate <> NotTaken then
                                yield! (read s).Numbers
                    ]

                Expect.equal (List.distinct numbers).Length numbers.Length "each leaves once")
            law "what is told as never run never runs" (fun r _ ->
                r.Desk.Arrive()

                let ran =
                    HashSet
                        [
                            for body in r.Desk.Ran do
                                yield!
                                    (read
                                        {
                                            BySocket = true
                                            Fate = Fine
                                            Body = body
                                        })
                                        .Numbers
                        ]

                for n, answer in r.Answers do
                    if isSettled answer then
                        Expect.isFalse (ran.Contains n) $"{n} ran")
            testCase "after the end no noop leaves, and a late answer is still told" (fun () ->
                inRig (fun r ->
                    r.Hold()
                    r.Tell 0L
                    r.Gateway.Take([], [ order r 1L 0 Side.Sell Tif.Ioc true false ])
                    Expect.equal r.Gateway.InFlight 1 "it waits"
                    (r.Gateway :> IDisposable).Dispose()
                    Expect.equal r.Gateway.InFlight 0 "nobody waits any more"
                    Expect.equal r.Held.Count 1 "no noop"
                    r.Release(0, Fine)

                    Expect.equal
                        (r.Answers |> List.map (fun (n, a) -> n, a.IsUnanswered))
                        [ 1L, true ]
                        "in doubt, once"))
        ]
