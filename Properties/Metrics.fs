/// The worked example of the simulator's specification (13, D01-D17) and laws of round trips and lots.
module Vrlg.Properties.Metrics

open System.Collections.Immutable
open Expecto
open FsCheck.FSharp
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Properties.Law
open Vrlg.Properties.Draws

let fees: FeeRates =
    {
        Maker = Fees.ofBps 150_000_000L
        Taker = Fees.ofBps 450_000_000L
    }

let row (ms: int64) (s: Side) (size: int64) (price: int64) (isMaker: bool) : FillRow =
    let rate = if isMaker then fees.Maker else fees.Taker

    {
        At = at ms
        Order = { Run = 1L; N = 1L }
        Side = s
        Px = px price
        Sz = sz size
        Fee = Fees.chargeFill rate (px price) (sz size)
        IsMaker = isMaker
        Reason = "entry"
        DecidedMidTwice = 0L
        DecidedTouch = Px.Of 0L
        IsUncertain = false
    }

let private worked =
    ImmutableArray.CreateRange
        [
            row 0L Side.Buy 3L 100L true
            row 1_000L Side.Buy 2L 102L true
            row 3_000L Side.Sell 4L 103L true
            row 5_000L Side.Sell 1L 101L false
            row 6_000L Side.Sell 2L 101L true
            row 9_000L Side.Buy 2L 102L false
        ]

let near (expected: float) (tolerance: float) (what: string) (got: float voption) =
    match got with
    | ValueSome v ->
        Expect.floatClose
            {
                absolute = tolerance
                relative = 1e-9
            }
            v
            expected
            what
    | ValueNone -> failtest $"{what} is not defined"

/// Its tick is 1 at every price.
let private wholeTicks = { instrument 0 with SzDecimals = 6 }

let private value (u: Usd) = float u.Raw / 1e8

let private fillRow =
    gen {
        let! s = side
        let! size = Gen.choose64 (1L, 9L)
        let! price = Gen.choose64 (90L, 110L)
        let! isMaker = Gen.elements [ true; false ]
        return s, size, price, isMaker
    }

let rows =
    Arb.fromGen (
        Gen.listOf fillRow
        |> Gen.map (fun all ->
            all
            |> List.mapi (fun i (s, size, price, isMaker) -> row (int64 i * 10L) s size price isMaker)
            |> ImmutableArray.CreateRange)
    )

let private signed (f: FillRow) =
    let q = f.Sz
    if f.Side = Side.Buy then q.Raw else -q.Raw

let private equity =
    ImmutableArray.CreateRange [ 1000.0; 1010.0; 1005.0; 1020.0; 1000.0; 1012.0 ]

