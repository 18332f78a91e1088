/// Cases L01 and L02 of the simulator's specification: two clocks, one order; and how such a story is told.
module Vrlg.Stories.RestingOrder

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given

let ms (n: int64) = n * 1_000_000L

/// Buys on the first local book, pulls as soon as it is acknowledged.
[<Sealed; AllowNullLiteral>]
type Stage(n: int) =
    member _.N = n

let slot: Slot =
    {
        Instrument = id
        Side = Side.Buy
        Name = 0
    }

/// What the strategy looks for in its view; a delegate, since a function cannot take a view.
type Sees = delegate of View -> bool

let strategy (price: int64) (pullWhen: Sees) : IStrategy =
    let decide =
        Decide<Stage>(fun stage view _ ->
            let touch = view.Touch id

            if stage.N = 0 && touch.IsWhole then
                struct (Stage 1,
                        ImmutableArray.Create<Intent>(
                            Quote(slot, Px.Of(price * one), Sz.Of(5L * one), QuoteTerms.UntilPulled)
                        ))
            elif stage.N = 1 && pullWhen.Invoke view then
                struct (Stage 2, ImmutableArray.Create<Intent>(Pull slot))
            else
                struct (stage, ImmutableArray.Empty))

    Strategy.Make("story", Stage 0, decide)

/// Everything of note, with its time in milliseconds: what the exchange did, what we sent and saw.
type private Diary() =
    let lines = ResizeArray<string>()
    member _.Lines = List.ofSeq lines

    interface IWatch with
        member _.Arrived _ = ()
        member _.Beat(_, _) = ()

        member _.Stepped(input, output, state) =
            let at = input.At
            let time = at.Ns / 1_000_000L

            match input.Event.Kind with
            | EventKind.Filled
            | EventKind.Replied ->
                let held = state.Facts.Ledger.Position(AccountId.Of 0, id)
                lines.Add $"{time} seen {input.Event.Kind}, position {held.Size.Raw / one}"
            | _ -> ()

            if not output.Commands.IsDefaultOrEmpty then
                for c in output.Commands do
                    match c with
                    | Place _ -> lines.Add $"{time} sent order"
                    | Cancel _ -> lines.Add $"{time} sent cancel"
                    | _ -> ()

        member _.Executed(report, exchange) =
            let at = report.VenueAt
            let time = at.Ns / 1_000_000L
            let held = exchange.Position(AccountId.Of 0, id)

            match report.Rare with
            | ValueSome(RareEvent.Filled f) -> lines.Add $"{time} fill {f.Sz} at {f.Px}, position {held.Raw / one}"
            | ValueSome(RareEvent.Replied r) ->
                match r.Answer with
                | Answer.Accepted _ ->
                    let fronts =
                        [
                            for side in [ Side.Buy; Side.Sell ] do
                                for struct (_, _, _, front) in exchange.Resting(id, side) do
                                    $", front {front}"
                        ]

                    lines.Add($"{time} accepted" + String.concat "" fronts)
                | Answer.Ended(s, ValueSome filled) -> lines.Add $"{time} ended {Words.status s} after {filled}"
                | Answer.Ended(s, ValueNone) -> lines.Add $"{time} ended {Words.status s}"
                | Answer.Refused s -> lines.Add $"{time} refused {Words.status s}"
                | Answer.CancelRefused s -> lines.Add $"{time} cancel refused {Words.status s}"
                | _ -> ()
            | _ -> ()

/// Entry 15, response 25, ingest 20 ms.
let usual =
    LatencyConfig.Of(false, Delay.Constant(Duration.OfMs 20L), Delay.Constant(Duration.OfMs 40L), 0.375)

/// The world of such stories.
let worldIn (phases: Phases) (latency: LatencyConfig) : WorldConfig =
    {
        Engine =
            { Yardstick.engine with
                Instruments = ImmutableArray.Create<Instrument> instrument
            }
        Exchange = exchangeConfig QueueModel.RiskAverse
        Latency = latency
        Seed = 1L
        Phases = phases
        Tick = Duration.OfMs 100_000L
        Run = { Run = 1L; FirstCloid = 1L }
        Cash = Usd.Of(1_000_000L * one)
    }

