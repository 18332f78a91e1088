namespace Vrlg.Sim

open System
open System.Collections.Immutable
open System.Security.Cryptography
open System.Text
open Vrlg.Core

/// The two profiles in which the neutral feed is replayed (simulation.md 17).
type Profile =
    /// The rules of the house.
    | Default = 0
    /// Whole-order fills, unlimited trade-through, an unclamped queue, the local side first: comparable with other engines.
    | Compat = 1

/// A replay of the neutral feed as other engines can be asked for it.
[<RequireQualifiedAccess>]
module CoreBench =
    /// 20 ms in, 20 ms back.
    let delay = 20_000_000L

    let exchange (profile: Profile) (queue: QueueModel) : ExchangeConfig =
        let free: FeeRates =
            {
                Maker = Rate.Of 0L
                Taker = Rate.Of 0L
            }

        let rules =
            if profile = Profile.Compat then
                { MatchRules.Default with
                    IsCompat = true
                    Through = Through.Full
                    Cross = Cross.Full
                }
            else
                MatchRules.Default

        {
            Instruments = Yardstick.engine.Instruments
            Accounts = 1
            Fees = free
            Queue = queue
            CheckRules = false
            Rules = rules
        }

    let ties (profile: Profile) =
        if profile = Profile.Compat then
            TieOrder.LocalFirst
        else
            TieOrder.ExchangeFirst

    /// One pass of the simulator's core.
    let run (tape: NeutralTape) (profile: Profile) (queue: QueueModel) (cadence: Cadence) : CoreRun =
        CoreRun(tape, exchange profile queue, cadence, ties profile, delay)

    /// The fill log as text: a header, one line a fill, plain integers.
    let text (fills: ReadOnlySpan<LoggedFill>) : string =
        let lines = StringBuilder "exch_ts_ns,order_id,side,price_ticks,qty_lots,maker\n"

        for i in 0 .. fills.Length - 1 do
            let f = &fills[i]
            let side = if f.Side = Side.Buy then "buy" else "sell"
            let maker = if f.IsMaker then 1 else 0

            lines
                .Append(f.At)
                .Append(',')
                .Append(f.Order)
                .Append(',')
                .Append(side)
                .Append(',')
                .Append(f.Ticks)
                .Append(',')
                .Append(f.Lots)
                .Append(',')
                .Append(maker)
                .Append('\n')
            |> ignore<StringBuilder>

        lines.ToString()

    /// SHA-256 of the fill log, in lower-case hexadecimal.
    let sha256 (fills: ReadOnlySpan<LoggedFill>) : string =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text fills)))
