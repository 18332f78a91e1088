/// Where the market of a run comes from: a folder of recordings, or one native file.
module Vrlg.Cli.Source

open System
open System.Collections.Immutable
open System.IO
open System.Threading
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell.Tapes
open Vrlg.Sim

/// One coin, whatever it was read from.
[<NoComparison; NoEquality>]
type Source =
    {
        Coin: string
        Tape: Tape
        SizeDecimals: int
        HasBook: bool
        HasQuotes: bool
        HasTrades: bool
        RepeatedTrades: int
        SkippedRows: int
        /// What looks wrong in it and was taken all the same. The tape is handed over, for that of a file is closed with it.
        Oddities: Tape -> Instrument -> string list
        /// The sentences of the first bad rows.
        Skipped: ImmutableArray<string>
        /// Of a synthetic market: its instrument, and what is known of it.
        Made: struct (Instrument * string) voption
    }

    /// What its figures may claim, and the label of it.
    member s.Tier: struct (string * string) =
        if s.Made.IsSome then
            struct (DataTier.Synthetic, DataTier.syntheticLabel)
        else
            DataTier.ofRecording s.HasBook s.HasQuotes s.HasTrades

/// Sentences about a recording's odd rows, with their counts.
let private oddities (older: int) (stepped: int) (crossed: int) (tape: Tape) (i: Instrument) : string list =
    let records = tape.Fork()
    let mutable offGrid = 0

    for k in 0 .. records.Count - 1 do
        let event = records.Event k

        if not (Recording.IsOnGrid(i, &event)) then
            offGrid <- offGrid + 1

    [
        if older > 0 then
            let them = counted (int64 older) "trade"
            $"{them} from before the first book or best quote were left out: the venue sends recent trades again when a recorder connects"
        if stepped > 0 then
            let them = counted (int64 stepped) "row"
            $"{them} of books or best quotes stepped back in venue time by more than 1 s and were sorted in: check the recorder's clock and units"
        if crossed > 0 then
            let them = counted (int64 crossed) "record"
            $"{them} of books or best quotes crossed: the bid is not below the ask"
        if offGrid > 0 then
            let them = counted (int64 offGrid) "record"
            $"{them} with a price off the venue's grid for {i.Name} (szDecimals {i.SzDecimals}): check the instrument list and the recorder"
    ]

let ofRecording (r: Recording) : Source =
    // A run begins with the first price.
    let from = r.OlderTrades
    let tape = MemoryTape(r.VenueAt[from..], r.RecvAt[from..], r.Events[from..])

    {
        Coin = r.Coin
        Tape = tape
        SizeDecimals = r.SizeDecimals
        HasBook = r.HasBook
        HasQuotes = r.HasQuotes
        HasTrades = r.HasTrades
        RepeatedTrades = r.RepeatedTrades
        SkippedRows = r.SkippedRows
        Skipped = r.Skipped
        Made = ValueNone
        Oddities = oddities r.OlderTrades r.SteppedBack r.Crossed
    }

/// The kinds of record in a span of a file; the whole file's are stated at its end.
let private kinds (file: TapeFile) (tape: FileTape) : struct (bool * bool * bool) =
    let totals = file.Totals

    if int64 tape.Count = totals.Records then
        struct (totals.Books > 0L, totals.Quotes > 0L, totals.Trades > 0L)
    else
        let mutable book = false
        let mutable quotes = false
        let mutable trades = false
        let mutable i = 0

        while i < tape.Count && not (book && quotes && trades) do
            match tape.KindAt i with
            | EventKind.BookMoved -> book <- true
            | EventKind.BboMoved -> quotes <- true
            | EventKind.Traded -> trades <- true
            | _ -> ()

            i <- i + 1

        struct (book, quotes, trades)

