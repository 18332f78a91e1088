namespace Vrlg.Core

open System

/// How much of a quote shows at once, and how much the next slice is (X08).
[<RequireQualifiedAccess>]
module Icebergs =
    /// The least size that the venue takes at a price, in whole lots.
    let least (rules: Instrument) (px: Px) : Sz =
        let lot = Int128.op_Implicit (Instrument.lot rules)

        if px.Raw <= 0L then
            Sz.Of(Instrument.lot rules)
        else
            let one = Int128.op_Implicit 100_000_000L
            let worth = Int128.op_Implicit rules.MinNotional.Raw * one
            let price = Int128.op_Implicit px.Raw
            let raw = (worth + price - Int128.One) / price
            let lots = Int128.Max(Int128.One, (raw + lot - Int128.One) / lot)
            Sz.Of(Int128.op_Explicit (Int128.Min(lots * lot, Int128.op_Implicit Int64.MaxValue)): int64)

    /// A wanted display in whole lots, at least one; 0 shows all.
    let shown (rules: Instrument) (display: Sz) : Sz =
        if display.Raw <= 0L then
            Sz.Of 0L
        else
            Sz.Of(max (Instrument.lot rules) (Instrument.roundSz rules display).Raw)

    /// The size of the next slice of what is left: the display, never less than the venue takes. What would be left after it
    /// and is less than that goes with it.
    let slice (rules: Instrument) (px: Px) (display: Sz) (left: Sz) : Sz =
        if display.Raw <= 0L || display.Raw >= left.Raw then
            left
        else
            let least = least rules px
            let size = max display.Raw least.Raw
            if left.Raw - size < least.Raw then left else Sz.Of size
