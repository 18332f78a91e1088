/// `vrlg feasibility`: can the fees be paid by what the settings aim for?
module Vrlg.Cli.FeasibilityVerb

open System
open System.Text.Json
open System.Threading
open Argu
open Vrlg.Adapters.Recordings
open Vrlg.Cli.Args
open Vrlg.Cli.Screen
open Vrlg.Core
open Vrlg.Shell.Tapes
open Vrlg.Sim

/// One symbol, judged.
[<NoComparison; NoEquality>]
type private Row =
    {
        Setup: RunSetup
        /// Where its price is from.
        PriceFrom: string
        Judged: Feasibility
        /// Without a price there is no tick, and so no verdict.
        HasPrice: bool
        Spreads: Spreads voption
    }

let private bps (v: float) = number 3 (ValueSome v)
let private ticks (n: int64) = counted n "tick"

let private setupOf (values: Values) (i: Instrument) : RunSetup =
    {
        Values = Setup.withTier i.Kind values
        Instrument = i
    }

let private listedOf (listed: Instrument[]) (name: string) : Instrument =
    match
        listed
        |> Array.tryFind (fun i -> String.Equals(i.Name, name, StringComparison.OrdinalIgnoreCase))
    with
    | Some i -> i
    | None ->
        let known = String.Join(", ", listed |> Array.map (fun i -> i.Name))
        refuse $"{name} is not in the instrument list ({known}); add it there, or name its recording with --data."

let private ofSource (values: Values) (listed: Instrument[]) (source: Source.Source) : Row =
    let struct (instrument, unlisted) = Data.instrumentOf listed source
    let setup = setupOf values instrument

    for sentence in unlisted do
        complain "warning" sentence

    let world = Backtest.world setup 0L
    let struct (mids, spreads) = Spreads.ofTape world.Exchange instrument source.Tape
    let twice = mids.TwiceAt mids.ToNs

    if twice = 0L then
        refuse $"{source.Coin}: no best quote on both sides was ever seen, so there is no price."

    {
        Setup = setup
        PriceFrom = "last mid of the recording"
        Judged = Setup.feasibility setup (Px.Of(twice / 2L))
        HasPrice = true
        Spreads = ValueSome spreads
    }

let private ofData
    (r: ParseResults<FeasibilityArgs>)
    (values: Values)
    (listed: Instrument[])
    (data: string)
    : Row list =
    let named = r.TryGetResult FeasibilityArgs.Coin |> Option.map Setup.coinOf
    let options = Data.spanOf (r.Contains FeasibilityArgs.Skip_Bad) None None

    if Source.isMade data then
        [ ofSource values listed (Source.ofMade data Data.btc named options) ]
    elif Source.isFile data then
        use file = TapeFile.Open data
        [ ofSource values listed (Source.ofFile file named options) ]
    else
        let folder = RecordingFolder.Scan data

        let coins =
            match named with
            | Some name -> [ folder.Find name ]
            | None -> Seq.toList folder.Coins

        [
            for files in coins do
                let read =
                    withProgress $"reading {files.Coin}" (fun show ->
                        Recording.Read(files, InstrumentId.Of 0, options, Action<float> show, CancellationToken.None))

                let source = Source.ofRecording read

                if source.SkippedRows > 0 then
                    complain "warning" $"{source.Coin}: {source.SkippedRows} bad rows were left out"

                ofSource values listed source
        ]

/// Stands where no price is known: nothing that depends on it is shown.
let private any = Px.Of 1_000_000_000_000L

let private ofList (r: ParseResults<FeasibilityArgs>) (values: Values) (listed: Instrument[]) : Row list =
    let named = r.TryGetResult FeasibilityArgs.Coin |> Option.map Setup.coinOf

    let row from px hasPrice i : Row =
        let setup = setupOf values i

        {
            Setup = setup
            PriceFrom = from
            Judged = Setup.feasibility setup px
            HasPrice = hasPrice
            Spreads = ValueNone
        }

    match r.TryGetResult FeasibilityArgs.Price with
    | Some text ->
        let px =
            match Exact.parse text with
            | Ok raw when raw > 0L -> Px.Of raw
            | Ok _ -> refuse $"--price {text}: a price is above 0."
            | Error problem -> usage $"--price {text}, which {Exact.sentence problem}."

        let name = defaultArg named (Setup.coinOf (values.Text "symbol.name"))
        [ row "--price" px true (listedOf listed name) ]
    | None ->
        let chosen =
            match named with
            | Some name -> [| listedOf listed name |]
            | None when listed.Length = 0 ->
                refuse "no instrument list is here; name one with --instruments, or --data."
            | None -> listed

        [ for i in chosen -> row "" any false i ]

