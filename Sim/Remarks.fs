namespace Vrlg.Sim

open System
open System.Collections.Generic
open System.Collections.Immutable
open Vrlg.Core

/// Something rare that was said of a rule, in one line.
[<NoComparison>]
type RemarkRow = { At: Instant; Text: string }

/// Entries paused, from one instant until another.
[<Struct; NoComparison; NoEquality>]
type EntryPause = { From: Instant; To: Instant }

/// What the strategy and the house said of their rules. The words of every entry and exit are left out: these are orders.
[<Sealed>]
type Remarks() =
    /// So many lines of one code are kept; all are counted.
    static let kept = 50
    let counts = SortedDictionary<string, int>(StringComparer.Ordinal)
    let rows = ImmutableArray.CreateBuilder<RemarkRow>()
    let pauses = ImmutableArray.CreateBuilder<EntryPause>()

    let number (remark: Remark) (name: string) =
        remark.Numbers
        |> Seq.tryPick (fun struct (key, v) -> if key = name then Some v else None)
        |> Option.defaultValue 0.0

    let isRule (code: string) =
        code <> "entry" && not (code.StartsWith("exit.", StringComparison.Ordinal))

    member _.Hear(at: Instant, remark: Remark) =
        if isRule remark.Code then
            let seen =
                match counts.TryGetValue remark.Code with
                | true, n -> n
                | _ -> 0

            counts[remark.Code] <- seen + 1

            if seen < kept then
                rows.Add { At = at; Text = $"{remark}" }

            if remark.Code = "pause.stop_outs" then
                let length = int64 (Math.Round(number remark "seconds" * 1e9))

                pauses.Add
                    {
                        From = at
                        To = at + Duration.Of length
                    }

    /// How often each was said, by code.
    member _.Counts: IReadOnlyDictionary<string, int> = counts
    /// In the order of time, the first fifty of a code.
    member _.Rows = rows.ToImmutable()

    /// None overlaps another, and none goes past the end.
    member _.Pauses(until: Instant) : ImmutableArray<EntryPause> =
        let all = ImmutableArray.CreateBuilder<EntryPause>()

        for p in pauses do
            let ends = if p.To.Ns > until.Ns then until else p.To

            let from =
                if all.Count > 0 && all[all.Count - 1].To.Ns > p.From.Ns then
                    all[all.Count - 1].To
                else
                    p.From

            if ends.Ns > from.Ns then
                all.Add { From = from; To = ends }

        all.ToImmutable()

/// The words for them.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Remarks =
    /// What a code means; the code itself where it is not known.
    let meaning (code: string) : string =
        match code with
        | "impact.halved" -> "book impact above its limit: entries halved"
        | "impact.restored" -> "book impact low again: entries whole"
        | "slippage.over" -> "slippage above its limit: quotes deeper, no opening crosses"
        | "slippage.recovered" -> "slippage within its limit again"
        | "pause.stop_outs" -> "entries paused after stop-outs in a row"
        | "size.too_small" -> "the equity buys less than the least order"
        | "size.halved" -> "half an entry is less than the least order"
        | "hedge.on" -> "the house began to hedge the net delta"
        | "hedge.off" -> "the net delta is low again: no more hedges"
        | other -> other

    /// An instant to the millisecond, UTC.
    let private moment (at: Instant) : string =
        DateTime.UnixEpoch
            .AddTicks(at.Ns / 100L)
            .ToString("yyyy-MM-dd HH:mm:ss.fff", Globalization.CultureInfo.InvariantCulture)
        + " UTC"

    let seconds (pauses: ImmutableArray<EntryPause>) : float =
        pauses |> Seq.sumBy (fun p -> let d: Duration = p.To - p.From in d.Seconds)

    /// `paused 2 times, 597 s of 1200 s: from A until B; from C until D`; at most five of them are named.
    let pauseText (pauses: ImmutableArray<EntryPause>) (from: Instant) (until: Instant) : string =
        let span: Duration = until - from

        let whole (s: float) =
            s.ToString("0", Globalization.CultureInfo.InvariantCulture)

        let times =
            if pauses.Length = 1 then
                "once"
            else
                $"{pauses.Length} times"

        let named =
            pauses
            |> Seq.truncate 5
            |> Seq.map (fun p -> $"from {moment p.From} until {moment p.To}")

        let more =
            if pauses.Length > 5 then
                $"; {pauses.Length - 5} more"
            else
                ""

        if pauses.IsEmpty then
            "never"
        else
            $"""{times}, {whole (seconds pauses)} s of {whole span.Seconds} s: {String.Join("; ", named)}{more}"""
