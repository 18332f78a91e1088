namespace Vrlg.Shell.LocalVenue;

/// <summary>What the collector cost a venue: looked at after every block.</summary>
public sealed class VenuePauses
{
    private TimeSpan before = GC.GetTotalPauseDuration();
    private TimeSpan longest;
    private long blocks;

    /// <summary>A block was closed.</summary>
    public void Block()
    {
        var now = GC.GetTotalPauseDuration();
        if (now - before > longest)
            longest = now - before;
        before = now;
        blocks++;
    }

    /// <summary>One sentence: blocks, pauses in all, and the most within one block.</summary>
    public override string ToString() =>
        $"{blocks} blocks; the collector paused it for {Ms(before)} in all ({Counts()}), {Most()}";

    private static string Counts() =>
        FormattableString.Invariant($"{GC.CollectionCount(0)} collections, {GC.CollectionCount(2)} of them full");

    private string Most() => $"at most {Ms(longest)} in a block";

    private static string Ms(TimeSpan span) => FormattableString.Invariant($"{span.TotalMilliseconds:0.0} ms");
}
