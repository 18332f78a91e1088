namespace Vrlg.Core

open System
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

    let private order (h: uint64) (o: Order) =
        let phase =
            match o.Phase with
            | Phase.Sent -> 1L
            | Phase.Resting oid -> 2L + 16L * oid
            | Phase.Cancelling oid -> 3L + 16L * oid
            | Phase.InDoubt -> 4L
            | Phase.Settling _ -> 5L
            | Phase.Closed _ -> 6L

        let mutable d = add h o.New.Cloid.N
        d <- add d o.New.Px.Raw
        d <- add d o.New.Sz.Raw
        d <- add d (int64 o.New.Side)
        d <- add d phase
        d <- add d o.Filled.Raw
        add d o.ChangedAt.Ns

    let private market (h: uint64) (m: Market) =
        let touch = m.Touch
        let mutable d = add h touch.BidPx.Raw
        d <- add d touch.BidSz.Raw
        d <- add d touch.AskPx.Raw
        d <- add d touch.AskSz.Raw
        d <- add d m.BookAt.Ns
        d <- add d m.Mark.Raw
        d <- add d m.FundingRate
        d <- add d (if m.InGap then 1L else 0L)
        add d (int64 m.Era)

    let private position (h: uint64) (p: Position) =
        let mutable d = add h p.Size.Raw
        d <- add d p.Cost.Raw
        d <- add d p.Realised.Raw
        d <- add d p.Fees.Raw
        add d p.Funding.Raw

    let private wanted (h: uint64) (w: Wanted) =
        let mutable d = add h (int64 w.Count)

        for item in w.Slots do
            d <- add d (int64 item.Kind)
            d <- add d item.Px.Raw
            d <- add d item.Sz.Raw
            d <- add d (if item.Armed then 1L else 0L)
            d <- add d item.Expires.Ns
            d <- add d item.Stop.Raw

        d

    /// Of facts and wishes: markets, live orders, positions, cash, what every desk wants. A strategy's own state is opaque
    /// and not in it.
    let state (s: State) : uint64 =
        let facts = s.Facts
        let mutable d = add start s.NextCloid

        for i in 0 .. facts.InstrumentCount - 1 do
            d <- market d (facts.Market(InstrumentId.Of i))

        for o in facts.Orders.LiveOrders do
            d <- order d o

        for a in 0 .. facts.Ledger.Accounts - 1 do
            let account = AccountId.Of a
            let cash = facts.Ledger.CashOf account
            d <- add d cash.Raw

            for i in 0 .. facts.InstrumentCount - 1 do
                d <- position d (facts.Ledger.Position(account, InstrumentId.Of i))

        for i in 0 .. s.DeskCount - 1 do
            d <- wanted d (s.Desk(DeskId.Of i)).Wanted

        d
