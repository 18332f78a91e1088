/// Settings texts as characters: where they are none, and what a parser said without its own counting of places.
module Vrlg.Cli.Utf8

open System
open System.Buffers
open System.Text
open System.Text.Json
open Vrlg.Core

/// Line and column of a byte, the column in characters.
let private placeOf (bytes: byte[]) (index: int) : Place =
    let before = bytes[.. index - 1]
    let start = Array.LastIndexOf(before, '\n'B) + 1
    let line = before |> Array.filter (fun b -> b = '\n'B) |> Array.length

    {
        Line = line + 1
        Column = Encoding.UTF8.GetCharCount(before, start, index - start) + 1
    }

/// The first byte that is part of no character; -1 when all are.
let private firstBad (bytes: byte[]) : int =
    let mutable at = 0
    let mutable bad = -1
    let mutable rune = Rune()
    let mutable taken = 0

    while bad < 0 && at < bytes.Length do
        if Rune.DecodeFromUtf8(ReadOnlySpan(bytes, at, bytes.Length - at), &rune, &taken) = OperationStatus.Done then
            at <- at + taken
        else
            bad <- at

    bad

/// The text without a byte order mark, or where it is no text.
let decode (bytes: byte[]) : Result<string, Problem> =
    match firstBad bytes with
    | -1 ->
        let text = Encoding.UTF8.GetString bytes
        Ok(if text.StartsWith '\uFEFF' then text.Substring 1 else text)
    | bad -> Error(Problem.at (placeOf bytes bad) "" "this byte is not UTF-8 text; save the file as UTF-8")

/// What is wrong with a JSON text, as the library says it, without the places which it counts from 0.
let reason (e: JsonException) : string =
    let words = e.Message.Split(" LineNumber:")[0]
    (words.Split(" Path:")[0]).TrimEnd('.')
