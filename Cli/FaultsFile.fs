/// The file of `vrlg venue --faults`: `[[fault]]` tables in TOML.
module Vrlg.Cli.FaultsFile

open Vrlg.Sim.LocalVenue

/// The faults of a file. Refuses with every problem at once.
let read (path: string) : Fault[] =
    match Toml.parseLoose (Load.bytes path) with
    | Error problems -> Load.refuseAll path problems
    | Ok(struct (tree, beside)) ->
        match Faults.ofTree tree with
        | Ok faults when beside.IsEmpty -> faults
        | Ok _ -> Load.refuseAll path beside
        | Error problems -> Load.refuseAll path (Seq.append beside problems)
