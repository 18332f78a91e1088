/// Wire numbers of the venue against the vectors of its clients.
module Vrlg.Wire.Numbers

open System.IO
open System.Text
open Expecto
open Vrlg.Cli

let private tally (text: string) =
    match Inspect.numbers (Encoding.UTF8.GetBytes text) with
    | Ok(struct (total, failed)) -> total, failed |> List.map (fun f -> f.Index)
    | Error sentence -> failtestf "%s" sentence

let private vector (expected: string) (valid: string) =
    $"""{{"field": "size", "coinKind": "perp", "szDecimals": 2, "rawSize": "1.234", "expectedWire": {expected}, "rawIsValid": {valid}}}"""

let tests =
    testList
        "wire numbers"
        [
            testCase "every vector of the venue's clients comes out" (fun () ->
                match Inspect.numbers (File.ReadAllBytes(Shared.find "data/hyperliquid/number-vectors.json")) with
                | Error sentence -> failtestf "%s" sentence
                | Ok(struct (total, failed)) ->
                    Expect.isGreaterThanOrEqual total 60 "the whole file was read"
                    Expect.isEmpty failed "none failed")
            testCase "a wrong expectation is a failure with its index" (fun () ->
                let told = tally $"""[{vector "\"1.23\"" "false"}, {vector "\"1.24\"" "false"}]"""
                Expect.equal told (2, [ 1 ]) "one of two")
            testCase "zero and null expect a refusal" (fun () ->
                let told = tally $"""[{vector "null" "false"}, {vector "\"0\"" "false"}]"""
                Expect.equal told (2, [ 0; 1 ]) "1.234 is not refused")
            testCase "the venue's rule on the raw text is checked too" (fun () ->
                let told = tally $"""[{vector "\"1.23\"" "true"}, {vector "\"1.23\"" "null"}]"""
                Expect.equal told (2, [ 0 ]) "only the one that claims it")
            testCase "what is no array of vectors is a sentence" (fun () ->
                for text in [ "{}"; "[1]"; "[{\"raw\": 1}]"; "nonsense" ] do
                    match Inspect.numbers (Encoding.UTF8.GetBytes text) with
                    | Ok _ -> failtest $"{text} was taken"
                    | Error sentence -> Expect.isGreaterThan sentence.Length 10 text)
        ]
