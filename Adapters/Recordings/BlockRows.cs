using System.Runtime.InteropServices;
using System.Text;
using Microsoft.FSharp.Core;
using Vrlg.Core;

namespace Vrlg.Adapters.Recordings;

/// <summary>
/// The rows of a block feed. Where it falls silent and then goes on with heights missing, it was not recorded: its loss is told
/// after the silence that finds a broken connection, its return before the next block. Heights that go on without a number
/// missing were a chain that stood, which is no loss.
/// </summary>
internal sealed class BlockRows
{
    private const long BlockClass = 4L << 40;
    private const long BackClass = 3L << 40;
    private const long FoundAfterNs = 3_000_000_000;
    private static readonly VenueId venue = VenueId.Of(0);
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);

    public List<RecordedRow> Rows { get; } = [];

    /// <summary>Names of the proposers in the order in which they came.</summary>
    public List<string> Names { get; } = [];

    public long Height { get; private set; } = long.MinValue;
    public long At { get; private set; } = long.MinValue;

    /// <summary>The number of a proposer; -1 of an empty cell, which names nobody.</summary>
    public int Number(ReadOnlySpan<byte> cell)
    {
        if (cell.IsEmpty)
            return -1;
        var name = Encoding.UTF8.GetString(cell);
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, name, out var isKnown);
        if (!isKnown)
        {
            number = Names.Count;
            Names.Add(name);
        }

        return number;
    }

    /// <summary>A block higher than the last.</summary>
    public void Take(long height, long at, int proposer, int line)
    {
        if (Rows.Count > 0 && height > Height + 1 && at - At > FoundAfterNs)
        {
            Rows.Add(Lost(At));
            Rows.Add(
                new(
                    at,
                    BackClass + line,
                    0,
                    Event.FeedBack(venue, Channel.Blocks, FSharpValueOption<InstrumentId>.None)
                )
            );
        }

        Rows.Add(new(at, BlockClass + line, 0, Event.BlockSealed(venue, height, proposer, Instant.Of(at))));
        (Height, At) = (height, at);
    }

    /// <summary>
    /// Of sorted rows, what a run may see of blocks: none before the first price and none after the last record of the market,
    /// which says when a run ends. A feed that ends before the market is lost there.
    /// </summary>
    public static void Within(List<RecordedRow> rows, long first)
    {
        var last = rows.FindLast(static r => r.Event.Instrument.Index >= 0).At;
        rows.RemoveAll(r => r.Event.Instrument.Index < 0 && (r.At < first || r.At > last));
        var end = rows.FindLast(static r => r.Event.Kind == EventKind.BlockSealed);
        if (end.Event.Kind != EventKind.BlockSealed || last - end.At <= FoundAfterNs)
            return;
        var lost = Lost(end.At);
        rows.RemoveAll(r => r.At > end.At && r.Event.Instrument.Index < 0);
        rows.Insert(rows.FindLastIndex(r => r.At < lost.At) + 1, lost);
    }

    private static RecordedRow Lost(long last) =>
        new(
            last + FoundAfterNs,
            BackClass,
            0,
            Event.FeedLost(venue, Channel.Blocks, FSharpValueOption<InstrumentId>.None)
        );
}
