/// More ways around the venue's rules, at its door: expiry, subscriptions, files, faults, spent allowances.
module Vrlg.Venue.DoorLoopholes

open System.Collections.Immutable
open System.IO
open System.Text.Json
open Expecto
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue
open Vrlg.Venue.Client

let private expiry =
    testCase "an expiry at the beginning of time is over, not absent" (fun () ->
        let read (more: string) =
            let body = signed 1uy """{"type":"noop"}"""
            let text = body.Substring(0, body.Length - 1) + more + "}"
            let mutable submission: Submission | null = null
            let mutable refusal: string | null = null

            Expect.isTrue
                (Recovery(false).TryRead(JsonDocument.Parse(text).RootElement, &submission, &refusal))
                "a request"

            match submission with
            | null -> failwith "no submission"
            | q -> q.Expires

        Expect.equal (read "") 0L "absent"
        Expect.equal (read ",\"expiresAfter\":null") 0L "null"
        Expect.equal (read ",\"expiresAfter\":5") 5L "5"
        Expect.isGreaterThan (read ",\"expiresAfter\":0") 0L "0 is an expiry")

let tests = testList "loopholes at the door" [ expiry ]
