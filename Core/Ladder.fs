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

/// One side of a book. A level has a place of its own, found by the hash of its price; the order of prices stands apart,
/// worst first and best last, and only a new price or a new best has to search it. A level of size 0 stays for a while, so
/// that a record overtaken by a newer one cannot bring it back.
[<Sealed>]
type Ladder private (side: Side) =
    /// How long a removed level is remembered when room is needed.
    static let remembered = 2_000_000_000L

    static let least = 64

    member val private Maker: Owner = null with get, set
    member val private Items: Level[] = Array.zeroCreate least with get, set
    /// The other half of a swap when levels are forgotten; null until the first time.
    member val private Spare: Level[] | null = null with get, set
    /// Keys in rising order, and the places of their levels.
    member val private Keys: int64[] = Array.zeroCreate least with get, set
    member val private Places: int[] = Array.zeroCreate least with get, set
    /// Place + 1 by the hash of the price, 0 is free: four times as long as the levels, so that nearly every first look finds.
    member val private Table: int[] = Array.zeroCreate (4 * least) with get, set
    member val private Shift = 64 - 8 with get, set
    member val Count = 0 with get, private set
    /// Records of this side so far.
    member val private Records = 0 with get, set
    /// Rank of the best level in view with size left, its place and its price; -1, -1 and 0 when there is none.
    member val BestRank = -1 with get, private set
    member val private BestPlace = -1 with get, set
    member val BestPx = 0L with get, private set
    member _.Side = side

    static member Empty(side: Side) = Ladder side

    /// Rises toward the best: the price of a bid, the negated price of an ask.
    member inline private _.Key(px: int64) = if side = Side.Buy then px else -px

    /// The level of a rank, 0 the worst.
    member l.Ranked(rank: int) : inref<Level> = &l.Items[l.Places[rank]]
    /// The place of the level of a rank.
    member l.Place(rank: int) = l.Places[rank]
    /// The level at a place.
    member l.Item(place: int) : inref<Level> = &l.Items[place]

    /// What others still have resting at a level: displayed less traded.
    member l.Eff(place: int) =
        let level = &l.Items[place]
        max 0L (level.V - level.X)

    /// Not in view until its own next record.
    member l.IsDropped(place: int) = l.Items[place].Marks &&& 1 <> 0
    /// Beyond the visible depth of the last whole book, without a record of its own since.
    member l.IsUnknown(place: int) = l.Items[place].Marks &&& 2 <> 0

    member l.BestSz =
        if l.BestPlace < 0 then
            0L
        else
            let level = &l.Items[l.BestPlace]
            level.V - level.X

    member private l.Next(by: Owner) : Ladder =
        if not (isNull by) && obj.ReferenceEquals(l.Maker, by) then
            l
        else
            let copy = l.MemberwiseClone() :?> Ladder
            copy.Maker <- by
            copy.Items <- Array.copy l.Items
            copy.Spare <- null
            copy.Keys <- Array.copy l.Keys
            copy.Places <- Array.copy l.Places
            copy.Table <- Array.copy l.Table
            copy

    /// First rank whose key is at or above `key`: searched outward from the best.
    member private l.LowerBound(key: int64) =
        let keys = l.Keys
        let mutable low = 0
        let mutable high = l.Count
        let start = if l.BestRank >= 0 then l.BestRank else l.Count - 1

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

    /// Prices of a grid are steps of one size, which a single multiplication may send to a few places only.
    static member inline private Mixed(px: int64) : uint64 =
        let once = uint64 px * 0xD6E8FEB86659FD93UL
        (once ^^^ (once >>> 32)) * 0xD6E8FEB86659FD93UL

    /// Where the price stands in the table, or would.
    member inline private l.Look(px: int64) : int =
        let table = l.Table
        let items = l.Items
        let mutable h = int (Ladder.Mixed px >>> l.Shift)

        while (let place = table[h] in place <> 0 && items[place - 1].Px <> px) do
            h <- (h + 1) &&& (table.Length - 1)

        h

    /// The place of a price; -1 when it is not known.
    member l.IndexOf(px: int64) = l.Table[l.Look px] - 1

    member private l.SetBest(rank: int) =
        l.BestRank <- rank

        if rank < 0 then
            l.BestPlace <- -1
            l.BestPx <- 0L
        else
            let place = l.Places[rank]
            l.BestPlace <- place
            l.BestPx <- l.Items[place].Px

    member private l.FindBest(from: int) =
        let mutable i = from

        while i >= 0
              && (let level = &l.Items[l.Places[i]] in level.V <= level.X || level.Marks &&& 1 <> 0) do
            i <- i - 1

        l.SetBest i

    /// Still displayed, or removed so lately that a record of before may come yet.
    static member private IsKept(level: inref<Level>, now: int64) =
        level.V > 0L || now - level.At <= remembered

    /// Forgets what was removed long ago; takes twice the room when that is not enough. Places change: they follow the order
    /// afterwards.
    member private l.MakeRoom(now: int64) =
        let items = l.Items
        let mutable live = 0

        for i in 0 .. l.Count - 1 do
            if Ladder.IsKept(&items[i], now) then
                live <- live + 1

        let isWider = live > items.Length * 3 / 4
        let size = if isWider then 2 * items.Length else items.Length

        let target =
            match l.Spare with
            | null -> Array.zeroCreate size
            | _ when isWider -> Array.zeroCreate size
            | spare -> spare

        let keys = if isWider then Array.zeroCreate size else l.Keys
        let mutable kept = 0

        for rank in 0 .. l.Count - 1 do
            let level = &items[l.Places[rank]]

            if Ladder.IsKept(&level, now) then
                target[kept] <- level
                keys[kept] <- l.Keys[rank]
                kept <- kept + 1

        l.Spare <- if isWider then null else items
        l.Items <- target
        l.Keys <- keys
        l.Count <- kept

        if isWider then
            l.Places <- Array.zeroCreate size
            l.Table <- Array.zeroCreate (4 * size)
            l.Shift <- l.Shift - 1
        else
            Array.Clear l.Table

        for i in 0 .. kept - 1 do
            l.Places[i] <- i
            l.Table[l.Look l.Items[i].Px] <- i + 1

        l.FindBest(kept - 1)

    member private l.Insert(key: int64, px: int64, sz: int64, at: int64) =
        if l.Count = l.Items.Length then
            l.MakeRoom at

        let rank = l.LowerBound key
        let place = l.Count
        let moved = place - rank
        Array.Copy(l.Keys, rank, l.Keys, rank + 1, moved)
        Array.Copy(l.Places, rank, l.Places, rank + 1, moved)
        l.Keys[rank] <- key
        l.Places[rank] <- place

        l.Items[place] <-
            {
                Px = px
                V = sz
                X = 0L
                At = at
                Marks = 0
                Rev = l.Records
            }

        l.Table[l.Look px] <- place + 1
        l.Count <- place + 1

        if l.BestRank >= rank then
            l.BestRank <- l.BestRank + 1
        elif rank > l.BestRank then
            l.SetBest rank

    /// The absolute size at a price; 0 removes it. A record older than the level's last one changes nothing. `before` is what
    /// others had left there, or -1 when the record came too late.
    member l.Put(by: Owner, px: int64, sz: int64, at: int64, before: byref<int64>) : Ladder =
        let next = l.Next by
        let place = next.IndexOf px
        next.Records <- next.Records + 1
        before <- 0L

        if place >= 0 then
            let level = &next.Items[place]

            if at >= level.At then
                before <- level.V - level.X
                level.V <- sz
                level.X <- 0L
                level.At <- at
                level.Marks <- 0
                level.Rev <- next.Records

                if sz > 0L then
                    let key = next.Key px

                    if place <> next.BestPlace && (next.BestPlace < 0 || key > next.Key next.BestPx) then
                        next.SetBest(next.LowerBound key)
                elif place = next.BestPlace then
                    next.FindBest(next.BestRank - 1)
            else
                before <- -1L
        elif sz > 0L then
            next.Insert(next.Key px, px, sz, at)

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

            if i = next.BestPlace && level.X >= level.V then
                next.FindBest(next.BestRank - 1)

            next

    /// Levels better than `px` that are displayed and not newer than `at`, best first: what a best quote at `px` removes. With
    /// `px` 0 all levels.
    member l.Better(px: int64, at: int64) : ImmutableArray<int64> =
        let found = ImmutableArray.CreateBuilder<int64>()
        let mutable i = l.Count - 1

        while i >= 0 && (px = 0L || l.Keys[i] > l.Key px) do
            if (l.Ranked i).V > 0L && (l.Ranked i).At <= at then
                found.Add (l.Ranked i).Px

            i <- i - 1

        found.ToImmutable()

    /// Levels at or better than `worst` that are displayed and absent from `present` (a side of a whole book), best first.
    /// With `worst` 0 all levels are visible.
    member l.Absent(present: ImmutableArray<PxSz>, worst: int64, at: int64) : ImmutableArray<int64> =
        let found = ImmutableArray.CreateBuilder<int64>()
        let mutable i = l.Count - 1
        let mutable p = 0

        while i >= 0 && (worst = 0L || l.Keys[i] >= l.Key worst) do
            let px = (l.Ranked i).Px

            while p < present.Length && l.Key present[p].Px.Raw > l.Key px do
                p <- p + 1

            let isThere = p < present.Length && present[p].Px.Raw = px

            if not isThere && (l.Ranked i).V > 0L && (l.Ranked i).At <= at then
                found.Add px

            i <- i - 1

        found.ToImmutable()

    /// Marks the displayed levels worse than `worst` as beyond the visible depth.
    member l.MarkUnknown(by: Owner, worst: int64) : Ladder =
        let next = l.Next by
        let mutable i = next.LowerBound(next.Key worst) - 1

        while i >= 0 do
            let level = &next.Items[next.Places[i]]

            if level.V > 0L then
                level.Marks <- level.Marks ||| 2

            i <- i - 1

        next

    /// Drops from view every level that locks or crosses `px` of the other side. The answer says how many.
    member l.DropCrossed(by: Owner, px: int64) : struct (Ladder * int) =
        let key = l.Key px

        if l.BestRank < 0 || l.Keys[l.BestRank] < key then
            struct (l, 0)
        else
            let next = l.Next by
            let mutable dropped = 0

            while next.BestRank >= 0 && next.Keys[next.BestRank] >= key do
                let level = &next.Items[next.BestPlace]
                level.Marks <- level.Marks ||| 1
                dropped <- dropped + 1
                next.FindBest(next.BestRank - 1)

            struct (next, dropped)
