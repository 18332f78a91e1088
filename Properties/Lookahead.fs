/// Nothing sees the future, nothing depends on who runs it: simulation.md 14.
module Vrlg.Properties.Lookahead

open System
open System.Collections.Immutable
open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private id = InstrumentId.Of 0
let rules = { instrument 0 with SzDecimals = 2 }

let span ms = Duration.OfMs ms

let private market (seconds: int) (seed: int64) =
    Synthetic.make
        { Synthetic.usual rules seed with
            Length = span (int64 seconds * 1_000L)
        }

let table =
    // Spread over the span of the synthetic market; every ninth request was lost.
    let sent i =
        1_756_684_800_000_000_000L + i * 150_000_000L

    let row i : LatencyRow =
        {
            Sent = sent i
            Executed =
                if i % 9L = 5L then
                    ValueNone
                else
                    ValueSome(sent i + (5L + i % 50L) * 1_000_000L)
            Reported = sent i + 60_000_000L
        }

    let rows = [ for i in 0L .. 40L -> row i ]

    match LatencyTable.Create(ImmutableArray.CreateRange rows) with
    | Ok t -> t
    | Error sentence -> failwith sentence

/// Every model of simulation.md 4, by name.
let models: (string * LatencyConfig) list =
    let uniform a b = Delay.Uniform(span a, span b)
    let plain = LatencyConfig.Of(false, uniform 10L 30L, uniform 30L 80L, 0.5)

    let still =
        LatencyConfig.Of(true, Delay.Constant(span 10L), Delay.Constant(span 60L), 0.5)

    [
        "uniform", plain
        "recorded and constant", still
        "empirical",
        { plain with
            Place = OrderDelay.Empirical(table, true)
        }
        "interpolated",
        { plain with
            Place = OrderDelay.Interpolated table
        }
        "load-dependent",
        LatencyConfig.Of(
            false,
            Delay.Loaded(uniform 10L 30L, Duration.Of 50_000L, 20L),
            Delay.Loaded(uniform 30L 80L, Duration.Of 90_000L, 20L),
            0.5
        )
        "parallel, computing, own cancels",
        { plain with
            OrderChannelFifo = false
            Compute = ComputeModel.Measured [| span 1L; span 3L |]
            Cancel = OrderDelay.Split(uniform 5L 90L, 0.3)
        }
        "queue step", { plain with QueueStep = span 100L }
    ]

let private config (seed: int64) (latency: LatencyConfig) : WorldConfig =
    let yard = Yardstick.engine

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
        Tick = span 100L
        Run = { Run = 1L; FirstCloid = 1L }
        Cash = Usd.Of(10_000L * lot)
    }

/// Everything that a run put out, with its instant: what we said and what the exchange did.
type private Log() =
    let said = ResizeArray<struct (int64 * string)>()
    let did = ResizeArray<struct (int64 * string)>()
    member _.Said = List.ofSeq said
    member _.Did = List.ofSeq did

    interface IWatch with
        member _.Arrived _ = ()

        member _.Stepped(input, output, _) =
            if not output.IsSilent then
                let at = input.At

                for line in Words.output &output do
                    said.Add(struct (at.Ns, line))

        member _.Executed(report, _) =
            let at = report.VenueAt

            match report.Rare with
            | ValueSome(RareEvent.Filled f) -> did.Add(struct (at.Ns, $"{f.Cloid.N} fill {f.Sz} at {f.Px}"))
            | ValueSome(RareEvent.Replied r) -> did.Add(struct (at.Ns, $"{r.Cloid.N} {Answers.text r.Answer}"))
            | _ -> ()

        member _.Beat(_, _) = ()

let private run (desk: Desk) seed latency (tape: Tape) : Log =
    let log = Log()

    World(config seed latency, [| desk |], tape, log).Run((fun () -> false), null)
    |> ignore<WorldResult>

    log

/// The same tape with receipts: venue time and a delay.
let private received (tape: Tape) (delay: int64) : Tape =
    let n = tape.Count

    MemoryTape(
        [| for i in 0 .. n - 1 -> tape.VenueAt i |],
        [|
            for i in 0 .. n - 1 -> tape.VenueAt i + delay + (tape.VenueAt i / 1_000_000L % 7L) * 1_000_000L
        |],
        [| for i in 0 .. n - 1 -> tape.Event i |]
    )

/// The same tape with every record after `cut` replaced by garbage: other kinds, prices, sizes and receipts.
let private poisoned (tape: Tape) (cut: int64) (salt: int64) : Tape =
    let n = tape.Count
    let times = [| for i in 0 .. n - 1 -> tape.VenueAt i |]

    let event i =
        let at = Instant.Of times[i]

        let draw hi =
            Seed.between (uint64 salt) (int64 i) 1L hi

        if times[i] <= cut then
            tape.Event i
        elif draw 3L = 1L then
            Event.Traded(id, Side.Sell, px (draw 90L), sz (draw 50L), int64 i, at)
        else
            Event.LevelMoved(id, (if draw 2L = 1L then Side.Buy else Side.Sell), px (draw 90L), sz (draw 50L), at)

    let recv i =
        if times[i] <= cut then
            tape.RecvAt i
        else
            times[i] + Seed.between (uint64 salt) (int64 i) 1L 90_000_000L

    MemoryTape(times, [| for i in 0 .. n - 1 -> recv i |], [| for i in 0 .. n - 1 -> event i |])

