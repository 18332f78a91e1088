namespace Vrlg.Core

open System
open System.Collections.Immutable

/// A place in a settings text, both counted from 1; line 0 is no place, line -1 is the command line.
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison>]
type Place =
    {
        Line: int
        Column: int
    }

    static member Nowhere: Place = { Line = 0; Column = 0 }

    /// Said by `--set`, not by a file.
    static member CommandLine: Place = { Line = -1; Column = 0 }

/// What stands in a settings file, whatever its format. Numbers stay text, so that they are read exactly.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type Value =
    | Text of string
    /// A whole number in decimal digits, a sign in front of a negative one.
    | Whole of string
    /// Any other number, `nan` and `inf` included.
    | Number of string
    | Flag of bool
    /// The format's word for "no value": no setting takes it.
    | Nothing
    /// A date or a time; `kind` is the format's word for it.
    | Moment of kind: string * text: string
    | Many of ImmutableArray<Node>
    | Table of ImmutableArray<Entry>

and [<NoComparison; NoEquality>] Node = { Value: Value; At: Place }

/// A key and what it holds.
and [<NoComparison; NoEquality>] Entry =
    {
        Key: string
        KeyAt: Place
        Node: Node
    }

/// Something wrong with a settings file: which key, where, and what to do about it.
[<NoComparison>]
type Problem =
    {
        /// The dotted key; empty where the text itself is broken.
        Path: string
        At: Place
        Sentence: string
    }

[<RequireQualifiedAccess>]
module Problem =
    let at (place: Place) (path: string) (sentence: string) : Problem =
        {
            Path = path
            At = place
            Sentence = sentence
        }

    /// One line for people: file and place, or the flag; what is wrong.
    let text (file: string) (p: Problem) : string =
        if p.At.Line < 0 then $"--set: {p.Sentence}"
        elif p.At.Line = 0 then $"{file}: {p.Sentence}"
        else $"{file}:{p.At.Line}:{p.At.Column}: {p.Sentence}"

[<RequireQualifiedAccess>]
module Tree =
    /// What a value is, for a sentence about it.
    let word (value: Value) =
        match value with
        | Value.Text _ -> "a text"
        | Value.Whole _ -> "a whole number"
        | Value.Number _ -> "a number"
        | Value.Flag _ -> "true or false"
        | Value.Nothing -> "empty"
        | Value.Moment _ -> "a date or time"
        | Value.Many _ -> "a list"
        | Value.Table _ -> "a table"

    /// Steps that make one text from the other, a letter each (Levenshtein).
    let distance (a: string) (b: string) : int =
        let mutable row = Array.init (b.Length + 1) id

        for i in 1 .. a.Length do
            let next = Array.zeroCreate (b.Length + 1)
            next[0] <- i

            for j in 1 .. b.Length do
                let change = if a[i - 1] = b[j - 1] then 0 else 1
                next[j] <- min (row[j - 1] + change) (1 + min row[j] next[j - 1])

            row <- next

        row[b.Length]

    /// The part of a dotted path after its last point.
    let private nameOf (path: string) =
        path.Substring(path.LastIndexOf '.' + 1)

    /// The known word nearest to a mistyped one; none when nothing is near. Of dotted paths the same name elsewhere counts as
    /// near, and the steps must not be more than half of the longer name, so that `q` is not taken for `N`.
    let nearest (known: seq<string>) (word: string) : string voption =
        let mutable best = ValueNone
        let mutable least = 1 + max 2 (word.Length / 3)
        let name = nameOf word

        for k in known do
            let own = nameOf k
            let d = distance (k.ToLowerInvariant()) (word.ToLowerInvariant())
            let isNear = 2 * d <= max own.Length name.Length

            if isNear && d < least then
                least <- d
                best <- ValueSome k
            elif String.Equals(own, name, StringComparison.OrdinalIgnoreCase) && best.IsNone then
                best <- ValueSome k

        best
