using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Vrlg.Adapters.Recordings;

/// <summary>The content of gzip files, checked to the end: nothing of it is missing and nothing follows it.</summary>
public static class GzipFile
{
    private const int TrailerBytes = 8;
    private const int LeastBytes = 18;

    /// <summary>Whether the first bytes are those of a gzip file.</summary>
    public static bool IsOne(ReadOnlySpan<byte> packed) => GzipMembers.IsGzip(packed);

    /// <summary>The content; null when it is cut or damaged.</summary>
    public static byte[]? Unpack(byte[] packed) => UnpackOne(packed) ?? new GzipMembers(packed).Unpack();

    // The usual file is one member: then the last eight bytes are the CRC-32 and the length of the whole content. Any other
    // file is walked member by member, which is slower.
    private static byte[]? UnpackOne(byte[] packed)
    {
        if (packed.Length < LeastBytes)
            return null;
        using var content = new MemoryStream();
        try
        {
            using var stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
            stream.CopyTo(content);
        }
        catch (InvalidDataException)
        {
            return null;
        }

        var bytes = content.ToArray();
        var trailer = packed.AsSpan(packed.Length - TrailerBytes);
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        return Crc32.HashToUInt32(bytes) == crc && (uint)bytes.Length == length ? bytes : null;
    }
}
