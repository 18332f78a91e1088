using System.Text;

namespace Vrlg.Shell.Report;

/// <summary>
/// The figures of <c>metrics</c> in summary.json as tables, each with its unit (docs/metrics.md says how they are made).
/// A run folder written before they existed has none of these tables.
/// </summary>
internal static class Measures
{
    /// <summary>The tables of all groups side by side; empty where the summary has no such figures.</summary>
    public static string All(RunSummary s)
    {
        if (!s.Has("metrics"))
            return "";
        return "<section aria-labelledby=\"h-measures\"><h2 id=\"h-measures\">Measures</h2><div class=\"pair\">"
            + Card("Equity and risk", Equity(s))
            + Card("Round trips", Trips(s))
            + Card("Orders and queue", Orders(s))
            + Card("Thin moments", Thin(s))
            + Card("Refused by the exchange", Refused(s))
            + Card("Objective of a sweep", Objective(s))
            + Card("Inventory and open rest", Inventory(s))
            + "</div></section>";
    }

    /// <summary>The headline figures under the run's own queue rule, beside both bounds.</summary>
    public static string QueueInterval(RunSummary s)
    {
        if (!s.Has("queue_interval"))
            return "";
        var text = new StringBuilder(
            "<section class=\"card\" aria-labelledby=\"h-queue\"><h2 id=\"h-queue\">Where in the queue we stood</h2>"
                + "<p class=\"note\">Nobody can see the place in the queue. RiskAverse lets cancels happen behind us, "
                + "FrontFirst ahead of us: the truth lies between. The settings' own rule is the point estimate.</p>"
        ).Append(
            Sections.Head(
                "Same settings, same data, three queue rules",
                ["Figure", $"The run: {s.Text("queue_interval", "point_model")}", "RiskAverse", "FrontFirst"]
            )
        );
        Triple(text, s, "Fills", "fills", Figure.Count);
        Triple(text, s, "Closed trades", "trades", Figure.Count);
        Triple(text, s, "Net, USD", "net_usd", Figure.Money);
        Triple(text, s, "Average per trade, net, bps", "avg_pnl_bps", v => Figure.With(v, "").TrimEnd());
        Triple(text, s, "Hit rate", "hit_rate", Figure.Percent);
        Triple(text, s, "Sharpe, per root year", "sharpe", v => Figure.With(v, "").TrimEnd());
        return text.Append("</tbody></table></div></section>").ToString();
    }

    /// <summary>The markout curve as a table: the two parts add up to the whole.</summary>
    public static string MarkoutTable(RunSummary s)
    {
        if (s.Markouts.IsEmpty)
            return "";
        var text = Sections.Head(
            "Markout in bps of the price, weighted by size; above 0 is good for us",
            ["After", "Markout", "Half-spread", "Move of the mid", "90 % interval", "Fills", "Left out"]
        );
        foreach (var m in s.Markouts)
        {
            var sure = m.Interval is { } i ? $"{Bps(i.Low)} to {Bps(i.High)}" : null;
            text.Append("<tr><th scope=\"row\">").Append(After(m.HorizonMs)).Append("</th>");
            foreach (
                var cell in new[] { Part(m.Bps), Part(m.HalfSpreadBps), Part(m.AdverseBps), sure ?? Figure.Undefined }
            )
                text.Append("<td class=\"n\">").Append(cell).Append("</td>");
            text.Append("<td class=\"n\">").Append(Figure.Count(m.Fills)).Append("</td><td class=\"n\">");
            text.Append(Figure.Count(m.Excluded)).Append("</td></tr>");
        }

        return text.Append("</tbody></table></div>").ToString();
    }

    /// <summary>A horizon in words.</summary>
    public static string After(decimal ms) => ms < 1_000 ? Figure.With(ms, "ms") : Figure.With(ms / 1_000, "s");