let private share (v: float voption) =
    match v with
    | ValueSome s -> number 2 (ValueSome(100.0 * s)) + " %"
    | ValueNone -> "-"

let private measured (f: Feasibility) (s: Spreads) =
    let resting (v: float voption) = withUnit 3 "bps" v

    let wide (least: int64) (why: string) =
        $"spread >= {ticks least}", $"{share (s.AtLeast least)} of the time ({why})"

    [
        wide f.AimTicks "the aim"
        wide f.MakerMakerTicks "maker + maker"
        wide f.MakerTakerTicks "maker + taker"
        "resting side of trades",
        if s.Trades = 0 then
            "no trades were recorded"
        else
            $"{resting s.RestingNow} at the trade, {resting s.RestingAfter1} after 1 s, {resting s.RestingAfter5} after 5 s, before fees"
    ]

/// The venue's least order, the size of an entry, and the equity that it takes.
let private sizes (row: Row) =
    let setup, px = row.Setup, row.Judged.Px
    let equity = Usd.Of(setup.Values.Exact "account.equity_usd")
    let least = Sizing.least setup.Instrument px
    let share = Exact.show (setup.Values.Exact "exec.size_pct")

    [
        "least order", $"{least} {setup.Instrument.Name} = {Instrument.notional px least} USD"
        "size of an entry",
        match Preflight.sizeAt setup px with
        | EntrySize.Of sz -> $"{sz} {setup.Instrument.Name} with {equity} USD of equity"
        | none -> $"none, ever: {Sizing.sentence setup.Instrument none}"
        "least equity",
        match Sizing.leastEquity (Preflight.sizeRule setup equity) setup.Instrument px with
        | ValueSome usd -> $"{usd} USD at {share} %% an entry (exec.size_pct)"
        | ValueNone -> "no equity is enough: exec.max_exposure_btc is below the least order"
    ]

let private judged (row: Row) =
    let f = row.Judged
    let tier = row.Setup.Values.Whole "fees.tier"
    let maker, taker = f.Fees.Maker.Raw, f.Fees.Taker.Raw

    pairs
        row.Setup.Instrument.Name
        [
            "price", $"{f.Px} ({row.PriceFrom})"
            "tick", $"{Exact.show f.Tick} = {bps f.TickBps} bps"
            "fees", $"maker {bps (float maker / 1e6)} bps, taker {bps (float taker / 1e6)} bps (fees.tier {tier})"
            "pays maker + maker", $"{ticks f.MakerMakerTicks} ({bps f.MakerMakerBps} bps)"
            "pays maker + taker", $"{ticks f.MakerTakerTicks} ({bps f.MakerTakerBps} bps)"
            "settings aim for", $"{ticks f.AimTicks} (signal.y) = {bps f.AimBps} bps"
            "left of it", $"{bps f.BestNetBps} bps with a maker exit, {bps f.UsualNetBps} bps with a taker exit"
            match row.Spreads with
            | ValueSome s -> yield! measured f s
            | ValueNone -> ()
            yield! sizes row
        ]

    Console.Out.WriteLine()
    paragraph 0 (Feasibility.verdict f)

    if not f.PaysUsualExit then
        paragraph
            0
            ($"To pay a maker entry and a taker exit at this price signal.y must be {Feasibility.leastAim f} or more, "
             + "or the fees lower (fees.tier, fees.maker_bps, fees.taker_bps).")

/// What the fees ask for at any price; whether the settings aim for it needs one.
let private unjudged (row: Row) =
    let f = row.Judged
    let maker, taker = f.Fees.Maker.Raw, f.Fees.Taker.Raw
    let tier = row.Setup.Values.Whole "fees.tier"

    pairs
        row.Setup.Instrument.Name
        [
            "price", "not known"
            "fees", $"maker {bps (float maker / 1e6)} bps, taker {bps (float taker / 1e6)} bps (fees.tier {tier})"
            "pays maker + maker", $"{bps f.MakerMakerBps} bps"
            "pays maker + taker", $"{bps f.MakerTakerBps} bps"
            "settings aim for", $"{ticks f.AimTicks} (signal.y)"
        ]

    Console.Out.WriteLine()

    paragraph
        0
        "No verdict: what a tick is worth depends on the price. Name one with --coin and --price, or a recording with --data."

