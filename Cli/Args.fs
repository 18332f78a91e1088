/// The command line, as Argu reads it.
module Vrlg.Cli.Args

open Argu
open Vrlg.Cli.ConformanceArguments
open Vrlg.Cli.VenueArguments
open Vrlg.Cli.VerifyOrderArguments

type DemoArgs =
    | [<Unique>] Out of folder: string
    | [<Unique>] Seed of number: int64
    | [<Unique>] Slots of number: int
    | Force
    | Json
    | Fifo_Lots

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Out _ -> "folder of the run; default runs/demo-SEED"
            | Seed _ -> "of the market and the latency draws; the run's number; default 1"
            | Slots _ ->
                "proposers whose blocks are told, 2 to 600: the rotation is one of slots, and the detector the valid one"
            | Force -> "write an existing run folder anew"
            | Json -> "print one JSON object, equal to summary.json"
            | Fifo_Lots -> "print the hit rate by matched lots, first in first out, beside that by round trips"

type BacktestArgs =
    | [<Unique>] Config of file: string
    | [<Mandatory; Unique>] Data of folder: string
    | [<Unique>] Coin of name: string
    | [<Unique>] Out of folder: string
    | Force
    | [<Unique>] Seed of number: int64
    | [<Unique>] From of time: string
    | [<Unique>] To of time: string
    | Set of assignment: string
    | [<Unique>] Instruments of file: string
    | Skip_Bad
    | Json
    | Fifo_Lots

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Config _ -> "settings (.toml, .json, .yaml); without it the defaults are in force"
            | Data _ ->
                "folder with l2_COIN, bbo_COIN, trades_COIN as .csv or .csv.gz, a file that `vrlg import` made, or a made market: synthetic:strong,tick=wide"
            | Coin _ -> "which coin; may be left out when the folder holds one; wins over symbol.name"
            | Out _ -> "folder of the run; default runs/COIN-CONFIGHASH-SEED"
            | Force -> "write an existing run folder anew"
            | Seed _ -> "of the latency draws; the run's number; wins over sim.seed"
            | From _ -> "first instant, UTC, such as 2025-09-04T19:50:00Z"
            | To _ -> "first instant left out, UTC"
            | Set _ -> "KEY=VALUE, wins over the file; may be given again"
            | Instruments _ -> "instrument facts; default instruments.toml beside the settings"
            | Skip_Bad -> "leave bad rows out and count them"
            | Json -> "print one JSON object, equal to summary.json"
            | Fifo_Lots -> "print the hit rate by matched lots, first in first out, beside that by round trips"

type ImportArgs =
    | [<Mandatory; Unique>] Data of folder: string
    | [<Unique>] Coin of name: string
    | [<Mandatory; Unique>] Out of file: string
    | Force
    | Skip_Bad
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Data _ -> "folder with l2_COIN, bbo_COIN, trades_COIN as .csv or .csv.gz"
            | Coin _ -> "which coin; may be left out when the folder holds one"
            | Out _ -> "the native file to write, such as BTC.vt"
            | Force -> "write an existing file anew"
            | Skip_Bad -> "leave bad rows out and count them"
            | Json -> "print one JSON object"

type VerifyArgs =
    | [<MainCommand; ExactlyOnce>] File of file: string
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | File _ -> "a native market-data file"
            | Json -> "print one JSON object"

