/// Runs in one pass over one tape: each is, fill by fill, what it is by itself.
module Vrlg.Wire.SideBySide

open System
open System.Collections.Immutable
open Expecto
open Vrlg.Cli
open Vrlg.Core
open Vrlg.Sim

let private instrument = Data.btc

/// A made market with two silences that are gaps.
let private tape: Lazy<Tape> =
    lazy
        (let whole =
            Synthetic.make
                { Synthetic.usual instrument 5L with
                    Length = Duration.OfMs 420_000L
                }

         let isHeard i =
             let s = (whole.VenueAt i - whole.VenueAt 0) / 1_000_000_000L
             not (s >= 100L && s < 109L) && not (s >= 250L && s < 257L)

         let kept = [| 0 .. whole.Count - 1 |] |> Array.filter isHeard
         MemoryTape(Array.map whole.VenueAt kept, Array.map whole.RecvAt kept, Array.map whole.Event kept) :> Tape)

/// A made market with blocks.
let private fed: Lazy<Tape> =
    lazy
        (Synthetic.make
            { Synthetic.usual instrument 5L with
                Length = Duration.OfMs 300_000L
                Band = Duration.OfMs 125L
                Slots = 24
            }
        :> Tape)

/// The same, the blocks of which are lost for two minutes.
let private deaf: Lazy<Tape> =
    lazy
        (let whole = fed.Value
         let start = whole.VenueAt 0
         let after (s: int64) = start + s * 1_000_000_000L
         let lost, back = after 103L, after 220L

         let isHeard i =
             let t = whole.VenueAt i
             not (whole.KindAt i = EventKind.BlockSealed && t >= after 100L && t < back)

         let rows =
             [|
                 for i in 0 .. whole.Count - 1 do
                     if isHeard i then
                         struct (whole.VenueAt i, whole.RecvAt i, whole.Event i)

                 struct (lost, lost, Event.FeedLost(VenueId.Of 0, Channel.Blocks, ValueNone))
                 struct (back, back, Event.FeedBack(VenueId.Of 0, Channel.Blocks, ValueNone))
             |]
             |> Seq.sortBy (fun struct (t, _, _) -> t)
             |> Seq.toArray

         let at = rows |> Array.map (fun struct (t, _, _) -> t)
         let recv = rows |> Array.map (fun struct (_, t, _) -> t)
         MemoryTape(at, recv, rows |> Array.map (fun struct (_, _, e) -> e)) :> Tape)

/// A detector that is always active, and fees that let a set earn something.
let private eager =
    [
        "sim.seed", "5"
        "signal.detector", "document"
        "signal.p_max", "1"
        "signal.M", "3"
        "signal.y", "1"
        "fees.maker_bps", "-1"
        "fees.taker_bps", "0"
    ]

/// What the sets differ in: every group of settings, the sensor's and the latency's among them.
let private differences =
    [
        []
        [ "exec.order_ttl_ms", "600" ]
        [ "sim.queue", "FrontFirst" ]
        [ "sim.queue", "PowerC:3" ]
        [ "signal.x", "0.1"; "signal.y", "2" ]
        [ "signal.N", "20" ]
        [ "signal.z", "0.3" ]
        [ "signal.detector", "valid" ]
        [ "signal.p_max", "0.01" ]
        [ "exec.one_sided", "true"; "exec.size_pct", "5" ]
        [ "exec.join_when_tight", "true"; "risk.stop_ticks", "1" ]
        [ "exec.exit_after_ms", "200"; "risk.time_stop_ms", "400" ]
        [ "latency.order_rt_ms", "5" ]
        [ "latency.cancel_rt_ms", "400" ]
        // This one ends long after the others.
        [ "latency.order_rt_ms", "20000" ]
        [ "latency.fifo", "false" ]
        [ "latency.ingest_ms", "50" ]
        [ "sim.seed", "6" ]
        [ "account.equity_usd", "100000"; "exec.max_exposure_btc", "0.01" ]
        [ "fees.taker_bps", "4.5" ]
    ]

let private values (pairs: (string * string) list) : Values =
    let last =
        (eager @ pairs)
        |> List.rev
        |> List.distinctBy fst
        |> List.map (fun (k, v) -> struct (k, v))

    match Setup.ofPairs (ImmutableArray.CreateRange last) with
    | Ok v -> v
    | Error bad -> failtest bad[0].Sentence

let private pathOf (tape: Tape) =
    Backtest.mids
        {
            Values = values []
            Instrument = instrument
        }
        tape

let private mids = lazy (pathOf tape.Value)

let private never = Func<bool>(fun () -> false)

/// Fills, funding and active time, with every field of them.
let private shown (o: Outcome voption) : string list =
    match o with
    | ValueNone -> failtest "it was not stopped"
    | ValueSome o ->
        [
            yield! o.Fills |> Seq.map (fun f -> $"%A{f}")
            yield! o.Funding |> Seq.map (fun f -> $"%A{f}")
            yield! o.Active |> Seq.map (fun w -> $"{w.From}..{w.To}")
        ]

let private eachOf (sets: (string * string) list list) (one: Evaluate) =
    sets |> List.map (fun d -> shown (one.Invoke(values d, never)))

