using Vrlg.Core;
using Vrlg.Sim;

namespace Vrlg.Shell.Tapes;

/// <summary>
/// A native file as a tape of any length: blocks are decoded when a record of theirs is asked for, and of those the ones not
/// used for longest are dropped, so that memory holds a window around the run's two clocks. One owner, one thread.
/// </summary>
public sealed class FileTape : Tape
{
    /// <summary>Blocks held at once: the distance between the two clocks fits in.</summary>
    public const int Window = 8;

    private readonly TapeFile file;
    private readonly int first;
    private readonly int count;
    private readonly (int Block, long Used, TapeBlock? Rows)[] held = new (int, long, TapeBlock?)[Window];
    private readonly ColumnReader columns = new();
    private byte[] buffer = [];
    private long clock;

    // The block used last, with the records that it holds.
    private TapeBlock? rows;
    private int from;
    private int to;

    private FileTape(TapeFile file, int first, int count)
    {
        this.file = file;
        this.first = first;
        this.count = count;
        Array.Fill(held, (-1, 0, null));
    }

    /// <summary>All records of a file.</summary>
    public static FileTape Of(TapeFile file) => new(file, 0, (int)file.Totals.Records);

    /// <summary>The records from one venue instant up to before another; null has no bound.</summary>
    public static FileTape Of(TapeFile file, Instant? from, Instant? to)
    {
        var whole = Of(file);
        var first = from is { } a ? whole.FirstAt(a.Ns) : 0;
        var end = to is { } b ? whole.FirstAt(b.Ns) : whole.count;
        return new(file, first, Math.Max(0, end - first));
    }

    /// <inheritdoc/>
    public override int Count => count;

    /// <summary>Blocks decoded so far, again and again counted again.</summary>
    public long Decoded { get; private set; }

    /// <inheritdoc/>
    public override long VenueAt(int i) => Find(ref i).VenueAt(i);

    /// <inheritdoc/>
    public override long RecvAt(int i) => Find(ref i).RecvAt(i);

    /// <inheritdoc/>
    public override int InstrumentAt(int i) => Find(ref i).InstrumentAt(i);

    /// <inheritdoc/>
    public override bool HasBlocks => true;

    /// <inheritdoc/>
    public override Event Event(int i) => Find(ref i).Event(i);

    /// <inheritdoc/>
    public override Tape Fork() => new FileTape(file, first, count);

    /// <inheritdoc/>
    public override EventKind KindAt(int i) => Find(ref i).KindAt(i);

    private int FirstAt(long venueAt)
    {
        var (lo, hi) = (0, count);
        while (lo < hi)
        {
            var mid = lo + (hi - lo) / 2;
            if (VenueAt(mid) < venueAt)
                lo = mid + 1;
            else
                hi = mid;
        }

        return lo;
    }

    /// <summary>The block of a record, and the record's place in it.</summary>
    private TapeBlock Find(ref int i)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)i, (uint)count);
        i += first;
        if (rows is { } last && i >= from && i < to)
        {
            i -= from;
            return last;
        }

        var found = Hold(BlockOf(i));
        i -= from;
        return found;
    }

    private int BlockOf(int record)
    {
        var (lo, hi) = (0, file.Blocks);
        while (hi - lo > 1)
        {
            var mid = (lo + hi) / 2;
            if (file.Place(mid).First <= record)
                lo = mid;
            else
                hi = mid;
        }

        return lo;
    }

    private TapeBlock Hold(int block)
    {
        var oldest = 0;
        var at = -1;
        for (var k = 0; k < Window; k++)
        {
            if (held[k].Block == block)
                at = k;
            if (held[k].Used < held[oldest].Used)
                oldest = k;
        }

        if (at < 0)
        {
            at = oldest;
            // Dropped before the next one is made: the window is never exceeded.
            if (held[at].Rows is { } dropped)
                dropped.Release(columns);
            rows = null;
            held[at] = (-1, 0, null);
            held[at] = (block, 0, file.Read(block, columns, ref buffer));
            Decoded++;
        }

        held[at].Used = ++clock;
        var place = file.Place(block);
        (rows, from, to) = (held[at].Rows!, place.First, place.First + place.Count);
        return rows;
    }
}
