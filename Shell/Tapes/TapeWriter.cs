using System.Buffers.Binary;
using Vrlg.Adapters;
using Vrlg.Core;

namespace Vrlg.Shell.Tapes;

/// <summary>What a frame of a native file holds.</summary>
internal enum FrameKind : byte
{
    Head = 1,
    Block = 2,
    End = 3,
}

/// <summary>
/// Writes a native market-data file: a mark, then frames (length, checksum, kind, body): the head, blocks of records, the end.
/// Records come in venue order. The file is written beside its name and takes it when it is whole.
/// </summary>
public sealed class TapeWriter : IDisposable
{
    internal const int FrameBytes = 9;
    private const int MostLevels = 1 << 19;
    private readonly string path;
    private readonly string beside;
    private readonly int recordsPerBlock;
    private readonly FileStream file;
    private readonly BlockWriter block = new();
    private readonly ByteSink body = new();
    private long lastAt = long.MinValue;
    private bool isWhole;

    /// <summary>Opens the file. Throws <see cref="TapeException"/> when it cannot be made.</summary>
    /// <param name="path">The file.</param>
    /// <param name="head">What stands at its head.</param>
    /// <param name="recordsPerBlock">At most 16,384, the usual: smaller blocks are read sooner and take more room.</param>
    public TapeWriter(string path, TapeHead head, int recordsPerBlock = TapeLimits.Records)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(recordsPerBlock, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(recordsPerBlock, TapeLimits.Records);
        this.recordsPerBlock = recordsPerBlock;
        this.path = path;
        beside = path + ".part";
        try
        {
            file = new(beside, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TapeException($"{path}: the file cannot be written: {FileTrouble.Words(e)} with --out.", e);
        }

        file.Write(Mark);
        head.Write(body);
        Frame(FrameKind.Head);
    }

    /// <summary>What was written.</summary>
    public TapeTotals Totals { get; private set; } = TapeTotals.None;

    /// <summary>The first bytes of every native file: the format's name and version.</summary>
    internal static ReadOnlySpan<byte> Mark => "VRLGTAP1"u8;

    /// <summary>Whether a native file holds such events: those of the market and of its feed.</summary>
    public static bool IsMarket(EventKind kind) =>
        kind is >= EventKind.LevelMoved and <= EventKind.BlockSealed or EventKind.FeedLost or EventKind.FeedBack;

    /// <summary>Adds a record: its venue instant, its receipt (0 where there is none), itself.</summary>
    public void Add(long venueAt, long recvAt, in Event e)
    {
        if (!IsMarket(e.Kind))
            throw new ArgumentException($"{e.Kind} is no market record", nameof(e));
        if (venueAt < lastAt)
            throw new ArgumentException("records must come in venue order", nameof(venueAt));
        if (block.Count == recordsPerBlock || block.Levels >= MostLevels)
            FlushBlock();
        lastAt = venueAt;
        block.Add(venueAt, recvAt, in e);
        Count(venueAt, in e);
    }

    /// <summary>Writes the end, and gives the file its name.</summary>
    public void Finish()
    {
        FlushBlock();
        Totals.Write(body);
        Frame(FrameKind.End);
        file.Flush(flushToDisk: true);
        file.Dispose();
        File.Move(beside, path, overwrite: true);
        isWhole = true;
    }

    /// <summary>Closes the file; one that was not finished is taken away.</summary>
    public void Dispose()
    {
        file.Dispose();
        if (!isWhole)
            File.Delete(beside);
    }

    private void Count(long venueAt, in Event e)
    {
        var t = Totals;
        var levels = e.Kind switch
        {
            EventKind.BookMoved when e.Depth is { } d => d.Bids.Length + d.Asks.Length,
            EventKind.BboMoved => (e.HasBid ? 1 : 0) + (e.HasAsk ? 1 : 0),
            _ => 1,
        };
        Totals = new(
            t.Records + 1,
            t.Levels + levels,
            t.Books + (e.Kind == EventKind.BookMoved ? 1 : 0),
            t.Quotes + (e.Kind == EventKind.BboMoved ? 1 : 0),
            t.Trades + (e.Kind == EventKind.Traded ? 1 : 0),
            t.Records == 0 ? venueAt : t.From,
            venueAt
        );
    }

    private void FlushBlock()
    {
        if (block.Count == 0)
            return;
        block.Write(body);
        Frame(FrameKind.Block);
    }

    private void Frame(FrameKind kind)
    {
        Span<byte> head = stackalloc byte[FrameBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)body.Count);
        head[8] = (byte)kind;
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Sum(kind, body.Written));
        file.Write(head);
        file.Write(body.Written);
        body.Clear();
    }

    /// <summary>The checksum of a frame: CRC-32C of its body, turned by kind and length so that these are covered too.</summary>
    internal static uint Sum(FrameKind kind, ReadOnlySpan<byte> body)
    {
        Span<byte> about = stackalloc byte[FrameBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(about, Checksum.crc32c(body));
        BinaryPrimitives.WriteUInt32LittleEndian(about[4..], (uint)body.Length);
        about[8] = (byte)kind;
        return Checksum.crc32c(about);
    }
}
