/// A noop with the nonce of an action in doubt: what it proves is told, and nothing else.
module Vrlg.Wire.Noops

open System
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Wire.Gateways
open Vrlg.Wire.NonceDesk
open Vrlg.Wire.Orders

/// The orders that were told as never run.
let private neverRun (r: Rig) =
    [
        for n, answer in r.Answers do
            match answer with
            | Answer.Refused status when status = NonceProof.Status -> n
            | _ -> ()
    ]

let tests =
    testList
        "a noop in doubt"
        [
            law "what is told as never run has not run, and never does; what runs does so once" (fun r _ _ _ _ _ ->
                let ran () =
                    [
                        for body in r.Desk.Ran do
                            let action =
                                read
                                    {
                                        BySocket = true
                                        Fate = Fine
                                        Body = body
                                    }

                            if action.Type = "order" then
                                yield! action.Numbers
                    ]

                let never = neverRun r
                Expect.isEmpty (List.filter (fun n -> List.contains n never) (ran ())) "not before"
                r.Desk.Arrive()
                let all = ran ()
                Expect.isEmpty (List.filter (fun n -> List.contains n never) all) "and not later"
                Expect.equal (List.distinct all).Length all.Length "once")
            law "a noop takes the nonce of orders without an answer, once, and of nothing else" (fun r _ _ _ _ _ ->
                let doubtful =
                    [
                        for s in r.Sent do
                            if (read s).Type = "order" && List.contains s.Fate [ Lost; Swallowed; Throws ] then
                                (read s).Nonce
                    ]

                let left =
                    [
                        for s in r.Noops do
                            if s.Fate <> NotTaken then
                                nonceOf s.Body
                    ]

                Expect.equal (List.distinct left).Length left.Length "once"

                for s in r.Noops do
                    Expect.contains doubtful (nonceOf s.Body) "in doubt")
            testCase "in doubt a noop takes the nonce; only one that was performed settles it" (fun () ->
                for fate, noop, isSettled in
                    [
                        Lost, Fine, true
                        Throws, Fine, true
                        Swallowed, Fine, false
                        Lost, DuplicateNonce, false
                        Lost, Failure, false
                        Lost, Garbage, false
                        Lost, Lost, false
                        Lost, Throws, false
                    ] do
                    inRig (fun r ->
                        r.Tell 0L
                        r.Fates.Enqueue fate
                        r.NoopFates.Enqueue noop

                        r.Gateway.Take(
                            [],
                            [
                                order r 1L 0 Side.Sell Tif.Ioc true false
                                order r 2L 1 Side.Buy Tif.Ioc false false
                            ]
                        )

                        Expect.equal r.Sent.Count 1 "one action"
                        Expect.equal r.Noops.Count 1 "one noop"
                        Expect.equal (nonceOf r.Noops[0].Body) (read r.Sent[0]).Nonce "with its nonce"
                        Expect.equal r.Gateway.InFlight 0 "nothing is waited for"
                        Expect.equal (neverRun r) (if isSettled then [ 1L; 2L ] else []) $"{fate} {noop}"
                        r.Fates.Enqueue fate
                        r.Gateway.Take([ gone 90L ], [])
                        Expect.equal r.Noops.Count 1 "none for cancels"))
            testCase "no noop of a nearly spent budget" (fun () ->
                inRig (fun r ->
                    r.Tell 0L
                    r.Budget.Learn(Wire.UserRateLimit(Wire.Numeral.OfRaw 0L, 9_950L, 10_000L, Nullable()))
                    r.Fates.Enqueue Lost
                    r.Gateway.Take([], [ order r 1L 0 Side.Sell Tif.Ioc true false ])
                    Expect.equal r.Noops.Count 0 "the rest is for exits"))
        ]
