using System.Diagnostics.CodeAnalysis;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>The 20 bytes of an account's address; on the wire <c>0x</c> and 40 lower-case hex digits.</summary>
public readonly struct Address : IEquatable<Address>
{
    /// <summary>Bytes of an address.</summary>
    public const int Size = 20;

    private readonly ulong a;
    private readonly ulong b;
    private readonly uint c;

    /// <summary>From the first 20 bytes.</summary>
    public Address(ReadOnlySpan<byte> bytes)
    {
        a = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes);
        b = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        c = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>Every byte is 0.</summary>
    public bool IsZero => (a | b | c) == 0;

    /// <summary>The address of an uncompressed public key (64 bytes, without the leading 04): the last 20 bytes of its hash.</summary>
    public static Address OfPublicKey(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[Keccak256.Size];
        Keccak256.Hash(key, hash);
        return new Address(hash[12..]);
    }

    /// <summary>Reads <c>0x</c> and 40 hex digits in any letter case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Address address)
    {
        Span<byte> bytes = stackalloc byte[Size];
        address = default;
        if (!Hex.TryRead(text, bytes))
            return false;
        address = new Address(bytes);
        return true;
    }

    /// <summary>Writes the 20 bytes.</summary>
    public void CopyTo(Span<byte> into)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(into, a);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(into[8..], b);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(into[16..], c);
    }

    /// <inheritdoc/>
    public bool Equals(Address other) => a == other.a && b == other.b && c == other.c;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Address other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(a, b, c);

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Hex.Of(bytes);
    }

    /// <summary>Same bytes.</summary>
    public static bool operator ==(Address left, Address right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(Address left, Address right) => !left.Equals(right);
}
