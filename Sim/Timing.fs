namespace Vrlg.Sim

open System
open Vrlg.Core

/// From the settings `[latency]` to the delays of a run.
[<RequireQualifiedAccess>]
module Timing =
    // Settings in milliseconds are 1e-8 of them: a nanosecond is 100 of those.
    let private ns raw = Duration.Of(raw / 100L)

    let private range (values: Values) path : Delay =
        let struct (a, b) = values.Span path

        if a = b then
            Delay.Constant(ns a)
        else
            Delay.Uniform(ns a, ns b)

    let private loaded (values: Values) (usual: Delay) : Delay =
        match values.Whole "latency.load_ns" with
        | 0L -> usual
        | perEvent -> Delay.Loaded(usual, Duration.Of perEvent, values.Whole "latency.load_free")

    /// A round trip of its own; the one of `order_rt_ms` where the setting is below 0.
    let private own (values: Values) path (usual: OrderDelay) : OrderDelay =
        let struct (least, _) = values.Span path

        if least < 0L then
            usual
        else
            OrderDelay.Split(loaded values (range values path), float (values.Exact "latency.entry_share") / 1e8)

    let private orders (values: Values) (rows: LatencyTable voption) : OrderDelay =
        match rows with
        | ValueNone ->
            OrderDelay.Split(
                loaded values (range values "latency.order_rt_ms"),
                float (values.Exact "latency.entry_share") / 1e8
            )
        | ValueSome rows when values.Text "latency.order_model" = "interpolated" -> OrderDelay.Interpolated rows
        | ValueSome rows -> OrderDelay.Empirical(rows, values.Flag "latency.same_hour")

    /// The recorded requests' file that the settings name; nothing for `none`.
    let file (values: Values) : string voption =
        match values.Text "latency.order_file" with
        | "none" -> ValueNone
        | path -> ValueSome path

    let usesRecorded (values: Values) =
        values.Text "latency.ingest" = "recorded"

    /// The delays in force; `rows` are the requests of `latency.order_file`.
    let config (values: Values) (rows: LatencyTable voption) : LatencyConfig =
        let place = orders values rows

        {
            UseRecorded = usesRecorded values
            Ingest = loaded values (range values "latency.ingest_ms")
            Place = place
            Cancel = own values "latency.cancel_rt_ms" place
            Modify = own values "latency.modify_rt_ms" place
            OrderChannelFifo = values.Flag "latency.fifo"
            Compute =
                match values.Exact "latency.compute_ms" with
                | 0L -> ComputeModel.Zero
                | raw -> ComputeModel.Constant(ns raw)
            QueueStep = ns (values.Exact "latency.queue_step_ms")
        }

    let private rule (values: Values) : ClockRule =
        match values.Text "latency.clock" with
        | "always" -> ClockRule.Always
        | "never" -> ClockRule.Never
        | _ -> ClockRule.Auto

    /// The tape as the settings want its receipts: untouched when they are drawn, else with the recorder's clock corrected,
    /// and a sentence about the correction where there was one. An error is a sentence.
    let receipts (values: Values) (tape: Tape) : Result<struct (Tape * string voption), string> =
        if not (usesRecorded values) then
            Ok(struct (tape, ValueNone))
        else
            let estimate = SkewEstimate(ns (values.Exact "latency.ingest_floor_ms"))

            for i in 0 .. tape.Count - 1 do
                estimate.Add(tape.VenueAt i, tape.RecvAt i)

            estimate.Finish(rule values)
            |> Result.map (fun c ->
                if c.Shifts.IsEmpty then
                    struct (tape, ValueNone)
                else
                    struct (ShiftedTape(tape, c.Shifts) :> Tape, c.Sentence))
