using System.Text;
using Vrlg.Adapters.Hyperliquid.Signing;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>
/// Numbers for proposers: the core knows each by its place here, in the order in which they were first seen. At most 1,024; whoever
/// comes later is unknown (-1).
/// </summary>
public sealed class ProposerTable
{
    private const int Most = 1_024;

    private readonly Dictionary<Address, int> places = [];
    private readonly List<Address> all = [];

    /// <summary>Those seen so far, by number.</summary>
    public IReadOnlyList<Address> All => all;

    /// <summary>The number of an address; -1 for none, and when the table is full.</summary>
    public int NumberOf(Address? address)
    {
        if (address is not { } who)
            return -1;
        if (places.TryGetValue(who, out var place))
            return place;
        if (all.Count == Most)
            return -1;
        places.Add(who, all.Count);
        all.Add(who);
        return all.Count - 1;
    }
}

/// <summary>
/// Blocks from the explorer's bare lists (protocol 6.6): each height once and rising, whatever their order in a frame. By a
/// scanner for the venue's layout, else by the general reader. One for a venue, kept over connections. A height that no chain can
/// have reached, or that falls while time goes on, is passed over; three of those that rise are a chain that began anew.
/// </summary>
public sealed class BlockFrames(VenueId venue, ProposerTable proposers)
{
    private const int MostRows = 1_000;
    private const int EnoughStrange = 3;
    private const long AlwaysPlausible = 1_000;

    private readonly List<(long Height, long TimeMs, Address? Proposer)> rows = new(16);
    private (long Height, long TimeMs) last = (-1, 0);
    private (long Height, long TimeMs) strange;
    private int strangeInRow;

    /// <summary>Heights that were left out between two that came.</summary>
    public long Missed { get; private set; }

    /// <summary>Blocks that came again, or after a higher one.</summary>
    public long Repeated { get; private set; }

    /// <summary>Blocks whose height is no next one of the chain that is followed.</summary>
    public long Strange { get; private set; }

    /// <summary>
    /// The blocks of <paramref name="frame"/> into <paramref name="into"/>, which is emptied first.
    /// <see cref="FrameOutcome.Other"/> without an error: no list of blocks.
    /// </summary>
    public FrameOutcome Read(ReadOnlyMemory<byte> frame, EventBatch into, out WireError? error)
    {
        into.Clear();
        error = null;
        if (!Scan(frame.Span) && !Decode(frame, out error))
            return FrameOutcome.Other;
        rows.Sort(static (a, b) => a.Height.CompareTo(b.Height));
        foreach (var (height, timeMs, proposer) in rows)
        {
            if (last.Height >= 0 && height <= last.Height && timeMs <= last.TimeMs)
            {
                Repeated++;
                continue;
            }

            var isNext = last.Height < 0 || Follows(last, height, timeMs);
            if (!isNext && !BeginsAnew(height, timeMs))
                continue;
            strangeInRow = 0;
            if (isNext && last.Height >= 0)
                Missed += height - last.Height - 1;
            last = (height, timeMs);
            into.Add(Event.BlockSealed(venue, height, proposers.NumberOf(proposer), Instant.OfMs(timeMs)));
        }

        return FrameOutcome.Decoded;
    }

    // No chain seals more than a block a millisecond; a few may bear the same time.
    private static bool Follows((long Height, long TimeMs) before, long height, long timeMs) =>
        height > before.Height
        && (height - before.Height <= AlwaysPlausible || height - before.Height <= timeMs - before.TimeMs);

    private bool BeginsAnew(long height, long timeMs)
    {
        strangeInRow = strangeInRow > 0 && Follows(strange, height, timeMs) ? strangeInRow + 1 : 1;
        strange = (height, timeMs);
        Strange++;
        return strangeInRow == EnoughStrange;
    }

    internal bool Scan(ReadOnlySpan<byte> frame)
    {
        rows.Clear();
        var scan = new FrameScanner(frame);
        if (!scan.Skip("["u8))
            return false;
        do
        {
            if (
                rows.Count == MostRows
                || !scan.Skip("{\"blockTime\":"u8)
                || !scan.Time(out var timeMs)
                || !scan.Skip(",\"hash\":\""u8)
                || !scan.Text(out _)
                || !scan.Skip(",\"height\":"u8)
                || !scan.Whole(out var height)
                || !scan.Skip(",\"numTxs\":"u8)
                || !scan.Whole(out _)
                || !scan.Skip(",\"proposer\":\""u8)
                || !scan.Text(out var proposer)
                || !scan.Skip("}"u8)
            )
                return false;
            rows.Add((height, timeMs, AddressOf(proposer)));
        } while (scan.Skip(","u8));
        return scan.Skip("]"u8) && scan.IsAtEnd;
    }

    internal bool Decode(ReadOnlyMemory<byte> frame, out WireError? error)
    {
        rows.Clear();
        if (!Streams.TryRead(frame, out var message, out error) || message is not StreamMessage.Blocks blocks)
            return false;
        foreach (var block in blocks.Rows)
            rows.Add((block.Height, block.TimeMs, AddressOf(Encoding.UTF8.GetBytes(block.Proposer))));
        return true;
    }

    /// <summary>What the last frame said, for comparisons.</summary>
    internal IReadOnlyList<(long Height, long TimeMs, Address? Proposer)> LastRows => rows;

    private static Address? AddressOf(ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        var isAddress =
            text.Length == 2 + 2 * Address.Size
            && text.StartsWith("0x"u8)
            && Convert.FromHexString(text[2..], bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        return isAddress ? new Address(bytes) : null;
    }
}
