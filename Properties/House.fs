/// The rules of the house, as tests over its own text.
module Vrlg.Properties.House

open System
open System.IO
open System.Text.RegularExpressions
open Expecto

let private root =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> Directory.GetCurrentDirectory()
        | f when File.Exists(Path.Combine(f.FullName, "Vrlg.sln")) -> f.FullName
        | f -> up f.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

let private left =
    [|
        ".git"
        "artifacts"
        "nuget"
        "node_modules"
        "paket-files"
        ".paket"
        "runs"
        "obj"
        "bin"
    |]

/// Every file of the project by its path from the top.
let private files =
    lazy
        (let rec walk (folder: string) : string list =
            [
                for file in Directory.GetFiles folder do
                    file
                for inner in Directory.GetDirectories folder do
                    if not (Array.contains (string (Path.GetFileName inner)) left) then
                        yield! walk inner
            ]

         walk root
         |> List.map (fun f -> Path.GetRelativePath(root, f).Replace('\\', '/'))
         |> List.sort)

let private under (folders: string list) (endings: string list) =
    files.Value
    |> List.filter (fun f ->
        folders
        |> List.exists (fun d -> f = d || f.StartsWith(d + "/", StringComparison.Ordinal))
        && endings
           |> List.exists (fun (e: string) -> f.EndsWith(e, StringComparison.Ordinal)))

let private text (file: string) =
    File.ReadAllText(Path.Combine(root, file))

let private lines (file: string) =
    File.ReadAllLines(Path.Combine(root, file))

/// A line of F# without its comment.
let private code (line: string) =
    match line.IndexOf "//" with
    | -1 -> line
    | i -> line.Substring(0, i)

let private core = lazy (under [ "Domain.fs"; "Core" ] [ ".fs" ])

/// Words that would make the core impure or partial, with what they would bring.
let private banned =
    [
        @"\bDateTime\.(Now|UtcNow|Today)\b", "a clock"
        @"\bDateTimeOffset\b", "a clock"
        @"\bStopwatch\b", "a clock"
        @"\bEnvironment\.", "the machine"
        @"\bRandom\b", "randomness"
        @"\bGuid\.NewGuid\b", "randomness"
        @"\bFile\b|\bDirectory\b|\bConsole\b|\bStream(Reader|Writer)?\b", "input and output"
        @"\bHttpClient\b|\bSocket\b|\bProcess\b", "input and output"
        @"\b(failwith|failwithf|raise|invalidArg|invalidOp|nullArg|reraise)\b", "exceptions"
        @"\bException\b", "exceptions"
        @"\btry\b", "exceptions"
        @"\b(printf|printfn|eprintf|eprintfn|sprintf)\b", "printing"
        @"\bDictionary\b|\bHashSet\b", "the order of hashes"
        @"\bTask\b|\basync\b|\bThread\b", "threads"
        @"\bisLive\b|\bIsLive\b", "a mode"
        @"\b(Option\.get|List\.head|Map\.find|\.Value\.Value)\b", "a partial function"
    ]

let private findings (rules: (string * string) list) (all: string list) =
    [
        for file in all do
            for i, line in Array.indexed (lines file) do
                for pattern, brings in rules do
                    if Regex.IsMatch(code line, pattern) then
                        $"{file}:{i + 1} brings {brings}: {line.Trim()}"
    ]

/// Which projects a project may know.
let private layers =
    [
        "Core/Core.fsproj", []
        "Sim/Sim.fsproj", [ "Core" ]
        "Adapters/Adapters.csproj", [ "Core" ]
        "Shell/Shell.csproj", [ "Core"; "Sim"; "Adapters" ]
        "Cli/Cli.fsproj", [ "Core"; "Sim"; "Adapters"; "Shell" ]
    ]

let private known (project: string) =
    Regex.Matches(text project, @"ProjectReference Include=""[^""]*?([A-Za-z]+)\.(fs|cs)proj""")
    |> Seq.map (fun m -> m.Groups[1].Value)
    |> Seq.toList

let private sources =
    lazy
        (under
            [
                "Domain.fs"
                "Core"
                "Sim"
                "Adapters"
                "Shell"
                "Cli"
                "Properties"
                "tests"
            ]
            [ ".fs"; ".cs" ])

/// Functions of F# files: where each begins and how long it is, by indentation.
let private functions (file: string) : (int * string * int) list =
    let all = lines file
    let indent (line: string) = line.Length - line.TrimStart().Length

    [
        for i in 0 .. all.Length - 1 do
            if
                Regex.IsMatch(all[i], @"^(    |        )?(let|static member|member)\b.*(\(|=)")
                && not (String.IsNullOrWhiteSpace all[i])
            then
                let own = indent all[i]
                let mutable last = i
                let mutable j = i + 1

                while j < all.Length && (String.IsNullOrWhiteSpace all[j] || indent all[j] > own) do
                    if not (String.IsNullOrWhiteSpace all[j]) then
                        last <- j

                    j <- j + 1

                i + 1, all[i].Trim(), last - i + 1
    ]

