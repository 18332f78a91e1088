/// Cut, changed and forged native files.
module Vrlg.ShellTests.TapeDamage

open System
open System.IO
open Expecto
open Vrlg.Core
open Vrlg.Shell.Tapes
open Vrlg.ShellTests.Tapes

/// The sentence with which a file is refused; empty when it is not.
let private refusal (path: string) : string =
    try
        use file = TapeFile.Open path
        let tape = FileTape.Of file

        for i in 0 .. tape.Count - 1 do
            tape.Event i |> ignore<Event>

        ""
    with :? TapeException as e ->
        e.Message

let private damage =
    [
        testCase "a flipped bit anywhere is a sentence with the place" (fun () ->
            inTemp (fun path ->
                write path 20 small.Value
                let whole = File.ReadAllBytes path

                for i in 0 .. whole.Length - 1 do
                    let bytes = Array.copy whole
                    bytes[i] <- bytes[i] ^^^ (1uy <<< (i % 8))
                    File.WriteAllBytes(path, bytes)
                    let sentence = refusal path
                    Expect.stringStarts sentence (path + ": ") $"byte {i}: the file"

                    if i >= 8 then
                        Expect.stringContains sentence "at byte " $"byte {i}: the place"
                        Expect.stringContains sentence "vrlg import" $"byte {i}: what to do"))
        testCase "a file cut anywhere, or with something after its end, is a sentence" (fun () ->
            inTemp (fun path ->
                write path 20 small.Value
                let whole = File.ReadAllBytes path

                for length in 1 .. whole.Length - 1 do
                    File.WriteAllBytes(path, Array.truncate length whole)
                    Expect.stringContains (refusal path) $"the file is cut: it has {length} bytes" $"{length} bytes"

                File.WriteAllBytes(path, Array.append whole [| 1uy |])
                Expect.stringContains (refusal path) "1 bytes follow the end" "one byte more"
                File.WriteAllBytes(path, whole)
                Expect.equal (refusal path) "" "the whole file"))
        testCase "other files and no file are sentences" (fun () ->
            inTemp (fun path ->
                Expect.stringContains (refusal path) "cannot be read" "no file"
                File.WriteAllText(path, "exchange_timestamp,price")
                Expect.stringContains (refusal path) "no native market-data file" "a text"))
        testCase "a block whose checksum was made to fit is still no block" (fun () ->
            inTemp (fun path ->
                write path 60 small.Value
                let whole = File.ReadAllBytes path
                // The first block: after the mark and the head's frame.
                let at = 8 + 9 + int whole[8]
                let length = BitConverter.ToInt32(whole, at)

                for i in at + 9 .. at + 9 + length - 1 do
                    let bytes = Array.copy whole
                    bytes[i] <- bytes[i] ^^^ 0x81uy
                    let about = Array.zeroCreate<byte> 9
                    let body = ReadOnlySpan(bytes, at + 9, length)

                    BitConverter.TryWriteBytes(Span(about, 0, 4), Checksum.crc32c body)
                    |> ignore<bool>

                    BitConverter.TryWriteBytes(Span(about, 4, 4), length) |> ignore<bool>
                    about[8] <- bytes[at + 8]
                    let sum = Checksum.crc32c (ReadOnlySpan about)
                    BitConverter.TryWriteBytes(Span(bytes, at + 4, 4), sum) |> ignore<bool>
                    File.WriteAllBytes(path, bytes)
                    // Some forgeries are other records; none may be anything but records or a sentence.
                    refusal path |> ignore<string>))
    ]

let tests = testList "damaged tapes" damage
