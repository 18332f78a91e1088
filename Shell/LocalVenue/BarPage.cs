using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// A <c>candleSnapshot</c>: its bars are taken under the venue's lock, and written as JSON, which takes longer, outside of it.
/// </summary>
internal sealed class BarPage
{
    private readonly Listed? market;
    private readonly int interval;
    private readonly long from;
    private readonly long? until;

    private BarPage(Listed? market, int interval, long from, long? until)
    {
        this.market = market;
        this.interval = interval;
        this.from = from;
        this.until = until;
    }

    /// <summary>Whether a request asks for bars; <paramref name="page"/> is null where it cannot be read.</summary>
    public static bool IsOne(JsonElement request, out BarPage? page)
    {
        page = null;
        if (!Asked.TryText(request, "type", out var type) || type != "candleSnapshot")
            return false;
        if (
            !request.TryGetProperty("req", out var req)
            || !Asked.TryText(req, "coin", out var coin)
            || !Asked.TryText(req, "interval", out var name)
            || !Asked.TryWhole(req, "startTime", out var from)
            || !Asked.TryOptionalWhole(req, "endTime", 0, out var until)
            || Interval.find(name) is var interval && interval < 0
        )
            return true;
        var found = Listing.ofCoin(coin);
        page = new BarPage(
            found.IsSome ? found.Value : null,
            interval,
            from,
            Asked.IsAbsent(req, "endTime") ? null : until
        );
        return true;
    }

    /// <summary>Its bars.</summary>
    public Candle[] Take(VenueState s) =>
        market is null ? [] : s.Candles.Between(market, interval, from, until ?? s.Time, s.Time);

    /// <summary>Bars that were taken, as JSON.</summary>
    public byte[] Write(Candle[] bars) =>
        JsonBytes.Of(json =>
        {
            json.WriteStartArray();
            foreach (var bar in bars)
                BookJson.Bar(json, market!, interval, bar);
            json.WriteEndArray();
        });
}
