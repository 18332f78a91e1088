/// How the acceptance table of the rotation detector judges: what broke a bound is named; too few streams and a busy machine fail
/// nothing.
module Vrlg.Wire.AcceptanceRows

open Expecto
open Vrlg
open Vrlg.Acceptance

let private found = atLeast 0 " %" 100.0 "strong, 0.53 s" "found"

let tests =
    testList
        "acceptance rows"
        [
            testCase "a broken bound says cell, figure and bound" (fun () ->
                let row = statistic "A5" "power" 24 (found 83.0)

                Expect.equal
                    (lines row)
                    [
                        "A5    FAILS   power"
                        "              strong, 0.53 s: found 83 %, at least 100 %"
                    ]
                    "its lines"

                Expect.equal (exitCode [ row ]) 1 "it ends with 1")
            testCase "too few streams are told, with what they showed, and fail nothing" (fun () ->
                let row = statistic "A5" "power" 6 (found 83.0)
                Expect.equal row.Judgement Judgement.Few "few"
                Expect.stringContains (lines row).Head "6 streams are too few to judge" "why"
                Expect.equal (lines row).Length 2 "what broke is shown"
                Expect.equal (exitCode [ row ]) 0 "it ends with 0"
                Expect.equal (statistic "A5" "power" 6 (found 100.0)).Judgement Judgement.Holds "what holds, holds")
            testCase "a figure that does not exist breaks its bound, and is called none" (fun () ->
                Expect.equal (atMost 0 " s" 350.0 "jailed" "again" nan) [ "jailed: again none, at most 350 s" ] "none")
            testCase "a time over its bound fails only if the least of all passes is over it" (fun () ->
                let over = atMost 1 " us" 20.0 "a sample" "median"
                let busy = timed "A7" "cost" (over 34.0) (over 8.0)
                Expect.equal busy.Judgement Judgement.Busy "busy"
                Expect.equal (exitCode [ busy; absent "A1" "no streams" ]) 0 "neither fails"
                Expect.equal (timed "A7" "cost" (over 34.0) (over 30.0)).Judgement Judgement.Fails "slow"
                Expect.equal (timed "A7" "cost" (over 6.0) []).Judgement Judgement.Holds "quick enough")
        ]