    private static string Equity(RunSummary s)
    {
        var t = new Table(s, "metrics", "equity");
        t.Add("Net, open rest at the mid", "net_usd", Figure.Usd);
        t.Add("Largest drawdown", "max_drawdown_usd", Figure.Usd);
        t.Add("Largest drawdown of its peak", "max_drawdown_pct", v => Figure.With(v, "%"));
        t.Add("Longest time below a peak", "max_drawdown_longest_s", Figure.Span);
        t.Add("Daily edge", "daily_edge_usd_per_day", v => Figure.Usd(v) + " a day");
        var samples = s.Number("metrics", "equity", "returns") is { } n ? $", {Figure.Count(n)} returns" : "";
        t.Sure($"Sharpe, samples of 60 s{samples}", "sharpe_60s", "sharpe_60s_interval_90", "per root year");
        t.Add("Sharpe, daily samples (30 days on)", "sharpe_daily", v => Figure.With(v, "per root year"));
        t.Add("Sortino, samples of 60 s", "sortino", v => Figure.With(v, "per root year"));
        t.Add("Calmar", "calmar", v => Figure.With(v, "per year"));
        t.Add("Turnover", "turnover", v => Figure.With(v, "times the capital"));
        t.Add("Turnover a day", "turnover_per_day", v => Figure.With(v, "times the capital"));
        return t.Html;
    }

    private static string Trips(RunSummary s)
    {
        var t = new Table(s, "metrics", "trips");
        t.Add("Hit rate by round trips", "hit_rate", Figure.Percent);
        t.Add("Hit rate by lots, first in first out", "hit_rate_fifo_lots", Figure.Percent);
        t.Sure("Average net, by value", "avg_pnl_bps", "avg_pnl_interval_90_bps", "bps");
        t.Add("Average net, equal weights", "avg_pnl_equal_bps", v => Figure.With(v, "bps"));
        t.Add("Profit factor", "profit_factor", Figure.Count);
        t.Add("Holding time, mean", "holding_mean_ms", v => Figure.With(v, "ms"));
        t.Add("Holding time, median", "holding_median_ms", v => Figure.With(v, "ms"));
        t.Add("Holding time, 95 %", "holding_p95_ms", v => Figure.With(v, "ms"));
        t.Add("Trades per active minute", "trades_per_min", v => Figure.With(v, "/min"));
        t.Add("Fills per active minute", "fills_per_min", v => Figure.With(v, "/min"));
        t.Add("Funding paid", "funding_usd", Figure.Usd);
        return t.Html;
    }

    private static string Orders(RunSummary s)
    {
        var t = new Table(s, "metrics", "execution");
        foreach (var (name, key) in new[] { ("mid", "mid"), ("touch", "touch") })
        {
            t.Add($"Slippage against the {name}", $"slippage_vs_{key}_ticks", v => Figure.With(v, "ticks"));
            t.Add(
                $"Slippage against the {name}, maker",
                $"slippage_vs_{key}_maker_ticks",
                v => Figure.With(v, "ticks")
            );
            t.Add(
                $"Slippage against the {name}, taker",
                $"slippage_vs_{key}_taker_ticks",
                v => Figure.With(v, "ticks")
            );
        }

        t.Add("Filled of the size accepted", "fill_ratio_qty", Figure.Percent);
        t.Add("Accepted orders with a fill", "fill_ratio_orders", Figure.Percent);
        t.Add("Part in the volume at our prices", "participation", Figure.Percent);
        t.Spread("Lots ahead at entry", "queue_at_entry_lots", "lots");
        t.Spread("Time to first fill", "time_to_first_fill_ms", "ms");
        t.Add("Cancels a fill", "cancel_to_fill", Figure.Count);
        t.Add("Actions a trade", "actions_per_trade", Figure.Count);
        t.Say("Action budget lasts", Horizon(s));
        return t.Html;
    }

    private static string Thin(RunSummary s)
    {
        var t = new Table(s, "metrics", "thin_moments");
        t.Add("Signals", "signals", Figure.Count);
        t.Add("Of them judged: their second is inside the data", "judged", Figure.Count);
        t.Add("Traded through the best quote within 1 s", "traded_through_share", Figure.Percent);
        t.Add("Effective spread of all trades", "effective_spread_bps", v => Figure.With(v, "bps"));
        t.Add(
            "Effective spread within 1 s of a signal",
            "effective_spread_after_signals_bps",
            v => Figure.With(v, "bps")
        );
        t.Add("Trades within 1 s of a signal", "trades_after_signals", Figure.Count);
        return t.Html;
    }

    private static string Refused(RunSummary s)
    {
        var t = new Table(s, "metrics", "execution");
        foreach (var (code, share) in s.Numbers("metrics", "execution", "reject_ratio"))
            t.Say(code, Figure.Percent(share) + " of the orders sent");
        foreach (var (code, share) in s.Numbers("metrics", "execution", "cancel_reject_ratio"))
            t.Say(code, Figure.Percent(share) + " of the cancels sent");
        return t.IsEmpty ? "<p class=\"empty\">Nothing was refused.</p>" : t.Html;
    }

