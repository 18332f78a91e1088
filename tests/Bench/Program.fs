/// Benchmarks. Without arguments a list; `micro` for BenchmarkDotNet, `feed FILE` and `recordings DIR...` for whole runs; `sweep
/// DIR COIN` for 36 sets; `tape`, `stream` and `pack` for native market-data files; `rotation` for the
/// operating characteristics of the rotation detector; `wire DIR` and `fuzz DIR COUNT SEED` over the samples of the
/// venue; `fuzz-venue COUNT SEED` damages requests to the local venue, `venue-bars` times a page of its bars; `curves COUNT
/// SEED`: both signing libraries over random actions; `nonces COUNT`; `load` for a local venue under many clients;
/// `socket-run SECONDS SEED` trades against the local venue over sockets.
module Vrlg.Bench.Program

open System
open BenchmarkDotNet.Configs
open BenchmarkDotNet.Jobs
open BenchmarkDotNet.Running
open BenchmarkDotNet.Toolchains.InProcess.Emit

[<EntryPoint>]
let main args =
    match Array.toList args with
    | "micro" :: rest ->
        // In this process: the generated projects of the default toolchain would not find the local package folder.
        let job = Job.Default.WithToolchain InProcessEmitToolchain.Instance
        let config = DefaultConfig.Instance.AddJob job

        let types =
            [|
                typeof<Micro.EngineStep>
                typeof<Micro.StateDigest>
                typeof<Micro.JournalAppend>
            |]

        BenchmarkSwitcher.FromTypes(types).Run(List.toArray rest, config) |> ignore

        0
    | "rotation" :: rest -> Rotations.run rest
    | [ "feed"; file ] -> Runs.feed file
    | [ "core"; file ] -> Runs.core file
    | [ "sweep"; folder; coin ] -> Sweeps.run folder coin
    | [ "tape"; file ] -> Tapes.feed file
    | [ "parquet"; file ] -> ParquetFiles.feed file
    | [ "stream"; file; times ] -> Tapes.stream file (int times)
    | [ "wire"; folder ] -> Wire.cost folder
    | [ "fuzz"; folder; count; seed ] -> Wire.fuzz folder (int count) (int seed)
    | [ "fuzz-venue"; count; seed ] -> VenueRuns.fuzz (int count) (int seed) null
    | [ "fuzz-venue"; count; seed; log ] -> VenueRuns.fuzz (int count) (int seed) log
    | [ "curves"; count; seed ] -> Keys.curves (int count) (int seed)
    | [ "nonces"; count ] -> Keys.nonces (int count)
    | "load" :: rest -> Load.run rest
    | [ "venue-bars" ] -> VenueRuns.bars ()
    | [ "socket-run"; seconds; seed ] -> SocketRuns.run (float seconds) (int64 seed) 1.0
    | [ "socket-run"; seconds; seed; speed ] -> SocketRuns.run (float seconds) (int64 seed) (float speed)
    | "pack" :: folders when not folders.IsEmpty -> Tapes.pack folders
    | "recordings" :: folders when not folders.IsEmpty -> Runs.recordings folders
    | _ ->
        Console.Error.WriteLine
            "micro [BenchmarkDotNet arguments] | feed FILE.bin.gz | core FILE.bin.gz | sweep DIR COIN | recordings DIR... | tape FILE.bin.gz | parquet FILE.bin.gz | stream FILE.bin.gz TIMES | pack DIR... | rotation [quick] | wire DIR | fuzz DIR COUNT SEED | fuzz-venue COUNT SEED [LOG] | load [SECONDS] [--connections N] [--subscriptions N] [--orders N] [--deflate] [--venue URL] | venue-bars | curves COUNT SEED | nonces COUNT | socket-run SECONDS SEED [SPEED]"

        2
