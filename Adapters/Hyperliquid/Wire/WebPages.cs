using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A vault that an account leads.</summary>
public sealed record LedVault(string Address, string Name)
{
    internal static LedVault Read(JsonElement of, WireReader read) =>
        new(read.Text(of, "address"), read.Text(of, "name"));

    internal static void Write(LedVault vault, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("address", vault.Address);
        json.Put("name", vault.Name);
        json.WriteEndObject();
    }
}

/// <summary>What the venue's page shows of an account on its own.</summary>
/// <param name="User">The account.</param>
/// <param name="Agent">The unnamed API wallet; none where there is none.</param>
/// <param name="AgentUntilMs">Until when it may sign.</param>
/// <param name="Deposits">What was put in less what was taken out, in USD.</param>
/// <param name="ServerMs">The venue's clock.</param>
/// <param name="IsVault">It is a vault.</param>
public sealed record PageUser(
    string User,
    string? Agent,
    long? AgentUntilMs,
    Numeral Deposits,
    long ServerMs,
    bool IsVault
)
{
    internal static PageUser Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "user"),
            read.OptionalText(of, "agentAddress"),
            read.OptionalNatural(of, "agentValidUntil"),
            read.Numeral(of, "cumLedger"),
            read.Time(of, "serverTime"),
            read.Flag(of, "isVault")
        );

    internal static void WriteMembers(PageUser user, Utf8JsonWriter json)
    {
        json.PutOrNull("agentAddress", user.Agent);
        json.PutOrNull("agentValidUntil", user.AgentUntilMs);
        json.Put("cumLedger", user.Deposits);
        json.Put("serverTime", user.ServerMs);
        json.Put("isVault", user.IsVault);
        json.Put("user", user.User);
    }
}

/// <summary>Everything that the venue's older page shows of an account and of the markets of the first dex.</summary>
public sealed record WebData2(
    PageUser User,
    PerpState Perp,
    Rows<LedVault> LeadingVaults,
    Numeral VaultEquity,
    Rows<FrontendOrder> OpenOrders,
    Meta Meta,
    Rows<PerpContext> Contexts,
    Rows<RunningTwap> Twaps,
    SpotState? Spot,
    Rows<SpotContext> SpotContexts,
    Rows<string> AtOpenInterestCap
)
{
    internal static WebData2 Read(JsonElement of, WireReader read) =>
        new(
            PageUser.Read(of, read),
            PerpState.Read(read.Member(of, "clearinghouseState"), read),
            read.Rows(of, "leadingVaults", LedVault.Read),
            read.Numeral(of, "totalVaultEquity"),
            read.Rows(of, "openOrders", FrontendOrder.Read),
            Meta.Read(read.Member(of, "meta"), read),
            read.Rows(of, "assetCtxs", PerpContext.Read),
            read.Rows(of, "twapStates", RunningTwap.Read),
            read.OptionalObject(of, "spotState", SpotState.Read),
            read.Rows(of, "spotAssetCtxs", SpotContext.Read),
            read.OptionalRows(of, "perpsAtOpenInterestCap", static (coin, r) => r.TextOf(coin, "coin"))
        );

    internal static void Write(WebData2 page, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("clearinghouseState");
        PerpState.Write(page.Perp, json);
        json.PutRows("leadingVaults", page.LeadingVaults, LedVault.Write);
        json.Put("totalVaultEquity", page.VaultEquity);
        json.PutRows("openOrders", page.OpenOrders, FrontendOrder.Write);
        PageUser.WriteMembers(page.User, json);
        json.WritePropertyName("meta");
        Meta.Write(page.Meta, json);
        json.PutRows("assetCtxs", page.Contexts, PerpContext.Write);
        json.PutRows("twapStates", page.Twaps, RunningTwap.Write);
        if (page.Spot is { } spot)
        {
            json.WritePropertyName("spotState");
            SpotState.Write(spot, json);
        }

        json.PutRows("spotAssetCtxs", page.SpotContexts, SpotContext.Write);
        json.PutRows("perpsAtOpenInterestCap", page.AtOpenInterestCap, static (coin, j) => j.WriteStringValue(coin));
        json.WriteEndObject();
    }
}

/// <summary>A dex as the venue's page shows it.</summary>
public sealed record PageDex(Numeral VaultEquity, Rows<string> AtOpenInterestCap)
{
    internal static PageDex Read(JsonElement of, WireReader read) =>
        new(
            read.Numeral(of, "totalVaultEquity"),
            read.OptionalRows(of, "perpsAtOpenInterestCap", static (coin, r) => r.TextOf(coin, "coin"))
        );

    internal static void Write(PageDex dex, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("totalVaultEquity", dex.VaultEquity);
        json.PutRows("perpsAtOpenInterestCap", dex.AtOpenInterestCap, static (coin, j) => j.WriteStringValue(coin));
        json.WriteEndObject();
    }
}

/// <summary>What the venue's newer page shows of an account that has no channel of its own.</summary>
/// <param name="User">The account.</param>
/// <param name="Abstraction">Its mode, as the venue's word; of newer messages.</param>
/// <param name="Dexs">By number.</param>
public sealed record WebData3(PageUser User, string? Abstraction, Rows<PageDex> Dexs)
{
    internal static WebData3 Read(JsonElement of, WireReader read)
    {
        var user = read.Member(of, "userState");
        return new(
            PageUser.Read(user, read),
            read.OptionalText(user, "abstraction"),
            read.Rows(of, "perpDexStates", PageDex.Read)
        );
    }

    internal static void Write(WebData3 page, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("userState");
        PageUser.WriteMembers(page.User, json);
        json.PutAny("abstraction", page.Abstraction);
        json.WriteEndObject();
        json.PutRows("perpDexStates", page.Dexs, PageDex.Write);
        json.WriteEndObject();
    }
}