let private examples =
    testList
        "worked example"
        [
            testCase "D01, D02 round trips: gross, fees, net, entry notional" (fun () ->
                let trips = RoundTrips.ofFills worked
                Expect.equal trips.Closed.Length 2 "two trips"

                let figures (t: RoundTrip) =
                    value t.Gross, value t.Fee, value t.Net, value t.EntryNotional

                Expect.equal (figures trips.Closed[0]) (9.0, 0.18285, 8.81715, 504.0) "the first"
                Expect.equal (figures trips.Closed[1]) (-2.0, 0.1221, -2.1221, 202.0) "the second")
            testCase "D03 hit rate" (fun () ->
                near 0.5 1e-12 "hit rate" (Metrics.hitRate (RoundTrips.ofFills worked).Closed))
            testCase "D04 average PnL, by notional and by trip" (fun () ->
                let closed = (RoundTrips.ofFills worked).Closed
                near 94.8307 5e-5 "by notional" (Metrics.avgPnlBps closed)
                near 34.9445 5e-5 "by trip" (Metrics.avgPnlBpsEqual closed))
            testCase "D05 holding time of the seven matched lots" (fun () ->
                let lots = (RoundTrips.ofFills worked).Lots
                Expect.equal (lots |> Seq.sumBy (fun l -> l.Sz)) (7L * lot) "seven lots"
                near 3000.0 1e-9 "mean" (Metrics.holdingMs lots))
            testCase "D06 fills and trades per minute" (fun () ->
                near 6.0 1e-12 "fills" (Metrics.perMinute worked.Length 1.0)
                near 2.0 1e-12 "trades" (Metrics.perMinute 2 1.0))
            testCase "D07 turnover" (fun () ->
                Expect.floatClose Accuracy.high (Metrics.turnover worked 1000.0) 1.423 "in the run"
                Expect.floatClose Accuracy.high (Metrics.turnover worked 1000.0 * 1440.0) 2049.12 "per day")
            testCase "D08 inventory" (fun () ->
                match Inventory.ofFills worked 0L 60_000_000_000L 5.0 with
                | ValueSome i ->
                    Expect.floatClose Accuracy.high i.Mean 0.15 "mean"
                    Expect.floatClose Accuracy.high i.MeanAbs 0.35 "mean of the absolute"
                    Expect.equal i.MaxAbs 5.0 "largest"
                    // 3, 5, 1, 0, -2, 0 coins for 1, 2, 2, 1, 3 and 51 of 60 s.
                    Expect.floatClose Accuracy.high i.Std (sqrt (73.0 / 60.0 - 0.0225)) "standard deviation"
                    Expect.floatClose Accuracy.high i.AtLimit (2.0 / 60.0) "at the limit of 5"
                | ValueNone -> failtest "not defined")
            testCase "D09 Sharpe" (fun () ->
                let r = Returns.ofSamples equity 1000.0

                match Returns.meanStd r with
                | ValueSome(struct (mean, std)) ->
                    Expect.floatClose Accuracy.high mean 0.0024 "mean"
                    Expect.floatClose { absolute = 1e-10; relative = 0.0 } std 0.0147071411 "std"
                | ValueNone -> failtest "not defined"

                near 118.307060 1e-6 "Sharpe" (Returns.sharpe r 60.0 2)
                Expect.equal (Returns.sharpe r 60.0 30) ValueNone "null below 30 samples")
            testCase "D10 downside deviation and Sortino" (fun () ->
                let r = Returns.ofSamples equity 1000.0
                near 0.0092195445 1e-10 "downside" (Returns.downside r)
                near 188.725010 1e-6 "Sortino" (Returns.sortino r 60.0 2))
            testCase "D11 drawdown" (fun () ->
                let points =
                    equity
                    |> Seq.mapi (fun i e -> ({ At = int64 i; Usd = e }: EquityPoint))
                    |> ImmutableArray.CreateRange

                match Equity.maxDrawdown points with
                | ValueSome d ->
                    Expect.equal d.Usd 20.0 "USD"
                    Expect.floatClose Accuracy.high (100.0 * d.Share) 1.9607843137 "percent"
                | ValueNone -> failtest "not defined")
            testCase "D12 slippage against the mid and the touch" (fun () ->
                let decided f =
                    { f with
                        DecidedMidTwice = 201L * lot
                        DecidedTouch = px 101L
                    }

                let fills =
                    ImmutableArray.CreateRange
                        [
                            decided (row 0L Side.Buy 3L 101L false)
                            decided (row 0L Side.Buy 2L 102L false)
                        ]

                near 0.9 1e-9 "vs mid" (Metrics.slippageTicks wholeTicks fills)
                near 0.4 1e-9 "vs touch" (Metrics.slippageTicksVsTouch wholeTicks fills))
            testCase "D13 markout" (fun () ->
                let fills = ImmutableArray.CreateRange [ row 1_000L Side.Buy 5L 100L true ]
                let ms n = 1_000_000L * n

                let mids =
                    MidPath.ofMids
                        [
                            struct (0L, 100.5)
                            struct (ms 1_100L, 100.0)
                            struct (ms 2_000L, 99.0)
                            struct (ms 6_000L, 101.0)
                        ]
                        ImmutableArray.Empty
                        (ms 6_000L)

                let all =
                    [ for h in [ 0L; 100L; 1_000L; 5_000L ] -> Markout.ofFills fills mids (ms h) ]

                for m, whole, move in List.zip3 all [ 50.0; 0.0; -100.0; 100.0 ] [ 0.0; -50.0; -150.0; 50.0 ] do
                    near whole 1e-9 "markout" m.Bps
                    near 50.0 1e-9 "half-spread" m.HalfSpreadBps
                    near move 1e-9 "adverse move" m.AdverseBps

                let beyond = Markout.ofFills fills mids (ms 30_000L)
                Expect.equal beyond.Bps ValueNone "not known"
                Expect.equal (beyond.Fills, beyond.Excluded) (0, 1) "left out and counted")
            testCase "D14 fill ratios" (fun () ->
                let orders = ImmutableArray.CreateRange [ struct (10.0, 4.0); struct (10.0, 0.0) ]
                Expect.equal (Execution.fillRatios orders) (ValueSome(struct (0.2, 0.5))) "quantity and orders")
            testCase "D15 without a closed trip nothing is defined" (fun () ->
                let trips =
                    RoundTrips.ofFills (ImmutableArray.CreateRange [ row 0L Side.Buy 1L 100L true ])

                Expect.equal (Metrics.hitRate trips.Closed) ValueNone "hit rate"
                Expect.equal (Metrics.avgPnlBps trips.Closed) ValueNone "average PnL"
                Expect.equal trips.Open.Raw lot "one lot is open"
                Expect.equal (Metrics.hitRateByLots trips.Lots) ValueNone "hit rate by lots"
                Expect.equal (Metrics.holdingMs trips.Lots) ValueNone "holding time"
                Expect.equal (Metrics.profitFactor trips.Closed) ValueNone "profit factor")
            testCase "D16 objective from its raw terms" (fun () ->
                let sharpe =
                    Metrics.tradeSharpe (ImmutableArray.CreateRange [ 5.0; -3.0; 4.0; 2.0 ])

                near 1.12390 5e-6 "trade Sharpe" sharpe
                let inEdges = Objective.maxDdInEdges 40.0 (ValueSome 20.0)
                Expect.equal inEdges (ValueSome 2.0) "drawdown in edges"
                // Held 0.2 of 0.8 all the time.
                let held =
                    ImmutableArray.CreateRange
                        [
                            { row 0L Side.Sell 1L 100L true with
                                Sz = Sz.Of(lot / 5L)
                            }
                        ]

                let delta =
                    match Inventory.ofFills held 0L 1_000L 0.8 with
                    | ValueSome i -> ValueSome(i.MeanAbs / 0.8)
                    | ValueNone -> ValueNone

                near 0.25 1e-12 "mean delta" delta
                near 0.09890 5e-6 "objective" (Objective.value sharpe inEdges delta)

                Expect.equal (Objective.maxDdInEdges 40.0 (ValueSome 0.0)) ValueNone "no edge"
                Expect.equal (Objective.value sharpe ValueNone delta) ValueNone "no value")
            testCase "D17 actions a trade and how long the budget lasts" (fun () ->
                Expect.equal (Execution.actionsPerTrade 120L 40) (ValueSome 3.0) "actions a trade"
                Expect.equal (Execution.actionsPerTrade 120L 0) ValueNone "no trade"
                Expect.equal (Execution.budgetHorizonHours 9_000.0 1_200.0 300.0) 10.0 "hours"

                Expect.equal
                    (Execution.budgetHorizonHours 9_000.0 300.0 300.0)
                    System.Double.PositiveInfinity
                    "earned as fast as used")
        ]

