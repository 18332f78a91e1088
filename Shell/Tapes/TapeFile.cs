using System.Buffers.Binary;
using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Vrlg.Adapters;

namespace Vrlg.Shell.Tapes;

/// <summary>Where a block lies, and which records it holds.</summary>
internal readonly record struct BlockPlace(long Offset, int Bytes, int First, int Count);

/// <summary>
/// A native file, opened: every frame was read once and its checksum compared, so that a file which was cut or changed is
/// refused before anything is made of it.
/// </summary>
public sealed class TapeFile : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly ImmutableArray<BlockPlace>.Builder places = ImmutableArray.CreateBuilder<BlockPlace>();

    private TapeFile(string path, SafeFileHandle handle)
    {
        Path = path;
        this.handle = handle;
        Bytes = RandomAccess.GetLength(handle);
    }

    /// <summary>The file as it was named.</summary>
    public string Path { get; }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>What stands at its head.</summary>
    public TapeHead Head { get; private set; } = new([], 0);

    /// <summary>What stands at its end.</summary>
    public TapeTotals Totals { get; private set; } = TapeTotals.None;

    /// <summary>Blocks.</summary>
    public int Blocks => places.Count;

    /// <summary>Opens a file and reads it through. Throws <see cref="TapeException"/> with a sentence.</summary>
    public static TapeFile Open(string path)
    {
        if (Directory.Exists(path))
            throw new TapeException($"{path}: this is a folder, not a file. Name a file that `vrlg import` made.");
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TapeException($"{path}: the file cannot be read: {FileTrouble.Words(e)}.", e);
        }

        var file = new TapeFile(path, handle);
        try
        {
            file.Scan();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    internal BlockPlace Place(int block) => places[block];

    /// <summary>Reads and decodes a block. Several threads may, each with columns and a buffer of its own.</summary>
    internal TapeBlock Read(int block, ColumnReader columns, ref byte[] buffer)
    {
        var place = places[block];
        var body = Body(place.Offset, ref buffer, out _, out _);
        try
        {
            var read = TapeBlock.Read(body, TapeLimits.Records, columns);
            return read.Count == place.Count
                ? read
                : throw new InvalidDataException("it has another number of records");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or OverflowException)
        {
            throw Refuse(place.Offset, $"the block is no block ({e.Message})", e);
        }
    }

    private void Scan()
    {
        Span<byte> start = stackalloc byte[8];
        var got = RandomAccess.Read(handle, start, 0);
        if (got > 0 && got < start.Length && TapeWriter.Mark.StartsWith(start[..got]))
            throw Cut(0, start.Length - got);
        if (got < start.Length || !start.SequenceEqual(TapeWriter.Mark))
            throw new TapeException(
                $"{Path}: this is no native market-data file: it does not begin with VRLGTAP1. Make one with `vrlg import`."
            );
        var at = (long)start.Length;
        var records = 0;
        var kind = FrameKind.Head;
        var buffer = new byte[1 << 16];
        for (var n = 0; kind != FrameKind.End; n++)
        {
            var body = Body(at, ref buffer, out kind, out var next);
            if (kind == FrameKind.Head != (n == 0) || kind is < FrameKind.Head or > FrameKind.End)
                throw Refuse(at, $"a frame of kind {(int)kind} does not belong here");
            if (kind == FrameKind.Block)
            {
                var count = new Unpacker(body).Count(TapeLimits.Records);
                places.Add(new(at, body.Length, records, count));
                records = checked(records + count);
            }
            else if (kind == FrameKind.Head)
            {
                Head = TapeHead.Read(body);
            }
            else
            {
                Totals = TapeTotals.Read(body);
            }

            at = next;
        }

        if (at != Bytes)
            throw Refuse(at, $"{Bytes - at} bytes follow the end");
        if (Totals.Records != records)
            throw Refuse(at, $"the end counts {Totals.Records} records, the blocks hold {records}");
    }

    private ReadOnlySpan<byte> Body(long at, ref byte[] buffer, out FrameKind kind, out long next)
    {
        Span<byte> head = stackalloc byte[TapeWriter.FrameBytes];
        if (Bytes - at < head.Length)
            throw Cut(at, head.Length - (Bytes - at));
        if (RandomAccess.Read(handle, head, at) < head.Length)
            throw Cut(at, 1);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (length > Bytes - at - head.Length)
            throw Cut(at, length - (Bytes - at - head.Length));
        if (buffer.Length < length)
            buffer = new byte[Math.Max(2 * buffer.Length, (int)length)];
        var body = buffer.AsSpan(0, (int)length);
        if (RandomAccess.Read(handle, body, at + head.Length) < body.Length)
            throw Cut(at, 1);
        kind = (FrameKind)head[8];
        if (TapeWriter.Sum(kind, body) != BinaryPrimitives.ReadUInt32LittleEndian(head[4..]))
            throw Refuse(at, "the checksum does not match: the file was changed or damaged");
        next = at + head.Length + length;
        return body;
    }

    private TapeException Cut(long at, long missing) =>
        new(
            $"{Path}: the file is cut: it has {Bytes} bytes, and the frame that begins at byte {at} needs {missing} more "
                + "at least (or its length is damaged, or the file is still being written). "
                + "Copy the file again, or make it anew with `vrlg import`."
        );

    private TapeException Refuse(long at, string what, Exception? cause = null)
    {
        var sentence = $"{Path}: at byte {at}: {what}. Copy the file again, or make it anew with `vrlg import`.";
        return cause is null ? new(sentence) : new(sentence, cause);
    }
}
