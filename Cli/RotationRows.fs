/// What becomes of the rows of a feature stream: how many a detector is shown, how many it takes for missing, how many it passes over.
module Vrlg.Cli.RotationRows

open System
open Vrlg.Cli.Screen
open Vrlg.Core

/// The rows of a stream, counted by the rule of both detectors: a row is of the instant of the 100 ms grid, from the first row on,
/// that its time is nearest to; of one instant the first row counts, and time does not go back.
[<Struct; NoComparison>]
type Counted =
    {
        Read: int
        /// Without depth or spread, or without any depth: a missing sample.
        Missing: int
        /// Passed over: the instant is that of an earlier row, or lies before it.
        Ignored: int
        /// Those of them whose time is before that of a row above.
        Backwards: int
        /// Spreads that are no whole number of ticks from 0 on.
        Odd: int
        FirstMs: int64
        LastMs: int64
    }

let count (rows: struct (int64 * float * float)[]) : Counted =
    let mutable origin, taken, latest = 0L, -1L, Int64.MinValue
    let mutable missing, ignored, backwards, odd = 0, 0, 0, 0

    for struct (ms, dob, spread) in rows do
        if taken < 0L then
            origin <- ms

        let since = ms - origin + 50L

        if since >= 0L && since / 100L > taken then
            taken <- since / 100L

            if not (Ranks.IsSample(dob, spread)) then
                missing <- missing + 1
        else
            ignored <- ignored + 1

            if ms < latest then
                backwards <- backwards + 1

        if spread < 0.0 || (Double.IsFinite spread && spread <> Math.Floor spread) then
            odd <- odd + 1

        latest <- max latest ms

    {
        Read = rows.Length
        Missing = missing
        Ignored = ignored
        Backwards = backwards
        Odd = odd
        FirstMs = origin
        LastMs = latest
    }

/// The years 2000 and 2100: what lies outside was meant otherwise.
let private plausible = struct (946_684_800_000L, 4_102_444_800_000L)

/// What whoever made the stream should be told.
let warnings (c: Counted) : string list =
    let struct (least, most) = plausible

    [
        if c.Ignored > 0 then
            let repeated = c.Ignored - c.Backwards

            let parts =
                [
                    if c.Backwards > 0 then
                        $"{whole (int64 c.Backwards)} out of order (their time is before that of a row above)"
                    if repeated > 0 then
                        $"{whole (int64 repeated)} of a 100 ms instant that a row above has"
                ]

            let share = 100.0 * float c.Ignored / float c.Read
            let told = String.Join(", ", parts)

            let advice = if c.Backwards > 0 then "; sort the file by t_ms" else ""

            $"{whole (int64 c.Ignored)} of {whole (int64 c.Read)} rows were ignored, {number 1 (ValueSome share)} %%: {told}{advice}"
        if c.FirstMs < least || c.LastMs > most then
            let from, until = moment (Instant.OfMs c.FirstMs), moment (Instant.OfMs c.LastMs)
            $"the times reach from {from} to {until}: t_ms is Unix time in milliseconds; were seconds meant?"
        if c.Odd > 0 then
            $"{whole (int64 c.Odd)} of {whole (int64 c.Read)} spreads are below 0 or no whole number of ticks: is spread_ticks a price?"
        if 2 * c.Missing > c.Read then
            $"{whole (int64 c.Missing)} of {whole (int64 c.Read)} rows are missing samples: depth or spread is empty, or the depth is 0"
    ]
