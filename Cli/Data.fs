/// From the flags of a back-test to its recording and instrument.
module Vrlg.Cli.Data

open System
open System.Collections.Immutable
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open System.Threading
open Argu
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Cli.Source
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Shell.Report
open Vrlg.Sim

/// What the demo trades, and what an unlisted coin is taken to be.
let btc: Instrument =
    {
        Id = InstrumentId.Of 0
        Venue = VenueId.Of 0
        Name = "BTC"
        Kind = InstrumentKind.Perp
        SzDecimals = 5
        MaxLeverage = 40
        MinNotional = Usd.Of 1_000_000_000L
    }

/// A day, or a day and a time of it, with a zone or without one. Nothing that means another day tomorrow.
let private forms: string[] =
    [|
        "yyyy-MM-dd"
        for between in [ "'T'"; " " ] do
            for time in [ "HH:mm"; "HH:mm:ss"; "HH:mm:ss.FFFFFFF" ] do
                $"yyyy-MM-dd{between}{time}K"
    |]

let private instant (flag: string) (text: string) : Instant =
    let styles = DateTimeStyles.AssumeUniversal ||| DateTimeStyles.AdjustToUniversal

    match DateTime.TryParseExact(text, forms, CultureInfo.InvariantCulture, styles) with
    | true, at when at >= DateTime.UnixEpoch -> Instant.Of((at - DateTime.UnixEpoch).Ticks * 100L)
    | _ -> usage $"{flag} {text}: this is no day and time; write it as 2025-09-04T19:50:00Z (UTC)."

/// The coin to read: as named, else the only one, else the one that the settings state; a default names none.
let coinFiles (folder: RecordingFolder) (named: string option) (values: Values) : CoinFiles =
    match named with
    | Some name when String.IsNullOrWhiteSpace(Setup.coinOf name) ->
        refuse "--coin is empty; name a coin such as BTC, or leave the flag out."
    | Some name -> folder.Find(Setup.coinOf name)
    | None when folder.Coins.Length = 1 -> folder.Find null
    | None ->
        let symbol = Setup.coinOf (values.Text "symbol.name")

        if
            (values.At "symbol.name").Line <> 0
            && folder.Coins
               |> Seq.exists (fun c -> String.Equals(c.Coin, symbol, StringComparison.OrdinalIgnoreCase))
        then
            folder.Find symbol
        else
            folder.Find null

let instrumentOf (listed: Instrument[]) (recording: Source) : struct (Instrument * string list) =
    let known =
        match recording.Made with
        | ValueSome(struct (made, _)) -> [| made |]
        | ValueNone -> listed

    let found =
        known
        |> Array.tryFind (fun i -> String.Equals(i.Name, recording.Coin, StringComparison.OrdinalIgnoreCase))

    match found with
    | Some i -> struct (i, [])
    | None ->
        let decimals = recording.SizeDecimals

        let i =
            { btc with
                Name = recording.Coin
                SzDecimals = min 6 decimals
                MaxLeverage = 1
            }

        let warning =
            $"{recording.Coin} is not in the instrument list: szDecimals {min 6 decimals} was taken from the sizes of the recording"

        struct (i, [ warning ])

let dataWarnings (recording: Source) (setup: RunSetup) (named: string option) : string list =
    let exposure = setup.Values.Exact "exec.max_exposure_btc"
    let symbol = Setup.coinOf (setup.Values.Text "symbol.name")

    [
        if not recording.HasBook then
            "no whole books were recorded: depth beyond the best quotes is unknown"
        if not recording.HasQuotes then
            "no best quotes were recorded: features come from the whole books, about two a second"
        if not recording.HasTrades then
            "no trades were recorded: resting orders fill by crossing quotes only"
        match recording.Made with
        | ValueSome(struct (_, words)) -> words
        | ValueNone -> "no asset context was recorded: mark and oracle are the mid, funding is 0"
        if
            named.IsNone
            && (setup.Values.At "symbol.name").Line <> 0
            && not (String.Equals(symbol, recording.Coin, StringComparison.OrdinalIgnoreCase))
        then
            $"symbol.name means {symbol}, the recording holds {recording.Coin}"
        if exposure < Instrument.lot setup.Instrument then
            $"exec.max_exposure_btc {Exact.show exposure} is below one lot of {recording.Coin}: nothing can be traded"
        if recording.RepeatedTrades > 0 then
            $"{recording.RepeatedTrades} repeated trades were dropped"
        if recording.SkippedRows > 0 then
            $"{recording.SkippedRows} bad rows were left out"
        yield! recording.Oddities recording.Tape setup.Instrument
    ]

/// What to read of a recording, of the texts of --from, --to and the flag --skip-bad.
let spanOf (skipBad: bool) (from: string option) (until: string option) : RecordingOptions =
    let bound name text =
        match text with
        | Some t -> Nullable(instant name t)
        | None -> Nullable()

    let from = bound "--from" from
    let until = bound "--to" until

    if from.HasValue && until.HasValue && from.Value.Ns >= until.Value.Ns then
        refuse "--from is not before --to; nothing lies between them."

    RecordingOptions(skipBad, from, until)

let span (r: ParseResults<BacktestArgs>) : RecordingOptions =
    spanOf (r.Contains BacktestArgs.Skip_Bad) (r.TryGetResult BacktestArgs.From) (r.TryGetResult BacktestArgs.To)
