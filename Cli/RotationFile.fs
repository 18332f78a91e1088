/// The files of `vrlg inspect rotation`: a feature stream and a block feed, as CSV, plain or packed by gzip.
module Vrlg.Cli.RotationFile

open System
open System.Globalization
open System.Text
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Screen
open Vrlg.Core

/// The last millisecond of the year 9999.
let private latest = 253_402_300_799_999L

let private lines (path: string) : string[] =
    let raw = Load.bytes path

    let content =
        if GzipFile.IsOne(ReadOnlySpan raw) then
            match GzipFile.Unpack raw with
            | null ->
                refuse $"{path}: the gzip file is cut or damaged: its end does not match its content. Fetch it again."
            | content -> content
        else
            raw

    let text = Encoding.UTF8.GetString content
    text.TrimStart('\uFEFF').Split '\n' |> Array.map (fun l -> l.TrimEnd '\r')

/// The rows under a header, with their line numbers. Empty lines are passed over.
let private rows (path: string) (header: string) (read: int -> string[] -> 'row) : 'row[] =
    let all = lines path
    let columns = header.Split(',').Length

    if all[0].Trim() <> header then
        refuse $"{path}: the first line must be \"{header}\"."

    [|
        for i in 1 .. all.Length - 1 do
            if all[i] <> "" then
                let cells = all[i].Split ','

                if cells.Length <> columns then
                    refuse $"{path}: line {i + 1} holds {cells.Length} cells; {columns} are needed ({header})."

                read (i + 1) cells
    |]

let private whole (path: string) (line: int) (name: string) (text: string) : int64 =
    match Int64.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
    | true, n when n >= 0L && n <= latest -> n
    | _ -> refuse $"{path}: line {line}: {name} \"{text}\" is not a whole number from 0 to {latest}."

/// A measured value; NaN where the cell is empty. A stream that means "missing" leaves the cell empty; a word is a mistake.
let private measured (path: string) (line: int) (name: string) (text: string) : float =
    match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
    | _ when text = "" -> nan
    | true, v when Double.IsFinite v -> v
    | _ -> refuse $"{path}: line {line}: {name} \"{text}\" is no number. Leave the cell empty where it is missing."

/// A measured size, which is not below 0.
let private size (path: string) (line: int) (name: string) (text: string) : float =
    let v = measured path line name text

    if v < 0.0 then
        refuse $"{path}: line {line}: {name} \"{text}\" is below 0. Leave the cell empty where it is missing."

    v

/// Rows of a feature stream: Unix milliseconds, depth, spread.
let features (path: string) : struct (int64 * float * float)[] =
    let all =
        rows path "t_ms,dob,spread_ticks" (fun line cells ->
            let spread = measured path line "spread_ticks" cells[2]
            struct (whole path line "t_ms" cells[0], size path line "dob" cells[1], spread))

    if all.Length = 0 then
        refuse $"{path}: the file holds no rows."

    all

/// Blocks of a proposer feed.
let blocks (path: string) : ProposedBlock[] =
    let known = Collections.Generic.Dictionary<string, int>()

    // A number for every proposer, in the order in which they came; none for an empty cell.
    let one (proposer: string) =
        match known.TryGetValue proposer with
        | true, same -> same
        | _ when proposer = "" -> -1
        | _ ->
            known[proposer] <- known.Count
            known.Count - 1

    rows path "height,block_time_ms,proposer" (fun line cells ->
        {
            Height = whole path line "height" cells[0]
            Ms = whole path line "block_time_ms" cells[1]
            Proposer = one cells[2]
        })
