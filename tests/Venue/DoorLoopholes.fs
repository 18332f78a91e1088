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

let private topics =
    testCase "a connection holds so many subscriptions and no more, without limits too" (fun () ->
        let host = openVenue ()

        try
            use socket = new Socket(host)

            let subscribe (n: int) =
                let user = "0x" + n.ToString "x40"

                let kind =
                    $$$"""{"method":"subscribe","subscription":{"type":"orderUpdates","user":"{{{user}}}"}}"""

                socket.Send kind
                socket.Until(fun f -> f.Contains "subscriptionResponse" || f.Contains "\"error\"")

            for n in 1 .. Publisher.MostTopics do
                Expect.stringContains (subscribe n) "subscriptionResponse" "within"

            Expect.equal
                (subscribe 0)
                """{"channel":"error","data":"Cannot hold more than 4096 total subscriptions."}"""
                "beyond"
        finally
            close host)

let private files =
    testCase "a log that cannot be there is a sentence" (fun () ->
        let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "log")
        let mutable state = Unchecked.defaultof<VenueState>
        let mutable trouble = ""
        Expect.isNull (InputLog.Open(path, "{", config (), &state, &trouble)) "no log"
        Expect.stringStarts trouble $"{path} cannot be written; " "why")

let private faults =
    testCase "a fault may strike every channel that the venue sends on" (fun () ->
        let node value : Node = { Value = value; At = Place.Nowhere }

        let entry key value : Entry =
            {
                Key = key
                KeyAt = Place.Nowhere
                Node = node value
            }

        let table (entries: Entry list) =
            Value.Table(ImmutableArray.CreateRange entries)

        for channel in [ "l2Book"; "post"; "fastAssetCtxs"; "explorerTxs" ] do
            let row =
                table [ entry "kind" (Value.Text "drop"); entry "channel" (Value.Text channel) ]

            match Faults.ofTree (node (table [ entry "fault" (Value.Many(ImmutableArray.Create(node row))) ])) with
            | Ok read -> Expect.equal read[0].Channel channel "read"
            | Error problems -> failwith problems[0].Sentence)

let private spare =
    testCase "out of requests an account is served one every ten seconds" (fun () ->
        let s = Given.venue { Given.config with HasLimits = true }
        let alice = Given.alice
        s.ByAddress[alice].Used <- 10_000L
        s.ByAddress[alice].Served <- s.Time
        let ask () = Given.say s alice Action.Nothing

        let wait ms =
            LocalVenue.step
                s
                {
                    Time = s.Time + ms
                    Submissions = [||]
                }
            |> ignore

        Expect.stringStarts (ask ()) "Too many cumulative requests" "none left"
        wait 10_000L
        Expect.equal (ask ()) "default" "one"
        Expect.stringStarts (ask ()) "Too many cumulative requests" "not two"
        wait 10_000L
        let two = Given.order [ for _ in 1..2 -> Given.ask 0 Side.Buy "80000" "0.01" "Gtc" ]
        Expect.stringStarts (Given.say s alice two) "Too many cumulative requests" "nor two at once")

let private plain =
    testCase "what a venue says commands no terminal" (fun () ->
        let found = Vrlg.Shell.Conformance.Findings()
        found.Add("meta", "a\u001bb", "a text", "\u001b[2Jgone\nsecond\u009bline")
        let row = found.All[0]
        Expect.equal (row.Where, row.Got) ("a b", " [2Jgone second line") "one line, no commands")

let tests =
    testList "loopholes at the door" [ expiry; topics; files; faults; spare; plain ]
