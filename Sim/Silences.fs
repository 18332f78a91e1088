namespace Vrlg.Sim

open System
open Vrlg.Core

/// When an instrument's book records have been silent for so long that its data counts as lost: a clock that the exchange's
/// timeline carries along. It looks at nothing that has not happened.
[<Sealed>]
type internal Silences(instruments: int, phases: Phases) =
    let lastBook: int64[] = Array.create instruments Int64.MinValue
    let hasDepth: bool[] = Array.zeroCreate instruments
    let isOff = phases.BookGap.Ns <= 0L || phases.BboGap.Ns <= 0L
    let mutable next = Int64.MaxValue
    let mutable since = 0L

    let limit i =
        if hasDepth[i] then phases.BookGap.Ns else phases.BboGap.Ns

    let recompute () =
        next <- Int64.MaxValue

        for i in 0 .. instruments - 1 do
            if lastBook[i] <> Int64.MinValue then
                next <- min next (lastBook[i] + limit i + 1L)

    /// The first instant at which some instrument will have been silent for longer than its limit; `Int64.MaxValue` is never.
    member _.Next = next

    /// A record happened at the exchange.
    member _.Heard(event: inref<Event>, at: int64) =
        if not isOff then
            let i = event.Instrument.Index

            let isDepth = event.Kind = EventKind.LevelMoved || event.Kind = EventKind.BookMoved

            if uint i < uint instruments && (isDepth || event.Kind = EventKind.BboMoved) then
                let was =
                    if lastBook[i] = Int64.MinValue then
                        -1L
                    else
                        lastBook[i] + limit i + 1L

                hasDepth[i] <- hasDepth[i] || isDepth
                lastBook[i] <- at

                // Only who was next can move the earliest instant; one that was never heard can bring it nearer.
                if was = next then
                    recompute ()
                else
                    next <- min next (at + limit i + 1L)

    /// The last book of the instrument that `Take` named last.
    member _.Since = since

    /// The instruments that became silent by `at`: each is named once.
    member _.Take(at: int64) : int =
        let mutable found = -1
        let mutable i = 0

        while found < 0 && i < instruments do
            if lastBook[i] <> Int64.MinValue && lastBook[i] + limit i + 1L <= at then
                found <- i
                since <- lastBook[i]
                lastBook[i] <- Int64.MinValue
                recompute ()

            i <- i + 1

        found
