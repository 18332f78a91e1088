/// Damaged messages through every reader: answers, never crashes, and nothing half believed.
module Vrlg.Wire.Fuzz

open System.Text
open Expecto

let private described =
    lazy
        [|
            for name, shape, text in WireSamples.described do
                name, shape, Encoding.UTF8.GetBytes text
            for text in AccountFeeds.frames do
                "a frame of the account", Vrlg.Adapters.Hyperliquid.Wire.Streams.Shape, Encoding.UTF8.GetBytes text
        |]

let private all seed count sources =
    let c = Mutations.campaign seed count sources

    for f in c.Faults do
        printfn "%s" f

    Expect.equal c.Faults.Length 0 "faults"
    // Some damage is harmless, or the test says nothing; most is not.
    Expect.isGreaterThan c.Believed (count / 50) "believed"
    Expect.isLessThan c.Believed (count * 9 / 10) "believed"

let tests =
    testList
        "damaged messages"
        [
            testCase "ten thousand of the samples" (fun () -> all 11 10_000 (Mutations.sources (WireShapes.samples ())))
            testCase "ten thousand of what the protocol describes" (fun () -> all 12 10_000 described.Value)
        ]
