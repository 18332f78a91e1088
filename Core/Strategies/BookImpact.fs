namespace Vrlg.Core

open System
open System.Collections.Immutable

/// When own orders are too large for the book that they stand in (D0-070).
[<NoComparison>]
type BookImpactConfig =
    {
        /// Above this sum of shares entries are halved, in 1e-8; 0 never halves.
        Most: int64
        /// At or below this sum they are whole again, in 1e-8; never above `Most`.
        Restore: int64
        /// How long an order counts after it was placed; its edge counts.
        Window: Duration
    }

/// Book impact: the sum, over a rolling window, of what each order showed over the size at the best quotes when it was placed
/// (X14). A slice that replaces another is an order of its own. Orders that cross show nothing and do not count.
[<Sealed>]
type BookImpact
    private
    (
        config: BookImpactConfig,
        placed: ImmutableArray<struct (int64 * int64)>,
        sum: int64,
        isHalved: bool,
        halvings: int64
    ) =
    static let one = 100_000_000L
    /// A share that no sum of can be mistaken for little, and of which many fit.
    static let most = 1_000L * one

    static member Start(config: BookImpactConfig) =
        BookImpact(config, ImmutableArray.Empty, 0L, false, 0L)

    /// The sum of the shares within the window, in 1e-8.
    member _.Sum = sum
    /// Entries have half their size.
    member _.IsHalved = isHalved
    /// How often that began.
    member _.Halvings = halvings

    /// What an order shows over what stands at the best quotes, in 1e-8, rounded up; of an empty book a thousand times.
    static member ShareOf(displayed: Sz, top: Sz) : int64 =
        if displayed.Raw <= 0L then
            0L
        elif top.Raw <= 0L then
            most
        else
            let wide = Int128.op_Implicit displayed.Raw * Int128.op_Implicit one
            let over = Int128.op_Implicit top.Raw
            let share = (wide + over - Int128.One) / over
            Int128.op_Explicit (Int128.Min(share, Int128.op_Implicit most)): int64

    /// What left the window is forgotten; at or below the lower limit entries are whole again.
    member b.At(now: Instant) : BookImpact =
        let isOld struct (at, _) = now.Ns - at > config.Window.Ns

        if placed.IsEmpty || not (isOld placed[0]) then
            b.Judged(placed, sum)
        else
            let kept = placed.RemoveAll(fun p -> isOld p)
            let mutable left = 0L

            for struct (_, share) in kept do
                left <- left + share

            b.Judged(kept, left)

    /// An order was placed that shows so much, with so much at the best quotes of both sides.
    member b.Placed(at: Instant, displayed: Sz, top: Sz) : BookImpact =
        if config.Most <= 0L then
            b
        else
            b.At(at).With(at, BookImpact.ShareOf(displayed, top))

    member private b.With(at: Instant, share: int64) : BookImpact =
        b.Judged(placed.Add(struct (at.Ns, share)), min (Int64.MaxValue / 4L) (sum + share))

    member private b.Judged(kept: ImmutableArray<struct (int64 * int64)>, left: int64) : BookImpact =
        let halved =
            if isHalved then
                left > min config.Restore config.Most
            else
                config.Most > 0L && left > config.Most

        if left = sum && halved = isHalved && kept.Length = placed.Length then
            b
        else
            BookImpact(config, kept, left, halved, (if halved && not isHalved then halvings + 1L else halvings))
