/// What people see: sentences and progress on standard error, answers on standard output.
module Vrlg.Cli.Screen

open System
open System.Globalization
open System.IO
open Spectre.Console

/// Something named or read cannot be used: exit 1 with these sentences.
exception Refusal of sentences: string list

let refuse (sentence: string) : 'a = raise (Refusal [ sentence ])

/// The documented exit codes.
[<RequireQualifiedAccess>]
module Exit =
    let done' = 0
    let refused = 1
    let usage = 2
    let differs = 5
    let bug = 70
    let interrupted = 130

let private console (writer: TextWriter) =
    AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput writer))

/// A sentence on standard error.
let say (sentence: string) =
    Console.Error.WriteLine("vrlg: " + sentence)

/// Runs long work under a progress bar on a terminal; silently where standard error is no terminal. The work is handed a
/// function that takes a share of 0 to 1.
let withProgress (what: string) (work: (float -> unit) -> 'a) : 'a =
    if Console.IsErrorRedirected then
        work ignore
    else
        let mutable result = Unchecked.defaultof<'a>

        (console Console.Error)
            .Progress()
            .AutoClear(true)
            .Columns(
                TaskDescriptionColumn() :> ProgressColumn,
                ProgressBarColumn(),
                PercentageColumn(),
                RemainingTimeColumn()
            )
            .Start(fun context ->
                let task = context.AddTask(Markup.Escape what, maxValue = 1.0)
                result <- work (fun share -> task.Value <- share)
                task.Value <- 1.0)

        result

/// A table of two columns on standard output.
let pairs (title: string) (rows: seq<string * string>) =
    let rows = Seq.toArray rows
    let widest = rows |> Seq.map (fun (name, _) -> name.Length) |> Seq.fold max 0
    Console.Out.WriteLine title
    Console.Out.WriteLine(String('-', title.Length))

    for name, value in rows do
        Console.Out.WriteLine(name.PadRight widest + "  " + value)

/// A number with up to `digits` decimals; a dash where it is not defined.
let number (digits: int) (value: float voption) =
    match value with
    | ValueSome v when Double.IsFinite v ->
        let text = v.ToString("#,0." + String('#', digits), CultureInfo.InvariantCulture)
        // What rounds to zero has no sign.
        if text = "-0" then "0" else text
    | _ -> "-"

let whole (value: int64) =
    value.ToString("#,0", CultureInfo.InvariantCulture)
