using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A value at a time.</summary>
public readonly record struct TimedValue(long TimeMs, Numeral Value)
{
    internal static TimedValue Read(JsonElement of, WireReader read)
    {
        var (time, value) = read.PairOf(of, "history");
        return new(read.WholeOf(time, "history"), read.NumeralOf(value, "history"));
    }

    internal static void Write(TimedValue value, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteNumberValue(value.TimeMs);
        json.WriteStringValue(value.Value.ToString());
        json.WriteEndArray();
    }
}

/// <summary>An account's value and result over a period.</summary>
/// <param name="Period">Such as <c>day</c> or <c>perpAllTime</c>.</param>
/// <param name="AccountValue">Over time.</param>
/// <param name="Pnl">Over time.</param>
/// <param name="Volume">In USD.</param>
public sealed record PortfolioPeriod(string Period, Rows<TimedValue> AccountValue, Rows<TimedValue> Pnl, Numeral Volume)
{
    internal static PortfolioPeriod Read(JsonElement of, WireReader read)
    {
        var (period, what) = read.PairOf(of, "period");
        return new(
            read.TextOf(period, "period"),
            read.Rows(what, "accountValueHistory", TimedValue.Read),
            read.Rows(what, "pnlHistory", TimedValue.Read),
            read.Numeral(what, "vlm")
        );
    }

    internal static void Write(PortfolioPeriod period, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteStringValue(period.Period);
        json.WriteStartObject();
        json.PutRows("accountValueHistory", period.AccountValue, TimedValue.Write);
        json.PutRows("pnlHistory", period.Pnl, TimedValue.Write);
        json.Put("vlm", period.Volume);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

/// <summary>What an account has in a vault.</summary>
public sealed record VaultEquity(string Vault, Numeral Equity, long? LockedUntilMs)
{
    internal static VaultEquity Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "vaultAddress"),
            read.Numeral(of, "equity"),
            read.OptionalNatural(of, "lockedUntilTimestamp")
        );

    internal static void Write(VaultEquity vault, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("vaultAddress", vault.Vault);
        json.Put("equity", vault.Equity);
        json.PutAny("lockedUntilTimestamp", vault.LockedUntilMs);
        json.WriteEndObject();
    }
}

/// <summary>A step of an account's staking.</summary>
/// <param name="TimeMs">When.</param>
/// <param name="Hash">Of the transaction.</param>
/// <param name="Kind"><c>delegate</c>, <c>cDeposit</c> or <c>withdrawal</c>.</param>
/// <param name="Amount">In HYPE.</param>
/// <param name="Validator">Only of a delegation.</param>
/// <param name="IsUndelegate">Only of a delegation.</param>
/// <param name="Phase">Only of a withdrawal.</param>
public sealed record DelegatorStep(
    long TimeMs,
    string Hash,
    string Kind,
    Numeral Amount,
    string? Validator,
    bool IsUndelegate,
    string? Phase
)
{
    internal static DelegatorStep Read(JsonElement of, WireReader read)
    {
        var delta = read.Member(of, "delta");
        foreach (var kind in (ReadOnlySpan<string>)["delegate", "cDeposit", "withdrawal"])
        {
            if (!WireReader.TryMember(delta, kind, out var what))
                continue;
            var isDelegation = kind == "delegate";
            return new(
                read.Time(of, "time"),
                read.Text(of, "hash"),
                kind,
                read.Numeral(what, "amount"),
                isDelegation ? read.Text(what, "validator") : null,
                isDelegation && read.Flag(what, "isUndelegate"),
                kind == "withdrawal" ? read.OptionalText(what, "phase") : null
            );
        }

        throw read.Fault("delta", "is neither delegate, cDeposit nor withdrawal");
    }

    internal static void Write(DelegatorStep step, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("time", step.TimeMs);
        json.Put("hash", step.Hash);
        json.WriteStartObject("delta");
        json.WriteStartObject(step.Kind);
        json.PutAny("validator", step.Validator);
        json.Put("amount", step.Amount);
        if (step.Kind == "delegate")
            json.Put("isUndelegate", step.IsUndelegate);
        json.PutAny("phase", step.Phase);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
