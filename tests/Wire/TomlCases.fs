/// The TOML 1.0 conformance cases of the public suite, through `inspect toml`.
module Vrlg.Wire.TomlCases

open System
open System.Globalization
open System.IO
open Expecto
open Vrlg.Core
open Vrlg.Cli

/// What TOML 1.1 made valid: the parser reads these, the 1.0 suite lists them as invalid.
let private newlyValid =
    set
        [
            "datetime/no-secs"
            "local-datetime/no-secs"
            "inline-table/linebreak-01"
            "inline-table/linebreak-03"
            "inline-table/linebreak-04"
            "inline-table/trailing-comma"
            "string/basic-byte-escapes"
        ]

let private cases (folder: string) : (string * string) list =
    let root = Shared.find ("data/toml-test/" + folder)

    Directory.GetFiles(root, "*.toml", SearchOption.AllDirectories)
    |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b))
    |> Array.map (fun path -> Path.GetRelativePath(root, path).Replace(".toml", ""), path)
    |> List.ofArray

let private field (key: string) (node: Node) : Node option =
    match node.Value with
    | Value.Table entries -> entries |> Seq.tryFind (fun e -> e.Key = key) |> Option.map (fun e -> e.Node)
    | _ -> None

let private text (key: string) (node: Node) =
    match field key node with
    | Some { Value = Value.Text text } -> Some text
    | _ -> None

let private isScalar (node: Node) =
    match node.Value with
    | Value.Table entries -> entries.Length = 2 && (text "type" node).IsSome && (text "value" node).IsSome
    | _ -> false

let private sameScalar (expected: Node) (got: Node) =
    let number (s: string option) =
        Double.Parse(s.Value.Replace("inf", "Infinity"), NumberStyles.Float, CultureInfo.InvariantCulture)

    match text "type" expected with
    | Some "float" -> (number (text "value" expected)).Equals(number (text "value" got))
    | _ -> text "value" expected = text "value" got

/// The suite's comparison: floats as numbers, tables without order.
let rec private same (expected: Node) (got: Node) : bool =
    match expected.Value, got.Value with
    | _ when isScalar expected ->
        isScalar got
        && text "type" expected = text "type" got
        && sameScalar expected got
    | Value.Table wants, Value.Table has ->
        wants.Length = has.Length
        && wants
           |> Seq.forall (fun w ->
               match field w.Key got with
               | Some found -> same w.Node found
               | None -> false)
    | Value.Many wants, Value.Many has -> wants.Length = has.Length && Seq.forall2 same wants has
    | _ -> false

let private parsed (json: byte[]) : Node =
    match Json.parse json with
    | Ok node -> node
    | Error problems -> failtestf "%s" (Problem.text "expected.json" problems[0])

let private holds (path: string) : bool =
    match Inspect.toml (File.ReadAllBytes path) with
    | Error _ -> false
    | Ok json ->
        let expected = parsed (File.ReadAllBytes(path.Replace(".toml", ".json")))
        same expected (parsed (Text.Encoding.UTF8.GetBytes json))

let private failing (isRight: string * string -> bool) (all: (string * string) list) =
    all |> List.filter (fun c -> not (isRight c)) |> List.map fst

let tests =
    testList
        "TOML cases"
        [
            testCase "every valid case gives the expected values" (fun () ->
                let all = cases "valid"
                Expect.isGreaterThan all.Length 100 "the suite is there"
                Expect.equal (failing (fun (_, path) -> holds path) all) [] "cases with another answer")
            testCase "every invalid case is refused with its place, but for what TOML 1.1 made valid" (fun () ->
                let isRefused (name: string, path: string) =
                    match Inspect.toml (File.ReadAllBytes path) with
                    | Ok _ -> Set.contains name newlyValid
                    | Error problems ->
                        not (Set.contains name newlyValid)
                        && not problems.IsEmpty
                        && problems |> Seq.forall (fun p -> p.At.Line > 0 && p.At.Column > 0)

                let all = cases "invalid"
                Expect.isGreaterThan all.Length 300 "the suite is there"
                Expect.equal (failing isRefused all) [] "cases taken, or refused though TOML 1.1 allows them")
        ]
