/// The main job over the wire: VRLG against the local venue's rotation scenario, over sockets, with signed orders.
module Vrlg.Bench.SocketRuns

open System
open System.IO
open Vrlg.Venue

/// The literal detector, active as soon as it has seen thirty seconds, with gates that the scenario opens several times a minute: so
/// that the run trades. Sizes are above the venue's least order when halved.
let private settings =
    [
        "signal.detector", "document"
        "signal.p_max", "1"
        "signal.z", "2"
        "signal.M", "8"
        "signal.x", "0.01"
        "signal.y", "2"
        "signal.N", "20"
        "signal.obi_max", "1"
        "exec.size_pct", "1"
        "exec.cooldown_factor", "0"
        "risk.stop_outs", "0"
        "risk.block_stall_s", "30"
    ]

/// Trades for so many seconds, compares what venue, journal and ledger say, and prints it; 1 where they differ or nothing was filled.
let run (seconds: float) (seed: int64) (speed: float) : int =
    let folder = Directory.CreateTempSubdirectory("vrlg-socket-run-").FullName

    let told =
        SocketRun.go
            folder
            { SocketRun.plain with
                Seconds = seconds
                Seed = seed
                Speed = speed
                Settings = settings
            }

    for sentence in told.Said do
        Console.Error.WriteLine sentence

    Console.Out.WriteLine
        $"{told.Events} events, {told.Orders} orders, {told.Fills} fills, {told.Fundings} funding payments; at most {told.MostWaiting} events waited"

    Console.Out.WriteLine $"the run: {told.Folder} (vrlg replay repeats it)"

    let faults =
        [
            yield! told.Faults

            if told.Fills = 0 then
                "nothing was filled: the run proves nothing"
        ]

    for fault in faults do
        Console.Out.WriteLine("FAULT " + fault)

    if faults.IsEmpty then
        Console.Out.WriteLine
            "the venue's log gives the same fills, the journal replays, every fill is once in the ledger, position and cash agree"

        0
    else
        1
