/// The golden rows of the simulator's specification (17): the reference feed through exchange, world, slots and risk.
module Vrlg.Wire.NeutralFeed

open System
open System.IO
open System.IO.Compression
open System.Security.Cryptography
open System.Text
open Expecto
open Vrlg.Core
open Vrlg.Sim

let private one = 100_000_000L

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

/// The fill log of section 17.
type private FillLog() =
    let text = StringBuilder "exch_ts_ns,order_id,side,price_ticks,qty_lots,maker\n"
    member val Fills = 0 with get, set
    member val Lots = 0L with get, set
    member val Cash = 0L with get, set

    member _.Sha256 =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))

    interface IWatch with
        member _.Arrived _ = ()
        member _.Stepped(_, _, _) = ()
        member _.Beat(_, _) = ()

        member log.Executed(report, _) =
            match report.Rare with
            | ValueSome(RareEvent.Filled f) ->
                let px, sz, at, cloid = f.Px, f.Sz, report.VenueAt, f.Cloid
                let price, lots = px.Raw / one, sz.Raw / one
                let side = if f.Side = Side.Buy then "buy" else "sell"
                let maker = if f.IsMaker then 1 else 0
                log.Fills <- log.Fills + 1
                log.Lots <- log.Lots + lots
                log.Cash <- log.Cash - (if f.Side = Side.Buy then 1L else -1L) * lots * price
                text.Append($"{at.Ns},{cloid.N},{side},{price},{lots},{maker}\n") |> ignore
            | _ -> ()

let private config queue : WorldConfig =
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
                Queue = queue
                CheckRules = false
                Rules = MatchRules.Default
            }
        Latency = LatencyConfig.Of(true, Delay.Constant(Duration.OfMs 0L), Delay.Constant(Duration.OfMs 40L), 0.5)
        Seed = 1L
        Tick = Duration.OfMs 100L
        Run = { Run = 1L; FirstCloid = 1L }
        Cash = Usd.Of 0L
    }

/// One row of the table: submits, cancels, fills, lots, position, equity, hash.
type private Row =
    {
        Cadence: Cadence
        Queue: QueueModel
        Submits: int64
        Cancels: int64
        Fills: int
        Lots: int64
        Position: int64
        Equity: float
        Sha256: string
    }

let private row cadence queue submits cancels fills lots position equity sha256 =
    {
        Cadence = cadence
        Queue = queue
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

let private golden =
    [
        timer
            QueueModel.RiskAverse
            22_686L
            10_614L
            22_768
            66_314L
            -6L
            2_656.0
            "b58da05a71c9ce0186b955e08f812c6a7d8aada85c94c785d8a42f2efeeb6f02"
        every
            QueueModel.RiskAverse
            37_511L
            28_273L
            29_352
            86_392L
            -6L
            -4_834.0
            "fffa30ffd4c31d2e2333b11c77cb7c86f3a3b9890afcee70d81aaea54bd2f48f"
        timer
            (QueueModel.PowerC 3)
            22_740L
            10_624L
            22_994
            66_482L
            -6L
            3_591.0
            "c12322090dffe7c6096b70520a8da650109dc4464d00f23488c9393aec21486b"
        timer
            QueueModel.FrontFirst
            22_894L
            10_584L
            23_279
            67_505L
            -1L
            3_992.5
            "195b826f8d25ef314924747059adadaa56208041c8754b432a21a6931c05c6bf"
        every
            (QueueModel.PowerC 3)
            37_551L
            28_277L
            29_549
            86_553L
            -1L
            -4_698.5
            "646c40af113878be38c4c9fc7dfde7252ac60fa711d26d27862479f24aa369f1"
        every
            QueueModel.FrontFirst
            37_843L
            28_285L
            30_039
            87_967L
            5L
            -2_585.5
            "3aa8c6472413a58e2bdb2c3009e337ae12274f310020d5390a0d21fe0d483b19"
    ]

let private holds (row: Row) =
    let log = FillLog()

    let world =
        World(config row.Queue, [| Yardstick.desk row.Cadence |], tape.Value, log)

    let result = world.Run((fun () -> false), null)
    let position = result.State.Facts.Ledger.Position(AccountId.Of 0, InstrumentId.Of 0)
    let touch = result.State.Facts.Market(InstrumentId.Of 0).Touch
    let lots = position.Size.Raw / one
    Expect.equal result.Submits row.Submits "submits"
    Expect.equal result.Cancels row.Cancels "cancels"
    Expect.equal log.Fills row.Fills "fills"
    Expect.equal log.Lots row.Lots "lots"
    Expect.equal lots row.Position "position"
    Expect.equal (float log.Cash + float lots * float touch.MidTwice / 2e8) row.Equity "equity at the last local mid"
    Expect.equal log.Sha256 row.Sha256 "fill log"

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
                    let cadence =
                        if row.Cadence = Cadence.Timer then
                            "quote100"
                        else
                            "quoteTick"

                    testCase $"{cadence}, {Queue.name row.Queue}" (fun () -> holds row)
            ]
    )
