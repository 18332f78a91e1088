namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>
/// The allowance of one IP address over a sliding minute, shared by every connection to a host. A part is kept for what leaves
/// the market: cancels, exits, questions about orders in doubt.
/// </summary>
/// <param name="perMinute">The venue's allowance.</param>
/// <param name="reserve">So much of it only exits may take.</param>
/// <param name="clock">Monotonic.</param>
public sealed class WeightBudget(int perMinute, int reserve, TimeProvider clock)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Queue<(long At, int Weight)> taken = new();
    private readonly Lock gate = new();
    private int used;
    private long blockedUntil;

    /// <summary>Taken within the last minute.</summary>
    public int Used
    {
        get
        {
            lock (gate)
            {
                Forget(clock.GetTimestamp());
                return used;
            }
        }
    }

    /// <summary>
    /// Takes <paramref name="weight"/>, or says after how long it may be asked again. What is larger than the whole allowance is
    /// taken when nothing else is.
    /// </summary>
    public bool TryTake(int weight, bool isExit, out TimeSpan wait) =>
        TryTake(weight, isExit, isExit ? perMinute : perMinute - reserve, out wait);

    /// <summary>
    /// The same for a question: one about orders in doubt may take of the reserve too, but leaves half of it to actions, so that no
    /// number of questions holds up a cancel.
    /// </summary>
    public bool TryAsk(int weight, bool isExit, out TimeSpan wait) =>
        TryTake(weight, isExit, perMinute - (isExit ? reserve / 2 : reserve), out wait);

    private bool TryTake(int weight, bool isExit, int room, out TimeSpan wait)
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            Forget(now);
            wait = TimeSpan.Zero;
            if (now < blockedUntil && !isExit)
            {
                wait = clock.GetElapsedTime(now, blockedUntil);
                return false;
            }

            if (used > 0 && used + weight > room)
            {
                wait = taken.TryPeek(out var oldest) ? Minute - clock.GetElapsedTime(oldest.At, now) : Minute;
                return false;
            }

            taken.Enqueue((now, weight));
            used += weight;
            return true;
        }
    }

    /// <summary>Counts what an answer cost beyond its request.</summary>
    public void Add(int weight)
    {
        if (weight <= 0)
            return;
        lock (gate)
        {
            taken.Enqueue((clock.GetTimestamp(), weight));
            used += weight;
        }
    }

    /// <summary>The venue said that the allowance is spent: nothing but exits goes out for a while.</summary>
    public void Refused(TimeSpan pause)
    {
        lock (gate)
        {
            var until = clock.GetTimestamp() + (long)(pause.TotalSeconds * clock.TimestampFrequency);
            blockedUntil = Math.Max(blockedUntil, until);
        }
    }

    private void Forget(long now)
    {
        while (taken.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At, now) >= Minute)
        {
            used -= oldest.Weight;
            taken.Dequeue();
        }
    }
}
