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
        ]
