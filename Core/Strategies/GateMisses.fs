namespace Vrlg.Core

open System
open System.Collections.Immutable

/// How far the gates were from opening. Of every gate: how often it was shut, how often it alone was, and by how much it fell
/// short when it was the first to say no (`Gates.shortfall`): the sum, the least, and the least of the times when it alone was shut.
[<Sealed; AllowNullLiteral>]
type internal GateMisses private (cells: float[]) =
    // A row a gate. Counts are exact in a float up to 2^53.
    static let shut, alone, measured, sum, least, leastAlone, width = 0, 1, 2, 3, 4, 5, 6

    static let named (prefix: string) =
        Gates.names |> Seq.map (fun name -> prefix + name) |> Seq.toArray

    static let shuts, alones, means, leasts, leastsAlone =
        named "shut.", named "alone.", named "short_mean.", named "short_least.", named "short_alone."

    static member Start =
        let cells = Array.zeroCreate (width * Gates.names.Length)

        for g in 0 .. Gates.names.Length - 1 do
            cells[width * g + least] <- nan
            cells[width * g + leastAlone] <- nan

        GateMisses cells

    /// After one more instant: the gates of `mask` were shut, `first` the first of them, short by `by` (NaN: not known).
    member _.With(mask: int, first: int, by: float) : GateMisses =
        let next = Array.copy cells
        let isAlone = mask = (1 <<< first)

        for g in 0 .. Gates.names.Length - 1 do
            if mask &&& (1 <<< g) <> 0 then
                next[width * g + shut] <- next[width * g + shut] + 1.0

        let keepLeast (at: int) =
            if not (next[at] <= by) then
                next[at] <- by

        let row = width * first

        if isAlone then
            next[row + alone] <- next[row + alone] + 1.0

        if Double.IsFinite by then
            next[row + measured] <- next[row + measured] + 1.0
            next[row + sum] <- next[row + sum] + by
            keepLeast (row + least)

            if isAlone then
                keepLeast (row + leastAlone)

        GateMisses next

    /// `shut.*` and `alone.*` of every gate; `short_mean.*`, `short_least.*`, `short_alone.*` where they are known.
    member _.AddTo(all: ImmutableArray<struct (string * float)>.Builder) =
        for g in 0 .. Gates.names.Length - 1 do
            let row = width * g
            all.Add(struct (shuts[g], cells[row + shut]))
            all.Add(struct (alones[g], cells[row + alone]))

            if cells[row + measured] > 0.0 then
                all.Add(struct (means[g], cells[row + sum] / cells[row + measured]))
                all.Add(struct (leasts[g], cells[row + least]))

            if not (Double.IsNaN cells[row + leastAlone]) then
                all.Add(struct (leastsAlone[g], cells[row + leastAlone]))
