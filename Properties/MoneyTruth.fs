/// Whether fees can be paid: tiers, break-even, the verdict (X02).
module Vrlg.Properties.MoneyTruth

open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let private btc =
    { instrument 0 with
        Name = "BTC"
        SzDecimals = 5
        MinNotional = Usd.Of 1_000_000_000L
    }

let private values (sets: (string * string) list) : Values =
    match Setup.ofPairs (ImmutableArray.CreateRange [ for k, v in sets -> struct (k, v) ]) with
    | Ok v -> v
    | Error problems -> failtest problems[0].Sentence

let private setup (i: Instrument) sets : RunSetup =
    { Values = values sets; Instrument = i }

let private bps (r: Rate) = float r.Raw / 1e6

let private feeTests =
    testList
        "fee tiers"
        [
            testCase "rates only fall with the volume, makers never pay more than takers" (fun () ->
                for kind in [ InstrumentKind.Perp; InstrumentKind.Spot ] do
                    let all = [ for n in 0L .. 6L -> FeeTiers.rates kind n ]

                    for a, b in List.pairwise all do
                        Expect.isTrue (b.Maker.Raw <= a.Maker.Raw && b.Taker.Raw < a.Taker.Raw) "they fall"

                    for f in all do
                        Expect.isTrue (f.Maker.Raw < f.Taker.Raw) "maker below taker")
            testCase "the table of the venue, a cell each" (fun () ->
                let rates kind n = FeeTiers.rates kind n
                Expect.equal (bps (rates InstrumentKind.Perp 0L).Taker) 4.5 "tier 0, perp taker"
                Expect.equal (bps (rates InstrumentKind.Perp 2L).Maker) 0.8 "tier 2, perp maker"
                Expect.equal (bps (rates InstrumentKind.Spot 1L).Taker) 6.0 "tier 1, spot taker"
                Expect.equal (bps (rates InstrumentKind.Spot 0L).Maker) 4.0 "tier 0, spot maker"

                Expect.equal
                    [
                        for v in [ 0L; 5_000_000L; 5_000_001L; 8_000_000_000L ] -> FeeTiers.ofVolume v
                    ]
                    [ 0; 0; 1; 6 ]
                    "more than")
            testCase "a tier fills what is not stated; what is stated wins, each by itself" (fun () ->
                let fees i sets = Setup.fees (setup i sets)
                let f = fees btc [ "fees.tier", "2" ]
                Expect.equal (bps f.Maker, bps f.Taker) (0.8, 3.5) "the tier's"
                let f = fees btc [ "fees.tier", "2"; "fees.maker_bps", "-0.2" ]
                Expect.equal (bps f.Maker, bps f.Taker) (-0.2, 3.5) "maker stated"
                let f = fees btc [ "fees.tier", "2"; "fees.taker_bps", "4.5" ]
                Expect.equal (bps f.Maker, bps f.Taker) (0.8, 4.5) "taker stated as the default says"
                let f = fees { btc with Kind = InstrumentKind.Spot } []
                Expect.equal (bps f.Maker, bps f.Taker) (4.0, 7.0) "spot has its own")
            testCase "what is charged is what the text of a setup says: a run comes back from it" (fun () ->
                let s = setup btc [ "fees.tier", "4" ]
                Expect.stringContains (Setup.text s) "maker_bps = 0\ntaker_bps = 2.8" "the text"
                Expect.equal (bps (Setup.fees s).Maker) 0.0 "charged")
        ]

let private prices = Arb.fromGen (Gen.choose64 (10_000_000L, 20_000_000_000_000L))

