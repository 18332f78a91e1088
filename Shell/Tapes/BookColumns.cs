using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vrlg.Core;

namespace Vrlg.Shell.Tapes;

/// <summary>
/// Whole books as columns: how many levels, the best price, the steps from level to level, which sizes are those that the
/// same price had in the book before, and the other sizes.
/// </summary>
internal sealed class BookColumns
{
    private const int MostLevels = 1 << 16;
    private readonly List<long> counts = [];
    private readonly List<long> tops = [];
    private readonly List<long> steps = [];
    private readonly List<long> marks = [];
    private readonly List<long> sizes = [];

    public void Write(ByteSink into, ColumnWriter columns, List<Depth> books)
    {
        columns.Write(into, Spread(books, static b => b.Limit));
        Side(into, columns, books, static b => b.Bids);
        Side(into, columns, books, static b => b.Asks);
    }

    public static Depth[] Read(ref Unpacker from, ColumnReader columns, int count)
    {
        var limits = columns.Read(ref from, count);
        var bids = ReadSide(ref from, columns, count);
        var asks = ReadSide(ref from, columns, count);
        var books = new Depth[count];
        for (var i = 0; i < count; i++)
            books[i] = new((int)limits[i], bids[i], asks[i]);
        columns.Return(limits);
        return books;
    }

    private void Side(ByteSink into, ColumnWriter columns, List<Depth> books, Func<Depth, ImmutableArray<PxSz>> side)
    {
        counts.Clear();
        tops.Clear();
        steps.Clear();
        marks.Clear();
        sizes.Clear();
        var before = ImmutableArray<PxSz>.Empty;
        foreach (var book in books)
        {
            var levels = side(book);
            counts.Add(levels.Length);
            if (!levels.IsEmpty)
                tops.Add(levels[0].Px.Raw);
            for (var i = 1; i < levels.Length; i++)
                steps.Add(levels[i].Px.Raw - levels[i - 1].Px.Raw);
            foreach (var level in levels)
            {
                var isSame = SizeAt(before, level.Px.Raw) == level.Sz.Raw;
                marks.Add(isSame ? 0 : 1);
                if (!isSame)
                    sizes.Add(level.Sz.Raw);
            }

            before = levels;
        }

        columns.Write(into, CollectionsMarshal.AsSpan(counts));
        columns.Write(into, CollectionsMarshal.AsSpan(tops));
        columns.Write(into, CollectionsMarshal.AsSpan(steps));
        columns.Write(into, CollectionsMarshal.AsSpan(marks));
        into.Whole((ulong)sizes.Count);
        columns.Write(into, CollectionsMarshal.AsSpan(sizes));
    }

    private static ImmutableArray<PxSz>[] ReadSide(ref Unpacker from, ColumnReader columns, int count)
    {
        var counts = columns.Read(ref from, count);
        var (levels, whole) = (0L, 0);
        for (var i = 0; i < count; i++)
        {
            if (counts[i] is < 0 or > MostLevels)
                throw new InvalidDataException($"a book has {counts[i]} levels");
            levels += counts[i];
            whole += counts[i] > 0 ? 1 : 0;
        }

        var tops = columns.Read(ref from, whole);
        var steps = columns.Read(ref from, checked((int)(levels - whole)));
        var marks = columns.Read(ref from, checked((int)levels));
        var sizes = columns.Read(ref from, from.Count((int)levels));
        var books = new ImmutableArray<PxSz>[count];
        var before = ImmutableArray<PxSz>.Empty;
        var (top, step, mark, size) = (0, 0, 0, 0);
        for (var b = 0; b < count; b++)
        {
            var these = new PxSz[counts[b]];
            var px = 0L;
            for (var i = 0; i < these.Length; i++)
            {
                px = i == 0 ? tops[top++] : px + steps[step++];
                var sz = marks[mark++] == 0 ? SizeAt(before, px) : sizes[size++];
                these[i] = new(Px.Of(px), Sz.Of(sz));
            }

            before = ImmutableCollectionsMarshal.AsImmutableArray(these);
            books[b] = before;
        }

        foreach (var column in new[] { counts, tops, steps, marks, sizes })
            columns.Return(column);
        return books;
    }

    // Levels are few and ordered, best first; a price that is not there has the size -1, which no level has.
    private static long SizeAt(ImmutableArray<PxSz> levels, long px)
    {
        foreach (var level in levels)
        {
            if (level.Px.Raw == px)
                return level.Sz.Raw;
        }

        return -1;
    }

    private static ReadOnlySpan<long> Spread(List<Depth> books, Func<Depth, long> value) =>
        books.Select(value).ToArray();
}
