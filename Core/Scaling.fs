namespace Vrlg.Core

open System.Collections.Immutable

/// How a stage of real trading ended.
[<RequireQualifiedAccess>]
type StageEnd =
    /// The gate was passed again on what was traded at this size.
    | Proven
    /// Too little was traded to say.
    | Unproven
    /// A figure of the gate failed, or a kill switch tripped.
    | Failed

/// The sizes by which real trading grows after the gate (D0-114): 0.001 BTC first, one step up only when the gate is passed
/// again on the last one, back to the first when it fails.
[<RequireQualifiedAccess>]
module Scaling =
    /// In coins of 1e-8: 0.001, 0.002, 0.005 and so on to 100.
    let steps: ImmutableArray<Sz> =
        ImmutableArray.CreateRange
            [|
                for power in [ 100_000L; 1_000_000L; 10_000_000L; 100_000_000L; 1_000_000_000L ] do
                    Sz.Of power
                    Sz.Of(2L * power)
                    Sz.Of(5L * power)
                Sz.Of 10_000_000_000L
            |]

    let private inside (step: int) = max 0 (min (steps.Length - 1) step)

    /// The largest position at a step, never above the cap of the settings. A cap below the first step wins.
    let sizeAt (cap: Sz) (step: int) : Sz =
        let own = steps[inside step]
        Sz.Of(max 0L (min own.Raw cap.Raw))

    /// The step after a stage: never more than one up, and none up where the cap is reached.
    let next (cap: Sz) (step: int) (ended: StageEnd) : int =
        let here = inside step

        match ended with
        | StageEnd.Failed -> 0
        | StageEnd.Unproven -> here
        | StageEnd.Proven ->
            let own = sizeAt cap here
            if own.Raw < cap.Raw then inside (here + 1) else here
