namespace Vrlg.Sim

open System
open System.Collections.Immutable

/// A 90 % interval: the 5th and the 95th percentile of the resamples.
[<Struct; NoComparison; NoEquality>]
type Interval = { Low: float; High: float }

/// Confidence by resampling whole blocks of time, which keeps what is correlated inside a block together (simulation.md 13).
/// Blocks of 30 minutes begin at the start of the run; a resample draws as many blocks as the run has, with replacement. Resample
/// `i` has the key `draw(i)` of the stream `bootstrap`, its pick `j` is the unit draw `j` of that key: all figures of a run see
/// the same resamples.
[<RequireQualifiedAccess>]
module Bootstrap =
    [<Literal>]
    let BlockNs = 1_800_000_000_000L

    [<Literal>]
    let Resamples = 1_000

    /// Below two blocks there is nothing to resample.
    [<Literal>]
    let LeastBlocks = 2

    /// Blocks of a span; the last may be short.
    let blocks (fromNs: int64) (toNs: int64) : int =
        int ((max 0L (toNs - fromNs) + BlockNs - 1L) / BlockNs) |> max 1

    let blockOf (fromNs: int64) (count: int) (at: int64) : int =
        max 0 (min (count - 1) (int ((at - fromNs) / BlockNs)))

    /// The blocks of each resample, one row each.
    let picks (seed: int64) (count: int) (resamples: int) : int[][] =
        let key = Seed.key seed "bootstrap"

        Array.init resamples (fun i ->
            let own = Seed.draw key (int64 i)
            Array.init count (fun j -> min (count - 1) (int (Seed.unit own (int64 j) * float count))))

    /// The interval of a figure; `figure` answers for the blocks of one resample. None below two blocks, or where the figure is
    /// not defined in more than half of the resamples; the resamples without it are left out.
    let interval (picks: int[][]) (figure: int[] -> float voption) : Interval voption =
        if picks.Length = 0 || picks[0].Length < LeastBlocks then
            ValueNone
        else
            let values = ResizeArray<float> picks.Length

            for pick in picks do
                match figure pick with
                | ValueSome v when Double.IsFinite v -> values.Add v
                | _ -> ()

            if 2 * values.Count < picks.Length then
                ValueNone
            else
                values.Sort()

                let at (q: float) =
                    values[max 0 (int (ceil (q * float values.Count)) - 1)]

                ValueSome { Low = at 0.05; High = at 0.95 }

    /// Where everything lies in one block, resampling would show no doubt at all: there is no interval then.
    let private isSpread (weights: float[]) =
        (weights |> Seq.filter (fun w -> w > 0.0) |> Seq.length) >= LeastBlocks

    /// `scale` times the sum of `over` above the sum of `under`: a mean weighted by block.
    let ratio (picks: int[][]) (over: float[]) (under: float[]) (scale: float) : Interval voption =
        let mean (pick: int[]) =
            let mutable top = 0.0
            let mutable bottom = 0.0

            for b in pick do
                top <- top + over[b]
                bottom <- bottom + under[b]

            if bottom > 0.0 then
                ValueSome(scale * top / bottom)
            else
                ValueNone

        if isSpread under then interval picks mean else ValueNone

    /// The Sharpe of returns, each with its block. The sums are taken about the mean of all, so that nothing cancels.
    let sharpe
        (picks: int[][])
        (count: int)
        (returns: ImmutableArray<float>)
        (blockOf: int -> int)
        (gridSeconds: float)
        : Interval voption =
        if returns.IsEmpty then
            ValueNone
        else
            let all = Seq.average returns
            let size: float[] = Array.zeroCreate count
            let sum: float[] = Array.zeroCreate count
            let squares: float[] = Array.zeroCreate count

            for i in 0 .. returns.Length - 1 do
                let b = blockOf i
                let away = returns[i] - all
                size[b] <- size[b] + 1.0
                sum[b] <- sum[b] + away
                squares[b] <- squares[b] + away * away

            let under (pick: int[]) =
                let mutable n = 0.0
                let mutable s = 0.0
                let mutable q = 0.0

                for b in pick do
                    n <- n + size[b]
                    s <- s + sum[b]
                    q <- q + squares[b]

                if n < 2.0 then
                    ValueNone
                else
                    let mean = s / n
                    let variance = (q - n * mean * mean) / (n - 1.0)

                    // Of values that are all alike rounding alone is left.
                    if variance > 1e-12 * q / n then
                        ValueSome((all + mean) / sqrt variance * sqrt (Returns.samplesAYear gridSeconds))
                    else
                        ValueNone

            if isSpread size then interval picks under else ValueNone
