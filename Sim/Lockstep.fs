namespace Vrlg.Sim

open System

/// A run that is driven from outside: instant by instant, and inside one by its phases in order.
type internal IStepped =
    abstract Begin: unit -> unit
    /// The next instant at which anything happens; `Int64.MaxValue` when the run has ended.
    abstract NextTime: int64
    /// Takes one phase of an instant, 0 to 4: what the exchange does by itself, our commands there, records here, reports, the
    /// heartbeat.
    abstract Phase: phase: int * t: int64 -> unit
    /// The share of the recorded time that is behind at an instant, 0 to 1.
    abstract Share: t: int64 -> float

/// Runs side by side: a phase of an instant is taken by all before the next begins.
module internal Lockstep =
    let private phases = 5

    /// Runs all to their ends. False when `stopped` ended them early; it is asked now and then. `records` is called once for every
    /// instant, after its first phase.
    let run (all: IStepped[]) (records: Action<int64>) (stopped: Func<bool>) (progress: Action<float>) : bool =
        let next: int64[] = Array.zeroCreate all.Length

        // The earliest instant of all; a run that has ended is never due again.
        let look () =
            let mutable t = Int64.MaxValue

            for i in 0 .. all.Length - 1 do
                let mine = all[i].NextTime
                next[i] <- mine
                t <- min t mine

            t

        let round (t: int64) =
            for phase in 0 .. phases - 1 do
                // A run that is not due, or has ended, must not be touched: it would not have been by itself.
                for i in 0 .. all.Length - 1 do
                    if next[i] = t then
                        all[i].Phase(phase, t)

                if phase = 0 then
                    records.Invoke t

        for run in all do
            run.Begin()

        let mutable t = look ()
        let mutable rounds = 0
        let mutable isStopped = false

        while not isStopped && t < Int64.MaxValue do
            round t
            rounds <- rounds + 1

            if rounds &&& 0xFFF = 0 then
                isStopped <- stopped.Invoke()
                progress.Invoke(all[0].Share t)

            t <- look ()

        not isStopped
