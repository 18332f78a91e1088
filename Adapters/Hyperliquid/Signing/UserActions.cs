using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// Actions that the owner's own key signs as plain typed data (protocol 3.3, 4.4): transfers, approvals, account modes. What
/// their structs are, and the 32 bytes that are signed of one.
/// </summary>
internal static class UserActions
{
    private const string Prefix = "HyperliquidTransaction:";

    private static readonly FrozenDictionary<string, UserStruct> Structs = new[]
    {
        Of("usdSend", "UsdSend", "string destination", "string amount", "uint64 time"),
        Of("spotSend", "SpotSend", "string destination", "string token", "string amount", "uint64 time"),
        Of("withdraw3", "Withdraw", "string destination", "string amount", "uint64 time"),
        Of("usdClassTransfer", "UsdClassTransfer", "string amount", "bool toPerp", "uint64 nonce"),
        Of(
            "sendAsset",
            "SendAsset",
            "string destination",
            "string sourceDex",
            "string destinationDex",
            "string token",
            "string amount",
            "string fromSubAccount",
            "uint64 nonce"
        ),
        Of("approveAgent", "ApproveAgent", "address agentAddress", "string agentName", "uint64 nonce"),
        Of("approveBuilderFee", "ApproveBuilderFee", "string maxFeeRate", "address builder", "uint64 nonce"),
        Of("cDeposit", "CDeposit", "uint64 wei", "uint64 nonce"),
        Of("cWithdraw", "CWithdraw", "uint64 wei", "uint64 nonce"),
        Of("tokenDelegate", "TokenDelegate", "address validator", "uint64 wei", "bool isUndelegate", "uint64 nonce"),
        Of("userSetAbstraction", "UserSetAbstraction", "address user", "string abstraction", "uint64 nonce"),
        Of("userDexAbstraction", "UserDexAbstraction", "address user", "bool enabled", "uint64 nonce"),
        Of("userPortfolioMargin", "UserPortfolioMargin", "address user", "bool enabled", "uint64 nonce"),
        Of("linkStakingUser", "LinkStakingUser", "address user", "bool isFinalize", "uint64 nonce"),
        Of("convertToMultiSigUser", "ConvertToMultiSigUser", "string signers", "uint64 nonce"),
        Of(
            "sendToEvmWithData",
            "SendToEvmWithData",
            "string token",
            "string amount",
            "string sourceDex",
            "string destinationRecipient",
            "string addressEncoding",
            "uint32 destinationChainId",
            "uint64 gasLimit",
            "bytes data",
            "uint64 nonce"
        ),
    }.ToFrozenDictionary(s => s.Action, StringComparer.Ordinal);

    /// <summary>Whether an action of this <c>type</c> is signed as typed data.</summary>
    public static bool IsUserSigned(string type) => Structs.ContainsKey(type);

    /// <summary>The struct of an action <c>type</c>; null for one that is not user-signed.</summary>
    public static UserStruct? StructOf(string type) => Structs.GetValueOrDefault(type);

    /// <summary>
    /// The 32 bytes that are signed of <paramref name="action"/>. False, with the member that is missing or cannot be read,
    /// when it is not a whole action of its type.
    /// </summary>
    public static bool TryDigest(JsonElement action, Span<byte> into, out string trouble)
    {
        trouble = "type";
        try
        {
            return TryHash(action, into, ref trouble);
        }
        catch (InvalidOperationException)
        {
            // A text whose escapes or bytes are no characters.
            return false;
        }
    }

    private static bool TryHash(JsonElement action, Span<byte> into, ref string trouble)
    {
        if (!TryText(action, "type", out var type) || StructOf(type) is not { } user)
            return false;
        trouble = "signatureChainId";
        if (!TryText(action, "signatureChainId", out var chain) || !TryChain(chain, out var chainId))
            return false;

        var encoded = new byte[32 * (1 + user.Fields.Length)];
        user.TypeHash.CopyTo(encoded, 0);
        for (var i = 0; i < user.Fields.Length; i++)
        {
            trouble = user.Fields[i].Name;
            if (!TryEncode(action, user.Fields[i], encoded.AsSpan(32 * (1 + i), 32)))
                return false;
        }

        TypedData.Digest(TypedData.DomainSeparator("HyperliquidSignTransaction"u8, chainId), encoded, into);
        return true;
    }

    private static bool TryEncode(JsonElement action, TypedField field, Span<byte> into)
    {
        into.Clear();
        if (!action.TryGetProperty(field.Name, out var value))
        {
            // A client leaves an unnamed wallet's name out and signs the empty text.
            if (field.Name != "agentName")
                return false;
            Keccak256.Hash([], into);
            return true;
        }

        switch (field.Type)
        {
            case "string":
                if (value.ValueKind == JsonValueKind.Null && field.Name == "agentName")
                    Keccak256.Hash([], into);
                else if (value.ValueKind == JsonValueKind.String)
                    Keccak256.Hash(Encoding.UTF8.GetBytes(value.GetString()!), into);
                else
                    return false;
                return true;
            case "bytes":
                if (value.ValueKind != JsonValueKind.String || value.GetString() is not { } hex || hex.Length % 2 != 0)
                    return false;
                var bytes = new byte[Math.Max(0, hex.Length / 2 - 1)];
                if (!Hex.TryRead(hex, bytes))
                    return false;
                Keccak256.Hash(bytes, into);
                return true;
            case "bool":
                into[31] = value.ValueKind == JsonValueKind.True ? (byte)1 : (byte)0;
                return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
            case "address":
                return value.ValueKind == JsonValueKind.String && Hex.TryRead(value.GetString(), into[12..]);
            default:
                if (value.ValueKind != JsonValueKind.Number || !value.TryGetUInt64(out var number))
                    return false;
                BinaryPrimitives.WriteUInt64BigEndian(into[24..], number);
                return field.Type == "uint64" || number <= uint.MaxValue;
        }
    }

    private static bool TryText(JsonElement action, string name, out string text)
    {
        text = "";
        if (
            action.ValueKind != JsonValueKind.Object
            || !action.TryGetProperty(name, out var value)
            || value.ValueKind != JsonValueKind.String
        )
            return false;
        text = value.GetString()!;
        return true;
    }

    private static bool TryChain(string text, out ulong chain)
    {
        chain = 0;
        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out chain);
    }

    private static UserStruct Of(string action, string name, params string[] fields)
    {
        var all = new TypedField[fields.Length + 1];
        all[0] = new TypedField("string", "hyperliquidChain");
        for (var i = 0; i < fields.Length; i++)
        {
            var parts = fields[i].Split(' ');
            all[i + 1] = new TypedField(parts[0], parts[1]);
        }

        return new UserStruct(action, Prefix + name, all, TypedData.TypeHash(Prefix + name, all));
    }
}

/// <summary>The typed struct of one user-signed action.</summary>
internal sealed record UserStruct(string Action, string PrimaryType, TypedField[] Fields, byte[] TypeHash);
