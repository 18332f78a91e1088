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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException(
                $"{path}: the file cannot be read ({e.Message}). Check its name and rights.",
                e
            );
        }

        if (bytes.Length == 0)
            throw new RecordingException($"{path}: the file is empty. Record it again, or take it out of the folder.");
        return path.EndsWith(".gz", StringComparison.Ordinal) ? Unpack(path, bytes) : bytes;
    }

    // GZipStream ends silently on a truncated file, so the trailer is checked here: CRC-32 and length of the content.
    private static byte[] Unpack(string path, byte[] packed)
    {
        if (packed.Length < 2 || packed[0] != 0x1f || packed[1] != 0x8b)
            throw new RecordingException($"{path}: this is no gzip file. Rename it to .csv if it is plain text.");
        if (packed.Length < LeastGzipBytes)
            throw Cut(path, null);
        using var content = new MemoryStream();
        try
        {
            using var stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
            stream.CopyTo(content);
        }
        catch (InvalidDataException e)
        {
            throw Cut(path, e);
        }

        var bytes = content.ToArray();
        var trailer = packed.AsSpan(packed.Length - TrailerBytes);
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        if (Crc32.HashToUInt32(bytes) != crc || (uint)bytes.Length != length)
            throw Cut(path, null);
        return bytes;
    }

    private static RecordingException Cut(string path, Exception? cause)
    {
        var sentence =
            $"{path}: the gzip file is cut or damaged: its end does not match its content. Copy or record it again; "
            + "--skip-bad does not help, since nobody knows what is missing.";
        return cause is null ? new(sentence) : new(sentence, cause);
    }
}
