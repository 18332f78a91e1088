/// The stop at the exchange in whole runs: marks release it, blocks or not; without marks it only waits.
module Vrlg.Stories.BackstopRuns

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given
open Vrlg.Stories.RestingOrder

[<Sealed; AllowNullLiteral>]
type private Stage(n: int) =
    member _.N = n

let private exit name : Slot =
    {
        Instrument = id
        Side = Side.Sell
        Name = name
    }

/// Buys five at the first whole touch, guards them at 98, and, where it is told to, leaves at the first trade.
let private holder (leaves: bool) : IStrategy =
    let decide =
        Decide<Stage>(fun stage view event ->
            let touch, held = view.Touch id, view.Position id

            if stage.N = 0 && touch.IsWhole then
                let buy = { exit 0 with Side = Side.Buy }

                struct (Stage 1, ImmutableArray.Create<Intent>(Take(buy, Sz.Of(5L * one), Px.Of(101L * one), false)))
            elif stage.N = 1 && held.Raw > 0L then
                struct (Stage 2, ImmutableArray.Create<Intent>(Guard(exit 1, Px.Of(98L * one))))
            elif stage.N = 2 && leaves && event.Kind = EventKind.Traded then
                struct (Stage 3, ImmutableArray.Create<Intent>(Take(exit 2, held, Px.Of(100L * one), true)))
            else
                struct (stage, ImmutableArray.Empty))

    Strategy.Make("holder", Stage 0, decide)

/// Sales at the exchange: when, in milliseconds, and how many lots; and what the exchange said of endings and cancels.
type private Told() =
    let sales = ResizeArray<struct (int64 * int64)>()
    let words = ResizeArray<string>()
    member _.Sales = List.ofSeq sales
    member _.Words = List.ofSeq words

    interface IWatch with
        member _.Arrived _ = ()
        member _.Beat(_, _) = ()
        member _.Stepped(_, _, _) = ()

        member _.Executed(report, _) =
            let at = report.VenueAt

            match report.Rare with
            | ValueSome(RareEvent.Filled f) when f.Side = Side.Sell ->
                let size = f.Sz
                sales.Add(struct (at.Ns / 1_000_000L, size.Raw / one))
            | ValueSome(RareEvent.Replied r) ->
                match r.Answer with
                | Answer.Triggered -> words.Add "triggered"
                | Answer.Ended(status, _) -> words.Add(Words.status status)
                | Answer.CancelRefused _ -> words.Add "cancel refused"
                | _ -> ()
            | _ -> ()

let private mark t price =
    t, Event.ContextMoved(id, Px.Of(price * one), Px.Of(price * one), 0L, Sz.Of 0L, Instant.Of(t * 1_000_000L))

let private book = [ level 1L Side.Buy 100L 10L; level 1L Side.Sell 101L 10L ]

let private run (blocks: BlockModel) (leaves: bool) rows =
    let told = Told()

    let desk =
        { Yardstick.desk Cadence.Timer with
            Strategy = holder leaves
            Plan =
                { (Yardstick.desk Cadence.Timer).Plan with
                    BackstopBps = 100
                }
        }

    let world = worldIn { Phases.Plain with Blocks = blocks } usual

    let result =
        World(world, [| desk |], tapeOf (book @ rows), told).Run((fun () -> false), null)

    told, result

let private live (r: WorldResult) =
    r.State.Facts.Orders.LiveOrders.ToArray() |> Array.toList

let private isOver (r: WorldResult) =
    let held = r.State.Facts.Ledger.Position(AccountId.Of 0, id)
    let facts = r.Exchange.Facts(AccountId.Of 0)
    held.Size.Raw = 0L && (live r).IsEmpty && facts.Open.IsEmpty

let private everyTen upTo =
    BlockModel.Recorded(ImmutableArray.CreateRange [ for t in 10L .. 10L .. upTo -> t * 1_000_000L ])

