namespace Vrlg.Shell.Report;

/// <summary>
/// Thins long series before they are embedded. Rows are cut into buckets of equal count; of each bucket the rows with
/// the lowest and the highest value stay, and one undefined row where there is one, so that peaks and holes survive.
/// Only rows that exist are kept: nothing is averaged or invented.
/// </summary>
public static class Decimate
{
    /// <summary>
    /// The places of the rows to keep, rising, at most 3 per bucket plus the first and the last row. A series of no
    /// more than two rows per bucket is kept whole. NaN is an undefined value.
    /// </summary>
    public static int[] MinMax(ReadOnlySpan<double> values, int buckets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 1);
        var count = values.Length;
        if (count <= 2 * buckets)
            return Whole(count);
        var kept = new SortedSet<int> { 0, count - 1 };
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var from = (int)((long)count * bucket / buckets);
            var to = (int)((long)count * (bucket + 1) / buckets);
            var (low, high, hole) = Extremes(values, from, to);
            if (low >= 0)
                kept.Add(low);
            if (high >= 0)
                kept.Add(high);
            if (hole >= 0)
                kept.Add(hole);
        }

        return [.. kept];
    }

    private static int[] Whole(int count)
    {
        var all = new int[count];
        for (var i = 0; i < count; i++)
            all[i] = i;
        return all;
    }

    private static (int Low, int High, int Hole) Extremes(ReadOnlySpan<double> values, int from, int to)
    {
        int low = -1,
            high = -1,
            hole = -1;
        for (var i = from; i < to; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                hole = hole < 0 ? i : hole;
                continue;
            }

            if (low < 0 || values[i] < values[low])
                low = i;
            if (high < 0 || values[i] > values[high])
                high = i;
        }

        return (low, high, hole);
    }
}
