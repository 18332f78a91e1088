module Vrlg.ShellTests.JournalFiles

open System
open System.Collections.Immutable
open System.IO
open Expecto
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Sim

let private header: JournalHeader =
    {
        Format = Journal.Format
        Segment = 1
        Build = "build"
        Runtime = "runtime"
        Processor = "processor"
        Run = 1L
        Setup = ""
        SetupHash = ""
        Facts = ImmutableArray.Empty
    }

/// A run of the yardstick desk on a short market into a folder; segments as small as asked.
let private write (folder: string) (segmentBytes: int64) =
    let tape =
        Synthetic.make
            { Synthetic.usual Yardstick.instrument 1L with
                Length = Duration.OfMs 20_000L
            }

    let config: WorldConfig =
        {
            Engine = Yardstick.engine
            Exchange =
                {
                    Instruments = Yardstick.engine.Instruments
                    Accounts = 1
                    Fees =
                        {
                            Maker = Rate.Of 0L
                            Taker = Rate.Of 0L
                        }
                    Queue = QueueModel.RiskAverse
                    CheckRules = false
                    Rules = MatchRules.Default
                }
            Latency = LatencyConfig.Of(false, Delay.Constant(Duration.OfMs 10L), Delay.Constant(Duration.OfMs 40L), 0.5)
            Seed = 1L
            Phases = Phases.Plain
            Tick = Duration.OfMs 100L
            Run = { Run = 1L; FirstCloid = 1L }
            Cash = Usd.Of 0L
        }

    use writer = new JournalWriter(folder, header, segmentBytes)

    let result =
        World(config, [| Yardstick.desk Cadence.EveryBatch |], tape, writer).Run((fun () -> false), null)

    writer.End result.State
    writer.Events

let private inTemp (act: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-journal-").FullName

    try
        act folder
    finally
        Directory.Delete(folder, true)

let private records (folder: string) =
    [
        for file in (RunFolder.Open folder).Segments() do
            let bytes = File.ReadAllBytes file
            let mutable at = Journal.mark.Length
            let mutable more = true

            while more do
                match Journal.read (ReadOnlySpan bytes) at with
                | JournalRead.Record(record, next) ->
                    at <- next
                    record
                | _ -> more <- false
    ]

let private replay (folder: string) =
    let replayer = Replayer(Yardstick.engine, [| Yardstick.desk Cadence.EveryBatch |])

    let differences =
        records folder
        |> List.choose (fun r ->
            match replayer.Feed r with
            | ValueSome d -> Some d
            | ValueNone -> None)

    replayer.Events, differences.Length

let tests =
    testList
        "journal files"
        [
            testCase "hold every event, and replay to the same" (fun () ->
                inTemp (fun folder ->
                    let events = write folder (64L <<< 20)
                    Expect.equal (replay folder) (events, 0) "all of it"))
            testCase "in many segments hold the same run, each with its header" (fun () ->
                inTemp (fun folder ->
                    let events = write folder 20_000L
                    let segments = (RunFolder.Open folder).Segments().Count
                    Expect.isGreaterThan segments 1 "it was split"

                    let headers =
                        records folder
                        |> List.choose (fun r ->
                            match r with
                            | JournalRecord.Header h -> Some h.Segment
                            | _ -> None)

                    Expect.equal headers [ 1..segments ] "numbered headers"
                    Expect.equal (replay folder) (events, 0) "all of it"))
            testCase "of two runs are the same bytes" (fun () ->
                inTemp (fun a ->
                    inTemp (fun b ->
                        write a (64L <<< 20) |> ignore<int64>
                        write b (64L <<< 20) |> ignore<int64>

                        Expect.equal
                            ((RunFolder.Open a).JournalSha256())
                            ((RunFolder.Open b).JournalSha256())
                            "their hash")))
        ]
