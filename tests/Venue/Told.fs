/// What the venue tells and counts: nothing of what is not there, and all of what is.
module Vrlg.Venue.Told

open System.Text.Json
open Expecto
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Given

let private sizes =
    testList
        "sizes of actions"
        [
            testCase "another list beside it does not hide an action's own" (fun () ->
                let many = System.String.Join(",", Seq.replicate 1_200 "{}")

                for empty, full in [ "orders", "cancels"; "orders", "modifies"; "cancels", "modifies" ] do
                    let body = $$$"""{"action":{"{{{empty}}}":[],"{{{full}}}":[{{{many}}}]}}"""
                    Expect.equal (RequestWeight.Batch(JsonDocument.Parse(body).RootElement)) 1_200 $"{empty}, {full}")
        ]

let tests = testList "told" [ sizes ]
