/// The local venue: damaged requests.
module Vrlg.Bench.VenueRuns

open System
open System.Diagnostics
open Vrlg.Venue

/// `fuzz-venue COUNT SEED`: damaged requests through the venue; 1 when anything is wrong.
let fuzz (count: int) (seed: int) : int =
    let watch = Stopwatch.StartNew()
    let found = VenueFuzz.campaign seed count

    for f in found.Faults do
        Console.WriteLine f

    Console.WriteLine
        $"{found.Cases} damaged requests, {found.Answered} still answered, {found.Executed} by a block, {found.Faults.Length} faults, {watch.Elapsed.TotalSeconds:F0} s"

    if found.Faults.IsEmpty then 0 else 1
