/// The acceptance table of the rotation detector: what is measured here, and which tests hold the rest.
module Vrlg.Bench.Rotations

open Vrlg.Bench.RotationPower

let private others () =
    say "\nNot statistics, and so tests of their own:"

    say
        "A1    dotnet artifacts/bin/Wire/release/Vrlg.Wire.dll --filter-test-list \"rotation streams\" (s01 to s12, both clocks)"

    say "A2    the same (the plain autocorrelation)"
    say "A3    the same (s02, s05, s09 in document mode)"

    say
        "A9    dotnet artifacts/bin/Properties/release/Vrlg.Properties.dll --filter-test-list \"the valid detector\" (edge cases)"

    say "A10   the same (laws)"

let run (arguments: string list) : int =
    match arguments with
    | [] ->
        power 24
        blocks 24
        nothing 8.0
        RotationCost.run 7
        others ()
        0
    | [ "quick" ] ->
        power 6
        blocks 4
        nothing 0.1
        RotationCost.run 1
        others ()
        0
    | [ "power"; streams ] ->
        power (int streams)
        0
    | [ "blocks"; streams ] ->
        blocks (int streams)
        0
    | [ "null"; days ] ->
        nothing (float days)
        0
    | [ "cost"; days ] ->
        RotationCost.run (int days)
        0
    | _ ->
        say "rotation [quick | power STREAMS | blocks STREAMS | null DAYS | cost DAYS]"
        2
