using System.Buffers.Binary;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// What is signed of an L1 action (protocol 4.2, 4.3): the hash of its MessagePack with nonce, vault and expiry, inside an
/// EIP-712 struct <c>Agent</c> whose source names the network.
/// </summary>
internal static class ActionHash
{
    private static readonly byte[] AgentType = Keccak256.Hash("Agent(string source,bytes32 connectionId)"u8);
    private static readonly byte[] Mainnet = Keccak256.Hash("a"u8);
    private static readonly byte[] Testnet = Keccak256.Hash("b"u8);
    private static readonly byte[] Domain = TypedData.DomainSeparator("Exchange"u8, 1337);

    /// <summary>
    /// Completes <paramref name="action"/>, which holds the MessagePack of an action, to the preimage and hashes it: the
    /// <c>connectionId</c>. A vault is marked 01, none 00; an expiry is marked 00, none by no byte at all.
    /// </summary>
    public static void ConnectionId(
        MsgPackSink action,
        ulong nonce,
        Address? vault,
        ulong? expiresAfter,
        Span<byte> into
    )
    {
        Span<byte> tail = stackalloc byte[8 + 1 + Address.Size + 1 + 8];
        BinaryPrimitives.WriteUInt64BigEndian(tail, nonce);
        var length = 8;
        tail[length++] = vault is null ? (byte)0 : (byte)1;
        if (vault is { } address)
        {
            address.CopyTo(tail[length..]);
            length += Address.Size;
        }

        if (expiresAfter is { } until)
        {
            tail[length++] = 0;
            BinaryPrimitives.WriteUInt64BigEndian(tail[length..], until);
            length += 8;
        }

        action.Raw(tail[..length]);
        Keccak256.Hash(action.Written, into);
    }

    /// <summary>The 32 bytes that are signed of an action with this <c>connectionId</c>.</summary>
    public static void Digest(ReadOnlySpan<byte> connectionId, bool isMainnet, Span<byte> into)
    {
        Span<byte> agent = stackalloc byte[3 * 32];
        AgentType.CopyTo(agent);
        (isMainnet ? Mainnet : Testnet).CopyTo(agent[32..]);
        connectionId.CopyTo(agent[64..]);
        TypedData.Digest(Domain, agent, into);
    }
}
