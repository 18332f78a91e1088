using System.Buffers.Binary;
using System.IO.Compression;

namespace Vrlg.Shell.Tapes;

/// <summary>A column in memory: one value for all rows, or one a row.</summary>
internal readonly struct Column(long single, long[]? values)
{
    /// <summary>The values, or null when all rows share one.</summary>
    public long[]? Values { get; } = values;

    /// <summary>The value that all rows share.</summary>
    public long Single { get; } = single;

    /// <summary>The value of a row.</summary>
    public long this[int row] => Values is { } v ? v[row] : Single;
}

/// <summary>Reads columns that a <see cref="ColumnWriter"/> wrote.</summary>
internal sealed class ColumnReader
{
    private const int Slack = 8;
    private const int MostPayload = 1 << 28;
    private const int LeastPooled = 1 << 12;
    private readonly Stack<long[]> free = [];
    private byte[] plain = new byte[1 << 12];

    /// <summary>Reads a column of so many rows.</summary>
    public Column Read(ref Unpacker from, int count, Column beside = default)
    {
        var form = (ColumnForm)from.Byte();
        var start = from.Signed();
        if (!form.HasFlag(ColumnForm.Values))
            return form.HasFlag(ColumnForm.Relative) ? Add(start, beside, count) : new(start, null);
        var scale = (long)from.Whole();
        var length = from.Count(MostPayload);
        var values = Room(count);
        var rows = values.AsSpan(0, count);
        if (form.HasFlag(ColumnForm.Deflated))
            Varied(rows, Inflate(ref from, length), length);
        else
            Runs(rows, Padded(ref from, length), length);
        Place(rows, form, start, scale);
        if (form.HasFlag(ColumnForm.Relative))
        {
            for (var i = 0; i < rows.Length; i++)
                rows[i] += beside[i];
        }

        return new(0, values);
    }

    /// <summary>Room for so many values, from a dropped block where one left it: large arrays are dear to make.</summary>
    public long[] Rent(int count)
    {
        if (count < LeastPooled)
            return new long[count];
        return free.TryPop(out var left) ? left : GC.AllocateUninitializedArray<long>(TapeLimits.Records);
    }

    /// <summary>Takes a column back that nobody reads any more.</summary>
    public void Return(Column column)
    {
        if (column.Values is { Length: TapeLimits.Records } values)
            free.Push(values);
    }

    private Column Add(long start, Column beside, int count)
    {
        if (beside.Values is null)
            return new(start + beside.Single, null);
        var all = Room(count);
        for (var i = 0; i < count; i++)
            all[i] = start + beside[i];
        return new(0, all);
    }

    // Columns of book levels may be longer than a block: those are made.
    private long[] Room(int count) => count <= TapeLimits.Records ? Rent(count) : new long[count];

    /// <summary>A column's bytes with room after them, so that eight may be read at the last.</summary>
    private ReadOnlySpan<byte> Padded(ref Unpacker from, int length)
    {
        Grow(length);
        from.Raw(length).CopyTo(plain);
        return plain.AsSpan(0, length + Slack);
    }

    private ReadOnlySpan<byte> Inflate(ref Unpacker from, int length)
    {
        Grow(length);
        using var packed = new MemoryStream(from.Raw(from.Count(MostPayload)).ToArray());
        using var stream = new DeflateStream(packed, CompressionMode.Decompress);
        stream.ReadExactly(plain, 0, length);
        return plain.AsSpan(0, length);
    }

    private void Grow(int length)
    {
        if (plain.Length < length + Slack)
            plain = new byte[Math.Max(length + Slack, 2 * plain.Length)];
    }

    /// <summary>Runs of values of equal width: none waits for the one before.</summary>
    private static void Runs(Span<long> rows, ReadOnlySpan<byte> bytes, int length)
    {
        var at = 0;
        for (var first = 0; first < rows.Length; first += ColumnWriter.Run)
        {
            var run = rows.Slice(first, Math.Min(ColumnWriter.Run, rows.Length - first));
            var width = at < length ? bytes[at++] : throw new InvalidDataException("a column ends too early");
            var size = (run.Length * width + 7) / 8;
            if (width > 64 || size > length - at)
                throw new InvalidDataException("a column ends too early");
            var mask = width == 0 ? 0 : ulong.MaxValue >> (64 - width);
            var packed = bytes.Slice(at, size + Slack);
            for (var j = 0; j < run.Length; j++)
            {
                var bit = j * width;
                run[j] = (long)((BinaryPrimitives.ReadUInt64LittleEndian(packed[(bit >> 3)..]) >> (bit & 7)) & mask);
            }

            at += size;
        }

        Whole(at, length);
    }

    private static void Varied(Span<long> rows, ReadOnlySpan<byte> bytes, int length)
    {
        var at = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (at < bytes.Length && bytes[at] < 0x80)
                rows[i] = bytes[at++];
            else
                rows[i] = (long)Long(bytes, ref at);
        }

        Whole(at, length);
    }

    private static ulong Long(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (at >= bytes.Length)
                throw new InvalidDataException("a column ends too early");
            var b = bytes[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }

        throw new InvalidDataException("a number is longer than ten bytes");
    }

    /// <summary>From distances to values.</summary>
    private static void Place(Span<long> rows, ColumnForm form, long start, long scale)
    {
        var last = start;
        if (!form.HasFlag(ColumnForm.Delta))
        {
            for (var i = 0; i < rows.Length; i++)
                rows[i] = start + rows[i] * scale;
        }
        else if (form.HasFlag(ColumnForm.Signed))
        {
            for (var i = 0; i < rows.Length; i++)
            {
                var d = (ulong)rows[i];
                last += ((long)(d >> 1) ^ -(long)(d & 1)) * scale;
                rows[i] = last;
            }
        }
        else
        {
            for (var i = 0; i < rows.Length; i++)
            {
                last += rows[i] * scale;
                rows[i] = last;
            }
        }
    }

    private static void Whole(int at, int length)
    {
        if (at != length)
            throw new InvalidDataException("a column holds another number of bytes than it says");
    }
}
