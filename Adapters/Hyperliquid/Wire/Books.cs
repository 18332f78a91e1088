using System.Text.Json;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>One price of a book.</summary>
/// <param name="Px">Price.</param>
/// <param name="Sz">Size of all orders there.</param>
/// <param name="Orders">How many; none in old messages.</param>
public sealed record Level(Px Px, Sz Sz, int? Orders)
{
    internal static Level Read(JsonElement of, WireReader read) =>
        new(read.Px(of, "px"), read.Sz(of, "sz"), read.OptionalCount(of, "n"));

    internal static void Write(Level level, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("px", level.Px);
        json.Put("sz", level.Sz);
        json.PutAny("n", level.Orders);
        json.WriteEndObject();
    }

    internal static Level? ReadSide(JsonElement of, WireReader read) =>
        of.ValueKind == JsonValueKind.Null ? null : Read(of, read);

    internal static void WriteSide(Level? side, Utf8JsonWriter json)
    {
        if (side is null)
            json.WriteNullValue();
        else
            Write(side, json);
    }
}

/// <summary>A whole book, best first.</summary>
/// <param name="Coin">Of which instrument.</param>
/// <param name="TimeMs">Block time.</param>
/// <param name="Bids">Descending.</param>
/// <param name="Asks">Ascending.</param>
/// <param name="IsFast">Five levels instead of twenty.</param>
/// <param name="Spread">Only where levels are aggregated.</param>
public sealed record Book(string Coin, long TimeMs, Rows<Level> Bids, Rows<Level> Asks, bool IsFast, Numeral? Spread)
{
    internal static Book Read(JsonElement of, WireReader read)
    {
        var coin = read.Text(of, "coin");
        var time = read.Time(of, "time");
        var (bids, asks) = read.PairOf(read.Member(of, "levels"), "levels");
        return new(
            coin,
            time,
            read.RowsOf(bids, "levels", Level.Read),
            read.RowsOf(asks, "levels", Level.Read),
            read.OptionalFlag(of, "fast"),
            read.OptionalNumeral(of, "spread")
        );
    }

    internal static void Write(Book book, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("coin", book.Coin);
        json.Put("time", book.TimeMs);
        json.WriteStartArray("levels");
        json.PutRows(book.Bids, Level.Write);
        json.PutRows(book.Asks, Level.Write);
        json.WriteEndArray();
        json.PutAny("spread", book.Spread);
        json.PutAny("fast", book.IsFast);
        json.WriteEndObject();
    }
}

/// <summary>The answer to <c>l2Book</c>: none for a coin that the venue does not have.</summary>
public sealed record BookReply(Book? Book)
{
    internal static BookReply Read(JsonElement of, WireReader read) =>
        new(of.ValueKind == JsonValueKind.Null ? null : Wire.Book.Read(of, read));

    internal static void Write(BookReply reply, Utf8JsonWriter json)
    {
        if (reply.Book is null)
            json.WriteNullValue();
        else
            Wire.Book.Write(reply.Book, json);
    }
}

/// <summary>The best quote after a block; a side without orders is none.</summary>
public sealed record Bbo(string Coin, long TimeMs, Level? Bid, Level? Ask)
{
    internal static Bbo Read(JsonElement of, WireReader read)
    {
        var coin = read.Text(of, "coin");
        var time = read.Time(of, "time");
        var (bid, ask) = read.PairOf(read.Member(of, "bbo"), "bbo");
        return new(coin, time, Level.ReadSide(bid, read), Level.ReadSide(ask, read));
    }

    internal static void Write(Bbo bbo, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("coin", bbo.Coin);
        json.Put("time", bbo.TimeMs);
        json.WriteStartArray("bbo");
        Level.WriteSide(bbo.Bid, json);
        Level.WriteSide(bbo.Ask, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>A trade of the tape.</summary>
/// <param name="Coin">Of which instrument.</param>
/// <param name="Side">The aggressor's.</param>
/// <param name="Px">Price.</param>
/// <param name="Sz">Size; dust may be finer than 1e-8.</param>
/// <param name="TimeMs">Block time.</param>
/// <param name="Hash">Of the aggressor's transaction; zeros where the system made it.</param>
/// <param name="Tid">With time and coin the trade's key.</param>
/// <param name="Users">Buyer and seller; empty where the message has none.</param>
public sealed record Trade(
    string Coin,
    Side Side,
    Px Px,
    Numeral Sz,
    long TimeMs,
    string Hash,
    long Tid,
    Rows<string> Users
)
{
    internal static Trade Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "coin"),
            read.SideOf(of, "side"),
            read.Px(of, "px"),
            read.Numeral(of, "sz"),
            read.Time(of, "time"),
            read.Text(of, "hash"),
            read.Natural(of, "tid"),
            read.OptionalRows(of, "users", static (user, r) => r.TextOf(user, "users"))
        );

    internal static void Write(Trade trade, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("coin", trade.Coin);
        json.Put("side", trade.Side);
        json.Put("px", trade.Px);
        json.Put("sz", trade.Sz);
        json.Put("time", trade.TimeMs);
        json.Put("hash", trade.Hash);
        json.Put("tid", trade.Tid);
        json.PutRows("users", trade.Users, static (user, j) => j.WriteStringValue(user));
        json.WriteEndObject();
    }
}

/// <summary>A candle; it is final when one with a later opening is there.</summary>
/// <param name="OpenMs">First millisecond.</param>
/// <param name="CloseMs">Last millisecond.</param>
/// <param name="Coin">Of which instrument.</param>
/// <param name="Interval">Such as <c>1m</c>.</param>
/// <param name="Open">First price.</param>
/// <param name="High">Highest price.</param>
/// <param name="Low">Lowest price.</param>
/// <param name="Close">Last price.</param>
/// <param name="Volume">In base units.</param>
/// <param name="Trades">How many.</param>
public sealed record Candle(
    long OpenMs,
    long CloseMs,
    string Coin,
    string Interval,
    Px Open,
    Px High,
    Px Low,
    Px Close,
    Numeral Volume,
    long Trades
)
{
    internal static Candle Read(JsonElement of, WireReader read) =>
        new(
            read.Time(of, "t"),
            read.Time(of, "T"),
            read.Text(of, "s"),
            read.Text(of, "i"),
            read.Px(of, "o"),
            read.Px(of, "h"),
            read.Px(of, "l"),
            read.Px(of, "c"),
            read.Numeral(of, "v"),
            read.Natural(of, "n")
        );

    internal static void Write(Candle candle, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("t", candle.OpenMs);
        json.Put("T", candle.CloseMs);
        json.Put("s", candle.Coin);
        json.Put("i", candle.Interval);
        json.Put("o", candle.Open);
        json.Put("c", candle.Close);
        json.Put("h", candle.High);
        json.Put("l", candle.Low);
        json.Put("v", candle.Volume);
        json.Put("n", candle.Trades);
        json.WriteEndObject();
    }
}

/// <summary>The middle of a book, or the last trade where a side is empty.</summary>
public sealed record Mid(string Coin, Numeral Px)
{
    // The venue writes them as one object.
    internal static Rows<Mid> ReadAll(JsonElement of, WireReader read)
    {
        var mids = new List<Mid>();
        foreach (var member in read.ObjectOf(of, "mids").EnumerateObject())
            mids.Add(new(member.Name, read.NumeralOf(member.Value, member.Name)));
        return Rows.From(mids);
    }

    internal static void WriteAll(Rows<Mid> mids, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var mid in mids)
            json.Put(mid.Coin, mid.Px);
        json.WriteEndObject();
    }
}
