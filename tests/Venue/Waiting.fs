/// What waits in the venue is bounded, and nobody who listens holds it up.
module Vrlg.Venue.Waiting

open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Core
open Vrlg.Shell.LocalVenue
open Vrlg.Sim.LocalVenue

let private bytes =
    testCase "requests that wait are bounded by what they weigh" (fun () ->
        let runner =
            VenueRunner(LocalVenue.create Given.config, System.TimeProvider.System, null, null)

        let large =
            JsonDocument.Parse("{\"type\":\"noop\",\"x\":\"" + System.String('x', 1_000_000) + "\"}").RootElement

        let submit (action: JsonElement) =
            not (isNull (runner.Submit(Given.by Given.alice Action.Nothing, action)))

        let taken =
            Seq.initInfinite (fun _ -> submit large)
            |> Seq.truncate 200
            |> Seq.filter id
            |> Seq.length

        Expect.equal taken 67 "64 MiB of them"
        Expect.isTrue (submit (JsonDocument.Parse("{\"type\":\"noop\"}").RootElement)) "a small one still fits"
        runner.Seal()
        Expect.isTrue (submit large) "after a block there is room again")

let private deaf =
    testCase "a listener that never returns does not hold the chain" (fun () ->
        let fault: Fault =
            {
                Kind = FaultKind.SkipProposer
                Name = "skip_proposer"
                FromMs = 0L
                UntilMs = System.Int64.MaxValue
                Probability = 100_000_000L
                Channel = ""
                DelayMs = 1L
                IsExecuted = false
            }

        let host =
            Client.openWith System.TimeProvider.System (VenueOptions(0, false, Client.config (), null, [| fault |]))

        use hold = new ManualResetEventSlim(false)
        use heard = new ManualResetEventSlim(false)

        host.add_Said (fun _ ->
            heard.Set()
            hold.Wait())

        heard.Wait()

        let blocks =
            Task.Run(fun () ->
                let from = host.Look(fun s -> s.Height)
                Client.until "three blocks" (fun () -> host.Look(fun s -> s.Height) > from + 3L))

        let goesOn = blocks.Wait 30_000
        hold.Set()
        Client.close host
        Expect.isTrue goesOn "blocks are closed")

let tests = testSequenced <| testList "waiting" [ bytes; deaf ]
