/// Points judged side by side: nothing may depend on how many are judged at once, on a stop, or on who judges them.
module Vrlg.Wire.SweepStore

open System
open System.Collections.Immutable
open System.IO
open System.Threading
open Expecto
open Vrlg.Cli
open Vrlg.Cli.SweepRun
open Vrlg.Core
open Vrlg.Shell.Sweep
open Vrlg.Sim

let private inTemp (act: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-store-").FullName

    try
        act folder
    finally
        Directory.Delete(folder, true)

let private instrument = Data.btc

let private tape =
    lazy
        (Synthetic.make
            { Synthetic.usual instrument 5L with
                Length = Duration.OfMs 420_000L
            })

let private mids =
    lazy
        (match Setup.ofPairs ImmutableArray.Empty with
         | Ok values ->
             Backtest.mids
                 {
                     Values = values
                     Instrument = instrument
                 }
                 tape.Value
         | Error bad -> failtest bad[0].Sentence)

let private axis path values : Axis =
    {
        Key = ScalperKeys.all |> Seq.find (fun k -> k.Path = path)
        Values = AxisValues.Listed(ImmutableArray.CreateRange<string> values)
    }

let private axes =
    ImmutableArray.Create<Axis>(
        axis "signal.x" [ "0.15"; "0.3" ],
        axis "exec.order_ttl_ms" [ "600"; "1400" ],
        axis "signal.y" [ "1"; "2" ]
    )

let private plan: SweepPlan =
    {
        Axes = axes
        Sampler = Sampler.Grid
        Trials = 0
        Seed = 5L
    }

/// A detector that is always active, and fees that let a set earn something.
let private eager =
    ImmutableArray.CreateRange
        [
            struct ("sim.seed", "5")
            struct ("signal.detector", "document")
            struct ("signal.p_max", "1")
            struct ("signal.M", "3")
            struct ("fees.maker_bps", "-1")
            struct ("fees.taker_bps", "0")
        ]

let private values (p: Point) =
    match Setup.ofPairs (eager.AddRange(Grid.pairs axes p)) with
    | Ok v -> v
    | Error bad -> failtest bad[0].Sentence

let private bench: Lazy<Bench> =
    lazy
        {
            Tier = "Tier 2 RiskAverse"
            Values = values
            Evaluate = Together.whole Backtest.latency instrument mids.Value tape.Value
        }

let private windows () =
    let span = Tiers.span tape.Value
    Sweep.windows span (Sweep.holdOut span (Duration.OfMs 60_000L))

let private store path workers (stop: CancellationToken) =
    Store(SweepFolder.Create(path, true, "{}\n"), Judging.judge, windows (), workers, stop)

let private lines (s: Store) = Seq.toList s.Lines

let private known key path : Key =
    {
        Path = path
        Kind = Kind.Whole(0L, 9L)
        Default = "1"
        Unit = ""
        Meaning = key
    }

let tests =
    testList
        "sweep store"
        [
            testCase "one worker and many judge the same, and the same as every set by itself" (fun () ->
                inTemp (fun temp ->
                    let one = store (Path.Combine(temp, "a")) 1 CancellationToken.None
                    let many = store (Path.Combine(temp, "b")) 7 CancellationToken.None
                    let first = one.Search(bench.Value, plan, ignore)
                    many.Search(bench.Value, plan, ignore) |> ignore
                    Expect.equal first.Length 8 "all sets"
                    Expect.equal (lines many) (lines one) "lines"

                    Expect.isTrue
                        (first
                         |> Seq.exists (fun j -> j.Whole.Figure "trades" |> ValueOption.exists (fun n -> n > 1.0)))
                        "there were trades"

                    for j in first do
                        match
                            (Tiers.whole Backtest.latency instrument mids.Value tape.Value)
                                .Invoke(values j.Point, (fun () -> false))
                        with
                        | ValueSome outcome ->
                            let alone =
                                { j with
                                    Scores = Judging.judge.Invoke(outcome, windows ())
                                }

                            Expect.equal (SweepText.line alone) (SweepText.line j) "a set by itself"
                        | ValueNone -> failtest "it was not stopped"))
            testCase "a stop keeps what is done, and going on from there ends the same" (fun () ->
                inTemp (fun temp ->
                    let whole = store (Path.Combine(temp, "a")) 2 CancellationToken.None
                    whole.Search(bench.Value, plan, ignore) |> ignore
                    use stop = new CancellationTokenSource()
                    let path = Path.Combine(temp, "b")
                    let broken = store path 2 stop.Token
                    let behind = ref 0.0
                    let gate = Lock()

                    let progress more =
                        lock gate (fun () ->
                            behind.Value <- behind.Value + more

                            if behind.Value >= 3.0 then
                                stop.Cancel())

                    let slow =
                        { bench.Value with
                            Evaluate =
                                EvaluateAll(fun sets stopped progress ->
                                    let one = Tiers.whole Backtest.latency instrument mids.Value tape.Value

                                    ImmutableArray.CreateRange
                                        [
                                            for i in 0 .. sets.Length - 1 do
                                                one.Invoke(sets[i], stopped)
                                                progress.Invoke(float (i + 1) / float sets.Length)
                                        ])
                        }

                    Expect.throwsT<OperationCanceledException>
                        (fun () -> broken.Search(slow, plan, progress) |> ignore)
                        "it says that it was stopped"

                    Expect.isGreaterThanOrEqual broken.Count 3 "what is done is kept"
                    Expect.isLessThan broken.Count 8 "the rest is not"
                    let folder = SweepFolder.Open path
                    let on = Store(folder, Judging.judge, windows (), 2, CancellationToken.None)
                    on.Load(folder.ReadPoints(), axes.Length)
                    Expect.equal on.Count broken.Count "taken over"
                    on.Search(bench.Value, plan, ignore) |> ignore
                    Expect.equal (lines on) (lines whole) "the same end"))
            testCase "Tier 1 is the same for any number of workers too, and carries its rule" (fun () ->
                inTemp (fun temp ->
                    let packed = TouchTape.pack instrument.Id tape.Value

                    let bench rule : Bench =
                        { bench.Value with
                            Tier = Tiers.first rule
                            Evaluate =
                                Together.touching
                                    Backtest.latency
                                    rule
                                    instrument
                                    (Tiers.span tape.Value)
                                    mids.Value
                                    packed
                        }

                    let judged name workers =
                        let s = store (Path.Combine(temp, name)) workers CancellationToken.None

                        for rule in Tiers.both do
                            s.Search(bench rule, plan, ignore) |> ignore

                        lines s

                    let one = judged "a" 1
                    Expect.equal (judged "b" 3) one "lines"
                    Expect.equal one.Length 16 "both rules"

                    Expect.isTrue
                        (one
                         |> List.forall (fun l ->
                             l.Contains "\"tier\":\"Tier 1 TouchAt\""
                             || l.Contains "\"tier\":\"Tier 1 TouchThrough(1)\""))
                        "labels"))
            testCase "a line reads back as it was written" (fun () ->
                let figures =
                    ImmutableArray.CreateRange
                        [
                            struct ("objective", ValueSome 0.1)
                            struct ("net_usd", ValueSome -1.0e-9)
                            struct ("hit_rate", ValueNone)
                        ]

                let score: Score =
                    {
                        Objective = ValueSome 0.1
                        Net = -1.0e-9
                        Figures = figures
                    }

                let j: Judged =
                    {
                        Point =
                            {
                                Id = 7
                                At = ImmutableArray.Create<int>(1, 0, 2)
                            }
                        Tier = "Tier 2 PowerC:3"
                        Scores = ImmutableArray.Create<Score>(score, score)
                    }

                let text = SweepText.line j
                Expect.equal (SweepText.line (SweepText.judged "f" 3 2 1 text)) text "the same line"

                for bad in
                    [
                        "{"
                        "{}"
                        text.Replace("\"id\":7", "\"id\":\"x\"")
                        text.Replace("[1,0,2]", "[1,0]")
                    ] do
                    Expect.throwsT<Screen.Refusal> (fun () -> SweepText.judged "f" 3 2 1 bad |> ignore) bad)
            testCase "a bare key is found where it is unique, else the sentence lists who it could be" (fun () ->
                let keys =
                    ImmutableArray.CreateRange [ known "" "signal.x"; known "" "exec.size"; known "" "risk.size" ]

                let path name =
                    match SweepInput.find keys name with
                    | Ok k -> k.Path
                    | Error sentence -> sentence

                Expect.equal (path "x") "signal.x" "bare"
                Expect.equal (path "signal.x") "signal.x" "in full"
                Expect.stringContains (path "size") "exec.size, risk.size" "both candidates"
                Expect.stringContains (path "sizes") "did you mean" "a near one")
        ]
