namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// Several points at once, each as it is by itself. `progress` is told the share of the work that is behind, 0 to 1.
type EvaluateAll =
    delegate of sets: Values[] * stopped: Func<bool> * progress: Action<float> -> ImmutableArray<Outcome voption>

/// Runs that go over the tape in one pass, by the numbers of their sets.
[<NoComparison; NoEquality>]
type private Pass =
    {
        Sets: int[]
        Desks: Desk[][]
        Harvests: Harvest[]
        Progress: Action<float>
    }

/// Ways to evaluate many points of a sweep over one tape: what no point can change is computed once.
[<RequireQualifiedAccess>]
module Together =
    /// The sets that may share a pass with each other, by their numbers.
    let private groups (count: int) (canShare: int -> int -> bool) : int[] list =
        let found = ResizeArray<ResizeArray<int>>()

        for i in 0 .. count - 1 do
            match found |> Seq.tryFind (fun g -> canShare g[0] i) with
            | Some g -> g.Add i
            | None -> found.Add(ResizeArray [ i ])

        found |> Seq.map _.ToArray() |> Seq.toList

    /// One sensor for every kind of it among the setups.
    let private desks (setups: RunSetup[]) (group: int[]) : Desk[][] =
        let sensors = Dictionary<SensorConfig, Sensor>()

        group
        |> Array.map (fun i ->
            let config = Setup.sensor setups[i]

            match sensors.TryGetValue config with
            | true, s -> Setup.desksWith s setups[i]
            | false, _ ->
                let s = Sensor.Shared config
                sensors[config] <- s
                Setup.desksWith s setups[i])

    let private inPasses
        (instrument: Instrument)
        (sets: Values[])
        (progress: Action<float>)
        (span: Window)
        (mids: MidPath)
        (plan: RunSetup[] -> struct ((int -> int -> bool) * (Pass -> bool)))
        : ImmutableArray<Outcome voption> =
        let setups: RunSetup[] =
            sets |> Array.map (fun v -> { Values = v; Instrument = instrument })

        let struct (canShare, run) = plan setups
        let outcomes = Array.create sets.Length ValueNone
        let mutable behind = 0

        for group in groups sets.Length canShare do
            let before, mine = float behind, float group.Length

            let pass =
                {
                    Sets = group
                    Desks = desks setups group
                    Harvests = group |> Array.map (fun _ -> Harvest instrument.Id)
                    Progress = Action<float>(fun share -> progress.Invoke((before + share * mine) / float sets.Length))
                }

            if run pass then
                Array.iter2
                    (fun i (harvest: Harvest) ->
                        outcomes[i] <-
                            harvest.Outcome(span, mids, Tiers.cash sets[i], Tiers.exposure sets[i])
                            |> Outcome.booked sets[i] instrument
                            |> ValueSome)
                    group
                    pass.Harvests

            behind <- behind + group.Length

        ImmutableArray.CreateRange outcomes

    /// Tier 2 of many sets; each outcome is that of `Tiers.whole`.
    let whole (latency: Values -> LatencyConfig) (instrument: Instrument) (mids: MidPath) (tape: Tape) : EvaluateAll =
        EvaluateAll(fun sets stopped progress ->
            inPasses instrument sets progress (Tiers.span tape) mids (fun setups ->
                let worlds = setups |> Array.map (Tiers.world latency)

                let run (p: Pass) =
                    let lanes: Lane[] =
                        p.Sets
                        |> Array.mapi (fun k i ->
                            {
                                World = worlds[i]
                                Desks = p.Desks[k]
                                Watch = p.Harvests[k]
                            })

                    SideBySide.run lanes (tape.Fork()) stopped p.Progress

                struct ((fun a b -> SideBySide.canShare worlds[a] worlds[b]), run)))

    /// Tier 1 of many sets; each outcome is that of `Tiers.touching`.
    let touching
        (latency: Values -> LatencyConfig)
        (rule: TouchRule)
        (instrument: Instrument)
        (span: Window)
        (mids: MidPath)
        (tape: TouchTape)
        : EvaluateAll =
        EvaluateAll(fun sets stopped progress ->
            inPasses instrument sets progress span mids (fun setups ->
                let worlds =
                    setups |> Array.map (fun s -> Tiers.touchWorld s (latency s.Values) rule)

                let run (p: Pass) =
                    let all =
                        TouchWorld.SideBySide(Array.map (fun i -> worlds[i]) p.Sets, p.Desks, tape, p.Harvests)

                    TouchWorld.Run(all, stopped, p.Progress)

                struct ((fun a b -> TouchWorld.CanShare(worlds[a], worlds[b])), run)))
