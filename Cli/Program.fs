/// The program: the version before anything is loaded, then the verbs.
module Vrlg.Cli.Program

open System
open System.IO
open Argu
open Vrlg.Adapters
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell
open Vrlg.Shell.Report
open Vrlg.Shell.Tapes

let private version = "vrlg 0.1.0"

let private codes =
    """EXIT CODES:

    0   done
    1   refused: something named or read cannot be used; a gate is not passed
    2   usage: unknown verb or flag, missing argument, unreadable value
    3   halted by a rule of the house
    4   the venue refused or could not be reached
    5   a replay differs from its journal, or the journal is damaged
    70  a bug: please report it with the text above
    130 stopped by Ctrl-C; the run folder stays marked incomplete
    143 a venue that was ended by SIGTERM
"""

let private verb (r: ParseResults<Verbs>) : int =
    match r.GetSubCommand() with
    | Demo r -> Research.demo r
    | Backtest r -> Research.backtest r
    | Import r ->
        use stop = Pipeline.stopper ()
        Import.run stop.Token r
    | Verify r -> Import.verify r
    | Sweep r -> SweepVerb.run r
    | Replay r -> Vrlg.Cli.Replay.run r
    | Report r -> Research.report r
    | Config r -> ConfigVerb.run r
    | Feasibility r -> FeasibilityVerb.run r
    | Gate r -> GateVerb.run r
    | Inspect r -> Inspect.run r
    | Compare r -> CompareVerb.run r
    | Bench r -> BenchVerb.run r
    | Venue r -> VenueVerb.run r
    | Conformance r -> ConformanceVerb.run r
    | Verify_Order r -> VerifyOrderVerb.run r
    | Version ->
        Console.Out.WriteLine version
        Exit.done'

/// `-h`, `help` and `help VERB` are what people type for `--help`.
let private asked (argv: string[]) : string[] =
    match argv with
    | [| "help" |] -> [| "--help" |]
    | _ when argv.Length > 1 && argv[0] = "help" -> Array.append argv[1..] [| "--help" |]
    | _ -> argv |> Array.map (fun a -> if a = "-h" then "--help" else a)

/// The help of a verb as the library writes it, of its own longest part that is a verb at all.
let rec private helpOf (parser: ArgumentParser<Verbs>) (verbs: string[]) : string =
    try
        parser.ParseCommandLine(Array.append verbs [| "--help" |], raiseOnUsage = true)
        |> ignore<ParseResults<Verbs>>

        parser.PrintUsage()
    with
    | :? ArguParseException as e when e.ErrorCode = ErrorCode.HelpText -> e.Message
    | :? ArguParseException when verbs.Length > 0 -> helpOf parser verbs[.. verbs.Length - 2]

/// What is wrong with the flags, then how the verb is used.
let private usageText (parser: ArgumentParser<Verbs>) (argv: string[]) (message: string) : string =
    let lines = message.Split '\n' |> Array.map (fun l -> l.TrimEnd()) |> List.ofArray
    let first = lines.Head

    let cut =
        if first.StartsWith("ERROR: ", StringComparison.Ordinal) then
            first.Substring 7
        else
            first

    let rest = String.Join("\n", lines.Tail).Trim()

    let shown =
        if rest.Contains("USAGE", StringComparison.Ordinal) then
            rest
        else
            let verbs =
                argv |> Array.takeWhile (fun a -> not (a.StartsWith '-')) |> Array.truncate 2

            helpOf parser verbs

    $"vrlg: {cut}\n\n{shown}"

/// The flags of the verb that was asked for.
let rec private flagsOf (parser: ArgumentParser) (argv: string list) : string list =
    let inner (name: string) =
        parser.GetSubCommandParsers()
        |> List.tryFind (fun p ->
            (string p.ParentInfo.Value.Name.Value).Equals(name, StringComparison.OrdinalIgnoreCase))

    match argv with
    | first :: rest when (inner first).IsSome -> flagsOf (inner first).Value rest
    | _ -> parser.GetArgumentCases() |> List.collect (fun c -> c.CommandLineNames.Value)

/// A flag that a verb does not know would be taken for the file that it reads.
let private refuseUnknown (parser: ArgumentParser<Verbs>) (argv: string[]) =
    let known = flagsOf parser (Array.toList argv)

    for a in argv do
        if a.StartsWith("--", StringComparison.Ordinal) && not (List.contains a known) then
            match Tree.nearest known a with
            | ValueSome near -> usage $"{a} is no flag of this verb; did you mean {near}?"
            | ValueNone -> usage $"""{a} is no flag of this verb; its flags are {String.Join(", ", known)}."""

let private run (argv: string[]) : int =
    let argv = asked argv

    let parser =
        ArgumentParser.Create<Verbs>(programName = "vrlg", errorHandler = ExceptionExiter())

    try
        let parsed = parser.ParseCommandLine(inputs = argv, raiseOnUsage = true)
        refuseUnknown parser argv
        verb parsed
    with
    | :? ArguParseException as e when e.ErrorCode = ErrorCode.HelpText ->
        Console.Out.WriteLine e.Message
        Console.Out.Write codes
        Exit.done'
    | :? ArguParseException as e ->
        Console.Error.WriteLine(usageText parser argv e.Message)
        Exit.usage
    | Usage sentences ->
        for sentence in sentences do
            say sentence

        Exit.usage
    | Load.Problems(file, problems) ->
        for p in problems do
            say (Problem.text file p)

        Exit.refused
    | Refusal sentences ->
        for sentence in sentences do
            say sentence

        Exit.refused
    | :? RecordingException as e ->
        say e.Message
        Exit.refused
    | :? TapeException as e ->
        say e.Message
        Exit.refused
    | :? RunFolderException as e ->
        say e.Message
        Exit.refused
    | :? ReportException as e ->
        say e.Message
        Exit.refused
    | :? OperationCanceledException ->
        say "stopped."
        Exit.interrupted
    | e when FileTrouble.IsOne e ->
        say $"a file could not be read or written: {FileTrouble.Words e}."
        Exit.refused
    | e ->
        Console.Error.WriteLine(string e)
        say "this is a bug; please report it with the text above."
        Exit.bug

[<EntryPoint>]
let main argv =
    match argv with
    | [| "--version" |] ->
        Console.Out.WriteLine version
        Exit.done'
    | _ -> run argv
