/// What people see at the end of a run.
module Vrlg.Cli.Outcome

open System
open System.Collections.Immutable
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Sim

let private money (u: Usd) =
    $"{(decimal u.Raw / 100_000_000m):``0.00####``} USD"

/// What stood in the way when every gate was open.
let private skipRows (gauges: ImmutableArray<struct (string * float)>) =
    gauges
    |> Seq.choose (fun struct (name, value) ->
        if name.StartsWith("skipped.", StringComparison.Ordinal) && value > 0.0 then
            Some(name.Substring 8, int64 value)
        else
            None)
    |> Seq.filter (fun (name, _) -> not (Gates.names.Contains name))
    |> Seq.sortByDescending snd
    |> Seq.map (fun (name, count) -> name, whole count + SkipReasons.words name)
    |> Seq.toArray

/// Which gate kept the run out, and by how much.
let private gateTable (trail: Trail) =
    let rows = GateRows.ofGauges trail.Gauges

    if not rows.IsEmpty then
        Console.Out.WriteLine()

        table
            $"gates at {whole trail.Ticks} grid instants: shut; the first to say no, and then short of opening by; alone"
            [
                "gate", Left
                "shut", Right
                "first", Right
                "short, mean", Right
                "least", Right
                "alone", Right
                "least alone", Right
            ]
            [
                for r in rows ->
                    [
                        r.Name
                        whole r.Shut
                        whole r.First
                        GateRows.words r.Unit r.Mean
                        GateRows.words r.Unit r.Least
                        whole r.Alone
                        GateRows.words r.Unit r.LeastAlone
                    ]
            ]

    let others = skipRows trail.Gauges

    if others.Length > 0 then
        Console.Out.WriteLine()
        pairs "grid instants without an entry that no gate kept out" others

let private sizeWords (setup: RunSetup) (px: Px) =
    let equity = Usd.Of(setup.Values.Exact "account.equity_usd")

    let least =
        match Sizing.leastEquity (Preflight.sizeRule setup equity) setup.Instrument px with
        | ValueSome usd -> $"{usd} USD of equity at least"
        | ValueNone -> "no equity is enough for the venue's least order"

    match Preflight.sizeAt setup px with
    | EntrySize.Of sz -> $"{sz} {setup.Instrument.Name} at {px}, {Preflight.shown setup px sz}; {least}"
    | _ -> $"none at {px}: {least}"

let private feeRows (setup: RunSetup) (midTwice: int64) =
    let bps = Fees.breakEvenBps (Setup.fees setup) true false

    if midTwice > 0L then
        let px = Px.Of(midTwice / 2L)
        let f = Setup.feasibility setup px
        let least = counted f.MakerTakerTicks "tick"

        let tick = Instrument.tickAt setup.Instrument px
        let configured = setup.Values.Exact "symbol.tick_size"

        let unused =
            if tick = configured then
                ""
            else
                $"; symbol.tick_size {Exact.show configured} is not used"

        [
            "tick", $"{Exact.show tick} at {px}, by the venue's rule{unused}"
            "size of an entry", sizeWords setup px
            "fees of a round trip", $"{bps:``0.##``} bps (maker in, taker out), at least {least} at {px}"
            "feasibility", Feasibility.verdict f
        ]
    else
        [ "fees of a round trip", $"{bps:``0.##``} bps (maker in, taker out)" ]

/// What the rules of risk did.
let private ruleTable (info: RunInfo) (trail: Trail) =
    let rows =
        [
            "entries paused", Remarks.pauseText trail.Pauses info.From info.To

            match Summary.halted trail with
            | ValueSome text -> "halted", text
            | ValueNone -> ()

            for pair in trail.Remarks.Counts do
                pair.Key, $"{whole (int64 pair.Value)}: {Remarks.meaning pair.Key}"

            if not trail.Fills.IsEmpty then
                let fills =
                    [
                        for struct (reason, n) in Summary.fillsByReason trail -> $"{reason} {whole (int64 n)}"
                    ]

                "fills by reason", String.Join(", ", fills)
        ]

    Console.Out.WriteLine()
    pairs "rules of risk" rows

