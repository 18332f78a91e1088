using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>
/// Which trades of an instrument are new flow. The first frame after a subscription is the venue's backlog, of the past: it is
/// remembered and never told. After that each trade is told once, by number and time. Belongs to one thread at a time.
/// </summary>
public sealed class TradeFilter
{
    private const int Most = 4_096;

    private readonly HashSet<(long Tid, long Ns)> known = [];
    private readonly Queue<(long Tid, long Ns)> ages = new();
    private bool isBacklog = true;

    /// <summary>Trades of backlogs.</summary>
    public long Backlog { get; private set; }

    /// <summary>Trades that were told before.</summary>
    public long Repeated { get; private set; }

    /// <summary>A subscription begins anew: what comes first is a backlog.</summary>
    public void Begin() => isBacklog = true;

    /// <summary>The frame that <see cref="IsNew"/> was asked about is over.</summary>
    public void EndOfFrame() => isBacklog = false;

    /// <summary>A trade of the present frame is to be told.</summary>
    public bool IsNew(long tradeId, Instant at)
    {
        var trade = (tradeId, at.Ns);
        if (!known.Add(trade))
        {
            Repeated++;
            return false;
        }

        ages.Enqueue(trade);
        if (ages.Count > Most)
            known.Remove(ages.Dequeue());
        if (!isBacklog)
            return true;
        Backlog++;
        return false;
    }
}
