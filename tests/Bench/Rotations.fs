/// The acceptance table of the rotation detector (rotation-detection.md 11): every row computed, with its seeds.
module Vrlg.Bench.Rotations

open Vrlg.Bench.RotationPower

let private whole (streams: int) (blockStreams: int) (days: float) (costDays: int) =
    RotationClaims.agreement ()
    nothing days
    power streams
    RotationCost.run costDays
    blocks blockStreams
    RotationClaims.cases ()
    summary ()

let run (arguments: string list) : int =
    match arguments with
    | [] -> whole 24 24 8.0 7
    | [ "quick" ] -> whole 6 4 0.1 1
    | [ "power"; streams ] ->
        power (int streams)
        summary ()
    | [ "blocks"; streams ] ->
        blocks (int streams)
        summary ()
    | [ "null"; days ] ->
        nothing (float days)
        summary ()
    | [ "cost"; days ] ->
        RotationCost.run (int days)
        summary ()
    | [ "claims" ] ->
        RotationClaims.agreement ()
        RotationClaims.cases ()
        summary ()
    | _ ->
        say "rotation [quick | power STREAMS | blocks STREAMS | null DAYS | cost DAYS | claims]"
        2
