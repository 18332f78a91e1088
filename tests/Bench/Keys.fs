/// `curves`: do both libraries sign random actions alike; `nonces`: what a nonce costs, from one thread and from sixteen.
module Vrlg.Bench.Keys

open System
open System.Diagnostics
open System.IO
open System.Threading
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Signing
open Vrlg.Wire

let curves (count: int) (seed: int) : int =
    match NativeCurve.OfThisMachine() with
    | null ->
        Console.Error.WriteLine "libsecp256k1 is not installed: apt-get install libsecp256k1-1 (or -2, or -0)."
        1
    | native ->
        let watch = Stopwatch.StartNew()

        match RandomActions.disagreement native (ManagedCurve()) seed count with
        | Some what ->
            Console.Error.WriteLine what
            1
        | None ->
            Console.Out.WriteLine
                $"{count} random actions: {native.Name} and {ManagedCurve().Name} agree bit for bit ({watch.Elapsed.TotalSeconds:F0} s)"

            0

let private taken (nonces: Nonces) (threads: int) (count: int) : struct (float * int) =
    let all = Array.init threads (fun _ -> Array.zeroCreate<uint64>(count / threads))

    let workers =
        all
        |> Array.map (fun own ->
            Thread(fun () ->
                let mutable trouble = ""

                for i in 0 .. own.Length - 1 do
                    if not (nonces.TryNext(&own[i], &trouble)) then
                        failwith trouble))

    let watch = Stopwatch.StartNew()
    workers |> Array.iter (fun t -> t.Start())
    workers |> Array.iter (fun t -> t.Join())
    let took = watch.Elapsed.TotalNanoseconds / float count
    struct (took, Array.concat all |> Array.distinct |> Array.length)

let nonces (count: int) : int =
    let folder = Directory.CreateTempSubdirectory("vrlg-nonces-").FullName
    let mutable trouble = ""
    let mutable code = 0

    try
        for threads in [ 1; 16 ] do
            let address = Address(ReadOnlySpan(Array.init 20 (fun i -> byte (threads + i))))

            match Nonces.Open(folder, address, TimeProvider.System, &trouble) with
            | null -> failwith trouble
            | nonces ->
                use nonces = nonces
                let struct (ns, distinct) = taken nonces threads count
                Console.Out.WriteLine $"{threads, 2} threads: {count} nonces, {distinct} different, {ns:F0} ns each"

                if distinct <> count / threads * threads then
                    code <- 1

        code
    finally
        Directory.Delete(folder, true)
