using Vrlg.Core;

namespace Vrlg.Shell.Tapes;

/// <summary>A block in memory.</summary>
internal sealed class TapeBlock
{
    private const int MostGroups = 1 << 16;
    private readonly Group[] groups;
    private readonly ushort[]? heads;
    private readonly int[]? places;
    private readonly Column venueAt;
    private readonly Column lag;
    private readonly Column own;

    private TapeBlock(int count, Group[] groups, ushort[]? heads, int[]? places, Column venueAt, Column lag, Column own)
    {
        Count = count;
        this.groups = groups;
        this.heads = heads;
        this.places = places;
        this.venueAt = venueAt;
        this.lag = lag;
        this.own = own;
    }

    public int Count { get; }

    public long VenueAt(int i) => venueAt[i];

    public long RecvAt(int i) => lag[i] is var l && l == long.MinValue ? 0 : venueAt[i] + l;

    public int InstrumentAt(int i) => groups[heads is null ? 0 : heads[i]].Key.Instrument;

    public EventKind KindAt(int i) => groups[heads is null ? 0 : heads[i]].Key.Kind;

    public Event Event(int i)
    {
        var g = groups[heads is null ? 0 : heads[i]];
        var row = places is null ? i : places[i];
        return new(
            g.Key.Kind,
            g.Key.Side,
            g.Key.Flags,
            g.Key.Channel,
            InstrumentId.Of(g.Key.Instrument),
            Instant.Of(venueAt[i] + own[i]),
            g.A[row],
            g.B[row],
            g.C[row],
            g.D[row],
            g.E[row],
            g.Books?[row]
        );
    }

    /// <summary>Reads a block's body. Throws <see cref="InvalidDataException"/> when it is none.</summary>
    public static TapeBlock Read(ReadOnlySpan<byte> body, int most, ColumnReader columns)
    {
        var from = new Unpacker(body);
        var count = from.Count(most);
        var groups = new Group[from.Count(MostGroups)];
        if (groups.Length == 0)
            throw new InvalidDataException("it has no groups");
        for (var g = 0; g < groups.Length; g++)
            groups[g] = new(ReadKey(ref from));
        var heads = ReadHeads(ref from, groups.Length, count);
        var venueAt = columns.Read(ref from, count);
        var lag = columns.Read(ref from, count);
        var own = columns.Read(ref from, count);
        var (places, counts) = Place(heads, groups.Length, count);
        for (var g = 0; g < groups.Length; g++)
            groups[g].Read(ref from, columns, counts[g]);
        if (!from.IsAtEnd)
            throw new InvalidDataException("bytes are left over");
        return new(count, groups, heads, places, venueAt, lag, own);
    }

    /// <summary>Gives the large columns back; the block must not be read any more.</summary>
    public void Release(ColumnReader columns)
    {
        columns.Return(venueAt);
        columns.Return(lag);
        columns.Return(own);
        foreach (var g in groups)
            g.Release(columns);
    }

    private static GroupKey ReadKey(ref Unpacker from)
    {
        var kind = (EventKind)from.Byte();
        if (!TapeWriter.IsMarket(kind))
            throw new InvalidDataException($"a record has kind {(int)kind}");
        var (side, flags, channel) = ((Side)from.Byte(), from.Byte(), (Channel)from.Byte());
        var instrument = from.Count(TapeLimits.NoInstrument);
        return new(kind, side, flags, channel, instrument == TapeLimits.NoInstrument ? -1 : instrument);
    }

    private static ushort[]? ReadHeads(ref Unpacker from, int groups, int count)
    {
        var width = BlockWriter.HeadWidth(groups);
        if (width == 0)
            return null;
        var bytes = from.Raw((int)(((long)count * width + 7) / 8));
        var heads = new ushort[count];
        if (width == 16)
        {
            for (var i = 0; i < count; i++)
                heads[i] = (ushort)(bytes[2 * i] | (bytes[2 * i + 1] << 8));
            return heads;
        }

        var mask = (1 << width) - 1;
        var shift = width switch
        {
            1 => 3,
            2 => 2,
            4 => 1,
            _ => 0,
        };
        for (var i = 0; i < count; i++)
            heads[i] = (ushort)((bytes[i >> shift] >> ((i & ((1 << shift) - 1)) * width)) & mask);
        return heads;
    }

    /// <summary>The row of each record inside its group, and the size of each group.</summary>
    private static (int[]? Places, int[] Counts) Place(ushort[]? heads, int groups, int count)
    {
        var counts = new int[groups];
        if (heads is null)
        {
            counts[0] = count;
            return (null, counts);
        }

        var places = new int[count];
        for (var i = 0; i < count; i++)
        {
            var head = heads[i];
            if (head >= groups)
                throw new InvalidDataException($"record {i} belongs to group {head} of {groups}");
            places[i] = counts[head]++;
        }

        return (places, counts);
    }

    private sealed class Group(GroupKey key)
    {
        public GroupKey Key { get; } = key;
        public Column A { get; private set; }
        public Column B { get; private set; }
        public Column C { get; private set; }
        public Column D { get; private set; }
        public Column E { get; private set; }
        public Depth[]? Books { get; private set; }

        public void Release(ColumnReader columns)
        {
            columns.Return(A);
            columns.Return(B);
            columns.Return(C);
            columns.Return(D);
            columns.Return(E);
        }

        public void Read(ref Unpacker from, ColumnReader columns, int count)
        {
            A = columns.Read(ref from, count);
            B = columns.Read(ref from, count);
            C = columns.Read(ref from, count, A);
            D = columns.Read(ref from, count);
            E = columns.Read(ref from, count);
            if (Key.Kind == EventKind.BookMoved)
                Books = BookColumns.Read(ref from, columns, count);
        }
    }
}
