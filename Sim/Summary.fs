namespace Vrlg.Sim

open System
open System.Buffers
open System.Collections.Immutable
open System.Globalization
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open Vrlg.Core

/// What a run was fed with and how it is to be found again.
[<NoComparison; NoEquality>]
type RunInfo =
    {
        Setup: RunSetup
        Strategy: string
        /// Q1, Q2 or synthetic (simulation.md 2).
        DataTier: string
        /// What may be claimed of it.
        DataTierLabel: string
        Latency: LatencyConfig
        /// Delays as they came to be.
        Delays: LatencyMeans
        Queue: QueueModel
        Seed: int64
        Run: int64
        /// First and last venue instant of the data.
        From: Instant
        To: Instant
        ConfigSha256: string
        JournalSha256: string
        /// The tables beside the summary, each with the SHA-256 of its text.
        Tables: ImmutableArray<struct (string * string)>
        Warnings: ImmutableArray<string>
        IsComplete: bool
        RepeatedTrades: int
        SkippedRows: int
        /// The block clock at the end.
        Stall: Stall
    }

/// The figures of a run as one JSON object, the same text for the same run.
[<RequireQualifiedAccess>]
module Summary =
    /// What people must know of a run before its figures.
    let warnings (result: WorldResult) : string list =
        [
            match result.Exchange.Liquidations with
            | 0L -> ()
            | n ->
                $"the venue closed a position in {n} cases, as the account's value fell below the maintenance margin: "
                + "these fills have the reason liquidation"
            match result.Exchange.OverAllowance with
            | 0L -> ()
            | n -> $"{n} commands were refused, as the allowance of actions was spent (account.allowance)"
            match result.Delays.Clamped with
            | 0L -> ()
            | n -> $"{n} receipts lay before their venue time: such records were seen at their venue time"
        ]

    let private haltedText (trail: Trail) (at: Instant) : string =
        let length: Duration = trail.LastAt - at
        let s = length.Seconds.ToString("0", CultureInfo.InvariantCulture)
        $"the {s} s to the end of the data"

    /// For how long nothing was allowed after a halt; none without one.
    let halted (trail: Trail) : string voption =
        trail.Halt
        |> ValueOption.map (fun struct (at, _) -> $"from {at} on: nothing was allowed for {haltedText trail at}")

    /// A kill switch tripped: what people must be told before any figure.
    let haltWarnings (trail: Trail) : string list =
        match trail.Halt with
        | ValueSome(struct (at, why)) ->
            [
                $"{why}, at {at}: all orders were cancelled, positions left, and nothing opened after it, for {haltedText trail at}"
            ]
        | ValueNone -> []

    let private nameOfSkip = "skipped."

    /// The strategy wanted to enter and had no actions left to pay for it.
    let budgetWarnings (gauges: ImmutableArray<struct (string * float)>) : string list =
        [
            for struct (name, n) in gauges do
                if name = nameOfSkip + "budget" && n > 0.0 then
                    $"at {int64 n} grid instants nothing was entered, as the allowance of actions was spent (account.allowance)"
        ]

    let private money = FiguresJson.money

    let private number = FiguresJson.number

    /// How many fills each reason brought, the most frequent first.
    let fillsByReason (trail: Trail) : struct (string * int) list =
        trail.Fills
        |> Seq.countBy (fun f -> f.Reason)
        |> Seq.sortBy (fun (reason, n) -> -n, reason)
        |> Seq.map (fun (reason, n) -> struct (reason, n))
        |> Seq.toList

    let private counts
        (w: Utf8JsonWriter)
        (name: string)
        (prefix: string)
        (gauges: ImmutableArray<struct (string * float)>)
        =
        w.WriteStartObject name

        for struct (key, value) in gauges do
            if key.StartsWith(prefix, StringComparison.Ordinal) && value > 0.0 then
                w.WriteNumber(key.Substring prefix.Length, int64 value)

        w.WriteEndObject()

    let private span (w: Utf8JsonWriter) (info: RunInfo) (trail: Trail) =
        w.WriteStartObject "span"
        w.WriteString("from", info.From.ToString())
        w.WriteString("to", info.To.ToString())
        number w "active_minutes" (ValueSome trail.ActiveMinutes)
        w.WriteEndObject()

    let private gaps (w: Utf8JsonWriter) (trail: Trail) =
        w.WriteStartArray "gaps"

        for s in trail.Silences do
            let length: Duration = s.To - s.From
            w.WriteStartObject()
            w.WriteString("from", s.From.ToString())
            w.WriteString("to", s.To.ToString())
            number w "seconds" (ValueSome length.Seconds)
            w.WriteEndObject()

        w.WriteEndArray()

    /// The longest interval of the block clock. A recording without blocks says nothing of the connection: its silences are gaps,
    /// and the longest is that of the time that is covered.
    let private longest (stall: Stall) (trail: Trail) : Duration =
        if stall.Used = StallSource.Approx && stall.Longest.Ns > trail.LongestQuiet.Ns then
            trail.LongestQuiet
        else
            stall.Longest

    /// What the block clock went by, and how long the longest interval was, in one line.
    let blockClockText (setup: RunSetup) (stall: Stall) (trail: Trail) : string =
        let limit = Exact.show (setup.Values.Exact "risk.block_stall_s")

        match stall.Used with
        | StallSource.Blocks -> $"blocks, longest interval {longest stall trail} of {limit} s allowed"
        | StallSource.Approx ->
            $"approx: without blocks nothing is watched in a recording, where a silence is a gap and no stall; "
            + $"longest silence of the book outside gaps {longest stall trail}"
        | _ -> "none"

    /// A limit that somebody set and that cannot act.
    let blockClockWarnings (setup: RunSetup) (stall: Stall) : string list =
        let limit = setup.Values.Exact "risk.block_stall_s"

        if stall.Used = StallSource.Approx && limit <> ScalperKeys.blockStall then
            [
                $"risk.block_stall_s = {Exact.show limit} cannot act here: the data hold no blocks, and a silence of a recording is a gap"
            ]
        else
            []

    /// The block clock as an object (D0-069); null where nothing was heard.
    let private blockClock (w: Utf8JsonWriter) (info: RunInfo) (trail: Trail) =
        let stall = info.Stall
        let limit = float (info.Setup.Values.Exact "risk.block_stall_s") / 1e8
        let longest = longest stall trail
        w.WriteStartObject "block_clock"
        w.WriteString("source", Words.source stall.Used)
        number w "limit_s" (ValueSome limit)

        number
            w
            "longest_s"
            (if stall.Used = StallSource.None then
                 ValueNone
             else
                 ValueSome longest.Seconds)

        w.WriteString("text", blockClockText info.Setup stall trail)
        w.WriteEndObject()

    /// When entries paused, when a halt ended all, what was said of the rules, and why the fills came about.
    let private rules (w: Utf8JsonWriter) (info: RunInfo) (trail: Trail) =
        let pauses = trail.Pauses
        w.WriteStartObject "paused"
        w.WriteNumber("times", pauses.Length)
        number w "seconds" (ValueSome(Remarks.seconds pauses))
        w.WriteString("text", Remarks.pauseText pauses info.From info.To)
        w.WriteEndObject()

        match halted trail with
        | ValueSome text -> w.WriteString("halted", text)
        | ValueNone -> w.WriteNull "halted"

        w.WriteStartObject "remarks"

        for pair in trail.Remarks.Counts do
            w.WriteNumber(pair.Key, pair.Value)

        w.WriteEndObject()
        w.WriteStartObject "fills_by_reason"

        for struct (reason, count) in fillsByReason trail do
            w.WriteNumber(reason, count)

        w.WriteEndObject()

    let private figures (w: Utf8JsonWriter) (info: RunInfo) (trail: Trail) (f: Figures) =
        let trips = f.Trips
        let closed = trips.Closed
        let fills = trail.Fills

        let sum (f: RoundTrip -> Usd) =
            closed |> Seq.sumBy (fun t -> let u = f t in u.Raw) |> Usd.Of

        w.WriteNumber("trades", closed.Length)
        number w "hit_rate" (Metrics.hitRate closed)
        money w "gross_usd" (sum (fun t -> t.Gross))
        money w "fees_usd" (sum (fun t -> t.Fee))
        money w "net_usd" (sum (fun t -> t.Net))
        number w "avg_pnl_bps" (Metrics.avgPnlBps closed)
        number w "slippage_ticks" (Metrics.slippageTicks info.Setup.Instrument fills)
        number w "holding_ms" (Metrics.holdingMs trips.Lots)
        number w "trades_per_min" (Metrics.perMinute closed.Length trail.ActiveMinutes)

        number
            w
            "max_drawdown_usd"
            (match f.Objective.MaxDrawdown with
             | ValueSome d -> ValueSome d.Usd
             | ValueNone -> ValueNone)

        counts w "skipped" nameOfSkip trail.Gauges
        RotationFigures.write w (RotationFigures.ofRun info.Setup trail)
        GateRows.write w trail.Gauges
        rules w info trail

    let private beside (w: Utf8JsonWriter) (info: RunInfo) (trail: Trail) (trips: Trips) =
        let fills = trail.Fills
        let capital = float (info.Setup.Values.Exact "account.equity_usd") / 1e8
        w.WriteStartObject "more"
        number w "avg_pnl_bps_equal" (Metrics.avgPnlBpsEqual trips.Closed)
        number w "slippage_ticks_vs_touch" (Metrics.slippageTicksVsTouch info.Setup.Instrument fills)
        number w "holding_ms_median" (Metrics.holdingMsAt 0.5 trips.Lots)
        number w "holding_ms_p95" (Metrics.holdingMsAt 0.95 trips.Lots)
        number w "fills_per_min" (Metrics.perMinute fills.Length trail.ActiveMinutes)
        number w "turnover" (ValueSome(Metrics.turnover fills capital))
        w.WriteNumber("cancels", trail.Cancels)
        w.WriteNumber("repeated_trades", info.RepeatedTrades)
        w.WriteNumber("skipped_rows", info.SkippedRows)
        counts w "shut" "shut." trail.Gauges
        w.WriteStartObject "refused"

        for pair in trail.Refusals do
            w.WriteNumber(pair.Key, pair.Value)

        w.WriteEndObject()
        w.WriteEndObject()

    let private fees (w: Utf8JsonWriter) (values: Values) =
        let bps path =
            decimal (values.Exact path) / 100_000_000m

        w.WriteNumber("maker_bps", bps "fees.maker_bps")
        w.WriteNumber("taker_bps", bps "fees.taker_bps")

    /// The effective tick at the last mid; null without one.
    let private ticks (w: Utf8JsonWriter) (info: RunInfo) (trail: Trail) =
        if trail.LastMidTwice > 0L then
            let px = Px.Of(trail.LastMidTwice / 2L)
            let i = info.Setup.Instrument
            w.WriteNumber("tick", decimal (Instrument.tickAt i px) / 100_000_000m)
            let f = Setup.feasibility info.Setup px
            w.WriteNumber("break_even_ticks", f.MakerTakerTicks)
            w.WriteStartObject "feasibility"
            number w "tick_bps" (ValueSome f.TickBps)
            w.WriteNumber("break_even_ticks_maker_maker", f.MakerMakerTicks)
            w.WriteNumber("break_even_ticks_maker_taker", f.MakerTakerTicks)
            w.WriteNumber("aim_ticks", f.AimTicks)
            number w "aim_bps" (ValueSome f.AimBps)
            w.WriteBoolean("pays_maker_exit", f.CanPay)
            w.WriteBoolean("pays_taker_exit", f.PaysUsualExit)
            w.WriteString("verdict", Feasibility.verdict f)
            let own = Usd.Of(info.Setup.Values.Exact "account.equity_usd")

            match Preflight.sizeAt info.Setup px with
            | EntrySize.Of sz -> w.WriteNumber("entry_size", decimal sz.Raw / 100_000_000m)
            | _ -> w.WriteNull "entry_size"

            match Sizing.leastEquity (Preflight.sizeRule info.Setup own) i px with
            | ValueSome usd -> w.WriteNumber("least_equity_usd", decimal usd.Raw / 100_000_000m)
            | ValueNone -> w.WriteNull "least_equity_usd"

            w.WriteEndObject()
        else
            w.WriteNull "tick"
            w.WriteNull "break_even_ticks"
            w.WriteNull "feasibility"

    /// Mean delays in milliseconds, order in the channels and rounding included.
    let private delays (w: Utf8JsonWriter) (d: LatencyMeans) =
        let mean name (count: int64) (ns: float) =
            number w name (if count = 0L then ValueNone else ValueSome(ns / 1e6))

        w.WriteStartObject "effective_latency"
        mean "ingest_ms" d.Messages d.Ingest
        mean "entry_ms" (d.Commands - d.Lost) d.Entry
        mean "response_ms" d.Reports d.Response
        w.WriteNumber("messages", d.Messages)
        w.WriteNumber("commands", d.Commands)
        w.WriteNumber("lost", d.Lost)
        w.WriteNumber("receipts_before_venue_time", d.Clamped)
        w.WriteNumber("reports", d.Reports)
        w.WriteEndObject()

    let private tables (w: Utf8JsonWriter) (info: RunInfo) =
        w.WriteStartObject "tables_sha256"

        for struct (name, hash) in info.Tables do
            w.WriteString(name, hash)

        w.WriteEndObject()

    let private write (w: Utf8JsonWriter) (info: RunInfo) (trail: Trail) (f: Figures) (bounds: QueueBounds voption) =
        let i = info.Setup.Instrument
        let trips = f.Trips
        w.WriteStartObject()
        w.WriteString("coin", i.Name)
        w.WriteString("mode", "backtest")
        w.WriteString("account", "simulated")
        span w info trail
        w.WriteNumber("events", trail.Events)
        gaps w trail
        blockClock w info trail
        w.WriteString("data_tier", info.DataTier)
        w.WriteNumber("seed", info.Seed)
        w.WriteString("config_sha256", info.ConfigSha256)
        w.WriteString("journal_sha256", info.JournalSha256)
        tables w info
        w.WriteNumber("run", info.Run)
        figures w info trail f
        w.WriteNumber("open_position", decimal trips.Open.Raw / 100_000_000m)
        money w "open_fees_usd" trips.OpenFee
        w.WriteNumber("fills", trail.Fills.Length)
        w.WriteNumber("orders", trail.Orders.Count)
        w.WriteString("strategy", info.Strategy)
        w.WriteNumber("ticks", trail.Ticks)
        fees w info.Setup.Values
        ticks w info trail

        w.WriteString("latency", Latency.text info.Latency)
        delays w info.Delays

        w.WriteString("queue", Queue.name info.Queue)
        w.WriteNumber("equity_usd", decimal (info.Setup.Values.Exact "account.equity_usd") / 100_000_000m)
        w.WriteStartArray "warnings"

        for warning in info.Warnings do
            w.WriteStringValue warning

        w.WriteEndArray()
        w.WriteBoolean("complete", info.IsComplete)
        beside w info trail trips
        w.WriteString("data_tier_label", info.DataTierLabel)
        FiguresJson.write w (DataTier.knowsQueue info.DataTier) f
        FiguresJson.bounds w info.Queue bounds
        w.WriteEndObject()

    /// The object's text, indented, with a final line end. Without `bounds` the run was cut short before they were known.
    let json (info: RunInfo) (trail: Trail) (f: Figures) (bounds: QueueBounds voption) : string =
        let bytes = ArrayBufferWriter<byte>()

        let options =
            JsonWriterOptions(Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

        use w = new Utf8JsonWriter(bytes, options)
        write w info trail f bounds
        w.Flush()
        Encoding.UTF8.GetString bytes.WrittenSpan + "\n"
