/// Ten seconds of many clients: whatever the machine does beside it, no error, every order answered once, and nobody dropped but
/// the one who does not read.
module Vrlg.Venue.UnderLoad

open System
open System.Collections.Concurrent
open System.IO
open Expecto
open Vrlg.Bench.LoadClient
open Vrlg.Bench.LoadTally
open Vrlg.Shell.LocalVenue
open Vrlg.Venue.Client

let tests =
    testSequenced
    <| testList
        "under load"
        [
            testCase "every order is answered once, and only who does not read is dropped" (fun () ->
                let funds =
                    [|
                        for address in addresses do
                            struct (address, 1_000_000L * Given.one)
                    |]

                let config = { config () with Funds = funds }

                let host =
                    VenueHost.Open(VenueOptions(0, false, config), TimeProvider.System).GetAwaiter().GetResult()

                let said = ConcurrentQueue<string>()
                host.add_Said (fun sentence -> said.Enqueue sentence)
                let folder = Directory.CreateTempSubdirectory("vrlg-load-").FullName

                try
                    let plan =
                        {
                            Seconds = 10
                            Connections = 50
                            Subscriptions = 20
                            Orders = 200
                            Offers = false
                        }

                    let outcome =
                        (run (Uri $"ws://127.0.0.1:{host.Port}/ws") plan folder 1L true).GetAwaiter().GetResult()

                    Expect.isEmpty outcome.Errors (String.concat "\n" (List.truncate 5 outcome.Errors))
                    Expect.equal outcome.Orders 2_000 "all were sent"
                    Expect.equal (outcome.Unanswered, outcome.AnsweredTwice) (0, 0) "each answered once"
                    Expect.equal outcome.Acks.Length 2_000 "each acknowledged"
                    Expect.isGreaterThan outcome.Frames 10_000L "and the streams went on"

                    Expect.equal
                        (List.ofSeq said)
                        [ "a connection was dropped: slow consumer" ]
                        "who was dropped, and why"
                finally
                    close host
                    Directory.Delete(folder, true))
        ]
