using System.Text;
using System.Text.Json;

namespace Vrlg.Shell.Report;

/// <summary>
/// What the charts draw, as one JSON text that is safe inside a script element: the writer's own encoder turns
/// every angle bracket, ampersand, quote and character beyond ASCII into an escape. Times are milliseconds
/// after t0_ms.
/// </summary>
internal static class ChartData
{
    private const int Buckets = 1_200;
    private const int FillsWhole = 6_000;

    // A phase that goes round many times needs more points than any other line, or it looks like another one.
    private const int PhasesWhole = 12_000;

    /// <summary>The JSON text for one run.</summary>
    public static string Json(RunFiles run)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            var (time, source) = WithHoles(run.Series.TimeNs);
            var origin = Origin(run);
            json.WriteStartObject();
            json.WriteNumber("t0_ms", origin / 1_000_000);
            json.WriteNumber("end_ms", (Last(run) - origin) / 1_000_000);
            WriteSpans(json, "gaps", [.. run.Summary.Gaps.Select(g => (g.FromNs, g.ToNs))], origin);
            WriteSpans(json, "active", [.. ActiveSpans(run.Series, origin, Last(run))], origin);
            json.WriteBoolean("active_known", run.Series.Active.Any(a => a is not null));
            json.WriteStartObject("lines");
            WriteLine(json, "equity", time, source, run.Series.EquityUsd, origin);
            WritePosition(json, run, origin);
            WriteLine(json, "mid", time, source, run.Series.Mid, origin);
            WriteLine(json, "spread", time, source, run.Series.SpreadTicks, origin);
            WriteLine(json, "dob", time, source, run.Series.Dob, origin);
            WriteLine(json, "period", time, source, run.Series.PeriodS, origin);
            WritePhase(json, run.Phase, origin);
            WriteLine(json, "p", time, source, run.Series.PValue, origin);
            json.WriteEndObject();
            WriteFills(json, run, origin);
            WriteMarkouts(json, run.Summary);
            json.WriteStartObject("bars");
            WriteBars(json, "exit", Totals.ByReason(run.Trades).Select(t => (Meaning.Of(t.Name), t.NetUsd)));
            WriteBars(json, "side", Totals.BySide(run.Trades).Select(t => (t.Name, t.NetUsd)));
            WriteBars(json, "skips", run.Summary.Skipped.Select(s => (Meaning.Of(s.Reason), s.Count)));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>
    /// The stretches in which trading was allowed. Stretches which stand closer than a 4,000th of the run are drawn
    /// as one; the eye could not part them.
    /// </summary>
    internal static List<(long From, long To)> ActiveSpans(SeriesTable series, long first, long last)
    {
        var spans = new List<(long From, long To)>();
        var near = (last - first) / 4_000;
        for (var i = 0; i < series.TimeNs.Length; i++)
        {
            if (series.Active[i] is not true)
                continue;
            var from = series.TimeNs[i];
            var to = i + 1 < series.TimeNs.Length ? Math.Min(series.TimeNs[i + 1], from + 1_500_000_000) : from;
            if (spans.Count > 0 && from - spans[^1].To <= near)
                spans[^1] = (spans[^1].From, to);
            else
                spans.Add((from, to));
        }

        return spans;
    }

    private static long Origin(RunFiles run) =>
        run.Series.TimeNs is [var first, ..] ? Math.Min(first, run.Summary.FromNs ?? first) : run.Summary.FromNs ?? 0;

    private static long Last(RunFiles run) =>
        run.Series.TimeNs is [.., var last]
            ? Math.Max(last, run.Summary.ToNs ?? last)
            : run.Summary.ToNs ?? Origin(run);

    /// <summary>
    /// The instants with an undefined row (source -1) after each row which is followed by more than five usual steps
    /// of nothing, so that no line is drawn across a silence.
    /// </summary>
    private static (long[] Time, int[] Source) WithHoles(long[] time)
    {
        var steps = time.Skip(1).Zip(time, (b, a) => b - a).Order().ToArray();
        var limit = steps.Length == 0 ? long.MaxValue : 5 * Math.Max(1, steps[steps.Length / 2]);
        var instants = new List<long>(time.Length);
        var source = new List<int>(time.Length);
        for (var i = 0; i < time.Length; i++)
        {
            if (i > 0 && time[i] - time[i - 1] > limit)
            {
                instants.Add(time[i - 1] + 1_000_000);
                source.Add(-1);
            }

            instants.Add(time[i]);
            source.Add(i);
        }

        return ([.. instants], [.. source]);
    }

