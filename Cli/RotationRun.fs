/// One run of a rotation detector over a feature stream, and what is kept of it.
module Vrlg.Cli.RotationRun

open System
open Vrlg.Core

/// What a detector said at one instant.
[<Struct; NoComparison; NoEquality>]
type Read =
    {
        Ms: int64
        IsActive: bool
        /// In seconds, on the block clock in slots; 0 where there is none.
        Period: float
        /// The same in seconds.
        Seconds: float
        Phase: float
        P: float
        /// NaN in document mode.
        E: float
        NextMs: float
        Slots: int
        BlockInterval: float
    }

/// The whole run.
[<NoComparison; NoEquality>]
type Found =
    {
        Mode: string
        Intervals: struct (int64 * int64) list
        /// Scored crossings and largest evidence; none in document mode.
        Crossings: int64 voption
        MaxE: float voption
        /// Median of the period over the seconds that were ACTIVE.
        Median: float voption
        /// Reads at 1 Hz that were ACTIVE.
        SecondsActive: int
        EveryTen: Read[]
        Last: Read
        /// The autocorrelation by lag, when the detector was ACTIVE last, or at the end.
        Acf: float[]
        /// Mean depth and spread by phase, over the last 3,000 samples before that.
        Profile: struct (float * float * float)[]
        /// Document mode: how often missing samples made it start again.
        Restarts: int
    }

let private bins = 24
let private ring = 3_000
let private week = 6_048_000L
let private ends = 600L

/// Collects a run, sample by sample.
[<Sealed>]
type private Notes() =
    let intervals = Collections.Generic.List<struct (int64 * int64)>()
    let reads = Collections.Generic.List<Read>()
    let periods = Collections.Generic.List<float>()
    let mutable samples: Window<struct (float * float * float)> = Window.Empty ring
    let mutable kept = samples
    let mutable acf: float[] = [||]
    let mutable since = ValueNone
    let mutable maxE = 0.0
    let mutable last = Unchecked.defaultof<Read>
    let mutable seconds = 0

    member _.Note(index: int64, r: Read, dob: float, spread: float, correlated: unit -> float[]) =
        last <- r
        samples <- samples.Push(struct ((if r.Period > 0.0 then r.Phase else nan), dob, spread))

        match since with
        | ValueNone when r.IsActive -> since <- ValueSome r.Ms
        | ValueSome from when not r.IsActive ->
            intervals.Add(struct (from, r.Ms))
            since <- ValueNone
        | _ -> ()

        if index % 10L = 0L then
            maxE <- max maxE r.E

            if r.IsActive then
                periods.Add r.Period
                seconds <- seconds + 1
                acf <- correlated ()
                kept <- samples

            if index % 100L = 0L then
                reads.Add r

    member private _.Profile() =
        let sums = Array.init bins (fun _ -> [| 0.0; 0.0; 0.0 |])

        for struct (phase, dob, spread) in kept.AsSpan().ToArray() do
            if Double.IsFinite phase && Double.IsFinite dob && Double.IsFinite spread then
                let s = sums[min (bins - 1) (int (phase * float bins))]
                s[0] <- s[0] + 1.0
                s[1] <- s[1] + dob
                s[2] <- s[2] + spread

        [|
            for b in 0 .. bins - 1 do
                if sums[b][0] > 0.0 then
                    struct ((float b + 0.5) / float bins, sums[b][1] / sums[b][0], sums[b][2] / sums[b][0])
        |]

    member n.Found(mode: string, crossings: int64 voption, atEnd: float[], restarts: int) : Found =
        match since with
        | ValueSome from -> intervals.Add(struct (from, last.Ms))
        | ValueNone -> ()

        if periods.Count = 0 then
            acf <- atEnd
            kept <- samples

        {
            Mode = mode
            Intervals = List.ofSeq intervals
            Crossings = crossings
            MaxE = if crossings.IsSome then ValueSome maxE else ValueNone
            Median =
                if periods.Count = 0 then
                    ValueNone
                else
                    ValueSome(Stats.median (ReadOnlySpan(periods.ToArray())))
            SecondsActive = seconds
            EveryTen = reads.ToArray()
            Last = last
            Acf = acf
            Profile = n.Profile()
            Restarts = restarts
        }

let private readValid (d: ValidDetector) : Read =
    {
        Ms = d.Ms
        IsActive = d.IsActive
        Period = d.ClockPeriod
        Seconds = d.Period
        Phase = d.Phase
        P = d.P
        E = d.E
        NextMs = d.NextBoundaryMs |> ValueOption.defaultValue nan
        Slots = d.Slots
        BlockInterval = d.BlockInterval
    }

/// The valid detector over a stream, with a block feed where there is one.
let valid (config: ValidConfig) (blocks: ProposedBlock[] option) (rows: struct (int64 * float * float)[]) : Found =
    let feed = defaultArg blocks [||]
    let notes = Notes()
    let mutable d = ValidDetector.Start config
    let mutable told = 0

    let step dob spread =
        let next = d.Step(dob, spread)
        d <- next
        notes.Note(next.Index, readValid next, dob, spread, (fun () -> next.Autocorrelation))

    for struct (ms, dob, spread) in rows do
        while told < feed.Length && feed[told].Ms <= ms + 50L do
            d <- d.Block feed[told]
            told <- told + 1

        let due = d.Due ms

        if due >= 0L then
            d <- d.From ms

            // Of a gap of more than a week only the ends are looked at: everything ends within its first 30 s.
            let seen = if due > week then ends else due

            for _ in 1L .. seen do
                step nan nan

            if due > week then
                d <- d.Skip(due - 2L * ends)

                for _ in 1L .. ends do
                    step nan nan

            step dob spread

    let mode = if blocks.IsSome then "block-clock" else "wall-clock"
    notes.Found(mode, ValueSome d.Scored, d.Autocorrelation, 0)

/// The document's detector over a stream; missing samples make it start again.
let document (config: DocumentConfig) (rows: struct (int64 * float * float)[]) : Found =
    let notes = Notes()
    let struct (origin, _, _) = rows[0]
    let mutable d = DocumentDetector.Start config
    let mutable index = -1L
    let mutable restarts = 0
    let recent = Collections.Generic.Queue<float>()

    let correlated () =
        Stats.autocorrelation (ReadOnlySpan(recent.ToArray())) 150

    for struct (ms, dob, spread) in rows do
        let i = (ms - origin + 50L) / 100L

        if ms >= origin && i > index then
            let isBroken = i > index + 1L || not (Ranks.IsSample(dob, spread))

            if isBroken && d.Samples > 0L then
                restarts <- restarts + 1
                d <- DocumentDetector.Start config
                recent.Clear()

            index <- i

            if Ranks.IsSample(dob, spread) then
                d <- d.Push(dob, spread)
                recent.Enqueue dob

                if recent.Count > 300 then
                    recent.Dequeue() |> ignore

            let now = d.Now

            let read =
                {
                    Ms = origin + 100L * i
                    IsActive = now.IsActive
                    Period = now.Period
                    Seconds = now.Period
                    Phase = now.Phase
                    P = now.PValue
                    E = nan
                    NextMs = nan
                    Slots = 0
                    BlockInterval = nan
                }

            notes.Note(i, read, dob, spread, correlated)

    notes.Found("document", ValueNone, correlated (), restarts)
