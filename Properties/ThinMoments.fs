/// What the market's trades say of the moments that were entered (D0-033).
module Vrlg.Properties.ThinMoments

open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private one = 100_000_000L
let private ms (n: int64) = n * 1_000_000L
let private coin = InstrumentId.Of 0

/// Trades at milliseconds: side, price, size.
let private tape (trades: (int64 * Side * int64 * int64) list) : Tape =
    let sorted = trades |> List.sortBy (fun (at, _, _, _) -> at) |> List.toArray

    let events =
        sorted
        |> Array.mapi (fun i (at, side, px, sz) ->
            Event.Traded(coin, side, Px.Of(px * one), Sz.Of(sz * one), int64 i + 1L, Instant.Of(ms at)))

    MemoryTape(sorted |> Array.map (fun (at, _, _, _) -> ms at), [||], events)

/// The mid is 100 all the time, which ends after 10 s.
let private mids gaps =
    MidPath.ofMids [ struct (1L, 100.0) ] gaps (ms 10_000L)

/// 99 and 101 were seen.
let private signal (at: int64) : Signal =
    {
        At = ms at
        Bid = 99L * one
        Ask = 101L * one
    }

let private judge (signals: int64 list) trades =
    Thin.ofTape (ImmutableArray.CreateRange(List.map signal signals)) (mids ImmutableArray.Empty) coin (tape trades)

let tests =
    testList
        "thin moments"
        [
            testCase
                "a trade beyond the quote within the second goes through; at it, before it, after it none does"
                (fun () ->
                    for trade, through in
                        [
                            (1_500L, Side.Buy, 102L, 1L), 1
                            (1_500L, Side.Sell, 98L, 1L), 1
                            (2_000L, Side.Buy, 102L, 1L), 1
                            (1_500L, Side.Buy, 101L, 1L), 0
                            (1_500L, Side.Sell, 99L, 1L), 0
                            (1_000L, Side.Buy, 102L, 1L), 0
                            (2_001L, Side.Buy, 102L, 1L), 0
                        ] do
                        let t = judge [ 1_000L ] [ trade ]
                        Expect.equal (t.Judged, t.Through) (1, through) $"{trade}")
            testCase "the effective spread is twice the distance from the mid, weighted by size" (fun () ->
                let t =
                    judge
                        [ 1_000L ]
                        [
                            500L, Side.Buy, 101L, 3L
                            1_200L, Side.Sell, 98L, 1L
                            5_000L, Side.Buy, 100L, 4L
                        ]

                Expect.equal (t.Trades, t.TradesAfter) (3, 1) "counts"
                // (3 * 200 + 1 * 400 + 0) / 8, and 400 alone.
                Expect.floatClose Accuracy.high (ValueOption.defaultValue nan t.EffectiveBps) 125.0 "all"

                Expect.floatClose
                    Accuracy.high
                    (ValueOption.defaultValue nan t.EffectiveAfterBps)
                    400.0
                    "after the signal")
            testCase "what the data cannot show is not judged" (fun () ->
                Expect.equal (judge [ 9_500L ] [ 100L, Side.Buy, 101L, 1L ]).Judged 0 "beyond the end"

                let gap = ImmutableArray.Create<Stretch>({ FromNs = ms 1_500L; ToNs = ms 4_000L })

                let t =
                    Thin.ofTape
                        (ImmutableArray.Create<Signal>(signal 1_000L))
                        (mids gap)
                        coin
                        (tape [ 100L, Side.Buy, 101L, 1L ])

                Expect.equal t.Judged 0 "a gap in its second"
                Expect.equal (judge [ 1_000L ] []).ThroughShare ValueNone "no trades, no share"
                Expect.equal (judge [] [ 1L, Side.Buy, 101L, 1L ]).ThroughShare ValueNone "no signals")
            law "counts what a plain count of every pair counts" (fun () ->
                let trade =
                    gen {
                        let! at = Gen.choose64 (1L, 9_999L)
                        let! side = side
                        let! px = Gen.choose64 (97L, 103L)
                        let! sz = Gen.choose64 (1L, 5L)
                        return at, side, px, sz
                    }

                let drawn = Gen.zip (Gen.listOf (Gen.choose64 (1L, 9_999L))) (Gen.listOf trade)

                Prop.forAll (Arb.fromGen drawn) (fun (signals, trades) ->
                    let signals = List.sort (List.distinct signals)
                    let isAfter s (at, _, _, _) = at > s && at <= s + 1_000L

                    let goes (_, side, px, _) =
                        if side = Side.Buy then px > 101L else px < 99L

                    let judged = signals |> List.filter (fun s -> s + 1_000L <= 10_000L)

                    let through =
                        judged
                        |> List.filter (fun s -> trades |> List.exists (fun t -> isAfter s t && goes t))

                    let after =
                        trades |> List.filter (fun t -> signals |> List.exists (fun s -> isAfter s t))

                    let t = judge signals trades

                    (t.Judged, t.Through, t.Trades, t.TradesAfter) =
                        (judged.Length, through.Length, trades.Length, after.Length)))
            testCase
                "of a market whose rotation is known: signals are counted once a decision, and some go through"
                (fun () ->
                    let btc =
                        { instrument 0 with
                            Name = "BTC"
                            SzDecimals = 5
                            MinNotional = Usd.Of 1_000_000_000L
                        }

                    match Setup.ofPairs ImmutableArray.Empty with
                    | Error problems -> failtest problems[0].Sentence
                    | Ok values ->
                        let setup: RunSetup = { Values = values; Instrument = btc }

                        let tape =
                            Synthetic.make
                                { Synthetic.usual btc 1L with
                                    Length = Duration.OfMs(10L * 60_000L)
                                }

                        let struct (trail, _) = Backtest.run setup 1L tape
                        let signals = Thin.signals trail.Orders
                        let entries = trail.Orders |> Seq.filter (fun o -> o.Reason = "entry") |> Seq.length
                        Expect.isGreaterThan signals.Length 10 "signals"
                        Expect.isLessThan signals.Length entries "two quotes a decision"
                        let t = Thin.ofTape signals (Backtest.mids setup tape) btc.Id tape
                        Expect.isGreaterThan t.TradesAfter 0 "trades after them")
        ]
