using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vrlg.Adapters.Hyperliquid.Signing;

/// <summary>The distribution's libsecp256k1: constant-time, and the key stays in memory that is ours to clear.</summary>
internal sealed partial class NativeCurve : Curve
{
    private const string Library = "secp256k1";
    private const uint Context = 0x301;
    private const uint Uncompressed = 2;

    // Debian and Ubuntu name it by soname; which one depends on the release.
    private static readonly string[] Sonames =
    [
        "libsecp256k1.so.2",
        "libsecp256k1.so.1",
        "libsecp256k1.so.0",
        "libsecp256k1.so.5",
        "libsecp256k1.so.6",
        "libsecp256k1.so",
    ];

    private static readonly Lazy<NativeCurve?> Only = new(Find);

    private static nint library;
    private readonly nint context;

    private NativeCurve(nint context) => this.context = context;

    /// <inheritdoc/>
    public override string Name => "libsecp256k1";

    /// <summary>The library of this machine; null where it is absent or lacks what signing needs.</summary>
    public static NativeCurve? OfThisMachine() => Only.Value;

    /// <inheritdoc/>
    public override unsafe CurveKey? Load(ReadOnlySpan<byte> key)
    {
        if (key.Length != 32)
            return null;
        fixed (byte* there = key)
        {
            if (secp256k1_ec_seckey_verify(context, there) != 1)
                return null;
        }

        return new NativeKey(context, key);
    }

    /// <inheritdoc/>
    public override unsafe bool TryRecover(
        ReadOnlySpan<byte> digest,
        ReadOnlySpan<byte> rs,
        int recovery,
        out Address signer
    )
    {
        signer = default;
        if (digest.Length != 32 || rs.Length != 64 || recovery is < 0 or > 3)
            return false;
        var signature = stackalloc byte[65];
        var key = stackalloc byte[64];
        fixed (
            byte* hash = digest,
                compact = rs
        )
        {
            if (
                secp256k1_ecdsa_recoverable_signature_parse_compact(context, signature, compact, recovery) != 1
                || secp256k1_ecdsa_recover(context, key, signature, hash) != 1
            )
                return false;
        }

        signer = AddressOf(context, key);
        return true;
    }

    private static unsafe Address AddressOf(nint context, byte* key)
    {
        var text = stackalloc byte[65];
        nuint length = 65;
        _ = secp256k1_ec_pubkey_serialize(context, text, &length, key, Uncompressed);
        return Address.OfPublicKey(new ReadOnlySpan<byte>(text + 1, 64));
    }

    private static unsafe NativeCurve? Find()
    {
        foreach (var name in Sonames)
        {
            if (!NativeLibrary.TryLoad(name, out var handle))
                continue;
            if (!NativeLibrary.TryGetExport(handle, "secp256k1_ecdsa_sign_recoverable", out _))
            {
                NativeLibrary.Free(handle);
                continue;
            }

            library = handle;
            NativeLibrary.SetDllImportResolver(typeof(NativeCurve).Assembly, Resolve);
            var context = secp256k1_context_create(Context);
            var seed = stackalloc byte[32];
            RandomNumberGenerator.Fill(new Span<byte>(seed, 32));
            return context != 0 && secp256k1_context_randomize(context, seed) == 1 ? new NativeCurve(context) : null;
        }

        return null;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Library ? library : 0;

    [LibraryImport(Library)]
    private static partial nint secp256k1_context_create(uint flags);

    [LibraryImport(Library)]
    private static unsafe partial int secp256k1_context_randomize(nint context, byte* seed);

    [LibraryImport(Library)]
    private static unsafe partial int secp256k1_ec_seckey_verify(nint context, byte* key);

    [LibraryImport(Library)]
    private static unsafe partial int secp256k1_ec_pubkey_create(nint context, byte* publicKey, byte* key);

    [LibraryImport(Library)]
    private static unsafe partial int secp256k1_ec_pubkey_serialize(
        nint context,
        byte* text,
        nuint* length,
        byte* publicKey,
        uint flags
    );

    [LibraryImport(Library)]
    private static unsafe partial int secp256k1_ecdsa_sign_recoverable(
        nint context,
        byte* signature,
        byte* digest,
        byte* key,
        nint nonceFunction,
        nint nonceData
    );

    [LibraryImport(Library)]
    private static unsafe partial int secp256k1_ecdsa_recoverable_signature_serialize_compact(
        nint context,
        byte* compact,
        int* recovery,
        byte* signature
    );

    [LibraryImport(Library)]
    private static unsafe partial int secp256k1_ecdsa_recoverable_signature_parse_compact(
        nint context,
        byte* signature,
        byte* compact,
        int recovery
    );

    [LibraryImport(Library)]
    private static unsafe partial int secp256k1_ecdsa_recover(
        nint context,
        byte* publicKey,
        byte* signature,
        byte* digest
    );

    /// <summary>A key in memory outside the collector's reach: never moved or copied by it, cleared at the end.</summary>
    private sealed unsafe class NativeKey : CurveKey
    {
        private readonly nint context;
        private byte* key;

        public NativeKey(nint context, ReadOnlySpan<byte> from)
        {
            this.context = context;
            key = (byte*)NativeMemory.Alloc(32);
            from.CopyTo(new Span<byte>(key, 32));
            var there = stackalloc byte[64];
            _ = secp256k1_ec_pubkey_create(context, there, key);
            Address = AddressOf(context, there);
        }

        ~NativeKey() => Dispose(disposing: false);

        public override Address Address { get; }

        public override int Sign(ReadOnlySpan<byte> digest, Span<byte> rs)
        {
            ObjectDisposedException.ThrowIf(key is null, this);
            ArgumentOutOfRangeException.ThrowIfNotEqual(digest.Length, 32);
            ArgumentOutOfRangeException.ThrowIfNotEqual(rs.Length, 64);
            var signature = stackalloc byte[65];
            int recovery;
            fixed (
                byte* hash = digest,
                    compact = rs
            )
            {
                if (secp256k1_ecdsa_sign_recoverable(context, signature, hash, key, 0, 0) != 1)
                    throw new CryptographicException("libsecp256k1 did not sign");
                _ = secp256k1_ecdsa_recoverable_signature_serialize_compact(context, compact, &recovery, signature);
            }

            return recovery;
        }

        protected override void Dispose(bool disposing)
        {
            if (key is null)
                return;
            CryptographicOperations.ZeroMemory(new Span<byte>(key, 32));
            NativeMemory.Free(key);
            key = null;
        }
    }
}
