using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>The action budget of an address.</summary>
/// <param name="CumVolume">Volume so far in USD.</param>
/// <param name="Used">Actions used.</param>
/// <param name="Cap">Actions allowed.</param>
/// <param name="Surplus">Reserved and not used; none in messages of 2025.</param>
public sealed record UserRateLimit(Numeral CumVolume, long Used, long Cap, long? Surplus)
{
    internal static UserRateLimit Read(JsonElement of, WireReader read) =>
        new(
            read.Numeral(of, "cumVlm"),
            read.Natural(of, "nRequestsUsed"),
            read.Natural(of, "nRequestsCap"),
            read.OptionalNatural(of, "nRequestsSurplus")
        );

    internal static void Write(UserRateLimit limit, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("cumVlm", limit.CumVolume);
        json.Put("nRequestsUsed", limit.Used);
        json.Put("nRequestsCap", limit.Cap);
        json.PutAny("nRequestsSurplus", limit.Surplus);
        json.WriteEndObject();
    }
}

/// <summary>A day of an account's volume.</summary>
public sealed record DayVolume(string Date, Numeral Cross, Numeral Add, Numeral Exchange)
{
    internal static DayVolume Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "date"),
            read.Numeral(of, "userCross"),
            read.Numeral(of, "userAdd"),
            read.Numeral(of, "exchange")
        );

    internal static void Write(DayVolume day, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("date", day.Date);
        json.Put("userCross", day.Cross);
        json.Put("userAdd", day.Add);
        json.Put("exchange", day.Exchange);
        json.WriteEndObject();
    }
}

/// <summary>A tier of the fee schedule by volume.</summary>
public sealed record VipTier(Numeral Cutoff, Numeral Cross, Numeral Add, Numeral SpotCross, Numeral SpotAdd)
{
    internal static VipTier Read(JsonElement of, WireReader read) =>
        new(
            read.Numeral(of, "ntlCutoff"),
            read.Numeral(of, "cross"),
            read.Numeral(of, "add"),
            read.Numeral(of, "spotCross"),
            read.Numeral(of, "spotAdd")
        );

    internal static void Write(VipTier tier, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("ntlCutoff", tier.Cutoff);
        json.Put("cross", tier.Cross);
        json.Put("add", tier.Add);
        json.Put("spotCross", tier.SpotCross);
        json.Put("spotAdd", tier.SpotAdd);
        json.WriteEndObject();
    }
}

/// <summary>A tier of the fee schedule by share of maker volume.</summary>
public sealed record MakerTier(Numeral Cutoff, Numeral Add)
{
    internal static MakerTier Read(JsonElement of, WireReader read) =>
        new(read.Numeral(of, "makerFractionCutoff"), read.Numeral(of, "add"));

    internal static void Write(MakerTier tier, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("makerFractionCutoff", tier.Cutoff);
        json.Put("add", tier.Add);
        json.WriteEndObject();
    }
}

/// <summary>A discount by stake.</summary>
public sealed record StakingTier(Numeral BpsOfMaxSupply, Numeral Discount)
{
    internal static StakingTier Read(JsonElement of, WireReader read) =>
        new(read.Numeral(of, "bpsOfMaxSupply"), read.Numeral(of, "discount"));

    internal static void Write(StakingTier tier, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("bpsOfMaxSupply", tier.BpsOfMaxSupply);
        json.Put("discount", tier.Discount);
        json.WriteEndObject();
    }
}

