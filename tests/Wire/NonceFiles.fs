/// Nonces of a trading key: strictly rising, from several threads, over restarts and kills.
module Vrlg.Wire.NonceFiles

open System
open System.Buffers
open System.Collections.Concurrent
open System.Collections.Immutable
open System.Diagnostics
open System.IO
open System.Reflection
open System.Text
open System.Text.Json
open System.Threading
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Core
open Vrlg.Wire.Keys
open Vrlg.Wire.KeySources

let private opened (folder: string) (clock: TimeProvider) =
    let mutable trouble = ""

    match Nonces.Open(folder, account, clock, &trouble) with
    | null -> Error trouble
    | n -> Ok n

/// What another program reads of a file that is locked against us.
let private readByOther (path: string) : string =
    match Process.Start(ProcessStartInfo("cat", path, RedirectStandardOutput = true)) with
    | null -> failtest "cat does not start"
    | cat ->
        use cat = cat
        cat.StandardOutput.ReadToEnd()

let private next (nonces: Nonces) =
    let mutable nonce = 0UL
    let mutable trouble = ""

    if nonces.TryNext(&nonce, &trouble) then
        Ok nonce
    else
        Error trouble

let private must (result: Result<'T, string>) =
    match result with
    | Ok value -> value
    | Error why -> failtest why

let private nonceTests =
    testList
        "nonces"
        [
            testCase "a million from sixteen threads: each once" (fun () ->
                inFolder (fun folder ->
                    use nonces = must (opened folder TimeProvider.System)
                    let all = ConcurrentBag<uint64[]>()

                    let threads =
                        [
                            for _ in 1..16 ->
                                Thread(fun () -> all.Add(Array.init 62_500 (fun _ -> must (next nonces))))
                        ]

                    threads |> List.iter (fun t -> t.Start())
                    threads |> List.iter (fun t -> t.Join())
                    let seen = all |> Seq.concat |> Seq.toArray
                    Expect.equal (Seq.length (Seq.distinct seen)) 1_000_000 "no two alike"

                    for own in all do
                        Expect.isTrue (Array.pairwise own |> Array.forall (fun (a, b) -> a < b)) "rising in each"))
            testCase "whenever the process dies, the file is above what was given out" (fun () ->
                inFolder (fun folder ->
                    let clock = Hands()
                    let path = Path.Combine(folder, $"nonces-{account}")
                    let mutable highest = 0UL

                    for life in 1..5 do
                        use nonces = must (opened folder clock)

                        for i in 1..2_500 do
                            let n = must (next nonces)
                            Expect.isGreaterThan n highest $"life {life}, {i}"
                            highest <- n

                            if i % 250 = 0 then
                                let mark = UInt64.Parse(readByOther path)
                                Expect.isGreaterThan mark n "flushed before its use"))
            testCase "a clock set back does not repeat one, a mark too far ahead is refused" (fun () ->
                inFolder (fun folder ->
                    let clock = Hands()
                    let start = clock.Now
                    let first = (use nonces = must (opened folder clock) in must (next nonces))
                    clock.Now <- start.AddHours -5.0
                    let second = (use nonces = must (opened folder clock) in must (next nonces))
                    Expect.isGreaterThan second first "above"
                    clock.Now <- start.AddHours -25.0
                    let refused = opened folder clock

                    Expect.stringContains
                        (match refused with
                         | Error e -> e
                         | Ok _ -> "")
                        "clock"
                        "beyond the window"))
            testCase "a second holder and a spoilt file are sentences" (fun () ->
                inFolder (fun folder ->
                    let clock = Hands()

                    (use nonces = must (opened folder clock)
                     Expect.isError (opened folder clock) "held"
                     next nonces |> ignore)

                    File.WriteAllText(Path.Combine(folder, $"nonces-{account}"), "nonsense")
                    Expect.isError (opened folder clock) "no mark"))
        ]

let tests = testSequenced (testList "keys" [ nonceTests ])
