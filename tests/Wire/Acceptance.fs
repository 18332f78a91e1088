/// The rows of the acceptance table of the rotation detector: a verdict that names what broke which bound, and where.
module Vrlg.Acceptance

open System
open System.Globalization

/// What a row was judged to be.
[<RequireQualifiedAccess>]
type Judgement =
    | Holds
    /// A bound is broken.
    | Fails
    /// A bound is broken by fewer streams than it was set for.
    | Few
    /// A time is over its bound, and its least of several passes is not: the machine did other work.
    | Busy
    /// It could not be computed here.
    | Absent

/// One row, with the bounds that it broke.
[<NoComparison>]
type Row =
    {
        Name: string
        Judgement: Judgement
        Words: string
        Breaks: string list
    }

/// The streams that the bounds of the statistics were set for.
let enough = 24

let private figure (digits: int) (unit: string) (v: float) =
    if Double.IsNaN v then
        "none"
    else
        v.ToString("0." + String('#', digits), CultureInfo.InvariantCulture) + unit

/// What is wrong with a figure that must be at most `bound`; a figure that does not exist breaks every bound.
let atMost (digits: int) (unit: string) (bound: float) (cell: string) (name: string) (value: float) : string list =
    if value <= bound then
        []
    else
        [
            $"{cell}: {name} {figure digits unit value}, at most {figure digits unit bound}"
        ]

/// What is wrong with a figure that must be at least `bound`.
let atLeast (digits: int) (unit: string) (bound: float) (cell: string) (name: string) (value: float) : string list =
    if value >= bound then
        []
    else
        [
            $"{cell}: {name} {figure digits unit value}, at least {figure digits unit bound}"
        ]

/// A row whose bounds hold at any length.
let judged (name: string) (words: string) (breaks: string list) : Row =
    {
        Name = name
        Judgement = if breaks.IsEmpty then Judgement.Holds else Judgement.Fails
        Words = words
        Breaks = breaks
    }

/// A row whose bounds are those of 24 streams: fewer can meet them, and cannot fail them.
let statistic (name: string) (words: string) (streams: int) (breaks: string list) : Row =
    let row = judged name words breaks

    if row.Judgement = Judgement.Fails && streams < enough then
        { row with
            Judgement = Judgement.Few
            Words = $"{words}: {streams} streams are too few to judge, the bounds are for {enough}"
        }
    else
        row

/// A row of times: `breaks` of the figures that the table asks for, `least` of the same from the least of every pass. What is over
/// its bound in the first alone is the machine's doing.
let timed (name: string) (words: string) (breaks: string list) (least: string list) : Row =
    let row = judged name words breaks

    if row.Judgement = Judgement.Fails && least.IsEmpty then
        { row with
            Judgement = Judgement.Busy
            Words = $"{words}: held by the least of the passes, the machine did other work beside it"
        }
    else
        row

/// A row that could not be computed here.
let absent (name: string) (why: string) : Row =
    {
        Name = name
        Judgement = Judgement.Absent
        Words = why
        Breaks = []
    }

/// The lines of a row: its verdict, and below it every bound that was broken.
let lines (row: Row) : string list =
    let word =
        match row.Judgement with
        | Judgement.Holds -> "holds"
        | Judgement.Fails -> "FAILS"
        | Judgement.Few -> "few"
        | Judgement.Busy -> "busy"
        | Judgement.Absent -> "absent"

    [
        $"{row.Name.PadRight 6}{word.PadRight 8}{row.Words}"
        for b in row.Breaks do
            String(' ', 14) + b
    ]

/// 1 when one of the rows fails.
let exitCode (rows: Row seq) : int =
    if rows |> Seq.exists (fun r -> r.Judgement = Judgement.Fails) then
        1
    else
        0
