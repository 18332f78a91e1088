module Vrlg.Properties.StopOuts

open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Properties.Law

let private config: StopOutConfig =
    {
        Count = 3
        Within = Duration.Of 100L
        Pause = Duration.Of 50L
    }

let private ends =
    gen {
        let! steps =
            Gen.listOf (
                Gen.zip3
                    (Gen.choose (0, 60))
                    (Gen.elements [ LeftBy.Stop; LeftBy.TimeStop; LeftBy.Other ])
                    (Gen.elements [ -5L; -1L; 0L; 3L ])
            )

        let mutable now = 0L

        return
            [
                for dt, by, net in steps do
                    now <- now + int64 dt
                    now, by, net
            ]
    }

/// What the rule says, told from the whole history at once: the pause begins with a stop-out that ends an unbroken run of
/// `Count` since the last pause began, the first of them no longer ago than the window.
let private plain (all: (int64 * LeftBy * int64) list) : int64 =
    let mutable row = []
    let mutable until = 0L

    for at, by, net in all do
        if by <> LeftBy.Other && net < 0L then
            row <- at :: row

            if row.Length >= config.Count && at - row[config.Count - 1] <= config.Within.Ns then
                until <- at + config.Pause.Ns
                row <- []
        else
            row <- []

    until

let tests =
    testList
        "stop-outs"
        [
            law "pause when the history says so, and only then" (fun () ->
                Prop.forAll (Arb.fromGen ends) (fun all ->
                    let s =
                        all
                        |> List.fold
                            (fun (s: StopOuts) (at, by, net) -> s.Ended(Instant.Of at, by, Usd.Of net))
                            (StopOuts.Start config)

                    s.Until = plain all))
        ]
