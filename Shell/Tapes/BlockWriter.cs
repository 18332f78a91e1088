using System.Runtime.InteropServices;
using Vrlg.Core;

namespace Vrlg.Shell.Tapes;

/// <summary>What all records of a group share: everything of an event but times and numbers.</summary>
internal readonly record struct GroupKey(EventKind Kind, Side Side, byte Flags, Channel Channel, int Instrument)
{
    public static GroupKey Of(in Event e) => new(e.Kind, e.Side, e.Flags, e.Channel, e.Instrument.Index);
}

/// <summary>
/// Gathers records and writes them as one block: the groups, for each record its group, the times of all, then for each
/// group its numbers, a column each.
/// </summary>
internal sealed class BlockWriter
{
    private readonly Dictionary<GroupKey, int> places = [];
    private readonly List<Group> groups = [];
    private readonly List<long> heads = [];
    private readonly List<long> venueAt = [];
    private readonly List<long> lag = [];
    private readonly List<long> own = [];
    private readonly ColumnWriter columns = new();
    private readonly BookColumns books = new();

    public int Count => heads.Count;

    /// <summary>Levels of whole books gathered; a block of books is cut by these.</summary>
    public int Levels { get; private set; }

    public void Add(long at, long received, in Event e)
    {
        var key = GroupKey.Of(in e);
        if (!places.TryGetValue(key, out var place))
        {
            place = groups.Count;
            places.Add(key, place);
            groups.Add(new(key));
        }

        heads.Add(place);
        venueAt.Add(at);
        lag.Add(received == 0 ? long.MinValue : unchecked(received - at));
        own.Add(unchecked(e.VenueAt.Ns - at));
        groups[place].Add(in e);
        if (e.Depth is { } depth)
            Levels += depth.Bids.Length + depth.Asks.Length;
    }

    /// <summary>Writes the block's body and begins the next one.</summary>
    public void Write(ByteSink into)
    {
        into.Whole((ulong)Count);
        into.Whole((ulong)groups.Count);
        foreach (var g in groups)
            g.WriteKey(into);
        WriteHeads(into);
        columns.Write(into, CollectionsMarshal.AsSpan(venueAt));
        columns.Write(into, CollectionsMarshal.AsSpan(lag));
        columns.Write(into, CollectionsMarshal.AsSpan(own));
        foreach (var g in groups)
            g.Write(into, columns, books);
        Clear();
    }

    // A group's number in as many bits as the groups need: 0, 1, 2, 4, 8 or 16.
    private void WriteHeads(ByteSink into)
    {
        var width = HeadWidth(groups.Count);
        if (width == 0)
            return;
        var each = Math.Max(1, 8 / width);
        for (var i = 0; i < heads.Count; i += each)
        {
            if (width == 16)
            {
                into.Byte((byte)heads[i]);
                into.Byte((byte)(heads[i] >> 8));
                continue;
            }

            var bits = 0L;
            for (var j = 0; j < each && i + j < heads.Count; j++)
                bits |= heads[i + j] << (j * width);
            into.Byte((byte)bits);
        }
    }

    /// <summary>Bits a record for so many groups.</summary>
    public static int HeadWidth(int groups) =>
        groups switch
        {
            <= 1 => 0,
            <= 2 => 1,
            <= 4 => 2,
            <= 16 => 4,
            <= 256 => 8,
            _ => 16,
        };

    private void Clear()
    {
        places.Clear();
        groups.Clear();
        heads.Clear();
        venueAt.Clear();
        lag.Clear();
        own.Clear();
        Levels = 0;
    }

    /// <summary>The numbers of one group.</summary>
    private sealed class Group(GroupKey key)
    {
        private readonly List<long>[] numbers =
        [
            [],
            [],
            [],
            [],
            [],
        ];
        private readonly List<Depth> depths = [];

        public void Add(in Event e)
        {
            numbers[0].Add(e.A);
            numbers[1].Add(e.B);
            numbers[2].Add(e.C);
            numbers[3].Add(e.D);
            numbers[4].Add(e.E);
            if (e.Depth is { } depth)
                depths.Add(depth);
        }

        public void WriteKey(ByteSink into)
        {
            into.Byte((byte)key.Kind);
            into.Byte((byte)key.Side);
            into.Byte(key.Flags);
            into.Byte((byte)key.Channel);
            into.Whole((ulong)(key.Instrument < 0 ? TapeLimits.NoInstrument : key.Instrument));
        }

        public void Write(ByteSink into, ColumnWriter columns, BookColumns books)
        {
            var first = CollectionsMarshal.AsSpan(numbers[0]);
            columns.Write(into, first);
            columns.Write(into, CollectionsMarshal.AsSpan(numbers[1]));
            // The third number of a quote is its other price, of a context nothing near the first: the smaller form wins.
            columns.Write(into, CollectionsMarshal.AsSpan(numbers[2]), first);
            columns.Write(into, CollectionsMarshal.AsSpan(numbers[3]));
            columns.Write(into, CollectionsMarshal.AsSpan(numbers[4]));
            if (key.Kind == EventKind.BookMoved)
                books.Write(into, columns, depths);
        }
    }
}
