namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// When a chain counts as standing still (D0-069, X13).
[<Struct; IsReadOnly; NoComparison>]
type StallConfig =
    {
        /// Longest block interval, and longest silence; 0 watches nothing.
        Limit: Duration
        /// The venue is expected to tell its blocks: silence counts from the start of the run, and a lost block feed is waited for.
        Expects: bool
    }

    static member Off: StallConfig =
        {
            Limit = Duration.Of 0L
            Expects = false
        }

    member c.IsOn = let limit = c.Limit in limit.Ns > 0L
    /// Nothing opens while the block feed is lost.
    member c.NeedsBlocks = c.IsOn && c.Expects

/// The block clock of one venue. It trips when max(rolling median of the block intervals, now - last block) passes the limit.
///
/// Blocks are counted while they are told. Without them the venue's messages stand in, and there silence alone trips: only when
/// the connection says that it lives (`Alive`), for else a silence is a loss of the feed, which is another matter. A loss that
/// was told stops the clock; it starts again when the feed is back.
[<Sealed>]
type Stall private (config: StallConfig) =
    static let span = 20
    member val private Maker: Owner = null with get, set
    /// The latest intervals of block times, nanoseconds, a ring; none spans a loss.
    member val private Ring: int64[] = Array.zeroCreate span with get, set
    /// Intervals since the last loss.
    member val private Count = 0L with get, set
    member val private HasAnchor = false with get, set
    member val private Height = 0L with get, set
    member val private BlockTime = 0L with get, set
    /// Arrival of the last block, or since when blocks are waited for.
    member val private BlockAt = 0L with get, set
    /// Arrival of the last message of a market channel.
    member val private SpokeAt = 0L with get, set
    /// Arrival of the last word of any kind.
    member val private HeardAt = 0L with get, set
    member val private Lost = 0 with get, set
    member val private IsStarted = false with get, set
    /// A block was heard of.
    member val HasBlocks = false with get, private set
    member val private HasSpoken = false with get, set
    member val private LongestBlock = 0L with get, set
    member val private LongestQuiet = 0L with get, set

    static member Start(config: StallConfig) = Stall config

    member private _.IsBlocksLost(lost: int) =
        lost &&& (1 <<< int Channel.Blocks) <> 0

    /// What the clock goes by now.
    member s.Source: StallSource =
        if not config.IsOn then
            StallSource.None
        elif (s.HasBlocks || config.Expects) && not (s.IsBlocksLost s.Lost) then
            StallSource.Blocks
        elif s.HasSpoken then
            StallSource.Approx
        else
            StallSource.None

    /// The best that it ever went by.
    member s.Used: StallSource =
        if not config.IsOn then StallSource.None
        elif s.HasBlocks || config.Expects then StallSource.Blocks
        elif s.HasSpoken then StallSource.Approx
        else StallSource.None

    /// The longest interval of that: between two blocks, or two messages.
    member s.Longest: Duration =
        Duration.Of(
            if s.Used = StallSource.Blocks then
                s.LongestBlock
            else
                s.LongestQuiet
        )

    /// Time alone can trip it.
    member s.IsCounting = s.Source = StallSource.Blocks
    /// A block feed that is expected is lost: nothing opens.
    member s.IsBlind = config.NeedsBlocks && s.IsBlocksLost s.Lost

    /// Everything that a later answer follows from, for digests: the numbers, then the ring.
    member internal s.Numbers: int64[] =
        let flag b = if b then 1L else 0L

        Array.append
            [|
                s.Count
                flag s.HasAnchor
                s.Height
                s.BlockTime
                s.BlockAt
                s.SpokeAt
                s.HeardAt
                int64 s.Lost
                flag s.IsStarted
                flag s.HasBlocks
                flag s.HasSpoken
                s.LongestBlock
                s.LongestQuiet
            |]
            s.Ring

    member private s.Next(by: Owner) : Stall =
        if not (isNull by) && obj.ReferenceEquals(s.Maker, by) then
            s
        else
            let copy = s.MemberwiseClone() :?> Stall
            copy.Maker <- by
            copy.Ring <- Array.copy s.Ring
            copy

    // ---- what trips it ----

    /// Blocks, or messages, have been silent for longer than the limit at `at`. `isAlive`: this very event says that the
    /// connection lives.
    member s.Silence(at: Instant, isAlive: bool) : HaltReason voption =
        let limit = config.Limit

        let tripped since source =
            if at.Ns - since > limit.Ns then
                ValueSome(HaltReason.BlockSilence(Duration.Of(at.Ns - since), limit, source))
            else
                ValueNone

        match s.Source with
        | StallSource.Blocks when s.IsStarted -> tripped s.BlockAt StallSource.Blocks
        | StallSource.Approx when isAlive && s.Lost = 0 && at.Ns - s.HeardAt <= limit.Ns ->
            tripped s.SpokeAt StallSource.Approx
        | _ -> ValueNone

    /// The k-th smallest of the intervals, from 0.
    member private s.Ranked(n: int, k: int) : int64 =
        let mutable found = 0L

        for i in 0 .. n - 1 do
            let mutable below = 0
            let mutable same = 0

            for j in 0 .. n - 1 do
                if s.Ring[j] < s.Ring[i] then
                    below <- below + 1
                elif s.Ring[j] = s.Ring[i] then
                    same <- same + 1

            if below <= k && k < below + same then
                found <- s.Ring[i]

        found

    /// The rolling median of the block intervals is above the limit.
    member s.Slowness: HaltReason voption =
        let limit = config.Limit
        let n = int (min s.Count (int64 span))

        if n = 0 || s.Source <> StallSource.Blocks then
            ValueNone
        else
            let lower = s.Ranked(n, (n - 1) / 2)
            let upper = s.Ranked(n, n / 2)
            let half = lower + (upper - lower) / 2L

            // Of an even number the mean of the two in the middle, exactly.
            if half > limit.Ns || (half = limit.Ns && (upper - lower) % 2L <> 0L) then
                ValueSome(HaltReason.BlockInterval(Duration.Of half, limit, StallSource.Blocks))
            else
                ValueNone

    // ---- what it learns ----

    /// The first instant of the run.
    member s.Started(by: Owner, at: Instant) : Stall =
        if s.IsStarted then
            s
        else
            let next = s.Next by
            next.IsStarted <- true
            next.BlockAt <- at.Ns
            next.HeardAt <- at.Ns
            next

    /// A block of a height and a venue time. One that is not higher than the last is told again: it proves nothing.
    member s.Sealed(by: Owner, height: int64, venueAt: Instant, at: Instant) : Stall =
        if s.HasAnchor && height <= s.Height then
            s
        else
            let next = s.Next by
            let time = if venueAt.IsNone then at.Ns else venueAt.Ns

            // Blocks of one time are one; a time that goes back measures nothing.
            if s.HasAnchor && time > s.BlockTime then
                let interval = time - s.BlockTime
                next.Ring[int (s.Count % int64 span)] <- interval
                next.Count <- s.Count + 1L
                next.LongestBlock <- max s.LongestBlock interval

            next.BlockTime <- if s.HasAnchor then max s.BlockTime time else time
            next.HasAnchor <- true
            next.Height <- height
            next.HasBlocks <- true
            next.BlockAt <- at.Ns
            next.HeardAt <- at.Ns
            next

    /// A message of a market channel.
    member s.Spoke(by: Owner, at: Instant) : Stall =
        let next = s.Next by

        if s.HasSpoken then
            next.LongestQuiet <- max s.LongestQuiet (at.Ns - s.SpokeAt)

        next.HasSpoken <- true
        next.SpokeAt <- at.Ns
        next.HeardAt <- at.Ns
        next

    /// The connection lives. After a silence of its own nobody knows what was missed: the messages' clock starts again.
    member s.Lived(by: Owner, at: Instant) : Stall =
        let next = s.Next by

        let limit = config.Limit

        if at.Ns - s.HeardAt > limit.Ns then
            next.SpokeAt <- at.Ns

        next.HeardAt <- at.Ns
        next

    /// No interval spans a loss, and the heights may begin anew.
    member private s.Restart() =
        s.HasAnchor <- false
        s.Count <- 0L

    /// The loss of a channel was told.
    member s.WasLost(by: Owner, channel: Channel) : Stall =
        let next = s.Next by
        next.Lost <- s.Lost ||| (1 <<< int channel)

        if channel = Channel.Blocks then
            next.Restart()

        next

    /// A channel is back: what it was silent for counts no more.
    member s.IsBack(by: Owner, channel: Channel, at: Instant) : Stall =
        let next = s.Next by
        next.Lost <- s.Lost &&& ~~~(1 <<< int channel)
        next.HeardAt <- at.Ns

        if channel = Channel.Blocks then
            next.Restart()
            next.BlockAt <- at.Ns
        else
            next.SpokeAt <- at.Ns

        next

    /// It tripped by a silence of that length.
    member s.Tripped(by: Owner, reason: HaltReason) : Stall =
        match reason with
        | HaltReason.BlockSilence(silence, _, StallSource.Blocks) ->
            let next = s.Next by
            next.LongestBlock <- max s.LongestBlock silence.Ns
            next
        | HaltReason.BlockSilence(silence, _, _) ->
            let next = s.Next by
            next.LongestQuiet <- max s.LongestQuiet silence.Ns
            next
        | _ -> s
