using Vrlg.Adapters;
using Vrlg.Core;

namespace Vrlg.Shell.Live;

/// <summary>
/// Events on their way to the one who owns the run. Bounded: when it is full nothing is left out in silence, but the run is told to stop
/// (<see cref="Trouble"/>). So that it can leave the market, what concerns orders, fills and accounts is taken up to a reserve, and market
/// data, without which an exit has no price, again while no more than half waits. Taken from any thread, read by one.
/// </summary>
/// <param name="capacity">Most events that wait.</param>
/// <param name="reserve">So many more of the account.</param>
public sealed class Inbox(int capacity, int reserve) : IEventSink, IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim arrived = new(0, 1);
    private readonly Entry[] ring = new Entry[capacity + reserve];
    private int head;
    private int count;
    private int most;
    private bool isOver;
    private string? trouble;

    /// <summary>Why the run must stop, in a sentence; null while all is well.</summary>
    public string? Trouble => Volatile.Read(ref trouble);

    /// <summary>Events that wait.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return count;
        }
    }

    /// <summary>The most that ever waited.</summary>
    public int Most
    {
        get
        {
            lock (gate)
                return most;
        }
    }

    /// <inheritdoc/>
    public bool Take(ReadOnlySpan<Event> events, Instant receivedAt)
    {
        lock (gate)
        {
            if (isOver)
                return false;
            var isOfAccount = events.Length > 0 && events[0].Rare.IsSome;
            var room =
                isOfAccount ? ring.Length
                : trouble is null ? capacity
                : capacity / 2;
            if (count + events.Length > room)
            {
                trouble ??= $"the run cannot keep up: {count} events wait, and no more than {capacity} may; it stops";
                Wake();
                return false;
            }

            foreach (ref readonly var each in events)
            {
                var at = head + count;
                ring[at >= ring.Length ? at - ring.Length : at] = new Entry(each, receivedAt);
                count++;
            }

            most = Math.Max(most, count);
            Wake();
            return true;
        }
    }

    /// <summary>The next event and its instant of arrival; false when none waits.</summary>
    public bool TryNext(out Event next, out Instant receivedAt)
    {
        lock (gate)
        {
            next = default;
            receivedAt = default;
            if (count == 0)
                return false;
            (next, receivedAt) = (ring[head].Event, ring[head].At);
            ring[head] = default;
            head = head + 1 == ring.Length ? 0 : head + 1;
            count--;
            return true;
        }
    }

    /// <summary>Waits until something is there, but no longer than that.</summary>
    public void Wait(TimeSpan most, CancellationToken stop)
    {
        try
        {
            _ = arrived.Wait(most, stop);
        }
        catch (OperationCanceledException)
        {
            // Whoever waits looks at the token himself.
        }
    }

    /// <summary>The run is over: nothing is taken any more.</summary>
    public void Close()
    {
        lock (gate)
            isOver = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        arrived.Dispose();
    }

    private void Wake()
    {
        if (arrived.CurrentCount == 0)
            arrived.Release();
    }

    private readonly record struct Entry(Event Event, Instant At);
}
