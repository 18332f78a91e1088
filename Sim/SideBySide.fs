namespace Vrlg.Sim

open System
open Vrlg.Core

/// One of several runs over one tape.
[<NoComparison; NoEquality>]
type Lane =
    {
        World: WorldConfig
        Desks: Desk[]
        /// Reads a state it is handed at once, and at whole steps only: inside a message the shared market may be ahead.
        Watch: IWatch
    }

/// Several runs over one tape in one pass: what no run can change - the others' books at the exchange and at home, and what
/// sensors made by `Sensor.Shared` learn - is computed once. Each run decides, fills and ends as it does by itself.
[<RequireQualifiedAccess>]
module SideBySide =
    /// Whether runs may go side by side: they see the same records at the same instants, in continuous time and with the
    /// exchange first at one instant, and no gap ends one before the others.
    let canShare (a: WorldConfig) (b: WorldConfig) : bool =
        let isPlain (w: WorldConfig) =
            w.Phases.Ties = TieOrder.ExchangeFirst
            && (match w.Phases.Blocks with
                | BlockModel.None -> true
                | _ -> false)
            && not w.Exchange.Rules.IsCompat
            && w.Exchange.Rules.Gap <> GapPolicy.Abort

        let instruments (w: WorldConfig) = Seq.toList w.Exchange.Instruments

        isPlain a
        && isPlain b
        && a.Seed = b.Seed
        && a.Tick = b.Tick
        && a.Engine.NeedsBlocks = b.Engine.NeedsBlocks
        && a.Latency.UseRecorded = b.Latency.UseRecorded
        && a.Latency.Ingest = b.Latency.Ingest
        && a.Latency.QueueStep = b.Latency.QueueStep
        && a.Phases.BookGap = b.Phases.BookGap
        && a.Phases.BboGap = b.Phases.BboGap
        && instruments a = instruments b

    let private worlds (lanes: Lane[]) (tape: Tape) : struct (World[] * Turn) =
        let struct (exchanges, turn) =
            Exchange.ownTogether (lanes |> Array.map (fun l -> l.World.Exchange))

        let states =
            lanes
            |> Array.map (fun l -> Engine.create l.World.Engine l.Desks)
            |> Engine.ownTogether

        let world i (lane: Lane) =
            World(lane.World, lane.Desks, tape, lane.Watch, Berth(states[i], exchanges[i], (i = 0)))

        struct (Array.mapi world lanes, turn)

    /// Runs all to their ends. False when `stopped` ended them early; it is asked now and then. `progress` is told the share of
    /// the recorded time that is behind, 0 to 1. That the lanes may share a pass (`canShare`) is the caller's to see to.
    let run (lanes: Lane[]) (tape: Tape) (stopped: Func<bool>) (progress: Action<float>) : bool =
        let struct (all, turn) = worlds lanes tape

        // The exchange's side of an instant, record by record: the first applies one, the others feel it.
        let records t =
            while all[0].HasRecord t do
                turn.Begin()

                for w in all do
                    w.ApplyRecord t

        Lockstep.run (all |> Array.map (fun w -> w :> IStepped)) records stopped progress
