/// `vrlg sweep`: many sets of settings over one recording.
module Vrlg.Cli.SweepVerb

open System
open System.Collections.Immutable
open System.IO
open System.Security.Cryptography
open System.Threading
open Argu
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Cli.Source
open Vrlg.Cli.SweepInput
open Vrlg.Cli.SweepOutput
open Vrlg.Cli.SweepRun
open Vrlg.Core
open Vrlg.Shell.Sweep
open Vrlg.Shell.Tapes
open Vrlg.Sim

/// SHA-256 over files, each after its name.
let private hashOf (files: (string | null) list) : string =
    use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

    for file in files do
        match file with
        | null -> hash.AppendData [| 0uy |]
        | path ->
            hash.AppendData(Text.Encoding.UTF8.GetBytes(string (Path.GetFileName path)))
            hash.AppendData(Load.bytes path)

    Convert.ToHexStringLower(hash.GetHashAndReset())

/// What is swept over.
[<NoComparison; NoEquality>]
type private Material =
    {
        Instrument: Instrument
        Tape: Tape
        /// Made once, shared by every set.
        Mids: MidPath
        Tier: string
        DataSha256: string
        /// The delays of a set; recorded requests are read once.
        Latency: Values -> LatencyConfig
        Warnings: string list
    }

/// A copy of the records in memory: points that are judged at once read it at different places.
let private inMemory (tape: Tape) : Tape =
    MemoryTape(Array.init tape.Count tape.VenueAt, Array.init tape.Count tape.RecvAt, Array.init tape.Count tape.Event)

/// The source that --data names, with the hash of its files.
let private source (r: ParseResults<SweepArgs>) (asked: Asked) (stop: CancellationToken) : struct (Source * string) =
    let named = r.TryGetResult SweepArgs.Coin
    let data = r.GetResult SweepArgs.Data

    let options =
        Data.spanOf (r.Contains SweepArgs.Skip_Bad) (r.TryGetResult SweepArgs.From) (r.TryGetResult SweepArgs.To)

    if Source.isMade data then
        struct (Source.ofMade data Data.btc named options, Load.sha256 data)
    elif Source.isFile data then
        use file = TapeFile.Open data
        let read = Source.ofFile file named options
        struct ({ read with Tape = inMemory read.Tape }, hashOf [ data ])
    else
        let files = Data.coinFiles (RecordingFolder.Scan data) named asked.Base
        struct (Source.ofFolder files options stop, hashOf [ files.Book; files.Quotes; files.Trades; files.Blocks ])

let private read (r: ParseResults<SweepArgs>) (asked: Asked) (stop: CancellationToken) : Material =
    let struct (recording, hash) = source r asked stop

    let instruments =
        Load.listed (r.TryGetResult SweepArgs.Instruments) (r.TryGetResult SweepArgs.Config)

    let struct (instrument, unlisted) = Data.instrumentOf instruments recording

    let setup: RunSetup =
        {
            Values = asked.Base
            Instrument = instrument
        }

    let struct (tape, clock) =
        LatencyFile.receipts (r.GetResult SweepArgs.Data) asked.Base recording.Tape

    let rows = LatencyFile.ofValues asked.Base

    for sentence in recording.Skipped do
        say $"left out: {sentence}"

    let struct (tier, _) = recording.Tier

    let material: Material =
        {
            Instrument = instrument
            Tape = tape
            Mids = Backtest.mids setup tape
            Tier = tier
            DataSha256 = hash
            Latency = (fun values -> Timing.config values rows)
            Warnings =
                unlisted
                @ clock
                @ Data.dataWarnings recording setup (r.TryGetResult SweepArgs.Coin)
        }

    material

/// What makes this sweep the one that it is: a resumed one must agree in all of it.
let private facts (r: ParseResults<SweepArgs>) (asked: Asked) (m: Material) : (string * string) list =
    let span name flag = name, defaultArg flag ""

    let setup: RunSetup =
        {
            Values = asked.Base
            Instrument = m.Instrument
        }

    [
        "config_sha256", Load.sha256 (Setup.text setup)
        "data_sha256", m.DataSha256
        "order_file_sha256",
        (Timing.file asked.Base
         |> ValueOption.map (fun f -> hashOf [ f ])
         |> ValueOption.defaultValue "")
        "grid", String.Join("; ", asked.Plan.Axes |> Seq.map (fun a -> $"{a.Key.Path}={SweepText.axisText a}"))
        "sampler", samplerName asked.Plan.Sampler
        "points", string (Sweep.size asked.Plan)
        "seed", string asked.Plan.Seed
        "folds", string asked.Folds
        "screen", string asked.Screen
        span "from" (r.TryGetResult SweepArgs.From)
        span "to" (r.TryGetResult SweepArgs.To)
        "skip_bad", (if r.Contains SweepArgs.Skip_Bad then "true" else "false")
        "build", Pipeline.build ()
    ]

