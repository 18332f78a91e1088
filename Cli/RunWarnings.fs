/// What must be read before the figures of a run.
module Vrlg.Cli.RunWarnings

open System
open Vrlg.Core
open Vrlg.Sim

/// What is charged in the figures and not in the series.
let private impact (setup: RunSetup) : string list =
    if
        setup.Values.Exact "impact.square_root" > 0L
        || setup.Values.Exact "impact.shift_ticks" > 0L
    then
        [
            "impact is charged in fills, trades and figures; series.csv and the equity chart are without it"
        ]
    else
        []

/// A tick that somebody chose and the venue does not have. The document's own number is nobody's choice: the table says which
/// tick counts.
let private tick (setup: RunSetup) (px: Px) : string list =
    let configured = setup.Values.Exact "symbol.tick_size"
    let tick = Instrument.tickAt setup.Instrument px

    if tick <> configured && Exact.show configured <> ScalperKeys.documentTick then
        [
            $"symbol.tick_size {Exact.show configured} is not used: the venue's tick at {px} is {Exact.show tick}"
        ]
    else
        []

/// An equity with which no entry can ever be sent.
let private size (setup: RunSetup) (px: Px) : string list =
    match Preflight.sizeAt setup px with
    | EntrySize.Of _ -> []
    | none -> [ $"at {px} no entry has a size: {Sizing.sentence setup.Instrument none}" ]

/// A hedge that the run cannot place where it was asked for.
let private hedge (setup: RunSetup) : string list =
    match Setup.coinOf (setup.Values.Text "risk.hedge_symbol") with
    | "none" -> []
    | symbol when String.Equals(symbol, setup.Instrument.Name, StringComparison.OrdinalIgnoreCase) -> []
    | symbol ->
        [
            $"risk.hedge_symbol {symbol} is not in this run: a hedge reduces the position of {setup.Instrument.Name}"
        ]

/// All that only a finished run can know, what matters most first.
let ofRun (setup: RunSetup) (trail: Trail) (result: WorldResult) : string list =
    let px = Px.Of(trail.LastMidTwice / 2L)

    [
        yield! Summary.haltWarnings trail

        if px.IsNone then
            "no best quote on both sides was ever seen"
        else
            yield! size setup px
            yield! tick setup px
            yield! Preflight.idle setup px

        yield! Preflight.warnings setup.Values
        yield! hedge setup
        yield! Summary.blockClockWarnings setup (result.State.Stall setup.Instrument.Venue)
        yield! Summary.warnings result
        yield! Summary.budgetWarnings trail.Gauges
        yield! impact setup
    ]