let private committed =
    lazy
        (files.Value
         |> List.filter (fun f ->
             not (f.EndsWith ".png")
             && f <> "package-lock.json"
             && f <> "Properties/House.fs"))

let tests =
    testList
        "the house"
        [
            testCase "Core has no clock, no chance, no exception, no input and output" (fun () ->
                Expect.equal (findings banned core.Value) [] "banned words")
            testCase "Core and Sim hold no state that two runs could share" (fun () ->
                let rules =
                    [
                        @"static let mutable|static member val .* with .*set|^let mutable", "shared state"
                    ]

                Expect.equal (findings rules (core.Value @ under [ "Sim" ] [ ".fs" ])) [] "state")
            testCase "Core settles no money in floats" (fun () ->
                let money =
                    [ @"\b(Px|Sz|Usd)\.Of\s*\(\s*(int64\s*)?\(?\s*float\b", "money from a float" ]

                Expect.equal (findings money core.Value) [] "floats")
            testCase "Sim reads no clock and throws no dice of its own" (fun () ->
                let rules =
                    banned
                    |> List.filter (fun (_, brings) ->
                        brings = "a clock" || brings = "randomness" || brings = "threads")

                Expect.equal (findings rules (under [ "Sim" ] [ ".fs" ])) [] "banned words")
            testCase "projects know only what lies below them" (fun () ->
                for project, allowed in layers do
                    let beyond = known project |> List.filter (fun k -> not (List.contains k allowed))
                    Expect.equal beyond [] project)
            testCase "a strategy knows no other strategy" (fun () ->
                let strategies = [ "RotationScalper" ]

                for file in under [ "Core/Features"; "Core/Settings" ] [ ".fs" ] do
                    for s in strategies do
                        Expect.isFalse ((text file).Contains s) $"{file} names {s}")
            testCase "no file is longer than 400 lines" (fun () ->
                let long = sources.Value |> List.filter (fun f -> (lines f).Length > 400)
                Expect.equal long [] "files")
            testCase "no function of the core is longer than 75 lines" (fun () ->
                let long =
                    [
                        for file in core.Value do
                            for line, name, length in functions file do
                                if length > 75 && not (name.StartsWith "let all") then
                                    $"{file}:{line} {name}: {length} lines"
                    ]

                Expect.equal long [] "functions")
            testCase "no line is wider than 160 characters" (fun () ->
                let wide =
                    [
                        for file in under [ "Domain.fs"; "Core"; "Sim"; "Adapters"; "Shell"; "Cli" ] [ ".fs"; ".cs" ] do
                            for i, line in Array.indexed (lines file) do
                                if line.Length > 160 then
                                    $"{file}:{i + 1}"
                    ]

                Expect.equal wide [] "lines")
            testCase "no registry host, no path of a machine, no unfinished word" (fun () ->
                let registry =
                    String.concat
                        "|"
                        [
                            "nuget" + @"\.org"
                            "npmjs" + @"\.(org|com)"
                            "pkgs" + @"\.dev"
                            "yarnpkg" + @"\.com"
                        ]

                let rules =
                    [
                        registry, "a registry host"
                        @"/(" + "work|home|root|Users" + @")/[a-z]", "a path of a machine"
                        @"\b(" + "TO" + "DO|FIX" + "ME|XX" + @"X)\b", "an unfinished word"
                    ]

                let found =
                    [
                        for file in committed.Value do
                            for i, line in Array.indexed (lines file) do
                                for pattern, what in rules do
                                    if Regex.IsMatch(line, pattern) then
                                        $"{file}:{i + 1} holds {what}"
                    ]

                Expect.equal found [] "committed text")
            testCase "every package has its reason" (fun () ->
                let all = lines "paket.dependencies"

                let bare =
                    [
                        for i, line in Array.indexed all do
                            let isRepeated = line.Contains "FSharp.Core" && i > 12
                            let isSerilogPart = line.Contains "Serilog." && all[i - 1].Contains "Serilog"

                            if line.TrimStart().StartsWith "nuget " && not isRepeated && not isSerilogPart then
                                if not (all[i - 1].TrimStart().StartsWith "//") then
                                    line
                    ]

                Expect.equal bare [] "packages without a comment above")
            testCase "the top level is as prescribed" (fun () ->
                for name in
                    [
                        "Vrlg.sln"
                        "Domain.fs"
                        "Adapters"
                        "Shell"
                        "Properties"
                        "Sim"
                        "tests"
                        "configs"
                        "paket.dependencies"
                        "paket.lock"
                        "README.md"
                        "Core"
                        "Cli"
                        "docs"
                        "deploy"
                        "monitoring"
                        "vrlg"
                        "check"
                        ".ci/run"
                        "CHANGELOG.md"
                        "LICENSE"
                    ] do
                    Expect.isTrue (Path.Exists(Path.Combine(root, name))) name)
        ]
