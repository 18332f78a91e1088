using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Wire;

/// <summary>An amount of a ledger entry by its name on the wire.</summary>
public readonly record struct LedgerAmount(string Name, Numeral Value);

/// <summary>A word of a ledger entry by its name on the wire: a user, a token, a dex.</summary>
public readonly record struct LedgerWord(string Name, string Value);

/// <summary>A yes or no of a ledger entry by its name on the wire.</summary>
public readonly record struct LedgerFlag(string Name, bool Value);

/// <summary>A position that a liquidation closed.</summary>
public readonly record struct LiquidatedPosition(string Coin, Numeral Size);

/// <summary>
/// Money that came, went or moved. What each type must state is <see cref="LedgerRules"/>'s; of a type that is not listed
/// there everything that has a known name is kept.
/// </summary>
/// <param name="TimeMs">Block time.</param>
/// <param name="Hash">Of the transaction.</param>
/// <param name="Type">Such as <c>deposit</c>.</param>
/// <param name="Amounts">In the order of <see cref="LedgerRules.Amounts"/>.</param>
/// <param name="Words">In the order of <see cref="LedgerRules.Words"/>.</param>
/// <param name="Flags">In the order of <see cref="LedgerRules.Flags"/>.</param>
/// <param name="Nonce">Where it has one.</param>
/// <param name="Liquidated">Only of a liquidation.</param>
public sealed record LedgerUpdate(
    long TimeMs,
    string Hash,
    string Type,
    Rows<LedgerAmount> Amounts,
    Rows<LedgerWord> Words,
    Rows<LedgerFlag> Flags,
    long? Nonce,
    Rows<LiquidatedPosition> Liquidated
)
{
    /// <summary>An amount by name; none where the entry has none.</summary>
    public Numeral? Amount(string name) =>
        Amounts.Where(a => a.Name == name).Select(a => (Numeral?)a.Value).FirstOrDefault();

    /// <summary>A word by name; none where the entry has none.</summary>
    public string? Word(string name) => Words.Where(w => w.Name == name).Select(w => w.Value).FirstOrDefault();

    /// <summary>A flag by name; none where the entry has none.</summary>
    public bool? Flag(string name) => Flags.Where(f => f.Name == name).Select(f => (bool?)f.Value).FirstOrDefault();

    internal static LedgerUpdate Read(JsonElement of, WireReader read)
    {
        var delta = read.Member(of, "delta");
        var type = read.Text(delta, "type");
        foreach (var name in LedgerRules.Required(type))
        {
            if (!WireReader.TryMember(delta, name, out _))
                throw read.Fault(name, "is missing");
        }

        return new(
            read.Time(of, "time"),
            read.Text(of, "hash"),
            type,
            Known(LedgerRules.Amounts, delta, name => new LedgerAmount(name, read.Numeral(delta, name))),
            Known(LedgerRules.Words, delta, name => new LedgerWord(name, read.Text(delta, name))),
            Known(LedgerRules.Flags, delta, name => new LedgerFlag(name, read.Flag(delta, name))),
            read.OptionalNatural(delta, "nonce"),
            read.OptionalRows(
                delta,
                "liquidatedPositions",
                static (row, r) => new LiquidatedPosition(r.Text(row, "coin"), r.Numeral(row, "szi"))
            )
        );
    }

    private static Rows<T> Known<T>(IEnumerable<string> names, JsonElement delta, Func<string, T> item) =>
        Rows.From(names.Where(name => WireReader.TryMember(delta, name, out _)).Select(item));

    internal static void Write(LedgerUpdate update, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.Put("time", update.TimeMs);
        json.Put("hash", update.Hash);
        json.WriteStartObject("delta");
        json.Put("type", update.Type);
        foreach (var amount in update.Amounts)
            json.Put(amount.Name, amount.Value);
        foreach (var word in update.Words)
            json.Put(word.Name, word.Value);
        foreach (var flag in update.Flags)
            json.Put(flag.Name, flag.Value);
        if (update.Nonce is not null || LedgerRules.HasNonce(update.Type))
            json.PutOrNull("nonce", update.Nonce);
        if (update.Liquidated.Count > 0)
            json.PutRows(
                "liquidatedPositions",
                update.Liquidated,
                static (position, j) =>
                {
                    j.WriteStartObject();
                    j.Put("coin", position.Coin);
                    j.Put("szi", position.Size);
                    j.WriteEndObject();
                }
            );
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

/// <summary>What the types of ledger entries state (protocol 2.3, "Ledger delta types").</summary>
public static class LedgerRules
{
    private static readonly Dictionary<string, string[]> ByType = new()
    {
        ["deposit"] = ["usdc"],
        ["withdraw"] = ["usdc", "fee"],
        ["internalTransfer"] = ["usdc", "user", "destination", "fee"],
        ["accountClassTransfer"] = ["usdc", "toPerp"],
        ["spotTransfer"] = ["token", "amount", "user", "destination", "fee"],
        ["send"] = ["token", "amount", "user", "destination", "sourceDex", "destinationDex", "fee"],
        ["subAccountTransfer"] = ["usdc", "user", "destination"],
        ["liquidation"] = ["liquidatedNtlPos", "accountValue", "leverageType"],
        ["rewardsClaim"] = ["amount"],
        ["vaultCreate"] = ["vault", "usdc"],
        ["vaultDeposit"] = ["vault", "usdc"],
        ["vaultDistribution"] = ["vault", "usdc"],
        ["vaultWithdraw"] = ["vault", "user", "netWithdrawnUsd"],
        ["vaultLeaderCommission"] = ["user", "usdc"],
        ["deployGasAuction"] = ["token", "amount"],
        ["cStakingTransfer"] = ["token", "amount", "isDeposit"],
        ["borrowLend"] = ["token", "operation", "amount"],
        ["spotGenesis"] = ["token", "amount"],
        ["activateDexAbstraction"] = ["dex", "token", "amount"],
    };

    /// <summary>Names of amounts.</summary>
    public static Rows<string> Amounts { get; } =
    [
        "usdc",
        "amount",
        "usdcValue",
        "fee",
        "nativeTokenFee",
        "requestedUsd",
        "commission",
        "closingCost",
        "basis",
        "netWithdrawnUsd",
        "interestAmount",
        "liquidatedNtlPos",
        "accountValue",
    ];

    /// <summary>Names of words.</summary>
    public static Rows<string> Words { get; } =
    [
        "token",
        "user",
        "destination",
        "sourceDex",
        "destinationDex",
        "dex",
        "vault",
        "operation",
        "leverageType",
        "feeToken",
    ];

    /// <summary>Names of flags.</summary>
    public static Rows<string> Flags { get; } = ["toPerp", "isDeposit"];

    /// <summary>What an entry of a type must state; nothing for a type that is not listed.</summary>
    public static IReadOnlyList<string> Required(string type) => ByType.GetValueOrDefault(type, []);

    internal static bool HasNonce(string type) => type is "withdraw" or "spotTransfer" or "send";
}
