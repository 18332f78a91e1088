/// The command line, as Argu reads it.
module Vrlg.Cli.Args

open Argu

type DemoArgs =
    | [<Unique>] Out of folder: string
    | [<Unique>] Seed of number: int64
    | Force
    | Json
    | Fifo_Lots

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Out _ -> "folder of the run; default runs/demo-SEED"
            | Seed _ -> "of the market and the latency draws; the run's number; default 1"
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
            | Data _ -> "folder with l2_COIN, bbo_COIN, trades_COIN as .csv or .csv.gz"
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
    | Set of assignment: string
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | File _ -> "settings; without it the defaults are in force"
            | Set _ -> "KEY=VALUE, wins over the file; may be given again"
            | Json -> "print one JSON object"

type SchemaArgs =
    | Json

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Json -> "print one JSON array"

[<RequireSubcommand>]
type ConfigArgs =
    | [<CliPrefix(CliPrefix.None)>] Check of ParseResults<SettingsArgs>
    | [<CliPrefix(CliPrefix.None)>] Show of ParseResults<SettingsArgs>
    | [<CliPrefix(CliPrefix.None)>] Schema of ParseResults<SchemaArgs>

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Check _ -> "say every problem of a settings file"
            | Show _ -> "print the settings in force, every key"
            | Schema _ -> "list the settings: range, default, unit, meaning"

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

[<RequireSubcommand>]
type InspectArgs =
    | [<CliPrefix(CliPrefix.None)>] Toml of ParseResults<InspectTomlArgs>
    | [<CliPrefix(CliPrefix.None)>] Number of ParseResults<InspectNumberArgs>

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Toml _ -> "print a TOML file as tagged JSON"
            | Number _ -> "check the venue's number formatting against vectors"

[<RequireSubcommand>]
type Verbs =
    | [<CliPrefix(CliPrefix.None)>] Demo of ParseResults<DemoArgs>
    | [<CliPrefix(CliPrefix.None)>] Backtest of ParseResults<BacktestArgs>
    | [<CliPrefix(CliPrefix.None)>] Replay of ParseResults<ReplayArgs>
    | [<CliPrefix(CliPrefix.None)>] Report of ParseResults<ReportArgs>
    | [<CliPrefix(CliPrefix.None)>] Config of ParseResults<ConfigArgs>
    | [<CliPrefix(CliPrefix.None)>] Inspect of ParseResults<InspectArgs>
    | Version

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Demo _ -> "run the strategy on a synthetic market whose rotation is known"
            | Backtest _ -> "run the strategy over a recording; write a report and a journal"
            | Replay _ -> "fold a run's journal through the engine again and compare"
            | Report _ -> "draw the report of a run again"
            | Config _ -> "check, show, list settings"
            | Inspect _ -> "look at single parts: toml, number"
            | Version -> "print the version"
