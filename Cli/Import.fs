/// `vrlg import` and `vrlg verify`: recordings as native files, and what such a file holds.
module Vrlg.Cli.Import

open System
open System.Collections.Immutable
open System.Globalization
open System.IO
open Argu
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell.Tapes
open Vrlg.Sim

/// The tier that a back-test of the file claims; a file of single levels has none.
let private tier (t: TapeTotals) =
    if t.Books + t.Quotes = 0L then
        "levels"
    else
        let struct (tier, _) =
            DataTier.ofRecording (t.Books > 0L) (t.Quotes > 0L) (t.Trades > 0L)

        tier

let private per (bytes: int64) (count: int64) =
    if count = 0L then 0.0 else float bytes / float count

let private printJson (file: TapeFile) =
    let t = file.Totals

    JsonOut.print (fun w ->
        w.WriteStartObject()
        w.WriteStartArray "coins"

        for coin in file.Head.Coins do
            w.WriteStringValue coin

        w.WriteEndArray()
        w.WriteString("from", string (Instant.Of t.From))
        w.WriteString("to", string (Instant.Of t.To))
        w.WriteString("data_tier", tier t)
        w.WriteNumber("records", t.Records)
        w.WriteNumber("levels", t.Levels)
        w.WriteNumber("books", t.Books)
        w.WriteNumber("quotes", t.Quotes)
        w.WriteNumber("trades", t.Trades)
        w.WriteNumber("repeated_trades", file.Head.RepeatedTrades)
        w.WriteNumber("skipped_rows", file.Head.SkippedRows)
        w.WriteNumber("size_decimals", file.Head.SizeDecimals)
        w.WriteNumber("blocks", file.Blocks)
        w.WriteNumber("bytes", file.Bytes)
        w.WriteNumber("bytes_per_event", Math.Round(decimal (per file.Bytes t.Records), 3))
        w.WriteNumber("bytes_per_level", Math.Round(decimal (per file.Bytes t.Levels), 3))
        w.WriteEndObject())

let private show (file: TapeFile) =
    let t = file.Totals

    let decimals (v: float) =
        v.ToString("0.##", CultureInfo.InvariantCulture)

    pairs
        file.Path
        [
            "coin", String.Join(", ", file.Head.Coins)
            "span", $"{Instant.Of t.From} to {Instant.Of t.To}"
            "data tier", tier t
            "records", whole t.Records
            "books, quotes, trades", $"{whole t.Books}, {whole t.Quotes}, {whole t.Trades}"
            "levels", whole t.Levels
            "repeated trades dropped", whole (int64 file.Head.RepeatedTrades)
            "bad rows left out", whole (int64 file.Head.SkippedRows)
            "size", $"{whole file.Bytes} bytes in {whole (int64 file.Blocks)} blocks"
            "bytes a record", decimals (per file.Bytes t.Records)
            "bytes a level", decimals (per file.Bytes t.Levels)
            // A file that is open was read through.
            "checksums", "all match"
        ]

let private answer (file: TapeFile) (asJson: bool) =
    if asJson then printJson file else show file

let private write (path: string) (coin: string) (r: Recording) (stop: Threading.CancellationToken) =
    withProgress $"{coin}: writing" (fun progress ->
        let head =
            TapeHead(
                ImmutableArray.Create<string>(item = coin),
                r.SizeDecimals,
                r.RepeatedTrades,
                r.SkippedRows,
                r.SteppedBack,
                r.Crossed
            )

        use writer = new TapeWriter(path, head)

        for i in 0 .. r.Events.Length - 1 do
            if i &&& 0xFFF = 0 then
                stop.ThrowIfCancellationRequested()
                progress (float i / float r.Events.Length)

            writer.Add(r.VenueAt[i], r.RecvAt[i], &r.Events[i])

        writer.Finish())

let run (stop: Threading.CancellationToken) (r: ParseResults<ImportArgs>) : int =
    let out = r.GetResult ImportArgs.Out

    if Directory.Exists out then
        refuse $"{out}: this is a folder. Name a file with --out."

    if File.Exists out && not (r.Contains ImportArgs.Force) then
        refuse $"{out}: the file is there already. Use --force to write it anew, or another --out."

    let folder = RecordingFolder.Scan(r.GetResult ImportArgs.Data)
    let coin = r.TryGetResult ImportArgs.Coin |> Option.map Setup.coinOf |> Option.toObj
    let files = folder.Find coin
    let options = RecordingOptions(r.Contains ImportArgs.Skip_Bad)

    let recording =
        withProgress $"{files.Coin}: reading" (fun progress ->
            Recording.Read(files, InstrumentId.Of 0, options, Action<float> progress, stop))

    for sentence in recording.Skipped do
        say $"left out: {sentence}"

    write out files.Coin recording stop
    use file = TapeFile.Open out
    answer file (r.Contains ImportArgs.Json)
    Exit.done'

/// Reads every record of a file, not its checksums alone.
let verify (r: ParseResults<VerifyArgs>) : int =
    use file = TapeFile.Open(r.GetResult VerifyArgs.File)

    withProgress $"{file.Path}: reading" (fun progress ->
        let tape = FileTape.Of file
        let mutable last = Int64.MinValue

        for i in 0 .. tape.Count - 1 do
            let at = tape.VenueAt i

            if at < last then
                refuse $"{file.Path}: record {i} goes back in time. Make the file anew with `vrlg import`."

            last <- at

            if i &&& 0xFFFF = 0 then
                progress (float i / float tape.Count))

    answer file (r.Contains VerifyArgs.Json)
    Exit.done'
