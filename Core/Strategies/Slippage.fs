namespace Vrlg.Core

open System
open System.Collections.Immutable

/// When fills cost too much against the mid (D0-071).
[<NoComparison>]
type SlippageConfig =
    {
        /// Above this average, in ticks, quotes go deeper and nothing opens by crossing; the limit itself is allowed.
        MostTicks: int64
        /// How long a fill counts; its edge counts.
        Window: Duration
    }

/// The average slippage of our own fills over a rolling window, weighted by size: fill price against the mid when the fill
/// reached us, in ticks, above 0 a cost. Every fill counts, entries and exits (X15): an entry that rested half a tick inside
/// earns that half, a cross pays half the spread. With no fill in the window nothing is held against it.
[<Sealed>]
type Slippage
    private
    (
        config: SlippageConfig,
        fills: ImmutableArray<struct (int64 * int64 * int64)>,
        cost: Int128,
        size: Int128,
        isOver: bool
    ) =
    static let one = Int128.op_Implicit 100_000_000L

    static let clamped (wide: Int128) : int64 =
        let most = Int128.op_Implicit Int64.MaxValue
        Int128.op_Explicit (Int128.Clamp(wide, -most, most))

    static member Start(config: SlippageConfig) =
        Slippage(config, ImmutableArray.Empty, Int128.Zero, Int128.Zero, false)

    /// The average is above the limit.
    member _.IsOver = isOver
    /// Fills within the window.
    member _.Count = fills.Length

    /// In ticks, for people; 0 with no fill in the window.
    member _.Average: float =
        if fills.IsEmpty then
            0.0
        else
            (Int128.op_Explicit cost: float) / (Int128.op_Explicit size: float)

    member private s.Judged(kept: ImmutableArray<struct (int64 * int64 * int64)>) : Slippage =
        let mutable c = Int128.Zero
        let mutable q = Int128.Zero

        for struct (_, cost, size) in kept do
            c <- c + Int128.op_Implicit cost
            q <- q + Int128.op_Implicit size

        let over =
            not kept.IsEmpty
            && Int128.op_GreaterThan (c, q * Int128.op_Implicit config.MostTicks)

        Slippage(config, kept, c, q, over)

    /// Fills older than the window are forgotten.
    member s.At(now: Instant) : Slippage =
        let isOld struct (at, _, _) = now.Ns - at > config.Window.Ns

        if fills.IsEmpty || not (isOld fills[0]) then
            s
        else
            s.Judged(fills.RemoveAll(fun f -> isOld f))

    /// So much was filled for so much more than at the mid (below 0: for less), in 1e-8 of the quote currency doubled, as
    /// `MidTwice` is; `tick` is that of the price.
    member s.Filled(at: Instant, size: Sz, lossTwice: Int128, tick: int64) : Slippage =
        if size.Raw <= 0L || tick <= 0L then
            s
        else
            let ticks = lossTwice * one / (Int128.op_Implicit 2 * Int128.op_Implicit tick)
            let kept = s.At(at)
            kept.Add(at, clamped ticks, size.Raw)

    member private s.Add(at: Instant, cost: int64, size: int64) : Slippage =
        s.Judged(fills.Add(struct (at.Ns, cost, size)))
