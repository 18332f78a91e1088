using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Signing;

namespace Vrlg.Shell.Conformance;

/// <summary>
/// Actions of every kind, signed by a key that was made for this run and has no account anywhere. The venue names the address that it
/// recovered: where it is this key's, what was hashed is what the venue hashes. Nothing can come of them.
/// </summary>
internal sealed class Forgery : IDisposable
{
    private const string Nobody = "0x000000000000000000000000000000000000dead";
    private const string Order =
        """{"a":0,"b":true,"p":"10000","s":"0.01","r":false,"t":{"limit":{"tif":"Gtc"}},"c":"0x000000000000000000000000000000ab"}""";

    private const string Net = """
        "hyperliquidChain":"Testnet","signatureChainId":"0x66eee"
        """;

    private const string Stop =
        """{"a":0,"b":false,"p":"10000","s":"0.01","r":true,"t":{"trigger":{"isMarket":true,"triggerPx":"9000","tpsl":"sl"}}}""";

    private const string Assets = """
        "sourceDex":"","destinationDex":"spot","token":"USDC","amount":"1","fromSubAccount":""
        """;

    private static readonly string[] L1 =
    [
        $$"""{"type":"agentSendAsset","destination":"{{Nobody}}",{{Assets}},"nonce":$now}""",
        $$"""{"type":"order","orders":[{{Order}}],"grouping":"na"}""",
        $$"""{"type":"order","orders":[{{Stop}}],"grouping":"positionTpsl"}""",
        """{"type":"cancel","cancels":[{"a":0,"o":1}]}""",
        """{"type":"cancelByCloid","cancels":[{"asset":0,"cloid":"0x000000000000000000000000000000ab"}]}""",
        $$"""{"type":"modify","oid":1,"order":{{Order}}}""",
        $$"""{"type":"batchModify","modifies":[{"oid":1,"order":{{Order}}}]}""",
        """{"type":"scheduleCancel"}""",
        """{"type":"updateLeverage","asset":0,"isCross":true,"leverage":5}""",
        """{"type":"updateIsolatedMargin","asset":0,"isBuy":true,"ntli":1000000}""",
        """{"type":"setReferrer","code":"NOBODY"}""",
        """{"type":"noop"}""",
        """{"type":"reserveRequestWeight","weight":1}""",
        """{"type":"twapOrder","twap":{"a":0,"b":true,"s":"0.1","r":false,"m":5,"t":false}}""",
        """{"type":"twapCancel","a":0,"t":1}""",
        $$"""{"type":"vaultTransfer","vaultAddress":"{{Nobody}}","isDeposit":true,"usd":1000000}""",
        $$"""{"type":"subAccountTransfer","subAccountUser":"{{Nobody}}","isDeposit":true,"usd":1000000}""",
    ];

    private static readonly string[] User =
    [
        $$"""{"type":"sendAsset",$net,"destination":"{{Nobody}}",{{Assets}},"nonce":$now}""",
        $$"""{"type":"usdClassTransfer",$net,"amount":"1","toPerp":true,"nonce":$now}""",
        $$"""{"type":"usdSend",$net,"destination":"{{Nobody}}","amount":"1","time":$now}""",
        $$"""{"type":"spotSend",$net,"destination":"{{Nobody}}","token":"USDC:0x0","amount":"1","time":$now}""",
        $$"""{"type":"withdraw3",$net,"destination":"{{Nobody}}","amount":"5","time":$now}""",
        $$"""{"type":"approveAgent",$net,"agentAddress":"{{Nobody}}","agentName":"","nonce":$now}""",
        $$"""{"type":"approveBuilderFee",$net,"maxFeeRate":"0.001%","builder":"{{Nobody}}","nonce":$now}""",
    ];

    private readonly CurveKey key;

    /// <summary>Makes the key.</summary>
    public Forgery()
    {
        var curve = (Curve?)NativeCurve.OfThisMachine() ?? new ManagedCurve();
        CurveKey? made;
        do made = curve.Load(RandomNumberGenerator.GetBytes(32));
        while (made is null);
        key = made;
    }

    /// <summary>Its address.</summary>
    public string Address => key.Address.ToString();

    /// <summary>Each as name, body, and the text that refuses it.</summary>
    public IEnumerable<(string Name, byte[] Body, string Text)> All(long nowMs)
    {
        var nonce = nowMs;
        foreach (var template in L1)
        {
            var action = Filled(template, ++nonce);
            yield return (NameOf(action), Signed(action, nonce), $"User or API Wallet {Address} does not exist.");
        }

        foreach (var template in User)
        {
            var action = Filled(template, ++nonce);
            yield return (
                NameOf(action),
                Signed(action, nonce),
                $"Must deposit before performing actions. User: {Address}"
            );
        }

        yield return (
            "a signature of nothing",
            Body(Filled(L1[0], nonce + 1), nonce + 1, new byte[64], 0),
            "Unable to recover signer."
        );
    }

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    private static string Filled(string template, long nonce) =>
        template.Replace("$now", $"{nonce}", StringComparison.Ordinal).Replace("$net", Net, StringComparison.Ordinal);

    private byte[] Signed(string action, long nonce)
    {
        using var json = JsonDocument.Parse(action);
        var digest = new byte[32];
        var isUser = UserActions.IsUserSigned(json.RootElement.GetProperty("type").GetString()!);
        var isWritten = isUser
            ? UserActions.TryDigest(json.RootElement, digest, out var trouble)
            : TryL1(json.RootElement, nonce, digest, out trouble);
        if (!isWritten)
            throw new FormatException($"{action}: {trouble}");
        var rs = new byte[64];
        var recovery = key.Sign(digest, rs);
        return Body(action, nonce, rs, recovery);
    }

    private static bool TryL1(JsonElement action, long nonce, Span<byte> digest, out string trouble)
    {
        var sink = new MsgPackSink();
        if (!CanonicalAction.TryWrite(action, sink, out trouble))
            return false;
        Span<byte> id = stackalloc byte[32];
        ActionHash.ConnectionId(sink, (ulong)nonce, null, null, id);
        ActionHash.Digest(id, isMainnet: false, digest);
        return true;
    }

    private static byte[] Body(string action, long nonce, byte[] rs, int recovery)
    {
        var into = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(into))
        {
            json.WriteStartObject();
            json.WritePropertyName("action");
            json.WriteRawValue(action);
            json.WriteNumber("nonce", nonce);
            json.WriteStartObject("signature");
            json.WriteString("r", "0x" + Convert.ToHexStringLower(rs, 0, 32));
            json.WriteString("s", "0x" + Convert.ToHexStringLower(rs, 32, 32));
            json.WriteNumber("v", 27 + recovery);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return into.WrittenSpan.ToArray();
    }

    private static string NameOf(string action)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetBytes(action));
        return json.RootElement.GetProperty("type").GetString()! + ", signed by nobody";
    }
}
