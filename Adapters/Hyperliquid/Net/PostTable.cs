namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>What an answer is to a request.</summary>
public enum PostFate
{
    /// <summary>Somebody waits for it.</summary>
    Awaited,

    /// <summary>It was waited for, and no longer is.</summary>
    Late,

    /// <summary>It was answered before.</summary>
    Twice,

    /// <summary>No such request was sent over the present connection.</summary>
    Strange,
}

/// <summary>
/// The requests of a socket that wait for their answers, by number. Numbers rise and are never used twice, over connections too.
/// Times in ms of a monotonic clock. Belongs to one thread at a time.
/// </summary>
public sealed class PostTable
{
    /// <summary>So long a request nobody waits for any more counts as being on its way.</summary>
    public const long ForgetAfter = 60_000;

    private readonly Dictionary<long, long> awaited = [];
    private readonly Dictionary<long, long> abandoned = [];
    private long last;
    private long firstOfConnection = 1;

    /// <summary>Requests without an answer, waited for or not: what counts against the venue's limit.</summary>
    public int InFlight => awaited.Count + abandoned.Count;

    /// <summary>Answers that came after nobody waited for them any more.</summary>
    public long Late { get; private set; }

    /// <summary>Answers to a request that had one.</summary>
    public long Repeated { get; private set; }

    /// <summary>Answers to nothing.</summary>
    public long Strange { get; private set; }

    /// <summary>A number for a request that is waited for until <paramref name="deadline"/>.</summary>
    public long Open(long deadline)
    {
        awaited.Add(++last, deadline);
        return last;
    }

    /// <summary>It was not sent after all.</summary>
    public void Unsent(long id) => awaited.Remove(id);

    /// <summary>Nobody waits for it any more, but its answer may still come.</summary>
    public void Abandon(long id, long now)
    {
        if (awaited.Remove(id))
            abandoned[id] = now;
    }

    /// <summary>An answer came.</summary>
    public PostFate Answer(long id)
    {
        if (awaited.Remove(id))
            return PostFate.Awaited;
        if (abandoned.Remove(id))
        {
            Late++;
            return PostFate.Late;
        }

        if (id >= firstOfConnection && id <= last)
        {
            Repeated++;
            return PostFate.Twice;
        }

        Strange++;
        return PostFate.Strange;
    }

    /// <summary>Those whose time is up: they are abandoned. What was abandoned long ago is forgotten.</summary>
    public IReadOnlyList<long> Overdue(long now)
    {
        foreach (var id in abandoned.Where(p => now - p.Value >= ForgetAfter).Select(p => p.Key).ToArray())
            abandoned.Remove(id);
        var overdue = awaited.Where(p => now >= p.Value).Select(p => p.Key).Order().ToArray();
        foreach (var id in overdue)
            Abandon(id, now);
        return overdue;
    }

    /// <summary>The connection is gone, and every answer with it: those that were waited for.</summary>
    public IReadOnlyList<long> Lost()
    {
        var all = awaited.Keys.Order().ToArray();
        awaited.Clear();
        abandoned.Clear();
        firstOfConnection = last + 1;
        return all;
    }
}
