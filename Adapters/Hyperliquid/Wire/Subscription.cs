using System.Buffers;
using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>What a connection asks to be told (protocol 6.3); what is none is not part of it.</summary>
/// <param name="Type">Such as <c>bbo</c>.</param>
/// <param name="Coin">Of market data.</param>
/// <param name="User">Of account data: the master's, sub-account's or vault's address.</param>
/// <param name="Interval">Of candles.</param>
/// <param name="Dex">Which perp dex; the first where none is named.</param>
/// <param name="SigFigs">Aggregation of a book.</param>
/// <param name="Mantissa">Aggregation of a book.</param>
/// <param name="IsFast">Five levels every half second.</param>
/// <param name="AggregateByTime">Merged fills.</param>
public sealed record Subscription(
    string Type,
    string? Coin = null,
    string? User = null,
    string? Interval = null,
    string? Dex = null,
    int? SigFigs = null,
    int? Mantissa = null,
    bool IsFast = false,
    bool? AggregateByTime = null
)
{
    /// <summary>
    /// An acknowledgement with this echo answers <paramref name="asked"/>: everything asked is in it; defaults that the venue adds
    /// and the letter case of addresses do not matter.
    /// </summary>
    public bool Answers(Subscription asked) =>
        Type == asked.Type
        && (asked.Coin is null || asked.Coin == Coin)
        && (asked.User is null || string.Equals(asked.User, User, StringComparison.OrdinalIgnoreCase))
        && (asked.Interval is null || asked.Interval == Interval)
        && (string.IsNullOrEmpty(asked.Dex) || asked.Dex == Dex)
        && (asked.SigFigs is null || asked.SigFigs == SigFigs)
        && (asked.Mantissa is null || asked.Mantissa == Mantissa)
        && (asked.AggregateByTime is null || asked.AggregateByTime == AggregateByTime);

    /// <summary>The frame that asks for it, or with <paramref name="method"/> <c>unsubscribe</c> ends it.</summary>
    public void Ask(IBufferWriter<byte> into, string method = "subscribe")
    {
        using var json = new Utf8JsonWriter(into);
        json.WriteStartObject();
        json.Put("method", method);
        json.WritePropertyName("subscription");
        Write(this, json);
        json.WriteEndObject();
    }

    internal static Subscription Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "type"),
            read.OptionalText(of, "coin"),
            read.OptionalText(of, "user"),
            read.OptionalText(of, "interval"),
            read.OptionalText(of, "dex"),
            read.OptionalCount(of, "nSigFigs"),
            read.OptionalCount(of, "mantissa"),
            read.OptionalFlag(of, "fast"),
            WireReader.TryMember(of, "aggregateByTime", out _) ? read.Flag(of, "aggregateByTime") : null
        );

    internal static void Write(Subscription asked, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("type", asked.Type);
        json.PutAny("coin", asked.Coin);
        json.PutAny("interval", asked.Interval);
        json.PutAny("user", asked.User);
        json.PutAny("dex", asked.Dex);
        // The venue's echo names both for a book, null where it was not asked to aggregate.
        if (asked.Type == "l2Book" || asked.SigFigs is not null || asked.Mantissa is not null)
        {
            json.PutOrNull("nSigFigs", asked.SigFigs);
            json.PutOrNull("mantissa", asked.Mantissa);
        }

        json.PutAny("fast", asked.IsFast);
        if (asked.AggregateByTime is { } merged)
            json.Put("aggregateByTime", merged);
        json.WriteEndObject();
    }
}
