/// What people see: sentences and progress on standard error, answers on standard output.
module Vrlg.Cli.Screen

open System
open System.Globalization
open System.IO
open System.Text
open Spectre.Console
open Vrlg.Core

/// Something named or read cannot be used: exit 1 with these sentences.
exception Refusal of sentences: string list

let refuse (sentence: string) : 'a = raise (Refusal [ sentence ])

/// Flags that do not go together, say nothing, or whose value cannot be read: exit 2 with these sentences.
exception Usage of sentences: string list

let usage (sentence: string) : 'a = raise (Usage [ sentence ])

/// The documented exit codes.
[<RequireQualifiedAccess>]
module Exit =
    let done' = 0
    let refused = 1
    let usage = 2
    let venue = 4
    let differs = 5
    let bug = 70
    let interrupted = 130
    let terminated = 143

let private console (writer: TextWriter) =
    AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput writer))

/// Columns where no terminal says how many: COLUMNS, or 100.
let private told () =
    match Int32.TryParse(Environment.GetEnvironmentVariable "COLUMNS", CultureInfo.InvariantCulture) with
    | true, n when n > 0 -> max 20 n
    | _ -> 100

/// Columns of the terminal behind a stream; of a file or a pipe those that `told` says.
let private widthOf (isRedirected: bool) =
    if isRedirected then
        told ()
    else
        try
            max 20 (if Console.WindowWidth > 0 then Console.WindowWidth else 80)
        with :? IOException ->
            80

/// Columns for what is read by people alone: the terminal's, or 80 at most where there is none.
let readable () =
    if Console.IsOutputRedirected then
        min 80 (told ())
    else
        widthOf false

/// A text in lines of at most `width` characters, broken between words only; a longer word has a line of its own. Every line
/// but the first begins with `indent` blanks, which the width counts.
let fold (width: int) (indent: int) (text: string) : string =
    let lines = StringBuilder()
    let mutable used = 0
    let mutable isFirst = true

    for word in text.Split ' ' do
        if isFirst then
            lines.Append word |> ignore
            used <- indent + word.Length
            isFirst <- false
        elif used + 1 + word.Length > width then
            lines.Append('\n').Append(' ', indent).Append(word) |> ignore
            used <- indent + word.Length
        else
            lines.Append(' ').Append(word) |> ignore
            used <- used + 1 + word.Length

    lines.ToString()

/// Words on standard output, folded to the terminal; lines after the first begin with `indent` blanks.
let paragraph (indent: int) (text: string) =
    let width = widthOf Console.IsOutputRedirected
    // The first line is not indented here: it brings its own blanks.
    Console.Out.WriteLine(fold width indent text)

/// A sentence on standard error.
let complain (prefix: string) (sentence: string) =
    let text = (fold (widthOf Console.IsErrorRedirected) 0 (prefix + ": " + sentence))
    Console.Error.WriteLine text

let say (sentence: string) = complain "vrlg" sentence

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
    let width = widthOf Console.IsOutputRedirected
    let head = fold width 0 title
    let longest = head.Split '\n' |> Seq.map (fun l -> l.Length) |> Seq.max
    Console.Out.WriteLine head
    Console.Out.WriteLine(String('-', longest))

    // Where the names leave no room, the values stand below them.
    let isNarrow = width < widest + 24

    for name, value in rows do
        if isNarrow then
            Console.Out.WriteLine(fold width 2 name)
            Console.Out.WriteLine("    " + fold width 4 value)
        else
            Console.Out.WriteLine(name.PadRight widest + "  " + fold width (widest + 2) value)

/// To which side the cells of a column go.
type Align =
    | Left
    | Right

/// The lines of a table of named columns. Where `width` is too narrow for it, every row is a list of names and values.
let tableLines (width: int) (columns: (string * Align) list) (rows: string list list) : string list =
    let names = List.map fst columns

    let widths =
        names
        |> List.mapi (fun c name -> rows |> List.fold (fun w row -> max w (List.item c row).Length) name.Length)

    let line (cells: string list) =
        List.zip3 cells widths columns
        |> List.map (fun (text, w, (_, align)) ->
            match align with
            | Left -> text.PadRight w
            | Right -> text.PadLeft w)
        |> String.concat "  "
        |> _.TrimEnd()

    let isWide = List.sum widths + 2 * (widths.Length - 1) <= width

    [
        if isWide then
            line names
            line (widths |> List.map (fun w -> String('-', w)))

            for row in rows do
                line row
        else
            for row in rows do
                for i, (name, text) in Seq.indexed (List.zip names row) do
                    let lead = if i = 0 then "" else "  "
                    fold width 4 (lead + (if name = "" then text else $"{name}: {text}"))
    ]

/// The columns of a table that have room, in their order; what does not fit goes by `spare`, the least important first.
let fitting (width: int) (columns: (string * Align) list) (rows: string list list) (spare: int list) : int list =
    let wide =
        columns
        |> List.mapi (fun c (name, _) -> rows |> List.fold (fun w row -> max w (List.item c row).Length) name.Length)

    let rec drop (kept: int list) (spare: int list) =
        let need = (kept |> List.sumBy (fun c -> wide[c])) + 2 * (kept.Length - 1)

        match spare with
        | first :: rest when need > width -> drop (List.except [ first ] kept) rest
        | _ -> kept

    drop [ 0 .. columns.Length - 1 ] spare

/// A table on standard output without the columns that have no room; their names.
let tableOf (columns: (string * Align) list) (rows: string list list) (spare: int list) : string list =
    let width = widthOf Console.IsOutputRedirected
    let kept = fitting width columns rows spare
    let pick (all: 'a list) = kept |> List.map (fun c -> all[c])

    for line in tableLines width (pick columns) (rows |> List.map pick) do
        Console.Out.WriteLine line

    [
        for c, (name, _) in List.indexed columns do
            if not (List.contains c kept) then
                name
    ]

/// A table on standard output.
let table (title: string) (columns: (string * Align) list) (rows: string list list) =
    let width = widthOf Console.IsOutputRedirected

    if title <> "" then
        Console.Out.WriteLine(fold width 0 title)

    for line in tableLines width columns rows do
        Console.Out.WriteLine line

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

/// A number with its unit; a bare dash where it is not defined.
let withUnit (digits: int) (unit: string) (value: float voption) =
    match number digits value with
    | "-" -> "-"
    | text -> text + " " + unit

/// A count with its noun, which takes an s unless it is one.
let counted (value: int64) (noun: string) =
    if value = 1L then $"1 {noun}" else $"{whole value} {noun}s"

let private clock (format: string) (at: Instant) =
    DateTime.UnixEpoch.AddTicks(at.Ns / 100L).ToString(format, CultureInfo.InvariantCulture)

/// An instant to the millisecond, UTC.
let moment (at: Instant) =
    clock "yyyy-MM-dd HH:mm:ss.fff" at + " UTC"

/// A span to the millisecond, UTC; the day is said once when both ends lie in it.
let span (from: Instant) (until: Instant) =
    let day = clock "yyyy-MM-dd" from

    if day = clock "yyyy-MM-dd" until then
        let time = clock "HH:mm:ss.fff"
        $"{day} {time from} to {time until} UTC"
    else
        $"{moment from} to {moment until}"
