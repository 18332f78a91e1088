namespace Vrlg.Core

open System
open System.Collections.Immutable

/// Why a gate is shut, with the numbers that shut it.
[<RequireQualifiedAccess; NoComparison>]
type Shut =
    /// No period is known yet.
    | NoRotation of samples: int64
    /// The detector only observes: the pattern is not significant (D0-047).
    | NotSignificant of p: float * most: float
    /// Gate 1: the phase is outside the boundary band (D0-053).
    | OffPhase of phase: float * period: float
    /// Gate 2: the best quotes are not thinner than the median allows (D0-054).
    | NotThin of dob: float * least: float
    /// Gate 3: the spread is narrow (D0-055).
    | NarrowSpread of ticks: int * least: int
    /// Gate 4: the book leans to one side (D0-056).
    | Unbalanced of obi: float * most: float

/// What the gates compare with.
[<NoComparison>]
type GateConfig =
    {
        /// N: samples of the rolling median, the current one excluded (D0-049, X-rule of D0-054).
        MedianOf: int
        /// x: how far below the median the DoB must be, as a fraction (D0-050).
        Thinner: float
        /// y: least spread in ticks (D0-051).
        LeastSpread: int
        MostObi: float
        PMax: float
    }

/// What is judged at one grid instant: measured once, never by a gate.
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Moment =
    {
        Rotation: Rotation
        Samples: int64
        SpreadTicks: int
        Dob: float
        /// Median of the DoB samples before this one; NaN before the window is full.
        MedianDob: float
        Obi: float
    }

/// The four gates of the signal and the two conditions of the detector (D0-046..057). All are asked, so that a screen can show
/// everything that blocks.
[<RequireQualifiedAccess>]
module Gates =
    let private rotation (_: GateConfig) (m: Moment) =
        if m.Rotation.Period = 0.0 then
            ValueSome(Shut.NoRotation m.Samples)
        else
            ValueNone

    let private significance (c: GateConfig) (m: Moment) =
        if m.Rotation.IsActive then
            ValueNone
        else
            ValueSome(Shut.NotSignificant(m.Rotation.PValue, c.PMax))

    let private phase (_: GateConfig) (m: Moment) =
        if m.Rotation.IsBoundary then
            ValueNone
        else
            let r = m.Rotation
            ValueSome(Shut.OffPhase(r.Phase, r.Period))

    let private thin (c: GateConfig) (m: Moment) =
        let least = m.MedianDob * (1.0 - c.Thinner)
        // A median that is not there yet (NaN) keeps the gate shut.
        if m.Dob < least then
            ValueNone
        else
            ValueSome(Shut.NotThin(m.Dob, least))

    let private wide (c: GateConfig) (m: Moment) =
        if m.SpreadTicks >= c.LeastSpread then
            ValueNone
        else
            ValueSome(Shut.NarrowSpread(m.SpreadTicks, c.LeastSpread))

    let private balanced (c: GateConfig) (m: Moment) =
        if abs m.Obi <= c.MostObi then
            ValueNone
        else
            ValueSome(Shut.Unbalanced(m.Obi, c.MostObi))

    /// Names of the gates in the order in which they are asked: what counters and screens call them.
    let names =
        ImmutableArray.Create<string>("rotation", "significance", "phase", "dob", "spread", "obi")

    let private all = [| rotation; significance; phase; thin; wide; balanced |]

    /// A bit a gate, in the order of `names`: set where it is shut. 0 means go. Allocates only for the reasons.
    let mask (c: GateConfig) (m: Moment) : int =
        let mutable bits = 0

        for g in 0 .. all.Length - 1 do
            match all[g] c m with
            | ValueSome _ -> bits <- bits ||| (1 <<< g)
            | ValueNone -> ()

        bits

    /// The reasons to stay out; empty means go.
    let judge (c: GateConfig) (m: Moment) : ImmutableArray<Shut> =
        all
        |> Seq.choose (fun gate ->
            match gate c m with
            | ValueSome shut -> Some shut
            | ValueNone -> None)
        |> ImmutableArray.CreateRange

    /// E from which the valid detector is ACTIVE, once it has scored enough boundaries: three times what the largest p asks for.
    let evidenceNeeded (c: GateConfig) : float = 3.0 / c.PMax

    /// What `shortfall` is counted in, in the order of `names`; empty where it has no unit, as p and the imbalance. Where there is
    /// evidence, significance is counted in that.
    let units = ImmutableArray.Create<string>("", "", "s", "share", "ticks", "")

    /// By how much the shut gate at that place of `names` falls short of opening; NaN where nothing can be compared: no period, no
    /// median. Seconds to the boundary band, the share by which the size lies above its bound, ticks of spread that are missing, and
    /// what p and the imbalance are above their limits. The valid detector's p is 1 from E = 1 down: the E that is missing says
    /// more; where none is, and too few boundaries were scored, nothing can be compared.
    let shortfall (c: GateConfig) (m: Moment) (gate: int) : float =
        match gate with
        | 1 when Double.IsNaN m.Rotation.Evidence -> max 0.0 (m.Rotation.PValue - c.PMax)
        | 1 when m.Rotation.IsActive -> 0.0
        | 1 ->
            let missing = evidenceNeeded c - m.Rotation.Evidence
            if missing > 0.0 then missing else nan
        | 2 ->
            let r = m.Rotation
            max 0.0 (min r.Phase (1.0 - r.Phase) * r.Period - r.Width)
        | 3 ->
            let least = m.MedianDob * (1.0 - c.Thinner)
            if least > 0.0 then m.Dob / least - 1.0 else nan
        | 4 -> float (c.LeastSpread - m.SpreadTicks)
        | 5 -> abs m.Obi - c.MostObi
        | _ -> nan

    let text (shut: Shut) =
        let n (v: float) =
            v.ToString("0.####", Globalization.CultureInfo.InvariantCulture)

        match shut with
        | Shut.NoRotation samples -> $"no period yet ({samples} samples seen)"
        | Shut.NotSignificant(p, most) -> $"the rotation is not significant: p {n p}, at most {n most}"
        | Shut.OffPhase(phase, period) -> $"phase {n phase} of {n period} s is not at a boundary"
        | Shut.NotThin(dob, least) -> $"top of book {n dob} is not below {n least}"
        | Shut.NarrowSpread(ticks, least) -> $"spread {ticks} ticks, at least {least}"
        | Shut.Unbalanced(obi, most) -> $"imbalance {n obi}, at most {n most}"
