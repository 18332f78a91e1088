/// What a back-test's exchange knows of the account: margin, the oracle's band, the allowance, liquidations.
module Vrlg.Stories.Margins

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stories.Given
open Vrlg.Stories.RestingOrder

/// Takes five at 101 on the first whole book.
let private taker: IStrategy =
    let take = Take(slot, Sz.Of(5L * one), Px.Of(101L * one), false)

    let decide =
        Decide<Stage>(fun stage view _ ->
            let touch = view.Touch id

            if stage.N = 0 && touch.IsWhole then
                struct (Stage 1, ImmutableArray.Create<Intent> take)
            else
                struct (stage, ImmutableArray.Empty))

    Strategy.Make("taker", Stage 0, decide)

let private context t mark =
    let px = Px.Of(mark * one)
    t, Event.ContextMoved(id, px, px, 0L, Sz.Of 0L, Instant.Of(ms t))

let tests =
    testList
        "margin of a run"
        [
            testCase "a back-test's exchange checks margin, oracle band and allowance" (fun () ->
                let world sets = Backtest.world (setup btc sets) 1L
                let usual = (world []).Exchange.Rules
                Expect.isTrue usual.ChecksMargin "margin"
                Expect.equal usual.Cash (Usd.Of(10_000L * one)) "the account's money"
                Expect.equal usual.OracleBandBps 8_000L "80 % from the oracle"
                Expect.equal usual.Allowance 10_000L "what the venue gives a new account"
                let known = (world []).Engine.Budget
                Expect.equal known.Allowance 10_000L "and the engine knows it"
                let free = world [ "account.allowance", "-1" ]
                Expect.equal free.Exchange.Rules.Allowance -1L "not counted"
                let unknown = free.Engine.Budget
                Expect.isTrue unknown.IsUnlimited "nowhere")
            testCase "a position that the venue closes is told as a liquidation" (fun () ->
                let world = worldIn Phases.Plain RestingOrder.usual

                let poor =
                    { world with
                        Exchange =
                            { world.Exchange with
                                Instruments = ImmutableArray.Create<Instrument> { instrument with MaxLeverage = 10 }
                                Rules =
                                    { MatchRules.Default with
                                        ChecksMargin = true
                                        Cash = Usd.Of(60L * one)
                                    }
                            }
                    }

                let rows =
                    [
                        level 0L Side.Buy 100L 10L
                        level 0L Side.Sell 101L 10L
                        // 505 bought with 60: at 93 the account is worth 20, and a twentieth of the position is 23.25.
                        level 100L Side.Buy 100L 0L
                        level 100L Side.Buy 93L 10L
                        context 110L 93L
                    ]

                let tally = Tally id
                let result = runIn poor tally rows taker
                Expect.equal result.Exchange.Liquidations 1L "the venue closed it"

                match Summary.warnings result with
                | [ warning ] -> Expect.stringContains warning "the venue closed a position in 1 cases" "told first"
                | other -> failtest $"{other.Length} warnings"

                Expect.equal
                    [ for f in tally.Fills -> let px = f.Px in f.Reason, f.Side, px.Raw / one ]
                    [ "entry", Side.Buy, 101L; "liquidation", Side.Sell, 93L ]
                    "said as what it is")
            testCase "figures of one instrument leave out the fills of another" (fun () ->
                let other: Fill =
                    {
                        Account = AccountId.Of 0
                        Instrument = InstrumentId.Of 1
                        Cloid = { Run = 1L; N = 1L }
                        TradeId = 1L
                        Side = Side.Buy
                        Px = Px.Of(100L * one)
                        Sz = Sz.Of one
                        Fee = Usd.Of 0L
                        Cumulative = Sz.Of one
                        IsMaker = true
                    }

                let two =
                    ImmutableArray.Create<Instrument>(
                        instrument,
                        { instrument with
                            Id = InstrumentId.Of 1
                        }
                    )

                let config = exchangeConfig QueueModel.RiskAverse
                let exchange = Exchange.create { config with Instruments = two }

                let told (watch: IWatch) =
                    for fill in [ other; { other with Instrument = id } ] do
                        let event = Event.Of(RareEvent.Filled fill, Instant.Of(ms 1L))
                        watch.Executed(&event, exchange)

                let tally, harvest = Tally id, Harvest id
                told tally
                told harvest
                let mids = MidPath.ofTape config id (tapeOf [])

                let outcome =
                    harvest.Outcome({ From = 0L; To = 1L }, mids, config.Rules.Cash, Sz.Of one)

                Expect.equal (tally.Fills.Length, outcome.Fills.Length) (1, 1) "its own only")
            testCase "impact is charged to what crossed, and moves the mark" (fun () ->
                // Forty minutes, the mid swinging between 100.5 and 101.5 every minute, a lot printed a minute.
                let rows =
                    [
                        for m in 0L .. 40L do
                            let up = m % 2L
                            let t = m * 60_000L
                            level t Side.Sell (101L + up) 10L
                            level t Side.Buy (100L + up) 10L
                            level t Side.Sell (102L - up) 0L
                            level t Side.Buy (101L - up) 0L
                            bought (t + 1L) (101L + up) 1L
                    ]

                let world = worldIn Phases.Plain RestingOrder.usual
                let tally = Tally id
                runIn world tally rows taker |> ignore<WorldResult>
                let mids = MidPath.ofTape world.Exchange id (tapeOf rows)

                let finished sets =
                    Finished.Of(setup instrument sets, 1L, mids, tally)

                let off, on = finished [], finished [ "impact.square_root", "0.7" ]
                Expect.equal off.ImpactCost (Usd.Of 0L) "off by default"
                let sigma = Impact.sigmaDay mids |> ValueOption.defaultValue 0.0
                let volume = Impact.volumeDay mids
                Expect.isTrue (sigma > 0.3 && sigma < 0.5) $"a percent a minute: {sigma}"
                Expect.isTrue (volume > 1_400.0 && volume < 1_500.0) $"a lot a minute: {volume}"
                let cost = let c = on.ImpactCost in float c.Raw / 1e8

                Expect.floatClose
                    { absolute = 1e-7; relative = 0.0 }
                    cost
                    (Impact.squareRoot 0.7 sigma 5.0 volume 101.0)
                    "of the one fill"

                let gained (f: Finished) = Objective.netUsd f
                Expect.floatClose { absolute = 1e-9; relative = 0.0 } (gained off - gained on) cost "out of the result"
                let shifted = finished [ "impact.shift_ticks", "2" ]
                let at = off.Fills[0].At
                let after = at.Ns + 5_000_000_000L
                // Five lots, two ticks each, half of it gone; a tick at 100 is 0.01.
                let tick = float (Instrument.tickAt instrument (Px.Of(100L * one))) / 1e8
                let moved = shifted.Walk().To after - off.Walk().To after
                Expect.floatClose { absolute = 1e-9; relative = 0.0 } moved (5.0 * 5.0 * tick) "of the position")
        ]
