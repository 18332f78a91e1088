using System.Buffers.Binary;
using static System.Numerics.BitOperations;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// Keccak-256 with the original padding 0x01, the hash of Ethereum. The base library's SHA3-256 pads with 0x06 and is
/// another hash (FIPS 202 came after).
/// </summary>
public static class Keccak256
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = 32;

    private const int Rate = 136;

    private static ReadOnlySpan<ulong> Rounds =>
        [
            0x0000000000000001,
            0x0000000000008082,
            0x800000000000808A,
            0x8000000080008000,
            0x000000000000808B,
            0x0000000080000001,
            0x8000000080008081,
            0x8000000000008009,
            0x000000000000008A,
            0x0000000000000088,
            0x0000000080008009,
            0x000000008000000A,
            0x000000008000808B,
            0x800000000000008B,
            0x8000000000008089,
            0x8000000000008003,
            0x8000000000008002,
            0x8000000000000080,
            0x000000000000800A,
            0x800000008000000A,
            0x8000000080008081,
            0x8000000000008080,
            0x0000000080000001,
            0x8000000080008008,
        ];

    /// <summary>The hash of <paramref name="data"/> into the first 32 bytes of <paramref name="into"/>.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> into)
    {
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        while (data.Length >= Rate)
        {
            Absorb(state, data);
            data = data[Rate..];
        }

        Span<byte> last = stackalloc byte[Rate];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] = 0x01;
        last[Rate - 1] |= 0x80;
        Absorb(state, last);
        for (var i = 0; i < Size / 8; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(into[(8 * i)..], state[i]);
    }

    /// <summary>The hash of <paramref name="data"/>.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> data)
    {
        var hash = new byte[Size];
        Hash(data, hash);
        return hash;
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (var i = 0; i < Rate / 8; i++)
            state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(8 * i)..]);
        Permute(state);
    }

    // Keccak-f[1600]: theta, rho with pi, chi, iota, 24 times, with the 25 lanes held in locals.
    private static void Permute(Span<ulong> s)
    {
        ulong a0 = s[0],
            a1 = s[1],
            a2 = s[2],
            a3 = s[3],
            a4 = s[4];
        ulong a5 = s[5],
            a6 = s[6],
            a7 = s[7],
            a8 = s[8],
            a9 = s[9];
        ulong a10 = s[10],
            a11 = s[11],
            a12 = s[12],
            a13 = s[13],
            a14 = s[14];
        ulong a15 = s[15],
            a16 = s[16],
            a17 = s[17],
            a18 = s[18],
            a19 = s[19];
        ulong a20 = s[20],
            a21 = s[21],
            a22 = s[22],
            a23 = s[23],
            a24 = s[24];
        foreach (var round in Rounds)
        {
            ulong c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20;
            ulong c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
            ulong c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
            ulong c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
            ulong c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
            ulong d0 = c4 ^ RotateLeft(c1, 1);
            ulong d1 = c0 ^ RotateLeft(c2, 1);
            ulong d2 = c1 ^ RotateLeft(c3, 1);
            ulong d3 = c2 ^ RotateLeft(c4, 1);
            ulong d4 = c3 ^ RotateLeft(c0, 1);
            ulong b0 = a0 ^ d0;
            ulong b1 = RotateLeft(a6 ^ d1, 44);
            ulong b2 = RotateLeft(a12 ^ d2, 43);
            ulong b3 = RotateLeft(a18 ^ d3, 21);
            ulong b4 = RotateLeft(a24 ^ d4, 14);
            ulong b5 = RotateLeft(a3 ^ d3, 28);
            ulong b6 = RotateLeft(a9 ^ d4, 20);
            ulong b7 = RotateLeft(a10 ^ d0, 3);
            ulong b8 = RotateLeft(a16 ^ d1, 45);
            ulong b9 = RotateLeft(a22 ^ d2, 61);
            ulong b10 = RotateLeft(a1 ^ d1, 1);
            ulong b11 = RotateLeft(a7 ^ d2, 6);
            ulong b12 = RotateLeft(a13 ^ d3, 25);
            ulong b13 = RotateLeft(a19 ^ d4, 8);
            ulong b14 = RotateLeft(a20 ^ d0, 18);
            ulong b15 = RotateLeft(a4 ^ d4, 27);
            ulong b16 = RotateLeft(a5 ^ d0, 36);
            ulong b17 = RotateLeft(a11 ^ d1, 10);
            ulong b18 = RotateLeft(a17 ^ d2, 15);
            ulong b19 = RotateLeft(a23 ^ d3, 56);
            ulong b20 = RotateLeft(a2 ^ d2, 62);
            ulong b21 = RotateLeft(a8 ^ d3, 55);
            ulong b22 = RotateLeft(a14 ^ d4, 39);
            ulong b23 = RotateLeft(a15 ^ d0, 41);
            ulong b24 = RotateLeft(a21 ^ d1, 2);
            a0 = b0 ^ (~b1 & b2) ^ round;
            a1 = b1 ^ (~b2 & b3);
            a2 = b2 ^ (~b3 & b4);
            a3 = b3 ^ (~b4 & b0);
            a4 = b4 ^ (~b0 & b1);
            a5 = b5 ^ (~b6 & b7);
            a6 = b6 ^ (~b7 & b8);
            a7 = b7 ^ (~b8 & b9);
            a8 = b8 ^ (~b9 & b5);
            a9 = b9 ^ (~b5 & b6);
            a10 = b10 ^ (~b11 & b12);
            a11 = b11 ^ (~b12 & b13);
            a12 = b12 ^ (~b13 & b14);
            a13 = b13 ^ (~b14 & b10);
            a14 = b14 ^ (~b10 & b11);
            a15 = b15 ^ (~b16 & b17);
            a16 = b16 ^ (~b17 & b18);
            a17 = b17 ^ (~b18 & b19);
            a18 = b18 ^ (~b19 & b15);
            a19 = b19 ^ (~b15 & b16);
            a20 = b20 ^ (~b21 & b22);
            a21 = b21 ^ (~b22 & b23);
            a22 = b22 ^ (~b23 & b24);
            a23 = b23 ^ (~b24 & b20);
            a24 = b24 ^ (~b20 & b21);
        }

        s[0] = a0;
        s[1] = a1;
        s[2] = a2;
        s[3] = a3;
        s[4] = a4;
        s[5] = a5;
        s[6] = a6;
        s[7] = a7;
        s[8] = a8;
        s[9] = a9;
        s[10] = a10;
        s[11] = a11;
        s[12] = a12;
        s[13] = a13;
        s[14] = a14;
        s[15] = a15;
        s[16] = a16;
        s[17] = a17;
        s[18] = a18;
        s[19] = a19;
        s[20] = a20;
        s[21] = a21;
        s[22] = a22;
        s[23] = a23;
        s[24] = a24;
    }
}
