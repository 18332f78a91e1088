using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Marks and middles of all markets (<c>fastAssetCtxs</c>): all of them at first, then those that changed.</summary>
internal sealed class FastMarks
{
    private readonly Dictionary<int, (long Mark, long Mid)> told = [];

    /// <summary>All of them, packed.</summary>
    public static string All(VenueState s) =>
        Packed(Listing.markets.Select(m => Of(m, s.Markets[m.Id].Mark, s.Mid(m))));

    /// <summary>Those that changed since the last time, packed; null when none did.</summary>
    public string? Changes(VenueState s)
    {
        var rows = new List<FastContext>();
        foreach (var m in Listing.markets)
        {
            var now = (s.Markets[m.Id].Mark, s.Mid(m));
            if (told.TryGetValue(m.Id, out var before) && before == now)
                continue;
            told[m.Id] = now;
            rows.Add(Of(m, now.Item1, now.Item2));
        }

        return rows.Count == 0 ? null : Packed(rows);
    }

    // A side of the book that is empty has no middle.
    private static FastContext Of(Listed m, long mark, long mid) =>
        new(m.Coin, Numeral.OfRaw(mark), mid == 0 ? null : Numeral.OfRaw(mid));

    private static string Packed(IEnumerable<FastContext> rows) => FastContext.Text(Rows.From(rows));
}
