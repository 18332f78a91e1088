using System.Security.Cryptography;
using System.Text;
using Nethereum.KeyStore;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid;

/// <summary>Which library signs.</summary>
public enum SignerChoice
{
    /// <summary>libsecp256k1 where it is installed; managed code elsewhere, but never on mainnet.</summary>
    Native,

    /// <summary>Managed code, asked for.</summary>
    Managed,
}

/// <summary>A key that was loaded.</summary>
/// <param name="Key">It.</param>
/// <param name="Curve">The library that signs with it.</param>
/// <param name="Notice">A sentence to be said at the start where that is not libsecp256k1; null otherwise.</param>
public sealed record LoadedKey(TradingKey Key, string Curve, string? Notice);

/// <summary>
/// Where trading keys come from: a reference, never the key itself. <c>env:NAME</c>, <c>file:PATH</c> (64 hex digits), or
/// <c>keystore:PATH</c> (Web3 secret storage version 3, scrypt or PBKDF2).
/// </summary>
public static class KeyFiles
{
    private const int MostBytes = 1 << 16;

    // More than an address, which the names of keystores carry, and less than a key with some digits lost.
    private const int KeyLike = 48;

    private const string Missing = "libsecp256k1 is not installed";
    private const string Install = "apt-get install libsecp256k1-1 (or -2, or -0)";

    /// <summary>
    /// Loads the key that <paramref name="reference"/> names. Null and a sentence otherwise; no sentence holds any part of a key or
    /// of a passphrase.
    /// </summary>
    /// <param name="reference">As in the type's summary.</param>
    /// <param name="policy">What the key may do.</param>
    /// <param name="choice">Which library signs.</param>
    /// <param name="allowMaster">Take a master key (<c>--i-know</c>); refused on mainnet all the same.</param>
    /// <param name="passphrase">Asked for the passphrase of a keystore, with its path; null gives up.</param>
    /// <param name="clock">Of the key's caps.</param>
    /// <param name="trouble">The sentence.</param>
    public static LoadedKey? Load(
        string reference,
        KeyPolicy policy,
        SignerChoice choice,
        bool allowMaster,
        Func<string, string?> passphrase,
        TimeProvider clock,
        out string trouble
    ) => Load(reference, policy, choice, allowMaster, passphrase, clock, NativeCurve.OfThisMachine, out trouble);

    /// <summary>The same where <paramref name="native"/> looks for libsecp256k1.</summary>
    internal static LoadedKey? Load(
        string reference,
        KeyPolicy policy,
        SignerChoice choice,
        bool allowMaster,
        Func<string, string?> passphrase,
        TimeProvider clock,
        Func<Curve?> native,
        out string trouble
    )
    {
        _ = UnixFiles.ForbidDumps();
        // The key is taken first: it must be gone from the environment whatever else is refused.
        var secret = Read(reference, passphrase, out trouble);
        if (secret is null)
            return null;
        var curve = CurveFor(choice, policy.IsMainnet, native, out var refusal, out var notice);
        var key = curve?.Load(secret);
        CryptographicOperations.ZeroMemory(secret);
        if (key is null || curve is null)
        {
            trouble = curve is null ? refusal : $"{reference} holds no private key of this curve";
            return null;
        }

        var trading = new TradingKey(key, policy, clock);
        if (trading.IsMaster && (policy.IsMainnet || !allowMaster))
        {
            trading.Dispose();
            trouble = policy.IsMainnet
                ? "this is the account's own key; on mainnet only an API wallet's key is taken: approve one and use that"
                : "this is the account's own key; approve an API wallet and use its key, or say --i-know on a test network";
            return null;
        }

        return new LoadedKey(trading, curve.Name, notice);
    }

    /// <summary>
    /// A passphrase that the environment holds, taken out of it as a key is: out of what children inherit, and out of the memory in
    /// which the process was given it. Null where there is none.
    /// </summary>
    public static string? TakePassphrase(string name) => UnixFiles.TakeVariable(name);

