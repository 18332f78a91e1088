/// Cases L05 and B01 to B04 of the simulator's specification: who comes first inside one block.
module Vrlg.Stories.BlockCases

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given
open Vrlg.Stories.RestingOrder

let private still (length: int64) = Delay.Constant(Duration.OfMs length)

/// 15 ms here and half a millisecond back: the book of 1 ms is seen at 16, and its order is executed in the block of 20.
let private latency =
    LatencyConfig.Of(false, Delay.Constant(Duration.OfMs 15L), Delay.Constant(Duration.Of 1_000_000L), 0.5)

/// Blocks at every 10 ms.
let private blocks race : Phases =
    { Phases.Plain with
        Blocks = BlockModel.Fixed(Duration.OfMs 10L, Instant.Of 0L)
        Race = race
    }

/// Says a wish when the first book is whole, another when a trade of one lot is seen.
let private says (first: Intent list) (second: Intent list) : IStrategy =
    let decide =
        Decide<Stage>(fun stage view event ->
            let touch = view.Touch id

            if stage.N = 0 && touch.IsWhole then
                struct (Stage 1, ImmutableArray.CreateRange first)
            elif stage.N = 1 && event.Kind = EventKind.Traded then
                struct (Stage 2, ImmutableArray.CreateRange second)
            else
                struct (stage, ImmutableArray.Empty))

    Strategy.Make("blocks", Stage 0, decide)

let private take = Take(slot, Sz.Of(5L * one), Px.Of(101L * one), false)

let private book = [ level 1L Side.Buy 100L 10L; level 1L Side.Sell 101L 10L ]

let private diary race rows strategy =
    tellIn (blocks race) latency rows strategy
    |> List.filter (fun line -> not (line.Contains "seen" || line.Contains "sent"))

let private ofTaker race =
    diary race (book @ [ bought 12L 101L 8L; level 12L Side.Sell 101L 2L ]) (says [ take ] [])

// ---- the same with sides swapped and prices p -> 201 - p ----

let private turnRow (t: int64, event: Event) : int64 * Event =
    let px, sz = event.Px, event.Sz
    let turned = Px.Of(201L * one - px.Raw)
    let side = if event.Side = Side.Buy then Side.Sell else Side.Buy

    t,
    (if event.Kind = EventKind.Traded then
         Event.Traded(id, side, turned, sz, t, event.VenueAt)
     else
         Event.LevelMoved(id, side, turned, sz, event.VenueAt))

let private offered = { slot with Side = Side.Sell }

let private turnLine (line: string) =
    line
        .Replace("at 100,", "at ?,")
        .Replace("at 101,", "at 100,")
        .Replace("at ?,", "at 101,")
        .Replace("position ", "position -")

/// A row of the table as it stands, and its mirror.
let private bothWays name race rows (first: Slot -> int64 -> Intent list) (second: Slot -> Intent list) expected =
    [
        testCase name (fun () -> Expect.equal (diary race rows (says (first slot 0L) (second slot))) expected name)
        testCase (name + ", mirrored") (fun () ->
            Expect.equal
                (diary race (List.map turnRow rows) (says (first offered 1L) (second offered)))
                (List.map turnLine expected)
                name)
    ]

let private joins (at: Slot) (further: int64) : Intent list =
    [
        Quote(at, Px.Of((100L + further) * one), Sz.Of(5L * one), QuoteTerms.UntilPulled)
    ]

let private takes (at: Slot) (further: int64) : Intent list =
    [ Take(at, Sz.Of(5L * one), Px.Of((101L - further) * one), false) ]

let private nothing (_: Slot) : Intent list = []

let private taken = book @ [ bought 12L 101L 8L; level 12L Side.Sell 101L 2L ]

let private table =
    List.concat
        [
            bothWays
                "B01: our cancel comes before the taker of its block"
                TakerRace.Last
                (book @ [ bought 21L 101L 1L; sold 32L 100L 50L; level 32L Side.Buy 100L 0L ])
                joins
                (fun at -> [ Pull at ])
                [ "20 accepted, front 10"; "40 ended canceled after 0" ]
            bothWays
                "B02: our post-only order joins before the taker of its block"
                TakerRace.Last
                (book @ [ sold 12L 100L 12L; level 12L Side.Buy 100L 0L ])
                joins
                nothing
                [ "20 accepted, front 10"; "20 fill 2 at 100, position 2" ]
            bothWays
                "B03: our taker sees what the others left"
                TakerRace.Last
                taken
                takes
                nothing
                [
                    "20 accepted"
                    "20 fill 2 at 101, position 2"
                    "20 ended iocRemainder after 2"
                ]
            bothWays
                "B04: our taker first, as an option"
                TakerRace.First
                taken
                takes
                nothing
                [ "20 accepted"; "20 fill 5 at 101, position 5" ]
        ]

let tests =
    testList
        "blocks (16.7)"
        [
            yield! table
            testCase "a coin decides the same way every time, and not always the same way" (fun () ->
                let results =
                    [ for seed in 1L .. 20L -> List.length (ofTaker (TakerRace.Coin seed)) ]

                let again = [ for seed in 1L .. 20L -> List.length (ofTaker (TakerRace.Coin seed)) ]

                Expect.equal results again "seeded"
                Expect.containsAll (List.distinct results) [ 2; 3 ] "both ways occur")
            testCase "the coin is the block's own, whatever was executed before it" (fun () ->
                let taker = says [ take ] []

                // Thirty records in earlier blocks, or none: the same block of 40 has the same coin.
                let early = [ for t in 1L..10L..21L -> level t Side.Buy 90L t ]
                let late = [ level 23L Side.Buy 100L 10L; level 23L Side.Sell 101L 10L ]
                let race = [ bought 32L 101L 8L; level 32L Side.Sell 101L 2L ]

                for seed in 1L .. 20L do
                    let told before =
                        diary (TakerRace.Coin seed) (before @ late @ race) taker

                    Expect.equal (told early) (told []) $"seed {seed}")
            testCase "blocks are numbered by their own model" (fun () ->
                let numbers model =
                    [ for t in [ -10L; 0L; 10L; 20L ] -> BlockModel.number model (t * 1_000_000L) ]

                let every = BlockModel.Fixed(Duration.OfMs 10L, Instant.Of 0L)
                Expect.equal (numbers every) [ -1L; 0L; 1L; 2L ] "on the grid"

                let known =
                    BlockModel.Recorded(ImmutableArray.CreateRange [ -10_000_000L; 0L; 10_000_000L; 20_000_000L ])

                Expect.equal (numbers known) [ 0L; 1L; 2L; 3L ] "of the recorded ones")
            testCase "L05: an arrival at a block time is executed there, one after it in the next" (fun () ->
                let model = BlockModel.Fixed(Duration.OfMs 70L, Instant.Of 0L)

                let at t =
                    match BlockModel.executeAt model (Instant.OfMs t) with
                    | ValueSome b -> b.Ns / 1_000_000L
                    | ValueNone -> -1L

                Expect.equal [ at 71L; at 70L; at 0L ] [ 140L; 70L; 0L ] "block times")
        ]