let private allOf (sets: (string * string) list list) (many: EvaluateAll) =
    many.Invoke(sets |> List.map values |> List.toArray, never, ignore)
    |> Seq.map shown
    |> Seq.toList

let private alone =
    lazy
        (differences
         |> List.map (fun d ->
             (Tiers.whole Backtest.latency instrument mids.Value tape.Value).Invoke(values d, never)
             |> shown))

let private together (sets: (string * string) list list) : string list list =
    let all =
        (Together.whole Backtest.latency instrument mids.Value tape.Value)
            .Invoke(sets |> List.map values |> List.toArray, never, ignore)

    all |> Seq.map shown |> Seq.toList

/// A desk that keeps a bid of 5 at a price of the neutral instrument, whatever it sees.
let private keeping (price: int64) : Desk =
    let one = 100_000_000L

    let slot: Slot =
        {
            Instrument = InstrumentId.Of 0
            Side = Side.Buy
            Name = 0
        }

    let decide =
        Decide<string>(fun state _ event ->
            if event.Kind = EventKind.Ticked then
                let bid = Quote(slot, Px.Of(price * one), Sz.Of(5L * one), QuoteTerms.UntilPulled)
                struct (state, ImmutableArray.Create<Intent> bid)
            else
                struct (state, ImmutableArray.Empty))

    { Yardstick.desk Cadence.Timer with
        Strategy = Strategy.Make("keeping", "", decide)
    }

let private sized (px: int64) (sz: int64) : PxSz =
    {
        Px = Px.Of(px * 100_000_000L)
        Sz = Sz.Of(sz * 100_000_000L)
    }

let private neutral = InstrumentId.Of 0

let private book bids (ms: int64) =
    let asks = [ sized 101L 10L; sized 102L 9L ]

    let depth =
        Depth(2, ImmutableArray.CreateRange bids, ImmutableArray.CreateRange asks)

    ms, Event.BookMoved(neutral, depth, Instant.OfMs ms)

let private sold px sz (ms: int64) =
    let p = sized px sz
    ms, Event.Traded(neutral, Side.Sell, p.Px, p.Sz, ms, Instant.OfMs ms)

[<Sealed>]
type private Filled() =
    let lines = ResizeArray<string>()
    member _.Lines = List.ofSeq lines

    interface IWatch with
        member _.Arrived _ = ()
        member _.Stepped(_, _, _) = ()
        member _.Beat(_, _) = ()

        member _.Executed(report, _) =
            match report.Rare with
            | ValueSome(RareEvent.Filled f) -> lines.Add $"{f.Sz}@{f.Px}"
            | _ -> ()

/// Two runs of one desk over some records: what each filled, and what one by itself does.
let private twice (queue: QueueModel) (price: int64) (records: (int64 * Event) list) =
    let at = records |> List.map (fun (ms, _) -> ms * 1_000_000L) |> List.toArray
    let tape = MemoryTape(at, at, records |> List.map snd |> List.toArray)

    let world: WorldConfig =
        {
            Engine = Yardstick.engine
            Exchange = CoreBench.exchange Profile.Default queue
            Latency = LatencyConfig.Of(true, Delay.Constant(Duration.Of 0L), Delay.Constant(Duration.OfMs 20L), 0.5)
            Seed = 1L
            Phases =
                { Phases.Plain with
                    BookGap = Duration.OfMs 1_000L
                    BboGap = Duration.OfMs 1_000L
                }
            Tick = Duration.OfMs 100L
            Run = { Run = 1L; FirstCloid = 1L }
            Cash = Usd.Of 0L
        }

    let lane (watch: Filled) =
        {
            World = world
            Desks = [| keeping price |]
            Watch = watch :> IWatch
        }

    let first, second, alone = Filled(), Filled(), Filled()
    SideBySide.run [| lane first; lane second |] tape never ignore |> ignore<bool>
    World(world, [| keeping price |], tape, alone).Run(never, null) |> ignore
    first.Lines, second.Lines, alone.Lines

let private follows name queue price expected records =
    testCase name (fun () ->
        let first, second, alone = twice queue price records
        Expect.equal alone expected "by itself"
        Expect.equal first expected "who applies the records"
        Expect.equal second expected "who follows")

let private wide = [ sized 100L 10L; sized 99L 8L ]

