using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>Somebody's part of a vault.</summary>
/// <param name="User">An address, or <c>Leader</c>.</param>
/// <param name="Equity">In USD.</param>
/// <param name="Pnl">In USD, since the last deposit.</param>
public sealed record VaultFollower(string User, Numeral Equity, Numeral Pnl)
{
    internal static VaultFollower Read(JsonElement of, WireReader read) =>
        new(read.Text(of, "user"), read.Numeral(of, "vaultEquity"), read.Numeral(of, "pnl"));

    internal static void Write(VaultFollower follower, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("user", follower.User);
        json.Put("vaultEquity", follower.Equity);
        json.Put("pnl", follower.Pnl);
        json.WriteEndObject();
    }
}

/// <summary>A vault. Its shares and limits are written as numbers, not as texts.</summary>
/// <param name="Name">Of people's choice.</param>
/// <param name="Address">Its own.</param>
/// <param name="Leader">Who trades for it.</param>
/// <param name="Description">Of people's choice.</param>
/// <param name="Portfolio">Value and result by period.</param>
/// <param name="Apr">Of the last month, a fraction.</param>
/// <param name="Own">Of the account that was asked for; null where it has no part.</param>
/// <param name="LeaderFraction">The leader's part.</param>
/// <param name="LeaderCommission">Of others' profits.</param>
/// <param name="Followers">The largest parts.</param>
/// <param name="MostDistributable">In USD.</param>
/// <param name="MostWithdrawable">In USD.</param>
/// <param name="IsClosed">It trades no more.</param>
/// <param name="Relationship"><c>normal</c>, <c>parent</c> or <c>child</c>.</param>
/// <param name="TakesDeposits">Anybody may join.</param>
/// <param name="ClosesOnWithdraw">Positions shrink with what is taken out.</param>
public sealed record VaultDetails(
    string Name,
    string Address,
    string Leader,
    string Description,
    Rows<PortfolioPeriod> Portfolio,
    Numeral Apr,
    VaultFollower? Own,
    Numeral LeaderFraction,
    Numeral LeaderCommission,
    Rows<VaultFollower> Followers,
    Numeral MostDistributable,
    Numeral MostWithdrawable,
    bool IsClosed,
    string Relationship,
    bool TakesDeposits,
    bool ClosesOnWithdraw
)
{
    internal static VaultDetails Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "name"),
            read.Text(of, "vaultAddress"),
            read.Text(of, "leader"),
            read.Text(of, "description"),
            read.Rows(of, "portfolio", PortfolioPeriod.Read),
            read.PlainNumber(of, "apr"),
            read.OptionalObject(of, "followerState", VaultFollower.Read),
            read.PlainNumber(of, "leaderFraction"),
            read.PlainNumber(of, "leaderCommission"),
            read.Rows(of, "followers", VaultFollower.Read),
            read.PlainNumber(of, "maxDistributable"),
            read.PlainNumber(of, "maxWithdrawable"),
            read.Flag(of, "isClosed"),
            read.Text(read.Member(of, "relationship"), "type"),
            read.Flag(of, "allowDeposits"),
            read.Flag(of, "alwaysCloseOnWithdraw")
        );

    internal static void Write(VaultDetails vault, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("name", vault.Name);
        json.Put("vaultAddress", vault.Address);
        json.Put("leader", vault.Leader);
        json.Put("description", vault.Description);
        json.PutRows("portfolio", vault.Portfolio, PortfolioPeriod.Write);
        json.PutPlain("apr", vault.Apr);
        if (vault.Own is { } own)
        {
            json.WritePropertyName("followerState");
            VaultFollower.Write(own, json);
        }
        else
        {
            json.WriteNull("followerState");
        }

        json.PutPlain("leaderFraction", vault.LeaderFraction);
        json.PutPlain("leaderCommission", vault.LeaderCommission);
        json.PutRows("followers", vault.Followers, VaultFollower.Write);
        json.PutPlain("maxDistributable", vault.MostDistributable);
        json.PutPlain("maxWithdrawable", vault.MostWithdrawable);
        json.Put("isClosed", vault.IsClosed);
        json.WriteStartObject("relationship");
        json.Put("type", vault.Relationship);
        json.WriteEndObject();
        json.Put("allowDeposits", vault.TakesDeposits);
        json.Put("alwaysCloseOnWithdraw", vault.ClosesOnWithdraw);
        json.WriteEndObject();
    }
}

/// <summary>A vault that was asked for; null where the address is none.</summary>
public sealed record VaultReply(VaultDetails? Vault)
{
    internal static VaultReply Read(JsonElement of, WireReader read) =>
        new(of.ValueKind == JsonValueKind.Null ? null : VaultDetails.Read(of, read));

    internal static void Write(VaultReply reply, Utf8JsonWriter json)
    {
        if (reply.Vault is { } vault)
            VaultDetails.Write(vault, json);
        else
            json.WriteNullValue();
    }
}