let private drawn =
    Arb.fromGen (Gen.zip3 (Gen.choose (3, 8)) (Gen.choose64 (1L, 1_000L)) (Gen.elements models))

let private upTo cut lines =
    lines |> List.filter (fun (struct (t, _)) -> t <= cut)

/// Quotes by the clock alone, whatever the feed brings: the same commands in every run. A place of its own for each quote.
let private scripted (orders: (int * Side * int64) list) : Desk =
    let byBeat = orders |> List.groupBy (fun (beat, _, _) -> beat) |> Map.ofList
    let beats = ref 0

    let decide =
        Decide<int ref>(fun state _ event ->
            if event.Kind <> EventKind.Ticked then
                struct (state, ImmutableArray.Empty)
            else
                let beat = state.Value
                let next = ref (beat + 1)

                let quotes =
                    match Map.tryFind beat byBeat with
                    | None -> []
                    | Some these ->
                        these
                        |> List.mapi (fun i (_, side, price) ->
                            let slot: Slot =
                                {
                                    Instrument = id
                                    Side = side
                                    Name = 100 * beat + i
                                }

                            Quote(slot, px price, sz 2L, QuoteTerms.UntilPulled))

                struct (next, ImmutableArray.CreateRange quotes))

    { Yardstick.desk Cadence.Timer with
        Strategy = Strategy.Make("scripted", beats, decide)
    }

/// The mid of a tape at its start, in whole units, from its first records.
let private middle (tape: Tape) : int64 =
    let best side (pick: int64 -> int64 -> int64) =
        [
            for i in 0 .. min 200 (tape.Count - 1) do
                let e = tape.Event i

                match e.Kind with
                | EventKind.BboMoved ->
                    let p = if side = Side.Buy then e.BidPx else e.AskPx

                    if p.Raw > 0L then
                        p.Raw / lot
                | EventKind.LevelMoved when e.Side = side -> e.A / lot
                | _ -> ()
        ]
        |> function
            | [] -> 0L
            | all -> List.reduce pick all

    (best Side.Buy max + best Side.Sell min) / 2L

let private orders =
    gen {
        let! n = Gen.choose (1, 8)

        return!
            Gen.listOfLength
                n
                (Gen.zip3 (Gen.choose (8, 40)) (Gen.elements [ Side.Buy; Side.Sell ]) (Gen.choose64 (0L, 4L)))
    }

let private worlds =
    [
        lawN 30 "future poison: garbage after an instant changes nothing up to it" (fun () ->
            Prop.forAll drawn (fun (seconds, seed, (_, latency)) ->
                let tape = received (market seconds seed) 12_000_000L
                let cut = tape.VenueAt(tape.Count / 2)
                let honest = run (Yardstick.desk Cadence.EveryBatch) seed latency tape

                let garbled =
                    run (Yardstick.desk Cadence.EveryBatch) seed latency (poisoned tape cut seed)

                upTo cut honest.Said = upTo cut garbled.Said
                && upTo cut honest.Did = upTo cut garbled.Did
                && not (upTo cut honest.Said).IsEmpty))
        lawN 30 "late feed: later receipts change nothing at the exchange for the same commands" (fun () ->
            let draw = Gen.zip (Gen.zip drawn.Generator orders) (Gen.choose64 (1L, 500L))

            Prop.forAll (Arb.fromGen draw) (fun (((_, seed, (_, latency)), orders), late) ->
                let tape = market 6 seed
                let mid = middle tape

                let desk =
                    orders
                    |> List.map (fun (beat, side, away) ->
                        beat, side, (if side = Side.Buy then mid - away else mid + away))
                    |> scripted

                let recorded = { latency with UseRecorded = true }
                let soon = run desk seed recorded (received tape 5_000_000L)
                let later = run desk seed recorded (received tape (5_000_000L + late * 1_000_000L))
                let lost = latency.Place.IsInterpolated || latency.Place.IsEmpirical
                soon.Did = later.Did && (lost || not soon.Did.IsEmpty)))
        lawN 20 "run again, and on several threads at once, says the same" (fun () ->
            Prop.forAll drawn (fun (seconds, seed, (_, latency)) ->
                let tape = market seconds seed

                let go _ =
                    let log = run (Yardstick.desk Cadence.EveryBatch) seed latency tape in log.Said, log.Did

                let alone = go 0
                Array.Parallel.map go [| 0..3 |] |> Array.forall (fun other -> other = alone)))
    ]

let tests = testList "look-ahead" worlds
