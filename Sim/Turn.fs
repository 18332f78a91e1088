namespace Vrlg.Sim

open System
open Vrlg.Core

/// What one record does to a book, as far as orders of ours feel it.
type internal Deed =
    /// One level went from `Before` to `Sz`, with `Best` the best price of its side before.
    | Level = 0uy
    /// Nobody is better than `Px` on its side.
    | Bettered = 1uy
    /// A whole book was applied.
    | Shown = 2uy

[<Struct; NoComparison; NoEquality>]
type internal Change =
    {
        Deed: Deed
        Side: Side
        Px: int64
        Sz: int64
        Before: int64
        Best: int64
    }

/// One record, seen by several houses over the same pits: the first applies it to the pits and notes what changed, the others
/// feel the same changes in the same order.
[<Sealed; AllowNullLiteral>]
type internal Turn() =
    let mutable items: Change[] = Array.zeroCreate 64
    let mutable count = 0

    /// The pits have this record.
    member val IsApplied = false with get, set
    /// The first book after a gap is what is being applied.
    member val IsFirstBook = false with get, set
    member _.Count = count
    member _.Item(i: int) : inref<Change> = &items[i]

    member t.Begin() =
        t.IsApplied <- false
        t.IsFirstBook <- false
        count <- 0

    member _.Note(change: inref<Change>) =
        if count = items.Length then
            Array.Resize(&items, 2 * count)

        items[count] <- change
        count <- count + 1
