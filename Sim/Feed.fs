namespace Vrlg.Sim

open System
open System.Buffers.Binary
open System.Collections.Generic
open Vrlg.Core

/// One row of the neutral replay file (simulation.md 2): 32 bytes.
[<Struct; NoComparison; NoEquality>]
type NeutralRow =
    {
        VenueAt: int64
        RecvAt: int64
        Ticks: int
        Kind: byte
        Clears: bool
        Size: int64
    }

/// The neutral replay file as a tape. A tick is one unit of price and a lot one unit of size, so that every price is valid
/// whatever the grid.
[<Sealed>]
type NeutralTape internal (rows: NeutralRow[], moves: QueueMove[], instrument: InstrumentId) =
    inherit Tape()

    static let one = 100_000_000L

    static let decode (bytes: ReadOnlySpan<byte>) (i: int) : NeutralRow =
        let row = bytes.Slice(32 * i, 32)

        {
            VenueAt = BinaryPrimitives.ReadInt64LittleEndian row
            RecvAt = BinaryPrimitives.ReadInt64LittleEndian(row.Slice 8)
            Ticks = BinaryPrimitives.ReadInt32LittleEndian(row.Slice 16)
            Kind = row[20]
            Clears = row[21] &&& 1uy <> 0uy
            Size = BinaryPrimitives.ReadInt64LittleEndian(row.Slice 24)
        }

    /// A row that clears the book becomes a removal of every known level, bids best to worst, then asks, and itself.
    static let expand (rows: NeutralRow[]) : NeutralRow[] =
        if not (rows |> Array.exists (fun r -> r.Clears)) then
            rows
        else
            let bids = SortedSet<int>()
            let asks = SortedSet<int>()
            let all = List<NeutralRow>(rows.Length)

            for row in rows do
                if row.Clears then
                    for px in Seq.rev bids do
                        all.Add
                            { row with
                                Ticks = px
                                Kind = 1uy
                                Size = 0L
                                Clears = false
                            }

                    for px in asks do
                        all.Add
                            { row with
                                Ticks = px
                                Kind = 2uy
                                Size = 0L
                                Clears = false
                            }

                    bids.Clear()
                    asks.Clear()

                let levels = if row.Kind = 1uy then bids else asks

                if row.Kind <= 2uy then
                    (if row.Size > 0L then
                         levels.Add row.Ticks
                     else
                         levels.Remove row.Ticks)
                    |> ignore<bool>

                all.Add row

            all.ToArray()

    /// Reads the rows of a file. An error is a sentence.
    static member Read(bytes: ReadOnlySpan<byte>, instrument: InstrumentId) : Result<NeutralTape, string> =
        if bytes.Length % 32 <> 0 then
            Error $"the file has {bytes.Length} bytes, which is no whole number of 32-byte rows"
        else
            let rows: NeutralRow[] = Array.zeroCreate (bytes.Length / 32)
            let mutable bad = -1

            for i in 0 .. rows.Length - 1 do
                rows[i] <- decode bytes i

                if bad < 0 && (rows[i].Kind < 1uy || rows[i].Kind > 4uy) then
                    bad <- i

            if bad >= 0 then
                Error $"row {bad} has kind {rows[bad].Kind}; kinds are 1 to 4"
            else
                let isTrade (r: NeutralRow) = r.Kind >= 3uy
                // Stable: by venue instant, and inside one the trades first.
                let order = Array.init rows.Length id

                let key i =
                    struct (rows[i].VenueAt, (if isTrade rows[i] then 0 else 1), i)

                let isSorted =
                    seq { 1 .. rows.Length - 1 }
                    |> Seq.forall (fun i ->
                        rows[i - 1].VenueAt < rows[i].VenueAt
                        || (rows[i - 1].VenueAt = rows[i].VenueAt
                            && (isTrade rows[i - 1] || not (isTrade rows[i]))))

                let sorted =
                    if isSorted then
                        rows
                    else
                        order |> Array.sortBy key |> Array.map (fun i -> rows[i])

                Ok(NeutralTape(expand sorted, Array.Empty(), instrument))

    /// Row `i` as it stands in the file, or as an order-by-order row made it.
    member _.Row(i: int) : inref<NeutralRow> = &rows[i]

    override _.Count = rows.Length
    override _.HasOrders = moves.Length > 0
    override _.Move i = moves[i]
    override _.VenueAt i = rows[i].VenueAt
    override _.RecvAt i = rows[i].RecvAt

    override _.KindAt i =
        if rows[i].Kind <= 2uy then
            EventKind.LevelMoved
        else
            EventKind.Traded

    override _.Event i =
        let row = &rows[i]
        let px = Px.Of(int64 row.Ticks * one)
        let sz = Sz.Of(row.Size * one)
        let at = Instant.Of row.VenueAt

        match row.Kind with
        | 1uy -> Event.LevelMoved(instrument, Side.Buy, px, sz, at)
        | 2uy -> Event.LevelMoved(instrument, Side.Sell, px, sz, at)
        | 3uy -> Event.Traded(instrument, Side.Buy, px, sz, 0L, at)
        | _ -> Event.Traded(instrument, Side.Sell, px, sz, 0L, at)
