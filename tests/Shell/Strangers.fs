/// A strategy written in C# runs in the same engine as ours.
module Vrlg.ShellTests.Strangers

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Sim
open Vrlg.Stranger

let private one = 100_000_000L

let private btc: Instrument =
    {
        Id = InstrumentId.Of 0
        Venue = VenueId.Of 0
        Name = "BTC"
        Kind = InstrumentKind.Perp
        SzDecimals = 5
        MaxLeverage = 40
        MinNotional = Usd.Of(10L * one)
    }

let private plan: PlanConfig =
    {
        Account = AccountId.Of 0
        Limits =
            {
                MaxPosition = Sz.Of(one / 100L)
                MaxOrder = Usd.Of(10_000L * one)
                MaxOpenOrders = 8
                BandBps = 500
                AllowsMarketEntries = true
            }
        Health = HealthConfig.Default
        RetryRefused = false
        BackstopBps = 0
        ToleranceBps = 100
    }

let private run () =
    let desk: Desk =
        {
            Name = "stranger"
            Instruments = ImmutableArray.Create<InstrumentId> btc.Id
            Strategy = SpreadCatcher(btc.Id, 3, Sz.Of(one / 1_000L))
            Plan = plan
        }

    let config: WorldConfig =
        {
            Engine =
                {
                    Instruments = ImmutableArray.Create<Instrument> btc
                    Accounts = ImmutableArray.Create<VenueId>(VenueId.Of 0)
                    Health = HealthConfig.Default
                    Budget = Budget.Unlimited
                    MaxLoss = Usd.Of 0L
                    Stall = StallConfig.Off
                    Hedge = HedgeConfig.Off
                }
            Exchange =
                {
                    Instruments = ImmutableArray.Create<Instrument> btc
                    Accounts = 1
                    Fees =
                        {
                            Maker = Rate.Of 0L
                            Taker = Rate.Of 0L
                        }
                    Queue = QueueModel.RiskAverse
                    CheckRules = true
                    Rules = MatchRules.Default
                }
            Latency = LatencyConfig.Of(false, Delay.Constant(Duration.OfMs 10L), Delay.Constant(Duration.OfMs 60L), 0.5)
            Seed = 1L
            Phases = Phases.Plain
            Tick = Duration.OfMs 100L
            Run = { Run = 1L; FirstCloid = 1L }
            Cash = Usd.Of(10_000L * one)
        }

    let tape =
        Synthetic.make
            { Synthetic.usual btc 3L with
                Length = Duration.OfMs 120_000L
            }

    let trail = Trail(btc.Id, Usd.Of(10_000L * one))
    let result = World(config, [| desk |], tape, trail).Run((fun () -> false), null)
    trail.Close()
    trail, result

let tests =
    testList
        "a stranger's strategy in C#"
        [
            testCase "trades, and ends flat or working on it" (fun () ->
                let trail, result = run ()
                Expect.isGreaterThan trail.Fills.Length 10 "it trades"
                let held = result.State.Facts.Ledger.Position(AccountId.Of 0, btc.Id)
                Expect.isLessThanOrEqual (abs held.Size.Raw) (one / 100L) "within its cap")
            testCase "shows its gauges" (fun () ->
                let trail, _ = run ()

                let beats =
                    trail.Gauges
                    |> Seq.tryPick (fun struct (name, v) -> if name = "beats" then Some v else None)

                Expect.isGreaterThan (Option.defaultValue 0.0 beats) 1_000.0 "every heartbeat was heard")
            testCase "is replayable: twice the same" (fun () ->
                let a, _ = run ()
                let b, _ = run ()
                Expect.equal (Tables.fills btc a.Fills) (Tables.fills btc b.Fills) "the same fills")
        ]
