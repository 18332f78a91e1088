namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// One mixing step of all 64-bit digests: the SplitMix64 finaliser over the sum.
[<RequireQualifiedAccess>]
module Mix =
    let add (h: uint64) (x: int64) : uint64 =
        let mutable z = (h + uint64 x) * 0x9E3779B97F4A7C15UL + 0x632BE59BD9B4E019UL
        z <- (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
        z <- (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
        z ^^^ (z >>> 31)

/// Whose trade it was, and when, by the venue's clock.
[<Struct; NoComparison; NoEquality>]
type private Trade =
    {
        Instrument: int
        Run: int64
        N: int64
        At: int64
    }

/// The trades of one account that were counted, so that each counts once: by trade id, order and instrument. It keeps at least
/// the last 1,024 and all of the last 10 s of venue time, at most 65,536; what it forgot it can name by its horizon.
[<Sealed>]
type TradeMemory private () =
    static let least = 1024
    static let most = 65_536
    static let span = 10_000_000_000L

    member val private Maker: Owner = null with get, set
    /// A ring; the ids stand by themselves, so that a search touches few lines of memory.
    member val private Ids: int64[] = Array.zeroCreate 16 with get, set
    member val private Trades: Trade[] = Array.zeroCreate 16 with get, set
    member val private First = 0 with get, set
    member val private Latest = Int64.MinValue / 2L with get, set
    member val Count = 0 with get, private set
    /// A trade before this venue instant may have been forgotten: nobody can tell whether it was counted.
    member val Horizon: Instant = Instant.Of Int64.MinValue with get, private set
    /// Of every trade ever remembered, in order: two memories with one digest answer alike.
    member val Digest = 0UL with get, private set

    static member Empty = TradeMemory()

    member private m.Next(by: Owner) : TradeMemory =
        if not (isNull by) && obj.ReferenceEquals(m.Maker, by) then
            m
        else
            let copy = m.MemberwiseClone() :?> TradeMemory
            copy.Maker <- by
            copy.Ids <- Array.copy m.Ids
            copy.Trades <- Array.copy m.Trades
            copy

    member private m.Finds(from: int, count: int, tradeId: int64, t: inref<Trade>) =
        let mutable at = from
        let mutable found = false

        while not found && at < from + count do
            match MemoryExtensions.IndexOf(ReadOnlySpan(m.Ids, at, from + count - at), tradeId) with
            | -1 -> at <- from + count
            | i ->
                let known = &m.Trades[at + i]
                found <- known.N = t.N && known.Run = t.Run && known.Instrument = t.Instrument
                at <- at + i + 1

        found

    static member private Of(instrument: InstrumentId, cloid: Cloid, venueAt: Instant) : Trade =
        {
            Instrument = instrument.Index
            Run = cloid.Run
            N = cloid.N
            At = venueAt.Ns
        }

    /// The trade is remembered.
    member m.Knows(instrument: InstrumentId, cloid: Cloid, tradeId: int64) : bool =
        let t = TradeMemory.Of(instrument, cloid, Instant.Of 0L)
        let right = min m.Count (m.Ids.Length - m.First)
        m.Finds(m.First, right, tradeId, &t) || m.Finds(0, m.Count - right, tradeId, &t)

    /// In place, on a memory that is ours: twice the room, the oldest first.
    member private m.Grow() =
        let right = m.Count - m.First
        let ids = Array.zeroCreate (2 * m.Count)
        let trades = Array.zeroCreate (2 * m.Count)
        Array.Copy(m.Ids, m.First, ids, 0, right)
        Array.Copy(m.Ids, 0, ids, right, m.First)
        Array.Copy(m.Trades, m.First, trades, 0, right)
        Array.Copy(m.Trades, 0, trades, right, m.First)
        m.Ids <- ids
        m.Trades <- trades
        m.First <- 0

    member private m.Forget() =
        let oldest = m.Trades[m.First].At
        m.First <- (m.First + 1) % m.Ids.Length
        m.Count <- m.Count - 1

        if oldest >= m.Horizon.Ns then
            m.Horizon <- Instant.Of(if oldest = Int64.MaxValue then oldest else oldest + 1L)

    /// With one more trade.
    member m.Remember
        (by: Owner, instrument: InstrumentId, cloid: Cloid, tradeId: int64, venueAt: Instant)
        : TradeMemory =
        let next = m.Next by
        next.Latest <- max next.Latest venueAt.Ns

        if next.Count = next.Ids.Length then
            let isRecent = next.Trades[next.First].At >= next.Latest - span

            if next.Count < least || (isRecent && next.Count < most) then
                next.Grow()
            else
                next.Forget()

        let i = (next.First + next.Count) % next.Ids.Length
        next.Ids[i] <- tradeId
        next.Trades[i] <- TradeMemory.Of(instrument, cloid, venueAt)
        next.Count <- next.Count + 1
        let mutable d = Mix.add next.Digest tradeId
        d <- Mix.add d (int64 instrument.Index)
        d <- Mix.add d cloid.Run
        d <- Mix.add d cloid.N
        next.Digest <- Mix.add d venueAt.Ns
        next
