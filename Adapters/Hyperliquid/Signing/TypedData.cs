using System.Buffers.Binary;
using System.Text;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>Typed data as EIP-712 hashes it: domain separator, struct hash, digest. Only what the venue uses of it.</summary>
internal static class TypedData
{
    private static readonly byte[] DomainType = Keccak256.Hash(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"u8
    );

    private static readonly byte[] Version1 = Keccak256.Hash("1"u8);

    /// <summary>The separator of a domain of version 1 whose verifying contract is the zero address.</summary>
    public static byte[] DomainSeparator(ReadOnlySpan<byte> name, ulong chainId)
    {
        Span<byte> domain = stackalloc byte[5 * 32];
        domain.Clear();
        DomainType.CopyTo(domain);
        Keccak256.Hash(name, domain[32..]);
        Version1.CopyTo(domain[64..]);
        BinaryPrimitives.WriteUInt64BigEndian(domain[(4 * 32 - 8)..], chainId);
        return Keccak256.Hash(domain);
    }

    /// <summary>What is signed of an encoded struct (its type hash, then 32 bytes a field) in a domain.</summary>
    public static void Digest(ReadOnlySpan<byte> separator, ReadOnlySpan<byte> encoded, Span<byte> into)
    {
        Span<byte> sealedText = stackalloc byte[2 + 64];
        sealedText[0] = 0x19;
        sealedText[1] = 0x01;
        separator.CopyTo(sealedText[2..]);
        Keccak256.Hash(encoded, sealedText[34..]);
        Keccak256.Hash(sealedText, into);
    }

    /// <summary>The type's text as it is hashed: <c>Name(type name,type name)</c>.</summary>
    public static byte[] TypeHash(string primaryType, ReadOnlySpan<TypedField> fields)
    {
        var text = new StringBuilder(primaryType).Append('(');
        for (var i = 0; i < fields.Length; i++)
            text.Append(i == 0 ? "" : ",").Append(fields[i].Type).Append(' ').Append(fields[i].Name);
        return Keccak256.Hash(Encoding.UTF8.GetBytes(text.Append(')').ToString()));
    }
}

/// <summary>A field of a typed struct: its EIP-712 type and its name, which is also the action's member.</summary>
internal readonly record struct TypedField(string Type, string Name);
