/// Ten thousand damaged requests; a million are a command of the bench.
module Vrlg.Venue.Fuzzed

open Expecto

let tests =
    testList
        "fuzz"
        [
            testCase "damaged requests are answered or refused, and the venue lives on" (fun () ->
                let found = VenueFuzz.campaign 1 10_000
                Expect.equal found.Faults [] "faults"
                Expect.equal found.Cases 10_000 "cases"
                Expect.isGreaterThan found.Answered 2_000 "many were still requests"
                Expect.isGreaterThan found.Executed 1_000 "many reached a block")
        ]