    private static string Objective(RunSummary s)
    {
        var t = new Table(s, "metrics", "objective");
        t.Add("Objective", "value", Figure.Count);
        t.Add("Trade Sharpe", "trade_sharpe", Figure.Count);
        t.Add("Largest drawdown in daily edges", "max_dd_in_edges_days", v => Figure.With(v, "days"));
        t.Add("Mean |position| over the limit", "mean_abs_delta", Figure.Plain);
        return t.Html;
    }

    private static string Inventory(RunSummary s)
    {
        var coin = s.Text("coin") ?? "coins";
        var t = new Table(s, "metrics", "inventory");
        t.Add("Mean position", "mean_coins", v => Figure.Plain(v) + " " + coin);
        t.Add("Mean |position|", "mean_abs_coins", v => Figure.Plain(v) + " " + coin);
        t.Add("Largest |position|", "max_abs_coins", v => Figure.Plain(v) + " " + coin);
        t.Add("Standard deviation", "std_coins", v => Figure.Plain(v) + " " + coin);
        t.Add("Time at the limit", "time_at_limit_share", Figure.Percent);
        var open = new Table(s, "metrics", "open");
        t.Say("Open at the end", open.Value("position_coins", v => Figure.Plain(v) + " " + coin));
        t.Say("Open rest, net at the mid", open.Value("net_usd", Figure.Usd));
        var sure = new Table(s, "metrics", "without_uncertain");
        t.Say("Uncertain fills, of the size", sure.Value("uncertain_share", Figure.Percent));
        t.Say("Trades without uncertain fills", sure.Value("trades", Figure.Count));
        t.Say("Net without uncertain fills", sure.Value("net_usd", Figure.Usd));
        return t.Html;
    }

    private static string? Horizon(RunSummary s) =>
        s.Text("metrics", "execution", "budget_horizon_is_infinite") is "true"
            ? "without end"
            : Sections.Or(s.Number("metrics", "execution", "budget_horizon_h"), v => Figure.With(v, "h"));

    private static string Card(string title, string table) =>
        $"<section class=\"card\"><h3>{title}</h3>{table}</section>";

    private static string Bps(decimal value) => Figure.With(value, "").TrimEnd();

    private static string Part(decimal? value) => value is { } v ? Bps(v) : Figure.Undefined;

    private static void Triple(StringBuilder text, RunSummary s, string name, string key, Func<decimal, string> write)
    {
        text.Append("<tr><th scope=\"row\">").Append(name).Append("</th>");
        foreach (var rule in new[] { "point", "risk_averse", "front_first" })
            text.Append("<td class=\"n\">")
                .Append(Sections.Or(s.Number("queue_interval", rule, key), write) ?? Figure.Undefined)
                .Append("</td>");
        text.Append("</tr>");
    }

    /// <summary>One group of figures as a table of two columns.</summary>
    private sealed class Table(RunSummary s, string outer, string group)
    {
        private readonly StringBuilder rows = new();

        public bool IsEmpty => rows.Length == 0;

        public string Html => "<table class=\"figures\"><tbody>" + rows + "</tbody></table>";

        public string? Value(string key, Func<decimal, string> write) =>
            Sections.Or(s.Number(outer, group, key), write);

        public void Say(string name, string? value) => Sections.Row(rows, name, value, "n");

        public void Add(string name, string key, Func<decimal, string> write) => Say(name, Value(key, write));

        public void Sure(string name, string key, string interval, string unit)
        {
            Add(name, key, v => Figure.With(v, unit));
            var blocks = Sections.Or(s.Number(outer, "bootstrap", "blocks"), Figure.Count) ?? "no";
            var ends = s.Interval(outer, group, interval) is { } i ? $"{Bps(i.Low)} to {Bps(i.High)} {unit}" : null;
            Say($"90 % interval of it ({blocks} blocks of 30 min)", ends);
        }

        public void Spread(string name, string key, string unit)
        {
            string? Of(string part) => Sections.Or(s.Number(outer, group, key, part), v => Figure.With(v, unit));
            Say(name + ", mean", Of("mean"));
            Say(name + ", median", Of("median"));
            Say(name + ", 95 %", Of("p95"));
        }
    }
}
