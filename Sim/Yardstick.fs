namespace Vrlg.Sim

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices
open Vrlg.Core

/// When the yardstick desk decides.
type Cadence =
    /// On the heartbeat's grid.
    | Timer = 0
    /// Once per distinct receipt instant of market records.
    | EveryBatch = 1

/// The market-making desk of simulation.md 17, by which engines are compared: one post-only order of 5 lots a side at the
/// local best, bid while the position is below 50 lots, ask while it is above -50. It pulls what stands wrong and quotes
/// only empty slots, so it reproduces the reference strategy order by order.
[<RequireQualifiedAccess>]
module Yardstick =
    /// The state: the instant last decided at. A reference, so that a step which decides nothing allocates nothing.
    [<Sealed; AllowNullLiteral>]
    type private Decided(at: int64) =
        member _.At = at

    let private lot = 100_000_000L

    [<Literal>]
    let private Size = 5L

    [<Literal>]
    let private Most = 50L

    let private slot (instrument: InstrumentId) (side: Side) : Slot =
        {
            Instrument = instrument
            Side = side
            Name = 0
        }

    let private side (view: View) (instrument: InstrumentId) (side: Side) (best: Px) (isWanted: bool) =
        let mine = slot instrument side
        let there = view.Slot mine

        match there.State with
        | SlotState.Empty when isWanted -> ValueSome(Quote(mine, best, Sz.Of(Size * lot), QuoteTerms.UntilPulled))
        | SlotState.Resting when not isWanted || there.Px.Raw <> best.Raw -> ValueSome(Pull mine)
        | _ -> ValueNone

    let private decide (view: View) (instrument: InstrumentId) : ImmutableArray<Intent> =
        let touch = view.Touch instrument

        if not touch.IsWhole then
            ImmutableArray.Empty
        else
            let held = view.Position instrument
            let position = held.Raw / lot
            let bid = side view instrument Side.Buy touch.BidPx (position < Most)
            let ask = side view instrument Side.Sell touch.AskPx (position > -Most)

            match bid, ask with
            | ValueNone, ValueNone -> ImmutableArray.Empty
            | ValueSome b, ValueNone -> ImmutableArray.Create<Intent> b
            | ValueNone, ValueSome a -> ImmutableArray.Create<Intent> a
            | ValueSome b, ValueSome a -> ImmutableArray.Create<Intent>(b, a)

    let private timed (instrument: InstrumentId) : Decide<Decided> =
        Decide<Decided>(fun state view event ->
            if event.Kind = EventKind.Ticked then
                struct (state, decide view instrument)
            else
                struct (state, ImmutableArray.Empty))

    let private batched (instrument: InstrumentId) : Decide<Decided> =
        Decide<Decided>(fun state view event ->
            let record = view.RecordAt instrument

            // A report that closes the batch of an instant counts into it; one that comes alone is no batch.
            if
                event.Kind <> EventKind.Ticked
                && record.Ns = view.Now.Ns
                && state.At <> view.Now.Ns
            then
                let intents = decide view instrument

                if intents.IsEmpty then
                    struct (state, intents)
                else
                    struct (Decided view.Now.Ns, intents)
            else
                struct (state, ImmutableArray.Empty))

    /// The desk's strategy.
    let strategy (cadence: Cadence) (instrument: InstrumentId) : IStrategy =
        match cadence with
        | Cadence.Timer -> Strategy.Make("quote100", Decided Int64.MinValue, timed instrument)
        | _ -> Strategy.Make("quoteTick", Decided Int64.MinValue, batched instrument)

    /// The instrument of the neutral feed: one tick is one price unit, one lot one size unit, no minimum value.
    let instrument: Instrument =
        {
            Id = InstrumentId.Of 0
            Venue = VenueId.Of 0
            Name = "FEED"
            Kind = InstrumentKind.Perp
            SzDecimals = 0
            MaxLeverage = 1
            MinNotional = Usd.Of 0L
        }

    /// Limits that never bind: the comparison is of mechanics, not of rules.
    let plan: PlanConfig =
        {
            Account = AccountId.Of 0
            Limits =
                {
                    MaxPosition = Sz.Of(1_000_000L * lot)
                    MaxOrder = Usd.Of Int64.MaxValue
                    MaxOpenOrders = 1_000
                    BandBps = 10_000
                    AllowsMarketEntries = true
                }
            Health =
                { HealthConfig.Default with
                    MaxBookAge = Duration.OfMs 3_600_000L
                }
            RetryRefused = true
            BackstopBps = 0
            ToleranceBps = 100
        }

    let desk (cadence: Cadence) : Desk =
        let id = InstrumentId.Of 0

        {
            Name = "yardstick"
            Instruments = ImmutableArray.Create<InstrumentId> id
            Strategy = strategy cadence id
            Plan = plan
        }

    let engine: Config =
        {
            Instruments = ImmutableArray.Create<Instrument> instrument
            Accounts = ImmutableArray.Create<VenueId>(VenueId.Of 0)
            Health = plan.Health
            Budget = Budget.Unlimited
            MaxLoss = Usd.Of 0L
            Stall = StallConfig.Off
            Hedge = HedgeConfig.Off
        }
