/// Demos that were damaged, rewritten or built by somebody else, replayed.
module Vrlg.EndToEnd.DamagedDemos

open System.IO
open System.Text.Json
open Expecto
open Vrlg.Core
open Vrlg.EndToEnd.Command
open Vrlg.EndToEnd.DemoRuns

let tests =
    testSequenced (
        testList
            "damaged demo"
            [
                testCase "with a flipped byte, a missing tail or no journal says which" (fun () ->
                    inTemp (fun temp ->
                        let journal name =
                            Path.Combine(temp, name, "journal-000001.vj")

                        for name in [ "flipped"; "cut"; "short"; "none"; "longer"; "first" ] do
                            copyOf (fst demo.Value) (Path.Combine(temp, name))

                        let bytes = File.ReadAllBytes(journal "cut")
                        // The last byte of the last record: a byte of a length would tell of a missing tail.
                        flip (journal "flipped") (bytes.Length - 1)
                        File.WriteAllBytes(journal "cut", bytes[.. bytes.Length / 2])
                        File.WriteAllBytes(journal "short", bytes[..4])
                        File.Delete(journal "none")

                        let tell name code (word: string) =
                            let answer = vrlg [ "replay"; Path.Combine(temp, name) ]
                            ended code answer
                            Expect.stringContains answer.Err word "the sentence"

                        File.WriteAllBytes(journal "longer", Array.append bytes [| 1uy; 2uy; 3uy |])
                        File.Move(journal "first", Path.Combine(temp, "first", "journal-000002.vj"))
                        tell "longer" 5 "3 bytes stand behind the journal's end"
                        tell "first" 5 "journal-000001.vj: this segment of the journal is missing"
                        tell "flipped" 5 "Copy the run folder again"
                        tell "flipped" 5 "a byte was changed"
                        tell "cut" 5 "the tail is missing"
                        tell "short" 5 "no journal segment"
                        tell "none" 1 "no journal is here"))
                testCase "written by another build says so" (fun () ->
                    inTemp (fun temp ->
                        let folder = Path.Combine(temp, "run")
                        copyOf (fst demo.Value) folder
                        Rewrite.build (Path.Combine(folder, "journal-000001.vj"))
                        let answer = vrlg [ "replay"; folder ]
                        ended 5 answer
                        Expect.stringContains answer.Err "another build" "the sentence"))
                testCase "whose outputs were forged names the first differing event, both sides on demand" (fun () ->
                    inTemp (fun temp ->
                        let folder = Path.Combine(temp, "run")
                        copyOf (fst demo.Value) folder
                        let event = Rewrite.forgeOutput (Path.Combine(folder, "journal-000001.vj"))
                        let answer = vrlg [ "replay"; folder; "--diff" ]
                        ended 5 answer
                        Expect.stringContains answer.Out $"differs at event {event}" "the event"
                        Expect.stringContains answer.Out "- recorded: forged" "one side"
                        Expect.stringContains answer.Out "+ replayed: " "the other"
                        // An order's life is told up to there, and the difference is in the same object.
                        let life = vrlg [ "replay"; folder; "--order"; "1"; "--json" ]
                        ended 5 life
                        let told = (json life.Out).GetProperty "replay"
                        Expect.isFalse (told.GetProperty("identical").GetBoolean()) "it differs"
                        Expect.equal (told.GetProperty("event").GetInt64()) event "where"))
                testCase "altered with right checksums says what was altered" (fun () ->
                    inTemp (fun temp ->
                        let altered name (alter: string -> string -> unit) (word: string) =
                            let folder = Path.Combine(temp, name)
                            copyOf (fst demo.Value) folder

                            let file n =
                                Path.Combine(folder, $"journal-00000{n}.vj")

                            alter (file 1) (file 2)
                            let answer = vrlg [ "replay"; folder ]

                            Expect.stringContains (answer.Out + answer.Err) word name
                            ended (if word = "identical: " then 0 else 5) answer

                        let one act = fun file _ -> act file

                        let split change =
                            fun file second -> Rewrite.split file second change

                        altered "swapped" (one Rewrite.swap) "in another order"
                        altered "overwritten" (one Rewrite.overwrite) "missing, repeated"
                        altered "killed after its end" (one Rewrite.killAfterEnd) "goes on after its end"
                        altered "without a digest" (one Rewrite.dropState) "no digest of the state"
                        altered "with two headers" (one Rewrite.secondHeader) "a second header stands inside"
                        altered "with other settings" (one Rewrite.settings) "not those that its hash names"
                        altered "in two segments" (split (fun h -> h)) "identical: "
                        altered "of two runs" (split (fun h -> { h with Run = 99L })) "another run number"
                        altered "of two settings" (split (fun h -> { h with Setup = "" })) "another set of settings"
                        altered "numbered twice" (split (fun h -> { h with Segment = 1 })) "stands where segment 2"))
            ]
    )
