/// What the TOML parser found, as few sentences: its own words repeat one slip in every line that follows from it.
module Vrlg.Cli.TomlFaults

open System
open System.Collections.Generic
open System.Collections.Immutable
open Tomlyn.Syntax
open Vrlg.Core

/// More than these are not told one by one.
let private most = 5

/// The tree is whole although the parser complains.
[<RequireQualifiedAccess>]
type private Kind =
    /// An integer beyond 64 bits: the reader of the settings says what the key allows.
    | TooLarge
    /// A key or a section that is there already.
    | Again
    | Broken

let private has (part: string) (d: DiagnosticMessage) =
    d.Message.Contains(part, StringComparison.Ordinal)

let private kindOf (d: DiagnosticMessage) =
    if has "Unable to parse integer" d || has "Invalid size of" d then
        Kind.TooLarge
    elif has "is already defined at" d then
        Kind.Again
    else
        Kind.Broken

let placeOf (d: DiagnosticMessage) : Place =
    let start = d.Span.Start

    {
        Line = start.Line + 1
        Column = start.Column + 1
    }

/// What was opened and not closed: the next line's complaint follows from it.
let private isUnclosed (d: DiagnosticMessage) =
    has "while expecting `]`" d
    || has "closing `]`" d
    || has "newline in a string" d
    || has "End-Of-File" d

/// The text between the first two back quotes.
let private quoted (d: DiagnosticMessage) =
    match d.Message.Split '`' with
    | parts when parts.Length > 2 -> parts[1]
    | _ -> "this"

let private again (d: DiagnosticMessage) =
    let from = d.Message.IndexOf("defined at (", StringComparison.Ordinal) + 12
    let line = d.Message.Substring from
    $"{quoted d} stands here twice, first in line {line.Split(',')[0]}; keep one"

let private sentence (lines: string[]) (d: DiagnosticMessage) : string =
    let at = placeOf d
    let line = if at.Line <= lines.Length then lines[at.Line - 1] else ""
    let isHeader = line.TrimStart().StartsWith '['

    let found =
        if at.Column <= line.Length then
            int line[at.Column - 1]
        else
            -1

    let words =
        if kindOf d = Kind.TooLarge then
            "this whole number is beyond 64 bits"
        elif found = 0 then
            "a NUL byte stands here, so this is no text file; name the settings file"
        elif has "while expecting `]`" d && isHeader then
            "this section header is not closed; write it as [name]"
        elif has "closing `]`" d then
            "the list that begins above is not closed; end it with ]"
        elif has "newline in a string" d || has "End-Of-File" d then
            "this text is not closed; end it with its quote in the same line"
        elif has "Expecting `=` after a key" d then
            "a key must be followed by = and its value"
        elif has "end-of-line found while expecting a value" d then
            "the value after = is missing"
        elif has "for a value" d then
            $"{quoted d} is no value; put a text in quotes"
        elif has "while expecting token `newline`" d then
            "something stands after the value; keep one setting a line"
        else
            d.Message.TrimEnd('.')

    "this is not TOML: " + words

/// One complaint a line, without those that follow from something left open in the line above; the first few and a count.
let private few (lines: string[]) (broken: DiagnosticMessage list) : Problem list =
    let told = List<Problem>()
    let mutable line = 0
    let mutable isOpen = false

    for d in broken do
        let at = placeOf d
        // A broken line makes the parser stumble over the end of an empty line after it.
        let next = at.Line = line + 1
        let follows = at.Line = line || (next && (isOpen || has "[\u2424]" d))

        if not follows then
            told.Add(Problem.at at "" (sentence lines d))
            isOpen <- isUnclosed d

        line <- at.Line

    if told.Count <= most then
        List.ofSeq told
    else
        let last = told[most - 1]
        let more = $"{last.Sentence} ({told.Count - most} more lines are broken)"
        List.ofSeq (Seq.append (Seq.take (most - 1) told) [ { last with Sentence = more } ])

/// Problems that make the text no TOML, and those beside which its tree can still be read. `tooLarge` are the places of
/// integers beyond 64 bits, which are in neither.
[<NoComparison; NoEquality>]
type Faults =
    {
        Broken: ImmutableArray<Problem>
        Again: ImmutableArray<Problem>
        TooLarge: DiagnosticMessage list
    }

let sort (text: string) (document: DocumentSyntax) : Faults =
    let all = List.ofSeq document.Diagnostics
    let lines = text.Split '\n'

    let of' kind =
        all |> List.filter (fun d -> kindOf d = kind)

    {
        Broken = ImmutableArray.CreateRange(few lines (of' Kind.Broken))
        Again =
            of' Kind.Again
            |> Seq.map (fun d -> Problem.at (placeOf d) "" (again d))
            |> ImmutableArray.CreateRange
        TooLarge = of' Kind.TooLarge
    }

/// The sentence for one who takes no integer beyond 64 bits at all.
let tooLarge (d: DiagnosticMessage) : Problem =
    Problem.at (placeOf d) "" (sentence [||] d)
