using System.Buffers.Binary;
using System.Text;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// What the outer signer of a multi-signature account signs (protocol 3.5, 4.4): the struct <c>SendMultiSig</c> around the hash of the
/// wrapped action. Sending such actions is not built: the struct is here because every struct of the protocol is.
/// </summary>
internal static class MultiSig
{
    private const string Name = "HyperliquidTransaction:SendMultiSig";

    private static readonly byte[] Type = TypedData.TypeHash(
        Name,
        [
            new TypedField("string", "hyperliquidChain"),
            new TypedField("bytes32", "multiSigActionHash"),
            new TypedField("uint64", "nonce"),
        ]
    );

    /// <summary>The 32 bytes that are signed.</summary>
    /// <param name="chain"><c>Mainnet</c> or <c>Testnet</c>.</param>
    /// <param name="chainId">The number in <c>signatureChainId</c>.</param>
    /// <param name="actionHash">The L1 hash of the wrapper without its <c>type</c>.</param>
    /// <param name="nonce">Of the request.</param>
    /// <param name="into">Takes them.</param>
    public static void Digest(string chain, ulong chainId, ReadOnlySpan<byte> actionHash, ulong nonce, Span<byte> into)
    {
        Span<byte> encoded = stackalloc byte[4 * 32];
        encoded.Clear();
        Type.CopyTo(encoded);
        Keccak256.Hash(Encoding.UTF8.GetBytes(chain), encoded[32..]);
        actionHash[..32].CopyTo(encoded[64..]);
        BinaryPrimitives.WriteUInt64BigEndian(encoded[120..], nonce);
        TypedData.Digest(TypedData.DomainSeparator("HyperliquidSignTransaction"u8, chainId), encoded, into);
    }
}
