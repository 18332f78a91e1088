using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Vrlg.Adapters.Recordings;

/// <summary>Reads a recorded file whole, plain or gzip, and makes sure that nothing of it is missing.</summary>
public static class RecordingFile
{
    private const int TrailerBytes = 8;
    private const int LeastGzipBytes = 18;

    /// <summary>The file's bytes, unpacked. Throws <see cref="RecordingException"/> with a sentence.</summary>
    public static byte[] ReadAll(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (FileTrouble.IsOne(e))
        {
            throw new RecordingException($"{path}: the file cannot be read: {FileTrouble.Words(e)}.", e);
        }

        var content = path.EndsWith(".gz", StringComparison.Ordinal) && bytes.Length > 0 ? Unpack(path, bytes) : bytes;
        return content.Length > 0
            ? content
            : throw new RecordingException(
                $"{path}: the file is empty. Record it again, or take it out of the folder."
            );
    }

    // The usual file is one member: then the last eight bytes are the CRC-32 and the length of the whole content. Any other
    // file is walked member by member, which is slower.
    private static byte[] Unpack(string path, byte[] packed)
    {
        if (!GzipMembers.IsGzip(packed))
            throw new RecordingException($"{path}: this is no gzip file. Rename it to .csv if it is plain text.");
        return UnpackOne(packed)
            ?? new GzipMembers(packed).Unpack()
            ?? throw new RecordingException(
                $"{path}: the gzip file is cut or damaged: its end does not match its content. Copy or record it again; "
                    + "--skip-bad does not help, since nobody knows what is missing."
            );
    }

    private static byte[]? UnpackOne(byte[] packed)
    {
        if (packed.Length < LeastGzipBytes)
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
