module Vrlg.ShellTests.RunFolders

open System.IO
open Expecto
open Vrlg.Shell

let private inTemp (act: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-run-").FullName

    try
        act folder
    finally
        Directory.Delete(folder, true)

let private refusal (act: unit -> unit) : string =
    try
        act ()
        ""
    with :? RunFolderException as e ->
        e.Message

let tests =
    testList
        "a run folder"
        [
            testCase "is marked incomplete until it is complete" (fun () ->
                inTemp (fun temp ->
                    let folder = RunFolder.Create(Path.Combine(temp, "a"), false)
                    Expect.isFalse folder.IsComplete "while the run goes"
                    folder.Complete()
                    Expect.isTrue folder.IsComplete "at its end"))
            testCase "that is there already is refused, and forced it is written anew" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    let first = RunFolder.Create(path, false)
                    first.Write("summary.json", "{}")
                    let sentence = refusal (fun () -> RunFolder.Create(path, false) |> ignore)
                    Expect.stringContains sentence "--force" "the way out"
                    let again = RunFolder.Create(path, true)
                    Expect.isFalse (File.Exists(again.File "summary.json")) "the old file is gone"))
            testCase "with a stranger's file in it is never cleared" (fun () ->
                inTemp (fun temp ->
                    File.WriteAllText(Path.Combine(temp, "thesis.txt"), "years of work")
                    let sentence = refusal (fun () -> RunFolder.Create(temp, true) |> ignore)
                    Expect.stringContains sentence "thesis.txt" "the sentence names it"
                    Expect.isTrue (File.Exists(Path.Combine(temp, "thesis.txt"))) "it is there"))
            testCase "cannot be a file" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    File.WriteAllText(path, "x")

                    Expect.stringContains
                        (refusal (fun () -> RunFolder.Create(path, true) |> ignore))
                        "a file"
                        "the sentence"))
            testCase "lists its journal in order and misses a segment aloud" (fun () ->
                inTemp (fun temp ->
                    let folder = RunFolder.Open temp
                    Expect.stringContains (refusal (fun () -> folder.Segments() |> ignore)) "no journal" "none"
                    File.WriteAllText(Path.Combine(temp, "journal-000001.vj"), "")
                    File.WriteAllText(Path.Combine(temp, "journal-000003.vj"), "")

                    Expect.stringContains
                        (refusal (fun () -> folder.Segments() |> ignore))
                        "journal-000002.vj"
                        "the gap"))
            testCase "that does not exist is a sentence" (fun () ->
                Expect.stringContains
                    (refusal (fun () -> RunFolder.Open "/nowhere/at/all" |> ignore))
                    "no such run folder"
                    "it")
        ]
