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

/// The feed as the compatibility profile's local side takes it: a trade takes nothing off the displayed book.
[<Sealed>]
type private UntouchedTape(tape: Tape) =
    inherit Tape()
    override _.Count = tape.Count
    override _.VenueAt i = tape.VenueAt i
    override _.RecvAt i = tape.RecvAt i

    override _.Event i =
        let e = tape.Event i

        if e.Kind = EventKind.Traded then
            // A trade that stands before the level's last record is counted in already.
            Event.Traded(e.Instrument, e.Side, e.Px, e.Sz, e.TradeId, Instant.Of 0L)
        else
            e

/// The fill log of a run through the whole engine.
[<Sealed>]
type private FillWatch(instrument: InstrumentId) =
    let fills = ResizeArray<LoggedFill>()
    let one = 100_000_000L
    let mutable cash = 0L
    let mutable lots = 0L
    member _.Log = fills.ToArray()
    member _.Cash = cash
    member _.Lots = lots
    member _.Count = int64 fills.Count

    interface IWatch with
        member _.Arrived _ = ()
        member _.Stepped(_, _, _) = ()
        member _.Beat(_, _) = ()

        member _.Executed(report, _) =
            match report.Rare with
            | ValueSome(RareEvent.Filled f) when f.Instrument.Index = instrument.Index ->
                let at, px, sz, cloid = report.VenueAt, f.Px, f.Sz, f.Cloid
                let q = sz.Raw / one
                let p = px.Raw / one
                lots <- lots + q
                cash <- if f.Side = Side.Buy then cash - q * p else cash + q * p

                fills.Add
                    {
                        At = at.Ns
                        Order = cloid.N
                        Side = f.Side
                        Ticks = p
                        Lots = q
                        IsMaker = f.IsMaker
                    }
            | _ -> ()

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

    /// The same through the whole engine: every record is one `Engine.step`, the strategy a desk with slots, risk and orders
    /// live, the journal off. Without a log nobody watches, and only what the run itself counts is answered.
    let full
        (tape: NeutralTape)
        (profile: Profile)
        (queue: QueueModel)
        (cadence: Cadence)
        (isLogged: bool)
        : struct (CoreResult * LoggedFill[]) =
        let id = InstrumentId.Of 0
        let watch = FillWatch id
        let half = Delay.Constant(Duration.Of(2L * delay))

        let config: WorldConfig =
            {
                Engine = Yardstick.engine
                Exchange = exchange profile queue
                Latency = LatencyConfig.Of(true, Delay.Constant(Duration.Of 0L), half, 0.5)
                Seed = 1L
                Phases =
                    { Phases.Plain with
                        Ties = ties profile
                    }
                Tick = Duration.OfMs 100L
                Run = { Run = 1L; FirstCloid = 1L }
                Cash = Usd.Of 0L
            }

        let records: Tape =
            if profile = Profile.Compat then
                UntouchedTape tape
            else
                tape

        let seen: IWatch | null = if isLogged then watch else null

        let result =
            World(config, [| Yardstick.desk cadence |], records, seen).Run((fun () -> false), null)

        let held = result.State.Facts.Ledger.Position(AccountId.Of 0, id)
        let position = held.Size.Raw / 100_000_000L
        let touch = result.State.Facts.Market(id).Touch

        struct ({
                    Steps =
                        (if cadence = Cadence.Timer then
                             result.Beats
                         else
                             result.Batches)
                    Submits = result.Submits
                    Cancels = result.Cancels
                    Fills = watch.Count
                    Lots = watch.Lots
                    Position = position
                    Equity = float watch.Cash + float position * float touch.MidTwice / 2e8
                },
                watch.Log)

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
