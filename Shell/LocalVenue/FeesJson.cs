using System.Globalization;
using System.Text.Json;
using Vrlg.Core;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What an account pays, by which table, and what it traded (protocol 2.2, 8.8).</summary>
internal static class FeesJson
{
    /// <summary>userFees.</summary>
    public static void Write(Utf8JsonWriter json, VenueState s, VenueAccount? a)
    {
        var first = FeeTiers.at(0);
        json.WriteStartObject();
        json.WriteStartArray("dailyUserVlm");
        foreach (var day in a?.Days ?? [])
        {
            json.WriteStartObject();
            json.WriteString(
                "date",
                DateTime.UnixEpoch.AddDays(day.Day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            );
            json.WriteAmount("userCross", day.Taken);
            json.WriteAmount("userAdd", day.Made);
            json.WriteString("exchange", "0.0");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("feeSchedule");
        Rates(json, first.Perp, first.Spot);
        Tiers(json);
        json.WriteString("referralDiscount", "0.04");
        json.WriteStartArray("stakingDiscountTiers");
        json.WriteEndArray();
        json.WriteEndObject();
        var perp = a is null ? first.Perp : Figures.rates(s, a.Index, false);
        var spot = a is null ? first.Spot : Figures.rates(s, a.Index, true);
        json.WriteRate("userCrossRate", perp.Taker.Raw, 10);
        json.WriteRate("userAddRate", perp.Maker.Raw, 10);
        json.WriteRate("userSpotCrossRate", spot.Taker.Raw, 10);
        json.WriteRate("userSpotAddRate", spot.Maker.Raw, 10);
        json.WriteString("activeReferralDiscount", "0.0");
        json.WriteNull("trial");
        json.WriteString("feeTrialEscrow", "0.0");
        json.WriteNull("nextTrialAvailableTimestamp");
        json.WriteNull("stakingLink");
        json.WriteStartObject("activeStakingDiscount");
        json.WriteString("bpsOfMaxSupply", "0.0");
        json.WriteString("discount", "0.0");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Tiers(Utf8JsonWriter json)
    {
        json.WriteStartObject("tiers");
        json.WriteStartArray("vip");
        foreach (var tier in FeeTiers.all)
        {
            if (tier.Volume == 0)
                continue;
            json.WriteStartObject();
            json.WriteString("ntlCutoff", $"{tier.Volume}.0");
            Rates(json, tier.Perp, tier.Spot);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("mm");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Rates(Utf8JsonWriter json, FeeRates perp, FeeRates spot)
    {
        json.WriteRate("cross", perp.Taker.Raw, 10);
        json.WriteRate("add", perp.Maker.Raw, 10);
        json.WriteRate("spotCross", spot.Taker.Raw, 10);
        json.WriteRate("spotAdd", spot.Maker.Raw, 10);
    }
}
