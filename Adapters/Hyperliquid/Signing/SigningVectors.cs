using System.Text.Json;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>One value of a vector that did not come out.</summary>
/// <param name="Index">Of the vector in its file, from 0.</param>
/// <param name="Name">Of the vector.</param>
/// <param name="Expected">What the vector says, as <c>member value</c>.</param>
/// <param name="Got">What was computed, or what is wrong with the vector.</param>
public sealed record VectorFault(int Index, string Name, string Expected, string Got);

/// <summary>What became of a file of vectors.</summary>
/// <param name="Total">Vectors in the file.</param>
/// <param name="Failed">The first value of each vector that did not come out.</param>
/// <param name="Curve">The library that signed.</param>
public sealed record VectorTally(int Total, IReadOnlyList<VectorFault> Failed, string Curve);

/// <summary>
/// Computes signing vectors again: a JSON array of actions with key, nonce, hash and signature. Keys come from the vectors and are
/// test keys; no other key can be reached from here.
/// </summary>
public static class SigningVectors
{
    private const int MostBytes = 64 << 20;

    /// <summary>
    /// Every vector of <paramref name="content"/>, by libsecp256k1 where this machine has it and <paramref name="managed"/> does
    /// not ask otherwise. Null and a sentence when the content is no array of vectors.
    /// </summary>
    public static VectorTally? Check(ReadOnlyMemory<byte> content, bool managed, out string trouble)
    {
        trouble = "";
        if (content.Length > MostBytes)
        {
            trouble = $"it has {content.Length} bytes; at most {MostBytes} are read";
            return null;
        }

        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(content);
        }
        catch (JsonException e)
        {
            trouble =
                $"it is no JSON, or is cut short: what is wrong begins at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            return null;
        }

