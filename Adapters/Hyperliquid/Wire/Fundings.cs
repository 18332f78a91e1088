using System.Text.Json;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A paid funding rate of a coin.</summary>
/// <param name="Coin">Of which perpetual.</param>
/// <param name="Rate">For its interval.</param>
/// <param name="Premium">None in some rows.</param>
/// <param name="TimeMs">Up to some 50 ms after the hour.</param>
public sealed record FundingRow(string Coin, Numeral Rate, Numeral? Premium, long TimeMs)
{
    internal static FundingRow Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "coin"),
            read.Numeral(of, "fundingRate"),
            read.OptionalNumeral(of, "premium"),
            read.Time(of, "time")
        );

    internal static void Write(FundingRow row, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("coin", row.Coin);
        json.Put("fundingRate", row.Rate);
        json.PutAny("premium", row.Premium);
        json.Put("time", row.TimeMs);
        json.WriteEndObject();
    }
}

/// <summary>What a venue is expected to pay next.</summary>
/// <param name="Venue">Such as <c>HlPerp</c>.</param>
/// <param name="Rate">None where that venue does not have the coin.</param>
/// <param name="NextMs">When.</param>
/// <param name="IntervalHours">None where it is not stated.</param>
public sealed record PredictedRate(string Venue, Numeral? Rate, long NextMs, int? IntervalHours)
{
    internal static PredictedRate Read(JsonElement of, WireReader read)
    {
        var (venue, rate) = read.PairOf(of, "venue");
        var name = read.TextOf(venue, "venue");
        return rate.ValueKind == JsonValueKind.Null
            ? new(name, null, 0, null)
            : new(
                name,
                read.Numeral(rate, "fundingRate"),
                read.Time(rate, "nextFundingTime"),
                read.OptionalCount(rate, "fundingIntervalHours")
            );
    }

    internal static void Write(PredictedRate rate, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteStringValue(rate.Venue);
        if (rate.Rate is { } stated)
        {
            json.WriteStartObject();
            json.Put("fundingRate", stated);
            json.Put("nextFundingTime", rate.NextMs);
            json.PutAny("fundingIntervalHours", rate.IntervalHours);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndArray();
    }
}

/// <summary>What venues are expected to pay next for a coin.</summary>
public sealed record PredictedFunding(string Coin, Rows<PredictedRate> Rates)
{
    internal static PredictedFunding Read(JsonElement of, WireReader read)
    {
        var (coin, rates) = read.PairOf(of, "coin");
        return new(read.TextOf(coin, "coin"), read.RowsOf(rates, "venues", PredictedRate.Read));
    }

    internal static void Write(PredictedFunding row, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteStringValue(row.Coin);
        json.PutRows(row.Rates, PredictedRate.Write);
        json.WriteEndArray();
    }
}

/// <summary>Funding of an account.</summary>
/// <param name="TimeMs">When.</param>
/// <param name="Coin">Of which perpetual.</param>
/// <param name="Usdc">Below 0 when the account paid.</param>
/// <param name="Position">Signed size.</param>
/// <param name="Rate">Rate that was paid.</param>
/// <param name="Samples">None where it is not stated.</param>
/// <param name="Hash">Empty on the streams, which state none.</param>
public sealed record UserFunding(
    long TimeMs,
    string Coin,
    Numeral Usdc,
    Sz Position,
    Numeral Rate,
    long? Samples,
    string Hash
)
{
    // The reply wraps what the streams write flat.
    internal static UserFunding Read(JsonElement of, WireReader read)
    {
        var delta = read.Member(of, "delta");
        return Of(delta, read.Time(of, "time"), read.Text(of, "hash"), read);
    }

    internal static UserFunding ReadFlat(JsonElement of, WireReader read) => Of(of, read.Time(of, "time"), "", read);

    private static UserFunding Of(JsonElement of, long timeMs, string hash, WireReader read) =>
        new(
            timeMs,
            read.Text(of, "coin"),
            read.Numeral(of, "usdc"),
            read.Signed(of, "szi"),
            read.Numeral(of, "fundingRate"),
            read.OptionalNatural(of, "nSamples"),
            hash
        );

    internal static void Write(UserFunding row, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("time", row.TimeMs);
        json.Put("hash", row.Hash);
        json.WriteStartObject("delta");
        json.Put("type", "funding");
        Members(row, json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    internal static void WriteFlat(UserFunding row, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("time", row.TimeMs);
        Members(row, json);
        json.WriteEndObject();
    }

    private static void Members(UserFunding row, Utf8JsonWriter json)
    {
        json.Put("coin", row.Coin);
        json.Put("usdc", row.Usdc);
        json.Put("szi", row.Position);
        json.Put("fundingRate", row.Rate);
        json.PutOrNull("nSamples", row.Samples);
    }
}
