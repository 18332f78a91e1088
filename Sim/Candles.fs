namespace Vrlg.Sim

open System.Collections.Immutable

/// Candles as columns: open, high, low, close, one row a candle, in time order.
[<NoComparison; NoEquality>]
type Candles =
    {
        Open: float[]
        High: float[]
        Low: float[]
        Close: float[]
    }

    member c.Count = c.Open.Length

/// A protective exit, both as distances from the entry price in quote currency; 0 is none.
[<Struct; NoComparison>]
type Bracket = { Stop: float; Target: float }

/// One position from its entry at an open to its exit.
[<Struct; NoComparison>]
type CandleTrade =
    {
        /// Candle of the entry, at its open.
        From: int
        /// Candle of the exit.
        To: int
        /// 1 long, -1 short.
        Way: int
        EntryPx: float
        ExitPx: float
    }

    /// Gain a unit, before fees.
    member t.Gain = float t.Way * (t.ExitPx - t.EntryPx)

/// Tier 0 (simulation.md 12): signal and position columns over candles. For first screening only; it knows no queue,
/// no latency and no spread. A signal is formed at a candle's close and acts at the next candle's open, never inside
/// its own.
[<RequireQualifiedAccess>]
module CandleFrame =
    /// The label of every figure from here.
    let label = "Tier 0 candles"

    /// The position held from the open of each candle: the signal of the candle before, its sign alone. Nothing at
    /// the first.
    let positions (signal: float[]) : int[] =
        Array.init signal.Length (fun i ->
            if i = 0 || not (System.Double.IsFinite signal[i - 1]) then
                0
            else
                sign signal[i - 1])

    /// Where an open position leaves inside a candle: at its stop when the candle reaches it, also when it reaches
    /// the target too; else at the target; none when it reaches neither. A candle that opens beyond the stop leaves
    /// at its open.
    let private leave (c: Candles) (b: Bracket) (way: int) (entry: float) (isFirst: bool) (i: int) : float voption =
        let w = float way
        let stop = entry - w * b.Stop
        let target = entry + w * b.Target
        let worst = if way > 0 then c.Low[i] else c.High[i]
        let best = if way > 0 then c.High[i] else c.Low[i]

        if b.Stop > 0.0 && w * (worst - stop) <= 0.0 then
            ValueSome(
                if not isFirst && w * (c.Open[i] - stop) < 0.0 then
                    c.Open[i]
                else
                    stop
            )
        elif b.Target > 0.0 && w * (best - target) >= 0.0 then
            ValueSome target
        else
            ValueNone

    /// The trades of a signal column. A position that its bracket closed is not entered again before the signal has
    /// changed. What is open at the end leaves at the last close.
    let trades (c: Candles) (b: Bracket) (signal: float[]) : ImmutableArray<CandleTrade> =
        let wanted = positions signal
        let found = ImmutableArray.CreateBuilder<CandleTrade>()
        let mutable way = 0
        let mutable since = 0
        // The way that a bracket has closed; not taken again until the wish differs.
        let mutable spent = 0

        let finish (i: int) (px: float) =
            found.Add
                {
                    From = since
                    To = i
                    Way = way
                    EntryPx = c.Open[since]
                    ExitPx = px
                }

            way <- 0

        for i in 0 .. c.Count - 1 do
            if way <> 0 && wanted[i] <> way then
                finish i c.Open[i]

            if wanted[i] <> spent then
                spent <- 0

            if way = 0 && wanted[i] <> 0 && wanted[i] <> spent then
                way <- wanted[i]
                since <- i

            if way <> 0 then
                match leave c b way c.Open[since] (since = i) i with
                | ValueSome px ->
                    spent <- way
                    finish i px
                | ValueNone -> ()

        if way <> 0 then
            finish (c.Count - 1) c.Close[c.Count - 1]

        found.ToImmutable()

    /// The gain a unit candle by candle of a position column held open to open, at the last candle open to close: the
    /// vectorised form without a bracket.
    let gains (c: Candles) (position: int[]) : float[] =
        Array.init c.Count (fun i ->
            let until = if i + 1 < c.Count then c.Open[i + 1] else c.Close[i]
            float position[i] * (until - c.Open[i]))