    /// <summary>The text of a new keystore file (scrypt) for a key of 32 bytes, which is for the caller to clear.</summary>
    public static string Encrypt(byte[] key, Address address, string passphrase)
    {
        ArgumentNullException.ThrowIfNull(passphrase);
        return new KeyStoreService().EncryptAndGenerateDefaultKeyStoreAsJson(passphrase, key, address.ToString());
    }

    private static Curve? CurveFor(
        SignerChoice choice,
        bool isMainnet,
        Func<Curve?> native,
        out string refusal,
        out string? notice
    )
    {
        refusal = "";
        notice = null;
        if (choice == SignerChoice.Managed)
        {
            notice = "signatures are made in managed code (BouncyCastle), as --signer managed asks";
            return new ManagedCurve();
        }

        if (native() is { } found)
            return found;
        if (!isMainnet)
        {
            notice =
                $"{Missing}; signatures are made in managed code (BouncyCastle), which mainnet does not take unasked: {Install}";
            return new ManagedCurve();
        }

        refusal = $"{Missing}; on mainnet it signs: {Install}, or say --signer managed";
        return null;
    }

    private static byte[]? Read(string reference, Func<string, string?> passphrase, out string trouble)
    {
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        var kind = colon < 0 ? "" : reference[..colon];
        var name = reference[(colon + 1)..];
        // The reference may be a key itself, or hold one: it is not repeated.
        trouble = "a key is named by env:NAME, file:PATH or keystore:PATH, and never written itself";
        if (LooksLikeKey(name))
            return null;
        switch (kind)
        {
            case "env" when name.Length > 0 && !name.Contains('=', StringComparison.Ordinal):
                return FromEnvironment(name, out trouble);
            case "file":
                return FromFile(name, out trouble);
            case "keystore":
                return FromKeystore(name, passphrase, out trouble);
            default:
                return null;
        }
    }

    private static bool LooksLikeKey(string name)
    {
        var digits = 0;
        foreach (var c in name)
        {
            digits = char.IsAsciiHexDigit(c) ? digits + 1 : 0;
            if (digits == KeyLike)
                return true;
        }

        return false;
    }

    private static byte[]? FromEnvironment(string name, out string trouble)
    {
        trouble = "";
        var text = UnixFiles.TakeVariable(name);
        if (text is null)
            trouble = $"the environment has no {name}; set it to the key, 64 hex digits";
        else if (KeyOf(text) is { } key)
            return key;
        else
            trouble = $"the environment's {name} is no key: 64 hex digits, with or without 0x";
        return null;
    }

    private static byte[]? FromFile(string path, out string trouble)
    {
        var content = UnixFiles.ReadPrivate(path, MostBytes, out trouble);
        if (content is null)
            return null;
        var key = KeyOf(Encoding.ASCII.GetString(content));
        CryptographicOperations.ZeroMemory(content);
        if (key is null)
            trouble = $"{path} is no key: 64 hex digits, with or without 0x";
        return key;
    }

    private static byte[]? FromKeystore(string path, Func<string, string?> passphrase, out string trouble)
    {
        var content = UnixFiles.ReadPrivate(path, MostBytes, out trouble);
        if (content is null)
            return null;
        if (passphrase(path) is not { } said)
        {
            trouble =
                $"{path} needs its passphrase: say --passphrase env:NAME, or run it in a terminal, which is asked";
            return null;
        }

        try
        {
            var key = new KeyStoreService().DecryptKeyStoreFromJson(said, Encoding.UTF8.GetString(content));
            if (key.Length == 32)
                return key;
            trouble = $"{path} holds something else than a key of 32 bytes";
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The library throws anything, bare exceptions too, and its words may carry parts of the file: only the kind is told.
            trouble =
                e is Nethereum.KeyStore.Crypto.DecryptionException
                    ? $"{path}: the passphrase is wrong, or the file is damaged"
                    : $"{path} is no keystore of version 3 with scrypt or pbkdf2";
        }

        return null;
    }

    private static byte[]? KeyOf(string text)
    {
        var digits = text.Trim();
        if (!digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = "0x" + digits;
        var key = new byte[32];
        return Hex.TryRead(digits, key) ? key : null;
    }
}
