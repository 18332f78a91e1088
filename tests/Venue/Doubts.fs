/// An action without an answer against the venue: what a noop with its nonce proves there holds.
module Vrlg.Venue.Doubts

open System
open System.Collections.Concurrent
open System.IO
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Vrlg.Adapters
open Vrlg.Adapters.Hyperliquid
open Vrlg.Adapters.Hyperliquid.Frames
open Vrlg.Adapters.Hyperliquid.Net
open Vrlg.Adapters.Hyperliquid.Trading
open Vrlg.Core
open Vrlg.Venue.SocketRun

let private user = addressOf (Array.create 32 7uy)

/// The way to the venue, which loses the answer to the first action, or the action itself.
type private Lossy(rest: RestClient, arrives: bool) =
    let mutable first: byte[] option = None
    let none = RestReply(RestOutcome.Unknown, ReadOnlyMemory.Empty, "no answer")

    /// What the venue says when that action comes after all.
    member _.Again() : string =
        let body = ReadOnlyMemory(Option.get first)

        let reply =
            rest.ActAsync(body, 1, true, CancellationToken.None).GetAwaiter().GetResult()

        Encoding.UTF8.GetString reply.Body.Span

    interface IVenueRest with
        member _.AskAsync(kind, body, isExit, stop) = rest.AskAsync(kind, body, isExit, stop)

        member _.ActAsync(body, batch, isExit, stop) =
            match first with
            | Some _ -> rest.ActAsync(body, batch, isExit, stop)
            | None ->
                first <- Some(body.ToArray())

                task {
                    if arrives then
                        let! _ = rest.ActAsync(body, batch, isExit, stop)
                        ()

                    return none
                }

/// An order whose answer is lost: what is told of it, whether it rests, and what the venue says when it comes again.
let private doubt (arrives: bool) : struct (Answer list * int * string) =
    let folder = Directory.CreateTempSubdirectory("vrlg-doubt-").FullName
    let venue = opened (venueOf folder 5L 1.0 user)

    try
        let clock = RunClock TimeProvider.System
        let mutable trouble = ""
        let network = nonNull (Network.Find($"http://127.0.0.1:{venue.Port}", &trouble))

        use rest =
            new RestClient(network, WeightBudget(1_200, 0, clock), TimeSpan.FromSeconds 60.0, clock)

        let lossy = Lossy(rest, arrives)
        use key = keyOf folder user
        use nonces = nonNull (Nonces.Open(folder, key.Signer, clock, &trouble))
        let told = ConcurrentQueue<Answer>()

        let sink =
            { new IEventSink with
                member _.Take(all, _) =
                    for e in all do
                        match e.Rare with
                        | ValueSome(RareEvent.Replied reply) -> told.Enqueue reply.Answer
                        | _ -> ()

                    true
            }

        let assets = TradedAssets [ TradedAsset(InstrumentId.Of 0, 0, "BTC", null) ]
        let budget = ActionBudget 0L
        let time = VenueClock clock

        let struct (apart, _) =
            Asking.SettleTimeAsync(rest, time, clock, CancellationToken.None).GetAwaiter().GetResult()

        Expect.isNull apart "the venue's time"
        let feed = AccountFeed(AccountId.Of 0, 7L)

        use gateway =
            new OrderGateway(
                GatewayParts(key, nonces, lossy, null, time, budget, feed, sink, assets, clock),
                GatewayOptions.Default
            )

        let order: NewOrder =
            {
                Account = AccountId.Of 0
                Instrument = InstrumentId.Of 0
                Cloid = { Run = 7L; N = 1L }
                Side = Side.Buy
                Px = Px.Of(50_000L * 100_000_000L)
                Sz = Sz.Of 100_000L
                Tif = Tif.Alo
                ReduceOnly = false
                Trigger = Px.Of 0L
                Expires = Instant.Of(clock.Now.Ns + 600_000_000_000L)
            }

        gateway.Take([], [ order ])
        Client.until "no answer is waited for" (fun () -> told.Count > 0 && gateway.InFlight = 0)

        let resting =
            (ask venue.Port $$"""{"type":"openOrders","user":"{{user}}"}""").GetArrayLength()

        struct (List.ofSeq told, resting, lossy.Again())
    finally
        closed venue
        Directory.Delete(folder, true)

let tests =
    testSequenced
    <| testList
        "an action in doubt"
        [
            testCase
                "that had not arrived is told as never run, and when it comes the venue does not take it"
                (fun () ->
                    let struct (told, resting, again) = doubt false

                    match told with
                    | [ Answer.Unanswered; Answer.Refused status ] -> Expect.equal status NonceProof.Status "never run"
                    | other -> failtest $"%A{other}"

                    Expect.equal resting 0 "it does not rest"
                    Expect.stringContains again "Invalid nonce: duplicate nonce" "and never will")
            testCase "that had arrived stays in doubt" (fun () ->
                let struct (told, resting, _) = doubt true

                match told with
                | [ Answer.Unanswered ] -> ()
                | other -> failtest $"%A{other}"

                Expect.equal resting 1 "it rests")
        ]
