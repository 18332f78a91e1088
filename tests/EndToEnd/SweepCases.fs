/// A sweep over a recording, for tests to vary.
module Vrlg.EndToEnd.SweepCases

open System
open System.IO
open Vrlg.EndToEnd.Command

/// A detector that is always active, and fees that let a set earn something.
let eager =
    [
        "signal.detector=document"
        "signal.p_max=1"
        "signal.M=3"
        "fees.maker_bps=-2"
        "fees.taker_bps=-1"
    ]
    |> List.collect (fun s -> [ "--set"; s ])

let recording = "market/hyperliquid-l2-20250904"

let sweep (out: string) (more: string list) =
    [
        "sweep"
        "--config"
        "configs/vrlg.toml"
        "--data"
        data recording
        "--coin"
        "SOL"
        "--out"
        out
        "--json"
    ]
    @ eager
    @ more

/// Twelve minutes of it.
let part = [ "--from"; "2025-09-04T19:48:00Z"; "--to"; "2025-09-04T20:00:00Z" ]

let few = [ "--grid"; "x=0.15,0.3"; "--grid"; "order_ttl_ms=600,1400" ]

let bytes (folder: string) =
    [
        for file in Directory.GetFiles folder |> Array.sort do
            Path.GetFileName file, Convert.ToHexString(Security.Cryptography.SHA256.HashData(File.ReadAllBytes file))
    ]
