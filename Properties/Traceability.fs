/// docs/traceability.md: every demand of the first document once, and nothing cited that is not there.
module Vrlg.Properties.Traceability

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

/// Demand, what it says, code, test.
let private rows =
    lazy
        (File.ReadAllLines(Path.Combine(root, "docs/traceability.md"))
         |> Array.filter (fun l -> Regex.IsMatch(l, @"^\| (?!---|Demand)"))
         |> Array.map (fun l -> l.Trim().Trim('|').Split '|' |> Array.map (fun cell -> cell.Trim())))

let private number (text: string) =
    Int32.Parse(text, Globalization.CultureInfo.InvariantCulture)

/// D0-034 is 34; D0-035..038 are four.
let private ids (cell: string) : int list =
    [
        for m in Regex.Matches(cell, @"D0-(\d{3})(?:\.\.(\d{3}))?") do
            let first = number m.Groups[1].Value

            let last =
                if m.Groups[2].Success then
                    number m.Groups[2].Value
                else
                    first

            yield! [ first..last ]
    ]

/// A file, or at least one file of a pattern.
let private exists (path: string) =
    let full = Path.Combine(root, path)

    let folder, name =
        string (Path.GetDirectoryName full), string (Path.GetFileName full)

    Path.Exists full
    || (name.Contains '*'
        && Directory.Exists folder
        && Directory.GetFiles(folder, name).Length > 0)

let private missing (cell: string) : string list =
    [
        for m in Regex.Matches(cell, "`([A-Za-z][A-Za-z0-9/.*]*\.(?:fs|cs|md|toml|fsproj|props)|check)`") do
            let path = m.Groups[1].Value

            let isThere =
                if path.Contains '/' || path = "check" then
                    exists path
                else
                    Directory.GetFiles(Path.Combine(root, "Core"), path, SearchOption.AllDirectories).Length > 0
                    || exists path

            if not isThere then
                path
    ]

let private testFolders =
    dict
        [
            "Properties", "Properties"
            "Stories", "tests/Stories"
            "Wire", "tests/Wire"
            "EndToEnd", "tests/EndToEnd"
            "Shell", "tests/Shell"
        ]

let private missingTests (cell: string) : string list =
    [
        for m in Regex.Matches(cell, @"\b(Properties|Stories|Wire|EndToEnd|Shell)/([A-Za-z]+)") do
            let path = $"{testFolders[m.Groups[1].Value]}/{m.Groups[2].Value}.fs"

            if not (exists path) then
                path
    ]

let tests =
    testList
        "traceability"
        [
            testCase "names every demand of the first document once" (fun () ->
                let all = rows.Value |> Seq.collect (fun row -> ids row[0]) |> Seq.toList
                Expect.equal (List.sort all) [ 1..118 ] "D0-001 to D0-118")
            testCase "cites only files and tests that are there" (fun () ->
                let found =
                    [
                        for row in rows.Value do
                            Expect.equal row.Length 4 $"four cells: {row[0]}"
                            yield! missing row[2]
                            yield! missingTests row[3]
                    ]

                Expect.isEmpty found "missing")
            testCase "says of every demand what closes it, and how it is tested unless that is later" (fun () ->
                let bare =
                    [
                        for row in rows.Value do
                            if row[2] = "" || (row[3] = "" && not (row[2].Contains "later:")) then
                                row[0]
                    ]

                Expect.isEmpty bare "rows without code or test")
        ]
