using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Vrlg.Shell.Report;

/// <summary>A stretch without market data, in nanoseconds since 1970 (UTC).</summary>
public sealed record GapRow(long FromNs, long ToNs);

/// <summary>
/// The mean move of the mid after the fills at one horizon, in bps of the price, split at the mid of the fill's instant.
/// </summary>
public sealed record MarkoutRow(
    decimal HorizonMs,
    decimal? Bps,
    decimal? HalfSpreadBps,
    decimal? AdverseBps,
    (decimal Low, decimal High)? Interval,
    decimal Fills,
    decimal Excluded
);

/// <summary>
/// The figures of summary.json. Whatever the file leaves out or gives as null is null here: a figure that is not
/// defined, such as the hit rate of a run without trades, is shown as such and never as 0.
/// </summary>
public sealed class RunSummary
{
    private readonly JsonElement root;

    private RunSummary(JsonElement root, long? from, long? to, ImmutableArray<GapRow> gaps)
    {
        this.root = root;
        FromNs = from;
        ToNs = to;
        Gaps = gaps;
    }

    /// <summary>First instant of the data, nanoseconds since 1970 (UTC).</summary>
    public long? FromNs { get; }

    /// <summary>Last instant of the data, nanoseconds since 1970 (UTC).</summary>
    public long? ToNs { get; }

    /// <summary>Silences of the data.</summary>
    public ImmutableArray<GapRow> Gaps { get; }

    /// <summary>Minutes of the span that are not inside a gap.</summary>
    public decimal? ActiveMinutes => Child(root, "span") is { } span ? AsNumber(Child(span, "active_minutes")) : null;

    /// <summary>The run went through to its end. Anything but a plain yes counts as no.</summary>
    public bool Complete => Child(root, "complete") is { ValueKind: JsonValueKind.True };

    /// <summary>Sentences the run wants read before its figures.</summary>
    public ImmutableArray<string> Warnings => [.. Items("warnings").Select(AsText).OfType<string>()];

    /// <summary>Decisions left out, by reason, the most frequent first.</summary>
    public ImmutableArray<(string Reason, decimal Count)> Skipped =>
        Child(root, "skipped") is { ValueKind: JsonValueKind.Object } skipped
            ?
            [
                .. skipped
                    .EnumerateObject()
                    .Select(p => (Reason: p.Name, Count: AsNumber(p.Value) ?? 0))
                    .OrderByDescending(p => p.Count)
                    .ThenBy(p => p.Reason, StringComparer.Ordinal),
            ]
            : [];

    /// <summary>Reads summary.json; throws <see cref="ReportException"/> when it is absent or not one object.</summary>
    public static RunSummary Read(string path)
    {
        var text = RunText.Read(path);
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(text);
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new ReportException(
                $"{path}:{(e.LineNumber ?? 0) + 1}: this is not JSON ({e.Message}). "
                    + "Run the back-test again to write the file anew.",
                e
            );
        }

        if (root.ValueKind != JsonValueKind.Object)
            throw new ReportException($"{path}:1: the file must hold one object. Run the back-test again.");
        var span = Child(root, "span");
        var gaps = ImmutableArray.CreateBuilder<GapRow>();
        var silences = Child(root, "gaps") is { ValueKind: JsonValueKind.Array } array
            ? [.. array.EnumerateArray()]
            : Array.Empty<JsonElement>();
        foreach (var gap in silences)
        {
            if (
                AsInstant(path, "gaps.from", Child(gap, "from")) is { } from
                && AsInstant(path, "gaps.to", Child(gap, "to")) is { } to
            )
                gaps.Add(new(from, to));
        }

        return new(
            root,
            span is { } s ? AsInstant(path, "span.from", Child(s, "from")) : null,
            span is { } z ? AsInstant(path, "span.to", Child(z, "to")) : null,
            gaps.DrainToImmutable()
        );
    }

    /// <summary>A figure by the names on the way to it; a number may stand as a number or as its text.</summary>
    public decimal? Number(params ReadOnlySpan<string> path) => AsNumber(Find(path));

    /// <summary>A word by the names on the way to it.</summary>
    public string? Text(params ReadOnlySpan<string> path) => AsText(Find(path));

    /// <summary>Two ends of an interval inside objects; null where it is not defined.</summary>
    public (decimal Low, decimal High)? Interval(params ReadOnlySpan<string> path) => AsInterval(Find(path));

    /// <summary>Whether an object of that name is there.</summary>
    public bool Has(string name) => Child(root, name) is { ValueKind: JsonValueKind.Object };

    /// <summary>Named figures of an object, in its order.</summary>
    public ImmutableArray<(string Name, decimal Value)> Numbers(params ReadOnlySpan<string> path) =>
        Find(path) is { ValueKind: JsonValueKind.Object } named
            ? [.. named.EnumerateObject().Select(p => (p.Name, Value: AsNumber(p.Value) ?? 0))]
            : [];

    /// <summary>The markout curve, the shortest horizon first.</summary>
    public ImmutableArray<MarkoutRow> Markouts =>
        Find(["metrics", "markout"]) is { ValueKind: JsonValueKind.Array } rows
            ?
            [
                .. rows.EnumerateArray()
                    .Select(r => new MarkoutRow(
                        AsNumber(Child(r, "horizon_ms")) ?? 0,
                        AsNumber(Child(r, "markout_bps")),
                        AsNumber(Child(r, "half_spread_bps")),
                        AsNumber(Child(r, "adverse_bps")),
                        AsInterval(Child(r, "interval_90_bps")),
                        AsNumber(Child(r, "fills")) ?? 0,
                        AsNumber(Child(r, "excluded")) ?? 0
                    )),
            ]
            : [];

    private JsonElement? Find(ReadOnlySpan<string> path)
    {
        JsonElement? at = root;
        foreach (var name in path)
            at = at is { } inside ? Child(inside, name) : null;
        return at;
    }

    private static (decimal Low, decimal High)? AsInterval(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Array } ends
        && ends.GetArrayLength() == 2
        && (AsNumber(ends[0]), AsNumber(ends[1])) is ({ } low, { } high)
            ? (low, high)
            : null;

    private JsonElement[] Items(string name) =>
        Child(root, name) is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];

    private static JsonElement? Child(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : null;

    private static string? AsText(JsonElement? value) => value is { } v ? AsText(v) : null;

    private static string? AsText(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText(),
        };

    private static decimal? AsNumber(JsonElement? value) =>
        decimal.TryParse(AsText(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static long? AsInstant(string path, string name, JsonElement? value)
    {
        if (AsText(value) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ns))
            return ns;
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTime.TryParse(text, CultureInfo.InvariantCulture, utc, out var instant))
            return (instant - DateTime.UnixEpoch).Ticks * 100;
        throw new ReportException(
            $"{path}: {name} is \"{text}\", but it must be an instant such as 2025-09-04T00:00:00Z."
        );
    }
}
