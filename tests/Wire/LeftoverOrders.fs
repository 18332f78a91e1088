/// Orders of earlier runs at the venue, cancelled before a run begins.
module Vrlg.Wire.LeftoverOrders

open System
open System.Collections.Generic
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Wire.Keys
open Vrlg.Wire.KeySources

let private now = 1_790_000_000_000L

/// A clock on which every pause is over at once.
type private Hasty() =
    inherit Hands()

    override _.CreateTimer(callback, state, _, _) =
        ThreadPool.QueueUserWorkItem(fun _ -> callback.Invoke state) |> ignore<bool>

        { new ITimer with
            member _.Change(_, _) = true
          interface IDisposable with
              member _.Dispose() = ()
          interface IAsyncDisposable with
              member _.DisposeAsync() = ValueTask()
        }

let private answered (text: string) =
    RestReply(RestOutcome.Answered, ReadOnlyMemory(Encoding.UTF8.GetBytes text), "")

let private row (coin: string) (cloid: string) =
    $"""{{"coin":"{coin}","side":"B","limitPx":"100.0","sz":"0.5","oid":9,"timestamp":1,"origSz":"0.5"{cloid}}}"""

let private named (run: int64) (n: int64) =
    let cloid = string { Run = run; N = n }
    $""","cloid":"{cloid}" """

/// What is told at each look; the last one again and again. With the bodies that were sent.
let private cancel (lists: string list) (f: struct (int * string) -> string list -> unit) =
    inFolder (fun folder ->
        let clock = Hasty()
        let left = Queue<string>(lists)
        let sent = ResizeArray<string>()

        let rest =
            { new IVenueRest with
                member _.AskAsync(_, _, _, _) =
                    Task.FromResult(answered (if left.Count > 1 then left.Dequeue() else left.Peek()))

                member _.ActAsync(body, _, _, _) =
                    sent.Add(Encoding.UTF8.GetString body.Span)

                    Task.FromResult(
                        answered """{"status":"ok","response":{"type":"cancel","data":{"statuses":["success"]}}}"""
                    )
            }

        let mutable trouble = ""

        match Nonces.Open(folder, account, clock, &trouble), managed.Load(ReadOnlySpan secret) with
        | null, _
        | _, null -> failtest trouble
        | nonces, curve ->
            use nonces = nonces
            use key = new TradingKey(curve, policyOf false None, clock)
            let actions = DirectActions(key, nonces, rest)

            let result =
                Leftovers
                    .CancelAsync(rest, actions, account, Gateways.assets, now, clock, CancellationToken.None)
                    .GetAwaiter()
                    .GetResult()

            f result (List.ofSeq sent))

let tests =
    testList
        "orders that earlier runs left"
        [
            testCase "are those that a run could have named" (fun () ->
                for run, n, ours in
                    [
                        now - 5L, 1L, true
                        now, 70_000L, true
                        now + 1L, 1L, false
                        1L, 1L, false
                        now, 0L, false
                        now, Int64.MaxValue, false
                        -5L, 3L, false
                    ] do
                    Expect.equal (Leftovers.IsOurs({ Run = run; N = n }, now)) ours $"{run} {n}")
            testCase "are cancelled, and nobody else's are" (fun () ->
                let mine = row "BTC" (named (now - 60_000L) 4L)
                let strange = row "BTC" (named 0x1234567890ABCDEFL 77L)
                let unnamed = row "ETH" ""
                let elsewhere = row "SOL" (named (now - 60_000L) 5L)
                let others = $"[{strange},{unnamed},{elsewhere}]"

                cancel [ $"[{mine},{strange},{unnamed},{elsewhere}]"; others ] (fun (struct (count, why)) sent ->
                    Expect.equal (count, why) (1, "") "one"
                    Expect.equal sent.Length 1 "one action"
                    Expect.stringContains sent[0] (string { Run = now - 60_000L; N = 4L }) "its number"
                    Expect.isFalse (sent[0].Contains(string { Run = now - 60_000L; N = 5L })) "of a coin of the run"))
            testCase "none are nothing to do" (fun () ->
                cancel [ "[]" ] (fun (struct (count, _)) sent -> Expect.equal (count, sent.Length) (0, 0) "nothing"))
            testCase "that do not go, or cannot be seen, keep a run from beginning" (fun () ->
                let mine = row "BTC" (named (now - 60_000L) 4L)

                cancel [ $"[{mine}]" ] (fun (struct (count, why)) sent ->
                    Expect.equal count -1 "not all"
                    Expect.equal sent.Length 5 "tried again"
                    Expect.stringContains why "1 orders of an earlier run" "a sentence")

                cancel [ "<html>" ] (fun (struct (count, why)) sent ->
                    Expect.equal (count, sent.Length) (-1, 0) "not seen"
                    Expect.stringContains why "openOrders" "a sentence"))
        ]
