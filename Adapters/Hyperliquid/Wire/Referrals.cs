using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>Who brought an account to the venue.</summary>
public sealed record Referrer(string Address, string Code)
{
    internal static Referrer Read(JsonElement of, WireReader read) =>
        new(read.Text(of, "referrer"), read.Text(of, "code"));

    internal static void Write(Referrer referrer, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("referrer", referrer.Address);
        json.Put("code", referrer.Code);
        json.WriteEndObject();
    }
}

/// <summary>What an account got for those that it brought.</summary>
public sealed record ReferralReward(Numeral Earned, Numeral Volume, Numeral ReferralVolume, long TimeMs)
{
    internal static ReferralReward Read(JsonElement of, WireReader read) =>
        new(
            read.Numeral(of, "earned"),
            read.Numeral(of, "vlm"),
            read.Numeral(of, "referralVlm"),
            read.Time(of, "time")
        );

    internal static void Write(ReferralReward reward, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("earned", reward.Earned);
        json.Put("vlm", reward.Volume);
        json.Put("referralVlm", reward.ReferralVolume);
        json.Put("time", reward.TimeMs);
        json.WriteEndObject();
    }
}

/// <summary>An account's referrals.</summary>
/// <param name="By">Who brought it; null where nobody did.</param>
/// <param name="Volume">What it traded, in USD.</param>
/// <param name="Unclaimed">Rewards that wait, in USD.</param>
/// <param name="Claimed">Rewards that were taken, in USD.</param>
/// <param name="Builder">Rewards of a builder, in USD.</param>
/// <param name="Stage"><c>ready</c>, <c>needToCreateCode</c> or <c>needToTrade</c>.</param>
/// <param name="Rewards">Of the past.</param>
public sealed record Referral(
    Referrer? By,
    Numeral Volume,
    Numeral Unclaimed,
    Numeral Claimed,
    Numeral Builder,
    string Stage,
    Rows<ReferralReward> Rewards
)
{
    internal static Referral Read(JsonElement of, WireReader read) =>
        new(
            read.OptionalObject(of, "referredBy", Referrer.Read),
            read.Numeral(of, "cumVlm"),
            read.Numeral(of, "unclaimedRewards"),
            read.Numeral(of, "claimedRewards"),
            read.Numeral(of, "builderRewards"),
            read.Text(read.Member(of, "referrerState"), "stage"),
            read.OptionalRows(of, "rewardHistory", ReferralReward.Read)
        );

    internal static void Write(Referral referral, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (referral.By is { } by)
        {
            json.WritePropertyName("referredBy");
            Referrer.Write(by, json);
        }
        else
        {
            json.WriteNull("referredBy");
        }

        json.Put("cumVlm", referral.Volume);
        json.Put("unclaimedRewards", referral.Unclaimed);
        json.Put("claimedRewards", referral.Claimed);
        json.Put("builderRewards", referral.Builder);
        json.WriteStartObject("referrerState");
        json.Put("stage", referral.Stage);
        json.WriteEndObject();
        json.PutRows("rewardHistory", referral.Rewards, ReferralReward.Write);
        json.WriteEndObject();
    }
}
