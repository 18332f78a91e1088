namespace Vrlg.Sim

open System
open System.Buffers.Binary
open System.Collections.Generic
open Vrlg.Core

/// One row of the order-by-order file: what happened to one order of others.
[<Struct; NoComparison; NoEquality>]
type private OrderLine =
    {
        VenueAt: int64
        RecvAt: int64
        Order: uint64
        Ticks: int
        Kind: byte
        Side: Side
        Size: int64
        /// Its place in the file.
        Place: int
    }

/// An order of others that rests.
[<Struct; NoComparison; NoEquality>]
type private Standing =
    {
        Side: Side
        Ticks: int
        Size: int64
        Joined: int64
    }

/// The orders of a feed, and the levels and prints that they amount to.
[<Sealed>]
type private OrdersOfOthers() =
    static let one = 100_000_000L
    let standing = Dictionary<uint64, Standing>()
    let levels = Dictionary<struct (Side * int), int64>()

    member val Rows = List<NeutralRow>()
    member val Moves = List<QueueMove>()
    /// The number of the next record.
    member private b.Next = int64 b.Rows.Count + 1L

    member private b.Emit(row: inref<OrderLine>, ticks, kind, size, joined, left: int64) =
        b.Moves.Add
            {
                Number = b.Next
                Joined = joined
                Left = left * one
            }

        b.Rows.Add
            {
                VenueAt = row.VenueAt
                RecvAt = row.RecvAt
                Ticks = ticks
                Kind = kind
                Clears = false
                Size = size
            }

    /// A level changes by so much, `left` of which an order that joined at `joined` took out.
    member private b.Level(row: inref<OrderLine>, side: Side, ticks: int, change: int64, joined: int64, left: int64) =
        let key = struct (side, ticks)
        let size = levels.GetValueOrDefault(key, 0L) + change
        levels[key] <- size
        b.Emit(&row, ticks, (if side = Side.Buy then 1uy else 2uy), size, joined, left)

    /// The order stands at the back of its level.
    member private b.Join(row: inref<OrderLine>, side: Side) =
        standing[row.Order] <-
            {
                Side = side
                Ticks = row.Ticks
                Size = row.Size
                Joined = b.Next
            }

    member private b.Change(row: inref<OrderLine>, o: inref<Standing>) =
        if row.Ticks <> o.Ticks then
            b.Level(&row, o.Side, o.Ticks, -o.Size, o.Joined, o.Size)
            b.Join(&row, o.Side)
            b.Level(&row, o.Side, row.Ticks, row.Size, 0L, 0L)
        elif row.Size > o.Size then
            b.Join(&row, o.Side)
            b.Level(&row, o.Side, o.Ticks, row.Size - o.Size, o.Joined, o.Size)
        else
            standing[row.Order] <- { o with Size = row.Size }
            b.Level(&row, o.Side, o.Ticks, row.Size - o.Size, o.Joined, o.Size - row.Size)

    member private b.Fill(row: inref<OrderLine>, o: inref<Standing>) =
        if row.Size = o.Size then
            standing.Remove row.Order |> ignore<bool>
        else
            standing[row.Order] <- { o with Size = o.Size - row.Size }

        // A bid was hit by a seller.
        b.Emit(&row, o.Ticks, (if o.Side = Side.Buy then 4uy else 3uy), row.Size, o.Joined, 0L)
        b.Level(&row, o.Side, o.Ticks, -row.Size, o.Joined, 0L)

    /// Takes one row in, or says what is wrong with it.
    member b.Apply(row: inref<OrderLine>) : string | null =
        let mutable o = Unchecked.defaultof<Standing>
        let isThere = standing.TryGetValue(row.Order, &o)

        match row.Kind with
        | 10uy when isThere -> $"row {row.Place} adds order {row.Order}, which is in the book already"
        | 10uy
        | 12uy
        | 13uy when row.Size < 1L -> $"row {row.Place} has size {row.Size}"
        | 10uy ->
            b.Join(&row, row.Side)
            b.Level(&row, row.Side, row.Ticks, row.Size, 0L, 0L)
            null
        | _ when not isThere -> $"row {row.Place} names order {row.Order}, which is not in the book"
        | _ when row.Side <> o.Side -> $"row {row.Place} names order {row.Order} on the side where it does not stand"
        | 11uy ->
            standing.Remove row.Order |> ignore<bool>
            b.Level(&row, o.Side, o.Ticks, -o.Size, o.Joined, o.Size)
            null
        | 12uy ->
            b.Change(&row, &o)
            null
        | _ when row.Ticks <> o.Ticks ->
            $"row {row.Place} fills order {row.Order} at {row.Ticks}; it stands at {o.Ticks}"
        | _ when row.Size > o.Size -> $"row {row.Place} fills {row.Size} of order {row.Order}; it has {o.Size}"
        | _ ->
            b.Fill(&row, &o)
            null

