/// A market whose rotation is fixed in slots and drifts in seconds: with the blocks of its venue the scalper's detector counts
/// slots (rotation-detection.md 5), without them it has the wall clock only.
module Vrlg.Stories.BlockFeeds

open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given

let private market (change: SyntheticConfig -> SyntheticConfig) : MemoryTape =
    Synthetic.make (
        change
            { Synthetic.usual btc 1L with
                Length = Duration.OfMs 600_000L
                Band = Duration.OfMs 125L
                Slots = 24
            }
    )

let private keep (isKept: int64 -> Event -> bool) (tape: MemoryTape) =
    let start = tape.VenueAt 0

    let kept =
        [|
            for i in 0 .. tape.Count - 1 do
                if isKept ((tape.VenueAt i - start) / 1_000_000L) (tape.Event i) then
                    i
        |]

    MemoryTape(Array.map tape.VenueAt kept, Array.empty, Array.map tape.Event kept)

let private isBlock (e: Event) = e.Kind = EventKind.BlockSealed

/// The default settings, on the valid detector, with some on top.
let private setup (sets: (string * string) list) : RunSetup =
    match
        Setup.ofPairs (System.Collections.Immutable.ImmutableArray.CreateRange [ for k, v in sets -> struct (k, v) ])
    with
    | Ok values -> { Values = values; Instrument = btc }
    | Error problems -> failwithf "%s" problems[0].Sentence

let private run (sets: (string * string) list) (tape: MemoryTape) =
    let struct (trail, result) = Backtest.run (setup sets) 1L tape

    let gauge name =
        trail.Gauges
        |> Seq.pick (fun struct (k, v) -> if k = name then Some v else None)

    gauge, result.State

let private turning = lazy (market (fun c -> c))

let tests =
    testList
        "a block feed"
        [
            testCase "finds a rotation that is fixed in slots and drifts in seconds" (fun () ->
                let gauge, state = run [] turning.Value
                Expect.equal (gauge "clock") 1.0 "the clock counts slots"
                Expect.equal (gauge "slots") 24.0 "as many as there are proposers"
                Expect.equal (gauge "active") 1.0 "and the detector is active"
                Expect.isGreaterThan (gauge "entries") 0.0 "the scalper enters by it"
                Expect.floatClose { absolute = 0.1; relative = 0.0 } (gauge "period_s") 1.68 "seconds of a rotation"
                Expect.isFalse state.Facts.Health.IsHalted "no stall")
            testCase "is what finds it: by the wall clock there is nothing" (fun () ->
                let gauge, _ = run [] (turning.Value |> keep (fun _ e -> not (isBlock e)))
                Expect.equal (gauge "clock") 0.0 "the wall's clock"
                Expect.equal (gauge "active") 0.0 "not active"
                Expect.equal (gauge "entries") 0.0 "and never was where it could enter")
            testCase "of a market without an effect makes nothing active" (fun () ->
                let flat = market (fun c -> { c with Thinner = 0.0; Wider = 0 })

                let gauge, _ = run [] flat
                Expect.equal (gauge "clock") 1.0 "slots are counted"
                Expect.equal (gauge "active") 0.0 "the book decides"
                Expect.equal (gauge "entries") 0.0 "nothing was entered")
            testCase "that is lost leaves the wall clock, and the run goes on" (fun () ->
                let tape = turning.Value
                let at = tape.VenueAt 0 + 303_000_000_000L
                let half = keep (fun ms e -> ms < 300_000L || not (isBlock e)) tape

                let before =
                    [| 0 .. half.Count - 1 |] |> Array.filter (fun i -> half.VenueAt i < at)

                let after = [| before.Length .. half.Count - 1 |]
                let lost = Event.FeedLost(VenueId.Of 0, Channel.Blocks, ValueNone)

                let marked =
                    MemoryTape(
                        Array.concat [ Array.map half.VenueAt before; [| at |]; Array.map half.VenueAt after ],
                        Array.empty,
                        Array.concat [ Array.map half.Event before; [| lost |]; Array.map half.Event after ]
                    )

                let gauge, state = run [] marked
                Expect.equal (gauge "clock") 0.0 "the wall's clock"
                Expect.isGreaterThan (gauge "entries") 0.0 "it had entered by slots"
                Expect.isFalse state.Facts.Health.IsHalted "a loss that was told is no stall"
                // Nobody told of it: the chain stands, for all that is known.
                let _, unmarked = run [] half
                Expect.stringStarts (Words.fitness unmarked.Fitness) "halted: no block for 4." "silent without a word")
            testCase "stays as it is in a run that watches no clock" (fun () ->
                let gauge, state = run [ "risk.block_stall_s", "0" ] turning.Value
                Expect.equal (gauge "clock") 1.0 "slots"
                Expect.equal (state.Stall(VenueId.Of 0).Used) StallSource.None "no stall is looked for")
        ]
