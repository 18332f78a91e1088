/// The golden rows of the simulator's specification (17): the reference feed through exchange, world, slots and risk.
module Vrlg.Wire.NeutralFeed

open System
open System.IO
open System.IO.Compression
open System.Security.Cryptography
open Expecto
open Vrlg.Core
open Vrlg.Sim

let private feed =
    lazy
        (use file = File.OpenRead(Shared.find "data/sim/feed_l2.bin.gz")
         use unpacked = new GZipStream(file, CompressionMode.Decompress)
         use all = new MemoryStream()
         unpacked.CopyTo all
         all.ToArray())

let private tape =
    lazy
        (match NeutralTape.Read(ReadOnlySpan feed.Value, InstrumentId.Of 0) with
         | Ok tape -> tape
         | Error sentence -> failtest sentence)

/// One row of the table: submits, cancels, fills, lots, position, equity, hash.
type private Row =
    {
        Profile: Profile
        Cadence: Cadence
        Queue: QueueModel
        Steps: int64
        Submits: int64
        Cancels: int64
        Fills: int64
        Lots: int64
        Position: int64
        Equity: float
        Sha256: string
    }

let private row cadence queue submits cancels fills lots position equity sha256 =
    {
        Profile = Profile.Default
        Cadence = cadence
        Queue = queue
        Steps = (if cadence = Cadence.Timer then 31_879L else 1_676_253L)
        Submits = submits
        Cancels = cancels
        Fills = fills
        Lots = lots
        Position = position
        Equity = equity
        Sha256 = sha256
    }

let private timer = row Cadence.Timer
let private every = row Cadence.EveryBatch

let private compat (r: Row) =
    { r with
        Profile = Profile.Compat
        // Whole orders of five lots.
        Lots = 5L * r.Fills
    }

let private golden =
    [
        timer
            QueueModel.RiskAverse
            22_686L
            10_614L
            22_768L
            66_314L
            -6L
            2_656.0
            "b58da05a71c9ce0186b955e08f812c6a7d8aada85c94c785d8a42f2efeeb6f02"
        every
            QueueModel.RiskAverse
            37_511L
            28_273L
            29_352L
            86_392L
            -6L
            -4_834.0
            "fffa30ffd4c31d2e2333b11c77cb7c86f3a3b9890afcee70d81aaea54bd2f48f"
        timer
            (QueueModel.PowerC 3)
            22_740L
            10_624L
            22_994L
            66_482L
            -6L
            3_591.0
            "c12322090dffe7c6096b70520a8da650109dc4464d00f23488c9393aec21486b"
        timer
            QueueModel.FrontFirst
            22_894L
            10_584L
            23_279L
            67_505L
            -1L
            3_992.5
            "195b826f8d25ef314924747059adadaa56208041c8754b432a21a6931c05c6bf"
        every
            (QueueModel.PowerC 3)
            37_551L
            28_277L
            29_549L
            86_553L
            -1L
            -4_698.5
            "646c40af113878be38c4c9fc7dfde7252ac60fa711d26d27862479f24aa369f1"
        every
            QueueModel.FrontFirst
            37_843L
            28_285L
            30_039L
            87_967L
            5L
            -2_585.5
            "3aa8c6472413a58e2bdb2c3009e337ae12274f310020d5390a0d21fe0d483b19"
        timer
            (QueueModel.PowerC 3)
            23_864L
            9_953L
            14_399L
            0L
            -5L
            5_712.5
            "81d4d3d6783b31403e34067f0c787acc040bc816a9444ac7950e3689b7a759e3"
        |> compat
        every
            (QueueModel.PowerC 3)
            39_276L
            27_745L
            19_284L
            0L
            -20L
            -705.0
            "159e17ca114788dfa83df6083d18ce26e10432635966616e0caa9d0110c2dacb"
        |> compat
    ]

let private meets (row: Row) (result: CoreResult) (log: LoggedFill[]) =
    Expect.equal result.Steps row.Steps "steps"
    Expect.equal result.Submits row.Submits "submits"
    Expect.equal result.Cancels row.Cancels "cancels"
    Expect.equal result.Fills row.Fills "fills"
    Expect.equal result.Lots row.Lots "lots"
    Expect.equal result.Position row.Position "position"
    Expect.equal result.Equity row.Equity "equity at the last local mid"
    Expect.equal (CoreBench.sha256 (ReadOnlySpan log)) row.Sha256 "fill log"

let private name (row: Row) =
    let cadence =
        if row.Cadence = Cadence.Timer then
            "quote100"
        else
            "quoteTick"

    $"{row.Profile}, {cadence}, {Queue.name row.Queue}"

let tests =
    testSequenced (
        testList
            "neutral feed"
            [
                testCase "the feed is the one that the rows were made with" (fun () ->
                    let sha256 = Convert.ToHexStringLower(SHA256.HashData feed.Value)
                    Expect.equal sha256 "3bc19201c457cd29f9ec288635d5e5488ea43a89f0d57dd9cbebeaa330c680d5" "its hash"
                    Expect.equal tape.Value.Count 2_000_002 "its rows")
                for row in golden do
                    testCase $"{name row}: the simulator's core" (fun () ->
                        let run = CoreBench.run tape.Value row.Profile row.Queue row.Cadence
                        let result = run.Run true
                        meets row result (run.Log.ToArray()))

                    testCase $"{name row}: the whole engine" (fun () ->
                        let struct (result, log) =
                            CoreBench.full tape.Value row.Profile row.Queue row.Cadence true

                        meets row result log)
                testCase "nothing is allocated in the loop of the core" (fun () ->
                    let bytes () =
                        let run =
                            CoreBench.run tape.Value Profile.Default QueueModel.RiskAverse Cadence.Timer

                        let before = GC.GetAllocatedBytesForCurrentThread()
                        run.Run false |> ignore<CoreResult>
                        GC.GetAllocatedBytesForCurrentThread() - before

                    bytes () |> ignore<int64>
                    // What is left are arrays that grow to their size once: the book's levels, queues on their way.
                    Expect.isLessThan (bytes ()) 200_000L "over two million records")
            ]
    )
