/// The kill switch from end to end in a world of its own (D0-074): latch, cancel, flatten, notify.
module Vrlg.Stories.Kills

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given

let private market =
    { Synthetic.usual btc 1L with
        Length = Duration.OfMs 300_000L
        Spread = 4
        JumpEvery = Duration.OfMs 3_600_000L
    }

let private tape = lazy (Synthetic.make market)

/// The same records with a person's word among them.
let private withWord (at: int64) (order: OperatorOrder) : Tape =
    let all = tape.Value
    let count = all.Count
    let first = Seq.findIndex (fun i -> all.VenueAt i >= at) (seq { 0 .. count - 1 })
    let word = Event.Of(RareEvent.Operator order, Instant.Of at)
    let place i = if i < first then i else i - 1

    let at' = [| for i in 0..count -> if i = first then at else all.VenueAt(place i) |]

    let events =
        [| for i in 0..count -> if i = first then word else all.Event(place i) |]

    MemoryTape(at', Array.empty, events)

let private run (sets: (string * string) list) (tape: Tape) =
    Backtest.run (Given.setup btc sets) 1L tape

/// What must be true from the kill on: told, flat at the venue and here, nothing working, nothing opened.
let private check (struct (trail: Trail, result: WorldResult)) =
    match trail.Halt with
    | ValueNone -> failtest "no notice"
    | ValueSome(struct (at, why)) ->
        Expect.isNonEmpty (Summary.haltWarnings trail) "it stands before the figures"
        Expect.stringContains (Summary.haltWarnings trail).Head why "with its words"
        Expect.isEmpty (Summary.warnings result) "and no second time"
        let length: Duration = trail.LastAt - at

        match Summary.halted trail with
        | ValueSome text ->
            let s =
                length.Seconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture)

            Expect.stringContains text $"nothing was allowed for the {s} s" "for how long"
        | ValueNone -> failtest "no line"

        let before =
            trail.Orders
            |> Seq.filter (fun o -> (let sent = o.SentAt in sent.Ns <= at.Ns) && o.Reason = "entry")

        Expect.isNonEmpty before "it had traded"

        for o in trail.Orders do
            let sent = o.SentAt
            Expect.isTrue (sent.Ns <= at.Ns || o.Order.ReduceOnly) "nothing opens after it"

        Expect.isTrue result.State.Facts.Health.IsHalted "latched to the end"
        Expect.equal result.State.Facts.Orders.LiveCount 0 "no order works"
        let held = result.State.Facts.Ledger.Position(AccountId.Of 0, Given.id)
        Expect.equal held.Size.Raw 0L "flat"

        let signed =
            trail.Fills
            |> Seq.sumBy (fun f -> let sz = f.Sz in if f.Side = Side.Buy then sz.Raw else -sz.Raw)

        Expect.equal signed 0L "by the venue's fills as well"
        why

/// An instant at which a run without a kill holds something.
let private holding =
    lazy
        (let struct (trail, _) = run [] tape.Value
         let trips = (RoundTrips.ofFills trail.Fills).Closed
         let entry = trips[trips.Length / 2].Entry
         entry.Ns + 100_000_000L)

let private quoting =
    lazy
        (let struct (trail, _) = run [] tape.Value

         let rested =
             trail.Orders
             |> Seq.filter (fun o -> o.Reason = "entry" && (let at = o.AcceptedAt in at.Ns > 0L))
             |> Seq.toList

         let accepted = rested[rested.Length / 2].AcceptedAt
         accepted.Ns + 1_000_000L)

let tests =
    testList
        "a kill"
        [
            testCase "by an operator, while something is held, cancels, flattens and latches" (fun () ->
                let struct (trail, result) =
                    run [] (withWord holding.Value (OperatorOrder.Kill "the cable is on fire"))

                let why = check (struct (trail, result))
                Expect.stringContains why "the cable is on fire" "its reason"
                Expect.contains (trail.Fills |> Seq.map (fun f -> f.Reason) |> Seq.toList) "flatten" "it left at once")
            testCase "by an operator, while a quote rests, cancels it" (fun () ->
                let struct (trail, result) =
                    run [] (withWord quoting.Value (OperatorOrder.Kill "test"))

                check (struct (trail, result)) |> ignore<string>
                let last = trail.Orders |> Seq.filter (fun o -> o.Reason = "entry") |> Seq.last
                Expect.stringContains last.End "cancelled" "gone")
            testCase "is final: nobody's word lifts it within the run" (fun () ->
                let struct (_, result) = run [] (withWord holding.Value (OperatorOrder.Kill "test"))
                let mutable s = result.State
                let at = result.LastAt

                for i, word in List.indexed [ OperatorOrder.Resume; OperatorOrder.Pause; OperatorOrder.Resume ] do
                    let input =
                        Stamped(1_000_000_000L + int64 i, at, Event.Of(RareEvent.Operator word, at))

                    let struct (next, _) = Engine.step (Setup.engine (Given.setup btc [])) s &input
                    s <- next

                Expect.isTrue s.Facts.Health.IsHalted "still")
            testCase "at a loss limit of the settings does the same, at the loss and not before" (fun () ->
                let result = run [ "risk.max_loss_usd", "0.05"; "risk.stop_outs", "0" ] tape.Value
                let why = check result
                Expect.stringContains why "0.05" "the limit"

                let struct (free, _) =
                    run [ "risk.max_loss_usd", "1000"; "risk.stop_outs", "0" ] tape.Value

                Expect.isTrue (ValueOption.isNone free.Halt) "a far limit changes nothing"
                let struct (none, _) = run [ "risk.stop_outs", "0" ] tape.Value
                Expect.equal (Tables.fills btc free.Fills) (Tables.fills btc none.Fills) "to the last fill"
                Expect.isEmpty (Summary.haltWarnings free) "nothing to tell")
        ]
