/// Benchmarks. Without arguments a list; `micro` for BenchmarkDotNet, `feed FILE` and `recordings DIR...` for whole runs.
module Vrlg.Bench.Program

open System
open BenchmarkDotNet.Running

[<EntryPoint>]
let main args =
    match Array.toList args with
    | "micro" :: rest ->
        BenchmarkSwitcher.FromTypes([| typeof<Micro.EngineStep>; typeof<Micro.JournalAppend> |]).Run(List.toArray rest)
        |> ignore

        0
    | [ "feed"; file ] -> Runs.feed file
    | "recordings" :: folders when not folders.IsEmpty -> Runs.recordings folders
    | _ ->
        Console.Error.WriteLine "micro [BenchmarkDotNet arguments] | feed FILE.bin.gz | recordings DIR..."
        2
