namespace Vrlg.Core

open System
open System.Collections.Immutable

/// One run, complete: the settings in force and the facts of the instrument. Its text stands at the head of every journal, so
/// that a replay needs nothing else.
[<NoComparison; NoEquality>]
type RunSetup =
    {
        Values: Values
        Instrument: Instrument
    }

/// From settings to the parts of a run, and from a run to its text and back.
[<RequireQualifiedAccess>]
module Setup =
    let private one = 100_000_000L

    let private key path kind fallback meaning : Key =
        {
            Path = path
            Kind = kind
            Default = fallback
            Unit = ""
            Meaning = meaning
        }

    /// The instrument's facts as settings: written into journals, never into a settings file.
    let private instrumentKeys: ImmutableArray<Key> =
        ImmutableArray.CreateRange
            [|
                key "instrument.name" Kind.Text "\"BTC\"" "the venue's name"
                key "instrument.kind" Kind.Text "\"perp\"" "perp or spot"
                key "instrument.sz_decimals" (Kind.Whole(0L, 8L)) "5" "decimals of a size"
                key "instrument.max_leverage" (Kind.Whole(1L, 1_000L)) "40" "largest leverage"
                key "instrument.min_notional_usd" (Kind.Exact(0L, 1_000L * one)) "10" "least value of an order"
            |]

    /// The keys of a whole setup.
    let keys = ScalperKeys.all.AddRange instrumentKeys

    /// The coin that a symbol means: BTCUSD-PERP, BTC-USD, BTC-PERP and BTC are BTC (X21).
    let coinOf (symbol: string) : string =
        let without (tail: string) (s: string) =
            if s.Length > tail.Length && s.EndsWith(tail, StringComparison.OrdinalIgnoreCase) then
                s.Substring(0, s.Length - tail.Length)
            else
                s

        symbol.Trim()
        |> without "-PERP"
        |> without "-USD"
        |> without "USD"
        |> without "/"

    /// Fees that nobody stated, by the volume tier and the kind of instrument: what stands in journals and hashes is what is
    /// charged.
    let withTier (kind: InstrumentKind) (values: Values) : Values =
        let rates = FeeTiers.rates kind (values.Whole "fees.tier")

        let fill (path: string) (rate: Rate) (v: Values) =
            if v.At(path).Line = 0 then
                v.Derived(path, Setting.Exact(rate.Raw * 100L))
            else
                v

        values |> fill "fees.maker_bps" rates.Maker |> fill "fees.taker_bps" rates.Taker

    /// The settings of a run on a coin, however its symbol was written or chosen: what stands in journals and hashes is the coin.
    let withCoin (coin: string) (values: Values) : Values =
        values.Derived("symbol.name", Setting.Text coin)

    /// The defaults with some settings on top, as `--set` gives them.
    let ofPairs (pairs: ImmutableArray<struct (string * string)>) : Result<Values, ImmutableArray<Problem>> =
        let empty: Node =
            {
                Value = Value.Table ImmutableArray.Empty
                At = Place.Nowhere
            }

        Reader.read ScalperKeys.all empty pairs
        |> Result.map (withTier InstrumentKind.Perp)

    /// Texts of which only some words are meant.
    let words: (string * string list) list =
        [
            "signal.detector", [ "valid"; "document" ]
            "risk.net_delta_rule", [ "var"; "document"; "off" ]
            "latency.ingest", [ "drawn"; "recorded" ]
            "latency.clock", [ "auto"; "always"; "never" ]
            "latency.order_model", [ "empirical"; "interpolated" ]
        ]

    let private wordProblems (values: Values) : Problem list =
        [
            for path, known in words do
                let word = values.Text path

                if not (List.contains word known) then
                    let choice = String.Join(", ", List.take (known.Length - 1) known)
                    let sentence = $"{path} is \"{word}\"; it must be {choice} or {List.last known}"
                    Problem.at (values.At path) path sentence
        ]

    /// A range below 0 means "as the other one": half of one is a slip.
    let private sameProblems (values: Values) : Problem list =
        [
            for path in [ "latency.cancel_rt_ms"; "latency.modify_rt_ms" ] do
                let struct (least, most) = values.Span path

                if least < 0L && (least <> -one || most <> -one) then
                    Problem.at (values.At path) path $"{path} must be -1, or 0 and more"
        ]

    /// Nothing would watch for the blocks that are expected.
    let private stallProblems (values: Values) : Problem list =
        [
            if values.Flag "risk.expect_blocks" && values.Exact "risk.block_stall_s" = 0L then
                let sentence =
                    "risk.expect_blocks needs risk.block_stall_s above 0: with 0 nothing watches for them"

                Problem.at (values.At "risk.block_stall_s") "risk.block_stall_s" sentence
        ]

    /// What the kinds of the keys cannot say: words, and what only several settings together can get wrong.
    let check (values: Values) : ImmutableArray<Problem> =
        let z = values.Exact "signal.z"
        let m = values.Whole "signal.M"

        ImmutableArray.CreateRange
            [
                if z * 4L > m * one then
                    let sentence =
                        $"signal.z / signal.M is {Exact.show z} / {m}, above 1/4: the band would be most of the circle; lower z or take a larger M"

                    let z = values.At "signal.z"
                    Problem.at (if z.Line <> 0 then z else values.At "signal.M") "signal.z" sentence
                yield! wordProblems values
                yield! sameProblems values
                yield! stallProblems values
            ]

    let private ms (values: Values) path = Duration.OfMs(values.Whole path)

    /// How far past the touch an exit that must not fail may reach: 1 %, or half the band where that is less, so that the band
    /// never stands in its way.
    let private tolerance (values: Values) : int =
        min 100 (int (values.Exact "risk.band_pct" / 2_000_000L))

    /// The detector that the settings name.
    let private detector (v: Values) : DetectorConfig =
        let pMax = float (v.Exact "signal.p_max") / 1e8

        if v.Text "signal.detector" = "document" then
            DetectorConfig.Document
                {
                    Z = v.Exact "signal.z"
                    M = v.Whole "signal.M"
                    PMax = pMax
                }
        else
            DetectorConfig.Valid
                { ValidConfig.Default with
                    Z = float (v.Exact "signal.z") / 1e8
                    M = int (v.Whole "signal.M")
                    Alpha = pMax
                }

    let scalper (setup: RunSetup) : ScalperConfig =
        let v = setup.Values
        let ratio path = float (v.Exact path) / 1e8

        {
            Instrument = setup.Instrument.Id
            Detector = detector v
            Gates =
                {
                    MedianOf = int (v.Whole "signal.N")
                    Thinner = ratio "signal.x"
                    LeastSpread = int (v.Whole "signal.y")
                    MostObi = ratio "signal.obi_max"
                    PMax = ratio "signal.p_max"
                }
            Ttl = ms v "exec.order_ttl_ms"
            ExitAfter = ms v "exec.exit_after_ms"
            TimeStop = ms v "risk.time_stop_ms"
            StopTicks = int (v.Whole "risk.stop_ticks")
            SlippageTicks = int (v.Whole "risk.max_slippage_ticks")
            CooldownFactor = v.Exact "exec.cooldown_factor"
            Equity = Usd.Of(v.Exact "account.equity_usd")
            SizeShare = v.Exact "exec.size_pct" / 100L
            MaxExposure = Sz.Of(v.Exact "exec.max_exposure_btc")
            DisplayShare = v.Exact "exec.display_ratio"
            MinDisplay = Sz.Of(v.Exact "exec.min_display_btc")
            Clips = int (v.Whole "exec.micro_clips")
            OneSided = v.Flag "exec.one_sided"
            JoinWhenTight = v.Flag "exec.join_when_tight"
            ToleranceBps = tolerance v
            StopOuts =
                {
                    Count = int (v.Whole "risk.stop_outs")
                    Within = Duration.OfMs(1000L * v.Whole "risk.stop_outs_within_s")
                    Pause = Duration.OfMs(1000L * v.Whole "risk.stop_outs_pause_s")
                }
            Impact =
                {
                    Most = v.Exact "risk.max_book_impact"
                    Restore = v.Exact "risk.impact_restore"
                    Window = Duration.OfMs(1000L * v.Whole "risk.impact_window_s")
                }
            Slippage =
                {
                    MostTicks = v.Whole "risk.max_slippage_ticks"
                    Window = Duration.OfMs(1000L * v.Whole "risk.slippage_window_s")
                }
            DeeperTicks = int (v.Whole "risk.deeper_ticks")
        }

    /// Fee rates in force.
    let fees (setup: RunSetup) : FeeRates =
        let values = withTier setup.Instrument.Kind setup.Values

        {
            Maker = Fees.ofBps (values.Exact "fees.maker_bps")
            Taker = Fees.ofBps (values.Exact "fees.taker_bps")
        }

    /// Whether the least spread that is entered can pay a round trip at a price.
    let feasibility (setup: RunSetup) (px: Px) : Feasibility =
        Feasibility.at setup.Instrument (fees setup) (setup.Values.Whole "signal.y") px

    let private limits (values: Values) : Limits =
        {
            MaxPosition = Sz.Of(values.Exact "exec.max_exposure_btc")
            MaxOrder = Usd.Of(values.Exact "account.equity_usd")
            MaxOpenOrders = 20
            BandBps = int (values.Exact "risk.band_pct" / 1_000_000L)
            AllowsMarketEntries = true
        }

    /// The venue's allowance of actions; a tenth of its start is kept for exits.
    let budget (values: Values) : Budget =
        match values.Whole "account.allowance" with
        | start when start < 0L -> Budget.Unlimited
        | start ->
            { Budget.Unlimited with
                Allowance = start
                ExitReserve = start / 10L
            }

    /// The rule of the net delta in a run of these instruments. A symbol that is not among them leaves the hedge on the traded
    /// coin.
    let hedge (setup: RunSetup) (instruments: ImmutableArray<Instrument>) : HedgeConfig =
        let v = setup.Values
        let symbol = coinOf (v.Text "risk.hedge_symbol")

        let chosen =
            instruments
            |> Seq.tryFind (fun i -> String.Equals(i.Name, symbol, StringComparison.OrdinalIgnoreCase))
            |> Option.defaultValue setup.Instrument

        {
            Rule =
                match v.Text "risk.net_delta_rule" with
                | "off" -> NetDeltaRule.Off
                | "document" -> NetDeltaRule.Document
                | _ -> NetDeltaRule.Var
            Traded = setup.Instrument.Id
            Instrument = chosen.Id
            Limit = Usd.Of(v.Exact "risk.var_limit_usd")
            MaxExposure = Sz.Of(v.Exact "exec.max_exposure_btc")
        }

    /// The engine's own settings.
    let engine (setup: RunSetup) : Config =
        let instruments = ImmutableArray.Create<Instrument> setup.Instrument

        {
            Instruments = instruments
            Accounts = ImmutableArray.Create<VenueId> setup.Instrument.Venue
            Health = HealthConfig.Default
            Budget = budget setup.Values
            Stall =
                {
                    Limit = Duration.Of(setup.Values.Exact "risk.block_stall_s" * 10L)
                    Expects = setup.Values.Flag "risk.expect_blocks"
                }
            MaxLoss = Usd.Of(setup.Values.Exact "risk.max_loss_usd")
            Hedge = hedge setup instruments
        }

    /// What the sensor of a setup is made with.
    let sensor (setup: RunSetup) : SensorConfig = RotationScalper.SensorOf(scalper setup)

    /// The one desk of a run: the rotation scalper on its instrument, with a sensor of `sensor setup`.
    let desksWith (sensor: Sensor) (setup: RunSetup) : Desk[] =
        [|
            {
                Name = "vrlg"
                Instruments = ImmutableArray.Create<InstrumentId> setup.Instrument.Id
                Strategy = RotationScalper.Create(scalper setup, sensor)
                Plan =
                    {
                        Account = AccountId.Of 0
                        Limits = limits setup.Values
                        Health = HealthConfig.Default
                        RetryRefused = false
                        ToleranceBps = tolerance setup.Values
                        BackstopBps = int (setup.Values.Whole "risk.backstop_bps")
                    }
            }
        |]

    /// The same with a sensor of its own.
    let desks (setup: RunSetup) : Desk[] =
        desksWith (Sensor.Start(sensor setup)) setup

    /// The whole setup as one text: the settings in force and the instrument.
    let text (setup: RunSetup) : string =
        let i = setup.Instrument
        let kind = if i.Kind = InstrumentKind.Spot then "spot" else "perp"
        let name = Reader.settingText (Setting.Text i.Name)

        Reader.show setup.Values
        + $"\n[instrument]\nname = {name}\nkind = \"{kind}\"\nsz_decimals = {i.SzDecimals}\n"
        + $"max_leverage = {i.MaxLeverage}\nmin_notional_usd = {Exact.show i.MinNotional.Raw}\n"

    /// The setup of a text made by `text`, already parsed into a tree.
    let ofTree (tree: Node) : Result<RunSetup, ImmutableArray<Problem>> =
        match Reader.read keys tree ImmutableArray.Empty with
        | Error problems -> Error problems
        | Ok v ->
            let only = v.Only ScalperKeys.all

            Ok
                {
                    Values = only
                    Instrument =
                        {
                            Id = InstrumentId.Of 0
                            Venue = VenueId.Of 0
                            Name = v.Text "instrument.name"
                            Kind =
                                if v.Text "instrument.kind" = "spot" then
                                    InstrumentKind.Spot
                                else
                                    InstrumentKind.Perp
                            SzDecimals = int (v.Whole "instrument.sz_decimals")
                            MaxLeverage = int (v.Whole "instrument.max_leverage")
                            MinNotional = Usd.Of(v.Exact "instrument.min_notional_usd")
                        }
                }