let private show (row: Row) =
    if row.HasPrice then judged row else unjudged row

let private write (w: Utf8JsonWriter) (row: Row) =
    let f = row.Judged
    let exact (raw: int64) = decimal raw / 100_000_000m
    let six (v: float) = Math.Round(decimal v, 6)
    w.WriteStartObject()
    w.WriteString("symbol", row.Setup.Instrument.Name)

    let priced (name: string) (value: decimal) =
        if row.HasPrice then
            w.WriteNumber(name, value)
        else
            w.WriteNull name

    let yes (name: string) (value: bool) =
        if row.HasPrice then
            w.WriteBoolean(name, value)
        else
            w.WriteNull name

    let word (name: string) (value: string) =
        if row.HasPrice then
            w.WriteString(name, value)
        else
            w.WriteNull name

    priced "price" (exact f.Px.Raw)
    word "price_from" row.PriceFrom
    priced "tick" (exact f.Tick)
    priced "tick_bps" (six f.TickBps)
    w.WriteNumber("fee_tier", row.Setup.Values.Whole "fees.tier")
    w.WriteNumber("maker_bps", decimal f.Fees.Maker.Raw / 1_000_000m)
    w.WriteNumber("taker_bps", decimal f.Fees.Taker.Raw / 1_000_000m)
    priced "break_even_ticks_maker_maker" (decimal f.MakerMakerTicks)
    priced "break_even_ticks_maker_taker" (decimal f.MakerTakerTicks)
    w.WriteNumber("aim_ticks", f.AimTicks)
    priced "aim_bps" (six f.AimBps)
    w.WriteNumber("break_even_bps_maker_maker", six f.MakerMakerBps)
    w.WriteNumber("break_even_bps_maker_taker", six f.MakerTakerBps)
    priced "net_bps_maker_exit" (six f.BestNetBps)
    priced "net_bps_taker_exit" (six f.UsualNetBps)
    yes "pays_maker_exit" f.CanPay
    yes "pays_taker_exit" f.PaysUsualExit
    word "verdict" (Feasibility.verdict f)
    let equity = Usd.Of(row.Setup.Values.Exact "account.equity_usd")
    let least = Sizing.least row.Setup.Instrument f.Px
    let value = Instrument.notional f.Px least
    w.WriteNumber("least_order", exact least.Raw)
    w.WriteNumber("least_order_usd", exact value.Raw)

    match Preflight.sizeAt row.Setup f.Px with
    | EntrySize.Of sz -> w.WriteNumber("entry_size", exact sz.Raw)
    | _ -> w.WriteNull "entry_size"

    match Sizing.leastEquity (Preflight.sizeRule row.Setup equity) row.Setup.Instrument f.Px with
    | ValueSome usd -> w.WriteNumber("least_equity_usd", exact usd.Raw)
    | ValueNone -> w.WriteNull "least_equity_usd"

    match row.Spreads with
    | ValueSome s ->
        let rounded (name: string) (v: float voption) =
            JsonOut.number w name (v |> ValueOption.map (fun x -> Math.Round(x, 6)))

        rounded "time_at_aim_share" (s.AtLeast f.AimTicks)
        rounded "time_at_maker_maker_share" (s.AtLeast f.MakerMakerTicks)
        rounded "time_at_maker_taker_share" (s.AtLeast f.MakerTakerTicks)
        w.WriteNumber("trades", s.Trades)
        rounded "resting_side_bps" s.RestingNow
        rounded "resting_side_1s_bps" s.RestingAfter1
        rounded "resting_side_5s_bps" s.RestingAfter5
    | ValueNone -> ()

    w.WriteEndObject()

let run (r: ParseResults<FeasibilityArgs>) : int =
    let config = r.TryGetResult FeasibilityArgs.Config
    let values = Load.settings config (Load.sets (r.GetResults FeasibilityArgs.Set))
    let listed = Load.listed (r.TryGetResult FeasibilityArgs.Instruments) config

    let rows =
        match r.TryGetResult FeasibilityArgs.Data, r.Contains FeasibilityArgs.Price with
        | Some _, true -> usage "--price and --data both say what the price is; give one of them."
        | Some data, false -> ofData r values listed data
        | None, _ -> ofList r values listed

    if r.Contains FeasibilityArgs.Json then
        JsonOut.print (fun w ->
            w.WriteStartArray()

            for row in rows do
                write w row

            w.WriteEndArray())
    else
        for i, row in List.indexed rows do
            if i > 0 then
                Console.Out.WriteLine()

            show row

    Exit.done'
