module Vrlg.ShellTests.SweepFiles

open System
open System.IO
open Expecto
open Vrlg.Shell
open Vrlg.Shell.Sweep

let private inTemp (act: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("vrlg-sweep-").FullName

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

let private columns =
    [|
        ResultColumn.OfWholes("id", [| 3; 1; 2 |])
        ResultColumn.OfTexts("tier", [| "Tier 2"; "Tier 2"; "Tier 1 TouchAt" |])
        ResultColumn.OfNumbers("objective", [| Nullable 1.25; Nullable(); Nullable -0.1 |])
    |]

let private write path =
    ResultFile.WriteAsync(path, columns).GetAwaiter().GetResult()

let private folders =
    testList
        "a sweep folder"
        [
            testCase "keeps every finished point, and lets go of a line that was broken off" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    let first = SweepFolder.Create(path, false, "{}\n")
                    first.Append "one"
                    first.Append "two"
                    first.Dispose()
                    File.AppendAllText(first.File SweepFolder.PointsName, "thr")
                    let again = SweepFolder.Open path
                    Expect.equal (Seq.toList (again.ReadPoints())) [ "one"; "two" ] "whole lines"
                    again.Append "three"
                    again.Dispose()
                    Expect.equal (Seq.toList (SweepFolder.Open(path).ReadPoints())) [ "one"; "two"; "three" ] "and on"))
            testCase "is marked until it is complete, its points then in order" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    let folder = SweepFolder.Create(path, false, "{}\n")
                    folder.Append "b"
                    folder.Append "a"
                    Expect.isTrue (File.Exists(folder.File RunFolder.Marker)) "while it goes"
                    folder.Complete [ "a"; "b" ]
                    Expect.isFalse (File.Exists(folder.File RunFolder.Marker)) "at its end"
                    Expect.equal (File.ReadAllText(folder.File SweepFolder.PointsName)) "a\nb\n" "in order"))
            testCase "that is there already is refused, and forced it is written anew" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    SweepFolder.Create(path, false, "{}\n").Append "one"
                    let sentence = refusal (fun () -> SweepFolder.Create(path, false, "{}\n") |> ignore)
                    Expect.stringContains sentence "--resume" "one way out"
                    Expect.stringContains sentence "--force" "the other"
                    let forced = SweepFolder.Create(path, true, "{}\n")
                    Expect.equal (Seq.length (forced.ReadPoints())) 0 "anew"))
            testCase "that is written anew leaves the old sweep until it is complete, and can be continued" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    let first = SweepFolder.Create(path, false, "{}\n")
                    first.Append "one"
                    first.Complete [ "one" ]
                    let forced = SweepFolder.Create(path, true, "{ }\n")
                    forced.Append "two"
                    forced.Dispose()

                    let old () =
                        File.ReadAllText(Path.Combine(path, "points.jsonl"))

                    Expect.equal (old ()) "one\n" "whatever happens to the new one"
                    let again = SweepFolder.Open path
                    Expect.equal (again.ReadPlan()) "{ }\n" "the one that was broken off"
                    again.Append "three"
                    again.Complete [ "three"; "two" ]
                    Expect.equal (old ()) "three\ntwo\n" "it took the place"
                    Expect.equal (Directory.GetDirectories temp) [| path |] "nothing else is left"))
            testCase "that is opened is marked only when it is gone on with" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "a")
                    SweepFolder.Create(path, false, "{}\n").Complete [ "one" ]
                    let again = SweepFolder.Open path
                    Expect.isTrue again.IsComplete "it may be refused yet"
                    again.Mark()
                    Expect.isFalse again.IsComplete "while it goes"))
            testCase "with something else in it is left alone" (fun () ->
                inTemp (fun temp ->
                    File.WriteAllText(Path.Combine(temp, "letter.txt"), "dear")
                    let sentence = refusal (fun () -> SweepFolder.Create(temp, true, "{}\n") |> ignore)
                    Expect.stringContains sentence "letter.txt" "the file"
                    Expect.isTrue (File.Exists(Path.Combine(temp, "letter.txt"))) "still there"))
            testCase "that is none cannot be continued" (fun () ->
                inTemp (fun temp ->
                    Expect.stringContains
                        (refusal (fun () -> SweepFolder.Open temp |> ignore))
                        "--resume"
                        "the way out"))
        ]

let private files =
    testList
        "a result file"
        [
            testCase "gives back what was written, missing figures too" (fun () ->
                inTemp (fun temp ->
                    let path = Path.Combine(temp, "r.parquet")
                    write path
                    let back = ResultFile.ReadAsync(path).GetAwaiter().GetResult()
                    Expect.equal [ for c in back -> c.Name ] [ for c in columns -> c.Name ] "names"
                    Expect.equal (back[0].Wholes) (columns[0].Wholes) "whole numbers"
                    Expect.equal (back[1].Texts) (columns[1].Texts) "texts"
                    Expect.equal (back[2].Numbers) (columns[2].Numbers) "numbers"))
            testCase "is the same bytes for the same columns" (fun () ->
                inTemp (fun temp ->
                    let a, b = Path.Combine(temp, "a"), Path.Combine(temp, "b")
                    write a
                    write b
                    Expect.isTrue (File.ReadAllBytes a = File.ReadAllBytes b) "bytes"))
            testCase "of a hostile name stays inside its element on the page" (fun () ->
                let page = SweepPage.Render("</title><script>", "{\"coin\":\"</script><script>\"}")
                Expect.isFalse (page.Contains "</title><script>") "the title"
                Expect.isFalse (page.Contains "</script><script>\"") "the data")
        ]

let tests = testList "sweep files" [ folders; files ]
