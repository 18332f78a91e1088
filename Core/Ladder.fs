namespace Vrlg.Core

open System
open System.Collections.Immutable

/// One price level of one side of a book (simulation.md 5). Raw numbers, 1e-8.
[<Struct; NoComparison; NoEquality>]
type Level =
    {
        mutable Px: int64
        /// Displayed size of the last record.
        mutable V: int64
        /// Traded at the level since V was set.
        mutable X: int64
        /// Venue instant of the last record, an implied removal included.
        mutable At: int64
        /// Bit 1: dropped from view by a repair until its own next record. Bit 2: beyond the visible depth of the last
        /// whole book.
        mutable Marks: int
        /// The number of the level's last record among its side's, so that what was noted of an older one is known to be stale.
        mutable Rev: int
    }

/// One side of a book: levels in one array, worst first and best last, since most changes happen near the best. A level of
/// size 0 stays for a while, so that a record overtaken by a newer one cannot bring it back.
[<Sealed>]
type Ladder private (side: Side) =
    /// How long a removed level is remembered when room is needed.
    static let remembered = 2_000_000_000L

    member val private Maker: Owner = null with get, set
    member val private Items: Level[] = Array.zeroCreate 64 with get, set
    /// The keys of the levels by themselves, so that a search touches few lines of memory.
    member val private Keys: int64[] = Array.zeroCreate 64 with get, set
    member val Count = 0 with get, private set
    /// Records of this side so far.
    member val private Records = 0 with get, set
    /// Index of the best level in view with size left; -1 when there is none.
    member val BestIndex = -1 with get, private set
    member _.Side = side

    static member Empty(side: Side) = Ladder side

    /// Rises toward the best: the price of a bid, the negated price of an ask.
    member inline private _.Key(px: int64) = if side = Side.Buy then px else -px

    member l.Levels: ReadOnlySpan<Level> = ReadOnlySpan(l.Items, 0, l.Count)
    member l.Item(i: int) : inref<Level> = &l.Items[i]

    /// What others still have resting at a level: displayed less traded.
    member l.Eff(i: int) =
        let level = &l.Items[i]
        max 0L (level.V - level.X)

    /// Not in view until its own next record.
    member l.IsDropped(i: int) = l.Items[i].Marks &&& 1 <> 0
    /// Beyond the visible depth of the last whole book, without a record of its own since.
    member l.IsUnknown(i: int) = l.Items[i].Marks &&& 2 <> 0

    member l.BestPx = if l.BestIndex < 0 then 0L else l.Items[l.BestIndex].Px

    member l.BestSz =
        if l.BestIndex < 0 then
            0L
        else
            let level = &l.Items[l.BestIndex]
            level.V - level.X

    member private l.Next(by: Owner) : Ladder =
        if not (isNull by) && obj.ReferenceEquals(l.Maker, by) then
            l
        else
            let copy = l.MemberwiseClone() :?> Ladder
            copy.Maker <- by
            copy.Items <- Array.copy l.Items
            copy.Keys <- Array.copy l.Keys
            copy

    /// First index whose key is at or above `key`: searched outward from the best.
    member private l.LowerBound(key: int64) =
        let keys = l.Keys
        let mutable low = 0
        let mutable high = l.Count
        let start = if l.BestIndex >= 0 then l.BestIndex else l.Count - 1

        if start >= 0 then
            if keys[start] >= key then
                high <- start
                let mutable step = 1

                while high - step >= 0 && keys[high - step] >= key do
                    high <- high - step
                    step <- step * 2

                low <- max 0 (high - step + 1)
            else
                low <- start + 1
                let mutable step = 1

                while low + step <= l.Count && keys[low + step - 1] < key do
                    low <- low + step
                    step <- step * 2

                high <- min l.Count (low + step)

        while low < high do
            let middle = (low + high) >>> 1

            if keys[middle] < key then
                low <- middle + 1
            else
                high <- middle

        low

    /// The index of a price; -1 when it is not known.
    member l.IndexOf(px: int64) =
        let key = l.Key px
        let i = l.LowerBound key
        if i < l.Count && l.Keys[i] = key then i else -1

    member private l.FindBest(from: int) =
        let mutable i = from

        while i >= 0 && (l.Items[i].V <= l.Items[i].X || l.Items[i].Marks &&& 1 <> 0) do
            i <- i - 1

        l.BestIndex <- i

    /// Forgets what was removed long ago; grows when that is not enough.
    member private l.MakeRoom(now: int64) =
        let items = l.Items
        let mutable kept = 0

        for i in 0 .. l.Count - 1 do
            if items[i].V > 0L || now - items[i].At <= remembered then
                items[kept] <- items[i]
                l.Keys[kept] <- l.Keys[i]
                kept <- kept + 1

        l.Count <- kept

        if kept > items.Length * 3 / 4 then
            let wider = Array.zeroCreate (2 * items.Length)
            let widerKeys = Array.zeroCreate (2 * items.Length)
            Array.Copy(items, wider, kept)
            Array.Copy(l.Keys, widerKeys, kept)
            l.Items <- wider
            l.Keys <- widerKeys

        l.FindBest(kept - 1)

    member private l.Insert(i: int, px: int64, sz: int64, at: int64) =
        Array.Copy(l.Items, i, l.Items, i + 1, l.Count - i)
        Array.Copy(l.Keys, i, l.Keys, i + 1, l.Count - i)
        l.Keys[i] <- l.Key px

        l.Items[i] <-
            {
                Px = px
                V = sz
                X = 0L
                At = at
                Marks = 0
                Rev = l.Records
            }

        l.Count <- l.Count + 1

        if l.BestIndex >= i then
            l.BestIndex <- l.BestIndex + 1

        if sz > 0L && i > l.BestIndex then
            l.BestIndex <- i

    /// The absolute size at a price; 0 removes it. A record older than the level's last one changes nothing. `before` is what
    /// others had left there, or -1 when the record came too late.
    member l.Put(by: Owner, px: int64, sz: int64, at: int64, before: byref<int64>) : Ladder =
        let next = l.Next by
        let key = next.Key px
        let found = next.LowerBound key
        next.Records <- next.Records + 1
        before <- 0L

        if found < next.Count && next.Keys[found] = key then
            let level = &next.Items[found]

            if at >= level.At then
                before <- level.V - level.X
                level.V <- sz
                level.X <- 0L
                level.At <- at
                level.Marks <- 0
                level.Rev <- next.Records

                if sz > 0L then
                    if found > next.BestIndex then
                        next.BestIndex <- found
                elif found = next.BestIndex then
                    next.FindBest(found - 1)
            else
                before <- -1L
        elif sz > 0L then
            if next.Count = next.Items.Length then
                next.MakeRoom at
                next.Insert(next.LowerBound key, px, sz, at)
            else
                next.Insert(found, px, sz, at)

        next

    /// The absolute size at a price, without a word about what was there.
    member l.Set(by: Owner, px: int64, sz: int64, at: int64) : Ladder =
        let mutable before = 0L
        l.Put(by, px, sz, at, &before)

    /// Size traded at a price: never more than is displayed there.
    member l.Trade(by: Owner, px: int64, sz: int64) : Ladder =
        match l.IndexOf px with
        | -1 -> l
        | i ->
            let next = l.Next by
            let level = &next.Items[i]
            level.X <- min level.V (level.X + sz)

            if i = next.BestIndex && level.X >= level.V then
                next.FindBest(i - 1)

            next

    /// Levels better than `px` that are displayed and not newer than `at`, best first: what a best quote at `px` removes. With
    /// `px` 0 all levels.
    member l.Better(px: int64, at: int64) : ImmutableArray<int64> =
        let found = ImmutableArray.CreateBuilder<int64>()
        let mutable i = l.Count - 1

        while i >= 0 && (px = 0L || l.Key l.Items[i].Px > l.Key px) do
            if l.Items[i].V > 0L && l.Items[i].At <= at then
                found.Add l.Items[i].Px

            i <- i - 1

        found.ToImmutable()

    /// Levels at or better than `worst` that are displayed and absent from `present` (a side of a whole book), best first.
    /// With `worst` 0 all levels are visible.
    member l.Absent(present: ImmutableArray<PxSz>, worst: int64, at: int64) : ImmutableArray<int64> =
        let found = ImmutableArray.CreateBuilder<int64>()
        let mutable i = l.Count - 1
        let mutable p = 0

        while i >= 0 && (worst = 0L || l.Key l.Items[i].Px >= l.Key worst) do
            let px = l.Items[i].Px

            while p < present.Length && l.Key present[p].Px.Raw > l.Key px do
                p <- p + 1

            let isThere = p < present.Length && present[p].Px.Raw = px

            if not isThere && l.Items[i].V > 0L && l.Items[i].At <= at then
                found.Add px

            i <- i - 1

        found.ToImmutable()

    /// Marks the displayed levels worse than `worst` as beyond the visible depth.
    member l.MarkUnknown(by: Owner, worst: int64) : Ladder =
        let next = l.Next by
        let mutable i = next.LowerBound(next.Key worst) - 1

        while i >= 0 do
            if next.Items[i].V > 0L then
                next.Items[i].Marks <- next.Items[i].Marks ||| 2

            i <- i - 1

        next

    /// Drops from view every level that locks or crosses `px` of the other side. The answer says how many.
    member l.DropCrossed(by: Owner, px: int64) : struct (Ladder * int) =
        let key = l.Key px

        if l.BestIndex < 0 || l.Key l.Items[l.BestIndex].Px < key then
            struct (l, 0)
        else
            let next = l.Next by
            let mutable dropped = 0

            while next.BestIndex >= 0 && next.Key next.Items[next.BestIndex].Px >= key do
                let level = &next.Items[next.BestIndex]
                level.Marks <- level.Marks ||| 1
                dropped <- dropped + 1
                next.FindBest(next.BestIndex - 1)

            struct (next, dropped)
