using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Vrlg.Adapters.Recordings;

/// <summary>
/// The members of a gzip file one after the other (RFC 1952 allows several: their contents are joined). The base library
/// ends silently on a truncated file, so every member's CRC-32 and length are checked here, and that nothing follows.
/// </summary>
internal sealed class GzipMembers(byte[] packed)
{
    private const int HeadBytes = 10;
    private const int TrailerBytes = 8;
    private const byte HasHeadCrc = 2;
    private const byte HasExtra = 4;
    private const byte HasName = 8;
    private const byte HasComment = 16;
    private const byte Reserved = 0xE0;

    private readonly byte[] buffer = new byte[1 << 16];
    private int at;

    /// <summary>Whether the first bytes are those of a gzip file.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> packed) => packed.Length > 2 && packed[0] == 0x1f && packed[1] == 0x8b;

    /// <summary>The joined contents; null when a member is cut or damaged, or when something else follows the last one.</summary>
    public byte[]? Unpack()
    {
        using var content = new MemoryStream();
        while (at < packed.Length)
        {
            if (!SkipHead() || !Inflate(content))
                return null;
        }

        return content.ToArray();
    }

    private bool SkipHead()
    {
        var head = packed.AsSpan(at);
        if (head.Length < HeadBytes || !IsGzip(head) || head[2] != 8 || (head[3] & Reserved) != 0)
            return false;
        var flags = head[3];
        at += HeadBytes;
        if ((flags & HasExtra) != 0)
        {
            if (packed.Length - at < 2)
                return false;
            at += 2 + BinaryPrimitives.ReadUInt16LittleEndian(packed.AsSpan(at));
        }

        var isWhole = ((flags & HasName) == 0 || SkipText()) && ((flags & HasComment) == 0 || SkipText());
        at += (flags & HasHeadCrc) != 0 ? 2 : 0;
        return isWhole && at < packed.Length;
    }

    private bool SkipText()
    {
        var end = at < packed.Length ? packed.AsSpan(at).IndexOf((byte)0) : -1;
        at += end + 1;
        return end >= 0;
    }

    // Handed out byte by byte, the content stops being read at its own last byte: only so is the next member found.
    private bool Inflate(MemoryStream content)
    {
        var from = content.Position;
        var source = new ByteByByte(packed, at);
        try
        {
            // CopyTo would drain the source to its end; reading stops where the content stops.
            using var body = new DeflateStream(source, CompressionMode.Decompress);
            for (var got = body.Read(buffer); got > 0; got = body.Read(buffer))
                content.Write(buffer, 0, got);
        }
        catch (InvalidDataException)
        {
            return false;
        }

        at = source.At;
        if (source.RanOut || packed.Length - at < TrailerBytes)
            return false;
        var made = content.GetBuffer().AsSpan((int)from, (int)(content.Position - from));
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(at));
        var length = BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(at + 4));
        at += TrailerBytes;
        return Crc32.HashToUInt32(made) == crc && (uint)made.Length == length;
    }

    /// <summary>Bytes one at a time from a place on; remembers how far it was read and whether more was wanted.</summary>
    private sealed class ByteByByte(byte[] bytes, int start) : Stream
    {
        public int At { get; private set; } = start;
        public bool RanOut { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            if (buffer.IsEmpty)
                return 0;
            if (At == bytes.Length)
            {
                RanOut = true;
                return 0;
            }

            buffer[0] = bytes[At++];
            return 1;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
