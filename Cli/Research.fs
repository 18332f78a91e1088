/// `vrlg demo`, `vrlg backtest`, `vrlg report`: what is run and where from.
module Vrlg.Cli.Research

open System
open System.Collections.Immutable
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open System.Threading
open Argu
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Args
open Vrlg.Cli.Pipeline
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Shell.Report
open Vrlg.Shell.Tapes
open Vrlg.Sim

// ---- demo ----

let demo (r: ParseResults<DemoArgs>) : int =
    let seed = r.GetResult(DemoArgs.Seed, 1L)

    if seed < 0L then
        refuse $"--seed {seed}: the seed must not be negative."

    let slots = r.GetResult(DemoArgs.Slots, 0)

    if slots <> 0 && (slots < 2 || slots > 600) then
        refuse $"--slots {slots}: a rotation has 2 to 600 slots."

    // The demo shows the document's strategy as it is written; its detector knows no slots.
    let sets =
        ImmutableArray.Create<struct (string * string)>(
            struct ("sim.seed", string seed),
            struct ("signal.detector", (if slots = 0 then "document" else "valid"))
        )

    let values = Load.settings None sets
    let c = Synthetic.demo Data.btc seed slots

    let material =
        {
            Setup =
                {
                    Values = values
                    Instrument = Data.btc
                }
            Tape = Synthetic.make c
            Latency = Backtest.latency values
            Tier = DataTier.Synthetic
            TierLabel = DataTier.syntheticLabel
            Warnings =
                ImmutableArray.Create<string>(
                    $"synthetic market: every {Synthetic.turn c} the top of the book thins by {100.0 * c.Thinner} percent, the spread widens by {c.Wider} ticks"
                )
            RepeatedTrades = 0
            SkippedRows = 0
        }

    let output =
        {
            Folder = r.GetResult(DemoArgs.Out, $"runs/demo-{seed}")
            Stage = ""
            Hint =
                $"The market turns every {Synthetic.turn c}. Where such an effect pays: "
                + "vrlg backtest --data synthetic:strong,tick=wide; where there is none: --data synthetic:none "
                + "(docs/strategies/vrlg.md)."
            Force = r.Contains DemoArgs.Force
            Renews = not (r.Contains DemoArgs.Out)
            Json = r.Contains DemoArgs.Json
            FifoLots = r.Contains DemoArgs.Fifo_Lots
        }

    go material seed output

// ---- back-test ----

let backtest (r: ParseResults<BacktestArgs>) : int =
    let named = r.TryGetResult BacktestArgs.Coin
    let config = r.TryGetResult BacktestArgs.Config
    let given = Load.sets (r.GetResults BacktestArgs.Set)

    let sets =
        match r.TryGetResult BacktestArgs.Seed with
        | Some seed when seed < 0L -> refuse $"--seed {seed}: the seed must not be negative."
        | Some seed -> given.Add(struct ("sim.seed", string seed))
        | None -> given

    let values = Load.settings config sets

    let instruments = Load.listed (r.TryGetResult BacktestArgs.Instruments) config

    let data = r.GetResult BacktestArgs.Data
    let options = Data.span r
    use stop = stopper ()
    use file: TapeFile | null = if Source.isFile data then TapeFile.Open data else null

    let recording =
        match file with
        | null when Source.isMade data -> Source.ofMade data Data.btc named options
        | null ->
            let files = Data.coinFiles (RecordingFolder.Scan data) named values
            Source.ofFolder files options stop.Token
        | file -> Source.ofFile file named options

    let struct (instrument, unlisted) = Data.instrumentOf instruments recording

    let stated: RunSetup =
        {
            Values = values
            Instrument = instrument
        }

    let values =
        values |> Setup.withTier instrument.Kind |> Setup.withCoin instrument.Name

    let setup: RunSetup =
        {
            Values = values
            Instrument = instrument
        }

    let seed = values.Whole "sim.seed"
    let hash = Load.sha256 (Reader.show values)
    let struct (tape, clock) = LatencyFile.receipts data values recording.Tape

    let struct (tier, tierLabel) = recording.Tier

    let material =
        {
            Setup = setup
            Tape = tape
            Latency = Timing.config values (LatencyFile.ofValues values)
            Tier = tier
            TierLabel = tierLabel
            Warnings = ImmutableArray.CreateRange(unlisted @ clock @ Data.dataWarnings recording stated named)
            RepeatedTrades = recording.RepeatedTrades
            SkippedRows = recording.SkippedRows
        }

    let output =
        {
            Hint = ""
            Stage =
                if isNull file && not (Source.isMade data) then
                    "2 of 2: "
                else
                    ""
            Folder = r.GetResult(BacktestArgs.Out, $"runs/{recording.Coin}-{hash.Substring(0, 8)}-{seed}")
            Force = r.Contains BacktestArgs.Force
            Renews = false
            Json = r.Contains BacktestArgs.Json
            FifoLots = r.Contains BacktestArgs.Fifo_Lots
        }

    for sentence in recording.Skipped do
        say $"left out: {sentence}"

    go material seed output

let report (r: ParseResults<ReportArgs>) : int =
    let folder = RunFolder.Open(r.GetResult ReportArgs.Run)
    Console.Out.WriteLine(ReportPage.Write folder.Path)

    if not folder.IsComplete then
        say
            $"{folder.Path}: this run did not come to its end; its report covers only the part that was done. Run it again for the whole."

    Exit.done'
