module Vrlg.ShellTests.Tapes

open System
open System.Collections.Immutable
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Shell.Tapes
open Vrlg.Sim

let private id = InstrumentId.Of 0

/// A record as it was given: venue instant, receipt, event.
type Row = { At: int64; Got: int64; Event: Event }

let private law n name holds =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = n
        }
        name
        holds

let inTemp (act: string -> 'a) : 'a =
    let folder = Directory.CreateTempSubdirectory("vrlg-tapes-").FullName

    try
        act (Path.Combine(folder, "x.vt"))
    finally
        Directory.Delete(folder, true)

let head = TapeHead(ImmutableArray.Create<string>("BTC", "ETH"), 5, 3, 2, 1, 4)

let write (path: string) (perBlock: int) (rows: Row list) =
    use writer = new TapeWriter(path, head, perBlock)

    for r in rows do
        let e = r.Event
        writer.Add(r.At, r.Got, &e)

    writer.Finish()

let private levels (l: ImmutableArray<PxSz>) =
    [ for x in l -> let px, sz = x.Px, x.Sz in px.Raw, sz.Raw ]

/// Everything of an event as text, so that two can be compared and shown.
let private words (e: Event) =
    let at = e.VenueAt

    let book =
        match e.Depth with
        | null -> ""
        | d -> $" {d.Limit} {levels d.Bids} {levels d.Asks}"

    $"{e.Kind} {e.Side} {e.Flags} {e.Channel} {e.Instrument.Index} {at.Ns} {e.A} {e.B} {e.C} {e.D} {e.E}{book}"

// ---- draws: plausible, and hostile on purpose ----

let private number: Gen<int64> =
    Gen.frequency
        [
            6, Gen.choose64 (0L, 2_000L)
            3, Gen.map (fun n -> n * 100_000_000L) (Gen.choose64 (1L, 120_000L))
            1, Gen.elements [ Int64.MinValue; Int64.MaxValue; -1L; 0L; Int64.MaxValue - 1L ]
        ]

let private side: Gen<ImmutableArray<PxSz>> =
    gen {
        let! n = Gen.choose (0, 6)
        let! px = Gen.listOfLength n number
        let! sz = Gen.listOfLength n (Gen.choose64 (1L, 5L))
        return ImmutableArray.CreateRange(List.map2 (fun p s -> { Px = Px.Of p; Sz = Sz.Of s }) px sz)
    }

let private event (at: int64) : Gen<Event> =
    gen {
        let! instrument = Gen.map InstrumentId.Of (Gen.choose (0, 1))
        let! side' = Gen.elements [ Side.Buy; Side.Sell ]
        let! a = number
        let! b = number
        let! c = number
        let! d = number
        let now = Instant.Of at
        let px n = Px.Of n
        let sz n = Sz.Of n
        let! bids = side
        let! asks = side
        let! has = Gen.elements [ true; false ]
        let level p s = { Px = px p; Sz = sz s }

        return!
            Gen.elements
                [
                    Event.LevelMoved(instrument, side', px a, sz b, now)
                    Event.Traded(instrument, side', px a, sz b, c, now)
                    Event.BboMoved(
                        instrument,
                        ValueSome(level a b),
                        (if has then ValueSome(level c d) else ValueNone),
                        now
                    )
                    Event.BookMoved(instrument, Depth(20, bids, asks), now)
                    Event.ContextMoved(instrument, px a, px b, c, sz d, now)
                    Event.BlockSealed(VenueId.Of 0, a, int (b % 100L), now)
                    Event.FeedLost(VenueId.Of 0, Channel.Blocks, ValueNone)
                    Event.FeedBack(VenueId.Of 0, Channel.Blocks, ValueNone)
                ]
    }

let private rows: Gen<Row list> =
    gen {
        let! gaps =
            Gen.listOf (
                Gen.frequency
                    [
                        2, Gen.constant 0L
                        3, Gen.choose64 (0L, 3L)
                        1, Gen.choose64 (0L, 1L <<< 30)
                    ]
            )

        let times =
            List.scan (+) 1_000_000L (gaps |> List.map (fun g -> g * 1_000_000L))
            |> List.tail

        let! lags =
            Gen.listOfLength times.Length (Gen.frequency [ 5, Gen.choose64 (1L, 90_000_000L); 1, Gen.constant -1L ])

        let! events = times |> List.map event |> Gen.sequenceToList

        return
            List.map3
                (fun at lag e ->
                    {
                        At = at
                        Got = (if lag < 0L then 0L else at + lag)
                        Event = e
                    })
                times
                lags
                events
    }

let private some = Arb.fromGen (Gen.zip (Gen.choose (1, 40)) rows)

let market (seconds: int) (seed: int64) =
    Synthetic.make
        { Synthetic.usual Yardstick.instrument seed with
            Length = Duration.OfMs(int64 seconds * 1_000L)
        }

let rowsOf (tape: Tape) =
    [
        for i in 0 .. tape.Count - 1 ->
            {
                At = tape.VenueAt i
                Got = tape.VenueAt i + 7_000_000L + int64 (i % 5) * 1_000_000L
                Event = tape.Event i
            }
    ]

let private memory (rows: Row list) =
    MemoryTape([| for r in rows -> r.At |], [| for r in rows -> r.Got |], [| for r in rows -> r.Event |])

/// The digest of everything that was said.
type private Digesting() =
    let mutable digest = Digest.start
    member _.Value = digest

    interface IWatch with
        member _.Arrived _ = ()
        member _.Stepped(_, output, _) = digest <- Digest.output digest &output
        member _.Executed(_, _) = ()
        member _.Beat(_, _) = ()

let private config recorded : WorldConfig =
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
        Latency = LatencyConfig.Of(recorded, Delay.Constant(Duration.OfMs 10L), Delay.Constant(Duration.OfMs 40L), 0.5)
        Seed = 1L
        Tick = Duration.OfMs 100L
        Phases = Phases.Plain
        Run = { Run = 1L; FirstCloid = 1L }
        Cash = Usd.Of 0L
    }

/// What a run did: steps, commands, everything said, the state at the end.
let private ran (recorded: bool) (tape: Tape) =
    let said = Digesting()

    let result =
        World(config recorded, [| Yardstick.desk Cadence.EveryBatch |], tape, said).Run((fun () -> false), null)

    result.Steps, result.Submits, result.Cancels, said.Value, Digest.state result.State

let private same (rows: Row list) (tape: FileTape) =
    tape.Count = rows.Length
    && rows
       |> List.indexed
       |> List.forall (fun (i, r) ->
           tape.VenueAt i = r.At
           && tape.RecvAt i = r.Got
           && tape.InstrumentAt i = r.Event.Instrument.Index
           && words (tape.Event i) = words r.Event)

let private laws =
    [
        law 400 "what was written is read again, to the last bit" (fun () ->
            Prop.forAll some (fun (perBlock, rows) ->
                inTemp (fun path ->
                    write path perBlock rows
                    use file = TapeFile.Open path
                    let head = file.Head
                    let totals = file.Totals

                    same rows (FileTape.Of file)
                    && List.ofSeq head.Coins = [ "BTC"; "ETH" ]
                    && (head.SizeDecimals, head.RepeatedTrades, head.SkippedRows) = (5, 3, 2)
                    && (head.SteppedBack, head.Crossed) = (1, 4)
                    && totals.Records = int64 rows.Length
                    && not (File.Exists(path + ".part")))))
        law 100 "read in any order it is the same" (fun () ->
            let draw = Gen.zip some.Generator (Gen.listOfLength 200 (Gen.choose (0, 1_000_000)))

            Prop.forAll (Arb.fromGen draw) (fun ((perBlock, rows), picks) ->
                inTemp (fun path ->
                    write path perBlock rows
                    use file = TapeFile.Open path
                    let tape = FileTape.Of file

                    rows.IsEmpty
                    || picks
                       |> List.forall (fun pick ->
                           let i = pick % rows.Length
                           words (tape.Event i) = words rows[i].Event && tape.RecvAt i = rows[i].Got))))
        law 100 "a span of a file holds the records of that span" (fun () ->
            let draw =
                Gen.zip some.Generator (Gen.zip (Gen.choose (0, 50)) (Gen.choose (0, 50)))

            Prop.forAll (Arb.fromGen draw) (fun ((perBlock, rows), (a, b)) ->
                inTemp (fun path ->
                    write path perBlock rows
                    use file = TapeFile.Open path

                    let bound k =
                        if rows.IsEmpty then 0L else rows[k % rows.Length].At

                    let from, until = bound a, bound b
                    let kept = rows |> List.filter (fun r -> r.At >= from && r.At < until)
                    same kept (FileTape.Of(file, Nullable(Instant.Of from), Nullable(Instant.Of until))))))
        law 10 "a run over the file is the run over the same records in memory" (fun () ->
            let draw =
                Gen.zip3 (Gen.choose (20, 40)) (Gen.choose64 (1L, 500L)) (Gen.elements [ true; false ])

            Prop.forAll (Arb.fromGen draw) (fun (seconds, seed, recorded) ->
                let rows = rowsOf (market seconds seed)

                inTemp (fun path ->
                    // The window holds a small part of the file, so that every block is dropped while the run goes.
                    write path 16 rows
                    use file = TapeFile.Open path
                    let streamed = FileTape.Of file
                    let there = ran recorded streamed
                    let here = ran recorded (memory rows)
                    Expect.equal there here "the run"
                    Expect.isGreaterThan file.Blocks (2 * FileTape.Window) "blocks, more than the window holds"
                    Expect.isLessThan streamed.Decoded (2L * int64 file.Blocks) "blocks decoded")))
        law 5 "several threads read forks of one tape, each what the tape holds" (fun () ->
            Prop.forAll (Arb.fromGen (Gen.choose64 (1L, 500L))) (fun seed ->
                let rows = rowsOf (market 30 seed)

                inTemp (fun path ->
                    write path 16 rows
                    use file = TapeFile.Open path
                    let tape = ShiftedTape(FileTape.Of file, ImmutableArray.Empty)
                    let here = ran true (memory rows)

                    Array.init 4 (fun _ -> tape.Fork())
                    |> Array.Parallel.map (ran true)
                    |> Array.forall (fun there -> there = here))))
    ]

/// Sixty records of a short market.
let small = lazy (rowsOf (market 1 7L) |> List.truncate 60)

let private writing =
    [
        testCase "records out of order and other events are refused by the writer, and leave no file" (fun () ->
            inTemp (fun path ->
                let first = small.Value.Head.Event

                (use writer = new TapeWriter(path, head)
                 writer.Add(5L, 0L, &first)
                 let tick = Event.Ticked(Instant.Of 9L)
                 Expect.throwsT<ArgumentException> (fun () -> writer.Add(4L, 0L, &first)) "back in time"
                 Expect.throwsT<ArgumentException> (fun () -> writer.Add(9L, 0L, &tick)) "a heartbeat")

                Expect.isFalse (File.Exists path || File.Exists(path + ".part")) "no file"))
        testCase "the counts of a file are those of its records" (fun () ->
            inTemp (fun path ->
                let level: PxSz = { Px = Px.Of 5L; Sz = Sz.Of 6L }
                let one = ImmutableArray.Create<PxSz> level
                let at = Instant.Of 3L

                let events =
                    [
                        Event.BookMoved(id, Depth(20, one, ImmutableArray.Create<PxSz>(level, level)), at)
                        Event.BboMoved(id, ValueSome level, ValueSome level, at)
                        Event.Traded(id, Side.Buy, Px.Of 5L, Sz.Of 6L, 1L, at)
                    ]

                write path 2 (events |> List.map (fun e -> { At = 3L; Got = 4L; Event = e }))
                use file = TapeFile.Open path
                Expect.equal file.Totals (TapeTotals(3L, 6L, 1L, 1L, 1L, 3L, 3L)) "three levels, two sides, one trade"
                Expect.equal file.Blocks 2 "blocks of two"))
    ]

let tests = testList "tapes" (laws @ writing)
