/// Single steps: quiet, deciding, and their journal records.
module Vrlg.Bench.Micro

open System
open System.Collections.Immutable
open BenchmarkDotNet.Attributes
open Vrlg.Core
open Vrlg.Sim

let private one = 100_000_000L
let private id = InstrumentId.Of 0

/// An engine that has seen its account and a book of twenty levels a side, owned by one run.
let private warm (desk: Desk) : State =
    let mutable s = Engine.own (Engine.create Yardstick.engine [| desk |])
    let mutable seq = 0L

    let step (event: Event) =
        let input = Stamped(seq, Instant.Of 1L, event)
        seq <- seq + 1L
        let struct (next, _) = Engine.step Yardstick.engine s &input
        s <- next

    let seen: AccountFacts =
        {
            Account = AccountId.Of 0
            Cash = Usd.Of 0L
            Positions = ImmutableArray.Empty
            Open = ImmutableArray.Empty
        }

    step (Event.Of(RareEvent.RunStarted { Run = 1L; FirstCloid = 1L }, Instant.Of 1L))
    step (Event.Of(RareEvent.AccountSeen seen, Instant.Of 1L))

    for i in 0L .. 19L do
        step (Event.LevelMoved(id, Side.Buy, Px.Of((1_000L - i) * one), Sz.Of(5L * one), Instant.Of 1L))
        step (Event.LevelMoved(id, Side.Sell, Px.Of((1_001L + i) * one), Sz.Of(5L * one), Instant.Of 1L))

    s

/// Says nothing, whatever happens.
let private silent: IStrategy =
    Strategy.Make("silent", obj (), Decide<obj>(fun s _ _ -> struct (s, ImmutableArray.Empty)))

let private deskOf (strategy: IStrategy) : Desk =
    { Yardstick.desk Cadence.Timer with
        Strategy = strategy
    }

/// Looks at the touch at every record and restates a wish that is met.
let private restating: IStrategy =
    let slot: Slot =
        {
            Instrument = id
            Side = Side.Buy
            Name = 0
        }

    Strategy.Make(
        "restating",
        obj (),
        Decide<obj>(fun s view _ ->
            let touch = view.Touch id
            struct (s, ImmutableArray.Create<Intent>(Quote(slot, touch.BidPx, Sz.Of(5L * one), QuoteTerms.UntilPulled))))
    )

[<MemoryDiagnoser>]
type EngineStep() =
    let mutable quiet = warm (deskOf silent)
    let mutable deciding = warm (deskOf restating)
    let mutable seq = 1_000L

    let level size =
        seq <- seq + 1L

        Stamped(
            seq,
            Instant.Of seq,
            Event.LevelMoved(id, Side.Sell, Px.Of(1_005L * one), Sz.Of(size * one), Instant.Of seq)
        )

    /// A level moves and no desk speaks.
    [<Benchmark>]
    member _.Quiet() =
        let input = level (1L + (seq &&& 7L))
        let struct (next, output) = Engine.step Yardstick.engine quiet &input
        quiet <- next
        output.IsSilent

    /// A level moves and the desk states its wish again.
    [<Benchmark>]
    member _.Deciding() =
        let input = level (1L + (seq &&& 7L))
        let struct (next, output) = Engine.step Yardstick.engine deciding &input
        deciding <- next
        output.IsSilent

/// The digest that a journal takes every 4,096 events.
[<MemoryDiagnoser>]
type StateDigest() =
    let state = warm (deskOf restating)

    [<Benchmark>]
    member _.TwentyLevels() = Digest.state state

[<MemoryDiagnoser>]
type JournalAppend() =
    let sink = ByteSink()

    let level =
        Stamped(1L, Instant.Of 2L, Event.LevelMoved(id, Side.Sell, Px.Of(1_005L * one), Sz.Of(3L * one), Instant.Of 1L))

    let rows side =
        ImmutableArray.CreateRange
            [
                for i in 0L .. 19L ->
                    {
                        Px = Px.Of((1_000L + side * i) * one)
                        Sz = Sz.Of(5L * one)
                    }
            ]

    let book =
        Stamped(1L, Instant.Of 2L, Event.BookMoved(id, Depth(20, rows -1L, rows 1L), Instant.Of 1L))

    [<Benchmark>]
    member _.Level() =
        sink.Clear()
        Journal.append sink &level
        sink.Count

    [<Benchmark>]
    member _.WholeBook() =
        sink.Clear()
        Journal.append sink &book
        sink.Count