        using (json)
        {
            if (json.RootElement.ValueKind != JsonValueKind.Array)
            {
                trouble = "it is no JSON array of vectors";
                return null;
            }

            Curve curve = managed ? new ManagedCurve() : NativeCurve.OfThisMachine() ?? (Curve)new ManagedCurve();
            var failed = new List<VectorFault>();
            var index = 0;
            foreach (var vector in json.RootElement.EnumerateArray())
            {
                if (FaultOf(vector, index, curve) is { } fault)
                    failed.Add(fault);
                index++;
            }

            return new VectorTally(index, failed, curve.Name);
        }
    }

    private static VectorFault? FaultOf(JsonElement vector, int index, Curve curve)
    {
        var name = "";
        try
        {
            name = Member(vector, "name") ?? "";
            return Compare(vector, curve) is { } fault ? new(index, name, fault.Expected, fault.Got) : null;
        }
        catch (InvalidOperationException)
        {
            // A text whose escapes or bytes are no characters.
            return new(index, name, "texts of Unicode", "a text that is none");
        }
    }

    private static (string Expected, string Got)? Compare(JsonElement vector, Curve curve)
    {
        if (vector.ValueKind != JsonValueKind.Object)
            return ("an object", KindOf(vector));
        Span<byte> secret = stackalloc byte[32];
        if (!Hex.TryRead(Member(vector, "privateKey"), secret))
            return ("privateKey 0x and 64 hex digits", "something else");
        using var key = curve.Load(secret);
        if (key is null)
            return ("privateKey in the range of the curve", "one outside of it");
        if (!vector.TryGetProperty("action", out var action))
            return ("action", "nothing");

        var got = new Dictionary<string, string>(StringComparer.Ordinal) { ["address"] = key.Address.ToString() };
        Span<byte> digest = stackalloc byte[32];
        if (Member(vector, "scheme") == "userSigned")
        {
            if (!UserActions.TryDigest(action, digest, out var member))
                return ("an action signed by its user", $"member {member} is missing or of the wrong kind");
            got["primaryType"] = UserActions.StructOf(action.GetProperty("type").GetString()!)!.PrimaryType;
        }
        else if (Hashed(vector, action, got, digest) is { } fault)
        {
            return fault;
        }

        Span<byte> rs = stackalloc byte[64];
        var recovery = key.Sign(digest, rs);
        got["eip712Digest"] = Hex.Of(digest);
        got["r"] = Hex.Of(rs[..32]);
        got["s"] = Hex.Of(rs[32..]);
        got["v"] = (27 + recovery).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!curve.TryRecover(digest, rs, recovery, out var signer) || signer != key.Address)
            return ($"recovery to {key.Address}", signer.ToString());
        return Difference(vector, got);
    }

    private static (string Expected, string Got)? Hashed(
        JsonElement vector,
        JsonElement action,
        Dictionary<string, string> got,
        Span<byte> digest
    )
    {
        var pack = new MsgPackSink();
        if (!CanonicalAction.TryWrite(action, pack, out var member))
            return ("an L1 action", $"member {member} is missing, unknown or of the wrong kind");
        if (!TryNatural(vector, "nonce", out var nonce) || nonce is null)
            return ("nonce a whole number", KindOf(vector, "nonce"));
        if (!TryNatural(vector, "expiresAfter", out var expires))
            return ("expiresAfter a whole number", KindOf(vector, "expiresAfter"));
        if (!TryFlag(vector, "isMainnet", out var isMainnet))
            return ("isMainnet true or false", KindOf(vector, "isMainnet"));
        Address? vault = null;
        if (Member(vector, "vaultAddress") is { } text)
        {
            if (!Address.TryParse(text, out var address))
                return ("vaultAddress 0x and 40 hex digits", text);
            vault = address;
        }

        got["msgpackHex"] = Hex.Of(pack.Written);
        Span<byte> connection = stackalloc byte[32];
        ActionHash.ConnectionId(pack, nonce.Value, vault, expires, connection);
        got["hashPreimageHex"] = Hex.Of(pack.Written);
        got["actionHash"] = Hex.Of(connection);
        got["phantomAgentSource"] = isMainnet ? "a" : "b";
        ActionHash.Digest(connection, isMainnet, digest);
        return null;
    }

    // r, s, v, address and, of an L1 action, its hash must stand in a vector; what else stands there is compared too.
    private static (string Expected, string Got)? Difference(JsonElement vector, Dictionary<string, string> got)
    {
        foreach (var (name, value) in got)
        {
            var said = Member(vector, name);
            var isNeeded = name is "address" or "actionHash" or "r" or "s" or "v";
            if (said is null ? isNeeded : !IsSame(name, said, value))
                return ($"{name} {said ?? "something"}", $"{name} {value}");
        }

        return null;
    }

    private static bool IsSame(string name, string said, string got)
    {
        Span<byte> number = stackalloc byte[32];
        return name is "r" or "s"
            ? Hex.TryReadNumber(said, number) && Hex.Of(number) == got
            : string.Equals(
                said,
                got,
                name == "primaryType" ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase
            );
    }

    private static string? Member(JsonElement vector, string name) =>
        vector.ValueKind == JsonValueKind.Object && vector.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Null => null,
                _ => value.GetRawText(),
            }
            : null;

    private static string KindOf(JsonElement vector, string name) =>
        vector.TryGetProperty(name, out var value) ? KindOf(value) : "nothing";

    private static string KindOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Number => $"the number {value.GetRawText()}",
            JsonValueKind.String => "a text",
            JsonValueKind.Array => "a list",
            JsonValueKind.Object => "an object",
            JsonValueKind.Null => "null",
            _ => "true or false",
        };

    private static bool TryNatural(JsonElement vector, string name, out ulong? number)
    {
        number = null;
        if (!vector.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetUInt64(out var there))
            return false;
        number = there;
        return true;
    }

    private static bool TryFlag(JsonElement vector, string name, out bool flag)
    {
        flag = vector.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
        return flag || value.ValueKind == JsonValueKind.False;
    }
}
