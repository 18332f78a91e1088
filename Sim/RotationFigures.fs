namespace Vrlg.Sim

open System
open System.Globalization
open System.Text.Json
open Vrlg.Core

/// What the detector of a run found.
[<NoComparison>]
type RotationFigures =
    {
        /// Which detector it was.
        Detector: string
        /// At the end; none without a period.
        PeriodS: float voption
        Phase: float voption
        PValue: float
        /// None of the document's detector.
        Evidence: float voption
        /// The largest of the run, and from which it is ACTIVE.
        LargestEvidence: float voption
        NeededEvidence: float voption
        /// Share of the run's seconds that were ACTIVE, and the first of them.
        ActiveShare: float voption
        FirstActive: Instant voption
        /// Median period over those seconds.
        MedianPeriodS: float voption
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module RotationFigures =
    let ofRun (setup: RunSetup) (trail: Trail) : RotationFigures =
        let gauge (name: string) =
            trail.Gauges
            |> Seq.tryPick (fun struct (key, value) -> if key = name then Some value else None)
            |> ValueOption.ofOption

        let known (v: float) =
            if v > 0.0 then ValueSome v else ValueNone

        let period = gauge "period_s" |> ValueOption.bind known
        let samples = trail.Samples
        let active = samples |> Seq.filter (fun s -> s.IsActive) |> Seq.toArray

        let periods =
            active |> Array.map (fun s -> s.Period) |> Array.filter Double.IsFinite

        {
            Detector = setup.Values.Text "signal.detector"
            PeriodS = period
            Phase = if period.IsSome then gauge "phase" else ValueNone
            PValue = gauge "p_value" |> ValueOption.defaultValue 1.0
            Evidence = gauge "evidence"
            LargestEvidence = trail.LargestEvidence
            NeededEvidence = gauge "evidence_needed"
            ActiveShare =
                if samples.Length = 0 then
                    ValueNone
                else
                    ValueSome(float active.Length / float samples.Length)
            FirstActive =
                if active.Length = 0 then
                    ValueNone
                else
                    ValueSome(Instant.Of active[0].At)
            MedianPeriodS =
                if periods.Length = 0 then
                    ValueNone
                else
                    ValueSome(Stats.median (ReadOnlySpan periods))
        }

    /// Why it was never ACTIVE, as far as the evidence says; for the document's detector nothing more can be said.
    let neverActive (f: RotationFigures) : string =
        let text (v: float) =
            v.ToString((if v < 1.0 then "0.######" else "0.##"), CultureInfo.InvariantCulture)

        match f.LargestEvidence, f.NeededEvidence with
        | ValueSome largest, ValueSome needed when largest < needed ->
            $"never: largest E {text largest} of {text needed}; it observes until E reaches that"
        | ValueSome largest, ValueSome needed ->
            $"never: largest E {text largest}, {text needed} is enough, but too few boundaries were scored"
        | _ -> "never"

    /// The object `rotation`; null where a figure is not defined.
    let write (w: Utf8JsonWriter) (f: RotationFigures) =
        let number (name: string) (value: float voption) =
            match value with
            | ValueSome v when Double.IsFinite v && abs v < 1e21 -> w.WriteNumber(name, Math.Round(decimal v, 6))
            | _ -> w.WriteNull name

        w.WriteStartObject "rotation"
        w.WriteString("detector", f.Detector)
        number "period_s" f.PeriodS
        number "phase" f.Phase
        number "p_value" (ValueSome f.PValue)
        number "evidence" f.Evidence
        number "largest_evidence" f.LargestEvidence
        number "evidence_needed" f.NeededEvidence
        number "active_share" f.ActiveShare

        match f.FirstActive with
        | ValueSome at -> w.WriteString("first_active", at.ToString())
        | ValueNone -> w.WriteNull "first_active"

        number "median_period_active_s" f.MedianPeriodS
        w.WriteEndObject()