/// A market of known rotation whose mark lies one percent below its bid: a long position's stop fires as it arrives.
let private marked () =
    let tape =
        Synthetic.make
            { Synthetic.usual btc 1L with
                Length = Duration.OfMs 480_000L
            }

    let at = ResizeArray<int64>()
    let events = ResizeArray<Event>()

    for i in 0 .. tape.Count - 1 do
        let e = tape.Event i
        at.Add(tape.VenueAt i)
        events.Add e

        if e.Kind = EventKind.BboMoved then
            let bid = e.BidPx
            let px = Instrument.floorPx btc (bid.Raw / 100L * 99L)
            at.Add(tape.VenueAt i)
            events.Add(Event.ContextMoved(btc.Id, px, px, 0L, Sz.Of 0L, e.VenueAt))

    MemoryTape(at.ToArray(), Array.empty, events.ToArray())

let private trips (sets: (string * string) list) =
    let struct (trail, _) = Backtest.run (Given.setup btc sets) 1L (marked ())
    trail, (RoundTrips.ofFills trail.Fills).Closed |> Seq.toList

let tests =
    testList
        "a stop at the exchange, run"
        [
            testCase "is released by the mark though the book has not moved, and leaves nothing behind" (fun () ->
                let told, result = run BlockModel.None false [ mark 400L 98L; mark 500L 97L ]
                Expect.equal told.Sales [ struct (500L, 5L) ] "at the mark's instant, not at 98"
                Expect.isTrue (isOver result) "flat, nothing works"
                Expect.equal told.Words [ "triggered" ] "no cancel, no refusal")
            testCase "fired by the last known block, or after it, is released all the same" (fun () ->
                for at in [ 490L; 500L; 505L; 600L ] do
                    let told, result = run (everyTen 500L) false [ mark 400L 98L; mark at 97L ]
                    Expect.equal (List.map (fun (struct (_, n)) -> n) told.Sales) [ 5L ] $"all, with the mark at {at}"
                    let struct (sold, _) = told.Sales.Head
                    let next = if at < 500L then at + 10L else at
                    Expect.equal sold next "in the next block, and at once where there is none"
                    Expect.isTrue (isOver result) "flat, nothing works")
            testCase "without marks only waits" (fun () ->
                let told, result =
                    run BlockModel.None false [ sold 400L 100L 1L; level 500L Side.Buy 99L 1L ]

                Expect.isEmpty told.Sales "nothing"
                Expect.equal (live result).Length 1 "it rests"
                let facts = result.Exchange.Facts(AccountId.Of 0)
                Expect.equal facts.Open.Length 1 "and the venue lists it")
            testCase "goes with the position that another order took, without a word from us" (fun () ->
                let told, result =
                    run BlockModel.None true [ sold 400L 100L 1L; level 900L Side.Buy 99L 1L ]

                Expect.isTrue (isOver result) "flat, nothing works"
                Expect.equal told.Words [ "reduceOnlyCanceled" ] "the venue took it away, no cancel was refused")
            testCase "is the reason of the trades that it closed, and a stop-out" (fun () ->
                let trail, all = trips [ "risk.stop_outs", "0" ]
                let stopped = all |> List.filter (fun t -> t.Reason = "backstop")
                Expect.isGreaterThan stopped.Length 3 "it closed some"
                Expect.isTrue (stopped |> List.forall (fun t -> let net = t.Net in net.Raw < 0L)) "at a loss"

                let backstops = trail.Orders |> Seq.filter (fun o -> o.IsStop) |> Seq.toList
                Expect.isTrue (backstops |> List.forall (fun o -> o.Order.ReduceOnly)) "reducing"

                let _, few = trips [ "risk.stop_outs", "1" ]
                Expect.equal (List.last few).Reason "backstop" "the first of them pauses for ten minutes"
                Expect.isLessThan few.Length all.Length "to the end of the data")
        ]
