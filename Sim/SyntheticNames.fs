namespace Vrlg.Sim

open System
open System.Globalization
open Vrlg.Core

/// A synthetic market as people name it: `synthetic:strong,tick=wide,seed=2,minutes=60`.
[<NoComparison; NoEquality>]
type SyntheticName =
    {
        /// none, weak, medium, strong.
        Effect: string
        /// A tick of 50 bps, so that what lies inside a widened spread can pay fees; else 0.1 bps, as of BTC.
        IsWide: bool
        Seed: int64
        Minutes: int64
    }

    /// With every part spelled out.
    member n.Text =
        let tick = if n.IsWide then "wide" else "fine"
        $"synthetic:{n.Effect},tick={tick},seed={n.Seed},minutes={n.Minutes}"

/// Named synthetic markets: the same but for what happens at the boundaries of a period of two seconds.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module SyntheticName =
    let prefix = "synthetic:"

    /// Share of the best sizes that is gone, ticks of spread more, and how probable those are at a boundary.
    let private effects: (string * struct (float * int * float)) list =
        [
            "none", struct (0.0, 0, 0.0)
            "weak", struct (0.2, 1, 0.5)
            "medium", struct (0.4, 1, 0.8)
            "strong", struct (0.6, 3, 1.0)
        ]

    let private known = String.Join(", ", effects |> List.map fst)

    let private whole (key: string) (least: int64) (most: int64) (text: string) : Result<int64, string> =
        match Int64.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, n when n >= least && n <= most -> Ok n
        | _ -> Error $"{key}={text}: it must be a whole number between {least} and {most}"

    let private part (name: Result<SyntheticName, string>) (text: string) : Result<SyntheticName, string> =
        let value = text.Substring(text.IndexOf '=' + 1)

        match name, text.Substring(0, text.IndexOf '=' + 1) with
        | Error _, _ -> name
        | Ok n, "tick=" when value = "wide" || value = "fine" -> Ok { n with IsWide = (value = "wide") }
        | Ok _, "tick=" -> Error $"tick={value}: it must be fine or wide"
        | Ok n, "seed=" ->
            whole "seed" 0L Int64.MaxValue value
            |> Result.map (fun v -> { n with Seed = v })
        | Ok n, "minutes=" -> whole "minutes" 1L 1_440L value |> Result.map (fun v -> { n with Minutes = v })
        | Ok n, "" when effects |> List.exists (fun (e, _) -> e = text) -> Ok { n with Effect = text }
        | Ok _, "" -> Error $"{text}: the effect must be one of {known}"
        | Ok _, key -> Error $"{key}{value}: the parts are tick=, seed= and minutes="

    /// What such a text names; the part behind the prefix may be left out, or any of its parts.
    let parse (text: string) : Result<SyntheticName, string> =
        let start: SyntheticName =
            {
                Effect = "strong"
                IsWide = false
                Seed = 1L
                Minutes = 60L
            }

        let parts =
            text
                .Substring(prefix.Length)
                .Split(',', StringSplitOptions.TrimEntries ||| StringSplitOptions.RemoveEmptyEntries)

        Array.fold part (Ok start) parts

    /// What it trades: BTC, or a coin at 20 USD whose tick is 0.1.
    let instrument (btc: Instrument) (n: SyntheticName) : Instrument =
        if n.IsWide then { btc with Name = "WIDE" } else btc

    let config (btc: Instrument) (n: SyntheticName) : SyntheticConfig =
        let struct (thinner, wider, chance) =
            effects |> List.find (fun (e, _) -> e = n.Effect) |> snd

        let usual = Synthetic.usual (instrument btc n) n.Seed

        let basis =
            { usual with
                Length = Duration.OfMs(60_000L * n.Minutes)
                Thinner = thinner
                Wider = wider
                WiderChance = chance
            }

        if n.IsWide then
            { basis with
                Tick = 10_000_000L
                Anchor = 200.0
                Noise = 0.05
                Looser = 0.0
                // Who wants to trade comes when the book is thin: both sides of what we quote are met soon.
                Rush = if n.Effect = "none" then usual.TradeRate else 20.0
                JumpEvery = Duration.OfMs 60_000L
                JumpTicks = 1
            }
        else
            basis

    /// What is known of it, for people.
    let words (btc: Instrument) (n: SyntheticName) : string =
        let c = config btc n
        let period = c.Period

        if n.Effect = "none" then
            "synthetic market: nothing happens at any instant more than at others"
        else
            $"synthetic market: every {period.Seconds} s the top of the book thins by {100.0 * c.Thinner} percent; "
            + $"with probability {c.WiderChance} the spread widens by {c.Wider} ticks"