/// The folds of a sweep; a walk-forward that leaves nothing to learn from is refused, a hold-out is left out with a
/// warning.
let private cuts (asked: Asked) (span: Window) : struct (ImmutableArray<Fold> * string list) =
    let length = $"{float (span.To - span.From) / 1e9:``0``} s"
    let gap = $"{asked.Purge.Seconds:``0``} s"

    if asked.Folds > 0 then
        let folds = Sweep.walkForward span asked.Folds asked.Purge
        let first = folds[0].Train

        if first.To <= first.From then
            refuse (
                $"--walk-forward: the data lasts {length}; with {asked.Folds} folds and a purge gap of {gap} "
                + "nothing is left to choose on. Take fewer --folds or more data."
            )

        struct (folds, [])
    else
        let folds = Sweep.holdOut span asked.Purge
        let first = folds[0].Train

        if first.To <= first.From then
            let warning =
                $"the data lasts {length}, less than a hold-out with a purge gap of {gap} needs: "
                + "overfitting cannot be shown"

            struct (ImmutableArray.Empty, [ warning ])
        else
            struct (folds, [])

/// A progress bar over `count` points.
let private over (what: string) (count: int) (work: (float -> unit) -> 'a) : 'a =
    withProgress $"{what}: {count} points" (fun show ->
        let behind = ref 0.0
        let gate = Lock()

        work (fun more ->
            lock gate (fun () ->
                behind.Value <- behind.Value + more
                show (behind.Value / float (max 1 count)))))

let private touchBench (asked: Asked) (m: Material) (span: Window) (tape: TouchTape) (rule: TouchRule) : Bench =
    {
        Tier = Tiers.first rule
        Values = asked.Values
        Evaluate = Together.touching m.Latency rule m.Instrument span m.Mids tape
    }

/// Tier 1 over every set, Tier 2 over the best and some others; all of them when the tiers disagree.
let private screened (store: Store) (asked: Asked) (m: Material) (whole: Bench) (folds: int) =
    let tape = TouchTape.pack m.Instrument.Id m.Tape
    let bench = touchBench asked m (Tiers.span m.Tape) tape
    let count = Sweep.size asked.Plan

    let strict =
        over (Tiers.first Tiers.both[1]) count (fun e -> store.Search(bench Tiers.both[1], asked.Plan, e))

    let points = strict |> Seq.map (fun j -> j.Point) |> ImmutableArray.CreateRange

    let loose =
        over (Tiers.first Tiers.both[0]) count (fun e -> store.Judge(bench Tiers.both[0], points, e))

    let chosen = Sweep.confirm strict folds asked.Screen

    let confirmed =
        over whole.Tier chosen.Length (fun e -> store.Judge(whole, chosen, e))

    let ids = chosen |> Seq.map (fun p -> p.Id) |> Set.ofSeq

    let correlation (rule: ImmutableArray<Judged>) =
        let same =
            rule
            |> Seq.filter (fun j -> ids.Contains j.Point.Id)
            |> ImmutableArray.CreateRange

        Sweep.agreement same (fun j -> j.Whole) confirmed (fun j -> j.Whole)

    let correlations =
        ImmutableArray.Create<float voption>(correlation loose, correlation strict)

    let screening: Screening =
        {
            ByRule = ImmutableArray.Create<ImmutableArray<Judged>>(loose, strict)
            Correlations = correlations
            Compared = confirmed.Length
            Stands = Sweep.trusts correlations[1]
        }

    if screening.Stands then
        struct (confirmed, screening)
    else
        struct (over whole.Tier count (fun e -> store.Judge(whole, points, e)), screening)

/// The best set under both ends of what a queue may do, beside the rule in force.
let private interval (store: Store) (asked: Asked) (whole: Bench) (best: Judged) : ImmutableArray<Judged> =
    let under (queue: QueueModel) : Bench =
        { whole with
            Tier = Tiers.second queue
            Values =
                (fun p ->
                    let pairs =
                        ImmutableArray.Create<struct (string * string)>(struct ("sim.queue", Queue.name queue))

                    asked.With p pairs)
        }

    let ends = [ QueueModel.RiskAverse; QueueModel.FrontFirst ] |> List.map under

    let benches =
        if ends |> List.exists (fun b -> b.Tier = best.Tier) then
            ends
        else
            [ ends[0]; whole; ends[1] ]

    benches
    |> Seq.collect (fun b -> store.Judge(b, ImmutableArray.Create<Point> best.Point, ignore))
    |> ImmutableArray.CreateRange

let private isQueueSwept (asked: Asked) =
    asked.Plan.Axes |> Seq.exists (fun a -> a.Key.Path = "sim.queue")

let private search
    (store: Store)
    (asked: Asked)
    (m: Material)
    (folds: ImmutableArray<Fold>)
    (warnings: string list)
    : Found =
    let whole: Bench =
        {
            Tier =
                if isQueueSwept asked then
                    "Tier 2 as swept"
                else
                    Tiers.second (Backtest.queue asked.Base)
            Values = asked.Values
            Evaluate = Together.whole m.Latency m.Instrument m.Mids m.Tape
        }

    let struct (all, screening) =
        if asked.Screen > 0 then
            let struct (all, s) = screened store asked m whole folds.Length
            struct (all, ValueSome s)
        else
            let count = Sweep.size asked.Plan
            struct (over whole.Tier count (fun e -> store.Search(whole, asked.Plan, e)), ValueNone)

    let ranked = Sweep.ranked all
    let best = ranked[0]
    let objective = best.Whole.Objective

    // Every set that was tried, in the tier that tried them all.
    let struct (tried, kept) =
        match screening with
        | ValueSome s when s.Stands -> struct (s.ByRule[1], ValueSome(struct (s.ByRule[1], asked.Screen)))
        | _ -> struct (all, ValueNone)

    let scores = tried |> Seq.map (fun j -> j.Whole) |> ImmutableArray.CreateRange

    {
        Coin = m.Instrument.Name
        Span = Tiers.span m.Tape
        Events = m.Tape.Count
        DataTier = m.Tier
        ConfigSha256 = Load.sha256 (Reader.show asked.Base)
        DataSha256 = m.DataSha256
        Plan = asked.Plan
        FillTier = whole.Tier
        IsWalkForward = asked.Folds > 0
        Purge = asked.Purge
        Screening = screening
        Ranked = ranked
        Interval = interval store asked whole best
        Folds = Sweep.folds folds kept all
        Deflation = Sweep.deflate (Sweep.size asked.Plan) scores best.Whole
        Warnings =
            ImmutableArray.CreateRange
                [
                    yield! m.Warnings
                    yield! warnings
                    if Seq.forall (fun (j: Judged) -> j.Whole.Figure "trades" = ValueSome 0.0) ranked then
                        "no set traded at all: a back-test of one of them says which gates kept it out"
                    else
                        match
                            ranked
                            |> Seq.filter (fun j -> Sweep.compare' j.Whole best.Whole = 0)
                            |> Seq.length
                        with
                        | 1 -> ()
                        | n -> $"{n} sets are equally good: the first of them stands for all"
                    if ValueOption.isNone objective then
                        "no set has an objective, which needs a net gain and two closed trades: "
                        + "the sets are ranked by net result alone"
                    if asked.Plan.Sampler = Sampler.Tpe then
                        "the sampler saw the whole span when it chose its sets: "
                        + "out-of-sample figures are kinder than they should be"
                ]
    }

let private write (folder: SweepFolder) (found: Found) : string =
    let json = json found
    folder.Write("sweep.json", json)
    folder.Write("report.html", SweepPage.Render($"{found.Coin}: sweep", json))
    ResultFile.WriteAsync(folder.File "results.parquet", columns found).GetAwaiter().GetResult()
    json

let private openFolder (r: ParseResults<SweepArgs>) (path: string) (facts: (string * string) list) : SweepFolder =
    if r.Contains SweepArgs.Resume then
        let folder = SweepFolder.Open path
        SweepText.samePlan folder.Path (folder.ReadPlan()) facts
        folder
    else
        SweepFolder.Create(path, r.Contains SweepArgs.Force, SweepText.planText facts)

let run (r: ParseResults<SweepArgs>) : int =
    let asked = ask r
    use stop = Pipeline.stopper ()
    let m = read r asked stop.Token
    let asked = ofCoin m.Instrument.Name asked
    let struct (folds, warnings) = cuts asked (Tiers.span m.Tape)
    let facts = facts r asked m
    let hash = Load.sha256 (SweepText.planText facts)

    let path =
        r.GetResult(SweepArgs.Out, $"runs/sweep-{m.Instrument.Name}-{hash.Substring(0, 8)}")

    use folder = openFolder r path facts
    folder.Write("config.effective.toml", Reader.show asked.Base)

    let store =
        Store(folder, Judging.judge, Sweep.windows (Tiers.span m.Tape) folds, asked.Workers, stop.Token)

    store.Load(folder.ReadPoints(), asked.Plan.Axes.Length)
    // Not before: what is refused leaves a finished sweep finished.
    folder.Mark()

    try
        let found = search store asked m folds warnings
        let json = write folder found
        let isJson = r.Contains SweepArgs.Json

        if isJson then
            Console.Out.Write json
        else
            SweepTable.show found

        // The answer is out before an older sweep is replaced: what fails there costs no results.
        folder.Complete store.Lines

        if not isJson then
            Console.Out.WriteLine()
            Console.Out.WriteLine(folder.File "report.html")

        Exit.done'
    with :? OperationCanceledException ->
        say $"stopped: {store.Count} judged points are kept in {folder.Path}; continue with --resume."
        Exit.interrupted