/// Records (milliseconds, event) as a tape without receipts.
let tapeOf (rows: (int64 * Event) list) =
    MemoryTape([| for t, _ in rows -> ms t |], Array.empty, [| for _, e in rows -> e |])

/// A run of one strategy over records.
let runIn (config: WorldConfig) (watch: IWatch) (rows: (int64 * Event) list) (strategy: IStrategy) : WorldResult =
    let desk =
        { Yardstick.desk Cadence.Timer with
            Strategy = strategy
        }

    World(config, [| desk |], tapeOf rows, watch).Run((fun () -> false), null)

/// The diary of a run in some world.
let diaryIn (config: WorldConfig) (rows: (int64 * Event) list) (strategy: IStrategy) =
    let diary = Diary()
    runIn config diary rows strategy |> ignore<WorldResult>
    diary.Lines

/// The same with the phases of its instants.
let tellIn (phases: Phases) (latency: LatencyConfig) (rows: (int64 * Event) list) (strategy: IStrategy) =
    diaryIn (worldIn phases latency) rows strategy

let tellWith latency rows strategy =
    tellIn Phases.Plain latency rows strategy

let private tell = tellWith usual

let level t side price size =
    t, Event.LevelMoved(id, side, Px.Of(price * one), Sz.Of(size * one), Instant.Of(ms t))

let bought t price size =
    t, Event.Traded(id, Side.Buy, Px.Of(price * one), Sz.Of(size * one), t, Instant.Of(ms t))

let sold t price size =
    t, Event.Traded(id, Side.Sell, Px.Of(price * one), Sz.Of(size * one), t, Instant.Of(ms t))

let tests =
    testList
        "a resting order between two clocks"
        [
            testCase "L01: filled while the cancel is on its way" (fun () ->
                let rows =
                    [
                        level 0L Side.Buy 100L 10L
                        level 0L Side.Sell 101L 10L
                        sold 30L 100L 4L
                        level 30L Side.Buy 100L 6L
                        sold 50L 100L 8L
                    ]

                let acked =
                    Sees(fun view -> let there = view.Slot slot in there.State = SlotState.Resting)

                Expect.equal
                    (tell rows (strategy 100L acked))
                    [
                        "20 sent order"
                        "35 accepted, front 6"
                        "50 fill 2 at 100, position 2"
                        "60 seen Replied, position 0"
                        "60 sent cancel"
                        "75 ended canceled after 2"
                        "75 seen Filled, position 2"
                        "100 seen Replied, position 2"
                    ]
                    "the diary")
            testCase
                "after a lost channel the account is asked for and told, and what waited for it goes out"
                (fun () ->
                    let account = Channel.Account

                    let rows =
                        [
                            0L, Event.FeedLost(VenueId.Of 0, account, ValueNone)
                            1L, Event.FeedBack(VenueId.Of 0, account, ValueNone)
                            level 5L Side.Buy 100L 10L
                            level 5L Side.Sell 103L 10L
                        ]

                    Expect.equal
                        (tell rows (strategy 100L (Sees(fun _ -> false))))
                        [
                            // Heard at 21, asked at 36 at the venue, answered 25 later.
                            "61 sent order"
                            "76 accepted, front 10"
                            "101 seen Replied, position 0"
                        ]
                        "the diary")
            testCase "L02: the cancel comes too late" (fun () ->
                let rows =
                    [
                        level 0L Side.Buy 100L 10L
                        level 0L Side.Sell 103L 10L
                        level 100L Side.Buy 100L 0L
                        level 100L Side.Buy 98L 10L
                        sold 130L 98L 9L
                    ]

                let moved =
                    Sees(fun view -> let touch = view.Touch id in touch.BidPx.Raw = 98L * one)

                Expect.equal
                    (tell rows (strategy 101L moved))
                    [
                        "20 sent order"
                        "35 accepted, front 0"
                        "60 seen Replied, position 0"
                        "120 sent cancel"
                        "130 fill 5 at 101, position 5"
                        "135 cancel refused MissingOrder"
                        "155 seen Filled, position 5"
                        "160 seen Replied, position 5"
                    ]
                    "the diary")
        ]
