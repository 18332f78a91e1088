/// Both detectors on the reference streams: period, evidence and state every ten seconds.
module Vrlg.Wire.RotationStreams

open System.IO
open Expecto
open Vrlg
open Vrlg.RotationAgreement

/// The folder of the streams; a test that needs one which is not there skips.
let private folderOf (file: string) =
    string (Path.GetDirectoryName(Shared.find $"data/rotation/{file}"))

let private agrees (a: Agreement) =
    Expect.isEmpty a.Faults $"{a.Name}, {a.Mode}"
    Expect.isNonEmpty a.Deviations "something was compared"

let tests =
    testList
        "rotation streams"
        [
            for name in [ "s02"; "s05"; "s09" ] do
                testCase $"{name} in document mode" (fun () ->
                    agrees (document (folderOf $"{name}.document.json") name))
            for k in 1..12 do
                let name = $"s%02d{k}"

                testCase $"{name} in valid mode on the wall clock" (fun () ->
                    agrees (valid (folderOf $"{name}.reference.json") name "wall-clock"))
            testCase "s12 in valid mode on the block clock" (fun () ->
                agrees (valid (folderOf "s12.blocks.csv.gz") "s12" "block-clock"))
            testCase "the plain autocorrelation meets its vectors" (fun () ->
                agrees (vectors (folderOf "acf-vectors.json")))
        ]
