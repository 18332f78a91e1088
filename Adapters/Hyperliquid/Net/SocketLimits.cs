namespace Vrlg.Adapters.Hyperliquid.Net;

/// <summary>What the venue allows one IP address over WebSockets (protocol 6.7).</summary>
/// <param name="Connections">At a time.</param>
/// <param name="NewPerMinute">Connections begun within any minute.</param>
/// <param name="Subscriptions">Over all connections.</param>
/// <param name="Users">Different accounts over all subscriptions.</param>
/// <param name="MessagesPerMinute">Sent within any minute over all connections.</param>
/// <param name="Posts">Requests without an answer yet.</param>
/// <param name="Reserve">So many of the messages only pings, actions and exits may take.</param>
public sealed record SocketAllowance(
    int Connections = 10,
    int NewPerMinute = 30,
    int Subscriptions = 1_000,
    int Users = 10,
    int MessagesPerMinute = 2_000,
    int Posts = 100,
    int Reserve = 500
);

/// <summary>
/// What is used of the allowance: one for all connections of this IP address to a venue. Whoever would exceed it is told no
/// instead. Safe from any thread.
/// </summary>
/// <param name="allowance">The venue's.</param>
/// <param name="clock">Monotonic.</param>
public sealed class SocketLimits(SocketAllowance allowance, TimeProvider clock)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Queue<long> begun = new();
    private readonly Queue<long> sent = new();
    private readonly Dictionary<string, int> users = new(StringComparer.OrdinalIgnoreCase);
    private int connections;
    private int subscriptions;
    private int posts;

    /// <summary>Connections that stand or are being made.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>Subscriptions of all of them.</summary>
    public int Subscriptions => Volatile.Read(ref subscriptions);

    /// <summary>Requests without an answer.</summary>
    public int Posts => Volatile.Read(ref posts);

    /// <summary>A place for one more connection; null and a sentence when there is none.</summary>
    public ConnectionPlace? TryConnect(out string why)
    {
        lock (gate)
        {
            why = "";
            Forget(begun);
            if (connections >= allowance.Connections)
                why = $"the venue allows {allowance.Connections} connections, and all are in use";
            else if (begun.Count >= allowance.NewPerMinute)
                why = $"the venue allows {allowance.NewPerMinute} new connections a minute, and all were made";
            if (why.Length > 0)
                return null;
            begun.Enqueue(clock.GetTimestamp());
            connections++;
            return new ConnectionPlace(this);
        }
    }

    /// <summary>Counts one message that is about to be sent; false when it must wait. Urgent ones may take of the reserve.</summary>
    public bool TryMessage(bool isUrgent)
    {
        lock (gate)
        {
            Forget(sent);
            if (sent.Count >= allowance.MessagesPerMinute - (isUrgent ? 0 : allowance.Reserve))
                return false;
            sent.Enqueue(clock.GetTimestamp());
            return true;
        }
    }

    /// <summary>Counts one request that waits for its answer; false when too many do.</summary>
    public bool TryPost()
    {
        lock (gate)
        {
            if (posts >= allowance.Posts)
                return false;
            posts++;
            return true;
        }
    }

    /// <summary>So many requests wait no more.</summary>
    public void Answered(int count)
    {
        lock (gate)
            posts = Math.Max(0, posts - count);
    }

    internal bool TrySubscribe(string? user, out string why)
    {
        lock (gate)
        {
            why = "";
            if (subscriptions >= allowance.Subscriptions)
                why = $"the venue allows {allowance.Subscriptions} subscriptions, and all are in use";
            else if (user is not null && !users.ContainsKey(user) && users.Count >= allowance.Users)
                why = $"the venue tells one address of {allowance.Users} accounts, and as many are followed";
            if (why.Length > 0)
                return false;
            subscriptions++;
            if (user is not null)
                users[user] = users.GetValueOrDefault(user) + 1;
            return true;
        }
    }

    internal void Release(int count, IEnumerable<string> ofUsers)
    {
        lock (gate)
        {
            connections--;
            subscriptions -= count;
            foreach (var user in ofUsers)
            {
                if (--users[user] == 0)
                    users.Remove(user);
            }
        }
    }

    private void Forget(Queue<long> times)
    {
        var now = clock.GetTimestamp();
        while (times.TryPeek(out var oldest) && clock.GetElapsedTime(oldest, now) >= Minute)
            times.Dequeue();
    }
}

/// <summary>A connection's part of the allowance, given back when it is disposed. Belongs to whoever owns the connection.</summary>
public sealed class ConnectionPlace : IDisposable
{
    private readonly SocketLimits limits;
    private readonly List<string> users = [];
    private int subscriptions;
    private bool isGone;

    internal ConnectionPlace(SocketLimits limits) => this.limits = limits;

    /// <summary>A place for one more subscription of this connection; false and a sentence when there is none.</summary>
    public bool TrySubscribe(string? user, out string why)
    {
        if (!limits.TrySubscribe(user, out why))
            return false;
        subscriptions++;
        if (user is not null)
            users.Add(user);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isGone)
            return;
        isGone = true;
        limits.Release(subscriptions, users);
    }
}