/// The same tape from the instant of its first price on, and how many trades are older; empty where no price is.
let private fromFirstPrice (tape: FileTape) (file: TapeFile) (span: RecordingOptions) : struct (FileTape * int) =
    let mutable first = 0
    let mutable trades = 0

    // Blocks of before the first price mean as little as trades.
    let isEarly kind =
        match kind with
        | EventKind.Traded
        | EventKind.BlockSealed
        | EventKind.FeedLost
        | EventKind.FeedBack -> true
        | _ -> false

    while first < tape.Count && isEarly (tape.KindAt first) do
        if tape.KindAt first = EventKind.Traded then
            trades <- trades + 1

        first <- first + 1

    if first = 0 then
        struct (tape, 0)
    else
        let from =
            if first < tape.Count then
                Instant.Of(tape.VenueAt first)
            else
                Instant.Of Int64.MaxValue

        let kept = FileTape.Of(file, Nullable from, span.To)
        struct (kept, trades)

/// The records of a native file between two venue instants. The file stays open as long as its tape is read.
let ofFile (file: TapeFile) (named: string option) (span: RecordingOptions) : Source =
    let coins = file.Head.Coins

    if coins.Length <> 1 then
        refuse $"{file.Path}: the file holds {coins.Length} instruments; a back-test reads files of one coin."

    match named with
    | Some name when not (String.Equals(Setup.coinOf name, coins[0], StringComparison.OrdinalIgnoreCase)) ->
        refuse
            $"{file.Path}: the file holds {coins[0]}, not {Setup.coinOf name}. Leave --coin out, or name its own file."
    | _ -> ()

    let struct (tape, early) =
        fromFirstPrice (FileTape.Of(file, span.From, span.To)) file span

    if tape.Count = 0 then
        refuse $"{file.Path}: no book and no best quote lies in the span asked for. Widen --from and --to."

    let struct (book, quotes, trades) = kinds file tape

    {
        Coin = coins[0]
        Tape = tape
        SizeDecimals = file.Head.SizeDecimals
        HasBook = book
        HasQuotes = quotes
        HasTrades = trades
        RepeatedTrades = file.Head.RepeatedTrades
        SkippedRows = file.Head.SkippedRows
        Skipped = ImmutableArray.Empty
        Made = ValueNone
        Oddities = oddities early file.Head.SteppedBack file.Head.Crossed
    }

/// A coin of a folder, read whole.
let ofFolder (files: CoinFiles) (options: RecordingOptions) (stop: CancellationToken) : Source =
    withProgress $"1 of 2: reading {files.Coin}" (fun show ->
        Recording.Read(files, InstrumentId.Of 0, options, Action<float> show, stop))
    |> ofRecording

/// Whether `--data` names a synthetic market.
let isMade (data: string) =
    data.StartsWith(SyntheticName.prefix, StringComparison.Ordinal)

/// The market that `--data synthetic:...` names, between two instants.
let ofMade (data: string) (btc: Instrument) (named: string option) (span: RecordingOptions) : Source =
    match SyntheticName.parse data with
    | Error sentence -> refuse $"--data {data}: {sentence}. Write it as synthetic:strong,tick=wide,seed=1,minutes=60."
    | Ok name ->
        let instrument = SyntheticName.instrument btc name

        match named with
        | Some coin when not (String.Equals(Setup.coinOf coin, instrument.Name, StringComparison.OrdinalIgnoreCase)) ->
            refuse $"--coin {coin}: this synthetic market trades {instrument.Name}. Leave --coin out."
        | _ -> ()

        let whole = Synthetic.make (SyntheticName.config btc name)

        let isIn (i: int) =
            let at = whole.VenueAt i

            (not span.From.HasValue || at >= span.From.Value.Ns)
            && (not span.To.HasValue || at < span.To.Value.Ns)

        let kept =
            [|
                for i in 0 .. whole.Count - 1 do
                    if isIn i then
                        i
            |]

        if kept.Length = 0 then
            refuse $"--data {data}: nothing of it lies between --from and --to."

        {
            Coin = instrument.Name
            Tape = MemoryTape(Array.map whole.VenueAt kept, Array.empty, Array.map whole.Event kept)
            SizeDecimals = instrument.SzDecimals
            HasBook = true
            HasQuotes = true
            HasTrades = true
            RepeatedTrades = 0
            SkippedRows = 0
            Oddities = (fun _ _ -> [])
            Skipped = ImmutableArray.Empty
            Made = ValueSome(struct (instrument, SyntheticName.words btc name))
        }

/// Whether what `--data` names is a file: then it must be a native one.
let isFile (path: string) = File.Exists path
