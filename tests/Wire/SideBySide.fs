/// Runs in one pass over one tape: each is, fill by fill, what it is by itself.
module Vrlg.Wire.SideBySide

open System
open System.Collections.Immutable
open Expecto
open Vrlg.Cli
open Vrlg.Core
open Vrlg.Sim

let private instrument = Data.btc

/// A made market with two silences that are gaps.
let private tape: Lazy<Tape> =
    lazy
        (let whole =
            Synthetic.make
                { Synthetic.usual instrument 5L with
                    Length = Duration.OfMs 420_000L
                }

         let isHeard i =
             let s = (whole.VenueAt i - whole.VenueAt 0) / 1_000_000_000L
             not (s >= 100L && s < 109L) && not (s >= 250L && s < 257L)

         let kept = [| 0 .. whole.Count - 1 |] |> Array.filter isHeard
         MemoryTape(Array.map whole.VenueAt kept, Array.map whole.RecvAt kept, Array.map whole.Event kept) :> Tape)

/// A detector that is always active, and fees that let a set earn something.
let private eager =
    [
        "sim.seed", "5"
        "signal.detector", "document"
        "signal.p_max", "1"
        "signal.M", "3"
        "signal.y", "1"
        "fees.maker_bps", "-1"
        "fees.taker_bps", "0"
    ]

/// What the sets differ in: every group of settings, the sensor's and the latency's among them.
let private differences =
    [
        []
        [ "exec.order_ttl_ms", "600" ]
        [ "sim.queue", "FrontFirst" ]
        [ "sim.queue", "PowerC:3" ]
        [ "signal.x", "0.1"; "signal.y", "2" ]
        [ "signal.N", "20" ]
        [ "signal.z", "0.3" ]
        [ "signal.detector", "valid" ]
        [ "signal.p_max", "0.01" ]
        [ "exec.one_sided", "true"; "exec.size_pct", "5" ]
        [ "exec.join_when_tight", "true"; "risk.stop_ticks", "1" ]
        [ "exec.exit_after_ms", "200"; "risk.time_stop_ms", "400" ]
        [ "latency.order_rt_ms", "5" ]
        [ "latency.cancel_rt_ms", "400" ]
        [ "latency.fifo", "false" ]
        [ "latency.ingest_ms", "50" ]
        [ "sim.seed", "6" ]
        [ "account.equity_usd", "100000"; "exec.max_exposure_btc", "0.01" ]
        [ "fees.taker_bps", "4.5" ]
    ]

let private values (pairs: (string * string) list) : Values =
    let last =
        (eager @ pairs)
        |> List.rev
        |> List.distinctBy fst
        |> List.map (fun (k, v) -> struct (k, v))

    match Setup.ofPairs (ImmutableArray.CreateRange last) with
    | Ok v -> v
    | Error bad -> failtest bad[0].Sentence

let private mids =
    lazy
        (Backtest.mids
            {
                Values = values []
                Instrument = instrument
            }
            tape.Value)

let private never = Func<bool>(fun () -> false)

/// Fills, funding and active time, with every field of them.
let private shown (o: Outcome voption) : string list =
    match o with
    | ValueNone -> failtest "it was not stopped"
    | ValueSome o ->
        [
            yield! o.Fills |> Seq.map (fun f -> $"%A{f}")
            yield! o.Funding |> Seq.map (fun f -> $"%A{f}")
            yield! o.Active |> Seq.map (fun w -> $"{w.From}..{w.To}")
        ]

let private alone =
    lazy
        (differences
         |> List.map (fun d ->
             (Tiers.whole Backtest.latency instrument mids.Value tape.Value).Invoke(values d, never)
             |> shown))

let private together (sets: (string * string) list list) : string list list =
    let all =
        (Tiers.together Backtest.latency instrument mids.Value tape.Value)
            .Invoke(sets |> List.map values |> List.toArray, never, ignore)

    all |> Seq.map shown |> Seq.toList

let tests =
    testList
        "side by side"
        [
            testCase "every run is what it is by itself, whatever the runs differ in" (fun () ->
                Expect.equal (together differences) alone.Value "fill by fill"

                let fills = alone.Value |> List.map List.length
                Expect.isGreaterThan (List.max fills) 50 "there is something to compare"
                Expect.isGreaterThan (List.length (List.distinct alone.Value)) 10 "and the sets do differ")
            testCase "in whichever order they stand, and who stands first" (fun () ->
                Expect.equal (together (List.rev differences)) (List.rev alone.Value) "fill by fill")
            testCase "a run that is stopped has no outcome" (fun () ->
                let all =
                    (Tiers.together Backtest.latency instrument mids.Value tape.Value)
                        .Invoke([| values [] |], (fun () -> true), ignore)

                Expect.isTrue (all |> Seq.forall _.IsNone) "none")
        ]
