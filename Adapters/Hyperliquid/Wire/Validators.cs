using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>How a validator did over a period.</summary>
public sealed record ValidatorRecord(string Period, Numeral Uptime, Numeral PredictedApr, long Samples)
{
    internal static ValidatorRecord Read(JsonElement of, WireReader read)
    {
        var (period, record) = read.PairOf(of, "stats");
        return new(
            read.TextOf(period, "stats"),
            read.Numeral(record, "uptimeFraction"),
            read.Numeral(record, "predictedApr"),
            read.Natural(record, "nSamples")
        );
    }

    internal static void Write(ValidatorRecord record, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteStringValue(record.Period);
        json.WriteStartObject();
        json.Put("uptimeFraction", record.Uptime);
        json.Put("predictedApr", record.PredictedApr);
        json.Put("nSamples", record.Samples);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

/// <summary>
/// A validator. A block's proposer is looked up by both addresses: which of them the explorer tells is not documented.
/// </summary>
/// <param name="Validator">Its address.</param>
/// <param name="Signer">The address with which it signs.</param>
/// <param name="Name">Of people's choice.</param>
/// <param name="Description">Of people's choice.</param>
/// <param name="RecentBlocks">Blocks that it made lately.</param>
/// <param name="Stake">In 1e-8 HYPE.</param>
/// <param name="IsJailed">It makes no blocks for now.</param>
/// <param name="UnjailableAfterMs">When that may end.</param>
/// <param name="IsActive">It belongs to the active set.</param>
/// <param name="Commission">A fraction.</param>
/// <param name="Records">By period.</param>
public sealed record ValidatorSummary(
    string Validator,
    string Signer,
    string Name,
    string Description,
    long RecentBlocks,
    long Stake,
    bool IsJailed,
    long? UnjailableAfterMs,
    bool IsActive,
    Numeral Commission,
    Rows<ValidatorRecord> Records
)
{
    internal static ValidatorSummary Read(JsonElement of, WireReader read) =>
        new(
            read.Text(of, "validator"),
            read.Text(of, "signer"),
            read.Text(of, "name"),
            read.Text(of, "description"),
            read.Natural(of, "nRecentBlocks"),
            read.Natural(of, "stake"),
            read.Flag(of, "isJailed"),
            read.OptionalNatural(of, "unjailableAfter"),
            read.Flag(of, "isActive"),
            read.Numeral(of, "commission"),
            read.OptionalRows(of, "stats", ValidatorRecord.Read)
        );

    internal static void Write(ValidatorSummary summary, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("validator", summary.Validator);
        json.Put("signer", summary.Signer);
        json.Put("name", summary.Name);
        json.Put("description", summary.Description);
        json.Put("nRecentBlocks", summary.RecentBlocks);
        json.Put("stake", summary.Stake);
        json.Put("isJailed", summary.IsJailed);
        json.PutOrNull("unjailableAfter", summary.UnjailableAfterMs);
        json.Put("isActive", summary.IsActive);
        json.Put("commission", summary.Commission);
        json.PutRows("stats", summary.Records, ValidatorRecord.Write);
        json.WriteEndObject();
    }
}
