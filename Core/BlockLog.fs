namespace Vrlg.Core

open System
open System.Runtime.CompilerServices

/// A block as the proposer feed tells it.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type ProposedBlock =
    {
        Height: int64
        /// Block time, Unix milliseconds.
        Ms: int64
        /// Who made it: a place in a table that the boundary keeps; below 0 unknown, which is like nobody.
        Proposer: int
    }

/// The latest blocks of a venue: what a detector has not read yet is read from here at the next instant of the grid.
///
/// Owned it changes in place, shared it answers with a copy (see `Owner`).
[<Sealed>]
type BlockLog private () =
    static let room = 256
    member val private Maker: Owner = null with get, set
    /// Height, time and proposer of block `n` at `3 (n mod room)`.
    member val private Cells: int64[] = Array.empty with get, set
    /// Blocks told so far.
    member val Count = 0L with get, private set

    static member val Empty = BlockLog()

    /// The first block that is still here, counted from 0.
    member b.First = max 0L (b.Count - int64 room)

    /// Block `n`, from `First` up to `Count`.
    member b.Item(n: int64) : ProposedBlock =
        let at = 3 * int (n % int64 room)

        {
            Height = b.Cells[at]
            Ms = b.Cells[at + 1]
            Proposer = int b.Cells[at + 2]
        }

    /// Everything in it, for digests.
    member internal b.Numbers: ReadOnlySpan<int64> = ReadOnlySpan b.Cells

    member b.With(by: Owner, block: ProposedBlock) : BlockLog =
        let next =
            if not (isNull by) && obj.ReferenceEquals(b.Maker, by) then
                b
            else
                let copy = b.MemberwiseClone() :?> BlockLog
                copy.Maker <- by

                copy.Cells <-
                    if b.Cells.Length = 0 then
                        Array.zeroCreate (3 * room)
                    else
                        Array.copy b.Cells

                copy

        let at = 3 * int (b.Count % int64 room)
        next.Cells[at] <- block.Height
        next.Cells[at + 1] <- block.Ms
        next.Cells[at + 2] <- int64 block.Proposer
        next.Count <- b.Count + 1L
        next
