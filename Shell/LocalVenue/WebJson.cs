using System.Text.Json;
using Vrlg.Sim.LocalVenue;
using Engine = Vrlg.Sim.LocalVenue.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>The all-in-one pictures of an account that web pages ask for (protocol 2.2, 6.3).</summary>
internal static class WebJson
{
    /// <summary>webData2.</summary>
    public static void Data2(Utf8JsonWriter json, VenueState s, string user, VenueAccount? a)
    {
        json.WriteStartObject();
        json.WritePropertyName("clearinghouseState");
        AccountJson.Clearinghouse(json, s, a);
        json.WriteStartArray("leadingVaults");
        json.WriteEndArray();
        json.WriteAmount("totalVaultEquity", a is null ? 0 : Engine.equity(s, a));
        json.WritePropertyName("openOrders");
        OpenOrders.Write(json, a, OrderJson.Full);
        Agent(json, s, a);
        json.WriteAmount("cumLedger", a?.NetDeposits ?? 0);
        json.WritePropertyName("meta");
        MetaJson.Meta(json);
        json.WritePropertyName("assetCtxs");
        MetaJson.Contexts(json, s, Listing.perps);
        json.WriteNumber("serverTime", s.Time);
        json.WriteBoolean("isVault", false);
        json.WriteString("user", user);
        json.WritePropertyName("twapStates");
        TwapJson.States(json, s, a);
        json.WritePropertyName("spotState");
        AccountJson.Spot(json, s, a);
        json.WritePropertyName("spotAssetCtxs");
        MetaJson.Contexts(json, s, Listing.spots);
        json.WriteStartArray("perpsAtOpenInterestCap");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>webData3.</summary>
    public static void Data3(Utf8JsonWriter json, VenueState s, string user, VenueAccount? a)
    {
        json.WriteStartObject();
        json.WriteStartObject("userState");
        Agent(json, s, a);
        json.WriteAmount("cumLedger", a?.NetDeposits ?? 0);
        json.WriteNumber("serverTime", s.Time);
        json.WriteBoolean("isVault", false);
        json.WriteString("user", user);
        json.WriteEndObject();
        json.WriteStartArray("perpDexStates");
        json.WriteStartObject();
        json.WriteAmount("totalVaultEquity", a is null ? 0 : Engine.equity(s, a));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Agent(Utf8JsonWriter json, VenueState s, VenueAccount? a)
    {
        var (_, address, until) = a?.Agents.Find(g => g.Item1.Length == 0 && g.Item3 >= s.Time) ?? default;
        json.WriteString("agentAddress", address);
        if (address is null)
            json.WriteNull("agentValidUntil");
        else
            json.WriteNumber("agentValidUntil", until);
    }
}
