/// Desks side by side: who may trade what, and whose orders count.
module Vrlg.Stories.Desks

open System.Collections.Immutable
open Expecto
open Vrlg.Core
open Vrlg.Stories.Given

/// Quotes a lot on every one of some instruments at the first heartbeat.
let private quoting (instruments: int list) : IStrategy =
    let said =
        ImmutableArray.CreateRange
            [
                for i in instruments ->
                    let slot: Slot =
                        {
                            Instrument = InstrumentId.Of i
                            Side = Side.Buy
                            Name = 0
                        }

                    Quote(slot, Px.Of(99L * one), Sz.Of one, QuoteTerms.UntilPulled)
            ]

    let decide =
        Decide<string>(fun state _ event ->
            struct (state,
                    (if event.Kind = EventKind.Ticked then
                         said
                     else
                         ImmutableArray.Empty)))

    Strategy.Make("quoting", "", decide)

let private desk name account (trades: int list) (says: int list) : Desk =
    {
        Name = name
        Instruments = ImmutableArray.CreateRange [ for i in trades -> InstrumentId.Of i ]
        Strategy = quoting says
        Plan =
            {
                Account = AccountId.Of account
                Limits =
                    {
                        MaxPosition = Sz.Of(100L * one)
                        MaxOrder = Usd.Of(1_000_000L * one)
                        MaxOpenOrders = 1
                        BandBps = 5_000
                        AllowsMarketEntries = true
                    }
                Health = HealthConfig.Default
                RetryRefused = false
                BackstopBps = 0
                ToleranceBps = 100
            }
    }

let private config: Config =
    {
        Instruments =
            ImmutableArray.CreateRange
                [
                    for i in 0..1 ->
                        { instrument with
                            Id = InstrumentId.Of i
                        }
                ]
        Accounts = ImmutableArray.Create<VenueId>(VenueId.Of 0)
        Health = HealthConfig.Default
        Budget = Budget.Unlimited
        MaxLoss = Usd.Of 0L
        Stall = StallConfig.Off
        Hedge = HedgeConfig.Off
    }

let private step (s: State) (ms: int64) (event: Event) =
    let input = Stamped(ms, Instant.OfMs ms, event)
    let struct (next, output) = Engine.step config s &input

    let placed =
        if output.Commands.IsDefaultOrEmpty then
            []
        else
            [
                for c in output.Commands do
                    match c with
                    | Place a -> let id = a.Order.Instrument in id.Index
                    | _ -> ()
            ]

    next, placed

/// The instruments on which desks place an order when both books are there and the account is known.
let private placed (desks: Desk list) =
    let seen: AccountFacts =
        {
            Account = AccountId.Of 0
            Cash = Usd.Of(1_000_000L * one)
            Positions = ImmutableArray.Empty
            Open = ImmutableArray.Empty
        }

    let level i side price =
        Event.LevelMoved(InstrumentId.Of i, side, Px.Of(price * one), Sz.Of one, Instant.OfMs 1L)

    let opening =
        [
            Event.Of(RareEvent.AccountSeen seen, Instant.OfMs 1L)
            for i in 0..1 do
                level i Side.Buy 98L
                level i Side.Sell 102L
        ]

    let start = Engine.create config (List.toArray desks)

    let ready =
        List.indexed opening
        |> List.fold (fun s (i, e) -> fst (step s (int64 i) e)) start

    let last, placed = step ready 100L (Event.Ticked(Instant.OfMs 100L))
    last, placed

let tests =
    testList
        "desks"
        [
            testCase "each has its own limit of open orders" (fun () ->
                let _, placed = placed [ desk "a" 0 [ 0 ] [ 0 ]; desk "b" 0 [ 1 ] [ 1 ] ]
                Expect.equal placed [ 0; 1 ] "one order each")
            testCase "on one instrument of one account are refused: nothing trades, and the state says why" (fun () ->
                let last, placed = placed [ desk "a" 0 [ 0 ] [ 0 ]; desk "b" 0 [ 1; 0 ] [ 1; 0 ] ]
                Expect.equal placed [] "no order"

                match last.Fitness with
                | Fitness.Halted(HaltReason.BrokenInvariant why) ->
                    Expect.equal why "desks a and b both trade instrument 0 on account 0" "the reason"
                | other -> failtestf "%s" (Words.fitness other))
            testCase "on an account that the run does not have are refused" (fun () ->
                let last, placed = placed [ desk "a" 3 [ 0 ] [ 0 ] ]
                Expect.equal placed [] "no order"
                Expect.isTrue last.Facts.Health.IsHalted "halted")
            testCase "trade nothing but their own instruments" (fun () ->
                let _, placed = placed [ desk "a" 0 [ 0 ] [ 1; 0 ] ]
                Expect.equal placed [ 0 ] "its own")
        ]
