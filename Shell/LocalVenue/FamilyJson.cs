using System.Text.Json;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>What belongs to an account: sub-accounts, its part of the vault, builders, rewards (protocol 2.2).</summary>
internal static class FamilyJson
{
    /// <summary>subAccounts, or with <paramref name="byDex"/> subAccounts2; null where there are none.</summary>
    public static void Subs(Utf8JsonWriter json, VenueState s, VenueAccount? a, bool byDex)
    {
        if (a is null || a.Subs.Count == 0)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (var sub in a.Subs)
        {
            json.WriteStartObject();
            json.WriteString("name", sub.Name);
            json.WriteString("subAccountUser", sub.Address);
            json.WriteString("master", a.Address);
            if (byDex)
            {
                json.WriteStartArray("dexToClearinghouseState");
                json.WriteStartArray();
                json.WriteStringValue("");
                AccountJson.Clearinghouse(json, s, sub);
                json.WriteEndArray();
                json.WriteEndArray();
            }
            else
            {
                json.WritePropertyName("clearinghouseState");
                AccountJson.Clearinghouse(json, s, sub);
            }

            json.WritePropertyName("spotState");
            AccountJson.Spot(json, s, sub);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>userVaultEquities.</summary>
    public static void Equities(Utf8JsonWriter json, VenueState s, VenueAccount? a)
    {
        json.WriteStartArray();
        if (a is not null && a.Shares > 0)
        {
            json.WriteStartObject();
            json.WriteString("vaultAddress", Residents.addresses[Residents.maker]);
            json.WriteAmount("equity", Engine.equity(s, a));
            json.WriteNumber("lockedUntilTimestamp", 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>maxBuilderFee: tenths of a basis point.</summary>
    public static bool MaxFee(VenueState s, JsonElement q, Utf8JsonWriter json)
    {
        if (!Asked.TryAddress(q, "user", out var user) || !Asked.TryAddress(q, "builder", out var builder))
            return false;
        json.WriteNumberValue(s.ByAddress.GetValueOrDefault(user)?.Builders.GetValueOrDefault(builder) ?? 0);
        return true;
    }

    /// <summary>approvedBuilders.</summary>
    public static void Builders(Utf8JsonWriter json, VenueAccount? a)
    {
        json.WriteStartArray();
        foreach (var builder in (a?.Builders.Keys ?? Enumerable.Empty<string>()).Order(StringComparer.Ordinal))
            json.WriteStringValue(builder);
        json.WriteEndArray();
    }

    /// <summary>referral: nobody refers here; what builders earn is shown.</summary>
    public static void Referral(Utf8JsonWriter json, VenueState s, string user, VenueAccount? a)
    {
        var earned = s.Rewards.GetValueOrDefault(user);
        json.WriteStartObject();
        json.WriteNull("referredBy");
        json.WriteAmount("cumVlm", a is null ? 0 : a.Volume);
        json.WriteAmount("unclaimedRewards", earned);
        json.WriteAmount("claimedRewards", a?.Ledger.Where(r => r.Kind == "rewardsClaim").Sum(r => r.Amount) ?? 0);
        json.WriteAmount("builderRewards", earned);
        json.WriteStartObject("referrerState");
        json.WriteString("stage", "needToTrade");
        json.WriteStartObject("data");
        json.WriteString("required", "10000.0");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("rewardHistory");
        json.WriteEndArray();
        json.WriteStartArray("tokenToState");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
