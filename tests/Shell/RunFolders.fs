module Vrlg.ShellTests.RunFolders

open System.IO
open Expecto
open Vrlg.Adapters
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
            testCase "that is written anew leaves the old run until it is complete" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    let first = RunFolder.Create(path, false)
                    first.Write("summary.json", "old")
                    first.Complete()
                    let broken = RunFolder.Create(path + "/", true)
                    broken.Write("summary.json", "half")

                    let old name =
                        File.ReadAllText(Path.Combine(path, name))

                    Expect.equal (old "summary.json") "old" "whatever happens to the new one"
                    Expect.isTrue broken.Replaces "it says where it stands"
                    Expect.isTrue (RunFolder.Open path).IsComplete "the old one"
                    Expect.isFalse (RunFolder.Open broken.Path).IsComplete "the new one"
                    let again = RunFolder.Create(path, true)
                    again.Write("summary.json", "new")
                    again.Complete()
                    Expect.equal (old "summary.json") "new" "it took the place"
                    Expect.equal again.Path path "and knows it"
                    Expect.equal (Directory.GetDirectories temp) [| path |] "nothing else is left"))
            testCase "never takes away what stands beside it under the names it needs" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")

                    let made (name: string) =
                        let other = RunFolder.Create(path + name, false)
                        other.Write("summary.json", name)
                        other.Complete()

                    made ""

                    for name in [ ".new"; ".old" ] do
                        made name
                        let sentence = refusal (fun () -> RunFolder.Create(path, true) |> ignore)
                        Expect.stringStarts sentence (path + name) "the sentence names it"
                        Expect.stringContains sentence "--out" "and a way out"
                        Expect.equal (File.ReadAllText(path + name + "/summary.json")) name "it is there"
                        Expect.equal (File.ReadAllText(path + "/summary.json")) "" "and the run itself"
                        Directory.Delete(path + name, true)

                    Directory.CreateDirectory(path + ".new") |> ignore<DirectoryInfo>
                    File.WriteAllText(path + ".new/INCOMPLETE", "")
                    File.WriteAllText(path + ".new/thesis.txt", "years of work")
                    let sentence = refusal (fun () -> RunFolder.Create(path, true) |> ignore)
                    Expect.stringContains sentence "thesis.txt" "the sentence names it"))
            testCase "leaves an empty folder that it was given where it is, and a link a link" (fun () ->
                inTemp (fun temp ->
                    let real = Path.Combine(temp, "real")
                    let link = Path.Combine(temp, "link")
                    Directory.CreateDirectory real |> ignore<DirectoryInfo>
                    Directory.CreateSymbolicLink(link, real) |> ignore<FileSystemInfo>

                    for force, text in [ false, "one"; true, "two" ] do
                        let folder = RunFolder.Create(link, force)
                        folder.Write("summary.json", text)
                        folder.Complete()
                        Expect.isNotNull (DirectoryInfo(link).LinkTarget) "still a link"
                        Expect.equal (File.ReadAllText(Path.Combine(real, "summary.json"))) text "where it leads"

                    Expect.equal (Directory.GetDirectories temp |> Array.sort) [| link; real |] "nothing else is left"))
            testCase "that is stood in is not replaced" (fun () ->
                inTemp (fun temp ->
                    RunFolder.Create(temp, false).Complete()
                    (RunFolder.Open temp).Write("summary.json", "{}")
                    let here = Directory.GetCurrentDirectory()

                    try
                        Directory.SetCurrentDirectory temp
                        let sentence = refusal (fun () -> RunFolder.Create(".", true) |> ignore)
                        Expect.stringContains sentence "current folder" "why"
                        Expect.equal (Directory.GetFileSystemEntries(temp).Length) 1 "nothing is made"
                    finally
                        Directory.SetCurrentDirectory here))
            testCase "that cannot take its place says where the run is complete, and the old run stays" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    let first = RunFolder.Create(path, false)
                    first.Write("summary.json", "old")
                    first.Complete()
                    let again = RunFolder.Create(path, true)
                    again.Write("summary.json", "new")
                    File.WriteAllText(path + ".old", "came in between")
                    let sentence = refusal again.Complete
                    Expect.stringContains sentence $"complete in {path}.new" "where it is"
                    Expect.isTrue (RunFolder.Open(path + ".new")).IsComplete "it is"
                    Expect.equal (File.ReadAllText(path + "/summary.json")) "old" "the old run"))
            testCase "whose old one came to hold others' files says so, keeps these, and is in its place" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    let first = RunFolder.Create(path, false)
                    first.Write("summary.json", "old")
                    first.Complete()
                    let again = RunFolder.Create(path, true)
                    again.Write("summary.json", "new")
                    File.WriteAllText(Path.Combine(path, "thesis.txt"), "years of work")
                    let sentence = refusal again.Complete
                    Expect.stringContains sentence $"is complete in {path};" "where it is"
                    Expect.equal (File.ReadAllText(path + "/summary.json")) "new" "the new run"
                    Expect.equal (File.ReadAllText(path + ".old/thesis.txt")) "years of work" "kept"))
            testCase "that cannot be made says why and what to do, not what the system says" (fun () ->
                let sentence = refusal (fun () -> RunFolder.Create("/proc/foo", false) |> ignore)
                Expect.stringStarts sentence "/proc/foo: the folder cannot be made: " "what and where"
                Expect.stringContains sentence "--out" "what next"
                Expect.isFalse (sentence.Contains "Could not") "no raw text")
            testCase "on a full disk says so" (fun () ->
                Expect.stringContains
                    (FileTrouble.Words(IOException("No space left", 28)))
                    "the disk is full"
                    "errno 28"

                Expect.stringContains (FileTrouble.Words(System.UnauthorizedAccessException())) "denied" "rights")
            testCase "is no file" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "README.md")
                    File.WriteAllText(path, "x")
                    Expect.stringContains (refusal (fun () -> RunFolder.Open path |> ignore)) "this is a file" "said"))
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