/// The order-by-order variant of the neutral file (simulation.md 2): 40-byte rows, each one event of one order of others. It
/// becomes the levels and prints that the events amount to, each with what it did to its queue.
///
/// The size of an addition is the order's, of a change its new one, of a fill what was filled; a removal needs none. A change to
/// a larger size or another price sends the order to the back. A row that contradicts the orders before it is an error.
[<RequireQualifiedAccess>]
module OrderFeed =
    let private width = 40

    let private decode (bytes: ReadOnlySpan<byte>) (i: int) : OrderLine =
        let row = bytes.Slice(width * i, width)

        {
            VenueAt = BinaryPrimitives.ReadInt64LittleEndian row
            RecvAt = BinaryPrimitives.ReadInt64LittleEndian(row.Slice 8)
            Order = BinaryPrimitives.ReadUInt64LittleEndian(row.Slice 16)
            Ticks = BinaryPrimitives.ReadInt32LittleEndian(row.Slice 24)
            Kind = row[28]
            Side = if row[29] = 0uy then Side.Buy else Side.Sell
            Size = BinaryPrimitives.ReadInt64LittleEndian(row.Slice 32)
            Place = i
        }

    /// The bytes are such a file, by their first row: in 32-byte rows the same bytes are the upper half of a size.
    let isOne (bytes: ReadOnlySpan<byte>) : bool =
        bytes.Length >= width
        && bytes[28] >= 10uy
        && bytes[28] <= 13uy
        && bytes[29] <= 1uy
        && bytes[30] = 0uy
        && bytes[31] = 0uy

    /// By venue instant, and inside one as they stand in the file: an order's events follow each other.
    let private sorted (rows: OrderLine[]) : OrderLine[] =
        if rows |> Array.pairwise |> Array.forall (fun (a, b) -> a.VenueAt <= b.VenueAt) then
            rows
        else
            rows |> Array.sortBy (fun r -> struct (r.VenueAt, r.Place))

    let private replay (rows: OrderLine[]) (instrument: InstrumentId) : Result<NeutralTape, string> =
        let book = OrdersOfOthers()
        let mutable wrong: string | null = null
        let mutable i = 0

        while isNull wrong && i < rows.Length do
            wrong <- book.Apply &rows[i]
            i <- i + 1

        match wrong with
        | null -> Ok(NeutralTape(book.Rows.ToArray(), book.Moves.ToArray(), instrument))
        | sentence -> Error sentence

    /// Reads the rows of a file. An error is a sentence.
    let read (bytes: ReadOnlySpan<byte>) (instrument: InstrumentId) : Result<NeutralTape, string> =
        if bytes.Length % width <> 0 then
            Error $"the file has {bytes.Length} bytes, which is no whole number of 40-byte rows"
        else
            let rows: OrderLine[] = Array.zeroCreate (bytes.Length / width)
            let mutable bad = -1

            for i in 0 .. rows.Length - 1 do
                rows[i] <- decode bytes i

                if
                    bad < 0
                    && (rows[i].Kind < 10uy || rows[i].Kind > 13uy || bytes[width * i + 29] > 1uy)
                then
                    bad <- i

            if bad >= 0 then
                Error
                    $"row {bad} has kind {rows[bad].Kind} and side {bytes[width * bad + 29]}; kinds are 10 to 13, sides 0 and 1"
            else
                replay (sorted rows) instrument
