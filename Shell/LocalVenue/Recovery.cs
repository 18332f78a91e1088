using System.Text.Json;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Sim.LocalVenue;
using Action = Vrlg.Sim.LocalVenue.Action;

namespace Vrlg.Shell.LocalVenue;

/// <summary>A signed request of <c>/exchange</c> as it may be executed: its signature is gone, its signer known.</summary>
internal sealed class Recovery(bool isMainnet)
{
    private const string Unrecoverable = "Unable to recover signer.";
    private const string OtherNonce = "Nonce mismatch.";
    private readonly Curve curve = (Curve?)NativeCurve.OfThisMachine() ?? new ManagedCurve();

    /// <summary>Who an address is to the venue: asked when a signature might fit the other network.</summary>
    public Func<string, bool> IsKnown { get; set; } = _ => false;

    /// <summary>Says that somebody signs for the other network.</summary>
    public System.Action? OtherNetwork { get; set; }

    /// <summary>
    /// Reads a request. False when it is none (422); with <paramref name="refusal"/> it is answered without reaching a block.
    /// </summary>
    public bool TryRead(JsonElement body, out Submission? submission, out string? refusal)
    {
        submission = null;
        refusal = null;
        if (
            body.ValueKind != JsonValueKind.Object
            || !body.TryGetProperty("action", out var action)
            || !Asked.TryText(action, "type", out var type)
            || !Asked.TryWhole(body, "nonce", out var nonce)
            || nonce < 0
            || !body.TryGetProperty("signature", out var signature)
            || !Asked.TryOptionalWhole(body, "expiresAfter", 0, out var expires)
            || expires < 0
            || !TryVault(body, out var vault)
            || !TrySignature(signature, out var rs, out var recovery)
            || !ActionReader.TryRead(action, out var typed)
        )
            return false;

        var isUser = UserActions.IsUserSigned(type);
        var digest = new byte[32];
        if (!(isUser ? UserActions.TryDigest(action, digest, out _) : TryDigest(body, action, isMainnet, digest)))
            return false;
        if (!curve.TryRecover(digest, rs, recovery, out var signer))
        {
            refusal = Unrecoverable;
            return true;
        }

        var address = signer.ToString();
        if (!isUser && !IsKnown(address) && TryDigest(body, action, !isMainnet, digest))
        {
            if (curve.TryRecover(digest, rs, recovery, out var other) && IsKnown(other.ToString()))
                OtherNetwork?.Invoke();
        }

        submission = new Submission(
            address,
            nonce,
            // Without one it is 0; the instant 0 is long over.
            Asked.IsAbsent(body, "expiresAfter")
                ? 0
                : Math.Max(1, expires),
            vault?.ToString(),
            isUser,
            isUser ? Trouble(action, nonce, address) : Mismatch(type, action, nonce),
            type,
            typed
        );
        return true;
    }

    private static bool TryDigest(JsonElement body, JsonElement action, bool isMainnet, Span<byte> digest)
    {
        var sink = new MsgPackSink();
        if (!CanonicalAction.TryWrite(action, sink, out _))
            return false;
        _ = Asked.TryWhole(body, "nonce", out var nonce);
        _ = Asked.TryOptionalWhole(body, "expiresAfter", 0, out var expires);
        _ = TryVault(body, out var vault);
        Span<byte> id = stackalloc byte[32];
        ulong? until = Asked.IsAbsent(body, "expiresAfter") ? null : (ulong)expires;
        ActionHash.ConnectionId(sink, (ulong)nonce, vault, until, id);
        ActionHash.Digest(id, isMainnet, digest);
        return true;
    }

    private string? Trouble(JsonElement action, long nonce, string signer)
    {
        if (!Asked.TryText(action, "hyperliquidChain", out var chain) || chain != (isMainnet ? "Mainnet" : "Testnet"))
        {
            if (chain == (isMainnet ? "Testnet" : "Mainnet") && IsKnown(signer))
                OtherNetwork?.Invoke();
            return "Mainnet and testnet require different signature.";
        }

        return
            (Asked.TryWhole(action, "nonce", out var inner) || Asked.TryWhole(action, "time", out inner))
            && inner == nonce
            ? null
            : OtherNonce;
    }

    // Of what a trading key signs this action alone holds a nonce of its own.
    private static string? Mismatch(string type, JsonElement action, long nonce) =>
        type != "agentSendAsset" || (Asked.TryWhole(action, "nonce", out var inner) && inner == nonce)
            ? null
            : OtherNonce;

    private static bool TryVault(JsonElement body, out Address? vault)
    {
        vault = null;
        if (Asked.IsAbsent(body, "vaultAddress"))
            return true;
        var ok =
            Asked.TryText(body, "vaultAddress", out var text) && Address.TryParse(text, out var address)
                ? (Address?)address
                : null;
        vault = ok;
        return ok is not null;
    }

    private static bool TrySignature(JsonElement from, out byte[] rs, out int recovery)
    {
        rs = new byte[64];
        recovery = 0;
        if (
            !Asked.TryText(from, "r", out var r)
            || !Asked.TryText(from, "s", out var s)
            || !Asked.TryWhole(from, "v", out var v)
            || v is not (0 or 1 or 27 or 28)
            || !Hex.TryReadNumber(r, rs.AsSpan(0, 32))
            || !Hex.TryReadNumber(s, rs.AsSpan(32, 32))
        )
            return false;
        recovery = (int)(v >= 27 ? v - 27 : v);
        return true;
    }
}
