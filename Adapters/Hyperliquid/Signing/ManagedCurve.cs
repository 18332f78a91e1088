using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>
/// The same curve in managed code, by BouncyCastle: where libsecp256k1 is absent, and the oracle beside it. Slower, not promised to
/// be constant-time, and copies of the key are the collector's.
/// </summary>
internal sealed class ManagedCurve : Curve
{
    private static readonly X9ECParameters Group = CustomNamedCurves.GetByName("secp256k1");
    private static readonly BigInteger Half = Group.N.ShiftRight(1);

    /// <inheritdoc/>
    public override string Name => "BouncyCastle (managed)";

    /// <inheritdoc/>
    public override CurveKey? Load(ReadOnlySpan<byte> key)
    {
        if (key.Length != 32)
            return null;
        var secret = new BigInteger(1, key);
        return IsScalar(secret) ? new ManagedKey(secret) : null;
    }

    /// <inheritdoc/>
    public override bool TryRecover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> rs, int recovery, out Address signer)
    {
        signer = default;
        if (digest.Length != 32 || rs.Length != 64 || recovery is < 0 or > 3)
            return false;
        var r = new BigInteger(1, rs[..32]);
        var s = new BigInteger(1, rs[32..]);
        if (!IsScalar(r) || !IsScalar(s) || PointOf(r, recovery) is not { } point)
            return false;

        // Q = r^-1 (sR - eG): SEC 1, section 4.1.6.
        var inverse = r.ModInverse(Group.N);
        var e = new BigInteger(1, digest).Negate().Multiply(inverse).Mod(Group.N);
        var key = ECAlgorithms.SumOfTwoMultiplies(Group.G, e, point, s.Multiply(inverse).Mod(Group.N)).Normalize();
        if (key.IsInfinity)
            return false;
        signer = AddressOf(key);
        return true;
    }

    // The point whose x is r, or r plus the order, and whose y is odd where the lowest bit says so; none when there is none.
    private static ECPoint? PointOf(BigInteger r, int recovery)
    {
        var x = recovery > 1 ? r.Add(Group.N) : r;
        if (x.CompareTo(Group.Curve.Field.Characteristic) >= 0)
            return null;
        var field = Group.Curve.FromBigInteger(x);
        var y = field.Square().Multiply(field).Add(Group.Curve.B).Sqrt();
        if (y is null)
            return null;
        var isOdd = (recovery & 1) == 1;
        return Group.Curve.CreatePoint(x, (y.TestBitZero() == isOdd ? y : y.Negate()).ToBigInteger());
    }

    private static bool IsScalar(BigInteger number) => number.SignValue > 0 && number.CompareTo(Group.N) < 0;

    private static Address AddressOf(ECPoint key) => Address.OfPublicKey(key.GetEncoded(false).AsSpan(1));

    private sealed class ManagedKey(BigInteger key) : CurveKey
    {
        private BigInteger? secret = key;

        public override Address Address { get; } = AddressOf(Group.G.Multiply(key).Normalize());

        public override int Sign(ReadOnlySpan<byte> digest, Span<byte> rs)
        {
            ObjectDisposedException.ThrowIf(secret is null, this);
            ArgumentOutOfRangeException.ThrowIfNotEqual(digest.Length, 32);
            ArgumentOutOfRangeException.ThrowIfNotEqual(rs.Length, 64);
            var nonces = new HMacDsaKCalculator(new Sha256Digest());
            nonces.Init(Group.N, secret, digest.ToArray());
            var e = new BigInteger(1, digest);
            while (true)
            {
                var k = nonces.NextK();
                var point = Group.G.Multiply(k).Normalize();
                var x = point.AffineXCoord.ToBigInteger();
                var r = x.Mod(Group.N);
                var s = k.ModInverse(Group.N).Multiply(e.Add(secret.Multiply(r))).Mod(Group.N);
                if (r.SignValue == 0 || s.SignValue == 0)
                    continue;
                var recovery = (point.AffineYCoord.TestBitZero() ? 1 : 0) | (x.CompareTo(Group.N) >= 0 ? 2 : 0);
                if (s.CompareTo(Half) > 0)
                {
                    s = Group.N.Subtract(s);
                    recovery ^= 1;
                }

                Write(r, rs[..32]);
                Write(s, rs[32..]);
                return recovery;
            }
        }

        protected override void Dispose(bool disposing) => secret = null;

        private static void Write(BigInteger number, Span<byte> into)
        {
            into.Clear();
            var bytes = number.ToByteArrayUnsigned();
            bytes.CopyTo(into[(into.Length - bytes.Length)..]);
        }
    }
}
