namespace Vrlg.Shell.LocalVenue;

/// <summary>
/// How much one IP address may ask (protocol 6.7, 7.1); at a venue on loopback everybody is the same one.
/// </summary>
internal sealed class VenueLimits(TimeProvider clock)
{
    /// <summary>Weight a minute.</summary>
    public const int MostWeight = Adapters.Hyperliquid.Net.Weights.PerMinute;

    /// <summary>Connections at once, and new ones a minute.</summary>
    public const int MostConnections = 10;
    public const int MostNew = 30;

    /// <summary>Subscriptions, and accounts that they name.</summary>
    public const int MostSubscriptions = 1_000;
    public const int MostUsers = 10;

    /// <summary>Messages to the venue a minute, and posts that wait for their answer.</summary>
    public const int MostMessages = 2_000;
    public const int MostPosts = 100;

    private readonly Lock gate = new();
    private readonly SlidingMinute weight = new(MostWeight);
    private readonly SlidingMinute opened = new(MostNew);
    private readonly SlidingMinute messages = new(MostMessages);
    private readonly Dictionary<string, int> users = new(StringComparer.Ordinal);
    private int connections;
    private int subscriptions;
    private int posts;

    /// <summary>Connections that are there now.</summary>
    public int Connections
    {
        get
        {
            lock (gate)
                return connections;
        }
    }

    /// <summary>Takes a request's weight; false when the minute has none left for it.</summary>
    public bool TrySpend(int amount)
    {
        lock (gate)
            return weight.TryAdd(Now(), amount);
    }

    /// <summary>Takes the weight of an answer's rows, which are known too late to refuse it.</summary>
    public void Charge(int amount)
    {
        lock (gate)
            weight.Add(Now(), amount);
    }

    /// <summary>A connection comes; false when there are too many, or too many came within the minute.</summary>
    public bool TryConnect()
    {
        lock (gate)
        {
            if (connections >= MostConnections || !opened.TryAdd(Now(), 1))
                return false;
            connections++;
            return true;
        }
    }

    /// <summary>A connection ended.</summary>
    public void Disconnect()
    {
        lock (gate)
            connections--;
    }

    /// <summary>A message came; false when too many came within the minute.</summary>
    public bool TryMessage()
    {
        lock (gate)
            return messages.TryAdd(Now(), 1);
    }

    /// <summary>A subscription comes; the sentence of the limit that it exceeds, else null.</summary>
    public string? Subscribe(string? user)
    {
        lock (gate)
        {
            if (subscriptions >= MostSubscriptions)
                return $"Cannot hold more than {MostSubscriptions} total subscriptions.";
            if (user is not null)
            {
                if (users.Count >= MostUsers && !users.ContainsKey(user))
                    return $"Cannot track more than {MostUsers} total users.";
                users[user] = users.GetValueOrDefault(user) + 1;
            }

            subscriptions++;
            return null;
        }
    }

    /// <summary>A subscription ended.</summary>
    public void Unsubscribe(string? user)
    {
        lock (gate)
        {
            subscriptions--;
            if (user is not null && --users[user] == 0)
                users.Remove(user);
        }
    }

    /// <summary>A post begins to wait; false when too many do.</summary>
    public bool TryPost()
    {
        lock (gate)
        {
            if (posts >= MostPosts)
                return false;
            posts++;
            return true;
        }
    }

    /// <summary>A post was answered.</summary>
    public void EndPost()
    {
        lock (gate)
            posts--;
    }

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
