/// The acceptance rows that are no statistics: agreement with the reference (A1 to A3), edge cases (A9) and laws (A10).
module Vrlg.Bench.RotationClaims

open System
open System.IO
open Vrlg
open Vrlg.Acceptance
open Vrlg.RotationAgreement
open Vrlg.Bench.RotationPower

/// The streams beside the repository, or where VRLG_SHARED says.
let private folder: string option =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> None
        | f when File.Exists(Path.Combine(f.FullName, "Vrlg.sln")) -> Some(Path.Combine(f.FullName, "..", "shared"))
        | f -> up f.Parent

    let named =
        match Environment.GetEnvironmentVariable "VRLG_SHARED" with
        | null
        | "" -> up (DirectoryInfo AppContext.BaseDirectory)
        | path -> Some path

    named
    |> Option.map (fun f -> Path.Combine(f, "data", "rotation"))
    |> Option.filter Directory.Exists

let private row (name: string) (bounds: string) (all: Agreement list) =
    for a in all do
        let far =
            a.Deviations
            |> List.map (fun (figure, by, _) -> $"{figure} {by:E1}")
            |> String.concat ", "

        say $"  {a.Name, -12} {a.Mode, -12} {a.Reads, 5} reads; off by at most: {far}"

        for fault in a.Faults do
            say $"    {fault}"

    note (
        judged
            name
            bounds
            [
                for a in all do
                    for fault in a.Faults do
                        $"{a.Name}, {a.Mode}: {fault}"
            ]
    )

/// A1 to A3, on the streams of the reference.
let agreement () =
    match folder with
    | None ->
        for name in [ "A1"; "A2"; "A3" ] do
            note (
                absent
                    name
                    "the reference streams (data/rotation) are not beside the repository; VRLG_SHARED names their folder"
            )
    | Some folder ->
        say $"\nReference streams, {Path.GetFullPath folder}"

        row
            "A1"
            "s01 to s12: intervals, states and crossings equal, period to 1e-6, log10 E to 1e-5, next boundary to 1 ms"
            [
                for k in 1..12 -> valid folder $"s%02d{k}" "wall-clock"
                yield valid folder "s12" "block-clock"
            ]

        row "A2" "autocorrelation, standard errors and white band to 1e-9" [ vectors folder ]

        row
            "A3"
            "document mode on s02, s05, s09: periods equal, p to 1e-8 (asked: 1e-6)"
            [ for name in [ "s02"; "s05"; "s09" ] -> document folder name ]

let private claims (name: string) (what: string) (first: int64) (checks: RotationChecks.Check list) =
    let mutable broken = []

    for c in checks do
        let seeds = [ for k in 0 .. c.Times - 1 -> first + int64 k ]
        let wrong = seeds |> List.filter (fun seed -> not (c.Holds seed))

        let range =
            if c.Times = 1 then
                $"seed {first}"
            else
                $"seeds {first} to {first + int64 c.Times - 1L}"

        let word =
            if wrong.IsEmpty then
                "holds"
            else
                broken <- broken @ [ $"{c.Name}: with seeds {wrong}" ]
                $"FAILS with seeds {wrong}"

        say $"  {c.Name}: {word} ({range})"

    note (judged name $"{checks.Length} {what}" broken)

/// A9 and A10.
let cases () =
    say "\nEdge cases (rotation-detection.md 7)"
    claims "A9" "cases" 3L RotationChecks.edges
    say "\nLaws on random streams"
    claims "A10" "laws" 1L RotationChecks.laws
