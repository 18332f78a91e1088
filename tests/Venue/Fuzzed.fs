/// Ten thousand damaged requests; a million are a command of the bench.
module Vrlg.Venue.Fuzzed

open System
open Expecto

let tests =
    testList
        "fuzz"
        [
            testCase
                "damaged requests are answered or refused, the venue lives on, and its log tells of the same one"
                (fun () ->
                    let path = IO.Path.Combine(IO.Path.GetTempPath(), $"venue-{Guid.NewGuid()}.log")

                    let found =
                        try
                            VenueFuzz.campaign 1 10_000 path
                        finally
                            IO.File.Delete path

                    Expect.equal found.Faults [] "faults"
                    Expect.equal found.Cases 10_000 "cases"
                    Expect.isGreaterThan found.Answered 2_000 "many were still requests"
                    Expect.isGreaterThan found.Executed 1_000 "many reached a block")
        ]
