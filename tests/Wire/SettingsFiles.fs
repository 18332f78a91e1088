/// Settings files with slips: every problem at once, each with its place, in few words.
module Vrlg.Wire.SettingsFiles

open System
open System.Collections.Immutable
open System.IO
open System.Text
open Expecto
open FsCheck
open Vrlg.Cli
open Vrlg.Core

let private told (act: unit -> unit) : string list =
    try
        act ()
        []
    with
    | Load.Problems(file, problems) -> [ for p in problems -> Problem.text (string (Path.GetFileName file)) p ]
    | Screen.Refusal sentences -> sentences

let private withFile (name: string) (content: byte[]) (act: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-settings-").FullName

    try
        let path = Path.Combine(folder, name)
        File.WriteAllBytes(path, content)
        act path
    finally
        Directory.Delete(folder, true)

let private problemsOf (name: string) (text: string) (sets: (string * string) list) : string list =
    let mutable found = []

    withFile name (Encoding.UTF8.GetBytes text) (fun path ->
        let pairs = ImmutableArray.CreateRange [ for k, v in sets -> struct (k, v) ]
        found <- told (fun () -> Load.settings (Some path) pairs |> ignore<Values>))

    found

/// Exactly these, in this order, each holding its words.
let private are (name: string) (file: string) (text: string) (wanted: string list list) =
    testCase name (fun () ->
        let found = problemsOf file text []
        Expect.equal found.Length wanted.Length $"{found}"

        for sentence, words in List.zip found wanted do
            for word in words do
                Expect.stringContains sentence word "the sentence")

let private settings =
    testList
        "all at once"
        [
            are
                "a JSON null hides nothing"
                "a.json"
                "{\"signal\": {\"N\": null,\n\"zz\": 1},\n\"risk\": []}"
                [
                    [ "a.json:1:18:"; "signal.N is empty"; "default" ]
                    [ "a.json:2:1:"; "signal.zz is no setting" ]
                    [ "a.json:3:1:"; "risk is a section"; "not a list" ]
                ]
            are
                "a YAML ~ hides nothing"
                "a.yaml"
                "signal:\n  N: ~\n  zz: 1\n"
                [ [ "a.yaml:2:6:"; "signal.N is empty" ]; [ "a.yaml:3:3:"; "signal.zz" ] ]
            are
                "a TOML integer beyond 64 bits hides nothing"
                "a.toml"
                "[signal]\nN = 99999999999999999999\nzz = 1\nx = -1\n"
                [
                    [ "a.toml:2:5:"; "99999999999999999999"; "out of range"; "between" ]
                    [ "a.toml:3:1:" ]
                    [ "a.toml:4:5:"; "signal.x" ]
                ]
            are
                "a key that stands twice hides nothing and names its section"
                "a.json"
                "{\"signal\": {\"N\": 80,\n\"N\": 81, \"zz\": 1}}"
                [
                    [ "a.json:2:1:"; "signal.N stands here twice"; "line 1" ]
                    [ "a.json:2:10:"; "zz" ]
                ]
            are
                "in TOML too"
                "a.toml"
                "[signal]\nN = 80\nN = 81\nzz = 1\n"
                [
                    [ "a.toml:3:1:"; "signal.N` stands" ] |> List.map (fun w -> w.Replace("`", ""))
                    [ "a.toml:4:1:" ]
                ]
            are
                "what only several settings get wrong, beside a bad key"
                "a.toml"
                "[signal]\nM = 2\nN = true\n[sim]\nqueue = \"Lucky\"\n"
                [ [ "a.toml:2:1:"; "1/4" ]; [ "a.toml:3:5:" ]; [ "a.toml:5:1:"; "Lucky" ] ]
            are
                "a queue that needs single orders is refused: no recording has them"
                "a.toml"
                "[sim]\nqueue = \"ExactL3\"\n"
                [ [ "a.toml:2:1:"; "ExactL3"; "order-by-order feed"; "RiskAverse" ] ]
            are "a list of tables is no section" "a.toml" "[[exec]]\nx = 1\n" [ [ "exec is a section"; "not a list" ] ]
            are "a number far too large says so" "a.toml" "[signal]\nx = 1e400\n" [ [ "1e400"; "is beyond" ] ]
            are "a far name is no near one" "a.toml" "[signal]\nq = 1\n" [ [ "signal.q"; "config schema" ] ]
            are
                "a name of another section is found"
                "a.toml"
                "[risk]\norder_ttl_ms = 1\n"
                [ [ "risk.order_ttl_ms"; "did you mean exec.order_ttl_ms?" ] ]
            testCase "what the command line said is not the file's" (fun () ->
                let found =
                    problemsOf "a.toml" "[signal]\nzz = 1\n" [ "signal.N", "x"; "sim.queue", "Lucky" ]

                Expect.equal found.Length 3 $"{found}"
                Expect.stringStarts found[0] "a.toml:2:1:" "the file"
                Expect.stringStarts found[1] "--set: signal.N must" "the flag"
                Expect.stringStarts found[2] "--set: sim.queue is" "the flag")
        ]

let private texts =
    testList
        "few words"
        [
            are
                "for a header that is not closed"
                "a.toml"
                "[signal\nN = 3\nM = 5\n"
                [ [ "a.toml:1:8:"; "section header is not closed" ] ]
            are "for a list that is not closed" "a.toml" "[signal]\nN = [1, 2\nM = 5\n" [ [ "list"; "not closed" ] ]
            are "for a text that is not closed" "a.toml" "[sim]\nqueue = \"Risk\nseed = 1\n" [ [ ":2:"; "not closed" ] ]
            are "for a missing value" "a.toml" "[signal]\nN = \n" [ [ "a.toml:2:"; "value"; "missing" ] ]
            are "for a bare word" "a.toml" "[sim]\nqueue = Lucky\n" [ [ "a.toml:2:9:"; "quotes" ] ]
            are
                "for two slips in two lines, both"
                "a.toml"
                "[signal]\nN 3\nM 4\n"
                [ [ "a.toml:2:3:"; "followed by =" ]; [ "a.toml:3:3:" ] ]
            testCase "for a hundred NUL bytes, one" (fun () ->
                let found = problemsOf "a.toml" ("a = 1\n" + String('\000', 100)) []
                Expect.equal found.Length 1 $"{found}"
                Expect.stringContains found[0] "NUL byte" "what it is")
            testCase "for a book, five and a count" (fun () ->
                let found =
                    problemsOf "a.toml" (String.replicate 40 "it was the best of times\n\n") []

                Expect.equal found.Length 5 $"{found}"
                Expect.stringContains found[4] "35 more lines" "the rest")
            for name in [ "a.toml"; "a.json"; "a.yaml" ] do
                testCase $"for a byte that is no text, its place: {name}" (fun () ->
                    let bytes = Encoding.UTF8.GetBytes "# é\nN = \"é"
                    let mutable found = []

                    withFile name (Array.append bytes [| 0xFFuy; 0x22uy |]) (fun path ->
                        found <- told (fun () -> Load.settings (Some path) ImmutableArray.Empty |> ignore<Values>))

                    Expect.equal found.Length 1 $"{found}"
                    Expect.stringStarts found[0] $"{name}:2:7:" "line and column in characters"
                    Expect.stringContains found[0] "UTF-8" "what it is")
        ]

let private instruments =
    testList
        "instruments"
        [
            testCase "tell every problem at once, each at its line" (fun () ->
                let text =
                    "[[instrument]]\nname = \"BTC\"\nkind = \"swap\"\nsz_decimals = 99\n[[instrument]]\nkind = \"perp\"\ncolour = 1\n"

                withFile "i.toml" (Encoding.UTF8.GetBytes text) (fun path ->
                    let found = told (fun () -> Load.instruments path |> ignore<Instrument[]>)
                    Expect.equal found.Length 4 $"{found}"

                    for sentence, words in
                        List.zip
                            found
                            [
                                [ "i.toml:3:"; "kind of BTC is swap" ]
                                [ "i.toml:4:"; "sz_decimals" ]
                                [ "i.toml:5:"; "no name" ]
                                [ "i.toml:7:"; "colour" ]
                            ] do
                        for word in words do
                            Expect.stringContains sentence word "the sentence"))
            testCase "are written in double brackets" (fun () ->
                withFile "i.toml" (Encoding.UTF8.GetBytes "[instrument]\nname = \"BTC\"\n") (fun path ->
                    let found = told (fun () -> Load.instruments path |> ignore<Instrument[]>)
                    Expect.stringContains (List.exactlyOne found) "[[instrument]]" "the way out"))
        ]

let private folding =
    testList
        "a folded text"
        [
            testProperty
                "keeps its words and its width, but for a word that is wider"
                (fun (words: NonEmptyString list) width ->
                    let width = 20 + abs width % 80

                    let text =
                        String.Join(" ", words |> Seq.map (fun w -> w.Get.Replace(' ', '_').Replace('\n', '_')))

                    let lines = (Screen.fold width 4 text).Split '\n'

                    let back =
                        String.Join(" ", lines |> Seq.mapi (fun i l -> if i = 0 then l else l.Substring 4))

                    back = text
                    && lines
                       |> Seq.forall (fun l -> l.Length + 4 <= width + 4 || not ((l.Trim ' ').Contains ' ')))
            testCase "a table that the terminal is too narrow for is a list of names and values" (fun () ->
                let columns = [ "", Screen.Left; "first", Screen.Left; "second", Screen.Right ]

                let rows =
                    [
                        [ "net_usd"; "-1.5"; "12" ]
                        [ "a warning"; "short"; "one of several words" ]
                    ]

                Expect.equal
                    (Screen.tableLines 80 columns rows)
                    [
                        "           first                second"
                        "---------  -----  --------------------"
                        "net_usd    -1.5                     12"
                        "a warning  short  one of several words"
                    ]
                    "where there is room"

                Expect.equal
                    (Screen.tableLines 20 columns rows)
                    [
                        "net_usd"
                        "  first: -1.5"
                        "  second: 12"
                        "a warning"
                        "  first: short"
                        "  second: one of\n    several words"
                    ]
                    "where there is none")
        ]

let tests = testList "settings files" [ settings; texts; instruments; folding ]
