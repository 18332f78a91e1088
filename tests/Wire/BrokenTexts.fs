/// Broken settings texts: every parser answers with a tree or with sentences, never with an exception.
module Vrlg.Wire.BrokenTexts

open System
open System.Text
open Expecto
open FsCheck.FSharp
open Vrlg.Cli

let private seeds =
    [
        "[signal]\nN = 80\nx = 0.25 # note\n[latency]\ningest_ms = [10, 30]\n"
        "{\"signal\": {\"N\": 80, \"x\": 0.25}, \"latency\": {\"ingest_ms\": [10, 30]}}"
        "signal:\n  N: 80\n  x: 0.25\nlatency:\n  ingest_ms: [10, 30]\n"
    ]

/// Bytes drawn at random, and texts that were whole before some of their bytes were changed or cut.
let private drawn =
    let piece =
        Gen.elements
            [
                "["
                "]"
                "{"
                "}"
                "\""
                "'"
                "\\"
                "\n"
                "\r"
                "="
                ":"
                ","
                "#"
                "-"
                "- "
                "a"
                "1"
                "1e5"
                "nan"
                "&a"
                "*a"
                "!!"
                "\t"
                "|"
                ">"
                "\u0085"
                "\uFEFF"
                "é"
                "\\u00"
                "0x"
                "1979-05-27"
            ]

    let text = Gen.map (String.concat "" >> Encoding.UTF8.GetBytes) (Gen.listOf piece)

    let noise =
        Gen.map (List.map byte >> List.toArray) (Gen.listOf (Gen.choose (0, 255)))

    let damaged =
        gen {
            let! seed = Gen.elements seeds
            let bytes = Encoding.UTF8.GetBytes seed
            let! place = Gen.choose (0, bytes.Length - 1)
            let! change = Gen.choose (0, 255)
            let! cut = Gen.choose (0, bytes.Length)
            bytes[place] <- byte change
            return bytes[.. cut - 1]
        }

    Arb.fromGen (Gen.frequency [ 3, text; 1, noise; 3, damaged ])

let private answers
    (parse: byte[] -> Result<Vrlg.Core.Node, Collections.Immutable.ImmutableArray<Vrlg.Core.Problem>>)
    bytes
    =
    match parse bytes with
    | Ok _ -> true
    | Error problems -> problems.Length > 0 && problems |> Seq.forall (fun p -> p.Sentence.Length > 10)

let private law name parse =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = 3_000
        }
        name
        (fun () -> Prop.forAll drawn (answers parse))

let private deep (opening: string) =
    Encoding.UTF8.GetBytes("a = " + String.replicate 100_000 opening)

let tests =
    testList
        "broken texts"
        [
            law "TOML" Toml.parse
            law "JSON" Json.parse
            law "YAML" Yaml.parse
            testCase "a hundred thousand brackets are a sentence" (fun () ->
                for parse in [ Toml.parse; Json.parse; Yaml.parse ] do
                    for opening in [ "["; "{"; "{a = "; "- " ] do
                        Expect.isTrue (answers parse (deep opening)) opening)
        ]
