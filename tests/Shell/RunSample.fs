/// Writes run folders by hand, so that the report can be looked at without a run.
module Vrlg.RunSample

open System
open System.Globalization
open System.IO
open System.Text

/// What the sample tells.
type Sample =
    {
        Coin: string
        Warning: string
        Complete: bool
        Seconds: int
        Trades: int
        /// Nothing was ever sampled: the columns stand, no row does.
        Blank: bool
    }

let usual =
    {
        Coin = "BTC"
        Warning = "tick_size 0.5 overridden by derived tick 1"
        Complete = true
        Seconds = 1800
        Trades = 40
        Blank = false
    }

let private start = 1756944000000000000L
let private second = 1000000000L

let private text (value: float) =
    value.ToString("0.######", CultureInfo.InvariantCulture)

let private mid i =
    110000.0
    + 60.0 * sin (float i / 211.0)
    + 25.0 * sin (float i / 37.0)
    + float (i * 7919 % 13) / 2.0

let private inGap sample i =
    i > sample.Seconds / 3 && i < sample.Seconds / 3 + 60

let private isActive sample i = i > sample.Seconds / 2 && i % 400 < 250

let private series sample =
    let b =
        StringBuilder "time_ns,mid,spread_ticks,dob,period_s,phase,p_value,active,position,equity_usd\n"

    if not sample.Blank then
        for i in 0 .. sample.Seconds do
            let at = start + int64 i * second

            if inGap sample i then
                b.Append(at).Append(",,,,,,,,,\n") |> ignore
            else
                let spread = float (1 + (if i % 5 = 0 then 2 + i % 3 else 0))
                let dob = 4.0 + 2.0 * cos (float i / 3.0) + float (i % 11) / 5.0
                let known = i > 60

                let period =
                    if known then
                        text (4.0 + 0.1 * sin (float i / 90.0))
                    else
                        ""

                let phase = if known then text (float i / 4.03 % 1.0) else ""

                let p =
                    if known then
                        text (if isActive sample i then 0.004 else 0.4)
                    else
                        ""

                let active = if isActive sample i then "1" else "0"
                let position = if sample.Trades > 0 && i % 45 < 2 then "0.01" else "0"

                let equity =
                    1000.0 - float (min sample.Trades (i / 45)) * 0.04 + 0.03 * sin (float i / 70.0)

                b
                    .Append(at)
                    .Append(',')
                    .AppendJoin(
                        ',',
                        [
                            text (mid i)
                            text spread
                            text dob
                            period
                            phase
                            p
                            active
                            position
                            text equity
                        ]
                    )
                    .Append('\n')
                |> ignore

    b.ToString()

let private reasons = [| "signal_gone"; "time_stop"; "take_profit"; "local_stop" |]

let private fillsAndTrades sample =
    let fills =
        StringBuilder "time_ns,order,side,px,sz,fee_usd,role,reason,position_after\n"

    let trades =
        StringBuilder "entry_ns,exit_ns,side,sz,entry_px,exit_px,reason,gross_usd,fee_usd,net_usd\n"

    for k in 0 .. sample.Trades - 1 do
        let i = 45 * k + 1
        let opening, closing = if k % 2 = 0 then "buy", "sell" else "sell", "buy"
        let reason = reasons[k % 4]
        let role = if k % 3 = 0 then "maker" else "taker"
        let entry, leave = mid i, mid (i + 2)
        let at = start + int64 i * second + 250000000L
        let gross = (leave - entry) * 0.01 * (if k % 2 = 0 then 1.0 else -1.0)

        fills.Append($"{at},{2 * k},{opening},{text entry},0.01,0.165,maker,entry,0.01\n")
        |> ignore

        fills.Append($"{at + 2L * second},{2 * k + 1},{closing},{text leave},0.01,0.495,{role},{reason},0\n")
        |> ignore

        trades
            .Append($"{at},{at + 2L * second},{opening},0.01,{text entry},{text leave},{reason},")
            .Append($"{text gross},0.66,{text (gross - 0.66)}\n")
        |> ignore

    fills.ToString(), trades.ToString()

