namespace Vrlg.Sim.LocalVenue

open System.Collections.Generic
open Vrlg.Core
open Vrlg.Sim

/// Those who make the local market live: one who quotes around the fair price, one who takes at random, one who takes what
/// others leave beyond it. They trade by the same orders as everybody.
module internal Traders =
    let private levels = 20


    /// What the rotation scenario does around the schedule's beginning: the best levels of a side shrink to a part of their
    /// size, quotes step away by so many ticks, and takers come so many times as often.
    let thinLevels = 2

    let thinShare = 0.35
    let thinTicks = 2
    let thinTakers = 2.0

    let private isThin (s: VenueState) =
        s.Config.Scenario = Scenario.Rotation && Chain.isNearTurn s.Turn

    /// The size that the maker wants at the n-th level of a side, in whole lots.
    let private size (s: VenueState) (m: Listed) (px: int64) (n: int) : int64 =
        let key = Seed.key s.Config.Seed ("size/" + m.Coin)
        let share = 0.5 + Seed.unit key (px + s.Height / 200L)
        let thin = if n < thinLevels && isThin s then thinShare else 1.0
        let worth = float m.Depth * share * thin * (0.4 + 0.12 * float n)
        let lot = Instrument.lot m.Rules
        let raw = int64 (worth * 1e16 / float px)
        max lot (raw - raw % lot)

    /// Brings one side of the maker's book to the levels that it wants: what is there stays, what is too good or too far goes.
    /// The first levels are quoted anew where `isFresh`.
    let private quote (s: VenueState) (m: Listed) (side: Side) (isFresh: bool) (best: int64) =
        let state = s.Markets[m.Id]

        let own: SortedDictionary<int64, VenueOrder> =
            if side = Side.Buy then state.MakerBids else state.MakerAsks

        let wanted = Array.zeroCreate<int64> levels
        let mutable px = best

        for n in 0 .. levels - 1 do
            wanted[n] <- px
            px <- (Instrument.stepPx m.Rules (Px.Of px) (if side = Side.Buy then -1 else 1)).Raw

        let last = wanted[levels - 1]

        let near = wanted[thinLevels + thinTicks - 1]

        let isOut p =
            if side = Side.Buy then
                p > best || p < last || isFresh && p >= near
            else
                p < best || p > last || isFresh && p <= near

        for o in
            own
            |> Seq.filter (fun e -> isOut e.Key)
            |> Seq.map (fun e -> e.Value)
            |> Seq.toArray do
            Replacing.quietCancel s o

        wanted, own

    let private fillIn
        (s: VenueState)
        (m: Listed)
        (side: Side)
        (wanted: int64[])
        (own: SortedDictionary<int64, VenueOrder>)
        =
        for n in 0 .. levels - 1 do
            let px = wanted[n]

            if px > 0L && not (own.ContainsKey px) then
                let o = Replacing.quiet s Residents.maker m side "Alo" px (size s m px n)

                if o.IsLive then
                    own[px] <- o

    /// The maker's quotes of one market.
    let private make (s: VenueState) (m: Listed) =
        let state = s.Markets[m.Id]
        let fair = state.Fair
        let tick = float (Instrument.tickAt m.Rules (Px.Of(int64 fair)))
        let thin = isThin s
        let isFresh = thin || state.IsThin
        state.IsThin <- thin
        let wider = if thin then float thinTicks else 0.0
        let bid = (Instrument.floorPx m.Rules (int64 (fair - (0.5 + wider) * tick))).Raw
        let ask = (Instrument.ceilPx m.Rules (int64 (fair + (0.5 + wider) * tick))).Raw
        let bids, ownBids = quote s m Side.Buy isFresh bid
        let asks, ownAsks = quote s m Side.Sell isFresh ask
        fillIn s m Side.Buy bids ownBids
        fillIn s m Side.Sell asks ownAsks

    /// Takes what others rest beyond the fair price.
    let private arbitrage (s: VenueState) (m: Listed) =
        let fair = int64 s.Markets[m.Id].Fair
        let tick = Instrument.tickAt m.Rules (Px.Of fair)

        for side in [| Side.Buy; Side.Sell |] do
            let other = s.Side(m, (if side = Side.Buy then Side.Sell else Side.Buy))

            if other.Count > 0 then
                let best = other.BestPx

                let isCheap =
                    if side = Side.Buy then
                        best < fair - tick
                    else
                        best > fair + tick

                if isCheap && other.Item(0).Order.Account <> Residents.maker then
                    let limit =
                        if side = Side.Buy then
                            Instrument.floorPx m.Rules (fair - tick)
                        else
                            Instrument.ceilPx m.Rules (fair + tick)

                    let lots = size s m best 3

                    Replacing.quiet s Residents.arbitrage m side "Ioc" limit.Raw lots
                    |> ignore<VenueOrder>

    /// Now and then somebody takes.
    let private take (s: VenueState) (m: Listed) (dtMs: int64) =
        let key = Seed.key s.Config.Seed ("takers/" + m.Coin)
        let rush = if isThin s then thinTakers else 1.0
        let chance = m.TakersAnHour * s.Config.Speed * rush * float dtMs / 3_600_000.0

        if Seed.unit key (4L * s.Height) < chance then
            let isBuy = Seed.unit key (4L * s.Height + 1L) < 0.5
            let side = if isBuy then Side.Buy else Side.Sell
            let best = s.Best(m, (if isBuy then Side.Sell else Side.Buy))

            if best > 0L then
                let u = Seed.unit key (4L * s.Height + 2L)
                let worth = max 30.0 (float m.Depth * 0.02 / max 0.02 u)
                let lot = Instrument.lot m.Rules
                let raw = int64 (min (3.0 * float m.Depth) worth * 1e16 / float best)
                let limit = Instrument.stepPx m.Rules (Px.Of best) (if isBuy then 5 else -5)
                let sz = max lot (raw - raw % lot)

                Replacing.quiet s Residents.taker m side "Ioc" limit.Raw sz
                |> ignore<VenueOrder>

    /// Before the accounts' actions: fair prices move, quotes follow.
    let before (s: VenueState) =
        for state in s.Markets do
            let m = state.Market

            if m.Follows = m.Id then
                state.Fair <- Prices.next s.Config.Seed s.Config.Scenario m s.Height state.Fair

        for state in s.Markets do
            let m = state.Market

            if m.Follows <> m.Id then
                state.Fair <- s.Markets[m.Follows].Fair

            // Not every block: quotes that change with each would say more than real ones do.
            let key = Seed.key s.Config.Seed ("requote/" + m.Coin)

            if
                s.Height % 20L = 0L
                || isThin s
                || state.IsThin
                || Seed.unit key s.Height < 0.55
                || state.MakerBids.Count = 0
            then
                make s m

    /// After them.
    let after (s: VenueState) (dtMs: int64) =
        for m in Listing.markets do
            arbitrage s m
            take s m dtMs
