using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What an account was worth and gained over eight spans, from a value an hour and now (protocol 2.2).</summary>
internal static class PortfolioJson
{
    private const long Day = 86_400_000;

    private static readonly (string Name, long Length)[] Spans =
    [
        ("day", Day),
        ("week", 7 * Day),
        ("month", 30 * Day),
        ("allTime", long.MaxValue),
    ];

    /// <summary>portfolio.</summary>
    public static void Write(Utf8JsonWriter json, VenueState s, VenueAccount? a)
    {
        var all = a is null ? [] : Points(s, a);
        json.WriteStartArray();
        foreach (var isPerp in new[] { false, true })
        {
            foreach (var (name, length) in Spans)
            {
                var from = length > s.Time ? long.MinValue : s.Time - length;
                json.WriteStartArray();
                json.WriteStringValue(isPerp ? "perp" + char.ToUpperInvariant(name[0]) + name[1..] : name);
                Span(json, all, from, isPerp);
                json.WriteEndArray();
            }
        }

        json.WriteEndArray();
    }

    // It begins with nothing gained.
    private static List<WorthPoint> Points(VenueState s, VenueAccount a)
    {
        var now = Figures.worthPoint(s, a);
        return [new WorthPoint(a.Created, 0, 0, 0, 0, 0, 0), .. a.Worths, now];
    }

    private static void Span(Utf8JsonWriter json, List<WorthPoint> all, long from, bool isPerp)
    {
        var shown = all.FindAll(p => p.Time >= from);
        var before = all.FindLast(p => p.Time < from);
        var first = shown.Count > 0 ? shown[0] : default;
        json.WriteStartObject();
        History(json, "accountValueHistory", shown, p => isPerp ? p.Perp : p.All);
        History(json, "pnlHistory", shown, p => Gain(p, isPerp) - Gain(first, isPerp));
        var last = shown.Count > 0 ? shown[^1] : default;
        json.WriteAmount("vlm", isPerp ? last.PerpVolume - before.PerpVolume : last.Volume - before.Volume);
        json.WriteEndObject();
    }

    private static long Gain(WorthPoint p, bool isPerp) => isPerp ? p.Perp - p.PerpFlow : p.All - p.Flow;

    private static void History(Utf8JsonWriter json, string name, List<WorthPoint> points, Func<WorthPoint, long> value)
    {
        json.WriteStartArray(name);
        foreach (var point in points)
        {
            json.WriteStartArray();
            json.WriteNumberValue(point.Time);
            json.WriteAmountValue(value(point));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
