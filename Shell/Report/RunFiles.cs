using System.Collections.Immutable;

namespace Vrlg.Shell.Report;

/// <summary>One fill: nanoseconds since 1970, price and fee in the quote currency, size in the traded coin.</summary>
public sealed record FillRow(
    long TimeNs,
    string Side,
    double Px,
    decimal Sz,
    decimal FeeUsd,
    string Role,
    string Reason,
    double PositionAfter
);

/// <summary>One closed round trip with its reason to exit and its money in USD.</summary>
public sealed record TradeRow(string Side, string Reason, decimal GrossUsd, decimal FeeUsd, decimal NetUsd);

/// <summary>How one order ended.</summary>
public sealed record OrderRow(string Tif, string End, string Reason);

/// <summary>
/// The run sampled once a second, column by column. NaN stands for undefined. Spread in ticks, depth in the traded
/// coin, period in seconds, phase in cycles, position in the traded coin, equity in USD.
/// </summary>
public sealed record SeriesTable(
    long[] TimeNs,
    double[] Mid,
    double[] SpreadTicks,
    double[] Dob,
    double[] PeriodS,
    double[] Phase,
    double[] PValue,
    double[] Position,
    double[] EquityUsd,
    bool?[] Active
);

/// <summary>The detector's phase, in cycles: on the 100 ms grid, in a folder of an older build once a second.</summary>
public sealed record PhaseTable(long[] TimeNs, double[] Phase);

/// <summary>Everything the report shows, as the files of one run folder hold it.</summary>
public sealed record RunFiles(
    RunSummary Summary,
    ImmutableArray<FillRow> Fills,
    ImmutableArray<TradeRow> Trades,
    ImmutableArray<OrderRow> Orders,
    SeriesTable Series,
    PhaseTable Phase,
    string ConfigText
)
{
    /// <summary>
    /// Reads a run folder. Throws <see cref="ReportException"/> at the first file that cannot be shown.
    /// </summary>
    public static RunFiles Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            var what = File.Exists(folder) ? "this is a file, not a run folder" : "there is no such run folder";
            throw new ReportException($"{folder}: {what}. Name a folder that a back-test or a demo wrote.");
        }

        var series = ReadSeries(folder);
        return new(
            RunSummary.Read(Path.Combine(folder, "summary.json")),
            ReadFills(folder),
            ReadTrades(folder),
            ReadOrders(folder),
            series,
            ReadPhase(folder) ?? new(series.TimeNs, series.Phase),
            RunText.Read(Path.Combine(folder, "config.effective.toml"))
        );
    }

    private static ImmutableArray<FillRow> ReadFills(string folder)
    {
        var file = new Columns(
            folder,
            "fills.csv",
            "time_ns",
            "side",
            "px",
            "sz",
            "fee_usd",
            "role",
            "reason",
            "position_after"
        );
        var rows = ImmutableArray.CreateBuilder<FillRow>();
        while (file.Next())
        {
            rows.Add(
                new(
                    file.Nanoseconds("time_ns"),
                    file.Text("side"),
                    (double)file.Amount("px"),
                    file.Amount("sz"),
                    file.Amount("fee_usd"),
                    file.Text("role"),
                    file.Text("reason"),
                    (double)file.Amount("position_after")
                )
            );
        }

        return rows.DrainToImmutable();
    }

    private static ImmutableArray<TradeRow> ReadTrades(string folder)
    {
        var file = new Columns(folder, "trades.csv", "side", "reason", "gross_usd", "fee_usd", "net_usd");
        var rows = ImmutableArray.CreateBuilder<TradeRow>();
        while (file.Next())
        {
            rows.Add(
                new(
                    file.Text("side"),
                    file.Text("reason"),
                    file.Amount("gross_usd"),
                    file.Amount("fee_usd"),
                    file.Amount("net_usd")
                )
            );
        }

        return rows.DrainToImmutable();
    }

    private static ImmutableArray<OrderRow> ReadOrders(string folder)
    {
        var file = new Columns(folder, "orders.csv", "tif", "end", "reason");
        var rows = ImmutableArray.CreateBuilder<OrderRow>();
        while (file.Next())
            rows.Add(new(file.Text("tif"), file.Text("end"), file.Text("reason")));
        return rows.DrainToImmutable();
    }

    private static PhaseTable? ReadPhase(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "phase.csv")))
            return null;
        var file = new Columns(folder, "phase.csv", "time_ns", "phase");
        var time = new List<long>(file.Capacity);
        var phase = new List<double>(file.Capacity);
        while (file.Next())
        {
            time.Add(file.Nanoseconds("time_ns"));
            phase.Add(file.Drawn("phase"));
        }

        return new([.. time], [.. phase]);
    }

    private static SeriesTable ReadSeries(string folder)
    {
        string[] drawn = ["mid", "spread_ticks", "dob", "period_s", "phase", "p_value", "position", "equity_usd"];
        var file = new Columns(folder, "series.csv", ["time_ns", "active", .. drawn]);
        var time = new List<long>(file.Capacity);
        var active = new List<bool?>(file.Capacity);
        var values = Array.ConvertAll(drawn, _ => new List<double>(file.Capacity));
        while (file.Next())
        {
            time.Add(file.Nanoseconds("time_ns"));
            active.Add(file.Flag("active"));
            for (var i = 0; i < drawn.Length; i++)
                values[i].Add(file.Drawn(drawn[i]));
        }

        var columns = Array.ConvertAll(values, v => v.ToArray());
        return new(
            [.. time],
            columns[0],
            columns[1],
            columns[2],
            columns[3],
            columns[4],
            columns[5],
            columns[6],
            columns[7],
            [.. active]
        );
    }
}