    private static void WriteLine(
        Utf8JsonWriter json,
        string name,
        long[] time,
        int[] source,
        double[] column,
        long origin,
        int buckets = Buckets
    )
    {
        var values = Array.ConvertAll(source, i => i < 0 ? double.NaN : column[i]);
        var kept = Decimate.MinMax(values, buckets);
        json.WriteStartObject(name);
        json.WriteBoolean("known", values.Any(double.IsFinite));
        json.WriteBoolean("thinned", kept.Length < values.Length);
        json.WriteStartArray("t");
        foreach (var i in kept)
            json.WriteNumberValue((time[i] - origin) / 1_000_000);
        json.WriteEndArray();
        json.WriteStartArray("v");
        foreach (var i in kept)
            WriteValue(json, values[i]);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePhase(Utf8JsonWriter json, PhaseTable phase, long origin)
    {
        var (time, source) = WithHoles(phase.TimeNs);
        var buckets = time.Length <= PhasesWhole ? Math.Max(1, time.Length) : PhasesWhole / 3;
        WriteLine(json, "phase", time, source, phase.Phase, origin, buckets);
    }

    // After every fill, not once a second: most positions are held for less.
    private static void WritePosition(Utf8JsonWriter json, RunFiles run, long origin)
    {
        var fills = run.Fills.OrderBy(f => f.TimeNs).ToArray();
        var isKnown = fills.Length > 0 || run.Series.TimeNs.Length > 0;
        long[] time = isKnown ? [origin, .. fills.Select(f => f.TimeNs), Last(run)] : [];
        double[] held = isKnown
            ? [0, .. fills.Select(f => f.PositionAfter), fills is [.., var last] ? last.PositionAfter : 0]
            : [];
        WriteLine(json, "position", time, [.. Enumerable.Range(0, time.Length)], held, origin);
    }

    private static void WriteValue(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteNullValue();
    }

    private static void WriteSpans(Utf8JsonWriter json, string name, (long From, long To)[] spans, long origin)
    {
        json.WriteStartArray(name);
        foreach (var (from, to) in spans)
        {
            json.WriteStartArray();
            json.WriteNumberValue((from - origin) / 1_000_000);
            json.WriteNumberValue((to - origin) / 1_000_000);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteFills(Utf8JsonWriter json, RunFiles run, long origin)
    {
        var drawn = DrawnFills(run);
        json.WriteStartObject("fills");
        json.WriteNumber("total", run.Fills.Length);
        json.WriteStartArray("rows");
        foreach (var fill in drawn)
        {
            json.WriteStartArray();
            json.WriteNumberValue((fill.TimeNs - origin) / 1_000_000);
            json.WriteNumberValue(fill.Px);
            json.WriteStringValue(fill.Side);
            json.WriteStringValue(fill.Role);
            json.WriteStringValue(Figure.Plain(fill.Sz));
            json.WriteStringValue(Meaning.Of(fill.Reason));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A row a horizon: milliseconds, markout, half-spread, move, both ends of the interval.</summary>
    private static void WriteMarkouts(Utf8JsonWriter json, RunSummary summary)
    {
        json.WriteStartArray("markout");
        foreach (var m in summary.Markouts)
        {
            json.WriteStartArray();
            json.WriteNumberValue(m.HorizonMs);
            foreach (var value in new[] { m.Bps, m.HalfSpreadBps, m.AdverseBps, m.Interval?.Low, m.Interval?.High })
            {
                if (value is { } known)
                    json.WriteNumberValue(known);
                else
                    json.WriteNullValue();
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static List<FillRow> DrawnFills(RunFiles run)
    {
        var rows = run.Fills.OrderBy(f => f.TimeNs).ToList();
        if (rows.Count <= FillsWhole)
            return rows;
        return
        [
            .. rows.GroupBy(f => (f.Side, f.Role))
                .SelectMany(kind =>
                {
                    var same = kind.ToArray();
                    return Decimate.MinMax(Array.ConvertAll(same, f => f.Px), FillsWhole / 8).Select(i => same[i]);
                })
                .OrderBy(f => f.TimeNs),
        ];
    }

    private static void WriteBars(Utf8JsonWriter json, string name, IEnumerable<(string Name, decimal Value)> bars)
    {
        json.WriteStartArray(name);
        foreach (var (label, value) in bars)
        {
            json.WriteStartArray();
            json.WriteStringValue(label);
            json.WriteNumberValue(value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
