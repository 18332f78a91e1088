using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>What an account has staked with a validator, in HYPE.</summary>
public sealed record Delegation(string Validator, Numeral Amount, long LockedUntilMs)
{
    internal static Delegation Read(JsonElement of, WireReader read) =>
        new(read.Text(of, "validator"), read.Numeral(of, "amount"), read.Natural(of, "lockedUntilTimestamp"));

    internal static void Write(Delegation delegation, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("validator", delegation.Validator);
        json.Put("amount", delegation.Amount);
        json.Put("lockedUntilTimestamp", delegation.LockedUntilMs);
        json.WriteEndObject();
    }
}

/// <summary>An account's staking in all, in HYPE.</summary>
public sealed record DelegatorSummary(Numeral Delegated, Numeral Undelegated, Numeral Pending, int PendingCount)
{
    internal static DelegatorSummary Read(JsonElement of, WireReader read) =>
        new(
            read.Numeral(of, "delegated"),
            read.Numeral(of, "undelegated"),
            read.Numeral(of, "totalPendingWithdrawal"),
            read.Count(of, "nPendingWithdrawals")
        );

    internal static void Write(DelegatorSummary summary, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("delegated", summary.Delegated);
        json.Put("undelegated", summary.Undelegated);
        json.Put("totalPendingWithdrawal", summary.Pending);
        json.Put("nPendingWithdrawals", summary.PendingCount);
        json.WriteEndObject();
    }
}

/// <summary>What staking brought, in HYPE.</summary>
/// <param name="TimeMs">When.</param>
/// <param name="Source"><c>delegation</c> or <c>commission</c>.</param>
/// <param name="Amount">How much.</param>
public sealed record DelegatorReward(long TimeMs, string Source, Numeral Amount)
{
    internal static DelegatorReward Read(JsonElement of, WireReader read) =>
        new(read.Time(of, "time"), read.Text(of, "source"), read.Numeral(of, "totalAmount"));

    internal static void Write(DelegatorReward reward, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("time", reward.TimeMs);
        json.Put("source", reward.Source);
        json.Put("totalAmount", reward.Amount);
        json.WriteEndObject();
    }
}

/// <summary>Who may sign for an account of several, and how many of them must; nobody where it is an ordinary one.</summary>
public sealed record MultiSigSigners(Rows<string> Users, int Threshold)
{
    internal static MultiSigSigners Read(JsonElement of, WireReader read) =>
        of.ValueKind == JsonValueKind.Null
            ? new([], 0)
            : new(
                read.Rows(of, "authorizedUsers", static (user, r) => r.TextOf(user, "user")),
                read.Count(of, "threshold")
            );

    internal static void Write(MultiSigSigners signers, Utf8JsonWriter json)
    {
        if (signers.Users.Count == 0 && signers.Threshold == 0)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.PutRows("authorizedUsers", signers.Users, static (user, j) => j.WriteStringValue(user));
        json.Put("threshold", signers.Threshold);
        json.WriteEndObject();
    }
}
