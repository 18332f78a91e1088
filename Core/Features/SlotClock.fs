namespace Vrlg.Core

open System

/// Counts slots by the proposers of a block feed (rotation-detection.md 5). Blocks come at uneven intervals, so that a rotation is
/// seldom periodic in seconds; in slots it is.
[<Sealed>]
type SlotClock
    private
    (
        proposers: Window<int>,
        canon: int[],
        position: int,
        slots: int64,
        mismatch: float,
        interval: float,
        lastMs: int64,
        height: int64,
        blocks: int64,
        changes: int
    ) =
    static let memory = 2_400
    static let longest = 600
    static let kept = 60
    static let silence = 5_000L

    static member Empty =
        SlotClock(Window.Empty memory, [||], 0, 0L, 0.0, 0.07, Int64.MinValue, Int64.MinValue, 0L, 0)

    /// Slots of the rotation; 0 while none is known.
    member _.Length = canon.Length
    /// Mean interval of the blocks in seconds.
    member _.Interval = interval
    /// Blocks seen.
    member _.Blocks = blocks
    /// How often a rotation was found or lost.
    member _.Changes = changes
    member _.LastMs = lastMs
    /// Slots since the rotation was found, at the last block.
    member _.Slots = slots

    /// The slot counter at an instant that no later block precedes.
    member _.At(ms: int64) =
        float slots + min (float (ms - lastMs) / 1000.0 / interval) 1.0

    static member private IsSame(seen: ReadOnlySpan<int>, i: int, m: int) = seen[i] = seen[i - m] && seen[i] >= 0

    /// Whether the proposers repeat after `m` blocks: nine in ten of the last 3m, at least of the last 100.
    static member private Repeats(seen: ReadOnlySpan<int>, m: int) =
        let n = seen.Length
        let k = max (3 * m) 100

        if
            n < k + m
            || not (SlotClock.IsSame(seen, n - 1, m) || SlotClock.IsSame(seen, n - 2, m))
        then
            false
        else
            let mutable same = 0

            for i in n - k .. n - 1 do
                if SlotClock.IsSame(seen, i, m) then
                    same <- same + 1

            float same / float k >= 0.9

    /// The proposers of one rotation, newest last; empty where they do not repeat.
    static member private Sought(proposers: Window<int>) : int[] =
        let mutable m = 2

        while m <= longest && not (SlotClock.Repeats(proposers.AsSpan(), m)) do
            m <- m + 1

        if m > longest then
            [||]
        else
            proposers.AsSpan().Slice(proposers.Length - m).ToArray()

    /// How many slots on a proposer stands, at most four; 0 where it does not.
    static member private Step(canon: int[], position: int, proposer: int) =
        let mutable d = 1

        while d <= 4 && (proposer < 0 || canon[(position + d) % canon.Length] <> proposer) do
            d <- d + 1

        if d > 4 then 0 else d

    static member private Newest(all: Window<int>, n: int) =
        let mutable some = Window.Empty memory

        for age in min n all.Length - 1 .. -1 .. 0 do
            some <- some.Push(all.Back age)

        some

    /// Its feed has said nothing for so long before an instant that it counts as lost: slots cannot be counted without blocks.
    member _.IsSilent(ms: int64) =
        canon.Length > 0 && ms - lastMs > silence

    /// The clock without its rotation, as after a loss of the feed: whatever comes next begins anew.
    member _.Forgotten =
        SlotClock(Window.Empty memory, [||], 0, 0L, 0.0, interval, Int64.MinValue, Int64.MinValue, 0L, changes + 1)

    /// The clock after one more block. A block that is not higher than the last, or whose time goes back, changes nothing.
    member clock.Next(number: int64, ms: int64, proposer: int) : SlotClock =
        if number <= height || ms < lastMs then
            clock
        else
            let all = proposers.Push proposer
            let count = blocks + 1L

            let mean =
                if blocks = 0L then
                    interval
                else
                    let since = float (ms - lastMs) / 1000.0
                    interval + 0.01 * (min since (5.0 * interval) - interval)

            if canon.Length = 0 then
                let found = if count % 50L = 0L then SlotClock.Sought all else [||]

                if found.Length = 0 then
                    SlotClock(all, canon, 0, slots, 0.0, mean, ms, number, count, changes)
                else
                    SlotClock(all, found, found.Length - 1, 0L, 0.0, mean, ms, number, count, changes + 1)
            else
                let step = SlotClock.Step(canon, position, proposer)
                let missed = 0.95 * mismatch + (if step = 0 then 0.05 else 0.0)

                if missed > 0.25 then
                    SlotClock(SlotClock.Newest(all, kept), [||], 0, 0L, 0.0, mean, ms, number, count, changes + 1)
                else
                    let on = max 1 step
                    let next = (position + on) % canon.Length
                    SlotClock(all, canon, next, slots + int64 on, missed, mean, ms, number, count, changes)