let private fundings =
    Arb.fromGen (
        Gen.listOf (Gen.zip (Gen.choose64 (0L, 60L)) (Gen.choose64 (-50_000L, 50_000L)))
        |> Gen.map (fun all ->
            all
            |> List.sortBy fst
            |> List.map (fun (step, paid) ->
                {
                    At = at (step * 10L)
                    Paid = Usd.Of paid
                }
                : FundingRow)
            |> ImmutableArray.CreateRange)
    )

let tests =
    testList
        "metrics"
        [
            examples
            law "round trips and the open rest add up to the cash flow of all fills" (fun () ->
                Prop.forAll rows (fun fills ->
                    let trips = RoundTrips.ofFills fills

                    let flow =
                        fills
                        |> Seq.sumBy (fun f ->
                            let n = Instrument.notional f.Px f.Sz
                            if f.Side = Side.Buy then -n.Raw else n.Raw)

                    let closed = trips.Closed |> Seq.sumBy (fun t -> let g = t.Gross in g.Raw)
                    closed + trips.OpenCash.Raw = flow))
            law "fees of trips and the open rest add up to the fees of all fills" (fun () ->
                Prop.forAll rows (fun fills ->
                    let trips = RoundTrips.ofFills fills
                    let paid = fills |> Seq.sumBy (fun f -> let fee = f.Fee in fee.Raw)
                    let shared = trips.Closed |> Seq.sumBy (fun t -> let fee = t.Fee in fee.Raw)
                    shared + trips.OpenFee.Raw = paid))
            law "funding of trips and the open rest adds up to what was settled" (fun () ->
                Prop.forAll rows (fun fills ->
                    Prop.forAll fundings (fun paid ->
                        let trips = RoundTrips.ofRun fills paid
                        let shared = trips.Closed |> Seq.sumBy (fun t -> let f = t.Funding in f.Raw)
                        shared + trips.OpenFunding.Raw = (paid |> Seq.sumBy (fun p -> let f = p.Paid in f.Raw)))))
            law "of a flat end the lots carry exactly what the trips carry: gross, fees, funding" (fun () ->
                Prop.forAll rows (fun fills ->
                    Prop.forAll fundings (fun paid ->
                        let position = Seq.sumBy signed fills

                        let flat =
                            if position = 0L then
                                fills
                            else
                                let side = if position > 0L then Side.Sell else Side.Buy

                                fills.Add
                                    { row 9_999L side 1L 101L false with
                                        Sz = Sz.Of(abs position)
                                    }

                        let trips = RoundTrips.ofRun flat paid

                        let ofTrips f =
                            trips.Closed |> Seq.sumBy (f: RoundTrip -> int64)

                        let ofLots f =
                            trips.Lots |> Seq.sumBy (f: MatchedLot -> int64)

                        ofTrips (fun t -> let u = t.Gross in u.Raw) = ofLots (fun l -> let u = l.Gross in u.Raw)
                        && ofTrips (fun t -> let u = t.Fee in u.Raw) = ofLots (fun l -> let u = l.Fee in u.Raw)
                        && ofTrips (fun t -> let u = t.Funding in u.Raw) =
                            ofLots (fun l -> let u = l.Funding in u.Raw))))
            law "the open rest is the position" (fun () ->
                Prop.forAll rows (fun fills -> (RoundTrips.ofFills fills).Open.Raw = Seq.sumBy signed fills))
            law "lots are matched once: what was closed is what the trips took out and more is never matched" (fun () ->
                Prop.forAll rows (fun fills ->
                    let trips = RoundTrips.ofFills fills
                    let matched = trips.Lots |> Seq.sumBy (fun l -> l.Sz)
                    let traded = fills |> Seq.sumBy (fun f -> let q = f.Sz in q.Raw)
                    2L * matched + abs trips.Open.Raw = traded))
            law "shares the fee of a fill through zero by size, exactly, at any size" (fun () ->
                let any =
                    Gen.oneof [ Gen.choose64 (1L, 1_000L); Gen.choose64 (1L, System.Int64.MaxValue / 8L) ]

                let fee = Gen.map2 (fun f s -> f * s) any (Gen.elements [ -1L; 1L ])

                Prop.forAll (Arb.fromGen (Gen.zip3 any any fee)) (fun (first, more, fee) ->
                    let size = first + more

                    let fill ms s size fee =
                        { row ms s 1L 1L true with
                            Sz = Sz.Of size
                            Fee = Usd.Of fee
                        }

                    let trips =
                        RoundTrips.ofFills (
                            ImmutableArray.CreateRange [ fill 0L Side.Buy first 0L; fill 1L Side.Sell size fee ]
                        )

                    let product = bigint fee * bigint first
                    let scale = bigint size

                    let down =
                        bigint.Divide(product - (if product.Sign < 0 then scale - 1I else 0I), scale)

                    let closed = trips.Closed[0].Fee
                    let rest = trips.OpenFee
                    bigint closed.Raw = down && closed.Raw + rest.Raw = fee))
        ]
