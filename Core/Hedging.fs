namespace Vrlg.Core

open System
open System.Collections.Immutable

/// The net delta of all desks, judged on the grid, and the hedge that follows (D0-073): a cross in a slot that the house keeps, of
/// the desk that trades the instrument of the hedge.
module internal Hedging =
    let private held (s: State) (a: int) (i: int) : int64 =
        let p = s.Facts.Ledger.Position(AccountId.Of a, InstrumentId.Of i)
        p.Size.Raw

    let private midTwice (s: State) (i: int) : int64 =
        let market = s.Facts.Market(InstrumentId.Of i)

        match market.Feature with
        | ValueSome f -> f.MidTwice
        | ValueNone -> market.LastMidTwice

    /// Position times twice the mid, over all accounts and instruments; 1e-16 of a USD, doubled.
    let private net (s: State) : Int128 =
        let mutable sum = Int128.Zero

        for i in 0 .. s.Facts.InstrumentCount - 1 do
            let mutable size = Int128.Zero

            for a in 0 .. s.Facts.Ledger.Accounts - 1 do
                size <- size + Int128.op_Implicit (held s a i)

            sum <- sum + size * Int128.op_Implicit (midTwice s i)

        sum

    /// The largest deviation of anything held and of the hedge itself: coins are taken to move together. None while one of them is
    /// not known.
    let private sigma (c: HedgeConfig) (s: State) : float voption =
        let mutable most = 0.0
        let mutable known = true

        for i in 0 .. s.Facts.InstrumentCount - 1 do
            let mutable isHeld = i = c.Instrument.Index || i = c.Traded.Index

            for a in 0 .. s.Facts.Ledger.Accounts - 1 do
                isHeld <- isHeld || held s a i <> 0L

            if isHeld then
                match s.NetDelta.Sigma(InstrumentId.Of i) with
                | ValueSome sigma -> most <- max most sigma
                | ValueNone -> known <- false

        if known then ValueSome most else ValueNone

    let private sample (by: Owner) (s: State) (grid: Instant) =
        if s.NetDelta.IsDue grid then
            let n = s.Facts.InstrumentCount
            let mids: Span<int64> = Span(Array.zeroCreate n)

            for i in 0 .. n - 1 do
                match s.Facts.Market(InstrumentId.Of i).Feature with
                | ValueSome f -> mids[i] <- f.MidTwice
                | ValueNone -> ()

            s.NetDelta <- s.NetDelta.Sampled(by, grid, Span<int64>.op_Implicit mids)

    let private judge (c: HedgeConfig) (s: State) (sum: Int128) : DeltaVerdict =
        let usd = (Int128.op_Explicit sum: float) / 2e16

        match sigma c s with
        | ValueNone when c.Rule <> NetDeltaRule.Document -> NetDelta.Judge(NetDeltaRule.Off, false, usd, 0.0, 0.0)
        | sigma ->
            let most = ValueOption.defaultValue 0.0 sigma

            let own =
                match s.NetDelta.Sigma c.Traded with
                | ValueSome sigma -> sigma
                | ValueNone -> 0.0

            let mid = float (midTwice s c.Traded.Index) / 2e8
            NetDelta.Judge(c.Rule, s.NetDelta.IsHedging, usd, most, NetDelta.LimitOf(c, own, mid))

    let private say (d: int) (v: DeltaVerdict) (out: Outbox) =
        let numbers: ImmutableArray<struct (string * float)> =
            ImmutableArray.Create(
                struct ("net_usd", v.NetUsd),
                struct ("var_usd", v.VarUsd),
                struct ("limit_usd", v.LimitUsd)
            )

        let code = if v.IsHedging then "hedge.on" else "hedge.off"
        out.Notes.Add(Remarked(DeskId.Of d, { Code = code; Numbers = numbers }))

    /// The desk that trades the instrument of the hedge: the first whose position it reduces, else the first; -1 when none does.
    let private deskOf (c: HedgeConfig) (s: State) (side: Side) : int =
        let mutable first = -1
        let mutable reducing = -1

        for d in s.DeskArray.Length - 1 .. -1 .. 0 do
            let desk = s.DeskArray[d].Desk

            if desk.Instruments.Contains c.Instrument then
                first <- d
                let size = held s desk.Plan.Account.Index c.Instrument.Index

                if (side = Side.Sell && size > 0L) || (side = Side.Buy && size < 0L) then
                    reducing <- d

        if reducing >= 0 then reducing else first

    /// An exit of this side is on its way or waits, on whatever coin: it does the hedge's work, and what it leaves is known when it
    /// is back. So is a cross of the hedge's own.
    let private isLeaving (s: State) (d: int) (slot: Slot) : bool =
        let account = s.DeskArray[d].Desk.Plan.Account
        let mutable found = false

        for o in s.Facts.Orders.LiveOrders do
            let isHere =
                o.New.Account.Index = account.Index
                && o.New.Instrument.Index = slot.Instrument.Index

            found <-
                found
                || (o.New.Tif = Tif.Ioc && o.New.Side = slot.Side && (isHere || o.New.ReduceOnly))

        for desk in s.DeskArray do
            for item in desk.Wanted.Slots do
                found <-
                    found
                    || (item.Armed
                        && item.Reduce
                        && item.Kind = WishKind.Cross
                        && item.Slot.Side = slot.Side
                        && not item.Slot.IsHedge)

        found

    /// What a hedge still wanted is forgotten, but for one slot.
    let private forget (by: Owner) (s: State) (keep: Slot voption) =
        for d in 0 .. s.DeskArray.Length - 1 do
            let w = s.DeskArray[d].Wanted

            for i in 0 .. w.Count - 1 do
                let item = w.At i

                let isKept =
                    match keep with
                    | ValueSome slot -> slot.Side = item.Slot.Side
                    | ValueNone -> false

                if item.Slot.IsHedge && item.Armed && not isKept then
                    let empty =
                        { item with
                            Kind = WishKind.Nothing
                            Armed = false
                        }

                    let desk = s.DeskArray[d]

                    s.DeskArray[d] <-
                        { desk with
                            Wanted = desk.Wanted.Put(by, i, empty)
                        }

    let private want (by: Owner) (s: State) (d: int) (item: WantedSlot) =
        let desk = s.DeskArray[d]
        let w = desk.Wanted
        let at = w.Find item.Slot
        let was = if at < 0 then WantedSlot.Of item.Slot else w.At at

        // What was noted of it stays: the same refusal is noted once, not at every look.
        let next =
            { was with
                Kind = WishKind.Cross
                Px = item.Px
                Sz = item.Sz
                Reduce = item.Reduce
                Armed = true
            }

        let wanted = if at < 0 then w.Add(by, next) else w.Put(by, at, next)
        s.DeskArray[d] <- { desk with Wanted = wanted }
        s.IsDirty <- true

    /// What the hedge may be now: no more than the position that it reduces, or an opening of no more than an order's limit and no
    /// less than the venue's least.
    let private sized (s: State) (d: int) (slot: Slot) (whole: Sz) (limit: Px) : struct (Sz * bool) =
        let plan = s.DeskArray[d].Desk.Plan
        let market = s.Facts.Market slot.Instrument

        let own =
            Leaving.whole market (Sz.Of(held s plan.Account.Index slot.Instrument.Index))

        let reduces = if slot.Side = Side.Sell then own.Raw > 0L else own.Raw < 0L

        if reduces then
            struct (Sz.Of(min whole.Raw own.Abs.Raw), true)
        else
            let one = Int128.op_Implicit 100_000_000L

            let most =
                Int128.op_Implicit plan.Limits.MaxOrder.Raw * one
                / Int128.op_Implicit (max 1L limit.Raw)

            let cut = Int128.op_Explicit (Int128.Min(most, Int128.op_Implicit whole.Raw)): int64

            let size = Leaving.whole market (Sz.Of cut)
            let value = Instrument.notional limit size

            if value.Raw < market.Rules.MinNotional.Raw then
                struct (Sz.Of 0L, false)
            else
                struct (size, false)

    let private wish (by: Owner) (c: HedgeConfig) (s: State) (now: Instant) (sum: Int128) (share: int64) =
        let side = if Int128.IsPositive sum then Side.Sell else Side.Buy
        let slot = Slot.Hedge(c.Instrument, side)
        forget by s (ValueSome slot)
        let d = deskOf c s side

        if d >= 0 then
            let market = s.Facts.Market c.Instrument
            let touch = market.Touch
            let there = if side = Side.Sell then touch.BidPx else touch.AskPx
            let lot = Instrument.lot market.Rules
            let whole = NetDelta.Size(sum, share, lot, midTwice s c.Instrument.Index)

            let isSoon =
                match s.Facts.Orders.TryLastClosed(DeskId.Of d, slot) with
                | ValueSome o -> now.Ns - o.ChangedAt.Ns < Leaving.exitPause
                | ValueNone -> false

            if whole.Raw > 0L && there.Raw > 0L && not isSoon && not (isLeaving s d slot) then
                let plan = s.DeskArray[d].Desk.Plan
                let limit = Instrument.reachPx market.Rules side there plan.ToleranceBps
                let struct (size, reduces) = sized s d slot whole limit

                if size.Raw > 0L then
                    let item =
                        { WantedSlot.Of slot with
                            Px = limit
                            Sz = size
                            Reduce = reduces
                        }

                    want by s d item

    /// One grid instant. Never while halted or flattening: then everything leaves anyway.
    let tick (by: Owner) (c: HedgeConfig) (s: State) (now: Instant) (grid: Instant) (out: Outbox) =
        if c.Rule <> NetDeltaRule.Off && s.Facts.Has c.Instrument && s.Facts.Has c.Traded then
            sample by s grid
            let sum = net s

            if sum <> Int128.Zero || s.NetDelta.NetUsd <> 0.0 || s.NetDelta.IsHedging then
                let verdict = judge c s sum
                let was = s.NetDelta.IsHedging
                s.NetDelta <- s.NetDelta.Judged(by, verdict)

                if was <> verdict.IsHedging then
                    say (max 0 (deskOf c s Side.Buy)) verdict out

                if verdict.IsHedging && not s.IsFlattening && not s.Facts.Health.IsHalted then
                    wish by c s now sum verdict.Share
                elif was then
                    forget by s ValueNone
