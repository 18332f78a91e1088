using System.Text;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>
/// Funding payments of an account as events of the core, each once, whatever snapshots and the two channels that carry them
/// bring. One for an account and run, kept over connections.
/// </summary>
/// <param name="account">The account of the run.</param>
/// <param name="coins">Whose channels are read, and the run's coins.</param>
/// <param name="from">Payments at or before this are of another run: a snapshot brings them.</param>
public sealed class FundingFeed(AccountId account, AccountCoins coins, Instant from)
{
    private const int Most = 65_536;

    private readonly HashSet<(long TimeMs, int Instrument)> known = [];
    private readonly Queue<(long TimeMs, int Instrument)> ages = new();

    /// <summary>Payments that were told before.</summary>
    public long Repeated { get; private set; }

    /// <summary>
    /// The payments of a message of <c>userFundings</c> or <c>user</c> into <paramref name="into"/>, which is emptied first; none for
    /// other messages. False: an amount does not fit, and nothing of the message is believed.
    /// </summary>
    public bool Take(StreamMessage message, EventBatch into, out WireError? error)
    {
        into.Clear();
        error = null;
        var rows = message switch
        {
            StreamMessage.Funded funded when coins.IsUser(Encoding.UTF8.GetBytes(funded.User)) => funded.Rows,
            StreamMessage.UserMoved { News: UserNews.Funding news } => [news.Row],
            _ => [],
        };
        var paid = new List<(UserFunding Row, InstrumentId Id, long Raw)>();
        foreach (var row in rows.OrderBy(row => row.TimeMs))
        {
            if (!coins.TryFind(Encoding.UTF8.GetBytes(row.Coin), out var id))
                continue;
            if (!row.Usdc.TryRaw(out var raw))
            {
                error = new WireError("userFundings", "usdc", "is finer or larger than a count of 1e-8");
                return false;
            }

            paid.Add((row, id, raw));
        }

        foreach (var (row, id, raw) in paid)
            Tell(row.TimeMs, id, raw, into);
        return true;
    }

    // The venue writes what it took below 0; the core counts what we paid above 0.
    private void Tell(long timeMs, InstrumentId id, long usdc, EventBatch into)
    {
        var at = Instant.OfMs(timeMs);
        if (at.Ns <= from.Ns)
            return;
        if (!known.Add((timeMs, id.Index)))
        {
            Repeated++;
            return;
        }

        ages.Enqueue((timeMs, id.Index));
        if (ages.Count > Most)
            known.Remove(ages.Dequeue());
        into.Add(Event.Of(RareEvent.NewFundingPaid(new Funding(account, id, Usd.Of(-usdc))), at));
    }
}
