namespace Vrlg.Sim

open System
open System.Collections.Immutable
open System.Globalization
open System.Text.Json
open Vrlg.Core

/// How often and by how much one gate kept a run out.
[<NoComparison>]
type GateRow =
    {
        Name: string
        /// Instants of the grid at which it was shut, was the first to say no, and alone said no.
        Shut: int64
        First: int64
        Alone: int64
        /// By how much it fell short of opening when it was the first: mean, least, and the least of the times when it was alone.
        Mean: float voption
        Least: float voption
        LeastAlone: float voption
        /// `s`, `share`, `ticks`, `of E 300`; empty where the numbers have none.
        Unit: string
    }

/// The gates' numbers out of a strategy's gauges, for table, summary and log.
[<RequireQualifiedAccess>]
module GateRows =
    /// A row a gate in the order of asking; empty where the strategy has no such gauges.
    let ofGauges (gauges: ImmutableArray<struct (string * float)>) : GateRow list =
        let gauge (name: string) =
            gauges
            |> Seq.tryPick (fun struct (key, value) -> if key = name then Some value else None)
            |> ValueOption.ofOption

        let count (name: string) =
            gauge name |> ValueOption.defaultValue 0.0 |> int64

        // Evidence is counted toward what makes the detector ACTIVE.
        let unit (g: int) =
            match gauge "evidence_needed" with
            | ValueSome needed when Gates.names[g] = "significance" ->
                "of E " + needed.ToString("0.##", CultureInfo.InvariantCulture)
            | _ -> Gates.units[g]

        [
            for g, name in Seq.indexed Gates.names do
                if ValueOption.isSome (gauge ("shut." + name)) then
                    {
                        Name = name
                        Shut = count ("shut." + name)
                        First = count ("skipped." + name)
                        Alone = count ("alone." + name)
                        Mean = gauge ("short_mean." + name)
                        Least = gauge ("short_least." + name)
                        LeastAlone = gauge ("short_alone." + name)
                        Unit = unit g
                    }
        ]

    /// A distance as people read it: `34 %`, `0.21 s`, `1 tick`, `0.93`.
    let words (unit: string) (value: float voption) : string =
        let text (v: float) =
            if v > 0.0 && v < 0.001 then
                "<0.001"
            else
                v.ToString("0.###", CultureInfo.InvariantCulture)

        match value with
        | ValueNone -> "-"
        | ValueSome v ->
            match unit with
            | "share" -> text (100.0 * v) + " %"
            | "" -> text v
            | "ticks" when v = 1.0 -> "1 tick"
            | _ -> text v + " " + unit

    /// A sentence about a gate that kept the run out.
    let sentence (r: GateRow) : string =
        let by =
            match r.Mean with
            | ValueNone -> "by how much cannot be said"
            | mean -> $"short by {words r.Unit mean} on average and {words r.Unit r.Least} at least"

        let alone =
            match r.LeastAlone with
            | ValueNone -> ""
            | least -> $" (then by {words r.Unit least} at least)"

        let n (v: int64) =
            let s = v.ToString("#,0", CultureInfo.InvariantCulture)
            if v = 1L then "1 instant" else s + " instants"

        $"gate {r.Name}: the first to say no at {n r.First}, {by}; alone at {n r.Alone}{alone}"

    /// The object `gates`: a gate a name.
    let write (w: Utf8JsonWriter) (gauges: ImmutableArray<struct (string * float)>) =
        let number (name: string) (value: float voption) =
            match value with
            | ValueSome v when Double.IsFinite v && abs v < 1e21 -> w.WriteNumber(name, Math.Round(decimal v, 6))
            | _ -> w.WriteNull name

        w.WriteStartObject "gates"

        for r in ofGauges gauges do
            w.WriteStartObject r.Name
            w.WriteNumber("shut", r.Shut)
            w.WriteNumber("first", r.First)
            w.WriteNumber("alone", r.Alone)
            w.WriteString("unit", r.Unit)
            number "short_mean" r.Mean
            number "short_least" r.Least
            number "short_least_alone" r.LeastAlone
            w.WriteEndObject()

        w.WriteEndObject()
