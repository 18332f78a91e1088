using System.IO.Compression;
using System.Numerics;
using Vrlg.Core;

namespace Vrlg.Shell.Tapes;

/// <summary>How a column is stored: bits of the byte at its head.</summary>
[Flags]
internal enum ColumnForm : byte
{
    /// <summary>Every value equals the base.</summary>
    Constant = 0,

    /// <summary>The values follow, as distances in units of the scale.</summary>
    Values = 1,

    /// <summary>Distances are from the value before; else from the base.</summary>
    Delta = 2,

    /// <summary>Distances are numbers of variable length that went through deflate; else runs of equal width.</summary>
    Deflated = 4,

    /// <summary>Distances may be negative: zigzag.</summary>
    Signed = 8,

    /// <summary>What is stored is the value less the one of another column in the same row.</summary>
    Relative = 16,
}

/// <summary>Writes one column of a block: the smallest of a few forms, chosen by size.</summary>
internal sealed class ColumnWriter
{
    /// <summary>Values that share a width.</summary>
    internal const int Run = 64;

    private const int LeastDeflated = 64;
    private readonly ByteSink varied = new();
    private ulong[] distances = [];
    private long[] relative = [];

    /// <summary>Writes values; where it is smaller, their differences to <paramref name="beside"/>.</summary>
    public void Write(ByteSink into, ReadOnlySpan<long> values, ReadOnlySpan<long> beside = default)
    {
        if (!beside.IsEmpty && values.Length > 1)
        {
            if (relative.Length < values.Length)
                relative = new long[values.Length];
            for (var i = 0; i < values.Length; i++)
                relative[i] = unchecked(values[i] - beside[i]);
            ReadOnlySpan<long> differences = relative.AsSpan(0, values.Length);
            if (Best(differences).Bytes < Best(values).Bytes)
            {
                Write(into, differences, Best(differences), ColumnForm.Relative);
                return;
            }
        }

        Write(into, values, Best(values), 0);
    }

    private Plan Best(ReadOnlySpan<long> values)
    {
        var plain = Plan.Of(values, isDelta: false);
        if (plain.IsConstant)
            return plain;
        var delta = Plan.Of(values, isDelta: true);
        plain = plain with { Bytes = RunBytes(Distances(plain, values)) };
        delta = delta with { Bytes = RunBytes(Distances(delta, values)) };
        return delta.Bytes < plain.Bytes ? delta : plain;
    }

    private void Write(ByteSink into, ReadOnlySpan<long> values, Plan plan, ColumnForm extra)
    {
        if (plan.IsConstant)
        {
            into.Byte((byte)(ColumnForm.Constant | extra));
            into.Int(plan.Base);
            return;
        }

        var all = Distances(plan, values);
        varied.Clear();
        foreach (var d in all)
            varied.Whole(d);
        var deflated = Deflate(varied.Written, plan.Bytes);
        var form = plan.Form | extra | (deflated.IsEmpty ? 0 : ColumnForm.Deflated);
        into.Byte((byte)form);
        into.Int(plan.Base);
        into.Whole(plan.Scale);
        if (deflated.IsEmpty)
        {
            into.Whole((ulong)plan.Bytes);
            WriteRuns(into, all);
            return;
        }

        into.Whole((ulong)varied.Count);
        into.Whole((ulong)deflated.Length);
        into.Raw(deflated);
    }

    private ReadOnlySpan<ulong> Distances(Plan plan, ReadOnlySpan<long> values)
    {
        if (distances.Length < values.Length)
            distances = new ulong[values.Length];
        var isDelta = plan.Form.HasFlag(ColumnForm.Delta);
        var last = plan.Base;
        for (var i = 0; i < values.Length; i++)
        {
            distances[i] = plan.Distance(values[i], last);
            last = isDelta ? values[i] : plan.Base;
        }

        return distances.AsSpan(0, values.Length);
    }

