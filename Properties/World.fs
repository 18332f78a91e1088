module Vrlg.Properties.World

open System
open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private id = InstrumentId.Of 0

/// A short synthetic market; seconds and seed are drawn.
let private market (seconds: int) (seed: int64) =
    Synthetic.make
        { Synthetic.usual { instrument 0 with SzDecimals = 2 } seed with
            Length = Duration.OfMs(int64 seconds * 1_000L)
        }

let private config (seed: int64) (latency: LatencyConfig) : WorldConfig =
    let yard = Yardstick.engine

    let rules =
        { yard.Instruments[0] with
            SzDecimals = 2
        }

    {
        Engine =
            { yard with
                Instruments = ImmutableArray.Create<Instrument> rules
            }
        Exchange =
            {
                Instruments = ImmutableArray.Create<Instrument> rules
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
        Latency = latency
        Seed = seed
        Phases = Phases.Plain
        Tick = Duration.OfMs 100L
        Run = { Run = 1L; FirstCloid = 1L }
        Cash = Usd.Of(10_000L * lot)
    }

let private uniform: LatencyConfig =
    LatencyConfig.Of(
        false,
        Delay.Uniform(Duration.OfMs 10L, Duration.OfMs 30L),
        Delay.Uniform(Duration.OfMs 30L, Duration.OfMs 80L),
        0.5
    )

let private slow (ms: int64) =
    { uniform with
        Ingest = Delay.Constant(Duration.OfMs(30L + ms))
    }

/// Writes down everything stepped and said, by instant.
type private Log() =
    let lines = ResizeArray<struct (int64 * string)>()
    let mutable fills = 0L
    member _.Lines = lines
    member _.Filled = fills

    interface IWatch with
        member _.Arrived _ = ()

        member _.Stepped(input, output, _) =
            if not output.IsSilent then
                let at = input.At

                for line in Words.output &output do
                    lines.Add(struct (at.Ns, line))

        member _.Executed(report, _) =
            match report.Rare with
            | ValueSome(RareEvent.Filled f) -> let q = f.Sz in fills <- fills + q.Raw
            | _ -> ()

        member _.Beat(_, _) = ()

let private run cadence seed latency (tape: Tape) =
    let log = Log()
    let w = World(config seed latency, [| Yardstick.desk cadence |], tape, log)
    let result = w.Run((fun () -> false), null)
    struct (log, result)

let private lines (struct (log: Log, _: WorldResult)) = List.ofSeq log.Lines

let private drawn =
    Arb.fromGen (Gen.zip (Gen.choose (3, 12)) (Gen.choose64 (1L, 1_000L)))

let tests =
    testList
        "the world"
        [
            lawN 20 "run twice says the same, to the byte" (fun () ->
                Prop.forAll drawn (fun (seconds, seed) ->
                    let go () =
                        lines (run Cadence.EveryBatch seed uniform (market seconds seed))

                    go () = go ()))
            lawN 20 "brings every fill of the exchange to the ledger" (fun () ->
                Prop.forAll drawn (fun (seconds, seed) ->
                    let struct (log, result) = run Cadence.EveryBatch seed uniform (market seconds seed)
                    let ours = result.State.Facts.Ledger.Position(AccountId.Of 0, id)
                    let theirs = result.Exchange.Position(AccountId.Of 0, id)
                    ours.Size.Raw = theirs.Raw && (log.Filled > 0L || theirs.Raw = 0L)))
            lawN 20 "ends with no order whose fate is open" (fun () ->
                Prop.forAll drawn (fun (seconds, seed) ->
                    let struct (_, result) = run Cadence.EveryBatch seed uniform (market seconds seed)

                    result.State.Facts.Orders.LiveOrders.ToArray()
                    |> Array.forall (fun o ->
                        match o.Phase with
                        | Phase.Resting -> true
                        | _ -> false)))
            lawN 20 "says of the account, when asked, what the engine knows of it in the end" (fun () ->
                Prop.forAll drawn (fun (seconds, seed) ->
                    let struct (_, result) = run Cadence.EveryBatch seed uniform (market seconds seed)
                    let facts = result.Exchange.Facts(AccountId.Of 0)
                    let ours = result.State.Facts.Ledger.Position(AccountId.Of 0, id)
                    let theirs = facts.Positions[0].Position

                    let live =
                        [
                            for o in result.State.Facts.Orders.LiveOrders.ToArray() -> let c = o.New.Cloid in c.N
                        ]

                    let listed = [ for o in facts.Open -> let c = o.Cloid in c.N ]

                    ours.Size.Raw = theirs.Raw && List.sort live = List.sort listed))
            lawN 10 "with a later feed sees the same market later: no command comes before it saw its cause" (fun () ->
                Prop.forAll drawn (fun (seconds, seed) ->
                    let tape = market seconds seed

                    let first latency =
                        lines (run Cadence.EveryBatch seed latency tape)
                        |> List.tryFind (fun (struct (_, line)) -> line.StartsWith "place")
                        |> function
                            | Some(struct (at, _)) -> at
                            | None -> 0L

                    first (slow 500L) - first (slow 0L) = 500_000_000L))
            testCase "draws meet the table of check values" (fun () ->
                Expect.equal (Seed.fnv1a64 "ingest") 0x63935CECC6CB37CDUL "fnv ingest"
                Expect.equal (Seed.fnv1a64 "order.entry") 0x067EFDDE56C39AC5UL "fnv order.entry"
                let ingest = Seed.key 42L "ingest"
                let entry = Seed.key 42L "order.entry"
                Expect.equal (Seed.draw ingest 0L) 0xF3C8955629A30378UL "ingest 0"
                Expect.equal (Seed.draw ingest 2L) 0x0261A0CA0F36F904UL "ingest 2"
                Expect.equal (Seed.draw entry 1L) 0xCD3B94F52DE3D2FFUL "entry 1"

                let ms a b key i =
                    Seed.between key i (a * 1_000_000L) (b * 1_000_000L)

                Expect.equal (List.map (ms 10L 30L ingest) [ 0L; 1L; 2L ]) [ 29045589L; 15527124L; 10186043L ] "ingest"

                Expect.equal
                    (List.map (ms 30L 80L entry) [ 0L; 1L; 2L ])
                    [ 49919267L; 70084520L; 76768066L ]
                    "round trips")
            testCase "channels are first in, first out (L04)" (fun () ->
                let draws =
                    LatencyDraws({ uniform with UseRecorded = true }, 1L, ImmutableArray.Empty)

                Expect.equal (draws.Receive(0, 0L, 30L)) 30L "the first"
                Expect.equal (draws.Receive(0, 5L, 15L)) 30L "the second waits for the first")
        ]
