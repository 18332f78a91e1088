namespace Vrlg.Core

open System
open System.Buffers
open System.Collections.Immutable

/// What a valid detector remembers. Replaced with every sample, never changed; its windows are bounded.
[<NoComparison; NoEquality>]
type internal ValidState =
    {
        /// Unix milliseconds of the first sample.
        Origin: int64
        /// Of the last sample on the 100 ms grid; -1 before the first.
        Index: int64
        /// Where the data begin: 0, or the last hard reset.
        Start: int64
        /// Missing samples in a row.
        Missing: int
        Ranks: Ranks
        /// Seconds since the first sample, the transformed values (NaN: missing), and slots since the clock changed.
        Times: Window<float>
        Xs: Window<float>
        Slots: Window<float>
        Averages: Averages
        AcfPeriod: float
        Clock: SlotClock
        /// Blocks later than the last sample.
        Waiting: ImmutableQueue<ProposedBlock>
        WaitingCount: int
        /// The sample at which the clock changed last.
        ClockSince: int64
        Hypothesis: Hypothesis
        /// Hypotheses with the instants at which they were made.
        History: Window<struct (float * Hypothesis)>
        Crossing: Crossing voption
        Lineage: Lineage
        Wealth: Wealth
        /// Sample at which a crossing was scored last, or the detector became active.
        LastScored: int64
        /// Scored crossings since the beginning.
        Scored: int64
        Turn: StateChange
    }

    static member Memory = 9_000
    static member Kept = 512

    static member Empty: ValidState =
        {
            Origin = 0L
            Index = -1L
            Start = 0L
            Missing = 0
            Ranks = Ranks.Empty
            Times = Window.Empty ValidState.Memory
            Xs = Window.Empty ValidState.Memory
            Slots = Window.Empty ValidState.Memory
            Averages = Averages.Empty
            AcfPeriod = 0.0
            Clock = SlotClock.Empty
            Waiting = ImmutableQueue.Empty
            WaitingCount = 0
            ClockSince = 0L
            Hypothesis = Hypothesis.None
            History = Window.Empty ValidState.Kept
            Crossing = ValueNone
            Lineage = Lineage.None
            Wealth = Wealth.Start
            LastScored = 0L
            Scored = 0L
            Turn = StateChange.None
        }

    /// Whether slots are counted instead of seconds.
    member s.IsBlockClock = s.Clock.Length > 0

    /// Unix milliseconds of the last sample.
    member s.Ms = s.Origin + 100L * s.Index

    /// The last sample's instant on the clock in use.
    member s.Now =
        if s.IsBlockClock then
            s.Clock.At s.Ms
        else
            0.1 * float s.Index

    /// So many seconds in units of the clock in use.
    member s.Units(seconds: float) =
        if s.IsBlockClock then
            seconds / s.Clock.Interval
        else
            seconds

    member s.Band(c: ValidConfig) : Band =
        {
            Share = c.Z / float (if s.IsBlockClock then s.Clock.Length else c.M)
            Least = s.Units 0.075
        }

    /// Without the estimates: what was learned on another clock, or from data before a long gap.
    member s.Forgotten(turn: StateChange, burn: float) : ValidState =
        { s with
            Hypothesis = Hypothesis.None
            History = Window.Empty ValidState.Kept
            Crossing = ValueNone
            Lineage = Lineage.None
            Wealth =
                if s.Wealth.IsActive || turn = StateChange.Gap then
                    s.Wealth.Burnt burn
                else
                    s.Wealth
            Turn = if s.Wealth.IsActive then turn else s.Turn
        }

/// The search's part of a step: estimates from the samples so far (rotation-detection.md 4.2 to 4.4, 5).
[<RequireQualifiedAccess>]
module internal Estimating =
    let private rolling = 300
    let private warm = 350L

    /// The autocorrelation of the last 30 s, missing samples counted as 0.
    let private listened (s: ValidState) : Averages =
        let xs = ArrayPool<float>.Shared.Rent rolling
        let all = s.Xs.AsSpan()

        for k in 0 .. rolling - 1 do
            let x = all[all.Length - rolling + k]
            xs[k] <- if Double.IsNaN x then 0.0 else x

        let next = s.Averages.Next(ReadOnlySpan(xs, 0, rolling))
        ArrayPool<float>.Shared.Return xs
        next

    let private stored (s: ValidState) : ValidState =
        if s.Hypothesis.IsNone then
            s
        else
            { s with
                History = s.History.Push(struct (s.Now, s.Hypothesis))
            }

    let private acquired (band: Band) (s: ValidState) (n: int) : ValidState =
        if s.Averages.IsEmpty then
            s
        else
            let struct (candidates, quick) = Comb.candidates s.Averages.Slow s.Averages.Fast
            let times = s.Times.AsSpan().Slice(s.Times.Length - n)
            let xs = s.Xs.AsSpan().Slice(s.Xs.Length - n)

            { s with
                AcfPeriod = quick
                Hypothesis = Search.acquire band s.Hypothesis candidates times xs
            }

    /// Samples since a hard reset, as many as are kept.
    let private usable (s: ValidState) =
        int (min (int64 s.Xs.Length) (s.Index - s.Start + 1L))

    let private onWallClock (c: ValidConfig) (s: ValidState) : ValidState =
        let mutable now = s
        let band = s.Band c
        let n = usable s

        if s.Index % 10L = 0L then
            now <- { now with Averages = listened now }

        if s.Index % 20L = 0L && not now.Hypothesis.IsNone then
            let times = s.Times.AsSpan().Slice(s.Times.Length - n)
            let xs = s.Xs.AsSpan().Slice(s.Xs.Length - n)

            now <-
                { now with
                    Hypothesis = Search.refine band now.Hypothesis times xs
                }

        if s.Index % 90L = 0L then
            now <- acquired band now n

        if s.Index % 20L = 0L then stored now else now

    /// Only the phase is estimated: over at most 320 rotations since the clock changed.
    let private onBlockClock (c: ValidConfig) (s: ValidState) : ValidState =
        if s.Index % 20L <> 0L || s.Index < s.ClockSince + 100L then
            s
        else
            let m = s.Clock.Length
            let all = s.Slots.AsSpan()
            let most = min (usable s) all.Length
            let last = all[all.Length - 1]
            let mutable n = 1

            while n < most && last - all[all.Length - n - 1] <= 320.0 * float m do
                n <- n + 1

            let bins = min 512 (max 48 (2 * m))
            let xs = s.Xs.AsSpan().Slice(s.Xs.Length - n)
            let found = Fold.fit (s.Band c) bins (float m) 0 (all.Slice(all.Length - n)) xs

            stored (if found.T > 0.0 then { s with Hypothesis = found } else s)

    let step (c: ValidConfig) (s: ValidState) : ValidState =
        if s.Index < s.Start + warm then s
        elif s.IsBlockClock then onBlockClock c s
        else onWallClock c s
