using System.Globalization;
using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>The first line of a log, up to when the venue began: what must be the same for it to be gone on with.</summary>
internal static class LogHead
{
    private const decimal One = 100_000_000m;

    /// <summary>Of a venue that begins so. The object is left open: when it began comes last.</summary>
    public static string Of(VenueConfig c)
    {
        var funds = string.Join(' ', c.Funds.Select(f => $"{f.Item1}={f.Item2}"));
        var spot = string.Join(' ', c.SpotFunds.Select(f => $"{f.Item1}={f.Item2}:{f.Item3}"));
        var limits = c.HasLimits ? "true" : "false";
        var market = FormattableString.Invariant(
            $"\"seed\":{c.Seed},\"scenario\":\"{c.Scenario}\",\"speed\":{c.Speed},\"limits\":{limits}"
        );
        return $"{{\"venue\":1,{market},\"funds\":\"{funds}\",\"spot\":\"{spot}\"";
    }

    /// <summary>The flags in which two heads differ, with what the first and then the second has. Null where one is no head.</summary>
    public static string? Difference(string logged, string now)
    {
        if (FlagsOf(logged) is not { } before || FlagsOf(now) is not { } after)
            return null;
        var all = before.Zip(after).Where(p => p.First.Said != p.Second.Said);
        return string.Join("; ", all.Select(p => $"{Shown(p.First)}, now {Shown(p.Second)}"));
    }

    private static string Shown((string Flag, string Said) one) => one.Said.Length == 0 ? $"no {one.Flag}" : one.Said;

    // As they are typed.
    private static (string Flag, string Said)[]? FlagsOf(string head)
    {
        try
        {
            using var json = JsonDocument.Parse(head + "}");
            var root = json.RootElement;
            return
            [
                ("--seed", $"--seed {root.GetProperty("seed").GetRawText()}"),
                ("--scenario", $"--scenario {Text(root, "scenario").ToLowerInvariant()}"),
                ("--speed", $"--speed {root.GetProperty("speed").GetRawText()}"),
                ("--limits", $"--limits {(root.GetProperty("limits").GetBoolean() ? "venue" : "off")}"),
                ("--fund", Funds("--fund", Text(root, "funds"), Amount)),
                ("--fund-spot", Funds("--fund-spot", Text(root, "spot"), TokenAmount)),
            ];
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? "";

    private static string Funds(string flag, string all, Func<string, string> amount) =>
        string.Join(
            ' ',
            all.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(f => f.Split('=', 2))
                .Select(f => $"{flag} {f[0]}={amount(f[^1])}")
        );

    private static string Amount(string raw) =>
        (long.Parse(raw, CultureInfo.InvariantCulture) / One).ToString("0.########", CultureInfo.InvariantCulture);

    private static string TokenAmount(string raw)
    {
        var parts = raw.Split(':', 2);
        var index = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var name = Listing.tokens.FirstOrDefault(t => t.Index == index)?.Name ?? parts[0];
        return $"{name}:{Amount(parts[^1])}";
    }
}