/// The newer figures, of which an older run folder has none.
let private measures none =
    let orNull value = if none then "null" else value

    let sure = orNull "[-80.25,-3.5]"

    let markout (horizon: int) half move low high =
        let sum = text (half + move)
        let ends = orNull $"[{text low},{text high}]"

        $"{{\"horizon_ms\":{horizon},\"markout_bps\":{orNull sum},\"half_spread_bps\":{orNull (text half)},"
        + $"\"adverse_bps\":{orNull (text move)},\"interval_90_bps\":{ends},"
        + "\"fills\":78,\"excluded\":2}"

    let bound (fills: int) net =
        $"{{\"fills\":{fills},\"trades\":{fills / 2},\"net_usd\":{net},\"avg_pnl_bps\":{orNull (text -3.2)},"
        + $"\"hit_rate\":{orNull (text 0.4)},\"sharpe\":null}}"

    String.Join(
        ",\n",
        [
            $"\"metrics\":{{\"equity\":{{\"net_usd\":-14.05,\"sharpe_60s\":{orNull (text -41.5)},\"returns\":29,"
            + $"\"sharpe_60s_interval_90\":{sure},\"max_drawdown_longest_s\":900}}"
            $"\"trips\":{{\"hit_rate\":{orNull (text 0.425)},\"hit_rate_fifo_lots\":{orNull (text 0.4)}}}"
            "\"objective\":{\"value\":null,\"trade_sharpe\":-2.5,\"max_dd_in_edges_days\":null,\"mean_abs_delta\":0.25}"
            "\"execution\":{\"slippage_vs_mid_ticks\":0.42,\"reject_ratio\":{\"badAloPxRejected\":0.125},"
            + "\"budget_horizon_h\":null,\"budget_horizon_is_infinite\":true,"
            + "\"queue_at_entry_lots\":{\"mean\":12.5,\"median\":8,\"p95\":40}}"
            $"\"markout\":[{markout 0 1.25 0.0 1.0 1.5},{markout 1000 1.25 -2.0 -1.5 0.5}]"
            "\"bootstrap\":{\"blocks\":4}}"
            $"\"queue_interval\":{{\"point_model\":\"PowerC:3\",\"point\":{bound 80 -14.0544}"
            $"\"risk_averse\":{bound 76 -15.5},\"front_first\":{bound 84 -12.25}}}"
        ]
    )

let private summary sample =
    let quote (s: string) =
        System.Text.Json.JsonSerializer.Serialize s

    let minutes = sample.Seconds / 60 - 1
    let yes, no = "true", "false"
    let none = sample.Trades = 0
    let orNull value = if none then "null" else value

    let gross, fees, net =
        if none then
            "0", "0", "0"
        else
            "12.3456", "26.4", "-14.0544"

    let gapFrom = start + int64 (sample.Seconds / 3) * second

    let iso ns =
        DateTime.UnixEpoch.AddTicks(ns / 100L).ToString "yyyy-MM-ddTHH:mm:ss.fffZ"

    let ending = start + int64 sample.Seconds * second

    let gaps =
        if sample.Blank then
            "[]"
        else
            $"""[{{"from":"{iso gapFrom}","to":"{iso (gapFrom + 60L * second)}","seconds":60}}]"""

    let skipped =
        if sample.Blank then
            "{}"
        else
            """{"p_value":14210,"cooldown":322,"spread_too_narrow":2970,"book_too_old_for_this_decision":12}"""

    String.Join(
        ",\n",
        [
            $"{{\"coin\":{quote sample.Coin}"
            $"\"span\":{{\"from\":\"{iso start}\",\"to\":\"{iso ending}\",\"active_minutes\":{minutes}}}"
            $"\"events\":184223,\"gaps\":{gaps},\"data_tier\":\"Q2\",\"seed\":41,\"run\":41"
            $"\"config_sha256\":\"{String('a', 64)}\",\"journal_sha256\":\"{String('b', 64)}\""
            $"\"trades\":{sample.Trades},\"fills\":{2 * sample.Trades},\"orders\":{3 * sample.Trades}"
            $"\"hit_rate\":{orNull (text 0.425)},\"gross_usd\":\"{gross}\""
            $"\"fees_usd\":{fees},\"net_usd\":{net}"
            $"\"avg_pnl_bps\":{orNull (text -3.193)},\"slippage_ticks\":{orNull (text 0.42)}"
            $"\"holding_ms\":{orNull (text 2000.0)},\"trades_per_min\":{orNull (text 1.379)}"
            $"\"max_drawdown_usd\":{orNull (text 15.02)},\"open_position\":0,\"ticks\":17400,\"skipped\":{skipped}"
            "\"maker_bps\":1.5,\"taker_bps\":4.5,\"latency\":\"constant: 20 ms to the venue, 20 ms back\""
            "\"queue\":\"RiskAverse\",\"equity_usd\":1000,\"strategy\":\"rotation scalper, document detector\""
            $"\"warnings\":[{quote sample.Warning}],\"complete\":{(if sample.Complete then yes else no)}"
            if not sample.Blank then
                measures none

            "\"data_tier_label\":\"Q2: own recording of book, best quotes and trades\"}"
        ]
    )

/// Writes a whole run folder, but for the report.
let write (folder: string) (sample: Sample) =
    Directory.CreateDirectory folder |> ignore

    let put name (content: string) =
        File.WriteAllText(Path.Combine(folder, name), content)

    let fills, trades = fillsAndTrades sample
    put "fills.csv" fills
    put "trades.csv" trades
    put "series.csv" (series sample)
    put "summary.json" (summary sample)
    put "config.effective.toml" "[symbol]\nname = \"BTC\"\n\n[gates]\np_value = 0.01\n"

    let orders =
        StringBuilder "order,slot,side,px,sz,tif,reduce_only,sent_ns,ack_ns,end_ns,filled,end,reason\n"

    for k in 0 .. 3 * sample.Trades - 1 do
        let ending = if k % 3 = 0 then "filled,entry" else "cancelled,ttl"

        orders.Append($"{k},0,buy,110000,0.01,alo,0,{start},,{start + second},0,{ending}\n")
        |> ignore

    put "orders.csv" (orders.ToString())