type SweepArgs =
    | [<Unique>] Config of file: string
    | [<Mandatory; Unique>] Data of folder: string
    | [<Unique>] Coin of name: string
    | [<Mandatory>] Grid of values: string
    | [<Unique>] Trials of count: int
    | [<Unique>] Sampler of name: string
    | [<Unique>] Seed of number: int64
    | Walk_Forward
    | [<Unique>] Folds of count: int
    | [<Unique>] Screen of count: int
    | [<Unique>] Workers of count: int
    | [<Unique>] Out of folder: string
    | Force
    | Resume
    | [<Unique>] From of time: string
    | [<Unique>] To of time: string
    | Set of assignment: string
    | [<Unique>] Instruments of file: string
    | Skip_Bad
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Config _ -> "settings (.toml, .json, .yaml); without it the defaults are in force"
            | Data _ -> "folder with l2_COIN, bbo_COIN, trades_COIN as .csv or .csv.gz"
            | Coin _ -> "which coin; may be left out when the folder holds one; wins over symbol.name"
            | Grid _ ->
                "KEY=a,b,c or, for a sampler, KEY=least..most; a bare key will do where it is unique; may be given again"
            | Trials _ -> "how many sets a sampler tries; default 64"
            | Sampler _ -> "grid (every set, the default), random, or tpe (Parzen estimator)"
            | Seed _ -> "of the sampler and the latency draws; wins over sim.seed"
            | Walk_Forward -> "choose on the past, try on what follows, fold by fold, with a purge gap between"
            | Folds _ -> "how many folds of --walk-forward, 2 to 20; default 4"
            | Screen _ ->
                "confirm this many of the best of a Tier-1 screening in Tier 2; 0, the default, judges all in Tier 2"
            | Workers _ -> "how many points are judged at once; default one a core; changes no result"
            | Out _ -> "folder of the sweep; default runs/sweep-COIN-PLANHASH"
            | Force -> "write an existing sweep folder anew"
            | Resume -> "continue a sweep that was stopped"
            | From _ -> "first instant, UTC, such as 2025-09-04T19:50:00Z"
            | To _ -> "first instant left out, UTC"
            | Set _ -> "KEY=VALUE, wins over the file; may be given again"
            | Instruments _ -> "instrument facts; default instruments.toml beside the settings"
            | Skip_Bad -> "leave bad rows out and count them"
            | Json -> "print one JSON object, equal to sweep.json"

type ReplayArgs =
    | [<MainCommand; ExactlyOnce>] Run of folder: string
    | Diff
    | [<Unique>] At of event: int64
    | [<Unique>] Order of cloid: string
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Run _ -> "the run folder"
            | Diff -> "where replay and journal part, print both sides"
            | At _ -> "the state after event N: markets, gates with their numbers, orders"
            | Order _ -> "the events that caused and ended an order: its cloid or its counter"
            | Json -> "print one JSON object"

type ReportArgs =
    | [<MainCommand; ExactlyOnce>] Run of folder: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Run _ -> "the run folder whose report.html is drawn anew"

type SettingsArgs =
    | [<MainCommand; Unique>] File of file: string
    | [<Unique>] Config of file: string
    | Set of assignment: string
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | File _ -> "settings; without it the defaults are in force"
            | Config _ -> "the same as FILE"
            | Set _ -> "KEY=VALUE, wins over the file; may be given again"
            | Json -> "print one JSON object"

type SchemaArgs =
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Json -> "print one JSON array"

type ExplainArgs =
    | [<MainCommand; ExactlyOnce>] Key of name_and_file: string list
    | [<Unique>] Config of file: string
    | Set of assignment: string
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Key _ ->
                "section.name of a setting (the name alone will do where it is unique), and behind it a settings file, if any"
            | Config _ -> "settings; without them the defaults are in force"
            | Set _ -> "KEY=VALUE, wins over the file; may be given again"
            | Json -> "print one JSON object"

[<RequireSubcommand>]
type ConfigArgs =
    | [<CliPrefix(CliPrefix.None)>] Check of ParseResults<SettingsArgs>
    | [<CliPrefix(CliPrefix.None)>] Show of ParseResults<SettingsArgs>
    | [<CliPrefix(CliPrefix.None)>] Schema of ParseResults<SchemaArgs>
    | [<CliPrefix(CliPrefix.None)>] Explain of ParseResults<ExplainArgs>

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Check _ -> "say every problem of a settings file"
            | Show _ -> "print the settings in force, every key"
            | Schema _ -> "list the settings: range, default, unit, meaning"
            | Explain _ -> "one setting: meaning, unit, range, default, its value and where that was stated"

