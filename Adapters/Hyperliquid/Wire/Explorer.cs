using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>A block as the explorer tells it.</summary>
/// <param name="Height">Its number.</param>
/// <param name="TimeMs">Block time.</param>
/// <param name="Hash">Of the block.</param>
/// <param name="Transactions">How many are in it.</param>
/// <param name="Proposer">Address of who made it: validator or signer, which of them is not documented.</param>
public sealed record ExplorerBlock(long Height, long TimeMs, string Hash, long Transactions, string Proposer)
{
    internal static ExplorerBlock Read(JsonElement of, WireReader read) =>
        new(
            read.Natural(of, "height"),
            read.Time(of, "blockTime"),
            read.Text(of, "hash"),
            read.Natural(of, "numTxs"),
            read.Text(of, "proposer")
        );

    internal static void Write(ExplorerBlock block, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("blockTime", block.TimeMs);
        json.Put("hash", block.Hash);
        json.Put("height", block.Height);
        json.Put("numTxs", block.Transactions);
        json.Put("proposer", block.Proposer);
        json.WriteEndObject();
    }
}

/// <summary>A transaction as the explorer tells it; its action stays JSON.</summary>
public sealed record ExplorerTx(string Action, long Block, string? Error, string Hash, long TimeMs, string User)
{
    internal static ExplorerTx Read(JsonElement of, WireReader read) =>
        new(
            RawJson.Of(read.Member(of, "action")),
            read.Natural(of, "block"),
            read.OptionalText(of, "error"),
            read.Text(of, "hash"),
            read.Time(of, "time"),
            read.Text(of, "user")
        );

    internal static void Write(ExplorerTx tx, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("action");
        json.WriteRawValue(tx.Action);
        json.Put("block", tx.Block);
        json.PutOrNull("error", tx.Error);
        json.Put("hash", tx.Hash);
        json.Put("time", tx.TimeMs);
        json.Put("user", tx.User);
        json.WriteEndObject();
    }
}