let private verdictTests =
    testList
        "feasibility"
        [
            testCase "BTC at 100,000: a tick is 0.1 bps, 3 and 6 bps are 30 and 60 of them" (fun () ->
                let f = Setup.feasibility (setup btc []) (Px.Of 10_000_000_000_000L)
                Expect.floatClose Accuracy.high f.TickBps 0.1 "tick"
                Expect.equal (f.MakerMakerTicks, f.MakerTakerTicks, f.AimTicks) (30L, 60L, 2L) "ticks"
                Expect.isFalse f.CanPay "it cannot"

                Expect.stringStarts
                    (Feasibility.verdict f)
                    "not feasible: signal.y = 2 aims for 2 ticks (0.2 bps)"
                    "the sentence"

                Expect.stringContains (Feasibility.verdict f) "loses 5.8 bps" "the loss")
            testCase "between the two break-evens only maker exits pay" (fun () ->
                let f =
                    Setup.feasibility (setup btc [ "signal.y", "30" ]) (Px.Of 10_000_000_000_000L)

                Expect.isTrue (f.CanPay && not f.PaysUsualExit) "maker only"
                Expect.stringStarts (Feasibility.verdict f) "feasible with maker exits only" "the sentence"

                let f =
                    Setup.feasibility (setup btc [ "signal.y", "60" ]) (Px.Of 10_000_000_000_000L)

                Expect.isTrue f.PaysUsualExit "both"
                Expect.stringStarts (Feasibility.verdict f) "feasible: " "the sentence")
            law "the break-even pays, and one tick less does not; a rebate never makes it negative money" (fun () ->
                Prop.forAll prices (fun raw ->
                    let f = Setup.feasibility (setup btc []) (Px.Of raw)
                    let pays (n: int64) cost = float n * f.TickBps >= cost - 1e-9

                    pays f.MakerTakerTicks f.MakerTakerBps
                    && not (pays (f.MakerTakerTicks - 1L) (f.MakerTakerBps + 1e-6))
                    && f.MakerMakerTicks <= f.MakerTakerTicks))
        ]

let private spreadTests =
    testList
        "spreads over time"
        [
            testCase
                "of a market whose rotation is known: every share falls with the ticks, and resting earns the half-spread"
                (fun () ->
                    let tape =
                        Synthetic.make
                            { Synthetic.usual btc 1L with
                                Length = Duration.OfMs(60_000L)
                            }

                    let world = Backtest.world (setup btc []) 0L
                    let struct (mids, s) = Spreads.ofTape world.Exchange btc tape
                    let same = MidPath.ofTape world.Exchange btc.Id tape

                    Expect.equal
                        (mids.Count, mids.TwiceAt mids.ToNs)
                        (same.Count, same.TwiceAt same.ToNs)
                        "the same mids"

                    Expect.equal (s.AtLeast 0L) (ValueSome 1.0) "all of it"

                    for n in 1L .. 10L do
                        Expect.isTrue (s.AtLeast n <= s.AtLeast(n - 1L)) "it falls"

                    Expect.isGreaterThan s.Trades 0 "trades"
                    Expect.isTrue (s.RestingNow > ValueSome 0.0) "the half-spread")
            testCase "a silence that is a gap counts for no spread" (fun () ->
                let second = 1_000_000_000L

                let quote (s: int64) =
                    let at price : PxSz voption =
                        ValueSome
                            {
                                Px = Px.Of(price * 100_000_000L)
                                Sz = Sz.Of 100_000_000L
                            }

                    Event.BboMoved(btc.Id, at 100_000L, at 100_003L, Instant.Of(s * second))

                // Best quotes alone: more than 5 s of silence is a gap.
                let times = [| 10L; 11L; 16L; 116L; 117L |]

                let tape =
                    MemoryTape(times |> Array.map (fun s -> s * second), Array.zeroCreate 5, Array.map quote times)

                let world = Backtest.world (setup btc []) 0L
                let struct (_, s) = Spreads.ofTape world.Exchange btc tape
                Expect.equal s.KnownNs (7L * second) "1 + 5 + 1 s")
        ]

let tests = testList "money truth" [ feeTests; verdictTests; spreadTests ]