type FeasibilityArgs =
    | [<Unique>] Config of file: string
    | Set of assignment: string
    | [<Unique>] Data of folder: string
    | [<Unique>] Coin of name: string
    | [<Unique>] Price of usd: string
    | [<Unique>] Instruments of file: string
    | Skip_Bad
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Config _ -> "settings (.toml, .json, .yaml); without it the defaults are in force"
            | Set _ -> "KEY=VALUE, wins over the file; may be given again"
            | Data _ -> "a recording, for prices and spreads; without it and without --price there is no verdict"
            | Coin _ -> "which coin; without it every one of the recording or of the instrument list"
            | Price _ -> "judge at this price, without a recording"
            | Instruments _ -> "instrument facts; default instruments.toml beside the settings"
            | Skip_Bad -> "leave bad rows of the recording out and count them"
            | Json -> "print one JSON array, an object a symbol"

type GateArgs =
    | [<MainCommand; ExactlyOnce>] Runs of folders: string list
    | [<Unique>] Min_Hours of hours: string
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Runs _ -> "run folders of the same settings, one after the other in time"
            | Min_Hours _ -> "hours of trading asked, default 48; fewer are never valid for live"
            | Json -> "print one JSON object, equal to gate.json"

type InspectTomlArgs =
    | [<MainCommand; Unique>] File of file: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | File _ -> "a TOML file; without it standard input is read"

type InspectNumberArgs =
    | [<Mandatory; Unique>] Vectors of file: string
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Vectors _ -> "a JSON array of number-formatting vectors"
            | Json -> "print one JSON object"

type InspectSigningArgs =
    | [<Mandatory; Unique>] Vectors of file: string
    | [<Unique>] Signer of name: string
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Vectors _ -> "a JSON array of signing vectors with their test keys"
            | Signer _ -> "native (libsecp256k1, the default where it is installed) or managed"
            | Json -> "print one JSON object"

type InspectRotationArgs =
    | [<MainCommand; Unique>] File of file: string
    | [<Unique>] Data of folder: string
    | [<Unique>] Coin of name: string
    | [<Unique>] Mode of name: string
    | [<Unique>] Blocks of file: string
    | [<Unique>] Html of file: string
    | Force
    | Skip_Bad
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | File _ -> "a feature stream: t_ms,dob,spread_ticks as CSV, plain or packed by gzip"
            | Data _ -> "instead of FILE: a recording, as `vrlg backtest` reads it"
            | Coin _ -> "which coin of the recording; may be left out when it holds one"
            | Mode _ -> "valid (its p-value holds at every look) or document (the literal reading); default valid"
            | Blocks _ -> "count slots instead of seconds: height,block_time_ms,proposer as CSV, plain or packed"
            | Html _ -> "write a page with charts into this file"
            | Force -> "write the page over a file that is there"
            | Skip_Bad -> "leave bad rows of the recording out and count them"
            | Json -> "print one JSON object"

[<RequireSubcommand>]
type InspectArgs =
    | [<CliPrefix(CliPrefix.None)>] Toml of ParseResults<InspectTomlArgs>
    | [<CliPrefix(CliPrefix.None)>] Number of ParseResults<InspectNumberArgs>
    | [<CliPrefix(CliPrefix.None)>] Signing of ParseResults<InspectSigningArgs>
    | [<CliPrefix(CliPrefix.None)>] Rotation of ParseResults<InspectRotationArgs>

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Toml _ -> "print a TOML file as tagged JSON"
            | Number _ -> "check the venue's number formatting against vectors"
            | Signing _ -> "compute signing vectors again"
            | Rotation _ -> "look for a rotation in a feature stream or a recording"

type CompareArgs =
    | [<MainCommand; ExactlyOnce>] Runs of folders: string list
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Runs _ -> "two run folders"
            | Json -> "print one JSON object"