/// <summary>The venue's fees before an account's discounts, as fractions.</summary>
public sealed record FeeSchedule(
    Numeral Cross,
    Numeral Add,
    Numeral SpotCross,
    Numeral SpotAdd,
    Rows<VipTier> Vip,
    Rows<MakerTier> Maker,
    Numeral ReferralDiscount,
    Rows<StakingTier> Staking
)
{
    internal static FeeSchedule Read(JsonElement of, WireReader read)
    {
        var tiers = read.Member(of, "tiers");
        return new(
            read.Numeral(of, "cross"),
            read.Numeral(of, "add"),
            read.Numeral(of, "spotCross"),
            read.Numeral(of, "spotAdd"),
            read.Rows(tiers, "vip", VipTier.Read),
            read.Rows(tiers, "mm", MakerTier.Read),
            read.Numeral(of, "referralDiscount"),
            read.OptionalRows(of, "stakingDiscountTiers", StakingTier.Read)
        );
    }

    internal static void Write(FeeSchedule fees, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("cross", fees.Cross);
        json.Put("add", fees.Add);
        json.Put("spotCross", fees.SpotCross);
        json.Put("spotAdd", fees.SpotAdd);
        json.WriteStartObject("tiers");
        json.PutRows("vip", fees.Vip, VipTier.Write);
        json.PutRows("mm", fees.Maker, MakerTier.Write);
        json.WriteEndObject();
        json.Put("referralDiscount", fees.ReferralDiscount);
        json.PutRows("stakingDiscountTiers", fees.Staking, StakingTier.Write);
        json.WriteEndObject();
    }
}

/// <summary>The fees of an account as fractions: 0.00045 is 4.5 basis points.</summary>
public sealed record UserFees(
    Rows<DayVolume> Days,
    FeeSchedule Schedule,
    Numeral CrossRate,
    Numeral AddRate,
    Numeral SpotCrossRate,
    Numeral SpotAddRate,
    Numeral ActiveReferralDiscount,
    StakingTier? ActiveStaking
)
{
    internal static UserFees Read(JsonElement of, WireReader read) =>
        new(
            read.Rows(of, "dailyUserVlm", DayVolume.Read),
            FeeSchedule.Read(read.Member(of, "feeSchedule"), read),
            read.Numeral(of, "userCrossRate"),
            read.Numeral(of, "userAddRate"),
            read.Numeral(of, "userSpotCrossRate"),
            read.Numeral(of, "userSpotAddRate"),
            read.Numeral(of, "activeReferralDiscount"),
            read.OptionalObject(of, "activeStakingDiscount", StakingTier.Read)
        );

    internal static void Write(UserFees fees, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.PutRows("dailyUserVlm", fees.Days, DayVolume.Write);
        json.WritePropertyName("feeSchedule");
        FeeSchedule.Write(fees.Schedule, json);
        json.Put("userCrossRate", fees.CrossRate);
        json.Put("userAddRate", fees.AddRate);
        json.Put("userSpotCrossRate", fees.SpotCrossRate);
        json.Put("userSpotAddRate", fees.SpotAddRate);
        json.Put("activeReferralDiscount", fees.ActiveReferralDiscount);
        json.WriteNull("trial");
        json.Put("feeTrialEscrow", default(Numeral));
        json.WriteNull("nextTrialAvailableTimestamp");
        json.WriteNull("stakingLink");
        if (fees.ActiveStaking is { } staking)
        {
            json.WritePropertyName("activeStakingDiscount");
            StakingTier.Write(staking, json);
        }

        json.WriteEndObject();
    }
}

/// <summary>The venue's clock and whether anything is out of the ordinary.</summary>
/// <param name="TimeMs">Block time.</param>
/// <param name="Special">Its statuses as JSON; none in ordinary times.</param>
public sealed record ExchangeStatus(long TimeMs, string? Special)
{
    internal static ExchangeStatus Read(JsonElement of, WireReader read) =>
        new(
            read.Time(of, "time"),
            WireReader.TryMember(of, "specialStatuses", out var special) ? RawJson.Of(special) : null
        );

    internal static void Write(ExchangeStatus status, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("time", status.TimeMs);
        if (status.Special is { } special)
        {
            json.WritePropertyName("specialStatuses");
            json.WriteRawValue(special);
        }
        else
        {
            json.WriteNull("specialStatuses");
        }

        json.WriteEndObject();
    }
}

/// <summary>JSON that is carried and not read.</summary>
internal static class RawJson
{
    /// <summary>Its text without idle white space, so that equal content of one layout is equal.</summary>
    public static string Of(JsonElement value)
    {
        var into = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(into))
            value.WriteTo(json);
        return System.Text.Encoding.UTF8.GetString(into.WrittenSpan);
    }
}
