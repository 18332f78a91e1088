namespace Vrlg.Sim.LocalVenue

open System
open Vrlg.Core
open Vrlg.Sim

/// What every block begins with (hyperliquid-protocol.md 8.1): oracle and mark, funding when it is due, scheduled cancels,
/// triggers that the mark has met.
module internal Beginning =
    let private contextMs = 3_000L
    let private premiumMs = 5_000L

    /// Settlements that are remembered, a market; the oldest tenth goes when they are full.
    let private mostFundings = 5_000

    let private median (a: int64) (b: int64) (c: int64) = max (min a b) (min (max a b) c)

    let private onGrid (m: Listed) (raw: int64) : int64 =
        let px = Instrument.floorPx m.Rules raw
        max (Instrument.priceUnit m.Rules) px.Raw

    /// The average price at which a value is bought or sold at once; 0 where the book does not hold that much.
    let impactPx (s: VenueState) (m: Listed) (side: Side) : int64 =
        let own = s.Side(m, side)
        let wanted = m.Impact * 100_000_000L
        let mutable worth = 0L
        let mutable size = 0L
        let mutable i = 0

        while i < own.Count && worth < wanted do
            let o = &own.Item i
            let there = Figures.worth o.Order.Px o.Left

            if worth + there <= wanted then
                worth <- worth + there
                size <- size + o.Left
            else
                size <- size + Wide.mulDiv (wanted - worth) 100_000_000L o.Order.Px
                worth <- wanted

            i <- i + 1

        if worth < wanted || size = 0L then
            0L
        else
            Wide.mulDiv worth 100_000_000L size

    /// The instantaneous premium, 1e-12; nothing without a book.
    let premium (s: VenueState) (m: Listed) : int64 voption =
        let bid, ask = impactPx s m Side.Buy, impactPx s m Side.Sell
        let oracle = s.Markets[m.Id].Oracle

        if bid = 0L || ask = 0L || oracle = 0L then
            ValueNone
        else
            let over = max 0L (bid - oracle) - max 0L (oracle - ask)

            ValueSome(Wide.mulDiv over 1_000_000_000_000L oracle)

    let private event (s: VenueState) (state: MarketState) (isSettlement: bool) : Event =
        let id = state.Market.Rules.Id
        let mark, oracle = Px.Of state.Mark, Px.Of state.Oracle

        let moved = Event.ContextMoved(id, mark, oracle, state.FundingRate, Sz.Of 0L, s.Now)
        if isSettlement then moved.AsSettlement() else moved

    let private tell (s: VenueState) (state: MarketState) (isSettlement: bool) =
        let event = event s state isSettlement
        let closed = s.Exchange.Liquidations
        s.Exchange <- Exchange.market s.Exchange s.Now &event s.Reports
        Telling.all s null |> ignore

        if s.Exchange.Liquidations > closed then
            Margining.bearLosses s state.Market

    let private move (s: VenueState) (state: MarketState) (dtMs: int64) =
        let m = state.Market
        state.Oracle <- onGrid m (int64 state.Fair)
        let mid = s.Mid m

        if mid > 0L then
            let keep = exp (-(float dtMs / 150_000.0))
            state.Basis <- keep * state.Basis + (1.0 - keep) * float (mid - state.Oracle)
            let last = if state.LastTrade > 0L then state.LastTrade else mid
            let touch = median (s.Best(m, Side.Buy)) (s.Best(m, Side.Sell)) last
            state.Mark <- onGrid m (median (state.Oracle + int64 state.Basis) touch (int64 state.Fair))
        else
            state.Mark <- state.Oracle

        tell s state false

    /// Milliseconds between two funding payments.
    let fundingMs (config: VenueConfig) : int64 =
        max 1_000L (int64 (3_600_000.0 / config.Speed))

    let private settle (s: VenueState) =
        for m in Listing.perps do
            let state = s.Markets[m.Id]

            let premium =
                if state.PremiumCount > 0L then
                    state.PremiumSum / state.PremiumCount
                else
                    0L

            state.FundingRate <- Fees.hourlyRate premium
            state.PremiumSum <- 0L
            state.PremiumCount <- 0L
            tell s state true

            if state.Fundings.Count >= mostFundings then
                state.Fundings.RemoveRange(0, mostFundings / 10)

            state.Fundings.Add
                {
                    Time = s.Time
                    Rate = state.FundingRate
                    Premium = premium
                }

    /// A funding before the venue began, of the hour that ended at `time`.
    let pastFunding (s: VenueState) (m: Listed) (time: int64) : FundingPoint =
        let key = Seed.key s.Config.Seed ("funding/" + m.Coin)
        let premium = Seed.between key (time / 3_600_000L) -700_000_000L 900_000_000L

        {
            Time = time + Seed.between key (1_000_000_000L + time / 3_600_000L) 3L 50L
            Rate = Fees.hourlyRate premium
            Premium = premium
        }

    let private triggers (s: VenueState) =
        for m in Listing.perps do
            if s.Exchange.HasFired then
                s.Exchange <- Exchange.fired s.Exchange s.Now s.Now m.Id s.Reports
                Telling.all s null |> ignore

                // What became a resting order of its own limit is open again.
                for o in
                    s.ByNumber.Values
                    |> Seq.filter (fun o -> o.HasFired && o.Status = "triggered")
                    |> Seq.toArray do
                    match s.Exchange.Find(AccountId.Of o.Account, m.Rules.Id, { Run = 0L; N = o.Number }) with
                    | ValueSome own ->
                        o.Left <- own.Left
                        Telling.said s o "open"
                    | ValueNone -> ()

    let private deadlines (s: VenueState) =
        let day = s.Time / 86_400_000L

        for a in s.Accounts do
            match a.Scheduled with
            | ValueSome t when t <= s.Time ->
                a.Scheduled <- ValueNone
                a.Triggered <- (if a.TriggeredDay = day then a.Triggered else 0) + 1
                a.TriggeredDay <- day

                for o in a.Live.Values |> Seq.filter (fun o -> o.Number = 0L) |> Seq.toArray do
                    Telling.forget s o
                    Telling.said s o "scheduledCancel"
            | _ -> ()

        s.Exchange <- Exchange.deadline s.Exchange s.Now s.Reports
        Telling.all s null |> ignore

    let run (s: VenueState) (dtMs: int64) =
        if s.Time - s.LastContext >= contextMs then
            let dt = if s.LastContext = 0L then dtMs else s.Time - s.LastContext
            s.LastContext <- s.Time
            s.Out.HasContexts <- true

            for state in s.Markets do
                move s state dt

        if s.Time - s.LastPremium >= premiumMs then
            s.LastPremium <- s.Time

            for m in Listing.perps do
                match premium s m with
                | ValueSome p ->
                    let state = s.Markets[m.Id]
                    state.PremiumSum <- state.PremiumSum + p
                    state.PremiumCount <- state.PremiumCount + 1L
                | ValueNone -> ()

        if s.NextFunding = 0L then
            let every = fundingMs s.Config
            s.NextFunding <- s.Time - s.Time % every + every

        if s.Time >= s.NextFunding then
            settle s
            let every = fundingMs s.Config
            s.NextFunding <- s.Time - s.Time % every + every

        deadlines s
        triggers s
        Twaps.run s
        Daily.run s
        Placing.settleFamilies s