let private followers =
    [
        follows
            "an order whose queue was unknown is alone for everyone once its price is visible"
            QueueModel.RiskAverse
            97L
            [ "3@97" ]
            [
                book wide 0L
                book wide 500L
                book [ sized 100L 10L; sized 95L 8L ] 1_000L
                sold 97L 3L 1_100L
            ]
        follows
            "and once nobody is better"
            QueueModel.RiskAverse
            97L
            [ "3@97" ]
            [
                book wide 0L
                book wide 500L
                1_000L, Event.BboMoved(neutral, ValueSome(sized 96L 5L), ValueSome(sized 101L 10L), Instant.OfMs 1_000L)
                sold 97L 3L 1_100L
            ]
        follows
            "a channel lost and back in one instant, with a book behind it, is back for everyone"
            QueueModel.RiskAverse
            100L
            [ "3@100" ]
            [
                book wide 0L
                book wide 500L
                1_000L, Event.FeedLost(VenueId.Of 0, Channel.Book, ValueSome neutral)
                1_000L, Event.FeedBack(VenueId.Of 0, Channel.Book, ValueSome neutral)
                book wide 1_000L
                sold 100L 13L 1_500L
            ]
        follows
            "the first book after a gap is risk-averse for everyone"
            QueueModel.FrontFirst
            100L
            [ "3@100" ]
            [
                book wide 0L
                book [ sized 100L 30L; sized 99L 8L ] 500L
                book [ sized 100L 15L; sized 99L 8L ] 3_000L
                sold 100L 8L 3_100L
                sold 100L 5L 3_150L
            ]
    ]

let tests =
    testList
        "side by side"
        [
            testCase "every run is what it is by itself, whatever the runs differ in" (fun () ->
                Expect.equal (together differences) alone.Value "fill by fill"

                let fills = alone.Value |> List.map List.length
                Expect.isGreaterThan (List.max fills) 50 "there is something to compare"
                Expect.isGreaterThan (List.length (List.distinct alone.Value)) 10 "and the sets do differ")
            testCase "in whichever order they stand, and who stands first" (fun () ->
                Expect.equal (together (List.rev differences)) (List.rev alone.Value) "fill by fill")
            testCase "so is every run of Tier 1" (fun () ->
                let packed = TouchTape.pack instrument.Id tape.Value
                let span = Tiers.span tape.Value

                for rule in Tiers.both do
                    let one = Tiers.touching Backtest.latency rule instrument span mids.Value packed

                    let by = differences |> List.map (fun d -> one.Invoke(values d, never) |> shown)

                    let all =
                        (Together.touching Backtest.latency rule instrument span mids.Value packed)
                            .Invoke(differences |> List.map values |> List.toArray, never, ignore)

                    Expect.equal (all |> Seq.map shown |> Seq.toList) by $"{TouchRule.name rule}, fill by fill"
                    Expect.isGreaterThan (by |> List.map List.length |> List.max) 20 "there were fills")
            testCase "so is every run beside a block feed, by its clock, its stall and what it expects" (fun () ->
                let fed = fed.Value
                let path = pathOf fed

                let sets =
                    [
                        [ "signal.detector", "valid" ]
                        [ "signal.detector", "valid"; "signal.x", "0.1" ]
                        [ "signal.detector", "valid"; "signal.p_max", "0.01" ]
                        // A missed slot of 0.25 s ends these.
                        [ "risk.block_stall_s", "0.2" ]
                        [ "risk.block_stall_s", "0" ]
                        [ "risk.expect_blocks", "true"; "signal.detector", "valid" ]
                        [ "latency.ingest_ms", "[5, 60]"; "signal.detector", "valid" ]
                        []
                    ]

                let by = eachOf sets (Tiers.whole Backtest.latency instrument path fed)
                Expect.equal (allOf sets (Together.whole Backtest.latency instrument path fed)) by "fill by fill"
                Expect.isGreaterThan by[0].Length 10 "the slots' detector lets it trade"
                Expect.isLessThan by[3].Length by[7].Length "the stall ended it"
                let packed = TouchTape.pack instrument.Id fed
                let span = Tiers.span fed
                let rule = Tiers.both |> Seq.head
                let one = Tiers.touching Backtest.latency rule instrument span path packed
                let touched = eachOf sets one
                let touching = Together.touching Backtest.latency rule instrument span path packed
                Expect.equal (allOf sets touching) touched "and on Tier 1"
                Expect.isGreaterThan touched[0].Length 10 "which sees the blocks too")
            testCase "so is every run whose block feed is lost for a while, whatever it expects" (fun () ->
                let cut, path = deaf.Value, pathOf deaf.Value

                let sets =
                    [
                        [ "risk.block_stall_s", "0"; "risk.expect_blocks", "true" ]
                        []
                        [ "risk.expect_blocks", "true" ]
                        [ "risk.block_stall_s", "0" ]
                    ]

                let by = eachOf sets (Tiers.whole Backtest.latency instrument path cut)
                Expect.equal (allOf sets (Together.whole Backtest.latency instrument path cut)) by "fill by fill"
                Expect.notEqual by[2] by[1] "they differ"
                let packed = TouchTape.pack instrument.Id cut
                let span = Tiers.span cut
                let rule = Tiers.both |> Seq.head
                let one = Tiers.touching Backtest.latency rule instrument span path packed
                let touched = eachOf sets one
                let touching = Together.touching Backtest.latency rule instrument span path packed
                Expect.equal (allOf sets touching) touched "and on Tier 1"
                Expect.notEqual touched[2] touched[1] "too")
            testCase "a run that is stopped has no outcome" (fun () ->
                let all =
                    (Together.whole Backtest.latency instrument mids.Value tape.Value)
                        .Invoke([| values [] |], (fun () -> true), ignore)

                Expect.isTrue (all |> Seq.forall _.IsNone) "none")
            yield! followers
        ]