type BenchReplayArgs =
    | [<Mandatory; Unique>] Feed of file: string
    | [<Unique>] Strategy of name: string
    | [<Unique>] Profile of name: string
    | [<Unique>] Model of name: string
    | [<Unique>] Engine of name: string
    | [<Unique>] Fills of file: string
    | Force
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Feed _ -> "the neutral feed: 32-byte rows, or 40-byte rows order by order, plain or packed by gzip"
            | Strategy _ -> "quote100 (decides every 100 ms) or quoteTick (on every received batch); default quote100"
            | Profile _ -> "default (the rules of the house) or compat (those of other engines)"
            | Model _ ->
                "RiskAverse, FrontFirst, Uniform, PowerA:n, PowerB:n, PowerC:n, LogA, LogB, ExactL3 (by order); default RiskAverse, compat PowerC:3"
            | Engine _ -> "core (exchange and strategy alone) or full (every record through the engine); default core"
            | Fills _ -> "write the fill log of one pass into this file"
            | Force -> "write the fill log over a file that is there"
            | Json -> "print one JSON object"

[<RequireSubcommand>]
type BenchArgs =
    | [<CliPrefix(CliPrefix.None)>] Replay of ParseResults<BenchReplayArgs>

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Replay _ -> "replay the neutral feed, timed, with its fill log's hash"

[<RequireSubcommand>]
type Verbs =
    | [<CliPrefix(CliPrefix.None)>] Demo of ParseResults<DemoArgs>
    | [<CliPrefix(CliPrefix.None)>] Backtest of ParseResults<BacktestArgs>
    | [<CliPrefix(CliPrefix.None)>] Import of ParseResults<ImportArgs>
    | [<CliPrefix(CliPrefix.None)>] Verify of ParseResults<VerifyArgs>
    | [<CliPrefix(CliPrefix.None)>] Sweep of ParseResults<SweepArgs>
    | [<CliPrefix(CliPrefix.None)>] Replay of ParseResults<ReplayArgs>
    | [<CliPrefix(CliPrefix.None)>] Report of ParseResults<ReportArgs>
    | [<CliPrefix(CliPrefix.None)>] Config of ParseResults<ConfigArgs>
    | [<CliPrefix(CliPrefix.None)>] Feasibility of ParseResults<FeasibilityArgs>
    | [<CliPrefix(CliPrefix.None)>] Gate of ParseResults<GateArgs>
    | [<CliPrefix(CliPrefix.None)>] Inspect of ParseResults<InspectArgs>
    | [<CliPrefix(CliPrefix.None)>] Compare of ParseResults<CompareArgs>
    | [<CliPrefix(CliPrefix.None)>] Bench of ParseResults<BenchArgs>
    | [<CliPrefix(CliPrefix.None)>] Venue of ParseResults<VenueArgs>
    | [<CliPrefix(CliPrefix.None)>] Conformance of ParseResults<ConformanceArgs>
    | [<CliPrefix(CliPrefix.None)>] Verify_Order of ParseResults<VerifyOrderArgs>
    | Version

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Demo _ -> "run the strategy on a synthetic market whose rotation is known"
            | Backtest _ -> "run the strategy over a recording; write a report and a journal"
            | Import _ -> "turn a recording into one native market-data file"
            | Verify _ -> "read a native market-data file through: checksums, counts, span"
            | Sweep _ -> "judge many sets of settings over one recording; show how far the best can be trusted"
            | Replay _ -> "fold a run's journal through the engine again and compare"
            | Report _ -> "draw the report of a run again"
            | Config _ -> "check, show, list, explain settings"
            | Gate _ -> "may what these runs did be tried with real money: every figure with its bound"
            | Feasibility _ -> "can what the settings aim for pay the fees, symbol by symbol"
            | Inspect _ -> "look at single parts: toml, number, signing, rotation"
            | Compare _ -> "two runs side by side: settings, figures, where decisions part, fills in pairs"
            | Bench _ -> "measure the simulator on a feed"
            | Venue _ -> "a venue on this machine that speaks Hyperliquid's wire"
            | Conformance _ -> "hold a venue's answers against the protocol reference"
            | Verify_Order _ -> "place and cancel one small order at a test network, and say what happened"
            | Version -> "print the version"
