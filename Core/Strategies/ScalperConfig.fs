namespace Vrlg.Core

open System.Collections.Immutable

/// The settings of a run: the document's sample (D0 section 9) and the optional keys beside it.
[<RequireQualifiedAccess>]
module ScalperKeys =
    let private one = 100_000_000L

    let private key path kind fallback unit meaning : Key =
        {
            Path = path
            Kind = kind
            Default = fallback
            Unit = unit
            Meaning = meaning
        }

    let private whole least most = Kind.Whole(least, most)
    /// Bounds in 1e-8.
    let private exact least most = Kind.Exact(least, most)

    /// The tick of the document's sample: nobody's choice.
    let documentTick = "0.5"

    /// The limit of a stall that nobody chose, in 1e-8 seconds.
    [<Literal>]
    let blockStall = 400_000_000L

    /// Every key, section by section: the reference that `vrlg config schema` prints.
    let all: ImmutableArray<Key> =
        ImmutableArray.CreateRange
            [|
                key "symbol.name" Kind.Text "\"BTC\"" "" "the coin to trade; BTCUSD-PERP means BTC; --coin wins"
                key
                    "symbol.tick_size"
                    (exact 1L (1_000_000L * one))
                    documentTick
                    "USD"
                    "as configured; the venue's own rule wins"
                key "signal.N" (whole 2L 10_000L) "80" "samples" "rolling median of the top-of-book size, 100 ms apart"
                key
                    "signal.x"
                    (exact 1L (one - 1L))
                    "0.25"
                    ""
                    "gate 2: how far below that median the size must be, as a share"
                key "signal.y" (whole 1L 1_000L) "2" "ticks" "gate 3: least spread"
                key
                    "signal.z"
                    (exact 1L (25L * one))
                    "0.6"
                    "slots"
                    "gate 1: half-width of the boundary band; z/M is at most 1/4"
                key
                    "signal.M"
                    (whole 1L 100L)
                    "8"
                    "slots"
                    "slots of one rotation; the band is z/M of the period each way"
                key "signal.obi_max" (exact 0L one) "0.6" "" "gate 4: largest imbalance of the best sizes"
                key
                    "signal.detector"
                    Kind.Text
                    "\"valid\""
                    ""
                    "valid (its p-value holds at every look) or document (the literal reading)"
                key "signal.p_max" (exact 1L one) "0.01" "" "largest p-value of a detector that is active"
                key "exec.order_ttl_ms" (whole 1L 600_000L) "1000" "ms" "a quote is pulled this long after it was sent"
                key
                    "exec.display_ratio"
                    (exact 1L one)
                    "0.25"
                    ""
                    "shown share of an entry; what is not shown follows in slices, each when the one before it has filled"
                key
                    "exec.min_display_btc"
                    (exact 0L (1_000_000L * one))
                    "0.01"
                    "coins"
                    "least shown size of an entry; one no larger shows whole"
                key
                    "exec.micro_clips"
                    (whole 1L 10L)
                    "1"
                    "clips"
                    "an entry is quoted in so many equal clips, one after another; 1: whole"
                key "exec.max_exposure_btc" (exact 1L (100_000_000L * one)) "0.8" "coins" "largest position, worst case"
                key
                    "exec.cooldown_factor"
                    (exact 0L (1_000L * one))
                    "2.0"
                    "periods"
                    "no entry of a direction after a fill of it"
                key "exec.size_pct" (exact 1L (100L * one)) "0.2" "% of equity" "size of one entry"
                key "exec.exit_after_ms" (whole 1L 600_000L) "500" "ms" "ideal exit, after the first fill"
                key "exec.one_sided" Kind.Flag "false" "" "quote only the side that the imbalance favours"
                key "exec.join_when_tight" Kind.Flag "false" "" "with no price inside the spread: join the best quotes"
                key
                    "risk.max_slippage_ticks"
                    (whole 0L 1_000L)
                    "1"
                    "ticks"
                    "how far past the touch an exit may reach; above it as the average of own fills against the mid quotes go deeper"
                key "risk.slippage_window_s" (whole 1L 86_400L) "60" "s" "how long a fill counts in that average"
                key "risk.deeper_ticks" (whole 0L 1_000L) "1" "ticks" "how much further from the mid quotes are then"
                key
                    "risk.max_book_impact"
                    (exact 0L one)
                    "0.02"
                    ""
                    "shown size of own orders over that of the best quotes, summed over the window: above it entries are halved; 0: never"
                key
                    "risk.impact_restore"
                    (exact 0L one)
                    "0.01"
                    ""
                    "at or below this sum entries have their whole size again; never above max_book_impact"
                key "risk.impact_window_s" (whole 1L 3_600L) "5" "s" "how long a placed order counts there"
                key "risk.time_stop_ms" (whole 1L 600_000L) "1200" "ms" "closes regardless, after the first fill"
                key
                    "risk.stop_ticks"
                    (whole 1L 1_000L)
                    "3"
                    "ticks"
                    "protective stop, from the mid at the fill; from the touch where that is nearer"
                key
                    "risk.backstop_bps"
                    (whole 0L 1_000L)
                    "50"
                    "bps"
                    "how much wider the stop is that rests at the exchange meanwhile; 0: none (perpetuals only)"
                key
                    "risk.stop_outs"
                    (whole 0L 100L)
                    "3"
                    "positions"
                    "left in a row by a stop or time-stop with a net loss, this many pause the entries; 0: never"
                key "risk.stop_outs_within_s" (whole 1L 86_400L) "600" "s" "the time within which they count"
                key "risk.stop_outs_pause_s" (whole 1L 86_400L) "600" "s" "how long entries pause after them"
                key
                    "risk.max_loss_usd"
                    (exact 0L (1_000_000_000L * one))
                    "0"
                    "USD"
                    "loss of the account, open positions and fees included, that kills the run: cancel, flatten, no more entries; 0: none"
                key
                    "risk.net_delta_rule"
                    Kind.Text
                    "\"var\""
                    ""
                    "when the net delta is hedged: var (its 99 % one-second risk against the limit), document (literal) or off"
                key
                    "risk.var_limit_usd"
                    (exact 0L (1_000_000_000L * one))
                    "0"
                    "USD"
                    "limit of that risk; 0: the risk of the largest position (exec.max_exposure_btc)"
                key "risk.hedge_symbol" Kind.Text "\"none\"" "" "coin on which the hedge is sent; none: the traded one"
                key "risk.band_pct" (exact (one / 50L) (50L * one)) "5" "% of mid" "farthest price an order may have"
                key
                    "risk.block_stall_s"
                    (exact 0L (3_600L * one))
                    "4"
                    "s"
                    "block interval (median of 20) or silence above which everything is closed for good; 0: never"
                key
                    "risk.expect_blocks"
                    Kind.Flag
                    "false"
                    ""
                    "blocks are expected: their silence counts from the start, and nothing opens while their feed is lost"
                key "latency.ingest_ms" (Kind.Span(0L, 60_000L * one)) "10" "ms" "from the venue to us"
                key "latency.order_rt_ms" (Kind.Span(0L, 60_000L * one)) "60" "ms" "from a command to its answer"
                key
                    "latency.cancel_rt_ms"
                    (Kind.Span(-one, 60_000L * one))
                    "-1"
                    "ms"
                    "the same of a cancel; -1: as order_rt_ms"
                key
                    "latency.modify_rt_ms"
                    (Kind.Span(-one, 60_000L * one))
                    "-1"
                    "ms"
                    "the same of a modify, which no strategy sends yet; -1: as order_rt_ms"
                key "latency.entry_share" (exact 0L one) "0.5" "" "share of a round trip that is the way in"
                key
                    "latency.ingest"
                    Kind.Text
                    "\"drawn\""
                    ""
                    "drawn: from ingest_ms; recorded: the receipts of the recording where it has them"
                key
                    "latency.clock"
                    Kind.Text
                    "\"auto\""
                    ""
                    "correction of recorded receipts for the recorder's clock: auto, always or never"
                key
                    "latency.ingest_floor_ms"
                    (exact 0L (60_000L * one))
                    "5"
                    "ms"
                    "least ingest of ten minutes after that correction"
                key
                    "latency.order_file"
                    Kind.Text
                    "\"none\""
                    ""
                    "recorded requests (sent, executed, reported) that replace order_rt_ms; none: no file"
                key
                    "latency.order_model"
                    Kind.Text
                    "\"empirical\""
                    ""
                    "of that file: empirical draws a row, interpolated takes the neighbours of the send time"
                key
                    "latency.same_hour"
                    Kind.Flag
                    "false"
                    ""
                    "empirical: draw among the rows of the same hour of day, UTC"
                key
                    "latency.fifo"
                    Kind.Flag
                    "true"
                    ""
                    "commands arrive in the order of sending; false: parallel requests"
                key
                    "latency.compute_ms"
                    (exact 0L (60_000L * one))
                    "0"
                    "ms"
                    "the strategy's own time before a command leaves"
                key
                    "latency.load_ns"
                    (whole 0L 1_000_000_000L)
                    "0"
                    "ns"
                    "added to ingest and round trip for each record a second above load_free"
                key
                    "latency.load_free"
                    (whole 0L 1_000_000_000L)
                    "0"
                    "records/s"
                    "rate of market records, over 1 s, that costs nothing"
                key
                    "latency.queue_step_ms"
                    (exact 0L (60_000L * one))
                    "0"
                    "ms"
                    "commands take effect and reports are made only at multiples of this; 0: exact"
                key "account.equity_usd" (exact one (1_000_000_000L * one)) "10000" "USD" "capital of the run"
                key
                    "account.allowance"
                    (whole -1L 1_000_000_000L)
                    "10000"
                    "actions"
                    "orders and cancels before any trading, and one more a USD traded; -1: not counted"
                key
                    "fees.tier"
                    (whole 0L 6L)
                    "0"
                    ""
                    "volume tier: over 5 M, 25 M, 100 M, 500 M, 2 B, 7 B USD in 14 days from 1 on; sets the fees that are not stated"
                key
                    "fees.maker_bps"
                    (exact (-100L * one) (100L * one))
                    "1.5"
                    "bps"
                    "of a fill that rested; below 0 a rebate; not stated: by fees.tier"
                key
                    "fees.taker_bps"
                    (exact (-100L * one) (100L * one))
                    "4.5"
                    "bps"
                    "of a fill that crossed; not stated: by fees.tier"
                key
                    "impact.square_root"
                    (exact 0L (10L * one))
                    "0"
                    ""
                    "a crossing fill costs this * a day's volatility * sqrt(size / a day's volume) of its value more; 0: off"
                key
                    "impact.shift_ticks"
                    (exact 0L (1_000L * one))
                    "0"
                    "ticks"
                    "the mark moves by this for every lot taken, half of it gone after 5 s; 0: off"
                key "sim.queue" Kind.Text "\"RiskAverse\"" "" "RiskAverse, FrontFirst, Uniform, PowerA:n or PowerC:n"
                key "sim.seed" (whole 0L 4_000_000_000_000_000_000L) "1" "" "of the latency draws; the run's number"
            |]
