namespace Vrlg.Sim

open System
open System.Collections.Immutable
open Vrlg.Core

/// What a gate is about: it holds for these four alone.
type GateSubject =
    {
        /// SHA-256 of the settings in force.
        Config: string
        Build: string
        Account: string
        Instrument: string
    }

[<Struct; NoComparison; NoEquality>]
type GateFill =
    {
        At: int64
        /// Coins.
        Size: float
        Usd: float
        /// Against the mid at the decision; above 0 is a cost. None where no mid was known.
        SlippageTicks: float voption
    }

[<Struct; NoComparison; NoEquality>]
type GateTrip =
    {
        Entry: int64
        Exit: int64
        NetUsd: float
    }

/// The equity at one instant, and whether features existed.
[<Struct; NoComparison; NoEquality>]
type GateSample =
    {
        At: int64
        EquityUsd: float
        IsKnown: bool
    }

/// One finished run, as the gate sees it.
[<NoComparison; NoEquality>]
type GateRun =
    {
        Subject: GateSubject
        /// `paper`, or what else it was.
        Mode: string
        IsComplete: bool
        From: Instant
        To: Instant
        ActiveMinutes: float
        CapitalUsd: float
        /// Of actions before any trading; below 0 none is counted.
        Allowance: int64
        Actions: int64
        /// At every fill and on the 60 s grid.
        MaxDrawdownUsd: float
        Fills: ImmutableArray<GateFill>
        Trips: ImmutableArray<GateTrip>
        Samples: ImmutableArray<GateSample>
        /// When orders were sent: the actions are spread as they are.
        Sent: ImmutableArray<int64>
    }

/// Sums over one block of time, from which every figure of a resample is made.
[<NoComparison; NoEquality>]
type GateBlock =
    {
        Hours: float
        ActiveMinutes: float
        Trips: float
        Wins: float
        /// Trips held for 0.3 to 3 s.
        Within: float
        SlipSize: float
        SlipCost: float
        NetUsd: float
        /// Largest drawdown inside; lowest and highest equity less that of its beginning.
        Fall: float
        Low: float
        High: float
        Actions: float
        Usd: float
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module GateBlocks =
    [<Literal>]
    let LeastHoldNs = 300_000_000L

    [<Literal>]
    let MostHoldNs = 3_000_000_000L

    /// Half an hour, or a twelfth of all the time where that is less; never below a minute.
    let length (totalNs: int64) : int64 =
        max 60_000_000_000L (min Bootstrap.BlockNs (totalNs / 12L))

    let private count (run: GateRun) (length: int64) =
        let span: Duration = run.To - run.From
        max 1 (int ((span.Ns + length - 1L) / length))

    /// Change, fall, low and high of the equity over each block.
    let private path (run: GateRun) (blocks: int) (blockOf: int64 -> int) : struct (float * float * float * float)[] =
        let found = Array.create blocks (struct (0.0, 0.0, 0.0, 0.0))
        let mutable start = run.CapitalUsd
        let mutable peak = run.CapitalUsd
        let mutable last = run.CapitalUsd
        let mutable block = 0

        for s in run.Samples do
            let own = blockOf s.At

            if own <> block then
                start <- last
                peak <- last
                block <- own

            let struct (_, fall, low, high) = found[own]
            peak <- max peak s.EquityUsd
            let gain = s.EquityUsd - start
            found[own] <- struct (gain, max fall (peak - s.EquityUsd), min low gain, max high gain)
            last <- s.EquityUsd

        found

    let private tally (blocks: int) (rows: seq<struct (int * float)>) : float[] =
        let sums: float[] = Array.zeroCreate blocks

        for struct (block, value) in rows do
            sums[block] <- sums[block] + value

        sums

    /// The blocks of one run, in order. A trip belongs to the block of its exit.
    let ofRun (length: int64) (run: GateRun) : GateBlock[] =
        let n = count run length
        let from = let f = run.From in f.Ns
        let span: Duration = run.To - run.From

        let blockOf (at: int64) =
            max 0 (min (n - 1) (int ((at - from) / length)))

        let ofFills value =
            tally n (run.Fills |> Seq.map (fun f -> struct (blockOf f.At, value f)))

        let ofTrips value =
            tally n (run.Trips |> Seq.map (fun t -> struct (blockOf t.Exit, value t)))

        let known =
            tally
                n
                (run.Samples
                 |> Seq.map (fun s -> struct (blockOf s.At, (if s.IsKnown then 1.0 else 0.0))))

        let sent = tally n (run.Sent |> Seq.map (fun at -> struct (blockOf at, 1.0)))

        let share (part: float[]) (i: int) =
            let all = Array.sum part
            if all > 0.0 then part[i] / all else 1.0 / float n

        let slip (f: GateFill) =
            match f.SlippageTicks with
            | ValueSome s -> s
            | ValueNone -> 0.0

        let isHeld (t: GateTrip) =
            let held = t.Exit - t.Entry in held >= LeastHoldNs && held <= MostHoldNs

        let trips = ofTrips (fun _ -> 1.0)
        let wins = ofTrips (fun t -> if t.NetUsd > 0.0 then 1.0 else 0.0)
        let within = ofTrips (fun t -> if isHeld t then 1.0 else 0.0)
        let slipSize = ofFills (fun f -> if f.SlippageTicks.IsSome then f.Size else 0.0)
        let slipCost = ofFills (fun f -> f.Size * slip f)
        let usd = ofFills (fun f -> f.Usd)
        let equity = path run n blockOf

        Array.init n (fun i ->
            let struct (gain, fall, low, high) = equity[i]
            let own = max 0L (min length (span.Ns - int64 i * length))

            {
                Hours = float own / 3.6e12
                ActiveMinutes = run.ActiveMinutes * share known i
                Trips = trips[i]
                Wins = wins[i]
                Within = within[i]
                SlipSize = slipSize[i]
                SlipCost = slipCost[i]
                NetUsd = gain
                Fall = fall
                Low = low
                High = high
                Actions = float run.Actions * share sent i
                Usd = usd[i]
            })

    /// The largest drawdown of blocks one after the other.
    let drawdown (blocks: seq<GateBlock>) : float =
        let mutable equity = 0.0
        let mutable peak = 0.0
        let mutable worst = 0.0

        for b in blocks do
            worst <- max worst (max b.Fall (peak - (equity + b.Low)))
            peak <- max peak (equity + b.High)
            equity <- equity + b.NetUsd

        worst
