/// What `vrlg sweep` refuses before it reads any data.
module Vrlg.EndToEnd.SweepRefusals

open Expecto
open Vrlg.EndToEnd.Command

let private refuses (name: string) (code: int) (arguments: string list) (words: string list) =
    testCase name (fun () ->
        inTemp (fun temp ->
            let answer = vrlgIn temp "" ([ "sweep"; "--data"; "nothing" ] @ arguments)
            ended code answer
            Expect.equal answer.Out "" "standard output is for answers"

            for word in words do
                Expect.stringContains answer.Err word "the sentence"))

let tests =
    testList
        "sweep refused"
        [
            refuses "an unknown flag" 2 [ "--grid"; "x=0.1"; "--fast" ] [ "--fast" ]
            refuses "no grid" 2 [] [ "--grid" ]
            refuses "trials that are no number" 2 [ "--grid"; "x=0.1"; "--trials"; "many" ] [ "many" ]
            refuses
                "every bad value at once"
                2
                [
                    "--grid"
                    "x=0.1,2,abc"
                    "--grid"
                    "yy=1"
                    "--grid"
                    "order_ttl_ms=600,,600"
                    "--grid"
                    "signal.N"
                    "--sampler"
                    "best"
                    "--workers"
                    "0"
                ]
                [
                    "signal.x is 2; it must be between"
                    "signal.x must be a number, not a text"
                    "did you mean signal.y?"
                    "missing between two commas"
                    "600 is listed twice"
                    "no value is named; write it as --grid signal.N=a,b,c"
                    "there is no such sampler"
                    "--workers 0"
                ]
            refuses "a range without a sampler" 1 [ "--grid"; "x=0.1..0.3" ] [ "--sampler random or tpe" ]
            refuses
                "a range the wrong way round"
                1
                [ "--grid"; "x=0.3..0.1"; "--sampler"; "tpe" ]
                [ "must be below the second" ]
            refuses "a setting swept twice" 1 [ "--grid"; "x=0.1"; "--grid"; "signal.x=0.2" ] [ "swept twice" ]
            refuses
                "trials of a grid"
                1
                [ "--grid"; "x=0.1"; "--trials"; "3"; "--sampler"; "grid" ]
                [ "--trials is for" ]
            refuses "sets that contradict each other" 1 [ "--grid"; "z=0.6,1.5"; "--grid"; "M=3,8" ] [ "above 1/4" ]
            refuses "an unknown queue rule" 1 [ "--grid"; "sim.queue=RiskAverse,Lucky" ] [ "Lucky" ]
            refuses "force and resume" 1 [ "--grid"; "x=0.1"; "--force"; "--resume" ] [ "give one of them" ]
            refuses "folds without a walk-forward" 1 [ "--grid"; "x=0.1"; "--folds"; "3" ] [ "--walk-forward" ]
            refuses "a missing data folder" 1 [ "--grid"; "x=0.1" ] [ "no such folder" ]
        ]
