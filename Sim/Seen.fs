namespace Vrlg.Sim

open Vrlg.Core

/// Order numbers that have arrived, so that none is taken twice. Numbers rise, but one may overtake another where commands go
/// in parallel: the last 4,096 below the highest are remembered one by one, and what is older counts as seen.
[<Sealed>]
type SeenNumbers private () =
    static let window = 4_096L
    member val private Maker: Owner = null with get, set
    member val private Bits: uint64[] = Array.zeroCreate (int window / 64) with get, set
    /// The highest number that has arrived; 0 before the first.
    member val Highest = 0L with get, private set

    static member Empty = SeenNumbers()

    member s.Next(by: Owner) : SeenNumbers =
        if not (isNull by) && obj.ReferenceEquals(s.Maker, by) then
            s
        else
            let copy = s.MemberwiseClone() :?> SeenNumbers
            copy.Maker <- by
            copy.Bits <- Array.copy s.Bits
            copy

    member private s.Write(n: int64, isSeen: bool) =
        let place = int (n &&& (window - 1L))
        let bit = 1UL <<< (place &&& 63)
        let was = s.Bits[place >>> 6]
        s.Bits[place >>> 6] <- if isSeen then was ||| bit else was &&& ~~~bit

    /// Numbers are above 0: any other counts as seen.
    member s.Has(n: int64) : bool =
        n <= 0L
        || (n <= s.Highest
            && (s.Highest - n >= window
                || (let place = int (n &&& (window - 1L))
                    s.Bits[place >>> 6] >>> (place &&& 63) &&& 1UL = 1UL)))

    /// A number has arrived, on a node that is ours.
    member s.Add(n: int64) =
        if n > s.Highest then
            // What lies between has not arrived; further back than the window nothing is remembered one by one.
            for skipped in max (s.Highest + 1L) (n - window + 1L) .. n - 1L do
                s.Write(skipped, false)

            s.Highest <- n

        if n > 0L && s.Highest - n < window then
            s.Write(n, true)
