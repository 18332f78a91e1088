namespace Vrlg.Shell.LocalVenue;

/// <summary>How much there was within the last minute. One owner at a time.</summary>
internal sealed class SlidingMinute(int most)
{
    private const long Minute = 60_000;
    private readonly Queue<(long At, int Amount)> all = new();
    private long sum;

    /// <summary>What the minute before an instant holds.</summary>
    public long Sum(long now)
    {
        while (all.TryPeek(out var first) && now - first.At >= Minute)
            sum -= all.Dequeue().Amount;
        return sum;
    }

    /// <summary>Adds an amount where it fits.</summary>
    public bool TryAdd(long now, int amount)
    {
        if (Sum(now) + amount > most)
            return false;
        Add(now, amount);
        return true;
    }

    /// <summary>Adds an amount, whether or not it fits.</summary>
    public void Add(long now, int amount)
    {
        all.Enqueue((now, amount));
        sum += amount;
    }
}
