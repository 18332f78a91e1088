module Vrlg.EndToEnd.Launcher

open System.IO
open Expecto
open Vrlg.EndToEnd.Command

let tests =
    testList
        "launcher"
        [
            testCase "answers the version alone on standard output, and silently when nothing changed" (fun () ->
                vrlg [ "--version" ] |> ended 0
                let answer = vrlg [ "--version" ]
                Expect.equal answer.Out "vrlg 0.1.0\n" "the answer"
                Expect.equal answer.Err "" "nothing was built")
            testCase "starts no build when nothing changed" (fun () ->
                vrlg [ "--version" ] |> ended 0
                let log = Path.Combine(root, "artifacts", "bootstrap.log")
                let before = File.GetLastWriteTimeUtc log
                vrlg [ "--version" ] |> ended 0
                Expect.equal (File.GetLastWriteTimeUtc log) before "the build's log is untouched")
            testCase "of a fresh clone builds on its first call and not on its second" (fun () ->
                if not (Path.Exists(Path.Combine(root, ".git"))) then
                    skiptest "this tree is no git checkout, so it cannot be cloned"

                inTemp (fun temp ->
                    let clone = Path.Combine(temp, "clone")

                    runIn "git" temp "" [ "clone"; "--quiet"; "--no-hardlinks"; root; clone ]
                    |> ended 0

                    // What is under test, as it stands here rather than as it was committed; packages are borrowed.
                    for file in [ "vrlg"; "build/publish.sh" ] do
                        File.Copy(Path.Combine(root, file), Path.Combine(clone, file), true)

                    Directory.CreateSymbolicLink(Path.Combine(clone, "nuget"), Path.Combine(root, "nuget"))
                    |> ignore<FileSystemInfo>

                    let call () =
                        runIn (Path.Combine(clone, "vrlg")) temp "" [ "--version" ]

                    let first = call ()
                    ended 0 first
                    Expect.equal first.Out "vrlg 0.1.0\n" "the first answer, alone on standard output"
                    Expect.stringContains first.Err "building" "the first call builds"
                    let second = call ()
                    ended 0 second
                    Expect.equal second.Err "" "the second call builds nothing"))
            testCase "works from any folder and through a link" (fun () ->
                inTemp (fun temp ->
                    let link = Path.Combine(temp, "link")

                    File.CreateSymbolicLink(link, Path.Combine(root, "vrlg"))
                    |> ignore<FileSystemInfo>

                    ended 0 (vrlgIn temp "" [ "--version" ])
                    let linked = vrlgIn temp "" [ "config"; "schema"; "--json" ]
                    ended 0 linked
                    Expect.isGreaterThan ((json linked.Out).GetArrayLength()) 20 "every key"))
            testCase "gives its help on standard output, with every exit code" (fun () ->
                let answer = vrlg [ "--help" ]
                ended 0 answer

                for word in
                    [
                        "demo"
                        "backtest"
                        "replay"
                        "report"
                        "config"
                        "inspect"
                        "EXIT CODES"
                        "70"
                    ] do
                    Expect.stringContains answer.Out word "the help")
        ]
