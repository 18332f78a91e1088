using System.Text.Json;
using Vrlg.Core;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>How a book is shown: every price, or rounded to so many significant digits.</summary>
/// <param name="SigFigs">2 to 5; 0 shows every price.</param>
/// <param name="Mantissa">1, 2 or 5.</param>
/// <param name="Depth">The most levels a side.</param>
internal readonly record struct BookShape(int SigFigs, int Mantissa, int Depth)
{
    /// <summary>Reads <c>nSigFigs</c> and <c>mantissa</c>; false for figures that the venue does not know.</summary>
    public static bool TryRead(JsonElement from, out BookShape shape)
    {
        shape = new BookShape(0, 1, 20);
        if (
            !Asked.TryOptionalWhole(from, "nSigFigs", 0, out var figs)
            || !Asked.TryOptionalWhole(from, "mantissa", 1, out var mantissa)
        )
            return false;
        shape = new BookShape((int)figs, (int)mantissa, 20);
        return (figs is 0 or (>= 2 and <= 5)) && mantissa is 1 or 2 or 5 && (mantissa == 1 || figs == 5);
    }
}

/// <summary>Books, best quotes, trades and bars (protocol 2.1).</summary>
internal static class BookJson
{
    /// <summary>Book.</summary>
    public static void Book(Utf8JsonWriter json, VenueState s, Listed m, BookShape shape, bool isFast)
    {
        json.WriteStartObject();
        json.WriteString("coin", m.Coin);
        json.WriteNumber("time", s.Time);
        var bids = Levels(s, m, Side.Buy, shape);
        var asks = Levels(s, m, Side.Sell, shape);
        json.WriteStartArray("levels");
        foreach (var side in new[] { bids, asks })
        {
            json.WriteStartArray();
            foreach (var level in side)
                Level(json, level);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        if (shape.SigFigs > 0 && bids.Count > 0 && asks.Count > 0)
            json.WriteAmount("spread", asks[0].Item1 - bids[0].Item1);
        if (isFast)
            json.WriteBoolean("fast", true);
        json.WriteEndObject();
    }

    /// <summary>Best quotes.</summary>
    public static void Best(Utf8JsonWriter json, VenueState s, Listed m)
    {
        json.WriteStartObject();
        json.WriteString("coin", m.Coin);
        json.WriteNumber("time", s.Time);
        json.WriteStartArray("bbo");
        foreach (var side in new[] { Side.Buy, Side.Sell })
        {
            var best = Engine.levels(s, m, side, 1);
            if (best.Length == 0)
                json.WriteNullValue();
            else
                Level(json, best[0]);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A trade.</summary>
    public static void Trade(Utf8JsonWriter json, VenueTrade t)
    {
        json.WriteStartObject();
        json.WriteString("coin", t.Market.Coin);
        json.WriteString("side", Letter(t.Side));
        json.WriteAmount("px", t.Px);
        json.WriteAmount("sz", t.Sz);
        json.WriteNumber("time", t.Time);
        json.WriteString("hash", t.Hash);
        json.WriteNumber("tid", t.Tid);
        json.WriteStartArray("users");
        json.WriteStringValue(t.Buyer);
        json.WriteStringValue(t.Seller);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A bar.</summary>
    public static void Bar(Utf8JsonWriter json, Listed m, int interval, Candle c)
    {
        json.WriteStartObject();
        json.WriteNumber("t", c.Time);
        json.WriteNumber("T", Interval.following(interval, c.Time) - 1);
        json.WriteString("s", m.Coin);
        json.WriteString("i", Interval.name(interval));
        json.WriteAmount("o", c.Open);
        json.WriteAmount("c", c.Close);
        json.WriteAmount("h", c.High);
        json.WriteAmount("l", c.Low);
        json.WriteAmount("v", c.Volume);
        json.WriteNumber("n", c.Trades);
        json.WriteEndObject();
    }

    /// <summary>B or A.</summary>
    public static string Letter(Side side) => side == Side.Buy ? "B" : "A";

    private static List<(long, long, int)> Levels(VenueState s, Listed m, Side side, BookShape shape)
    {
        var all = Engine.levels(s, m, side, shape.SigFigs == 0 ? shape.Depth : int.MaxValue);
        var found = new List<(long, long, int)>();
        foreach (var (px, sz, n) in all)
        {
            var shown = shape.SigFigs == 0 ? px : Rounded(px, side, shape);
            if (found.Count > 0 && found[^1].Item1 == shown)
                found[^1] = (shown, found[^1].Item2 + sz, found[^1].Item3 + n);
            else if (found.Count == shape.Depth)
                break;
            else
                found.Add((shown, sz, n));
        }

        return found;
    }

    /// <summary>To so many significant digits of its own, bids down and asks up.</summary>
    private static long Rounded(long px, Side side, BookShape shape)
    {
        long unit = 1;
        for (var p = px; p >= 10; p /= 10)
            unit *= 10;
        for (var i = 1; i < shape.SigFigs && unit > 1; i++)
            unit /= 10;
        unit *= shape.Mantissa;
        var down = px - px % unit;
        return side == Side.Buy || down == px ? down : down + unit;
    }

    private static void Level(Utf8JsonWriter json, (long, long, int) level)
    {
        json.WriteStartObject();
        json.WriteAmount("px", level.Item1);
        json.WriteAmount("sz", level.Item2);
        json.WriteNumber("n", level.Item3);
        json.WriteEndObject();
    }
}
