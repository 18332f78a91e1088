using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Feeds;

/// <summary>
/// Holds an instrument's best quote against its book (F3: one channel stands while the other lives). Both tell of whole blocks, so
/// at a book's block time the quote in force must have the prices of the book's best levels. A disagreement that lasts longer than
/// one beat of the book contradicts them; one agreement ends it. Times of arguments: block time, and ms of a monotonic clock. Belongs
/// to one thread at a time.
/// </summary>
public sealed class TouchCheck
{
    private const int Kept = 256;

    private readonly Queue<(long Ns, long Bid, long Ask)> quotes = new();
    private (long Ns, long Bid, long Ask)? book;
    private long since = -1;

    /// <summary>They have disagreed for longer than one beat.</summary>
    public bool IsContradiction { get; private set; }

    /// <summary>A subscription of either begins anew: what was heard says nothing of now.</summary>
    public void Clear()
    {
        quotes.Clear();
        book = null;
        since = -1;
        IsContradiction = false;
    }

    /// <summary>The best quote; a side without orders is 0.</summary>
    public void Quote(Px bid, Px ask, Instant at, long now, long beat)
    {
        quotes.Enqueue((at.Ns, bid.Raw, ask.Raw));
        if (quotes.Count > Kept)
            quotes.Dequeue();
        // A quote after the book's block says nothing about that book.
        if (book is { } b && at.Ns <= b.Ns)
            Judge(now);
        Wait(now, beat);
    }

    /// <summary>The best levels of a whole book; a side without orders is 0.</summary>
    public void Book(Px bid, Px ask, Instant at, long now, long beat)
    {
        // Of two feeds of books the slower one may tell of an older block.
        if (book is { } b && at.Ns < b.Ns)
            return;
        book = (at.Ns, bid.Raw, ask.Raw);
        Judge(now);
        Wait(now, beat);
    }

    /// <summary>Time went on.</summary>
    public void Wait(long now, long beat)
    {
        if (since >= 0 && now - since > beat)
            IsContradiction = true;
    }

    private void Judge(long now)
    {
        if (book is not { } b)
            return;
        (long Ns, long Bid, long Ask)? inForce = null;
        foreach (var quote in quotes)
        {
            if (quote.Ns <= b.Ns && (inForce is not { } best || quote.Ns >= best.Ns))
                inForce = quote;
        }

        // Without a quote from before the book there is nothing to hold it against.
        if (inForce is not { } q)
            return;
        if (q.Bid == b.Bid && q.Ask == b.Ask)
        {
            since = -1;
            IsContradiction = false;
        }
        else if (since < 0)
        {
            since = now;
        }
    }
}