/// What the detector found, and from when on it let the strategy trade.
let private rotation (info: RunInfo) (trail: Trail) =
    let f = RotationFigures.ofRun info.Setup trail
    let seconds = withUnit 3 "s"

    let active =
        match f.FirstActive with
        | ValueSome at ->
            let after: Duration = at - info.From

            $"{number 1 (f.ActiveShare |> ValueOption.map (fun s -> 100.0 * s))} %% of the seconds, first after {number 0 (ValueSome after.Seconds)} s"
        | ValueNone -> RotationFigures.neverActive f

    let p =
        if f.PValue < 1e-6 then
            "below 0.000001"
        else
            number 6 (ValueSome f.PValue)

    Console.Out.WriteLine()

    pairs
        $"rotation, by the {f.Detector} detector"
        [
            "period while ACTIVE", seconds f.MedianPeriodS
            "ACTIVE", active
            "at the end", $"period {seconds f.PeriodS}, phase {number 3 f.Phase}"
            (match f.Evidence with
             | ValueSome e ->
                 let needed = number 2 f.NeededEvidence
                 let least = f.NeededEvidence |> ValueOption.map (fun n -> n / 3.0) |> number 2

                 "p at the end",
                 $"{p} (1/E, at most 1), E {number 6 (ValueSome e)}; ACTIVE from E = {needed}, below {least} no more"
             | ValueNone -> "p at the end", p + "; the test is repeated every second, so it is no p-value")
        ]

/// Why a run has no closed trade.
let private silence (trail: Trail) : string =
    let orders, fills = trail.Orders.Count, trail.Fills.Length

    if orders = 0 then
        let first = GateRows.ofGauges trail.Gauges |> List.sortByDescending _.First

        match first with
        | r :: _ when r.First > 0L ->
            $"No trade: no order was sent. What kept it out most often was {GateRows.sentence r}."
        | _ -> "No trade: no order was sent, and no gate was ever asked: the market had no features."
    elif fills = 0 then
        $"""No trade: {counted (int64 orders) "order"} went out, and none was filled."""
    else
        $"""No trade: no round trip was closed; {counted (int64 fills) "fill"} left a position open at the end."""

/// The figures of a run, why it did not enter, and its warnings.
let show (info: RunInfo) (trail: Trail) (f: Figures) (bounds: QueueBounds voption) (fifoLots: bool) =
    let trips = f.Trips
    let closed = trips.Closed

    let sum (f: RoundTrip -> Usd) =
        closed |> Seq.sumBy (fun t -> let u = f t in u.Raw) |> Usd.Of

    let drawdown =
        match f.Objective.MaxDrawdown with
        | ValueSome d -> $"{(decimal d.Usd):``0.00##``} USD"
        | ValueNone -> "-"

    let percent (v: float voption) =
        match v with
        | ValueSome r -> number 1 (ValueSome(100.0 * r)) + " %"
        | ValueNone -> "-"

    let figures =
        [
            "span", span info.From info.To
            "active minutes", number 1 (ValueSome trail.ActiveMinutes)
            "events", whole trail.Events
            "gaps", string trail.Silences.Length
            "block clock", Summary.blockClockText info.Setup info.Stall trail
            "data tier", info.DataTierLabel
            "orders, fills", $"{whole (int64 trail.Orders.Count)}, {whole (int64 trail.Fills.Length)}"
            "trades", whole (int64 closed.Length)
            "hit rate", percent (Metrics.hitRate closed)
            "gross", money (sum (fun t -> t.Gross))
            "fees", money (sum (fun t -> t.Fee))
            "net", money (sum (fun t -> t.Net))
            "average PnL", withUnit 3 "bps" (Metrics.avgPnlBps closed)
            "slippage", withUnit 3 "ticks" (Metrics.slippageTicks info.Setup.Instrument trail.Fills)
            "holding", withUnit 0 "ms" (Metrics.holdingMs trips.Lots)
            "trades per minute", number 2 (Metrics.perMinute closed.Length trail.ActiveMinutes)
            "max drawdown", drawdown
        ]

    if not info.IsComplete then
        paragraph 0 $"INCOMPLETE: the run was stopped at {moment info.To}; every figure covers only the part before."
        Console.Out.WriteLine()

    pairs
        $"{info.Setup.Instrument.Name}, strategy vrlg, seed {info.Seed}"
        (figures @ feeRows info.Setup trail.LastMidTwice)

    rotation info trail
    OutcomeFigures.show info f bounds fifoLots
    gateTable trail
    ruleTable info trail

    if closed.IsEmpty then
        Console.Out.WriteLine()
        paragraph 0 (silence trail)
    else
        let net = sum (fun t -> t.Net)

        if net.Raw < 0L then
            Console.Out.WriteLine()
            paragraph 0 "The run lost money: what the market gave did not pay the fees of its round trips."

    for warning in info.Warnings do
        complain "warning" warning
