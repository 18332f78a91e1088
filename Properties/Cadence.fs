/// Features and decisions wait for no order (X24): the grid is kept to the nanosecond, whatever is on its way.
module Vrlg.Properties.Cadence

open System.Collections.Generic
open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private id = InstrumentId.Of 0
let private grid = 100_000_000L

let private btc =
    { instrument 0 with
        Name = "BTC"
        SzDecimals = 5
    }

/// What a run did at its heartbeats.
type private Pulse() =
    let grids = ResizeArray<struct (int64 * int64)>()
    let features = ResizeArray<struct (int64 * int64 * float * float)>()
    let judged = Dictionary<int64, int>()
    let mutable last = 0.0
    let mutable waiting = 0
    let mutable longest = 0L
    let mutable late = 0
    /// Instant of each heartbeat and the grid instant that it stands for.
    member _.Grids = List.ofSeq grids
    member _.Features = List.ofSeq features
    /// How often a grid instant was judged, by the instant.
    member _.Judged = judged
    /// Heartbeats at which some order of ours had no answer yet, and the longest such wait.
    member _.Waiting = waiting
    member _.Longest = longest
    /// Entries that were decided elsewhere than on the grid.
    member _.Late = late

    interface IWatch with
        member _.Arrived _ = ()
        member _.Executed(_, _) = ()
        member _.Beat(_, _) = ()

        member _.Stepped(input, output, state) =
            let at, event = input.At, input.Event
            let isBeat = event.Kind = EventKind.Ticked

            if not output.Notes.IsDefaultOrEmpty then
                for n in output.Notes do
                    match n with
                    | Remarked(_, r) when r.Code = "entry" && not (isBeat && at.Ns % grid = 0L) -> late <- late + 1
                    | _ -> ()

            if isBeat then
                let stands = event.Grid
                grids.Add(struct (at.Ns, stands.Ns))

                for o in state.Facts.Orders.LiveOrders.ToArray() do
                    match o.Phase with
                    | Phase.Sent
                    | Phase.Cancelling ->
                        waiting <- waiting + 1
                        longest <- max longest (at.Ns - o.ChangedAt.Ns)
                    | _ -> ()

                match (state.Facts.Market id).Feature with
                | ValueSome f ->
                    let of' = f.Grid
                    features.Add(struct (of'.Ns, f.MidTwice, f.Dob, f.Obi))
                | ValueNone -> ()

                // Every judgement is counted: as an entry, or by one reason.
                let now =
                    Engine.gauges state (DeskId.Of 0)
                    |> Seq.sumBy (fun struct (name, n) ->
                        if name = "entries" || name.StartsWith "skipped." then
                            n
                        else
                            0.0)

                judged[stands.Ns] <- int (now - last)
                last <- now

let private run (seed: int64) (roundTrip: string) : Pulse =
    let sets =
        [
            "signal.detector", "document"
            "latency.order_rt_ms", roundTrip
            "account.equity_usd", "10000000"
            "risk.stop_outs", "0"
        ]

    match Setup.ofPairs (ImmutableArray.CreateRange [ for k, v in sets -> struct (k, v) ]) with
    | Error problems -> failtestf "%s" problems[0].Sentence
    | Ok values ->
        let setup: RunSetup = { Values = values; Instrument = btc }

        let tape =
            Synthetic.make
                { Synthetic.usual btc seed with
                    Length = Duration.OfMs 240_000L
                }

        let pulse = Pulse()

        World(Backtest.world setup seed, Setup.desks setup, tape, pulse).Run((fun () -> false), null)
        |> ignore<WorldResult>

        pulse

let private seeds = Arb.fromGen (Gen.choose64 (1L, 10_000L))

let tests =
    testList
        "the cadence"
        [
            lawN
                4
                "keeps the 100 ms grid to the nanosecond, and judges each of its instants once, with orders in flight"
                (fun () ->
                    Prop.forAll seeds (fun seed ->
                        let pulse = run seed "[400, 900]"

                        let isExact = pulse.Grids |> List.forall (fun (struct (at, stands)) -> at = stands)

                        let isWhole =
                            pulse.Grids
                            |> List.pairwise
                            |> List.forall (fun (struct (_, a), struct (_, b)) -> b - a = grid)

                        isExact
                        && isWhole
                        && pulse.Judged.Count = pulse.Grids.Length
                        && pulse.Judged.Values |> Seq.forall (fun n -> n = 1)
                        && pulse.Waiting > 20
                        && pulse.Longest >= 300_000_000L
                        && pulse.Late = 0))
            lawN 3 "is the same, feature by feature, however long orders take" (fun () ->
                Prop.forAll seeds (fun seed ->
                    let quick, slow = run seed "20", run seed "900"
                    // A run whose orders take longer may end some instants later.
                    let n = min quick.Features.Length slow.Features.Length

                    n > 2_000 && List.truncate n quick.Features = List.truncate n slow.Features))
        ]