    /// <summary>Bits of each value of a run; beyond 56 a value takes all of its 64.</summary>
    private static int Width(ReadOnlySpan<ulong> run)
    {
        var all = 0UL;
        foreach (var d in run)
            all |= d;
        var bits = 64 - BitOperations.LeadingZeroCount(all);
        return bits > 56 ? 64 : bits;
    }

    private static int Bytes(int values, int width) => (values * width + 7) / 8;

    private static long RunBytes(ReadOnlySpan<ulong> all)
    {
        var bytes = 0L;
        for (var i = 0; i < all.Length; i += Run)
        {
            var run = all[i..Math.Min(i + Run, all.Length)];
            bytes += 1 + Bytes(run.Length, Width(run));
        }

        return bytes;
    }

    private static void WriteRuns(ByteSink into, ReadOnlySpan<ulong> all)
    {
        Span<byte> packed = stackalloc byte[Run * 8 + 8];
        for (var i = 0; i < all.Length; i += Run)
        {
            var run = all[i..Math.Min(i + Run, all.Length)];
            var width = Width(run);
            packed.Clear();
            for (var j = 0; j < run.Length; j++)
            {
                var bit = j * width;
                var slot = packed.Slice(bit >> 3, 8);
                // At most 56 bits after at most 7 of the one before: or 64 bits after none.
                var word = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(slot);
                word |= run[j] << (bit & 7);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(slot, word);
            }

            into.Byte((byte)width);
            into.Raw(packed[..Bytes(run.Length, width)]);
        }
    }

    // Unpacking costs more than reading: deflate must save an eighth to be taken.
    private static ReadOnlySpan<byte> Deflate(ReadOnlySpan<byte> plain, long runs)
    {
        if (plain.Length < LeastDeflated)
            return default;
        var packed = new MemoryStream(plain.Length);
        using (var stream = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(plain);
        var length = (int)packed.Length;
        return length < runs - runs / 8 ? packed.GetBuffer().AsSpan(0, length) : default;
    }

    /// <summary>One form of a column with its size.</summary>
    private readonly record struct Plan(ColumnForm Form, long Base, ulong Scale, long Bytes, bool IsConstant)
    {
        public static Plan Of(ReadOnlySpan<long> values, bool isDelta)
        {
            if (values.IsEmpty)
                return new(ColumnForm.Constant, 0, 1, 0, true);
            var least = values[0];
            var most = values[0];
            foreach (var v in values)
            {
                least = Math.Min(least, v);
                most = Math.Max(most, v);
            }

            if (least == most)
                return new(ColumnForm.Constant, least, 1, 0, true);
            // Differences of 64-bit numbers may not fit: then they wrap, and nothing is divided.
            var fits = unchecked(most - least) > 0;
            var start = isDelta ? values[0] : least;
            var scale = fits ? Divisor(values, start) : 1;
            var isSigned = isDelta && !IsAscending(values);
            var form = ColumnForm.Values | (isDelta ? ColumnForm.Delta : 0) | (isSigned ? ColumnForm.Signed : 0);
            return new(form, start, scale, 0, false);
        }

        public ulong Distance(long value, long from)
        {
            var d = unchecked(value - from);
            if (Form.HasFlag(ColumnForm.Signed))
                return ByteSink.Zigzag(Scale == 1 ? d : d / (long)Scale);
            return Scale == 1 ? (ulong)d : (ulong)d / Scale;
        }

        private static bool IsAscending(ReadOnlySpan<long> values)
        {
            for (var i = 1; i < values.Length; i++)
            {
                if (values[i] < values[i - 1])
                    return false;
            }

            return true;
        }

        private static ulong Divisor(ReadOnlySpan<long> values, long start)
        {
            var scale = 0UL;
            foreach (var v in values)
            {
                var d = (ulong)Math.Abs(v - start);
                while (d != 0)
                    (scale, d) = (d, scale % d);
                if (scale == 1)
                    break;
            }

            return Math.Max(1, scale);
        }
    }
}
