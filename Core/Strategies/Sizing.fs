namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// What the size of an entry follows from.
[<Struct; IsReadOnly; NoComparison>]
type SizeRule =
    {
        Equity: Usd
        /// Of the equity, in 1e-8: 0.2 % is 200,000 (D0-063).
        Share: int64
        /// The largest position.
        Cap: Sz
        /// Half the size, by the book impact rule (D0-070).
        IsHalved: bool
    }

/// The size of an entry, or why it has none (X10).
[<RequireQualifiedAccess; NoComparison>]
type EntrySize =
    | Of of size: Sz
    /// What the share of the equity buys is below the venue's least order. `least` is that order, `needed` the least equity with
    /// which the rule comes to it.
    | TooSmall of share: Usd * buys: Sz * least: Sz * leastValue: Usd * needed: Usd
    /// No equity helps: the largest position is below the venue's least order.
    | CapTooSmall of cap: Sz * least: Sz
    | NoPrice

/// How large an entry is, in whole lots, rounded toward zero.
[<RequireQualifiedAccess>]
module Sizing =
    let private one = Int128.op_Implicit 100_000_000L

    let private narrow (wide: Int128) : int64 =
        Int128.op_Explicit (Int128.Clamp(wide, Int128.Zero, Int128.op_Implicit Int64.MaxValue))

    let private ceilDiv (a: Int128) (b: Int128) = (a + b - Int128.One) / b

    /// The least order that the venue takes at a price, in whole lots.
    let least (rules: Instrument) (px: Px) : Sz =
        let lot = Instrument.lot rules

        if px.Raw <= 0L then
            Sz.Of lot
        else
            let wide =
                ceilDiv (Int128.op_Implicit rules.MinNotional.Raw * one) (Int128.op_Implicit px.Raw)

            let lots = ceilDiv wide (Int128.op_Implicit lot)
            Sz.Of(max lot (narrow (lots * Int128.op_Implicit lot)))

    /// The least equity whose share buys so much at a price: one 1e-8 less does not.
    let private equityFor (rule: SizeRule) (px: Px) (sz: Sz) : Usd =
        let twice = if rule.IsHalved then 2L else 1L
        let wide = Int128.op_Implicit sz.Raw * Int128.op_Implicit twice
        let money = ceilDiv (wide * Int128.op_Implicit px.Raw) one
        Usd.Of(narrow (ceilDiv (money * one) (Int128.op_Implicit (max 1L rule.Share))))

    /// The least equity whose share buys so much at a price; none where the largest position is below that.
    let leastEquityFor (rule: SizeRule) (px: Px) (sz: Sz) : Usd voption =
        let cap = rule.Cap

        if px.Raw <= 0L || cap.Raw / (if rule.IsHalved then 2L else 1L) < sz.Raw then
            ValueNone
        else
            ValueSome(equityFor rule px sz)

    /// The least equity with which the rule comes to the venue's least order at a price; none where the largest position is below
    /// that.
    let leastEquity (rule: SizeRule) (rules: Instrument) (px: Px) : Usd voption =
        leastEquityFor rule px (least rules px)

    /// The share of the equity at the mid, capped by the largest position. `px` is the lowest price of the entry, at which the
    /// venue's least value must be met.
    let entry (rule: SizeRule) (rules: Instrument) (mid: Px) (px: Px) : EntrySize =
        if mid.Raw <= 0L || px.Raw <= 0L then
            EntrySize.NoPrice
        else
            let share = Int128.op_Implicit rule.Equity.Raw * Int128.op_Implicit rule.Share / one
            let wide = share * one / Int128.op_Implicit mid.Raw
            let capped = Int128.Min(wide, Int128.op_Implicit rule.Cap.Raw)

            let halved (x: Int128) =
                if rule.IsHalved then x / Int128.op_Implicit 2 else x

            let size = Instrument.roundSz rules (Sz.Of(narrow (halved capped)))
            let least = least rules px

            if size.Raw >= least.Raw then
                EntrySize.Of size
            elif Int128.op_LessThan (halved (Int128.op_Implicit rule.Cap.Raw), Int128.op_Implicit least.Raw) then
                EntrySize.CapTooSmall(rule.Cap, least)
            else
                EntrySize.TooSmall(
                    Usd.Of(narrow share),
                    size,
                    least,
                    Instrument.notional px least,
                    equityFor rule mid least
                )

    /// One sentence for people.
    let sentence (rules: Instrument) (size: EntrySize) : string =
        match size with
        | EntrySize.Of sz -> $"an entry is {sz} {rules.Name}"
        | EntrySize.NoPrice -> "there is no price to size an entry by"
        | EntrySize.CapTooSmall(cap, least) ->
            $"the largest position, {cap} {rules.Name}, is below the venue's least order of {least}: set exec.max_exposure_btc higher"
        | EntrySize.TooSmall(share, buys, least, leastValue, needed) ->
            $"{share} USD an entry buys {buys} {rules.Name}, below the venue's least order of {least} ({leastValue} USD): "
            + $"it takes an equity of {needed} USD, or a larger exec.size_pct"
