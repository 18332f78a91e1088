using System.Text.Json;
using Vrlg.Sim.LocalVenue;

namespace Vrlg.Shell.LocalVenue;

/// <summary>Blocks, their proposers and transactions (protocol 2.4, 6.6).</summary>
internal static class ChainJson
{
    /// <summary>validatorSummaries.</summary>
    public static bool Validators(VenueState s, JsonElement q, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        for (var i = 0; i < Chain.proposers.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("validator", Chain.proposers[i]);
            json.WriteString("signer", Chain.proposers[i]);
            json.WriteString("name", $"Local {i + 1}");
            json.WriteString("description", "");
            json.WriteNumber("nRecentBlocks", 1_000 * Chain.stake(i));
            json.WriteNumber("stake", 1_000_000_000_000_000L * Chain.stake(i));
            json.WriteBoolean("isJailed", false);
            json.WriteNull("unjailableAfter");
            json.WriteBoolean("isActive", true);
            json.WriteString("commission", "0.04");
            json.WriteStartArray("stats");
            foreach (var span in new[] { "day", "week", "month" })
            {
                json.WriteStartArray();
                json.WriteStringValue(span);
                json.WriteStartObject();
                json.WriteString("uptimeFraction", "1.0");
                json.WriteString("predictedApr", "0.02");
                json.WriteNumber("nSamples", 1_440);
                json.WriteEndObject();
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        return true;
    }

    /// <summary>One block of the explorer's stream.</summary>
    public static void Block(Utf8JsonWriter json, BlockRow b)
    {
        json.WriteStartObject();
        Head(json, b);
        json.WriteEndObject();
    }

    /// <summary>Answers of <c>/explorer</c>.</summary>
    public static void Explorer(VenueState s, JsonElement request, Utf8JsonWriter json)
    {
        if (!Asked.TryText(request, "type", out var type))
            type = "";
        if (type == "blockDetails" && Asked.TryWhole(request, "height", out var height))
        {
            var block = s.Blocks.Find(b => b.Height == height);
            if (block is null)
            {
                Trouble(json, "block not found");
                return;
            }

            json.WriteStartObject();
            json.WriteString("type", "blockDetails");
            json.WriteStartObject("blockDetails");
            Head(json, block);
            Txs(json, block, _ => true);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        else if (type == "txDetails" && Asked.TryText(request, "hash", out var hash))
        {
            foreach (var block in s.Blocks)
            {
                foreach (var tx in block.Txs)
                {
                    if (tx.Hash != hash)
                        continue;
                    json.WriteStartObject();
                    json.WriteString("type", "txDetails");
                    json.WritePropertyName("tx");
                    Tx(json, block, tx);
                    json.WriteEndObject();
                    return;
                }
            }

            Trouble(json, "transaction not found");
        }
        else if (type == "userDetails" && Asked.TryAddress(request, "user", out var user))
        {
            json.WriteStartObject();
            json.WriteString("type", "userDetails");
            json.WriteStartArray("txs");
            foreach (var block in s.Blocks.AsEnumerable().Reverse())
            {
                foreach (var tx in block.Txs.Where(t => t.User == user))
                    Tx(json, block, tx);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
        else
        {
            Trouble(json, "unknown request");
        }
    }

    /// <summary>A transaction of the explorer's stream.</summary>
    public static void Tx(Utf8JsonWriter json, BlockRow block, TxRow tx)
    {
        json.WriteStartObject();
        json.WriteStartObject("action");
        json.WriteString("type", tx.Kind);
        json.WriteEndObject();
        json.WriteNumber("block", block.Height);
        json.WriteString("error", tx.Error);
        json.WriteString("hash", tx.Hash);
        json.WriteNumber("time", block.Time);
        json.WriteString("user", tx.User);
        json.WriteEndObject();
    }

    private static void Head(Utf8JsonWriter json, BlockRow b)
    {
        json.WriteNumber("blockTime", b.Time);
        json.WriteString("hash", b.Hash);
        json.WriteNumber("height", b.Height);
        json.WriteNumber("numTxs", b.Txs.Length);
        json.WriteString("proposer", b.Proposer);
    }

    private static void Txs(Utf8JsonWriter json, BlockRow block, Func<TxRow, bool> which)
    {
        json.WriteStartArray("txs");
        foreach (var tx in block.Txs.Where(which))
            Tx(json, block, tx);
        json.WriteEndArray();
    }

    private static void Trouble(Utf8JsonWriter json, string message)
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        json.WriteString("message", message);
        json.WriteEndObject();
    }
}
