namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// ECDSA over secp256k1 with the deterministic k of RFC 6979 and the low s, behind two libraries that agree bit for bit.
/// </summary>
internal abstract class Curve
{
    /// <summary>What people call it.</summary>
    public abstract string Name { get; }

    /// <summary>Takes a copy of a private key of 32 bytes; null when it is not in the curve's range.</summary>
    public abstract CurveKey? Load(ReadOnlySpan<byte> key);

    /// <summary>The address whose key signed <paramref name="digest"/>; false when no key does.</summary>
    public abstract bool TryRecover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> rs, int recovery, out Address signer);
}

/// <summary>A private key that is held and never shown.</summary>
internal abstract class CurveKey : IDisposable
{
    /// <summary>Of its public key.</summary>
    public abstract Address Address { get; }

    /// <summary>Signs 32 bytes into 64 of r and s; answers with the recovery id.</summary>
    public abstract int Sign(ReadOnlySpan<byte> digest, Span<byte> rs);

    /// <summary>Forgets the key, as far as its memory is ours.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Forgets the key.</summary>
    protected abstract void Dispose(bool disposing);
}
