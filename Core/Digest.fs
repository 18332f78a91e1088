namespace Vrlg.Core

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices

/// 64-bit digests of outputs and of what a state holds. Not cryptographic: they find differences, they stop no forger.
[<RequireQualifiedAccess>]
module Digest =
    /// Where every chain begins.
    let start = 0x56524C475F763031UL

    /// The chain with one more number.
    let add (h: uint64) (x: int64) : uint64 = Mix.add h x

    let text (h: uint64) (s: string) : uint64 =
        let mutable d = add h (int64 s.Length)

        for c in s do
            d <- add d (int64 c)

        d

    /// The chain with what one step said: its commands, then its notes, in their text.
    let output (h: uint64) (o: inref<Output>) : uint64 =
        let mutable d = h

        for line in Words.output &o do
            d <- text d line

        d

    let inline private flag (h: uint64) (b: bool) = add h (if b then 1L else 0L)

    /// A short word, four letters a step.
    let private word (h: uint64) (s: string) : uint64 =
        let mutable d = add h (int64 s.Length)
        let mutable packed = 0L

        for i in 0 .. s.Length - 1 do
            packed <- (packed <<< 16) ||| int64 s[i]

            if i &&& 3 = 3 || i = s.Length - 1 then
                d <- add d packed
                packed <- 0L

        d

    let private status (h: uint64) (s: OrderStatus) =
        match s with
        | OrderStatus.Open -> add h 1L
        | OrderStatus.Filled -> add h 2L
        | OrderStatus.Triggered -> add h 3L
        | OrderStatus.Cancelled w -> word (add h 4L) w
        | OrderStatus.Rejected w -> word (add h 5L) w
        | OrderStatus.Unknown w -> word (add h 6L) w

    let private ending (h: uint64) (e: Ending) =
        match e with
        | Ending.Filled -> add h 1L
        | Ending.Cancelled s -> status (add h 2L) s
        | Ending.Rejected s -> status (add h 3L) s
        | Ending.NeverArrived -> add h 4L

    let private phase (h: uint64) (p: Phase) =
        match p with
        | Phase.Sent -> add h 1L
        | Phase.Resting -> add h 2L
        | Phase.Cancelling -> add h 3L
        | Phase.InDoubt -> add h 4L
        | Phase.Settling e -> ending (add h 5L) e
        | Phase.Closed e -> ending (add h 6L) e

    let private slot (h: uint64) (s: Slot) =
        add (add (add h (int64 s.Instrument.Index)) (int64 s.Side)) (int64 s.Name)

    let private order (h: uint64) (o: Order) =
        let n = o.New
        let mutable d = add h n.Cloid.Run
        d <- add d n.Cloid.N
        d <- add d (int64 n.Account.Index)
        d <- add d (int64 n.Instrument.Index)
        d <- add d (int64 n.Side)
        d <- add d n.Px.Raw
        d <- add d n.Sz.Raw
        d <- add d (int64 n.Tif)
        d <- flag (add d n.Trigger.Raw) n.ReduceOnly
        d <- add (add d n.Expires.Ns) o.Oid
        d <- add d (int64 o.Desk.Index)
        d <- slot d o.Slot
        d <- add (add d o.Total.Raw) o.Before.Raw
        d <- phase d o.Phase
        d <- add d o.Filled.Raw
        d <- add d o.Told.Raw
        d <- add d o.SentAt.Ns
        add (add d o.ChangedAt.Ns) o.AskedAt.Ns

    /// Live orders, and the closed ones that a late word may still be about.
    let private orders (h: uint64) (all: Orders) =
        let mutable d = add h (int64 all.LiveCount)

        for o in all.LiveOrders do
            d <- order d o

        d <- add d all.ClosedCount

        for o in all.ClosedOrders do
            d <- order d o

        d

    let private ladder (h: uint64) (l: Ladder) =
        let mutable d = add h (int64 l.Count)
        d <- add d (int64 l.BestRank)

        for rank in 0 .. l.Count - 1 do
            let level = &l.Ranked rank
            d <- add d level.Px
            d <- add d level.V
            d <- add d level.X
            d <- add d level.At
            d <- add d (int64 level.Marks)

        d

    let private touch (h: uint64) (t: Touch) =
        add (add (add (add h t.BidPx.Raw) t.BidSz.Raw) t.AskPx.Raw) t.AskSz.Raw

    let private feature (h: uint64) (f: Feature voption) =
        match f with
        | ValueNone -> add h 0L
        | ValueSome f ->
            let mutable d = add h f.Grid.Ns
            d <- add d f.MidTwice
            d <- add d (int64 f.SpreadTicks)
            d <- add d (BitConverter.DoubleToInt64Bits f.Dob)
            d <- add d (BitConverter.DoubleToInt64Bits f.Obi)
            add d (int64 f.Era)

    let private market (h: uint64) (m: Market) =
        let mutable d = ladder (ladder h m.Book.Bids) m.Book.Asks
        d <- add d m.Book.Repairs
        d <- touch d m.Bbo
        d <- flag (flag d m.HasBbo) m.HasDepth
        d <- add (add d m.BboAt.Ns) m.BboVenueAt.Ns
        d <- add (add d m.DepthAt.Ns) m.DepthVenueAt.Ns
        d <- add d m.RecordAt.Ns
        d <- add d m.LastTrade.Raw
        d <- add (add d m.Mark.Raw) m.Oracle.Raw
        d <- add d m.FundingRate
        d <- flag (flag d m.IsSeen) m.InGap
        d <- add d (int64 m.Silenced)
        d <- add (add d m.LastMidTwice) (int64 m.Era)
        d <- add d m.Blocks.Count

        for number in m.Blocks.Numbers do
            d <- add d number

        feature d m.Feature

    let private position (h: uint64) (p: Position) =
        let mutable d = add h p.Size.Raw
        d <- add d p.Cost.Raw
        d <- add d p.Realised.Raw
        d <- add d p.Fees.Raw
        d <- add d p.Funding.Raw
        d <- add d p.Traded.Raw
        add d p.OpenedAt.Ns

    let private ledger (h: uint64) (l: Ledger) =
        let mutable d = add h l.FillCount

        for a in 0 .. l.Accounts - 1 do
            let account = AccountId.Of a
            let cash = l.CashOf account
            let began = l.StartOf account
            let trades = l.TradesOf account
            d <- add (add d cash.Raw) began.Raw
            d <- add (add d (int64 trades.Digest)) trades.Horizon.Ns

            for i in 0 .. l.Instruments - 1 do
                d <- position d (l.Position(account, InstrumentId.Of i))

        d

    let private health (h: uint64) (it: Health) =
        let mutable d = flag (flag h it.IsHalted) it.IsPaused

        for owed in it.Looks do
            d <- add d (int64 owed)

        match it.Halt with
        | ValueNone -> d
        | ValueSome(HaltReason.Operator reason) -> word (add d 1L) reason
        | ValueSome(HaltReason.LossLimit(loss, limit)) -> add (add (add d 2L) loss.Raw) limit.Raw
        | ValueSome(HaltReason.BrokenInvariant what) -> word (add d 3L) what
        | ValueSome(HaltReason.BlockInterval(median, limit, source)) ->
            add (add (add (add d 4L) median.Ns) limit.Ns) (int64 source)
        | ValueSome(HaltReason.BlockSilence(silence, limit, source)) ->
            add (add (add (add d 5L) silence.Ns) limit.Ns) (int64 source)

    let private budget (h: uint64) (b: Budget) =
        add (add (add (add h b.Allowance) b.ExitReserve) b.Used) b.TradedUsd.Raw

    let private wanted (h: uint64) (w: Wanted) =
        let mutable d = add h (int64 w.Count)

        for item in w.Slots do
            d <- slot d item.Slot
            d <- add d (int64 item.Kind)
            d <- add (add d item.Px.Raw) item.Sz.Raw
            d <- add (add d item.Display.Raw) item.Done.Raw
            d <- flag (flag d item.Reduce) item.Armed
            d <- add (add (add d item.Expires.Ns) item.Stop.Raw) item.Trigger.Raw
            d <- add (add d item.RefusedPx.Raw) item.RefusedAt.Ns
            d <- add (add d item.RefusedBid.Raw) item.RefusedAsk.Raw

            for breach in item.Noted do
                d <- word d (Words.breach breach)

        d

    let private netDelta (h: uint64) (n: NetDelta) (instruments: int) =
        let float (d: uint64) (x: float) =
            add d (BitConverter.DoubleToInt64Bits x)

        let mutable d = flag (add h n.SampledAt) n.IsHedging
        d <- float (float (float d n.NetUsd) n.VarUsd) n.LimitUsd

        for i in 0 .. instruments - 1 do
            d <- float (add (add d (n.MidOf i)) (n.CountOf i)) (n.VarianceOf i)

        d

    /// What is remembered of the looks at accounts.
    let private looks (h: uint64) (l: Looks) (accounts: int) (instruments: int) =
        let mutable d = h

        for a in 0 .. accounts - 1 do
            let account = AccountId.Of a
            let filled, asked = l.LastFill account, l.AskedLast account
            d <- flag (flag (flag d (l.IsKnown account)) (l.OwesLook account)) (l.IsOld account)
            let taken = l.LastTaken account
            d <- add (add (add d filled.Ns) asked.Ns) taken.Ns

            for i in 0 .. instruments - 1 do
                let held = l.Holding(account, InstrumentId.Of i)
                d <- add (add d held.TakenAt.Ns) held.Since.Ns
                d <- add (add (add d held.Ours.Raw) held.Venues.Raw) (int64 held.Looks)

            let strangers = l.StrangersOf account
            d <- add d (int64 strangers.Length)

            for cloid in strangers do
                d <- add (add d cloid.Run) cloid.N

        d

    /// What the parts of a message that goes on have left for its last one, and what time alone will change.
    let private pending (h: uint64) (s: State) =
        let mutable d = add (add h s.Run) s.NextCloid
        d <- add d (int64 s.Moved)
        d <- flag (flag (flag d s.IsDirty) s.IsWaiting) s.IsFlattening
        d <- add d s.Deadline.Ns

        for struct (desk, moved) in s.MovedSlots do
            d <- slot (add d (int64 desk.Index)) moved

        d

    /// Of everything that can change what a later event brings: books with every level, quotes and ages, orders live and lingering,
    /// positions, cash, the memory of trades, health, budgets, what every desk wants, what is pending. A strategy's own state is
    /// opaque and not in it; what a run is fixed to is not either.
    let state (s: State) : uint64 =
        let facts = s.Facts
        let mutable d = pending start s

        for i in 0 .. facts.InstrumentCount - 1 do
            d <- market d (facts.Market(InstrumentId.Of i))

        d <- orders d facts.Orders
        d <- ledger d facts.Ledger
        d <- looks d s.Looks facts.Ledger.Accounts facts.InstrumentCount
        d <- health d facts.Health
        d <- netDelta d s.NetDelta facts.InstrumentCount

        for clock in s.StallArray do
            for number in clock.Numbers do
                d <- add d number

        for a in 0 .. facts.Ledger.Accounts - 1 do
            d <- budget d (facts.Budget(AccountId.Of a))

        for i in 0 .. s.DeskCount - 1 do
            d <- wanted d (s.Desk(DeskId.Of i)).Wanted

        d
